package meaning

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/unicode/norm"
)

//go:embed asides.toml
var asidesTOML []byte

// Asides finds in what patients write the three things that are answered with fixed words, whatever was being talked
// about: a medical question, abuse, and being under 18. It is rules over asides.toml; words of danger go before it. It is
// immutable, so safe to share.
type Asides struct {
	medicines, matters, alone, coming, besides, doing, taking phraseSet
	toYou, told                                               phraseSet
	says                                                      phraseSet
	units                                                     []string
}

// NewAsides reads the table. An error means that the table itself is broken.
func NewAsides() (*Asides, error) {
	var f struct {
		Medical struct {
			Medicines, Matters, Alone, Coming, Besides, Doing, Taking []string
		}
		Abuse struct {
			ToYou []string `toml:"to_you"`
			Told  []string
		}
		Young struct {
			Says, Units []string
		}
	}
	if err := toml.Unmarshal(asidesTOML, &f); err != nil {
		return nil, err
	}
	m := f.Medical
	return &Asides{
		medicines: newPhraseSet(m.Medicines), matters: newPhraseSet(m.Matters), alone: newPhraseSet(m.Alone), coming: newPhraseSet(m.Coming), besides: newPhraseSet(m.Besides), doing: newPhraseSet(m.Doing),
		taking: newPhraseSet(m.Taking), toYou: newPhraseSet(f.Abuse.ToYou), told: newPhraseSet(f.Abuse.Told), says: newPhraseSet(f.Young.Says), units: f.Young.Units,
	}, nil
}

// asideMost is how much of a message is looked at.
const asideMost = 2000

// Medical reports whether a message asks for medical advice: about medicines and doses, what a symptom means, what
// somebody has, or what to do about it (M6). What to wear, whether there is a chair, and which group suits bad knees are
// questions about a group and are not.
func (a *Asides) Medical(text string) bool {
	line := asideLine(text)
	if a.alone.in(line) {
		return true
	}
	if !asked(text, line) {
		return false
	}
	drug, matter, doing := a.drug(line), a.matters.in(line) || pressure.MatchString(line), a.doing.in(line)
	if doing && drug && matter {
		return true
	}
	if doing {
		line = a.doing.without(line) // "bring on" brings nobody anywhere
	}
	switch {
	case a.coming.in(line):
	case a.besides.in(line):
		return drug || matter && doing
	default:
		return drug || matter
	}
	return a.takes(text)
}

var (
	// pressure is a blood pressure as people say it.
	pressure = regexp.MustCompile(` \d{2,3} over \d{2,3} `)
	// drugName is how the names of most medicines end.
	drugName = regexp.MustCompile(` [a-z]{3,}(?:cillin|mycin|micin|pril|sartan|olol|statin|nazole|prazole|oxetine|pram|azepam|azolam|dipine|gliptin|gliflozin|formin|triptan|codamol|profen|oxacin|parin|thiazide|umab|ximab|tinib|solone|sone|cycline|setron|vir|triptyline|barbital|dronate|zosin|caine|phylline) `)
)

func (a *Asides) drug(line string) bool { return a.medicines.in(line) || drugName.MatchString(line) }

// takes reports whether in one part of a message a question and the taking of a medicine stand together.
func (a *Asides) takes(text string) bool {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '.' || r == ';' || r == '\n' || r == '!' }) {
		if line := asideLine(part); asked(part, line) && a.drug(line) && a.taking.in(line) && !strings.Contains(line, " groups ") {
			return true
		}
	}
	return false
}

// asked reports whether words are a question, with or without its mark.
func asked(text, line string) bool {
	if strings.Contains(text, "?") {
		return true
	}
	for _, start := range []string{" can i ", " can you ", " could i ", " could my ", " could this ", " should i ", " shall i ", " do i ", " do these ", " do you ", " do statins ", " does ", " is it ", " is my ", " is this ", " is that ",
		" is a ", " are my ", " am i ", " what ", " whats ", " why ", " how ", " which ", " will ", " would ", " tell me ", " explain ", " can stress ", " can depression ", " do these ", " must i ", " may i ", " shud i ", " shud my ", " wot ", " wat ", " need advice ", " any advice ", " advice on ", " any idea ", " anything i can ", " can stress ", " can children ", " can a ", " is my ", " are there any ", " wondering if ", " wondering whether ", " shall we ", " should my ", " should we ", " should a ", " can they ", " is it ok "} {
		if strings.Contains(line, start) {
			return true
		}
	}
	for _, start := range []string{" is ", " are ", " do ", " does ", " can ", " could ", " should ", " will ", " would "} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}

