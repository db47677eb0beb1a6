package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
	"handrail/house"
)

var (
	cardsFor  = flag.Duration("cards.for", time.Second, "for how long commands are typed")
	cardsRate = flag.Int("cards.rate", 5, "commands a second, each by somebody else")
)

// How long it takes from a command that is typed to the cards that answer it: signed, taken, committed to disk, thought,
// searched, committed again and posted, in the whole house. Commands leave at their time whatever became of those before,
// and count from then.
func TestSlack_CommandToCard(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	const people = 100
	var team *slackapi.Team
	s := startSlackHouse(t, slackHouseOptions{
		at: time.Date(2026, 11, 11, 10, 0, 0, 0, time.UTC), url: "sqlite://" + filepath.Join(t.TempDir(), "handrail.db"), // a Wednesday: no list goes out
		prepare: func(ctx context.Context, s *slackHouse) {
			if err := house.SaveCast(ctx, s.rec, "slack", s.clock.Now()); err != nil {
				t.Fatal(err)
			}
			team = s.opens(ctx, house.CastPractice, "T0HILLTOP")
			for p := range people {
				err := s.rec.SaveStaff(ctx, handrail.Staff{
					ID: handrail.StaffID(fmt.Sprintf("sta_%d", p)), Practice: house.CastPractice, Name: fmt.Sprintf("Dr %d", p), Roles: []handrail.Role{handrail.RoleGP},
					Address: slack.Address(house.CastPractice, "T0HILLTOP", fmt.Sprintf("U0P%d", p)), Active: true,
				}, handrail.ActorSystem)
				if err != nil {
					t.Fatal(err)
				}
			}
		},
	})
	queries := []string{
		"something to do with gardening for a shy 74 year old near LU1 2AB, free", "gardening near LU1 2AB", "something gentle near LU1 2AB on a weekday morning",
		"singing near LU1 2AB", "a walk near LU1",
	}
	cards := func(p *slackapi.Person) (at []time.Time) {
		for _, m := range p.Seen() {
			if slices.ContainsFunc(m.Buttons(), func(label string) bool { return strings.HasPrefix(label, "Refer") }) {
				at = append(at, m.At)
			}
		}
		return at
	}
	n := int(float64(*cardsRate) * cardsFor.Seconds())
	asked := map[int][]time.Time{}
	began := time.Now()
	for i := range n {
		due := time.Duration(i) * time.Second / time.Duration(*cardsRate)
		<-time.After(time.Until(began.Add(due)))
		late := time.Since(began) - due
		p := i % people
		asked[p] = append(asked[p], s.clock.Now().Add(-late))
		team.Person(fmt.Sprintf("U0P%d", p)).Command(nil, "/whatson", queries[i%len(queries)])
	}
	count := func() (all int) {
		for p := range min(n, people) {
			all += len(cards(team.Person(fmt.Sprintf("U0P%d", p))))
		}
		return all
	}
	if !s.api.Until(time.Minute, func() bool { return count() >= n }) {
		for _, m := range team.Person("U0P0").Seen() {
			t.Logf("somebody saw %.300q %q", m.Words(), m.Buttons())
		}
		t.Fatalf("%d of %d commands were answered with cards", count(), n)
	}
	var took rig.Took
	for p, all := range asked {
		shown := cards(team.Person(fmt.Sprintf("U0P%d", p)))
		if len(shown) != len(all) {
			t.Fatalf("somebody asked %d times and saw cards %d times", len(all), len(shown))
		}
		for i, at := range all {
			took.Add(shown[i].Sub(at))
		}
	}
	t.Logf("%d commands, %d a second: from command to cards %v", n, *cardsRate, &took)
	if took.At(0.99) > 3*time.Second {
		t.Errorf("%v: nobody waits for that", &took)
	}
}
