package records

import (
	"context"
	"time"

	"handrail"
)

const trustedColumns = "id, practice, patient, state, added_at, changed_at"

func trustedIdentity(t handrail.Trusted) identity {
	return identity{kind: ownerTrusted, id: string(t.ID), practice: t.Practice, address: t.Address, fields: []identityField{{fieldName, t.Name}}}
}

func (r *Records) trusted(ctx context.Context, query string, args ...any) ([]handrail.Trusted, error) {
	all, err := list(ctx, r, "read trusted people", func(row scanner) (handrail.Trusted, error) {
		var t handrail.Trusted
		var added, changed int64
		err := row.Scan(&t.ID, &t.Practice, &t.Patient, &t.State, &added, &changed)
		t.AddedAt, t.ChangedAt = instant(added), instant(changed)
		return t, err
	}, "SELECT "+trustedColumns+" FROM trusted WHERE "+query, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ids := make([]handrail.TrustedID, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	known, err := people(ctx, r, ownerTrusted, ids)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Name, all[i].Address = known[all[i].ID].fields[fieldName], known[all[i].ID].address
	}
	return all, nil
}

// TrustedOf returns the people whom the patient named and who are not ended, in the order in which they were named.
func (r *Records) TrustedOf(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Trusted, error) {
	return r.trusted(ctx, "practice = $1 AND patient = $2 AND state <> 'ended' ORDER BY added_at, id", string(practice), string(patient))
}

// TrustedPerson returns one of them; KindNotFound when the practice has none of that id.
func (r *Records) TrustedPerson(ctx context.Context, practice handrail.PracticeID, id handrail.TrustedID) (handrail.Trusted, error) {
	all, err := r.trusted(ctx, "practice = $1 AND id = $2", string(practice), string(id))
	if err != nil {
		return handrail.Trusted{}, err
	}
	if len(all) == 0 {
		return handrail.Trusted{}, notFound("trusted person")
	}
	return all[0], nil
}

// AddTrusted adds somebody whom a patient trusts and returns a one-time code for them, which cannot be shown again.
// Another practice's patient is KindNotFound.
func (r *Records) AddTrusted(ctx context.Context, t handrail.Trusted, ttl time.Duration, by handrail.Actor) (out handrail.Trusted, code string, err error) {
	err = r.in(ctx, "AddTrusted", func(ctx context.Context) error {
		if _, err := r.Patient(ctx, t.Practice, t.Patient); err != nil {
			return err
		}
		if err := setID(r, &t.ID, "tru_"); err != nil {
			return err
		}
		t.State, t.AddedAt = handrail.TrustedNamed, stored(r.now())
		t.ChangedAt, t.Address = t.AddedAt, handrail.Address{}
		if code, err = r.random(inviteLength); err != nil {
			return err
		}
		_, err := r.exec(ctx, "add trusted person", "INSERT INTO trusted ("+trustedColumns+", hash, expires_at) VALUES ("+marks(1, 8)+")",
			string(t.ID), string(t.Practice), string(t.Patient), string(t.State), micros(t.AddedAt), micros(t.ChangedAt),
			r.inviteHash(t.Practice, code), micros(t.AddedAt.Add(ttl)))
		if err != nil {
			return err
		}
		if err := r.saveIdentity(ctx, identity{}, trustedIdentity(t)); err != nil {
			return err
		}
		return r.audit(ctx, t.Practice, by, "named", "trusted person", string(t.ID))
	})
	if err != nil {
		return handrail.Trusted{}, "", err
	}
	return t, code, nil
}

// JoinTrusted uses a trusted person's code from an address. With handrail.InviteOK the address is theirs and the code is
// used up. An address that is somebody's already is KindConflict, and the code stays good.
func (r *Records) JoinTrusted(ctx context.Context, practice handrail.PracticeID, code string, from handrail.Address) (handrail.InviteOutcome, handrail.Trusted, error) {
	outcome := handrail.InviteUnknown
	var t handrail.Trusted
	err := r.in(ctx, "JoinTrusted", func(ctx context.Context) error {
		type row struct {
			id      handrail.TrustedID
			expires int64
		}
		found, ok, err := one(ctx, r, "read a trusted person's code", func(s scanner) (row, error) {
			var x row
			return x, s.Scan(&x.id, &x.expires)
		}, "SELECT id, expires_at FROM trusted WHERE practice = $1 AND hash = $2 AND hash <> ''"+r.kind.forUpdate(), string(practice), r.inviteHash(practice, code))
		if err != nil || !ok {
			return err
		}
		if !r.now().Before(instant(found.expires)) {
			outcome = handrail.InviteExpired
			return nil
		}
		if t, err = r.TrustedPerson(ctx, practice, found.id); err != nil {
			return err
		}
		from = ownAddress(from, practice)
		owners, err := r.owners(ctx, from)
		if err != nil {
			return err
		}
		if len(owners) > 0 || from.Practice != practice {
			return handrail.Errorf(handrail.KindConflict, "This chat belongs to somebody already. Please ask the practice for help.",
				"the address is bound to another person")
		}
		was := t
		if err := t.Join(from, stored(r.now())); err != nil {
			return err
		}
		if err := r.saveTrusted(ctx, was, t); err != nil {
			return err
		}
		outcome = handrail.InviteOK
		return r.audit(ctx, practice, handrail.Actor("trusted:"+string(t.ID)), "joined", "trusted person", string(t.ID))
	})
	if err != nil {
		return "", handrail.Trusted{}, err
	}
	return outcome, t, nil
}

func (r *Records) saveTrusted(ctx context.Context, was, is handrail.Trusted) error {
	_, err := r.exec(ctx, "save a trusted person", "UPDATE trusted SET state = $1, changed_at = $2, hash = '' WHERE practice = $3 AND id = $4",
		string(is.State), micros(is.ChangedAt), string(is.Practice), string(is.ID))
	if err != nil {
		return err
	}
	return r.saveIdentity(ctx, trustedIdentity(was), trustedIdentity(is))
}

// EndTrusted takes a trusted person out: nothing is sent to them any more, what waits is taken back, and their name and
// address are forgotten. Safe to call twice.
func (r *Records) EndTrusted(ctx context.Context, practice handrail.PracticeID, id handrail.TrustedID, by handrail.Actor) error {
	return r.in(ctx, "EndTrusted", func(ctx context.Context) error {
		t, err := r.TrustedPerson(ctx, practice, id)
		if err != nil || t.State == handrail.TrustedEnded {
			return err
		}
		was := t
		t.End(stored(r.now()))
		t.Name = ""
		if err := r.saveTrusted(ctx, was, t); err != nil {
			return err
		}
		if !was.Address.IsZero() {
			if _, err := r.suppress(ctx, practice, "trusted person", string(id), "ended", "address = $4", r.ConversationKey(was.Address)); err != nil {
				return err
			}
		}
		return r.audit(ctx, practice, by, "ended", "trusted person", string(id))
	})
}

func (r *Records) endTrustedOf(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error {
	all, err := r.TrustedOf(ctx, practice, patient)
	if err != nil {
		return err
	}
	for _, t := range all {
		if err := r.EndTrusted(ctx, practice, t.ID, by); err != nil {
			return err
		}
	}
	return nil
}
