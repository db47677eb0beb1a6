package conversations

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// maxSaves is how many states are written at once at most.
const maxSaves = 64

// savings writes many conversations' states in one journey: who comes while one is under way goes with the next. Each stands
// or fails by itself.
type savings struct {
	client  *redis.Client
	script  *redis.Script
	timeout time.Duration

	mu    sync.Mutex
	busy  bool
	queue []*saving
}

// saving is one state to be written. done has room, so that nobody waits for somebody who gave up.
type saving struct {
	keys []string
	args []any
	done chan saved
}

type saved struct {
	version int64
	err     error
}

// do waits until the state is written or ctx ends; in the second case it may be written all the same.
func (w *savings) do(ctx context.Context, keys []string, args ...any) (version int64, err error) {
	s := &saving{keys: keys, args: args, done: make(chan saved, 1)}
	w.mu.Lock()
	w.queue = append(w.queue, s)
	if !w.busy {
		w.busy = true
		go w.work()
	}
	w.mu.Unlock()
	select {
	case got := <-s.done:
		return got.version, got.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (w *savings) work() {
	for {
		runtime.Gosched() // whoever is about to come goes along
		w.mu.Lock()
		n := min(len(w.queue), maxSaves)
		batch := w.queue[:n:n]
		w.queue = w.queue[n:]
		if w.busy = n > 0; !w.busy {
			w.queue = nil
		}
		w.mu.Unlock()
		if n == 0 {
			return
		}
		w.write(batch)
	}
}

func (w *savings) write(batch []*saving) {
	ctx, cancel := context.WithTimeout(context.Background(), w.timeout)
	defer cancel()
	got := make([]*redis.Cmd, len(batch))
	if len(batch) == 1 {
		got[0] = w.script.EvalSha(ctx, w.client, batch[0].keys, batch[0].args...)
	} else {
		pipe := w.client.Pipeline()
		for i, s := range batch {
			got[i] = w.script.EvalSha(ctx, pipe, s.keys, s.args...)
		}
		_, _ = pipe.Exec(ctx) // each of them has its own error
	}
	for i, s := range batch {
		// A Redis that was emptied or started anew doesn't know the script: nothing was written.
		if redis.HasErrorPrefix(got[i].Err(), "NOSCRIPT") {
			got[i] = w.script.Eval(ctx, w.client, s.keys, s.args...)
		}
		version, err := got[i].Int64()
		s.done <- saved{version, err}
	}
}
