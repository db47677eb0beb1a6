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
