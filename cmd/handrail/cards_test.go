package main

import (
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"handrail"
	"handrail/bot/bottest/slackapi"
	"handrail/directory/feeds"
	"handrail/house"
	"handrail/internal/browser"
)

// TestSlack_Cards plays a morning of a GP and of a link worker in the whole house and lays out what they see as Slack does:
// the results of a search with what can be pressed, one listing with its picture, the form of a referral, the GP's home and
// the link worker's, the list of a Monday morning and the picture of the weeks, a record, and a warning. Nothing of it may be
// wider than the column it stands in, nor a button cut off; HANDRAIL_SCREENSHOTS keeps the pictures.
func TestSlack_Cards(t *testing.T) {
	browser.Needed(t)
	pictures := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(aPicture(t))
	}))
	defer pictures.Close()
	roots := x509.NewCertPool()
	roots.AddCert(pictures.Certificate())
	var team *slackapi.Team
	s := startSlackHouse(t, slackHouseOptions{
		at:     time.Date(2026, 11, 9, 7, 59, 56, 0, time.UTC), // a Monday, just before the lists go out
		client: feeds.NewClient(feeds.ClientOptions{Allow: netip.Addr.IsLoopback, Roots: roots}),
		prepare: func(ctx context.Context, s *slackHouse) {
			if err := house.SaveCast(ctx, s.rec, "slack", s.clock.Now()); err != nil {
				t.Fatal(err)
			}
			team = s.opens(ctx, house.CastPractice, "T0HILLTOP")
			s.chats(ctx, house.CastPractice, house.CastGP, "T0HILLTOP", "U0RAO")
			s.chats(ctx, house.CastPractice, house.CastLinkWorker, "T0HILLTOP", "U0MAYA")
			s.visits(ctx, 1, "Frank", "Reed", handrail.ReferralActive, 6, true)
			s.visits(ctx, 2, "Una", "Hart", handrail.ReferralActive, 4, false)
			s.visits(ctx, 3, "Bilal", "Khan", handrail.ReferralSent, 0, false)
			s.visits(ctx, 4, "Doris", "O'Neill-Featherstonehaugh", handrail.ReferralAccepted, 0, false)
			s.visits(ctx, 5, "Jo", "Best", handrail.ReferralActive, 3, false)
			for _, name := range []string{"Doorstep Diggers", "Tuesday Growers"} {
				found, err := s.rec.ActivitiesNamed(ctx, name, 1)
				if err == nil && len(found) == 1 {
					_, _, err = s.rec.EditActivity(ctx, found[0].ID, handrail.ActorSystem, s.clock.Now(), func(a *handrail.Activity) error {
						a.Facts = append(a.Facts, handrail.Fact{Kind: handrail.FactPhoto, Value: pictures.URL + "/garden.png"})
						return nil
					})
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		},
	})
	gp := &staffer{Person: team.Person("U0RAO"), t: t, api: s.api}
	maya := &staffer{Person: team.Person("U0MAYA"), t: t, api: s.api}
	pages := map[string][]byte{}
	keep := func(name string, parts ...slackapi.Part) { pages[name] = slackapi.Page(name, parts...) }

	digest := maya.next("This needs a person")
	weeks := maya.next("week")
	var chart slackapi.Seen
	if !s.api.Until(10*time.Second, func() bool {
		for _, m := range maya.Seen() {
			if len(m.Files) > 0 {
				chart = m
			}
		}
		return len(chart.Files) > 0
	}) {
		t.Fatal("there is no picture of the weeks")
	}
	keep("digest", slackapi.MessageOf(digest), slackapi.MessageOf(weeks), slackapi.MessageOf(chart))
	<-gp.Command(nil, "/whatson", "something to do with gardening for a shy 74 year old near LU1 2AB, free").Acked
	found := gp.next("best first")
	pictured := func() bool {
		return slices.ContainsFunc(found.Blocks, func(b slackapi.Block) bool { return b.Picture != "" && strings.Contains(b.Alt, "Doorstep Diggers") })
	}
	for range 20 { // whoever asks first gets none, and sets off the fetch
		if pictured() {
			break
		}
		<-gp.Command(nil, "/whatson", "something to do with gardening for a shy 74 year old near LU1 2AB, free").Acked
		found = gp.next("best first")
	}
	if !pictured() {
		t.Error("no listing shows its picture")
	}
	var hang []func(page []byte) []byte
	for _, b := range found.Blocks {
		if b.Picture == "" {
			continue
		}
		resp, err := http.Get(b.Picture)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		mime := resp.Header.Get("Content-Type")
		if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(mime, "image/") {
			t.Errorf("%s: %s, %v", mime, resp.Status, err)
		}
		hang = append(hang, func(page []byte) []byte { return slackapi.Hung(page, b.Picture, mime, data) })
	}
	keep("find", slackapi.MessageOf(found))
	<-gp.Press(found, "More").Acked
	keep("more", slackapi.MessageOf(gp.next("What next")))
	<-gp.Say("gardening for NHS 943 476 5919 near LU1 2AB")
	warned := gp.next("I took it out")
	keep("warned", slackapi.MessageOf(warned), slackapi.MessageOf(gp.next("best first")))
	<-gp.Command(nil, "/refer", "Frank Moss 1951 LU1 2AB lonely since his wife died, agreed").Acked
	keep("refer", slackapi.ViewOf(gp.view()))
	<-gp.OpenHome()
	home := func(who *staffer, words string) slackapi.Part {
		t.Helper()
		var v slackapi.View
		if !s.api.Until(10*time.Second, func() bool {
			v, _ = who.Home()
			for _, b := range v.Blocks {
				if strings.Contains(b.Text, words) {
					return true
				}
			}
			return false
		}) {
			t.Fatalf("the home does not say %q", words)
		}
		return slackapi.ViewOf(v)
	}
	keep("home-gp", home(gp, "F.R."))
	<-maya.OpenHome()
	keep("home-linkworker", home(maya, "F.R."))

	for name := range pages {
		for _, h := range hang {
			pages[name] = h(pages[name])
		}
	}
	front := httptest.NewServer(slackapi.Pages(pages))
	defer front.Close()
	host := strings.TrimPrefix(front.URL, "http://")
	b := browser.Open(t, browser.Options{Host: host, Width: 720, Height: 1000})
	for name := range pages {
		b.Do(browser.Screen(720, 300), chromedp.Navigate(front.URL+"/"+name), chromedp.WaitVisible(chromedp.CSS("body")))
		tall := browser.Eval[float64](b, `document.documentElement.scrollHeight`)
		b.Do(browser.Screen(720, max(300, int64(tall)+10)))
		if wide := browser.Eval[float64](b, `document.documentElement.scrollWidth`); wide > 720 {
			t.Errorf("%s is %v wide", name, wide)
		}
		if cut := browser.Eval[string](b, `[...document.querySelectorAll('.btn')].filter(x => x.scrollWidth > x.clientWidth).map(x => x.innerText).join(', ')`); cut != "" {
			t.Errorf("%s: cut off: %s", name, cut)
		}
		b.Shot("slack-" + name)
	}
	b.Quiet()
}
