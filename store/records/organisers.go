package records

import (
	"context"
	"reflect"
	"slices"
	"time"

	"handrail"
)

const organiserColumns = "id, practice"

func organiserIdentity(o handrail.OrganiserPerson) identity {
	return identity{kind: ownerOrganiser, id: string(o.ID), practice: o.Practice, address: o.Address,
		fields: []identityField{{fieldName, o.Name}}}
}

func (r *Records) organisers(ctx context.Context, query string, args ...any) ([]handrail.OrganiserPerson, error) {
	all, err := list(ctx, r, "read organisers", func(row scanner) (handrail.OrganiserPerson, error) {
		var o handrail.OrganiserPerson
		return o, row.Scan(&o.ID, &o.Practice)
	}, "SELECT "+organiserColumns+" FROM organisers WHERE "+query, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ids := make([]handrail.OrganiserPersonID, len(all))
	for i, o := range all {
		ids[i] = o.ID
	}
	known, err := people(ctx, r, ownerOrganiser, ids)
	if err != nil {
		return nil, err
	}
	type group struct {
		organiser handrail.OrganiserPersonID
		activity  handrail.ActivityID
	}
	groups, err := batch(ctx, r, "read organisers' groups", func(row scanner) (group, error) {
		var g group
		return g, row.Scan(&g.organiser, &g.activity)
	}, ids, func(marks string) string {
		return "SELECT organiser, activity FROM organiser_groups WHERE organiser IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		o := &all[i]
		o.Name, o.Address = known[o.ID].fields[fieldName], known[o.ID].address
		for _, g := range groups {
			if g.organiser == o.ID {
				o.Groups = append(o.Groups, g.activity)
			}
		}
		slices.Sort(o.Groups)
	}
	return all, nil
}

// AddOrganiser adds somebody who answers for groups and returns them as stored. An empty ID gets one; the address stays
// empty until they use their invite. A listing that is not there is KindNotFound, an address that is somebody else's
// KindConflict.
func (r *Records) AddOrganiser(ctx context.Context, o handrail.OrganiserPerson, by handrail.Actor) (handrail.OrganiserPerson, error) {
	o.Address = ownAddress(o.Address, o.Practice)
	err := r.in(ctx, "AddOrganiser", func(ctx context.Context) error {
		if err := setID(r, &o.ID, "org_"); err != nil {
			return err
		}
		_, err := r.exec(ctx, "add organiser", "INSERT INTO organisers ("+organiserColumns+", added_at) VALUES ($1, $2, $3)",
			string(o.ID), string(o.Practice), micros(r.now()))
		if err != nil {
			return err
		}
		if err := r.freeAddress(ctx, o); err != nil {
			return err
		}
		if err := r.saveIdentity(ctx, identity{}, organiserIdentity(o)); err != nil {
			return err
		}
		if o.Groups, err = r.setGroups(ctx, o.ID, o.Groups); err != nil {
			return err
		}
		return r.audit(ctx, o.Practice, by, "added", "organiser", string(o.ID))
	})
	if err != nil {
		return handrail.OrganiserPerson{}, err
	}
	return o, nil
}

// freeAddress refuses an address that is bound to another person: who writes from it would be two people.
func (r *Records) freeAddress(ctx context.Context, o handrail.OrganiserPerson) error {
	if o.Address.IsZero() {
		return nil
	}
	if o.Address.Practice != o.Practice {
		return handrail.Errorf(handrail.KindConflict, "This chat can't be used here.", "the address is another practice's")
	}
	owners, err := r.owners(ctx, o.Address)
	if err != nil {
		return err
	}
	for _, w := range owners {
		if w.kind != ownerOrganiser || w.id != string(o.ID) {
			return handrail.Errorf(handrail.KindConflict, "This chat belongs to somebody already. Please ask the practice for help.",
				"the address is bound to another person")
		}
	}
	return nil
}

// setGroups makes these the organiser's groups, under the ids that they have by now.
func (r *Records) setGroups(ctx context.Context, id handrail.OrganiserPersonID, groups []handrail.ActivityID) ([]handrail.ActivityID, error) {
	_, err := r.exec(ctx, "leave groups", "DELETE FROM organiser_groups WHERE organiser = $1", string(id))
	if err != nil {
		return nil, err
	}
	var out []handrail.ActivityID
	for _, g := range groups {
		now, err := r.resolve(ctx, g)
		if err != nil {
			return nil, err
		}
		out = append(out, now)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	for _, g := range out {
		_, err := r.exec(ctx, "answer for a group", "INSERT INTO organiser_groups (organiser, activity) VALUES ($1, $2)", string(id), string(g))
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// OrganiserPerson returns one person who answers for groups; KindNotFound when the practice has none of that id.
func (r *Records) OrganiserPerson(ctx context.Context, practice handrail.PracticeID, id handrail.OrganiserPersonID) (handrail.OrganiserPerson, error) {
	return r.organiser(ctx, practice, id, "")
}

func (r *Records) organiser(ctx context.Context, practice handrail.PracticeID, id handrail.OrganiserPersonID, lock string) (handrail.OrganiserPerson, error) {
	all, err := r.organisers(ctx, "practice = $1 AND id = $2"+lock, string(practice), string(id))
	if err != nil {
		return handrail.OrganiserPerson{}, err
	}
	if len(all) == 0 {
		return handrail.OrganiserPerson{}, notFound("organiser")
	}
	return all[0], nil
}

// Organisers returns everybody who answers for groups in the practice's chats, in the order in which they were added.
func (r *Records) Organisers(ctx context.Context, practice handrail.PracticeID) ([]handrail.OrganiserPerson, error) {
	return r.organisers(ctx, "practice = $1 ORDER BY added_at, id", string(practice))
}

// OrganiserByAddress returns who answers for groups from that address; false when nobody does.
func (r *Records) OrganiserByAddress(ctx context.Context, addr handrail.Address) (handrail.OrganiserPerson, bool, error) {
	owners, err := r.owners(ctx, addr)
	if err != nil {
		return handrail.OrganiserPerson{}, false, err
	}
	for _, w := range owners {
		if w.kind == ownerOrganiser {
			o, err := r.OrganiserPerson(ctx, addr.Practice, handrail.OrganiserPersonID(w.id))
			return o, err == nil, err
		}
	}
	return handrail.OrganiserPerson{}, false, nil
}

// OrganiserOf returns who answers for a listing: of several the first that was added and has a chat; one without a chat
// only where nobody has. False when there is nobody.
func (r *Records) OrganiserOf(ctx context.Context, id handrail.ActivityID) (handrail.OrganiserPerson, bool, error) {
	now, err := r.resolve(ctx, id)
	if handrail.IsKind(err, handrail.KindNotFound) {
		return handrail.OrganiserPerson{}, false, nil
	}
	if err != nil {
		return handrail.OrganiserPerson{}, false, err
	}
	all, err := r.organisers(ctx, "id IN (SELECT organiser FROM organiser_groups WHERE activity = $1) ORDER BY added_at, id", string(now))
	if err != nil || len(all) == 0 {
		return handrail.OrganiserPerson{}, false, err
	}
	if i := slices.IndexFunc(all, func(o handrail.OrganiserPerson) bool { return !o.Address.IsZero() }); i >= 0 {
		return all[i], true, nil
	}
	return all[0], true, nil
}

// ChangeOrganiser lets fn change a person who answers for groups: their name, their groups, or their address, which
// becomes zero when they leave. Where fn changes nothing, nothing is written; an error from fn is returned as it is.
func (r *Records) ChangeOrganiser(ctx context.Context, practice handrail.PracticeID, id handrail.OrganiserPersonID, by handrail.Actor,
	fn func(*handrail.OrganiserPerson) error,
) (handrail.OrganiserPerson, error) {
	var is handrail.OrganiserPerson
	err := r.in(ctx, "ChangeOrganiser", func(ctx context.Context) error {
		was, err := r.organiser(ctx, practice, id, r.kind.forUpdate())
		if err != nil {
			return err
		}
		is = was
		is.Groups = slices.Clone(was.Groups)
		if err := fn(&is); err != nil {
			return err
		}
		is.Address = ownAddress(is.Address, practice)
		if reflect.DeepEqual(was, is) {
			return nil
		}
		if err := moved("organiser", is.ID == was.ID && is.Practice == was.Practice); err != nil {
			return err
		}
		if err := r.freeAddress(ctx, is); err != nil {
			return err
		}
		if err := r.saveIdentity(ctx, organiserIdentity(was), organiserIdentity(is)); err != nil {
			return err
		}
		if is.Groups, err = r.setGroups(ctx, id, is.Groups); err != nil {
			return err
		}
		return r.audit(ctx, practice, by, "changed", "organiser", string(id))
	})
	if err != nil {
		return handrail.OrganiserPerson{}, err
	}
	return is, nil
}

// NewOrganiserInvite makes a one-time code that binds an organiser's chat to them, and cancels their earlier ones. Only
// the keyed hash of it is stored: the code cannot be shown again. Another practice's organiser is KindNotFound.
func (r *Records) NewOrganiserInvite(ctx context.Context, practice handrail.PracticeID, id handrail.OrganiserPersonID, ttl time.Duration,
	by handrail.Actor,
) (code string, err error) {
	err = r.in(ctx, "NewOrganiserInvite", func(ctx context.Context) error {
		_, err := r.organiser(ctx, practice, id, r.kind.forUpdate())
		if err != nil {
			return err
		}
		code, err = r.newLink(ctx, organiserLink(), practice, string(id), ttl)
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, "invited", "organiser", string(id))
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// TryOrganiserInvite tries a code from an address. With handrail.InviteOK the address is bound to the organiser, who is
// returned, and the code is used up; with any other outcome nobody is. The outcomes of a patient's code that have to do
// with the year of birth do not come up: an organiser proves nothing but that they hold 130 random bits, and may do no
// more than speak for their groups. An address that is somebody else's already is KindConflict, and the code stays good.
func (r *Records) TryOrganiserInvite(ctx context.Context, practice handrail.PracticeID, code string, addr handrail.Address) (
	handrail.InviteOutcome, handrail.OrganiserPerson, error,
) {
	outcome, who := handrail.InviteUnknown, handrail.OrganiserPerson{}
	err := r.in(ctx, "TryOrganiserInvite", func(ctx context.Context) error {
		outcome, who = handrail.InviteUnknown, handrail.OrganiserPerson{}
		l, err := r.tryLink(ctx, organiserLink(), practice, code)
		if outcome = l.outcome; err != nil || outcome != handrail.InviteOK {
			return err
		}
		id := handrail.OrganiserPersonID(l.of)
		addr = ownAddress(addr, practice)
		if addr.IsZero() {
			return handrail.Errorf(handrail.KindConflict, "This chat can't be used here.", "the address is empty")
		}
		if err := r.freeAddress(ctx, handrail.OrganiserPerson{ID: id, Practice: practice, Address: addr}); err != nil {
			return err
		}
		if err := r.useLink(ctx, organiserLink(), l); err != nil {
			return err
		}
		who, err = r.ChangeOrganiser(ctx, practice, id, handrail.Actor("organiser:"+string(id)), func(o *handrail.OrganiserPerson) error {
			o.Address = addr
			return nil
		})
		return err
	})
	if err != nil {
		return "", handrail.OrganiserPerson{}, err
	}
	return outcome, who, nil
}
