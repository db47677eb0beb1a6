package model

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"handrail/meaning"
)

// MaxTimeout is the longest that one question may take in all (M7, L8). There is no second try within it.
const MaxTimeout = 3 * time.Second

// Clock is the time, passed in so that a test or the demo can move it. Now is UTC.
type Clock interface {
	Now() time.Time
}

// Settings says which model to ask and how much. The zero value of everything but Vocabulary, Clock and Log is usable
// and asks none.
type Settings struct {
	// BaseURL is where the model answers, "http://127.0.0.1:11434/v1"; https unless it is this machine. Empty: no model.
	BaseURL string
	// Key is sent as a bearer token to BaseURL and nowhere else. Empty: none is sent.
	Key string
	// Name is which model to ask.
	Name string
	// Allow lists the host names that may be asked besides this machine (M12), without ports.
	Allow []string
	// Timeout is how long one question may take in all. 0, or more than MaxTimeout: MaxTimeout.
	Timeout time.Duration
	// AtOnce is how many questions may be open at a time; one more is not asked. 0: 2.
	AtOnce int
	// MaxTokens is the longest answer. 0: 600.
	MaxTokens int
	// Budget counts questions by person and day. Nil: the Allowance of 60 a person and 1,000 in all.
	Budget Budget

	// Vocabulary is the rules' table: what to redact by, and which needs and interests there are.
	Vocabulary *meaning.Vocabulary
	Clock      Clock
	Log        *slog.Logger
}

// endpoint checks the address of the model: https, on the list, no user, no query; or this machine by http as well.
func (s Settings) endpoint() (*url.URL, error) {
	u, err := url.Parse(s.BaseURL)
	if err != nil {
		return nil, errors.New("the address does not parse") // the parser's error repeats the address, which may hold a key
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, errors.New("the address needs https:// and a host")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("the address must hold no user, query or fragment; the key has a setting of its own")
	case s.Name == "":
		return nil, errors.New("which model to ask is not said")
	case here(u.Hostname()) && (strings.HasSuffix(s.Name, "-cloud") || strings.HasSuffix(s.Name, ":cloud")):
		// Ollama passes models of such names on to its own machines, so that the address says nothing of where it goes.
		return nil, errors.New("a model whose name ends in cloud runs elsewhere; name its own address and host instead")
	case here(u.Hostname()):
		return u, nil
	case u.Scheme != "https":
		return nil, fmt.Errorf("%s is not this machine and must be asked by https", u.Hostname())
	case !slices.ContainsFunc(s.Allow, func(host string) bool { return strings.EqualFold(host, u.Hostname()) }):
		return nil, fmt.Errorf("%s is not on the list of hosts that may be asked", u.Hostname())
	}
	return u, nil
}

// here reports whether a host is this machine by its very name. What a name server says does not count, and where the
// connection is made the address is looked at again.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
