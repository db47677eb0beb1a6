package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"handrail/bot"
)

// event is one Server-Sent Event.
type event struct{ kind, id, data string }

// events opens a stream and returns how to read it and how to leave it.
func events(t *testing.T, address, after string) (next func() event, leave func()) {
	t.Helper()
	// A stream that never says what is waited for fails the test instead of hanging it.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+address+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	sc := bufio.NewScanner(resp.Body)
	sc.Buffer(nil, 4<<20)
	next = func() event {
		t.Helper()
		var e event
		for sc.Scan() {
			switch key, value, _ := strings.Cut(sc.Text(), ": "); key {
			case "event":
				e.kind = value
			case "id":
				e.id = value
			case "data":
				e.data = value
			case "":
				if e.kind != "" {
					return e
				}
			}
		}
		return event{kind: "end"}
	}
	return next, func() { cancel(); resp.Body.Close() }
}

// until reads until an event of a kind.
func until(t *testing.T, next func() event, kind string) event {
	t.Helper()
	for {
		e := next()
		if e.kind == kind {
			return e
		}
		if e.kind == "end" {
			t.Fatalf("the stream ended before an event %q", kind)
		}
	}
}

func entryOf(t *testing.T, e event) stateEntry {
	t.Helper()
	var v stateEntry
	if err := json.Unmarshal([]byte(e.data), &v); err != nil {
		t.Fatalf("%q: %v", e.data, err)
	}
	return v
}

func say(t *testing.T, r *rig, chat, text string) {
	t.Helper()
	if _, err := r.ch.Send(t.Context(), addr(chat), bot.Message{Text: bot.Para(text)}); err != nil {
		t.Fatal(err)
	}
}

func TestEvents_ResumeMissesNothingAndRepeatsNothing(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	address, down := serve(t, r, "127.0.0.1:0")
	defer down()
	say(t, r, "gp", "one")
	next, leave := events(t, address, "")
	first := until(t, next, "entry")
	if e := entryOf(t, first); e.N != 1 || e.Message.Text.Plain() != "one" {
		t.Errorf("%+v", e)
	}
	leave()
	say(t, r, "frank", "two")
	say(t, r, "joan", "three\nwith a line end")

	next, leave = events(t, address, first.id)
	for _, want := range []string{"two", "three\nwith a line end"} {
		if e := entryOf(t, until(t, next, "entry")); e.Message.Text.Plain() != want {
			t.Errorf("%+v, want %q", e, want)
		}
	}
	say(t, r, "maya", "four") // as it happens
	last := until(t, next, "entry")
	if e := entryOf(t, last); e.N != 4 {
		t.Errorf("%+v", e)
	}
	leave()

	// The same after a restart of the process.
	down()
	r.stop()
	if err := r.ch.Close(); err != nil {
		t.Fatal(err)
	}
	r = newRig(t, dir)
	address, down2 := serve(t, r, "127.0.0.1:0")
	defer down2()
	say(t, r, "gp", "five")
	next, leave = events(t, address, last.id)
	defer leave()
	if e := entryOf(t, until(t, next, "entry")); e.N != 5 {
		t.Errorf("after the restart: %+v", e)
	}
}

func TestEvents_ClockAndReset(t *testing.T) {
	r := newRig(t, t.TempDir())
	address, down := serve(t, r, "127.0.0.1:0")
	defer down()
	say(t, r, "gp", "one")
	next, leave := events(t, address, getState(t, r).Last)
	defer leave()
	until(t, next, "clock") // at once, so that a page that was away knows
	post(t, r, "/api/clock", `{"move":"next"}`)
	if e := entryOf(t, until(t, next, "entry")); e.Chat != "frank" || e.Time != "10:00am" {
		t.Errorf("%+v", e)
	}
	var c clockAnswer
	for c.Text != "Tuesday 3 November 2026, 10:00am" || c.Next != nil {
		if err := json.Unmarshal([]byte(until(t, next, "clock").data), &c); err != nil {
			t.Fatal(err)
		}
	}
	old := getState(t, r).Last
	post(t, r, "/api/reset", `{}`)
	until(t, next, "reset")
	if e := entryOf(t, until(t, next, "entry")); e.N != 1 || e.Chat != "gp" {
		t.Errorf("the first of the new story: %+v", e)
	}

	// Whoever was away during the reset, or remembers a number of no story, is told to forget.
	for _, after := range []string{old, "nonsense", "x-1", "-", strings.TrimSuffix(getState(t, r).Last, "1") + "999"} {
		next, leave := events(t, address, after)
		if e := next(); e.kind != "reset" {
			t.Errorf("after %q: %+v", after, e)
		}
		if e := entryOf(t, until(t, next, "entry")); e.N != 1 {
			t.Errorf("after %q: %+v", after, e)
		}
		leave()
	}
}

// TestEvents_F17_EndWithTheServer: an open page does not hold up a stop; the stop of serve fails the test when it does.
func TestEvents_F17_EndWithTheServer(t *testing.T) {
	r := newRig(t, t.TempDir())
	address, down := serve(t, r, "127.0.0.1:0")
	next, leave := events(t, address, "")
	defer leave()
	until(t, next, "clock")
	down()
	for e := next(); e.kind != "end"; e = next() {
		t.Logf("still: %s", e.kind)
	}
	if a := get(t, r, "/api/events"); a.status != 503 {
		t.Errorf("a stream while stopping: %d", a.status)
	}
}

func TestEvents_EndWithRun(t *testing.T) {
	r := newRig(t, t.TempDir())
	address, down := serve(t, r, "127.0.0.1:0")
	defer down()
	next, leave := events(t, address, "")
	defer leave()
	until(t, next, "clock")
	r.stop()
	for e := next(); e.kind != "end"; e = next() {
		t.Logf("still: %s", e.kind)
	}
}
