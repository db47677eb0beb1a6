package sources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"handrail"
)

// Read imports services of Open Referral UK v3 (HSDS-UK 3.0) from a page object, a bare array, or {"services": [...]};
// a record of the v1 shape among them is read as such. source is stored with every activity.
//
// A record that cannot be used is reported and left out; one with a bad part (a position in the sea, an age of 900) is
// reported and kept without it. An error means that the reading stopped: the result then holds what was read before.
// Memory is bounded by one record, apart from what is returned. It may be called again on another reader at any time.
func Read(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
	return readServices(ctx, r, source, activityOf, opts)
}

// converter turns one record into an activity. problems are what was wrong and left out; an error rejects the record,
// and the activity then holds at most its id.
type converter func(raw []byte, source string, o options) (a handrail.Activity, problems []string, err error)

func readServices(ctx context.Context, r io.Reader, source string, convert converter, opts []Option) (Result, error) {
	in := newSplitter(r, "contents", "content", "services")
	var out Result
	return out, out.services(ctx, in, source, convert, optionsOf(opts), nil)
}

func optionsOf(opts []Option) (o options) {
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// services reads a list of services to its end. look, where there is one, sees each record that is a JSON value, and may
// say that its problems are not to be told.
func (r *Result) services(ctx context.Context, in *splitter, source string, convert converter, o options, look func(raw []byte, id handrail.ActivityID) (quiet bool)) error {
	seen := map[handrail.ActivityID]int{}
	return r.list(ctx, in, func(raw []byte, line int) {
		activity, problems, err := convert(raw, source, o)
		if err == nil {
			if first, twice := seen[activity.ID]; twice {
				err = fmt.Errorf("the same id came before (at line %d)", first)
			}
		}
		if look != nil && look(raw, activity.ID) {
			problems = nil
		}
		if err == nil {
			seen[activity.ID] = line
		}
		r.keep(line, activity, problems, err)
	})
}

// keep takes what a converter gave.
func (r *Result) keep(line int, a handrail.Activity, problems []string, rejected error) {
	if rejected != nil {
		r.problem(Problem{Line: line, ID: string(a.ID), Reason: rejected.Error()})
		return
	}
	for _, reason := range problems {
		r.problem(Problem{Line: line, ID: string(a.ID), Reason: reason, Kept: true})
	}
	r.Activities = append(r.Activities, a)
}

// list reads a list of records to its end and counts them.
func (r *Result) list(ctx context.Context, in *splitter, each func(raw []byte, line int)) error {
	if err := in.start(); err != nil {
		return handrail.Errorf(handrail.KindInvalid, "That file is not a list of services that I can read.", "read feed: line %d: %w", in.line, err)
	}
	var buffer []byte
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read feed: %w", err)
		}
		raw, line, err := in.record(buffer)
		if cap(raw) > cap(buffer) {
			buffer = raw
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errTooBig), errors.Is(err, errTooDeep):
			r.Records++
			r.problem(Problem{Line: line, Reason: err.Error()})
			continue
		case err != nil:
			return handrail.Errorf(handrail.KindInvalid, "The file stops before its end, so it may not be whole.", "read feed: line %d: %w", in.line, err)
		}
		if r.Records++; r.Records > maxRecords {
			return handrail.Errorf(handrail.KindInvalid, "The file holds more services than I can take in.", "read feed: more than %d records", maxRecords)
		}
		each(raw, line)
	}
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
	CostOptions  many[costOption]  `json:"cost_options"`
	Contacts     many[contact]     `json:"contacts"`
	Phones       many[phone]       `json:"phones"`
	Languages    many[language]    `json:"languages"`
	Locations    many[atLocation]  `json:"service_at_locations"`
	Attributes   many[attribute]   `json:"attributes"`
	// Criteria is HSDS 3.0's; Open Referral UK has no such field, and feeds send it all the same.
	Criteria text `json:"eligibility_description"`
	Audience many[struct {
		Type text `json:"audienceType"`
	}] `json:"pc_targetAudience"`
	// What v1 has and v3 has not: filled in by serviceV1.
	Eligibilities []eligibility `json:"-"`
	Holidays      []holiday     `json:"-"`
	Attending     string        `json:"-"`
}

type organization struct {
	ID      text `json:"id"`
	Name    text `json:"name"`
	Email   text `json:"email"`
	Website text `json:"website"`
	URL     text `json:"url"`
	URI     text `json:"uri"`

	Phones many[phone] `json:"phones"`
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
	Location  one[location]  `json:"location"`
	Schedules many[schedule] `json:"schedules"`
}

type location struct {
	Type          text                `json:"location_type"`
	Name          text                `json:"name"`
	Latitude      number              `json:"latitude"`
	Longitude     number              `json:"longitude"`
	Addresses     many[address]       `json:"addresses"`
	Accessibility many[accessibility] `json:"accessibility"`
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
	Words       text `json:"accessibility"` // v1, and the validator's own examples of v3
}

type attribute struct {
	Term one[taxonomyTerm] `json:"taxonomy_term"`
}

type taxonomyTerm struct {
	Name text `json:"name"`
	URI  text `json:"term_uri"`
}

// activityOf reads one record of v3, or of v1 where its keys say so.
func activityOf(raw []byte, source string, o options) (handrail.Activity, []string, error) {
	if isV1(raw) {
		return activityOfV1(raw, source, o)
	}
	var s service
	if err := unmarshal(raw, &s); err != nil {
		return handrail.Activity{}, nil, err
	}
	return s.activity(source, o)
}

func unmarshal(raw []byte, into any) error {
	if len(raw) == 0 || raw[0] != '{' {
		return errors.New("it is not an object")
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("it is not valid JSON (%s)", jsonReason(err))
	}
	return nil
}

// activity is the record as an activity, as a converter says.
func (s service) activity(source string, o options) (handrail.Activity, []string, error) {
	a := handrail.Activity{ID: handrail.ActivityID(clean(string(s.ID), 200)), Source: source}
	if a.ID == "" {
		return a, nil, errors.New("it has no id")
	}
	if a.Name = plainLine(string(s.Name), 200); a.Name == "" {
		return a, nil, errors.New("it has no name")
	}
	var problems []string
	note := func(reason string) {
		if reason != "" && !slices.Contains(problems, reason) {
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
	if s.Attending != "" {
		a.Description = strings.TrimSpace(a.Description + "\n" + s.Attending)
	}
	a.Organiser = organiserOf(s)
	note(lostContacts(a.Organiser, s))
	var where string
	a.Venue, where, reason = venueOf(s.Locations)
	note(reason)
	a.Topics = topicsOf(s)
	s.times(&a, o, note)
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
	for _, p := range slices.Concat(s.Phones, org.Phones) {
		if o.Phone == "" {
			o.Phone = phoneNumber(string(p.Number))
		}
	}
	return o
}

// lostContacts tells that a number was there and none could be kept: one that costs extra, or words.
func lostContacts(o handrail.Organiser, s service) string {
	if o.Phone != "" {
		return ""
	}
	lost := func(list []phone) bool {
		return slices.ContainsFunc(list, func(p phone) bool { return strings.TrimSpace(string(p.Number)) != "" })
	}
	if lost(s.Phones) || slices.ContainsFunc(s.Contacts, func(c contact) bool { return lost(c.Phones) }) {
		return "its telephone number cannot be used, so it is left out"
	}
	return ""
}

func firstOf(keep func(string) string, fields ...text) string {
	for _, f := range fields {
		if s := keep(string(f)); s != "" {
			return s
		}
	}
	return ""
}
