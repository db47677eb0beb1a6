package house_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/directory/demo"
	"handrail/directory/onetap"
	"handrail/house"
	"handrail/house/housetest"
)

// goes writes a patient who goes to a group at a time.
func (d *desk) goes(practice handrail.PracticeID, n int, name string, g handrail.Activity, o handrail.Occurrence) (handrail.Address, handrail.Attendance) {
	d.t.Helper()
	ctx, at := d.t.Context(), handrail.Address{Practice: practice, Channel: housetest.Channel, Chat: "goer" + strconv.Itoa(n)}
	p, err := d.Rec.AddPatient(ctx, handrail.Patient{Practice: practice, Name: name, BirthYear: 1950, Postcode: "LU1 2AB", Address: at}, handrail.ActorSystem)
	if err == nil {
		_, err = d.Rec.AnswerPermission(ctx, practice, p.ID, handrail.PurposeChat, "1", "May I?", true, handrail.ActorSystem)
	}
	var e handrail.Enrolment
	if err == nil {
		e, err = d.Rec.AddEnrolment(ctx, handrail.Enrolment{Practice: practice, Patient: p.ID, Activity: g.ID, State: handrail.EnrolmentChosen, ChosenAt: d.Now()}, handrail.ActorSystem)
	}
	var v handrail.Attendance
	if err == nil {
		v, err = d.Rec.AddAttendance(ctx, handrail.Attendance{Practice: practice, Enrolment: e.ID, Patient: p.ID, Occurrence: o,
			State: handrail.AttendancePlanned, First: true, PlannedAt: d.Now(), ChangedAt: d.Now()}, handrail.ActorSystem)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return at, v
}

// A group that closes, or a day that is called off, while somebody is choosing it takes nobody in.
func TestLiving_T5_OvertakenWhileChoosing(t *testing.T) {
	for _, how := range []string{"off", "closed", "paused"} {
		t.Run(how, func(t *testing.T) {
			d := newDesk(t, housetest.Options{})
			c := d.enlist(practiceA)
			code := d.refer(c)
			d.press(c.linkWorker, "Accept")
			for _, words := range []string{"/start " + code, "1951", "yes", "yes", "gardening", "1", "yes"} {
				d.say(c.patient, words)
			}
			d.press(c.patient, "Tuesday 10")
			g, err := d.Rec.ActivitiesNamed(t.Context(), "Doorstep Diggers", 1)
			if err != nil || len(g) != 1 {
				t.Fatal(g, err)
			}
			own := d.runs(practiceA, "tess", g[0].ID)
			switch how {
			case "off":
				d.calls(own, "Tuesday 10", "The boiler is broken.")
			case "closed":
				d.ends(own)
			default:
				d.say(own, "my groups")
				d.press(own, "No new people")
			}
			shown := d.press(c.patient, "No, I'll go on my own")
			if n := d.ask("SELECT COUNT(*) FROM attendances"); n != "0" {
				t.Errorf("%s visits are planned: %v", n, shown)
			}
			if len(d.told(c.patient, "has just changed")) != 1 {
				t.Errorf("they are not told: %v", shown)
			}
		})
	}
}

// The part that a locked phone shows names no group, no place and no reason, for every group there is.
func TestLiving_G4_G5_LockedPhone(t *testing.T) {
	if testing.Short() {
		t.Skip("every group of the demo one by one: not with -short")
	}
	d := newDesk(t, housetest.Options{})
	d.enlist(practiceA)
	groups, err := demo.Activities(d.Now())
	if err != nil {
		t.Fatal(err)
	}
	const reason = "Zq boiler"
	seen := 0
	for i, g := range groups {
		ids, err := d.Rec.ActivitiesNamed(t.Context(), g.Name, 1)
		if err != nil || len(ids) == 0 {
			t.Fatalf("%s: %v", g.Name, err)
		}
		g = ids[0]
		own := house.CastAddress(housetest.Channel, house.ChatOrganiser)
		if g.Name != "Tuesday Growers" {
			own = d.runs(practiceA, "org"+strconv.Itoa(i), g.ID)
		}
		next, err := d.House.Finder.Meetings(g, d.Now(), d.Now().AddDate(0, 0, 40))
		if err != nil || len(next) == 0 || g.Status != handrail.ActivityActive {
			continue
		}
		at, _ := d.goes(practiceA, i, "Al", g, next[0])
		d.say(own, "my groups")
		d.press(own, "Not on, one day")
		d.say(own, "1")
		d.say(own, reason)
		d.press(own, "Yes")
		d.ends(own)
		for _, says := range []string{saysOff, saysEnded} {
			got := d.told(at, says)
			if len(got) != 1 {
				t.Errorf("%s: %q was told %d times", g.Name, says, len(got))
				continue
			}
			seen++
			whole := got[0].Message.Text.Plain()
			first := strings.ToLower(string([]rune(whole)[:100]))
			for _, secret := range []string{g.Name, g.Venue.Name, g.Venue.Street, g.Venue.Postcode, g.Organiser.Name, reason} {
				if secret != "" && strings.Contains(first, strings.ToLower(secret)) {
					t.Errorf("%s: a locked phone shows %q: %q", g.Name, secret, first)
				}
			}
			if says == saysOff && !strings.Contains(whole, reason) {
				t.Errorf("%s: the reason is not told", g.Name)
			}
		}
	}
	if seen < 2*len(groups)/2 {
		t.Errorf("only %d messages of %d groups were looked at", seen, len(groups))
	}
}

// publicHouse is the house with a public address, on the records of a desk.
func (d *desk) publicHouse() (http.Handler, *onetap.Links) {
	d.t.Helper()
	const public = "https://handrail.example"
	h, err := house.New(d.t.Context(), house.Options{Records: d.Rec, States: d.Rec.States(), Channels: []bot.Channel{d.Channel}, Clock: d.Clock,
		Key: housetest.Key(), Zone: time.UTC, Nation: "england", PublicURL: public, Places: demo.Places(), Log: slog.New(slog.DiscardHandler),
		Invitation: func(code string) string { return "#join=" + code }})
	if err != nil {
		d.t.Fatal(err)
	}
	pages, err := h.Public()
	if err != nil {
		d.t.Fatal(err)
	}
	links, err := onetap.NewLinks(housetest.Key(), public+"/still-on")
	if err != nil {
		d.t.Fatal(err)
	}
	return pages, links
}

// The one-tap page on the real house: reading it changes nothing, one answer closes and tells, and an answer in the chat at
// the same moment is the other half of one effect.
func TestLiving_AnsweredOnceByPageAndChat(t *testing.T) {
	d, a, g, own := livingDesk(t, housetest.Options{})
	pages, links := d.publicHouse()
	ask := d.puts(g.ID, practiceA, true)
	address, err := links.Address(ask)
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, answer string) int {
		r := httptest.NewRequest(method, address, strings.NewReader(url.Values{"answer": {answer}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w.Code
	}
	before := d.state()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if code := call(method, "closed"); code != http.StatusOK {
			t.Errorf("%s: %d", method, code)
		}
	}
	good := address
	address += "x"
	if code := call(http.MethodPost, "closed"); code != http.StatusNotFound && code != http.StatusGone {
		t.Errorf("a changed link: %d", code)
	}
	address = good
	if d.state() != before || d.standing(g.ID).Standing.Answers != 0 {
		t.Fatal("reading the page, or a changed link, changed something")
	}
	// The chat is asked whether it is sure, and says so while the page is pressed several times.
	d.choice(own, d.sealed(own, "asked", string(ask.ID), "closed"))
	yes := bot.Update{ID: "at-once", From: own, Kind: bot.UpdateText, Text: "yes", At: d.Now()}
	if err := d.House.Bot.Deliver(t.Context(), yes); err != nil {
		t.Fatal(err)
	}
	codes := make([]int, 6)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() { codes[i] = call(http.MethodPost, "closed") })
	}
	wg.Go(func() {
		if err := d.Settle(t.Context()); err != nil {
			t.Errorf("settle: %v", err)
		}
	})
	wg.Wait()
	d.until(d.Now().Add(time.Hour))
	taken := 0
	for _, code := range codes {
		switch code {
		case http.StatusSeeOther:
			taken++
		case http.StatusConflict:
		default:
			t.Errorf("a press on the page: %d", code)
		}
	}
	now := d.standing(g.ID)
	if taken > 1 || now.Standing.Answers != 1 || now.Status != handrail.ActivityDefunct {
		t.Errorf("taken %d times, %d answers, %s", taken, now.Standing.Answers, now.Status)
	}
	for to, words := range map[handrail.Address]string{a.patient: saysEnded, a.buddy: "Not this time", a.linkWorker: "has closed"} {
		if n := len(d.told(to, words)); n != 1 {
			t.Errorf("%s was told %d times", to.Chat, n)
		}
	}
}

