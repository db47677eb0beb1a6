package records

import (
	"context"
	"time"

	"handrail"
)

func scanLeave(row scanner) (handrail.Leave, error) {
	var l handrail.Leave
	err := row.Scan(&l.Practice, &l.Staff, &l.Cover, &l.From, &l.To)
	return l, err
}

// AddLeave notes that somebody is away and who covers. A leave of the same person that it overlaps is replaced. A person
// or a cover of another practice is KindNotFound.
func (r *Records) AddLeave(ctx context.Context, l handrail.Leave, by handrail.Actor) error {
	if err := l.Check(); err != nil {
		return err
	}
	return r.in(ctx, "AddLeave", func(ctx context.Context) error {
		_, err := r.exec(ctx, "replace an earlier leave", "DELETE FROM leaves WHERE practice = $1 AND staff = $2 AND from_day <= $3 AND to_day >= $4",
			string(l.Practice), string(l.Staff), string(l.To), string(l.From))
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "add leave", "INSERT INTO leaves (practice, staff, cover, from_day, to_day) VALUES ($1, $2, $3, $4, $5)",
			string(l.Practice), string(l.Staff), string(l.Cover), string(l.From), string(l.To))
		if err != nil {
			return err
		}
		return r.audit(ctx, l.Practice, by, "leave added", "staff", string(l.Staff))
	})
}

// EndLeave ends whatever leave of the person is in force on the day or begins later: they are back.
func (r *Records) EndLeave(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID, day handrail.Date, by handrail.Actor) error {
	return r.in(ctx, "EndLeave", func(ctx context.Context) error {
		n, err := r.exec(ctx, "end leave", "DELETE FROM leaves WHERE practice = $1 AND staff = $2 AND to_day >= $3", string(practice), string(id), string(day))
		if err != nil || n == 0 {
			return err
		}
		return r.audit(ctx, practice, by, "leave ended", "staff", string(id))
	})
}

// Leaves are the leaves of a practice that are not over today, by their first day, and today: the date on the wall of a
// zone, by the clock of the records.
func (r *Records) Leaves(ctx context.Context, practice handrail.PracticeID, zone *time.Location) ([]handrail.Leave, handrail.Date, error) {
	today := handrail.DateOf(r.now(), zone)
	all, err := list(ctx, r, "read leaves", scanLeave,
		"SELECT practice, staff, cover, from_day, to_day FROM leaves WHERE practice = $1 AND to_day >= $2 ORDER BY from_day, staff",
		string(practice), string(today))
	return all, today, err
}
