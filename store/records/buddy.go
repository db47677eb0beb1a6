package records

import (
	"context"
	"database/sql"
	"reflect"
	"slices"

	"handrail"
)

const buddyColumns = "id, practice, languages, state, cleared_by, cleared_at"

func scanBuddy(row scanner) (handrail.Buddy, error) {
	var b handrail.Buddy
	var languages string
	var cleared sql.NullInt64
	err := row.Scan(&b.ID, &b.Practice, &languages, &b.State, &b.ClearedBy, &cleared)
	b.Languages, b.ClearedAt = split[string](languages), when(cleared)
	return b, err
}

func buddyIdentity(b handrail.Buddy) identity {
	return identity{kind: ownerBuddy, id: string(b.ID), practice: b.Practice, address: b.Address, fields: []identityField{
		{fieldName, b.Name}, {fieldAbout, b.About}, {fieldPostcode, b.Postcode},
	}}
}

func (r *Records) identifyBuddies(ctx context.Context, all []handrail.Buddy) error {
	ids := make([]handrail.BuddyID, len(all))
	for i, b := range all {
		ids[i] = b.ID
	}
	known, err := people(ctx, r, ownerBuddy, ids)
	if err != nil {
		return err
	}
	for i := range all {
		who := known[all[i].ID]
		all[i].Name, all[i].About = who.fields[fieldName], who.fields[fieldAbout]
		all[i].Postcode, all[i].Address = who.fields[fieldPostcode], who.address
	}
	return nil
}

func (r *Records) buddies(ctx context.Context, query string, args ...any) ([]handrail.Buddy, error) {
	all, err := list(ctx, r, "read buddies", scanBuddy, "SELECT "+buddyColumns+" FROM buddies WHERE "+query, args...)
	if err != nil {
		return nil, err
	}
	return all, r.identifyBuddies(ctx, all)
}

// AddBuddy adds a volunteer and returns them as stored. An empty ID gets one; an empty state is applied.
func (r *Records) AddBuddy(ctx context.Context, b handrail.Buddy, by handrail.Actor) (handrail.Buddy, error) {
	b.Address = ownAddress(b.Address, b.Practice)
	b.ClearedAt = when(maybe(b.ClearedAt))
	if b.State == "" {
		b.State = handrail.BuddyApplied
	}
	err := r.in(ctx, "AddBuddy", func(ctx context.Context) error {
		if err := setID(r, &b.ID, "bud_"); err != nil {
			return err
		}
		_, err := r.exec(ctx, "add buddy", "INSERT INTO buddies ("+buddyColumns+", added_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			string(b.ID), string(b.Practice), joined(b.Languages), string(b.State), string(b.ClearedBy), maybe(b.ClearedAt),
			micros(r.now()))
		if err != nil {
			return err
		}
		if err := r.saveIdentity(ctx, identity{}, buddyIdentity(b)); err != nil {
			return err
		}
		return r.audit(ctx, b.Practice, by, "added", "buddy", string(b.ID))
	})
	if err != nil {
		return handrail.Buddy{}, err
	}
	return b, nil
}

// Buddy returns one volunteer; KindNotFound when the practice has none of that id.
func (r *Records) Buddy(ctx context.Context, practice handrail.PracticeID, id handrail.BuddyID) (handrail.Buddy, error) {
	return r.buddy(ctx, practice, id, "")
}

func (r *Records) buddy(ctx context.Context, practice handrail.PracticeID, id handrail.BuddyID, lock string) (handrail.Buddy, error) {
	all, err := r.buddies(ctx, "practice = $1 AND id = $2"+lock, string(practice), string(id))
	if err != nil {
		return handrail.Buddy{}, err
	}
	if len(all) == 0 {
		return handrail.Buddy{}, notFound("volunteer")
	}
	return all[0], nil
}

// Buddies returns the practice's volunteers in that state, or all of them when it is empty, in the order in which they
// were added.
func (r *Records) Buddies(ctx context.Context, practice handrail.PracticeID, state handrail.BuddyState) ([]handrail.Buddy, error) {
	if state == "" {
		return r.buddies(ctx, "practice = $1 ORDER BY added_at, id", string(practice))
	}
	return r.buddies(ctx, "practice = $1 AND state = $2 ORDER BY added_at, id", string(practice), string(state))
}

// ChangeBuddy lets fn change the volunteer in one transaction and returns them as stored. Where fn changes nothing,
// nothing is written; an error from fn is returned as it is.
func (r *Records) ChangeBuddy(ctx context.Context, practice handrail.PracticeID, id handrail.BuddyID, by handrail.Actor,
	fn func(*handrail.Buddy) error,
) (handrail.Buddy, error) {
	var is handrail.Buddy
	err := r.in(ctx, "ChangeBuddy", func(ctx context.Context) error {
		was, err := r.buddy(ctx, practice, id, r.kind.forUpdate())
		if err != nil {
			return err
		}
		is = was
		is.Languages = slices.Clone(was.Languages)
		if err := fn(&is); err != nil {
			return err
		}
		is.Address, is.ClearedAt = ownAddress(is.Address, practice), when(maybe(is.ClearedAt))
		if reflect.DeepEqual(was, is) {
			return nil
		}
		if err := moved("buddy", is.ID == was.ID && is.Practice == was.Practice); err != nil {
			return err
		}
		_, err = r.exec(ctx, "change buddy", `UPDATE buddies SET languages = $1, state = $2, cleared_by = $3, cleared_at = $4
			WHERE practice = $5 AND id = $6`, joined(is.Languages), string(is.State), string(is.ClearedBy),
			maybe(is.ClearedAt), string(practice), string(id))
		if err != nil {
			return err
		}
		if err := r.saveIdentity(ctx, buddyIdentity(was), buddyIdentity(is)); err != nil {
			return err
		}
		return r.audit(ctx, practice, by, change(was.State, is.State), "buddy", string(id))
	})
	if err != nil {
		return handrail.Buddy{}, err
	}
	return is, nil
}
