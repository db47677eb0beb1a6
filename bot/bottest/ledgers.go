package bottest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
)

// Ledgers is the suite that every ledger must pass. open makes an empty one that knows a practice called "practice" and
// nobody in it. What Finish puts into the outbox cannot be seen through the interface and is the store's own to test.
func Ledgers(t *testing.T, open func(t *testing.T) bot.Ledger) {
	for name, part := range map[string]func(*testing.T, bot.Ledger){
		"accept": ledgerAccept, "update comes back": ledgerUpdate, "lease": ledgerLease, "stale": ledgerStale,
		"put off": ledgerPutOff, "guards first": ledgerGuards, "finish": ledgerFinish, "out of order": ledgerOutOfOrder,
		"once": ledgerOnce, "once, together": ledgerOnceTogether, "who": ledgerWho, "lease, together": ledgerLeaseTogether,
		"context": ledgerContext,
	} {
		t.Run(name, func(t *testing.T) { part(t, open(t)) })
	}
}

const leaseFor = 30 * time.Second

func ledgerStart() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) }

func ledgerText(role, id string) bot.Update {
	return bot.Update{ID: id, From: Address(role), At: ledgerStart(), Kind: bot.UpdateText, Text: "words of " + id}
}

func accept(t *testing.T, l bot.Ledger, updates ...bot.Update) {
	t.Helper()
	for _, u := range updates {
		if fresh, err := l.Accept(t.Context(), u, ledgerStart()); err != nil || !fresh {
			t.Fatalf("accept %s: got %v, %v; want true", u.ID, fresh, err)
		}
	}
}

func lease(t *testing.T, l bot.Ledger, now time.Time, want string) bot.Turn {
	t.Helper()
	turn, ok, err := l.Lease(t.Context(), now, leaseFor)
	switch {
	case err != nil:
		t.Fatalf("lease: %v", err)
	case ok != (want != ""):
		t.Fatalf("lease: got %q, want %q", turn.Update.ID, want)
	case turn.Update.ID != want:
		t.Fatalf("lease: got %q, want %q", turn.Update.ID, want)
	}
	return turn
}

func finish(t *testing.T, l bot.Ledger, turn bot.Turn, f bot.Finish) {
	t.Helper()
	f.At = ledgerStart()
	if err := l.Finish(t.Context(), turn, f); err != nil {
		t.Fatalf("finish %s: %v", turn.Update.ID, err)
	}
}

func wantStale(t *testing.T, l bot.Ledger, turn bot.Turn) {
	t.Helper()
	if err := l.Release(t.Context(), turn, true, ledgerStart()); !errors.Is(err, bot.ErrStale) {
		t.Errorf("release of what is not ours: got %v, want ErrStale", err)
	}
	if err := l.Finish(t.Context(), turn, bot.Finish{UsedState: true, OpenDialog: "stale", CloseDialogs: true, At: ledgerStart()}); !errors.Is(err, bot.ErrStale) {
		t.Errorf("finish of what is not ours: got %v, want ErrStale", err)
	}
}

func ledgerAccept(t *testing.T, l bot.Ledger) {
	accept(t, l, ledgerText("a", "1"), ledgerText("a", "2"), ledgerText("b", "3"))
	for range 2 {
		if fresh, err := l.Accept(t.Context(), ledgerText("a", "1"), ledgerStart().Add(time.Hour)); err != nil || fresh {
			t.Errorf("a duplicate: got %v, %v; want false, nil", fresh, err)
		}
	}
	numbers := map[string]int64{}
	conversations := map[string]string{}
	for range 3 {
		turn, ok, err := l.Lease(t.Context(), ledgerStart(), leaseFor)
		if err != nil || !ok {
			t.Fatalf("lease: %v, %v", ok, err)
		}
		numbers[turn.Update.ID], conversations[turn.Update.ID] = turn.Number, turn.Conversation
	}
	if want := map[string]int64{"1": 1, "2": 2, "3": 1}; !reflect.DeepEqual(numbers, want) {
		t.Errorf("numbers are %v, want %v", numbers, want)
	}
	if conversations["1"] != conversations["2"] || conversations["1"] == conversations["3"] || conversations["1"] == "" {
		t.Errorf("conversations are %v", conversations)
	}
	lease(t, l, ledgerStart(), "")
}

