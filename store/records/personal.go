package records

import (
	"context"
	"fmt"

	"handrail"
)

// PersonalData returns everything that is held about one patient, for the patient, and notes in the audit trail that it
// was read (G6, G10). Another practice's patient is KindNotFound.
func (r *Records) PersonalData(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) (handrail.PersonalData, error) {
	var d handrail.PersonalData
	err := r.in(ctx, "PersonalData", func(ctx context.Context) (err error) {
		d = handrail.PersonalData{}
		if d.Patient, err = r.Patient(ctx, practice, patient); err != nil {
			return err
		}
		d.Referrals, err = list(ctx, r, "read referrals", r.scanReferral, "SELECT "+referralColumns+
			" FROM referrals WHERE practice = $1 AND patient = $2 ORDER BY offered_at, id", string(practice), string(patient))
		if err != nil {
			return err
		}
		for i := range d.Referrals {
			d.Noted = d.Noted || d.Referrals[i].Note != "" || d.Referrals[i].ReasonText != ""
			d.Referrals[i].Note, d.Referrals[i].ReasonText = "", ""
		}
		if d.Permissions, err = r.Permissions(ctx, practice, patient); err != nil {
			return err
		}
		if d.Enrolments, err = r.Enrolments(ctx, practice, patient); err != nil {
			return err
		}
		if d.Visits, err = r.VisitsOf(ctx, practice, patient); err != nil {
			return err
		}
		if d.Alerts, err = r.alerts(ctx, "practice = $1 AND patient = $2 ORDER BY raised_at, id", string(practice), string(patient)); err != nil {
			return err
		}
		if d.Corrections, err = r.corrections(ctx, practice, patient); err != nil {
			return err
		}
		if d.Trusted, err = r.trusted(ctx, "practice = $1 AND patient = $2 ORDER BY added_at, id", string(practice), string(patient)); err != nil {
			return err
		}
		if d.Measures, err = r.Measures(ctx, practice, patient); err != nil {
			return err
		}
		chat := r.ConversationKey(d.Patient.Address)
		for table, n := range map[string]*int{
			"contacts": &d.Contacts, "invites": &d.Invites, "permission_answers": &d.Answered, "audit": &d.Logged, "inbox": &d.Received,
		} {
			if *n, err = r.countHeld(ctx, table, practice, patient, chat); err != nil {
				return err
			}
		}
		notes, err := r.countHeld(ctx, "case_notes", practice, patient, "")
		if err != nil {
			return err
		}
		d.Noted = d.Noted || notes > 0
		d.Sent, _, err = one(ctx, r, "count messages", value[int], "SELECT COUNT(*) FROM outbox WHERE practice = $1 AND patient = $2 AND address = $3 AND state = 'sent' AND put_at > $4",
			string(practice), string(patient), chat, maybe(d.Patient.ErasedAt).Int64)
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, "read", "patient", string(patient))
	})
	if err != nil {
		return handrail.PersonalData{}, err
	}
	return d, nil
}

// TakeBack withdraws a permission and takes back every message that waits and rests on it, in one transaction (G2). Taking
// back the permission to write is a stop.
func (r *Records) TakeBack(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, purpose handrail.Purpose, by handrail.Actor) error {
	if purpose == handrail.PurposeChat {
		return r.Stop(ctx, practice, patient, by)
	}
	return r.in(ctx, "TakeBack", func(ctx context.Context) error {
		return r.WithdrawPermission(ctx, practice, patient, purpose, by)
	})
}

