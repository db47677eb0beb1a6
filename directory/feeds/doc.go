// Package feeds pulls directories from the network: politely, so that a publisher never notices more than a visitor, and
// safely, so that neither a broken feed nor a hostile address does harm. What it reads is told by directory/sources.
//
//	client := feeds.NewClient(feeds.ClientOptions{})
//	pulled, state, err := client.Pull(ctx, feeds.Feed{
//		Name: "bristol", Format: sources.OpenReferral3, URL: "https://feed.example/v3/services",
//	}, feeds.State{}, clock.Now())
//
// A Runner does so by a timetable and hands the copy to the records:
//
//	runner, err := feeds.New(feeds.Options{Feeds: list, Store: records, Clock: clock, Client: client, Log: log})
//	err = runner.Run(ctx)
//
// What goes wrong leaves the last good copy where it is; its age is in the State, with a sentence for staff (B25). A
// listing is only missed when a list was read whole: an error, a page that came twice, or a list that got shorter while
// it was read never removes anything.
//
// Only public addresses are dialled, whatever a name resolves to and wherever a redirect leads (C13), and no answer may
// be larger than a bound, packed or unpacked (B24).
package feeds

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"handrail"
	"handrail/directory/sources"
)

// Feed is a feed of a directory and how to ask it.
type Feed struct {
	// Name names it in settings, state and logs; it must not change.
	Name string
	// Format is sources.OpenReferral3, sources.OpenReferral1 or sources.RPDE.
	Format string
	// URL is the list of services, ".../services", or the first page of an RPDE feed.
	URL string
	// Sessions is the first page of the feed of sessions that belongs to an RPDE feed of series; empty when there is none.
	Sessions string
	// Hosts are further hosts to which a page may lead on, besides that of its own address.
	Hosts []string
	// Rate is how many requests a second are sent at most; 0 is 1.
	Rate float64
	// PerPage is how many services are asked for in one page; 0 is 100.
	PerPage int
	// License is under what terms the feed is published, for the notice beside its listings.
	License string
}

// Source is what the feed's listings have as their Source.
func (f Feed) Source() string {
	if f.Format == sources.RPDE {
		return "rpde:" + f.Name
	}
	return "oruk:" + f.Name
}

// address tells states of this feed from states of another that had its name.
func (f Feed) address() string {
	sum := sha256.Sum256([]byte(f.Format + "\n" + f.URL + "\n" + f.Sessions))
	return hex.EncodeToString(sum[:12])
}

func (f Feed) perPage() int {
	if f.PerPage <= 0 {
		return 100
	}
	return f.PerPage
}

func (f Feed) pause() time.Duration {
	if f.Rate <= 0 {
		return time.Second
	}
	return time.Duration(float64(time.Second) / f.Rate)
}

// Pulled is what a pull came to.
type Pulled struct {
	// Activities are listings that changed, or all of them when Full.
	Activities []handrail.Activity
	// Gone are the listings that the feed says are gone.
	Gone []handrail.ActivityID
	// Full says that Activities is the whole feed, read from end to end: what is not in it is gone.
	Full bool
	// Problems and Reasons are as in sources.Result; the first thousand problems.
	Problems []sources.Problem
	Reasons  []sources.ReasonCount
	// Places is how full the next meetings are, where the feed says so.
	Places []sources.Places
	// Notes are what staff should know of the feed itself, in plain sentences: that it got shorter while it was read.
	Notes []string
	// License is the feed's own word on its licence, empty when it has none.
	License string
	Pages   int           // answers read, of single services too
	Bytes   int64         // unpacked
	Took    time.Duration // as the Runner measured it; zero from Pull, which has no clock
}

func (p *Pulled) add(r sources.Result) {
	sum := sources.Result{Problems: p.Problems, Reasons: p.Reasons}
	r.Activities = nil
	sum.Add(r)
	p.Problems, p.Reasons = sum.Problems, sum.Reasons
}

func (p *Pulled) note(sentence string) {
	for _, n := range p.Notes {
		if n == sentence {
			return
		}
	}
	p.Notes = append(p.Notes, sentence)
}
