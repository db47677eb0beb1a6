package records

import "context"

// Once runs fn in one transaction and commits its result under (run, key) with what fn did. Where there is a result
// already, fn isn't run and that result is returned. Of two that race, the second waits for the first and returns its
// result. An error from fn rolls everything back and is returned as it is. An empty result comes back as nil.
func (r *Records) Once(ctx context.Context, run, key string, fn func(ctx context.Context) ([]byte, error)) ([]byte, error) {
	var result []byte
	err := r.in(ctx, "Once", func(ctx context.Context) error {
		// The row comes first: on PostgreSQL a second runner waits here until the first has committed or rolled back.
		n, err := r.exec(ctx, "begin an effect", "INSERT INTO effects (run, key, done_at) VALUES ($1, $2, $3) ON CONFLICT (run, key) DO NOTHING",
			run, key, micros(r.now()))
		if err != nil {
			return err
		}
		if n == 0 {
			result, _, err = one(ctx, r, "read the result of an effect", func(row scanner) ([]byte, error) {
				var sealed []byte
				if err := row.Scan(&sealed); err != nil {
					return nil, err
				}
				return r.open(place("effects", run+"/"+key, "result"), sealed)
			}, "SELECT result FROM effects WHERE run = $1 AND key = $2", run, key)
			return err
		}
		result, err = fn(ctx)
		if err != nil {
			return err
		}
		sealed, err := r.seal(place("effects", run+"/"+key, "result"), result)
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "keep the result of an effect", "UPDATE effects SET result = $1 WHERE run = $2 AND key = $3", sealed, run, key)
		return err
	})
	if err != nil || len(result) == 0 {
		return nil, err
	}
	return result, nil
}
