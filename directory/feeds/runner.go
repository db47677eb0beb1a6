package feeds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/directory/sources"
)

// Scheduled is a feed and when to pull it.
type Scheduled struct {
	Feed
	// Schedule says when the next pull is due after the last try; a zero time is never.
	Schedule Schedule
}

// Schedule is what cron schedules are.
type Schedule interface {
	Next(after time.Time) time.Time
}

// Store keeps what is pulled, and where each feed was left.
type Store interface {
	// FeedState gives where a feed was left; the zero value when it was never read.
	FeedState(ctx context.Context, name string) (handrail.FeedState, error)
	SaveFeedState(ctx context.Context, s handrail.FeedState) error
	// TakeFeed takes in what a source says now. Taking the same twice changes nothing.
	TakeFeed(ctx context.Context, source string, c handrail.FeedCopy, by handrail.Actor) (handrail.Imported, error)
}

// Options is what a Runner is made of.
type Options struct {
	Feeds  []Scheduled
	Store  Store
	Clock  bot.Clock
	Client *Client
	Log    *slog.Logger
	// Prepare, where there is one, completes listings before they are taken in: places them by their postcode, say.
	Prepare func(ctx context.Context, list []handrail.Activity) error
}

// Runner pulls feeds by a timetable. Several replicas may run one each: they ask a feed more often than needed, and what
// they take in is the same. A crash between taking a copy and storing the state pulls it again.
type Runner struct {
	o Options

	mu    sync.Mutex // one pull at a time
	known map[string]State
}

// Report is what one pull came to.
type Report struct {
	Feed     Feed
	Pulled   Pulled
	Imported handrail.Imported
	State    State
}

// New checks what it is given and makes a Runner. Its errors have sentences for whoever writes the settings.
func New(o Options) (*Runner, error) {
	if o.Store == nil || o.Clock == nil || o.Client == nil || o.Log == nil {
		return nil, errors.New("feeds: a store, a clock, a client and a log are needed")
	}
	names := map[string]bool{}
	for _, f := range o.Feeds {
		switch {
		case f.Name == "":
			return nil, handrail.Errorf(handrail.KindInvalid, "A feed has no name.", "feeds: no name")
		case names[f.Name]:
			return nil, handrail.Errorf(handrail.KindInvalid, "Two feeds have the name "+f.Name+".", "feeds: a name twice")
		case f.Schedule == nil:
			return nil, handrail.Errorf(handrail.KindInvalid, "The feed "+f.Name+" has no timetable.", "feeds: no schedule")
		case !slices.Contains([]string{sources.OpenReferral3, sources.OpenReferral1, sources.RPDE}, f.Format):
			return nil, handrail.Errorf(handrail.KindInvalid, "The feed "+f.Name+" has a format that cannot be pulled.", "feeds: unknown format")
		}
		for _, address := range []string{f.URL, f.Sessions} {
			if address == "" && f.URL != "" {
				continue
			}
			if _, err := parseURL(nil, address); err != nil {
				return nil, fmt.Errorf("feed %s: %w", f.Name, err)
			}
		}
		names[f.Name] = true
	}
	return &Runner{o: o, known: map[string]State{}}, nil
}

// Step pulls the first feed that is due, if any is, and says whether it did. A feed that fails is no error of the
// runner: it is in the feed's state, and in the log.
func (r *Runner) Step(ctx context.Context) (did bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.o.Feeds {
		if err := r.learn(ctx, f); err != nil {
			return false, err
		}
		now := r.o.Clock.Now()
		if at, ok := r.due(f); !ok || at.After(now) {
			continue
		}
		// Another replica may have been here since.
		delete(r.known, f.Name)
		if err := r.learn(ctx, f); err != nil {
			return false, err
		}
		if at, ok := r.due(f); !ok || at.After(now) {
			continue
		}
		_, err := r.pull(ctx, f, false)
		var own *storeError
		if errors.As(err, &own) || ctx.Err() != nil {
			return true, err
		}
		return true, nil
	}
	return false, nil
}

// Next is when the next feed is due, which may be past; false when none ever is. It knows what Step has seen.
func (r *Runner) Next() (time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var next time.Time
	found := false
	for _, f := range r.o.Feeds {
		if at, ok := r.due(f); ok && (!found || at.Before(next)) {
			next, found = at, true
		}
	}
	return next, found
}

// Pull pulls one feed now, whatever its timetable says: for a person who asks for it. The report holds what was taken
// even where there is an error.
func (r *Runner) Pull(ctx context.Context, name string) (Report, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.o.Feeds {
		if f.Name == name {
			return r.pull(ctx, f, true)
		}
	}
	return Report{}, handrail.Errorf(handrail.KindNotFound, "There is no feed of that name.", "pull feed: no such name")
}

