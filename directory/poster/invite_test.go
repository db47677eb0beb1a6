package poster_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"handrail/directory/poster"
)

// The card may lie about at home: it names nobody's practice and no reason, whatever a name holds it stays a name (B18),
// and it needs nothing from a network.
func TestInviteCard_C9_G4(t *testing.T) {
	for _, name := range []string{"Frank", "O'Neill", "Þóra", "<script>alert(1)</script>", "{{7*7}}", strings.Repeat("long ", 40), ""} {
		var b bytes.Buffer
		err := poster.InviteCard(&b, poster.Invite{Name: name, Link: "https://t.me/ExampleBot?start=abc", Code: "abc"})
		if err != nil {
			t.Fatal(err)
		}
		page := b.String()
		for _, want := range []string{"https://t.me/ExampleBot?start=abc", ">abc<", "<svg", "call 999", "7 days"} {
			if !strings.Contains(page, want) {
				t.Errorf("%q: the card lacks %q", name, want)
			}
		}
		for _, no := range []string{"<script", "Surgery", "practice", "GP", "doctor", "lonely", "http://", "src="} {
			if strings.Contains(page, no) {
				t.Errorf("%q: the card says %q", name, no)
			}
		}
	}
}

func TestCodePicture(t *testing.T) {
	data, err := poster.CodePicture("https://t.me/ExampleBot?start=0123456789abcdefghjkmnpqrs")
	if err != nil {
		t.Fatal(err)
	}
	p, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	size := p.Bounds().Dx()
	light, _, _, _ := p.At(2, 2).RGBA()
	dark, _, _, _ := p.At(4*8+2, 4*8+2).RGBA()
	if size != p.Bounds().Dy() || size%8 != 0 || light != 0xffff || dark != 0 {
		t.Errorf("%d pixels, a corner of %x, and the first square is %x", size, light, dark)
	}
	if _, err := poster.CodePicture(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text too long for a code became one")
	}
}
