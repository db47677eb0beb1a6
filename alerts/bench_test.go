package alerts_test

import (
	"testing"
	"time"

	"handrail"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// BenchmarkLadder_Step is a look at a thousand open alerts none of which is due, as the loop takes every few seconds; and
// BenchmarkLadder_Raise is the first call of one, in the transaction that a guard waits for.
func BenchmarkLadder_Step(b *testing.B) {
	d := newDesk(b, recordstest.Memory, nil)
	for range 1000 {
		if _, _, err := d.rec.RaiseAlert(b.Context(), practice, d.person(), "general", "system"); err != nil {
			b.Fatal(err)
		}
	}
	d.run(begins().Add(time.Second))
	for b.Loop() {
		if did, err := d.ladder.Step(b.Context()); did || err != nil {
			b.Fatal(did, err)
		}
	}
}

func BenchmarkLadder_Raise(b *testing.B) {
	for name, open := range map[string]recordstest.Open{"memory": recordstest.Memory, "sqlite": func(t testing.TB, o records.Options) *records.Records { return recordstest.SQLite(t, o) }} {
		b.Run(name, func(b *testing.B) {
			d := newDesk(b, open, nil)
			for b.Loop() {
				b.StopTimer()
				p, _ := d.patient()
				b.StartTimer()
				d.danger(p)
			}
		})
	}
}

// person is a patient without a referral.
func (d *desk) person() handrail.PatientID {
	d.t.Helper()
	p, err := d.rec.AddPatient(d.t.Context(), handrail.Patient{Practice: practice, Name: "Ann", BirthYear: 1950}, "system")
	d.ok(err)
	return p.ID
}
