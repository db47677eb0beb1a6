package rig

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"handrail/bot"
)

// Took is how long something took, many times. The zero Took is empty. It is safe for use by several goroutines.
type Took struct {
	mu  sync.Mutex
	all []time.Duration
}

// Add notes one.
func (t *Took) Add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d)
}

// At is the duration that this share of all do not exceed: At(0.99) is the 99th percentile, At(1) the longest; 0 where
// there is none.
func (t *Took) At(share float64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	return t.all[min(int(share*float64(len(t.all))), len(t.all)-1)]
}

// String is the figures that a measurement gives.
func (t *Took) String() string {
	short := func(share float64) time.Duration { return t.At(share).Round(10 * time.Microsecond) }
	return fmt.Sprintf("p50 %v, p99 %v, max %v", short(0.5), short(0.99), short(1))
}

// Timed is an inbox that notes how long each delivery took in another. It does not know the open question.
type Timed struct {
	bot.Inbox
	Took *Took
}

// Deliver implements bot.Inbox.
func (t Timed) Deliver(ctx context.Context, u bot.Update) error {
	began := time.Now()
	defer func() { t.Took.Add(time.Since(began)) }()
	return t.Inbox.Deliver(ctx, u)
}

// Late notes, until ctx ends, by how much the machine itself is late: how long after its time a goroutine that waited for
// nothing else goes on. What a measurement of waits shows beyond that is the program's.
func Late(ctx context.Context, t *Took) {
	const every = 5 * time.Millisecond
	for {
		due := time.Now().Add(every)
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
			t.Add(time.Since(due))
		}
	}
}

// Disk notes, until ctx ends, how long the disk takes to keep a page in a file of that folder: no commit can be quicker.
func Disk(ctx context.Context, dir string, t *Took) error {
	f, err := os.Create(filepath.Join(dir, "a page"))
	if err != nil {
		return fmt.Errorf("make a file to write to: %w", err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(20 * time.Millisecond):
		}
		began := time.Now()
		if _, err := f.WriteAt(page, 0); err != nil {
			return fmt.Errorf("write a page: %w", err)
		}
		if err := f.Sync(); err != nil {
			return fmt.Errorf("keep a page: %w", err)
		}
		t.Add(time.Since(began))
	}
}
