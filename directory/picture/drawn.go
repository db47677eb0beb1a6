package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
)

// DrawnScheme begins the address of a picture that is drawn here and fetched from nowhere, "drawn:tea". The demo's groups have
// such: they are fictional, and a photograph of something else would not be true.
const DrawnScheme = "drawn:"

// DrawnMIME is the type of what Drawn makes.
const DrawnMIME = "image/png"

// Drawings lists what can be drawn: neutral pictures that say what is done and nothing of who comes.
func Drawings() []string { return []string{"growing", "singing", "tea", "walking"} }

// The size of a drawing in pixels, and how many samples along each side of one that lies on an edge: edges are to look
// smooth, and the rest needs but one.
const (
	drawnWide, drawnHigh = Side, Side * 5 / 8
	samples              = 4
)

// Drawn draws what an address of that scheme names, as a PNG of at most 640 pixels a side. It is pure: the same address is the
// same picture. Any other address is KindInvalid.
func Drawn(address string) ([]byte, error) {
	name, ok := strings.CutPrefix(address, DrawnScheme)
	shapes := scene(name)
	if !ok || shapes == nil {
		return nil, invalid("nothing of that name can be drawn")
	}
	tops := make([]int, drawnWide*drawnHigh) // the shape in the middle of each pixel
	for i := range tops {
		tops[i] = top(shapes, (float64(i%drawnWide)+0.5)/drawnHigh, (float64(i/drawnWide)+0.5)/drawnHigh)
	}
	m := image.NewRGBA(image.Rect(0, 0, drawnWide, drawnHigh))
	for i, is := range tops {
		x, y := i%drawnWide, i/drawnWide
		colour := shapes[is].fill
		if edge(tops, i) {
			colour = blend(shapes, x, y)
		}
		m.SetRGBA(x, y, colour)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		return nil, fmt.Errorf("write a drawing: %w", err)
	}
	return out.Bytes(), nil
}

// shape is one thing of a drawing; the first is the ground and lies everywhere. Its measures are in heights of the picture, from the upper left, so x runs to 1.6.
type shape struct {
	fill color.RGBA
	in   func(x, y float64) bool
}

// top is the last shape that a point lies in.
func top(shapes []shape, x, y float64) int {
	for i := len(shapes) - 1; i > 0; i-- {
		if shapes[i].in(x, y) {
			return i
		}
	}
	return 0 // the ground
}

// edge reports whether a pixel lies beside one of another shape.
func edge(tops []int, i int) bool {
	x := i % drawnWide
	other := func(near int, same bool) bool { return same && near >= 0 && near < len(tops) && tops[near] != tops[i] }
	return other(i-1, x > 0) || other(i+1, x < drawnWide-1) || other(i-drawnWide, true) || other(i+drawnWide, true)
}

// blend is the mean colour of a pixel on an edge.
func blend(shapes []shape, x, y int) color.RGBA {
	var r, g, b int
	for s := range samples * samples {
		at := shapes[top(shapes, (float64(x)+(float64(s%samples)+0.5)/samples)/drawnHigh, (float64(y)+(float64(s/samples)+0.5)/samples)/drawnHigh)].fill
		r, g, b = r+int(at.R), g+int(at.G), b+int(at.B)
	}
	const n = samples * samples
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), 0xff}
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

func ground(c uint32) shape { return shape{fill: rgb(c)} }

func box(c uint32, x, y, w, h float64) shape {
	return shape{rgb(c), func(px, py float64) bool { return px >= x && px < x+w && py >= y && py < y+h }}
}

// oval is an ellipse around a point, turned by so many degrees.
func oval(c uint32, x, y, rx, ry, turned float64) shape {
	sin, cos := math.Sincos(turned * math.Pi / 180)
	return shape{rgb(c), func(px, py float64) bool {
		dx, dy := px-x, py-y
		u, v := (dx*cos+dy*sin)/rx, (dy*cos-dx*sin)/ry
		return u*u+v*v < 1
	}}
}

