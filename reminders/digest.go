package reminders

import (
	"context"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// digest is the link worker's list of what needs a person, on working mornings at eight.
func (k *kit) digest() Job {
	return Job{Name: "digest", Spec: "0 8 * * MON-FRI", AtTick: true, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		practices, err := k.Facts.Practices(ctx)
		if err != nil {
			return nil, err
		}
		var out []bot.Envelope
		for _, p := range practices {
			staff, err := k.Facts.StaffWith(ctx, p.ID, handrail.RoleLinkWorker)
			if err != nil {
				return nil, err
			}
			for _, w := range staff {
				if w.Address.IsZero() {
					continue
				}
				m, any, err := k.digestFor(ctx, w, s.Now, "digest.head")
				if err != nil {
					return nil, err
				}
				if !any {
					continue // a quiet morning is told by silence
				}
				out = append(out, bot.Envelope{
					Key: "digest:" + string(w.ID) + ":" + s.Tick.In(k.Zone).Format("2006-01-02"), To: w.Address, Class: bot.ClassDigest,
					NotBefore: s.Tick, Message: m,
				})
			}
		}
		return out, nil
	}}
}

// Digest makes the list as of now, for a link worker who asks.
func Digest(d Deps) func(ctx context.Context, staff handrail.Staff, now time.Time) (bot.Message, error) {
	k := &kit{d}
	return func(ctx context.Context, staff handrail.Staff, now time.Time) (bot.Message, error) {
		m, any, err := k.digestFor(ctx, staff, now, "digest.head.now")
		if err == nil && !any {
			m.Text = k.words("digest.none.now")
		}
		return m, err
	}
}

// maxButtons is how many things to act on one digest offers as buttons; the counts name them all.
const maxButtons = 6

// list is one line of the digest: whom it names, and what can be done at once.
type list struct {
	key     string
	names   []string
	buttons []bot.Option
}

func (l *list) add(name string, buttons ...bot.Option) {
	l.names = append(l.names, name)
	l.buttons = append(l.buttons, buttons...)
}

// digestFor makes the list for one link worker under a heading, and says whether there is anything on it.
func (k *kit) digestFor(ctx context.Context, w handrail.Staff, now time.Time, head string) (m bot.Message, any bool, err error) {
	lists, err := k.lists(ctx, w, now)
	if err != nil {
		return bot.Message{}, false, err
	}
	m = bot.Message{Private: true, Text: k.words(head, "name", w.Name)}
	for _, l := range lists {
		if len(l.names) == 0 {
			continue
		}
		item := k.words(l.key, "n", strconv.Itoa(len(l.names)), "who", text.List(l.names))
		item[0].Item = true
		m.Text = append(m.Text, item...)
		for _, b := range l.buttons {
			if len(m.Options) < maxButtons {
				m.Options = append(m.Options, b)
			}
		}
	}
	return m, len(m.Text) > 1, nil
}

// lists gathers what needs a person, most urgent first, in a fixed number of statements.
func (k *kit) lists(ctx context.Context, w handrail.Staff, now time.Time) ([]*list, error) {
	open, err := k.Facts.OpenAlerts(ctx, w.Practice)
	if err != nil {
		return nil, err
	}
	cases, err := k.Facts.Caseload(ctx, w.Practice)
	if err != nil {
		return nil, err
	}
	wanted, err := k.Facts.AccompanimentsIn(ctx, w.Practice, handrail.AccompanimentWanted)
	if err != nil {
		return nil, err
	}
	applied, err := k.Facts.Buddies(ctx, w.Practice, handrail.BuddyApplied)
	if err != nil {
		return nil, err
	}
	held, err := k.Facts.HeldChanges(ctx)
	if err != nil {
		return nil, err
	}
	stale, err := k.staleFeeds(ctx, now)
	if err != nil {
		return nil, err
	}
	alerts := &list{key: "digest.alerts"}
	waiting := &list{key: "digest.waiting"}
	buddies := &list{key: "digest.buddies"}
	missed := &list{key: "digest.missed"}
	unjoined := &list{key: "digest.unjoined"}
	idle := &list{key: "digest.idle"}
	clear := &list{key: "digest.applied"}

	who := map[handrail.PatientID]string{}
	starts := map[handrail.AttendanceID]time.Time{}
	for _, c := range cases {
		for _, v := range c.Visits {
			starts[v.ID] = v.Occurrence.Start
		}
		name := c.Patient.Initials() + " (" + c.Referral.Ref + ")"
		who[c.Patient.ID] = name
		mine := c.Referral.LinkWorker == "" || c.Referral.LinkWorker == w.ID
		if !mine {
			continue
		}
		id := string(c.Referral.ID)
		if c.Referral.State == handrail.ReferralSent {
			waiting.add(name, press(k.line("referral.accept")+" "+c.Referral.Ref, "accept", id, "yes"))
		}
		contact := press(k.line("referral.contact")+": "+c.Referral.Ref, "contacted", id, "yes")
		quiet := c.Referral.ContactedAt == nil || now.Sub(*c.Referral.ContactedAt) > 7*24*time.Hour
		old := now.Sub(c.Referral.OfferedAt) > 7*24*time.Hour
		switch {
		case !quiet:
		case !c.Joined && old:
			unjoined.add(name, contact)
		case c.Joined && len(c.Visits) == 0 && old:
			idle.add(name, contact)
		case lastMissed(c.Visits):
			missed.add(name, contact)
		}
	}
	for _, a := range open {
		name := who[a.Patient]
		alerts.add(name, press(k.line("guard.urgent.ack"), "alert", string(a.ID), "ack"))
	}
	for _, a := range wanted {
		name := who[a.Patient]
		if start, ok := starts[a.Attendance]; name == "" || ok && !now.Before(start) {
			continue // a visit that has begun needs nobody any more
		}
		buddies.add(name, press(k.line("match.button")+": "+name, "match", string(a.ID), "ask"))
	}
	for _, b := range applied {
		clear.add(b.Name, press(k.line("volunteer.clear")+" "+b.Name, "clear", string(b.ID), "clear"))
	}
	changes := &list{key: "digest.held"}
	for i := range held {
		var look []bot.Option
		if i == 0 {
			look = []bot.Option{press(k.line("digest.held.look"), "held", "all", "look")}
		}
		changes.add("", look...)
	}
	return []*list{alerts, waiting, buddies, missed, unjoined, idle, clear, changes, stale}, nil
}

// feedStale is how old the copy of a feed may be before a person hears of it: one bad night is nobody's work.
const feedStale = 72 * time.Hour

// staleFeeds are the directories that could not be read for days: their last good copy is still in use, and ages.
func (k *kit) staleFeeds(ctx context.Context, now time.Time) (*list, error) {
	all, err := k.Facts.FeedStates(ctx)
	if err != nil {
		return nil, err
	}
	out := &list{key: "digest.feeds"}
	for _, f := range all {
		switch {
		case f.Failures == 0:
		case f.OKAt == nil:
			out.add(k.line("digest.feeds.never", "name", f.Name))
		case now.Sub(*f.OKAt) > feedStale:
			out.add(k.line("digest.feeds.since", "name", f.Name, "day", text.Day(*f.OKAt, now, k.Zone)))
		}
	}
	return out, nil
}

// lastMissed reports whether the newest visit that is over was missed and none is ahead.
func lastMissed(visits []handrail.Attendance) bool {
	missed := false
	for _, v := range visits {
		switch {
		case v.State.Ahead():
			return false
		case v.State == handrail.AttendanceMissed:
			missed = true
		case v.State == handrail.AttendanceCame:
			missed = false
		}
	}
	return missed
}
