package postcode

import (
	"cmp"
	"slices"
	"strings"
)

// Readings returns every code that a text can be, where the letters O and I and the figures 0 and 1 stand for one
// another: the text as it stands first, if it is one. Which of several exists is for a map to say; Parse, which has no
// map, refuses them.
//
//	postcode.Readings("S0 14") // SO14
func Readings(s string) []Code {
	flat, ok := flatten(s)
	if !ok {
		return nil
	}
	if c, ok := special(flat); ok {
		return []Code{c}
	}
	var out []Code
	if c, ok := exact(flat, s); ok {
		out = append(out, c)
	}
	for _, variant := range slips(flat) {
		c, ok := exact(variant, s)
		if ok && !slices.ContainsFunc(out, func(o Code) bool { return o.Text == c.Text }) {
			c.Corrected = true
			out = append(out, c)
		}
	}
	return out
}

// Guess is a postcode that somebody may have meant to type. It is for asking, never for using unasked (B26).
type Guess struct {
	Code
	// Likely marks the usual slips: two neighbours swapped, one key too far, one pressed twice, one that looks alike.
	Likely bool
}

// Guesses returns the full postcodes that are one slip of the finger from a text: one character wrong, one too many, one
// too few, or two swapped; the likely ones first, in an order that is always the same. Those that differ in the last two
// letters alone are left out: they are neighbours, and the sector stands for them all. It gives some dozens; which of
// them exist, and are anywhere near, is for a map to say.
func Guesses(s string) []Guess {
	flat, ok := flatten(s)
	if !ok || len(flat) < 4 || len(flat) > 8 {
		return nil
	}
	typed := ""
	if len(flat) > 4 {
		typed = flat[:len(flat)-2]
	}
	likely := map[string]bool{}
	add := func(variant string, often bool) {
		n := len(variant)
		if variant == flat || n < 5 || variant[:n-2] == typed || !inward(variant[n-3:]) || !outward(variant[:n-3]) {
			return
		}
		text := variant[:n-3] + " " + variant[n-3:]
		likely[text] = likely[text] || often
	}
	for i := range len(flat) {
		if i+1 < len(flat) {
			add(flat[:i]+flat[i+1:i+2]+flat[i:i+1]+flat[i+2:], true)
		}
		add(flat[:i]+flat[i+1:], i > 0 && flat[i] == flat[i-1])
		for j := range len(alphabet) {
			c := alphabet[j : j+1]
			add(flat[:i]+c+flat[i+1:], alike(flat[i], c[0]))
			add(flat[:i]+c+flat[i:], false)
		}
	}
	out := make([]Guess, 0, len(likely))
	for text, often := range likely {
		out = append(out, Guess{Code{Text: text, Kind: kindOf(text[:len(text)-4], Full), Corrected: true}, often})
	}
	slices.SortFunc(out, func(a, b Guess) int {
		if a.Likely != b.Likely {
			if a.Likely {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Text, b.Text)
	})
	return out
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// alike reports whether two characters look like each other, or are neighbours on a row of the keyboard.
func alike(a, b byte) bool {
	for _, pair := range []string{"O0", "I1", "L1", "S5", "B8", "Z2", "G6", "Q0", "D0", "VU", "VY", "MN", "CG"} {
		if a == pair[0] && b == pair[1] || a == pair[1] && b == pair[0] {
			return true
		}
	}
	for _, row := range []string{"1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"} {
		i, j := strings.IndexByte(row, a), strings.IndexByte(row, b)
		if i >= 0 && j >= 0 && (i-j == 1 || j-i == 1) {
			return true
		}
	}
	return false
}

// Trunk is the sector or, failing that, the outcode at the beginning of a text that was meant for a full postcode and is
// none for its last letters: "LU1 2" of "LU1 2AC" (no postcode ends in C) and of "LU1 2A". It is false when there is none.
func Trunk(s string) (Code, bool) {
	flat, ok := flatten(s)
	if !ok {
		return Code{}, false
	}
	for cut := 1; cut <= 2 && len(flat)-cut >= 3; cut++ {
		head, tail := flat[:len(flat)-cut], flat[len(flat)-cut:]
		if !letters(tail) {
			break
		}
		n := len(head)
		if cut == 1 && !(broken(strings.TrimRight(s, tail+strings.ToLower(tail)+".,;: "))) {
			continue // "LU12A" may be of LU1 or of LU12
		}
		if isDigit(head[n-1]) && outward(head[:n-1]) {
			return Code{Text: head[:n-1] + " " + head[n-1:], Kind: kindOf(head[:n-1], Sector)}, true
		}
	}
	return Code{}, false
}

// FindAlmost returns the first piece of a text that has the shape of a full postcode, letters, a figure, then a figure
// and two letters at the end, and is none: no such area, or a letter that no postcode ends in. It was meant for one, so
// it is worth asking again; it is never worth guessing.
func FindAlmost(text string) (piece string, ok bool) {
	tokens := split(text)
	for i := range tokens {
		for n := min(2, len(tokens)-i); n >= 1; n-- {
			joined, ok := join(text, tokens[i:i+n])
			if !ok || !shaped(tokens[i:i+n]) {
				continue
			}
			if _, err := Parse(joined); err != nil {
				return joined, true
			}
		}
	}
	return "", false
}

// shaped reports whether one or two tokens look like a full postcode: "LU1 2AC", "QX12 3AB", "LUU1 2AB".
func shaped(t []token) bool {
	flat := t[0].text
	if len(t) == 2 {
		if len(t[1].text) != 3 {
			return false
		}
		flat += t[1].text
	}
	n := len(flat)
	if n < 5 || n > 8 {
		return false
	}
	out, in := strings.ToUpper(flat[:n-3]), strings.ToUpper(flat[n-3:])
	if !isDigit(in[0]) || !isUpper(in[1]) || !isUpper(in[2]) {
		return false
	}
	switch in[1:] {
	case "AM", "PM", "KM", "WK": // "near LU1 2pm": none of them ends a postcode
		return false
	}
	head := strings.TrimLeft(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	area := len(out) - len(head)
	// At most three letters, then one to three characters that begin with a figure.
	return area >= 1 && area <= 3 && len(head) >= 1 && len(head) <= 3 && isDigit(head[0])
}
