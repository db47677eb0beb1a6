package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What is read of what Slack sends. The library's own types read everything, and fail on a thing of another shape than
// it had when they were written; these read what is used, and skip the rest.

// wireEvents is a request of the Events API.
type wireEvents struct {
	Type           string    `json:"type"`
	Challenge      string    `json:"challenge"`
	Team           string    `json:"team_id"`
	ID             string    `json:"event_id"`
	Time           int64     `json:"event_time"`
	Event          wireEvent `json:"event"`
	Authorizations []struct {
		Team string `json:"team_id"`
		User string `json:"user_id"`
	} `json:"authorizations"`
}

// team is the workspace in which the app was told: in a shared channel the request's own team may be another's.
func (e wireEvents) team() string {
	if len(e.Authorizations) > 0 && e.Authorizations[0].Team != "" {
		return e.Authorizations[0].Team
	}
	return e.Team
}

type wireEvent struct {
	Type     string          `json:"type"`
	Subtype  string          `json:"subtype"`
	User     json.RawMessage `json:"user"` // an id, or in user_change an object
	UserTeam string          `json:"user_team"`
	Team     string          `json:"team"`
	BotID    string          `json:"bot_id"`
	Channel  json.RawMessage `json:"channel"` // an id, or an object
	Kind     string          `json:"channel_type"`
	Text     string          `json:"text"`
	TS       string          `json:"ts"`
	EventTS  string          `json:"event_ts"`
	Thread   string          `json:"thread_ts"`
	Tab      string          `json:"tab"`
	Files    []struct {
		ID string `json:"id"`
	} `json:"files"`
	Blocks   []wireNode  `json:"blocks"`
	Message  *wireEdit   `json:"message"`          // of a message that was changed
	Previous *wireEdit   `json:"previous_message"` // as it was before
	Tokens   *wireTokens `json:"tokens"`
}

type wireEdit struct {
	User     string     `json:"user"`
	UserTeam string     `json:"user_team"`
	BotID    string     `json:"bot_id"`
	Text     string     `json:"text"`
	TS       string     `json:"ts"`
	Blocks   []wireNode `json:"blocks"`
}

type wireTokens struct {
	Bot []string `json:"bot"`
}

// wireNode is a part of a message's blocks: only emoji are looked for in them.
type wireNode struct {
	Type     string     `json:"type"`
	Name     string     `json:"name"`
	Unicode  string     `json:"unicode"`
	Elements []wireNode `json:"elements"`
}

// id reads an id that is a string, or the id of an object.
func id(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var o struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(raw, &o) // of another shape: it has no id
	return o.ID
}

// wireInteraction is what a press, a shortcut or a form sends.
type wireInteraction struct {
	Type     string       `json:"type"`
	Trigger  string       `json:"trigger_id"`
	Callback string       `json:"callback_id"`
	ActionTS string       `json:"action_ts"`
	Respond  string       `json:"response_url"`
	Team     *wireRef     `json:"team"`
	User     wireUser     `json:"user"`
	Channel  *wireRef     `json:"channel"`
	Message  *wireMessage `json:"message"`
	View     *wireView    `json:"view"`
	Place    struct {
		Type      string `json:"type"`
		Channel   string `json:"channel_id"`
		TS        string `json:"message_ts"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Actions []wireAction `json:"actions"`
}

type wireRef struct {
	ID string `json:"id"`
}

type wireUser struct {
	ID   string `json:"id"`
	Team string `json:"team_id"`
}

type wireMessage struct {
	Text     string            `json:"text"`
	Blocks   []json.RawMessage `json:"blocks"`
	Metadata json.RawMessage   `json:"metadata"`
}

type wireAction struct {
	Type  string `json:"type"`
	ID    string `json:"action_id"`
	Block string `json:"block_id"`
	Value string `json:"value"`
	TS    string `json:"action_ts"`
	Text  struct {
		Text string `json:"text"`
	} `json:"text"`
	Selected *wireOption `json:"selected_option"`
}

type wireOption struct {
	Value string `json:"value"`
	Text  struct {
		Text string `json:"text"`
	} `json:"text"`
}

type wireView struct {
	ID       string `json:"id"`
	Team     string `json:"team_id"`
	Callback string `json:"callback_id"`
	Metadata string `json:"private_metadata"`
	State    struct {
		Values map[string]map[string]wireValue `json:"values"`
	} `json:"state"`
}

type wireValue struct {
	Type     string       `json:"type"`
	Value    string       `json:"value"`
	Selected *wireOption  `json:"selected_option"`
	Ticked   []wireOption `json:"selected_options"`
}

// wireCommand is a slash command.
type wireCommand struct {
	Command string `json:"command"`
	Text    string `json:"text"`
	Team    string `json:"team_id"`
	User    string `json:"user_id"`
	Channel string `json:"channel_id"`
	Trigger string `json:"trigger_id"`
	Respond string `json:"response_url"`
}

// decode reads what Slack sent. A thing of another shape than it had when this was written is left out, and the rest is
// read all the same.
func decode(raw []byte, into any) error {
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, into); err != nil && !errors.As(err, &odd) {
		return fmt.Errorf("read %d bytes from slack: they are not JSON", len(raw)) // the cause may quote them
	}
	return nil
}

// at reads a time as Slack writes it, seconds and a fraction; zero for anything else.
func at(ts string) time.Time {
	whole, fraction, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<36 {
		return time.Time{}
	}
	micros, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil || micros < 0 {
		micros = 0
	}
	return time.Unix(seconds, micros*1000).UTC()
}
