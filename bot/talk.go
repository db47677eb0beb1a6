package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail"
)

// Talk is what a script is written with. A script is an ordinary function that reads like the conversation; each turn
// runs it again from the top. A question that has an answer returns it at once; the first one without an answer is
// asked, and the script stops there until the next update. So:
//
//   - touch the world only in Look (reads) and Do (changes): their results are kept, and a second run reads them;
//   - a name is used once in a run, and loops number theirs ("pick-1", "pick-2"); a second use is an error;
//   - no goroutines, no random numbers, no clock but Now.
//
// What is said before the question that is being answered was sent in an earlier turn and is not sent again. A Talk is
// used by one goroutine and only while its script runs.
type Talk struct {
	ctx    context.Context
	bot    *Bot
	who    Who
	from   handrail.Address
	limits Limits
	run    *run
	now    time.Time // of this turn
	at     time.Time // when what the script has read so far became known

	input *Update // the update that answers the first open question; nil when none does
	used  map[string]bool
	out   []Message
	fresh bool // what is said from here on was not said in an earlier turn
	// refused says that the input could not be taken as an answer.
	refused bool
}

// pause stops a script at a question. It is a panic that never leaves the engine, so that a script needs no error
// check after each question (decision record 004).
type pause struct{}

// fault carries an error out of a script the same way.
type fault struct{ err error }

// Who is the person the script talks with.
func (t *Talk) Who() Who { return t.who }

// From is the address the person writes from, for a dialog that makes somebody known.
func (t *Talk) From() handrail.Address { return t.from }

// Subject is what the button that opened the dialog was about; empty when words opened it.
func (t *Talk) Subject() string { return t.run.Subject }

// Pressed is the answer on the button that opened the dialog; empty when words opened it.
func (t *Talk) Pressed() string { return t.run.Pressed }

// Now is when the newest answer that the script has read was given, or the dialog was opened (UTC). It is the same in
// every replay.
func (t *Talk) Now() time.Time { return t.at }

// Limits are the channel's.
func (t *Talk) Limits() Limits { return t.limits }

// Words returns words from the catalogue in the person's language. args are pairs of name and value.
func (t *Talk) Words(key string, args ...string) Text {
	return t.bot.words.Text(t.who.Language, key, args...)
}

// Line is Words as one plain line, for a label.
func (t *Talk) Line(key string, args ...string) string {
	return t.bot.words.Line(t.who.Language, key, args...)
}

// Say sends words.
func (t *Talk) Say(text Text) { t.out = append(t.out, Message{Text: text}) }

// Send sends a message that asks nothing: files, a place, links, buttons that work on their own.
func (t *Talk) Send(m Message) {
	t.out = append(t.out, m.Clone()) // a script may share its list with other conversations
}

// Then ends this dialog and begins another with answers given in advance. A script returns it:
//
//	return t.Then("refer", bot.Answers{"activity": id})
func (t *Talk) Then(dialog string, answers Answers) error {
	return &then{opening{Dialog: dialog, Answers: answers}}
}

type then struct{ opening opening }

func (*then) Error() string { return "the next dialog" }

// Seeded is an answer that was given in advance under this name, by Then or by the words that opened the dialog; empty
// when there is none. It asks nothing.
func (t *Talk) Seeded(name string) string {
	t.use(name)
	var out string
	if i := t.run.find(name); i >= 0 {
		decodeEntry(t, &t.run.Log[i], &out)
	}
	return out
}

// Choose asks to pick one of the options and returns the Answer of the one picked. Typed words count when they are a
// label, a number of the list, or the answer itself.
func (t *Talk) Choose(name string, ask Text, options ...Option) string {
	return question(t, name, Message{Text: ask, Options: options}, readOption)
}

// ChooseFrom is Choose with the whole message: a map pin, a file, private.
func (t *Talk) ChooseFrom(name string, m Message) string { return question(t, name, m, readOption) }

func (t *Talk) yes() Option {
	return Option{Answer: "yes", Label: t.Line("bot.yes"), Style: "main"}
}
func (t *Talk) no() Option { return Option{Answer: "no", Label: t.Line("bot.no")} }

