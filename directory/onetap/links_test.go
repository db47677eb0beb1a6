package onetap

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
)

func links(t testing.TB) *Links {
	t.Helper()
	l, err := NewLinks([]byte(strings.Repeat("k", 32)), base)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Links that were sent must work after every release.
func TestLinks_Golden(t *testing.T) {
	ask := handrail.Ask{ID: handrail.NewAskID("gardeners", "2026-11-23"), AskedAt: noon}
	got, err := links(t).Address(ask)
	if want := "https://handrail.example/still-on/AQHJQxBhc2tfNXlobzd4a2t5ZjV3bHRwa7DnM_nt47xiVVWeJKLtDA4"; err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
}

func TestLinks_End(t *testing.T) {
	l := links(t)
	address, err := l.Address(handrail.Ask{ID: "ask_1", AskedAt: noon})
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimPrefix(address, base+"/")
	for at, ok := range map[time.Time]bool{noon: true, noon.Add(Life - time.Minute): true, noon.Add(Life): false, noon.Add(10 * Life): false} {
		id, err := l.open(token, at)
		if (err == nil) != ok || ok && id != "ask_1" {
			t.Errorf("%v: %q %v", at, id, err)
		}
	}
}

func TestLinks_Refuses(t *testing.T) {
	key := make([]byte, 32)
	for _, where := range []string{"", "handrail.example", "ftp://handrail.example", "https://", "https://a:b@handrail.example/", "https://handrail.example/?x=1", "https://handrail.example/#x", "https://exa mple/"} {
		if _, err := NewLinks(key, where); err == nil {
			t.Errorf("%q: no error", where)
		}
	}
	if _, err := NewLinks(key[1:], base); err == nil {
		t.Error("a short key: no error")
	}
	l := links(t)
	for _, id := range []handrail.AskID{"", handrail.AskID(strings.Repeat("x", 65))} {
		if _, err := l.Address(handrail.Ask{ID: id, AskedAt: noon}); err == nil {
			t.Errorf("%q: no error", id)
		}
	}
	long, err := NewLinks(key, "https://handrail.example/"+strings.Repeat("x", 150))
	if err != nil {
		t.Fatal(err)
	}
	if address, err := long.Address(handrail.Ask{ID: "ask_aaaaaaaaaaaaaaaa", AskedAt: noon}); err == nil || address != "" {
		t.Errorf("%d characters, no error", len(address))
	}
}

// Any question comes back from its address, the address is short, and not one bit of it can be another.
func TestLinks_Tamper_B14(t *testing.T) {
	l := links(t)
	rapid.Check(t, func(t *rapid.T) {
		ask := handrail.Ask{
			ID:      handrail.AskID(rapid.StringN(1, 16, longestID).Draw(t, "id")),
			AskedAt: noon.Add(time.Duration(rapid.Int64Range(-int64(20*24*time.Hour), int64(24*time.Hour)).Draw(t, "age"))),
		}
		address, err := l.Address(ask)
		if err != nil {
			t.Fatal(err)
		}
		token, ok := strings.CutPrefix(address, base+"/")
		if id, err := l.open(token, noon); !ok || err != nil || id != ask.ID || len(address) > Longest {
			t.Fatalf("%q: %q %v", address, id, err)
		}
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		bit := rapid.IntRange(0, len(raw)*8-1).Draw(t, "bit")
		raw[bit/8] ^= 1 << (bit % 8)
		if _, err := l.open(base64.RawURLEncoding.EncodeToString(raw), noon); err == nil {
			t.Fatalf("bit %d changed, and it opens", bit)
		}
		// Another way to write the same bytes is another token.
		at := rapid.IntRange(0, len(token)-1).Draw(t, "letter")
		other := token[:at] + string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ "[rapid.IntRange(0, 67).Draw(t, "other")]) + token[at+1:]
		if _, err := l.open(other, noon); err == nil && other != token {
			t.Fatalf("%q opens, as %q does", other, token)
		}
	})
}

// The last letter of a token has bits to spare; with any other letter in its place it does not open.
func TestLinks_NoTwins_B14(t *testing.T) {
	l := links(t)
	for _, id := range []handrail.AskID{"ask_1", "ask_12", "ask_123"} {
		address, err := l.Address(handrail.Ask{ID: id, AskedAt: noon})
		if err != nil {
			t.Fatal(err)
		}
		token := strings.TrimPrefix(address, base+"/")
		opens := 0
		for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			if _, err := l.open(token[:len(token)-1]+string(c), noon); err == nil {
				opens++
			}
		}
		if opens != 1 {
			t.Errorf("%s: %d tokens open", id, opens)
		}
	}
}

// Whatever stands in the path: no panic, and nothing opens but what was made here.
func FuzzLinks(f *testing.F) {
	l := links(f)
	made, err := l.Address(handrail.Ask{ID: "ask_aaaaaaaaaaaaaaaa", AskedAt: noon})
	if err != nil {
		f.Fatal(err)
	}
	good := strings.TrimPrefix(made, base+"/")
	for _, s := range []string{"", good, good[:20], good + "A", "AQ", strings.Repeat("A", 80), "%00", "====", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if id, err := l.open(token, noon); err == nil && token != good || err != nil && id != "" {
			t.Fatalf("%q: %q %v", token, id, err)
		}
	})
}