func ledgerUpdate(t *testing.T, l bot.Ledger) {
	u := bot.Update{
		ID: "1", From: Address("a"), At: ledgerStart().Add(-time.Minute), Kind: bot.UpdateForm, Text: "Þóra 🙂 \"'\\", Choice: "q~1~a~0", Form: "f",
		Fields: map[string]string{"name": "O'Neill", "note": "two\nlines"}, Near: &handrail.Point{Lat: 51.88, Lon: -0.42}, Danger: "indirect", Handle: "trigger",
	}
	accept(t, l, u)
	turn := lease(t, l, ledgerStart(), "1")
	u.Handle = "" // never stored
	turn.Update.At = turn.Update.At.UTC()
	if !reflect.DeepEqual(turn.Update, u) {
		t.Errorf("the update came back as\n%+v\nwant\n%+v", turn.Update, u)
	}
	if !turn.AcceptedAt.Equal(ledgerStart()) || !turn.Oldest || turn.Guarded || turn.Number != 1 || turn.LastStateTurn != 0 || turn.OpenDialog != "" || turn.ClosedBefore != 0 {
		t.Errorf("the first turn is %+v", turn)
	}
}

func ledgerLease(t *testing.T, l bot.Ledger) {
	lease(t, l, ledgerStart(), "")
	accept(t, l, ledgerText("a", "1"))
	one := lease(t, l, ledgerStart(), "1")
	lease(t, l, ledgerStart().Add(leaseFor-time.Second), "")
	two := lease(t, l, ledgerStart().Add(leaseFor+time.Second), "1")
	if two.Epoch <= one.Epoch {
		t.Errorf("epochs are %d and then %d; they must grow", one.Epoch, two.Epoch)
	}
}

func ledgerStale(t *testing.T, l bot.Ledger) {
	accept(t, l, ledgerText("a", "1"), ledgerText("a", "2"))
	now := ledgerStart()
	one := lease(t, l, now, "1")
	two := lease(t, l, now, "2")
	if err := l.Release(t.Context(), two, true, now); err != nil {
		t.Fatal(err)
	}
	later := now.Add(leaseFor + time.Second)
	again := lease(t, l, later, "1")
	wantStale(t, l, one) // leased by somebody else
	finish(t, l, again, bot.Finish{UsedState: true, OpenDialog: "find"})
	wantStale(t, l, again) // finished
	wantStale(t, l, one)
	if next := lease(t, l, later, "2"); next.OpenDialog != "find" || next.LastStateTurn != 1 || next.ClosedBefore != 0 {
		t.Errorf("a stale finish left its mark: %+v", next)
	}
}

func ledgerPutOff(t *testing.T, l bot.Ledger) {
	accept(t, l, ledgerText("a", "1"))
	now := ledgerStart()
	if err := l.Release(t.Context(), lease(t, l, now, "1"), true, now.Add(10*time.Second)); err != nil {
		t.Fatal(err)
	}
	lease(t, l, now.Add(9*time.Second), "")
	if turn := lease(t, l, now.Add(10*time.Second), "1"); !turn.Guarded {
		t.Error("the row has forgotten that the guards let it pass")
	}
	accept(t, l, ledgerText("b", "2"))
	if err := l.Release(t.Context(), lease(t, l, now, "2"), false, now.Add(10*time.Second)); err != nil {
		t.Fatal(err)
	}
	lease(t, l, now.Add(9*time.Second), "")
	if turn := lease(t, l, now.Add(10*time.Second), "2"); turn.Guarded {
		t.Error("the row says that the guards saw it; they did not")
	}
}

