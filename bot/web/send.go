package web

import (
	"context"
	"math"
	"net/http"
	"regexp"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// sending is the body of POST /api/send: who, the update's id, and one of text, choice, form and place.
type sending struct {
	Chat string `json:"chat"`
	// ID is made by the page and stays the same when it tries again, so that a second try is a duplicate and not a
	// second message.
	ID     string            `json:"id"`
	Text   *string           `json:"text"`
	Choice *string           `json:"choice"`
	On     int64             `json:"on"` // the message whose button or form it was; optional
	Form   *string           `json:"form"`
	Fields map[string]string `json:"fields"`
	Place  bool              `json:"place"` // share the person's made-up place
}

// sent answers a sending that was taken.
type sent struct {
	Duplicate bool `json:"duplicate,omitempty"`
}

var uuid = regexp.MustCompile(`\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z`)

// deliverTime is how long the house may take to commit an update, so that stopping never waits longer than this.
const deliverTime = 8 * time.Second

func (c *Channel) postSend(w http.ResponseWriter, r *http.Request) {
	var s sending
	if err := read(w, r, &s); err != nil {
		c.fail(w, r, err)
		return
	}
	duplicate, problems, err := c.take(r.Context(), s)
	switch {
	case err != nil:
		c.fail(w, r, err)
	case problems != nil:
		c.answer(w, r, http.StatusUnprocessableEntity, failure{Say: "Please check the answers.", Problems: problems})
	default:
		c.answer(w, r, http.StatusOK, sent{Duplicate: duplicate})
	}
}

// take delivers what a person sent and, once it cannot be lost, puts it on their phone. The page may send the same again
// after any error: Deliver and the file both know the id.
func (c *Channel) take(ctx context.Context, s sending) (duplicate bool, problems map[string]string, err error) {
	p, ok := c.person(s.Chat)
	if !ok {
		return false, nil, errNobody()
	}
	if !uuid.MatchString(s.ID) {
		return false, nil, &refusal{http.StatusBadRequest, "That could not be read: the id is not a UUID."}
	}
	if chat, known := c.phones.chatOf(s.ID); known {
		if chat != s.Chat {
			return false, nil, &refusal{http.StatusConflict, "That id belongs to another message."}
		}
		return true, nil, nil
	}
	what, problems, err := c.understand(p, s)
	if err != nil || problems != nil {
		return false, problems, err
	}
	in, giveBack, ok := c.borrow()
	if !ok {
		return false, nil, &refusal{http.StatusServiceUnavailable, "Handrail is still starting. This will be sent in a moment."}
	}
	defer giveBack()

	run, order := c.phones.reserve()
	at := c.clock().UTC()
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	err = in.Deliver(ctx, bot.Update{
		ID:   s.ID,
		From: handrail.Address{Practice: c.practice, Channel: name, Chat: p.Chat},
		At:   at, Kind: what.Kind, Text: what.Text, Choice: what.Choice,
		Form: what.Form, Fields: what.Fields, Near: what.Near,
	})
	if err != nil {
		if _, ok := handrail.Sentence(err); ok {
			return false, nil, err
		}
		c.log.WarnContext(ctx, "update not delivered", "err", err)
		return false, nil, &refusal{http.StatusServiceUnavailable, "That could not be taken just now. It will be tried again."}
	}
	n, err := c.phones.add(run, entry{Order: order, At: at, Chat: p.Chat, ID: s.ID, Said: what})
	if err != nil {
		return false, nil, err
	}
	c.noteClock()
	return n == 0, nil, nil
}

// understand checks what was sent against the phone it was sent from. The checks of a form are those that the page made
// already: a page can be got round.
func (c *Channel) understand(p Person, s sending) (*said, map[string]string, error) {
	given := 0
	for _, there := range []bool{s.Text != nil, s.Choice != nil, s.Form != nil, s.Place} {
		if there {
			given++
		}
	}
	if given != 1 || (s.Form == nil && s.Fields != nil) {
		return nil, nil, &refusal{http.StatusBadRequest, "That could not be read: send one thing at a time."}
	}
	_, all := c.phones.all()
	switch {
	case s.Text != nil:
		switch {
		case *s.Text == "":
			return nil, nil, &refusal{http.StatusUnprocessableEntity, "Please write something first."}
		case len(*s.Text) > textBytes:
			return nil, nil, &refusal{http.StatusRequestEntityTooLarge, sayTooLong}
		}
		return &said{Kind: bot.UpdateText, Text: *s.Text}, nil, nil
	case s.Choice != nil:
		// Whether a button still means anything is for the house to say, which signed it (B14); a payload longer than
		// any button carries was never on one.
		if *s.Choice == "" || len(*s.Choice) > c.Limits().PayloadBytes {
			return nil, nil, &refusal{http.StatusUnprocessableEntity, "That button cannot be used."}
		}
		on, label := pressed(all, p.Chat, *s.Choice, s.On)
		return &said{Kind: bot.UpdatePress, Choice: *s.Choice, On: on, Picked: label}, nil, nil
	case s.Form != nil:
		on, form := filled(all, p.Chat, *s.Form, s.On)
		if form == nil {
			return nil, nil, &refusal{http.StatusNotFound, "That form is no longer here."}
		}
		values, problems := checked(*form, s.Fields)
		if problems != nil {
			return nil, problems, nil
		}
		return &said{Kind: bot.UpdateForm, Form: *s.Form, Fields: values, On: on}, nil, nil
	default:
		if p.Near == nil {
			return nil, nil, &refusal{http.StatusUnprocessableEntity, "There is no place to share in this chat."}
		}
		// As coarse as Deliver makes it, about a kilometre, so that the file never holds more either.
		near := handrail.Point{Lat: math.Round(p.Near.Lat*100) / 100, Lon: math.Round(p.Near.Lon*100) / 100}
		return &said{Kind: bot.UpdatePlace, Near: &near}, nil, nil
	}
}

// pressed finds the message with the button that carries the payload, preferring message n, then the newest, and the
// button's label.
func pressed(all []entry, chat, payload string, n int64) (on int64, label string) {
	label = "a button"
	for i := len(all) - 1; i >= 0; i-- {
		e := all[i]
		if e.Chat != chat || e.Message == nil {
			continue
		}
		for _, o := range e.Message.Options {
			if o.Payload == payload {
				if e.N == n {
					return e.N, o.Label
				}
				if on == 0 {
					on, label = e.N, o.Label
				}
				break
			}
		}
	}
	return on, label
}

// filled finds the form with the token, preferring message n, then the newest.
func filled(all []entry, chat, token string, n int64) (on int64, form *bot.Form) {
	for i := len(all) - 1; i >= 0; i-- {
		e := all[i]
		if e.Chat != chat || e.Message == nil || e.Message.Form == nil || e.Message.Form.Token != token {
			continue
		}
		if e.N == n {
			return e.N, e.Message.Form
		}
		if form == nil {
			on, form = e.N, e.Message.Form
		}
	}
	return on, form
}

// checked keeps the values of the form's own fields, without the space around them, which the checks don't count either,
// and finds what is wrong with them, as sentences by field name.
func checked(form bot.Form, values map[string]string) (map[string]string, map[string]string) {
	kept := make(map[string]string, len(form.Fields))
	for _, f := range form.Fields {
		if v, ok := values[f.Name]; ok {
			kept[f.Name] = strings.TrimSpace(v)
		}
	}
	found := form.Check(kept)
	if found == nil {
		return kept, nil
	}
	sentences := make(map[string]string, len(found))
	for _, f := range form.Fields {
		if p, ok := found[f.Name]; ok {
			sentences[f.Name] = problemSentence(f, p)
		}
	}
	return nil, sentences
}
