package records_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func (w *world) takeTurn(id, from string, lease time.Duration) (bot.Turn, bot.Who, bool) {
	w.t.Helper()
	turn, who, taken, err := w.Take(w.ctx, update(w, id, from), w.clock.Now(), lease)
	w.ok(err)
	return turn, who, taken
}

func (w *world) reply(t bot.Turn, key string) bot.Finish {
	return bot.Finish{UsedState: true, At: w.clock.Now(), Out: []bot.Envelope{{
		Key: key, To: t.Update.From, Class: bot.ClassReply, NotBefore: t.AcceptedAt, Message: bot.Message{Text: bot.Para("words of " + key)},
	}}}
}

func (w *world) finishSending(t bot.Turn, key, behind string) (bot.Posting, bool) {
	w.t.Helper()
	p, sending, err := w.FinishSending(w.ctx, t, w.reply(t, key), behind, w.clock.Now(), time.Minute)
	w.ok(err)
	return p, sending
}

func TestTake_IsAcceptAndLeaseAndWho(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		turn, who, taken := w.takeTurn("f1", "frank", time.Minute)
		if !taken || who.Kind != bot.WhoPatient || who.Name != "Frank" || who.Language != "en" {
			t.Fatalf("taken %t by %+v", taken, who)
		}
		w.noLease("it is taken")
		w.clock.Add(time.Minute)
		leased := w.lease(time.Minute) // as another worker finds it when the first has died
		if leased.Epoch != turn.Epoch+1 {
			t.Errorf("epoch %d after %d", leased.Epoch, turn.Epoch)
		}
		leased.Epoch = turn.Epoch
		if !turn.Update.At.Equal(leased.Update.At) {
			t.Errorf("sent at %v, stored as %v", turn.Update.At, leased.Update.At)
		}
		leased.Update.At = turn.Update.At
		if !reflect.DeepEqual(turn, leased) {
			t.Errorf("taken:  %+v\nleased: %+v", turn, leased)
		}
		if err := w.Finish(w.ctx, turn, bot.Finish{At: w.clock.Now()}); !errors.Is(err, bot.ErrStale) {
			t.Errorf("the first worker finished: %v", err)
		}
	})
}

func TestTake_F7_NothingIsTakenTwiceOrOutOfTurn(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		first, who, taken := w.takeTurn("s1", "stranger", time.Minute)
		if !taken || who.Kind != bot.WhoUnknown || who.Practice != w.practice {
			t.Fatalf("taken %t by %+v", taken, who)
		}
		if _, _, again := w.takeTurn("s1", "stranger", time.Minute); again {
			t.Error("a redelivered update was taken")
		}
		if _, _, second := w.takeTurn("s2", "stranger", time.Minute); second {
			t.Error("taken before its turn")
		}
		if _, _, other := w.takeTurn("o1", "other", time.Minute); !other {
			t.Error("another conversation had to wait")
		}
		if next := w.lease(time.Minute); next.Update.ID != "s2" || next.Number != 2 || next.Oldest {
			t.Errorf("the guards get %+v", next) // they see every update at once
		} else if err := w.Release(w.ctx, next, true, w.clock.Now()); err != nil {
			t.Fatal(err)
		}
		w.noLease("it waits for the first")
		woken := w.NotifyTurns()
		if _, sending := w.finishSending(first, "r1", ""); !sending {
			t.Error("the first reply was not committed as being sent")
		}
		select {
		case <-woken:
		default:
			t.Error("nobody was told that the next may go")
		}
		if next := w.lease(time.Minute); next.Update.ID != "s2" || !next.Oldest || next.LastStateTurn != 1 {
			t.Errorf("then comes %+v", next)
		}
		if c := must(w.InboxCounts(w.ctx))(t); c.Waiting != 2 || c.Finished != 1 {
			t.Errorf("%+v", c)
		}
	})
}

func TestFinishSending(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		turn, _, _ := w.takeTurn("s1", "stranger", time.Minute)
		p, sending := w.finishSending(turn, "r1", "")
		if !sending || p.State != bot.SendSending || p.Attempts != 1 {
			t.Fatalf("sending %t: %+v", sending, p)
		}
		stored := must(w.Posting(w.ctx, "r1"))(t)
		if !reflect.DeepEqual(p, stored) {
			t.Errorf("given:  %+v\nstored: %+v", p, stored)
		}
		if got := must(w.Claim(w.ctx, w.clock.Now(), time.Minute, 9))(t); len(got) > 0 {
			t.Errorf("it was claimed by somebody else: %+v", got)
		}
		if _, _, err := w.FinishSending(w.ctx, turn, w.reply(turn, "r1b"), "", w.clock.Now(), time.Minute); !errors.Is(err, bot.ErrStale) {
			t.Errorf("finished twice: %v", err)
		}

		// The next reply waits behind the one on its way, unless the caller has that in hand.
		turn, _, taken := w.takeTurn("s2", "stranger", time.Minute)
		if !taken {
			t.Fatal("not taken")
		}
		if _, sending := w.finishSending(turn, "r2", ""); sending {
			t.Error("it overtakes")
		}
		if c := must(w.OutboxCounts(w.ctx))(t); c.Sending != 1 || c.Queued != 1 {
			t.Errorf("%+v", c)
		}
		turn, _, _ = w.takeTurn("o1", "other", time.Minute)
		w.finishSending(turn, "o-r1", "")
		turn, _, _ = w.takeTurn("o2", "other", time.Minute)
		if _, sending := w.finishSending(turn, "o-r2", "o-r1"); !sending {
			t.Error("it waits for what the caller waits for")
		}

		// F1: the sender dies before it settles.
		w.clock.Add(2 * time.Minute)
		if got := must(w.Stranded(w.ctx, w.clock.Now(), 9))(t); len(got) != 3 {
			t.Errorf("%d are stranded, want 3", len(got))
		}
	})
}

