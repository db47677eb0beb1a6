package slackapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Team is one workspace that has the app.
type Team struct {
	s         *Server
	id        string
	token     string
	bot       string
	installer string
	refused   string // the error that its token is answered with; empty: none
	// organisation is the one that it is of (Enterprise Grid); whole says that the app is installed for all of it.
	organisation string
	whole        bool
	people       map[string]*Person
	rooms        map[string]*Room
}

// Team is the workspace of this id, with the app installed; it is there from now on.
func (s *Server) Team(id string) *Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.teams[id]
	if t == nil {
		t = &Team{s: s, id: id, token: "xoxb-" + id + "-TEST", bot: "UBOT" + id, people: map[string]*Person{}, rooms: map[string]*Room{}}
		s.teams[id] = t
	}
	return t
}

// ID is the workspace's, Token the app's token in it, and Bot the app's own user id there.
func (t *Team) ID() string { return t.id }

// Token is the app's token in the workspace.
func (t *Team) Token() string { return t.token }

// Bot is the app's own user id in the workspace.
func (t *Team) Bot() string { return t.bot }

// Organisation puts the workspace into an organisation (Enterprise Grid); whole says that the app is installed for all of it.
func (t *Team) Organisation(id string, whole bool) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.organisation, t.whole = id, whole
}

// Refuse makes the workspace's token be answered with this error ("token_revoked", "invalid_auth"); "" takes it again.
func (t *Team) Refuse(code string) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.refused = code
}

// Uninstall takes the app away, and tells it so.
func (t *Team) Uninstall() <-chan struct{} {
	t.Refuse("token_revoked")
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	return t.s.event(t, map[string]any{"type": "app_uninstalled"})
}

// Person is somebody with Slack.
type Person struct {
	s           *Server
	team        *Team
	id          string
	dm          string
	name        string
	deactivated bool
	seen        []*Seen
	views       []*View
	home        *View
	homes       int
	own         string // the time of the person's own last message
	said        string
}

// Person is the person of this user id; they are there from now on.
func (t *Team) Person(id string) *Person {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	p := t.people[id]
	if p == nil {
		p = &Person{s: t.s, team: t, id: id, dm: "D" + id, name: "Person " + id}
		t.people[id] = p
	}
	return p
}

// Room is a channel that several people read.
type Room struct {
	s        *Server
	team     *Team
	id       string
	hasApp   bool
	archived bool
	members  map[string]bool
}

// Room is the channel of this id, with these people and, when app is true, the app in it.
func (t *Team) Room(id string, app bool, members ...*Person) *Room {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	r := &Room{s: t.s, team: t, id: id, hasApp: app, members: map[string]bool{}}
	for _, p := range members {
		r.members[p.id] = true
	}
	t.rooms[id] = r
	return r
}

// ID is the channel's.
func (r *Room) ID() string { return r.id }

// Archive archives the channel, and tells the app so.
func (r *Room) Archive() <-chan struct{} {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	r.archived = true
	return r.s.event(r.team, map[string]any{"type": "channel_archive", "channel": r.id, "user": "UADMIN"})
}

// ID is the person's user id, and Own the id of their conversation with the app.
func (p *Person) ID() string { return p.id }

// Own is the id of the person's conversation with the app.
func (p *Person) Own() string { return p.dm }

// SetName says how the person is called.
func (p *Person) SetName(name string) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.name = name
}

// File is a file as the person sees it.
type File struct {
	ID, Name, Title, Alt string
	Data                 []byte
	size                 int
	team                 *Team
}

// Seen is one message of the app's as the person sees it now.
type Seen struct {
	Channel   string
	TS        string
	At        time.Time
	Notice    string // what a notification shows
	Blocks    []Block
	Files     []File
	Whispered bool // seen by this person only, in a channel
	Thread    string
	Edits     int
	Deleted   bool
	Metadata  json.RawMessage
	raw       []json.RawMessage
}

// Words are all words of the message.
func (m Seen) Words() string {
	var parts []string
	for _, b := range m.Blocks {
		if b.Text != "" {
			parts = append(parts, b.Text)
		}
	}
	return strings.Join(parts, "\n\n")
}

// Buttons are the labels of what can be pressed, or picked from a list.
func (m Seen) Buttons() []string {
	var out []string
	for _, b := range m.Blocks {
		for _, e := range b.Elements {
			if len(e.Options) == 0 {
				out = append(out, e.Text)
			}
			for _, o := range e.Options {
				out = append(out, o.Text)
			}
		}
	}
	return out
}

// Seen is what the person sees of the app's, in order: in their own conversation and whispered in channels.
func (p *Person) Seen() []Seen { return p.SeenFrom(0) }

