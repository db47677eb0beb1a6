// Package postcode reads UK postcodes as people type them. It knows the grammar and the list of postcode areas, and no
// map: whether a well-formed postcode exists, and where, is for a gazetteer to say.
//
// It is deliberately shy (requirement B26): it repairs a slip only where there is exactly one thing the person can have
// meant, and otherwise says that it is unsure, since a wrong guess sends somebody to the other side of the country.
//
//	code, err := postcode.Parse("lu1 2ab.") // code.Text is "LU1 2AB", code.Kind is postcode.Full
//	for _, f := range postcode.Find("moved from LS9 7TF to LU1") {
//		fmt.Println(f.Text, f.Start, f.End) // both are reported; which one is meant is for the caller to ask
//	}
//
// Who has a map can do more: Readings gives all that a text can stand for where O and 0, I and 1 are mixed up, Guesses
// what may have been meant for it, and FindAlmost what was meant for a postcode and is none. A gazetteer keeps of them
// what exists, and asks.
package postcode

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says how much of a postcode there is, or which special one it is.
type Kind uint8

const (
	// Unknown is the kind of the zero Code.
	Unknown Kind = iota
	// Full is a whole postcode, "LU1 2AB": a few dozen addresses.
	Full
	// Sector is a postcode without its last two letters, "LU1 2": a few thousand addresses.
	Sector
	// Outcode is the first half, "LU1": a part of a town.
	Outcode
	// Forces is a British Forces number or postcode, "BFPO 58": not a place one can search around.
	Forces
	// NoFixedAbode is one of the NHS's ZZ99 pseudo-postcodes: the person has no fixed address, lives abroad, or it is
	// not known. It must be accepted: homeless people have it in their records.
	NoFixedAbode
	// NoPlace is a real code that belongs to a mail address and no place: GIR 0AA, the BX area, XX.
	NoPlace
)

// String names the kind.
func (k Kind) String() string {
	switch k {
	case Full:
		return "full"
	case Sector:
		return "sector"
	case Outcode:
		return "outcode"
	case Forces:
		return "forces"
	case NoFixedAbode:
		return "no fixed abode"
	case NoPlace:
		return "no place"
	default:
		return "unknown"
	}
}

// Code is a postcode, or a part of one, in its normal form.
type Code struct {
	// Text is upper case with one space: "LU1 2AB", "LU1 2", "LU1", "BFPO 58".
	Text string
	Kind Kind
	// Corrected is set when a slip (the letter O for nought, I for one, or the other way round) was put right.
	Corrected bool
}

// Outcode is the part before the space; empty for a forces number.
func (c Code) Outcode() string {
	if c.Kind == Forces && strings.HasPrefix(c.Text, "BFPO") {
		return ""
	}
	out, _, _ := strings.Cut(c.Text, " ")
	return out
}

// Sector is the outcode with the first digit of the inward half, "LU1 2". Empty for an outcode.
func (c Code) Sector() string {
	out, in, ok := strings.Cut(c.Text, " ")
	if !ok || in == "" || (c.Kind != Full && c.Kind != Sector) {
		return ""
	}
	return out + " " + in[:1]
}

// Area is the letters at the start: "LU".
func (c Code) Area() string {
	for i := range len(c.Text) {
		if !isUpper(c.Text[i]) {
			return c.Text[:i]
		}
	}
	return c.Text
}

// CrownDependency reports whether the code is of Jersey, Guernsey or the Isle of Man: outside the UK and outside the
// open postcode lists, so that it has no position there.
func (c Code) CrownDependency() bool {
	switch c.Area() {
	case "JE", "GY", "IM":
		return true
	}
	return false
}

// NorthernIreland reports whether the code is of Northern Ireland, whose postcodes the open lists carry only under
// another licence.
func (c Code) NorthernIreland() bool { return c.Area() == "BT" }

var (
	// ErrNone means that the text is no postcode.
	ErrNone = errors.New("not a postcode")
	// ErrUnsure means that it looks like one with a slip that could be mended in more than one way: ask.
	ErrUnsure = errors.New("could be more than one postcode")
)

