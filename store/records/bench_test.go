package records_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// BenchmarkTurn is what one message costs the records: accepted, leased, finished with one reply.
func BenchmarkTurn(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		now := w.clock.Now()
		n := 0
		for b.Loop() {
			n++
			u := bot.Update{ID: fmt.Sprint(n), From: chat("a", fmt.Sprint("c", n%100)), Kind: bot.UpdateText, Text: "hello"}
			if _, err := w.Accept(w.ctx, u, now); err != nil {
				b.Fatal(err)
			}
			turn, ok, err := w.Lease(w.ctx, now, time.Minute)
			if err != nil || !ok {
				b.Fatal(ok, err)
			}
			e := bot.Envelope{Key: fmt.Sprint("r", n), To: turn.Update.From, Class: bot.ClassReply, Message: bot.Message{Text: bot.Para("hello")}}
			if err := w.Finish(w.ctx, turn, bot.Finish{UsedState: true, Out: []bot.Envelope{e}, At: now}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSend is what one message costs on its way out: put, claimed, sending, settled.
func BenchmarkSend(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		now := w.clock.Now()
		n := 0
		for b.Loop() {
			n++
			e := w.envelope(fmt.Sprint("k", n), bot.ClassReminder)
			e.To.Chat = fmt.Sprint("c", n%100)
			if _, err := w.Put(w.ctx, e); err != nil {
				b.Fatal(err)
			}
			got, err := w.Claim(w.ctx, now, time.Minute, 64)
			if err != nil || len(got) != 1 {
				b.Fatal(len(got), err)
			}
			if err := w.Sending(w.ctx, e.Key, got[0].Epoch, now, time.Minute); err != nil {
				b.Fatal(err)
			}
			if err := w.Settle(w.ctx, e.Key, got[0].Epoch, bot.Settlement{State: bot.SendSent, Ref: "1", Parts: 1}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkClaim_L1 claims 64 of 5,000 due reminders while 20,000 more wait for later, and puts them back.
func BenchmarkClaim_L1(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		now := w.clock.Now()
		w.ok(w.InTx(w.ctx, func(ctx context.Context) error {
			for i := range 25_000 {
				e := w.envelope(fmt.Sprint("k", i), bot.ClassReminder)
				e.To.Chat = fmt.Sprint("c", i)
				if i >= 5000 {
					e.NotBefore = now.Add(time.Duration(i) * time.Minute)
				}
				if _, err := w.Put(ctx, e); err != nil {
					return err
				}
			}
			return nil
		}))
		for b.Loop() {
			got, err := w.Claim(w.ctx, now, 0, 64)
			if err != nil || len(got) != 64 {
				b.Fatal(len(got), err)
			}
		}
	})
}

// BenchmarkVisitsStarting looks for one morning's 200 visits, and for none, among 20,000.
func BenchmarkVisitsStarting(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		start := w.clock.Now().Add(240 * time.Hour)
		for i := range 100 {
			w.many(200, start.Add(time.Duration(i)*time.Hour))
		}
		for _, c := range []struct {
			name string
			from time.Time
			want int
		}{{"200", start.Add(50 * time.Hour), 200}, {"none", start.Add(-time.Hour), 0}} {
			b.Run(c.name, func(b *testing.B) {
				for b.Loop() {
					got, err := w.VisitsStarting(w.ctx, c.from, c.from.Add(15*time.Minute))
					if err != nil || len(got) != c.want {
						b.Fatal(len(got), err)
					}
				}
			})
		}
	})
}

// BenchmarkCaseload reads a caseload of 250 patients.
func BenchmarkCaseload_L5(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		w.many(250, w.clock.Now().Add(time.Hour))
		for b.Loop() {
			if got, err := w.Caseload(w.ctx, "a"); err != nil || len(got) != 251 {
				b.Fatal(len(got), err)
			}
		}
	})
}

// BenchmarkOnce runs an effect the first time, and finds it done.
func BenchmarkOnce(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		n := 0
		b.Run("first", func(b *testing.B) {
			for b.Loop() {
				n++
				if _, err := w.Once(w.ctx, "run", fmt.Sprint(n), func(context.Context) ([]byte, error) { return []byte("x"), nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
		must(w.Once(w.ctx, "run", "again", func(context.Context) ([]byte, error) { return []byte("x"), nil }))(b)
		b.Run("again", func(b *testing.B) {
			for b.Loop() {
				if _, err := w.Once(w.ctx, "run", "again", nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// BenchmarkPutPostcodes loads 10,000 postcodes at a time; the whole file has 2.6 million.
func BenchmarkPutPostcodes(b *testing.B) {
	recordstest.EachBench(b, func(b *testing.B, open recordstest.Open) {
		w := newWorld(b, open, records.Options{})
		batch := make([]handrail.PostcodePoint, 10_000)
		n := 0
		for b.Loop() {
			for i := range batch {
				n++
				batch[i] = handrail.PostcodePoint{Postcode: fmt.Sprintf("P%07d", n), At: handrail.Point{Lat: 51, Lon: -0.4}, Points: 1}
			}
			if err := w.PutPostcodes(w.ctx, batch); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "postcodes/s")
	})
}
