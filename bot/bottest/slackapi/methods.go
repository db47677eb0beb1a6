package slackapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// method is what is known of one: its parameters, those that it must have, whether it takes JSON (those that read do not),
// and whose token it wants.
type method struct {
	params   []string
	required []string
	formOnly bool
	app      bool // the app's token
	open     bool // no token at all
	act      func(s *Server, t *Team, c call) (any, *failure)
}

// methods are the methods that the app may call, of https://docs.slack.dev/reference/methods.
func methods() map[string]method {
	return map[string]method{
		"auth.test": {act: (*Server).authTest},
		"chat.postMessage": {
			params:   []string{"channel", "text", "blocks", "attachments", "thread_ts", "reply_broadcast", "unfurl_links", "unfurl_media", "metadata", "mrkdwn", "parse", "link_names", "markdown_text", "username", "icon_emoji", "icon_url"},
			required: []string{"channel"}, act: (*Server).postMessage,
		},
		"chat.postEphemeral": {
			params:   []string{"channel", "user", "text", "blocks", "attachments", "thread_ts", "parse", "link_names", "markdown_text", "username", "icon_emoji", "icon_url"},
			required: []string{"channel", "user"}, act: (*Server).postEphemeral,
		},
		"chat.update": {
			params:   []string{"channel", "ts", "text", "blocks", "attachments", "metadata", "parse", "link_names", "markdown_text", "reply_broadcast", "file_ids"},
			required: []string{"channel", "ts"}, act: (*Server).updateMessage,
		},
		"chat.delete":        {params: []string{"channel", "ts"}, required: []string{"channel", "ts"}, act: (*Server).deleteMessage},
		"conversations.open": {params: []string{"users", "channel", "return_im", "prevent_creation"}, act: (*Server).openConversation},
		"conversations.history": {
			params:   []string{"channel", "cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest"},
			required: []string{"channel"}, formOnly: true, act: (*Server).history,
		},
		"conversations.replies": {
			params:   []string{"channel", "cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest", "ts"},
			required: []string{"channel", "ts"}, formOnly: true, act: (*Server).replies,
		},
		"views.open":    {params: []string{"trigger_id", "interactivity_pointer", "view"}, required: []string{"view"}, act: (*Server).openView},
		"views.publish": {params: []string{"user_id", "view", "hash"}, required: []string{"user_id", "view"}, act: (*Server).publishView},
		"views.update":  {params: []string{"view", "view_id", "external_id", "hash"}, required: []string{"view"}, act: (*Server).updateView},
		"users.info":    {params: []string{"user", "include_locale"}, required: []string{"user"}, formOnly: true, act: (*Server).userInfo},
		"files.getUploadURLExternal": {
			params:   []string{"filename", "length", "alt_txt", "snippet_type"},
			required: []string{"filename", "length"}, formOnly: true, act: (*Server).uploadURL,
		},
		"files.completeUploadExternal": {
			params:   []string{"files", "channel_id", "channels", "initial_comment", "thread_ts", "blocks"},
			required: []string{"files"}, act: (*Server).completeUpload,
		},
		"oauth.v2.access": {
			params:   []string{"client_id", "client_secret", "code", "redirect_uri", "grant_type", "refresh_token"},
			required: []string{"client_id", "client_secret", "code"}, formOnly: true, open: true, act: (*Server).oauth,
		},
		"apps.connections.open": {app: true, act: (*Server).openSocket},
	}
}

func (s *Server) execute(c call, t *Team) (any, *failure) {
	m, ok := methods()[c.method]
	if !ok {
		s.host.Violation("no method " + c.method)
		return nil, bad("unknown_method")
	}
	if wrong := m.check(c); wrong != "" {
		s.host.Violation(c.method + ": " + wrong)
		return nil, bad("invalid_arguments")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case m.open:
	case m.app && c.token != appToken, !m.app && t == nil:
		if c.token == "" {
			return nil, bad("not_authed")
		}
		return nil, bad("invalid_auth")
	case t != nil && t.refused != "":
		return nil, bad(t.refused)
	}
	out, fail := m.act(s, t, c)
	s.host.Wake()
	return out, fail
}

func (m method) check(c call) string {
	for name := range c.params {
		if !slices.Contains(m.params, name) {
			return "it has no parameter " + name
		}
	}
	for _, name := range m.required {
		if c.text(name) == "" {
			return "parameter " + name + " is missing"
		}
	}
	if m.formOnly && !c.form && len(c.params) > 0 {
		return "this method takes no JSON"
	}
	return ""
}

