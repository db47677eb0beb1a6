package records

import (
	"context"
	"database/sql"
	"reflect"

	"handrail"
)

const alertColumns = "id, practice, COALESCE(patient, ''), kind, state, raised_at, acknowledged_by, acknowledged_at, resolved_by, resolved_at, messages, called_at, steps, next_at, card_at, mark"

// openAlerts is the condition of the alerts' indexes, word for word.
const openAlerts = "state <> 'resolved'"

func scanAlert(row scanner) (handrail.Alert, error) {
	var a handrail.Alert
	var raised, called, next, card int64
	var acknowledged, resolved sql.NullInt64
	err := row.Scan(&a.ID, &a.Practice, &a.Patient, &a.Kind, &a.State, &raised, &a.AcknowledgedBy, &acknowledged,
		&a.ResolvedBy, &resolved, &a.Messages, &called, &a.Steps, &next, &card, &a.Mark)
	a.CalledAt, a.NextAt, a.CardAt = instant(called), instant(next), instant(card)
	a.RaisedAt, a.AcknowledgedAt, a.ResolvedAt = instant(raised), when(acknowledged), when(resolved)
	return a, err
}

func (r *Records) alerts(ctx context.Context, query string, args ...any) ([]handrail.Alert, error) {
	return list(ctx, r, "read alerts", scanAlert, "SELECT "+alertColumns+" FROM alerts WHERE "+query, args...)
}

// RaiseAlert puts a person in possible danger before a human: it adds an alert, or joins the one that is open for the
// patient already and counts the message (K10); fresh says which. In the same transaction everything else to the
// patient is held until a person resolves the alert (K8). patient is empty when nobody knows who writes; those join the
// open alert that the same actor raised, unless it is the system. An alert that somebody took on long before is called
// for anew: see handrail.Alert.CallAgain.
func (r *Records) RaiseAlert(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, kind string,
	by handrail.Actor,
) (alert handrail.Alert, fresh bool, err error) {
	err = r.in(ctx, "RaiseAlert", func(ctx context.Context) error {
		id, err := r.newID("ale_")
		if err != nil {
			return err
		}
		if patient == "" && by != "" && by != handrail.ActorSystem {
			same, found, err := one(ctx, r, "look for an open alert", value[handrail.AlertID],
				"SELECT id FROM alerts WHERE practice = $1 AND patient IS NULL AND raised_by = $2 AND "+openAlerts+
					" ORDER BY raised_at LIMIT 1"+r.kind.forUpdate(), string(practice), string(by))
			if err != nil {
				return err
			}
			if found {
				id = string(same)
			}
		}
		now := micros(r.now())
		// One statement, so that two messages at once cannot make two alerts.
		got, _, err := one(ctx, r, "raise alert", scanAlert, `INSERT INTO alerts (id, practice, patient, kind, state, raised_by,
			raised_at, acknowledged_by, acknowledged_at, resolved_by, resolved_at, messages, called_at, next_at, card_at)
			VALUES ($1, $2, $3, $4, 'raised', $5, $6, '', NULL, '', NULL, 1, $6, $6, $6)
			ON CONFLICT `+alertTarget(patient)+` DO UPDATE SET messages = alerts.messages + 1
			RETURNING `+alertColumns, id, string(practice), orNull(patient), kind, string(by), now)
		if err != nil {
			return err
		}
		alert, fresh = got, got.Messages == 1
		action := "message joined"
		if fresh {
			action = "raised"
		} else if alert.CallAgain(instant(now)) {
			action = change(got.State, alert.State)
			_, err := r.exec(ctx, "call again", `UPDATE alerts SET state = 'raised', acknowledged_by = '', acknowledged_at = NULL,
				called_at = $1, next_at = $1, steps = 0 WHERE practice = $2 AND id = $3`, now, string(practice), string(got.ID))
			if err != nil {
				return err
			}
		}
		if err := r.audit(ctx, practice, by, action, "alert", string(got.ID)); err != nil {
			return err
		}
		if patient == "" {
			return nil
		}
		n, err := r.exec(ctx, "hold the patient",
			"UPDATE patients SET held_since = $1 WHERE practice = $2 AND id = $3 AND held_since IS NULL",
			now, string(practice), string(patient))
		if err != nil || n == 0 {
			return err
		}
		return r.audit(ctx, practice, by, "held", "patient", string(patient))
	})
	if err != nil {
		return handrail.Alert{}, false, err
	}
	return alert, fresh, nil
}

