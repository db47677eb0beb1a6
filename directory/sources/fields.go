package sources

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail"
)

// text is a string that feeds also send as a number, or as null.
type text string

// UnmarshalJSON takes any scalar; anything else is empty.
func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	if len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if raw[0] != '"' {
		*t = text(raw)
		return nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	*t = text(s)
	return nil
}

// number is a number that feeds also send as a string; ok is false when there is none, or it is not finite.
type number struct {
	v  float64
	ok bool
}

// UnmarshalJSON takes a number, a string that holds one, or anything else as nothing.
func (n *number) UnmarshalJSON(raw []byte) error {
	*n = number{}
	s := strings.TrimSpace(strings.Trim(string(raw), `"`))
	v, err := strconv.ParseFloat(s, 64)
	if err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		*n = number{v, true}
	}
	return nil
}

// many is a list that feeds also send as one bare object, or as null. A member of the wrong kind is left out.
type many[T any] []T

// UnmarshalJSON reads each member by itself.
func (m *many[T]) UnmarshalJSON(raw []byte) error {
	*m = nil
	var members []json.RawMessage
	if len(raw) > 0 && raw[0] == '[' {
		if err := json.Unmarshal(raw, &members); err != nil {
			return err
		}
	} else if len(raw) > 0 && raw[0] == '{' {
		members = []json.RawMessage{raw}
	}
	for _, member := range members {
		var one T
		if json.Unmarshal(member, &one) == nil {
			*m = append(*m, one)
		}
	}
	return nil
}

// scalars is a list of strings or numbers that feeds also send as one, or as null.
type scalars []text

// UnmarshalJSON takes a scalar or a list of them.
func (s *scalars) UnmarshalJSON(raw []byte) error {
	*s = nil
	if len(raw) > 0 && raw[0] == '[' {
		return (*many[text])(s).UnmarshalJSON(raw)
	}
	var t text
	if err := t.UnmarshalJSON(raw); err != nil {
		return err
	}
	if t != "" {
		*s = scalars{t}
	}
	return nil
}

// boolean is a yes that feeds also send as "true", "TRUE", "yes" or 1.
type boolean struct{ yes, said bool }

// UnmarshalJSON takes any of them; anything else is not said.
func (b *boolean) UnmarshalJSON(raw []byte) error {
	*b = boolean{}
	switch strings.ToLower(strings.Trim(string(raw), `"`)) {
	case "true", "yes", "1":
		*b = boolean{yes: true, said: true}
	case "false", "no", "0":
		*b = boolean{said: true}
	}
	return nil
}

// one is an object that feeds also send as null, a string or a list of one.
type one[T any] struct{ v T }

// UnmarshalJSON reads an object, or the first of a list.
func (o *one[T]) UnmarshalJSON(raw []byte) error {
	var list many[T]
	if err := list.UnmarshalJSON(raw); err == nil && len(list) > 0 {
		o.v = list[0]
	}
	return nil
}

// clean makes a line of plain text: no control characters, no direction overrides (B5), one space at a time, at most n
// characters.
func clean(s string, n int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			continue
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != '\u200d':
			continue
		}
		if space {
			b.WriteByte(' ')
			count++
			space = false
		}
		if count >= n {
			break
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

// webAddress keeps an http or https address and nothing else: no "javascript:", no placeholder of a form.
func webAddress(s string) string {
	s = clean(s, 500)
	low := strings.ToLower(s)
	if !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
		if !strings.HasPrefix(low, "www.") {
			return ""
		}
		s, low = "https://"+s, "https://"+low
	}
	host := low[strings.Index(low, "//")+2:]
	if cut := strings.IndexAny(host, "/?#"); cut >= 0 {
		host = host[:cut]
	}
	host = strings.TrimPrefix(host, "www.")
	if strings.ContainsAny(s, " \"<>\\`") || strings.Contains(host, "@") || !strings.Contains(host, ".") || host == "example.com" {
		return ""
	}
	return s
}

