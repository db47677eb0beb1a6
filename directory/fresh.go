package directory

import (
	"math"
	"strconv"
	"time"

	"handrail"
)

// A directory is worth what its freshness is worth. This file holds all that says how much a listing can still be
// believed: when somebody last said that it is right, and who; whether anybody went; whether its organiser answers; and
// what speaks against it.

const (
	// freshHalf is in how many days a check loses half of what it is worth.
	freshHalf = 120
	// visitHalf is the same for somebody's visit: people who go are the surest sign of life, and the shortest-lived.
	visitHalf = 60
	// neverChecked is what a listing is worth that nobody ever checked, and onceChecked what remains of a check however
	// long ago: who checked once at least found it there.
	neverChecked = 0.10
	onceChecked  = 0.20
)

// trust is how much a check is worth by whose word it is. A publisher's date is often set by a machine, so it counts
// less than an answer to a question that we asked ourselves.
const (
	trustPublisher = 0.85
	trustVisitor   = 0.95
	trustOwn       = 1.00
)

// decay is what is left after whole days, halving every freshHalf.
type decay [5 * 365]float64

func newDecay() *decay {
	var d decay
	for i := range d {
		d[i] = math.Exp2(-float64(i) / freshHalf)
	}
	return &d
}

// after is what is left of what happened at an instant, with one half life in so many of the table's. What lies more
// than a day ahead is a mistake, and counts as if it had never been.
func (d *decay) after(at, now minute, faster int) (left float64, ok bool) {
	const perDay = 24 * 60
	if at == 0 || at > now+perDay {
		return 0, false
	}
	if at > now {
		return 1, true
	}
	days := int(now-at) / perDay * faster
	if days >= len(d) {
		return 0, true
	}
	return d[days], true
}

// fresh is the share of a listing by when it was checked, and by whom. Of the publisher's check and ours the better
// counts.
func (d *decay) fresh(of *doc, now minute) float64 {
	share := neverChecked
	if left, ok := d.after(of.checked, now, 1); ok {
		share = onceChecked + (1-onceChecked)*trustPublisher*left
	}
	if left, ok := d.after(of.assured, now, 1); ok {
		trust := trustOwn
		if of.by == byVisitor {
			trust = trustVisitor
		}
		share = max(share, onceChecked+(1-onceChecked)*trust*left)
	}
	return share
}

// lastWord is when anybody last said, or showed by going, that the listing is right.
func (of *doc) lastWord(now minute) minute {
	var last minute
	for _, at := range [...]minute{of.checked, of.assured, of.attended} {
		if at <= now {
			last = max(last, at)
		}
	}
	return last
}

// over reports whether the last date that the listing gives has passed.
func (of *doc) over(today day) bool { return of.ends != 0 && of.ends < today }

// unfunded reports whether the money has run out and nobody has said since that it goes on. Groups outlive their grants,
// so an answer counts more than a date; without one, the date does.
func (of *doc) unfunded(today day, now minute) bool {
	return of.funded != 0 && of.funded < today && of.lastWord(now) < minute(of.funded+1)*24*60
}

// answersShare is how reliably an organiser answers, 0.5 where nothing was asked. The first questions move it most.
func answersShare(s handrail.Standing) float64 {
	return float64(max(0, s.Answers)+1) / float64(max(0, s.Answers)+max(0, s.Silences)+2)
}

func costShare(c handrail.Cost) float64 {
	switch {
	case c.Free():
		return 1
	case c.Known:
		return 0.9 / (1 + float64(max(0, c.Pence))/500)
	}
	return 0.3
}

func accessShare(a handrail.Access) float64 {
	share := 0.4
	switch a.StepFree {
	case handrail.Yes:
		share = 0.8
	case handrail.No:
		share = 0
	}
	if a.Toilet == handrail.Yes {
		share += 0.1
	}
	if a.Parking == handrail.Yes {
		share += 0.1
	}
	return share
}

