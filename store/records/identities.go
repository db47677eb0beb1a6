package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"handrail"
)

// The kinds of owner of an identity.
const (
	ownerStaff     = "staff"
	ownerPatient   = "patient"
	ownerBuddy     = "buddy"
	ownerOrganiser = "organiser"
	ownerTrusted   = "trusted"
	ownerChat      = "chat" // an address, whoever it is
)

// The fields of a person. Only those in searchable have a hash to be found by.
const (
	fieldName      = "name"
	fieldSurname   = "surname"
	fieldBirthYear = "birth_year"
	fieldPostcode  = "postcode"
	fieldAbout     = "about"
	fieldAddress   = "address"
)

// identity is all that identifies one person.
type identity struct {
	kind     string
	id       string
	practice handrail.PracticeID
	fields   []identityField
	address  handrail.Address
}

type identityField struct{ name, value string }

// hashed is the hash by which a field is found, or "" when it is not to be found by it.
func (r *Records) hashed(kind string, practice handrail.PracticeID, f identityField) string {
	switch {
	case f.value == "" || kind != ownerPatient:
		return ""
	case f.name == fieldName:
		return r.hash(practice, f.name, folded(f.value))
	case f.name == fieldBirthYear:
		return r.hash(practice, f.name, f.value)
	}
	return ""
}

// saveIdentity writes what differs from old; an empty value removes the row.
func (r *Records) saveIdentity(ctx context.Context, was, is identity) error {
	old := map[string]string{}
	for _, f := range was.fields {
		old[f.name] = f.value
	}
	for _, f := range is.fields {
		if old[f.name] == f.value {
			continue
		}
		if err := r.putIdentity(ctx, is, f.name, f.value, r.hashed(is.kind, is.practice, f)); err != nil {
			return err
		}
	}
	if is.address == was.address {
		return nil
	}
	if is.address.IsZero() {
		return r.dropIdentity(ctx, is, fieldAddress)
	}
	if is.address.Practice != is.practice {
		return handrail.Errorf(handrail.KindInvalid, "", "the address belongs to another practice")
	}
	chat, err := r.ensureChat(ctx, is.address)
	if err != nil {
		return err
	}
	return r.putIdentity(ctx, is, fieldAddress, "", chat)
}

func (r *Records) putIdentity(ctx context.Context, o identity, field, plain, hash string) error {
	if plain == "" && hash == "" {
		return r.dropIdentity(ctx, o, field)
	}
	sealed, err := r.seal(place(o.kind, o.id, field), []byte(plain))
	if err != nil {
		return err
	}
	_, err = r.exec(ctx, "save an identity",
		`INSERT INTO identities (practice, kind, owner, field, value, hash) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (owner, kind, field, practice) DO UPDATE SET value = excluded.value, hash = excluded.hash`,
		string(o.practice), o.kind, o.id, field, sealed, hash)
	return err
}

func (r *Records) dropIdentity(ctx context.Context, o identity, field string) error {
	_, err := r.exec(ctx, "remove an identity",
		"DELETE FROM identities WHERE owner = $1 AND kind = $2 AND field = $3 AND practice = $4",
		o.id, o.kind, field, string(o.practice))
	return err
}

// ensureChat makes sure that the address has its row and returns the key of it.
func (r *Records) ensureChat(ctx context.Context, addr handrail.Address) (string, error) {
	key := r.ConversationKey(addr)
	plain, err := json.Marshal(addr)
	if err != nil {
		return "", errors.New("encode an address") // the cause would repeat it
	}
	sealed, err := r.seal(place(ownerChat, key, fieldAddress), plain)
	if err != nil {
		return "", err
	}
	_, err = r.exec(ctx, "save an address",
		`INSERT INTO identities (practice, kind, owner, field, value, hash) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (owner, kind, field, practice) DO NOTHING`,
		string(addr.Practice), ownerChat, key, fieldAddress, sealed, key)
	return key, err
}

// openAddress opens the value of a chat's row.
func (r *Records) openAddress(chat string, sealed []byte) (handrail.Address, error) {
	var a handrail.Address
	plain, err := r.open(place(ownerChat, chat, fieldAddress), sealed)
	if err != nil {
		return a, err
	}
	if len(plain) == 0 {
		return a, nil
	}
	if err := json.Unmarshal(plain, &a); err != nil {
		return handrail.Address{}, errors.New("read a stored address")
	}
	return a, nil
}

// chats returns the addresses of chats by their keys.
func (r *Records) chats(ctx context.Context, keys []string) (map[string]handrail.Address, error) {
	type row struct {
		key  string
		addr handrail.Address
	}
	found, err := batch(ctx, r, "read addresses", func(s scanner) (row, error) {
		var k string
		var sealed []byte
		if err := s.Scan(&k, &sealed); err != nil {
			return row{}, err
		}
		a, err := r.openAddress(k, sealed)
		return row{k, a}, err
	}, keys, func(marks string) string {
		return "SELECT owner, value FROM identities WHERE kind = 'chat' AND owner IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]handrail.Address, len(found))
	for _, f := range found {
		out[f.key] = f.addr
	}
	return out, nil
}

// person is what identities holds of one owner.
type person struct {
	fields  map[string]string
	address handrail.Address
}

func (p person) birthYear() int {
	n, _ := strconv.Atoi(p.fields[fieldBirthYear]) // we wrote it
	return n
}

// people returns the identities of many owners of one kind, in a few statements.
func people[ID ~string](ctx context.Context, r *Records, kind string, ids []ID) (map[ID]person, error) {
	type row struct {
		owner, field string
		value        string
		address      handrail.Address
	}
	found, err := batch(ctx, r, "read identities", func(s scanner) (row, error) {
		var out row
		var hash string
		var sealed, chat []byte
		err := s.Scan(&out.owner, &out.field, &hash, &sealed, &chat)
		if err != nil {
			return out, err
		}
		if out.field == fieldAddress {
			out.address, err = r.openAddress(hash, chat)
			return out, err
		}
		plain, err := r.open(place(kind, out.owner, out.field), sealed)
		out.value = string(plain)
		return out, err
	}, ids, func(marks string) string {
		return `SELECT i.owner, i.field, i.hash, i.value, c.value FROM identities i
			LEFT JOIN identities c ON c.kind = 'chat' AND c.owner = i.hash AND c.field = 'address' AND i.field = 'address'
			WHERE i.kind = $1 AND i.owner IN (` + marks + `)`
	}, kind)
	if err != nil {
		return nil, err
	}
	out := make(map[ID]person, len(ids))
	for _, f := range found {
		p, ok := out[ID(f.owner)]
		if !ok {
			p.fields = map[string]string{}
		}
		if f.field == fieldAddress {
			p.address = f.address
		} else {
			p.fields[f.field] = f.value
		}
		out[ID(f.owner)] = p
	}
	return out, nil
}

// ownAddress fills in the practice of an address that leaves it out.
func ownAddress(a handrail.Address, practice handrail.PracticeID) handrail.Address {
	if !a.IsZero() && a.Practice == "" {
		a.Practice = practice
	}
	return a
}

// moved refuses a change of what may not change: ids and practices are for life.
func moved(noun string, same bool) error {
	if same {
		return nil
	}
	return fmt.Errorf("change %s: its id, practice or owner cannot change", noun)
}
