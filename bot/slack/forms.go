package slack

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/slack-go/slack"

	"handrail"
	"handrail/bot"
	"handrail/bot/wire"
)

// opening is views.open's parameters.
type opening struct {
	Trigger string                 `json:"trigger_id"`
	View    slack.ModalViewRequest `json:"view"`
}

// openAtOnce opens a message's form as a modal where the person has just done something that lets it. opened is false
// where it cannot be: the message then goes with a button.
func (c *Channel) openAtOnce(ctx context.Context, in Installation, to handrail.Address, m bot.Message) (ref bot.Ref, opened bool, err error) {
	trigger, ok := c.triggers.take(to, c.clock.Now())
	if !ok {
		return "", false, nil
	}
	var out struct {
		View wireRef `json:"view"`
	}
	err = c.api.call(ctx, in.Token, "views.open", opening{trigger, c.modal(m.Text, *m.Form, to.Thread)}, &out)
	if err != nil && !wire.WasDone(err) {
		// Whatever it was, a button can still be sent: where the modal opened after all, both are for one answer.
		if !wire.HasReason(err, reasonNoTrigger) {
			c.trouble(ctx, "open a form", err)
		}
		return "", false, nil
	}
	return bot.Ref("view/" + out.View.ID), true, nil
}

// openForm answers the button that opens a form: with the open question of the conversation, as it is now.
func (c *Channel) openForm(ctx context.Context, in Installation, h heard) {
	to := h.from.address(in.Practice)
	m, ok := c.question(ctx, to, h.open)
	if !ok {
		if h.respond == "" {
			return
		}
		keep := false
		if err := c.api.respond(ctx, h.respond, brief{Type: "ephemeral", Text: escape(c.texts.MovedOn), Replace: &keep}); err != nil {
			c.trouble(ctx, "say that a form has moved on", err)
		}
		return
	}
	if err := c.api.call(ctx, in.Token, "views.open", opening{h.trigger, c.modal(m.Text, *m.Form, to.Thread)}, nil); err != nil && !wire.WasDone(err) {
		c.trouble(ctx, "open a form", err)
	}
}

// offerAgain puts a button where a form was closed without an answer: its question is still open.
func (c *Channel) offerAgain(ctx context.Context, in Installation, h heard) {
	to := h.from.address(in.Practice)
	m, ok := c.question(ctx, to, h.closed)
	if !ok {
		return
	}
	m.Private = true
	if _, _, err := c.say(ctx, in, to, h.from, "", c.notice(m), c.blocks(m, h.from.place)); err != nil {
		c.trouble(ctx, "offer a form again", err)
	}
}

// question is the open question of a conversation, when it is the form of this token.
func (c *Channel) question(ctx context.Context, from handrail.Address, token string) (bot.Message, bool) {
	_, in, giveBack, ok := c.running.Borrow()
	if !ok {
		return bot.Message{}, false
	}
	defer giveBack()
	q, ok := in.(questions)
	if !ok {
		return bot.Message{}, false
	}
	m, ok, err := q.Question(ctx, from)
	if err != nil {
		c.log.ErrorContext(ctx, "slack: the open question could not be read", "error", err)
		return bot.Message{}, false
	}
	return m, ok && m.Form != nil && m.Form.Token == token
}

// takeButtons takes the used buttons off a message and says what was chosen.
func (c *Channel) takeButtons(ctx context.Context, in Installation, p wirePressed) {
	blocks := c.without(p)
	if len(blocks) == 0 || at(p.ts).IsZero() {
		return
	}
	err := c.api.call(ctx, in.Token, "chat.update", struct {
		Channel string            `json:"channel"`
		TS      string            `json:"ts"`
		Text    string            `json:"text"`
		Blocks  []json.RawMessage `json:"blocks"`
	}{p.channel, p.ts, p.message.Text, blocks}, nil)
	if err != nil && !wire.WasDone(err) {
		c.trouble(ctx, "take used buttons away", err)
	}
}

// without are a message's blocks without the buttons that have had their answer, and with what was chosen beneath.
func (c *Channel) without(p wirePressed) []json.RawMessage {
	var out []json.RawMessage
	for _, raw := range p.message.Blocks {
		var block struct {
			Type     string            `json:"type"`
			ID       string            `json:"block_id"`
			Elements []json.RawMessage `json:"elements"`
		}
		if json.Unmarshal(raw, &block) != nil {
			return nil // of another shape: leave the message as it is
		}
		if block.Type != string(slack.MBTAction) {
			out = append(out, raw)
			continue
		}
		n := len(block.Elements)
		block.Elements = slices.DeleteFunc(block.Elements, c.isSpent)
		switch {
		case len(block.Elements) == n:
			out = append(out, raw)
		case len(block.Elements) > 0:
			if kept, err := json.Marshal(block); err == nil {
				out = append(out, kept)
			}
		}
	}
	chosen, err := json.Marshal(slack.NewContextBlock("chosen", plain(cut(c.texts.Chosen+" "+p.label, maxText))))
	if err != nil || len(out) >= maxBlocks {
		return out
	}
	return append(out, chosen)
}

// isSpent says whether a button, or a list, has had its answer.
func (c *Channel) isSpent(raw json.RawMessage) bool {
	var e struct {
		Action  string       `json:"action_id"`
		Value   string       `json:"value"`
		Options []wireOption `json:"options"`
	}
	if json.Unmarshal(raw, &e) != nil {
		return false
	}
	if len(e.Options) > 0 {
		e.Value = e.Options[0].Value
	}
	return e.Value != "" && e.Action != actForm && c.spent(e.Value)
}