// qualityShare counts what somebody has vouched for. Three of the four are enough.
func qualityShare(facts []handrail.Fact) float64 {
	seen := map[handrail.FactKind]bool{}
	for _, f := range facts {
		switch f.Kind {
		case handrail.FactSafeguarding, handrail.FactInsurance, handrail.FactDBS, handrail.FactAccreditation:
			seen[f.Kind] = true
		}
	}
	return min(1, float64(len(seen))/3)
}

// stale is the age from which a check no longer says anything: "not checked lately".
const stale = 365 * 24 * time.Hour

// CheckedText says how long ago the listing was assured by somebody. A check dated more than a day ahead of now is a
// mistake of the feed and counts as none.
func CheckedText(checked *time.Time, now time.Time) string {
	if checked == nil || checked.Sub(now) > 24*time.Hour {
		return "never checked"
	}
	days := int(now.Sub(*checked) / (24 * time.Hour))
	switch {
	case days < 1:
		return "checked today"
	case days == 1:
		return "checked yesterday"
	case days < 28:
		return "checked " + plural(days, "day") + " ago"
	case days < 61:
		return "checked " + plural(days/7, "week") + " ago"
	case now.Sub(*checked) < stale:
		return "checked " + plural(days/30, "month") + " ago"
	default:
		return "not checked lately"
	}
}

// FreshText says how long ago a listing was last checked and, where we know, by whom: "checked 12 days ago by the
// organiser". Who checked for a publisher we don't know.
func FreshText(a handrail.Activity, now time.Time) string {
	if a.CheckedAt != nil && a.CheckedAt.Sub(now) > 24*time.Hour {
		a.CheckedAt = nil
	}
	at, by := a.LastChecked()
	text := CheckedText(at, now)
	if at == nil || at.Sub(now) > 24*time.Hour || now.Sub(*at) >= stale {
		return text
	}
	switch by {
	case handrail.AssurerOrganiser:
		text += " by the organiser"
	case handrail.AssurerStaff:
		text += " by staff"
	case handrail.AssurerVisitor:
		text += " by somebody who went"
	}
	return text
}

// warnAhead is how many days ahead the end of the money, and a meeting that is called off, are told.
const warnAhead = 28

// WarningText is what somebody should know before they send anybody to a group, one sentence, or empty when nothing
// speaks against it. Of several the gravest is told.
func WarningText(a handrail.Activity, now time.Time, zone *time.Location) string {
	d := describe(&a)
	return warning(&a, &d, now, zone)
}

// warning is WarningText of a listing that is described already.
func warning(a *handrail.Activity, d *doc, now time.Time, zone *time.Location) string {
	s, today := &a.Standing, dayIn(now.In(zone))
	switch {
	case s.ReportedClosed != nil:
		text := "Somebody said on " + dateText(s.ReportedClosed.In(zone), now) + " that it was closed"
		if s.AskedAt != nil && !s.AskedAt.Before(*s.ReportedClosed) {
			return text + "; we have asked the organiser."
		}
		return text + "; please ask before anybody goes."
	case d.over(today):
		return "The last date it gives was " + dateText(d.ends.date(), now) + "."
	case d.unfunded(today, minuteOf(&now)):
		return "Its funding ended on " + dateText(d.funded.date(), now) + ", and nobody has said since that it goes on."
	case s.Silences >= handrail.SilencesBeforeWarning:
		return "The organiser has not answered our last " + strconv.Itoa(s.Silences) + " questions; please ask before anybody goes."
	case s.Paused:
		return "It takes no new people for now."
	}
	for _, c := range s.Cancelled {
		if on := dayOf(c.On); on >= today && on < today+7 {
			return "It does not meet on " + on.date().Weekday().String() + " " + dateText(on.date(), now) + "."
		}
	}
	if d.funded >= today && d.funded < today+warnAhead {
		return "Its funding ends on " + dateText(d.funded.date(), now) + "."
	}
	return ""
}

// dateText is a date as it is said: "12 November", with the year when it is another one.
func dateText(t, now time.Time) string {
	if t.Year() == now.Year() {
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}
