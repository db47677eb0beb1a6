package dialogs

import (
	"context"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// away is somebody who looks after patients going on leave: a colleague covers, gets what would have come to them, and it
// all comes back by itself after the last day.
func (k *kit) away() bot.Dialog {
	return bot.Dialog{Name: "away", Title: "away.title", Opens: "away.opens", May: carers, Script: k.awayScript}
}

// awaySeen is what somebody who goes away needs to see.
type awaySeen struct {
	Today      handrail.Date    `json:"today"`
	Leave      *handrail.Leave  `json:"leave,omitempty"` // theirs, now or to come
	Cover      string           `json:"cover,omitempty"`
	Colleagues []handrail.Staff `json:"colleagues,omitempty"`
}

func (k *kit) awayScript(t *bot.Talk) error {
	who := t.Who()
	seen := bot.Look(t, "leaves", func(ctx context.Context) (awaySeen, error) { return k.awayNow(ctx, who) })
	if l := seen.Leave; l != nil {
		pick := t.ChooseFrom("now", bot.Message{Text: t.Words("away.now", "from", longDay(l.From), "to", longDay(l.To), "cover", seen.Cover), Private: true, Options: []bot.Option{
			{Answer: "back", Label: t.Line("away.back")}, {Answer: "change", Label: t.Line("away.change")}, {Answer: "leave", Label: t.Line("away.keep")},
		}})
		switch pick {
		case "leave":
			return nil
		case "back":
			bot.Do(t, "back", "", func(ctx context.Context) (bool, error) {
				return true, k.Records.EndLeave(ctx, who.Practice, handrail.StaffID(who.ID), seen.Today, actor(who))
			})
			t.Say(t.Words("away.back.done"))
			return nil
		}
	}
	if len(seen.Colleagues) == 0 {
		t.Say(t.Words("away.nobody"))
		return nil
	}
	day := func(after handrail.Date) func(string) bot.Text {
		return func(s string) bot.Text {
			if d, ok := readDay(s, seen.Today); !ok || d < after {
				return t.Words("away.day.check")
			}
			return nil
		}
	}
	from, _ := readDay(t.TextOr("from", bot.Message{Text: t.Words("away.from"), Options: []bot.Option{
		{Answer: "today", Label: t.Line("away.from.today")}, {Answer: "tomorrow", Label: t.Line("away.from.tomorrow")},
	}}, day(seen.Today)), seen.Today)
	to, _ := readDay(t.Text("to", t.Words("away.to"), day(from)), from)
	options := make([]bot.Option, len(seen.Colleagues))
	for i, s := range seen.Colleagues {
		options[i] = bot.Option{Answer: string(s.ID), Label: s.Name}
	}
	cover := handrail.StaffID(t.Choose("cover", t.Words("away.cover"), options...))
	now := t.Now()
	name := bot.Do(t, "leave", "away.undo", func(ctx context.Context) (string, error) {
		c, err := k.Records.Staff(ctx, who.Practice, cover)
		if err != nil {
			return "", err
		}
		err = k.Records.AddLeave(ctx, handrail.Leave{Practice: who.Practice, Staff: handrail.StaffID(who.ID), Cover: c.ID, From: from, To: to}, actor(who))
		if err != nil {
			return "", err
		}
		m := bot.Message{Text: k.words("away.task", "name", who.Name, "from", longDay(from), "to", longDay(to))}
		return c.Name, k.tell(ctx, []handrail.Staff{c}, "away:"+who.ID+":"+string(from), bot.ClassNotice, "", now, m)
	})
	t.Say(t.Words("away.done", "cover", name, "from", longDay(from), "to", longDay(to)))
	return nil
}

func (k *kit) awayNow(ctx context.Context, who bot.Who) (awaySeen, error) {
	leaves, today, err := k.Records.Leaves(ctx, who.Practice, k.Zone)
	if err != nil {
		return awaySeen{}, err
	}
	all, err := k.Records.AllStaff(ctx, who.Practice)
	if err != nil {
		return awaySeen{}, err
	}
	out := awaySeen{Today: today}
	for i := range leaves {
		if leaves[i].Staff == handrail.StaffID(who.ID) && out.Leave == nil {
			out.Leave = &leaves[i]
		}
	}
	for _, s := range all {
		if out.Leave != nil && s.ID == out.Leave.Cover {
			out.Cover = s.Name
		}
		if s.Active && s.Carer() && s.ID != handrail.StaffID(who.ID) && !s.Address.IsZero() && len(out.Colleagues) < 10 {
			out.Colleagues = append(out.Colleagues, handrail.Staff{ID: s.ID, Name: s.Name})
		}
	}
	return out, nil
}

// readDay reads a day as staff type one: "today", "tomorrow", "2026-12-01", "1 Dec", "1 December 2026", "1/12". Without a
// year it is the next such day from the first one.
func readDay(s string, from handrail.Date) (handrail.Date, bool) {
	start, err := time.Parse(time.DateOnly, string(from))
	if err != nil {
		return "", false
	}
	s = strings.Join(strings.Fields(strings.ToLower(strings.Trim(s, " .!"))), " ")
	switch s {
	case "today", "now":
		return from, true
	case "tomorrow":
		return handrail.DateOf(start.AddDate(0, 0, 1), time.UTC), true
	}
	for d := range 7 { // "monday"
		day := start.AddDate(0, 0, d)
		if name := strings.ToLower(day.Weekday().String()); s == name || s == name[:3] {
			return handrail.DateOf(day, time.UTC), true
		}
	}
	for _, w := range []string{"st", "nd", "rd", "th"} {
		if at := strings.Index(s, w+" "); at > 0 && s[at-1] >= '0' && s[at-1] <= '9' {
			s = s[:at] + s[at+len(w):]
		}
	}
	for _, layout := range []string{time.DateOnly, "2 January 2006", "2 Jan 2006", "2/1/2006", "2.1.2006"} {
		if d, err := time.Parse(layout, s); err == nil {
			return handrail.DateOf(d, time.UTC), true
		}
	}
	for _, layout := range []string{"2 January", "2 Jan", "2/1", "2.1"} {
		d, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		for year := start.Year(); year <= start.Year()+4; year++ {
			on := time.Date(year, d.Month(), d.Day(), 0, 0, 0, 0, time.UTC)
			if on.Day() == d.Day() && !on.Before(start) {
				return handrail.DateOf(on, time.UTC), true
			}
		}
	}
	return "", false
}

// longDay is a date in words: "Monday 2 November 2026".
func longDay(d handrail.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return t.Format("Monday 2 January 2006")
}
