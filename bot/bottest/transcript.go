package bottest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // transcripts are in London's time wherever they run

	"handrail/bot"
)

// World is what a transcript is played on: a whole house with a clock, from dialogs to records.
type World interface {
	// Start makes the house, empty or with the story's people in it, at a time.
	Start(ctx context.Context, at time.Time) error
	// Now is the house's clock.
	Now() time.Time
	// Deliver hands an update in as if role had sent it. The runner has filled in everything but From.
	Deliver(ctx context.Context, role string, u bot.Update) error
	// Settle thinks and sends until nothing is left to do at this time.
	Settle(ctx context.Context) error
	// Advance runs the clock to a time, event by event, each settled before the next.
	Advance(ctx context.Context, to time.Time) error
	// Next is when the next thing happens by itself, and what it is; false when nothing is planned.
	Next(ctx context.Context) (at time.Time, what string, ok bool, err error)
	// Sent is what people were shown since the last call, in the order in which it was sent.
	Sent() []Sent
	// Records is where the records stand, a line each, in an order that is always the same.
	Records(ctx context.Context) ([]string, error)
}

// Sent is a message that somebody was shown.
type Sent struct {
	Role    string
	Message bot.Message
	At      time.Time
}

// update is the test binary's flag -update. A test binary that has one of its own shares it.
var update = updateFlag()

func updateFlag() *bool {
	const name = "update"
	if f := flag.Lookup(name); f == nil {
		return flag.Bool(name, false, "write down what really happened, in transcripts and golden files")
	}
	on := false
	return &on
}

// Updating reports whether golden files are to be rewritten: whether -update was given.
func Updating() bool {
	if *update {
		return true
	}
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// Files lists the transcripts that match a pattern and fails the test when there are none.
func Files(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts match %s (%v)", pattern, err)
	}
	return files
}

// Run plays a transcript on a world and compares what really happened with the file, line by line. With the flag
// -update it writes the file instead. In a transcript may stand:
//
//	# a comment
//	== Monday 2 November 2026, 09:00    the clock, in London's time; the first one starts the story. One that is later
//	                                    than the clock moves it, running the house; one that isn't is where a message
//	                                    came from, and is written anew
//	== 14 days later                    moves the clock: minutes, hours, days, weeks
//	== tomorrow, 08:00                  to a time of the next day
//	== next event                       to when the next thing happens by itself
//	GP: words                           typed; further lines are indented by four spaces, an empty one is "."
//	GP: \[not a button]                 typed words that begin with a bracket or a backslash
//	GP: [Label]                         presses the newest button with the label that this person was shown
//	GP: [Label] (old)                   the oldest such button
//	GP: [Label] twice                   presses it twice before anybody thinks
//	GP: {name=Frank; birth_year=1951}   sends the newest form in; "\;" and "\}" stand for themselves, "\n" for a new line
//	GP: (near 51.88,-0.42)              shares a place
//	GP: (edited) words                  and (unread) caption, (group) words, (contact), (left), (returned)
//	-> GP: first paragraph              is shown; further lines are indented by four spaces
//	    .
//	    - item
//	    (place: Name, Address)  (file: name)
//	    {form: Title | name, birth_year}
//	    [Option one] [Option two]
//	records:                            at the end, if at all: the records, a line each
//	    a line
//
// Every message that is sent must stand in the file. A button that is a link to "#join=CODE" or "?start=CODE" sends
// "/start CODE"; anybody may press one that was shown to anybody, for that is how an invitation travels.
func Run(t testing.TB, file string, w World) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Play(t.Context(), bytes.NewReader(want), w)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if bytes.Equal(got, want) {
		return
	}
	if Updating() {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s is not what happened (-update writes it down):\n%s", file, Diff(file, string(want), string(got)))
}

