package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"

	tg "github.com/go-telegram/bot"

	"handrail/bot/wire"
)

const (
	proofHeader = "X-Telegram-Bot-Api-Secret-Token"
	connections = 40 // requests that Telegram may have open at once; it keeps a chat's in order
)

var errStopped = errors.New("the channel is not running")

func (c *Channel) setWebhook(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	err := c.api.call(ctx, "setWebhook", tg.SetWebhookParams{
		URL: c.hookURL, SecretToken: c.hookSecret.Reveal(), MaxConnections: connections, AllowedUpdates: allowed(),
	}, nil)
	if err == nil {
		c.works(ctx)
	}
	return err
}

// deleteWebhook keeps what waits: it comes by polling then.
func (c *Channel) deleteWebhook(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	err := c.api.call(ctx, "deleteWebhook", tg.DeleteWebhookParams{}, nil)
	if err == nil {
		c.works(ctx)
	}
	return err
}

// Handler takes what Telegram sends to the webhook. It answers 401 to a request that does not carry the secret, before
// it reads the body; 200 once the inbox has committed the update; and 503 when it could not, so that Telegram sends it
// again. Without a webhook every request is refused. The server around it sets the time-outs for reading.
func (c *Channel) Handler() http.Handler { return http.HandlerFunc(c.serve) }

func (c *Channel) serve(w http.ResponseWriter, r *http.Request) {
	if !c.proven(r) {
		http.Error(w, "unauthorised", http.StatusUnauthorized)
		return
	}
	raw, ok := wire.Body(w, r)
	if !ok {
		return
	}
	u, err := decode(raw)
	if err != nil {
		c.log.ErrorContext(r.Context(), "telegram: an update cannot be read", "error", err)
		http.Error(w, "not an update", http.StatusBadRequest)
		return
	}
	h := c.read(u)
	if err := c.take(r.Context(), h); err != nil {
		if r.Context().Err() == nil && !errors.Is(err, errStopped) {
			c.log.ErrorContext(r.Context(), "telegram: an update was not taken and will come again", "error", err)
		}
		http.Error(w, "not taken", http.StatusServiceUnavailable)
		return
	}
	// The answer to a press travels in the answer to the webhook: one call less.
	c.after(r.Context(), h, true)
	if h.answer == "" {
		w.WriteHeader(http.StatusOK)
		return
	}
	body, err := json.Marshal(struct {
		Method string `json:"method"`
		tg.AnswerCallbackQueryParams
	}{"answerCallbackQuery", tg.AnswerCallbackQueryParams{CallbackQueryID: h.answer}})
	if err != nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(body); err != nil {
		c.log.InfoContext(r.Context(), "telegram: the answer to a webhook did not arrive; the update will come again")
	}
}

// proven says whether a request carries the secret, once. The comparison takes as long for any wrong one.
func (c *Channel) proven(r *http.Request) bool {
	got := r.Header.Values(proofHeader)
	if c.hookSecret == nil || c.hookURL == "" || len(got) != 1 {
		return false
	}
	want := c.hookSecret.Reveal()
	// Hashes, since the comparison tells the length of what it compares.
	a, b := sha256.Sum256([]byte(got[0])), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
