package records

import (
	"context"
	"math"
	"strings"

	"handrail"
)

// postcodeRows is how many postcodes one statement takes; five parameters each.
const postcodeRows = 400

// PutPostcodes adds or replaces postcodes, outcodes and sectors, in one transaction. Give it thousands at a time. Of two
// with the same name in one batch the later one counts. Positions are kept to a millionth of a degree (10 cm).
func (r *Records) PutPostcodes(ctx context.Context, points []handrail.PostcodePoint) error {
	return r.in(ctx, "PutPostcodes", func(ctx context.Context) error {
		place := make(map[string]int, postcodeRows)
		args := make([]any, 0, 5*postcodeRows)
		flush := func() error {
			if len(args) == 0 {
				return nil
			}
			_, err := r.exec(ctx, "put postcodes", postcodeInsert(len(args)/5), args...)
			args = args[:0]
			clear(place)
			return err
		}
		for _, p := range points {
			row := [5]any{p.Postcode, microdegrees(p.At.Lat), microdegrees(p.At.Lon), flag(p.Terminated), p.Points}
			if at, twice := place[p.Postcode]; twice {
				// PostgreSQL refuses one statement that touches a row twice.
				copy(args[at:], row[:])
				continue
			}
			place[p.Postcode] = len(args)
			args = append(args, row[:]...)
			if len(args) == 5*postcodeRows {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return flush()
	})
}

func postcodeInsert(rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO postcodes (postcode, lat, lon, terminated, points) VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + marks(5*i+1, 5) + ")")
	}
	b.WriteString(` ON CONFLICT (postcode) DO UPDATE SET lat = excluded.lat, lon = excluded.lon,
		terminated = excluded.terminated, points = excluded.points`)
	return b.String()
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
