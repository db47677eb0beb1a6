package publish_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/directory/sources"
)

// Ids are for ever: a client that harvested yesterday knows today's listings by them.
func TestIDs(t *testing.T) {
	r := newRig(t, group("demo-tuesday-growers", "A"), group("B5E0C1F2-6C3B-4D7E-9A8B-0123456789AB", "B"), group("b5e0c1f2-6c3b-4d7e-9a8b-0123456789ab", "C"))
	got := map[string]string{}
	for _, c := range read[page](t, r.get("/services")).Contents {
		s := read[struct{ ID, Name string }](t, c)
		got[s.Name] = s.ID
	}
	// The second of two ids that differ in letter case gets one of its own.
	want := map[string]string{"A": "ace7c0b4-1c08-5e5a-915d-c60fc7cf2674", "B": "b5e0c1f2-6c3b-4d7e-9a8b-0123456789ab", "C": "5a65cca2-0625-5abd-9530-2e897e269c34"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
	if s := read[struct{ Name string }](t, r.get("/services/B5E0C1F2-6C3B-4D7E-9A8B-0123456789AB")); s.Name != "B" {
		t.Errorf("asked in capitals: %q", s.Name)
	}
}

func TestSchedules(t *testing.T) {
	at := handrail.At
	for _, c := range []struct {
		times []handrail.Recurrence
		words string
		want  string
	}{
		{nil, "", `null`},
		{nil, "Most Tuesdays", `[{"description":"Most Tuesdays"}]`},
		{[]handrail.Recurrence{{Day: 2, Start: at(10, 0), End: at(12, 30)}}, "Tue 10-12.30", `[{"freq":"WEEKLY","interval":1,"byday":"TU","description":"Tue 10-12.30","opens_at":"10:00","closes_at":"12:30"}]`},
		{[]handrail.Recurrence{{Day: 0, Start: at(9, 5)}}, "", `[{"freq":"WEEKLY","interval":1,"byday":"SU","opens_at":"09:05"}]`},
		{[]handrail.Recurrence{{Day: 5, Every: 2, From: "2026-11-06", Until: "2027-03-31", Start: at(19, 0), End: at(21, 0)}}, "", `[{"valid_from":"2026-11-06","valid_to":"2027-03-31","dtstart":"2026-11-06","freq":"WEEKLY","interval":2,"byday":"FR","opens_at":"19:00","closes_at":"21:00"}]`},
		{[]handrail.Recurrence{{Freq: handrail.Monthly, Nth: 2, Day: 1, Start: at(14, 0), Certainty: handrail.CertaintyRead}}, "", `[{"freq":"MONTHLY","interval":1,"byday":"2MO","opens_at":"14:00"}]`},
		{[]handrail.Recurrence{{Freq: handrail.Monthly, Nth: -1, Day: 5, Start: at(14, 0)}}, "", `[{"freq":"MONTHLY","interval":1,"byday":"-1FR","opens_at":"14:00"}]`},
		{[]handrail.Recurrence{{Freq: handrail.Monthly, MonthDay: -1, Start: at(14, 0)}}, "", `[{"freq":"MONTHLY","interval":1,"bymonthday":"-1","opens_at":"14:00"}]`},
		{[]handrail.Recurrence{{Day: 3, Start: at(10, 0), Zone: "Europe/Dublin"}}, "", `[{"freq":"WEEKLY","interval":1,"byday":"WE","opens_at":"10:00","timezone":"Europe/Dublin"}]`},
		{[]handrail.Recurrence{{Day: 4, Start: at(10, 0), Holidays: handrail.No, TermOnly: true, Except: []handrail.Date{"2026-12-31", "2026-12-24"}}}, "",
			`[{"freq":"WEEKLY","interval":1,"byday":"TH","opens_at":"10:00","notes":"Not on bank holidays. In school terms only. Not on Thursday 24 December 2026, Thursday 31 December 2026."}]`},
		{[]handrail.Recurrence{{Freq: handrail.OnDates, Also: []handrail.Date{"2026-12-05", "2026-12-12"}, Start: at(11, 0), End: at(15, 0)}}, "",
			`[{"valid_from":"2026-12-05","valid_to":"2026-12-05","dtstart":"2026-12-05","opens_at":"11:00","closes_at":"15:00"},{"valid_from":"2026-12-12","valid_to":"2026-12-12","dtstart":"2026-12-12","opens_at":"11:00","closes_at":"15:00"}]`},
		// A guess is the listing's own words and no more.
		{[]handrail.Recurrence{{Day: 2, Start: at(10, 0), Certainty: handrail.CertaintyGuessed, Also: []handrail.Date{"2026-12-05"}}}, "Tues or thereabouts", `[{"description":"Tues or thereabouts"}]`},
	} {
		a := group("g", "G")
		a.Times, a.WhenText = c.times, c.words
		r := newRig(t, a)
		s := read[struct{ Schedules []map[string]any }](t, first(t, r))
		ids := map[any]bool{}
		for _, one := range s.Schedules {
			if id, ok := one["id"].(string); !ok || len(id) != 36 || ids[id] {
				t.Errorf("id %v", one["id"])
			}
			ids[one["id"]] = true
			delete(one, "id")
		}
		var want []map[string]any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(s.Schedules) != fmt.Sprint(want) {
			t.Errorf("%+v:\n got %v\nwant %v", c.times, s.Schedules, want)
		}
	}
}

// first is the first service, nested.
func first(t testing.TB, r *rig) json.RawMessage {
	t.Helper()
	return read[page](t, r.get("/services?full=true")).Contents[0]
}

func TestListing_Fields(t *testing.T) {
	yesterday, lastYear := noon.AddDate(0, 0, -1), noon.AddDate(-1, 0, 0)
	a := group("g", "Hearing Voices Group")
	a.Sensitive = true // public all the same: it is what its publisher calls it
	a.CheckedAt, a.UpdatedAt = &lastYear, &lastYear
	a.MinAge, a.MaxAge = 18, 30
	a.Cost = handrail.Cost{Known: true, Pence: 250, Text: "£2.50 with tea"}
	a.Languages = []string{"Welsh"}
	a.Access = handrail.Access{StepFree: handrail.Yes, Toilet: handrail.No, Parking: handrail.Yes, Text: "Ramp at the side"}
	a.Venue = handrail.Venue{Name: "The Hut", Postcode: "LU1 1AA", At: &handrail.Point{Lat: 51.88, Lon: -0.42}}
	a.Facts = []handrail.Fact{{Kind: handrail.FactAccreditation, Value: "Quality mark", On: "2026-01-01"}, {Kind: handrail.FactFundingEnd, Value: "2027-03-31", On: "2026-01-01"}}
	a.Standing.Assured = &handrail.Assurance{At: yesterday, By: handrail.AssurerOrganiser, How: "chat"}
	a.Standing.ModifiedAt = yesterday.Add(time.Hour)
	a.Standing.Paused = true
	a.Standing.Cancelled = []handrail.Cancellation{{On: "2026-11-24", Reason: "Jo's funeral"}, {On: "2026-11-17"}, {On: "2026-11-22"}}
	raw := string(first(t, newRig(t, a)))
	for _, want := range []string{
		`"name":"Hearing Voices Group"`, `"status":"active"`, `"assured_date":"2026-11-21"`, `"last_modified":"2026-11-21T13:00:00Z"`,
		`"minimum_age":18,"maximum_age":30`, `"accreditations":"Quality mark"`, `"option":"£2.50 with tea","amount":2.5,"currency":"GBP"`,
		`"alert":"Not taking new people for now. Not on Tuesday 24 November 2026. Not on Sunday 22 November 2026."`, `"name":"Welsh"`,
		`"address_1":"The Hut","city":"","state_province":"","postal_code":"LU1 1AA"`,
		`"description":"Ramp at the side","details":"The toilet cannot take a wheelchair. Parking available."`,
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %s in %s", want, raw)
		}
	}
	// What somebody said of a day, or of the money, is not for everybody.
	for _, secret := range []string{"funeral", "funding", "2027-03-31", "organiser", "chat"} {
		if strings.Contains(raw, secret) {
			t.Errorf("%q is told", secret)
		}
	}
}

