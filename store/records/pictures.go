package records

import (
	"context"
	"time"
)

// SavePicture keeps what is at a picture's address, or, with no data, that there was none to be had at that time. The one
// before is replaced.
func (r *Records) SavePicture(ctx context.Context, address string, data []byte, at time.Time) error {
	var kept any
	if len(data) > 0 {
		kept = data
	}
	return r.in(ctx, "SavePicture", func(ctx context.Context) error {
		_, err := r.exec(ctx, "save a picture", `INSERT INTO pictures (address, data, tried_at) VALUES ($1, $2, $3)
			ON CONFLICT (address) DO UPDATE SET data = excluded.data, tried_at = excluded.tried_at`, address, kept, micros(at))
		return err
	})
}

// Picture is what is kept of an address; false when nothing is.
func (r *Records) Picture(ctx context.Context, address string) ([]byte, bool, error) {
	return one(ctx, r, "read a picture", value[[]byte], "SELECT data FROM pictures WHERE address = $1 AND data IS NOT NULL", address)
}

// PicturesTried is when each address was last looked for, and whether there was a picture.
func (r *Records) PicturesTried(ctx context.Context) (at map[string]time.Time, there map[string]bool, err error) {
	type row struct {
		address string
		at      int64
		there   bool
	}
	all, err := list(ctx, r, "read which pictures are kept", func(s scanner) (row, error) {
		var x row
		return x, s.Scan(&x.address, &x.at, &x.there)
	}, "SELECT address, tried_at, data IS NOT NULL FROM pictures ORDER BY address")
	if err != nil {
		return nil, nil, err
	}
	at, there = make(map[string]time.Time, len(all)), make(map[string]bool, len(all))
	for _, x := range all {
		at[x.address], there[x.address] = instant(x.at), x.there
	}
	return at, there, nil
}

// ForgetPictures removes what is kept of these addresses.
func (r *Records) ForgetPictures(ctx context.Context, addresses []string) error {
	return r.in(ctx, "ForgetPictures", func(ctx context.Context) error {
		for _, a := range addresses {
			if _, err := r.exec(ctx, "forget a picture", "DELETE FROM pictures WHERE address = $1", a); err != nil {
				return err
			}
		}
		return nil
	})
}
