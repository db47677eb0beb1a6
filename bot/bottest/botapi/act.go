package botapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Button is a button as a person sees it.
type Button struct {
	Text  string `json:"text"`
	Data  string `json:"callback_data,omitempty"`
	URL   string `json:"url,omitempty"`
	Style string `json:"style,omitempty"`
}

// Keyboard is the buttons under a message.
type Keyboard struct {
	Rows [][]Button `json:"inline_keyboard"`
}

// Venue is a pin on a map.
type Venue struct {
	Location struct {
		Lat float64 `json:"latitude"`
		Lon float64 `json:"longitude"`
	} `json:"location"`
	Title   string `json:"title"`
	Address string `json:"address"`
}

// Seen is one message of the bot's as the person sees it now.
type Seen struct {
	ID       int64
	At       time.Time
	Text     string // or the caption
	Entities []Entity
	Keys     [][]Button
	Method   string // that sent it
	File     *File
	Venue    *Venue
	Edits    int
}

// message is a message in an answer or an update.
type message struct {
	ID       int64     `json:"message_id"`
	From     user      `json:"from"`
	Date     int64     `json:"date"`
	EditDate int64     `json:"edit_date,omitempty"`
	Chat     place     `json:"chat"`
	Text     string    `json:"text,omitempty"`
	Entities []Entity  `json:"entities,omitempty"`
	Caption  string    `json:"caption,omitempty"`
	Captions []Entity  `json:"caption_entities,omitempty"`
	Venue    *Venue    `json:"venue,omitempty"`
	Document *document `json:"document,omitempty"`
	Photo    []photo   `json:"photo,omitempty"`
	Keys     *Keyboard `json:"reply_markup,omitempty"`
}

type document struct {
	Name string `json:"file_name"`
	MIME string `json:"mime_type"`
	ID   string `json:"file_id"`
}

type photo struct {
	ID     string `json:"file_id"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type user struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot"`
	First    string `json:"first_name"`
	Username string `json:"username,omitempty"`
	Language string `json:"language_code,omitempty"`
}

type place struct {
	ID    int64  `json:"id"`
	Type  string `json:"type"`
	First string `json:"first_name,omitempty"`
	Title string `json:"title,omitempty"`
}

func (s *Server) me() user {
	id, _, _ := strings.Cut(s.o.Token, ":")
	n, _ := strconv.ParseInt(id, 10, 64)
	return user{ID: n, IsBot: true, First: "Handrail", Username: botUsername}
}

// object is how a message that the bot sent is written.
func (s *Server) object(c *chat, m *Seen) message {
	o := message{ID: m.ID, From: s.me(), Date: m.At.Unix(), Chat: c.place, Venue: m.Venue}
	if len(m.Keys) > 0 {
		o.Keys = &Keyboard{Rows: m.Keys}
	}
	switch {
	case m.File == nil:
		o.Text, o.Entities = m.Text, m.Entities
	case m.Method == "sendPhoto":
		o.Photo = []photo{{"photo" + strconv.FormatInt(m.ID, 10), 320, 240}}
		o.Caption, o.Captions = m.Text, m.Entities
	default:
		o.Document = &document{m.File.Name, m.File.MIME, "document" + strconv.FormatInt(m.ID, 10)}
		o.Caption, o.Captions = m.Text, m.Entities
	}
	if m.Edits > 0 {
		o.EditDate = m.At.Unix()
	}
	return o
}

// act does what a call asks. The caller holds mu, and the call is well formed.
func (s *Server) act(c call) (any, *failure) {
	switch c.method {
	case "getMe":
		return s.me(), nil
	case "setWebhook":
		if !strings.HasPrefix(c.text("url"), "http") {
			return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
		}
		s.setHook(c)
		return true, nil
	case "deleteWebhook":
		s.setHook(c)
		return true, nil
	case "getWebhookInfo":
		info := struct {
			URL     string `json:"url"`
			Cert    bool   `json:"has_custom_certificate"`
			Pending int    `json:"pending_update_count"`
		}{Pending: len(s.updates)}
		if s.hook != nil {
			info.URL = s.hook.url
		}
		return info, nil
	case "answerCallbackQuery":
		p := s.presses[c.text("callback_query_id")]
		if p == nil {
			return nil, bad("query is too old and response timeout expired or query ID is invalid")
		}
		p.answers++
		s.host.Wake()
		return true, nil
	case "leaveChat":
		chat, fail := s.reach(c)
		if fail != nil {
			return nil, fail
		}
		chat.left = true
		s.host.Wake()
		return true, nil
	case "deleteMessage":
		return s.remove(c)
	case "sendMessage", "sendPhoto", "sendDocument", "sendVenue":
		return s.send(c)
	case "editMessageText", "editMessageCaption", "editMessageReplyMarkup":
		return s.edit(c)
	}
	if what, ok := strings.CutPrefix(c.method, "setMy"); ok {
		return s.setProfile(c, what)
	}
	if what, ok := strings.CutPrefix(c.method, "getMy"); ok {
		return s.getProfile(c, what)
	}
	s.host.Errorf("%s is known and does nothing here", c.method)
	return nil, &failure{code: http.StatusNotImplemented, description: "Not Implemented"}
}

