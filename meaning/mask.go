package meaning

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// insuranceNumber finds a National Insurance number: two letters, six digits in pairs, and A to D (HMRC NIM39110).
var insuranceNumber = regexp.MustCompile(`(?i)\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D]\b`)

// MaskNHSNumbers replaces every NHS number in a text, told by its check digit, with the words given; so too a Scottish CHI
// number and a Health and Care number of Northern Ireland, which have the same check digit, and a National Insurance
// number. It finds one however it is grouped, in the digits of any script, and stuck to a word. Ten digits whose check
// digit is wrong stay, since they may be a telephone number, unless the words before them say "NHS". It is pure and quick.
func MaskNHSNumbers(text, instead string) string {
	if !strings.ContainsFunc(text, unicode.IsDigit) {
		return text
	}
	var b strings.Builder
	done := 0
	for _, n := range numbersIn(text) {
		b.WriteString(text[done:n[0]])
		b.WriteString(instead)
		done = n[1]
	}
	b.WriteString(text[done:])
	return insuranceNumber.ReplaceAllString(b.String(), instead)
}

// figures is a group of digits that stand together: the bytes they take, and which they are.
type figures struct {
	from, to int
	digits   string
}

// maxGap is how many letters that are neither digits nor words may stand between two groups of one number.
const maxGap = 3

// numbersIn finds the numbers to mask: the bytes that each takes, in order.
func numbersIn(text string) [][2]int {
	var out [][2]int
	var run []figures
	end := func() {
		out = append(out, inFigures(text, run)...)
		run = run[:0]
	}
	gap := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		d, ok := digit(r)
		switch {
		case ok && len(run) > 0 && run[len(run)-1].to == i:
			last := &run[len(run)-1]
			if last.to = i + size; len(last.digits) <= 10 { // a longer one is no number of ours, however long
				last.digits += string(d)
			}
		case ok:
			run, gap = append(run, figures{i, i + size, string(d)}), 0
		case unicode.Is(unicode.Cf, r): // nobody sees it
			if len(run) > 0 && run[len(run)-1].to == i {
				run[len(run)-1].to = i + size
			}
		case len(run) > 0 && groups(r) && gap < maxGap:
			gap++
		default:
			end()
		}
		i += size
	}
	end()
	return out
}

// groups reports whether a letter may stand between the groups of one number.
func groups(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("._/,'()", r)
}

// inFigures finds the numbers in a run of groups. A number begins where a group begins and ends where one ends: digits out
// of the middle of a longer number are none.
func inFigures(text string, run []figures) (out [][2]int) {
	for i := 0; i < len(run); i++ {
		digits := ""
		for j := i; j < len(run) && len(digits) < 10; j++ {
			digits += run[j].digits
			if len(digits) == 10 && masked(text, run, i, j, digits) {
				out, i = append(out, [2]int{run[i].from, end(text, run[j])}), j
				break
			}
		}
	}
	return out
}

// end is where a group ends, without what nobody sees behind it.
func end(text string, f figures) int {
	return f.from + len(strings.TrimRightFunc(text[f.from:f.to], func(r rune) bool { return unicode.Is(unicode.Cf, r) }))
}

// masked says whether ten digits are to go: the groups i to j of a run.
func masked(text string, run []figures, i, j int, digits string) bool {
	if saidNHS(text[:run[i].from]) {
		return true
	}
	switch {
	case !validNHSNumber(digits):
		return false
	case i > 0 && strings.HasSuffix(run[i-1].digits, "44"):
		return false // +44 7700 900123
	}
	// One in eleven telephone numbers, dates and prices passes the check: of those that are not grouped as somebody would
	// write an NHS number, only what begins as one does.
	shape := make([]byte, 0, 10)
	for _, f := range run[i : j+1] {
		shape = append(shape, byte('0'+len(f.digits)%10))
	}
	switch string(shape) {
	case "0", "334", "64": // ten together; 943 476 5919; a CHI number as 010150 1234
		return true
	}
	return strings.IndexByte("4679", digits[0]) >= 0
}

// saidNHS reports whether the words just before a number say that it is an NHS number.
func saidNHS(before string) bool {
	before = strings.ToLower(before[max(0, len(before)-20):])
	at := strings.LastIndex(before, "nhs")
	if at < 0 {
		return false
	}
	for _, w := range strings.FieldsFunc(before[at+3:], func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch w {
		case "no", "num", "number", "nr", "is", "id":
		default:
			return false
		}
	}
	return true
}

// digit is a digit of the scripts that people here write, or of a keyboard's wide letters, as one of ours. The digits follow
// their noughts.
func digit(r rune) (byte, bool) {
	for _, zero := range [...]rune{'0', '٠', '۰', '०', '০', '੦', '૦', '\uff10'} {
		if r >= zero && r <= zero+9 {
			return byte('0' + r - zero), true
		}
	}
	return 0, false
}

// validNHSNumber checks the modulus 11 check digit of ten digits: weights 10 to 2 over the first nine, and 11 minus the
// remainder is the tenth; 11 counts as 0, and 10 is no NHS number (NHS Data Dictionary, NHS NUMBER).
func validNHSNumber(digits string) bool {
	if len(digits) != 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(digits[i]-'0') * (10 - i)
	}
	check := (11 - sum%11) % 11
	return check != 10 && int(digits[9]-'0') == check
}
