package reminders

import (
	"context"
	"slices"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
	"handrail/reminders/chart"
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
			if len(staff) == 0 {
				continue
			}
			// Everything is read once for a practice, however many people its list is made for.
			g, err := k.gather(ctx, p.ID, s.Now)
			if err != nil {
				return nil, err
			}
			for _, w := range staff {
				if _, away := handrail.CoverFor(g.leaves, w.ID, g.today); away || w.Address.IsZero() {
					continue // whoever covers has their patients on the list
				}
				m, any := k.digestFor(g, w, s.Now, "digest.head")
				if !any {
					continue // a quiet morning is told by silence
				}
				day := s.Tick.In(k.Zone)
				out = append(out, bot.Envelope{
					Key: "digest:" + string(w.ID) + ":" + day.Format("2006-01-02"), To: w.Address, Class: bot.ClassDigest,
					NotBefore: s.Tick, Message: m,
				})
				if day.Weekday() != time.Monday {
					continue
				}
				// The week's picture is a post of its own: the list is changed in place as things are done, a picture is not.
				if picture, ok, err := k.weeks(g, w, s.Now); err != nil {
					return nil, err
				} else if ok {
					out = append(out, bot.Envelope{
						Key: "weeks:" + string(w.ID) + ":" + day.Format("2006-01-02"), To: w.Address, Class: bot.ClassDigest,
						NotBefore: s.Tick, NotAfter: s.Tick.Add(12 * time.Hour),
						Message: bot.Message{Text: k.words("digest.weeks"), Files: []bot.File{picture}, Private: true},
					})
				}
			}
		}
		return out, nil
	}}
}

// Digest makes the list as of now, for a link worker who asks.
func Digest(d Deps) func(ctx context.Context, staff handrail.Staff, now time.Time) (bot.Message, error) {
	all := Digests(d)
	return func(ctx context.Context, staff handrail.Staff, now time.Time) (bot.Message, error) {
		made, err := all(ctx, staff.Practice, []handrail.Staff{staff}, now)
		if err != nil {
			return bot.Message{}, err
		}
		return made[0], nil
	}
}

// Digests makes the lists as of now of several link workers of one practice, in their order, from one reading of the
// records.
func Digests(d Deps) func(ctx context.Context, practice handrail.PracticeID, staff []handrail.Staff, now time.Time) ([]bot.Message, error) {
	k := &kit{d}
	return func(ctx context.Context, practice handrail.PracticeID, staff []handrail.Staff, now time.Time) ([]bot.Message, error) {
		g, err := k.gather(ctx, practice, now)
		if err != nil {
			return nil, err
		}
		out := make([]bot.Message, len(staff))
		for i, s := range staff {
			m, any := k.digestFor(g, s, now, "digest.head.now")
			if !any {
				m.Text = k.words("digest.none.now")
			}
			out[i] = m
		}
		return out, nil
	}
}

const (
	// maxCards is how many things to act on one digest offers as cards; the counts name them all.
	maxCards = 6
	// maxButtons is how many buttons stand under one message without cards.
	maxButtons = 6
	// maxNames is how many of a list are named: beyond it the number says more than the names.
	maxNames = 12
)

// list is one line of the digest: whom it names, and what can be done at once.
type list struct {
	key   string
	names []string
	cards []bot.Card
}

// add puts somebody on the list; with buttons they get a card, under what says why they are on it.
func (l *list) add(name, why string, buttons ...bot.Option) {
	l.names = append(l.names, name)
	if len(buttons) > 0 {
		text := bot.Text{{Spans: []bot.Span{{Text: name, Strong: true}}}}
		if why != "" {
			text[0].Spans = append(text[0].Spans, bot.Span{Text: ". " + why})
		}
		l.cards = append(l.cards, bot.Card{Text: text, Options: buttons})
	}
}

// named names those on the list, or the first of many.
func (l *list) named(more func(n int) string) string {
	if len(l.names) <= maxNames {
		return text.List(l.names)
	}
	return text.List(append(l.names[:maxNames:maxNames], more(len(l.names)-maxNames)))
}