// alertTarget is the unique key that a second message meets: the patient's open alert, or, for somebody unknown, the
// id of the alert that was found.
func alertTarget(patient handrail.PatientID) string {
	if patient == "" {
		return "(id)"
	}
	return "(practice, patient) WHERE state <> 'resolved' AND patient IS NOT NULL"
}

// Alert returns one alert; KindNotFound when the practice has none of that id.
func (r *Records) Alert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID) (handrail.Alert, error) {
	return r.alert(ctx, practice, id, "")
}

func (r *Records) alert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, lock string) (handrail.Alert, error) {
	all, err := r.alerts(ctx, "practice = $1 AND id = $2"+lock, string(practice), string(id))
	if err != nil {
		return handrail.Alert{}, err
	}
	if len(all) == 0 {
		return handrail.Alert{}, notFound("alert")
	}
	return all[0], nil
}

// OpenAlerts returns the practice's alerts that nobody has resolved, the oldest first.
func (r *Records) OpenAlerts(ctx context.Context, practice handrail.PracticeID) ([]handrail.Alert, error) {
	return r.alerts(ctx, "practice = $1 AND "+openAlerts+" ORDER BY raised_at, id", string(practice))
}

// ChangeAlert lets fn change the alert in one transaction and returns it as stored. Where fn changes nothing, nothing
// is written; an error from fn is returned as it is. It does not let the patient go: see ResolveAlert.
func (r *Records) ChangeAlert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, by handrail.Actor,
	fn func(*handrail.Alert) error,
) (handrail.Alert, error) {
	var is handrail.Alert
	err := r.in(ctx, "ChangeAlert", func(ctx context.Context) error {
		was, err := r.alert(ctx, practice, id, r.kind.forUpdate())
		if err != nil {
			return err
		}
		is = was
		if err := fn(&is); err != nil {
			return err
		}
		is.AcknowledgedAt, is.ResolvedAt, is.CardAt = when(maybe(is.AcknowledgedAt)), when(maybe(is.ResolvedAt)), stored(is.CardAt)
		if reflect.DeepEqual(was, is) {
			return nil
		}
		if err := moved("alert", is.ID == was.ID && is.Practice == was.Practice && is.Patient == was.Patient); err != nil {
			return err
		}
		_, err = r.exec(ctx, "change alert", `UPDATE alerts SET kind = $1, state = $2, acknowledged_by = $3,
			acknowledged_at = $4, resolved_by = $5, resolved_at = $6, messages = $7, mark = $8, card_at = $9
			WHERE practice = $10 AND id = $11`,
			is.Kind, string(is.State), string(is.AcknowledgedBy), maybe(is.AcknowledgedAt), string(is.ResolvedBy),
			maybe(is.ResolvedAt), is.Messages, string(is.Mark), micros(is.CardAt), string(practice), string(id))
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, change(was.State, is.State), "alert", string(id))
	})
	if err != nil {
		return handrail.Alert{}, err
	}
	return is, nil
}

// ResolveAlert records that this person looked after it, and in the same transaction lets ordinary messages to the
// patient go on, unless another alert of theirs is open. An alert that is resolved already is KindConflict.
func (r *Records) ResolveAlert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, by handrail.StaffID) (handrail.Alert, error) {
	var out handrail.Alert
	actor := handrail.Actor("staff:" + string(by))
	err := r.in(ctx, "ResolveAlert", func(ctx context.Context) error {
		a, err := r.ChangeAlert(ctx, practice, id, actor, func(a *handrail.Alert) error { return a.Resolve(by, r.now()) })
		if err != nil {
			return err
		}
		out = a
		if a.Patient == "" {
			return nil
		}
		open, err := r.alerts(ctx, "practice = $1 AND patient = $2 AND "+openAlerts, string(practice), string(a.Patient))
		if err != nil || len(open) > 0 {
			return err
		}
		_, err = r.ChangePatient(ctx, practice, a.Patient, actor, "hold ended", func(p *handrail.Patient) error {
			p.HeldSince = nil
			return nil
		})
		return err
	})
	if err != nil {
		return handrail.Alert{}, err
	}
	return out, nil
}
