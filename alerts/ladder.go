package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// Rung is one step of the ladder: a role that is called in chat, or the e-mail addresses of the settings.
type Rung struct {
	Who   handrail.Role
	Email bool
	After time.Duration // since the alert was raised
}

// DefaultRungs is the ladder where the settings have none.
func DefaultRungs() []Rung {
	return []Rung{
		{Who: handrail.RoleLinkWorker},
		{Email: true, After: 5 * time.Minute},
		{Who: handrail.RoleGP, After: 15 * time.Minute},
		{Who: handrail.RoleAdministrator, After: 30 * time.Minute},
	}
}

// Hours says when somebody is expected to be there.
type Hours interface {
	// Open is asked with a wall time in the zone that the hours are meant in.
	Open(wall time.Time) bool
}

// Records is what the ladder asks of the records. Methods called with a context that carries a transaction take part in it.
type Records interface {
	AlertsToCall(ctx context.Context, before time.Time) ([]handrail.Alert, error)
	NextCall(ctx context.Context) (time.Time, bool, error)
	ClimbLadder(ctx context.Context, a handrail.Alert, next time.Time) (bool, error)
	AlertArrived(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID, job string, since time.Time) (bool, error)
	Alert(ctx context.Context, practice handrail.PracticeID, id handrail.AlertID) (handrail.Alert, error)
	Patient(ctx context.Context, practice handrail.PracticeID, id handrail.PatientID) (handrail.Patient, error)
	OpenReferral(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) (handrail.Referral, error)
	VisitsOf(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Visit, error)
	StaffWith(ctx context.Context, practice handrail.PracticeID, role handrail.Role) ([]handrail.Staff, error)
	Staff(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID) (handrail.Staff, error)
	// Leaves are who is away and who covers, and today's date in the zone.
	Leaves(ctx context.Context, practice handrail.PracticeID, zone *time.Location) ([]handrail.Leave, handrail.Date, error)
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Post puts envelopes in the outbox, each once by its key.
type Post interface {
	Post(ctx context.Context, envs ...bot.Envelope) error
}

// Options are what a Ladder is made of. Records, Post, Words, Clock, Zone and Log are required.
type Options struct {
	Records Records
	Post    Post
	Words   bot.Words
	Zone    *time.Location
	Clock   bot.Clock
	Log     *slog.Logger
	// Rungs in the order of their times, the first at 0; nil is DefaultRungs. Rungs for e-mail are left out where there is
	// no Mail; where there is and no rung names it, e-mail goes with the second step.
	Rungs []Rung
	// Hours is when somebody is expected to be there; nil is always.
	Hours Hours
	// Again is how long after the last step everybody is called again; 0 is an hour.
	Again time.Duration
	// Mail is the second route, and To its addresses; nil and none where there is none.
	Mail bot.Channel
	To   []string
}

// The jobs of the ladder's envelopes: the sender asks Still about those that carry one. A first call in chat names jobCall,
// which is never taken back.
const (
	jobCall  = "alert"       // in chat
	jobRoute = "alert_route" // by e-mail, should the first call not arrive in chat
	jobMail  = "alert_mail"  // by e-mail, as a step of its own
)

const (
	// routeAfter is how long the chat has to deliver the first call before e-mail takes over. With the sender's pauses it
	// stays under two minutes (F11).
	routeAfter = time.Minute
	// soloMail is when e-mail goes on a ladder of a single step.
	soloMail = 10 * time.Minute
	// moreAfter is how often further messages of one person call staff again while the ladder climbs by itself (K10).
	moreAfter = 30 * time.Minute
	// watch is how often Run looks for alerts that another process raised.
	watch = 15 * time.Second
)

// Ladder calls staff to alerts. It is safe for use by several goroutines, and several of them may share one database: a step
// is put once.
type Ladder struct {
	o     Options
	rungs []Rung
	told  recently
}

// New makes a Ladder. It refuses a ladder that calls nobody at once, or whose steps are out of order.
func New(o Options) (*Ladder, error) {
	if o.Records == nil || o.Post == nil || o.Words == nil || o.Clock == nil || o.Zone == nil || o.Log == nil {
		return nil, errors.New("new ladder: records, post, words, clock, zone and log are all needed")
	}
	rungs := o.Rungs
	if rungs == nil {
		rungs = DefaultRungs()
	}
	if len(rungs) == 0 || rungs[0].After != 0 {
		return nil, errors.New("new ladder: nobody is called at once")
	}
	if !slices.IsSortedFunc(rungs, func(a, b Rung) int { return int(a.After - b.After) }) {
		return nil, errors.New("new ladder: a step comes before the one above it")
	}
	l := &Ladder{o: o}
	if l.o.Again <= 0 {
		l.o.Again = time.Hour
	}
	for _, r := range rungs {
		if !r.Email || l.mails() {
			l.rungs = append(l.rungs, r)
		}
	}
	if l.mails() && !slices.ContainsFunc(l.rungs, func(r Rung) bool { return r.Email }) {
		at, after := len(l.rungs), soloMail
		if len(l.rungs) > 1 {
			at, after = 1, l.rungs[1].After
		}
		l.rungs = slices.Insert(l.rungs, at, Rung{Email: true, After: after})
	}
	return l, nil
}

func (l *Ladder) mails() bool { return l.o.Mail != nil && len(l.o.To) > 0 }

// open says whether somebody is expected to be there.
func (l *Ladder) open(t time.Time) bool { return l.o.Hours == nil || l.o.Hours.Open(t.In(l.o.Zone)) }

// opens is the first minute from t at which somebody is expected to be there; t itself when that is never.
func (l *Ladder) opens(t time.Time) time.Time {
	for d := time.Duration(0); d <= 8*24*time.Hour; d += time.Minute {
		at := t.Add(d)
		if d > 0 {
			at = at.Truncate(time.Minute)
		}
		if l.open(at) {
			return at
		}
	}
	return t
}

// Raise calls the first step of an alert that was just raised, or that danger was written of again for, within the caller's
// transaction. It reports whether there is anybody to tell: only then may the person be told that it is passed on. A step
// that reaches nobody is stepped over at once.
//
// While the ladder climbs, further messages join the alert and call nobody anew; those that come half an hour or more after
// call the first step again, once each half hour: whoever saw the first may have gone home.
func (l *Ladder) Raise(ctx context.Context, a handrail.Alert, at time.Time) (told bool, err error) {
	if a.State == handrail.AlertRaised && a.Steps == 0 {
		return l.climb(ctx, a, at)
	}
	if at.Sub(a.CalledAt) < moreAfter {
		return l.anybody(ctx, a.Practice)
	}
	r := round{alert: a, key: "more:" + at.UTC().Truncate(moreAfter).Format("20060102T1504"), now: at, again: a.State == handrail.AlertRaised}
	for _, who := range l.rungs {
		if told, err := l.call(ctx, r, who); told || err != nil {
			return told, err
		}
	}
	return false, nil
}

// anybody reports whether some step of the ladder reaches somebody.
func (l *Ladder) anybody(ctx context.Context, practice handrail.PracticeID) (bool, error) {
	if l.mails() {
		return true, nil
	}
	for _, r := range l.rungs {
		if staff, err := l.staff(ctx, practice, r.Who); err != nil || len(staff) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// Step puts every step that is due, and reports whether there was one.
func (l *Ladder) Step(ctx context.Context) (did bool, err error) {
	now := l.o.Clock.Now()
	due, err := l.o.Records.AlertsToCall(ctx, now)
	if err != nil {
		return false, fmt.Errorf("find alerts to call for: %w", err)
	}
	var wrong []error
	for _, a := range due {
		err := l.o.Records.InTx(ctx, func(ctx context.Context) error {
			_, err := l.climb(ctx, a, now)
			return err
		})
		if err != nil {
			wrong = append(wrong, fmt.Errorf("call for an alert: %w", err))
			continue
		}
		did = true
	}
	return did, errors.Join(wrong...)
}

// Next is when the next step is due; false when nobody has to be called.
func (l *Ladder) Next(ctx context.Context) (time.Time, bool, error) { return l.o.Records.NextCall(ctx) }

// Run puts steps as they fall due until ctx ends. An error is logged and the loop goes on: the records may come back.
func (l *Ladder) Run(ctx context.Context) {
	for {
		wait := watch
		if _, err := l.Step(context.WithoutCancel(ctx)); err != nil {
			l.o.Log.ErrorContext(ctx, "alerts could not be called for", "err", err)
		} else if at, ok, err := l.Next(ctx); err == nil && ok {
			wait = min(wait, max(at.Sub(l.o.Clock.Now()), time.Second))
		}
		select {
		case <-ctx.Done():
			return
		case <-l.o.Clock.After(wait):
		}
	}
}

// round is one call for one alert.
type round struct {
	alert handrail.Alert
	key   string // of the call, within the alert
	now   time.Time
	again bool // somebody was called for it before
}

// climb puts the alert's next step, and those after it for as long as a step reaches nobody, in the caller's transaction.
func (l *Ladder) climb(ctx context.Context, a handrail.Alert, now time.Time) (told bool, err error) {
	again := a.Steps > 0
	for {
		n := a.Steps
		mine, err := l.o.Records.ClimbLadder(ctx, a, l.due(a, n+1, now))
		if err != nil {
			return false, err
		}
		if !mine {
			return true, nil // taken on meanwhile, or put by another process
		}
		r := round{alert: a, key: strconv.FormatInt(a.CalledAt.UnixMicro(), 36) + ":" + strconv.Itoa(n), now: now, again: again}
		if n < len(l.rungs) {
			told, err = l.call(ctx, r, l.rungs[n])
		} else {
			told, err = l.everybody(ctx, r)
		}
		if err == nil && n == 0 {
			told, err = l.second(ctx, r, told)
		}
		if a.Steps++; err != nil || told || a.Steps >= len(l.rungs) {
			return told, err
		}
	}
}

// due is when step n of an alert is due, seen from now.
func (l *Ladder) due(a handrail.Alert, n int, now time.Time) time.Time {
	if n < len(l.rungs) {
		return a.CalledAt.Add(l.rungs[n].After)
	}
	last := a.CalledAt.Add(l.rungs[len(l.rungs)-1].After)
	if now.After(last) {
		last = now
	}
	return l.opens(last.Add(l.o.Again))
}

// call puts one step for one alert. It reports whether it reaches anybody.
func (l *Ladder) call(ctx context.Context, r round, who Rung) (bool, error) {
	if who.Email {
		return true, l.mail(ctx, r, jobMail, r.now)
	}
	staff, err := l.staff(ctx, r.alert.Practice, who.Who)
	if err != nil || len(staff) == 0 {
		return false, err
	}
	return true, l.chat(ctx, r, staff)
}

// everybody calls the whole ladder again.
func (l *Ladder) everybody(ctx context.Context, r round) (told bool, err error) {
	var all []handrail.Staff
	for _, who := range l.rungs {
		if who.Email {
			continue
		}
		staff, err := l.staff(ctx, r.alert.Practice, who.Who)
		if err != nil {
			return false, err
		}
		for _, s := range staff {
			if !slices.ContainsFunc(all, func(o handrail.Staff) bool { return o.ID == s.ID }) {
				all = append(all, s)
			}
		}
	}
	if len(all) > 0 {
		if err := l.chat(ctx, r, all); err != nil {
			return false, err
		}
	}
	if l.mails() {
		return true, l.mail(ctx, r, jobMail, r.now)
	}
	return len(all) > 0, nil
}

// second puts the first call's e-mail: at once when the chat reaches nobody or nobody is expected to be there, and otherwise
// in case the chat does not deliver within a minute. It reports whether either route reaches anybody.
func (l *Ladder) second(ctx context.Context, r round, told bool) (bool, error) {
	if !l.mails() || l.rungs[0].Email {
		return told, nil
	}
	r.key += ":route"
	if !told || !l.open(r.now) {
		return true, l.mail(ctx, r, jobMail, r.now)
	}
	return true, l.mail(ctx, r, jobRoute, r.now.Add(routeAfter))
}

// staff are those of a role who can be reached in chat, and whoever covers for one who is away: both are called, since the
// one who is away may look all the same.
func (l *Ladder) staff(ctx context.Context, practice handrail.PracticeID, role handrail.Role) ([]handrail.Staff, error) {
	all, err := l.o.Records.StaffWith(ctx, practice, role)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	leaves, today, err := l.o.Records.Leaves(ctx, practice, l.o.Zone)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		cover, away := handrail.CoverFor(leaves, s.ID, today)
		if !away || slices.ContainsFunc(all, func(o handrail.Staff) bool { return o.ID == cover }) {
			continue
		}
		c, err := l.o.Records.Staff(ctx, practice, cover)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return slices.DeleteFunc(all, func(s handrail.Staff) bool { return s.Address.IsZero() || !s.Active }), nil
}

// Still says why an envelope of the ladder needs not go any more, just before it is sent; mine is false for an envelope that
// is none of the ladder's.
func (l *Ladder) Still(ctx context.Context, e bot.Envelope) (reason string, mine bool, err error) {
	switch e.Job {
	case jobCall, jobMail, jobRoute:
	default:
		return "", false, nil
	}
	a, err := l.o.Records.Alert(ctx, e.To.Practice, handrail.AlertID(e.Subject))
	if handrail.IsKind(err, handrail.KindNotFound) {
		return "gone", true, nil
	}
	if err != nil {
		return "", true, err
	}
	switch {
	case a.State == handrail.AlertResolved:
		return "resolved", true, nil
	case e.Job == jobCall:
		return "", true, nil // that somebody has taken it on is worth knowing for whoever was called beside them
	case a.State == handrail.AlertAcknowledged:
		return "acknowledged", true, nil
	case e.Job == jobMail:
		return "", true, nil
	}
	arrived, err := l.o.Records.AlertArrived(ctx, a.Practice, a.ID, jobCall, a.CalledAt)
	if err == nil && arrived {
		return "told in chat", true, nil
	}
	return "", true, err
}

// when says when an alert was raised, to staff.
func (l *Ladder) when(a handrail.Alert, now time.Time) string {
	return text.Near(a.RaisedAt, now, l.o.Zone) + " at " + text.Time(a.RaisedAt, l.o.Zone)
}
