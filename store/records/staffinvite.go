package records

import (
	"context"
	"time"

	"handrail"
)

// NewStaffInvite makes a one-time code that binds a chat to a member of staff, and cancels their earlier ones. Only the
// keyed hash of it is stored: the code cannot be shown again. Another practice's person is KindNotFound.
func (r *Records) NewStaffInvite(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID, ttl time.Duration, by handrail.Actor) (code string, err error) {
	err = r.in(ctx, "NewStaffInvite", func(ctx context.Context) error {
		if _, err := r.Staff(ctx, practice, id); err != nil {
			return err
		}
		if code, err = r.newLink(ctx, staffLink(), practice, string(id), ttl); err != nil {
			return err
		}
		return r.audit(ctx, practice, by, "invited", "staff", string(id))
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// TryStaffInvite tries a code from an address. With handrail.InviteOK the address is bound to the member of staff, who is
// returned, and the code is used up; with any other outcome nobody is. Somebody who has left meanwhile is InviteExpired.
// An address that is somebody else's already is KindConflict, and the code stays good.
func (r *Records) TryStaffInvite(ctx context.Context, practice handrail.PracticeID, code string, addr handrail.Address) (
	outcome handrail.InviteOutcome, who handrail.Staff, err error,
) {
	err = r.in(ctx, "TryStaffInvite", func(ctx context.Context) error {
		outcome, who = handrail.InviteUnknown, handrail.Staff{}
		l, err := r.tryLink(ctx, staffLink(), practice, code)
		if outcome = l.outcome; err != nil || outcome != handrail.InviteOK {
			return err
		}
		id := handrail.StaffID(l.of)
		s, err := r.Staff(ctx, practice, id)
		if err != nil {
			return err
		}
		if !s.Active {
			outcome = handrail.InviteExpired
			return nil
		}
		if err := r.FreeForStaff(ctx, s.ID, ownAddress(addr, practice)); err != nil {
			return err
		}
		if err := r.useLink(ctx, staffLink(), l); err != nil {
			return err
		}
		s.Address = ownAddress(addr, practice)
		who = s
		return r.SaveStaff(ctx, s, handrail.Actor("staff:"+string(id)))
	})
	if err != nil {
		return "", handrail.Staff{}, err
	}
	return outcome, who, nil
}

// FreeForStaff is nil when an address may become that of a member of staff: it is nobody's, or theirs. Otherwise it is
// KindConflict, and says nothing of whose it is.
func (r *Records) FreeForStaff(ctx context.Context, id handrail.StaffID, addr handrail.Address) error {
	if addr.IsZero() || addr.Chat == "" {
		return handrail.Errorf(handrail.KindConflict, "This chat can't be used here.", "the address is empty")
	}
	owners, err := r.owners(ctx, addr)
	if err != nil {
		return err
	}
	for _, o := range owners {
		if o.kind != ownerStaff || o.id != string(id) {
			return handrail.Errorf(handrail.KindConflict,
				"This chat belongs to somebody else already. Please ask your administrator.", "the address is bound to another person")
		}
	}
	return nil
}

// AllStaff returns everybody who works or worked for the practice, in the order in which they were added.
func (r *Records) AllStaff(ctx context.Context, practice handrail.PracticeID) ([]handrail.Staff, error) {
	return r.staff(ctx, "practice = $1 ORDER BY added_at, id", string(practice))
}

// ChangeStaff lets fn change a member of staff in one transaction and returns them as stored. The last active
// administrator stays one: a change that would leave the practice without any is KindInvalid. An error from fn is
// returned as it is. Somebody who has left loses their unused codes.
func (r *Records) ChangeStaff(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID, by handrail.Actor, fn func(*handrail.Staff) error) (handrail.Staff, error) {
	var is handrail.Staff
	err := r.in(ctx, "ChangeStaff", func(ctx context.Context) error {
		all, err := r.staff(ctx, "practice = $1 ORDER BY added_at, id"+r.kind.forUpdate(), string(practice))
		if err != nil {
			return err
		}
		was, administrators := handrail.Staff{}, 0
		for _, s := range all {
			if s.ID == id {
				was = s
			} else if s.Active && s.MayManage() {
				administrators++
			}
		}
		if was.ID == "" {
			return notFound("member of staff")
		}
		is = was
		is.Roles = append([]handrail.Role(nil), was.Roles...)
		if err := fn(&is); err != nil {
			return err
		}
		if err := moved("staff", is.ID == was.ID && is.Practice == was.Practice); err != nil {
			return err
		}
		if administrators == 0 && was.Active && was.MayManage() && !(is.Active && is.MayManage()) {
			return handrail.Errorf(handrail.KindInvalid, "A practice needs an administrator. Please make somebody else one first.", "the last administrator")
		}
		if is.Address != was.Address && !is.Address.IsZero() {
			if err := r.FreeForStaff(ctx, id, ownAddress(is.Address, practice)); err != nil {
				return err
			}
		}
		if was.Active && !is.Active {
			if err := r.cancelLinks(ctx, staffLink(), practice, string(id)); err != nil {
				return err
			}
			if err := r.audit(ctx, practice, by, "left", "staff", string(id)); err != nil {
				return err
			}
		}
		if joined(was.Roles) != joined(is.Roles) {
			if err := r.audit(ctx, practice, by, "roles: "+joined(was.Roles)+" -> "+joined(is.Roles), "staff", string(id)); err != nil {
				return err
			}
		}
		return r.SaveStaff(ctx, is, by)
	})
	if err != nil {
		return handrail.Staff{}, err
	}
	return is, nil
}
