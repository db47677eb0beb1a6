package house_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/house"
	"handrail/house/housetest"
	"handrail/meaning"
	"handrail/meaning/model"
)

// modelServer answers as a server of the OpenAI shape, by the name of the schema, and keeps what it was asked.
type modelServer struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newModelServer(t *testing.T, answers map[string]string) *modelServer {
	s := &modelServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, string(body))
		s.mu.Unlock()
		for name, answer := range answers {
			if strings.Contains(string(body), `"name":"`+name+`"`) {
				content, _ := json.Marshal(answer)
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":`+string(content)+`}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`)
				return
			}
		}
		http.Error(w, "not now", http.StatusServiceUnavailable)
	}))
	t.Cleanup(s.Close)
	return s
}

// options are those of a house with this model.
func (s *modelServer) options(t *testing.T) housetest.Options { return modelAt(t, s.URL) }

// modelAt are the options of a house whose model is at an address.
func modelAt(t *testing.T, base string) housetest.Options {
	t.Helper()
	v, err := meaning.NewVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	return housetest.Options{Model: func(clock house.Clock) *model.Client {
		c, err := model.New(model.Settings{BaseURL: base + "/v1", Name: "m", Vocabulary: v, Clock: clock, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}}
}

func (s *modelServer) bodies(name string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.asked {
		if strings.Contains(b, `"name":"`+name+`"`) {
			out = append(out, b)
		}
	}
	return out
}

// offers reports whether somebody was shown a button of that label.
func (d *desk) offers(chat []string, label string) bool {
	for _, l := range chat {
		if strings.HasPrefix(l, label) {
			return true
		}
	}
	return false
}

// joined plays a patient who joined and said what matters to them, with their name in it.
func (d *desk) joined(c cast, matters string) {
	d.t.Helper()
	code := d.refer(c)
	d.press(c.linkWorker, "Accept")
	for _, words := range []string{"/start " + code, "1951", "yes", "yes", matters} {
		d.say(c.patient, words)
	}
}

// recordButtons are the labels under the record of the cast's patient, as the link worker opens it.
func (d *desk) recordButtons(c cast) (labels []string) {
	d.t.Helper()
	d.Clock.Advance(time.Minute) // a second press at once is a double tap
	shown := d.press(c.linkWorker, "Open the record")
	for _, s := range shown {
		if s.To == c.linkWorker {
			for _, o := range s.Message.Options {
				labels = append(labels, o.Label)
			}
		}
	}
	return labels
}

// G1, M2: what mattered is picked out only while the patient's own permission stands; it is offered only where there is a
// model; their name does not leave; and nothing of it is kept.
func TestWriter_G1_WhatMattered(t *testing.T) {
	server := newModelServer(t, map[string]string{"summary": `{"points":[{"quote":"I miss my garden","theme":"enjoys"}]}`})
	d := newDesk(t, server.options(t))
	c := d.enlist(practiceA)
	d.joined(c, "my name is "+c.word("Nam")+" and I miss my garden since my wife died")
	if labels := d.recordButtons(c); d.offers(labels, "What mattered") {
		t.Fatalf("it is offered without a permission: %q", labels)
	}
	d.say(c.patient, "my permissions")
	if len(server.bodies("summary")) != 0 {
		t.Fatal("the model was asked without a permission")
	}
	d.say(c.patient, "cancel")
	shown := d.say(c.patient, "my permissions")
	given := false
	for _, s := range shown {
		if strings.Contains(s.Message.Text.Plain(), "computer program") && len(s.Message.Options) > 0 {
			d.choice(c.patient, s.Message.Options[0].Payload)
			given = true
		}
	}
	if !given {
		t.Fatal("the permission is not among those that can be given")
	}
	if labels := d.recordButtons(c); !d.offers(labels, "What mattered") {
		t.Fatalf("it is not offered: %q", labels)
	}
	said := ""
	for _, s := range d.press(c.linkWorker, "What mattered") {
		if s.To == c.linkWorker {
			said += s.Message.Text.Plain()
			if !s.Message.Private {
				t.Error("it is shown to a whole channel")
			}
		}
	}
	if !strings.Contains(said, "Enjoys: I miss my garden") {
		t.Errorf("it says %q", said)
	}
	bodies := server.bodies("summary")
	if len(bodies) == 0 {
		t.Fatal("the model was not asked")
	}
	for _, b := range bodies {
		for _, word := range []string{c.word("Nam"), c.word("Sur"), "LU1 2AB", "1951", c.letter + "pa"} {
			if strings.Contains(b, word) {
				t.Errorf("%q left the house", word)
			}
		}
	}
	// Taken back, it is not offered, and an old button does nothing.
	for _, s := range d.say(c.patient, "my permissions") {
		if strings.Contains(s.Message.Text.Plain(), "computer program") {
			d.choice(c.patient, s.Message.Options[0].Payload)
		}
	}
	if labels := d.recordButtons(c); d.offers(labels, "What mattered") {
		t.Error("it is offered after the permission was taken back")
	}
	asked := len(server.bodies("summary"))
	d.Clock.Advance(time.Minute)
	d.press(c.linkWorker, "What mattered") // the one that was shown before
	if len(server.bodies("summary")) != asked {
		t.Error("an old button asks the model after the permission was taken back")
	}
}

// A person approves a wording before it is saved, and one of a listing that has moved on is void.
func TestWriter_PlainIsApproved(t *testing.T) {
	const plain = "Come and look after the planters on the roof. The work is light, and the pots are at table height."
	for _, c := range []struct {
		name, press string
		change      bool
		want        bool
	}{{"approved", "Use the suggestion", false, true}, {"turned down", "Leave it", false, false}, {"moved on", "Use the suggestion", true, false}} {
		t.Run(c.name, func(t *testing.T) {
			server := newModelServer(t, map[string]string{"plain": `{"plain":"` + plain + `"}`})
			d := newDesk(t, server.options(t))
			a := d.enlist(practiceA)
			g, err := d.Rec.ActivitiesNamed(t.Context(), "Doorstep Diggers", 1)
			if err != nil || len(g) != 1 {
				t.Fatal(g, err)
			}
			d.say(a.linkWorker, "listing Doorstep Diggers")
			d.press(a.linkWorker, "Doorstep Diggers")
			shown := d.press(a.linkWorker, "Suggest plainer words")
			if said := shown[len(shown)-1].Message.Text.Plain(); !strings.Contains(said, plain) || !strings.Contains(said, g[0].Description) {
				t.Fatalf("it shows %q", said)
			}
			if now, err := d.Rec.Activity(t.Context(), g[0].ID); err != nil || now.Description != g[0].Description {
				t.Fatal("the listing was changed before anybody approved", err)
			}
			if c.change {
				if _, _, err := d.Rec.EditActivity(t.Context(), g[0].ID, "staff:other", d.Now(), func(a *handrail.Activity) error { a.Description = "Something else."; return nil }); err != nil {
					t.Fatal(err)
				}
			}
			d.press(a.linkWorker, c.press)
			now, err := d.Rec.Activity(t.Context(), g[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if (now.Description == plain) != c.want {
				t.Errorf("the description is now %q", now.Description)
			}
		})
	}
}

// Without a model nothing offers what it would do, and with one that is broken nothing is lost.
func TestWriter_NoModelNoButtons(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	c := d.enlist(practiceA)
	d.joined(c, "I miss my garden")
	for _, s := range d.say(c.patient, "my permissions") {
		if strings.Contains(s.Message.Text.Plain(), "computer program") {
			t.Error("a permission for a model is asked where there is none")
		}
	}
	d.say(c.linkWorker, "listing Doorstep Diggers")
	shown := d.press(c.linkWorker, "Doorstep Diggers")
	for _, s := range shown {
		for _, o := range s.Message.Options {
			if strings.HasPrefix(o.Label, "Suggest") {
				t.Error("a plainer wording is offered where there is no model")
			}
		}
	}
	broken := newModelServer(t, nil)
	d = newDesk(t, broken.options(t))
	c = d.enlist(practiceA)
	d.say(c.linkWorker, "listing Doorstep Diggers")
	d.press(c.linkWorker, "Doorstep Diggers")
	shown = d.press(c.linkWorker, "Suggest plainer words")
	if said := shown[len(shown)-1].Message.Text.Plain(); !strings.HasPrefix(said, "I could not make one this time.") {
		t.Errorf("it says %q", said)
	}
}
