package handrail_test

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/internal/walltime"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestClock(t *testing.T) {
	for _, c := range []struct {
		clock handrail.Clock
		want  string
	}{
		{handrail.At(0, 0), "00:00"}, {handrail.At(0, 5), "00:05"}, {handrail.At(9, 30), "09:30"}, {handrail.At(14, 5), "14:05"},
		{handrail.At(23, 59), "23:59"}, {handrail.Clock(0), "00:00"}, {handrail.Clock(10 * 60), "10:00"},
	} {
		if got := c.clock.String(); got != c.want {
			t.Errorf("%d is %q, want %q", int(c.clock), got, c.want)
		}
	}
	for minute := range 24 * 60 {
		c := handrail.Clock(minute)
		want := fmt.Sprintf("%02d:%02d", minute/60, minute%60)
		if c.String() != want || handrail.At(c.Hour(), c.Minute()) != c {
			t.Fatalf("%d is %q, want %q", minute, c, want)
		}
	}
}

// Every line was worked out by hand from the published changes of the clocks.
func TestWallTime_T1(t *testing.T) {
	for _, c := range []struct{ zone, wall, want string }{
		// The clocks go forward: 01:00 to 01:59 are not there.
		{"Europe/London", "2027-03-28 00:59", "2027-03-28 00:59"},
		{"Europe/London", "2027-03-28 01:00", "2027-03-28 01:00"},
		{"Europe/London", "2027-03-28 01:01", "2027-03-28 01:00"},
		{"Europe/London", "2027-03-28 01:30", "2027-03-28 01:00"},
		{"Europe/London", "2027-03-28 01:59", "2027-03-28 01:00"},
		{"Europe/London", "2027-03-28 02:00", "2027-03-28 01:00"},
		{"Europe/London", "2027-03-28 02:01", "2027-03-28 01:01"},
		{"Europe/London", "2027-03-28 14:00", "2027-03-28 13:00"},
		{"Europe/London", "2028-03-26 01:00", "2028-03-26 01:00"},
		{"Europe/London", "2028-03-26 01:30", "2028-03-26 01:00"},
		{"Europe/London", "2028-03-26 02:30", "2028-03-26 01:30"},
		{"Europe/London", "2028-03-26 10:00", "2028-03-26 09:00"},
		// The clocks go back: 01:00 to 01:59 are there twice, and the first is meant.
		{"Europe/London", "2027-10-31 00:59", "2027-10-30 23:59"},
		{"Europe/London", "2027-10-31 01:00", "2027-10-31 00:00"},
		{"Europe/London", "2027-10-31 01:30", "2027-10-31 00:30"},
		{"Europe/London", "2027-10-31 01:59", "2027-10-31 00:59"},
		{"Europe/London", "2027-10-31 02:00", "2027-10-31 02:00"},
		{"Europe/London", "2027-10-31 14:00", "2027-10-31 14:00"},
		{"Europe/London", "2028-10-29 01:30", "2028-10-29 00:30"},
		{"Europe/London", "2028-10-29 02:00", "2028-10-29 02:00"},
		{"Europe/London", "2028-10-29 10:00", "2028-10-29 10:00"},
		// Ordinary days.
		{"Europe/London", "2026-11-24 01:30", "2026-11-24 01:30"},
		{"Europe/London", "2027-07-01 01:30", "2027-07-01 00:30"},
		{"Europe/London", "2028-02-29 23:59", "2028-02-29 23:59"},
		{"Europe/London", "2027-06-15 00:00", "2027-06-14 23:00"},
		// The day after each change.
		{"Europe/London", "2027-03-29 01:30", "2027-03-29 00:30"},
		{"Europe/London", "2027-11-01 01:30", "2027-11-01 01:30"},
		// A place with no changes.
		{"Asia/Tokyo", "2027-03-28 01:30", "2027-03-27 16:30"},
		{"Asia/Tokyo", "2027-10-31 01:30", "2027-10-30 16:30"},
		// The other half of the world: back on 4 April at 3, forward on 26 September at 2.
		{"Pacific/Auckland", "2027-04-04 01:59", "2027-04-03 12:59"},
		{"Pacific/Auckland", "2027-04-04 02:30", "2027-04-03 13:30"},
		{"Pacific/Auckland", "2027-04-04 03:00", "2027-04-03 15:00"},
		{"Pacific/Auckland", "2027-09-26 02:30", "2027-09-25 14:00"},
		{"Pacific/Auckland", "2027-09-26 03:00", "2027-09-25 14:00"},
		// West of Greenwich time.Date gives the other one of the two.
		{"America/New_York", "2027-11-07 01:30", "2027-11-07 05:30"},
		{"America/New_York", "2027-03-14 02:30", "2027-03-14 07:00"},
		// A change of half an hour.
		{"Australia/Lord_Howe", "2027-04-04 01:15", "2027-04-03 14:15"},
		{"Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-03 14:45"},
		{"Australia/Lord_Howe", "2027-04-04 02:00", "2027-04-03 15:30"},
		{"Australia/Lord_Howe", "2027-10-03 02:15", "2027-10-02 15:30"},
	} {
		wall, err := time.Parse("2006-01-02 15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		got := handrail.WallTime(wall.Year(), wall.Month(), wall.Day(), handrail.At(wall.Hour(), wall.Minute()), zone(t, c.zone))
		if s := got.UTC().Format("2006-01-02 15:04:05"); s != c.want+":00" {
			t.Errorf("%s in %s is %s UTC, want %s", c.wall, c.zone, s, c.want)
		}
	}
}

func TestWallTime_T1_Property(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/London", "Europe/London", "Asia/Tokyo", "Pacific/Auckland", "America/New_York", "Australia/Lord_Howe", "UTC"}).Draw(t, "zone")
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		wall := walltime.Draw(t)
		got := handrail.WallTime(wall.Year(), wall.Month(), wall.Day(), handrail.At(wall.Hour(), wall.Minute()), loc)
		if all := walltime.Instants(wall, loc); len(all) > 0 {
			if !got.Equal(all[0]) {
				t.Fatalf("%s in %s is %s, want the first of %v", wall.Format(handrail.LocalLayout), name, got, all)
			}
			return
		}
		// In a gap: the second before still shows an earlier wall time, and this one a later.
		asked := wall.Format(handrail.LocalLayout)
		before, after := got.Add(-time.Second).In(loc).Format(handrail.LocalLayout), got.In(loc).Format(handrail.LocalLayout)
		if before >= asked || after <= asked || got.Nanosecond() != 0 {
			t.Fatalf("%s in %s is not there, and became %s", asked, name, got)
		}
	})
}

