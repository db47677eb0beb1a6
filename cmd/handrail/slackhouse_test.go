package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
	"handrail/directory/demo"
	"handrail/directory/feeds"
	"handrail/house"
	"handrail/store/records"
)

// slackHouse is the whole house in this process, with a local Slack before it, by HTTP, each workspace a practice.
type slackHouse struct {
	t     testing.TB
	api   *slackapi.Server
	rec   *records.Records
	house *house.House
	clock *house.Movable
	at    string // of the public listener
}

// slackHouseOptions change a slackHouse before it starts.
type slackHouseOptions struct {
	at      time.Time
	url     string // of the records; empty is in memory
	states  func(*records.Records) bot.States
	prepare func(ctx context.Context, s *slackHouse) // puts people into the records, before anything runs
	client  *feeds.Client                            // for pictures; nil shows none
	workers int
}

func startSlackHouse(t testing.TB, o slackHouseOptions) *slackHouse {
	t.Helper()
	if o.url == "" {
		o.url = "sqlite::memory:"
	}
	s := &slackHouse{t: t, clock: house.NewMovable(machineClock{}, o.at)}
	s.api = slackapi.New(t, slackapi.Options{Now: s.clock.Now, AckTime: 3 * time.Second, Retries: []time.Duration{time.Second, time.Second, time.Second}})
	t.Cleanup(s.api.Close)
	key := bytes.Repeat([]byte("k"), 32)
	ctx := context.Background()
	rec, err := records.Open(ctx, records.Options{URL: o.url, Now: s.clock.Now, Rand: rand.Reader, Key: key, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.rec = rec
	if o.prepare != nil {
		o.prepare(ctx, s)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	var home homes
	channel, err := slack.New(slack.Options{
		SigningSecret: secretWords(s.api.SigningSecret()), Installations: installations{rec}, APIURL: s.api.URL(), Clock: s.clock, Log: log,
		Home: home.of, Spent: func(payload string) bool { return len(payload) < 2 || payload[:2] != "p~" },
	})
	if err != nil {
		t.Fatal(err)
	}
	var pages http.Handler
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) > 7 && r.URL.Path[:7] == "/slack/" {
			channel.Handler().ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	}))
	s.at = front.URL
	states := bot.States(rec.States())
	if o.states != nil {
		states = o.states(rec)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	s.house, err = house.New(ctx, house.Options{
		Records: rec, States: states, Channels: []bot.Channel{channel}, Clock: s.clock, Key: key, Zone: london, Nation: "england", HelpChecked: o.at,
		Invitation: func(code string) string { return "https://t.me/handrail_bot?start=" + code }, Places: demo.Places(), PublicURL: front.URL, FeedClient: o.client,
		Workers: o.workers, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	home.is(s.house)
	if pages, err = s.house.Public(); err != nil {
		t.Fatal(err)
	}
	s.api.SetEndpoint(front.URL)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.house.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		front.Close()
		if err := rec.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// secretWords is a secret as the settings have it.
type secretWords string

// Reveal returns it.
func (s secretWords) Reveal() string { return string(s) }

// opens gives a practice a workspace.
func (s *slackHouse) opens(ctx context.Context, practice handrail.PracticeID, id string) *slackapi.Team {
	s.t.Helper()
	team := s.api.Team(id)
	err := s.rec.SaveWorkspace(ctx, records.Workspace{Team: id, Practice: practice, Token: team.Token(), BotUser: team.Bot(), Installer: "U0ADMIN", At: s.clock.Now()})
	if err != nil {
		s.t.Fatal(err)
	}
	return team
}

// chats puts somebody of the staff into a workspace.
func (s *slackHouse) chats(ctx context.Context, practice handrail.PracticeID, id handrail.StaffID, team, user string) {
	s.t.Helper()
	who, err := s.rec.Staff(ctx, practice, id)
	if err == nil {
		who.Address = slack.Address(practice, team, user)
		err = s.rec.SaveStaff(ctx, who, handrail.ActorSystem)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// visits gives a patient of a practice's GP a history: so many weeks of visits, and one missed.
func (s *slackHouse) visits(ctx context.Context, n int, name, surname string, state handrail.ReferralState, weeks int, missed bool) {
	s.t.Helper()
	now := s.clock.Now()
	p, err := s.rec.AddPatient(ctx, handrail.Patient{Practice: house.CastPractice, Name: name, Surname: surname, BirthYear: 1940 + n, Postcode: "LU1 2AB",
		Address: handrail.Address{Practice: house.CastPractice, Channel: "telegram", Chat: fmt.Sprint(1000 + n)}}, handrail.ActorSystem)
	if err != nil {
		s.t.Fatal(err)
	}
	worker := house.CastLinkWorker
	if state == handrail.ReferralSent {
		worker = ""
	}
	r, err := s.rec.AddReferral(ctx, handrail.Referral{Practice: house.CastPractice, Patient: p.ID, By: house.CastGP, LinkWorker: worker, State: state, Need: "loneliness",
		OfferedAt: now.AddDate(0, 0, -7*max(weeks, 1)-3)}, handrail.ActorSystem)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, purpose := range []handrail.Purpose{handrail.PurposeChat, handrail.PurposeFeedback} {
		if _, err := s.rec.AnswerPermission(ctx, house.CastPractice, p.ID, purpose, "1", "May I?", true, handrail.ActorSystem); err != nil {
			s.t.Fatal(err)
		}
	}
	if weeks == 0 {
		return
	}
	groups, err := s.rec.ActivitiesNamed(ctx, "Tuesday Growers", 1)
	if err != nil || len(groups) == 0 {
		s.t.Fatal("no group", err)
	}
	e, err := s.rec.AddEnrolment(ctx, handrail.Enrolment{Practice: house.CastPractice, Patient: p.ID, Referral: r.ID, Activity: groups[0].ID, State: handrail.EnrolmentChosen, ChosenAt: now.AddDate(0, 0, -7*weeks)}, handrail.ActorSystem)
	if err != nil {
		s.t.Fatal(err)
	}
	for w := 1; w <= weeks; w++ {
		start := now.AddDate(0, 0, -7*w)
		state := handrail.AttendanceCame
		if missed && w == 1 {
			state = handrail.AttendanceMissed
		}
		if _, err := s.rec.AddAttendance(ctx, handrail.Attendance{Practice: house.CastPractice, Patient: p.ID, Enrolment: e.ID, State: state,
			Occurrence: handrail.Occurrence{Start: start, End: start.Add(time.Hour)}}, handrail.ActorSystem); err != nil {
			s.t.Fatal(err)
		}
	}
}

// aPicture is a small picture of nothing.
func aPicture(t testing.TB) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = color.NRGBA{R: 120, G: 160, B: 90, A: 255}.G
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
