package reminders

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"

	"handrail"
	"handrail/bot"
)

const (
	// ahead is how far ahead of its time an envelope is put, so that the sender wakes for it and not for the tick.
	ahead = 15 * time.Minute
	// overlap is how far a span reaches back behind the last tick, for facts that were being written at that moment.
	overlap = time.Hour
)

// Job is one reason to speak first.
type Job struct {
	// Name is stored with its ticks and in envelopes, so it is stable.
	Name string
	// Spec is a cron schedule of five fields in the planner's zone.
	Spec string
	// Due returns what belongs in the span. It reads facts and changes nothing.
	Due func(ctx context.Context, s Span) ([]bot.Envelope, error)
	// Keep notes, in the transaction that puts what Due returned, that it was said; nil when nothing has to be noted.
	Keep func(ctx context.Context, s Span) error
	// After does what is too long for that transaction, once it is committed, and not again when it fails or is killed: the next
	// tick goes on with what is left. Nil when there is nothing.
	After func(ctx context.Context, s Span) error
	// Still returns "" while the facts behind an envelope of this job hold, or one word why not. It is asked just
	// before the envelope is sent. Nil: nothing can have changed.
	Still func(ctx context.Context, e bot.Envelope) (string, error)
	// AtTick says that what is due is a list as of the tick, and not an appointment with a time of its own.
	AtTick bool
	// Leave is how many of a week's questions to a person (G16) must be left for other jobs when this one asks.
	Leave int
}

// Span is the time a job is asked about: what is to be sent after From and up to To. Now is the clock's; Tick is the
// newest tick of the job's schedule that is not after Now.
type Span struct{ From, To, Now, Tick time.Time }

// Holds reports whether an instant belongs in the span.
func (s Span) Holds(t time.Time) bool { return t.After(s.From) && !t.After(s.To) }