// Play plays a transcript on a world and returns the transcript of what really happened. An error names the line.
func Play(ctx context.Context, script io.Reader, w World) ([]byte, error) {
	entries, err := Parse(script)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("play a transcript: %w", err)
	}
	p := &player{w: w, zone: zone, shown: map[string][]bot.Message{}}
	for i, e := range entries {
		if err := p.entry(ctx, e); err != nil {
			return nil, fmt.Errorf("line %d: %w", entries[i].Line, err)
		}
	}
	p.flush()
	var out bytes.Buffer
	if err := Write(&out, p.out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// player is a transcript being played.
type player struct {
	w       World
	zone    *time.Location
	started bool
	ids     int
	out     []Entry
	clock   string // the clock line that was written last
	// pending is what was sent since the last thing a person did and is not written yet. It is written bit by bit, so
	// that comments between expected messages keep their place.
	pending []Sent
	// waiting are comments and empty lines met since then.
	waiting []Entry
	shown   map[string][]bot.Message
}

const clockLayout = "Monday 2 January 2006, 15:04"

func (p *player) entry(ctx context.Context, e Entry) error {
	switch e.Kind {
	case EntryComment, EntryBlank:
		p.waiting = append(p.waiting, e)
		return nil
	case EntryShown:
		// What is expected says only where comments stand between messages: the file is compared as a whole.
		p.comments()
		p.one()
		return nil
	case EntryClock:
		return p.move(ctx, e)
	case EntryRecords:
		p.flush()
		records, err := p.w.Records(ctx)
		if err != nil {
			return fmt.Errorf("read the records: %w", err)
		}
		e.Records = nil
		for _, r := range records {
			e.Records = append(e.Records, strings.TrimRight(r, " \t"))
		}
		p.out = append(p.out, e)
		return nil
	}
	if !p.started {
		return errors.New("the story has no time yet: begin with a line such as \"== Monday 2 November 2026, 09:00\"")
	}
	p.flush()
	updates, err := p.updates(e)
	if err != nil {
		return err
	}
	p.tick(p.w.Now())
	p.out = append(p.out, e)
	for _, u := range updates {
		p.ids++
		u.ID, u.At = "t"+strconv.Itoa(p.ids), p.w.Now()
		if err := p.w.Deliver(ctx, e.Role, u); err != nil {
			return fmt.Errorf("deliver: %w", err)
		}
	}
	return p.settle(ctx)
}

func (p *player) settle(ctx context.Context) error {
	if err := p.w.Settle(ctx); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	p.collect()
	return nil
}

func (p *player) collect() {
	for _, s := range p.w.Sent() {
		p.pending = append(p.pending, s)
		p.shown[s.Role] = append(p.shown[s.Role], s.Message)
	}
}

// comments writes the comments that were met.
func (p *player) comments() {
	p.out = append(p.out, p.waiting...)
	p.waiting = nil
}

// one writes the first message that is not written yet.
func (p *player) one() {
	if len(p.pending) == 0 {
		return
	}
	s := p.pending[0]
	p.pending = p.pending[1:]
	p.tick(s.At)
	p.out = append(p.out, ShownEntry(s.Role, s.Message))
}

// flush writes all messages that are left, and then the comments. What nobody expected stands before comments that were
// meant for what comes next.
func (p *player) flush() {
	for len(p.pending) > 0 {
		p.one()
	}
	p.comments()
}

// tick writes the clock when it shows something else than the line written last.
func (p *player) tick(at time.Time) {
	if line := at.In(p.zone).Format(clockLayout); line != p.clock {
		p.clock = line
		p.out = append(p.out, Entry{Kind: EntryClock, Text: line})
	}
}

var (
	later    = regexp.MustCompile(`\A([0-9]{1,4}) (minute|hour|day|week)s? later\z`)
	tomorrow = regexp.MustCompile(`\Atomorrow,? ([0-9]{1,2}):([0-9]{2})\z`)
)

// move is a clock line.
func (p *player) move(ctx context.Context, e Entry) error {
	if at, err := time.ParseInLocation(clockLayout, e.Text, p.zone); err == nil {
		if text := at.Format(clockLayout); text != e.Text {
			return fmt.Errorf("%q is really %q", e.Text, text)
		}
		return p.moveTo(ctx, at)
	}
	if !p.started {
		return fmt.Errorf("the first clock line must be a time such as %q", clockLayout)
	}
	now := p.w.Now().In(p.zone)
	var to time.Time
	switch m, tm := later.FindStringSubmatch(e.Text), tomorrow.FindStringSubmatch(e.Text); {
	case e.Text == "next event":
		at, _, ok, err := p.w.Next(ctx)
		if err != nil {
			return fmt.Errorf("find the next event: %w", err)
		}
		if !ok {
			return errors.New("nothing is planned, so there is no next event")
		}
		to = at
		if to.Before(now) {
			to = now
		}
	case m != nil:
		n, _ := strconv.Atoi(m[1]) // at most four digits
		switch m[2] {
		case "minute":
			to = now.Add(time.Duration(n) * time.Minute)
		case "hour":
			to = now.Add(time.Duration(n) * time.Hour)
		case "day":
			to = now.AddDate(0, 0, n)
		case "week":
			to = now.AddDate(0, 0, 7*n)
		}
	case tm != nil:
		h, _ := strconv.Atoi(tm[1])
		min, _ := strconv.Atoi(tm[2])
		to = time.Date(now.Year(), now.Month(), now.Day()+1, h, min, 0, 0, p.zone)
	default:
		return fmt.Errorf(`%q is no move of the clock: want %q, "2 hours later", "tomorrow, 08:00" or "next event"`, e.Text, clockLayout)
	}
	p.flush()
	p.tick(now)
	p.out = append(p.out, e)
	if err := p.w.Advance(ctx, to); err != nil {
		return fmt.Errorf("move the clock: %w", err)
	}
	return p.settle(ctx)
}

// moveTo is a clock line with a time. It stands before what happens at that time; what happens on the way stands before
// the line, under lines of its own.
func (p *player) moveTo(ctx context.Context, at time.Time) error {
	if p.started && !at.After(p.w.Now()) {
		p.comments()
		return nil // where a message came from: written anew with the message
	}
	p.flush()
	if !p.started {
		p.started = true
		if err := p.w.Start(ctx, at.UTC()); err != nil {
			return fmt.Errorf("start the story: %w", err)
		}
	} else if err := p.w.Advance(ctx, at.UTC()); err != nil {
		return fmt.Errorf("move the clock: %w", err)
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	// On the way.
	for len(p.pending) > 0 && p.pending[0].At.In(p.zone).Format(clockLayout) != at.Format(clockLayout) {
		p.one()
	}
	p.tick(at)
	return nil
}

// updates are what a person's entry means.
func (p *player) updates(e Entry) ([]bot.Update, error) {
	switch e.Update {
	case bot.UpdatePress:
		u, err := p.press(e)
		if e.Twice {
			return []bot.Update{u, u}, err
		}
		return []bot.Update{u}, err
	case bot.UpdateForm:
		for _, m := range slices.Backward(p.shown[e.Role]) {
			if m.Form == nil {
				continue
			}
			u := bot.Update{Kind: bot.UpdateForm, Form: m.Form.Token, Fields: map[string]string{}}
			for _, pair := range e.Fields {
				if !slices.ContainsFunc(m.Form.Fields, func(f bot.Field) bool { return f.Name == pair.Name }) {
					return nil, fmt.Errorf("the form has no field %q", pair.Name)
				}
				u.Fields[pair.Name] = pair.Value
			}
			return []bot.Update{u}, nil
		}
		return nil, fmt.Errorf("%s was shown no form", e.Role)
	case bot.UpdatePlace:
		near := *e.Near
		return []bot.Update{{Kind: bot.UpdatePlace, Near: &near}}, nil
	}
	return []bot.Update{{Kind: e.Update, Text: e.Text}}, nil
}

// press finds the button that is meant.
func (p *player) press(e Entry) (bot.Update, error) {
	messages := slices.Clone(p.shown[e.Role])
	if !e.Old {
		slices.Reverse(messages)
	}
	var labels []string
	for _, m := range messages {
		for _, o := range m.Options {
			switch label := oneLine(o.Label); {
			case label != e.Press:
				labels = append(labels, "["+label+"]")
			case o.Link == "":
				return bot.Update{Kind: bot.UpdatePress, Choice: o.Payload}, nil
			default:
				if code, ok := joining(o.Link); ok {
					return bot.Update{Kind: bot.UpdateText, Text: "/start " + code}, nil
				}
				return bot.Update{}, fmt.Errorf("[%s] opens a page; nothing is sent", e.Press)
			}
		}
	}
	for _, role := range slices.Sorted(maps.Keys(p.shown)) {
		for _, m := range slices.Backward(p.shown[role]) {
			if code, ok := invitation(m, e.Press); ok {
				return bot.Update{Kind: bot.UpdateText, Text: "/start " + code}, nil
			}
		}
	}
	slices.Sort(labels)
	return bot.Update{}, fmt.Errorf("%s was shown no button [%s]; there are %s", e.Role, e.Press, strings.Join(slices.Compact(labels), " "))
}

// invitation finds a link to join with this label.
func invitation(m bot.Message, label string) (code string, ok bool) {
	for _, o := range m.Options {
		if code, ok := joining(o.Link); ok && oneLine(o.Label) == label {
			return code, true
		}
	}
	for _, b := range m.Text {
		for _, s := range b.Spans {
			if code, ok := joining(s.Link); ok && oneLine(s.Text) == label {
				return code, true
			}
		}
	}
	return "", false
}

func joining(link string) (code string, ok bool) {
	for _, mark := range []string{"#join=", "?start="} {
		if _, code, ok := strings.Cut(link, mark); ok {
			return code, true
		}
	}
	return "", false
}