// SeenFrom is Seen without the first n messages.
func (p *Person) SeenFrom(n int) []Seen {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	var out []Seen
	for _, m := range p.seen[min(n, len(p.seen)):] {
		if !m.Deleted {
			out = append(out, *m)
		}
	}
	return out
}

// View is the modal that is open before the person; false for none.
func (p *Person) View() (View, bool) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	for i := len(p.views) - 1; i >= 0; i-- {
		if !p.views[i].Closed {
			return *p.views[i], true
		}
	}
	return View{}, false
}

// Home is the person's home tab, and how often it was drawn.
func (p *Person) Home() (View, int) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if p.home == nil {
		return View{}, 0
	}
	return *p.home, p.homes
}

// Deactivate closes the person's account, and tells the app so.
func (p *Person) Deactivate() <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.deactivated = true
	return p.s.event(p.team, map[string]any{"type": "user_change", "user": map[string]any{"id": p.id, "team_id": p.team.id, "deleted": true}, "event_ts": p.s.ts()})
}

// escaped is what was typed as Slack hands it on: three characters escaped, addresses as links.
func escaped(s string) string {
	words := strings.Split(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s), " ")
	for i, w := range words {
		if strings.HasPrefix(w, "https://") {
			words[i] = "<" + w + ">"
		}
	}
	return strings.Join(words, " ")
}

// Say writes to the app. The channel is closed once the app has acknowledged it.
func (p *Person) Say(text string) <-chan struct{} { return p.SayIn("", text) }

// SayIn writes in a thread of the person's conversation with the app.
func (p *Person) SayIn(thread, text string) <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	fields := map[string]any{}
	if thread != "" {
		fields["thread_ts"] = thread
	}
	return p.post(text, fields)
}

// Post writes a message with these fields besides, as an event has them.
func (p *Person) Post(text string, fields map[string]any) <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.post(text, fields)
}

func (p *Person) post(text string, fields map[string]any) <-chan struct{} {
	p.own, p.said = p.s.ts(), text
	e := map[string]any{
		"type": "message", "channel": p.dm, "channel_type": "im", "user": p.id, "team": p.team.id, "text": escaped(text), "ts": p.own,
		"event_ts": p.own, "client_msg_id": "m" + p.own,
	}
	for k, v := range fields {
		e[k] = v
	}
	return p.s.event(p.team, e)
}

// Edit changes the person's own last message.
func (p *Person) Edit(text string) <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	ts := p.s.ts()
	was := map[string]any{"type": "message", "user": p.id, "text": escaped(p.said), "ts": p.own}
	now := map[string]any{"type": "message", "user": p.id, "text": escaped(text), "ts": p.own, "edited": map[string]any{"user": p.id, "ts": ts}}
	p.said = text
	return p.s.event(p.team, map[string]any{
		"type": "message", "subtype": "message_changed", "channel": p.dm, "channel_type": "im", "ts": ts, "event_ts": ts, "message": now, "previous_message": was,
	})
}

// Mention calls the app by name in a channel. from is the workspace of the person, where that is another.
func (p *Person) Mention(r *Room, text string, fields map[string]any) <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	ts := p.s.ts()
	e := map[string]any{
		"type": "app_mention", "channel": r.id, "user": p.id, "team": p.team.id, "text": "<@" + r.team.bot + "> " + escaped(text), "ts": ts, "event_ts": ts,
	}
	for k, v := range fields {
		e[k] = v
	}
	return p.s.event(r.team, e)
}

// Raw delivers an event to the app as it is.
func (t *Team) Raw(event map[string]any) <-chan struct{} {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	return t.s.event(t, event)
}

// OpenHome opens the app's home tab.
func (p *Person) OpenHome() <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.event(p.team, map[string]any{"type": "app_home_opened", "user": p.id, "channel": p.dm, "tab": "home", "event_ts": p.s.ts()})
}

// trigger makes a new trigger of the person's. The caller holds mu.
func (p *Person) trigger() string {
	id := fmt.Sprintf("%d.%d.%s", p.s.next(), p.s.next(), strings.ToLower(p.id))
	p.s.triggers[id] = &trigger{person: p, at: p.s.o.Now()}
	return id
}

// respond makes an address that answers this person. The caller holds mu.
func (p *Person) respond() string {
	id := "R" + strconv.FormatInt(p.s.next(), 10)
	p.s.hooks[id] = p
	return p.s.host.URL() + "/respond/" + id
}

// Command types a slash command, in a channel or, with nil, in the conversation with the app.
func (p *Person) Command(r *Room, command, text string) *Done {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	channel := p.dm
	if r != nil {
		channel = r.id
	}
	return p.s.once(p, "slash_commands", map[string]any{
		"command": command, "text": escaped(text), "team_id": p.team.id, "user_id": p.id, "channel_id": channel, "api_app_id": appID,
		"trigger_id": p.trigger(), "response_url": p.respond(),
	})
}

