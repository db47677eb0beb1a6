package records

import (
	"context"
	"database/sql"
	"reflect"
	"strconv"

	"handrail"
)

const patientColumns = "id, practice, language, matters, stopped, paused_until, held_since, deceased, halted_at, halted_by, halt_reason, short, erased_at"

func (r *Records) scanPatient(row scanner) (handrail.Patient, error) {
	var p handrail.Patient
	var matters []byte
	var stopped, paused, held, halted, erased sql.NullInt64
	var deceased, short int
	var halt handrail.Halt
	err := row.Scan(&p.ID, &p.Practice, &p.Language, &matters, &stopped, &paused, &held, &deceased, &halted, &halt.By, &halt.Reason, &short, &erased)
	if err != nil {
		return p, err
	}
	if at := when(halted); at != nil {
		halt.At = *at
		p.Halt = &halt
	}
	plain, err := r.open(place(ownerPatient, string(p.ID), "matters"), matters)
	p.Matters = string(plain)
	p.Stopped, p.PausedUntil, p.HeldSince, p.Deceased = when(stopped), when(paused), when(held), deceased == 1
	p.Short, p.ErasedAt = short == 1, when(erased)
	return p, err
}

func patientIdentity(p handrail.Patient) identity {
	year := ""
	if p.BirthYear != 0 {
		year = strconv.Itoa(p.BirthYear)
	}
	return identity{kind: ownerPatient, id: string(p.ID), practice: p.Practice, address: p.Address, fields: []identityField{
		{fieldName, p.Name}, {fieldSurname, p.Surname}, {fieldBirthYear, year}, {fieldPostcode, p.Postcode},
	}}
}

// identify fills in who they are, in a few statements for however many.
func (r *Records) identify(ctx context.Context, all []handrail.Patient) error {
	ids := make([]handrail.PatientID, len(all))
	for i, p := range all {
		ids[i] = p.ID
	}
	known, err := people(ctx, r, ownerPatient, ids)
	if err != nil {
		return err
	}
	for i := range all {
		who := known[all[i].ID]
		all[i].Name, all[i].Surname = who.fields[fieldName], who.fields[fieldSurname]
		all[i].Postcode, all[i].BirthYear, all[i].Address = who.fields[fieldPostcode], who.birthYear(), who.address
	}
	return nil
}

func (r *Records) patients(ctx context.Context, query string, args ...any) ([]handrail.Patient, error) {
	all, err := list(ctx, r, "read patients", r.scanPatient, "SELECT "+patientColumns+" FROM patients WHERE "+query, args...)
	if err != nil {
		return nil, err
	}
	return all, r.identify(ctx, all)
}

// patientsByID returns patients by id. The ids must come from rows of the practice that asks.
func (r *Records) patientsByID(ctx context.Context, ids []handrail.PatientID) (map[handrail.PatientID]handrail.Patient, error) {
	all, err := batch(ctx, r, "read patients", r.scanPatient, ids, func(marks string) string {
		return "SELECT " + patientColumns + " FROM patients WHERE id IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	if err := r.identify(ctx, all); err != nil {
		return nil, err
	}
	out := make(map[handrail.PatientID]handrail.Patient, len(all))
	for _, p := range all {
		out[p.ID] = p
	}
	return out, nil
}

// AddPatient adds a patient and returns them as stored. An empty ID gets one; an ID that exists is KindConflict.
func (r *Records) AddPatient(ctx context.Context, p handrail.Patient, by handrail.Actor) (handrail.Patient, error) {
	p.Address = ownAddress(p.Address, p.Practice)
	normPatient(&p)
	err := r.in(ctx, "AddPatient", func(ctx context.Context) error {
		if err := setID(r, &p.ID, "pat_"); err != nil {
			return err
		}
		matters, err := r.seal(place(ownerPatient, string(p.ID), "matters"), []byte(p.Matters))
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "add patient", "INSERT INTO patients ("+patientColumns+`, added_at)
			VALUES (`+marks(1, 14)+")", string(p.ID), string(p.Practice), p.Language, matters,
			maybe(p.Stopped), maybe(p.PausedUntil), maybe(p.HeldSince), flag(p.Deceased), haltedAt(p), haltedBy(p), haltReason(p),
			flag(p.Short), maybe(p.ErasedAt), micros(r.now()))
		if err != nil {
			return err
		}
		if err := r.saveIdentity(ctx, identity{}, patientIdentity(p)); err != nil {
			return err
		}
		return r.audit(ctx, p.Practice, by, "added", "patient", string(p.ID))
	})
	if err != nil {
		return handrail.Patient{}, err
	}
	return p, nil
}