// Abusive reports whether a message abuses whoever reads it, or is sexual talk to them (B29). Swearing at the bus, at
// oneself, or in telling what somebody else said is none.
func (a *Asides) Abusive(text string) bool {
	line := asideLine(text)
	at := a.toYou.at(line)
	return at >= 0 && !a.told.in(line[:min(at+1, len(line))])
}

var (
	iAm   = regexp.MustCompile(` (?:im|i am|ime)(?: (?:only|just|still|actually|still only|still just|now|a|nearly|almost|a girl of|a boy of))* (\d{1,3}|[a-z]+)(?:yo|yrs?|y o)?( .*)?$`)
	ageIs = regexp.MustCompile(`^ (?:hi |hello )?(?:my )?age (?:is )?(\d{1,2}) `)
)

// Young reports whether somebody says that they are under 18 (B30). "I'm 14 stone", "16 weeks sober" and "my son is 14" say
// no such thing.
func (a *Asides) Young(text string) bool {
	line := asideLine(text)
	if a.says.in(line) && (strings.Contains(line, " im ") || strings.Contains(line, " i ") || strings.Contains(line, " my gcses ")) && !strings.Contains(line, " my son ") && !strings.Contains(line, " my daughter ") && !strings.Contains(line, " my grand") {
		return true
	}
	if m := ageIs.FindStringSubmatch(line); m != nil {
		return young(m[1])
	}
	for rest := line; ; {
		m := iAm.FindStringSubmatchIndex(rest)
		if m == nil {
			return false
		}
		after := ""
		if m[4] >= 0 {
			after = rest[m[4]:m[5]]
		}
		if young(rest[m[2]:m[3]]) && !a.counts(after) {
			return true
		}
		rest = " " + strings.TrimLeft(rest[m[3]:], " ")
		if len(rest) < 3 {
			return false
		}
	}
}

// counts reports whether what follows a number says that it counts something else than years of age.
func (a *Asides) counts(after string) bool {
	for _, unit := range a.units {
		if strings.HasPrefix(after, " "+unit+" ") {
			return true
		}
	}
	return false
}

// young reports whether a number in figures or words is an age from 5 to 17.
func young(w string) bool {
	n, err := strconv.Atoi(w)
	if err != nil {
		n = slices.Index([]string{"five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"}, w) + 5
		if n == 4 {
			return false
		}
	}
	return n >= 5 && n < 18
}

// asideLine is a message as its words in small letters, a blank before and behind each, without apostrophes; stars inside
// a word are what people put into one that they know is rude.
func asideLine(text string) string {
	text = text[:min(len(text), asideMost)]
	text = norm.NFKC.String(hush(strings.ToValidUTF8(text, "")))
	text = strings.NewReplacer("’", "", "'", "", "how come", "why", "f***", "fuck", "f**k", "fuck", "f*ck", "fuck", "f**", "fuck", "c**t", "cunt", "sh*t", "shit").Replace(strings.ToLower(text))
	var b strings.Builder
	b.WriteByte(' ')
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		b.WriteString(w)
		b.WriteByte(' ')
	}
	return b.String()
}

// phraseSet finds any of some phrases in a line, by their first words.
type phraseSet map[string][]string

func newPhraseSet(phrases []string) phraseSet {
	s := phraseSet{}
	for _, p := range phrases {
		key, _, _ := strings.Cut(strings.TrimSuffix(p, "*"), " ")
		if strings.HasSuffix(p, "*") && !strings.Contains(p, " ") {
			key = key[:min(3, len(key))] + "*"
		}
		s[key] = append(s[key], p)
	}
	return s
}

// without is a line with the first of the phrases taken out.
func (s phraseSet) without(line string) string {
	at := s.at(line)
	if at < 0 {
		return line
	}
	rest := line[at+1:]
	longest := 0
	word, _, _ := strings.Cut(rest, " ")
	for _, p := range s[word] {
		if strings.HasPrefix(rest, p+" ") {
			longest = max(longest, len(p))
		}
	}
	return line[:at] + rest[longest:]
}

func (s phraseSet) in(line string) bool { return s.at(line) >= 0 }

// at is where the first of the phrases begins, -1 where none does.
func (s phraseSet) at(line string) int {
	for i := 0; i < len(line)-1; {
		end := strings.IndexByte(line[i+1:], ' ')
		if end < 0 {
			return -1
		}
		word := line[i+1 : i+1+end]
		for _, list := range [2][]string{s[word], s[word[:min(3, len(word))]+"*"]} {
			for _, p := range list {
				if head, open := strings.CutSuffix(p, "*"); strings.HasPrefix(line[i+1:], head) && (open || strings.HasPrefix(line[i+1+len(head):], " ")) {
					return i
				}
			}
		}
		i += end + 1
	}
	return -1
}
