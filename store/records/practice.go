package records

import (
	"context"
	"database/sql"

	"handrail"
)

const practiceColumns = "id, name, zone, urgent_route, lat, lon"

func scanPractice(row scanner) (handrail.Practice, error) {
	var p handrail.Practice
	var lat, lon sql.NullFloat64
	err := row.Scan(&p.ID, &p.Name, &p.Zone, &p.UrgentRoute, &lat, &lon)
	if lat.Valid && lon.Valid {
		p.At = &handrail.Point{Lat: lat.Float64, Lon: lon.Float64}
	}
	return p, err
}

// SavePractice adds the practice or replaces what is known of it. The caller chooses the id, since practices are named
// in configuration; an empty one is refused. Safe to call twice.
func (r *Records) SavePractice(ctx context.Context, p handrail.Practice, by handrail.Actor) error {
	if p.ID == "" {
		return handrail.Errorf(handrail.KindInvalid, "A practice needs an id.", "save practice: no id")
	}
	return r.in(ctx, "SavePractice", func(ctx context.Context) error {
		was, known, err := one(ctx, r, "read practice", scanPractice,
			"SELECT "+practiceColumns+" FROM practices WHERE id = $1"+r.kind.forUpdate(), string(p.ID))
		if err != nil {
			return err
		}
		if known && samePractice(was, p) {
			return nil
		}
		var lat, lon sql.NullFloat64
		if p.At != nil {
			lat, lon = sql.NullFloat64{Float64: p.At.Lat, Valid: true}, sql.NullFloat64{Float64: p.At.Lon, Valid: true}
		}
		_, err = r.exec(ctx, "save practice", "INSERT INTO practices ("+practiceColumns+`) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, zone = excluded.zone, urgent_route = excluded.urgent_route,
			lat = excluded.lat, lon = excluded.lon`, string(p.ID), p.Name, p.Zone, p.UrgentRoute, lat, lon)
		if err != nil {
			return err
		}
		return r.audit(ctx, p.ID, by, addedOrChanged(known), "practice", string(p.ID))
	})
}

func samePractice(a, b handrail.Practice) bool {
	at := a.At == b.At || a.At != nil && b.At != nil && *a.At == *b.At
	a.At, b.At = nil, nil
	return at && a == b
}

func addedOrChanged(known bool) string {
	if known {
		return "changed"
	}
	return "added"
}

// Practice returns one practice; KindNotFound when there is none.
func (r *Records) Practice(ctx context.Context, id handrail.PracticeID) (handrail.Practice, error) {
	p, ok, err := one(ctx, r, "read practice", scanPractice, "SELECT "+practiceColumns+" FROM practices WHERE id = $1", string(id))
	if err == nil && !ok {
		err = notFound("practice")
	}
	return p, err
}

// Practices returns every practice, by id.
func (r *Records) Practices(ctx context.Context) ([]handrail.Practice, error) {
	return list(ctx, r, "read practices", scanPractice, "SELECT "+practiceColumns+" FROM practices ORDER BY id")
}