// reach finds the chat that a call is for.
func (s *Server) reach(c call) (*chat, *failure) {
	var id int64
	c.into("chat_id", &id)
	chat := s.chats[id]
	switch {
	case chat == nil:
		return nil, bad("chat not found")
	case chat.migrated != 0:
		return nil, &failure{code: http.StatusBadRequest, description: "Bad Request: group chat was upgraded to a supergroup chat", migrated: chat.migrated}
	case chat.deactivated:
		return nil, &failure{code: http.StatusForbidden, description: "Forbidden: user is deactivated"}
	case chat.blocked:
		return nil, &failure{code: http.StatusForbidden, description: "Forbidden: bot was blocked by the user"}
	case chat.left:
		return nil, &failure{code: http.StatusForbidden, description: "Forbidden: bot is not a member of the group chat"}
	}
	return chat, nil
}

// speed refuses what is sent too fast: in any stretch of a second.
func (s *Server) speed(chat int64) *failure {
	now := s.o.Now()
	all, here := 0, 0
	s.sent = slices.DeleteFunc(s.sent, func(x sending) bool { return now.Sub(x.at) >= time.Second-s.o.Slack })
	for _, x := range s.sent {
		all++
		if x.chat == chat {
			here++
		}
	}
	if s.o.PerSecond > 0 && all >= s.o.PerSecond || s.o.PerChat > 0 && here >= s.o.PerChat {
		s.tooFast++
		return &failure{code: http.StatusTooManyRequests, description: "Too Many Requests: retry after 1", retryAfter: 1}
	}
	s.sent = append(s.sent, sending{chat, now})
	return nil
}

func (s *Server) send(c call) (any, *failure) {
	chat, fail := s.reach(c)
	if fail != nil {
		return nil, fail
	}
	if fail := s.speed(chat.place.ID); fail != nil {
		return nil, fail
	}
	m := Seen{At: s.o.Now(), Method: c.method}
	switch c.method {
	case "sendMessage":
		if m.Text, m.Entities, fail = words(c, "text", "entities", 4096); fail == nil && m.Text == "" {
			fail = bad("message text is empty")
		}
	case "sendVenue":
		m.Venue = &Venue{Title: c.text("title"), Address: c.text("address")}
		c.into("latitude", &m.Venue.Location.Lat)
		c.into("longitude", &m.Venue.Location.Lon)
		if m.Venue.Title == "" || m.Venue.Address == "" {
			fail = bad("title and address of a venue must be non-empty")
		}
	default:
		m.Text, m.Entities, fail = words(c, "caption", "caption_entities", 1024)
		part := strings.ToLower(strings.TrimPrefix(c.method, "send"))
		ref := strings.TrimPrefix(c.text(part), "attach://")
		if ref == "" {
			ref = part
		}
		file, ok := c.files[ref]
		if fail == nil && (!ok || len(file.Data) == 0) {
			fail = bad("there is no %s in the request", part)
		}
		m.File = &file
	}
	if fail == nil {
		m.Keys, fail = s.keyboard(c)
	}
	if fail != nil {
		return nil, fail
	}
	s.messages++
	m.ID = s.messages
	chat.seen = append(chat.seen, &m)
	s.host.Wake()
	return s.object(chat, &m), nil
}

// deletable is for how long a bot may delete a message (https://core.telegram.org/bots/api#deletemessage).
const deletable = 48 * time.Hour

// remove takes away a message of a person's own; the app deletes nothing of its own.
func (s *Server) remove(c call) (any, *failure) {
	chat, fail := s.reach(c)
	if fail != nil {
		return nil, fail
	}
	var id int64
	c.into("message_id", &id)
	at, ok := chat.said[id]
	switch {
	case !ok:
		return nil, bad("message to delete not found")
	case s.o.Now().Sub(at) > deletable:
		return nil, bad("message can't be deleted for everyone")
	}
	delete(chat.said, id)
	chat.taken = append(chat.taken, id)
	s.host.Wake()
	return true, nil
}

