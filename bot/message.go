package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"handrail"
)

// Message is what goes out, as intent and not as widgets. Each channel renders it in its own way, and Fit makes it fit
// the channel's limits first.
type Message struct {
	Text    Text     `json:"text,omitempty"`
	Options []Option `json:"options,omitempty"` // pick one of these
	Form    *Form    `json:"form,omitempty"`    // or answer this at once
	Files   []File   `json:"files,omitempty"`
	Place   *Place   `json:"place,omitempty"`
	// Cards are shown below the text, each with buttons of its own; Options come after them.
	Cards []Card `json:"cards,omitempty"`
	// Replaces is the key of an earlier envelope to the same address. Where the channel can edit, the message takes the
	// place of what that one became, so that a list of work stays one post; elsewhere, or where that post is gone, it is
	// sent as a new one.
	Replaces string `json:"replaces,omitempty"`
	// Erases is a message of the person's own (Update.Ref) that is taken away before this one is said; where it cannot be,
	// they are told so instead. Only for a channel that is an Eraser.
	Erases Ref `json:"erases,omitempty"`
	// Again is what is said instead, with the same options and nothing else, where a question is asked again at once: it could
	// not take an answer, or something was answered beside it. Nil says all of it again.
	Again Text `json:"-"`
	// Private is set on a message about a patient to staff: it must never appear in a public channel (C10).
	Private bool `json:"private,omitempty"`
}

// again is how a question is asked again soon after it was asked.
func (m Message) again() Message {
	if m.Again == nil {
		return m
	}
	return Message{Text: m.Again, Options: m.Options, Private: m.Private}
}

// Card is one of several things that are shown together: a group that was found, a patient of a caseload. Its buttons may
// work on their own (Press, Link) or answer the question that the message asks.
type Card struct {
	Text    Text     `json:"text"`
	Options []Option `json:"options,omitempty"`
	Picture *File    `json:"picture,omitempty"`
}

// Choices are all options of the message, its own before its cards': the order in which they are numbered and in which
// their payloads count. The pointers are into the message.
func (m *Message) Choices() []*Option {
	out := make([]*Option, 0, len(m.Options))
	for i := range m.Options {
		out = append(out, &m.Options[i])
	}
	for i := range m.Cards {
		for j := range m.Cards[i].Options {
			out = append(out, &m.Cards[i].Options[j])
		}
	}
	return out
}

// Clone returns the message with lists of options and cards of its own, so that sealing its buttons for one address does
// not change what others were given.
func (m Message) Clone() Message {
	m.Options = slices.Clone(m.Options)
	m.Cards = slices.Clone(m.Cards)
	for i := range m.Cards {
		m.Cards[i].Options = slices.Clone(m.Cards[i].Options)
	}
	return m
}

// Text is a sequence of blocks. What comes from a person or a feed goes into spans as it is and is never read as
// markup, whatever characters it has (B18, B19).
type Text []Block

// Block is one paragraph, or one item of a list.
type Block struct {
	Item  bool   `json:"item,omitempty"`
	Spans []Span `json:"spans"`
}

// Span is a run of characters in one style.
type Span struct {
	Text   string `json:"text"`
	Strong bool   `json:"strong,omitempty"`
	Link   string `json:"link,omitempty"` // an https address, or empty
}

// Para makes a text of one plain paragraph.
func Para(s string) Text { return Text{{Spans: []Span{{Text: s}}}} }