// normPatient makes the instants what they will be when they are read back.
func normPatient(p *handrail.Patient) {
	p.Stopped, p.PausedUntil, p.HeldSince = when(maybe(p.Stopped)), when(maybe(p.PausedUntil)), when(maybe(p.HeldSince))
	p.ErasedAt = when(maybe(p.ErasedAt))
	if p.Halt != nil {
		halt := *p.Halt
		halt.At = stored(halt.At)
		p.Halt = &halt
	}
}

func haltedAt(p handrail.Patient) sql.NullInt64 {
	if p.Halt == nil {
		return sql.NullInt64{}
	}
	return maybe(&p.Halt.At)
}

func haltedBy(p handrail.Patient) string {
	if p.Halt == nil {
		return ""
	}
	return string(p.Halt.By)
}

func haltReason(p handrail.Patient) string {
	if p.Halt == nil {
		return ""
	}
	return string(p.Halt.Reason)
}

// Patient returns one patient; KindNotFound when the practice has none of that id.
func (r *Records) Patient(ctx context.Context, practice handrail.PracticeID, id handrail.PatientID) (handrail.Patient, error) {
	return r.patient(ctx, practice, id, "")
}

func (r *Records) patient(ctx context.Context, practice handrail.PracticeID, id handrail.PatientID, lock string) (handrail.Patient, error) {
	all, err := r.patients(ctx, "practice = $1 AND id = $2"+lock, string(practice), string(id))
	if err != nil {
		return handrail.Patient{}, err
	}
	if len(all) == 0 {
		return handrail.Patient{}, notFound("patient")
	}
	return all[0], nil
}

// ChangePatient lets fn change the patient in one transaction and returns them as stored. action is the word for the
// audit trail ("paused"). Where fn changes nothing, nothing is written. An error from fn is returned as it is, and
// nothing is changed.
func (r *Records) ChangePatient(ctx context.Context, practice handrail.PracticeID, id handrail.PatientID, by handrail.Actor,
	action string, fn func(*handrail.Patient) error,
) (handrail.Patient, error) {
	var is handrail.Patient
	err := r.in(ctx, "ChangePatient", func(ctx context.Context) error {
		was, err := r.patient(ctx, practice, id, r.kind.forUpdate())
		if err != nil {
			return err
		}
		is = was
		if err := fn(&is); err != nil {
			return err
		}
		is.Address = ownAddress(is.Address, practice)
		normPatient(&is)
		if reflect.DeepEqual(was, is) {
			return nil
		}
		if err := moved("patient", is.ID == was.ID && is.Practice == was.Practice); err != nil {
			return err
		}
		matters, err := r.seal(place(ownerPatient, string(id), "matters"), []byte(is.Matters))
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "change patient", `UPDATE patients SET language = $1, matters = $2, stopped = $3,
			paused_until = $4, held_since = $5, deceased = $6, halted_at = $7, halted_by = $8, halt_reason = $9,
			short = $10, erased_at = $11 WHERE practice = $12 AND id = $13`, is.Language, matters,
			maybe(is.Stopped), maybe(is.PausedUntil), maybe(is.HeldSince), flag(is.Deceased), haltedAt(is), haltedBy(is), haltReason(is),
			flag(is.Short), maybe(is.ErasedAt), string(practice), string(id))
		if err != nil {
			return err
		}
		if err := r.saveIdentity(ctx, patientIdentity(was), patientIdentity(is)); err != nil {
			return err
		}
		return r.audit(ctx, practice, by, action, "patient", string(id))
	})
	if err != nil {
		return handrail.Patient{}, err
	}
	return is, nil
}

// FindPatients returns the practice's patients of that name (whatever its case) and birth year, in the order in which
// they were added. A birth year of 0 leaves the year out. It looks by keyed hash, so only the whole name finds.
func (r *Records) FindPatients(ctx context.Context, practice handrail.PracticeID, name string, birthYear int) ([]handrail.Patient, error) {
	query := `practice = $1 AND id IN (SELECT owner FROM identities
		WHERE practice = $1 AND kind = 'patient' AND field = 'name' AND hash = $2 AND hash <> '')`
	args := []any{string(practice), r.hash(practice, fieldName, folded(name))}
	if birthYear != 0 {
		query += ` AND id IN (SELECT owner FROM identities
			WHERE practice = $1 AND kind = 'patient' AND field = 'birth_year' AND hash = $3 AND hash <> '')`
		args = append(args, r.hash(practice, fieldBirthYear, strconv.Itoa(birthYear)))
	}
	return r.patients(ctx, query+" ORDER BY added_at, id", args...)
}
