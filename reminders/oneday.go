package reminders

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// item is one thing that a patient would be reminded of on a date: of a visit on that date, or on the next.
type item struct {
	visit    handrail.Visit
	at       time.Time
	tomorrow bool
}

// personDay is somebody's date.
type personDay struct {
	patient handrail.PatientID
	on      handrail.Date
}

// daily sorts the reminders of some visits by whom they are for and on which date they would come. A date brings one
// reminder (G16): at the earliest of the times, of everything that was chosen by then. What was chosen later on that date
// is left out: they were just told of it.
func (k *kit) daily(visits []handrail.Visit) map[personDay][]item {
	out := map[personDay][]item{}
	add := func(i item) {
		d := personDay{i.visit.Patient.ID, handrail.DateOf(i.at, k.Zone)}
		out[d] = append(out[d], i)
	}
	for _, v := range visits {
		if !v.Attendance.State.Ahead() {
			continue
		}
		start := v.Attendance.Occurrence.Start
		if at := k.at(start, -1, dayBeforeAt); !v.Attendance.PlannedAt.After(at) {
			add(item{v, at, true})
		}
		if at := k.sameDayAt(start); !v.Attendance.PlannedAt.After(at) && start.Sub(at) >= sameDayLeast {
			add(item{v, at, false})
		}
	}
	for d, items := range out {
		slices.SortStableFunc(items, func(a, b item) int {
			return cmp.Or(a.visit.Attendance.Occurrence.Start.Compare(b.visit.Attendance.Occurrence.Start),
				cmp.Compare(a.visit.Attendance.ID, b.visit.Attendance.ID))
		})
		at := when(items)
		out[d] = slices.DeleteFunc(items, func(i item) bool { return i.visit.Attendance.PlannedAt.After(at) })
	}
	return out
}

// when is the earliest of the times.
func when(items []item) time.Time {
	at := items[0].at
	for _, i := range items {
		if i.at.Before(at) {
			at = i.at
		}
	}
	return at
}

// alone reports whether a visit's own reminder, that of the day before or that of the day, is the only one of its date.
func alone(days map[personDay][]item, v handrail.Visit, at time.Time, zone *time.Location, tomorrow bool) bool {
	items := days[personDay{v.Patient.ID, handrail.DateOf(at, zone)}]
	return len(items) == 1 && items[0].visit.Attendance.ID == v.Attendance.ID && items[0].tomorrow == tomorrow
}

// around are the visits of whole dates: those on which something of the span may come, and the dates after them.
func (k *kit) around(ctx context.Context, s Span) ([]handrail.Visit, error) {
	return k.Facts.VisitsStarting(ctx, handrail.DateOf(s.From, k.Zone).At(0, k.Zone), s.To.Add(48*time.Hour))
}

// oneDay is the one reminder of a date on which there would be several.
func (k *kit) oneDay() Job {
	return Job{Name: "oneday", Spec: often, Still: k.oneDayStill, Due: func(ctx context.Context, s Span) ([]bot.Envelope, error) {
		visits, err := k.around(ctx, s)
		if err != nil {
			return nil, err
		}
		var out []bot.Envelope
		for d, items := range k.daily(visits) {
			if len(items) < 2 {
				continue
			}
			at := when(items)
			from, until := k.late(at, s), oneDayUntil(items, d, k.Zone)
			if !s.Holds(at) || !from.Before(until) {
				continue
			}
			out = append(out, k.oneDayEnvelope(d, items, from, until))
		}
		slices.SortFunc(out, func(a, b bot.Envelope) int { return cmp.Compare(a.Key, b.Key) })
		return out, nil
	}}
}

// oneDayUntil is when the first of the date's visits begins, or the end of the date.
func oneDayUntil(items []item, d personDay, zone *time.Location) time.Time {
	first := items[0]
	if !first.tomorrow {
		return first.visit.Attendance.Occurrence.Start
	}
	return d.on.At(0, zone).In(zone).AddDate(0, 0, 1)
}

func (k *kit) oneDayEnvelope(d personDay, items []item, from, until time.Time) bot.Envelope {
	p := items[0].visit.Patient
	body := k.to(p).words("remind.oneday", "name", p.Name, "n", strconv.Itoa(len(items)))
	body = append(body, k.to(p).words("remind.open")...)
	var options []bot.Option
	for _, i := range items {
		v, start := i.visit, i.visit.Attendance.Occurrence.Start
		day := k.to(v.Patient).line("remind.today")
		if i.tomorrow {
			day = k.to(v.Patient).line("remind.tomorrow")
		}
		body = append(body, k.to(v.Patient).words("remind.oneday.line", "day", day, "time", text.Time(start, k.Zone), "group", v.Activity.Name, "venue", v.Activity.Venue.Line())...)
		switch {
		case agreed(v):
			body = append(body, k.to(v.Patient).words("remind.oneday.buddy", "buddy", v.Buddy.Name, "about", about(v.Buddy.About))...)
		case v.Accompaniment != nil && v.Accompaniment.State.Open():
			body = append(body, k.to(v.Patient).words("remind.daybefore.wanted")...)
		}
		options = append(options, press(k.to(v.Patient).line("remind.oneday.no", "day", strings.ToLower(day), "time", text.Time(start, k.Zone)), "going", string(v.Attendance.ID), "no"))
	}
	options = append(options[:min(len(options), 6)], press(k.to(p).line("help.next"), "next", "me", "open"), k.urgent(p))
	return bot.Envelope{
		Key: oneDayKey(d, items), To: p.Address, Patient: p.ID, Class: bot.ClassReminder, Permission: handrail.PurposeChat,
		Subject: string(p.ID), NotBefore: from, NotAfter: until, Message: bot.Message{Text: body, Options: options},
	}
}

// oneDayKey changes with everything that the reminder says: which visits, when, and with whom.
func oneDayKey(d personDay, items []item) string {
	h := fnv.New64a()
	for _, i := range items {
		h.Write([]byte(i.visit.Attendance.ID))
		h.Write([]byte(i.visit.Attendance.Occurrence.Local))
		if a := i.visit.Accompaniment; a != nil {
			h.Write([]byte(a.State))
			h.Write([]byte(a.Buddy))
		}
		h.Write([]byte{0})
	}
	return "oneday:" + string(d.patient) + ":" + string(d.on) + ":" + strconv.FormatUint(h.Sum64(), 36)
}

// oneDayStill is the last look: all of it is still as it says.
func (k *kit) oneDayStill(ctx context.Context, e bot.Envelope) (string, error) {
	visits, err := k.Facts.VisitsOf(ctx, e.To.Practice, handrail.PatientID(e.Subject))
	if err != nil {
		return "", err
	}
	parts := strings.Split(e.Key, ":")
	d := personDay{handrail.PatientID(e.Subject), handrail.Date(parts[len(parts)-2])}
	if items := k.daily(visits)[d]; len(items) < 2 || oneDayKey(d, items) != e.Key {
		return "moved", nil
	}
	return "", nil
}
