package records

import (
	"database/sql"
	"strings"
	"time"
)

// micros is how an instant is stored: UTC microseconds since 1970. The zero time is 0, which is why 1970's first
// instant cannot be stored; nothing here happened then.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is what micros stored.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// stored is an instant as it will come back: in UTC, in whole microseconds.
func stored(t time.Time) time.Time { return instant(micros(t)) }

// maybe is an instant that may be missing.
func maybe(t *time.Time) sql.NullInt64 {
	if t == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: micros(*t), Valid: true}
}

// when is what maybe stored.
func when(n sql.NullInt64) *time.Time {
	if !n.Valid {
		return nil
	}
	t := instant(n.Int64)
	return &t
}

// flag is how a bool is stored: the two databases agree on numbers only.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// orNull stores an empty reference as NULL, which a foreign key lets pass.
func orNull[S ~string](s S) sql.NullString { return sql.NullString{String: string(s), Valid: s != ""} }

// joined stores a short list of words (ids, roles, languages), none of which holds a comma.
func joined[S ~string](list []S) string {
	var b strings.Builder
	for i, s := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(string(s))
	}
	return b.String()
}

// split is what joined stored.
func split[S ~string](s string) []S {
	if s == "" {
		return nil
	}
	var out []S
	for part := range strings.SplitSeq(s, ",") {
		out = append(out, S(part))
	}
	return out
}
