package feeds

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handrail"
	"handrail/directory/sources"
)

// How often what is read again.
const (
	// listEvery is how often a list is read page by page, since nothing else tells of deletions.
	listEvery = 24 * time.Hour
	// trustEvery is how long "not modified" is believed: some feeds never say anything else.
	trustEvery = 7 * 24 * time.Hour
	// rpdeKeeps is how long an RPDE feed keeps its deletions at the least: who was away for longer must start again.
	rpdeKeeps = 7 * 24 * time.Hour
	// maxPages is how many pages of one list are read in one pull.
	maxPages = 2000
)

// Pull reads a feed from where the state says, and gives what it says now and the state to store. It never blocks longer
// than the feed's pace and the client's timeouts make it.
//
// With an error, what Pulled holds is nothing, or of an RPDE feed what was read before the error: it is to be taken like
// any other, and the state (which knows of it) is to be stored either way. The error has a sentence for staff, which is
// in the state too. Pulling again from an older state is safe: what was given is given again.
func (c *Client) Pull(ctx context.Context, f Feed, s State, now time.Time) (Pulled, State, error) {
	if of := f.address(); s.Of != of {
		s = State{Of: of, OKAt: s.OKAt}
	}
	s.TriedAt, s.NotBefore = now, time.Time{}
	if s.Stopped {
		s.Failures++
		return Pulled{}, s, handrail.Errorf(handrail.KindNotFound, s.Problem, "pull %s: it is gone and must not be asked again", f.Name)
	}
	v := &visit{c: c, pause: f.pause()}
	var p Pulled
	var err error
	switch f.Format {
	case sources.OpenReferral3, sources.OpenReferral1:
		p, err = v.list(ctx, f, &s, now)
		if err != nil {
			p = Pulled{}
		}
	case sources.RPDE:
		p, err = v.rpde(ctx, f, &s, now)
	default:
		err = handrail.Errorf(handrail.KindInvalid, "The feed's format is not one that can be read.", "unknown format")
	}
	p.Pages, p.Bytes = v.pages, v.bytes
	if err == nil {
		s.OKAt, s.Failures, s.Problem = now, 0, ""
		return p, s, nil
	}
	if ctx.Err() != nil { // it is we who stop, and no fault of the feed
		return p, s, fmt.Errorf("pull %s: %w", f.Name, context.Cause(ctx))
	}
	s.Failures++
	var said bool
	if s.Problem, said = handrail.Sentence(err); !said {
		s.Problem = "The feed cannot be read."
	}
	var status *errStatus
	if errors.As(err, &status) && status.after > 0 {
		s.NotBefore = now.Add(status.after)
	}
	return p, s, fmt.Errorf("pull %s: %w", f.Name, err)
}
