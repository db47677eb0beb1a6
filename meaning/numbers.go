package meaning

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	// joinedByMarks are groups that only together are an NHS number or that of a mobile: "943/476/5919". A stroke or a comma
	// joins nothing else, or dates and lists would be numbers too.
	joinedByMarks = regexp.MustCompile(`\b\d{3}([/,_|:])\d{3}[/,_|:]\d{4}\b|\b07\d{3}[/,_|]\d{3}[/,_| ]?\d{3}\b`)
	// spokenNumber is a number in words, digit by digit.
	spokenNumber = regexp.MustCompile(`(?i)\b(?:(?:zero|oh|o|nought|naught|one|two|three|four|five|six|seven|eight|nine|double|treble|triple|hundred)[ ,\-]+){6,}(?:zero|oh|o|nought|naught|one|two|three|four|five|six|seven|eight|nine|hundred)\b`)
)

// spokenNumbers finds numbers that are spelled out: of ten digits that begin as one does an NHS number, else a telephone's.
func spokenNumbers(low string) []Identifier {
	var out []Identifier
	for _, m := range spokenNumber.FindAllStringIndex(low, -1) {
		digits, times := "", 1
		for _, w := range strings.FieldsFunc(low[m[0]:m[1]], func(r rune) bool { return r == ' ' || r == ',' || r == '-' }) {
			d := "0"
			switch w {
			case "zero", "oh", "o", "nought", "naught":
			case "double":
				times = 2
				continue
			case "treble", "triple":
				times = 3
				continue
			case "hundred":
				d = "00"
			default:
				d = string(rune('1' + wordIndex(w)))
			}
			digits += strings.Repeat(d, times)
			times = 1
		}
		switch {
		case len(digits) == 10 && digits[0] != '0':
			out = append(out, Identifier{"nhs_number", m[0], m[1]})
		case len(digits) >= 9 && len(digits) <= 13:
			out = append(out, Identifier{"phone", m[0], m[1]})
		}
	}
	return out
}

// wordIndex is which of the digits from one a word is, from 0.
func wordIndex(w string) int {
	for i, d := range [...]string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine"} {
		if w == d {
			return i
		}
	}
	return 0
}

// digitsMeant is the text with the letters that people type for digits turned into them, byte for byte: the O of "O7700" and
// the l of "59l9". Only in a word that has nothing but digits and such letters, and more of the former or its neighbour's.
func digitsMeant(text []byte) []byte {
	var out []byte
	for i := 0; i < len(text); {
		if !isLetter(text[i]) && (text[i] < '0' || text[i] > '9') {
			i++
			continue
		}
		from, digits, letters, other := i, 0, 0, 0
		for ; i < len(text) && (isLetter(text[i]) || text[i] >= '0' && text[i] <= '9'); i++ {
			switch c := text[i]; {
			case c >= '0' && c <= '9':
				digits++
			case c == 'O' || c == 'o' || c == 'l' || c == 'I' || c == 'i':
				letters++
			default:
				other++
			}
		}
		if letters == 0 || other > 0 || digits < 2 && i-from < 5 || letters > digits+1 {
			continue
		}
		if out == nil {
			out = bytes.Clone(text)
		}
		for k := from; k < i; k++ {
			switch out[k] {
			case 'O', 'o':
				out[k] = '0'
			case 'l', 'I', 'i':
				out[k] = '1'
			}
		}
	}
	if out == nil {
		return text
	}
	return out
}

// digitGroup is some digits that stand together.
type digitGroup struct{ from, to int }

// longNumbers finds NHS numbers and telephone numbers however they are spaced: groups of digits with a blank, a dash, a
// dot or brackets between them.
func longNumbers(typed []byte) []Identifier {
	text := digitsMeant(typed)
	var out []Identifier
	for _, m := range markedNumbers(text) {
		kind := "phone"
		if m[2] >= 0 {
			kind = "nhs_number"
		}
		out = append(out, Identifier{kind, m[0], m[1]})
	}
	var run []digitGroup
	end := func() {
		out = append(out, inRun(text, run)...)
		run = run[:0]
	}
	for i := 0; i < len(text); {
		if text[i] < '0' || text[i] > '9' {
			i++
			continue
		}
		from := i
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		if len(run) > 0 && !joins(text[run[len(run)-1].to:from]) {
			end()
		}
		run = append(run, digitGroup{from, i})
		if len(run) > 24 {
			end()
		}
	}
	end()
	return out
}

// markedNumbers gives the matches of joinedByMarks, where there can be any.
func markedNumbers(text []byte) [][]int {
	for i := 3; i+3 < len(text); i++ {
		switch text[i] {
		case '/', ',', '_', '|', ':':
			if text[i-1] >= '0' && text[i-1] <= '9' && text[i+1] >= '0' && text[i+1] <= '9' && text[i-3] >= '0' && text[i-3] <= '9' {
				return joinedByMarks.FindAllSubmatchIndex(text, -1)
			}
		}
	}
	return nil
}