func (s *Server) edit(c call) (any, *failure) {
	chat, fail := s.reach(c)
	if fail != nil {
		return nil, fail
	}
	var id int64
	c.into("message_id", &id)
	i := slices.IndexFunc(chat.seen, func(m *Seen) bool { return m.ID == id })
	if i < 0 {
		return nil, bad("message to edit not found")
	}
	was := chat.seen[i]
	now := *was
	switch c.method {
	case "editMessageText":
		if was.File != nil || was.Venue != nil {
			return nil, bad("there is no text in the message to edit")
		}
		if now.Text, now.Entities, fail = words(c, "text", "entities", 4096); fail == nil && now.Text == "" {
			fail = bad("message text is empty")
		}
	case "editMessageCaption":
		if was.File == nil {
			return nil, bad("there is no caption in the message to edit")
		}
		now.Text, now.Entities, fail = words(c, "caption", "caption_entities", 1024)
	}
	if fail == nil {
		now.Keys, fail = s.keyboard(c)
	}
	if fail != nil {
		return nil, fail
	}
	if now.Text == was.Text && slices.Equal(now.Entities, was.Entities) && sameKeys(now.Keys, was.Keys) {
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	now.Edits++
	*was = now
	s.host.Wake()
	return s.object(chat, was), nil
}

func sameKeys(a, b [][]Button) bool {
	return slices.EqualFunc(a, b, func(x, y []Button) bool { return slices.Equal(x, y) })
}

// words reads a text and its styles, and holds it to its length.
func words(c call, text, entities string, most int) (string, []Entity, *failure) {
	s := c.text(text)
	var styles []Entity
	switch c.text("parse_mode") {
	case "HTML":
		var err error
		if s, styles, err = parseHTML(s); err != nil {
			return "", nil, bad("can't parse entities: %v", err)
		}
	case "":
		c.into(entities, &styles)
	default:
		return "", nil, bad("this server reads no %s", c.text("parse_mode"))
	}
	s = shown(s)
	if units(s) > most {
		if text == "caption" {
			return "", nil, bad("message caption is too long")
		}
		return "", nil, bad("message is too long")
	}
	return s, styles, nil
}

// keyboard reads and checks the buttons.
func (s *Server) keyboard(c call) ([][]Button, *failure) {
	var k Keyboard
	if !c.into("reply_markup", &k) {
		return nil, nil
	}
	var loose struct {
		Rows [][]map[string]json.RawMessage `json:"inline_keyboard"`
	}
	c.into("reply_markup", &loose)
	n := 0
	for i, row := range k.Rows {
		for j, b := range row {
			n++
			actions := len(loose.Rows[i][j])
			for _, name := range []string{"text", "style", "icon_custom_emoji_id"} {
				if _, there := loose.Rows[i][j][name]; there {
					actions--
				}
			}
			switch {
			case actions != 1:
				s.host.Errorf("%s: a button must have one action and has %d", c.method, actions)
				return nil, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
			case strings.TrimSpace(b.Text) == "":
				return nil, bad("can't parse inline keyboard button: Text is empty")
			case b.URL == "" && (len(b.Data) < 1 || len(b.Data) > 64):
				return nil, bad("BUTTON_DATA_INVALID")
			case b.URL != "" && !strings.HasPrefix(b.URL, "http"):
				return nil, bad("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
			}
		}
	}
	if n > 100 {
		return nil, bad("reply markup is too long")
	}
	return k.Rows, nil
}

// setProfile and getProfile keep what the bot says of itself.
func (s *Server) setProfile(c call, what string) (any, *failure) {
	name, most := profileParam(what), 512
	value := c.text(name)
	if name == "short_description" {
		most = 120
	}
	if name == "commands" {
		var list []struct {
			Command     string `json:"command"`
			Description string `json:"description"`
		}
		c.into(name, &list)
		for _, k := range list {
			if k.Command == "" || strings.ToLower(k.Command) != k.Command || len(k.Command) > 32 || k.Description == "" || len(k.Description) > 256 {
				return nil, bad("BOT_COMMAND_INVALID")
			}
		}
	} else if units(value) > most {
		return nil, bad("%s is too long", name)
	}
	s.profile[name+"/"+c.text("language_code")] = value
	s.host.Wake()
	return true, nil
}

func profileParam(what string) string {
	switch what {
	case "Commands":
		return "commands"
	case "ShortDescription":
		return "short_description"
	}
	return "description"
}

func (s *Server) getProfile(c call, what string) (any, *failure) {
	name := profileParam(what)
	value := s.profile[name+"/"+c.text("language_code")]
	if name == "commands" {
		if value == "" {
			value = "[]"
		}
		return json.RawMessage(value), nil
	}
	return map[string]string{name: value}, nil
}
