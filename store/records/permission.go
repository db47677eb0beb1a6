package records

import (
	"context"
	"strings"
	"time"

	"handrail"
)

const permissionColumns = "practice, patient, purpose, version, wording, recorded_by, state, asked_at, changed_at"

func scanPermission(row scanner) (handrail.Permission, error) {
	var p handrail.Permission
	var asked, changed int64
	err := row.Scan(&p.Practice, &p.Patient, &p.Purpose, &p.Version, &p.Wording, &p.RecordedBy, &p.State, &asked, &changed)
	p.AskedAt, p.ChangedAt = instant(asked), instant(changed)
	return p, err
}

func (r *Records) permission(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID,
	purpose handrail.Purpose, lock string,
) (handrail.Permission, bool, error) {
	return one(ctx, r, "read permission", scanPermission, "SELECT "+permissionColumns+
		" FROM permissions WHERE practice = $1 AND patient = $2 AND purpose = $3"+lock,
		string(practice), string(patient), string(purpose))
}

// recordedBy is "patient" for an answer in their own chat, and otherwise who recorded it for them.
func recordedBy(by handrail.Actor) string {
	if strings.HasPrefix(string(by), "patient:") {
		return "patient"
	}
	return string(by)
}

// AskPermission stores that a question of permission was put to the patient, as asked whatever p.State says. Where
// there is an answer or a question of the same purpose already, that one is left alone: so it is safe to call twice. A
// zero AskedAt is now.
func (r *Records) AskPermission(ctx context.Context, p handrail.Permission, by handrail.Actor) error {
	if p.AskedAt.IsZero() {
		p.AskedAt = r.now()
	}
	p.State, p.ChangedAt = handrail.PermissionAsked, p.AskedAt
	return r.in(ctx, "AskPermission", func(ctx context.Context) error {
		if _, err := r.Patient(ctx, p.Practice, p.Patient); err != nil {
			return err
		}
		n, err := r.insertPermission(ctx, p)
		if err != nil || n == 0 {
			return err
		}
		return r.answered(ctx, p, by, string(p.Purpose)+": asked")
	})
}

