package sources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"handrail"
)

// maxProblems is how many problems are told one by one.
const maxProblems = 1000

// Read imports services of Open Referral UK v3 (HSDS-UK 3.0; the shapes that v1 feeds serve are understood where they
// are the same) from a page object, a bare array, or {"services": [...]}. source is stored with every activity.
//
// A record that cannot be used is reported and left out; one with a bad part (a position in the sea, an age of 900) is
// reported and kept without it. An error means that the reading stopped: the result then holds what was read before.
// Memory is bounded by one record, apart from what is returned. It may be called again on another reader at any time.
func Read(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
	o := options{}
	for _, opt := range opts {
		opt(&o)
	}
	in := newSplitter(r)
	var out Result
	if err := in.start(); err != nil {
		return out, handrail.Errorf(handrail.KindInvalid, "That file is not a list of services that I can read.",
			"read open referral: line %d: %w", in.line, err)
	}
	seen := map[handrail.ActivityID]int{}
	var buffer []byte
	for {
		if err := ctx.Err(); err != nil {
			return out, fmt.Errorf("read open referral: %w", err)
		}
		raw, line, err := in.record(buffer)
		if cap(raw) > cap(buffer) {
			buffer = raw
		}
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case errors.Is(err, errTooBig), errors.Is(err, errTooDeep):
			out.Records++
			out.problem(Problem{Line: line, Reason: err.Error()})
			continue
		case err != nil:
			return out, handrail.Errorf(handrail.KindInvalid, "The file stops before its end, so it may not be whole.",
				"read open referral: line %d: %w", in.line, err)
		}
		if out.Records++; out.Records > maxRecords {
			return out, handrail.Errorf(handrail.KindInvalid, "The file holds more services than I can take in.",
				"read open referral: more than %d records", maxRecords)
		}
		activity, problems, err := activityOf(raw, source, o)
		if err == nil {
			if first, twice := seen[activity.ID]; twice {
				err = fmt.Errorf("the same id was at line %d", first)
			}
		}
		if err != nil {
			out.problem(Problem{Line: line, ID: string(activity.ID), Reason: err.Error()})
			continue
		}
		seen[activity.ID] = line
		for _, reason := range problems {
			out.problem(Problem{Line: line, ID: string(activity.ID), Reason: reason, Kept: true})
		}
		out.Activities = append(out.Activities, activity)
	}
}

func (r *Result) problem(p Problem) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, p)
		return
	}
	r.More++
}

// service is a service record as feeds send it. What is not here is not wanted: assurer_email, for instance, is a named
// person's and is never read.
type service struct {
	ID           text              `json:"id"`
	Name         text              `json:"name"`
	Description  text              `json:"description"`
	URL          text              `json:"url"`
	Email        text              `json:"email"`
	Status       text              `json:"status"`
	Fees         text              `json:"fees"`
	Alert        text              `json:"alert"`
	MinimumAge   number            `json:"minimum_age"`
	MaximumAge   number            `json:"maximum_age"`
	AssuredDate  text              `json:"assured_date"`
	LastModified text              `json:"last_modified"`
	Organization one[organization] `json:"organization"`
	Schedules    many[schedule]    `json:"schedules"`
	OldSchedules many[schedule]    `json:"regular_schedules"`
	CostOptions  many[costOption]  `json:"cost_options"`
	Contacts     many[contact]     `json:"contacts"`
	Phones       many[phone]       `json:"phones"`
	Languages    many[language]    `json:"languages"`
	Locations    many[atLocation]  `json:"service_at_locations"`
	Attributes   many[attribute]   `json:"attributes"`
	OldTopics    many[struct {
		Taxonomy one[taxonomyTerm] `json:"taxonomy"`
	}] `json:"service_taxonomys"`
	Eligibilities many[struct {
		Eligibility text   `json:"eligibility"`
		MinimumAge  number `json:"minimum_age"`
		MaximumAge  number `json:"maximum_age"`
	}] `json:"eligibilitys"`
	Audience many[struct {
		Type text `json:"audienceType"`
	}] `json:"pc_targetAudience"`
}

type organization struct {
	ID      text `json:"id"`
	Name    text `json:"name"`
	Email   text `json:"email"`
	Website text `json:"website"`
	URL     text `json:"url"`
	URI     text `json:"uri"`
}

type schedule struct {
	ValidTo     text   `json:"valid_to"`
	ValidFrom   text   `json:"valid_from"`
	Freq        text   `json:"freq"`
	Interval    number `json:"interval"`
	ByDay       text   `json:"byday"`
	ByMonthDay  text   `json:"bymonthday"`
	Weekday     text   `json:"weekday"` // v1
	Description text   `json:"description"`
	Notes       text   `json:"notes"`
	OpensAt     text   `json:"opens_at"`
	ClosesAt    text   `json:"closes_at"`
	Timezone    text   `json:"timezone"`
}

type costOption struct {
	Option      text   `json:"option"`
	Amount      number `json:"amount"`
	Description text   `json:"amount_description"`
	Currency    text   `json:"currency"`
}