// Text asks for words. A check returns the words to complain with, or nil; checks are pure.
func (t *Talk) Text(name string, ask Text, checks ...func(string) Text) string {
	return t.TextOr(name, Message{Text: ask}, checks...)
}

// TextOr asks for words and offers options beside them (for instance "Skip"): it returns the words, or the Answer of
// the option that was picked.
func (t *Talk) TextOr(name string, m Message, checks ...func(string) Text) string {
	return t.textOr(name, m, numbersShown, checks...)
}

func (t *Talk) textOr(name string, m Message, n numbers, checks ...func(string) Text) string {
	return question(t, name, m, func(t *Talk, m Message, u *Update) (string, string, Text) {
		if len(m.Options) > 0 {
			answer, shown, wrong := t.readOption(m, u, n)
			if wrong == nil || u.Kind == UpdatePress {
				return answer, shown, wrong
			}
		}
		words := strings.TrimSpace(u.Text)
		if u.Kind != UpdateText || words == "" {
			return "", "", t.Words("bot.wrong.words")
		}
		for _, check := range checks {
			if wrong := check(words); wrong != nil {
				return "", "", wrong
			}
		}
		return words, words, nil
	})
}

// Place asks where; it returns what was typed (a postcode, a place), or the coarse point that was shared.
func (t *Talk) Place(name string, ask Text) Where {
	return question(t, name, Message{Text: ask}, func(t *Talk, _ Message, u *Update) (Where, string, Text) {
		switch {
		case u.Kind == UpdatePlace && u.Near != nil:
			return Where{Near: u.Near}, t.Line("bot.where.shared"), nil
		case u.Kind == UpdateText && strings.TrimSpace(u.Text) != "":
			words := strings.TrimSpace(u.Text)
			return Where{Words: words}, words, nil
		}
		return Where{}, "", t.Words("bot.wrong.place")
	})
}

// Where is an answer to Place: words or a point.
type Where struct {
	Words string          `json:"words,omitempty"`
	Near  *handrail.Point `json:"near,omitempty"`
}

// UnmarshalJSON reads what Where writes, and a plain string as words: so an opening can answer a Place in advance.
func (w *Where) UnmarshalJSON(raw []byte) error {
	type plain Where
	if len(raw) > 0 && raw[0] == '"' {
		*w = Where{}
		return json.Unmarshal(raw, &w.Words)
	}
	return json.Unmarshal(raw, (*plain)(w))
}

// Form asks several things at once and returns the values by field name, checked. Where the channel has no forms the
// fields are asked one by one, under "name.field".
func (t *Talk) Form(name string, ask Text, f Form) map[string]string {
	if !t.limits.Forms {
		return t.formByQuestions(name, ask, f)
	}
	m := Message{Text: ask, Form: &f}
	return question(t, name, m, func(t *Talk, m Message, u *Update) (map[string]string, string, Text) {
		if u.Kind != UpdateForm {
			return nil, "", t.Words("bot.wrong.form")
		}
		if found := f.Check(u.Fields); found != nil {
			wrong := t.Words("bot.form.wrong")
			for _, field := range f.Fields {
				if p := found[field.Name]; p != ProblemNone {
					line := field.Wrong
					if line == "" || p == ProblemMissing || p == ProblemLong {
						line = t.Line("bot.form."+string(p), "max", strconv.Itoa(field.MaxChars))
					}
					wrong = append(wrong, Block{Item: true, Spans: []Span{{Text: field.Label + ": " + line}}})
				}
			}
			return nil, "", wrong
		}
		values := make(map[string]string, len(f.Fields))
		for _, field := range f.Fields {
			values[field.Name] = strings.TrimSpace(u.Fields[field.Name])
		}
		return values, f.Title, nil
	})
}