// joins reports whether what stands between two groups of digits joins them into one number.
func joins(gap []byte) bool {
	for n := 0; len(gap) > 0; n++ {
		c, size := utf8.DecodeRune(gap)
		switch c {
		case ' ', '-', '.', '(', ')', '_', '‐', '‑', '–', '—', '−', '·':
		default:
			return false
		}
		if n == 3 {
			return false
		}
		gap = gap[size:]
	}
	return true
}

// inRun takes NHS numbers and telephone numbers out of a run of groups of digits.
func inRun(text []byte, run []digitGroup) []Identifier {
	var out []Identifier
	for i := 0; i < len(run); i++ {
		digits := ""
		for j := i; j < len(run) && len(digits) < 15; j++ {
			digits += string(text[run[j].from:run[j].to])
			next := 0
			if j+1 < len(run) {
				next = run[j+1].to - run[j+1].from
			}
			kind, from := numberKind(text, run[i:j+1], digits, next)
			if kind == "" {
				continue
			}
			for from > 0 && text[from-1] == '(' {
				from--
			}
			out = append(out, Identifier{kind, from, run[j].to})
			i = j
			break
		}
	}
	return out
}

// numberKind is what the digits of some groups are, empty for nothing, and where it begins; next is how many digits the group
// behind them has.
func numberKind(text []byte, groups []digitGroup, digits string, next int) (kind string, from int) {
	from = groups[0].from
	labelled := numberLabel(text, from)
	switch n := len(digits); {
	case labelled && (n == 10 || (n == 9 || n == 11) && next == 0):
		return "nhs_number", from // a slip of the finger identifies somebody too
	case from > 0 && text[from-1] == '+' && n >= 11 && n <= 13 && next < 3:
		return "phone", from - 1
	case strings.HasPrefix(digits, "0044") && n >= 13 && n <= 15 && next < 3, strings.HasPrefix(digits, "447") && n == 12 && next < 3:
		return "phone", from
	case digits[0] == '0' && next == 0 && n >= 9 && n <= 13 && n != 10 && phoneSaid(text[:from]):
		return "phone", from
	case digits[0] == '0' && n == 11 || digits[0] == '0' && n == 10 && next != 1:
		return "phone", from
	case n == 10 && digits[0] == '7' && (phoneSaid(text[:from]) || len(groups) > 1 && groups[0].to-groups[0].from == 4 && !validNHSNumber(digits)):
		return "phone", from // a mobile without its 0
	case n == 10 && digits[0] != '0' && (validNHSNumber(digits) || likeNHSNumber(groups, digits)):
		return "nhs_number", from
	case n >= 6 && n <= 8 && next == 0 && localSaid(text[:from]):
		return "phone", from // a number of the place, without its code
	}
	return "", from
}

// phoneSaid reports whether the words before a number say that it is a telephone's.
func phoneSaid(before []byte) bool {
	words := strings.Fields(strings.ToLower(string(before[max(0, len(before)-24):])))
	for i := len(words) - 1; i >= 0 && i >= len(words)-3; i-- {
		switch strings.Trim(words[i], ".:,-(") {
		case "tel", "phone", "telephone", "mob", "mobile", "mobiles", "mobile's", "landline", "ring", "call", "text", "number", "ph", "t", "m", "contact", "whatsapp", "cell", "fone", "moby":
			return true
		}
	}
	return false
}

// localSaid reports whether the words right before six to eight digits leave no doubt that they are a telephone's: those of a
// record are called numbers too.
func localSaid(before []byte) bool {
	words := strings.Fields(strings.ToLower(string(before[max(0, len(before)-28):])))
	for i := len(words) - 1; i >= 0 && i >= len(words)-4; i-- {
		switch strings.Trim(words[i], ".:,-(") {
		case "tel", "phone", "telephone", "mob", "mobile", "landline", "ring", "call", "fone":
			return true
		case "no", "num", "number", "is", "on", "her", "his", "them", "him", "at":
		default:
			return false
		}
	}
	return false
}

// likeNHSNumber reports whether ten digits are grouped as an NHS number is, or begin as one does, though the check digit
// is wrong: a slip of the finger identifies somebody too.
func likeNHSNumber(groups []digitGroup, digits string) bool {
	switch digits[0] {
	case '4', '6', '7', '9':
	default:
		return false
	}
	return len(groups) == 1 || len(groups) == 3 && groups[0].to-groups[0].from == 3 && groups[1].to-groups[1].from == 3
}

// numberLabel reports whether the words shortly before a number call it that of the health service: in Scotland the CHI number, in
// Northern Ireland the H&C number.
func numberLabel(text []byte, from int) bool {
	before := strings.ToLower(string(text[max(0, from-20):from]))
	if i := strings.LastIndexAny(before, "0123456789"); i >= 0 {
		before = before[i+1:] // what stands before another number is its label
	}
	return strings.Contains(before, "nhs") || strings.Contains(before, "chi ") || strings.Contains(before, "chi:") || strings.Contains(before, "h&c") || strings.Contains(before, "hcn")
}
