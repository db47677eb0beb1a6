package records

import (
	"context"

	"handrail"
	"handrail/bot"
)

// addressOwner is a person to whom an address is bound.
type addressOwner struct{ kind, id string }

// owners returns the people to whom the address is bound: staff first, then buddies, organisers and
// patients.
func (r *Records) owners(ctx context.Context, addr handrail.Address) ([]addressOwner, error) {
	return list(ctx, r, "look whose address it is", func(row scanner) (addressOwner, error) {
		var o addressOwner
		err := row.Scan(&o.kind, &o.id)
		return o, err
	}, `SELECT kind, owner FROM identities WHERE hash = $1 AND hash <> '' AND field = 'address' AND practice = $2 AND kind <> 'chat'
		ORDER BY CASE kind WHEN 'staff' THEN 0 WHEN 'buddy' THEN 1 WHEN 'organiser' THEN 2 ELSE 3 END, owner`,
		r.ConversationKey(addr), string(addr.Practice))
}

// Who says who writes from the address: an active member of staff, a volunteer who has not left, an organiser, or a
// patient. Everybody else is unknown, with the practice of the address.
func (r *Records) Who(ctx context.Context, from handrail.Address) (bot.Who, error) {
	// A thread is a place: whoever writes there is the person whose own conversation is known.
	from.Thread = ""
	owners, err := r.owners(ctx, from)
	if err != nil {
		return bot.Who{}, err
	}
	for _, o := range owners {
		switch o.kind {
		case ownerStaff:
			s, err := r.Staff(ctx, from.Practice, handrail.StaffID(o.id))
			if err != nil {
				return bot.Who{}, err
			}
			if s.Active {
				return bot.Who{Kind: bot.WhoStaff, ID: o.id, Practice: from.Practice, Name: s.Name, Roles: s.Roles}, nil
			}
		case ownerBuddy:
			b, err := r.Buddy(ctx, from.Practice, handrail.BuddyID(o.id))
			if err != nil {
				return bot.Who{}, err
			}
			if b.State != handrail.BuddyLeft && b.State != handrail.BuddyRefused {
				return bot.Who{Kind: bot.WhoBuddy, ID: o.id, Practice: from.Practice, Name: b.Name}, nil
			}
		case ownerOrganiser:
			g, err := r.OrganiserPerson(ctx, from.Practice, handrail.OrganiserPersonID(o.id))
			if err != nil {
				return bot.Who{}, err
			}
			return bot.Who{Kind: bot.WhoOrganiser, ID: o.id, Practice: from.Practice, Name: g.Name}, nil
		case ownerTrusted:
			t, err := r.TrustedPerson(ctx, from.Practice, handrail.TrustedID(o.id))
			if err != nil {
				return bot.Who{}, err
			}
			return bot.Who{Kind: bot.WhoTrusted, ID: o.id, Practice: from.Practice, Name: t.Name}, nil
		case ownerPatient:
			p, err := r.Patient(ctx, from.Practice, handrail.PatientID(o.id))
			if err != nil {
				return bot.Who{}, err
			}
			return bot.Who{Kind: bot.WhoPatient, ID: o.id, Practice: from.Practice, Name: p.Name, Language: p.Language, Short: p.Short}, nil
		}
	}
	return bot.Who{Kind: bot.WhoUnknown, Practice: from.Practice}, nil
}
