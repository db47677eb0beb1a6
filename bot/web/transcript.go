package web

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"handrail/bot"
)

const (
	dayLayout   = "Monday 2 January 2006"
	clockLayout = "Monday 2 January 2006, 15:04"
)

// transcriptWriter writes a chat as the transcript runner reads it:
//
//	# a comment line
//	== Monday 2 November 2026, 09:00        the clock, when it has changed
//	GP: what's on near LU1 2AB              typed by a person; further lines are indented by four spaces
//	GP: [Refer somebody]                    a press
//	GP: {name=Frank; birth_year=1951}       a form
//	-> GP: first paragraph                  to that person; further lines are indented by four spaces
//	    .                                   an empty line
//	    - item
//	    (place: Name, Address)  (file: name)
//	    {form: Title | name, birth_year}
//	    [Option one] [Option two]
//
// A typed line that would read as a press or a form begins with a backslash.
type transcriptWriter struct {
	w      io.Writer
	labels map[string]string // by chat
	zone   *time.Location
	clock  string // the one that was written last
	err    error
}

func (t *transcriptWriter) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

// entry writes one entry; all is where forms are looked up.
func (t *transcriptWriter) entry(e entry, all []entry) {
	if clock := e.At.In(t.zone).Format(clockLayout); clock != t.clock {
		t.clock = clock
		t.printf("== %s\n", clock)
	}
	if e.Said != nil {
		t.lines(t.labels[e.Chat]+":", saidText(e.Said, formOf(all, e.Said.On)))
		return
	}
	m := e.Message
	t.lines("-> "+t.labels[e.Chat]+":", m.Text.Plain())
	var things []string
	if m.Place != nil {
		things = append(things, "(place: "+oneLine(m.Place.Name+", "+m.Place.Address)+")")
	}
	for _, f := range m.Files {
		things = append(things, "(file: "+oneLine(f.Name)+")")
	}
	if len(things) > 0 {
		t.printf("    %s\n", strings.Join(things, "  "))
	}
	if m.Form != nil {
		names := make([]string, len(m.Form.Fields))
		for i, f := range m.Form.Fields {
			names[i] = f.Name
		}
		t.printf("    {form: %s | %s}\n", oneLine(m.Form.Title), strings.Join(names, ", "))
	}
	if len(m.Options) > 0 {
		labels := make([]string, len(m.Options))
		for i, o := range m.Options {
			labels[i] = "[" + oneLine(o.Label) + "]"
		}
		t.printf("    %s\n", strings.Join(labels, " "))
	}
}

// lines writes a text behind a label, its further lines indented.
func (t *transcriptWriter) lines(label, text string) {
	for i, line := range strings.Split(printable(text), "\n") {
		line = strings.TrimRight(line, " \t")
		switch {
		case i == 0:
			t.printf("%s\n", strings.TrimRight(label+" "+line, " "))
		case line == "":
			t.printf("    .\n")
		default:
			t.printf("    %s\n", line)
		}
	}
}

// comment writes a text as comment lines.
func (t *transcriptWriter) comment(text string) {
	for line := range strings.SplitSeq(strings.TrimRight(printable(text), "\n"), "\n") {
		t.printf("%s\n", strings.TrimRight("# "+line, " "))
	}
}

// saidText is what a person did, as a transcript has it.
func saidText(s *said, form *bot.Form) string {
	switch s.Kind {
	case bot.UpdatePress:
		return "[" + oneLine(s.Picked) + "]"
	case bot.UpdateForm:
		return "{" + strings.Join(formPairs(s.Fields, form), "; ") + "}"
	case bot.UpdatePlace:
		if s.Near == nil {
			return "(place)"
		}
		return fmt.Sprintf("(place: %.2f, %.2f)", s.Near.Lat, s.Near.Lon)
	}
	if s.Text != "" && strings.ContainsRune(`[{(\`, rune(s.Text[0])) {
		return `\` + s.Text
	}
	return s.Text
}

// formPairs lists the values in the form's order, escaping what would end a value.
func formPairs(values map[string]string, form *bot.Form) []string {
	var names []string
	if form != nil {
		for _, f := range form.Fields {
			names = append(names, f.Name)
		}
	} else {
		for n := range values {
			names = append(names, n)
		}
		slices.Sort(names)
	}
	escape := strings.NewReplacer(`\`, `\\`, ";", `\;`, "}", `\}`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)
	var out []string
	for _, n := range names {
		if v := values[n]; v != "" {
			out = append(out, n+"="+escape.Replace(v))
		}
	}
	return out
}

// oneLine makes one line of a text.
func oneLine(s string) string { return strings.Join(strings.Fields(printable(s)), " ") }

// printable keeps lines apart and drops the other control characters, so that no text can pass for another line of the
// transcript or reach a terminal as a command.
func printable(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\t') || (r >= 0x7f && r <= 0x9f) {
			return -1
		}
		return r
	}, s)
}

// WriteTranscript writes what was said in a chat, or in all of them when chat is empty, as a transcript. records, when
// not empty, is put at the end as comments.
func (c *Channel) WriteTranscript(w io.Writer, chat, records string) error {
	_, all := c.phones.all()
	return c.writeTranscript(w, chat, records, all)
}

func (c *Channel) writeTranscript(w io.Writer, chat, records string, all []entry) error {
	t := &transcriptWriter{w: w, labels: map[string]string{}, zone: c.zone}
	for _, p := range c.people {
		t.labels[p.Chat] = p.Label()
		if chat == p.Chat {
			t.comment("A chat of the Handrail demo, as it was on " + p.Name + "'s phone. Everybody in it is fictional.")
		}
	}
	if chat == "" {
		t.comment("The chats of the Handrail demo. Everybody in them is fictional.")
	}
	for _, e := range ordered(all, chat) {
		if t.labels[e.Chat] != "" { // somebody may have been in the story once who is not now
			t.entry(e, all)
		}
	}
	if records != "" {
		t.printf("#\n")
		t.comment("Where the records stand:\n" + records)
	}
	return t.err
}

// ordered picks the entries of a chat, or of all, in the order in which they stand.
func ordered(all []entry, chat string) []entry {
	var out []entry
	for _, e := range all {
		if chat == "" || e.Chat == chat {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b entry) int { return cmp.Compare(a.Order, b.Order) })
	return out
}

func (c *Channel) getTranscript(w http.ResponseWriter, r *http.Request) {
	chat := r.URL.Query().Get("chat")
	file := "handrail-story.txt"
	if chat != "" {
		p, ok := c.person(chat)
		if !ok {
			c.fail(w, r, errNobody())
			return
		}
		file = "handrail-" + strings.ToLower(p.Label()) + ".txt"
	}
	var records string
	if c.stage != nil {
		records = c.stage.Records(r.Context())
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", attachment(file))
	if err := c.WriteTranscript(w, chat, records); err != nil {
		c.log.InfoContext(r.Context(), "transcript not written whole", "err", err)
	}
}
