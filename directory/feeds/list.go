package feeds

import (
	"context"
	"crypto/sha256"
	"net/url"
	"strconv"
	"sync"
	"time"

	"handrail"
	"handrail/directory/sources"
)

// How single services are read.
const (
	readers  = 2 // at once; the pace is that of the feed all the same
	maxInRow = 5 // failures in a row, after which the rest is not tried
	noSingle = 3 // services that are not there by themselves, where none ever was: the feed has no such addresses
)

// list pulls an Open Referral feed. Of three ways it takes the cheapest that is still right: only what was modified since
// the last time (v3); every page, believing "not modified"; every page, believing nothing.
func (v *visit) list(ctx context.Context, f Feed, s *State, now time.Time) (Pulled, error) {
	base, err := parseURL(nil, f.URL)
	if err != nil {
		return Pulled{}, err
	}
	r := &listing{v: v, f: f, base: base, now: now, singles: s.Singles}
	trust := !s.FullAt.IsZero() && now.Sub(s.FullAt) < trustEvery && !now.Before(s.FullAt)
	if trust && now.Sub(s.ListedAt) < listEvery && f.Format == sources.OpenReferral3 && !s.IgnoresModified && !s.ModifiedAfter.IsZero() {
		r.after = s.ModifiedAfter
	}
	if trust && r.after.IsZero() {
		r.old = s.List
	}
	if err := r.pages(ctx); err != nil {
		return Pulled{}, err
	}
	if r.unchanged > 0 && r.unchanged < len(r.notes) { // something changed: only the whole list says what went
		r = &listing{v: v, f: f, base: base, now: now, singles: s.Singles}
		if err := r.pages(ctx); err != nil {
			return Pulled{}, err
		}
	}
	if r.unchanged > 0 {
		s.ListedAt = now
		return Pulled{}, nil
	}
	if !r.after.IsZero() && r.ignored() {
		s.IgnoresModified = true
		r.after = time.Time{}
	}
	if err := r.follow(ctx); err != nil {
		return Pulled{}, err
	}
	s.Singles = r.singles
	if newest := r.newest(); r.sure && newest.After(s.ModifiedAfter) {
		s.ModifiedAfter = newest
	}
	if !r.after.IsZero() {
		return r.p, nil
	}
	// A record that could be used before and cannot be now is no listing that went. Should it stay so, it goes next time.
	if !s.FullAt.IsZero() && r.rejected > s.Rejected {
		r.unsure("Some of the feed's records can no longer be used, so nothing was taken to be gone.")
	}
	s.Rejected = r.rejected
	r.p.Full = r.sure
	s.ListedAt = now
	if r.sure {
		s.FullAt, s.List = now, r.notes
	}
	return r.p, nil
}

// listing is one reading of a list.
type listing struct {
	v     *visit
	f     Feed
	base  *url.URL
	now   time.Time
	after time.Time  // only what was modified since
	old   []PageNote // what is known of the pages: ask whether they are modified

	p         Pulled
	at        map[handrail.ActivityID]int // where in p.Activities
	shallow   []handrail.ActivityID
	notes     []PageNote
	singles   bool // services can be read by themselves
	unchanged int  // pages that were not modified
	rejected  int
	records   int
	sure      bool // the list was read whole
}

// unsure says that nothing may be taken to be gone, and why.
func (r *listing) unsure(why string) {
	r.sure = false
	r.p.note(why)
}

// pages reads the list page by page, to its end.
func (r *listing) pages(ctx context.Context) error {
	r.at, r.sure = map[handrail.ActivityID]int{}, true
	seen := map[[sha256.Size]byte]bool{}
	total := -1
	for n := 1; ; n++ {
		if n > maxPages {
			return handrail.Errorf(handrail.KindInvalid, "The feed's list does not end.", "read list: more than %d pages", maxPages)
		}
		page, unchanged, err := r.page(ctx, n)
		if err != nil {
			return err
		}
		if unchanged {
			if r.unchanged++; r.notes[n-1].Last {
				return nil
			}
			continue
		}
		bare := page.Pages == 0 && page.Total == 0 && !page.Last // it says nothing of itself
		if page.Records > 0 && seen[page.Sum] {
			if bare && n == 2 && r.records > r.f.perPage() {
				return nil // a feed without pages, which gave everything at once
			}
			return handrail.Errorf(handrail.KindInvalid, "The feed's pages repeat, so it could not be read to its end.", "read list: page %d came before", n)
		}
		seen[page.Sum] = true
		r.take(page)
		switch {
		case total < 0:
			total = page.Total
		case page.Total != total && page.Records > 0:
			r.unsure("The feed's list changed while it was read, so nothing was taken to be gone.")
		}
		end := page.Records == 0 || page.Last || page.Pages > 0 && n >= page.Pages || page.Total > 0 && r.records >= page.Total || bare && page.Records < r.f.perPage()
		if !end {
			continue
		}
		r.notes[n-1].Last = true
		if distinct := len(r.p.Activities) + r.rejected; total > 0 && distinct < total {
			r.unsure("The feed gave fewer services than it says it has, so nothing was taken to be gone.")
		}
		return nil
	}
}