// digestFor makes the list for one link worker under a heading, and says whether there is anything on it.
func (k *kit) digestFor(g gathered, w handrail.Staff, now time.Time, head string) (m bot.Message, any bool) {
	m = bot.Message{Private: true, Text: k.words(head, "name", w.Name)}
	for _, l := range k.lists(g, w, now) {
		if len(l.names) == 0 {
			continue
		}
		item := k.words(l.key, "n", strconv.Itoa(len(l.names)), "who", l.named(func(n int) string { return k.line("digest.others", "n", strconv.Itoa(n)) }))
		item[0].Item = true
		m.Text = append(m.Text, item...)
		m.Cards = append(m.Cards, l.cards[:min(len(l.cards), maxCards-len(m.Cards))]...)
	}
	if len(m.Text) > 1 {
		m.Options = []bot.Option{press(k.line("digest.caseload"), "cases", "me", "from-0")}
	}
	return m, len(m.Text) > 1
}

// gathered is all that the lists of one practice are made of.
type gathered struct {
	alerts  []handrail.Alert
	cases   []handrail.Case
	wanted  []handrail.Accompaniment
	applied []handrail.Buddy
	held    int
	stale   *list
	found   handrail.AlertCounts // on Mondays
	leaves  []handrail.Leave
	today   handrail.Date
	// owned are the cases by who sees to them today, by their places in cases; those under "" are everybody's: nobody's yet,
	// or somebody's who has left. Many link workers may share a practice, so this is worked out once for all of them.
	owned  map[handrail.StaffID][]int
	who    map[handrail.PatientID]string
	starts map[handrail.AttendanceID]time.Time
}

// gather reads it, in a fixed number of statements.
func (k *kit) gather(ctx context.Context, practice handrail.PracticeID, now time.Time) (g gathered, err error) {
	if g.alerts, err = k.Facts.OpenAlerts(ctx, practice); err != nil {
		return g, err
	}
	if g.cases, err = k.Facts.Caseload(ctx, practice); err != nil {
		return g, err
	}
	if g.wanted, err = k.Facts.AccompanimentsIn(ctx, practice, handrail.AccompanimentWanted); err != nil {
		return g, err
	}
	if g.applied, err = k.Facts.Buddies(ctx, practice, handrail.BuddyApplied); err != nil {
		return g, err
	}
	if g.held, err = k.Facts.HeldChanges(ctx); err != nil {
		return g, err
	}
	if g.leaves, g.today, err = k.Facts.Leaves(ctx, practice, k.Zone); err != nil {
		return g, err
	}
	carers := map[handrail.StaffID]bool{} // those who look after patients and are still here
	for _, role := range []handrail.Role{handrail.RoleLinkWorker, handrail.RoleCoordinator} {
		staff, err := k.Facts.StaffWith(ctx, practice, role)
		if err != nil {
			return g, err
		}
		for _, s := range staff {
			carers[s.ID] = true
		}
	}
	g.owned, g.who, g.starts = map[handrail.StaffID][]int{}, map[handrail.PatientID]string{}, map[handrail.AttendanceID]time.Time{}
	for i, c := range g.cases {
		owner := handrail.StaffID("")
		if carers[c.Referral.LinkWorker] {
			owner, _ = handrail.CoverFor(g.leaves, c.Referral.LinkWorker, g.today)
		}
		g.owned[owner] = append(g.owned[owner], i)
		g.who[c.Patient.ID] = c.Patient.Initials() + " (" + c.Referral.Ref + ")"
		for _, v := range c.Visits {
			g.starts[v.ID] = v.Occurrence.Start
		}
	}
	if now.In(k.Zone).Weekday() == time.Monday {
		if g.found, err = k.Facts.CountAlerts(ctx, practice, now.AddDate(0, 0, -28)); err != nil {
			return g, err
		}
	}
	g.stale, err = k.staleFeeds(ctx, now)
	return g, err
}

// mine are the cases that a link worker sees to, the oldest offer first.
func (g gathered) mine(w handrail.Staff) []handrail.Case {
	places := slices.Concat(g.owned[""], g.owned[w.ID])
	slices.Sort(places)
	out := make([]handrail.Case, len(places))
	for i, p := range places {
		out[i] = g.cases[p]
	}
	return out
}

// weeksShown is how many weeks the picture has.
const weeksShown = 8

// weeks draws how many visits there were in each week among a link worker's patients; false where there is too little to
// see.
func (k *kit) weeks(g gathered, w handrail.Staff, now time.Time) (bot.File, bool, error) {
	counts := handrail.WeeksOf(g.mine(w), weeksShown, now, k.Zone)
	visits := 0
	for _, c := range counts {
		visits += c.Came + c.Missed
	}
	if visits < handrail.FewestShown {
		return bot.File{}, false, nil
	}
	picture, err := chart.Weeks(counts, chart.English())
	return picture, err == nil, err
}

