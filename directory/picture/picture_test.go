package picture_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"handrail"
	"handrail/directory/picture"
)

// red is a picture whose left half is red and whose right half is transparent.
func red(w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w / 2 {
			m.Set(x, y, color.NRGBA{R: 255, A: 255})
		}
	}
	return m
}

func encoded(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSmall(t *testing.T) {
	var asGIF, asJPEG bytes.Buffer
	if err := gif.Encode(&asGIF, red(300, 200), nil); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, red(1000, 3000), nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data []byte
		w, h int
	}{
		{"wide", encoded(t, red(1280, 400)), 640, 200},
		{"tall JPEG", asJPEG.Bytes(), 213, 640},
		{"small already", encoded(t, red(10, 20)), 10, 20},
		{"GIF", asGIF.Bytes(), 300, 200},
		{"a line", encoded(t, red(5000, 1)), 640, 1},
		{"with words behind it", append(encoded(t, red(700, 700)), "GPS 51.88 -0.42 <script>"...), 640, 640},
	} {
		small, err := picture.Small(c.data)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		m, kind, err := image.Decode(bytes.NewReader(small))
		if err != nil || kind != "jpeg" || m.Bounds().Dx() != c.w || m.Bounds().Dy() != c.h {
			t.Errorf("%s: %s of %v, error %v, want %d by %d", c.name, kind, m.Bounds(), err, c.w, c.h)
			continue
		}
		if bytes.Contains(small, []byte("GPS")) {
			t.Errorf("%s: what was behind the picture went on", c.name)
		}
		if c.name == "wide" {
			l, _, _, _ := m.At(100, 100).RGBA()
			_, g, _, _ := m.At(500, 100).RGBA()
			_, lg, _, _ := m.At(100, 100).RGBA()
			if l < 0xe000 || lg > 0x2000 || g < 0xe000 {
				t.Errorf("left is %v and right %v, want red and white", m.At(100, 100), m.At(500, 100))
			}
		}
	}
}

// A picture that claims to be huge is refused before it is unpacked (B24), and so is what is none.
func TestSmall_B24_Refuses(t *testing.T) {
	huge := encoded(t, red(8, 8))
	binary.BigEndian.PutUint32(huge[16:], 100_000)
	binary.BigEndian.PutUint32(huge[20:], 100_000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	for name, data := range map[string][]byte{
		"nothing": nil, "words": []byte("<svg onload=x>"), "huge": huge, "cut": encoded(t, red(64, 64))[:60], "heavy": make([]byte, picture.MaxBytes+1),
	} {
		if _, err := picture.Small(data); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each drawing is one of its own, the same each time, small, and takes more than a few colours' worth of the picture; nothing
// else is drawn.
func TestDrawn(t *testing.T) {
	seen := map[string]string{}
	for _, name := range picture.Drawings() {
		data, err := picture.Drawn(picture.DrawnScheme + name)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := picture.Drawn(picture.DrawnScheme + name); err != nil || !bytes.Equal(data, again) {
			t.Errorf("%s is another picture the second time: %v", name, err)
		}
		m, kind, err := image.Decode(bytes.NewReader(data))
		if err != nil || kind != "png" || m.Bounds().Dx() > picture.Side || m.Bounds().Dy() > picture.Side || len(data) > 100_000 {
			t.Fatalf("%s: %s of %v and %d bytes, %v", name, kind, m.Bounds(), len(data), err)
		}
		colours := map[color.Color]int{}
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				colours[m.At(x, y)]++
			}
		}
		if large := m.Bounds().Dx() * m.Bounds().Dy() / 200; len(colours) < 5 || colours[m.At(2, 2)] < large || colours[m.At(m.Bounds().Dx()/2, m.Bounds().Dy()*3/4)] < large/2 {
			t.Errorf("%s has %d colours and hardly anything drawn", name, len(colours))
		}
		if other := seen[string(data)]; other != "" {
			t.Errorf("%s and %s are one picture", name, other)
		}
		seen[string(data)] = name
	}
	for _, address := range []string{"", "drawn:", "drawn:photo", "growing", "https://example.org/growing"} {
		if _, err := picture.Drawn(address); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func FuzzSmall(f *testing.F) {
	f.Add(encoded(f, red(8, 8)))
	f.Add([]byte("GIF89a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		small, err := picture.Small(data)
		if err != nil {
			return
		}
		if m, err := jpeg.DecodeConfig(bytes.NewReader(small)); err != nil || m.Width > picture.Side || m.Height > picture.Side {
			t.Errorf("%+v %v", m, err)
		}
	})
}

func BenchmarkDrawn(b *testing.B) {
	for b.Loop() {
		if _, err := picture.Drawn("drawn:walking"); err != nil {
			b.Fatal(err)
		}
	}
}
