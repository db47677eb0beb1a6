package web_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail"
	"handrail/bot"
	"handrail/bot/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is when the story of the tests begins: 9:00 in London.
var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func people() []web.Person {
	return []web.Person{
		{Chat: "gp", Name: "Dr Asha Rao", Role: "GP", Hint: "Ask what is on near a postcode, then refer somebody.", Starters: []string{
			"what's on near LU1 2AB for a widower who likes gardening, free, Tuesday mornings",
			"refer somebody",
		}},
		{Chat: "frank", Name: "Frank", Role: "patient", Hint: "Join with the link the GP gives him, then say how it goes.", Joins: true,
			Starters: []string{"when is it?", "I don't want to go on my own"}, Near: &handrail.Point{Lat: 51.87871, Lon: -0.42003}},
		{Chat: "joan", Name: "Joan", Role: "buddy", Hint: "Say yes to a first visit.", Starters: []string{"what's next?"}},
		{Chat: "maya", Name: "Maya", Role: "link worker", Hint: "Take on a referral and see how people get on.", Starters: []string{"my list", "who needs a buddy?"}},
	}
}

func addr(chat string) handrail.Address {
	return handrail.Address{Practice: "hilltop", Channel: "web", Chat: chat}
}

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// stage is a story with one reminder, the next day at ten.
type stage struct {
	clock
	ch     *web.Channel
	fired  bool
	resets int
	fail   error
}

func newStage() *stage { return &stage{clock: clock{now: start}} }

var reminderAt = time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC)

func (s *stage) Next(context.Context) (time.Time, string, bool, error) {
	if s.fail != nil {
		return time.Time{}, "", false, s.fail
	}
	return reminderAt, "reminder to Frank", !s.fired, nil
}

func (s *stage) Advance(ctx context.Context, to time.Time) error {
	if s.fail != nil {
		return s.fail
	}
	if !s.fired && !to.Before(reminderAt) {
		s.set(reminderAt)
		s.fired = true
		if _, err := s.ch.Send(ctx, addr("frank"), bot.Message{Text: bot.Para("Hi Frank, you have something on tomorrow at 10am.")}); err != nil {
			return err
		}
	}
	s.set(to)
	return nil
}

func (s *stage) Reset(ctx context.Context) error {
	s.resets++
	s.fired = false
	s.set(start)
	_, err := s.ch.Send(ctx, addr("gp"), bot.Message{Text: bot.Para("Hello Dr Rao, this is where the story begins.")})
	return err
}

func (s *stage) Records(context.Context) string { return "referrals: 1 sent\nalerts: none" }

// house is a small scripted Inbox: it answers a word with every kind of message, inside Deliver, so that an answer
// overtakes the moment in which the person's own words are written down.
type house struct {
	ch *web.Channel
	// away, when set, is what Deliver returns.
	mu       sync.Mutex
	away     error
	got      []bot.Update
	seen     map[string]bool
	delivers int
}

func (h *house) setAway(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.away = err
}

func (h *house) updates() []bot.Update {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]bot.Update(nil), h.got...)
}

func (h *house) Deliver(ctx context.Context, u bot.Update) error {
	h.mu.Lock()
	h.delivers++
	if h.away != nil {
		defer h.mu.Unlock()
		return h.away
	}
	if h.seen == nil {
		h.seen = map[string]bool{}
	}
	if h.seen[u.ID] {
		h.mu.Unlock()
		return nil
	}
	h.seen[u.ID] = true
	h.got = append(h.got, u)
	h.mu.Unlock()
	for _, m := range replies(u) {
		if _, err := h.ch.Send(ctx, u.From, m); err != nil {
			return err
		}
	}
	return nil
}