// Ticks remembers which ticks were claimed. store/records implements it.
type Ticks interface {
	// LastTick is the newest claimed tick of a job; false when there is none.
	LastTick(ctx context.Context, job string) (time.Time, bool, error)
	// ClaimTick claims a tick and reports whether this call did: once for each, however many ask.
	ClaimTick(ctx context.Context, job string, tick time.Time) (bool, error)
	// InTx runs fn in one transaction that its context carries.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Post puts envelopes in the outbox, each once by its key.
type Post interface {
	Post(ctx context.Context, envs ...bot.Envelope) error
}

// Clock is the time, passed in.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Options is what a Planner is made of.
type Options struct {
	Jobs  []Job
	Ticks Ticks
	Post  Post
	// Contacts is the ledger of how often each patient was written to; nil counts nothing, for tests of time alone.
	Contacts Contacts
	Clock    Clock
	Zone     *time.Location
	Log      *slog.Logger
}

// Planner asks each job at its ticks what is due. Several planners on one store do no harm: a tick is claimed once.
type Planner struct {
	Options
	schedules []cron.Schedule
	byName    map[string]*Job
}

// New makes a Planner. It refuses a schedule that cannot be read, and one that could fall between 00:55 and 02:05.
func New(o Options) (*Planner, error) {
	p := &Planner{Options: o, byName: map[string]*Job{}}
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	for i := range o.Jobs {
		j := &p.Jobs[i]
		if p.byName[j.Name] != nil {
			return nil, fmt.Errorf("new planner: two jobs are named %q", j.Name)
		}
		s, err := parser.Parse(j.Spec)
		if err != nil {
			return nil, fmt.Errorf("new planner: job %s: %w", j.Name, err)
		}
		if spec, ok := s.(*cron.SpecSchedule); ok {
			spec.Location = o.Zone
		}
		if at, bad := inTheGap(s); bad {
			return nil, fmt.Errorf("new planner: job %s would run at %s, when the clocks may change", j.Name, at)
		}
		p.byName[j.Name] = j
		p.schedules = append(p.schedules, s)
	}
	return p, nil
}

// inTheGap finds a wall time between 00:55 and 02:05 in a schedule, on whatever days it runs: a schedule of the last
// Sunday in March is the worst of all.
func inTheGap(s cron.Schedule) (handrail.Clock, bool) {
	spec, ok := s.(*cron.SpecSchedule)
	if !ok {
		return 0, false // the parser makes no others
	}
	for c := handrail.At(0, 55); c <= handrail.At(2, 5); c++ {
		if spec.Hour&(1<<uint(c.Hour())) != 0 && spec.Minute&(1<<uint(c.Minute())) != 0 {
			return c, true
		}
	}
	return 0, false
}

// Step runs every job that has a tick between the last one claimed and now, and reports whether there was one. A job
// that fails keeps its tick for the next Step, and the others go on.
func (p *Planner) Step(ctx context.Context) (did bool, err error) {
	var errs []error
	for i := range p.Jobs {
		ran, err := p.run(ctx, &p.Jobs[i], p.schedules[i])
		did = did || ran
		if err != nil {
			errs = append(errs, fmt.Errorf("job %s: %w", p.Jobs[i].Name, err))
		}
	}
	return did, errors.Join(errs...)
}

func (p *Planner) run(ctx context.Context, j *Job, s cron.Schedule) (bool, error) {
	now := p.Clock.Now()
	last, ok, err := p.Ticks.LastTick(ctx, j.Name)
	if err != nil {
		return false, fmt.Errorf("last tick: %w", err)
	}
	if !ok {
		// The first time ever: nothing was missed. The tick of this moment counts as claimed.
		_, err := p.Ticks.ClaimTick(ctx, j.Name, now)
		return false, err
	}
	tick := newest(s, last, now)
	if tick.IsZero() {
		return false, nil
	}
	span, mine := Span{From: last.Add(-overlap), To: now.Add(ahead), Now: now, Tick: tick}, false
	err = p.Ticks.InTx(ctx, func(ctx context.Context) error {
		var err error
		if mine, err = p.Ticks.ClaimTick(ctx, j.Name, tick); err != nil || !mine {
			return err
		}
		envs, err := j.Due(ctx, span)
		if err != nil {
			return err
		}
		if j.Keep != nil {
			if err := j.Keep(ctx, span); err != nil {
				return err
			}
		}
		envs, err = p.within(ctx, j, addressed(j, envs))
		if err != nil {
			return err
		}
		return p.Post.Post(ctx, envs...)
	})
	if err == nil && mine && j.After != nil {
		return true, j.After(ctx, span)
	}
	return err == nil, err
}

// addressed names the job in its envelopes and leaves out those to somebody whose chat was closed: one person who blocked
// the bot must not keep everybody else's from being put.
func addressed(j *Job, envs []bot.Envelope) []bot.Envelope {
	out := make([]bot.Envelope, 0, len(envs))
	for _, e := range envs {
		if !e.To.IsZero() {
			e.Job = j.Name
			out = append(out, e)
		}
	}
	return out
}

// newest is the newest tick after last and not after now; zero when there is none. It looks back further and further, so
// that a long standstill is not counted through tick by tick.
func newest(s cron.Schedule, last, now time.Time) time.Time {
	for back := 2 * time.Hour; ; back *= 8 {
		from, whole := now.Add(-back), false
		if !from.After(last) {
			from, whole = last, true
		}
		var tick time.Time
		for t := s.Next(from); !t.IsZero() && !t.After(now); t = s.Next(t) {
			tick = t
		}
		if whole || !tick.IsZero() {
			return tick
		}
	}
}

// Next is the next tick of any job after now.
func (p *Planner) Next(now time.Time) (time.Time, bool) {
	var first time.Time
	for _, s := range p.schedules {
		if t := s.Next(now); !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first, !first.IsZero()
}

// NextKeep is the next tick after now of a job that changes something in the records: such a tick matters even where it sends
// nothing, so whoever moves a clock by hand stops there.
func (p *Planner) NextKeep(now time.Time) (time.Time, bool) {
	var first time.Time
	for i, s := range p.schedules {
		if p.Jobs[i].Keep == nil && p.Jobs[i].After == nil {
			continue
		}
		if t := s.Next(now); !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first, !first.IsZero()
}

// Run steps at every tick until ctx ends.
func (p *Planner) Run(ctx context.Context) {
	for {
		if _, err := p.Step(context.WithoutCancel(ctx)); err != nil {
			p.Log.Error("reminders", "error", err)
		}
		wait := time.Minute
		if next, ok := p.Next(p.Clock.Now()); ok {
			wait = min(wait, next.Sub(p.Clock.Now()))
		}
		select {
		case <-ctx.Done():
			return
		case <-p.Clock.After(max(wait, time.Second)):
		}
	}
}

// Still implements the sender's last look at the facts: the job that made the envelope is asked. "held" is the sender's
// word for what may go, but not yet: a question that would come in the quiet hours.
func (p *Planner) Still(ctx context.Context, e bot.Envelope) (string, error) {
	j := p.byName[e.Job]
	if j == nil {
		return "", nil
	}
	reason, err := "", error(nil)
	if j.Still != nil {
		reason, err = j.Still(ctx, e)
	}
	if handrail.IsKind(err, handrail.KindNotFound) {
		return "gone", nil
	}
	if now := p.Clock.Now(); err == nil && reason == "" && e.Class == bot.ClassNudge && !(&kit{Deps{Zone: p.Zone}}).awake(now).Equal(now) {
		// It was put for the day, and waited: for somebody to resolve an alert, or for the network. It waits for the
		// morning too (T7).
		return reasonNotNow, nil
	}
	if err != nil || reason != "" {
		return reason, err
	}
	return p.take(ctx, j, e)
}

// Peek is the next envelope that some job would put after now and up to limit, if the facts stay as they are; false when
// there is none. It changes nothing.
func (p *Planner) Peek(ctx context.Context, limit time.Time) (next bot.Envelope, ok bool, err error) {
	now := p.Clock.Now()
	for i := range p.Jobs {
		j := &p.Jobs[i]
		e, found, err := p.peek(ctx, j, p.schedules[i], now, limit)
		if err != nil {
			return bot.Envelope{}, false, fmt.Errorf("peek at job %s: %w", j.Name, err)
		}
		if found && (!ok || e.NotBefore.Before(next.NotBefore)) {
			next, ok = e, true
		}
	}
	return next, ok, nil
}

func (p *Planner) peek(ctx context.Context, j *Job, s cron.Schedule, now, limit time.Time) (next bot.Envelope, ok bool, err error) {
	tick := s.Next(now)
	if tick.IsZero() || tick.After(limit) {
		return bot.Envelope{}, false, nil
	}
	look := func(span Span) error {
		envs, err := j.Due(ctx, span)
		for _, e := range addressed(j, envs) {
			if e.NotBefore.After(now) && !e.NotBefore.After(limit) && (!ok || e.NotBefore.Before(next.NotBefore)) {
				next, ok = e, true
			}
		}
		return err
	}
	if !j.AtTick {
		err := look(Span{From: now, To: limit, Now: now, Tick: tick})
		return next, ok, err
	}
	last, seen, err := p.Ticks.LastTick(ctx, j.Name)
	if err != nil {
		return bot.Envelope{}, false, fmt.Errorf("last tick: %w", err)
	}
	if !seen {
		last = now
	}
	from := last.Add(-overlap)
	// A list only grows while the facts stay as they are: where there is none at the limit, there is none before. Where
	// there is one, it is the first tick at which it is not empty that counts.
	if err := look(Span{From: from, To: limit, Now: limit, Tick: tick}); err != nil || !ok {
		return bot.Envelope{}, false, err
	}
	for next, ok = (bot.Envelope{}), false; !ok && !tick.IsZero() && !tick.After(limit); tick = s.Next(tick) {
		if err := look(Span{From: from, To: tick.Add(ahead), Now: tick, Tick: tick}); err != nil {
			return bot.Envelope{}, false, err
		}
	}
	return next, ok, nil
}
