package records_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func update(w *world, id, from string) bot.Update {
	return bot.Update{ID: id, From: chat(w.practice, from), At: w.clock.Now(), Kind: bot.UpdateText,
		Text: "words of " + id, Handle: "a handle"}
}

func (w *world) accept(ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		if !must(w.Accept(w.ctx, update(w, id, id[:1]), w.clock.Now()))(w.t) {
			w.t.Fatalf("update %s is not new", id)
		}
	}
}

// lease leases a turn, or fails.
func (w *world) lease(d time.Duration) bot.Turn {
	w.t.Helper()
	turn, ok, err := w.Lease(w.ctx, w.clock.Now(), d)
	w.ok(err)
	if !ok {
		w.t.Fatal("nothing to lease")
	}
	return turn
}

func (w *world) noLease(why string) {
	w.t.Helper()
	turn, ok, err := w.Lease(w.ctx, w.clock.Now(), time.Minute)
	w.ok(err)
	if ok {
		w.t.Errorf("%s: leased %s", why, turn.Update.ID)
	}
}

func TestInbox_F7_Accept(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		w.accept("a1", "a2")
		if must(w.Accept(w.ctx, update(w, "a1", "a"), w.clock.Now()))(t) {
			t.Error("a duplicate is new")
		}
		// A redelivery that claims another chat is a duplicate too: the id decides.
		if must(w.Accept(w.ctx, update(w, "a2", "z"), w.clock.Now()))(t) {
			t.Error("a duplicate from elsewhere is new")
		}
		w.accept("a3")
		other := update(w, "a1", "a")
		other.From = handrail.Address{Practice: "a", Channel: "other", Chat: "a"}
		if !must(w.Accept(w.ctx, other, w.clock.Now()))(t) {
			t.Error("the same id on another channel is a duplicate")
		}
		if _, err := w.Accept(w.ctx, bot.Update{From: chat("a", "a")}, w.clock.Now()); !handrail.IsKind(err, handrail.KindInvalid) {
			t.Errorf("no id: %v", err)
		}
		for want := int64(1); want <= 3; want++ {
			turn := w.lease(time.Hour)
			if turn.Number != want || turn.Update.ID != fmt.Sprintf("a%d", want) || turn.Epoch != 1 {
				t.Errorf("turn %d: %+v", want, turn)
			}
			u := update(w, turn.Update.ID, "a")
			u.Handle = "" // never stored
			if turn.Update.Text != u.Text || turn.Update.From != u.From || turn.Update.Handle != "" || !turn.Update.At.Equal(u.At) {
				t.Errorf("the update changed: %+v", turn.Update)
			}
			if turn.Conversation != w.ConversationKey(u.From) || len(turn.Conversation) != 32 {
				t.Errorf("conversation %q", turn.Conversation)
			}
		}
		fresh := race(t, 8, func(int) (bool, error) { return w.Accept(w.ctx, update(w, "b1", "b"), w.clock.Now()) })
		if n := len(slices.DeleteFunc(fresh, func(b bool) bool { return !b })); n != 1 {
			t.Errorf("%d of 8 racing deliveries are new", n)
		}
		w.accept("b2")
		w.lease(time.Hour) // on channel other
		if b1, b2 := w.lease(time.Hour), w.lease(time.Hour); b1.Number != 1 || b2.Number != 2 {
			t.Errorf("numbers %d, %d", b1.Number, b2.Number)
		}
	})
}