// Run pulls what is due until its context ends, and returns nil then.
func (r *Runner) Run(ctx context.Context) error {
	const longest, afterTrouble = time.Hour, time.Minute
	for ctx.Err() == nil {
		did, err := r.Step(ctx)
		wait := longest
		switch {
		case err != nil && ctx.Err() == nil:
			r.o.Log.ErrorContext(ctx, "feeds could not be pulled", "err", err)
			wait = afterTrouble
		case did:
			continue
		default:
			if at, ok := r.Next(); ok {
				wait = min(max(at.Sub(r.o.Clock.Now()), time.Second), longest)
			}
		}
		select {
		case <-ctx.Done():
		case <-r.o.Clock.After(wait):
		}
	}
	return nil
}

// learn reads a feed's state where it is not known yet.
func (r *Runner) learn(ctx context.Context, f Scheduled) error {
	if _, ok := r.known[f.Name]; ok {
		return nil
	}
	stored, err := r.o.Store.FeedState(ctx, f.Name)
	if err != nil {
		return fmt.Errorf("state of feed %s: %w", f.Name, err)
	}
	state, err := StateOf(stored)
	if err != nil {
		r.o.Log.WarnContext(ctx, "a feed's state cannot be read, so it is read anew", "feed", f.Name, "err", err)
	}
	r.known[f.Name] = state
	return nil
}

// due is when a feed is to be pulled next.
func (r *Runner) due(f Scheduled) (at time.Time, ok bool) {
	s := r.known[f.Name]
	now := r.o.Clock.Now()
	switch {
	case s.TriedAt.IsZero(), s.Of != f.address(), s.TriedAt.After(now.Add(time.Hour)): // the last: the clock was put back
		return now, true
	case s.Stopped:
		return at, false
	}
	if at = f.Schedule.Next(s.TriedAt); at.IsZero() {
		return at, false
	}
	if s.NotBefore.After(at) {
		at = s.NotBefore
	}
	return at, true
}

// storeError is a failure of ours.
type storeError struct{ err error }

// Error is the failure's.
func (e *storeError) Error() string { return e.err.Error() }

// Unwrap is the failure.
func (e *storeError) Unwrap() error { return e.err }

func (r *Runner) pull(ctx context.Context, f Scheduled, told bool) (Report, error) {
	report := Report{Feed: f.Feed}
	stored, err := r.o.Store.FeedState(ctx, f.Name)
	if err != nil {
		return report, &storeError{fmt.Errorf("state of feed %s: %w", f.Name, err)}
	}
	state, err := StateOf(stored)
	if err != nil {
		state = State{}
	}
	if told { // a person may know that a feed that was gone is back
		state.Stopped = false
	}
	began := r.o.Clock.Now()
	pulled, state, wrong := r.o.Client.Pull(ctx, f.Feed, state, began)
	pulled.Took = r.o.Clock.Now().Sub(began)
	report.Pulled, report.State = pulled, state
	if ctx.Err() != nil {
		return report, wrong
	}
	taken, err := r.take(ctx, f, pulled)
	if err != nil {
		// What was pulled is not in, so the state must not say that it is. That it was tried is all that is kept.
		stored.TriedAt, stored.Problem = &began, "What the feed said could not be taken in."
		stored.Failures++
		if say, ok := handrail.Sentence(err); ok {
			stored.Problem = say
		}
		state, _ = StateOf(stored)
		state.Of = f.address()
		r.known[f.Name], report.State = state, state
		return report, &storeError{errors.Join(fmt.Errorf("take feed %s: %w", f.Name, err), r.o.Store.SaveFeedState(ctx, stored))}
	}
	report.Imported = taken
	r.known[f.Name] = state
	if stored, err = state.Stored(f.Name); err == nil {
		err = r.o.Store.SaveFeedState(ctx, stored)
	}
	if err != nil {
		return report, &storeError{fmt.Errorf("save state of feed %s: %w", f.Name, err)}
	}
	if wrong != nil {
		r.o.Log.WarnContext(ctx, "a feed could not be read", "feed", f.Name, "failures", state.Failures, "err", wrong)
		return report, wrong
	}
	r.o.Log.InfoContext(ctx, "a feed was read", "feed", f.Name, "full", pulled.Full, "pages", pulled.Pages, "bytes", pulled.Bytes, "took", pulled.Took,
		"added", taken.Added, "changed", taken.Changed, "removed", taken.Removed, "held", taken.Held)
	return report, nil
}

func (r *Runner) take(ctx context.Context, f Scheduled, p Pulled) (handrail.Imported, error) {
	if len(p.Activities)+len(p.Gone) == 0 && !p.Full {
		return handrail.Imported{}, nil
	}
	if r.o.Prepare != nil && len(p.Activities) > 0 {
		if err := r.o.Prepare(ctx, p.Activities); err != nil {
			return handrail.Imported{}, fmt.Errorf("prepare: %w", err)
		}
	}
	return r.o.Store.TakeFeed(ctx, f.Source(), handrail.FeedCopy{Changed: p.Activities, Gone: p.Gone, Full: p.Full}, handrail.ActorSystem)
}
