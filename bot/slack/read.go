package slack

import (
	"encoding/json"
	"strings"
	"time"

	"handrail/bot"
)

// heard is what a delivery of Slack's means: what is to be delivered, if anything, and what is to be done beside.
type heard struct {
	update *bot.Update // nil: nothing is stored of it
	from   who         // zero: nobody's
	// trigger opens a modal for three seconds; thread is where an answer belongs; own is the person's conversation with
	// the app; respond is an address that answers an interaction.
	trigger, thread, own, respond string

	home   bool         // the person looks at the app's home
	spent  *wirePressed // a press whose buttons may have to go
	open   string       // the form that a button asks to open, by its token
	closed string       // the form that was closed without an answer, by its token
	sheet  *sheet       // of a form that was sent in
	typed  map[string]string
	revoke bool // the workspace took the app away
}

// wirePressed is a message whose button was pressed.
type wirePressed struct {
	channel, ts, payload, label string
	message                     wireMessage
}

func (c *Channel) update(in Installation, w who, id string, kind bot.UpdateKind, at time.Time) *bot.Update {
	if at.IsZero() {
		at = c.clock.Now().UTC()
	}
	return &bot.Update{ID: id, From: w.address(in.Practice), At: at, Kind: kind}
}

// readEvent says what an event means. It is pure, but for the clock where Slack does not say when.
func (c *Channel) readEvent(in Installation, e wireEvents) heard {
	ev := &e.Event
	switch ev.Type {
	case "message":
		if ev.Kind != "im" && (ev.Kind != "" || !isOwn(id(ev.Channel))) {
			return heard{} // a channel's messages are not asked for; nothing of them is stored (B11)
		}
		return c.readMessage(in, e)
	case "app_mention":
		w := who{team: in.Team, user: id(ev.User), place: id(ev.Channel)}
		if !c.ours(in, w, ev.UserTeam, ev.Team, ev.BotID) || !isID(w.place) {
			return heard{}
		}
		words := said(mentionless(ev.Text, in.BotUser), ev.Blocks)
		if strings.TrimSpace(words) == "" {
			words = c.commands["/handrail"] // called by name and asked nothing
		}
		u := c.update(in, w, "event:"+e.ID, bot.UpdateText, at(ev.TS))
		u.Text, u.Ref = words, bot.Ref(w.place+"/"+ev.TS)
		return heard{update: u, from: w, thread: ev.Thread}
	case "app_home_opened":
		w := who{team: in.Team, user: id(ev.User)}
		return heard{from: w, home: ev.Tab == "home" && isID(w.user), own: own(id(ev.Channel))}
	case "user_change":
		return c.readChange(in, e)
	case "app_uninstalled":
		return heard{revoke: true}
	case "tokens_revoked":
		return heard{revoke: ev.Tokens != nil && len(ev.Tokens.Bot) > 0}
	}
	return heard{} // not asked for, or newer than this
}

// ours says whether somebody belongs to the workspace and is a person: outsiders of a shared channel, and bots, get no
// answer (C7).
func (c *Channel) ours(in Installation, w who, userTeam, team, botID string) bool {
	if botID != "" || !isID(w.user) || w.user == in.BotUser || w.user == "USLACKBOT" {
		return false
	}
	if userTeam != "" {
		return userTeam == in.Team
	}
	return team == "" || team == in.Team
}

func own(channel string) string {
	if isOwn(channel) {
		return channel
	}
	return ""
}

func (c *Channel) readMessage(in Installation, e wireEvents) heard {
	ev := &e.Event
	w := who{team: in.Team, user: id(ev.User)}
	h := heard{from: w, thread: ev.Thread, own: own(id(ev.Channel))}
	switch ev.Subtype {
	case "message_changed":
		m, was := ev.Message, ev.Previous
		if m == nil || was != nil && was.Text == m.Text {
			return heard{} // a picture of a page was added to it
		}
		h.from.user = m.User
		if !c.ours(in, h.from, m.UserTeam, "", m.BotID) {
			return heard{}
		}
		h.update = c.update(in, h.from, "event:"+e.ID, bot.UpdateEdited, at(ev.TS))
		h.update.Text, h.update.Ref = said(m.Text, m.Blocks), bot.Ref(id(ev.Channel)+"/"+m.TS)
		return h
	case "", "file_share", "thread_broadcast", "me_message":
	default:
		return heard{} // deleted, a bot's, something that happened: nobody's words
	}
	if !c.ours(in, w, ev.UserTeam, ev.Team, ev.BotID) {
		return heard{}
	}
	kind := bot.UpdateText
	if ev.Subtype == "file_share" || len(ev.Files) > 0 {
		kind = bot.UpdateUnread // files are neither fetched nor stored; what is said with them is read for danger (B8)
	}
	h.update = c.update(in, w, "event:"+e.ID, kind, at(ev.TS))
	h.update.Text, h.update.Ref = said(ev.Text, ev.Blocks), bot.Ref(id(ev.Channel)+"/"+ev.TS)
	return h
}

// readChange tells that somebody's account was closed.
func (c *Channel) readChange(in Installation, e wireEvents) heard {
	var user struct {
		ID      string `json:"id"`
		Team    string `json:"team_id"`
		Deleted bool   `json:"deleted"`
	}
	_ = json.Unmarshal(e.Event.User, &user) // of another shape: it names nobody
	w := who{team: in.Team, user: user.ID}
	if !user.Deleted || !isID(w.user) || user.Team != "" && user.Team != in.Team {
		return heard{}
	}
	return heard{from: w, update: c.update(in, w, "event:"+e.ID, bot.UpdateLeft, at(e.Event.EventTS))}
}

