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
	Kind     string    // which card was shown: "general", "other_person", "medical", "abuse"
	State    AlertState
	RaisedAt time.Time
	// AcknowledgedBy and ResolvedBy are named people.
	AcknowledgedBy StaffID
	AcknowledgedAt *time.Time
	ResolvedBy     StaffID
	ResolvedAt     *time.Time
	Messages       int // how many messages of this person it gathers
}

// AlertState is where an alert stands.
type AlertState string

// An alert is raised; somebody says "I'm dealing with this"; and a person, never the machine, resolves it.
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
		return []AlertState{AlertResolved}
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
