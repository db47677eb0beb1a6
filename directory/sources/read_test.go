package sources

import (
	"context"
	"io"
	"os"
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
