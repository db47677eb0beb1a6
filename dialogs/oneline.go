package dialogs

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// oneLine is what a member of staff typed behind "refer", read into the fields of the form: it fills them in, and a person
// looks at them before anything is sent.
type oneLine struct {
	Name, Surname string
	BirthYear     string
	Postcode      string
	Agreed        bool
	Rest          string // what was none of these
}

var (
	yearIn     = regexp.MustCompile(`\b(?:b(?:orn)?\.? ?|dob:? ?)?((?:19|20)[0-9]{2})\b`)
	postcodeIn = regexp.MustCompile(`(?i)\b([a-z]{1,2}[0-9][a-z0-9]?)(?: ?([0-9][a-z]{2}))?\b`)
	agreedIn   = regexp.MustCompile(`(?i)\b(?:(?:has |have )?agreed|(?:has |have )?consent(?:s|ed|ing)?|(?:has |have )?said yes|is happy to|happy with this)\b`)
	initialsIn = regexp.MustCompile(`^([A-Z])\.? ?([A-Z])\.?$`)
)

// readLine reads one typed line. It guesses nothing: a name is taken only from the beginning, and an age is not made a
// year of birth, which may be off by one and is what guards the one-time code. A consent that is denied is none.
func readLine(line string, now time.Time) oneLine {
	var out oneLine
	rest := " " + strings.Join(strings.Fields(line), " ") + " "
	take := func(re *regexp.Regexp, ok func(found []string) bool) []string {
		for _, at := range re.FindAllStringSubmatchIndex(rest, -1) {
			found := make([]string, 0, len(at)/2)
			for i := 0; i < len(at); i += 2 {
				if at[i] < 0 {
					found = append(found, "")
					continue
				}
				found = append(found, rest[at[i]:at[i+1]])
			}
			if ok(found) {
				rest = rest[:at[0]] + "\x00" + rest[at[1]:]
				return found
			}
		}
		return nil
	}
	if f := take(yearIn, func(f []string) bool {
		y, err := strconv.Atoi(f[1])
		return err == nil && y >= now.Year()-120 && y <= now.Year()
	}); f != nil {
		out.BirthYear = f[1]
	}
	// A whole postcode before half of one.
	f := take(postcodeIn, func(f []string) bool { return f[2] != "" })
	if f == nil {
		f = take(postcodeIn, func(f []string) bool { return strings.ContainsFunc(f[1], unicode.IsUpper) })
	}
	if f != nil {
		out.Postcode = strings.ToUpper(strings.TrimSpace(f[1] + " " + f[2]))
	}
	if f := take(agreedIn, func([]string) bool { return true }); f != nil {
		i := strings.IndexByte(rest, 0)
		out.Agreed = !strings.Contains(strings.ToLower(rest), " not ") && !strings.Contains(strings.ToLower(rest), "n't ") && i >= 0
	}
	head, tail := rest, ""
	if i := strings.IndexByte(rest, 0); i >= 0 {
		head, tail = rest[:i], rest[i+1:]
	}
	var left string
	out.Name, out.Surname, left = nameOf(head)
	out.Rest = strings.Join(strings.FieldsFunc(left+" "+tail, func(r rune) bool { return r == 0 || unicode.IsSpace(r) }), " ")
	out.Rest = strings.Trim(strings.ReplaceAll(out.Rest, " ,", ","), " ,;.-")
	return out
}

// nameOf takes a name from the beginning of what was typed: initials ("JB", "J B", "J.B."), or one to three words with
// capitals.
func nameOf(head string) (name, surname, left string) {
	words := strings.Fields(strings.Trim(head, " ,;"))
	for _, n := range []int{2, 1} {
		if len(words) < n {
			continue
		}
		if m := initialsIn.FindStringSubmatch(strings.Trim(strings.Join(words[:n], " "), ",;")); m != nil {
			return m[1], m[2], strings.Join(words[n:], " ")
		}
	}
	titles, titled := []string{"mr", "mrs", "ms", "miss", "mx", "dr"}, false
	for len(words) > 0 && slices.Contains(titles, strings.ToLower(strings.Trim(words[0], "."))) {
		words, titled = words[1:], true
	}
	n := 0
	for n < len(words) && n < 3 {
		w := strings.Trim(words[n], ",;")
		first := []rune(w)
		if len(first) == 0 || !unicode.IsUpper(first[0]) && !unicode.Is(unicode.Lo, first[0]) {
			break
		}
		n++
		if strings.HasSuffix(words[n-1], ",") {
			break
		}
	}
	if titled && n <= 1 && len(words) > 0 {
		return "", capitals(strings.Trim(words[0], ",;")), strings.Join(words[1:], " ") // "mrs smith": who else would it be
	}
	if n == 0 {
		return "", "", strings.Join(words, " ")
	}
	for i := range n {
		words[i] = strings.Trim(words[i], ",;")
	}
	return words[0], strings.Join(words[1:n], " "), strings.Join(words[n:], " ")
}

// capitals begins each word with a capital, and leaves the rest as it was typed.
func capitals(words string) string {
	parts := strings.Fields(words)
	for i, p := range parts {
		first, size := utf8.DecodeRuneInString(p)
		parts[i] = string(unicode.ToUpper(first)) + p[size:]
	}
	return strings.Join(parts, " ")
}