func TestFinishSending_G1_NothingThatMayNotGo(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		turn, _, _ := w.takeTurn("f1", "frank", time.Minute)
		must(w.ChangePatient(w.ctx, w.practice, w.patient.ID, by, "died", func(p *handrail.Patient) error {
			p.Deceased = true
			return nil
		}))(t)
		if _, sending := w.finishSending(turn, "r1", ""); sending {
			t.Error("written to after their death")
		}
		if c := must(w.OutboxCounts(w.ctx))(t); c.Sending != 0 {
			t.Errorf("%+v", c)
		}
	})
}

// Everything at once: each chat's turns are taken and finished in order, each reply is committed as being sent once.
func TestExpress_ManyAtOnce(t *testing.T) {
	const chats, each = 24, 8
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		var wg sync.WaitGroup
		for c := range chats {
			wg.Go(func() {
				from, last := fmt.Sprint("chat", c), ""
				for n := range each {
					key := fmt.Sprint(from, ":", n)
					turn, _, taken, err := w.Take(w.ctx, update(w, key, from), w.clock.Now(), time.Minute)
					if err != nil || !taken || turn.Number != int64(n+1) || turn.LastStateTurn != int64(n) {
						t.Errorf("%s: taken %t as %d after %d: %v", key, taken, turn.Number, turn.LastStateTurn, err)
						return
					}
					if n%3 == 1 { // a redelivery at the same time
						if _, _, again, err := w.Take(w.ctx, update(w, key, from), w.clock.Now(), time.Minute); again || err != nil {
							t.Errorf("%s again: taken %t: %v", key, again, err)
						}
					}
					p, sending, err := w.FinishSending(w.ctx, turn, w.reply(turn, key), last, w.clock.Now(), time.Minute)
					if err != nil || !sending {
						t.Errorf("%s: sending %t: %v", key, sending, err)
						return
					}
					if err := w.Settle(w.ctx, key, p.Epoch, bot.Settlement{State: bot.SendSent, Ref: "ref", Parts: 1}); err != nil {
						t.Errorf("%s: %v", key, err)
					}
					if err := w.Settle(w.ctx, key, p.Epoch, bot.Settlement{State: bot.SendSent, Parts: 1}); !errors.Is(err, bot.ErrStale) {
						t.Errorf("%s settled twice: %v", key, err)
					}
					last = key
				}
			})
		}
		wg.Wait()
		if c := must(w.InboxCounts(w.ctx))(t); c.Waiting != 0 || c.Finished != chats*each {
			t.Errorf("%+v", c)
		}
		if c := must(w.OutboxCounts(w.ctx))(t); c.Sent != chats*each || c.Sending+c.Queued != 0 {
			t.Errorf("%+v", c)
		}
	})
}

// Those who share a commit fail apart: what one of them did is undone, and nothing of the others.
func TestCommit_F6_FailApart(t *testing.T) {
	const callers = 60
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		hold, held := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() { // so that the others gather behind it
			_ = w.InTx(w.ctx, func(context.Context) error {
				close(held)
				<-hold
				return errBoom
			})
		})
		<-held
		given, cancel := context.WithCancel(w.ctx)
		cancel()
		for i := range callers {
			wg.Go(func() {
				key := fmt.Sprint("k", i)
				switch i % 4 {
				case 0: // fails after it wrote
					_, err := w.Once(w.ctx, "run", key, func(ctx context.Context) ([]byte, error) {
						if _, err := w.Put(ctx, w.envelope(key, bot.ClassReply)); err != nil {
							t.Error(err)
						}
						return nil, errBoom
					})
					if !errors.Is(err, errBoom) {
						t.Errorf("%s: %v", key, err)
					}
				case 1: // gives up before its turn
					if _, err := w.Put(given, w.envelope(key, bot.ClassReply)); err == nil {
						t.Errorf("%s was put", key)
					}
				case 2: // panics after it wrote
					func() {
						defer func() {
							if recover() == nil {
								t.Errorf("%s: no panic", key)
							}
						}()
						_, _ = w.Once(w.ctx, "run", key, func(ctx context.Context) ([]byte, error) {
							if _, err := w.Put(ctx, w.envelope(key, bot.ClassReply)); err != nil {
								t.Error(err)
							}
							panic("on its way up")
						})
					}()
				default:
					if n, err := w.Put(w.ctx, w.envelope(key, bot.ClassReply)); n != 1 || err != nil {
						t.Errorf("%s: %d put: %v", key, n, err)
					}
				}
			})
		}
		close(hold)
		wg.Wait()
		for i := range callers {
			_, err := w.Posting(w.ctx, fmt.Sprint("k", i))
			if stands := err == nil; stands != (i%4 == 3) {
				t.Errorf("k%d stands: %t (%v)", i, stands, err)
			}
		}
	})
}

