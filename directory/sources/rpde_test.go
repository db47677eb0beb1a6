package sources

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"

	"pgregory.net/rapid"
)

func realPages(t testing.TB) []RPDEPage {
	t.Helper()
	var pages []RPDEPage
	for _, n := range []string{"1", "2", "3", "4-last"} {
		f, err := os.Open("../../../shared/data/derived/openactive-rpde-page" + n + ".json")
		if err != nil {
			t.Skipf("the shared data are not beside the repository: %v", err)
		}
		page, err := ReadRPDEPage(t.Context(), f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	return pages
}

func page(t testing.TB, items ...string) RPDEPage {
	t.Helper()
	p, err := ReadRPDEPage(t.Context(), strings.NewReader(`{"next":"https://x/?after=1","items":[`+strings.Join(items, ",")+`],"license":"https://creativecommons.org/licenses/by/4.0/"}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const (
	seriesA = `{"state":"updated","kind":"SessionSeries","id":"series-a","modified":5,"data":{"@type":"SessionSeries","@id":"https://p.example/api/session-series/series-a","name":"Tai chi","activity":[{"prefLabel":"Tai Chi"}],"ageRange":{"minValue":50},"isAccessibleForFree":true}}`
	early   = `{"state":"updated","kind":"ScheduledSession","id":1,"modified":"1580293007248000001","data":{"type":"ScheduledSession","superEvent":"https://p.example/api/session-series/series-a","startDate":"2026-12-01T10:00:00Z","endDate":"2026-12-01T11:00:00Z","remainingAttendeeCapacity":3,"maximumAttendeeCapacity":10}}`
	late    = `{"state":"updated","kind":"ScheduledSession","id":2,"modified":"1580293007248000002","data":{"type":"ScheduledSession","superEvent":"series-a","startDate":"2027-07-06T09:00:00Z","duration":"PT1H"}}`
)

func TestRPDE_RealPages(t *testing.T) {
	pages := realPages(t)
	if n := len(pages[3].Items); n != 0 || pages[3].Next != pages[2].Next || !strings.Contains(pages[0].License, "open-government-licence") {
		t.Errorf("%d items on the last page, next %s, licence %s", n, pages[3].Next, pages[0].License)
	}
	join := NewJoiner("rpde:test")
	for _, p := range pages {
		join.Apply(p)
	}
	r, gone := join.Take()
	if len(r.Activities) != 359 || r.Rejected() != 0 || len(gone) != 0 { // 374, of which 15 are deleted on the third page
		t.Fatalf("%d activities, %+v, %d gone", len(r.Activities), r.Reasons, len(gone))
	}
	times, older, adults := 0, 0, 0
	for _, a := range r.Activities {
		times += len(a.Times)
		switch a.MinAge {
		case 50:
			older++
		case 18:
			adults++
		}
		if a.UpdatedAt == nil || a.UpdatedAt.Year() != 2014 || a.Venue.At == nil || a.CheckedAt != nil {
			t.Fatalf("%+v", a)
		}
	}
	if times != 1240 || older != 25 || adults != 334 { // 1,193 schedules, 13 of them on several days
		t.Errorf("%d times, %d for over-fifties, %d for adults", times, older, adults)
	}
	again, _ := join.Take()
	if len(again.Activities) != 0 {
		t.Errorf("%d changed without a change", len(again.Activities))
	}
}

// ReadRPDE reads the pages as one saved feed, in one stream.
func TestReadRPDE_SavedFeed(t *testing.T) {
	var all []io.Reader
	for _, n := range []string{"1", "2", "3", "4-last"} {
		raw, err := os.ReadFile("../../../shared/data/derived/openactive-rpde-page" + n + ".json")
		if err != nil {
			t.Skipf("the shared data are not beside the repository: %v", err)
		}
		all = append(all, bytes.NewReader(raw), strings.NewReader("\n"))
	}
	r, err := ReadRPDE(t.Context(), io.MultiReader(all...), "rpde:test", AsOf(time.Date(2014, 9, 5, 0, 0, 0, 0, time.UTC)))
	if err != nil || len(r.Activities) != 359 || r.Records != 359 {
		t.Fatalf("%v, %d of %d", err, len(r.Activities), r.Records)
	}
	if r, err := ReadRPDE(t.Context(), strings.NewReader(`{"next":"x","items":[`+seriesA+`]} {"next":"x","items":[`), "x"); !handrail.IsKind(err, handrail.KindInvalid) || len(r.Activities) != 1 {
		t.Errorf("cut off: %v, %d", err, len(r.Activities))
	}
}

func TestRPDE_JoinsInAnyOrder(t *testing.T) {
	asOf := AsOf(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	for _, order := range [][]string{{seriesA, early, late}, {early, late, seriesA}, {late, seriesA, early}} {
		join := NewJoiner("rpde:test", asOf)
		var last handrail.Activity
		for _, item := range order { // each in a poll of its own, through JSON between any two
			join.Apply(page(t, item))
			if r, gone := join.Take(); len(r.Activities) > 0 {
				last = r.Activities[0]
			} else if len(gone) > 0 {
				t.Fatal("something is gone")
			}
			raw, err := json.Marshal(join)
			if err != nil {
				t.Fatal(err)
			}
			join = NewJoiner("rpde:test", asOf)
			if err := json.Unmarshal(raw, join); err != nil {
				t.Fatal(err)
			}
		}
		// One in winter and one in summer, at ten o'clock by the wall both times.
		want := []handrail.Recurrence{{Freq: handrail.OnDates, Start: handrail.At(10, 0), End: handrail.At(11, 0), Also: []handrail.Date{"2026-12-01", "2027-07-06"}}}
		if last.ID != "series-a" || !equalTimes(last.Times, want) || last.MinAge != 50 || !last.Cost.Free() || last.Source != "rpde:test" {
			t.Errorf("%+v", last)
		}
		if p := join.Places(); len(p) != 1 || p[0] != (Places{ID: "series-a", On: "2026-12-01", At: handrail.At(10, 0), Left: 3, Of: 10}) {
			t.Errorf("places: %+v", p)
		}
		if join.Waiting() != 0 {
			t.Errorf("%d sessions wait for a series", join.Waiting())
		}
	}
}

func TestRPDE_Deletions(t *testing.T) {
	join := NewJoiner("x")
	join.Apply(page(t, seriesA, early))
	if r, _ := join.Take(); len(r.Activities) != 1 || len(r.Activities[0].Times) != 1 {
		t.Fatalf("%+v", r)
	}
	join.Apply(page(t, `{"state":"deleted","kind":"ScheduledSession","id":1,"modified":1580293007248000000}`))
	if r, gone := join.Take(); len(r.Activities)+len(gone) != 0 {
		t.Errorf("an older deletion counted: %+v %v", r, gone)
	}
	join.Apply(page(t, `{"state":"deleted","kind":"ScheduledSession","id":1,"modified":1580293007248000009}`))
	if r, gone := join.Take(); len(r.Activities) != 1 || len(r.Activities[0].Times) != 0 || len(gone) != 0 {
		t.Errorf("%+v %v", r, gone)
	}
	join.Apply(page(t, `{"state":"deleted","kind":"SessionSeries","id":"series-a","modified":6}`, `{"state":"deleted","kind":"SessionSeries","id":"never-seen","modified":6}`))
	if r, gone := join.Take(); len(r.Activities) != 0 || !slices.Equal(gone, []handrail.ActivityID{"series-a"}) {
		t.Errorf("%+v %v", r, gone)
	}
	// Gone and back within one round is changed, and not gone.
	join.Apply(page(t, seriesA))
	join.Take()
	join.Apply(page(t, `{"state":"deleted","kind":"SessionSeries","id":"series-a","modified":7}`, strings.Replace(seriesA, `"modified":5`, `"modified":8`, 1)))
	if r, gone := join.Take(); len(r.Activities) != 1 || len(gone) != 0 {
		t.Errorf("%+v %v", r, gone)
	}
}

func TestRPDE_Versions(t *testing.T) {
	for _, c := range []struct {
		than, modified string
		want           bool
	}{
		{"9", "10", true}, {"10", "9", false}, {"5", "5", true}, {"1580293007248000001", "1580293007248000002", true}, {"0010", "9", false},
		{"2014-09-15T09:12:51.706+01:00", "2014-09-15T09:12:52.000+01:00", true}, {"2014-09-16", "2014-09-15", false}, {"", "1", true}, {"1", "2014-09-15", true},
	} {
		if got := newer(c.than, c.modified); got != c.want {
			t.Errorf("%s may take the place of %s: %v", c.modified, c.than, got)
		}
	}
	for in, want := range map[string]string{"1409875200": "2014-09-05", "1580293007248": "2020-01-29", "2014-09-15T09:12:51.706+01:00": "2014-09-15", "12": "", "x": ""} {
		got := ""
		if at := modifiedAt(in); at != nil {
			got = at.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

// series wraps the data of one series and gives its listing.
func oneSeries(t *testing.T, data string, sessions ...string) handrail.Activity {
	t.Helper()
	join := NewJoiner("rpde:x")
	join.Apply(page(t, append([]string{`{"state":"updated","kind":"SessionSeries","id":"the-series","modified":1,"data":{"name":"N",` + data + `}}`}, sessions...)...))
	r, _ := join.Take()
	if len(r.Activities) != 1 {
		t.Fatalf("%s: %+v", data, r)
	}
	return r.Activities[0]
}

func TestRPDE_Schedules(t *testing.T) {
	at := handrail.At
	type rec = handrail.Recurrence
	for data, want := range map[string][]rec{
		`"eventSchedule":[{"byDay":["https://schema.org/Thursday"],"duration":"PT3H","repeatFrequency":"P7D","startDate":"2020-01-02","endDate":"2020-12-04","startTime":"11:00","exceptDate":["2020-07-23T11:00:00.000Z","2020-07-30"]}]`: {
			{Day: 4, Start: at(11, 0), End: at(14, 0), From: "2020-01-02", Until: "2020-12-04", Except: []handrail.Date{"2020-07-23", "2020-07-30"}}},
		`"eventSchedule":{"byDay":["MO","schema:Wednesday","http://schema.org/Friday"],"repeatFrequency":"P1W","startTime":"09:30","endTime":"10:15"}`: {
			{Day: 1, Start: at(9, 30), End: at(10, 15)}, {Day: 5, Start: at(9, 30), End: at(10, 15)}},
		`"eventSchedule":[{"byDay":["https://schema.org/Tuesday"],"repeatFrequency":"P2W","startDate":"2026-01-06","startTime":"10:00"}]`: {{Day: 2, Start: at(10, 0), Every: 2, From: "2026-01-06"}},
		`"eventSchedule":[{"byDay":["2WE"],"repeatFrequency":"P1M","startTime":"10:00"}]`:                                                 {{Freq: handrail.Monthly, Nth: 2, Day: 3, Start: at(10, 0)}},
		`"eventSchedule":[{"byMonthDay":[1,15],"repeatFrequency":"P1M","startTime":"10:00"}]`: {
			{Freq: handrail.Monthly, MonthDay: 1, Start: at(10, 0)}, {Freq: handrail.Monthly, MonthDay: 15, Start: at(10, 0)}},
		`"eventSchedule":[{"byDay":["https://schema.org/Monday"],"repeatFrequency":"P1W","startDate":"2026-01-05","repeatCount":3,"startTime":"10:00"}]`: {{Day: 1, Start: at(10, 0), From: "2026-01-05", Until: "2026-01-19"}},
		`"eventSchedule":[{"byDay":["https://schema.org/Monday"],"repeatFrequency":"P1W","byMonth":[2],"startTime":"10:00"}]`:                            nil,
		`"eventSchedule":[{"byDay":["https://schema.org/Monday"],"repeatFrequency":"P1M","startTime":"10:00"}]`:                                          nil,
		`"eventSchedule":[{"byDay":["https://schema.org/Monday"],"repeatFrequency":"sometimes","startTime":"10:00"}]`:                                    nil,
		`"startDate":"2018-01-01","endDate":"2018-12-31","subEvent":[{"type":"ScheduledSession","startDate":"2018-09-05T18:00:00","endDate":"2018-09-05T19:00:00"}]`: {
			{Freq: handrail.OnDates, Start: at(18, 0), End: at(19, 0), Also: []handrail.Date{"2018-09-05"}}},
	} {
		if got := oneSeries(t, data).Times; !equalTimes(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", data, got, want)
		}
	}
	// A cancelled session of a scheduled series is an exception.
	a := oneSeries(t, `"eventSchedule":[{"byDay":["https://schema.org/Tuesday"],"repeatFrequency":"P1W","startTime":"10:00"}]`,
		`{"state":"updated","kind":"ScheduledSession","id":"s1","modified":1,"data":{"superEvent":"the-series","startDate":"2026-12-01T10:00:00Z","eventStatus":"https://schema.org/EventCancelled"}}`,
		`{"state":"updated","kind":"ScheduledSession","id":"s2","modified":1,"data":{"superEvent":"the-series","startDate":"2026-12-08T10:00:00Z"}}`)
	if !equalTimes(a.Times, []rec{{Day: 2, Start: at(10, 0), Except: []handrail.Date{"2026-12-01"}}}) {
		t.Errorf("%+v", a.Times)
	}
}

func TestRPDE_WhoAndWhat(t *testing.T) {
	for data, check := range map[string]func(a handrail.Activity) bool{
		`"description":"x"`:                                                                                 func(a handrail.Activity) bool { return a.MinAge == 18 && a.MaxAge == 0 }, // no ageRange: adults
		`"ageRange":{"maxValue":16}`:                                                                        func(a handrail.Activity) bool { return a.MinAge == 0 && a.MaxAge == 16 },
		`"ageRange":{"minValue":"60"}`:                                                                      func(a handrail.Activity) bool { return a.MinAge == 60 },
		`"genderRestriction":"oa:FemaleOnly"`:                                                               func(a handrail.Activity) bool { return a.For == handrail.SexWomen },
		`"offers":[{"price":0,"name":"Adult"}]`:                                                             func(a handrail.Activity) bool { return a.Cost.Free() },
		`"offers":[{"price":"5.00","priceCurrency":"GBP"},{"price":3}]`:                                     func(a handrail.Activity) bool { return a.Cost.Pence == 500 },
		`"isAccessibleForFree":true,"offers":[{"price":5}]`:                                                 func(a handrail.Activity) bool { return !a.Cost.Known },
		`"isAccessibleForFree":false,"offers":[{"price":0}]`:                                                func(a handrail.Activity) bool { return !a.Cost.Known },
		`"isAccessibleForFree":true`:                                                                        func(a handrail.Activity) bool { return a.Cost.Free() },
		`"offers":[]`:                                                                                       func(a handrail.Activity) bool { return !a.Cost.Known },
		`"genderRestriction":["https://openactive.io/FemaleOnly"]`:                                          func(a handrail.Activity) bool { return a.For == handrail.SexWomen },
		`"genderRestriction":"https://openactive.io/MaleOnly"`:                                              func(a handrail.Activity) bool { return a.For == handrail.SexMen },
		`"genderRestriction":"https://openactive.io/NoRestriction"`:                                         func(a handrail.Activity) bool { return a.For == "" },
		`"activity":{"prefLabel":"Yoga"},"category":["Gentle"]`:                                             func(a handrail.Activity) bool { return slices.Equal(a.Topics, []string{"Yoga", "Gentle"}) },
		`"eventStatus":"https://schema.org/EventCancelled"`:                                                 func(a handrail.Activity) bool { return a.Status == handrail.ActivityInactive },
		`"eventStatus":"https://schema.org/EventPostponed"`:                                                 func(a handrail.Activity) bool { return a.Status == handrail.ActivityPaused },
		`"location":{"name":"52.0406224, -0.7594171","geo":{"latitude":52.0406224,"longitude":-0.7594171}}`: func(a handrail.Activity) bool { return a.Venue.Name == "" && a.Venue.At != nil },
		`"location":{"name":"Hall","address":"1 Row, Luton","telephone":"01632 960101","amenityFeature":[{"name":"Parking","value":true},{"name":"Lift","value":false}]}`: func(a handrail.Activity) bool {
			return a.Venue.Line() == "Hall, 1 Row, Luton" && a.Organiser.Phone == "01632 960101" && a.Access.Parking == handrail.Yes && a.Access.StepFree == 0
		},
		`"eventAttendanceMode":"https://schema.org/OnlineEventAttendanceMode","location":{"name":"Office"}`: func(a handrail.Activity) bool { return a.Venue == handrail.Venue{} },
		`"meetingPoint":"By the bandstand","attendeeInstructions":"<p>Bring water</p>"`:                     func(a handrail.Activity) bool { return a.Description == "Meeting point: By the bandstand\nBring water" },
		`"superEvent":{"@type":"EventSeries","@id":"e","name":"E","description":"From above","ageRange":{"minValue":14}}`: func(a handrail.Activity) bool {
			return a.Description == "From above" && a.MinAge == 14 && a.Name == "N"
		},
	} {
		if a := oneSeries(t, data); !check(a) {
			t.Errorf("%s: %+v", data, a)
		}
	}
}

// Series that are only known from inside their sessions come and go with them, and give way to the series itself.
func TestRPDE_SeriesInsideSessions(t *testing.T) {
	session := func(id, state string) string {
		if state == "deleted" {
			return `{"state":"deleted","kind":"Event","id":"` + id + `","modified":9}`
		}
		return `{"state":"updated","kind":"Event","id":"` + id + `","modified":1,"data":{"@type":"Event","startDate":"2026-12-0` + id + `T07:00:00+00:00","endDate":"2026-12-0` + id + `T08:00:00+00:00",
			"location":{"name":"Gym"},"superEvent":{"@type":"EventSeries","@id":"https://e.example/series/7837","name":"WOD","ageRange":{"minValue":14}}}}`
	}
	join := NewJoiner("x")
	join.Apply(page(t, session("1", ""), session("2", "")))
	r, _ := join.Take()
	if len(r.Activities) != 1 || r.Activities[0].Venue.Name != "Gym" || len(r.Activities[0].Times) != 1 || len(r.Activities[0].Times[0].Also) != 2 || r.Activities[0].MinAge != 14 {
		t.Fatalf("%+v", r)
	}
	join.Apply(page(t, session("1", "deleted")))
	if r, gone := join.Take(); len(r.Activities) != 1 || len(gone) != 0 {
		t.Errorf("%+v %v", r, gone)
	}
	join.Apply(page(t, `{"state":"updated","kind":"EventSeries","id":"own-7837","modified":1,"data":{"@type":"EventSeries","@id":"https://e.example/series/7837","name":"WOD itself"}}`))
	r, gone := join.Take()
	if len(r.Activities) != 1 || r.Activities[0].Name != "WOD itself" || len(r.Activities[0].Times) != 1 || len(gone) != 1 {
		t.Errorf("%+v %v", r, gone)
	}
	join.Apply(page(t, session("2", "deleted")))
	if r, gone := join.Take(); len(r.Activities) != 1 || len(r.Activities[0].Times) != 0 || len(gone) != 0 {
		t.Errorf("%+v %v", r, gone)
	}
}

func TestRPDE_BadItems_B23(t *testing.T) {
	join := NewJoiner("rpde:x")
	join.Apply(page(t, `{"state":"updated","kind":"SessionSeries","id":"n","modified":1}`, `{"state":"lost","kind":"SessionSeries","id":"o","modified":1}`,
		`{"state":"updated","kind":"SessionSeries","modified":1,"data":{"name":"no id"}}`, `5`, `{"state":"updated","data":NaN}`,
		`{"state":"updated","kind":"FacilityUse","id":"court","modified":1,"data":{"@type":"FacilityUse","name":"Court"}}`,
		`{"state":"updated","kind":"SessionSeries","id":"nameless","modified":1,"data":{"url":"x"}}`,
		`{"state":"updated","kind":"ScheduledSession","id":"s","modified":1,"data":{"superEvent":"x","startDate":"soon"}}`,
		`{"state":"updated","kind":"SessionSeries","id":17,"modified":12345678901234567890,"data":{"name":"Good"}}`))
	r, _ := join.Take()
	if len(r.Activities) != 1 || r.Activities[0].ID != "17" || r.Rejected() != 8 || len(r.Problems) != 8 {
		t.Errorf("%d, %+v", len(r.Activities), r.Problems)
	}
	for _, bad := range []string{"", "[]", `{"items":[]}`, `{"next":"x"}`, `{"next":"x","items":[`, "<html>"} {
		if _, err := ReadRPDEPage(t.Context(), strings.NewReader(bad)); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := NewJoiner("x").UnmarshalJSON([]byte(`{"Version":2}`)); err == nil {
		t.Error("another version's state is read")
	}
}

// However a history is cut into polls, and whatever is applied twice, what is listed at the end is the same.
func TestRPDE_TheEndIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items []Item
		for n := range rapid.IntRange(1, 25).Draw(t, "items") {
			series := rapid.IntRange(1, 3).Draw(t, "series")
			item := Item{Kind: "SessionSeries", ID: fmt.Sprintf("series-%d", series), Modified: fmt.Sprint(n + 1)}
			data := fmt.Sprintf(`{"@id":"https://x/series-%d","name":"Series %d.%d"}`, series, series, n)
			if rapid.Bool().Draw(t, "a session") {
				item.Kind, item.ID = "ScheduledSession", fmt.Sprintf("session-%d", rapid.IntRange(1, 5).Draw(t, "session"))
				data = fmt.Sprintf(`{"superEvent":"https://x/series-%d","startDate":"2026-12-%02dT10:00:00Z"}`, series, n+1)
			}
			if item.Deleted = rapid.IntRange(0, 3).Draw(t, "gone") == 0; !item.Deleted {
				item.Data = json.RawMessage(data)
			}
			items = append(items, item)
		}
		whole := NewJoiner("x")
		whole.Apply(RPDEPage{Items: items})
		want, _ := whole.Take()
		listed := map[handrail.ActivityID]string{}
		polled := NewJoiner("x")
		for at := 0; at < len(items); {
			n := rapid.IntRange(1, 6).Draw(t, "page")
			from := max(0, at-rapid.IntRange(0, 2).Draw(t, "again")) // some come a second time
			polled.Apply(RPDEPage{Items: items[from:min(at+n, len(items))]})
			at += n
			changed, gone := polled.Take()
			for _, id := range gone {
				delete(listed, id)
			}
			for _, a := range changed.Activities {
				listed[a.ID] = fmt.Sprint(a.Name, a.Times)
			}
		}
		got := map[handrail.ActivityID]string{}
		for _, a := range want.Activities {
			got[a.ID] = fmt.Sprint(a.Name, a.Times)
		}
		if fmt.Sprint(got) != fmt.Sprint(listed) || fmt.Sprint(len(polled.All())) != fmt.Sprint(len(got)) {
			t.Fatalf("at once %v\nin polls %v", got, listed)
		}
	})
}

func FuzzReadV1(f *testing.F) {
	for _, s := range []string{`{"content":[{"id":"a","name":"A","regular_schedules":[{"weekday":"Monday","opens_at":"10:00"}]}]}`, `{"contents":[{"id":1,"name":"x","age_band_0_4":true,"holiday_schedules":[{"closed":true,"start_date":"0000-01-01","end_date":"9999-01-01"}]}]}`, `[{`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ReadV1(context.Background(), strings.NewReader(s), "fuzz")
		if err != nil && !handrail.IsKind(err, handrail.KindInvalid) {
			t.Fatal(err)
		}
		for _, a := range r.Activities {
			sound(t, a)
		}
		if p, err := ReadPage(context.Background(), strings.NewReader(s), OpenReferral1, "fuzz"); err == nil && len(p.Shallow) > len(p.Activities) {
			t.Fatal("more summaries than records")
		}
	})
}

func FuzzReadRPDE(f *testing.F) {
	for _, s := range []string{`{"next":"x","items":[` + seriesA + `,` + early + `,` + late + `]}`, `{"next":"x","items":[{"state":"deleted","kind":"SessionSeries","id":"series-a","modified":6}]}{"next":"x","items":[]}`,
		`{"next":"x","items":[{"state":"updated","kind":"Event","id":"1","data":{"superEvent":{"name":"W"},"startDate":"2026-01-01T10:00"}}]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ReadRPDE(context.Background(), strings.NewReader(s), "fuzz")
		if err != nil && !handrail.IsKind(err, handrail.KindInvalid) {
			t.Fatal(err)
		}
		seen := map[handrail.ActivityID]bool{}
		for _, a := range r.Activities {
			sound(t, a)
			seen[a.ID] = true
		}
	})
}

// sound says what must be true of any activity that a reader gives.
func sound(t *testing.T, a handrail.Activity) {
	t.Helper()
	if a.ID == "" || a.Name == "" || a.Standing.Assured != nil || a.Venue.At != nil && !inUK(a.Venue.At.Lat, a.Venue.At.Lon) || a.MinAge < 0 || a.MaxAge < 0 || len(a.Times) > maxTimes {
		t.Fatalf("%+v", a)
	}
	for _, w := range a.Times {
		if w.Start < 0 || w.Start >= 24*60 || w.End < 0 || w.End >= 24*60 || w.Day < 0 || w.Day > 6 || len(w.Except) > 400 {
			t.Fatalf("%+v", w)
		}
	}
}

func BenchmarkReadRPDE_RealPages(b *testing.B) {
	pages := realPages(b)
	b.ReportAllocs()
	for b.Loop() {
		join := NewJoiner("bench")
		for _, p := range pages {
			join.Apply(p)
		}
		if r, _ := join.Take(); len(r.Activities) != 359 {
			b.Fatal(len(r.Activities))
		}
	}
}