// Nothing of what is known here of a listing is published but what TestListing_Fields lists (G3).
func TestListing_StandingStaysHere(t *testing.T) {
	at := noon.AddDate(0, 0, -3)
	plain := group("g", "G")
	watched := plain
	watched.Standing = handrail.Standing{CreatedAt: at, AskedAt: &at, AnsweredAt: &at, Silences: 5, Answers: 7, ReportedClosed: &at, AttendedAt: &at}
	if x, y := first(t, newRig(t, plain)), first(t, newRig(t, watched)); !bytes.Equal(x, y) {
		t.Errorf("%s\n%s", x, y)
	}
}

// What we publish, we read again as the same, so far as the format carries it; published and read once more, nothing has
// grown.
func TestRoundTrip(t *testing.T) {
	for name, all := range map[string][]handrail.Activity{"demo": demoGroups(t), "edinburgh": edinburgh(t)} {
		t.Run(name, func(t *testing.T) {
			again := harvest(t, newRig(t, all...))
			byID, byName := map[handrail.ActivityID]handrail.Activity{}, map[string]handrail.Activity{}
			for _, a := range again {
				byID[a.ID], byName[a.Name] = a, a
			}
			same(t, all, func(a handrail.Activity) handrail.Activity {
				b, ok := byID[a.ID]
				if !ok { // the demo's ids are no UUIDs; its names are its own
					b = byName[a.Name]
				}
				if !strings.Contains(b.Access.Text, strings.TrimRight(a.Access.Text, " .")) {
					t.Errorf("access %q became %q", a.Access.Text, b.Access.Text)
				}
				b.Access.Text = a.Access.Text // with what is known besides in words
				return b
			})
			again = again[:min(len(again), 200)] // the rest would only take longer
			third := map[handrail.ActivityID]handrail.Activity{}
			for _, a := range harvest(t, newRig(t, again...)) {
				third[a.ID] = a
			}
			same(t, again, func(a handrail.Activity) handrail.Activity { return third[a.ID] })
		})
	}
}