// ledgerGuards: a row that the guards have not seen is had at once, whatever waits before it.
func ledgerGuards(t *testing.T, l bot.Ledger) {
	now := ledgerStart()
	accept(t, l, ledgerText("a", "1"))
	one := lease(t, l, now, "1")
	accept(t, l, ledgerText("a", "2"), ledgerText("a", "3"))
	two := lease(t, l, now, "2")
	if two.Oldest || !one.Oldest {
		t.Errorf("oldest: %v and %v, want true and false", one.Oldest, two.Oldest)
	}
	if err := l.Release(t.Context(), two, true, now); err != nil {
		t.Fatal(err)
	}
	three := lease(t, l, now, "3")
	if err := l.Release(t.Context(), three, true, now); err != nil {
		t.Fatal(err)
	}
	lease(t, l, now, "") // guarded, and not their turn
	if err := l.Release(t.Context(), one, true, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	lease(t, l, now, "") // the oldest is put off, and so are those behind it
	finish(t, l, lease(t, l, now.Add(time.Minute), "1"), bot.Finish{})
	if two = lease(t, l, now.Add(time.Minute), "2"); !two.Oldest || !two.Guarded {
		t.Errorf("the next row is %+v, want it oldest and guarded", two)
	}
	lease(t, l, now.Add(time.Minute), "") // one at a time
}

func ledgerFinish(t *testing.T, l bot.Ledger) {
	accept(t, l, ledgerText("a", "1"), ledgerText("a", "2"), ledgerText("a", "3"), ledgerText("a", "4"), ledgerText("b", "5"))
	now := ledgerStart()
	next := func(id string, state int64, open string, closed int64) bot.Turn {
		t.Helper()
		for {
			turn, ok, err := l.Lease(t.Context(), now, leaseFor)
			if err != nil || !ok {
				t.Fatalf("lease: %v, %v", ok, err)
			}
			if !turn.Oldest || turn.Update.ID == "5" {
				if err := l.Release(t.Context(), turn, true, now.Add(time.Duration(turn.Number)*time.Hour)); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if turn.Update.ID != id || turn.LastStateTurn != state || turn.OpenDialog != open || turn.ClosedBefore != closed {
				t.Fatalf("got turn %s: state %d, open %q, closed %d; want %s: %d, %q, %d", turn.Update.ID, turn.LastStateTurn,
					turn.OpenDialog, turn.ClosedBefore, id, state, open, closed)
			}
			return turn
		}
	}
	finish(t, l, next("1", 0, "", 0), bot.Finish{UsedState: true, OpenDialog: "find"})
	now = now.Add(5 * time.Hour)
	finish(t, l, next("2", 1, "find", 0), bot.Finish{})
	finish(t, l, next("3", 1, "find", 0), bot.Finish{CloseDialogs: true})
	// Whether a closed dialog is still named is the store's business: ClosedBefore says that it is closed.
	turn, _, err := l.Lease(t.Context(), now, leaseFor)
	for err == nil && turn.Update.ID == "5" {
		if turn.LastStateTurn != 0 || turn.OpenDialog != "" || turn.ClosedBefore != 0 {
			t.Fatalf("one conversation has left its mark on another: %+v", turn)
		}
		turn, _, err = l.Lease(t.Context(), now, leaseFor)
	}
	if err != nil || turn.Update.ID != "4" || turn.LastStateTurn != 1 || turn.ClosedBefore != 3 {
		t.Fatalf("got %+v, %v; want turn 4 after state 1, closed before 3", turn, err)
	}
}

// ledgerOutOfOrder: a guard ends a row before an older one is thought.
func ledgerOutOfOrder(t *testing.T, l bot.Ledger) {
	now := ledgerStart()
	accept(t, l, ledgerText("a", "1"))
	if err := l.Release(t.Context(), lease(t, l, now, "1"), true, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	accept(t, l, ledgerText("a", "2"), ledgerText("a", "3"))
	two := lease(t, l, now, "2")
	three := lease(t, l, now, "3")
	finish(t, l, three, bot.Finish{CloseDialogs: true})
	finish(t, l, two, bot.Finish{CloseDialogs: true})
	one := lease(t, l, now.Add(time.Minute), "1")
	if !one.Oldest || one.ClosedBefore != 3 || one.LastStateTurn != 0 {
		t.Errorf("the oldest row is %+v, want it closed before 3", one)
	}
	finish(t, l, one, bot.Finish{UsedState: true, OpenDialog: "find"})
	accept(t, l, ledgerText("a", "4"))
	if four := lease(t, l, now, "4"); four.Number != 4 || four.LastStateTurn != 1 || four.OpenDialog != "find" || four.ClosedBefore != 3 {
		t.Errorf("the next row is %+v", four)
	}
}

func ledgerOnce(t *testing.T, l bot.Ledger) {
	runs := 0
	once := func(run, key string, result []byte, fail error) ([]byte, error) {
		return l.Once(t.Context(), run, key, func(context.Context) ([]byte, error) {
			runs++
			return result, fail
		})
	}
	own := errors.New("its own error")
	if _, err := once("r", "k", []byte(`"no"`), own); !errors.Is(err, own) {
		t.Errorf("got %v, want the function's own error", err)
	}
	for i, result := range []string{`{"a":1}`, `{"a":2}`} {
		got, err := once("r", "k", []byte(result), nil)
		if got = bytes.ReplaceAll(got, []byte(" "), nil); err != nil || string(got) != `{"a":1}` { // a store may space JSON as it likes
			t.Errorf("call %d: got %s, %v; want the first result", i+1, got, err)
		}
	}
	if got, err := once("r", "other", []byte(`3`), nil); err != nil || string(got) != `3` {
		t.Errorf("another key: got %s, %v", got, err)
	}
	if got, err := once("other", "k", []byte(`4`), nil); err != nil || string(got) != `4` {
		t.Errorf("another run: got %s, %v", got, err)
	}
	if runs != 4 {
		t.Errorf("functions ran %d times, want 4", runs)
	}
}

// ledgerOnceTogether: whoever comes second gets the result of who came first.
func ledgerOnceTogether(t *testing.T, l bot.Ledger) {
	const many = 8
	results := make([]string, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			got, err := l.Once(context.Background(), "r", "k", func(context.Context) ([]byte, error) {
				return fmt.Append(nil, i), nil
			})
			if err != nil {
				t.Errorf("once: %v", err)
			}
			results[i] = string(got)
		})
	}
	all.Wait()
	for _, r := range results {
		if r != results[0] || r == "" {
			t.Fatalf("results differ: %q", results)
		}
	}
}

func ledgerWho(t *testing.T, l bot.Ledger) {
	who, err := l.Who(t.Context(), Address("nobody"))
	if err != nil || who.Kind != bot.WhoUnknown || who.ID != "" {
		t.Errorf("got %+v, %v; want somebody unknown", who, err)
	}
}

// ledgerLeaseTogether: each row is leased once, however many ask.
func ledgerLeaseTogether(t *testing.T, l bot.Ledger) {
	const rows = 24
	for i := range rows {
		accept(t, l, ledgerText(fmt.Sprint("p", i), fmt.Sprint(i)))
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for {
				turn, ok, err := l.Lease(context.Background(), ledgerStart(), leaseFor)
				if err != nil {
					t.Errorf("lease: %v", err)
				}
				if !ok || err != nil {
					return
				}
				mu.Lock()
				seen[turn.Update.ID]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("row %s was leased %d times", id, n)
		}
	}
	if len(seen) != rows {
		t.Errorf("%d rows were leased, want %d", len(seen), rows)
	}
}

func ledgerContext(t *testing.T, l bot.Ledger) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Accept(ctx, ledgerText("a", "1"), ledgerStart()); err == nil {
		t.Error("accept with a context that has ended: no error")
	}
	if _, _, err := l.Lease(ctx, ledgerStart(), leaseFor); err == nil {
		t.Error("lease with a context that has ended: no error")
	}
	accept(t, l, ledgerText("a", "1")) // the failed one left nothing behind
}