func TestRun_F1_TheDeadAreBuried(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		first := must(w.Begin(w.ctx))(t)
		_, _, taken := w.takeTurn("s1", "stranger", time.Minute)
		turn, _, _ := w.takeTurn("o1", "other", time.Minute)
		w.finishSending(turn, "r1", "")
		w.put(w.envelope("k", bot.ClassReply))
		if got := must(w.Claim(w.ctx, w.clock.Now(), time.Minute, 9))(t); !taken || len(got) != 1 {
			t.Fatal(taken, got)
		}
		// Another process looks: the first lives, so what it has leased is its own.
		if dead := must(first.Bury(w.ctx))(t); dead != 0 {
			t.Errorf("it buried %d, itself among them", dead)
		}
		w.noLease("its owner lives")
		w.ok(first.Die())
		second := must(w.Begin(w.ctx))(t)
		if again := w.lease(time.Minute); again.Update.ID != "s1" || again.Epoch != 2 {
			t.Errorf("leased %+v", again)
		}
		if got := must(w.Stranded(w.ctx, w.clock.Now(), 9))(t); len(got) != 1 || got[0].Envelope.Key != "r1" {
			t.Errorf("stranded: %+v", got)
		}
		if got := must(w.Claim(w.ctx, w.clock.Now(), time.Minute, 9))(t); len(got) != 1 || got[0].Envelope.Key != "k" {
			t.Errorf("claimed: %+v", got)
		}
		if dead := must(second.Bury(w.ctx))(t); dead != 0 {
			t.Errorf("%d dead are left", dead)
		}
		w.ok(second.End(w.ctx))
	})
}

// The three commits of a turn, from 64 chats at once, on a SQLite file with fsync: what they share is what a turn costs.
func BenchmarkTurnCommits(b *testing.B) {
	c := newClock()
	rec, err := records.Open(b.Context(), records.Options{
		URL: "sqlite://" + filepath.Join(b.TempDir(), "handrail.db"), Now: c.Now, Key: make([]byte, 32),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer rec.Close()
	w := &world{Records: rec, t: b, ctx: b.Context(), clock: c, practice: "a"}
	w.ok(rec.SavePractice(w.ctx, handrail.Practice{ID: "a", Name: "The Surgery", Zone: "Europe/London"}, by))
	var chats atomic.Int64
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		from, last := fmt.Sprint("chat", chats.Add(1)), ""
		for n := 0; pb.Next(); n++ {
			key := fmt.Sprint(from, ":", n)
			turn, _, taken, err := w.Take(w.ctx, update(w, key, from), c.Now(), time.Minute)
			if err != nil || !taken {
				b.Error(taken, err)
				return
			}
			p, sending, err := w.FinishSending(w.ctx, turn, w.reply(turn, key), last, c.Now(), time.Minute)
			if err != nil || !sending {
				b.Error(sending, err)
				return
			}
			if err := w.Settle(w.ctx, key, p.Epoch, bot.Settlement{State: bot.SendSent, Parts: 1}); err != nil {
				b.Error(err)
				return
			}
			last = key
		}
	})
}

// Whoever waits for the commit waits no longer than they can: an adapter must answer its network, and somebody in danger
// must get the card, while the database is busy with something else.
func TestTake_F3_WaitsNoLongerThanItsCaller(t *testing.T) {
	w := newWorld(t, recordstest.SQLite, records.Options{})
	let := w.hold()
	defer let()
	for i := range 3 { // the first is under way, the others stand behind it
		ctx, cancel := context.WithTimeout(w.ctx, 50*time.Millisecond)
		began := time.Now()
		_, _, taken, err := w.Take(ctx, update(w, fmt.Sprint("d", i), fmt.Sprint("stranger", i)), w.clock.Now(), time.Minute)
		cancel()
		if took := time.Since(began); taken || !errors.Is(err, context.DeadlineExceeded) || took > 5*time.Second {
			t.Errorf("taken %t after %v: %v", taken, took, err)
		}
	}
}