// harvest reads all pages as our own importer does.
func harvest(t *testing.T, r *rig) (all []handrail.Activity) {
	t.Helper()
	for n, last := 1, false; !last; n++ {
		raw := r.get(fmt.Sprintf("/services?full=true&per_page=100&page=%d", n))
		last = read[page](t, raw).LastPage
		got, err := sources.Read(context.Background(), bytes.NewReader(raw), "oruk:again")
		if err != nil || len(got.Problems) > 0 {
			t.Fatalf("page %d: %v %+v", n, err, got.Problems)
		}
		all = append(all, got.Activities...)
	}
	return all
}

func same(t *testing.T, all []handrail.Activity, other func(handrail.Activity) handrail.Activity) {
	t.Helper()
	wrong := 0
	for _, a := range all {
		if x, y := carried(a), carried(other(a)); x != y {
			if wrong++; wrong <= 3 {
				t.Errorf("published\n%s\nread again\n%s", x, y)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d are not the same", wrong, len(all))
	}
}

// carried is what of an activity the format carries, in one line for comparing.
func carried(a handrail.Activity) string {
	a.ID, a.Source, a.Organiser.ID, a.Standing, a.Facts = "", "", "", handrail.Standing{}, nil
	var times []string
	for _, r := range a.Times {
		if r.Certain() { // read from prose or said by a field: once published it is said
			r.Certainty = handrail.CertaintySaid
			times = append(times, fmt.Sprintf("%+v", r))
		}
	}
	slices.Sort(times)
	a.Times = nil
	var topics []string
	for _, t := range a.Topics {
		if t = strings.ToLower(t); t != "women only" && t != "men only" { // the term for whom it is is read as a topic, too
			topics = append(topics, t)
		}
	}
	a.Topics = nil
	a.Access.Text = strings.TrimRight(a.Access.Text, " .")
	day := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return t.UTC().Format(time.DateOnly)
	}
	dates := day(a.CheckedAt) + " " + day(a.UpdatedAt)
	a.CheckedAt, a.UpdatedAt = nil, nil
	at := ""
	if a.Venue.At != nil {
		at = fmt.Sprint(*a.Venue.At)
	}
	a.Venue.At = nil
	return fmt.Sprintf("%+v %v %v %s %s", a, times, topics, dates, at)
}

// Times of every kind that the format has come back as they went.
func TestRoundTrip_Times(t *testing.T) {
	at := handrail.At
	for _, r := range []handrail.Recurrence{
		{Day: time.Tuesday, Start: at(10, 0), End: at(12, 0)},
		{Day: time.Sunday, Start: at(9, 5)},
		{Day: time.Friday, Every: 2, From: "2026-11-06", Until: "2027-03-26", Start: at(19, 0), End: at(21, 0)},
		{Freq: handrail.Monthly, Nth: 2, Day: time.Monday, Start: at(14, 0), End: at(15, 30)},
		{Freq: handrail.Monthly, Nth: -1, Day: time.Friday, Start: at(14, 0)},
		{Freq: handrail.Monthly, MonthDay: 5, Start: at(14, 0)},
		{Freq: handrail.Monthly, Every: 3, From: "2026-01-01", Nth: 1, Day: time.Saturday, Start: at(11, 0)},
		{Freq: handrail.OnDates, Also: []handrail.Date{"2026-12-05"}, Start: at(11, 0), End: at(15, 0)},
	} {
		a := group("g", "G")
		a.Times = []handrail.Recurrence{r}
		again := harvest(t, newRig(t, a))
		if len(again) != 1 || len(again[0].Times) != 1 || !again[0].Times[0].Equal(r) {
			t.Errorf("%+v\nbecame %+v, %q", r, again[0].Times, again[0].WhenText)
		}
	}
}
