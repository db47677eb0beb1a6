package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/web"
)

func TestMoveTo_T2(t *testing.T) {
	zone := london(t)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	next := func() (time.Time, bool, error) { return at("2026-11-03 10:00"), true, nil }
	none := func() (time.Time, bool, error) { return time.Time{}, false, nil }
	away := func() (time.Time, bool, error) { return time.Time{}, false, errAway }
	for _, tt := range []struct {
		name, move, now, want string
		next                  func() (time.Time, bool, error)
		err                   string
	}{
		{"two hours", "2h", "2026-11-02 09:00", "2026-11-02 11:00", next, ""},
		{"half an hour", "30m", "2026-11-02 09:00", "2026-11-02 09:30", next, ""},
		{"a week", "7d", "2026-11-02 09:00", "2026-11-09 09:00", next, ""},
		{"tomorrow at eight", "tomorrow 8", "2026-11-02 09:00", "2026-11-03 08:00", next, ""},
		{"tomorrow at half past", "tomorrow 8:30", "2026-12-31 23:59", "2027-01-01 08:30", next, ""},
		{"the next event", "next", "2026-11-02 09:00", "2026-11-03 10:00", next, ""},
		{"the next event is overdue", "next", "2026-11-04 09:00", "2026-11-04 09:00", next, ""},
		{"a day over the spring change keeps the wall time", "1d", "2027-03-27 14:00", "2027-03-28 14:00", next, ""},
		{"tomorrow over the autumn change keeps the wall time", "tomorrow 8", "2027-10-30 22:00", "2027-10-31 08:00", next, ""},
		{"no event", "next", "2026-11-02 09:00", "", none, "Nothing is planned yet, so there is nothing to move on to."},
		{"the records are away", "next", "2026-11-02 09:00", "", away, ""},
		{"too far", "93d", "2026-11-02 09:00", "", next, "Please move the clock by three months at most."},
		{"too many hours", "9999h", "2026-11-02 09:00", "", next, "Please move the clock by three months at most."},
		{"backwards", "-2h", "2026-11-02 09:00", "", next, "That is not a way to move the clock."},
		{"no such hour", "tomorrow 24", "2026-11-02 09:00", "", next, "That is not a way to move the clock."},
		{"nothing", "", "2026-11-02 09:00", "", next, "That is not a way to move the clock."},
		{"another unit", "1y", "2026-11-02 09:00", "", next, "That is not a way to move the clock."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := web.MoveTo(tt.move, at(tt.now), tt.next)
			if tt.want != "" {
				if err != nil || !got.Equal(at(tt.want)) {
					t.Errorf("%v, %v; want %s", got, err, tt.want)
				}
				return
			}
			if err == nil {
				t.Fatalf("moved to %v", got)
			}
			if say, _ := handrail.Sentence(err); say != tt.err {
				t.Errorf("says %q, want %q", say, tt.err)
			}
		})
	}
}

func TestClock_MovesAndTells(t *testing.T) {
	r := newRig(t, t.TempDir())
	c := getState(t, r).Clock
	if c.Text != "Monday 2 November 2026, 9:00am" || !c.Moves || c.Next == nil || c.Next.What != "reminder to Frank" || c.Next.Text != "Tue 3 Nov, 10:00am" {
		t.Errorf("%+v %+v", c, c.Next)
	}
	a := post(t, r, "/api/clock", `{"move":"7d"}`)
	var got clockAnswer
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 || got.Text != "Monday 9 November 2026, 9:00am" || got.Next != nil {
		t.Errorf("%d %v %+v", a.status, err, got)
	}
	// The reminder came on its way, and bears the time at which it came.
	e := getState(t, r).Entries
	if len(e) != 1 || e[0].Chat != "frank" || e[0].Day != "Tuesday 3 November 2026" || e[0].Time != "10:00am" {
		t.Errorf("%+v", e)
	}
	for body, want := range map[string]int{`{"move":"next"}`: 409, `{"move":"back"}`: 422, `{}`: 422, `[`: 400} {
		if a := post(t, r, "/api/clock", body); a.status != want {
			t.Errorf("%s: %d, want %d", body, a.status, want)
		}
	}
	r.stage.fail = errors.New("the stage fell over at Frank's door")
	for _, path := range []string{"/api/clock"} {
		if a := post(t, r, path, `{"move":"2h"}`); a.status != 500 || strings.Contains(a.body, "Frank") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := get(t, r, "/api/clock"); a.status != 200 || strings.Contains(a.body, "next") {
		t.Errorf("when the next event cannot be had: %d %s", a.status, a.body)
	}
}

func TestClock_WithoutAStage(t *testing.T) {
	ch, err := web.New(web.Options{Dir: t.TempDir(), People: people(), Practice: "hilltop", Clock: newStage().Now, Zone: london(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	r := &rig{ch: ch}
	if c := getState(t, r).Clock; c.Moves || c.Next != nil || c.Text == "" {
		t.Errorf("%+v", c)
	}
	if a := post(t, r, "/api/clock", `{"move":"2h"}`); a.status != 404 {
		t.Errorf("%d", a.status)
	}
	if _, err := ch.Send(t.Context(), addr("gp"), bot.Message{Text: bot.Para("hello")}); err != nil {
		t.Fatal(err)
	}
	if a := post(t, r, "/api/reset", `{}`); a.status != 200 || len(getState(t, r).Entries) != 0 {
		t.Errorf("%d", a.status)
	}
}

// slowStage holds the clock until it is let go.
type slowStage struct {
	*stage
	entered, leave chan struct{}
	ended          chan error
}

func (s *slowStage) Advance(ctx context.Context, to time.Time) error {
	s.entered <- struct{}{}
	select {
	case <-s.leave:
		return s.stage.Advance(ctx, to)
	case <-ctx.Done():
		s.ended <- ctx.Err()
		return ctx.Err()
	}
}

// TestClock_OneMoveAtATime also holds that a move outlives the request that asked for it, and ends with Run.
func TestClock_OneMoveAtATime(t *testing.T) {
	st := &slowStage{stage: newStage(), entered: make(chan struct{}), leave: make(chan struct{}), ended: make(chan error, 1)}
	ch, err := web.New(web.Options{Dir: t.TempDir(), People: people(), Practice: "hilltop", Zone: london(t), Stage: st})
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	st.ch = ch
	r := &rig{ch: ch}
	stop := run(t, ch, &house{ch: ch})
	first := make(chan answer)
	go func() { first <- post(t, r, "/api/clock", `{"move":"2h"}`) }()
	<-st.entered
	for path, body := range map[string]string{"/api/clock": `{"move":"2h"}`, "/api/reset": `{}`} {
		if a := post(t, r, path, body); a.status != 409 || !strings.Contains(a.body, "wait a moment") {
			t.Errorf("%s meanwhile: %d %s", path, a.status, a.body)
		}
	}
	st.leave <- struct{}{}
	if a := <-first; a.status != 200 || !st.Now().Equal(start.Add(2*time.Hour)) {
		t.Errorf("%d, the clock shows %v", a.status, st.Now())
	}
	go func() { first <- post(t, r, "/api/clock", `{"move":"2h"}`) }()
	<-st.entered
	stop()
	if err := <-st.ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if a := <-first; a.status != 500 {
		t.Errorf("stopped on the way: %d", a.status)
	}
}
