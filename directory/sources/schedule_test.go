package sources

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"

	"pgregory.net/rapid"
)

func equalTimes(a, b []handrail.Recurrence) bool {
	return slices.EqualFunc(a, b, handrail.Recurrence.Equal)
}

func TestRead_Times(t *testing.T) {
	at := handrail.At
	type rec = handrail.Recurrence
	w := func(d time.Weekday, from, to handrail.Clock) rec { return rec{Day: d, Start: from, End: to} }
	nth := func(n int, d time.Weekday, from, to handrail.Clock) rec {
		return rec{Freq: handrail.Monthly, Nth: n, Day: d, Start: from, End: to}
	}
	ten, noon := at(10, 0), at(12, 0)
	for _, c := range []struct {
		name     string
		schedule string
		times    []rec
		words    string
		problem  string
	}{
		{"two days", `"freq":"WEEKLY","byday":"TU,WE","opens_at":"10:00","closes_at":"12:00"`, []rec{w(2, ten, noon), w(3, ten, noon)}, "", ""},
		{"a list of days", `"freq":"WEEKLY","byday":["TU","WE"],"opens_at":"10:00"`, []rec{w(2, ten, 0), w(3, ten, 0)}, "", ""},
		{"seconds", `"byday":"TH","opens_at":"10:00:00","closes_at":"11:30:00","description":"Thursday mornings"`, []rec{w(4, ten, at(11, 30))}, "Thursday mornings", ""},
		{"a zone nobody means", `"byday":"FR","opens_at":"10:00Z"`, []rec{w(5, ten, 0)}, "", ""},
		{"clock of people", `"byday":"SU","opens_at":"7.30pm","closes_at":"9pm"`, []rec{w(0, at(19, 30), at(21, 0))}, "", ""},
		{"Outpost", `"weekday":"Thursday","freq":"week","opens_at":"10:00"`, []rec{w(4, ten, 0)}, "", ""},
		{"ends before it begins", `"byday":"MO","opens_at":"14:00","closes_at":"13:00"`, []rec{w(1, at(14, 0), 0)}, "", ""},
		{"every other week from a date", `"freq":"WEEKLY","byday":"FR","opens_at":"10:00+01:00","interval":2,"dtstart":"2026-01-09"`,
			[]rec{{Day: 5, Start: ten, Every: 2, From: "2026-01-09"}}, "", ""},
		{"every other week, valid later, in an odd week", `"freq":"WEEKLY","byday":"FR","opens_at":"10:00","interval":2,"dtstart":"2026-01-09","valid_from":"2026-01-15"`,
			[]rec{{Day: 5, Start: ten, Every: 2, From: "2026-01-19"}}, "", ""},
		{"every other week, valid later, in an even week", `"freq":"WEEKLY","byday":"FR","opens_at":"10:00","interval":"2","dtstart":"2026-01-09","valid_from":"2026-01-21"`,
			[]rec{{Day: 5, Start: ten, Every: 2, From: "2026-01-21"}}, "", ""},
		{"every other week from nowhere", `"byday":"FR","opens_at":"10:00","interval":2`, []rec{{Day: 5, Start: ten, Every: 2}}, "", badAnchor},
		{"every other month", `"freq":"MONTHLY","byday":"1MO","opens_at":"10:00","interval":2,"dtstart":"2026-01-05","valid_from":"2026-02-10"`,
			[]rec{{Freq: handrail.Monthly, Nth: 1, Day: 1, Start: ten, Every: 2, From: "2026-03-01"}}, "", ""},
		{"first Monday", `"freq":"MONTHLY","byday":"1MO","opens_at":"10:00","closes_at":"12:00"`, []rec{nth(1, 1, ten, noon)}, "", ""},
		{"second and fourth Tuesday", `"freq":"MONTHLY","byday":"2TU,4TU","opens_at":"10:00","description":"2nd and 4th Tuesday"`,
			[]rec{nth(2, 2, ten, 0), nth(4, 2, ten, 0)}, "2nd and 4th Tuesday", ""},
		{"last Friday, said to be weekly", `"freq":"WEEKLY","byday":"-1FR","opens_at":"10:00"`,
			[]rec{{Freq: handrail.Monthly, Nth: -1, Day: 5, Start: ten, Certainty: handrail.CertaintyRead}}, "", mendedMonthly},
		{"second Monday by its days", `"freq":"MONTHLY","byday":"MO","bymonthday":"8,9,10,11,12,13,14","opens_at":"10:00"`, []rec{nth(2, 1, ten, 0)}, "", ""},
		{"the fifth", `"freq":"MONTHLY","bymonthday":"5","opens_at":"10:00","notes":"on the fifth"`,
			[]rec{{Freq: handrail.Monthly, MonthDay: 5, Start: ten}}, "on the fifth", ""},
		{"the last day", `"freq":"MONTHLY","bymonthday":-1,"opens_at":"10:00"`, []rec{{Freq: handrail.Monthly, MonthDay: -1, Start: ten}}, "", ""},
		{"the last day but four", `"freq":"MONTHLY","bymonthday":"-5","opens_at":"10:00"`, nil, "", badRule},
		{"some Monday of the month", `"freq":"MONTHLY","byday":"MO","opens_at":"10:00"`, nil, "Monday, monthly, 10:00", badRule},
		{"the validator's mock", `"freq":"WEEKLY","byday":"TH,FR","bymonthday":"2,3,4","opens_at":"10:00"`, nil, "Thursday and Friday, 10:00", badRule},
		{"by week number", `"freq":"WEEKLY","byday":"MO","byweekno":"3","opens_at":"10:00"`, nil, "Monday, 10:00", badRule},
		{"yearly", `"freq":"YEARLY","byday":"MO","opens_at":"10:00"`, nil, "Monday, 10:00", badRule},
		{"every third day", `"freq":"DAILY","interval":3,"opens_at":"10:00"`, nil, "", badRule},
		{"weekly on no day", `"freq":"WEEKLY","dtstart":"2024-01-02","opens_at":"10:00"`, nil, "", ""},
		{"one date", `"dtstart":"2026-05-02","valid_to":"2026-05-02","opens_at":"10:00"`,
			[]rec{{Freq: handrail.OnDates, Start: ten, Also: []handrail.Date{"2026-05-02"}}}, "", ""},
		{"noonish", `"byday":"TU","opens_at":"noonish","description":"about noon"`, nil, "about noon", badTime},
		{"an hour too many", `"byday":"TU","opens_at":"25:00"`, nil, "Tuesday", badTime},
		{"a bad end", `"byday":"TU","opens_at":"10:00","closes_at":"late"`, []rec{w(2, ten, 0)}, "", badTime},
		{"midnight to midnight", `"byday":"TU","opens_at":"00:00","closes_at":"00:00"`, nil, "Tuesday", badMidnight},
		{"every ten years", `"byday":"TU","opens_at":"10:00","interval":500`, nil, "Tuesday, 10:00", badRarely},
		{"valid for a time", `"byday":"TU","opens_at":"10:00","valid_from":"2026-01-06","valid_to":"2026-03-31"`,
			[]rec{{Day: 2, Start: ten, From: "2026-01-06", Until: "2026-03-31"}}, "", ""},
		{"an end that is none", `"byday":"TU","opens_at":"10:00","valid_from":"2026-01-06","valid_to":"1899-12-30"`,
			[]rec{{Day: 2, Start: ten, From: "2026-01-06"}}, "", ""},
		{"a summer's midnight in UTC", `"byday":"TU","opens_at":"10:00","dtstart":"2026-06-30T23:00:00.000Z"`, []rec{{Day: 2, Start: ten, From: "2026-07-01"}}, "", ""},
		{"six meetings", `"freq":"WEEKLY","byday":"TU,TH","opens_at":"10:00","dtstart":"2026-01-06","count":6`,
			[]rec{{Day: 2, Start: ten, From: "2026-01-06", Until: "2026-01-22"}, {Day: 4, Start: ten, From: "2026-01-06", Until: "2026-01-22"}}, "", ""},
		{"until", `"freq":"WEEKLY","byday":"TU","opens_at":"10:00","until":"2026-02-01","valid_to":"2027-01-01"`, []rec{{Day: 2, Start: ten, Until: "2026-02-01"}}, "", ""},
		{"another zone", `"byday":"TU","opens_at":"10:00","timezone":"Europe/Dublin"`, []rec{{Day: 2, Start: ten, Zone: "Europe/Dublin"}}, "", ""},
		{"not on holidays", `"byday":"TU","opens_at":"10:00","notes":"The service is not available on public holidays."`,
			[]rec{{Day: 2, Start: ten, Holidays: handrail.No}}, "The service is not available on public holidays.", ""},
		{"in term", `"byday":"TU","opens_at":"10:00","notes":"Term time only"`, []rec{{Day: 2, Start: ten, TermOnly: true}}, "Term time only", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, problems := oneService(t, `"schedules":[{`+c.schedule+`}]`)
			if !equalTimes(a.Times, c.times) || a.WhenText != c.words {
				t.Errorf("%+v, %q", a.Times, a.WhenText)
			}
			if c.problem == "" && len(problems) > 0 || c.problem != "" && (len(problems) != 1 || problems[0].Reason != c.problem || !problems[0].Kept) {
				t.Errorf("problems %+v, want %q", problems, c.problem)
			}
		})
	}
}

