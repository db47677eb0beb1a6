package records

import (
	"context"

	"handrail"
)

// AddNote stores a case note. An empty ID gets one, a zero At is now. Another practice's referral is KindNotFound. The
// audit trail gets the kind and not the words.
func (r *Records) AddNote(ctx context.Context, n handrail.CaseNote, by handrail.Actor) error {
	if n.At.IsZero() {
		n.At = r.now()
	}
	return r.in(ctx, "AddNote", func(ctx context.Context) error {
		if err := setID(r, &n.ID, "not_"); err != nil {
			return err
		}
		words, err := r.seal(place("note", string(n.ID), "words"), []byte(n.Words))
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "add note", "INSERT INTO case_notes (id, practice, referral, by_staff, kind, words, at) VALUES ("+marks(1, 7)+")",
			string(n.ID), string(n.Practice), string(n.Referral), string(n.By), string(n.Kind), words, micros(n.At))
		if err != nil {
			return err
		}
		return r.audit(ctx, n.Practice, by, "noted: "+string(n.Kind), "referral", string(n.Referral))
	})
}

// Notes are the notes of a referral, the oldest first.
func (r *Records) Notes(ctx context.Context, practice handrail.PracticeID, referral handrail.ReferralID) ([]handrail.CaseNote, error) {
	return list(ctx, r, "read notes", func(row scanner) (handrail.CaseNote, error) {
		var n handrail.CaseNote
		var words []byte
		var at int64
		if err := row.Scan(&n.ID, &n.Practice, &n.Referral, &n.By, &n.Kind, &words, &at); err != nil {
			return n, err
		}
		plain, err := r.open(place("note", string(n.ID), "words"), words)
		n.Words, n.At = string(plain), instant(at)
		return n, err
	}, "SELECT id, practice, referral, by_staff, kind, words, at FROM case_notes WHERE practice = $1 AND referral = $2 ORDER BY at, id",
		string(practice), string(referral))
}

// NoteRead writes into the audit trail that somebody looked at a record or a list (G10): the noun is "patient" with their
// id, or "caseload" and "patients list" with the reader's.
func (r *Records) NoteRead(ctx context.Context, practice handrail.PracticeID, by handrail.Actor, noun, id string) error {
	return r.in(ctx, "NoteRead", func(ctx context.Context) error {
		return r.audit(ctx, practice, by, "read", noun, id)
	})
}