// lists gathers what needs a person, most urgent first.
func (k *kit) lists(g gathered, w handrail.Staff, now time.Time) []*list {
	alerts := &list{key: "digest.alerts"}
	waiting := &list{key: "digest.waiting"}
	buddies := &list{key: "digest.buddies"}
	missed := &list{key: "digest.missed"}
	unjoined := &list{key: "digest.unjoined"}
	idle := &list{key: "digest.idle"}
	clear := &list{key: "digest.applied"}

	for _, c := range g.mine(w) {
		if c.Patient.Halt != nil {
			continue
		}
		name := g.who[c.Patient.ID]
		id := string(c.Referral.ID)
		open := press(k.line("record.open"), "record", id, "open")
		if c.Referral.State == handrail.ReferralSent {
			waiting.add(name, k.line("cases.need.accept"), withMain(press(k.line("referral.accept"), "accept", id, "yes")), open)
			continue // whoever takes them on sees to the rest
		}
		contact := press(k.line("referral.contact"), "contacted", id, "yes")
		quiet := c.Referral.ContactedAt == nil || now.Sub(*c.Referral.ContactedAt) > 7*24*time.Hour
		old := now.Sub(c.Referral.OfferedAt) > 7*24*time.Hour
		switch {
		case !quiet:
		case !c.Joined && old:
			unjoined.add(name, k.line("cases.need.join"), contact, open)
		case c.Joined && len(c.Visits) == 0 && old:
			idle.add(name, k.line("cases.need.choice"), contact, open)
		case lastMissed(c.Visits):
			missed.add(name, k.line("cases.need.missed"), contact, open)
		}
	}
	for _, a := range g.alerts {
		name := g.who[a.Patient]
		switch {
		case a.Patient == "":
			name = k.line("digest.alerts.unknown")
		case name == "":
			name = k.line("digest.alerts.noref")
		}
		next := press(k.line("guard.urgent.ack"), "alert", string(a.ID), "ack")
		if a.State == handrail.AlertAcknowledged {
			next = press(k.line("guard.urgent.resume"), "alert", string(a.ID), "resume") // somebody has it
		}
		alerts.add(name, k.line("cases.need.alert"), next)
	}
	for _, a := range g.wanted {
		name := g.who[a.Patient]
		if start, ok := g.starts[a.Attendance]; name == "" || ok && !now.Before(start) {
			continue // a visit that has begun needs nobody any more
		}
		buddies.add(name, k.line("cases.need.company"), press(k.line("match.button"), "match", string(a.ID), "ask"))
	}
	for _, b := range g.applied {
		clear.add(b.Name, "", press(k.line("volunteer.clear")+" "+b.Name, "clear", string(b.ID), "clear"))
	}
	changes := &list{key: "digest.held"}
	for range g.held {
		changes.names = append(changes.names, "")
	}
	if g.held > 0 {
		changes.cards = []bot.Card{{Text: k.words("digest.held", "n", strconv.Itoa(g.held)), Options: []bot.Option{press(k.line("digest.held.look"), "held", "all", "look")}}}
	}
	return []*list{alerts, k.cardsDue(now), waiting, buddies, missed, unjoined, idle, clear, changes, g.stale, k.foundRightly(g)}
}

// foundRightly says, on Mondays, how staff marked the alerts of the last four weeks and how many misses they told of (K17).
func (k *kit) foundRightly(g gathered) *list {
	out, n := &list{key: "digest.found"}, strconv.Itoa
	if f := g.found; f.Right+f.Wrong+f.Missed > 0 {
		out.add(k.line("digest.found.marks", "right", n(f.Right), "wrong", n(f.Wrong), "missed", n(f.Missed)), "")
	}
	return out
}

// cardsDue asks for a look at the numbers on the urgent-help cards, in every digest until somebody had one (K5).
func (k *kit) cardsDue(now time.Time) *list {
	out := &list{key: "digest.cards"}
	if k.Cards == nil || !k.Cards.Due(now) {
		return out
	}
	if day, own := k.Cards.On(); own {
		out.add(k.line("digest.cards.since", "day", text.Day(day, now, k.Zone)), "")
	} else {
		out.add(k.line("digest.cards.never"), "")
	}
	return out
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
			out.add(k.line("digest.feeds.never", "name", f.Name), "")
		case now.Sub(*f.OKAt) > feedStale:
			out.add(k.line("digest.feeds.since", "name", f.Name, "day", text.Day(*f.OKAt, now, k.Zone)), "")
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

func withMain(o bot.Option) bot.Option {
	o.Style = "main"
	return o
}