func (s *Server) authTest(t *Team, _ call) (any, *failure) {
	out := map[string]any{"url": "https://example.slack.com/", "team": t.id, "user": "handrail", "team_id": t.id, "user_id": t.bot, "bot_id": "B0TEST"}
	if t.organisation != "" {
		out["enterprise_id"], out["is_enterprise_install"] = t.organisation, t.whole
	}
	return out, nil
}

// reach finds the person whose conversation with the app a channel is. The caller holds mu.
func (s *Server) reach(t *Team, channel string) (*Person, *failure) {
	for _, p := range t.people {
		if p.dm != channel && p.id != channel {
			continue
		}
		if p.deactivated {
			if p.id == channel {
				return nil, bad("user_disabled")
			}
			return nil, bad("channel_not_found")
		}
		return p, nil
	}
	if r := t.rooms[channel]; r != nil {
		s.host.Violation("a message was posted in a channel, where everybody in it could read it (C10)")
		if r.archived {
			return nil, bad("is_archived")
		}
		return nil, bad("restricted_action")
	}
	return nil, bad("channel_not_found")
}

// read reads a message's words and blocks, and holds them to their limits. The caller holds mu.
func (s *Server) read(c call, surface string) (Seen, *failure) {
	m := Seen{Notice: c.text("text"), At: s.o.Now()}
	var raw []json.RawMessage
	if b, ok := c.params["blocks"]; ok {
		if err := json.Unmarshal(b, &raw); err != nil {
			s.host.Violation(c.method + ": blocks: " + err.Error())
			return m, bad("invalid_blocks_format")
		}
	}
	if m.Notice == "" && len(raw) == 0 {
		return m, bad("no_text")
	}
	if m.Notice == "" {
		s.host.Violation(c.method + ": blocks without a text: a notification, or a reader aloud, would have nothing to say")
	}
	if n := len([]rune(m.Notice)); n > 40000 { // chat.postMessage, "Truncating content"
		s.host.Violation(fmt.Sprintf("%s: a text of %d characters is cut off", c.method, n))
	}
	if pinged := pings(m.Notice); pinged != "" {
		s.host.Violation(c.method + ": its text would ping " + pinged + " (B20)")
	}
	parsed, err := readBlocks(raw, surface)
	if err != nil {
		s.host.Violation(c.method + ": " + err.Error())
		return m, bad("invalid_blocks")
	}
	m.Blocks, m.raw = parsed, raw
	if raw, ok := c.params["metadata"]; ok {
		var meta struct {
			Type    string                     `json:"event_type"`
			Payload map[string]json.RawMessage `json:"event_payload"`
		}
		if err := json.Unmarshal(raw, &meta); err != nil || meta.Type == "" || meta.Payload == nil {
			return m, bad("invalid_metadata_format")
		}
		m.Metadata = raw
	}
	return m, nil
}

// speed refuses what is posted too fast in one conversation. The caller holds mu.
func (s *Server) speed(key string) *failure {
	if s.o.PerChannel == 0 {
		return nil
	}
	now := s.o.Now()
	recent := slices.DeleteFunc(s.last[key], func(at time.Time) bool { return now.Sub(at) >= time.Second })
	if len(recent) >= s.o.PerChannel {
		s.last[key] = recent
		s.tooFast++
		return &failure{code: "ratelimited", after: 1}
	}
	s.last[key] = append(recent, now)
	return nil
}

func (s *Server) postMessage(t *Team, c call) (any, *failure) {
	p, fail := s.reach(t, c.text("channel"))
	if fail == nil {
		fail = s.speed(t.id + p.dm)
	}
	if fail != nil {
		return nil, fail
	}
	m, fail := s.read(c, "message")
	if fail != nil {
		return nil, fail
	}
	m.Channel, m.TS, m.Thread = p.dm, s.ts(), c.text("thread_ts")
	p.seen = append(p.seen, &m)
	return map[string]any{"channel": p.dm, "ts": m.TS, "message": map[string]any{"text": m.Notice, "ts": m.TS, "bot_id": "B0TEST"}}, nil
}