func TestInbox_Turns(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		if _, ok, err := w.NextTurn(w.ctx, w.clock.Now()); ok || err != nil {
			t.Errorf("an empty inbox has a next turn: %v", err)
		}
		w.accept("a1", "a2", "b1")
		a1, a2, b1 := w.lease(time.Minute), w.lease(time.Minute), w.lease(time.Minute)
		if !a1.Oldest || a2.Oldest || !b1.Oldest || a1.Guarded {
			t.Errorf("oldest: %v %v %v", a1.Oldest, a2.Oldest, b1.Oldest)
		}
		w.noLease("all are leased")
		// Guards pass a2; it waits behind a1.
		w.ok(w.Release(w.ctx, a2, true, time.Time{}))
		w.noLease("a2 is behind a1")
		if err := w.Release(w.ctx, a2, true, time.Time{}); err != nil {
			t.Errorf("nobody leased it since: %v", err)
		}
		next, ok, err := w.NextTurn(w.ctx, w.clock.Now())
		w.ok(err)
		if !ok || !next.Equal(w.clock.Now().Add(time.Minute)) {
			t.Errorf("the next turn is when a1's lease ends; got %v %v", next, ok)
		}
		out := w.envelope("reply", bot.ClassReply)
		w.ok(w.Finish(w.ctx, a1, bot.Finish{UsedState: true, OpenDialog: "refer", Out: []bot.Envelope{out}, At: w.clock.Now()}))
		if err := w.Finish(w.ctx, a1, bot.Finish{At: w.clock.Now()}); !errors.Is(err, bot.ErrStale) {
			t.Errorf("finished twice: %v", err)
		}
		if err := w.Release(w.ctx, a1, true, time.Time{}); !errors.Is(err, bot.ErrStale) {
			t.Errorf("released after its end: %v", err)
		}
		if got := must(w.Posting(w.ctx, "reply"))(t); got.State != bot.SendQueued {
			t.Errorf("reply: %s", got.State)
		}
		a2 = w.lease(time.Minute)
		if !a2.Oldest || !a2.Guarded || a2.LastStateTurn != 1 || a2.OpenDialog != "refer" || a2.Epoch != 2 || a2.ClosedBefore != 0 {
			t.Errorf("a2: %+v", a2)
		}
		// Put off: not before then.
		later := w.clock.Now().Add(30 * time.Second)
		w.ok(w.Release(w.ctx, a2, true, later))
		w.noLease("it is put off")
		w.clock.Add(30 * time.Second)
		a2 = w.lease(time.Minute)
		// b1's holder is late: its lease ends, another takes it, the first one's words count no more (F5).
		w.clock.Add(31 * time.Second)
		again := w.lease(time.Minute)
		if again.Update.ID != "b1" || again.Epoch != b1.Epoch+1 {
			t.Fatalf("leased %s, epoch %d", again.Update.ID, again.Epoch)
		}
		late := w.envelope("late", bot.ClassReply)
		if err := w.Finish(w.ctx, b1, bot.Finish{Out: []bot.Envelope{late}, At: w.clock.Now()}); !errors.Is(err, bot.ErrStale) {
			t.Errorf("a stale turn finished: %v", err)
		}
		if _, err := w.Posting(w.ctx, "late"); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("a stale turn spoke: %v", err)
		}
		w.ok(w.Finish(w.ctx, again, bot.Finish{At: w.clock.Now(), CloseDialogs: true}))
		w.accept("b2")
		b2 := w.lease(time.Minute)
		if b2.ClosedBefore != 1 || b2.LastStateTurn != 0 || !b2.Oldest {
			t.Errorf("b2: %+v", b2)
		}
		w.ok(w.Finish(w.ctx, a2, bot.Finish{At: w.clock.Now()}))
		w.ok(w.Finish(w.ctx, b2, bot.Finish{At: w.clock.Now()}))
		if got := must(w.InboxCounts(w.ctx))(t); got != (records.InboxCounts{Finished: 4}) {
			t.Errorf("counts: %+v", got)
		}
	})
}

// TestInbox_F1_FinishFails makes the commit of a turn's end fail: neither its end nor its words stand.
func TestInbox_F1_FinishFails(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		fail := true
		w := newWorld(t, open, records.Options{Fail: func(at string) error {
			if fail && at == "Finish:before" {
				return errBoom
			}
			return nil
		}})
		w.accept("a1")
		turn := w.lease(time.Minute)
		f := bot.Finish{Out: []bot.Envelope{w.envelope("k", bot.ClassReply)}, At: w.clock.Now()}
		if err := w.Finish(w.ctx, turn, f); !errors.Is(err, errBoom) {
			t.Fatalf("want the fault, got %v", err)
		}
		if _, err := w.Posting(w.ctx, "k"); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("the reply stands: %v", err)
		}
		fail = false
		w.ok(w.Finish(w.ctx, turn, f))
	})
}