func (t *Talk) formByQuestions(name string, ask Text, f Form) map[string]string {
	t.Say(ask)
	values := make(map[string]string, len(f.Fields))
	for _, field := range f.Fields {
		label := Para(field.Label)
		if field.Hint != "" {
			label = append(label, Para(field.Hint)...)
		}
		options, n := t.fieldOptions(field)
		value := t.textOr(name+"."+field.Name, Message{Text: label, Options: options}, n, func(s string) Text {
			switch {
			case field.Kind == FieldTick && field.Required:
				return t.Words("bot.form." + string(ProblemMissing))
			case field.Kind == FieldTick, field.Check(s) != ProblemNone && field.Wrong == "":
				return t.Words("bot.wrong.value")
			case field.Check(s) != ProblemNone:
				return Para(field.Wrong)
			}
			return nil
		})
		if !field.Required && (value == "-" || (field.Kind == FieldTick && value == "no")) {
			value = ""
		}
		values[field.Name] = value
	}
	return values
}

// fieldOptions are the options beside the question that stands for a field, and how typed numbers are read.
func (t *Talk) fieldOptions(field Field) (options []Option, n numbers) {
	switch field.Kind {
	case FieldChoice:
		return t.withSkip(field, slices.Clone(field.Options)), numbersAlways
	case FieldTick:
		if field.Required {
			return []Option{t.yes()}, numbersShown // it must be ticked: there is no other answer
		}
		return []Option{t.yes(), t.no()}, numbersShown
	case FieldNumber:
		n = numbersNever // a number is the value
	}
	if field.Value != "" && field.Check(field.Value) == ProblemNone {
		options = append(options, Option{Answer: field.Value, Label: cut(field.Value, 40)})
	}
	return t.withSkip(field, options), n
}

func (t *Talk) withSkip(field Field, options []Option) []Option {
	if field.Required {
		return options
	}
	return append(options, Option{Answer: "-", Label: t.Line("bot.skip")})
}

// Look reads the world. fn runs once in a run; every replay reads its result, until an answer before it is changed. An
// error ends the dialog with the error's own sentence, or a polite line.
func Look[T any](t *Talk, key string, fn func(ctx context.Context) (T, error)) T {
	var out T
	t.use(key)
	if i := t.run.find(key); i >= 0 {
		decodeEntry(t, &t.run.Log[i], &out)
		return out
	}
	out, err := fn(t.ctx)
	if err != nil {
		panic(fault{fmt.Errorf("look %q: %w", key, err)})
	}
	raw, err := json.Marshal(out)
	if err != nil {
		panic(fault{fmt.Errorf("look %q: encode: %w", key, err)})
	}
	t.run.Log = append(t.run.Log, entry{Kind: entryLook, Name: key, Value: raw, At: t.now})
	// What a replay would read is what the first run reads: through JSON.
	var again T
	decodeEntry(t, &t.run.Log[len(t.run.Log)-1], &again)
	return again
}

// Do changes the world, once, whatever crashes: fn and its result commit in one transaction under this run and key, and
// every replay reads the result. The context given to fn carries the transaction; nothing else may be used in it. Do is
// a barrier: "back" stops there and says what undo says (a catalogue key, or "" for a plain line).
func Do[T any](t *Talk, key, undo string, fn func(ctx context.Context) (T, error)) T {
	var out T
	t.use(key)
	if i := t.run.find(key); i >= 0 {
		decodeEntry(t, &t.run.Log[i], &out)
		return out
	}
	raw, err := t.bot.ledger.Once(t.ctx, t.run.ID, key, func(ctx context.Context) ([]byte, error) {
		result, err := fn(ctx)
		if err != nil {
			return nil, err
		}
		return json.Marshal(result)
	})
	if err != nil {
		panic(fault{fmt.Errorf("do %q: %w", key, err)})
	}
	e := entry{Kind: entryDone, Name: key, Value: raw, At: t.now}
	if undo != "" {
		e.Undo = t.Line(undo)
	}
	t.run.Log = append(t.run.Log, e)
	decodeEntry(t, &t.run.Log[len(t.run.Log)-1], &out)
	return out
}

func decodeEntry[T any](t *Talk, e *entry, out *T) {
	if err := json.Unmarshal(e.Value, out); err != nil {
		panic(fault{fmt.Errorf("read %q of an earlier turn: %w", e.Name, err)})
	}
	if e.At.After(t.at) {
		t.at = e.At
	}
}