type contact struct {
	Email  text        `json:"email"`
	Phones many[phone] `json:"phones"`
}

type phone struct {
	Number text `json:"number"`
}

type language struct {
	Name     text `json:"name"`
	Code     text `json:"code"`
	Language text `json:"language"` // v1
}

type atLocation struct {
	Location     one[location]  `json:"location"`
	Schedules    many[schedule] `json:"schedules"`
	OldSchedules many[schedule] `json:"regular_schedule"`
}

type location struct {
	Type          text                `json:"location_type"`
	Name          text                `json:"name"`
	Latitude      number              `json:"latitude"`
	Longitude     number              `json:"longitude"`
	Addresses     many[address]       `json:"addresses"`
	OldAddresses  many[address]       `json:"physical_addresses"` // v1
	Accessibility many[accessibility] `json:"accessibility"`
	OldAccess     many[accessibility] `json:"accessibility_for_disabilities"` // v1
}

type address struct {
	Address1   text `json:"address_1"`
	City       text `json:"city"`
	PostalCode text `json:"postal_code"`
	Type       text `json:"address_type"`
}

type accessibility struct {
	Description text `json:"description"`
	Details     text `json:"details"`
	Old         text `json:"accessibility"` // v1
}

type attribute struct {
	Term one[taxonomyTerm] `json:"taxonomy_term"`
}

type taxonomyTerm struct {
	Name text `json:"name"`
	URI  text `json:"term_uri"`
}

// activityOf turns one record into an activity. problems are what was wrong and left out; an error rejects the record,
// and the activity then holds at most its id.
func activityOf(raw []byte, source string, o options) (handrail.Activity, []string, error) {
	var s service
	if len(raw) == 0 || raw[0] != '{' {
		return handrail.Activity{}, nil, errors.New("it is not an object")
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return handrail.Activity{}, nil, fmt.Errorf("it is not valid JSON (%s)", jsonReason(err))
	}
	a := handrail.Activity{ID: handrail.ActivityID(clean(string(s.ID), 200)), Source: source}
	if a.ID == "" {
		return a, nil, errors.New("it has no id")
	}
	if a.Name = plainLine(string(s.Name), 200); a.Name == "" {
		return a, nil, errors.New("it has no name")
	}
	var problems []string
	note := func(reason string) {
		if reason != "" {
			problems = append(problems, reason)
		}
	}
	status, reason := statusOf(string(s.Status))
	a.Status = status
	note(reason)
	a.Description = plain(string(s.Description), 8000)
	if alert := plainLine(string(s.Alert), 500); alert != "" {
		a.Description = strings.TrimSpace(alert + "\n" + a.Description)
	}
	a.Organiser = organiserOf(s)
	var where string
	a.Venue, where, reason = venueOf(s.Locations)
	note(reason)
	a.Topics = topicsOf(s)
	note(times(&a, s, o))
	a.Cost = costOf(s)
	a.Access = accessOf(a, where)
	note(ages(&a, s))
	a.For = forWhom(a, s)
	a.Languages = languagesOf(s.Languages)
	a.Sensitive = sensitive(a)
	a.CheckedAt = date(string(s.AssuredDate))
	if a.CheckedAt == nil && s.AssuredDate != "" {
		note("the date of its last check cannot be read")
	}
	a.UpdatedAt = date(string(s.LastModified))
	return a, problems, nil
}

// jsonReason is what was wrong without the text it was wrong in.
func jsonReason(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Error()
	}
	return "a part of it is of the wrong kind"
}

func plainLine(s string, n int) string {
	return strings.ReplaceAll(plain(s, n), "\n", " ")
}

func statusOf(s string) (handrail.ActivityStatus, string) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "active":
		return handrail.ActivityActive, ""
	case "inactive":
		return handrail.ActivityInactive, ""
	case "defunct":
		return handrail.ActivityDefunct, ""
	case "temporarily closed", "temporarily_closed", "paused":
		return handrail.ActivityPaused, ""
	default: // better not to send anybody there
		return handrail.ActivityInactive, "its status is not a known one, so it is taken as inactive"
	}
}

func organiserOf(s service) handrail.Organiser {
	org := s.Organization.v
	o := handrail.Organiser{
		ID:      handrail.OrganiserID(clean(string(org.ID), 200)),
		Name:    plainLine(string(org.Name), 200),
		Email:   firstOf(emailAddress, s.Email, org.Email),
		Website: firstOf(webAddress, s.URL, org.Website, org.URL, org.URI),
	}
	for _, c := range s.Contacts {
		if o.Email == "" {
			o.Email = emailAddress(string(c.Email))
		}
		for _, p := range c.Phones {
			if o.Phone == "" {
				o.Phone = phoneNumber(string(p.Number))
			}
		}
	}
	for _, p := range s.Phones {
		if o.Phone == "" {
			o.Phone = phoneNumber(string(p.Number))
		}
	}
	return o
}

