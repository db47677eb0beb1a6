package handrail

import (
	"log/slog"
	"strings"
)

// Address is one person in one place: the practice whose bot it is, the channel, the chat in it, and the thread where
// the channel has threads. It is personal data: logs and metrics carry the keyed hash of it, never the address.
type Address struct {
	Practice PracticeID `json:"practice"`
	Channel  string     `json:"channel"`          // the channel's name, "web" for instance
	Chat     string     `json:"chat"`             // the network's own id of the chat
	Thread   string     `json:"thread,omitempty"` // empty where there are no threads
}

// ChannelEmail is the channel of the e-mail addresses in the settings, the second route of an alert. They are the practice's
// own and bound to nobody.
const ChannelEmail = "email"

// IsZero reports whether there is no address.
func (a Address) IsZero() bool { return a == Address{} }

// Key is one string for the address, different for different addresses. It is as personal as the address itself.
func (a Address) Key() string {
	return strings.Join([]string{string(a.Practice), a.Channel, a.Chat, a.Thread}, "\x1f")
}

// String hides the address, so that a careless %v cannot print one into a log (G3).
func (a Address) String() string { return "(an address on " + a.Channel + ")" }

// GoString hides it from %#v as well.
func (a Address) GoString() string { return a.String() }

// LogValue hides it from every handler of log/slog: the one that writes JSON would print the fields.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.String()) }