func (t *Talk) use(name string) {
	if t.used[name] {
		panic(fault{fmt.Errorf("dialog %s uses the name %q twice in one run", t.run.Dialog, name)})
	}
	t.used[name] = true
}

// question is every question: read the answer that is there, take the input, or ask and stop.
func question[T any](t *Talk, name string, m Message, read func(*Talk, Message, *Update) (T, string, Text)) T {
	t.use(name)
	var out T
	if i := t.run.find(name); i >= 0 {
		decodeEntry(t, &t.run.Log[i], &out)
		if !t.fresh {
			t.out = t.out[:0] // said in an earlier turn
		}
		return out
	}
	m = m.Clone() // a script may share its list with other conversations
	for i, o := range m.Choices() {
		if o.Press == nil && o.Link == "" {
			o.Payload = t.payload(name, i)
		}
	}
	if m.Form != nil {
		m.Form.Token = t.payload(name, 0)
	}
	if u := t.input; u != nil {
		t.input = nil
		switch {
		case u.Kind == UpdatePress && !t.mine(name, u.Choice), u.Kind == UpdateForm && !t.mine(name, u.Form):
			t.out = append(t.out[:0], Message{Text: t.Words("bot.moved_on")})
		default:
			value, shown, wrong := read(t, m, u)
			if wrong == nil {
				raw, err := json.Marshal(value)
				if err != nil {
					panic(fault{fmt.Errorf("answer %q: encode: %w", name, err)})
				}
				t.run.Log = append(t.run.Log, entry{Kind: entryAnswer, Name: name, Value: raw, At: t.now, Shown: shown})
				t.at, t.fresh = t.now, true
				t.out = t.out[:0]
				decodeEntry(t, &t.run.Log[len(t.run.Log)-1], &out)
				return out
			}
			t.refused = true
			t.out = append(t.out[:0], Message{Text: wrong})
			m = m.again()
			if u.Kind == UpdateForm && m.Form != nil {
				filled := *m.Form
				filled.Fields = append([]Field(nil), filled.Fields...)
				for i := range filled.Fields {
					filled.Fields[i].Value = u.Fields[filled.Fields[i].Name]
				}
				m.Form = &filled
			}
		}
	}
	t.out = append(t.out, m)
	panic(pause{})
}

// payload is the button of option i of a question: it counts only while that very question is open.
func (t *Talk) payload(name string, i int) string {
	return "q~" + strconv.FormatInt(t.run.Turn, 36) + "~" + t.mark(name) + "~" + strconv.Itoa(i)
}