func firstOf(keep func(string) string, fields ...text) string {
	for _, f := range fields {
		if s := keep(string(f)); s != "" {
			return s
		}
	}
	return ""
}

// times reads the weekly times and the listing's own words about them.
func times(a *handrail.Activity, s service, o options) (problem string) {
	all := append(append([]schedule(nil), s.Schedules...), s.OldSchedules...)
	for _, at := range s.Locations {
		all = append(append(all, at.Schedules...), at.OldSchedules...)
	}
	var words []string
	say := func(text string) {
		if text != "" && len(words) < 20 {
			for _, w := range words {
				if strings.EqualFold(w, text) {
					return
				}
			}
			words = append(words, text)
		}
	}
	for _, sc := range all {
		say(plainLine(string(sc.Description), 300))
		say(plainLine(string(sc.Notes), 300))
		if over(sc, o.asOf) {
			continue
		}
		weekly, reason := weeklyTimes(sc)
		if reason != "" {
			problem = reason
		}
		if len(weekly) == 0 && sc.Description == "" {
			say(inWords(sc))
		}
		for _, t := range weekly {
			if len(a.Times) < 50 && !hasTime(a.Times, t) {
				a.Times = append(a.Times, t)
			}
		}
	}
	a.WhenText = clean(strings.Join(words, "; "), 1000)
	return problem
}

func hasTime(list []handrail.Recurrence, t handrail.Recurrence) bool {
	for _, other := range list {
		if other.Equal(t) {
			return true
		}
	}
	return false
}

// over reports whether a schedule ended before t. An end before its own beginning ("1899-12-30") is no end.
func over(sc schedule, t time.Time) bool {
	end, begin := date(string(sc.ValidTo)), date(string(sc.ValidFrom))
	return !t.IsZero() && end != nil && (begin == nil || !end.Before(*begin)) && end.AddDate(0, 0, 1).Before(t)
}

// weeklyTimes are the times of a schedule that repeats every so many weeks. "The first Monday" is not one of them: read
// as weekly it would send people to a locked door three times out of four.
func weeklyTimes(sc schedule) (list []handrail.Recurrence, problem string) {
	freq := strings.ToLower(strings.TrimSpace(string(sc.Freq)))
	if freq != "" && freq != "weekly" && freq != "week" && freq != "daily" {
		return nil, ""
	}
	on, ordinal := days(string(sc.ByDay) + " " + string(sc.Weekday))
	if ordinal || sc.ByMonthDay != "" {
		return nil, ""
	}
	if freq == "daily" && len(on) == 0 {
		on = []time.Weekday{1, 2, 3, 4, 5, 6, 0}
	}
	if len(on) == 0 || sc.OpensAt == "" {
		return nil, ""
	}
	start, ok := clockTime(string(sc.OpensAt))
	if !ok {
		return nil, "a time of it cannot be read"
	}
	end, ok := clockTime(string(sc.ClosesAt))
	if !ok && sc.ClosesAt != "" {
		problem = "a time of it cannot be read"
	}
	if end <= start {
		end = 0
	}
	every := 0
	if sc.Interval.ok && sc.Interval.v > 1 {
		if sc.Interval.v > 52 {
			return nil, "a schedule repeats less than once a year"
		}
		every = int(sc.Interval.v)
	}
	zone := ""
	if z := strings.TrimSpace(string(sc.Timezone)); strings.HasPrefix(z, "Europe/") && z != "Europe/London" {
		if _, err := time.LoadLocation(z); err == nil {
			zone = z
		}
	}
	for _, d := range on {
		list = append(list, handrail.Recurrence{Day: d, Start: start, End: end, Every: every, Zone: zone})
	}
	return list, problem
}

// inWords tells a schedule that is not weekly, for listings that do not do so themselves: "first Monday of the month,
// 10:00 to 12:00".
func inWords(sc schedule) string {
	var parts []string
	for _, part := range strings.Split(strings.ToUpper(string(sc.ByDay)), ",") {
		name := strings.TrimLeft(strings.TrimSpace(part), "+-0123456789")
		d, ok := weekday(name)
		if !ok {
			continue
		}
		which := map[string]string{"1": "first ", "+1": "first ", "2": "second ", "3": "third ", "4": "fourth ", "5": "fifth ",
			"-1": "last ", "-2": "last but one "}[strings.TrimSuffix(strings.TrimSpace(part), name)]
		if which == "" {
			parts = append(parts, d.String())
			continue
		}
		parts = append(parts, which+d.String()+" of the month")
	}
	if len(parts) == 0 {
		return ""
	}
	text := strings.Join(parts, " and ")
	if strings.EqualFold(string(sc.Freq), "monthly") && !strings.Contains(text, "month") {
		text += ", monthly"
	}
	if start, ok := clockTime(string(sc.OpensAt)); ok {
		text += ", " + start.String()
		if end, ok := clockTime(string(sc.ClosesAt)); ok && end > start {
			text += " to " + end.String()
		}
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
