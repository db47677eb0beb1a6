package text

import (
	"slices"
	"strings"
)

// patientGroups are the groups that patients read. The questions of a measure are not among them: their exact words are
// their publisher's, in every language.
func patientGroups() []string {
	return []string{"guard", "join", "permission", "matters", "choose", "reason_patient", "next", "going", "remind", "how", "nudge", "off",
		"leave", "permits", "mine", "correct", "delete", "wrong", "language", "reading", "trusted", "worried", "again", "late", "ending", "near", "survey"}
}

// PatientKeys are the words that patients read: all of the patients' groups but the lists of words to recognise and the
// lines to staff.
func PatientKeys(c *Catalogues) []string {
	var out []string
	for _, k := range c.Keys(Fallback) {
		group, rest, _ := strings.Cut(k, ".")
		if !slices.Contains(patientGroups(), group) && k != "help.patient" && k != "help.trusted" && !(group == "bot" && !strings.HasPrefix(rest, "words")) &&
			!(group == "agree" && strings.HasPrefix(rest, "patient")) {
			continue
		}
		switch {
		case IsList(k), strings.Contains(k, "task"), strings.Contains(k, "urgent."), strings.Contains(k, "version"), forStaff(k):
			continue
		}
		out = append(out, k)
	}
	return out
}

// forStaff are lines of the patients' groups that staff, volunteers and organisers read.
func forStaff(k string) bool {
	for _, p := range []string{"guard.masked", "guard.stop.buddy", "guard.stop.organiser", "remind.buddy", "join.organiser", "correct.field", "ending.alarm", "correct.look", "correct.sure", "correct.read",
		"correct.leave", "correct.later", "correct.over", "correct.settled", "off.all"} {
		if strings.HasPrefix(k, p) {
			return true
		}
	}
	return false
}
