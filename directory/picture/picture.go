// Package picture makes a listing's picture small enough for a chat, and harmless: it is decoded and written anew, so that
// neither what a camera wrote into it (where it was taken) nor anything hidden behind it goes on.
//
//	small, err := picture.Small(data)         // a JPEG of at most 640 pixels a side
//	drawn, err := picture.Drawn("drawn:tea")  // one of a few that are drawn here, for groups that are made up
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // one of the formats that are read
	"image/jpeg"
	_ "image/png" // and another

	"handrail"
)

const (
	// Side is the longest side of a small picture, in pixels.
	Side = 640
	// MaxBytes is the largest picture that is looked at, and maxPixels how many pixels it may unpack to.
	MaxBytes  = 8 << 20
	maxPixels = 24_000_000
	quality   = 75
)

// MIME is the type of what Small makes.
const MIME = "image/jpeg"

// Small decodes a JPEG, PNG or GIF (its first frame) and makes a small JPEG of it, on white where it is transparent. What
// is no such picture, or would unpack to more than 24 million pixels, is KindInvalid.
func Small(data []byte) ([]byte, error) {
	if len(data) > MaxBytes {
		return nil, invalid("it has %d bytes", len(data))
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, invalid("%w", err)
	}
	if head.Width <= 0 || head.Height <= 0 || head.Width > maxPixels/head.Height {
		return nil, invalid("it has %d by %d pixels", head.Width, head.Height)
	}
	full, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, invalid("%w", err)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, shrink(full), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("write a small picture: %w", err)
	}
	return out.Bytes(), nil
}

func invalid(format string, args ...any) error {
	return handrail.Errorf(handrail.KindInvalid, "That is no picture that can be shown.", "read a picture: "+format, args...)
}

// shrink makes each pixel the mean of those that it stands for. A picture that is small already only gets its white ground.
func shrink(from image.Image) *image.RGBA {
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > Side {
		w, h = max(1, w*Side/long), max(1, h*Side/long)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := b.Min.Y+y*b.Dy()/h, b.Min.Y+max((y+1)*b.Dy()/h, y*b.Dy()/h+1)
		for x := range w {
			x0, x1 := b.Min.X+x*b.Dx()/w, b.Min.X+max((x+1)*b.Dx()/w, x*b.Dx()/w+1)
			to.SetRGBA(x, y, mean(from, x0, y0, x1, y1))
		}
	}
	return to
}

func mean(from image.Image, x0, y0, x1, y1 int) color.RGBA {
	var r, g, b, n uint64
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			pr, pg, pb, pa := from.At(x, y).RGBA()
			white := 0xffff - pa // colours come multiplied by how opaque they are
			r, g, b, n = r+uint64(pr+white), g+uint64(pg+white), b+uint64(pb+white), n+1
		}
	}
	to8 := func(sum uint64) uint8 { return uint8(sum / n >> 8) }
	return color.RGBA{to8(r), to8(g), to8(b), 0xff}
}