// emailAddress keeps what can be an address; made-up ones ("Unknown-12@noemail.invalid") are dropped.
func emailAddress(s string) string {
	s = strings.TrimPrefix(clean(s, 254), "mailto:")
	name, host, ok := strings.Cut(s, "@")
	low := strings.ToLower(s)
	if !ok || name == "" || !strings.Contains(host, ".") || strings.ContainsAny(s, " \"<>(),;:\\[]'") ||
		strings.Count(s, "@") != 1 || strings.HasSuffix(host, ".") || strings.HasSuffix(low, ".invalid") ||
		strings.HasPrefix(low, "unknown") || strings.HasPrefix(low, "noreply@") || strings.Contains(low, "noemail") ||
		strings.HasSuffix(low, "@example.com") {
		return ""
	}
	return s
}

// phoneNumber takes the number out of "Bristol Youth MAPS: 0117 332 7111". What has no number ("call Sue"), and numbers
// that cost extra (09, 118), are dropped: a poisoned listing must not send people to one (H18).
func phoneNumber(s string) string {
	s = clean(s, 200)
	start := strings.IndexFunc(s, func(r rune) bool { return r == '+' || (r >= '0' && r <= '9') || r == '(' })
	for start >= 0 {
		end := start
		digits := 0
		for end < len(s) && strings.IndexByte("0123456789 +()-.", s[end]) >= 0 {
			if s[end] >= '0' && s[end] <= '9' {
				digits++
			}
			end++
		}
		if digits >= 9 && digits <= 14 {
			number := strings.TrimRight(s[start:end], " (-.+")
			if strings.Contains(number, "(") && !strings.Contains(number, ")") {
				number = strings.ReplaceAll(number, "(", "")
			}
			bare := strings.NewReplacer(" ", "", "(0)", "", "(", "", ")", "", "-", "", ".", "").Replace(number)
			bare = strings.TrimPrefix(strings.TrimPrefix(bare, "+44"), "0044")
			if strings.HasPrefix(strings.TrimPrefix(bare, "0"), "9") || strings.HasPrefix(bare, "118") {
				return ""
			}
			return strings.Join(strings.Fields(number), " ")
		}
		next := strings.IndexFunc(s[end:], func(r rune) bool { return r == '+' || (r >= '0' && r <= '9') })
		if next < 0 {
			return ""
		}
		start = end + next
	}
	return ""
}

// clockTime reads "10:00", "10:00:00", "10:00Z", "10.30am", "9pm". The zone is ignored on purpose: a weekly time is a
// wall time, and feeds write Z without meaning it.
func clockTime(s string) (handrail.Clock, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if at := strings.IndexByte(s, 't'); at >= 8 { // a whole timestamp
		s = s[at+1:]
	}
	pm, am := strings.HasSuffix(s, "pm"), strings.HasSuffix(s, "am")
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(s, "pm"), "am"))
	s = strings.TrimSuffix(s, "z")
	if i := strings.LastIndexAny(s, "+-"); i > 0 {
		s = s[:i]
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '.' })
	if len(parts) == 0 || len(parts) > 4 || (len(parts) == 1 && !am && !pm) {
		return 0, false
	}
	hour, err := strconv.Atoi(parts[0])
	if err != nil {
		return 0, false
	}
	minute := 0
	if len(parts) > 1 {
		if minute, err = strconv.Atoi(parts[1]); err != nil {
			return 0, false
		}
	}
	switch {
	case pm && hour < 12:
		hour += 12
	case am && hour == 12:
		hour = 0
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, false
	}
	return handrail.At(hour, minute), true
}

// date reads a date or a timestamp, with a zone or without, and nil for what cannot be one (0000, 9999).
func date(s string) *time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range []string{"2006-01-02", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05.999999999",
		"2006-01-02 15:04:05", "2006-01-02T15:04", "02/01/2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			if t.Year() < 1990 || t.Year() > 2100 {
				return nil
			}
			t = t.UTC()
			return &t
		}
	}
	return nil
}

func weekday(name string) (time.Weekday, bool) {
	if len(name) < 2 {
		return 0, false
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		full := strings.ToUpper(d.String())
		if name == full[:2] || name == full[:3] || name == full || name == full+"S" {
			return d, true
		}
	}
	return 0, false
}
