package records

import (
	"context"
	"reflect"
	"slices"

	"handrail"
)

const staffColumns = "id, practice, roles, active"

func scanStaff(row scanner) (handrail.Staff, error) {
	var s handrail.Staff
	var roles string
	var active int
	err := row.Scan(&s.ID, &s.Practice, &roles, &active)
	s.Roles, s.Active = split[handrail.Role](roles), active == 1
	return s, err
}

func staffIdentity(s handrail.Staff) identity {
	return identity{kind: ownerStaff, id: string(s.ID), practice: s.Practice,
		fields: []identityField{{fieldName, s.Name}}, address: s.Address}
}

func (r *Records) staff(ctx context.Context, query string, args ...any) ([]handrail.Staff, error) {
	all, err := list(ctx, r, "read staff", scanStaff, "SELECT "+staffColumns+" FROM staff WHERE "+query, args...)
	if err != nil {
		return nil, err
	}
	ids := make([]handrail.StaffID, len(all))
	for i, s := range all {
		ids[i] = s.ID
	}
	known, err := people(ctx, r, ownerStaff, ids)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Name, all[i].Address = known[all[i].ID].fields[fieldName], known[all[i].ID].address
	}
	return all, nil
}

// SaveStaff adds the member of staff or replaces what is known of them. An empty ID gets one; a caller that wants to
// know it chooses it. Safe to call twice.
func (r *Records) SaveStaff(ctx context.Context, s handrail.Staff, by handrail.Actor) error {
	s.Address = ownAddress(s.Address, s.Practice)
	return r.in(ctx, "SaveStaff", func(ctx context.Context) error {
		if err := setID(r, &s.ID, "sta_"); err != nil {
			return err
		}
		old, err := r.staff(ctx, "practice = $1 AND id = $2"+r.kind.forUpdate(), string(s.Practice), string(s.ID))
		if err != nil {
			return err
		}
		var was handrail.Staff
		if len(old) == 1 {
			was = old[0]
			if reflect.DeepEqual(was, s) {
				return nil
			}
		}
		n, err := r.exec(ctx, "save staff", `INSERT INTO staff (id, practice, roles, active, added_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, active = excluded.active
			WHERE staff.practice = excluded.practice`,
			string(s.ID), string(s.Practice), joined(s.Roles), flag(s.Active), micros(r.now()))
		if err != nil {
			return err
		}
		if n == 0 { // the id is another practice's
			return notFound("member of staff")
		}
		if err := r.saveIdentity(ctx, staffIdentity(was), staffIdentity(s)); err != nil {
			return err
		}
		return r.audit(ctx, s.Practice, by, addedOrChanged(len(old) == 1), "staff", string(s.ID))
	})
}

// Staff returns one member of staff, active or not; KindNotFound when the practice has none of that id.
func (r *Records) Staff(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID) (handrail.Staff, error) {
	all, err := r.staff(ctx, "practice = $1 AND id = $2", string(practice), string(id))
	if err != nil {
		return handrail.Staff{}, err
	}
	if len(all) == 0 {
		return handrail.Staff{}, notFound("member of staff")
	}
	return all[0], nil
}

// StaffWith returns the active members of staff who have the role, in the order in which they were added.
func (r *Records) StaffWith(ctx context.Context, practice handrail.PracticeID, role handrail.Role) ([]handrail.Staff, error) {
	all, err := r.staff(ctx, "practice = $1 AND active = 1 ORDER BY added_at, id", string(practice))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(s handrail.Staff) bool { return !s.Is(role) }), nil
}
