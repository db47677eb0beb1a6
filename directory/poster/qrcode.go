package poster

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// code is a QR code as the outline of its black squares, for an SVG of Size by Size. Around it is the quiet zone of four
// squares that the standard asks for.
type code struct {
	Size int
	Path string
}

const quiet = 4

func newCode(text string) (code, error) {
	// Level M stands a scratch or a fold of 15 % of it.
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return code{}, fmt.Errorf("make the code: %w", err)
	}
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			begin := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", begin+quiet, y+quiet, x-begin, x-begin)
			}
		}
	}
	return code{Size: c.Size + 2*quiet, Path: b.String()}, nil
}