func (s *Server) postEphemeral(t *Team, c call) (any, *failure) {
	r, p := t.rooms[c.text("channel")], t.people[c.text("user")]
	switch {
	case r == nil:
		return nil, bad("channel_not_found")
	case r.archived:
		return nil, bad("is_archived")
	case !r.hasApp:
		return nil, bad("not_in_channel")
	case p == nil:
		return nil, bad("user_not_in_channel")
	case p.deactivated || !r.members[p.id]:
		return nil, bad("user_not_in_channel")
	}
	m, fail := s.read(c, "message")
	if fail != nil {
		return nil, fail
	}
	m.Channel, m.TS, m.Whispered, m.Thread = r.id, s.ts(), true, c.text("thread_ts")
	p.seen = append(p.seen, &m)
	return map[string]any{"message_ts": m.TS}, nil
}

func (s *Server) find(t *Team, c call) *Seen {
	for _, p := range t.people {
		for _, m := range p.seen {
			if m.TS == c.text("ts") && m.Channel == c.text("channel") && !m.Whispered && !m.Deleted {
				return m
			}
		}
	}
	return nil
}

func (s *Server) updateMessage(t *Team, c call) (any, *failure) {
	was := s.find(t, c)
	if was == nil {
		return nil, bad("message_not_found")
	}
	m, fail := s.read(c, "message")
	if fail != nil {
		return nil, fail
	}
	m.Channel, m.TS, m.Thread, m.Edits, m.At = was.Channel, was.TS, was.Thread, was.Edits+1, was.At
	if m.Metadata == nil {
		m.Metadata = was.Metadata
	}
	*was = m
	return map[string]any{"channel": m.Channel, "ts": m.TS, "text": m.Notice}, nil
}

func (s *Server) deleteMessage(t *Team, c call) (any, *failure) {
	was := s.find(t, c)
	if was == nil {
		return nil, bad("message_not_found")
	}
	was.Deleted = true
	return map[string]any{"channel": was.Channel, "ts": was.TS}, nil
}

func (s *Server) openConversation(t *Team, c call) (any, *failure) {
	p := t.people[c.text("users")]
	switch {
	case p == nil:
		return nil, bad("user_not_found")
	case p.deactivated:
		return nil, bad("user_disabled")
	}
	return map[string]any{"channel": map[string]any{"id": p.dm}}, nil
}

func (s *Server) openView(t *Team, c call) (any, *failure) {
	tr := s.triggers[c.text("trigger_id")]
	switch {
	case tr == nil || tr.person.team != t:
		return nil, bad("invalid_trigger_id")
	case tr.used:
		return nil, bad("exchanged_trigger_id")
	case s.o.Now().Sub(tr.at) > triggerLife:
		return nil, bad("expired_trigger_id")
	}
	v, err := readView(c.params["view"], "modal")
	if err != nil {
		s.host.Violation(c.method + ": " + err.Error())
		return nil, bad("invalid_arguments")
	}
	tr.used = true
	v.ID = "V" + strconv.FormatInt(s.next(), 10)
	tr.person.views = append(tr.person.views, v)
	return map[string]any{"view": map[string]any{"id": v.ID, "type": "modal"}}, nil
}

func (s *Server) updateView(t *Team, c call) (any, *failure) {
	for _, p := range t.people {
		for _, v := range p.views {
			if v.ID != c.text("view_id") || v.Closed {
				continue
			}
			fresh, err := readView(c.params["view"], "modal")
			if err != nil {
				s.host.Violation(c.method + ": " + err.Error())
				return nil, bad("invalid_arguments")
			}
			fresh.ID = v.ID
			*v = *fresh
			return map[string]any{"view": map[string]any{"id": v.ID, "type": "modal"}}, nil
		}
	}
	return nil, bad("not_found")
}

func (s *Server) publishView(t *Team, c call) (any, *failure) {
	p := t.people[c.text("user_id")]
	if p == nil {
		return nil, bad("user_not_found")
	}
	v, err := readView(c.params["view"], "home")
	if err != nil {
		s.host.Violation(c.method + ": " + err.Error())
		return nil, bad("invalid_arguments")
	}
	v.ID = "V" + strconv.FormatInt(s.next(), 10)
	p.home = v
	p.homes++
	return map[string]any{"view": map[string]any{"id": v.ID, "type": "home"}}, nil
}

func (s *Server) userInfo(t *Team, c call) (any, *failure) {
	p := t.people[c.text("user")]
	if p == nil {
		return nil, bad("user_not_found")
	}
	return map[string]any{"user": map[string]any{"id": p.id, "team_id": t.id, "deleted": p.deactivated, "real_name": p.name}}, nil
}

