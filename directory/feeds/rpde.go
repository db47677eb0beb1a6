package feeds

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"handrail"
	"handrail/directory/sources"
)

// rpde pulls an RPDE feed and its companion from where they were left. Until both were read to their ends for the first
// time nothing is given: half a list is no list, and a series without its sessions would seem to have no times.
func (v *visit) rpde(ctx context.Context, f Feed, s *State, now time.Time) (Pulled, error) {
	stale := func(c Cursor) bool { return !c.At.IsZero() && now.Sub(c.At) > rpdeKeeps }
	if stale(s.Series) || stale(s.Sessions) {
		s.Join = nil
	}
	join := s.joiner(f.Source(), now)
	var p Pulled
	err := v.cursor(ctx, f, f.URL, &s.Series, join, &p, s, now)
	if err == nil && f.Sessions != "" {
		err = v.cursor(ctx, f, f.Sessions, &s.Sessions, join, &p, s, now)
	}
	changed, lost := join.Take()
	p.add(changed)
	switch ended := s.Series.Ended && (f.Sessions == "" || s.Sessions.Ended); {
	case s.Whole:
		p.Activities, p.Gone = changed.Activities, lost
	case ended:
		p.Activities, p.Full, s.Whole, s.FullAt = join.All(), true, true, now
	default:
		p.note("The feed is being read for the first time and has not come to its end yet.")
	}
	p.Places = join.Places()
	if gone(err) { // its own words: what is kept is of no more use
		return Pulled{}, err
	}
	if kept := s.keep(join); kept != nil {
		return Pulled{}, kept
	}
	return p, err
}

// cursor reads on from a cursor to the end, page after page as each says. The cursor never runs ahead of the joiner.
func (v *visit) cursor(ctx context.Context, f Feed, first string, c *Cursor, join *sources.Joiner, p *Pulled, s *State, now time.Time) error {
	base, err := parseURL(nil, first)
	if err != nil {
		return err
	}
	u := base
	if c.Next != "" {
		if u, err = parseURL(base, c.Next); err != nil {
			return err
		}
	}
	been := map[string]bool{}
	for range maxPages {
		page, err := v.rpdePage(ctx, u)
		if err != nil {
			if gone(err) { // a page that is gone must not be asked for again; the first one may be, if this was not it
				s.Stopped = c.Next == "" || c.Next == base.String()
				s.Join, *c = nil, Cursor{}
			}
			return err
		}
		next, err := parseURL(u, page.Next)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(append([]string{base.Hostname()}, f.Hosts...), func(h string) bool { return strings.EqualFold(h, next.Hostname()) }) {
			return handrail.Errorf(handrail.KindInvalid, "The feed leads on to another site.", "read page: next is on another host")
		}
		join.Apply(page)
		if page.License != "" {
			p.License = page.License
		}
		been[u.String()] = true
		c.Next, c.At = next.String(), now
		empty := len(page.Items) == 0 && len(page.Problems) == 0
		if same := next.String() == u.String(); same && empty {
			c.Ended = true
			return nil
		} else if same || been[next.String()] {
			return handrail.Errorf(handrail.KindInvalid, "The feed's pages lead in a circle.", "read page: next came before")
		}
		u = next
	}
	p.note("The feed has more pages than are read at once; the rest follows.")
	return nil
}

func (v *visit) rpdePage(ctx context.Context, u *url.URL) (sources.RPDEPage, error) {
	a, err := v.get(ctx, u, "")
	if err != nil {
		return sources.RPDEPage{}, err
	}
	defer a.Close()
	page, err := sources.ReadRPDEPage(ctx, a)
	return page, a.explain(err)
}
