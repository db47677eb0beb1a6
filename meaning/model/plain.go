package model

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"handrail/directory/postcode"
	"handrail/meaning"
)

// maxPlain is the longest rewrite in characters.
const maxPlain = 1200

// Listing is what an organiser published about a group.
type Listing struct {
	Name, Description string
}

// Draft is a suggested wording of a listing. It is nobody's words until a person has approved it: whoever shows it must
// show Instead beside it, and nothing here can apply it.
type Draft struct {
	// Text is the suggestion, without exclamation marks and with the listing's own contact details.
	Text string
	// Instead is the description that it was made from. Where the listing has moved on since, the draft is void.
	Instead string
}

func plainPrompt(*meaning.Vocabulary) (Prompt, error) {
	return newPrompt("plain", struct{ Most int }{maxPlain}, object(property("plain", text())))
}

// Plain suggests a plainer wording of a listing, for a person to approve. Contact details never leave: they stand as
// "[contact 1]" while the model reads. Its answer is discarded where it holds a number, a time, a day, a price, a name or a
// promise of access that the listing does not, or drops every "not" of one that has some. ErrDiscarded also where the
// model found nothing to reword.
func (c *Client) Plain(ctx context.Context, who string, l Listing) (Draft, Cost, error) {
	type question struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	type answer struct {
		Plain *string `json:"plain"`
	}
	if len(l.Name)+len(l.Description) > 2*maxSent {
		return Draft{}, Cost{}, ErrUnsure
	}
	var kept contacts
	at := strings.NewReplacer(" @ ", " at ") // "Yoga @ the hall" is no address
	q := question{kept.seal(c.vocabulary, at.Replace(legible(l.Name))), kept.seal(c.vocabulary, at.Replace(legible(l.Description)))}
	if telling(q.Name) || telling(q.Description) {
		return Draft{}, Cost{}, ErrUnsure
	}
	a, cost, err := ask(ctx, c, who, c.plain, q, func(a answer) error {
		if a.Plain == nil {
			return errors.New("a field is missing")
		}
		return faithful(q.Name+". "+q.Description, *a.Plain, len(kept))
	})
	if err != nil {
		return Draft{}, cost, err
	}
	return Draft{kept.unseal(strings.TrimSpace(*a.Plain)), l.Description}, cost, nil
}

// contacts are the details of a listing that stay here while the model reads.
type contacts []string

// seal puts placeholders where contact details stand. Brackets of the text's own become round ones, so that none looks
// like a placeholder.
func (k *contacts) seal(v *meaning.Vocabulary, s string) string {
	as := s
	s = strings.NewReplacer("[", "(", "]", ")").Replace(s) // as many bytes as before
	type span struct{ from, to int }
	var spans []span
	for _, id := range v.Identifiers(s) {
		spans = append(spans, span{id.From, id.To})
	}
	for _, p := range postcode.Find(s) {
		if p.Kind == postcode.Full {
			spans = append(spans, span{p.Start, p.End})
		}
	}
	for _, at := range netAddress.FindAllStringIndex(s, -1) {
		spans = append(spans, span{at[0], at[1]})
	}
	for _, at := range longDigits.FindAllStringIndex(s, -1) {
		spans = append(spans, span{at[0], at[1]})
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, one := range spans {
		if one.from < at {
			continue // within the one before
		}
		*k = append(*k, as[one.from:one.to])
		b.WriteString(s[at:one.from])
		b.WriteString("[contact " + strconv.Itoa(len(*k)) + "]")
		at = one.to
	}
	b.WriteString(s[at:])
	return b.String()
}

// unseal puts the details back.
func (k *contacts) unseal(s string) string {
	return sealed.ReplaceAllStringFunc(s, func(placeholder string) string {
		n, err := strconv.Atoi(sealed.FindStringSubmatch(placeholder)[1])
		if err != nil || n < 1 || n > len(*k) {
			return placeholder
		}
		return (*k)[n-1]
	})
}

// What stays here besides the identifiers that the rules know.
var (
	netAddress = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+|\S*@\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:uk|com|org|net|info|scot|wales|london)\b\S*`)
	longDigits = regexp.MustCompile(`\+?\(?\p{Nd}(?:[ ().\-]{0,2}\p{Nd}){6,}`)
	sealed     = regexp.MustCompile(`\[contact ([0-9]{1,3})\]`)
)

// faithful holds a rewrite against what it was made from. It can't tell whether the sense was kept, which is for the
// person who approves; it can tell what was not there before.
func faithful(source, plain string, contacts int) error {
	switch {
	case strings.TrimSpace(plain) == "":
		return errors.New("it is empty")
	case utf8.RuneCountInString(plain) > maxPlain:
		return errors.New("it is too long")
	case strings.ContainsAny(plain, "!<>{}`*_#|\\"):
		return errors.New("it holds marks that plain text has not")
	case !english(plain):
		return errors.New("it is not in English")
	}
	for _, m := range sealed.FindAllStringSubmatch(plain, -1) {
		if n, err := strconv.Atoi(m[1]); err != nil || n < 1 || n > contacts {
			return errors.New("it names a contact that is not there")
		}
	}
	bare, before := sealed.ReplaceAllString(plain, " "), sealed.ReplaceAllString(source, " ")
	switch {
	case strings.ContainsAny(bare, "[]@"), strings.Contains(bare, "://"), netAddress.MatchString(bare), longDigits.MatchString(bare):
		return errors.New("it holds an address that is not there")
	case addsNumber(before, bare):
		return errors.New("it holds a number that is not there")
	case addsPromise(before, bare):
		return errors.New("it promises what is not there")
	case addsName(before, bare):
		return errors.New("it holds a name that is not there")
	case denies(before) && !denies(bare):
		return errors.New("it drops every not")
	}
	return nil
}

