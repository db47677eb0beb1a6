package slack

import (
	"strings"

	"handrail"
)

// who is a person in a workspace, and the place in which they write. A user's id is unique only together with the
// workspace's, so both are in the address.
type who struct {
	team, user string
	// place is the channel in which they wrote, "" for their own conversation with the app. What is said to an address
	// with a place is shown there to that one person.
	place string
}

// address is the person's in the engine's words.
func (w who) address(practice handrail.PracticeID) handrail.Address {
	return handrail.Address{Practice: practice, Channel: Name, Chat: w.team + "/" + w.user, Thread: w.place}
}

// whose reads an address back; false when it is none of this channel's.
func whose(a handrail.Address) (who, bool) {
	team, user, ok := strings.Cut(a.Chat, "/")
	if !ok || a.Channel != Name || a.Practice == "" || !isID(team) || !isID(user) || a.Thread != "" && !isID(a.Thread) {
		return who{}, false
	}
	return who{team: team, user: user, place: a.Thread}, true
}

// Address is that of a user's own conversation with the app, in a workspace.
func Address(practice handrail.PracticeID, team, user string) handrail.Address {
	return who{team: team, user: user}.address(practice)
}

// isID says whether a string may be an id of Slack's: capital letters and digits.
func isID(s string) bool {
	if len(s) < 2 || len(s) > 32 {
		return false
	}
	for i := range len(s) {
		if (s[i] < 'A' || s[i] > 'Z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// isOwn says whether a channel's id is that of a conversation between the app and one person.
func isOwn(channel string) bool { return strings.HasPrefix(channel, "D") && isID(channel) }
