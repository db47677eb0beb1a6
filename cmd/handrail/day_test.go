package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/bottest/slackapi"
	"handrail/house"
	"handrail/store/conversations"
	"handrail/store/conversations/redistest"
	"handrail/store/records"
)

var (
	dayPractices = flag.Int("day.practices", 3, "practices in the day that is replayed; the full number is 500")
	dayFor       = flag.Duration("day.for", 4*time.Second, "how long the day from nine to five is made to last; three minutes with 500 practices")
)

const (
	dayGPs   = 4
	dayCases = 5 // patients of each practice in the morning
	// daySteps is how many things the people of one practice do.
	daySteps = dayGPs*3 + 2*3 + 2
)

// day is one practice's day: what its people do, each thing at its time whatever became of those before.
type day struct {
	t           *testing.T
	s           *slackHouse
	n           int
	gps         []*slackapi.Person
	worker      *slackapi.Person
	acked, card *rig.Took
}

// mark is what stands in the referrals of this practice and in no other's.
func (d *day) mark(i int) string { return fmt.Sprintf("mark%04d-%d", d.n, i) }

// does one thing that was meant for a certain moment, and returns what that person was shown because of it.
func (d *day) does(who *slackapi.Person, meant time.Time, what string, act func() <-chan struct{}, shows func(slackapi.Seen) bool) (slackapi.Seen, bool) {
	time.Sleep(time.Until(meant)) // an open loop: the day goes on at its own pace
	n := len(who.Seen())
	<-act()
	d.acked.Add(time.Since(meant))
	var got slackapi.Seen
	ok := d.s.api.Until(30*time.Second, func() bool {
		for _, m := range who.SeenFrom(n) {
			if shows(m) {
				got = m
				return true
			}
		}
		return false
	})
	if !ok {
		d.t.Errorf("practice %d: %s was never answered", d.n, what)
		return got, false
	}
	d.card.Add(time.Since(meant))
	return got, true
}

// runs the day.
func (d *day) runs(from time.Time, length time.Duration) {
	step := 0
	// Practices begin one after the other, so that the load is even.
	next := func() time.Time {
		at := from.Add(length * time.Duration(step) / daySteps).Add(length / daySteps * time.Duration(d.n%50) / 50)
		step++
		return at
	}
	says := func(words string) func(slackapi.Seen) bool {
		return func(m slackapi.Seen) bool { return strings.Contains(m.Words(), words) }
	}
	asks := []string{"gardening near LU1 2AB", "somewhere warm to sit and chat for a shy 74 yr old LU2", "walking group LU1 weekday mornings free"}
	for i := range dayGPs * 3 {
		gp := d.gps[i%dayGPs]
		ask := asks[i%len(asks)]
		if i >= dayGPs*2 {
			ask = "closer"
		}
		d.does(gp, next(), ask, func() <-chan struct{} {
			if ask == "closer" {
				return gp.Say(ask)
			}
			return gp.Command(nil, "/whatson", ask).Acked
		}, says("I read that as"))
	}
	for i := range 2 {
		gp := d.gps[i]
		meant := next()
		time.Sleep(time.Until(meant))
		began := time.Now()
		<-gp.Command(nil, "/refer", fmt.Sprintf("Pat Patient%d 195%d LU1 2AB lonely", i, i)).Acked
		d.acked.Add(time.Since(meant))
		var form slackapi.View
		if !d.s.api.Until(30*time.Second, func() (ok bool) { form, ok = gp.View(); return ok }) {
			d.t.Errorf("practice %d: no form", d.n)
			continue
		}
		d.card.Add(time.Since(began))
		asked := len(d.worker.Seen())
		d.does(gp, next(), "a referral", func() <-chan struct{} {
			return gp.Submit(form, map[string]string{"field:name": "Pat", "field:surname": fmt.Sprintf("Patient%d", i), "field:birth_year": fmt.Sprintf("195%d", i),
				"field:postcode": "LU1 2AB", "field:need": "loneliness", "field:note": d.mark(i), "field:agreed": "yes"}).Acked
		}, says("Sent. The reference is"))
		var card slackapi.Seen
		if !d.s.api.Until(30*time.Second, func() bool {
			for _, m := range d.worker.SeenFrom(asked) {
				if strings.Contains(m.Words(), d.mark(i)) {
					card = m
					return true
				}
			}
			return false
		}) {
			d.t.Errorf("practice %d: the link worker was not told", d.n)
			continue
		}
		d.does(d.worker, next(), "accept", func() <-chan struct{} { return d.worker.Press(card, "Accept").Acked }, says("is yours now"))
	}
	d.does(d.gps[0], next(), "my patients", func() <-chan struct{} { return d.gps[0].Command(nil, "/mypatients", "").Acked }, says("Your patients in"))
	d.does(d.worker, next(), "today", func() <-chan struct{} { return d.worker.Say("today") }, says("This needs a person"))
}

