package directory

import (
	"testing"
	"time"

	"handrail"
)

func assured(days int, by handrail.Assurer) *handrail.Assurance {
	return &handrail.Assurance{At: *daysAgo(days), By: by, How: "chat"}
}

func funding(until handrail.Date) []handrail.Fact {
	return []handrail.Fact{{Kind: handrail.FactFundingEnd, Value: string(until), On: "2026-01-01"}}
}

// Each row: two groups that are alike but for one thing, the better first.
func TestRanking_WhatIsKnownOfAListing(t *testing.T) {
	type listing = handrail.Activity
	standing := func(s handrail.Standing) listing { return listing{Standing: s} }
	for name, c := range map[string]struct {
		better, worse listing
		q             Query
	}{
		"our own check counts more than the publisher's": {
			standing(handrail.Standing{Assured: assured(30, handrail.AssurerOrganiser)}), listing{CheckedAt: daysAgo(30)}, Query{}},
		"a newer check of the publisher's counts more than an old one of ours": {
			listing{CheckedAt: daysAgo(3)}, standing(handrail.Standing{Assured: assured(200, handrail.AssurerOrganiser)}), Query{}},
		"an organiser's word counts more than a visitor's": {
			standing(handrail.Standing{Assured: assured(9, handrail.AssurerOrganiser)}), standing(handrail.Standing{Assured: assured(9, handrail.AssurerVisitor)}), Query{}},
		"somebody went lately": {
			standing(handrail.Standing{AttendedAt: daysAgo(5)}), standing(handrail.Standing{AttendedAt: daysAgo(50)}), Query{}},
		"nobody went": {
			standing(handrail.Standing{AttendedAt: daysAgo(300)}), listing{}, Query{}},
		"an organiser who answers": {
			standing(handrail.Standing{Answers: 5}), standing(handrail.Standing{Answers: 1}), Query{}},
		"an organiser who was not asked before one who is silent": {
			listing{}, standing(handrail.Standing{Silences: 2}), Query{}},
		"three silences weigh more than a check of yesterday": {
			listing{}, listing{CheckedAt: daysAgo(1), Standing: handrail.Standing{Silences: 3}}, Query{}},
		"closed, somebody said, comes after what nobody ever checked": {
			listing{}, listing{Name: "yoga", CheckedAt: daysAgo(1), Cost: free(), Standing: handrail.Standing{ReportedClosed: daysAgo(2), AttendedAt: daysAgo(5)}}, Query{}},
		"its money ended and nobody has said more": {
			listing{CheckedAt: daysAgo(400)}, listing{CheckedAt: daysAgo(300), Facts: funding("2026-10-31")}, Query{}},
		"its money ended and the organiser has said since that it goes on": {
			listing{CheckedAt: daysAgo(2), Facts: funding("2026-10-31")}, listing{CheckedAt: daysAgo(30)}, Query{}},
		"its dates are over": {
			listing{}, listing{CheckedAt: daysAgo(2), Times: []handrail.Recurrence{{Day: time.Monday, Start: 600, Until: "2026-11-01"}}}, Query{}},
		"a plain name before a labelled one": {
			listing{Name: "Tuesday gardeners"}, listing{Name: "Depression group"}, Query{}},
		"vouched for": {
			listing{Facts: []handrail.Fact{{Kind: handrail.FactInsurance}}}, listing{Facts: []handrail.Fact{{Kind: handrail.FactPhoto}}}, Query{}},
		"known to be free, priced, not said": {
			listing{Cost: free()}, listing{Cost: handrail.Cost{Known: true, Pence: 300}}, Query{}},
		"cheap before dear": {
			listing{Cost: handrail.Cost{Known: true, Pence: 100}}, listing{Cost: handrail.Cost{Known: true, Pence: 900}}, Query{}},
		"meant for their age": {
			listing{MinAge: 60}, listing{}, Query{Age: 70}},
		"times that are only guessed are as good as none": {
			listing{Times: weekly(time.Monday, 600, 0)}, listing{Times: []handrail.Recurrence{{Day: time.Monday, Start: 600, Certainty: handrail.CertaintyGuessed}}}, Query{}},
		"on foot, half a mile further is worse than a stale check": {
			listing{Venue: handrail.Venue{At: at(51.8793, -0.4164)}}, listing{CheckedAt: daysAgo(90), Venue: handrail.Venue{At: at(51.8920, -0.4164)}},
			Query{Near: luton(), Travel: Walking}},
		"by car it is not": {
			listing{CheckedAt: daysAgo(90), Venue: handrail.Venue{At: at(51.8920, -0.4164)}}, listing{Venue: handrail.Venue{At: at(51.8793, -0.4164)}},
			Query{Near: luton(), Travel: Car}},
	} {
		t.Run(name, func(t *testing.T) {
			c.better.ID, c.worse.ID, c.q.Now = "z better", "a worse", now // where they are equal, the worse would come first
			if got := ids(NewIndex([]handrail.Activity{c.worse, c.better}).Search(c.q)); got != "z better a worse" {
				t.Errorf("found %q", got)
			}
		})
	}
}