// No question comes twice a day, none while one waits, a report asks at once and once, and after "stop" nobody writes to
// the organiser, not even what was put before it.
func TestLiving_AsksLeaveOrganisersInPeace(t *testing.T) {
	d, a, g, own := livingDesk(t, housetest.Options{})
	asked := fmt.Sprintf(saysAsked, g.Name)
	d.until(d.Now().AddDate(0, 0, 130))
	shown := d.told(own, asked)
	if len(shown) != 3 {
		t.Errorf("asked %d times in 130 days without an answer", len(shown))
	}
	// When they were put, from the records; a silence needs AskPatience.
	rows, err := d.db.Query("SELECT asked_at FROM asks WHERE activity = $1 ORDER BY asked_at", string(g.ID))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var last int64
	for rows.Next() {
		var at int64
		if err := rows.Scan(&at); err != nil {
			t.Fatal(err)
		}
		if last != 0 && time.Duration(at-last)*time.Microsecond < handrail.AskPatience {
			t.Error("asked while a question waited")
		}
		last = at
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n := len(d.told(a.linkWorker, "has not answered")); n != 1 || !d.standing(g.ID).Standing.Doubtful() {
		t.Errorf("the link worker was told %d times of the silence", n)
	}
	d.choice(own, d.sealed(own, "asked", d.ask("SELECT id FROM asks WHERE activity = $1 ORDER BY asked_at DESC", string(g.ID)), "yes"))
	report := func() {
		t.Helper()
		d.say(a.gp, g.Name+" near LU1 2AB")
		d.say(a.gp, "1")
		d.press(a.gp, "It has closed")
	}
	report()
	if n := len(d.told(own, asked)); n != 4 {
		t.Errorf("a report asked %d times at once", n-3)
	}
	d.until(d.Now().AddDate(0, 0, 2))
	report()
	d.until(d.Now().AddDate(0, 0, 2))
	if n := len(d.told(own, asked)); n != 4 {
		t.Errorf("two reports asked %d times", n-3)
	}
	// In the night a question waits for the day; a stop in between ends it.
	d.choice(own, d.sealed(own, "asked", d.ask("SELECT id FROM asks WHERE activity = $1 ORDER BY asked_at DESC", string(g.ID)), "yes"))
	y, m, day := d.Now().Date()
	d.until(time.Date(y, m, day+1, 23, 30, 0, 0, time.UTC))
	report()
	if n := len(d.told(own, asked)); n != 4 {
		t.Errorf("a report in the night asks in the night (T7)")
	}
	d.until(time.Date(y, m, day+2, 12, 0, 0, 0, time.UTC))
	if n := len(d.told(own, asked)); n != 5 {
		t.Errorf("a report in the night asked %d times by the next noon", n-4)
	}
	d.until(time.Date(y, m, day+3, 23, 30, 0, 0, time.UTC))
	d.choice(own, d.sealed(own, "asked", d.ask("SELECT id FROM asks WHERE activity = $1 ORDER BY asked_at DESC", string(g.ID)), "yes"))
	report()
	d.say(own, "stop")
	n := len(d.Channel.Shown(own))
	d.until(d.Now().AddDate(0, 0, 100))
	for _, s := range d.Channel.Shown(own)[n:] {
		t.Errorf("written to after they stopped: %q", s.Message.Text.Plain())
	}
}

// A gap that is noted is about nobody.
func TestLiving_UnmetNeedsStoreNoPerson(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.refer(a)
	d.say(a.gp, "falconry near Penzance for "+a.word("Nam")+" "+a.word("Sur")+", 943 476 5919, bereaved")
	d.press(a.gp, "Note that nothing is on")
	row := d.ask("SELECT GROUP_CONCAT(practice || '|' || on_date || '|' || outcode || '|' || need || '|' || n) FROM unmet_needs")
	if canary.MatchString(strings.ReplaceAll(row, string(practiceA), "")) || strings.Contains(row, "943") || !strings.HasSuffix(row, "|1") {
		t.Errorf("a gap tells of a person: %s", row)
	}
}

// Twenty patients of two practices find a group closed at once: one question, and one task for each practice.
func TestLiving_ReportedClosedByTwentyAtOnce(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	casts := []cast{d.enlist(practiceA), d.enlist(practiceB)}
	groups, err := d.Rec.ActivitiesNamed(t.Context(), "Doorstep Diggers", 1)
	if err != nil || len(groups) != 1 {
		t.Fatal(groups, err)
	}
	g := groups[0]
	own := d.runs(practiceA, "tess", g.ID)
	next, err := d.House.Finder.Meetings(g, d.Now(), d.Now().AddDate(0, 0, 20))
	if err != nil || len(next) == 0 {
		t.Fatal(next, err)
	}
	type goer struct {
		at    handrail.Address
		visit handrail.Attendance
	}
	var all []goer
	for i := range 20 {
		at, v := d.goes(casts[i%2].practice, i, "Goer", g, next[0])
		all = append(all, goer{at, v})
	}
	d.until(next[0].End.Add(time.Hour))
	var wg sync.WaitGroup
	for i, one := range all {
		u := bot.Update{ID: "r" + strconv.Itoa(i), From: one.at, Kind: bot.UpdatePress, Choice: d.sealed(one.at, "how", string(one.visit.ID), "closed"), At: d.Now()}
		wg.Go(func() {
			if err := d.House.Bot.Deliver(t.Context(), u); err != nil {
				t.Errorf("deliver: %v", err)
			}
		})
	}
	wg.Wait()
	for range 6 {
		wg.Go(func() {
			for did := true; did; {
				var err error
				if did, err = d.House.Bot.Step(t.Context()); err != nil {
					t.Errorf("step: %v", err)
				}
			}
		})
	}
	wg.Wait()
	d.until(d.Now().Add(time.Hour))
	if n := len(d.told(own, fmt.Sprintf(saysAsked, g.Name))); n != 1 {
		t.Errorf("the organiser was asked %d times", n)
	}
	for _, c := range casts {
		if n := len(d.told(c.linkWorker, fmt.Sprintf(saysReport, g.Name))); n != 1 {
			t.Errorf("the link worker of %s was told %d times", c.practice, n)
		}
	}
	if n := d.ask("SELECT COUNT(*) FROM attendances WHERE state = 'cancelled'"); n != "20" {
		t.Errorf("%s visits are put down as not held", n)
	}
}