func (s *Server) uploadURL(t *Team, c call) (any, *failure) {
	n, err := strconv.Atoi(c.text("length"))
	if err != nil || n < 1 {
		return nil, bad("invalid_arguments")
	}
	if len([]rune(c.text("alt_txt"))) > 1000 {
		return nil, bad("alt_txt_too_large")
	}
	f := &File{ID: "F" + strconv.FormatInt(s.next(), 10), Name: c.text("filename"), Alt: c.text("alt_txt"), size: n, team: t}
	s.uploads[f.ID] = f
	return map[string]any{"upload_url": s.host.URL() + "/upload/" + f.ID, "file_id": f.ID}, nil
}

func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request, id string) {
	data, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if f, ok := s.fault("upload"); ok {
		f.write(w)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.uploads[id]
	if err != nil || f == nil || len(data) != f.size || r.Header.Get("Authorization") != "" {
		s.host.Violation("upload: not as many bytes as were announced, or a token that has no business there")
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	f.Data = data
	fmt.Fprintf(w, "OK - %d", len(data))
}

func (s *Server) completeUpload(t *Team, c call) (any, *failure) {
	var files []struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}
	if err := json.Unmarshal(c.params["files"], &files); err != nil || len(files) == 0 {
		return nil, bad("invalid_arguments")
	}
	channel := c.text("channel_id")
	if !strings.HasPrefix(channel, "D") {
		s.host.Violation("files were shared where others could see them, or nowhere (C10)")
		return nil, bad("channel_not_found")
	}
	p, fail := s.reach(t, channel)
	if fail != nil {
		return nil, bad("channel_not_found")
	}
	m := Seen{At: s.o.Now(), Channel: p.dm, TS: s.ts(), Notice: c.text("initial_comment")}
	for _, f := range files {
		up := s.uploads[f.ID]
		if up == nil || up.Data == nil || up.team != t {
			return nil, bad("file_not_found")
		}
		shared := *up
		if f.Title != "" {
			shared.Title = f.Title
		}
		m.Files = append(m.Files, shared)
		delete(s.uploads, f.ID)
	}
	p.seen = append(p.seen, &m)
	return map[string]any{"files": files}, nil
}

func (s *Server) oauth(_ *Team, c call) (any, *failure) {
	t := s.codes[c.text("code")]
	delete(s.codes, c.text("code"))
	switch {
	case t == nil:
		return nil, bad("invalid_code")
	case c.text("client_secret") != ClientSecret || c.text("client_id") != ClientID:
		return nil, bad("bad_client_secret")
	}
	t.refused = ""
	out := map[string]any{
		"access_token": t.token, "token_type": "bot", "scope": "chat:write", "bot_user_id": t.bot, "app_id": appID,
		"team": map[string]any{"id": t.id, "name": "Workspace"}, "enterprise": nil, "authed_user": map[string]any{"id": t.installer}, "is_enterprise_install": t.whole,
	}
	if t.organisation != "" {
		out["enterprise"] = map[string]any{"id": t.organisation, "name": "Organisation"}
	}
	if t.whole {
		out["team"] = nil
	}
	return out, nil
}

// ClientID and ClientSecret are the app's, for OAuth.
const (
	ClientID     = "123.456"
	ClientSecret = "the client secret of the test app"
)

// Approve is a person who says yes to Slack's question: the code that the browser brings back.
func (p *Person) Approve() string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	code := "code" + strconv.FormatInt(p.s.next(), 10)
	p.team.installer = p.id
	p.s.codes[code] = p.team
	return code
}

// serveRespond takes what an app says by the address that came with an interaction.
func (s *Server) serveRespond(w http.ResponseWriter, r *http.Request, id string) {
	var body struct {
		Type    string            `json:"response_type"`
		Text    string            `json:"text"`
		Replace *bool             `json:"replace_original"`
		Blocks  []json.RawMessage `json:"blocks"`
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.hooks[id]
	if err != nil || p == nil || body.Type != "ephemeral" {
		s.host.Violation("response_url: not an answer for the one person (C10)")
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	p.seen = append(p.seen, &Seen{At: s.o.Now(), Channel: p.dm, TS: s.ts(), Notice: body.Text, Whispered: true})
	s.host.Wake()
	_, _ = io.WriteString(w, "ok") // an app that hung up is one of the cases
}