func TestOccurrenceOn(t *testing.T) {
	for _, c := range []struct {
		name             string
		w                handrail.Recurrence
		day              string
		local, from, end string // from and end in UTC
	}{
		{"winter", handrail.Recurrence{Start: handrail.At(14, 0), End: handrail.At(15, 30)}, "2026-11-24T12:00Z", "2026-11-24T14:00", "2026-11-24T14:00", "2026-11-24T15:30"},
		{"summer", handrail.Recurrence{Start: handrail.At(14, 0), End: handrail.At(15, 30)}, "2027-07-06T12:00Z", "2027-07-06T14:00", "2027-07-06T13:00", "2027-07-06T14:30"},
		{"no end", handrail.Recurrence{Start: handrail.At(10, 0)}, "2026-11-24T12:00Z", "2026-11-24T10:00", "2026-11-24T10:00", "2026-11-24T10:00"},
		{"an end before the start is no end", handrail.Recurrence{Start: handrail.At(22, 0), End: handrail.At(1, 0)}, "2026-11-24T12:00Z", "2026-11-24T22:00", "2026-11-24T22:00", "2026-11-24T22:00"},
		{"the local date counts", handrail.Recurrence{Start: handrail.At(9, 0)}, "2027-07-05T23:30Z", "2027-07-06T09:00", "2027-07-06T08:00", "2027-07-06T08:00"},
		{"in the spring gap", handrail.Recurrence{Start: handrail.At(1, 30), End: handrail.At(3, 0)}, "2027-03-28T12:00Z", "2027-03-28T01:30", "2027-03-28T01:00", "2027-03-28T02:00"},
		{"across the spring gap", handrail.Recurrence{Start: handrail.At(0, 30), End: handrail.At(3, 0)}, "2028-03-26T12:00Z", "2028-03-26T00:30", "2028-03-26T00:30", "2028-03-26T02:00"},
		{"in the doubled hour", handrail.Recurrence{Start: handrail.At(1, 30), End: handrail.At(2, 0)}, "2027-10-31T12:00Z", "2027-10-31T01:30", "2027-10-31T00:30", "2027-10-31T02:00"},
		{"elsewhere", handrail.Recurrence{Start: handrail.At(9, 0), Zone: "Asia/Tokyo"}, "2027-07-05T23:30Z", "2027-07-06T09:00", "2027-07-06T00:00", "2027-07-06T00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			day, err := time.Parse("2006-01-02T15:04Z07:00", c.day)
			if err != nil {
				t.Fatal(err)
			}
			o, err := handrail.OccurrenceOn("act_1", c.w, day)
			if err != nil {
				t.Fatal(err)
			}
			want := cmp.Or(c.w.Zone, "Europe/London")
			if o.Activity != "act_1" || o.Zone != want || o.Local != c.local || o.Start.Format(handrail.LocalLayout) != c.from ||
				o.End.Format(handrail.LocalLayout) != c.end || o.Start.Location() != time.UTC {
				t.Errorf("%+v, want %s to %s", o, c.from, c.end)
			}
		})
	}
	if _, err := handrail.OccurrenceOn("act_1", handrail.Recurrence{Zone: "Mars/Olympus"}, noon()); err == nil {
		t.Error("a zone that is not there was taken")
	}
}
