package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
)

// URL is an address that may have a password in it. Under every verb of fmt, in JSON, YAML, XML and slog it prints
// without its password and without the values of its query; Reveal returns it whole. Like Secret it is a pointer
// inside.
type URL struct{ value *string }

// MustURL makes a URL of text that is known to be one; it does not check it.
func MustURL(text string) URL {
	if text == "" {
		return URL{}
	}
	return URL{&text}
}

// Reveal returns the address whole, as it was written. Give it straight to what connects; never to a log or an error.
func (u URL) Reveal() string {
	if u.value == nil {
		return ""
	}
	return *u.value
}

// IsZero says whether there is none.
func (u URL) IsZero() bool { return u.value == nil }

// Scheme is what stands before the first colon, in small letters: "sqlite", "postgres", "https".
func (u URL) Scheme() string {
	scheme, _, _ := strings.Cut(u.Reveal(), ":")
	return strings.ToLower(scheme)
}

// String returns the address without what may be secret: user:(secret)@ for a password, ?(secret) for a query.
func (u URL) String() string {
	if u.IsZero() {
		return ""
	}
	p, err := url.Parse(*u.value)
	if err != nil || p.Opaque != "" {
		return u.Scheme() + ":" + hidden
	}
	var b strings.Builder
	b.WriteString(p.Scheme + "://")
	if p.User != nil {
		b.WriteString(p.User.Username())
		if _, has := p.User.Password(); has {
			b.WriteString(":" + hidden)
		}
		b.WriteByte('@')
	}
	b.WriteString(p.Host + p.EscapedPath())
	if p.RawQuery != "" {
		b.WriteString("?" + hidden)
	}
	if p.Fragment != "" {
		b.WriteString("#" + hidden)
	}
	return b.String()
}

// GoString is String.
func (u URL) GoString() string { return u.String() }

// Format writes String under every verb.
func (u URL) Format(f fmt.State, _ rune) { fmt.Fprint(f, u.String()) }

// MarshalText is String, for JSON, YAML and XML.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue is String, for slog.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

func (u *URL) kind() string { return "URL" }

func (u *URL) set(text string) error {
	if strings.ContainsAny(text, " \t\r\n") {
		return wrong("it has a space or a line break in it", "write it without, with %20 for a space")
	}
	// The error of url.Parse quotes what it read, which may hold a password.
	p, err := url.Parse(text)
	if err != nil {
		return wrong("it cannot be read as a URL", "check it; a password with special characters must be percent-encoded (@ is %40, / is %2F)")
	}
	if p.Scheme == "" {
		return wrong("it does not say how to connect", "start it with a scheme such as https://")
	}
	*u = MustURL(text)
	return nil
}

// allow checks the scheme, and what goes with each.
func (u *URL) allow(schemes []string) error {
	scheme := u.Scheme()
	if !slices.Contains(schemes, scheme) {
		return wrong("this scheme cannot be used here", "start it with "+orList(schemes, "://"))
	}
	p, err := url.Parse(u.Reveal())
	if err != nil {
		return wrong("it cannot be read as a URL", "check it")
	}
	switch scheme {
	case "sqlite":
		if p.Host != "" || len(p.Path) < 2 {
			return wrong("a full path must follow sqlite://", "write three slashes: sqlite:///path/handrail.db")
		}
	case "unix":
		if p.Path == "" {
			return wrong("the path of the socket is missing", "write it as unix:///path/redis.sock")
		}
	case "http":
		// M12 and C5: a token must not cross a network in the clear.
		if !loopback(p.Hostname()) {
			return wrong("http:// is only for this machine", "use https://")
		}
		fallthrough
	default:
		if p.Hostname() == "" {
			return wrong("the host is missing", "write it as "+scheme+"://host/")
		}
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func orList(words []string, suffix string) string {
	if len(words) == 1 {
		return words[0] + suffix
	}
	last := len(words) - 1
	return strings.Join(words[:last], suffix+", ") + suffix + " or " + words[last] + suffix
}