var otherMark = regexp.MustCompile(`mark(\d{4})-\d`)

// TestDay_500Practices replays a working day of many practices, made short: the lists of the morning, GPs who search, narrow
// and refer, link workers who accept and look. The records are on disk, conversations in Redis, and the whole of it goes
// through one process. Nothing is lost, everything is answered, and nobody sees a word of another practice's (C8).
func TestDay_C8_500Practices(t *testing.T) {
	if testing.Short() {
		t.Skip("replays a day")
	}
	// As Redis comes: where a conversation stands may be lost, and is not forced to the disk.
	store, err := conversations.Open(t.Context(), redistest.Start(t, "--appendfsync", "everysec").URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	var days []*day
	var acked, card, late rig.Took
	began := time.Now()
	s := startSlackHouse(t, slackHouseOptions{
		at: time.Date(2026, 11, 9, 7, 55, 0, 0, time.UTC), url: "sqlite://" + t.TempDir() + "/handrail.db",
		states: func(*records.Records) bot.States { return store },
		prepare: func(ctx context.Context, s *slackHouse) {
			if err := house.SaveCast(ctx, s.rec, "web", s.clock.Now()); err != nil { // its directory, above all
				t.Fatal(err)
			}
			for n := range *dayPractices {
				days = append(days, &day{t: t, s: s, n: n, acked: &acked, card: &card})
				days[n].opens(ctx)
			}
		},
	})
	t.Logf("%d practices with %d staff and %d patients were put in within %v", len(days), len(days)*(dayGPs+1), len(days)*dayCases, time.Since(began).Round(time.Second))

	// The morning.
	s.clock.Set(time.Date(2026, 11, 9, 7, 59, 59, 0, time.UTC))
	eight := time.Now().Add(time.Second)
	if !s.api.Until(5*time.Minute, func() bool {
		return !slices.ContainsFunc(days, func(d *day) bool { return len(d.worker.SeenFrom(0)) == 0 })
	}) {
		t.Fatal("a link worker has no list")
	}
	t.Logf("all %d lists of the morning were there %v after eight", len(days), time.Since(eight).Round(10*time.Millisecond))

	s.clock.Set(time.Date(2026, 11, 9, 9, 0, 0, 0, time.UTC))
	from := time.Now().Add(time.Second)
	machine, stop := context.WithCancel(t.Context())
	defer stop()
	go rig.Late(machine, &late)
	var all sync.WaitGroup
	for _, d := range days {
		all.Go(func() { d.runs(from, *dayFor) })
	}
	all.Wait()
	took := time.Since(from)
	done := len(days) * daySteps
	t.Logf("%d things done in %v, %.0f a second", done, took.Round(time.Second), float64(done)/took.Seconds())
	t.Logf("acknowledged: %v", &acked)
	t.Logf("answered with a card: %v", &card)
	t.Logf("the machine itself was late by: %v", &late)
	t.Logf("memory of this process, local Slack and people and all: most %s", peak())

	if n := s.api.Lost(); n != 0 {
		t.Errorf("%d deliveries were lost", n)
	}
	for _, d := range days {
		d.check(t)
	}
}

// opens puts a practice into the records: its people, and patients of whom somebody has to be accepted.
func (d *day) opens(ctx context.Context) {
	practice := handrail.PracticeID(fmt.Sprintf("pra_%04d", d.n))
	check := func(err error) {
		if err != nil {
			d.t.Fatal(err)
		}
	}
	check(d.s.rec.SavePractice(ctx, handrail.Practice{ID: practice, Name: fmt.Sprintf("Practice %d", d.n), Zone: "Europe/London", At: &handrail.Point{Lat: 51.8792, Lon: -0.4175}}, handrail.ActorSystem))
	id := fmt.Sprintf("T0%04d", d.n)
	team := d.s.opens(ctx, practice, id)
	add := func(user string, role handrail.Role) *slackapi.Person {
		staff := handrail.StaffID(fmt.Sprintf("sta_%04d%s", d.n, strings.ToLower(user)))
		check(d.s.rec.SaveStaff(ctx, handrail.Staff{ID: staff, Practice: practice, Name: "Staff " + user, Roles: []handrail.Role{role}, Active: true}, handrail.ActorSystem))
		d.s.chats(ctx, practice, staff, id, user)
		return team.Person(user)
	}
	for i := range dayGPs {
		d.gps = append(d.gps, add(fmt.Sprintf("U0GP%d", i), handrail.RoleGP))
	}
	d.worker = add("U0LINK", handrail.RoleLinkWorker)
	for i := range dayCases {
		p, err := d.s.rec.AddPatient(ctx, handrail.Patient{Practice: practice, Name: "Ann", Surname: fmt.Sprintf("Patient%d", i), BirthYear: 1940 + i}, handrail.ActorSystem)
		check(err)
		_, err = d.s.rec.AddReferral(ctx, handrail.Referral{Practice: practice, Patient: p.ID, By: handrail.StaffID(fmt.Sprintf("sta_%04du0gp0", d.n)), State: handrail.ReferralSent}, handrail.ActorSystem)
		check(err)
	}
}

// check looks through all that a practice's people were shown and all that its records hold.
func (d *day) check(t *testing.T) {
	t.Helper()
	practice := handrail.PracticeID(fmt.Sprintf("pra_%04d", d.n))
	own := fmt.Sprintf("%04d", d.n)
	marks := map[string]bool{}
	for _, p := range append(slices.Clone(d.gps), d.worker) {
		for _, m := range p.Seen() {
			for _, hit := range otherMark.FindAllStringSubmatch(m.Words(), -1) {
				if hit[1] != own {
					t.Errorf("somebody of practice %s was shown %s (C8)", own, hit[0])
				}
				marks[hit[0]] = true
			}
		}
	}
	if len(marks) != 2 {
		t.Errorf("practice %s saw %d of its two referrals", own, len(marks))
	}
	cases, err := d.s.rec.Caseload(t.Context(), practice)
	if err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for _, c := range cases {
		if c.Referral.Practice != practice || c.Patient.Practice != practice {
			t.Errorf("practice %s has a case of another's (C8)", own)
		}
		if c.Referral.State == handrail.ReferralAccepted {
			accepted++
		}
	}
	if len(cases) != dayCases+2 || accepted != 2 {
		t.Errorf("practice %s has %d cases, %d of them accepted", own, len(cases), accepted)
	}
}

// TestDigest_250Patients makes and posts the list of a link worker with 250 open patients, in the morning and when asked.
func TestDigest_250Patients(t *testing.T) {
	if testing.Short() {
		t.Skip("puts 250 patients in")
	}
	var d *day
	s := startSlackHouse(t, slackHouseOptions{
		at: time.Date(2026, 11, 9, 7, 58, 0, 0, time.UTC), url: "sqlite://" + t.TempDir() + "/handrail.db",
		prepare: func(ctx context.Context, s *slackHouse) {
			d = &day{t: t, s: s, acked: &rig.Took{}, card: &rig.Took{}}
			d.opens(ctx)
			for i := range 250 - dayCases {
				p, err := s.rec.AddPatient(ctx, handrail.Patient{Practice: "pra_0000", Name: "Bea", Surname: fmt.Sprintf("Patient%d", i), BirthYear: 1930 + i%60}, handrail.ActorSystem)
				if err == nil {
					_, err = s.rec.AddReferral(ctx, handrail.Referral{Practice: "pra_0000", Patient: p.ID, By: "sta_0000u0gp0", LinkWorker: "sta_0000u0link", State: handrail.ReferralAccepted, OfferedAt: s.clock.Now().AddDate(0, 0, -20)}, handrail.ActorSystem)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		},
	})
	s.clock.Set(time.Date(2026, 11, 9, 7, 59, 59, 0, time.UTC))
	eight := time.Now().Add(time.Second)
	if !s.api.Until(time.Minute, func() bool { return len(d.worker.SeenFrom(0)) > 0 }) {
		t.Fatal("there is no list")
	}
	morning := time.Since(eight)
	for range 20 {
		m, ok := d.does(d.worker, time.Now(), "today", func() <-chan struct{} { return d.worker.Say("today") }, func(m slackapi.Seen) bool { return strings.Contains(m.Words(), "245 not in the chat") })
		if ok && (len(m.Blocks) > 50 || !strings.Contains(m.Words(), "5 to accept")) {
			t.Errorf("%d blocks: %.300q", len(m.Blocks), m.Words())
		}
	}
	t.Logf("250 patients: posted %v after eight; when asked for: %v", morning.Round(time.Millisecond), d.card)
	if d.card.At(0.5) > 2*time.Second {
		t.Error("a list takes more than two seconds")
	}
}

// peak is the most memory that this process ever held.
func peak() string {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "unknown"
}
