package records

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"handrail"
)

// inviteTries is how many wrong birth years lock an invite (C9).
const inviteTries = 5

// inviteLength is 26 characters of five bits: 130 bits, more than the 128 that C9 asks for.
const inviteLength = 26

type invite struct {
	hash      string
	patient   handrail.PatientID
	expires   time.Time
	tries     int
	used      sql.NullInt64
	cancelled sql.NullInt64
}

// NewInvite makes a one-time code that lets the patient's chat be bound to them, and cancels their earlier ones. Only
// the keyed hash of it is stored: the code cannot be shown again. Another practice's patient is KindNotFound.
func (r *Records) NewInvite(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, ttl time.Duration,
	by handrail.Actor,
) (code string, err error) {
	err = r.in(ctx, "NewInvite", func(ctx context.Context) error {
		if _, err := r.patient(ctx, practice, patient, r.kind.forUpdate()); err != nil {
			return err
		}
		err := r.cancelLinks(ctx, patientLink(), practice, string(patient))
		if err != nil {
			return err
		}
		if code, err = r.random(inviteLength); err != nil {
			return err
		}
		_, err = r.exec(ctx, "add invite", "INSERT INTO invites (hash, practice, patient, expires_at, tries) VALUES ($1, $2, $3, $4, 0)",
			r.inviteHash(practice, code), string(practice), string(patient), micros(r.now().Add(ttl)))
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, "invited", "invite", string(patient))
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// inviteHash reads a code as people copy it: in capitals, in groups, with an O for the nought and an I for the one.
func (r *Records) inviteHash(practice handrail.PracticeID, code string) string {
	code = strings.NewReplacer(" ", "", "-", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(code))
	return r.hash(practice, "invite", code)
}

func (r *Records) invite(ctx context.Context, practice handrail.PracticeID, code, lock string) (invite, bool, error) {
	return one(ctx, r, "look for the invite", func(row scanner) (invite, error) {
		var i invite
		var expires int64
		err := row.Scan(&i.hash, &i.patient, &expires, &i.tries, &i.used, &i.cancelled)
		i.expires = instant(expires)
		return i, err
	}, "SELECT hash, patient, expires_at, tries, used_at, cancelled_at FROM invites WHERE hash = $1 AND practice = $2"+lock,
		r.inviteHash(practice, code), string(practice))
}

// stands is the outcome of an invite before the birth year is looked at.
func (i invite) stands(now time.Time) handrail.InviteOutcome {
	switch {
	case i.used.Valid:
		return handrail.InviteUsed
	case i.cancelled.Valid || !now.Before(i.expires):
		return handrail.InviteExpired
	case i.tries >= inviteTries:
		return handrail.InviteLocked
	}
	return handrail.InviteOK
}

// InviteStatus says where a code stands without using it up or counting a try; handrail.InviteOK means that it may be tried.
func (r *Records) InviteStatus(ctx context.Context, practice handrail.PracticeID, code string) (handrail.InviteOutcome, error) {
	i, ok, err := r.invite(ctx, practice, code, "")
	if err != nil {
		return "", err
	}
	if !ok {
		return handrail.InviteUnknown, nil
	}
	return i.stands(r.now()), nil
}

// TryInvite tries a code with the birth year that the person gave. With handrail.InviteOK the address is bound to the patient and
// the code is used up. A wrong year counts; the fifth locks the code. An address that is somebody else's already, or
// another practice's, is KindConflict, and the code stays good.
func (r *Records) TryInvite(ctx context.Context, practice handrail.PracticeID, code string, birthYear int,
	addr handrail.Address,
) (handrail.InviteTry, error) {
	var out handrail.InviteTry
	err := r.in(ctx, "TryInvite", func(ctx context.Context) error {
		out = handrail.InviteTry{Outcome: handrail.InviteUnknown}
		i, ok, err := r.invite(ctx, practice, code, r.kind.forUpdate())
		if err != nil || !ok {
			return err
		}
		out.TriesLeft = inviteTries - i.tries
		if out.Outcome = i.stands(r.now()); out.Outcome != handrail.InviteOK {
			if out.Outcome != handrail.InviteLocked {
				out.TriesLeft = 0
			}
			return nil
		}
		p, err := r.patient(ctx, practice, i.patient, r.kind.forUpdate())
		if err != nil {
			return err
		}
		if p.Deceased {
			out = handrail.InviteTry{Outcome: handrail.InviteExpired}
			return nil
		}
		by := handrail.Actor("patient:" + string(p.ID))
		if p.BirthYear == 0 || p.BirthYear != birthYear {
			if _, err := r.exec(ctx, "count the try", "UPDATE invites SET tries = tries + 1 WHERE hash = $1", i.hash); err != nil {
				return err
			}
			out.TriesLeft--
			out.Outcome = handrail.InviteWrongYear
			action := "wrong year"
			if out.TriesLeft == 0 {
				out.Outcome, action = handrail.InviteLocked, "locked"
			}
			return r.audit(ctx, practice, handrail.ActorSystem, action, "invite", string(p.ID))
		}
		addr = ownAddress(addr, practice)
		if addr.IsZero() || addr.Practice != practice {
			return handrail.Errorf(handrail.KindConflict, "This chat can't be used here.", "the address is another practice's or empty")
		}
		owners, err := r.owners(ctx, addr)
		if err != nil {
			return err
		}
		for _, o := range owners {
			if o.kind != ownerPatient || o.id != string(p.ID) {
				return handrail.Errorf(handrail.KindConflict,
					"This chat belongs to somebody else already. Please ask your practice for help.", "the address is bound to another person")
			}
		}
		_, err = r.exec(ctx, "use the invite", "UPDATE invites SET used_at = $1 WHERE hash = $2", micros(r.now()), i.hash)
		if err != nil {
			return err
		}
		out.Patient, err = r.ChangePatient(ctx, practice, p.ID, by, "chat bound", func(p *handrail.Patient) error {
			p.Address = addr
			return nil
		})
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, "used", "invite", string(p.ID))
	})
	if err != nil {
		return handrail.InviteTry{}, err
	}
	return out, nil
}
