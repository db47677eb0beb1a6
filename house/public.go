package house

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"handrail"
	"handrail/directory"
	"handrail/directory/onetap"
	"handrail/directory/poster"
	"handrail/directory/publish"
	"handrail/store/records"
)

// The public pages, under the public address.
const (
	pathStillOn = "/still-on" // an organiser's one-tap answers
	pathOpen    = "/open-referral-uk"
	pathPoster  = "/whats-on"
	// pathPictures are what listings look like, for channels that show pictures by their address.
	pathPictures = "/pictures"
)

// IsPublic reports whether a path is one of the public pages.
func IsPublic(path string) bool {
	for _, p := range []string{pathStillOn, pathOpen, pathPoster, pathPictures} {
		if strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

// askLinks makes the one-tap addresses; nil without a public address.
func askLinks(o Options) (*onetap.Links, error) {
	if o.PublicURL == "" {
		return nil, nil
	}
	return onetap.NewLinks(o.Key, o.PublicURL+pathStillOn)
}

// Public is what anybody may read: the published directory (Open Referral UK), each practice's poster and waiting-room
// page, and, where there is a public address, the page behind an organiser's link. It holds nothing about a patient.
func (h *House) Public() (http.Handler, error) {
	mux := http.NewServeMux()
	all := &snapshots{records: h.records}
	api, err := publish.New(publish.Options{
		Source: all, Places: places{h.Finder.finder.Gazetteer()}, Clock: h.clock, Log: h.opts.Log,
		Interests: h.Finder.words().Interests(), Needs: h.Finder.words().Needs(),
	})
	if err != nil {
		return nil, fmt.Errorf("public pages: %w", err)
	}
	mux.Handle(pathOpen+"/", http.StripPrefix(pathOpen, api))
	mux.HandleFunc("GET "+pathPoster+"/{practice}/poster", func(w http.ResponseWriter, r *http.Request) { h.week(w, r, all, poster.Poster) })
	mux.HandleFunc("GET "+pathPoster+"/{practice}/screen", func(w http.ResponseWriter, r *http.Request) { h.week(w, r, all, poster.WaitingRoom) })
	mux.Handle("GET "+pathPictures+"/{name}", h.pictures)
	if h.links != nil {
		page, err := onetap.New(onetap.Options{
			Links: h.links, Records: h.records, Answer: h.answer, Clock: h.clock, When: directory.WhenText, Log: h.opts.Log,
		})
		if err != nil {
			return nil, fmt.Errorf("public pages: %w", err)
		}
		mux.Handle(pathStillOn+"/", http.StripPrefix(pathStillOn, page))
	}
	return mux, nil
}

// answer takes what an organiser said on the page, in one transaction with all that follows from it.
func (h *House) answer(ctx context.Context, id handrail.AskID, answer handrail.AskAnswer, words string, now time.Time) (already bool, err error) {
	err = h.records.InTx(ctx, func(ctx context.Context) error {
		var err error
		already, err = h.answers(ctx, id, answer, words, now)
		return err
	})
	return already, err
}

// week writes a practice's page of what is on.
func (h *House) week(w http.ResponseWriter, r *http.Request, all *snapshots, write func(io.Writer, poster.Week) error) {
	practice, err := h.records.Practice(r.Context(), handrail.PracticeID(r.PathValue("practice")))
	if handrail.IsKind(err, handrail.KindNotFound) {
		http.NotFound(w, r)
		return
	}
	var week poster.Week
	if err == nil {
		var s publish.Snapshot
		if s, err = all.Listings(r.Context()); err == nil {
			week, err = poster.Gather(poster.Data{
				Practice: practice.Name, Join: h.opts.PublicURL, Now: h.clock.Now(), Zone: h.opts.Zone, Calendar: h.Finder.calendar,
				Listings: s.Activities, Near: practice.At,
			})
		}
	}
	if err != nil {
		h.opts.Log.Warn("a page of what is on could not be made", "error", err)
		http.Error(w, "Sorry, this page cannot be shown just now.", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
	if err := write(w, week); err != nil {
		h.opts.Log.Warn("a page of what is on could not be written", "error", err)
	}
}

// places looks postcodes up for the published directory.
type places struct{ gazetteer *directory.Gazetteer }

// Locate implements publish.Places.
func (p places) Locate(ctx context.Context, postcode string) (handrail.Point, bool, error) {
	spot, err := p.gazetteer.Locate(ctx, postcode)
	if handrail.IsKind(err, handrail.KindNotFound) || handrail.IsKind(err, handrail.KindInvalid) {
		return handrail.Point{}, false, nil
	}
	return spot.At, err == nil, err
}

// snapshots hands the whole directory out, read again only when something has changed.
type snapshots struct {
	records *records.Records

	mu   sync.Mutex
	last publish.Snapshot
}

// Listings implements publish.Source.
func (s *snapshots) Listings(ctx context.Context) (publish.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.records.LastActivityChange(ctx)
	if err != nil {
		return publish.Snapshot{}, fmt.Errorf("read the directory to publish: %w", err)
	}
	version := strconv.FormatInt(n, 36)
	if version == s.last.Version {
		return s.last, nil
	}
	all, err := s.records.Activities(ctx)
	if err != nil {
		return publish.Snapshot{}, fmt.Errorf("read the directory to publish: %w", err)
	}
	s.last = publish.Snapshot{Version: version, Activities: all}
	return s.last, nil
}

// FeedStore is where pulled feeds are kept: the records, whose import takes no options from a feed.
type FeedStore struct{ *records.Records }

// TakeFeed implements feeds.Store.
func (s FeedStore) TakeFeed(ctx context.Context, source string, c handrail.FeedCopy, by handrail.Actor) (handrail.Imported, error) {
	return s.Records.TakeFeed(ctx, source, c, by)
}