// page reads one page; unchanged says that it is as it was.
func (r *listing) page(ctx context.Context, n int) (p sources.Page, unchanged bool, err error) {
	u := *r.base
	q := u.Query()
	q.Set("page", strconv.Itoa(n))
	q.Set("per_page", strconv.Itoa(r.f.perPage()))
	if !r.after.IsZero() {
		q.Set("modified_after", r.after.UTC().Format(time.RFC3339))
	}
	u.RawQuery = q.Encode()
	etag := ""
	if n <= len(r.old) {
		etag = r.old[n-1].ETag
	}
	a, err := r.v.get(ctx, &u, etag)
	if err != nil {
		return p, false, err
	}
	defer a.Close()
	if a.NotModified {
		if etag == "" {
			return p, false, handrail.Errorf(handrail.KindUnavailable, "The feed gave no answer.", "read page: not modified, and nobody asked")
		}
		r.notes = append(r.notes, r.old[n-1])
		return p, true, nil
	}
	r.notes = append(r.notes, PageNote{ETag: a.ETag})
	p, err = sources.ReadPage(ctx, a, r.f.Format, r.f.Source(), sources.AsOf(r.now))
	return p, false, a.explain(err)
}

// take adds a page. A record that came before came because the list moved while it was read: the later one counts.
func (r *listing) take(page sources.Page) {
	r.records += page.Records
	r.rejected += page.Rejected()
	r.p.add(page.Result)
	for _, a := range page.Activities {
		if i, twice := r.at[a.ID]; twice {
			r.p.Activities[i] = a
			continue
		}
		r.at[a.ID] = len(r.p.Activities)
		r.p.Activities = append(r.p.Activities, a)
	}
	for _, s := range page.Shallow {
		r.shallow = append(r.shallow, s.ID)
	}
}

// ignored reports whether what came was not modified since: the feed does not know the question.
func (r *listing) ignored() bool {
	for _, a := range r.p.Activities {
		if a.UpdatedAt == nil || a.UpdatedAt.Before(r.after.Add(-48*time.Hour)) {
			return true
		}
	}
	return false
}

// newest is the newest change of any record, less an hour for what was being written just then.
func (r *listing) newest() time.Time {
	var newest time.Time
	for _, a := range r.p.Activities {
		if a.UpdatedAt != nil && a.UpdatedAt.After(newest) && !a.UpdatedAt.After(r.now) {
			newest = *a.UpdatedAt
		}
	}
	if newest.IsZero() {
		return newest
	}
	return newest.Add(-time.Hour)
}

const otherID = "its own record has another id"

// followed is what came of reading one service by itself.
type followed struct {
	id     handrail.ActivityID
	result sources.Result
	err    error
}

// follow reads by themselves the services that the list only touched on. What cannot be read is left as it was: a
// summary in its place would take its times away.
func (r *listing) follow(ctx context.Context) error {
	if len(r.shallow) == 0 {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	work, done := make(chan handrail.ActivityID), make(chan followed)
	var all sync.WaitGroup
	for range readers {
		all.Go(func() {
			for id := range work {
				result, err := r.service(ctx, id)
				done <- followed{id, result, err}
			}
		})
	}
	go func() {
		defer close(work)
		seen := map[handrail.ActivityID]bool{}
		for _, id := range r.shallow {
			if seen[id] {
				continue
			}
			seen[id] = true
			select {
			case work <- id:
			case <-ctx.Done():
				return
			}
		}
	}()
	go func() { all.Wait(); close(done) }()

	good, missing, inRow, stopped := 0, 0, 0, false
	lost := map[handrail.ActivityID]bool{}
	var failed error
	for one := range done { // to the end, so that no reader is left behind
		switch {
		case failed != nil:
		case one.err == nil:
			good, inRow = good+1, 0
			r.p.add(one.result)
			if len(one.result.Activities) == 1 && one.result.Activities[0].ID == one.id {
				r.p.Activities[r.at[one.id]] = one.result.Activities[0]
				continue
			}
			if len(one.result.Activities) == 1 {
				r.p.add(sources.Result{Problems: []sources.Problem{{ID: string(one.id), Reason: otherID}}, Reasons: []sources.ReasonCount{{Reason: otherID, N: 1}}})
			}
			lost[one.id] = true
			r.rejected++
		case gone(one.err): // it went since the list was made
			lost[one.id] = true
			r.p.Gone = append(r.p.Gone, one.id)
			if missing++; good == 0 && missing >= maxInRow && !r.singles {
				stopped = true
				stop()
			}
		case stopped: // only because the others were not asked for any more
		default:
			lost[one.id] = true
			r.unsure("Some of the feed's services could not be read, so nothing was taken to be gone.")
			if inRow++; inRow >= maxInRow || !handrail.IsKind(one.err, handrail.KindUnavailable) && !handrail.IsKind(one.err, handrail.KindInvalid) {
				failed = one.err
				stop()
			}
		}
	}
	if failed != nil {
		return failed
	}
	if stopped && good > 0 {
		return handrail.Errorf(handrail.KindUnavailable, "Most of the feed's services could not be read.", "read services: not found")
	}
	r.singles = r.singles || good > 0
	if !r.singles && missing > 0 {
		r.p.Gone = nil
		if missing >= noSingle {
			r.p.note("The feed gives only summaries of its services.")
			return nil
		}
		r.unsure("The feed's services could not be read, so nothing was taken to be gone.")
	}
	kept := r.p.Activities[:0]
	for _, a := range r.p.Activities {
		if !lost[a.ID] {
			kept = append(kept, a)
		}
	}
	r.p.Activities = kept
	return nil
}

// service reads one service by itself.
func (r *listing) service(ctx context.Context, id handrail.ActivityID) (sources.Result, error) {
	if id == "." || id == ".." {
		return sources.Result{}, explain(&errStatus{code: 404})
	}
	a, err := r.v.get(ctx, r.base.JoinPath(url.PathEscape(string(id))), "")
	if err != nil {
		return sources.Result{}, err
	}
	defer a.Close()
	result, err := sources.ReadService(ctx, a, r.f.Format, r.f.Source(), sources.AsOf(r.now))
	return result, a.explain(err)
}
