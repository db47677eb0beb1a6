package bottest

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"handrail"
	"handrail/bot"
)

// Entry is one entry of a transcript: a comment, an empty line, a move of the clock, what a person did, what a person
// was shown, or the records at the end. Parse and Write are each other's inverse on it.
type Entry struct {
	Line int // where it begins in the file, from 1; 0 when it was not read from one
	Kind EntryKind
	// Role is who: GP, PATIENT, BUDDY, LINKWORKER. Capitals and digits.
	Role string
	// Text is the comment behind "#", the words behind "==", what was typed, or the message's plain text.
	Text string
	// Update is what kind of update a person's entry is; empty means text.
	Update bot.UpdateKind
	// Press is the label of the button that was pressed; Old asks for the first one with this label instead of the
	// newest, and Twice presses it twice.
	Press      string
	Old, Twice bool
	// Fields are the values of a form that was sent in.
	Fields []Pair
	// Near is a place that was shared.
	Near *handrail.Point
	// Buttons are the labels under a message.
	Buttons []string
	// Form is the form in a message; Place and Files stand for a map pin and files.
	Form  *FormLine
	Place string
	Files []string
	// Records are the lines of the records section.
	Records []string
}

// Pair is one field of a form and its value.
type Pair struct{ Name, Value string }

// FormLine is a form as a transcript shows it.
type FormLine struct {
	Title  string
	Fields []string
}

// EntryKind says what an entry is.
type EntryKind string

// The kinds of entry.
const (
	EntryComment EntryKind = "comment"
	EntryBlank   EntryKind = "blank"
	EntryClock   EntryKind = "clock"
	EntrySaid    EntryKind = "said"    // by a person
	EntryShown   EntryKind = "shown"   // to a person
	EntryRecords EntryKind = "records" // only at the end
)

const indent = "    "

// ShownEntry is a message that a person was shown, as an entry.
func ShownEntry(role string, m bot.Message) Entry {
	e := Entry{Kind: EntryShown, Role: role, Text: tidyLines(m.Text.Plain())}
	for _, o := range m.Options {
		e.Buttons = append(e.Buttons, oneLine(o.Label))
	}
	if m.Form != nil {
		e.Form = &FormLine{Title: oneLine(m.Form.Title)}
		for _, f := range m.Form.Fields {
			e.Form.Fields = append(e.Form.Fields, f.Name)
		}
	}
	if m.Place != nil {
		e.Place = oneLine(m.Place.Name + ", " + m.Place.Address)
	}
	for _, f := range m.Files {
		e.Files = append(e.Files, oneLine(f.Name))
	}
	return e
}