// Press presses the button with this label under a message, or picks it from its list. That there is none fails the test.
func (p *Person) Press(m Seen, label string) *Done {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	for _, b := range m.Blocks {
		for _, e := range b.Elements {
			if e.Text == label && len(e.Options) == 0 {
				return p.press(m, b, e, nil)
			}
			for _, o := range e.Options {
				if o.Text == label {
					return p.press(m, b, e, &o)
				}
			}
		}
	}
	p.s.host.Violation("there is no button to press with that label")
	return &Done{Acked: make(chan struct{})}
}

// PressRaw sends a press with this payload, whoever made it.
func (p *Person) PressRaw(m Seen, value string) *Done {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.press(m, Block{ID: "buttons-1@"}, Element{Type: "button", ID: "option-0", Value: value, Text: "X"}, nil)
}

func (p *Person) press(m Seen, b Block, e Element, picked *Choice) *Done {
	action := map[string]any{"type": e.Type, "action_id": e.ID, "block_id": b.ID, "action_ts": p.s.ts()}
	if picked != nil {
		action["selected_option"] = map[string]any{"text": map[string]any{"type": "plain_text", "text": picked.Text}, "value": picked.Value}
	} else {
		action["value"], action["text"] = e.Value, map[string]any{"type": "plain_text", "text": e.Text}
	}
	x := p.interaction("block_actions")
	x["actions"] = []any{action}
	x["response_url"] = p.respond()
	x["channel"] = map[string]any{"id": m.Channel, "name": "directmessage"}
	x["container"] = map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.Whispered}
	if !m.Whispered {
		x["message"] = map[string]any{"type": "message", "ts": m.TS, "text": m.Notice, "blocks": m.raw, "bot_id": "B0TEST"}
	}
	return p.s.once(p, "interactive", x)
}

// interaction is what every interaction has. The caller holds mu.
func (p *Person) interaction(kind string) map[string]any {
	return map[string]any{
		"type": kind, "trigger_id": p.trigger(), "api_app_id": appID, "team": map[string]any{"id": p.team.id, "domain": "example"},
		"user": map[string]any{"id": p.id, "team_id": p.team.id, "username": "x"},
	}
}

// Shortcut uses the app's global shortcut, or with words its shortcut on a message.
func (p *Person) Shortcut(callback, words string) *Done {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	kind := "shortcut"
	if words != "" {
		kind = "message_action"
	}
	x := p.interaction(kind)
	x["callback_id"], x["action_ts"] = callback, p.s.ts()
	if words != "" {
		x["message"] = map[string]any{"type": "message", "text": escaped(words), "user": "UOTHER"}
		x["channel"] = map[string]any{"id": "C0OTHER"}
	}
	return p.s.once(p, "interactive", x)
}

// Submit sends the open modal in with these values, by the id of their block. Where the app says that something is wrong,
// the modal stays open: see Done.Errors.
func (p *Person) Submit(v View, values map[string]string) *Done {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	state := map[string]any{}
	for _, b := range v.Blocks {
		if b.Type != "input" {
			continue
		}
		e := b.Elements[0]
		value := map[string]any{"type": e.Type}
		typed, given := values[b.ID]
		switch {
		case e.Type == "static_select":
			value["selected_option"] = nil
			for _, o := range e.Options {
				if o.Value == typed {
					value["selected_option"] = map[string]any{"value": o.Value, "text": map[string]any{"type": "plain_text", "text": o.Text}}
				}
			}
		case e.Type == "checkboxes":
			value["selected_options"] = []any{}
			if typed != "" {
				value["selected_options"] = []any{map[string]any{"value": typed}}
			}
		case !given || typed == "":
			value["value"] = nil
		default:
			value["value"] = typed
		}
		state[b.ID] = map[string]any{e.ID: value}
	}
	x := p.interaction("view_submission")
	x["view"] = map[string]any{
		"id": v.ID, "team_id": p.team.id, "type": "modal", "callback_id": v.Callback, "private_metadata": v.Metadata, "hash": "1.abc",
		"state": map[string]any{"values": state},
	}
	d := p.s.once(p, "interactive", x)
	d.view = v.ID
	return d
}

// Dismiss closes the open modal without sending it in.
func (p *Person) Dismiss(v View) *Done {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.closeView(v.ID)
	x := p.interaction("view_closed")
	delete(x, "trigger_id")
	x["view"] = map[string]any{"id": v.ID, "team_id": p.team.id, "callback_id": v.Callback, "private_metadata": v.Metadata}
	return p.s.once(p, "interactive", x)
}

func (p *Person) closeView(id string) {
	for _, v := range p.views {
		if v.ID == id {
			v.Closed = true
		}
	}
}