func TestFreshText(t *testing.T) {
	for want, a := range map[string]handrail.Activity{
		"checked 12 days ago by the organiser":      {Standing: handrail.Standing{Assured: assured(12, handrail.AssurerOrganiser)}},
		"checked yesterday by staff":                {CheckedAt: daysAgo(40), Standing: handrail.Standing{Assured: assured(1, handrail.AssurerStaff)}},
		"checked 2 months ago by somebody who went": {Standing: handrail.Standing{Assured: assured(70, handrail.AssurerVisitor)}},
		"checked 5 days ago":                        {CheckedAt: daysAgo(5), Standing: handrail.Standing{Assured: assured(12, handrail.AssurerOrganiser)}},
		"not checked lately":                        {Standing: handrail.Standing{Assured: assured(400, handrail.AssurerOrganiser)}},
		"never checked":                             {},
		"checked today by the organiser":            {CheckedAt: daysAgo(-30), Standing: handrail.Standing{Assured: assured(0, handrail.AssurerOrganiser)}},
	} {
		if got := FreshText(a, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWarningText(t *testing.T) {
	for want, a := range map[string]handrail.Activity{
		"": {Standing: handrail.Standing{Silences: 2}, Facts: funding("2027-06-30")},
		"Somebody said on 12 November that it was closed; please ask before anybody goes.": {Standing: handrail.Standing{
			ReportedClosed: daysAgo(12), AskedAt: daysAgo(20)}},
		"Somebody said on 11 November that it was closed; we have asked the organiser.": {Standing: handrail.Standing{
			ReportedClosed: daysAgo(13), AskedAt: daysAgo(13), Silences: 4, Paused: true}, Facts: funding("2026-01-31")},
		"The organiser has not answered our last 3 questions; please ask before anybody goes.": {Standing: handrail.Standing{Silences: 3}},
		"Its funding ended on 31 October, and nobody has said since that it goes on.":          {Facts: funding("2026-10-31"), CheckedAt: daysAgo(90)},
		"Its funding ended on 31 October 2025, and nobody has said since that it goes on.":     {Facts: funding("2025-10-31")},
		"Its funding ends on 1 December.":                                                      {Facts: funding("2026-12-01")},
		"The last date it gives was 3 November.": {Times: []handrail.Recurrence{
			{Day: 1, Until: "2026-10-31"}, {Freq: handrail.OnDates, Also: []handrail.Date{"2026-11-03", "2026-01-01"}}}},
		"It takes no new people for now.":           {Standing: handrail.Standing{Paused: true}},
		"It does not meet on Thursday 26 November.": {Standing: handrail.Standing{Cancelled: []handrail.Cancellation{{On: "2026-11-20"}, {On: "2026-11-26"}}}},
	} {
		if got := WarningText(a, now, time.UTC); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What a search tells of a group that somebody found closed: it is there, far down, and says so.
func TestSearch_ReportedClosed(t *testing.T) {
	r := NewIndex([]handrail.Activity{
		{ID: "closed", Name: "Chess", CheckedAt: daysAgo(1), Standing: handrail.Standing{ReportedClosed: daysAgo(2)}}, {ID: "far", Description: "chess"},
	}).Search(Query{Words: []string{"chess"}, Now: now})
	if ids(r) != "far closed" || r[1].Warning == "" || r[0].Warning != "" {
		t.Errorf("%s with %q and %q", ids(r), r[0].Warning, r[1].Warning)
	}
}
