package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"handrail/bot"
	"handrail/bot/wire"
)

// client makes calls of the Bot API.
type client struct {
	http  *http.Client
	base  string
	token bot.Secret
}

const (
	maxAnswer = 8 << 20 // bytes of an answer: a hundred updates of the largest kind fit
	callTime  = 10 * time.Second
)

func newClient(c *http.Client, base string, token bot.Secret) *client {
	return &client{http: wire.Client(c), base: base, token: token}
}

// attachment is a file that goes with a call under its name.
type attachment struct {
	field, name, mime string
	data              []byte
}

// answer is what the Bot API says to every call.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int64 `json:"retry_after"`
		Migrated   int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// call makes one call and reads its result into dest, which may be nil. Its error is an *wire.Error.
func (c *client) call(ctx context.Context, method string, params, dest any, files ...attachment) error {
	body, kind, err := encode(params, files)
	if err != nil {
		return &wire.Error{Network: Name, Method: method, Reason: "the call could not be encoded", Outcome: bot.OutcomeRefused}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/bot"+c.token.Reveal()+"/"+method, bytes.NewReader(body))
	if err != nil { // it prints the address
		return &wire.Error{Network: Name, Method: method, Reason: "the call could not be made", Outcome: bot.OutcomeRefused}
	}
	req.Header.Set("Content-Type", kind)
	resp, wrote, err := wire.Do(c.http, req)
	if err != nil {
		return wire.Lost(ctx, Name, method, err, wrote)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return wire.Lost(ctx, Name, method, err, true)
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil || !a.OK && a.Code == 0 {
		return unreadable(method, resp.StatusCode)
	}
	if !a.OK {
		return refused(method, a)
	}
	if dest != nil {
		if err := json.Unmarshal(a.Result, dest); err != nil {
			return &wire.Error{Network: Name, Method: method, Reason: "its result could not be read", Outcome: bot.OutcomeUnknown, Done: true}
		}
	}
	return nil
}

// encode writes a call's parameters: as JSON, or as a form where files go with it.
func encode(params any, files []attachment) (body []byte, kind string, err error) {
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false) // half of what is sent is markup
	if err := e.Encode(params); err != nil {
		return nil, "", fmt.Errorf("encode a call: %w", err)
	}
	plain := bytes.TrimSpace(w.Bytes())
	if len(files) == 0 {
		return plain, "application/json", nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(plain, &fields); err != nil {
		return nil, "", fmt.Errorf("encode a call: %w", err)
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range fields {
		text := string(value)
		if strings.HasPrefix(text, `"`) {
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, "", fmt.Errorf("encode a call: %w", err)
			}
		}
		if err := form.WriteField(name, text); err != nil {
			return nil, "", fmt.Errorf("encode a call: %w", err)
		}
	}
	for _, f := range files {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", multipart.FileContentDisposition(f.field, f.name))
		h.Set("Content-Type", f.mime)
		part, err := form.CreatePart(h)
		if err != nil {
			return nil, "", fmt.Errorf("encode a call: %w", err)
		}
		if _, err := part.Write(f.data); err != nil {
			return nil, "", fmt.Errorf("encode a call: %w", err)
		}
	}
	if err := form.Close(); err != nil {
		return nil, "", fmt.Errorf("encode a call: %w", err)
	}
	return b.Bytes(), form.FormDataContentType(), nil
}

// unreadable is an answer that is not the Bot API's: a proxy's page, an empty one. Telegram's front servers answer that
// way when they cannot reach what is behind them, and what is behind may have acted: nobody knows.
func unreadable(method string, status int) *wire.Error {
	e := &wire.Error{Network: Name, Method: method, Status: status, Reason: "not an answer of the Bot API", Outcome: bot.OutcomeUnknown}
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		e.Outcome = bot.OutcomeRetry
	case http.StatusUnauthorized, http.StatusNotFound:
		e.Outcome = bot.OutcomeRetry
	}
	return e
}

// refusal is a reason that the Bot API gives and what it means. Descriptions are matched and never repeated: some quote
// the message.
type refusal struct {
	code    int
	has     string // in the description, in small letters; empty: any
	outcome bot.Outcome
	reason  string
}

func refusals() []refusal {
	return []refusal{
		{http.StatusForbidden, "blocked by the user", bot.OutcomeGone, "blocked by the person"},
		{http.StatusForbidden, "user is deactivated", bot.OutcomeGone, "the account is deactivated"},
		{http.StatusForbidden, "can't initiate", bot.OutcomeGone, "the person has not started the chat"},
		{http.StatusForbidden, "", bot.OutcomeGone, "not allowed in this chat"},
		{http.StatusBadRequest, "chat not found", bot.OutcomeGone, "no such chat"},
		{http.StatusBadRequest, "user not found", bot.OutcomeGone, "no such person"},
		{http.StatusBadRequest, "peer_id_invalid", bot.OutcomeGone, "no such person"},
		{http.StatusBadRequest, "upgraded to a supergroup", bot.OutcomeGone, "the chat has moved"},
		{http.StatusBadRequest, "input user deactivated", bot.OutcomeGone, "the account is deactivated"},
		{http.StatusBadRequest, "can't parse entities", bot.OutcomeRefused, reasonMarkup},
		{http.StatusBadRequest, "message is not modified", bot.OutcomeRefused, reasonSame},
		{http.StatusBadRequest, "message to edit not found", bot.OutcomeRefused, "the message is no longer there"},
		{http.StatusBadRequest, "message can't be edited", bot.OutcomeRefused, "the message can't be changed any more"},
		{http.StatusBadRequest, "message to delete not found", bot.OutcomeRefused, reasonNotThere},
		{http.StatusBadRequest, "message can't be deleted", bot.OutcomeRefused, "the message can't be deleted any more"},
		{http.StatusBadRequest, "query is too old", bot.OutcomeRefused, reasonOldPress},
		{http.StatusBadRequest, "too long", bot.OutcomeRefused, "too long"},
		{http.StatusBadRequest, "text is empty", bot.OutcomeRefused, "empty"},
		{http.StatusBadRequest, "button", bot.OutcomeRefused, "a button that it does not take"},
		{http.StatusBadRequest, "", bot.OutcomeRefused, "a call that it does not take"},
		{http.StatusRequestEntityTooLarge, "", bot.OutcomeRefused, "too large"},
		{http.StatusUnauthorized, "", bot.OutcomeRetry, reasonRevoked},
		{http.StatusNotFound, "", bot.OutcomeRetry, reasonRevoked}, // the path holds the token, and methods are fixed
		{http.StatusConflict, "webhook", bot.OutcomeRetry, reasonHook},
		{http.StatusConflict, "", bot.OutcomeRetry, reasonPoller},
		{http.StatusTooManyRequests, "", bot.OutcomeRetry, "too many at once"},
	}
}

const (
	reasonMarkup   = "markup that it can't read"
	reasonSame     = "nothing to change"
	reasonNotThere = "there is no such message any more"
	reasonOldPress = "a press that is too old to answer"
	reasonRevoked  = "the token is refused"
	reasonHook     = "a webhook is set"
	reasonPoller   = "somebody else polls"
)

// refused is an answer that says no.
func refused(method string, a answer) *wire.Error {
	e := &wire.Error{Network: Name, Method: method, Status: a.Code, Reason: "it could not", Outcome: bot.OutcomeUnknown}
	if a.Parameters.Migrated != 0 {
		// Only groups move, and nobody is written to in a group.
		e.Outcome, e.Reason = bot.OutcomeGone, "the chat has moved"
		return e
	}
	description := strings.ToLower(a.Description)
	for _, r := range refusals() {
		if r.code == a.Code && strings.Contains(description, r.has) {
			e.Outcome, e.Reason = r.outcome, r.reason
			break
		}
	}
	switch {
	case e.Reason == reasonRevoked:
		e.After = heldFor
	case a.Parameters.RetryAfter > 0:
		e.After = time.Duration(a.Parameters.RetryAfter) * time.Second
	}
	return e
}

// heldFor is how long what is to be sent waits, again and again, while the token is refused.
const heldFor = 5 * time.Minute

func isRevoked(err error) bool { return wire.HasReason(err, reasonRevoked) }