func (t *Talk) mark(name string) string {
	h := fnv.New32a()
	h.Write([]byte(t.run.Dialog + "\x00" + name))
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

func (t *Talk) mine(name, payload string) bool {
	prefix := t.payload(name, 0)
	prefix = prefix[:len(prefix)-1]
	return strings.HasPrefix(payload, prefix)
}

// numbers says when a typed number picks an option.
type numbers int

const (
	numbersShown  numbers = iota // only where the options are numbered before the person's eyes
	numbersAlways                // everywhere
	numbersNever                 // a number is an answer of its own
)

func readOption(t *Talk, m Message, u *Update) (string, string, Text) {
	answer, shown, wrong := t.readOption(m, u, numbersAlways)
	if wrong != nil && u.Kind == UpdateText {
		if o, ok := t.heardOption(m.Options, u.Text); ok {
			return o.Answer, o.Label, nil
		}
	}
	return answer, shown, wrong
}

// readOption reads a press or typed words as one of the options.
func (t *Talk) readOption(m Message, u *Update, n numbers) (string, string, Text) {
	if u.Kind == UpdatePress {
		i, err := strconv.Atoi(u.Choice[strings.LastIndexByte(u.Choice, '~')+1:])
		all := m.Choices()
		if err != nil || i < 0 || i >= len(all) || all[i].Press != nil || all[i].Link != "" {
			return "", "", t.Words("bot.moved_on")
		}
		return all[i].Answer, all[i].Label, nil
	}
	if u.Kind == UpdateText {
		if o, ok := t.match(m, u.Text, n); ok {
			return o.Answer, o.Label, nil
		}
	}
	return "", "", t.Words("bot.wrong.option")
}

// match finds the one option that typed words mean: its number, label or answer, or a word for yes or no. Where the
// numbers are shown they go before labels; elsewhere a label that is a number means itself.
func (t *Talk) match(m Message, text string, n numbers) (Option, bool) {
	said := fold(text)
	if said == "" {
		return Option{}, false
	}
	options := m.Options
	if len(m.Cards) > 0 {
		options = m.flat().Options
	}
	shown := m.numbers(t.limits)
	if shown && n != numbersNever {
		if o, ok := byNumber(options, said); ok {
			return o, true
		}
	}
	for _, o := range options {
		if o.Press != nil || o.Link != "" {
			continue // works on its own: it is no answer
		}
		if said == fold(o.Answer) || said == fold(o.Label) && (len(m.Cards) == 0 || !twice(options, o)) {
			return o, true
		}
		for _, key := range []string{"yes", "no"} {
			if o.Answer == key && oneOf(said, t.Line("bot.words."+key)) {
				return o, true
			}
		}
	}
	if n == numbersAlways && (len(m.Cards) == 0 || shown) {
		return byNumber(options, said)
	}
	return Option{}, false
}

// twice reports whether several options have this label, as on cards: typed, it means none of them.
func twice(options []Option, o Option) bool {
	n := 0
	for _, other := range options {
		if fold(other.Label) == fold(o.Label) {
			n++
		}
	}
	return n > 1
}

// byNumber is the option a typed number means: the one whose label begins with it, where labels are numbered (a second
// page of a list begins with 6), else the one at that place.
func byNumber(options []Option, said string) (Option, bool) {
	n, err := strconv.Atoi(strings.TrimSuffix(said, "."))
	if err != nil {
		return Option{}, false
	}
	prefix, numbered := strconv.Itoa(n)+". ", false
	for _, o := range options {
		if o.Press != nil || o.Link != "" {
			continue
		}
		if strings.HasPrefix(o.Label, prefix) {
			return o, true
		}
		if head, _, found := strings.Cut(o.Label, ". "); found {
			_, err := strconv.Atoi(head)
			numbered = numbered || err == nil
		}
	}
	if numbered || n < 1 || n > len(options) || options[n-1].Press != nil || options[n-1].Link != "" {
		return Option{}, false
	}
	return options[n-1], true
}

// fold makes typed words comparable: lower case, single spaces, no full stop or exclamation mark around them, nothing
// that cannot be seen, and a thumb of any colour as the plain one.
func fold(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			s = strings.Map(visible, s)
			break
		}
	}
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	return strings.Trim(s, " .!?,'\"")
}

// visible drops format characters, variation selectors and skin tones.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) || (r >= 0xfe00 && r <= 0xfe0f) || (r >= 0x1f3fb && r <= 0x1f3ff) {
		return -1
	}
	return r
}

// oneOf reports whether said is one of the words of a catalogue line, apart by "|".
func oneOf(said, line string) bool {
	for _, w := range strings.Split(line, "|") {
		if said == fold(w) || strings.TrimSpace(w) == said {
			return true
		}
	}
	return false
}

// play runs the script to its next question or its end.
func (t *Talk) play(script func(*Talk) error) (ended bool, next *opening, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case pause:
			ended, next, err = false, nil, nil
		case fault:
			ended, next, err = false, nil, p.err
		default:
			ended, next, err = false, nil, &panicked{value: p}
		}
	}()
	err = script(t)
	var th *then
	if errors.As(err, &th) {
		return true, &th.opening, nil
	}
	return true, nil, err
}

// panicked is a programming error in a script. Its value is not in the text: it may hold what a person wrote.
type panicked struct{ value any }

func (p *panicked) Error() string { return fmt.Sprintf("a script panicked with a %T", p.value) }
