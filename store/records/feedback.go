package records

import (
	"context"

	"handrail"
)

const feedbackColumns = "attendance, practice, patient, verdict, words, given_at"

func (r *Records) scanFeedback(row scanner) (handrail.Feedback, error) {
	var f handrail.Feedback
	var words []byte
	var at int64
	if err := row.Scan(&f.Attendance, &f.Practice, &f.Patient, &f.Verdict, &words, &at); err != nil {
		return f, err
	}
	plain, err := r.open(place("feedback", string(f.Attendance), "words"), words)
	f.Words, f.At = string(plain), instant(at)
	return f, err
}

// AddFeedback stores what a patient said of a visit. A visit has one feedback: a second one replaces it, and the audit
// trail says so. A zero At is now. Another practice's visit or patient is KindNotFound.
func (r *Records) AddFeedback(ctx context.Context, f handrail.Feedback, by handrail.Actor) error {
	if f.At.IsZero() {
		f.At = r.now()
	}
	return r.in(ctx, "AddFeedback", func(ctx context.Context) error {
		_, known, err := one(ctx, r, "read feedback", value[string],
			"SELECT verdict FROM feedback WHERE practice = $1 AND attendance = $2"+r.kind.forUpdate(), string(f.Practice), string(f.Attendance))
		if err != nil {
			return err
		}
		words, err := r.seal(place("feedback", string(f.Attendance), "words"), []byte(f.Words))
		if err != nil {
			return err
		}
		n, err := r.exec(ctx, "add feedback", "INSERT INTO feedback ("+feedbackColumns+`) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (attendance) DO UPDATE SET verdict = excluded.verdict, words = excluded.words, given_at = excluded.given_at
			WHERE feedback.practice = excluded.practice AND feedback.patient = excluded.patient`,
			string(f.Attendance), string(f.Practice), string(f.Patient), string(f.Verdict), words, micros(f.At))
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound("visit")
		}
		action := "added"
		if known {
			action = "replaced"
		}
		return r.audit(ctx, f.Practice, by, action, "feedback", string(f.Attendance))
	})
}