// Erase deletes what a patient may have deleted without a person: what matters to them, their words about visits, what they
// answered of how life is going, what they asked to have corrected, their trusted people, how often they were
// written to, the address of their chat, every message that waits for them, the words of those that were sent to them, or to
// anybody but staff about them, and what dialogs kept. All of it in one transaction; every permission ends with it (G2, G7).
// Codes that were not used are cancelled. Holdings says of each table what is left and why: the care record, which a person sees to. The address itself, and the words
// of what is on its way at this moment, go when the last answer was sent: see ForgetChats. A new link lets them join again.
// Plans ahead are the caller's to call off. Safe to call twice.
func (r *Records) Erase(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error {
	return r.in(ctx, "Erase", func(ctx context.Context) error {
		if err := r.Stop(ctx, practice, patient, by); err != nil {
			return err
		}
		p, err := r.Patient(ctx, practice, patient)
		if err != nil {
			return err
		}
		chat, now := r.ConversationKey(p.Address), r.now()
		if !p.Address.IsZero() {
			if err := r.forgetMessages(ctx, practice, "address = $2", chat); err != nil {
				return err
			}
			if err := r.forgetChat(ctx, practice, chat); err != nil {
				return err
			}
		}
		if err := r.forgetMessages(ctx, practice, "patient = $2 AND patient <> '' AND "+notToStaff, string(patient)); err != nil {
			return err
		}
		_, err = r.exec(ctx, "forget words", "UPDATE feedback SET words = NULL WHERE practice = $1 AND patient = $2", string(practice), string(patient))
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "cancel invites", `UPDATE invites SET cancelled_at = $1
			WHERE practice = $2 AND patient = $3 AND used_at IS NULL AND cancelled_at IS NULL`, micros(now), string(practice), string(patient))
		if err != nil {
			return err
		}
		given, err := r.Permissions(ctx, practice, patient)
		if err != nil {
			return err
		}
		for _, g := range given {
			if err := r.WithdrawPermission(ctx, practice, patient, g.Purpose, by); err != nil {
				return err
			}
		}
		if err := r.endTrustedOf(ctx, practice, patient, by); err != nil {
			return err
		}
		if err := r.dropRows(ctx, practice, patient); err != nil {
			return err
		}
		_, err = r.ChangePatient(ctx, practice, patient, by, "erased", func(p *handrail.Patient) error {
			p.Matters, p.Address, p.ErasedAt = "", handrail.Address{}, &now
			p.PausedUntil, p.Short = nil, false
			return nil
		})
		return err
	})
}

// doneWith picks the messages of a practice ($1) that are done with; what they have in common besides is added.
const doneWith = "SELECT key FROM outbox WHERE practice = $1 AND state IN ('sent', 'unknown', 'failed_permanent', 'suppressed') AND "

// forgetMessages empties messages of a practice ($1) that are done with, and only those: what waited was taken back by the
// stop.
func (r *Records) forgetMessages(ctx context.Context, practice handrail.PracticeID, which string, args ...any) error {
	keys, err := list(ctx, r, "find messages", value[string], doneWith+which, append([]any{string(practice)}, args...)...)
	if err != nil {
		return err
	}
	for _, key := range keys {
		empty, err := r.seal(place("outbox", key, "message"), []byte("{}"))
		if err != nil {
			return err
		}
		if _, err := r.exec(ctx, "forget a message", "UPDATE outbox SET message = $1, ref = NULL WHERE key = $2", empty, key); err != nil {
			return err
		}
	}
	return nil
}

// forgetChat erases what the dialogs of a chat kept, where it stands, and its address. What is being done at this moment
// is left for its own turn to finish.
func (r *Records) forgetChat(ctx context.Context, practice handrail.PracticeID, chat string) error {
	_, err := r.exec(ctx, "forget what dialogs kept", `UPDATE effects SET result = NULL WHERE result IS NOT NULL AND (run LIKE $1 OR run LIKE $2)`,
		chat+":%", "guard:"+chat+":%")
	if err != nil {
		return err
	}
	if err := r.States().Erase(ctx, chat); err != nil {
		return fmt.Errorf("forget where the chat stands: %w", err)
	}
	_, err = r.exec(ctx, "forget the chat's open dialog", "UPDATE conversations SET open_dialog = '' WHERE conversation = $1 AND practice = $2", chat, string(practice))
	return err
}
