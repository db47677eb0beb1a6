package handrail

import (
	"fmt"
	"time"
)

// Date is a local date, "2026-11-24", without a zone: the day that is written on a poster. The zero Date is no date.
// Dates compare as strings.
type Date string

// DateOf is the date that a clock on the wall shows at an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date { return Date(t.In(zone).Format(time.DateOnly)) }

// ParseDate reads "2026-11-24". Anything else, 30 February too, is an error.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("read a date: %w", err)
	}
	return Date(s), nil
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == "" }

// At is the instant of a wall time on the date, as WallTime says; the zero time when the date cannot be read.
func (d Date) At(c Clock, zone *time.Location) time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return WallTime(t.Year(), t.Month(), t.Day(), c, zone)
}
