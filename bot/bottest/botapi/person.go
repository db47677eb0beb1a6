package botapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// chat is one chat with the bot.
type chat struct {
	place       place
	seen        []*Seen
	own         int64               // the person's own last message
	said        map[int64]time.Time // the person's own messages that are there, and when they were written
	taken       []int64             // those that the bot took away
	blocked     bool
	deactivated bool
	left        bool
	migrated    int64
}

type press struct{ answers int }

// Person is somebody with Telegram, in their private chat with the bot.
type Person struct {
	s  *Server
	id int64
}

// Person is the person with this number; their chat with the bot is there from now on.
func (s *Server) Person(id int64) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chats[id] == nil {
		s.chats[id] = &chat{place: place{ID: id, Type: "private", First: "Person " + strconv.FormatInt(id, 10)}}
	}
	return &Person{s, id}
}

// Group makes a group; its number is negative. Somebody in it is written to and read as a person is.
func (s *Server) Group(id int64) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chats[id] == nil {
		s.chats[id] = &chat{place: place{ID: id, Type: "supergroup", Title: "A group"}}
	}
	return &Person{s, id}
}

// ID is the chat's number.
func (p *Person) ID() int64 { return p.id }

func (p *Person) user() user {
	id := p.id
	if id < 0 {
		id = 77
	}
	return user{ID: id, First: "Person " + strconv.FormatInt(id, 10), Language: "en"}
}

// base is a message of the person's without anything in it. The caller holds mu.
func (p *Person) base() message {
	p.s.messages++
	c := p.s.chats[p.id]
	c.own = p.s.messages
	if c.said == nil {
		c.said = map[int64]time.Time{}
	}
	c.said[c.own] = p.s.o.Now()
	return message{ID: c.own, From: p.user(), Date: p.s.o.Now().Unix(), Chat: c.place}
}

// Taken are the numbers of the person's own messages that the bot took away.
func (p *Person) Taken() []int64 {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return slices.Clone(p.s.chats[p.id].taken)
}

// Age makes everything that somebody wrote older.
func (s *Server) Age(p *Person, by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, at := range s.chats[p.id].said {
		s.chats[p.id].said[id] = at.Add(-by)
	}
}

// Send writes a message. The channel is closed once the bot has confirmed it.
func (p *Person) Send(text string) <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	m := p.base()
	m.Text = text
	return p.s.enqueue("message", p.id, m)
}

// Post sends a message with these fields, as JSON: {"sticker": {...}}, {"location": {...}}.
func (p *Person) Post(fields string) <-chan struct{} { return p.post("message", fields) }

// Edit changes the person's own last message into one with these fields: {"text": "..."}.
func (p *Person) Edit(fields string) <-chan struct{} { return p.post("edited_message", fields) }

func (p *Person) post(kind, fields string) <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	var m message
	if own := p.s.chats[p.id].own; kind == "message" || own == 0 {
		m = p.base()
	} else {
		m = message{ID: own, From: p.user(), Date: p.s.o.Now().Unix(), EditDate: p.s.o.Now().Unix(), Chat: p.s.chats[p.id].place}
	}
	return p.s.enqueue(kind, p.id, p.s.merge(m, fields))
}

// merge adds fields to an object.
func (s *Server) merge(base any, fields string) map[string]json.RawMessage {
	raw, err := json.Marshal(base)
	out := map[string]json.RawMessage{}
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err == nil {
		err = json.Unmarshal([]byte(fields), &out)
	}
	if err != nil {
		s.host.Errorf("a message's fields cannot be read: %v", err)
	}
	return out
}

// Raw puts an update of any kind into the queue as it is: kind "inline_query" with its object as JSON.
func (p *Person) Raw(kind, object string) <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.enqueue(kind, p.id, json.RawMessage(object))
}

// Pressed is a press of a button.
type Pressed struct {
	// Done is closed once the bot has confirmed it.
	Done <-chan struct{}
	s    *Server
	id   string
}

// Answers is how often the bot has answered the press; the phone shows a little clock until it did.
func (p Pressed) Answers() int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.presses[p.id].answers
}

// Press presses the button with this label under a message. That there is none fails the test.
func (p *Person) Press(id int64, label string) Pressed {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	for _, m := range p.s.chats[p.id].seen {
		for _, row := range m.Keys {
			for _, b := range row {
				if m.ID == id && b.Text == label {
					return p.press(m, b.Data)
				}
			}
		}
	}
	p.s.host.Errorf("there is no button to press with that label")
	return Pressed{Done: make(chan struct{}), s: p.s}
}

// PressData presses a button with this payload under a message whether or not it is there: an old phone shows buttons
// that were taken away, and a changed one sends what it likes.
func (p *Person) PressData(id int64, data string) Pressed {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c := p.s.chats[p.id]
	m := &Seen{ID: id, Text: "gone"}
	if i := slices.IndexFunc(c.seen, func(m *Seen) bool { return m.ID == id }); i >= 0 {
		m = c.seen[i]
	}
	return p.press(m, data)
}

func (p *Person) press(m *Seen, data string) Pressed {
	id := "press" + strconv.Itoa(len(p.s.presses)+1)
	p.s.presses[id] = &press{}
	done := p.s.enqueue("callback_query", p.id, struct {
		ID       string  `json:"id"`
		From     user    `json:"from"`
		Message  message `json:"message"`
		Instance string  `json:"chat_instance"`
		Data     string  `json:"data"`
	}{id, p.user(), p.s.object(p.s.chats[p.id], m), "1", data})
	return Pressed{done, p.s, id}
}

// Block and Unblock are what a person can do to a bot; the bot is told.
func (p *Person) Block() <-chan struct{} { return p.member(true, "member", "kicked") }

// Unblock lets the bot write again.
func (p *Person) Unblock() <-chan struct{} { return p.member(false, "kicked", "member") }

// Invite puts the bot into the group.
func (p *Person) Invite() <-chan struct{} { return p.member(false, "left", "member") }

func (p *Person) member(blocked bool, before, after string) <-chan struct{} {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c := p.s.chats[p.id]
	c.blocked = blocked
	type status struct {
		User   user   `json:"user"`
		Status string `json:"status"`
	}
	return p.s.enqueue("my_chat_member", p.id, struct {
		Chat place  `json:"chat"`
		From user   `json:"from"`
		Date int64  `json:"date"`
		Old  status `json:"old_chat_member"`
		New  status `json:"new_chat_member"`
	}{c.place, p.user(), p.s.o.Now().Unix(), status{p.s.me(), before}, status{p.s.me(), after}})
}

// Deactivate closes the person's account; the bot is not told.
func (p *Person) Deactivate() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.s.chats[p.id].deactivated = true
}

// Migrate turns the group into another; what is sent to it is refused with the new number.
func (p *Person) Migrate(to int64) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.s.chats[p.id].migrated = to
}

// Left says whether the bot has left the group.
func (p *Person) Left() bool {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.chats[p.id].left
}

// Seen is what the person sees of the bot's, in order.
func (p *Person) Seen() []Seen { return p.SeenFrom(0) }

// SeenFrom is Seen without the first n messages.
func (p *Person) SeenFrom(n int) []Seen {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	seen := p.s.chats[p.id].seen
	var out []Seen
	for _, m := range seen[min(n, len(seen)):] {
		out = append(out, *m)
	}
	return out
}

// Until waits until ok says so, looking whenever something changed; false when it was in vain.
func (s *Server) Until(patience time.Duration, ok func() bool) bool {
	return s.host.Until(patience, ok)
}
