package handrail_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/internal/walltime"
)

func TestParseDate(t *testing.T) {
	for s, ok := range map[string]bool{
		"2026-11-24": true, "2028-02-29": true, "1999-12-31": true,
		"": false, "2027-02-29": false, "2026-13-01": false, "2026-11-31": false, "2026-1-2": false, "24/11/2026": false,
		"2026-11-24T10:00": false, " 2026-11-24": false, "２０２６-11-24": false, "20261124": false, "today": false,
	} {
		d, err := handrail.ParseDate(s)
		if (err == nil) != ok || ok && string(d) != s || !ok && !d.IsZero() {
			t.Errorf("ParseDate(%q) is %q, %v", s, d, err)
		}
	}
}

// The date is the one on the wall there, and a wall time of it is found again.
func TestDate_T1_At(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/London", "Asia/Tokyo", "Pacific/Auckland", "America/New_York"}).Draw(t, "zone")
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		wall := walltime.Draw(t)
		d := handrail.Date(wall.Format(time.DateOnly))
		c := handrail.At(wall.Hour(), wall.Minute())
		at := d.At(c, loc)
		if want := handrail.WallTime(wall.Year(), wall.Month(), wall.Day(), c, loc); !at.Equal(want) {
			t.Fatalf("%s at %s is %s, want %s", d, c, at, want)
		}
		if got := handrail.DateOf(at, loc); got != d {
			t.Fatalf("the date of %s is %s, want %s", at, got, d)
		}
		next := handrail.DateOf(d.At(handrail.At(12, 0), loc).AddDate(0, 0, 1), loc)
		if !(d < next) {
			t.Fatalf("%s is not before %s", d, next)
		}
	})
	if at := handrail.Date("soon").At(handrail.At(10, 0), time.UTC); !at.IsZero() {
		t.Errorf("a date that is none is %s", at)
	}
	if at := handrail.Date("").At(handrail.At(10, 0), time.UTC); !at.IsZero() {
		t.Errorf("no date is %s", at)
	}
}

// Half an hour before midnight in UTC is already tomorrow in a London summer.
func TestDateOf_LocalMidnight(t *testing.T) {
	at := time.Date(2027, 7, 5, 23, 30, 0, 0, time.UTC)
	if d := handrail.DateOf(at, zone(t, "Europe/London")); d != "2027-07-06" {
		t.Errorf("in London it is %s", d)
	}
	if d := handrail.DateOf(at, zone(t, "America/New_York")); d != "2027-07-05" {
		t.Errorf("in New York it is %s", d)
	}
}
