package sources

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

// readFile reads a file of the shared data, which must be beside the repository.
func readFile(t testing.TB, name string, read func(context.Context, io.Reader, string, ...Option) (Result, error), opts ...Option) Result {
	t.Helper()
	f, err := os.Open("../../../shared/data/" + name)
	if err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	defer f.Close()
	r, err := read(t.Context(), f, "oruk:test", opts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRead_RealServices(t *testing.T) {
	const name = "../../../shared/data/derived/oruk-v3-services.json"
	f, err := os.Open(name)
	if err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	defer f.Close()
	r, err := Read(t.Context(), f, "oruk:test")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, a := range r.Activities {
		if a.Venue.At != nil {
			count["position"]++
		}
		if len(a.Times) > 0 {
			count["times"]++
		}
		if a.Cost.Known {
			count["cost"]++
		}
		if a.Cost.Free() {
			count["free"]++
		}
		if a.MinAge > 0 {
			count["min age"]++
		}
		if a.CheckedAt != nil {
			count["checked"]++
		}
		if a.UpdatedAt != nil {
			count["updated"]++
		}
		if a.Sensitive {
			count["sensitive"]++
		}
		if a.For != "" {
			count["single sex"]++
		}
		if a.Access.StepFree != 0 {
			count["step-free said"]++
		}
		if a.Organiser.Phone != "" {
			count["phone"]++
		}
	}
	t.Logf("%d records, %d problems, %v", r.Records, len(r.Problems), count)
	if r.Records != 1150 || len(r.Activities) != 1150 {
		t.Errorf("%d of %d records", len(r.Activities), r.Records)
	}
	if count["position"] != 1115 || count["min age"] != 71 || count["checked"] != 0 || count["updated"] != 1150 {
		t.Errorf("counts: %v", count)
	}
	for i, p := range r.Problems {
		if i < 10 {
			t.Logf("%+v", p)
		}
	}
}

// Every JSON file that the shared data have of services is told by its beginning, and read without losing a record.
func TestJSONFormat_RealFiles(t *testing.T) {
	readers := map[string]func(context.Context, io.Reader, string, ...Option) (Result, error){OpenReferral3: Read, OpenReferral1: ReadV1, RPDE: ReadRPDE}
	for name, want := range map[string]struct {
		format string
		n      int
	}{
		"derived/oruk-v3-services.json":                                  {OpenReferral3, 1150},
		"derived/oruk-v1-services-page3.json":                            {OpenReferral1, 150},
		"derived/openactive-rpde-page1.json":                             {RPDE, 150},
		"derived/openactive-rpde-page4-last.json":                        {RPDE, 0},
		"open-referral-uk/live-bristol-2026/bristol-services-page1.json": {OpenReferral3, 3},
		"open-referral-uk/validator-mocks-3.0/default/service_list.json": {OpenReferral3, 1},
		"openactive/examples-2.x/sessionseries-split_example_1.json":     {RPDE, 1},
		"openactive/examples-2.x/scheduledsession-split_example_1.json":  {RPDE, 0},
	} {
		raw, err := os.ReadFile("../../../shared/data/" + name)
		if err != nil {
			t.Skipf("the shared data are not beside the repository: %v", err)
		}
		if got := JSONFormat(raw[:min(len(raw), 4096)]); got != want.format {
			t.Errorf("%s: %s", name, got)
		}
		if r := readFile(t, name, readers[want.format]); len(r.Activities) != want.n || r.Rejected() != 0 {
			t.Errorf("%s: %d of %d, %+v", name, len(r.Activities), want.n, r.Reasons)
		}
	}
}

// The examples and fixtures of OpenActive's own projects, one item each.
func TestJoiner_OpenActiveFixtures(t *testing.T) {
	dir := "../../../shared/data/openactive/normaliser-fixtures/"
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	times, names := map[string]int{}, map[string]string{}
	for _, f := range files {
		if strings.Contains(f.Name(), "normalised") { // the output of the project whose fixtures they are
			continue
		}
		raw, err := os.ReadFile(dir + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		item, err := itemOf(bytes.TrimSpace(raw))
		if err != nil {
			names[f.Name()] = err.Error()
			continue
		}
		join := NewJoiner("x")
		join.Apply(RPDEPage{Items: []Item{item}})
		r, _ := join.Take()
		for _, a := range r.Activities {
			sound(t, a)
			names[f.Name()], times[f.Name()] = a.Name, len(a.Times)
		}
		for _, reason := range r.Reasons {
			if !reason.Kept {
				names[f.Name()] = reason.Reason
			}
		}
	}
	for file, want := range map[string]string{
		"sessionseries-with-schedule.json": "No Strings Badminton - Thursday daytime", "sessionseries-with-schedule-exdates.json": "No Strings Badminton - Thursday daytime",
		"event-with-superevent.json": "WOD Class", "scheduledsession-with-superevent.json": "Wednesday Yoga", "sessionseries-with-subevent.json": "Wednesday Yoga",
		"course-schedule-httpday.json": "S4K TV - Dance", "facilityuse.json": "it is a place to hire and not a group", "on-demand-event.json": "it is a recording and not a group",
	} {
		if names[file] != want || times[file] != 1 && !strings.HasPrefix(want, "it is") {
			t.Errorf("%s: %q with %d times", file, names[file], times[file])
		}
	}
	t.Logf("%q\n%v", names, times)
}
