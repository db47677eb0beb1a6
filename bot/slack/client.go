package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"handrail/bot"
	"handrail/bot/wire"
)

// client makes calls of the Web API.
type client struct {
	http  *http.Client
	base  string // ends with a slash
	gates gates
}

const (
	maxAnswer = 4 << 20 // bytes of an answer
	callTime  = 8 * time.Second
	heldFor   = 5 * time.Minute // how long what is to be sent waits while a token is refused
)

func newClient(c *http.Client, base string, clock bot.Clock) *client {
	return &client{http: wire.Client(c), base: base, gates: gates{clock: clock}}
}

// answer is what every answer of the Web API begins with.
type answer struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
}

// call makes one call and reads its answer into dest, which may be nil. params is either url.Values, written as a form
// (the methods that read take no JSON), or anything that is written as a JSON object. The error is an *wire.Error.
func (c *client) call(ctx context.Context, token Token, method string, params, dest any) error {
	if wait, asked := c.gates.wait(token, method); wait > 0 {
		return &wire.Error{Network: Name, Method: method, Reason: reasonTooMany, Outcome: bot.OutcomeRetry, After: wait, Unasked: !asked}
	}
	body, kind, err := encode(params)
	if err != nil {
		return &wire.Error{Network: Name, Method: method, Reason: "the call could not be encoded", Outcome: bot.OutcomeRefused}
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	resp, wrote, err := c.post(ctx, c.base+method, kind, token, body)
	if err != nil {
		return wire.Lost(ctx, Name, method, err, wrote)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return wire.Lost(ctx, Name, method, err, true)
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil || !a.OK && a.Error == "" {
		e := unreadable(method, resp)
		c.gates.close(token, method, e.After)
		return e
	}
	if !a.OK {
		e := refused(method, a.Error, resp)
		if e.Reason == reasonTooMany {
			c.gates.close(token, method, e.After)
		}
		return e
	}
	if dest != nil {
		if err := json.Unmarshal(raw, dest); err != nil {
			return &wire.Error{Network: Name, Method: method, Reason: "its answer could not be read", Outcome: bot.OutcomeUnknown, Done: true}
		}
	}
	return nil
}

// post writes one request; wrote says whether it was written, should no answer come.
func (c *client) post(ctx context.Context, to, kind string, token Token, body []byte) (_ *http.Response, wrote bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, false, errors.New("make a request") // the cause would print the address
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	return wire.Do(c.http, req)
}

// encode writes a call's parameters.
func encode(params any) (body []byte, kind string, err error) {
	if form, ok := params.(url.Values); ok {
		return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
	}
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	if err := e.Encode(params); err != nil {
		return nil, "", fmt.Errorf("encode a call: %w", err)
	}
	return bytes.TrimSpace(w.Bytes()), "application/json; charset=utf-8", nil
}

// unreadable is an answer that is not the Web API's: a proxy's page, an empty one. What is behind may have acted:
// nobody knows, unless the status says that it was not reached.
func unreadable(method string, resp *http.Response) *wire.Error {
	e := &wire.Error{Network: Name, Method: method, Status: resp.StatusCode, Reason: "not an answer of the Web API", Outcome: bot.OutcomeUnknown}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		e.Reason, e.Outcome, e.After = reasonTooMany, bot.OutcomeRetry, retryAfter(resp)
	case http.StatusServiceUnavailable, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		e.Outcome = bot.OutcomeRetry
	}
	return e
}

// retryAfter is how many seconds Slack asks to wait; a second where it does not say.
func retryAfter(resp *http.Response) time.Duration {
	n, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || n < 1 || n > 24*3600 {
		n = 1
	}
	return time.Duration(n) * time.Second
}

// refused is an answer that says no.
func refused(method, code string, resp *http.Response) *wire.Error {
	e := &wire.Error{Network: Name, Method: method, Reason: "refused for a reason that is not known here", Outcome: bot.OutcomeRefused}
	if m, ok := meanings()[code]; ok {
		e.Reason, e.Outcome = m.reason, m.outcome
	}
	if resp.StatusCode >= http.StatusInternalServerError {
		e.Outcome = bot.OutcomeUnknown
	}
	switch e.Reason {
	case reasonTooMany:
		e.After = retryAfter(resp)
	case reasonRevoked:
		e.After = heldFor
	}
	return e
}

const (
	reasonTooMany    = "too many at once"
	reasonRevoked    = "the token is refused"
	reasonNoTrigger  = "the press is too old to open a form"
	reasonNotHere    = "the app or the person is not in the channel"
	reasonNoChannel  = "no such channel"
	reasonArchived   = "the channel is archived"
	reasonNoMessage  = "the message is no longer there"
	reasonNotAllowed = "not allowed"
	reasonNoThread   = "no such thread"
	reasonBlocks     = "blocks that it does not take"
)

// meaning is what an error of the Web API means for what was to be done.
type meaning struct {
	outcome bot.Outcome
	reason  string
}

// meanings are the errors that are told apart; any other is a call that Slack does not take. They are matched and never
// repeated: a description may quote what was sent.
func meanings() map[string]meaning {
	gone, retry, unknown := bot.OutcomeGone, bot.OutcomeRetry, bot.OutcomeUnknown
	revoked, many := meaning{retry, reasonRevoked}, meaning{retry, reasonTooMany}
	return map[string]meaning{
		"invalid_blocks": {bot.OutcomeRefused, reasonBlocks},
		"ratelimited":    many, "rate_limited": many, "message_limit_exceeded": many,

		"token_revoked": revoked, "token_expired": revoked, "invalid_auth": revoked, "not_authed": revoked,
		"account_inactive": revoked, // the token's own account: the app or its workspace
		"missing_scope":    {retry, reasonRevoked}, "no_permission": {retry, reasonRevoked}, "not_allowed_token_type": revoked,
		"org_login_required": revoked, "ekm_access_denied": revoked, "team_access_not_granted": revoked,
		"team_added_to_org": {retry, "the workspace is being moved"}, "access_denied": revoked,

		"channel_not_found": {gone, reasonNoChannel}, "is_archived": {gone, reasonArchived},
		"not_in_channel": {gone, reasonNotHere}, "user_not_in_channel": {gone, reasonNotHere},
		"user_not_found": {gone, "no such person"}, "users_not_found": {gone, "no such person"},
		"user_disabled": {gone, "the account is deactivated"}, "user_not_visible": {gone, "the person cannot be seen"},
		"cannot_dm_bot": {gone, "that is a bot"}, "messages_tab_disabled": {gone, "the app's messages are turned off"},
		"not_in_conversation": {gone, reasonNotHere}, "team_not_found": {gone, "no such workspace"},
		"restricted_action": {bot.OutcomeRefused, reasonNotAllowed},

		"expired_trigger_id": {bot.OutcomeRefused, reasonNoTrigger}, "invalid_trigger_id": {bot.OutcomeRefused, reasonNoTrigger},
		"exchanged_trigger_id": {bot.OutcomeRefused, reasonNoTrigger}, "trigger_exchanged": {bot.OutcomeRefused, reasonNoTrigger},
		"message_not_found": {bot.OutcomeRefused, reasonNoMessage}, "cant_update_message": {bot.OutcomeRefused, reasonNoMessage},
		"thread_not_found": {bot.OutcomeRefused, reasonNoThread}, "edit_window_closed": {bot.OutcomeRefused, reasonNoMessage},

		// "It's possible some aspect of the operation succeeded before the error was raised."
		"internal_error": {unknown, "it broke over there"}, "fatal_error": {unknown, "it broke over there"},
		"request_timeout": {retry, "the call did not arrive whole"}, "service_unavailable": {retry, "away for a moment"},
		"accesslimited": {retry, "access is limited"},
	}
}

// upload sends a file's bytes to the address that Slack gave for them.
func (c *client) upload(ctx context.Context, to string, data []byte) error {
	const method = "upload"
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "https" && !strings.HasPrefix(to, c.root()) {
		return &wire.Error{Network: Name, Method: method, Reason: "no address to send it to", Outcome: bot.OutcomeRetry}
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	resp, _, err := c.post(ctx, to, "application/octet-stream", "", data)
	if err != nil {
		e := wire.Lost(ctx, Name, method, err, false) // what was sent of it is nowhere until it is handed over
		return e
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &wire.Error{Network: Name, Method: method, Status: resp.StatusCode, Reason: "the file was not taken", Outcome: bot.OutcomeRetry}
	}
	return nil
}

// respond answers by the address that came with an interaction, which is Slack's own.
func (c *client) respond(ctx context.Context, to string, body any) error {
	const method = "response_url"
	if !strings.HasPrefix(to, "https://hooks.slack.com/") && !strings.HasPrefix(to, c.root()) {
		return &wire.Error{Network: Name, Method: method, Reason: "that address is not Slack's", Outcome: bot.OutcomeRefused}
	}
	raw, kind, err := encode(body)
	if err != nil {
		return &wire.Error{Network: Name, Method: method, Reason: "the call could not be encoded", Outcome: bot.OutcomeRefused}
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	resp, wrote, err := c.post(ctx, to, kind, "", raw)
	if err != nil {
		return wire.Lost(ctx, Name, method, err, wrote)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &wire.Error{Network: Name, Method: method, Status: resp.StatusCode, Reason: "it was not taken", Outcome: bot.OutcomeRefused}
	}
	return nil
}

// root is the scheme and host of the Web API, with a slash at the end.
func (c *client) root() string {
	u, err := url.Parse(c.base)
	if err != nil {
		return c.base
	}
	return u.Scheme + "://" + u.Host + "/"
}