func TestRead_EndedTimesAreLeftOut(t *testing.T) {
	asOf := AsOf(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
	for schedules, want := range map[string]string{
		`{"byday":"TU","opens_at":"10:00","valid_from":"2020-01-01","valid_to":"2020-06-01"},{"byday":"WE","opens_at":"10:00","valid_from":"2020-01-01","valid_to":"1899-12-30"}`: "Wednesday",
		`{"byday":"TU","opens_at":"10:00","until":"2025-12-30"},{"byday":"WE","opens_at":"10:00","until":"2025-12-31"}`:                                                           "Wednesday",
		`{"byday":"TU","opens_at":"10:00","dtstart":"2025-01-07","count":3},{"byday":"WE","opens_at":"10:00"}`:                                                                    "Wednesday",
		// Said twice, once for longer: one time.
		`{"byday":"WE","opens_at":"10:00","valid_to":"2026-05-01"},{"byday":"WE","opens_at":"10:00"},{"byday":"WE","opens_at":"10:00","valid_from":"2026-03-01"}`: "Wednesday",
	} {
		r := read(t, `[{"id":"x","name":"N","schedules":[`+schedules+`]}]`, asOf)
		if got := r.Activities[0].Times; len(got) != 1 || got[0].Day.String() != want {
			t.Errorf("%s: %+v", schedules, got)
		}
	}
}

// Whatever a schedule says, what is read from it is a time that can be: no NaN of days, no week without an anchor told as
// certain to have one, and reading its own output again changes nothing.
func TestRecurrences_AreSound(t *testing.T) {
	dates := []string{"", "2026-01-05", "2026-02-28", "1899-12-30", "2026-12-31T23:30:00Z", "soon"}
	rapid.Check(t, func(t *rapid.T) {
		pick := func(label string, from ...string) text { return text(rapid.SampledFrom(from).Draw(t, label)) }
		sc := schedule{
			Freq: pick("freq", "", "WEEKLY", "week", "MONTHLY", "daily", "YEARLY"), ByDay: joined(pick("byday", "", "MO", "TU,WE", "1MO", "-1FR,2TU", "9SA", "0MO", "xx")),
			ByMonthDay: joined(pick("bymonthday", "", "1", "31", "-1", "-5", "40", "1,2,3,4,5,6,7")), OpensAt: pick("opens", "10:00", "23:59", "00:00", "x"),
			ClosesAt: pick("closes", "", "11:00", "09:00"), Start: pick("dtstart", dates...), ValidFrom: pick("from", dates...), ValidTo: pick("to", dates...), Until: pick("until", dates...),
			Interval: number{float64(rapid.IntRange(-1, 60).Draw(t, "interval")), true}, Count: number{float64(rapid.IntRange(-1, 30).Draw(t, "count")), rapid.Bool().Draw(t, "counted")},
		}
		list, problem := sc.recurrences()
		for _, r := range list {
			switch {
			case r.Start < 0 || r.Start >= 24*60 || r.End != 0 && r.End <= r.Start:
				t.Fatalf("%+v: times %+v", sc, r)
			case r.Freq == handrail.Monthly && (r.Nth == 0) == (r.MonthDay == 0), r.Nth < -1 || r.Nth > 5 || r.MonthDay < -1 || r.MonthDay > 31:
				t.Fatalf("%+v: which day %+v", sc, r)
			case r.Every > 1 && r.From.IsZero() && problem != badAnchor:
				t.Fatalf("%+v: nobody knows which week: %+v", sc, r)
			case !r.Until.IsZero() && r.Until < r.From && problem == "" && !sc.Count.ok && r.Every <= 1:
				t.Fatalf("%+v: over before it begins: %+v", sc, r)
			}
			for _, d := range append([]handrail.Date{r.From, r.Until}, r.Also...) {
				if _, err := handrail.ParseDate(string(d)); !d.IsZero() && err != nil {
					t.Fatalf("%+v: %+v", sc, r)
				}
			}
		}
		if again, _ := sc.recurrences(); !equalTimes(list, again) {
			t.Fatalf("%+v: not the same twice", sc)
		}
	})
}

func TestReadV1_RealPages(t *testing.T) {
	total, times := 0, 0
	for _, n := range []string{"1", "2", "3"} {
		r := readFile(t, "derived/oruk-v1-services-page"+n+".json", ReadV1)
		total += len(r.Activities)
		for _, a := range r.Activities {
			times += len(a.Times)
			if a.Standing.Assured != nil || a.Standing.CreatedAt != (time.Time{}) {
				t.Fatal("an import says something about standing")
			}
		}
	}
	v3 := readFile(t, "derived/oruk-v3-services.json", Read)
	times3 := 0
	for _, a := range v3.Activities {
		times3 += len(a.Times)
	}
	if total != 1150 || times != times3 || times == 0 {
		t.Errorf("%d services, %d times; v3 has %d times", total, times, times3)
	}
}

// The same services say the same in both formats.
func TestReadV1_SaysWhatV3Says(t *testing.T) {
	v3 := map[handrail.ActivityID]handrail.Activity{}
	for _, a := range readFile(t, "derived/oruk-v3-services.json", Read).Activities {
		v3[a.ID] = a
	}
	for _, a := range readFile(t, "derived/oruk-v1-services-page1.json", ReadV1).Activities {
		b := v3[a.ID]
		if a.Name != b.Name || a.Venue.Line() != b.Venue.Line() || a.Cost != b.Cost || a.MinAge != b.MinAge || a.WhenText != b.WhenText ||
			!equalTimes(a.Times, b.Times) || a.Organiser != b.Organiser || !slices.Equal(a.Topics, b.Topics) || a.For != b.For || a.Sensitive != b.Sensitive {
			t.Errorf("v1 %+v\nv3 %+v", a, b)
			break
		}
	}
}

func TestReadV1_ItsOwnWords(t *testing.T) {
	r, err := ReadV1(t.Context(), strings.NewReader(`{"content":[{"id":"a","name":"A","description":"Tea.","attending_type":"online","attending_access":"referral",
		"regular_schedules":[{"weekday":"Thursday","freq":"week","dtstart":"2026-01-01T00:00:00.000Z","opens_at":"2000-01-01T10:00:00.000Z","closes_at":"2000-01-01T11:00:00.000Z"}],
		"holiday_schedules":[{"closed":true,"start_date":"2026-12-20","end_date":"2027-01-05"}],
		"service_at_locations":[{"location":{"name":"Office","latitude":51,"longitude":-1,"physical_addresses":[{"address_1":"1 Row","postal_code":"LU1 2AB"}]}}],
		"eligibilitys":[{"eligibility":"Women","minimum_age":50,"taxonomys":[{"id":"esdCircumstance:Gender_Female","name":"Female"}]}],
		"service_taxonomys":[{"taxonomy":{"id":"esdNeed:69","name":"Social inclusion"}}],"languages":[{"language":"pl"}],"fundings":[],"reviews":[]},
		{"id":"b","name":"B","age_band_under_2":true,"age_band_3_4":true,"age_band_5_7":false,"service_at_locations":[{"location":{"accessibility_for_disabilities":[{"accessibility":"Step-free"}],
		"physical_addresses":[{"address_1":"2 Row","city":"Luton","postal_code":"lu12ab"}]},"regular_schedule":[{"byday":"MO","opens_at":"09:00"}]}]}]}`), "oruk:v1")
	if err != nil || len(r.Activities) != 2 {
		t.Fatalf("%v %+v", err, r)
	}
	a, b := r.Activities[0], r.Activities[1]
	if a.Venue != (handrail.Venue{}) || a.For != handrail.SexWomen || a.MinAge != 50 || !slices.Equal(a.Topics, []string{"Social inclusion"}) || !slices.Equal(a.Languages, []string{"Polish"}) {
		t.Errorf("%+v", a)
	}
	if a.Description != "Tea.\nIt is online. A referral is needed." {
		t.Errorf("%q", a.Description)
	}
	want := handrail.Recurrence{Day: 4, Start: handrail.At(10, 0), End: handrail.At(11, 0), From: "2026-01-01", Except: []handrail.Date{"2026-12-24", "2026-12-31"}}
	if len(a.Times) != 1 || !a.Times[0].Equal(want) {
		t.Errorf("%+v", a.Times)
	}
	if b.MaxAge != 4 || b.MinAge != 0 || b.Venue.Line() != "2 Row, Luton, LU1 2AB" || b.Access.StepFree != handrail.Yes || len(b.Times) != 1 {
		t.Errorf("%+v", b)
	}
}

func TestRead_LiveV3Page(t *testing.T) {
	r := readFile(t, "open-referral-uk/live-bristol-2026/bristol-services-page1.json", Read)
	if len(r.Activities) != 3 {
		t.Fatalf("%+v", r.Problems)
	}
	for _, a := range r.Activities {
		if a.MinAge != 0 || a.MaxAge != 0 || a.CheckedAt == nil || strings.Contains(a.Description, "<") || strings.Contains(a.Organiser.Email, "assurer") {
			t.Errorf("%+v", a)
		}
	}
}

func TestResult_CountsReasons(t *testing.T) {
	r := read(t, `[{"id":"a","name":"A"},{"id":"a","name":"A"},{"id":"a","name":"A"},{"name":"x"},{"id":"b","name":"B","status":"odd"},{"id":"c","name":"C","contacts":[{"phones":[{"number":"call Sue"}]}]}]`)
	want := []ReasonCount{{"the same id came before", false, 2}, {"it has no id", false, 1},
		{"its status is not a known one, so it is taken as inactive", true, 1}, {"its telephone number cannot be used, so it is left out", true, 1}}
	if !slices.Equal(r.Reasons, want) {
		t.Errorf("%+v", r.Reasons)
	}
	var sum Result
	sum.Add(r)
	sum.Add(r)
	if sum.Records != 12 || len(sum.Problems) != 10 || sum.Reasons[0].N != 4 || len(sum.Activities) != 6 {
		t.Errorf("%+v", sum)
	}
}

func TestReadPage(t *testing.T) {
	p, err := ReadPage(t.Context(), strings.NewReader(`{"total_items":"874","total_pages":292,"last_page":false,"contents":[
		{"id":"a","name":"A","status":"odd","last_modified":"2025-09-02T12:06:15.654"},{"id":"b","name":"B","contacts":[]}],"empty":false}`), OpenReferral3, "oruk:x")
	if err != nil || p.Total != 874 || p.Pages != 292 || p.Last || len(p.Activities) != 2 || len(p.Problems) != 0 {
		t.Fatalf("%+v %v", p, err)
	}
	if len(p.Shallow) != 1 || p.Shallow[0].ID != "a" || p.Shallow[0].UpdatedAt == nil {
		t.Errorf("%+v", p.Shallow)
	}
	again, err := ReadPage(t.Context(), strings.NewReader(`{"page_number":2,"last_page":true,"contents":[
		{"id":"a","name":"A","status":"odd","last_modified":"2025-09-02T12:06:15.654"},{"id":"b","name":"B","contacts":[]}]}`), OpenReferral3, "oruk:x")
	if err != nil || again.Sum != p.Sum || !again.Last {
		t.Errorf("the same records do not have the same sum, or the page is not the last: %v", err)
	}
	for _, bad := range []string{`{"contents":[{"id":"a","name":"A"}]`, `{"contents":[],"last`, `<html></html>`, `{"error":"no"}`, ``} {
		if _, err := ReadPage(t.Context(), strings.NewReader(bad), OpenReferral3, "x"); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	one, err := ReadService(t.Context(), strings.NewReader("\xef\xbb\xbf\n {\"id\":\"a\",\"name\":\"A\"}"), OpenReferral3, "x")
	if err != nil || len(one.Activities) != 1 {
		t.Errorf("%+v %v", one, err)
	}
	for _, bad := range []string{``, `[]`, `<html>`, `{"id":"a"`, `null`} {
		if r, err := ReadService(t.Context(), strings.NewReader(bad), OpenReferral1, "x"); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("%q: %+v %v", bad, r, err)
		}
	}
}
