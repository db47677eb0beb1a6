package records

import (
	"context"
	"time"

	"handrail"
)

// TakeContact enters a contact in the patient's ledger and reports whether it may be made: not when there are most others
// of its kind after that moment already. Several at once, on several machines, never take more than that together. A
// contact that was taken before is there once, with its newest time. A zero At is now. Another practice's patient is
// KindNotFound.
func (r *Records) TakeContact(ctx context.Context, c handrail.Contact, after time.Time, most int) (taken bool, err error) {
	if c.Key == "" || c.Patient == "" {
		return false, handrail.Errorf(handrail.KindInvalid, "", "take a contact: no key or no patient")
	}
	if c.At.IsZero() {
		c.At = r.now()
	}
	err = r.in(ctx, "TakeContact", func(ctx context.Context) error {
		taken = false
		// Whoever takes one for this patient waits here for whoever does the same.
		if _, err := r.patient(ctx, c.Practice, c.Patient, r.kind.forUpdate()); err != nil {
			return err
		}
		n, _, err := one(ctx, r, "count contacts", value[int], "SELECT COUNT(*) FROM contacts WHERE patient = $1 AND kind = $2 AND at > $3 AND key <> $4",
			string(c.Patient), string(c.Kind), micros(after), c.Key)
		if err != nil || n >= most {
			return err
		}
		changed, err := r.exec(ctx, "take a contact", `INSERT INTO contacts (key, practice, patient, kind, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (key) DO UPDATE SET at = excluded.at WHERE contacts.patient = excluded.patient AND contacts.kind = excluded.kind`,
			c.Key, string(c.Practice), string(c.Patient), string(c.Kind), micros(c.At))
		taken = changed == 1
		return err
	})
	return taken && err == nil, err
}

// Contacts counts each patient's contacts of a kind after a moment; a patient without any is not in it.
func (r *Records) Contacts(ctx context.Context, patients []handrail.PatientID, kind handrail.ContactKind, after time.Time) (map[handrail.PatientID]int, error) {
	type row struct {
		patient handrail.PatientID
		n       int
	}
	rows, err := batch(ctx, r, "count contacts", func(s scanner) (row, error) {
		var out row
		err := s.Scan(&out.patient, &out.n)
		return out, err
	}, patients, func(marks string) string {
		return "SELECT patient, COUNT(*) FROM contacts WHERE kind = $1 AND at > $2 AND patient IN (" + marks + ") GROUP BY patient"
	}, string(kind), micros(after))
	if err != nil {
		return nil, err
	}
	out := make(map[handrail.PatientID]int, len(rows))
	for _, c := range rows {
		out[c.patient] = c.n
	}
	return out, nil
}