// english reports whether a text of more than a few words looks like English: a good part of its words are the small ones
// that every English sentence needs.
func english(s string) bool {
	list := words(s)
	small := 0
	for _, w := range list {
		switch w {
		case "a", "an", "and", "the", "of", "to", "in", "on", "at", "is", "are", "be", "with", "for", "or", "but", "any", "some", "this", "that", "you",
			"your", "we", "our", "i", "my", "me", "it", "its", "he", "she", "they", "them", "his", "her", "can", "will", "not", "no", "have", "has", "do", "from",
			"by", "as", "if", "so", "was", "would", "like", "come", "who", "all", "there", "every", "im", "dont", "cant", "want", "am", "go", "too":
			small++
		}
	}
	return len(list) > 0 && small*6 >= len(list)
}

// numbers of a text: runs of digits and number words, as digits.
func numbers(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words(s) {
		run := ""
		for _, r := range w + " " {
			if unicode.IsDigit(r) {
				run += strconv.Itoa(digit(r))
				continue
			}
			if run != "" {
				out[strings.TrimLeft(run, "0")] = true
			}
			run = ""
		}
		if n := numberWord(w); n > 1 { // "one" is a word of everyday
			out[strconv.Itoa(n)] = true
		}
		switch w {
		case "noon", "midday":
			out["12"] = true
		case "half", "quarter":
			out[w] = true
		}
	}
	return out
}

// digit is the value of a decimal digit of any script; the scripts of Unicode hold theirs in runs of ten from nought.
func digit(r rune) int {
	for n := range rune(10) {
		if r-n >= 0 && !unicode.IsDigit(r-n-1) {
			return int(n)
		}
	}
	return int(r-'0') % 10
}

func addsNumber(before, after string) bool {
	was := numbers(before)
	for n := range numbers(after) {
		if !was[n] {
			return true
		}
	}
	return false
}

// addsPromise reports whether a rewrite says one of the things that people rely on, and the listing does not.
func addsPromise(before, after string) bool {
	// "Step-free" is access and no price.
	one := func(s string) []string {
		return words(strings.NewReplacer("step-free", "stepfree", "step free", "stepfree").Replace(strings.ToLower(s)))
	}
	was := map[string]bool{}
	for _, w := range one(before) {
		was[promise(w)] = true
	}
	for _, w := range one(after) {
		if p := promise(w); p != "" && !was[p] {
			return true
		}
	}
	return false
}

// promise is the kind of thing a word tells that somebody may rely on: a price, a day, access, what a group does for one's
// health; empty for other words.
func promise(w string) string {
	switch w {
	case "free", "cost", "costs", "charge", "donation", "donations", "pay", "paid", "fee", "fees", "pound", "pounds", "pence", "refreshments", "tea", "coffee", "lunch",
		"parking", "lift", "ramp", "toilet", "toilets", "creche", "transport", "minibus", "interpreter", "online", "weekly", "fortnightly", "monthly", "daily",
		"morning", "afternoon", "evening", "women", "men", "dogs", "children", "nhs", "doctor", "doctors", "nurse", "gp", "qualified", "trained", "insured", "safe", "expert":
		return strings.TrimSuffix(w, "s")
	case "wheelchair", "wheelchairs", "accessible", "access", "stepfree", "step":
		return "access"
	case "cure", "cures", "heal", "heals", "treat", "treats", "treatment", "therapy", "medicine", "medicines", "tablets", "dose", "diagnosis":
		return "cure"
	case "booking", "book", "booked", "join", "register", "referral", "refer":
		return "booking"
	case "home", "visit", "visits", "money", "bank", "cash", "card", "password":
		return w
	}
	for _, day := range [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if w == day || w == day+"s" || len(w) >= 3 && len(w) <= 5 && strings.HasPrefix(day, strings.TrimSuffix(w, "s")) && w != "fry" && w != "sat" && w != "sun" && w != "wed" {
			return day
		}
	}
	for _, month := range [...]string{"january", "february", "april", "june", "july", "august", "september", "october", "november", "december"} {
		if w == month {
			return month
		}
	}
	return ""
}

// addsName reports whether a rewrite has a word with a capital in mid-sentence that the listing has not.
func addsName(before, after string) bool {
	was := map[string]bool{}
	for _, w := range words(before) {
		was[w] = true
	}
	first := true
	for _, w := range strings.Fields(after) {
		bare := strings.TrimFunc(w, func(r rune) bool { return !wordRune(r) })
		r, _ := utf8.DecodeRuneInString(bare)
		if !first && unicode.IsUpper(r) && bare != "I" {
			for _, part := range words(bare) {
				if !was[part] {
					return true
				}
			}
		}
		if bare != "" {
			first = strings.ContainsAny(w[len(w)-1:], ".?:")
		}
	}
	return false
}

// denies reports whether a text says that something is not so.
func denies(s string) bool {
	return slices.ContainsFunc(words(s), func(w string) bool {
		switch w {
		case "not", "no", "cannot", "never", "without", "except", "unless", "unable", "closed", "cancelled", "suspended":
			return true
		}
		return strings.HasSuffix(w, "nt") && slices.Contains([]string{"cant", "dont", "doesnt", "isnt", "arent", "wont", "havent", "hasnt", "didnt", "shouldnt", "mustnt"}, w)
	})
}

// String keeps a draft out of a log that prints it.
func (d Draft) String() string { return fmt.Sprintf("(draft of %d characters)", len(d.Text)) }
