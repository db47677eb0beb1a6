package config

import (
	"fmt"
	"log/slog"
)

// hidden is what a secret prints as.
const hidden = "(secret)"

// Secret is a password, a token or a key. It prints as (secret), and as nothing when it is empty, under every verb of
// fmt, in JSON, YAML, XML and slog; Reveal is the only way to its value. It is a pointer inside, so that even a reader
// that goes round the methods (fmt on an unexported field, a debugger's dump of a struct) sees an address and no value.
type Secret struct{ value *string }

// NewSecret makes a Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal returns the value. Give it straight to what needs it; never to a log or an error.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero says whether there is none.
func (s Secret) IsZero() bool { return s.value == nil }

// String returns (secret), or nothing when there is none.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return hidden
}

// GoString is String: %#v must not show the value either.
func (s Secret) GoString() string { return s.String() }

// Format writes String under every verb, %x and %d included.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText is String, for JSON, YAML and XML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is String, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (s *Secret) kind() string { return "secret" }

func (s *Secret) set(text string) error {
	if text == hidden {
		return wrong("this is how a secret is printed, not the secret itself", "put the secret itself here, or file:/path of a file that holds it")
	}
	for _, r := range text {
		if r < ' ' || r == 0x7f { // a space is allowed: passwords of mail servers have them
			return wrong("it has a line break or a control character in it", "copy it again, whole and on one line")
		}
	}
	*s = NewSecret(text)
	return nil
}
