package telegram

import (
	"context"
	"errors"
	"path"
	"strconv"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"handrail"
	"handrail/bot"
	"handrail/bot/wire"
)

// piece is one call that shows something, and the same call without markup, for when Telegram can't read it.
type piece struct {
	method string
	params any
	plain  func() any // nil: it has none
	files  []attachment
}

// sentMessage is what is read of a message that was sent.
type sentMessage struct {
	ID int64 `json:"message_id"`
}

// Send sends a message in as few calls as it takes: one, unless it has a place or files beside words that don't fit
// beneath them. The reference is that of its last part, which has the buttons. When a later part fails after an earlier
// one arrived, nobody can say that the message was not sent: the outcome is unknown.
func (c *Channel) Send(ctx context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	chat, err := strconv.ParseInt(to.Chat, 10, 64)
	if err != nil || to.Channel != Name || to.Practice != c.practice || to.Thread != "" {
		return "", &bot.SendError{Outcome: bot.OutcomeRefused, Err: errors.New("nobody here has this address")}
	}
	var last sentMessage
	pieces := c.pieces(chat, m)
	if len(pieces) == 0 {
		return "", &bot.SendError{Outcome: bot.OutcomeRefused, Err: errors.New("the message says nothing")}
	}
	for i, p := range pieces {
		if err := c.show(ctx, p, i > 0, &last); err != nil {
			return "", c.failed(ctx, err, i > 0)
		}
	}
	if last.ID == 0 {
		return "", nil // it was sent, and its number could not be read
	}
	return bot.Ref(strconv.FormatInt(last.ID, 10)), nil
}

// show makes one call. A later part of a message waits here when Telegram asks for a moment: the sender counts one
// request a message.
func (c *Channel) show(ctx context.Context, p piece, later bool, into *sentMessage) error {
	params := p.params
	for {
		err := c.api.call(ctx, p.method, params, into, p.files...)
		switch {
		case err == nil || wire.WasDone(err):
			c.works(ctx)
			return nil
		case wire.HasReason(err, reasonMarkup) && p.plain != nil:
			c.log.ErrorContext(ctx, "telegram: markup was refused, and the message goes without", "method", p.method)
			params, p.plain = p.plain(), nil
		case later && wire.AskedFor(err) > 0 && wire.AskedFor(err) <= patience && !isRevoked(err):
			wire.Wait(ctx, c.clock, wire.AskedFor(err))
		default:
			return err
		}
	}
}

// patience is how long a later part of a message waits where it is.
const patience = 3 * time.Second

// failed says what a failed call means for the message.
func (c *Channel) failed(ctx context.Context, err error, begun bool) error {
	if isRevoked(err) {
		c.revoked(ctx)
	}
	failure := &bot.SendError{Outcome: bot.OutcomeUnknown, Err: err}
	var e *wire.Error
	if errors.As(err, &e) {
		failure.Outcome, failure.After = e.Outcome, e.After
	}
	if begun && failure.Outcome == bot.OutcomeRetry {
		failure.Outcome = bot.OutcomeUnknown
	}
	return failure
}

// pieces are the calls that a message takes.
func (c *Channel) pieces(chat int64, m bot.Message) []piece {
	var out []piece
	k := keys(m.Options)
	things := len(m.Files)
	if m.Place != nil {
		things++
	}
	text := m.Text
	// Words beneath the only file are read with it.
	caption := things == 1 && len(m.Files) == 1 && units(withAlt(text, m.Files[0]).Plain()) <= captionChars
	if plain := strings.TrimSpace(text.Plain()); plain != "" && !caption || things == 0 && k != nil {
		parts := fitting(text)
		for i, t := range parts {
			var under *keyboard
			if things == 0 && i == len(parts)-1 {
				under = k
			}
			out = append(out, words(chat, t, under))
		}
		text = nil
	}
	for i, f := range m.Files {
		var under *keyboard
		if m.Place == nil && i == len(m.Files)-1 {
			under = k
		}
		out = append(out, handOver(chat, text, f, under))
	}
	if p := m.Place; p != nil {
		out = append(out, piece{method: "sendVenue", params: tg.SendVenueParams{
			ChatID: chat, Latitude: p.At.Lat, Longitude: p.At.Lon, Title: clean(p.Name), Address: clean(p.Address), ReplyMarkup: markup(k),
		}})
	}
	return out
}

// fitting cuts a text that fits by characters and not by code units: many emoji count twice there.
func fitting(t bot.Text) []bot.Text {
	if units(t.Plain()) <= textChars {
		return []bot.Text{t}
	}
	var out []bot.Text
	for _, part := range bot.Fit(bot.Message{Text: t}, bot.Limits{TextChars: textChars / 2}) {
		out = append(out, part.Text)
	}
	return out
}