// TestInbox_F4_Workers lets several workers lease at once with leases that everybody may take: each update is finished
// once, and in each conversation the turns that use the state are finished in order.
func TestInbox_F4_Workers(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		const chats, each = 5, 8
		race(t, chats, func(c int) (int, error) {
			for i := range each {
				id := fmt.Sprintf("%c%d", 'a'+c, i)
				if _, err := w.Accept(w.ctx, update(w, id, id[:1]), w.clock.Now()); err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		var mu sync.Mutex
		done := map[string][]int64{}
		race(t, 4, func(worker int) (int, error) {
			for n := 0; ; n++ {
				// Every third lease is over at once: somebody else may take the row while we still believe in it.
				lease := time.Hour
				if n%3 == worker%3 {
					lease = 0
				}
				turn, ok, err := w.Lease(w.ctx, w.clock.Now(), lease)
				if err != nil {
					return 0, err
				}
				if !ok {
					if c, err := w.InboxCounts(w.ctx); err != nil || c.Waiting == 0 {
						return 0, err
					}
					continue
				}
				if !turn.Oldest {
					if err := w.Release(w.ctx, turn, true, time.Time{}); err != nil && !errors.Is(err, bot.ErrStale) {
						return 0, err
					}
					continue
				}
				err = w.InTx(w.ctx, func(ctx context.Context) error {
					if err := w.Finish(ctx, turn, bot.Finish{UsedState: true, At: w.clock.Now(), Out: []bot.Envelope{
						w.envelope(fmt.Sprintf("%s/%d", turn.Conversation, turn.Number), bot.ClassReply)}}); err != nil {
						return err
					}
					// Before the commit, so before anybody can lease the next one.
					mu.Lock()
					defer mu.Unlock()
					done[turn.Conversation] = append(done[turn.Conversation], turn.Number)
					return nil
				})
				if err != nil && !errors.Is(err, bot.ErrStale) {
					return 0, err
				}
			}
		})
		if len(done) != chats {
			t.Fatalf("%d conversations", len(done))
		}
		for _, numbers := range done {
			if len(numbers) != each || !slices.IsSorted(numbers) || numbers[0] != 1 || numbers[each-1] != each {
				t.Errorf("finished in the order %v", numbers)
			}
		}
		if c := must(w.OutboxCounts(w.ctx))(t); c.Queued != chats*each {
			t.Errorf("%d replies, want %d", c.Queued, chats*each)
		}
	})
}

func TestInbox_Notify(t *testing.T) {
	commits := 0
	w := newWorld(t, recordstest.SQLite, records.Options{OnCommit: func() { commits++ }})
	one, two := w.Notify(), w.Notify()
	woken := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	w.accept("a1", "a2")
	if !woken(one) || !woken(two) || woken(one) {
		t.Error("each worker is woken once for what came since")
	}
	w.put(w.envelope("k", bot.ClassReply))
	w.put(w.envelope("k", bot.ClassReply)) // exists already
	if commits != 3 {
		t.Errorf("%d commits left work, want 3", commits)
	}
	must(w.Patient(w.ctx, "a", w.patient.ID))(t)
	if !woken(one) || woken(one) {
		t.Error("woken without work, or not woken by an envelope")
	}
}

func TestOnce_F4(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		var mu sync.Mutex
		ran := 0
		results := race(t, 6, func(i int) (string, error) {
			got, err := w.Once(w.ctx, "run", "add", func(ctx context.Context) ([]byte, error) {
				mu.Lock()
				ran++
				mu.Unlock()
				_, err := w.ChangeReferral(ctx, "a", w.referral.ID, by, (*handrail.Referral).Send)
				return fmt.Appendf(nil, "result %d", i), err
			})
			return string(got), err
		})
		if ran != 1 {
			t.Errorf("the effect ran %d times", ran)
		}
		if slices.ContainsFunc(results, func(s string) bool { return s != results[0] || s == "" }) {
			t.Errorf("results differ: %q", results)
		}
		if got := w.actions("referral", string(w.referral.ID)); len(got) != 2 {
			t.Errorf("trail: %q", got)
		}
		// An error rolls back everything, so the effect may be tried again.
		_, err := w.Once(w.ctx, "run", "fails", func(ctx context.Context) ([]byte, error) {
			if _, err := w.Put(ctx, w.envelope("k", bot.ClassReply)); err != nil {
				return nil, err
			}
			return nil, errBoom
		})
		if err != errBoom { //nolint:errorlint // as it is, not wrapped
			t.Errorf("want the error as it is, got %v", err)
		}
		if _, err := w.Posting(w.ctx, "k"); !handrail.IsKind(err, handrail.KindNotFound) {
			t.Errorf("what the effect did stands: %v", err)
		}
		for range 2 {
			if got := must(w.Once(w.ctx, "run", "fails", func(context.Context) ([]byte, error) { return nil, nil }))(t); got != nil {
				t.Errorf("result %q", got)
			}
		}
		if got := must(w.Once(w.ctx, "run", "fails", func(context.Context) ([]byte, error) { return []byte("x"), nil }))(t); got != nil {
			t.Errorf("an empty result was not kept: %q", got)
		}
	})
}

func TestTicks_F4(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		if _, ok, err := w.LastTick(w.ctx, "j"); ok || err != nil {
			t.Errorf("a tick before the first: %v", err)
		}
		tick := w.clock.Now()
		mine := race(t, 6, func(int) (bool, error) { return w.ClaimTick(w.ctx, "j", tick) })
		if n := len(slices.DeleteFunc(mine, func(b bool) bool { return !b })); n != 1 {
			t.Errorf("claimed %d times", n)
		}
		if must(w.ClaimTick(w.ctx, "j", tick.Add(-time.Minute)))(t) {
			t.Error("a tick before the latest was claimed")
		}
		err := w.InTx(w.ctx, func(ctx context.Context) error {
			if !must(w.ClaimTick(ctx, "j", tick.Add(time.Minute)))(t) {
				t.Error("the next tick cannot be claimed")
			}
			return errBoom
		})
		if !errors.Is(err, errBoom) {
			t.Error(err)
		}
		last, ok, err := w.LastTick(w.ctx, "j")
		if !ok || err != nil || !last.Equal(tick) {
			t.Errorf("last tick %v %v %v", last, ok, err)
		}
		if !must(w.ClaimTick(w.ctx, "j", tick.Add(time.Minute)))(t) {
			t.Error("the tick of a job that failed is lost")
		}
	})
}

func TestStates(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		bottest.States(t, func(*testing.T) bot.States { return w.States() })
	})
}
