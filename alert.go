package handrail

import "time"

// AlertID names an alert.
type AlertID string

// Alert is a person in possible danger, put before a human. It holds no grade and no score (K16), and no words of the
// person: those are in the record that staff may open.
type Alert struct {
	ID       AlertID
	Practice PracticeID
	Patient  PatientID // empty when we do not know who writes
	Kind     string    // which card was shown last: "general", "other_person", "medical", "abuse"
	CardAt   time.Time // when a card was shown in full last; within half an hour of it the short form is enough (K10)
	State    AlertState
	RaisedAt time.Time
	// AcknowledgedBy and ResolvedBy are named people.
	AcknowledgedBy StaffID
	AcknowledgedAt *time.Time
	ResolvedBy     StaffID
	ResolvedAt     *time.Time
	Messages       int // how many messages of this person it gathers
	// CalledAt is when the present round of calling staff began: when it was raised, or when danger was written of again
	// long after somebody had taken it on. Steps is how many steps of the ladder have been put in the outbox since then, and
	// NextAt when the next one is due, for as long as nobody takes it on.
	CalledAt time.Time
	Steps    int
	NextAt   time.Time
	// Mark is what staff said afterwards of the machine's judgement (K17); empty while nobody has. It says nothing of the
	// person.
	Mark AlertMark
}

// AlertMark is whether it was right to raise an alert, as a member of staff saw it.
type AlertMark string

// The marks. Wrong ones go to the hazard log's reviewer, as do reported misses.
const (
	AlertRight AlertMark = "right"
	AlertWrong AlertMark = "wrong"
)

// AlertState is where an alert stands.
type AlertState string

// An alert is raised; somebody says "I'm dealing with this"; and a person, never the machine, resolves it. Danger written
// of again, long after somebody took it on, raises it anew.
const (
	AlertRaised       AlertState = "raised"
	AlertAcknowledged AlertState = "acknowledged"
	AlertResolved     AlertState = "resolved"
)

func (s AlertState) next() []AlertState {
	switch s {
	case AlertRaised:
		return []AlertState{AlertAcknowledged, AlertResolved}
	case AlertAcknowledged:
		return []AlertState{AlertRaised, AlertResolved}
	default:
		return nil
	}
}

// Acknowledge records who is dealing with it.
func (a *Alert) Acknowledge(by StaffID, t time.Time) error {
	if by == "" {
		return Errorf(KindInvalid, "A named person must take on an alert.", "acknowledge alert: nobody named")
	}
	if err := step("alert", a.State, AlertAcknowledged, AlertState.next); err != nil {
		return err
	}
	a.State, a.AcknowledgedBy, a.AcknowledgedAt = AlertAcknowledged, by, &t
	return nil
}

// AnswerHolds is how long it counts that somebody is dealing with an alert: danger that is written of after that calls
// staff anew, since whoever took it on may have gone home.
const AnswerHolds = 30 * time.Minute

// CallAgain begins a new round of calling staff at t, where somebody took the alert on so long before that danger written
// of now may reach nobody. It reports whether it did; an alert that is being called for, or was just taken on, stays.
func (a *Alert) CallAgain(t time.Time) bool {
	if a.State != AlertAcknowledged || a.AcknowledgedAt == nil || t.Sub(*a.AcknowledgedAt) < AnswerHolds {
		return false
	}
	a.State, a.AcknowledgedBy, a.AcknowledgedAt = AlertRaised, "", nil
	a.CalledAt, a.NextAt, a.Steps = t, t, 0
	return true
}

// MarkAs records whether it was right to raise it. Only a settled alert is judged; the last word counts.
func (a *Alert) MarkAs(m AlertMark) error {
	if m != AlertRight && m != AlertWrong {
		return Errorf(KindInvalid, "", "mark alert: %q is no mark", m)
	}
	if a.State != AlertResolved {
		return Errorf(KindConflict, "This one is not settled yet.", "mark alert: it is %s", a.State)
	}
	a.Mark = m
	return nil
}

// Resolve records that a person looked after it and that ordinary messages may go on.
func (a *Alert) Resolve(by StaffID, t time.Time) error {
	if by == "" {
		return Errorf(KindInvalid, "A named person must resolve an alert.", "resolve alert: nobody named")
	}
	if err := step("alert", a.State, AlertResolved, AlertState.next); err != nil {
		return err
	}
	a.State, a.ResolvedBy, a.ResolvedAt = AlertResolved, by, &t
	return nil
}

// AlertCounts is what became of alerts, for the report on how well danger is found (K17). None of it is about a person.
type AlertCounts struct {
	Open, Settled   int
	Right, Wrong    int // of the settled ones, as staff marked them
	Missed          int // messages that meant danger and raised nothing, as staff told of them
	MessagesInAll   int
	LongestUntilAck time.Duration // of those that somebody took on
}
