package records_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// hold keeps SQLite's writer from everybody else until the returned function is called, so that they gather behind it.
func (w *world) hold() (let func()) {
	held, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_ = w.InTx(w.ctx, func(context.Context) error {
			close(held)
			<-end
			return errBoom
		})
	}()
	<-held
	return func() {
		close(end)
		<-ended
	}
}

// A thread is a place: whoever writes in it is known, alone and among others.
func TestTake_WhoWritesInAThread(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		u := update(w, "t1", "frank")
		u.From.Thread = "1.2"
		_, who, taken, err := w.Take(w.ctx, u, w.clock.Now(), time.Minute)
		if err != nil || !taken || who.Kind != bot.WhoPatient || who.Name != "Frank" {
			t.Errorf("taken %t by %+v: %v", taken, who, err)
		}
	})
}

// Of those who are taken together some were there before, some wait behind another, one is known, and one is new.
func TestTake_F7_Together(t *testing.T) {
	const callers = 20
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		for i := range callers {
			w.takeTurn(fmt.Sprint("u", i), fmt.Sprint("chat", i), time.Minute) // each has a first one that is not finished
		}
		let := w.hold()
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				id, from := fmt.Sprint("v", i), fmt.Sprint("new", i)
				switch i % 4 {
				case 0:
					id, from = fmt.Sprint("u", i), fmt.Sprint("chat", i) // redelivered
				case 1:
					from = fmt.Sprint("chat", i) // behind the first
				case 2:
					if i == 2 {
						from = "frank"
					}
				}
				turn, who, taken, err := w.Take(w.ctx, update(w, id, from), w.clock.Now(), time.Minute)
				if err != nil || taken != (i%4 > 1) {
					t.Errorf("%s from %s: taken %t: %v", id, from, taken, err)
				}
				if taken && (turn.Number != 1 || turn.Update.ID != id || turn.Update.From.Chat != from || (who.Kind == bot.WhoPatient) != (from == "frank")) {
					t.Errorf("%s from %s: %+v by %+v", id, from, turn, who)
				}
			})
		}
		let()
		wg.Wait()
		if c := must(w.InboxCounts(w.ctx))(t); c.Waiting != callers+callers*3/4 {
			t.Errorf("%d wait", c.Waiting)
		}
		for i := range callers { // a redelivery has taken no number
			turn, _, taken := w.takeTurn(fmt.Sprint("w", i), fmt.Sprint("chat", i), time.Minute)
			if taken || turn.Number != 0 {
				t.Errorf("chat%d: taken %t as %d", i, taken, turn.Number)
			}
		}
	})
}

// Those who finish together fail apart: a turn that is somebody else's by now, one whose reply must wait, and one to
// somebody who has died change nothing for the others.
func TestFinishSending_F6_FailApart(t *testing.T) {
	const callers = 20
	for _, odd := range []string{"none", "stale", "behind", "died"} {
		t.Run(odd, func(t *testing.T) {
			recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
				w := newWorld(t, open, records.Options{})
				turns := make([]bot.Turn, callers)
				for i := range turns {
					from := fmt.Sprint("chat", i)
					if odd == "died" && i == 7 {
						from = "frank"
					}
					turns[i], _, _ = w.takeTurn(fmt.Sprint(odd, i), from, time.Minute)
				}
				switch odd {
				case "stale":
					turns[7].Epoch++
				case "behind":
					w.put(bot.Envelope{Key: "earlier", To: turns[7].Update.From, Class: bot.ClassReply, Message: bot.Message{Text: bot.Para("earlier")}})
				case "died":
					must(w.ChangePatient(w.ctx, w.practice, w.patient.ID, by, "died", func(p *handrail.Patient) error {
						p.Deceased = true
						return nil
					}))(t)
				}
				let := w.hold()
				var wg sync.WaitGroup
				for i, turn := range turns {
					wg.Go(func() {
						key := fmt.Sprint("r", i)
						p, sending, err := w.FinishSending(w.ctx, turn, w.reply(turn, key), "", w.clock.Now(), time.Minute)
						switch {
						case i == 7 && odd == "stale":
							if !errors.Is(err, bot.ErrStale) || sending {
								t.Errorf("%s: sending %t: %v", key, sending, err)
							}
							return
						case i == 7 && odd != "none":
							if err != nil || sending {
								t.Errorf("%s: sending %t: %v", key, sending, err)
							}
							return
						case err != nil || !sending:
							t.Errorf("%s: sending %t: %v", key, sending, err)
							return
						}
						if err := w.Settle(w.ctx, key, p.Epoch+int64(i%2), bot.Settlement{State: bot.SendSent, Ref: "1", Parts: 1}); errors.Is(err, bot.ErrStale) != (i%2 == 1) {
							t.Errorf("%s: settled: %v", key, err)
						}
					})
				}
				let()
				wg.Wait()
				finished := callers
				if odd == "stale" {
					finished--
				}
				if c := must(w.InboxCounts(w.ctx))(t); c.Finished != finished {
					t.Errorf("%s: %+v", odd, c)
				}
				if c := must(w.OutboxCounts(w.ctx))(t); c.Sent != callers/2 {
					t.Errorf("%s: %+v", odd, c)
				}
			})
		})
	}
}
