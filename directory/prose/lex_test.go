package prose

import (
	"testing"

	"pgregory.net/rapid"
)

func TestCodeLength(t *testing.T) {
	for s, want := range map[string]int{
		"LU1 2AB": 7, "BS34 5LP, Tuesdays": 8, "W1A 0AX": 7, "M1 1AA": 6, "M11AA": 5, "bs345lp": 7, "SW1A1AA.": 7, "EH16 4BG": 8, "CR0 2YR": 7, "LU1  2AB": 8,
		"": 0, "L": 0, "LU": 0, "LU1": 0, "LU1 2A": 0, "LU1 2ABC": 0, "LU1 2AB3": 0, "P4 5PM": 0, "A4 at 10am": 0, "Mon 10am": 0, "QQ1 1AA": 0, "U3A 10AM": 0, "LU1\n2AB": 0,
	} {
		if got := codeLength(s); got != want {
			t.Errorf("%q is %d, want %d", s, got, want)
		}
	}
}

// The tokens lie one after another within the text, whatever it is.
func TestLex_InOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.StringMatching(`([A-Za-z0-9.:@£ \-]{0,6}(10\.30am|a\.m\.|LU1 2AB|’s|\n)){0,6}`).Draw(t, "more")
		end := 0
		for _, one := range lex(text) {
			if one.start < end || one.end <= one.start || one.end > len(text) {
				t.Fatalf("%q: %+v after %d", text, one, end)
			}
			end = one.end
		}
	})
}

func TestReadSpan(t *testing.T) {
	at := func(h, m int, half half) wall { return wall{hour: h, minute: m, half: half} }
	for _, c := range []struct {
		a, b       wall
		p          part
		start, end string
		certain    bool
	}{
		{at(10, 0, am), at(12, 0, pm), anyPart, "10:00", "12:00", true},
		{at(10, 0, open), at(12, 0, open), anyPart, "10:00", "12:00", true},
		{at(2, 0, open), at(4, 0, open), anyPart, "14:00", "16:00", true},
		{at(9, 0, open), at(5, 0, open), anyPart, "09:00", "17:00", true},
		{at(12, 0, open), at(2, 0, open), anyPart, "12:00", "14:00", true},
		{at(7, 0, open), at(9, 0, open), anyPart, "19:00", "21:00", false},
		{at(7, 0, open), at(9, 0, open), evening, "19:00", "21:00", true},
		{at(7, 0, open), at(9, 0, open), morning, "07:00", "09:00", true},
		{at(6, 0, open), at(8, 0, open), anyPart, "18:00", "20:00", false},
		{at(8, 0, open), at(10, 0, open), anyPart, "20:00", "22:00", false},
		{at(10, 0, open), at(2, 30, pm), anyPart, "10:00", "14:30", true},
		{at(2, 0, open), at(4, 30, pm), anyPart, "14:00", "16:30", true},
		{at(10, 0, open), at(12, 0, pm), anyPart, "10:00", "12:00", true},
		{at(9, 15, open), at(10, 15, am), anyPart, "09:15", "10:15", true},
		{at(10, 0, am), at(1, 0, open), anyPart, "10:00", "13:00", true},
		{at(2, 0, pm), at(4, 0, open), anyPart, "14:00", "16:00", true},
		{at(9, 30, open), at(13, 0, fixed), anyPart, "09:30", "13:00", true},
		{at(2, 0, open), at(4, 0, open), morning, "02:00", "00:00", false},
		{at(10, 0, am), at(12, 0, pm), evening, "10:00", "12:00", false},
		{at(10, 0, pm), at(6, 0, am), anyPart, "22:00", "00:00", false},
		{at(7, 0, pm), at(24, 0, fixed), anyPart, "19:00", "23:59", true},
	} {
		r := readSpan(c.a, c.b, c.p)
		if r.start.String() != c.start || r.end.String() != c.end || r.certain != c.certain {
			t.Errorf("%+v to %+v is %s to %s, certain %v; want %s to %s, %v", c.a, c.b, r.start, r.end, r.certain, c.start, c.end, c.certain)
		}
	}
}