// Plain returns the text without styles: paragraphs apart by an empty line, list items as "- item" lines.
func (t Text) Plain() string {
	var b strings.Builder
	for i, block := range t {
		if i > 0 {
			b.WriteByte('\n')
			if !block.Item || !t[i-1].Item {
				b.WriteByte('\n')
			}
		}
		if block.Item {
			b.WriteString("- ")
		}
		for _, s := range block.Spans {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// Option is one thing to pick.
type Option struct {
	// Answer is the value that the script gets; short, stable, never shown.
	Answer string `json:"answer,omitempty"`
	Label  string `json:"label"`
	// Press, when set, makes a button that works on its own, long after the message was sent.
	Press *Press `json:"press,omitempty"`
	// Payload is what the channel's button carries and gives back as Update.Choice. The engine fills it in, at most 64
	// bytes of ASCII.
	Payload string `json:"payload,omitempty"`
	// Style is a hint: "" plain, "main" the expected choice, "urgent" the way to urgent help.
	Style string `json:"style,omitempty"`
	// Link, when set, makes the option open this address instead of answering.
	Link string `json:"link,omitempty"`
}

// Press is what a button that works on its own means: run this dialog about this subject with this answer.
type Press struct {
	Dialog  string `json:"dialog"`
	Subject string `json:"subject"`
	Answer  string `json:"answer"`
}

// File is a file to hand over, small enough to keep in the outbox (1 MB).
type File struct {
	Name string `json:"name"`
	MIME string `json:"mime"`
	Data []byte `json:"data"`
	Alt  string `json:"alt,omitempty"` // what it shows, for those who cannot see it
	// Link is a public address of the same picture, for a channel that shows pictures by their address (Limits.Pictures);
	// Data may then be empty.
	Link string `json:"link,omitempty"`
}

// Place is a pin on a map.
type Place struct {
	Name    string         `json:"name"`
	Address string         `json:"address"`
	At      handrail.Point `json:"at"`
}

// Form is a set of fields to fill in at once, at most seven. A channel that has no forms asks them one by one.
type Form struct {
	// Token comes back as Update.Form; the engine fills it in.
	Token  string  `json:"token,omitempty"`
	Title  string  `json:"title"`
	Submit string  `json:"submit"` // the label of the button that sends it
	Fields []Field `json:"fields"`
}

// Field is one field of a form, with its checks. The checks are pure, so that an adapter can run them before it
// acknowledges; what needs the records is answered by message.
type Field struct {
	Name     string    `json:"name"`
	Label    string    `json:"label"`
	Hint     string    `json:"hint,omitempty"`
	Kind     FieldKind `json:"kind"`
	Required bool      `json:"required,omitempty"`
	Value    string    `json:"value,omitempty"`   // prefilled
	Options  []Option  `json:"options,omitempty"` // of a choice: Answer and Label
	MaxChars int       `json:"max_chars,omitempty"`
	Min      int       `json:"min,omitempty"` // of a number, when Min < Max
	Max      int       `json:"max,omitempty"`
	Pattern  string    `json:"pattern,omitempty"` // RE2, for the whole value
	// Wrong is the sentence for a value that Pattern, Min or Max refuses.
	Wrong string `json:"wrong,omitempty"`
}

// FieldKind is what a field takes.
type FieldKind string

// The kinds of field.
const (
	FieldLine   FieldKind = "line"   // one line of text
	FieldWords  FieldKind = "words"  // several lines
	FieldNumber FieldKind = "number" // a whole number
	FieldChoice FieldKind = "choice" // one of Options
	FieldTick   FieldKind = "tick"   // "yes" or ""; required means it must be ticked
)

// Problem is why a field's value cannot be taken: which check it failed, so that the words for it can come from a
// catalogue.
type Problem string

// The problems a check can find.
const (
	ProblemNone    Problem = ""
	ProblemMissing Problem = "missing"
	ProblemLong    Problem = "long"
	ProblemNumber  Problem = "number"
	ProblemRange   Problem = "range"
	ProblemPattern Problem = "pattern"
	ProblemOption  Problem = "option"
)

// Check finds what is wrong with a value. It is pure. Surrounding space does not count.
func (f Field) Check(value string) Problem {
	value = strings.TrimSpace(value)
	if value == "" {
		if f.Required {
			return ProblemMissing
		}
		return ProblemNone
	}
	if f.MaxChars > 0 && utf8.RuneCountInString(value) > f.MaxChars {
		return ProblemLong
	}
	switch f.Kind {
	case FieldNumber:
		n, err := strconv.Atoi(value)
		if err != nil {
			return ProblemNumber
		}
		if f.Min < f.Max && (n < f.Min || n > f.Max) {
			return ProblemRange
		}
	case FieldChoice:
		for _, o := range f.Options {
			if o.Answer == value {
				return ProblemNone
			}
		}
		return ProblemOption
	case FieldTick:
		if value != "yes" {
			return ProblemOption
		}
	}
	if f.Pattern != "" {
		re, err := regexp.Compile(`\A(?:` + f.Pattern + `)\z`)
		if err != nil || !re.MatchString(value) {
			return ProblemPattern
		}
	}
	return ProblemNone
}

// Check finds what is wrong with the values, by field name; nil when nothing is.
func (f Form) Check(values map[string]string) map[string]Problem {
	var found map[string]Problem
	for _, field := range f.Fields {
		if p := field.Check(values[field.Name]); p != ProblemNone {
			if found == nil {
				found = map[string]Problem{}
			}
			found[field.Name] = p
		}
	}
	return found
}
