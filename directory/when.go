package directory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"handrail"
)

// WhenText says when a group meets: "Tuesdays, 10am to 12 noon", "Mondays to Fridays, 9am to 5pm", "the last Thursday of
// the month, 2pm". Where no times are known for certain it gives the listing's own words, and "times not said" without
// any: a guess is never told as a fact.
func WhenText(a handrail.Activity) string {
	if len(a.Times) == 1 && a.Times[0].Certain() { // most groups: no grouping to do
		return newWhen(a.Times[0]).text()
	}
	var groups []when
	for _, t := range a.Times {
		if !t.Certain() {
			continue
		}
		w := newWhen(t)
		at := slices.IndexFunc(groups, w.joins)
		if at < 0 {
			groups = append(groups, w)
			continue
		}
		groups[at].add(t)
	}
	if len(groups) == 0 {
		if own := oneLine(a.WhenText, 120); own != "" {
			return own
		}
		return "times not said"
	}
	slices.SortStableFunc(groups, func(x, y when) int {
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), cmp.Compare(x.Start, y.Start))
	})
	parts := make([]string, 0, 4)
	for _, g := range groups {
		parts = append(parts, g.text())
	}
	if len(parts) > 4 {
		parts = append(parts[:3], "and at other times")
	}
	return strings.Join(parts, "; ")
}

// when is some recurrences that can be told in one breath: they differ in their days only.
type when struct {
	handrail.Recurrence       // the first
	days                []int // Weekly: Monday is 0; Monthly with Nth: which of the month's; with MonthDay: that
}

func newWhen(r handrail.Recurrence) when {
	w := when{Recurrence: r}
	w.add(r)
	return w
}

// joins reports whether another recurrence can be told together with w.
func (w when) joins(o when) bool {
	a, b := w.Recurrence, o.Recurrence
	return a.Freq == b.Freq && a.Freq != handrail.OnDates && a.Start == b.Start && a.End == b.End && max(a.Every, 1) == max(b.Every, 1) &&
		a.TermOnly == b.TermOnly && a.Until == b.Until &&
		(a.Freq == handrail.Weekly || (a.Nth == 0) == (b.Nth == 0) && (a.Nth == 0 || a.Day == b.Day))
}

func (w *when) add(r handrail.Recurrence) {
	n := (int(r.Day) + 6) % 7
	if r.Freq == handrail.Monthly {
		n = cmp.Or(r.Nth, r.MonthDay)
	}
	if !slices.Contains(w.days, n) {
		w.days = append(w.days, n)
		slices.SortFunc(w.days, func(x, y int) int { return cmp.Compare(fromEnd(x), fromEnd(y)) })
	}
}

// fromEnd puts what is counted from the end after what is counted from the beginning.
func fromEnd(n int) int {
	if n < 0 {
		return n + 1000
	}
	return n
}

// rank orders weekly times by their first day, monthly ones after them, single dates last.
func (w when) rank() int {
	switch w.Freq {
	case handrail.Weekly:
		return w.days[0]
	case handrail.Monthly:
		return 100 + fromEnd(w.days[0])
	default:
		return 10_000
	}
}

func (w when) text() string {
	var text string
	switch w.Freq {
	case handrail.Weekly:
		text = dayList(w.days)
	case handrail.Monthly:
		text = "the " + w.ofMonth() + " of " + everyMonth(w.Every)
	default:
		text = datesText(w.Also)
	}
	if w.Start != 0 || w.End != 0 {
		text += ", " + ClockText(w.Start)
		if w.End > w.Start {
			text = strings.TrimSuffix(text, ClockText(w.Start)) + span(w.Start, w.End)
		}
	}
	if w.Freq == handrail.Weekly {
		switch {
		case w.Every == 2:
			text += ", every other week"
		case w.Every > 2:
			text += ", every " + strconv.Itoa(w.Every) + " weeks"
		}
	}
	if w.TermOnly {
		text += ", in term time"
	}
	if n := dayOf(w.Until); n != 0 && w.Freq != handrail.OnDates {
		text += ", until " + n.date().Format("2 January 2006")
	}
	return text
}

// ofMonth is "first Tuesday", "first and third Fridays", "last day", "15th".
func (w when) ofMonth() string {
	words := make([]string, len(w.days))
	for i, n := range w.days {
		words[i] = nth(n, w.Nth == 0)
	}
	switch {
	case w.Nth == 0:
		return list(words)
	case len(words) == 1:
		return words[0] + " " + w.Day.String()
	default:
		return list(words) + " " + w.Day.String() + "s"
	}
}

// nth is "first", "last", "second to last" of a weekday, and "15th", "last day" of a day of the month.
func nth(n int, monthDay bool) string {
	words := [...]string{"first", "second", "third", "fourth", "fifth"}
	switch {
	case n == -1 && monthDay:
		return "last day"
	case n == -1:
		return "last"
	case n == -2:
		return "second to last"
	case !monthDay && n >= 1 && n <= len(words):
		return words[n-1]
	}
	suffix := "th"
	switch {
	case n%10 == 1 && n%100 != 11:
		suffix = "st"
	case n%10 == 2 && n%100 != 12:
		suffix = "nd"
	case n%10 == 3 && n%100 != 13:
		suffix = "rd"
	}
	return strconv.Itoa(n) + suffix
}

func everyMonth(every int) string {
	switch {
	case every == 2:
		return "every other month"
	case every > 2:
		return "every " + nth(every, true) + " month"
	}
	return "the month"
}

// datesText lists up to three dates: "3 December 2026", "3, 10 and 17 December 2026" is told as three whole ones, since
// people read dates one by one.
func datesText(dates []handrail.Date) string {
	dates = slices.Sorted(slices.Values(dates))
	var words []string
	for _, d := range dates {
		if n := dayOf(d); n != 0 {
			words = append(words, n.date().Format("2 January 2006"))
		}
	}
	switch {
	case len(words) == 0:
		return "on some dates"
	case len(words) > 3:
		words = append(words[:2], plural(len(words)-2, "other date"))
	}
	return "on " + list(words)
}