// mentionless takes the app's own name off the beginning, or out of the middle, of what was said to it.
func mentionless(text, botUser string) string {
	if botUser == "" {
		return text
	}
	before, after, found := strings.Cut(text, "<@"+botUser)
	if !found {
		return text
	}
	if _, rest, closed := strings.Cut(after, ">"); closed {
		return strings.TrimSpace(strings.TrimSpace(before) + " " + strings.TrimSpace(rest))
	}
	return text
}

// readCommand says what a slash command means.
func (c *Channel) readCommand(in Installation, k wireCommand) heard {
	w := who{team: in.Team, user: k.User, place: k.Channel}
	if !isID(w.user) || k.Trigger == "" {
		return heard{}
	}
	if isOwn(w.place) || !isID(w.place) {
		w.place = "" // the person's own conversation, with the app or with somebody
	}
	opening, known := c.commands[k.Command]
	words := strings.TrimSpace(unlink(k.Text))
	switch {
	case k.Command == "/handrail" && words != "":
		opening = words
	case known && words != "":
		opening += " " + words
	case !known:
		opening = strings.TrimPrefix(k.Command, "/") + " " + words
	}
	u := c.update(in, w, "command:"+k.Trigger, bot.UpdateText, time.Time{})
	u.Text, u.Handle = strings.TrimSpace(opening), k.Trigger
	return heard{update: u, from: w, trigger: k.Trigger, respond: k.Respond}
}

// readInteraction says what a press, a shortcut or a form means.
func (c *Channel) readInteraction(in Installation, x wireInteraction) heard {
	w := who{team: in.Team, user: x.User.ID}
	if !isID(w.user) || x.User.Team != "" && x.User.Team != in.Team {
		return heard{} // an outsider of a shared channel (C7)
	}
	h := heard{from: w, trigger: x.Trigger, respond: x.Respond}
	switch x.Type {
	case "block_actions":
		return c.readPress(in, x, h)
	case "shortcut", "message_action":
		u := c.update(in, w, "shortcut:"+x.Trigger, bot.UpdateText, at(x.ActionTS))
		u.Text, u.Handle = c.commands["/whatson"], x.Trigger
		if x.Message != nil && x.Callback == findForThis {
			u.Text = strings.TrimSpace(u.Text + " " + strings.Join(strings.Fields(unlink(x.Message.Text)), " "))
		}
		if x.Trigger == "" {
			return heard{}
		}
		h.update = u
		return h
	case "view_submission":
		if x.View == nil || x.View.Callback != formView {
			return heard{}
		}
		s := readSheet(x.View.Metadata)
		h.from.place = s.Place
		h.sheet, h.typed = &s, x.View.typed()
		// A view is sent in once: a second submission of it is the same one, whatever its trigger says.
		h.update = c.update(in, h.from, "view:"+x.View.ID, bot.UpdateForm, time.Time{})
		h.update.Form, h.update.Fields, h.update.Handle = s.Token, h.typed, x.Trigger
		return h
	case "view_closed":
		if x.View == nil || x.View.Callback != formView {
			return heard{}
		}
		s := readSheet(x.View.Metadata)
		h.from.place, h.closed = s.Place, s.Token
		return h
	}
	return heard{}
}

// findForThis is the callback id of the message shortcut.
const findForThis = "find_for_this"

func readSheet(metadata string) sheet {
	var s sheet
	if err := json.Unmarshal([]byte(metadata), &s); err != nil || s.Place != "" && !isID(s.Place) {
		return sheet{}
	}
	return s
}

func (c *Channel) readPress(in Installation, x wireInteraction, h heard) heard {
	if len(x.Actions) == 0 {
		return heard{}
	}
	a := x.Actions[0]
	if _, place, ok := strings.Cut(a.Block, "@"); ok && isID(place) {
		h.from.place = place
	}
	payload, label := a.Value, a.Text.Text
	if a.Selected != nil {
		payload, label = a.Selected.Value, a.Selected.Text.Text
	}
	switch {
	case a.ID == actForm:
		h.open = payload
		return h
	case strings.HasPrefix(a.ID, actLink), payload == "", x.Trigger == "":
		return heard{} // it opened an address
	}
	u := c.update(in, h.from, "press:"+x.Trigger+":"+a.TS, bot.UpdatePress, at(a.TS))
	u.Choice, u.Handle = payload, x.Trigger
	h.update = u
	if x.Message != nil && !x.Place.Ephemeral {
		channel := x.Place.Channel
		if channel == "" && x.Channel != nil {
			channel = x.Channel.ID
		}
		if isOwn(channel) {
			h.own = channel
			h.spent = &wirePressed{channel: channel, ts: x.Place.TS, payload: payload, label: label, message: *x.Message}
		}
	}
	return h
}

// DefaultCommands are what each slash command says to the engine.
func DefaultCommands() map[string]string {
	return map[string]string{
		"/whatson": "/find", "/refer": "/refer", "/declined": "/declined", "/mypatients": "/my patients", "/handrail": "help",
	}
}
