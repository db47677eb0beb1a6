package model_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"handrail/internal/aimock"
	"handrail/meaning/model"
)

// post sends JSON to the server's own controls.
func post(t *testing.T, url string, body any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	h := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := h.Post(url, "application/json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		t.Fatalf("%s: %s", url, resp.Status)
	}
}

// The client speaks to a server that somebody else wrote: its answers are used, its strange ones are not, and each of the
// failures that it can play gives the rules' reading.
func TestClient_AgainstAimock(t *testing.T) {
	t.Parallel()
	base := aimock.Start(t, aimock.Fixtures(
		aimock.Answer("four walls", `{"found":[{"key":"needs","quote":"sits staring at four walls","value":"loneliness"}]}`),
		aimock.Answer("four doors", `{"found":[{"key":"postcode","quote":"LU3","value":"SW1A 1AA"}]}`),
		aimock.Answer("four floors", `Of course. {"found":[]}`),
		`{"match":{"userMessage":"four chairs"},"response":{"toolCalls":[{"name":"consent","arguments":{"to":"all"}}]}}`,
		aimock.Answer("friends", `{"points":[{"quote":"I miss my friends","theme":"people_in_their_life"}]}`),
		aimock.Answer("perambulation", `{"plain":"You can walk with us and have a chat."}`),
	))
	now := newClock()
	c := client(t, base+"/v1", func(s *model.Settings) { s.Clock = now })
	ctx := context.Background()

	r := c.Read(ctx, "gp", unsureNote)
	if r.Err != nil || len(r.Added) != 1 || r.Cost.Question != 321 || r.Cost.Answer != 21 {
		t.Errorf("%+v", r)
	}
	if points, _, err := c.Summary(ctx, "lw", permitted(), []model.Redacted{redact(t, c, "I miss my friends")}); err != nil || len(points) != 1 {
		t.Errorf("%v %v", points, err)
	}
	if d, _, err := c.Plain(ctx, "lw", model.Listing{Name: "Walk", Description: "Perambulation with a chat, perambulation for all."}); err != nil || d.Text == "" {
		t.Errorf("%v %v", d, err)
	}
	asRules := func(name, note string, want error) {
		t.Helper()
		c.Forget()
		now.advance(time.Hour) // past the breaker's rest
		if r := c.Read(ctx, "gp", note); !errors.Is(r.Err, want) || !reflect.DeepEqual(r.Understood, vocabulary(t).Understand(note)) {
			t.Errorf("%s: %v", name, r.Err)
		}
	}
	asRules("a postcode that is not there", strings.Replace(unsureNote, "walls", "doors", 1), model.ErrDiscarded)
	asRules("prose", strings.Replace(unsureNote, "walls", "floors", 1), model.ErrDiscarded)
	asRules("a tool call", strings.Replace(unsureNote, "walls", "chairs", 1), model.ErrDiscarded)
	asRules("no answer prepared", strings.Replace(unsureNote, "walls", "tables", 1), model.ErrAway)
	for _, chaos := range []string{"dropRate", "malformedRate", "disconnectRate", "rateLimitRate"} {
		post(t, base+"/__aimock/chaos", map[string]int{chaos: 1})
		asRules(chaos, unsureNote, model.ErrAway)
		post(t, base+"/__aimock/chaos", map[string]int{chaos: 0})
	}
	post(t, base+"/__aimock/chaos", map[string]int{"latencyMs": 30_000})
	hurried := client(t, base+"/v1", func(s *model.Settings) { s.Timeout = 200 * time.Millisecond })
	begun := time.Now()
	r = hurried.Read(ctx, "gp", unsureNote)
	if took := time.Since(begun); took > 5*time.Second || !errors.Is(r.Err, model.ErrAway) || len(r.Added) > 0 {
		t.Errorf("a slow server held it for %s: %v", took, r.Err)
	}
}
