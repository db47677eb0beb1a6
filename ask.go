package handrail

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// AskID names a question to an organiser. It is short, so that it fits in a button.
type AskID string

// NewAskID is the id of the question about a listing on a date: the same for the same, so that a question that is put
// twice is one question.
func NewAskID(activity ActivityID, on Date) AskID {
	sum := sha256.Sum256([]byte(string(activity) + "\x00" + string(on)))
	return AskID("ask_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])))
}

// Ask is one question to whoever runs a group: is it still on?
type Ask struct {
	ID       AskID
	Activity ActivityID
	// Practice is whose people asked it.
	Practice PracticeID
	AskedAt  time.Time
	// Link says that it was asked by a one-tap link, since the organiser has no chat.
	Link       bool
	AnsweredAt *time.Time
	Answer     AskAnswer
	Words      string // what has changed, in the organiser's words
}

// AskedListing is a listing to ask about, with who answers for it and on whose behalf it is asked.
type AskedListing struct {
	Activity Activity
	Practice PracticeID
	// Organiser is nil when nobody answers for the listing in a chat.
	Organiser *OrganiserPerson
}

// AskAnswer is what an organiser said.
type AskAnswer string

// The answers.
const (
	AskYes     AskAnswer = "yes"
	AskChanged AskAnswer = "changed"
	AskClosed  AskAnswer = "closed"
	AskPaused  AskAnswer = "paused"
)

// The life of a question. A deployment asks often enough that a listing stays fresh, and seldom enough that a volunteer
// who runs a group does not come to dread it; these numbers are ours, not a standard's.
const (
	// AskEvery is how long a listing that was assured is left in peace.
	AskEvery = 56 * 24 * time.Hour
	// AskPatience is how long a question waits before it counts as a silence.
	AskPatience = 14 * 24 * time.Hour
)

// Settle takes the answer. Answered before, it is KindConflict.
func (a *Ask) Settle(answer AskAnswer, words string, at time.Time) error {
	if a.AnsweredAt != nil {
		return Errorf(KindConflict, "That was answered already. Thank you.", "settle an ask that was answered")
	}
	switch answer {
	case AskYes, AskChanged, AskClosed, AskPaused:
	default:
		return Errorf(KindInvalid, "Please pick one of the answers.", "settle an ask: unknown answer")
	}
	a.AnsweredAt, a.Answer, a.Words = &at, answer, words
	return nil
}

// Waiting reports whether a question stands open.
func (s Standing) Waiting() bool {
	return s.AskedAt != nil && (s.AnsweredAt == nil || s.AnsweredAt.Before(*s.AskedAt))
}

// DueAt is from when on the organiser of an active listing should be asked, or their third silence be told: at once after
// somebody found it closed, AskPatience after a question without an answer, and AskEvery after everything else. It is in
// the past for a listing of which nothing is known.
func (s Standing) DueAt() time.Time {
	switch {
	case s.ReportedClosed != nil && (s.AskedAt == nil || s.AskedAt.Before(*s.ReportedClosed)):
		return *s.ReportedClosed
	case s.Waiting() && s.Silences < SilencesBeforeWarning:
		return s.AskedAt.Add(AskPatience)
	case s.Waiting():
		return s.AskedAt.Add(AskEvery)
	}
	last := s.CreatedAt
	for _, at := range []*time.Time{s.AnsweredAt, s.assuredAt()} {
		if at != nil && at.After(last) {
			last = *at
		}
	}
	if last.IsZero() {
		return last
	}
	return last.Add(AskEvery)
}

// Due reports whether DueAt has come at t.
func (s Standing) Due(t time.Time) bool { return !t.Before(s.DueAt()) }

// Exhausted reports whether the question that waits at t is the last before a person looks: it had its time, and so had
// those before it.
func (s Standing) Exhausted(t time.Time) bool {
	return s.Waiting() && s.Silences == SilencesBeforeWarning-1 && !t.Before(s.AskedAt.Add(AskPatience))
}

// Silent counts the question that waits as a silence, without another one.
func (s *Standing) Silent() { s.Silences++ }

func (s Standing) assuredAt() *time.Time {
	if s.Assured == nil {
		return nil
	}
	return &s.Assured.At
}

// Asked notes a question. A question before it that had its time counts as a silence. Safe to call twice for one at.
func (s *Standing) Asked(at time.Time) {
	if s.AskedAt != nil && !s.AskedAt.Before(at) {
		return
	}
	if s.Waiting() && s.Silences < SilencesBeforeWarning && !at.Before(s.AskedAt.Add(AskPatience)) {
		s.Silences++
	}
	s.AskedAt = &at
}

// Answered notes what the organiser said of their group.
func (s *Standing) Answered(answer AskAnswer, how string, at time.Time) {
	s.AnsweredAt, s.Silences = &at, 0
	s.Answers++
	switch answer {
	case AskYes:
		s.Paused = false
	case AskPaused:
		s.Paused = true
	case AskChanged, AskClosed:
		return // what is right now is not known yet, or there is nothing to be right
	}
	s.Assured, s.ReportedClosed = &Assurance{At: at, By: AssurerOrganiser, How: how}, nil
}

// Reported notes that somebody found it closed. The first report since it was assured counts.
func (s *Standing) Reported(at time.Time) {
	if s.ReportedClosed == nil {
		s.ReportedClosed = &at
	}
}

// CallOff notes a day on which it does not meet; false when that was known.
func (s *Standing) CallOff(on Date, reason string, at time.Time) bool {
	for _, c := range s.Cancelled {
		if c.On == on {
			return false
		}
	}
	s.Cancelled = append(s.Cancelled, Cancellation{On: on, Reason: reason, At: at})
	return true
}