func (r *Records) insertPermission(ctx context.Context, p handrail.Permission) (int64, error) {
	return r.exec(ctx, "save permission", "INSERT INTO permissions ("+permissionColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (patient, purpose) DO NOTHING`,
		string(p.Practice), string(p.Patient), string(p.Purpose), p.Version, p.Wording, p.RecordedBy, string(p.State),
		micros(p.AskedAt), micros(p.ChangedAt))
}

// answered writes the line of the history and that of the audit trail.
func (r *Records) answered(ctx context.Context, p handrail.Permission, by handrail.Actor, action string) error {
	_, err := r.exec(ctx, "write the history of permissions", `INSERT INTO permission_answers
		(practice, patient, purpose, version, wording, state, actor, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(p.Practice), string(p.Patient), string(p.Purpose), p.Version, p.Wording, string(p.State), string(by),
		micros(p.ChangedAt))
	if err != nil {
		return err
	}
	return r.audit(ctx, p.Practice, by, action, "permission", string(p.Patient))
}

// AnswerPermission records the patient's yes or no to the wording that was shown (version names it) and returns where
// the permission stands. A no to what was given withdraws it. The same answer to the same version again changes
// nothing; a yes to another version is recorded with its wording. A yes to chat also ends an earlier stop, since the
// person has just said that they want to be written to. The question need not have been stored before.
func (r *Records) AnswerPermission(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID,
	purpose handrail.Purpose, version, wording string, yes bool, by handrail.Actor,
) (handrail.Permission, error) {
	var p handrail.Permission
	err := r.in(ctx, "AnswerPermission", func(ctx context.Context) error {
		now := stored(r.now())
		who, err := r.patient(ctx, practice, patient, r.kind.forUpdate())
		if err != nil {
			return err
		}
		asked := handrail.Permission{Practice: practice, Patient: patient, Purpose: purpose, Version: version,
			Wording: wording, State: handrail.PermissionAsked, AskedAt: now, ChangedAt: now}
		if _, err := r.insertPermission(ctx, asked); err != nil {
			return err
		}
		p, _, err = r.permission(ctx, practice, patient, purpose, r.kind.forUpdate())
		if err != nil {
			return err
		}
		if yes && purpose == handrail.PurposeChat && who.Stopped != nil {
			if _, err := r.ChangePatient(ctx, practice, patient, by, "stop ended", func(p *handrail.Patient) error {
				p.Stopped = nil
				return nil
			}); err != nil {
				return err
			}
		}
		was := p.State
		switch {
		case yes && p.Live():
			if p.Version == version && p.Wording == wording {
				return nil
			}
			p.ChangedAt = now // a yes to a new wording
		case yes:
			err = p.Give(now)
		case p.Live():
			err = p.Withdraw(now)
		case p.State == handrail.PermissionAsked:
			err = p.Refuse(now)
		default:
			return nil // a no to what is refused or withdrawn already
		}
		if err != nil {
			return err
		}
		p.Version, p.Wording, p.RecordedBy = version, wording, recordedBy(by)
		return r.savePermission(ctx, p, was, by)
	})
	if err != nil {
		return handrail.Permission{}, err
	}
	return p, nil
}

func (r *Records) savePermission(ctx context.Context, p handrail.Permission, was handrail.PermissionState, by handrail.Actor) error {
	if was == handrail.PermissionGiven && !p.Live() {
		// What rests on it and waits is taken back in the same transaction (G2).
		_, err := r.suppress(ctx, p.Practice, "patient", string(p.Patient), ReasonNoPermission, "patient = $4 AND permission = $5",
			string(p.Patient), string(p.Purpose))
		if err != nil {
			return err
		}
	}
	_, err := r.exec(ctx, "save permission", `UPDATE permissions SET version = $1, wording = $2, recorded_by = $3, state = $4,
		changed_at = $5 WHERE practice = $6 AND patient = $7 AND purpose = $8`, p.Version, p.Wording, p.RecordedBy,
		string(p.State), micros(p.ChangedAt), string(p.Practice), string(p.Patient), string(p.Purpose))
	if err != nil {
		return err
	}
	return r.answered(ctx, p, by, string(p.Purpose)+": "+change(was, p.State))
}

// WithdrawPermission takes a yes back. Where there is none it does nothing: safe to call twice. Another practice's
// patient is KindNotFound.
func (r *Records) WithdrawPermission(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID,
	purpose handrail.Purpose, by handrail.Actor,
) error {
	return r.in(ctx, "WithdrawPermission", func(ctx context.Context) error {
		if _, err := r.Patient(ctx, practice, patient); err != nil {
			return err
		}
		p, ok, err := r.permission(ctx, practice, patient, purpose, r.kind.forUpdate())
		if err != nil || !ok || !p.Live() {
			return err
		}
		was := p.State
		if err := p.Withdraw(stored(r.now())); err != nil {
			return err
		}
		p.RecordedBy = recordedBy(by)
		return r.savePermission(ctx, p, was, by)
	})
}

// Permissions returns where each of the patient's permissions stands, by purpose.
func (r *Records) Permissions(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Permission, error) {
	return list(ctx, r, "read permissions", scanPermission, "SELECT "+permissionColumns+
		" FROM permissions WHERE practice = $1 AND patient = $2 ORDER BY purpose", string(practice), string(patient))
}

// Permitted reports whether the patient's permission for the purpose is live now.
func (r *Records) Permitted(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, purpose handrail.Purpose) (bool, error) {
	p, _, err := r.permission(ctx, practice, patient, purpose, "")
	return p.Live(), err
}

// Answer is one line of the history of a patient's permissions.
type Answer struct {
	Purpose handrail.Purpose
	Version string
	Wording string
	State   handrail.PermissionState
	By      handrail.Actor
	At      time.Time
}

// PermissionHistory returns every question and answer of the patient's, in order (G1).
func (r *Records) PermissionHistory(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]Answer, error) {
	return list(ctx, r, "read the history of permissions", func(row scanner) (Answer, error) {
		var a Answer
		var at int64
		err := row.Scan(&a.Purpose, &a.Version, &a.Wording, &a.State, &a.By, &at)
		a.At = instant(at)
		return a, err
	}, `SELECT purpose, version, wording, state, actor, at FROM permission_answers
		WHERE practice = $1 AND patient = $2 ORDER BY seq`, string(practice), string(patient))
}
