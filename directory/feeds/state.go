package feeds

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"handrail"
	"handrail/directory/sources"
)

// State is where the reading of a feed stands, between two pulls. The zero State is a feed that was never read. It is
// plain data that can be stored as JSON; nothing but Pull changes it.
type State struct {
	// Of tells whose state it is: where the feed's address or format has changed since, a pull begins anew.
	Of string
	// TriedAt is when the feed was last asked, OKAt when that last went well. The copy in use is as old as OKAt.
	TriedAt time.Time `json:",omitzero"`
	OKAt    time.Time `json:",omitzero"`
	// Failures counts the tries since OKAt; Problem is a plain sentence about the last, empty after a success.
	Failures int    `json:",omitempty"`
	Problem  string `json:",omitempty"`
	// NotBefore is when the feed may be asked again, where it said so itself.
	NotBefore time.Time `json:",omitzero"`
	// Stopped says that the feed is not to be asked again at its address: it answered that it is gone.
	Stopped bool `json:",omitempty"`

	// FullAt is when the whole list was last read, without believing any "not modified"; ListedAt when every page was
	// last asked for.
	FullAt   time.Time `json:",omitzero"`
	ListedAt time.Time `json:",omitzero"`
	// ModifiedAfter is the newest change that is known of. IgnoresModified says that the feed does not understand it.
	ModifiedAfter   time.Time  `json:",omitzero"`
	IgnoresModified bool       `json:",omitempty"`
	List            []PageNote `json:",omitempty"`
	// Singles says that services can be read by themselves.
	Singles bool `json:",omitempty"`
	// Rejected is how many records of the last list could not be used.
	Rejected int `json:",omitempty"`

	// Series and Sessions are how far an RPDE feed and its companion were read. Whole says that both were read to their
	// ends once; until then nothing of them is given.
	Series   Cursor `json:",omitzero"`
	Sessions Cursor `json:",omitzero"`
	Whole    bool   `json:",omitempty"`
	// Join is what the joiner keeps, packed.
	Join []byte `json:",omitempty"`
}

// PageNote is what is remembered of a page of a list.
type PageNote struct {
	ETag string `json:",omitempty"`
	Last bool   `json:",omitempty"`
}

// Cursor is how far an RPDE feed was read.
type Cursor struct {
	Next  string    `json:",omitempty"` // as the last page gave it; empty at the beginning
	At    time.Time `json:",omitzero"`  // when that page was read
	Ended bool      `json:",omitempty"` // there was nothing after it then
}

// StateOf reads a stored state. What cannot be read is as good as nothing: the feed is read anew, and the error says so.
func StateOf(f handrail.FeedState) (State, error) {
	var s State
	var err error
	if len(f.Cursor) > 0 {
		if err = json.Unmarshal(f.Cursor, &s); err != nil {
			s, err = State{}, fmt.Errorf("read state of feed %s: %w", f.Name, err)
		}
	}
	s.TriedAt, s.OKAt = timeOf(f.TriedAt), timeOf(f.OKAt)
	s.Failures, s.Problem = f.Failures, f.Problem
	return s, err
}

// Stored is the state as the records keep it.
func (s State) Stored(name string) (handrail.FeedState, error) {
	f := handrail.FeedState{Name: name, TriedAt: stored(s.TriedAt), OKAt: stored(s.OKAt), Failures: s.Failures, Problem: s.Problem}
	s.TriedAt, s.OKAt, s.Failures, s.Problem = time.Time{}, time.Time{}, 0, ""
	var err error
	if f.Cursor, err = json.Marshal(s); err != nil {
		return f, fmt.Errorf("store state of feed %s: %w", name, err)
	}
	return f, nil
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func stored(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// maxJoin is how large a joiner's state may be, unpacked.
const maxJoin = 256 << 20

// joiner is the joiner of the state, or a new one.
func (s *State) joiner(source string, now time.Time) *sources.Joiner {
	join := sources.NewJoiner(source, sources.AsOf(now))
	if len(s.Join) > 0 {
		err := errors.New("it cannot be unpacked")
		if in, gerr := gzip.NewReader(bytes.NewReader(s.Join)); gerr == nil {
			err = json.NewDecoder(io.LimitReader(in, maxJoin)).Decode(join)
		}
		if err == nil {
			return join
		}
	}
	s.Series, s.Sessions, s.Whole, s.Join = Cursor{}, Cursor{}, false, nil
	return sources.NewJoiner(source, sources.AsOf(now))
}

func (s *State) keep(join *sources.Joiner) error {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if err := json.NewEncoder(w).Encode(join); err != nil {
		return fmt.Errorf("keep joiner: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("keep joiner: %w", err)
	}
	s.Join = out.Bytes()
	return nil
}