// ring is a circle with a hole.
func ring(c uint32, x, y, outer, inner float64) shape {
	return shape{rgb(c), func(px, py float64) bool {
		d := math.Hypot(px-x, py-y)
		return d < outer && d > inner
	}}
}

// wave is a line that rises and winds: steam.
func wave(c uint32, x, y, length, wide float64) shape {
	return shape{rgb(c), func(px, py float64) bool {
		up := y - py
		return up > 0 && up < length && math.Abs(px-x-0.025*math.Sin(up*30)) < wide
	}}
}

// road is a strip that narrows towards the top.
func road(c uint32, x, upper, topWide, bottomWide float64) shape {
	return shape{rgb(c), func(px, py float64) bool {
		if py < upper {
			return false
		}
		down := (py - upper) / (1 - upper)
		return math.Abs(px-x-0.12*math.Sin(down*math.Pi)) < topWide+(bottomWide-topWide)*down
	}}
}

func scene(name string) []shape {
	switch name {
	case "growing":
		all := []shape{ground(0xe3eef0), oval(0xf2c94c, 1.3, 0.24, 0.12, 0.12, 0), box(0x8a5a3c, 0.2, 0.7, 1.2, 0.24), box(0x5d4037, 0.2, 0.66, 1.2, 0.08)}
		for i, h := range []float64{0.22, 0.32, 0.26, 0.18} {
			x := 0.38 + 0.28*float64(i)
			all = append(all, box(0x4b8b3b, x-0.008, 0.68-h, 0.016, h), oval(0x5fa84a, x-0.06, 0.68-h*0.7, 0.07, 0.03, 30), oval(0x5fa84a, x+0.06, 0.68-h*0.95, 0.07, 0.03, -30))
		}
		return all
	case "tea":
		return []shape{
			ground(0xf3ece2), box(0xc79a6b, 0, 0.78, 1.6, 0.22), oval(0xd7d2c8, 0.78, 0.79, 0.36, 0.045, 0), ring(0x3f7f93, 1.06, 0.56, 0.12, 0.075),
			box(0x3f7f93, 0.54, 0.44, 0.48, 0.3), oval(0x3f7f93, 0.78, 0.74, 0.24, 0.05, 0), oval(0x7a4a2b, 0.78, 0.44, 0.24, 0.05, 0),
			wave(0xb9b2a6, 0.68, 0.36, 0.22, 0.012), wave(0xb9b2a6, 0.78, 0.36, 0.28, 0.012), wave(0xb9b2a6, 0.88, 0.36, 0.22, 0.012),
		}
	case "singing":
		all := []shape{ground(0xefeaf5)}
		for i := range 5 {
			all = append(all, box(0xc9bfd9, 0.1, 0.3+0.1*float64(i), 1.4, 0.01))
		}
		for i, y := range []float64{0.66, 0.5, 0.6, 0.42} {
			x := 0.32 + 0.32*float64(i)
			all = append(all, oval(0x6a4c93, x, y, 0.07, 0.05, -20), box(0x6a4c93, x+0.05, y-0.28, 0.016, 0.28), oval(0x6a4c93, x+0.1, y-0.24, 0.06, 0.02, 35))
		}
		return all
	case "walking":
		return []shape{
			ground(0xdcebf5), oval(0xf2c94c, 0.3, 0.22, 0.1, 0.1, 0), oval(0x9cc48a, 0.35, 1.05, 0.75, 0.5, 0), oval(0x82b36f, 1.25, 1.1, 0.8, 0.5, 0),
			road(0xe6d5b0, 0.78, 0.66, 0.012, 0.16), box(0x7a5236, 1.23, 0.5, 0.04, 0.2), oval(0x4f8a4a, 1.25, 0.42, 0.13, 0.15, 0),
			box(0x7a5236, 0.33, 0.56, 0.03, 0.14), oval(0x5c9a55, 0.345, 0.5, 0.09, 0.11, 0),
		}
	}
	return nil
}
