package records

import (
	"context"
	"database/sql"
	"time"

	"handrail"
)

// AddMeasure adds what a patient answered to one instrument in one round and reports whether it is new: a second one of
// the same round changes nothing, since answers are only ever added. A zero At is now. Another practice's patient is
// KindNotFound.
func (r *Records) AddMeasure(ctx context.Context, m handrail.Measure, by handrail.Actor) (added bool, err error) {
	if m.Instrument == "" || m.Version == "" || m.Round == "" || len(m.Answers) == 0 {
		return false, handrail.Errorf(handrail.KindInvalid, "", "add measure: instrument, version, round or answers are missing")
	}
	if m.At.IsZero() {
		m.At = r.now()
	}
	err = r.in(ctx, "AddMeasure", func(ctx context.Context) error {
		added = false
		if _, err := r.patient(ctx, m.Practice, m.Patient, r.kind.forUpdate()); err != nil {
			return err
		}
		have, err := r.Measured(ctx, m.Practice, m.Patient, m.Instrument, m.Round)
		if err != nil || have {
			return err
		}
		for i, a := range m.Answers {
			_, err := r.exec(ctx, "add measure", `INSERT INTO measures (practice, patient, instrument, version, round, item, place, code, at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, string(m.Practice), string(m.Patient), string(m.Instrument), m.Version,
				string(m.Round), a.Item, i, sql.NullInt64{Int64: int64(a.Code), Valid: !a.Skipped}, micros(m.At))
			if err != nil {
				return err
			}
		}
		added = true
		return r.audit(ctx, m.Practice, by, "added", "measure", string(m.Patient))
	})
	return added && err == nil, err
}

// Measured reports whether the patient answered the instrument in the round, skipped or not.
func (r *Records) Measured(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, i handrail.Instrument, round handrail.Round) (bool, error) {
	_, ok, err := one(ctx, r, "look for a measure", value[int],
		"SELECT 1 FROM measures WHERE practice = $1 AND patient = $2 AND instrument = $3 AND round = $4 LIMIT 1",
		string(practice), string(patient), string(i), string(round))
	return ok, err
}

// Measures returns what the patient answered so far, in the order in which it was answered.
func (r *Records) Measures(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Measure, error) {
	rows, err := list(ctx, r, "read measures", func(row scanner) (handrail.Measure, error) {
		m := handrail.Measure{Practice: practice, Patient: patient, Answers: make([]handrail.MeasureAnswer, 1)}
		var code sql.NullInt64
		var at int64
		err := row.Scan(&m.Instrument, &m.Version, &m.Round, &m.Answers[0].Item, &code, &at)
		m.Answers[0].Code, m.Answers[0].Skipped, m.At = int(code.Int64), !code.Valid, instant(at)
		return m, err
	}, `SELECT instrument, version, round, item, code, at FROM measures WHERE practice = $1 AND patient = $2
		ORDER BY at, instrument, round, place`, string(practice), string(patient))
	if err != nil {
		return nil, err
	}
	var out []handrail.Measure
	for _, m := range rows {
		if n := len(out); n > 0 && out[n-1].Instrument == m.Instrument && out[n-1].Round == m.Round {
			out[n-1].Answers = append(out[n-1].Answers, m.Answers...)
			continue
		}
		out = append(out, m)
	}
	return out, nil
}

// MeasuresStarted are the patients, of every practice, whose first answers of a round were given in [from, to): each a
// measure without its answers, by time.
func (r *Records) MeasuresStarted(ctx context.Context, round handrail.Round, from, to time.Time) ([]handrail.Measure, error) {
	return list(ctx, r, "look for measures", func(row scanner) (handrail.Measure, error) {
		m := handrail.Measure{Round: round}
		var at int64
		err := row.Scan(&m.Practice, &m.Patient, &at)
		m.At = instant(at)
		return m, err
	}, `SELECT practice, patient, MIN(at) AS first FROM measures WHERE round = $1
		GROUP BY practice, patient HAVING MIN(at) >= $2 AND MIN(at) < $3 ORDER BY first, patient`, string(round), micros(from), micros(to))
}
