package records

import (
	"context"
	"math"

	"handrail"
)

// postcodeRows inserts or replaces postcodes.
func postcodeRows() bulk {
	return bulk{table: "postcodes", columns: []column{{"postcode", "text"}, {"lat", "bigint"}, {"lon", "bigint"},
		{"terminated", "bigint"}, {"points", "bigint"}},
		conflict: `ON CONFLICT (postcode) DO UPDATE SET lat = excluded.lat, lon = excluded.lon,
			terminated = excluded.terminated, points = excluded.points`}
}

// PutPostcodes adds or replaces postcodes, outcodes and sectors, in one transaction. Give it thousands at a time. Of two
// with the same name in one batch the later one counts. Positions are kept to a millionth of a degree (10 cm).
func (r *Records) PutPostcodes(ctx context.Context, points []handrail.PostcodePoint) error {
	rows := postcodeRows()
	width := len(rows.columns)
	at := make(map[string]int, len(points))
	values := make([]any, 0, len(points)*width)
	for _, p := range points {
		row := [...]any{p.Postcode, microdegrees(p.At.Lat), microdegrees(p.At.Lon), int64(flag(p.Terminated)), int64(p.Points)}
		if i, twice := at[p.Postcode]; twice {
			copy(values[i:], row[:]) // PostgreSQL refuses one statement that touches a row twice
			continue
		}
		at[p.Postcode] = len(values)
		values = append(values, row[:]...)
	}
	if len(values) == 0 {
		return nil
	}
	return r.in(ctx, "PutPostcodes", func(ctx context.Context) error {
		return r.insert(ctx, "put postcodes", rows, values)
	})
}

func microdegrees(deg float64) int64 { return int64(math.Round(deg * 1e6)) }

// Postcode returns where a postcode, outcode or sector is, by its normal form ("LU1 2AB", "LU1", "LU1 2"); false when it
// isn't known.
func (r *Records) Postcode(ctx context.Context, normal string) (handrail.PostcodePoint, bool, error) {
	return one(ctx, r, "look for a postcode", func(row scanner) (handrail.PostcodePoint, error) {
		var p handrail.PostcodePoint
		var lat, lon int64
		var terminated int
		err := row.Scan(&p.Postcode, &lat, &lon, &terminated, &p.Points)
		p.At = handrail.Point{Lat: float64(lat) / 1e6, Lon: float64(lon) / 1e6}
		p.Terminated = terminated == 1
		return p, err
	}, "SELECT postcode, lat, lon, terminated, points FROM postcodes WHERE postcode = $1", normal)
}

// PostcodeCount is how many rows there are, outcodes and sectors included.
func (r *Records) PostcodeCount(ctx context.Context) (int, error) {
	n, _, err := one(ctx, r, "count postcodes", value[int], "SELECT COUNT(*) FROM postcodes")
	return n, err
}
