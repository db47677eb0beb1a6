package meaning

import "strings"

// shortDays reads days that are written as letters: "MWF", "M/W/F", "Tu/Th", "M-F". The letters of one are no sex.
func (r *reader) shortDays(yes, no *[7]bool) {
	for i := 0; i < len(r.tokens); i++ {
		if r.gone[i] {
			continue
		}
		days, to := r.lettersOfDays(i)
		if len(days) == 0 {
			continue
		}
		for _, d := range days {
			if r.excluded(i) || r.taken(i) {
				no[d] = true
			} else {
				yes[d] = true
			}
		}
		for ; i < to; i++ {
			r.gone[i] = true
		}
		i--
	}
}

// lettersOfDays are the days that are written as letters from i on, and where they end.
func (r *reader) lettersOfDays(i int) (days []int, to int) {
	text := r.text[r.tokens[i].start:]
	if c := text[0]; c != 'M' && c != 'T' && c != 'W' {
		return nil, 0
	}
	for _, short := range []struct {
		text string
		days []int
	}{
		{"M/W/F", []int{0, 2, 4}}, {"M, W, F", []int{0, 2, 4}}, {"MWF", []int{0, 2, 4}}, {"M-F", []int{0, 1, 2, 3, 4}}, {"Tu/Th", []int{1, 3}},
		{"T/Th", []int{1, 3}}, {"Tu/Thu", []int{1, 3}}, {"Tu & Th", []int{1, 3}}, {"TTh", []int{1, 3}}, {"M/W", []int{0, 2}}, {"W/F", []int{2, 4}}, {"T/Th/S", []int{1, 3, 5}},
	} {
		rest, ok := strings.CutPrefix(text, short.text)
		if !ok || rest != "" && (rest[0] >= 'a' && rest[0] <= 'z' || rest[0] >= 'A' && rest[0] <= 'Z' || rest[0] >= '0' && rest[0] <= '9' || rest[0] == '/') {
			continue
		}
		end := r.tokens[i].start + len(short.text)
		for to = i; to < len(r.tokens) && r.tokens[to].start < end; to++ {
		}
		return short.days, to
	}
	return nil, 0
}
