package onetap

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"handrail"
)

const (
	// Life is how long after its question a link can be used. Afterwards the next question brings a new one.
	Life = 30 * 24 * time.Hour
	// Longest is how many characters an address has at most, so that it survives a text message and a letter.
	Longest = 200

	version   = 1
	head      = 1 + 4 // the version, and the end in minutes since 1970
	seal      = 16    // bytes of the HMAC: 128 bits
	longestID = 64
)

// errLink is any link that cannot be used. Why it cannot is nobody's business.
var errLink = errors.New("the link cannot be used")

// Links makes and opens the addresses. It is immutable, so safe to share.
type Links struct {
	key  []byte
	base string
}

// NewLinks makes Links; the key must have at least 32 bytes. base is the public address at which the Page is mounted, of
// http or https and without a query.
func NewLinks(key []byte, base string) (*Links, error) {
	if len(key) < 32 {
		return nil, fmt.Errorf("new links: the key has %d bytes, 32 are needed", len(key))
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, errors.New("new links: the address must be like https://handrail.example/still-on")
	}
	return &Links{key: append([]byte("onetap\x00"), key...), base: strings.TrimRight(base, "/") + "/"}, nil
}

// Address is the link to the page of a question. It is the same for the same question. An error is a question without an
// id, or an address that would be longer than Longest.
func (l *Links) Address(ask handrail.Ask) (string, error) {
	if ask.ID == "" || len(ask.ID) > longestID {
		return "", errors.New("make a link: the question's id is missing or too long")
	}
	body := make([]byte, head, head+len(ask.ID)+seal)
	body[0] = version
	binary.BigEndian.PutUint32(body[1:], uint32(ask.AskedAt.Add(Life).Unix()/60))
	body = append(body, ask.ID...)
	address := l.base + base64.RawURLEncoding.EncodeToString(l.sealed(body))
	if len(address) > Longest {
		return "", fmt.Errorf("make a link: it has %d characters, %d are allowed", len(address), Longest)
	}
	return address, nil
}

// open is the question of a token; errLink for any that cannot be used at t.
func (l *Links) open(token string, t time.Time) (handrail.AskID, error) {
	if len(token) > Longest {
		return "", errLink
	}
	// Strict: of the ways to write the last bits one is right, so a token has no twins.
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= head+seal {
		return "", errLink
	}
	body := raw[:len(raw)-seal]
	if !hmac.Equal(raw, l.sealed(body)) || body[0] != version {
		return "", errLink
	}
	if end := time.Unix(int64(binary.BigEndian.Uint32(body[1:]))*60, 0); !t.Before(end) {
		return "", errLink
	}
	return handrail.AskID(body[head:]), nil
}

// sealed is a copy of body with its seal behind it.
func (l *Links) sealed(body []byte) []byte {
	h := hmac.New(sha256.New, l.key)
	h.Write(body)
	return append(append(make([]byte, 0, len(body)+seal), body...), h.Sum(nil)[:seal]...)
}