// Write writes entries as a transcript. What cannot be shown in a line of text (control characters, spaces at the end of
// a line) is left out.
func Write(w io.Writer, entries []Entry) error {
	b := bufio.NewWriter(w)
	for _, e := range entries {
		for _, line := range e.lines() {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write a transcript: %w", err)
	}
	return nil
}

// lines are the lines of the file that the entry is.
func (e Entry) lines() []string {
	switch e.Kind {
	case EntryBlank:
		return []string{""}
	case EntryComment:
		return []string{strings.TrimRight("#"+oneLineKeep(e.Text), " ")}
	case EntryClock:
		return []string{"== " + oneLine(e.Text)}
	case EntryRecords:
		out := []string{"records:"}
		for _, r := range e.Records {
			out = append(out, textLines("", "\n"+oneLineKeep(r))[1])
		}
		return out
	case EntrySaid:
		return e.saidLines()
	}
	out := textLines("-> "+e.Role+":", e.Text)
	var things []string
	if e.Place != "" {
		things = append(things, "(place: "+guardClose(e.Place, ")")+")")
	}
	for _, f := range e.Files {
		things = append(things, "(file: "+guardClose(f, ")")+")")
	}
	if len(things) > 0 {
		out = append(out, indent+strings.Join(things, "  "))
	}
	if e.Form != nil {
		out = append(out, indent+"{form: "+guardClose(e.Form.Title, "|}")+" | "+strings.Join(e.Form.Fields, ", ")+"}")
	}
	if len(e.Buttons) > 0 {
		labels := make([]string, len(e.Buttons))
		for i, l := range e.Buttons {
			labels[i] = "[" + guardClose(l, "]") + "]"
		}
		out = append(out, indent+strings.Join(labels, " "))
	}
	return out
}

func (e Entry) saidLines() []string {
	head := e.Role + ":"
	switch cmp.Or(e.Update, bot.UpdateText) {
	case bot.UpdatePress:
		line := head + " [" + guardClose(e.Press, "]") + "]"
		if e.Old {
			line += " (old)"
		}
		if e.Twice {
			line += " twice"
		}
		return []string{line}
	case bot.UpdateForm:
		pairs := make([]string, len(e.Fields))
		for i, p := range e.Fields {
			pairs[i] = p.Name + "=" + valueEscaper.Replace(p.Value)
		}
		return []string{head + " {" + strings.Join(pairs, "; ") + "}"}
	case bot.UpdatePlace:
		return []string{head + " (near " + strconv.FormatFloat(e.Near.Lat, 'f', -1, 64) + "," + strconv.FormatFloat(e.Near.Lon, 'f', -1, 64) + ")"}
	case bot.UpdateText:
		text := tidyLines(e.Text)
		if text != "" && strings.ContainsRune(`[{(\`, rune(text[0])) {
			text = `\` + text
		}
		return textLines(head, text)
	default:
		return textLines(head+" ("+string(e.Update)+")", e.Text)
	}
}

// textLines writes a text behind a head, its further lines indented. A further line that would read as something else
// begins with a backslash.
func textLines(head, text string) []string {
	lines := strings.Split(tidyLines(text), "\n")
	out := []string{strings.TrimRight(head+" "+lines[0], " ")}
	for _, l := range lines[1:] {
		switch {
		case l == "":
			l = "."
		case l == ".", strings.HasPrefix(l, `\`), strings.HasPrefix(l, " "), strings.HasPrefix(l, "\t"), isButtons(l), isForm(l), isThings(l):
			l = `\` + l
		}
		out = append(out, indent+l)
	}
	return out
}

// guardClose puts a backslash before backslashes and before what would end the text too early.
func guardClose(s, closers string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if r == '\\' || strings.ContainsRune(closers, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

var valueEscaper = strings.NewReplacer(`\`, `\\`, ";", `\;`, "}", `\}`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// Parse reads a transcript. An error names the line.
func Parse(r io.Reader) ([]Entry, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read a transcript: %w", err)
	}
	if len(raw) == 0 {
		return nil, nil
	}
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n"), "\n")
	var out []Entry
	for i := 0; i < len(lines); {
		n := i + 1
		for n < len(lines) && strings.HasPrefix(lines[n], indent) {
			n++
		}
		e, err := parseEntry(lines[i], lines[i+1:n])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if len(out) > 0 && out[len(out)-1].Kind == EntryRecords && e.Kind != EntryBlank && e.Kind != EntryComment {
			return nil, fmt.Errorf("line %d: nothing comes after the records", i+1)
		}
		e.Line = i + 1
		out = append(out, e)
		i = n
	}
	return out, nil
}

// parseEntry reads one entry: its first line and the indented ones below.
func parseEntry(head string, more []string) (Entry, error) {
	head = strings.TrimRight(head, " \t")
	below := make([]string, len(more))
	for i, l := range more {
		below[i] = strings.TrimRight(strings.TrimPrefix(l, indent), " \t")
	}
	alone := func(e Entry) (Entry, error) {
		if len(below) > 0 {
			return e, errors.New("an indented line belongs under something that was said or shown")
		}
		return e, nil
	}
	switch {
	case head == "":
		return alone(Entry{Kind: EntryBlank})
	case strings.HasPrefix(head, "#"):
		return alone(Entry{Kind: EntryComment, Text: head[1:]})
	case strings.HasPrefix(head, "=="):
		return alone(Entry{Kind: EntryClock, Text: strings.TrimSpace(head[2:])})
	case head == "records:":
		e := Entry{Kind: EntryRecords}
		for _, l := range below {
			e.Records = append(e.Records, unescape(l))
		}
		return e, nil
	case strings.HasPrefix(head, "-> "):
		role, text, err := roleAnd(head[3:])
		if err != nil {
			return Entry{}, err
		}
		return parseShown(Entry{Kind: EntryShown, Role: role}, text, below)
	}
	role, text, err := roleAnd(head)
	if err != nil {
		return Entry{}, err
	}
	return parseSaid(Entry{Kind: EntrySaid, Role: role, Update: bot.UpdateText}, text, below)
}

func roleAnd(s string) (role, text string, err error) {
	role, text, ok := strings.Cut(s, ":")
	if !ok || role == "" || strings.ContainsFunc(role, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return "", "", errors.New(`want "ROLE: words", "-> ROLE: words", "== time", "# comment" or "records:"`)
	}
	return role, strings.TrimPrefix(text, " "), nil
}

func parseShown(e Entry, text string, below []string) (Entry, error) {
	// What is not words stands last and in this order: pins and files, a form, buttons.
	last := func() string {
		if len(below) == 0 {
			return ""
		}
		return below[len(below)-1]
	}
	if isButtons(last()) {
		e.Buttons, _ = buttons(last())
		below = below[:len(below)-1]
	}
	if isForm(last()) {
		e.Form, _ = formLine(last())
		below = below[:len(below)-1]
	}
	if isThings(last()) {
		e.Place, e.Files, _ = things(last())
		below = below[:len(below)-1]
	}
	e.Text = joinText(text, below)
	return e, nil
}

// joinText puts a text together again.
func joinText(first string, below []string) string {
	lines := []string{first}
	for _, l := range below {
		lines = append(lines, unescape(l))
	}
	return strings.Join(lines, "\n")
}

// unescape reads an indented line.
func unescape(l string) string {
	if l == "." {
		return ""
	}
	return strings.TrimPrefix(l, `\`)
}

func parseSaid(e Entry, text string, below []string) (Entry, error) {
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		if len(below) > 0 {
			return e, errors.New("a press and a form are one line")
		}
	}
	switch {
	case strings.HasPrefix(text, `\`):
		e.Text = joinText(text[1:], below)
	case strings.HasPrefix(text, "["):
		label, rest, ok := bracketed(text[1:], ']')
		if !ok {
			return e, errors.New("a press wants a closing bracket; typed words that begin with a bracket want a backslash before it")
		}
		e.Update, e.Press = bot.UpdatePress, label
		rest, e.Twice = strings.CutSuffix(rest, " twice")
		rest, e.Old = strings.CutSuffix(rest, " (old)")
		if rest != "" {
			return e, fmt.Errorf(`%q does not belong behind a press; " (old)" and " twice" do`, rest)
		}
	case strings.HasPrefix(text, "{"):
		e.Update = bot.UpdateForm
		var err error
		e.Fields, err = pairs(text)
		return e, err
	case strings.HasPrefix(text, "("):
		return parseOther(e, text, below)
	default:
		e.Text = joinText(text, below)
	}
	return e, nil
}

// parseOther reads what a person did that is neither words nor a press: "(near 51.88,-0.42)", "(edited) words".
func parseOther(e Entry, text string, below []string) (Entry, error) {
	what, rest, ok := strings.Cut(text[1:], ")")
	if !ok {
		return e, errors.New("a bracket is not closed; typed words that begin with one want a backslash before it")
	}
	for _, prefix := range []string{"near ", "place: "} {
		at, ok := strings.CutPrefix(what, prefix)
		if !ok {
			continue
		}
		lat, lon, _ := strings.Cut(at, ",")
		p := handrail.Point{}
		var err1, err2 error
		p.Lat, err1 = strconv.ParseFloat(strings.TrimSpace(lat), 64)
		p.Lon, err2 = strconv.ParseFloat(strings.TrimSpace(lon), 64)
		if err := errors.Join(err1, err2); err != nil || rest != "" || len(below) > 0 || p.Lat != p.Lat || p.Lon != p.Lon {
			return e, errors.New(`want "(near 51.88,-0.42)"`)
		}
		e.Update, e.Near = bot.UpdatePlace, &p
		return e, nil
	}
	kind := bot.UpdateKind(what)
	if !slices.Contains([]bot.UpdateKind{bot.UpdateEdited, bot.UpdateUnread, bot.UpdateGroup, bot.UpdateContact, bot.UpdateLeft, bot.UpdateReturned}, kind) {
		return e, fmt.Errorf("a person cannot do %q; typed words that begin with a bracket want a backslash before it", what)
	}
	e.Update, e.Text = kind, joinText(strings.TrimPrefix(rest, " "), below)
	return e, nil
}

// pairs reads "{a=b; c=d}".
func pairs(text string) ([]Pair, error) {
	var out []Pair
	var cur strings.Builder
	add := func() error {
		name, value, ok := strings.Cut(cur.String(), "=")
		if !ok || strings.TrimSpace(name) == "" {
			return errors.New(`want "{field=value; field=value}"`)
		}
		out = append(out, Pair{Name: strings.TrimSpace(name), Value: value})
		cur.Reset()
		return nil
	}
	if text == "{}" {
		return nil, nil
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			if text[i] == 'n' {
				cur.WriteByte('\n')
			} else {
				cur.WriteByte(text[i])
			}
		case c == ';':
			if err := add(); err != nil {
				return nil, err
			}
		case c == '}':
			if text[i+1:] != "" {
				return nil, errors.New("nothing comes behind a form")
			}
			return out, add()
		default:
			cur.WriteByte(c)
		}
	}
	return nil, errors.New("a form is not closed")
}

// bracketed reads up to an unescaped closer and returns what is behind it.
func bracketed(s string, closer byte) (inside, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == closer:
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

func isButtons(l string) bool { _, ok := buttons(l); return ok }
func isForm(l string) bool    { _, ok := formLine(l); return ok }
func isThings(l string) bool  { _, _, ok := things(l); return ok }

// buttons reads "[One] [Two]".
func buttons(l string) (labels []string, ok bool) {
	for {
		inside, found := strings.CutPrefix(l, "[")
		if !found {
			return nil, false
		}
		label, rest, closed := bracketed(inside, ']')
		if !closed {
			return nil, false
		}
		labels = append(labels, label)
		if rest == "" {
			return labels, true
		}
		if l, found = strings.CutPrefix(rest, " "); !found {
			return nil, false
		}
	}
}

// formLine reads "{form: Title | name, birth_year}".
func formLine(l string) (*FormLine, bool) {
	inside, ok := strings.CutPrefix(l, "{form: ")
	if !ok {
		return nil, false
	}
	title, rest, ok := bracketed(inside, '|')
	if !ok || !strings.HasSuffix(rest, "}") {
		return nil, false
	}
	f := &FormLine{Title: strings.TrimSpace(title)}
	for name := range strings.SplitSeq(strings.TrimSuffix(rest, "}"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			f.Fields = append(f.Fields, name)
		}
	}
	return f, true
}

// things reads "(place: Name, Address)  (file: name)".
func things(l string) (place string, files []string, ok bool) {
	for l != "" {
		if inside, found := strings.CutPrefix(l, "(place: "); found && place == "" && files == nil {
			if place, l, ok = bracketed(inside, ')'); !ok {
				return "", nil, false
			}
		} else if inside, found := strings.CutPrefix(l, "(file: "); found {
			var f string
			if f, l, ok = bracketed(inside, ')'); !ok {
				return "", nil, false
			}
			files = append(files, f)
		} else {
			return "", nil, false
		}
		l = strings.TrimLeft(l, " ")
	}
	return place, files, ok
}

// tidyLines drops what a line of a file cannot show.
func tidyLines(s string) string {
	lines := strings.Split(visible(s), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	return strings.Join(lines, "\n")
}

// oneLine makes one line of a text, with single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

// oneLineKeep makes one line of a text and keeps its spaces.
func oneLineKeep(s string) string { return strings.ReplaceAll(visible(s), "\n", " ") }

// visible drops control characters, so that no text can pass for another line of the file.
func visible(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\t') || (r >= 0x7f && r <= 0x9f) {
			return -1
		}
		return r
	}, s)
}
