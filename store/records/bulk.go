package records

import (
	"context"
	"strconv"
	"strings"
)

// column is one column of a bulk insert; kind is its type in PostgreSQL.
type column struct{ name, kind string }

// bulk inserts many rows in few statements: on SQLite some rows each, on PostgreSQL whole columns as arrays.
type bulk struct {
	table   string
	columns []column
	// conflict ends the statement: "ON CONFLICT ..." or nothing.
	conflict string
}

// bulkSizes are the numbers of rows of one SQLite statement, so that few different statements are kept prepared.
func bulkSizes() []int { return []int{256, 16, 1} }

func (b bulk) names() string {
	names := make([]string, len(b.columns))
	for i, c := range b.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// sqlite is the statement for n rows. Its parameters have no names ($1 is a name to SQLite): the driver looks each name up
// in a list, and a thousand of them take it a thousand times as long as the insert.
func (b bulk) sqlite(n int) string {
	var s strings.Builder
	s.WriteString("INSERT INTO " + b.table + " (" + b.names() + ") VALUES ")
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(b.columns)), ",") + ")"
	s.WriteString(strings.TrimSuffix(strings.Repeat(row+",", n), ","))
	s.WriteString(" " + b.conflict)
	return s.String()
}

// postgres is the statement for any number of rows.
func (b bulk) postgres() string {
	var s strings.Builder
	s.WriteString("INSERT INTO " + b.table + " (" + b.names() + ") SELECT * FROM unnest(")
	for i, c := range b.columns {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString("$" + strconv.Itoa(i+1) + "::" + c.kind + "[]")
	}
	s.WriteString(") " + b.conflict)
	return s.String()
}

// insert writes rows, which lie one after the other in values: strings in text columns, int64 in bigint ones, float64
// in float8 ones. No key may be in it twice.
func (r *Records) insert(ctx context.Context, doing string, b bulk, values []any) error {
	width := len(b.columns)
	if len(values) == 0 {
		return nil
	}
	if r.kind == postgres {
		args := make([]any, width)
		rows := len(values) / width
		for c, col := range b.columns {
			switch col.kind {
			case "bigint":
				args[c] = columnOf[int64](values, c, width, rows)
			case "float8":
				args[c] = columnOf[float64](values, c, width, rows)
			default:
				args[c] = columnOf[string](values, c, width, rows)
			}
		}
		_, err := r.exec(ctx, doing, b.postgres(), args...)
		return err
	}
	for _, size := range bulkSizes() {
		query := ""
		for len(values) >= size*width {
			if query == "" {
				query = b.sqlite(size)
			}
			if _, err := r.exec(ctx, doing, query, values[:size*width]...); err != nil {
				return err
			}
			values = values[size*width:]
		}
	}
	return nil
}

func columnOf[T any](values []any, c, width, rows int) []T {
	out := make([]T, rows)
	for i := range out {
		out[i], _ = values[i*width+c].(T) // insert's callers give what the column is for
	}
	return out
}
