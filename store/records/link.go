package records

import (
	"context"
	"time"

	"handrail"
)

// link is a kind of one-time link: the table that keeps the keyed hashes of its codes, and the column that says whose each
// is.
type link struct{ table, of string }

func patientLink() link   { return link{"invites", "patient"} }
func staffLink() link     { return link{"staff_invites", "staff"} }
func organiserLink() link { return link{"organiser_invites", "organiser"} }

// newLink makes a code for somebody and cancels their earlier ones.
func (r *Records) newLink(ctx context.Context, l link, practice handrail.PracticeID, id string, ttl time.Duration) (code string, err error) {
	if err := r.cancelLinks(ctx, l, practice, id); err != nil {
		return "", err
	}
	if code, err = r.random(inviteLength); err != nil {
		return "", err
	}
	_, err = r.exec(ctx, "add invite", "INSERT INTO "+l.table+" (hash, practice, "+l.of+", expires_at) VALUES ($1, $2, $3, $4)",
		r.inviteHash(practice, code), string(practice), id, micros(r.now().Add(ttl)))
	return code, err
}

// cancelLinks ends the codes of somebody that are still good.
func (r *Records) cancelLinks(ctx context.Context, l link, practice handrail.PracticeID, id string) error {
	_, err := r.exec(ctx, "cancel earlier invites", "UPDATE "+l.table+" SET cancelled_at = $1 WHERE practice = $2 AND "+l.of+
		" = $3 AND used_at IS NULL AND cancelled_at IS NULL", micros(r.now()), string(practice), id)
	return err
}

// tried is what a code led to: whose it is, where the outcome is handrail.InviteOK.
type tried struct {
	hash    string
	of      string
	outcome handrail.InviteOutcome
}

// tryLink looks a code up and holds its row until the transaction ends. It is not used up yet: useLink does that.
func (r *Records) tryLink(ctx context.Context, l link, practice handrail.PracticeID, code string) (tried, error) {
	var of string
	i, ok, err := one(ctx, r, "look for the invite", func(row scanner) (invite, error) {
		var i invite
		var expires int64
		err := row.Scan(&i.hash, &of, &expires, &i.used, &i.cancelled)
		i.expires = instant(expires)
		return i, err
	}, "SELECT hash, "+l.of+", expires_at, used_at, cancelled_at FROM "+l.table+" WHERE hash = $1 AND practice = $2"+r.kind.forUpdate(),
		r.inviteHash(practice, code), string(practice))
	if err != nil || !ok {
		return tried{outcome: handrail.InviteUnknown}, err
	}
	return tried{hash: i.hash, of: of, outcome: i.stands(r.now())}, nil
}

func (r *Records) useLink(ctx context.Context, l link, t tried) error {
	_, err := r.exec(ctx, "use the invite", "UPDATE "+l.table+" SET used_at = $1 WHERE hash = $2", micros(r.now()), t.hash)
	return err
}
