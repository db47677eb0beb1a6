package records

import (
	"context"

	"handrail"
)

// AddUnmet counts that nothing was on near somebody for a need. No row is about one person, and the audit trail says who
// noted something and not what.
func (r *Records) AddUnmet(ctx context.Context, u handrail.UnmetNeed, by handrail.Actor) error {
	if u.Practice == "" || u.Need == "" || u.At.IsZero() {
		return handrail.Errorf(handrail.KindInvalid, "", "count an unmet need: practice, need or date is missing")
	}
	return r.in(ctx, "AddUnmet", func(ctx context.Context) error {
		_, err := r.exec(ctx, "count an unmet need", `INSERT INTO unmet_needs (practice, on_date, outcode, need, n) VALUES ($1, $2, $3, $4, 1)
			ON CONFLICT (practice, on_date, outcode, need) DO UPDATE SET n = unmet_needs.n + 1`,
			string(u.Practice), string(u.At), u.Outcode, u.Need)
		if err != nil {
			return err
		}
		return r.audit(ctx, u.Practice, by, "counted", "unmet need", "")
	})
}

// UnmetCounts returns how often each need was unmet in each area and month, from one date to another, both included: by
// month, outcode and need. An empty practice is all of them. Numbers under handrail.FewestShown are not told (G11).
func (r *Records) UnmetCounts(ctx context.Context, practice handrail.PracticeID, from, to handrail.Date) ([]handrail.UnmetCount, error) {
	return list(ctx, r, "count unmet needs", func(row scanner) (handrail.UnmetCount, error) {
		var c handrail.UnmetCount
		err := row.Scan(&c.Month, &c.Outcode, &c.Need, &c.N)
		if c.N < handrail.FewestShown {
			c.N = 0
		}
		return c, err
	}, `SELECT SUBSTR(on_date, 1, 7) AS month, outcode, need, CAST(SUM(n) AS BIGINT) FROM unmet_needs
		WHERE ($1 = '' OR practice = $1) AND on_date >= $2 AND on_date <= $3
		GROUP BY SUBSTR(on_date, 1, 7), outcode, need ORDER BY month, outcode, need`, string(practice), string(from), string(to))
}
