package telegram

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

// heard is what an update means: what is to be delivered, if anything, and what is to be done once that is committed.
type heard struct {
	update *bot.Update // nil: nothing is stored of it
	// chat is where it happened, 0 nowhere: updates of one chat are delivered one after another.
	chat   int64
	album  string // the album that it is a part of, when it says nothing of its own
	answer string // the press that waits for an answer
	leave  int64  // the group to leave
	press  *wireCallback
}

// read says what an update means. It is pure.
func (c *Channel) read(u wireUpdate) heard {
	switch {
	case u.Message != nil:
		return c.readMessage(u.ID, u.Message)
	case u.Edited != nil:
		return c.readEdited(u.ID, u.Edited)
	case u.Callback != nil:
		return c.readPress(u.ID, u.Callback)
	case u.Member != nil:
		return c.readMember(u.ID, u.Member)
	case u.Channel != nil:
		return heard{chat: u.Channel.Chat.ID, leave: u.Channel.Chat.ID}
	}
	return heard{} // an inline query, a reaction, something newer: not asked for, and declined by not answering
}

func (c *Channel) update(id, chat, date int64, kind bot.UpdateKind) *bot.Update {
	at := time.Unix(date, 0).UTC()
	if date <= 0 {
		at = c.clock.Now().UTC() // of a press: Telegram does not say when
	}
	return &bot.Update{ID: c.updateID(id), From: c.address(chat), At: at, Kind: kind}
}

func private(chat wireChat) bool { return chat.Type == "private" && chat.ID > 0 }

func (c *Channel) readMessage(id int64, m *wireMessage) heard {
	if !private(m.Chat) {
		return heard{chat: m.Chat.ID, leave: m.Chat.ID} // nothing of a group is stored, nor who wrote in it (B11)
	}
	u := c.update(id, m.Chat.ID, m.Date, bot.UpdateText)
	u.Text, u.Ref = m.words(), bot.Ref(strconv.FormatInt(m.ID, 10))
	switch {
	case m.Forward != nil || m.Via != nil || m.External != nil:
		// Somebody else's words, or a machine's: read for danger, never taken for an answer or a consent (B12).
		u.Kind = bot.UpdateUnread
		if m.External != nil && m.Quote != nil {
			u.Text = strings.TrimSpace(m.Quote.Text + "\n" + u.Text)
		}
	case m.Contact != nil:
		u.Kind = bot.UpdateContact
	case m.Location != nil:
		u.Kind, u.Near = bot.UpdatePlace, m.Location.coarse()
		if u.Near == nil {
			u.Kind = bot.UpdateUnread
		}
	case m.Text != "":
		u.Text = c.command(m.Text)
	case m.service():
		return heard{chat: m.Chat.ID}
	default:
		u.Kind = bot.UpdateUnread
	}
	h := heard{update: u, chat: m.Chat.ID}
	if m.Album != "" && u.Text == "" {
		h.album = u.From.Chat + ":" + m.Album
	}
	return h
}

func (c *Channel) readEdited(id int64, m *wireMessage) heard {
	switch {
	case !private(m.Chat):
		return heard{chat: m.Chat.ID, leave: m.Chat.ID}
	case m.words() == "":
		return heard{chat: m.Chat.ID} // a live position that moved on: never stored (B8)
	}
	u := c.update(id, m.Chat.ID, max(m.EditDate, m.Date), bot.UpdateEdited)
	u.Text, u.Ref = m.words(), bot.Ref(strconv.FormatInt(m.ID, 10))
	return heard{update: u, chat: m.Chat.ID}
}

func (c *Channel) readPress(id int64, p *wireCallback) heard {
	chat := p.From.ID
	if p.Message != nil {
		chat = p.Message.Chat.ID
		if !private(p.Message.Chat) || chat != p.From.ID {
			return heard{chat: chat, answer: p.ID, leave: p.Message.Chat.ID}
		}
	}
	if chat <= 0 || p.Message == nil || p.Data == "" {
		return heard{chat: chat, answer: p.ID} // under an inline message, or a game: never one of ours
	}
	u := c.update(id, chat, 0, bot.UpdatePress)
	u.Choice = p.Data
	return heard{update: u, chat: chat, answer: p.ID, press: p}
}

func (c *Channel) readMember(id int64, m *wireMember) heard {
	const blocked = "kicked"
	here := m.New.Status == "member" || m.New.Status == "administrator" || m.New.Status == "restricted"
	if !private(m.Chat) {
		h := heard{chat: m.Chat.ID}
		if here {
			h.leave = m.Chat.ID // somebody put the bot into a group
		}
		return h
	}
	switch {
	case m.New.Status == blocked || m.New.Status == "left":
		return heard{update: c.update(id, m.Chat.ID, m.Date, bot.UpdateLeft), chat: m.Chat.ID}
	case here && (m.Old.Status == blocked || m.Old.Status == "left"):
		return heard{update: c.update(id, m.Chat.ID, m.Date, bot.UpdateReturned), chat: m.Chat.ID}
	}
	return heard{chat: m.Chat.ID}
}

// words is all that can be read in a message.
func (m *wireMessage) words() string {
	switch {
	case m.Text != "":
		return m.Text
	case m.Caption != "":
		return m.Caption
	case m.Poll != nil:
		return m.Poll.Question
	}
	return ""
}

// service says whether it is something that happened in the chat and nothing that somebody sent.
func (m *wireMessage) service() bool {
	return m.Pinned != nil || m.Timer != nil || m.Site != nil || m.Write != nil || m.Wallpaper != nil || m.Paying != nil ||
		m.Refund != nil || m.Topic != nil || m.TopicEdit != nil
}

// coarse rounds to two decimals, about a kilometre, so that a door never leaves this package; nil for what is nowhere
// on earth.
func (p *wirePoint) coarse() *handrail.Point {
	if math.Abs(p.Lat) > 90 || math.Abs(p.Lon) > 180 {
		return nil
	}
	return &handrail.Point{Lat: math.Round(p.Lat*100) / 100, Lon: math.Round(p.Lon*100) / 100}
}

// command takes our own name off a command: "/help@HandrailBot" is "/help". Somebody else's stays, and is then only
// words.
func (c *Channel) command(text string) string {
	name := c.username.Load()
	if name == nil || !strings.HasPrefix(text, "/") {
		return text
	}
	first, rest := text, ""
	if i := strings.IndexAny(text, " \n\t"); i >= 0 {
		first, rest = text[:i], text[i:]
	}
	word, to, ok := strings.Cut(first, "@")
	if !ok || !strings.EqualFold(to, *name) {
		return text
	}
	return word + rest
}

// chosen is what a message says once the button with this payload was pressed: its own words and, beneath, the label.
// Nothing when they would not fit, or the message has no words.
func (p *wireCallback) chosen() (text, caption string) {
	m := p.Message
	label := ""
	if m.Keys != nil {
		for _, row := range m.Keys.Rows {
			for _, b := range row {
				if b.Data == p.Data {
					label = b.Text
				}
			}
		}
	}
	if label == "" {
		return "", ""
	}
	add := "\n\n» " + label
	switch {
	case m.Text != "" && units(m.Text+add) <= textChars:
		return m.Text + add, ""
	case m.Caption != "" && units(m.Caption+add) <= captionChars:
		return "", m.Caption + add
	}
	return "", ""
}

// units is the length of a text in UTF-16 code units, as Telegram counts.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 && utf8.ValidRune(r) {
			n++
		}
	}
	return n
}
