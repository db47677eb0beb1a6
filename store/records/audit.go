package records

import (
	"context"

	"handrail"
)

// audit writes one line of the trail, in the transaction of ctx. There is no method that changes or removes one.
func (r *Records) audit(ctx context.Context, practice handrail.PracticeID, by handrail.Actor, action, noun, id string) error {
	if by == "" {
		by = handrail.ActorSystem
	}
	_, err := r.exec(ctx, "write the audit trail",
		"INSERT INTO audit (at, practice, actor, action, noun, id) VALUES ($1, $2, $3, $4, $5, $6)",
		micros(r.now()), string(practice), string(by), action, noun, id)
	return err
}

// change is the action of a change that may have been a step in a life cycle.
func change[S ~string](from, to S) string {
	if from == to {
		return "changed"
	}
	return string(from) + " -> " + string(to)
}

// Audits returns what was done to one record, in the order in which it was done. The nouns are practice, staff,
// patient, buddy, referral, enrolment, attendance, accompaniment, permission (its id is the patient's), feedback (the
// attendance's), alert, invite (the patient's), chat (the conversation's key), organiser, ask, unmet need (no id), and with
// an empty practice activity, hold, merge and directory (the source's name).
func (r *Records) Audits(ctx context.Context, practice handrail.PracticeID, noun, id string) ([]handrail.Audit, error) {
	return list(ctx, r, "read the audit trail", func(row scanner) (handrail.Audit, error) {
		var a handrail.Audit
		var at int64
		err := row.Scan(&at, &a.Practice, &a.Actor, &a.Action, &a.Noun, &a.ID)
		a.At = instant(at)
		return a, err
	}, "SELECT at, practice, actor, action, noun, id FROM audit WHERE practice = $1 AND noun = $2 AND id = $3 ORDER BY seq",
		string(practice), noun, id)
}
