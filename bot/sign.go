package bot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// Signer makes and opens the payloads of buttons that work on their own. Dialog, subject and answer travel in the
// payload, signed together with the address it was sent to, so that a button works after every store was emptied, and
// neither a changed payload nor somebody else's press does anything (B14, C7).
type Signer struct{ key []byte }

// PressLife is how long a button that works on its own can be pressed.
const PressLife = 180 * 24 * time.Hour

const payloadBytes = 64 // Telegram's limit on callback data, the smallest of the networks'

// ErrPayload is a payload that was not made here, was changed, is for somebody else, or is too old.
var ErrPayload = errors.New("the button's payload cannot be used")

// NewSigner makes a Signer; the key must have at least 32 bytes.
func NewSigner(key []byte) (Signer, error) {
	if len(key) < 32 {
		return Signer{}, fmt.Errorf("new signer: the key has %d bytes, 32 are needed", len(key))
	}
	return Signer{key: append([]byte("press\x00"), key...)}, nil
}

// Payload signs a press for one address at t.
func (s Signer) Payload(p Press, to handrail.Address, t time.Time) (string, error) {
	if s.key == nil {
		return "", errors.New("sign a button: the signer has no key")
	}
	day := strconv.FormatInt(t.Unix()/86400, 36)
	body := strings.Join([]string{"p", p.Dialog, p.Subject, p.Answer, day}, "~")
	if strings.Count(body, "~") != 4 {
		return "", fmt.Errorf("sign a button of %s: a part contains the separator", p.Dialog)
	}
	payload := body + "~" + s.mac(body, to)
	if len(payload) > payloadBytes {
		return "", fmt.Errorf("sign a button of %s: the payload has %d bytes, %d are allowed", p.Dialog, len(payload), payloadBytes)
	}
	return payload, nil
}

// Open checks a payload that came back from an address at t. It returns ErrPayload when it cannot be used.
func (s Signer) Open(payload string, from handrail.Address, t time.Time) (Press, error) {
	cutAt := strings.LastIndexByte(payload, '~')
	if s.key == nil || cutAt < 0 || len(payload) > payloadBytes {
		return Press{}, ErrPayload
	}
	body, mac := payload[:cutAt], payload[cutAt+1:]
	if !hmac.Equal([]byte(mac), []byte(s.mac(body, from))) {
		return Press{}, ErrPayload
	}
	f := strings.Split(body, "~")
	if len(f) != 5 || f[0] != "p" {
		return Press{}, ErrPayload
	}
	day, err := strconv.ParseInt(f[4], 36, 64)
	if err != nil || t.Sub(time.Unix(day*86400, 0)) > PressLife {
		return Press{}, ErrPayload
	}
	return Press{Dialog: f[1], Subject: f[2], Answer: f[3]}, nil
}

func (s Signer) mac(body string, a handrail.Address) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(body))
	h.Write([]byte{0})
	h.Write([]byte(a.Key()))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:8])
}

// Seal fills in the payloads of a message's own-standing buttons for the address it goes to. The engine and whoever
// posts envelopes call it; it is safe to call twice.
func (s Signer) Seal(m *Message, to handrail.Address, t time.Time) error {
	for _, o := range m.Choices() {
		if o.Press == nil {
			continue
		}
		payload, err := s.Payload(*o.Press, to, t)
		if err != nil {
			return err
		}
		o.Payload = payload
	}
	return nil
}
