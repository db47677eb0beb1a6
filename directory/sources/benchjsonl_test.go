package sources

import (
	"strings"
	"testing"
	"time"

	"handrail"
)

const benchSample = `{"id":1,"name":"Friendly Chair Yoga Club","activity":"chair yoga","description":"A session.","provider":"Age Hope","town":"Ward 3","lat":51.54,"lon":-0.05,"sessions":[{"day":6,"start":"10:00","end":"11:30"}],"cost_pence":0,"free":true,"step_free":true}

{"id":2,"name":"Chess","lat":51.5,"lon":0,"sessions":[],"cost_pence":150,"free":false,"step_free":false}
{"id":2,"name":"Chess again"}
{"id":3,"name":"In the sky","lat":151,"lon":0}
{"id":4,"name":"Cut o
{"id":5,"name":""}
{"id":6,"name":"Free for a pound","free":true,"cost_pence":100}
{"id":7,"name":"Eight days a week","sessions":[{"day":7,"start":"10:00","end":"11:30"}]}
{"id":8,"name":"Late","sessions":[{"day":0,"start":"25:00","end":"26:00"}]}
{"id":9,"name":"Nothing known"}
`

func TestReadBench(t *testing.T) {
	r, err := ReadBench(t.Context(), strings.NewReader(benchSample), "bench:x")
	if err != nil || r.Records != 10 || r.Rejected() != 7 || len(r.Problems) != 7 {
		t.Fatalf("%d records, %d rejected, %v, %v", r.Records, r.Rejected(), r.Problems, err)
	}
	a := r.Activities[0]
	if a.ID != "1" || a.Venue.At.Lat != 51.54 || !a.Cost.Free() || a.Access.StepFree != handrail.Yes || a.Topics[0] != "chair yoga" ||
		!a.Times[0].Equal(handrail.Recurrence{Day: time.Sunday, Start: handrail.At(10, 0), End: handrail.At(11, 30)}) {
		t.Errorf("read as %+v", a)
	}
	if b := r.Activities[1]; b.Cost.Pence != 150 || b.Access.StepFree != handrail.NotSaid || len(b.Times) != 0 {
		t.Errorf("read as %+v", b)
	}
	if c := r.Activities[2]; c.Cost.Known || c.Venue.At != nil {
		t.Errorf("what is not said was made up: %+v", c)
	}
}

func FuzzReadBench(f *testing.F) {
	for line := range strings.Lines(benchSample) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ReadBench(t.Context(), strings.NewReader(text), "bench:fuzz")
		if err == nil && r.Rejected() != len(r.Problems)+r.More {
			t.Errorf("%d were rejected and %d reported", r.Rejected(), len(r.Problems)+r.More)
		}
	})
}