// Parse reads a text that should be one postcode, one sector or one outcode and nothing else. Case, spaces and
// punctuation around and inside do not matter. It returns ErrNone or ErrUnsure, never a guess.
func Parse(s string) (Code, error) {
	flat, ok := flatten(s)
	if !ok {
		return Code{}, ErrNone
	}
	if c, ok := special(flat); ok {
		return c, nil
	}
	if c, ok := exact(flat, s); ok {
		return c, nil
	}
	var found Code
	for _, variant := range slips(flat) {
		c, ok := exact(variant, s)
		if !ok {
			continue
		}
		if found.Kind != Unknown && found.Text != c.Text {
			return Code{}, ErrUnsure
		}
		found = c
	}
	if found.Kind == Unknown {
		return Code{}, ErrNone
	}
	found.Corrected = true
	return found, nil
}

// flatten makes the text upper case letters and digits only. Punctuation and odd spaces are dropped; anything else, or
// more than a postcode's worth, is refused.
func flatten(s string) (string, bool) {
	if len(s) > 64 {
		return "", false
	}
	var b [10]byte
	n := 0
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		case r >= '０' && r <= '９': // full-width, as some phones type
			r = r - '０' + '0'
		case r >= 'Ａ' && r <= 'Ｚ':
			r = r - 'Ａ' + 'A'
		case r == utf8.RuneError:
			return "", false
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), strings.ContainsRune(".,;:()[]'\"-–—_*/", r):
			continue
		default:
			return "", false
		}
		if n == len(b) {
			return "", false
		}
		b[n] = byte(r)
		n++
	}
	if n < 2 {
		return "", false
	}
	return string(b[:n]), true
}

// special recognises the codes that do not follow the grammar, or follow it and mean no place.
func special(flat string) (Code, bool) {
	switch {
	case flat == "GIR0AA" || flat == "GIROAA":
		return Code{Text: "GIR 0AA", Kind: NoPlace, Corrected: flat != "GIR0AA"}, true
	case strings.HasPrefix(flat, "BFPO"):
		number := strings.TrimPrefix(strings.TrimPrefix(flat, "BFPO"), "CO") // "BFPO c/o 58" is written as well
		if number == "" {
			return Code{Text: "BFPO", Kind: Forces}, true
		}
		if len(number) <= 4 && digits(number) {
			return Code{Text: "BFPO " + number, Kind: Forces}, true
		}
	case strings.HasPrefix(flat, "ZZ99"):
		rest := flat[4:]
		if rest == "" {
			return Code{Text: "ZZ99", Kind: NoFixedAbode}, true
		}
		if len(rest) == 3 && isDigit(rest[0]) && isUpper(rest[1]) && isUpper(rest[2]) {
			return Code{Text: "ZZ99 " + rest, Kind: NoFixedAbode}, true
		}
	}
	return Code{}, false
}

// exact reads flat as it stands. typed is what the person wrote: a sector is only recognised when there is a space or
// other break before its last digit, since "LU12" is an outcode and "LU1 2" a sector.
func exact(flat, typed string) (Code, bool) {
	if n := len(flat); n >= 5 && inward(flat[n-3:]) && outward(flat[:n-3]) {
		return Code{Text: flat[:n-3] + " " + flat[n-3:], Kind: kindOf(flat[:n-3], Full)}, true
	}
	if n := len(flat); n >= 3 && isDigit(flat[n-1]) && broken(typed) && outward(flat[:n-1]) {
		return Code{Text: flat[:n-1] + " " + flat[n-1:], Kind: kindOf(flat[:n-1], Sector)}, true
	}
	if outward(flat) {
		return Code{Text: flat, Kind: kindOf(flat, Outcode)}, true
	}
	return Code{}, false
}

