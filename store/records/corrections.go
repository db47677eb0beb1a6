package records

import (
	"context"
	"database/sql"
	"strconv"

	"handrail"
)

const correctionColumns = "id, practice, patient, field, value, asked_at, settled_at, settled_by, taken"

func (r *Records) scanCorrection(row scanner) (handrail.Correction, error) {
	var c handrail.Correction
	var value []byte
	var asked int64
	var settled sql.NullInt64
	var taken int
	if err := row.Scan(&c.ID, &c.Practice, &c.Patient, &c.Field, &value, &asked, &settled, &c.SettledBy, &taken); err != nil {
		return c, err
	}
	plain, err := r.open(place("corrections", string(c.ID), "value"), value)
	c.Value, c.AskedAt, c.SettledAt, c.Taken = string(plain), instant(asked), when(settled), taken == 1
	return c, err
}

// AddCorrection keeps what a patient says should be put right, for a person to look at, and returns it as stored. One of
// the same field that waits is replaced: the newest word counts.
func (r *Records) AddCorrection(ctx context.Context, c handrail.Correction, by handrail.Actor) (handrail.Correction, error) {
	if c.AskedAt.IsZero() {
		c.AskedAt = r.now()
	}
	c.AskedAt = stored(c.AskedAt)
	err := r.in(ctx, "AddCorrection", func(ctx context.Context) error {
		if _, err := r.Patient(ctx, c.Practice, c.Patient); err != nil {
			return err
		}
		if err := setID(r, &c.ID, "cor_"); err != nil {
			return err
		}
		_, err := r.exec(ctx, "replace a correction", `DELETE FROM corrections WHERE practice = $1 AND patient = $2 AND field = $3
			AND settled_at IS NULL`, string(c.Practice), string(c.Patient), string(c.Field))
		if err != nil {
			return err
		}
		value, err := r.seal(place("corrections", string(c.ID), "value"), []byte(c.Value))
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "add correction", "INSERT INTO corrections ("+correctionColumns+") VALUES ("+marks(1, 9)+")",
			string(c.ID), string(c.Practice), string(c.Patient), string(c.Field), value, micros(c.AskedAt), maybe(c.SettledAt),
			string(c.SettledBy), flag(c.Taken))
		if err != nil {
			return err
		}
		return r.audit(ctx, c.Practice, by, "asked: "+string(c.Field), "correction", string(c.ID))
	})
	if err != nil {
		return handrail.Correction{}, err
	}
	return c, nil
}

// Correction returns one correction; KindNotFound when the practice has none of that id.
func (r *Records) Correction(ctx context.Context, practice handrail.PracticeID, id handrail.CorrectionID) (handrail.Correction, error) {
	c, ok, err := one(ctx, r, "read correction", r.scanCorrection, "SELECT "+correctionColumns+
		" FROM corrections WHERE practice = $1 AND id = $2", string(practice), string(id))
	if err == nil && !ok {
		err = notFound("correction")
	}
	return c, err
}

func (r *Records) corrections(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Correction, error) {
	return list(ctx, r, "read corrections", r.scanCorrection, "SELECT "+correctionColumns+
		" FROM corrections WHERE practice = $1 AND patient = $2 ORDER BY asked_at, id", string(practice), string(patient))
}

// SettleCorrection is a named person deciding about a correction. Taken, the patient's record is changed in the same
// transaction; either way the words are forgotten. Settled before, it is KindConflict.
func (r *Records) SettleCorrection(ctx context.Context, practice handrail.PracticeID, id handrail.CorrectionID, taken bool, by handrail.StaffID) (handrail.Correction, error) {
	var c handrail.Correction
	err := r.in(ctx, "SettleCorrection", func(ctx context.Context) (err error) {
		if c, err = r.Correction(ctx, practice, id); err != nil {
			return err
		}
		value, actor := c.Value, handrail.Actor("staff:"+string(by))
		if err := c.Settle(by, taken, stored(r.now())); err != nil {
			return err
		}
		n, err := r.exec(ctx, "settle correction", `UPDATE corrections SET value = NULL, settled_at = $1, settled_by = $2, taken = $3
			WHERE practice = $4 AND id = $5 AND settled_at IS NULL`, maybe(c.SettledAt), string(by), flag(taken), string(practice), string(id))
		if err != nil {
			return err
		}
		if n == 0 {
			return handrail.Errorf(handrail.KindConflict, "That was settled before.", "settle correction: settled meanwhile")
		}
		if taken {
			_, err = r.ChangePatient(ctx, practice, c.Patient, actor, "corrected: "+string(c.Field), func(p *handrail.Patient) error {
				switch c.Field {
				case handrail.CorrectName:
					p.Name = value
				case handrail.CorrectSurname:
					p.Surname = value
				case handrail.CorrectBirthYear:
					year, err := strconv.Atoi(value)
					if err != nil {
						return handrail.Errorf(handrail.KindInvalid, "That is not a year.", "settle correction: not a year")
					}
					p.BirthYear = year
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		action := "left as it was"
		if taken {
			action = "taken"
		}
		return r.audit(ctx, practice, actor, action, "correction", string(id))
	})
	if err != nil {
		return handrail.Correction{}, err
	}
	return c, nil
}
