package publish

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"handrail"
)

// schedule is when a service is open: RFC 5545 in the fields of HSDS. Times are wall times of the United Kingdom.
type schedule struct {
	ID          string `json:"id"`
	ValidFrom   string `json:"valid_from,omitempty"`
	ValidTo     string `json:"valid_to,omitempty"`
	Start       string `json:"dtstart,omitempty"`
	Freq        string `json:"freq,omitempty"`
	Interval    int    `json:"interval,omitempty"`
	ByDay       string `json:"byday,omitempty"`
	ByMonthDay  string `json:"bymonthday,omitempty"`
	Description string `json:"description,omitempty"`
	OpensAt     string `json:"opens_at,omitempty"`
	ClosesAt    string `json:"closes_at,omitempty"`
	Timezone    string `json:"timezone,omitempty"` // only where it is not the United Kingdom's
	Notes       string `json:"notes,omitempty"`
}

// schedulesOf are a listing's times, one schedule a recurrence and one a single date. A guessed time is left out; the
// listing's own words about its times stand in the first schedules, alone where there are no times. Ids come from what
// a schedule says and not from its place in the list, so that a change of one leaves the others as they were.
func schedulesOf(a *handrail.Activity, service string) []schedule {
	var out []schedule
	add := func(s schedule) { out = append(out, s) }
	for _, r := range a.Times {
		if !r.Certain() {
			continue
		}
		if s, ok := repeating(r); ok {
			add(s)
		}
		for _, d := range r.Also {
			add(single(r, d))
		}
	}
	for i, words := range inParts(a.WhenText) {
		if i == len(out) {
			add(schedule{})
		}
		out[i].Description = words
	}
	used := map[uuid]bool{}
	for i := range out {
		s := &out[i]
		key := []string{service, s.ValidFrom, s.ValidTo, s.Start, s.Freq, strconv.Itoa(s.Interval), s.ByDay, s.ByMonthDay, s.OpensAt, s.ClosesAt, s.Timezone}
		if s.OpensAt == "" {
			key = append(key, s.Description)
		}
		id := derived("schedule", key...)
		for n := 2; used[id]; n++ { // said twice
			id = derived("schedule", append(key, strconv.Itoa(n))...)
		}
		used[id] = true
		s.ID = id.String()
	}
	return out
}

// longestWords is how many characters of words a schedule should have at most: readers keep no more, ours among them.
const longestWords = 300

// inParts cuts words that are too long for one schedule where sentences of different schedules were joined.
func inParts(words string) (out []string) {
	for part := range strings.SplitSeq(words, "; ") {
		last := len(out) - 1
		switch {
		case part == "":
		case last >= 0 && utf8.RuneCountInString(out[last])+len("; ")+utf8.RuneCountInString(part) <= longestWords:
			out[last] += "; " + part
		default:
			out = append(out, part)
		}
	}
	return out
}

// repeating is a recurrence without its single dates; false when it has nothing else.
func repeating(r handrail.Recurrence) (schedule, bool) {
	s := common(r)
	s.ValidFrom, s.ValidTo, s.Start = string(r.From), string(r.Until), string(r.From)
	s.Interval = max(r.Every, 1)
	switch r.Freq {
	case handrail.Weekly:
		s.Freq, s.ByDay = "WEEKLY", dayCode(r.Day)
	case handrail.Monthly:
		s.Freq = "MONTHLY"
		switch {
		case r.Nth != 0:
			s.ByDay = strconv.Itoa(r.Nth) + dayCode(r.Day)
		case r.MonthDay != 0:
			s.ByMonthDay = strconv.Itoa(r.MonthDay)
		default:
			return schedule{}, false
		}
	default: // only on dates
		return schedule{}, false
	}
	var notes []string
	if r.Holidays == handrail.No {
		notes = append(notes, noteNoHoliday)
	}
	if r.TermOnly {
		notes = append(notes, noteTerm)
	}
	if len(r.Except) > 0 {
		days := slices.Sorted(slices.Values(r.Except))
		words := make([]string, len(days))
		for i, d := range days {
			words[i] = longDate(d)
		}
		notes = append(notes, fmt.Sprintf(noteExcept, strings.Join(words, ", ")))
	}
	s.Notes = strings.Join(notes, " ")
	return s, true
}

// single is a meeting on one date.
func single(r handrail.Recurrence, d handrail.Date) schedule {
	s := common(r)
	s.ValidFrom, s.ValidTo, s.Start = string(d), string(d), string(d)
	return s
}

func common(r handrail.Recurrence) schedule {
	s := schedule{OpensAt: r.Start.String()}
	if r.End > r.Start {
		s.ClosesAt = r.End.String()
	}
	if r.Zone != "" && r.Zone != "Europe/London" {
		s.Timezone = r.Zone
	}
	return s
}

// dayCode is "MO" for Monday.
func dayCode(d time.Weekday) string {
	return strings.ToUpper(((d%7 + 7) % 7).String()[:2])
}