// sayMessage are the parameters of sendMessage. They are the library's, with our own preview: its is four fields that
// nobody sets.
type sayMessage struct {
	Chat    int64            `json:"chat_id"`
	Text    string           `json:"text"`
	Mode    models.ParseMode `json:"parse_mode,omitempty"`
	Preview *preview         `json:"link_preview_options,omitempty"`
	Keys    *keyboard        `json:"reply_markup,omitempty"`
}

func words(chat int64, t bot.Text, k *keyboard) piece {
	said := sayMessage{Chat: chat, Text: html(t), Mode: models.ParseModeHTML, Preview: noPreview(), Keys: k}
	if strings.TrimSpace(t.Plain()) == "" {
		said.Text = "…" // buttons alone: Telegram wants words above them
	}
	return piece{method: "sendMessage", params: said, plain: func() any {
		said.Mode, said.Text = "", clean(t.Plain())
		return said
	}}
}

// handOver shows a file: a picture as a picture, with its words beneath.
func handOver(chat int64, t bot.Text, f bot.File, k *keyboard) piece {
	name := path.Base("/" + strings.ReplaceAll(clean(f.Name), `\`, "/"))
	t = withAlt(t, f)
	upload := &models.InputFileString{Data: "attach://file"}
	picture := isPicture(f.MIME)
	// The parameters are written as a form from their JSON, in which the file is a reference to its part.
	params := func(caption string, mode models.ParseMode) any {
		if picture {
			return tg.SendPhotoParams{ChatID: chat, Photo: upload, Caption: caption, ParseMode: mode, ReplyMarkup: markup(k)}
		}
		return tg.SendDocumentParams{ChatID: chat, Document: upload, Caption: caption, ParseMode: mode, ReplyMarkup: markup(k)}
	}
	p := piece{
		method: "sendDocument",
		files:  []attachment{{field: "file", name: name, mime: clean(f.MIME), data: f.Data}},
		params: params(html(t), models.ParseModeHTML),
		plain:  func() any { return params(clean(t.Plain()), "") },
	}
	if picture {
		p.method = "sendPhoto"
	}
	if t.Plain() == "" {
		p.params, p.plain = params("", ""), nil
	}
	return p
}

func isPicture(mime string) bool { return mime == "image/png" || mime == "image/jpeg" }

// withAlt adds what a picture shows, for those who cannot see it: Telegram has no other place for it.
func withAlt(t bot.Text, f bot.File) bot.Text {
	if !isPicture(f.MIME) || f.Alt == "" || strings.Contains(t.Plain(), f.Alt) {
		return t
	}
	return append(t[:len(t):len(t)], bot.Para(f.Alt)...)
}

func clean(s string) string { return strings.ToValidUTF8(s, "") }

// Edit replaces the words and buttons of a message that Send returned the reference of; its place and files stay as
// they are. That it says so already is no error.
func (c *Channel) Edit(ctx context.Context, to handrail.Address, ref bot.Ref, m bot.Message) error {
	chat, err := strconv.ParseInt(to.Chat, 10, 64)
	id, idErr := strconv.ParseInt(string(ref), 10, 64)
	if err != nil || idErr != nil || to.Channel != Name || to.Practice != c.practice || to.Thread != "" {
		return &bot.SendError{Outcome: bot.OutcomeRefused, Err: errors.New("there is no such message")}
	}
	type edit struct {
		Chat    int64            `json:"chat_id"`
		ID      int64            `json:"message_id"`
		Text    string           `json:"text,omitempty"`
		Caption string           `json:"caption,omitempty"`
		Mode    models.ParseMode `json:"parse_mode,omitempty"`
		Preview *preview         `json:"link_preview_options,omitempty"`
		Keys    *keyboard        `json:"reply_markup,omitempty"`
	}
	e, method := edit{Chat: chat, ID: id, Keys: keys(m.Options)}, "editMessageReplyMarkup"
	switch {
	case len(m.Files) > 0 && len(m.Text) > 0:
		method, e.Caption, e.Mode = "editMessageCaption", html(m.Text), models.ParseModeHTML
	case len(m.Files) == 0 && m.Place == nil && len(m.Text) > 0:
		method, e.Text, e.Mode, e.Preview = "editMessageText", html(m.Text), models.ParseModeHTML, noPreview()
	}
	err = c.api.call(ctx, method, e, nil)
	if err == nil || wire.HasReason(err, reasonSame) {
		return nil
	}
	return c.failed(ctx, err, false)
}