// replies is the script.
func replies(u bot.Update) []bot.Message {
	switch {
	case u.Kind == bot.UpdatePress && u.Choice == "refer":
		return []bot.Message{{Text: bot.Para("Good. A few things about them, please."), Form: referForm()}}
	case u.Kind == bot.UpdatePress:
		return []bot.Message{{Text: bot.Para("Noted.")}}
	case u.Kind == bot.UpdateForm:
		return []bot.Message{{Text: bot.Text{
			{Spans: []bot.Span{{Text: "Done. Give them this link, which works once: "}, {Text: "join Handrail", Link: "#join=a1B2-c3_D4"}}},
		}}}
	case u.Kind == bot.UpdatePlace:
		return []bot.Message{{Text: bot.Para("Thank you, that is near enough.")}}
	case strings.HasPrefix(u.Text, "/start"):
		return []bot.Message{{
			Text:    bot.Text{{Spans: []bot.Span{{Text: "Hello Frank. I'm an automated service of Hilltop Surgery."}}}, {Spans: []bot.Span{{Text: "May I send you reminders here?"}}}},
			Options: []bot.Option{{Label: "Yes, that's fine", Payload: "yes", Style: "main"}, {Label: "No, thank you", Payload: "no"}, {Label: "Urgent help", Payload: "urgent", Style: "urgent"}},
		}}
	case strings.HasPrefix(u.Text, "what's on"):
		return []bot.Message{{
			Text: bot.Text{
				{Spans: []bot.Span{{Text: "Three groups", Strong: true}, {Text: " near LU1 2AB, free, on Tuesday mornings:"}}},
				{Item: true, Spans: []bot.Span{{Text: "Growing Together", Strong: true}, {Text: ", Tuesdays 10am to 12, 0.6 miles. "}, {Text: "Its page", Link: "https://example.org/growing"}}},
				{Item: true, Spans: []bot.Span{{Text: "Allotment mornings", Strong: true}, {Text: ", Tuesdays 9:30am, 1.1 miles"}}},
				{Item: true, Spans: []bot.Span{{Text: "Men's shed", Strong: true}, {Text: ", Tuesdays 10am, 1.4 miles"}}},
			},
			Options: []bot.Option{{Label: "Refer somebody", Payload: "refer", Style: "main"}, {Label: "Show more", Payload: "more"}, {Label: "Change the search", Payload: "change"}},
			Private: true,
		}}
	case strings.HasPrefix(u.Text, "when"):
		return []bot.Message{
			{Text: bot.Para("It is here, on Tuesday at 10am."), Place: &bot.Place{Name: "Growing Together", Address: "High Town Community Centre, Concorde Street, Luton LU2 0JD", At: handrail.Point{Lat: 51.8846, Lon: -0.4123}},
				Files: []bot.File{{Name: "growing-together.ics", MIME: "text/calendar", Data: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")}}},
			{Text: bot.Para("And this is the door."), Files: []bot.File{{Name: "door.png", MIME: "image/png", Data: door(), Alt: "A green door with a low step"}},
				Options: []bot.Option{{Label: "I'll be there", Payload: "going", Style: "main"}, {Label: "I can't come", Payload: "cannot"}}},
		}
	case u.Text == "echo":
		return nil
	default:
		return []bot.Message{{Text: bot.Para("You wrote: " + clip(u.Text))}}
	}
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200]
	}
	return s
}

func referForm() *bot.Form {
	return &bot.Form{Token: "form-1", Title: "Refer somebody", Submit: "Send the referral", Fields: []bot.Field{
		{Name: "name", Label: "First name", Kind: bot.FieldLine, Required: true, MaxChars: 40},
		{Name: "birth_year", Label: "Year of birth", Hint: "Four digits, such as 1951.", Kind: bot.FieldNumber, Required: true, Min: 1900, Max: 2020, Wrong: "Please write a year from 1900 to 2020."},
		{Name: "why", Label: "What would help", Kind: bot.FieldWords, MaxChars: 300},
		{Name: "buddy", Label: "Would somebody to go with help?", Kind: bot.FieldChoice, Required: true, Options: []bot.Option{{Label: "Yes", Answer: "y"}, {Label: "No", Answer: "n"}, {Label: "Not sure", Answer: "u"}}},
		{Name: "agreed", Label: "They agree to hear from us", Kind: bot.FieldTick, Required: true},
	}}
}

// rig is a channel that runs, with its house and stage.
type rig struct {
	ch    *web.Channel
	house *house
	stage *stage
	stop  func()
}

func newRig(t testing.TB, dir string) *rig {
	t.Helper()
	st := newStage()
	ch, err := web.New(web.Options{Dir: dir, People: people(), Practice: "hilltop", Zone: london(t), Stage: st})
	if err != nil {
		t.Fatal(err)
	}
	st.ch = ch
	h := &house{ch: ch}
	r := &rig{ch: ch, house: h, stage: st}
	r.stop = sync.OnceFunc(run(t, ch, h))
	t.Cleanup(func() {
		r.stop()
		if err := ch.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// run starts a channel, waits until it runs, and returns how to stop it.
func run(t testing.TB, ch *web.Channel, in bot.Inbox) func() {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- ch.Run(ctx, in) }()
	web.AwaitRunning(ch)
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Skip("no zone data on this machine: ", err)
	}
	return zone
}

var errAway = errors.New("the records are away")

func readFile(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
