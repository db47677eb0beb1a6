package poster

import (
	"fmt"
	"strings"
	"testing"

	"rsc.io/qr"
)

// The outline is the code, square by square, with four white squares on each side.
func TestCode_SquareBySquare(t *testing.T) {
	const text = "https://handrail.example/join?from=poster"
	want, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	got, err := newCode(text)
	if err != nil || got.Size != want.Size+8 {
		t.Fatalf("%d squares, %v", got.Size, err)
	}
	black := map[[2]int]bool{}
	for part := range strings.SplitSeq(strings.TrimSuffix(got.Path, "z"), "z") {
		var x, y, long, back int
		if _, err := fmt.Sscanf(part, "M%d %dh%dv1h-%d", &x, &y, &long, &back); err != nil || back != long || long < 1 {
			t.Fatalf("%q: %v", part, err)
		}
		for i := range long {
			black[[2]int{x + i - 4, y - 4}] = true
		}
	}
	for y := -4; y < want.Size+4; y++ {
		for x := -4; x < want.Size+4; x++ {
			if black[[2]int{x, y}] != want.Black(x, y) {
				t.Errorf("%d, %d", x, y)
			}
		}
	}
	if _, err := newCode(strings.Repeat("x", 5000)); err == nil {
		t.Error("too much for any code, and no error")
	}
}
