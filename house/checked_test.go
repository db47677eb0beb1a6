package house

import (
	"testing"
	"time"
)

func TestChecked_K5(t *testing.T) {
	on := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		checked     Checked
		after       int // days
		due, closed bool
	}{
		{NewChecked(on), -400, false, false}, // a clock of another year
		{NewChecked(on), 0, false, false},
		{NewChecked(on), 150, false, false},
		{NewChecked(on), 151, true, false},
		{NewChecked(on), 180, true, false},
		{NewChecked(on), 181, true, true},
		{NewChecked(time.Time{}), -1, true, false},
	} {
		now := on.AddDate(0, 0, c.after)
		if c.checked.Due(now) != c.due || c.checked.Closed(now) != c.closed {
			t.Errorf("after %d days: due %v, closed %v", c.after, c.checked.Due(now), c.checked.Closed(now))
		}
	}
	never := NewChecked(time.Time{})
	if day, own := never.On(); own || day.IsZero() || never.Closed(day.AddDate(0, 0, 180)) || !never.Closed(day.AddDate(0, 0, 181)) {
		t.Error("where nobody looked, the day on which the cards were made does not count")
	}
}