// broken reports whether something stands before the last character and after a digit: the break of "LU1 2".
func broken(typed string) bool {
	typed = strings.TrimRightFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(typed) < 4 {
		return false
	}
	before := strings.TrimRightFunc(typed[:len(typed)-1], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(before) == len(typed)-1 || before == "" {
		return false
	}
	last := before[len(before)-1]
	// "LU 1" is the outcode LU1 with a space inside; "LU1 2" and "W1A 2" are sectors.
	return strings.ContainsAny(before, "0123456789") || isDigit(last)
}

func kindOf(out string, otherwise Kind) Kind {
	switch {
	case strings.HasPrefix(out, "BF"):
		return Forces
	case strings.HasPrefix(out, "BX"), strings.HasPrefix(out, "XX"):
		return NoPlace
	default:
		return otherwise
	}
}

// inward checks digit, letter, letter. The letters never are C I K M O V (they are misread too easily).
func inward(s string) bool {
	return len(s) == 3 && isDigit(s[0]) && inwardLetter(s[1]) && inwardLetter(s[2])
}

func inwardLetter(c byte) bool {
	return isUpper(c) && !strings.ContainsRune("CIKMOV", rune(c))
}

// outward checks the first half: area, then a district of 1 to 99, 0 in a few areas, or a digit and letter in central
// London only.
func outward(s string) bool {
	var area, district string
	switch {
	case len(s) >= 3 && isUpper(s[1]) && isArea(s[:2]):
		area, district = s[:2], s[2:]
	case len(s) >= 2 && isArea(s[:1]):
		area, district = s[:1], s[1:]
	default:
		return false
	}
	switch len(district) {
	case 1:
		if district == "0" {
			return nought(area)
		}
		return isDigit(district[0])
	case 2:
		if isDigit(district[0]) && isDigit(district[1]) {
			return district[0] != '0'
		}
		return isDigit(district[0]) && londonLetter(area, district[0], district[1])
	}
	return false
}

// nought lists the areas with a district 0 (London's CR0 and HA0 are the best known).
func nought(area string) bool {
	switch area {
	case "BB", "BL", "BS", "CM", "CR", "FY", "HA", "PR", "SL", "SS":
		return true
	}
	return false
}

// londonLetter lists the districts that end with a letter: they exist in central London only, which is what tells W1A
// from a slip. Districts no longer in use (W1X) are among them, since people quote them.
func londonLetter(area string, digit, letter byte) bool {
	switch area {
	case "W":
		return digit == '1' && strings.IndexByte("ABCDEFGHJKMNPRSTUVWXY", letter) >= 0
	case "E":
		return digit == '1' && letter == 'W'
	case "N":
		return digit == '1' && (letter == 'C' || letter == 'P')
	case "EC":
		return digit >= '1' && digit <= '4' && strings.IndexByte("ABMNPRVY", letter) >= 0
	case "WC":
		return (digit == '1' || digit == '2') && strings.IndexByte("ABEHNRVX", letter) >= 0
	case "SW":
		return digit == '1' && strings.IndexByte("AEHPVWXY", letter) >= 0
	case "SE":
		return digit == '1' && letter == 'P'
	case "NW":
		return digit == '1' && letter == 'W'
	}
	return false
}

// slips returns flat with the easily confused characters swapped in every combination: O and 0, I and 1.
func slips(flat string) []string {
	var at []int
	for i := range len(flat) {
		if strings.IndexByte("O0I1", flat[i]) >= 0 {
			at = append(at, i)
		}
	}
	if len(at) == 0 || len(at) > 5 {
		return nil
	}
	out := make([]string, 0, 1<<len(at))
	for mask := 1; mask < 1<<len(at); mask++ {
		b := []byte(flat)
		for bit, i := range at {
			if mask&(1<<bit) != 0 {
				b[i] = swap(b[i])
			}
		}
		out = append(out, string(b))
	}
	return out
}

func swap(c byte) byte {
	switch c {
	case 'O':
		return '0'
	case '0':
		return 'O'
	case 'I':
		return '1'
	default:
		return 'I'
	}
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// isArea lists the postcode areas in use, the Crown dependencies and the forces included.
func isArea(s string) bool {
	switch s {
	case "B", "E", "G", "L", "M", "N", "S", "W",
		"AB", "AL", "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "BX", "CA", "CB", "CF", "CH", "CM",
		"CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "EC", "EH", "EN", "EX",
		"FK", "FY", "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE",
		"KA", "KT", "KW", "KY", "LA", "LD", "LE", "LL", "LN", "LS", "LU", "ME", "MK", "ML", "NE", "NG", "NN", "NP",
		"NR", "NW", "OL", "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "SA", "SE", "SG", "SK", "SL",
		"SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS", "TW", "UB",
		"WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE":
		return true
	}
	return false
}
