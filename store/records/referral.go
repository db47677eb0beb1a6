package records

import (
	"context"
	"database/sql"
	"reflect"
	"strings"

	"handrail"
)

const referralColumns = `id, practice, patient, ref, referrer, link_worker, state, need, note, suggested, reason,
	reason_text, ask_again, outcome, offered_at, changed_at, contacted_at`

// openReferrals is the condition of the index referrals_open, word for word, so that both databases use it.
const openReferrals = "state NOT IN ('declined', 'closed')"

func (r *Records) scanReferral(row scanner) (handrail.Referral, error) {
	var x handrail.Referral
	var note, text []byte
	var again, contacted sql.NullInt64
	var offered, changed int64
	err := row.Scan(&x.ID, &x.Practice, &x.Patient, &x.Ref, &x.By, &x.LinkWorker, &x.State, &x.Need, &note, &x.Suggested,
		&x.Reason, &text, &again, &x.Outcome, &offered, &changed, &contacted)
	if err != nil {
		return x, err
	}
	x.OfferedAt, x.ChangedAt, x.AskAgain, x.ContactedAt = instant(offered), instant(changed), when(again), when(contacted)
	plain, err := r.open(place("referral", string(x.ID), "note"), note)
	if err != nil {
		return x, err
	}
	x.Note = string(plain)
	plain, err = r.open(place("referral", string(x.ID), "reason_text"), text)
	x.ReasonText = string(plain)
	return x, err
}

func normReferral(x *handrail.Referral) {
	x.OfferedAt, x.ChangedAt = stored(x.OfferedAt), stored(x.ChangedAt)
	x.AskAgain, x.ContactedAt = when(maybe(x.AskAgain)), when(maybe(x.ContactedAt))
}

// AddReferral adds a referral and returns it as stored. An empty ID gets one, and an empty Ref: "R-" and four or more
// characters, unique in its practice. An empty state is offered; a zero OfferedAt is now. Another practice's patient is
// KindNotFound.
func (r *Records) AddReferral(ctx context.Context, x handrail.Referral, by handrail.Actor) (handrail.Referral, error) {
	if x.State == "" {
		x.State = handrail.ReferralOffered
	}
	if x.OfferedAt.IsZero() {
		x.OfferedAt = r.now()
	}
	if x.ChangedAt.IsZero() {
		x.ChangedAt = x.OfferedAt
	}
	normReferral(&x)
	err := r.in(ctx, "AddReferral", func(ctx context.Context) error {
		if err := setID(r, &x.ID, "ref_"); err != nil {
			return err
		}
		if x.Ref == "" {
			ref, err := r.newRef(ctx, x.Practice)
			if err != nil {
				return err
			}
			x.Ref = ref
		}
		note, text, err := r.sealReferral(x)
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "add referral", "INSERT INTO referrals ("+referralColumns+") VALUES ("+marks(1, 17)+")",
			string(x.ID), string(x.Practice), string(x.Patient), x.Ref, string(x.By), string(x.LinkWorker), string(x.State),
			x.Need, note, string(x.Suggested), string(x.Reason), text, maybe(x.AskAgain), string(x.Outcome),
			micros(x.OfferedAt), micros(x.ChangedAt), maybe(x.ContactedAt))
		if err != nil {
			return err
		}
		return r.audit(ctx, x.Practice, by, "added", "referral", string(x.ID))
	})
	if err != nil {
		return handrail.Referral{}, err
	}
	return x, nil
}

func (r *Records) sealReferral(x handrail.Referral) (note, text []byte, err error) {
	note, err = r.seal(place("referral", string(x.ID), "note"), []byte(x.Note))
	if err != nil {
		return nil, nil, err
	}
	text, err = r.seal(place("referral", string(x.ID), "reason_text"), []byte(x.ReasonText))
	return note, text, err
}

// newRef draws a reference that the practice has not used. Four characters are a million; it takes longer ones when it
// keeps meeting used ones, and the unique key stands behind it.
func (r *Records) newRef(ctx context.Context, practice handrail.PracticeID) (string, error) {
	for length := 4; ; length++ {
		for range 4 {
			s, err := r.random(length)
			if err != nil {
				return "", err
			}
			ref := "R-" + strings.ToUpper(s)
			_, used, err := one(ctx, r, "look for the reference", value[int],
				"SELECT 1 FROM referrals WHERE practice = $1 AND ref = $2", string(practice), ref)
			if err != nil || !used {
				return ref, err
			}
		}
	}
}

// Referral returns one referral; KindNotFound when the practice has none of that id.
func (r *Records) Referral(ctx context.Context, practice handrail.PracticeID, id handrail.ReferralID) (handrail.Referral, error) {
	return r.referral(ctx, "practice = $1 AND id = $2", string(practice), string(id))
}

func (r *Records) referral(ctx context.Context, query string, args ...any) (handrail.Referral, error) {
	x, ok, err := one(ctx, r, "read referral", r.scanReferral, "SELECT "+referralColumns+" FROM referrals WHERE "+query, args...)
	if err == nil && !ok {
		err = notFound("referral")
	}
	return x, err
}

// OpenReferral returns the patient's latest referral that is neither declined nor closed; KindNotFound when there is
// none.
func (r *Records) OpenReferral(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) (handrail.Referral, error) {
	return r.referral(ctx, "practice = $1 AND patient = $2 AND "+openReferrals+" ORDER BY offered_at DESC, id DESC LIMIT 1",
		string(practice), string(patient))
}

// ChangeReferral lets fn change the referral in one transaction and returns it as stored, with ChangedAt at now. Where
// fn changes nothing, nothing is written; an error from fn (an illegal step, say) is returned as it is.
func (r *Records) ChangeReferral(ctx context.Context, practice handrail.PracticeID, id handrail.ReferralID, by handrail.Actor,
	fn func(*handrail.Referral) error,
) (handrail.Referral, error) {
	var is handrail.Referral
	err := r.in(ctx, "ChangeReferral", func(ctx context.Context) error {
		was, err := r.referral(ctx, "practice = $1 AND id = $2"+r.kind.forUpdate(), string(practice), string(id))
		if err != nil {
			return err
		}
		is = was
		if err := fn(&is); err != nil {
			return err
		}
		normReferral(&is)
		if reflect.DeepEqual(was, is) {
			return nil
		}
		if err := moved("referral", is.ID == was.ID && is.Practice == was.Practice && is.Patient == was.Patient); err != nil {
			return err
		}
		is.ChangedAt = stored(r.now())
		note, text, err := r.sealReferral(is)
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "change referral", `UPDATE referrals SET ref = $1, referrer = $2, link_worker = $3, state = $4,
			need = $5, note = $6, suggested = $7, reason = $8, reason_text = $9, ask_again = $10, outcome = $11,
			offered_at = $12, changed_at = $13, contacted_at = $14 WHERE practice = $15 AND id = $16`,
			is.Ref, string(is.By), string(is.LinkWorker), string(is.State), is.Need, note, string(is.Suggested),
			string(is.Reason), text, maybe(is.AskAgain), string(is.Outcome), micros(is.OfferedAt), micros(is.ChangedAt),
			maybe(is.ContactedAt), string(practice), string(id))
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, change(was.State, is.State), "referral", string(id))
	})
	if err != nil {
		return handrail.Referral{}, err
	}
	return is, nil
}
