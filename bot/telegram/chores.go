package telegram

import (
	"context"
	"encoding/json"
	"time"

	tg "github.com/go-telegram/bot"

	"handrail/bot/wire"
)

// chore is something to be done after an update was committed, which nobody waits for and nothing depends on.
type chore struct {
	answer string        // tell the phone that the press arrived
	leave  int64         // leave a group
	press  *wireCallback // take the buttons away and show what was chosen
}

const (
	choreWorkers = 4
	choreTime    = 10 * time.Second
)

// after starts what is left to do once an update is committed. It never waits: when too much is to be done already, it
// is left undone, and a phone shows its little clock for longer.
func (c *Channel) after(ctx context.Context, h heard, answered bool) {
	todo := chore{leave: h.leave}
	if !answered {
		todo.answer = h.answer
	}
	if h.press != nil && c.spent != nil && c.spent(h.press.Data) {
		todo.press = h.press
	}
	if todo == (chore{}) {
		return
	}
	select {
	case c.chores <- todo:
	default:
		c.log.WarnContext(ctx, "telegram: too much to do beside: a press is not answered, or a group not left")
	}
}

func (c *Channel) doChores(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case todo := <-c.chores:
			ctx, cancel := context.WithTimeout(ctx, choreTime)
			c.do(ctx, todo)
			cancel()
		}
	}
}

func (c *Channel) do(ctx context.Context, todo chore) {
	complain := func(what string, err error) {
		if err != nil && ctx.Err() == nil && !wire.HasReason(err, reasonSame) && !wire.HasReason(err, reasonOldPress) {
			c.trouble(ctx, what, err)
		}
	}
	if todo.answer != "" {
		complain("answer a press", c.api.call(ctx, "answerCallbackQuery", tg.AnswerCallbackQueryParams{CallbackQueryID: todo.answer}, nil))
	}
	if todo.press != nil {
		complain("take used buttons away", c.showChosen(ctx, todo.press))
	}
	if todo.leave != 0 {
		complain("leave a group", c.api.call(ctx, "leaveChat", tg.LeaveChatParams{ChatID: todo.leave}, nil))
	}
}

// wordsWithEntities are the parameters of an edit that keeps a message's styles as Telegram gave them.
type wordsWithEntities struct {
	ChatID   int64           `json:"chat_id"`
	ID       int64           `json:"message_id"`
	Text     string          `json:"text,omitempty"`
	Caption  string          `json:"caption,omitempty"`
	Entities json.RawMessage `json:"entities,omitempty"`
	Captions json.RawMessage `json:"caption_entities,omitempty"`
	Preview  *preview        `json:"link_preview_options,omitempty"`
}

func (c *Channel) showChosen(ctx context.Context, p *wireCallback) error {
	edit := wordsWithEntities{ChatID: p.Message.Chat.ID, ID: p.Message.ID}
	method := "editMessageReplyMarkup" // without a keyboard: takes it away
	switch text, caption := p.chosen(); {
	case text != "":
		method, edit.Text, edit.Entities, edit.Preview = "editMessageText", text, p.Message.Entities, noPreview()
	case caption != "":
		method, edit.Caption, edit.Captions = "editMessageCaption", caption, p.Message.Captions
	}
	return c.api.call(ctx, method, edit, nil)
}
