package sources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"handrail"
)

// RPDEPage is one page of a Realtime Paged Data Exchange feed.
type RPDEPage struct {
	Items []Item
	// Next is where to go on, exactly as the page gives it; it may be relative to the page's own address. A page without
	// items whose Next is its own address is the end for now.
	Next    string
	License string // the licence's address, empty when the page does not say
	// Problems are the items that are no items.
	Problems []Problem
}

// Item is one change of a feed: an opportunity as it now is, or that it is gone.
type Item struct {
	Line    int
	Deleted bool
	Kind    string // "SessionSeries", "ScheduledSession", ...
	ID      string // a number in some feeds: its digits
	// Modified orders the versions of one item; it is a number in most feeds, a time in some. See newer.
	Modified string
	Data     json.RawMessage // nil when Deleted
}

// ReadRPDEPage reads one page, to its last byte. An item that cannot be read is a problem of the page and costs no other;
// a page without "items" or "next", or one that ends early, is an error.
func ReadRPDEPage(ctx context.Context, r io.Reader) (RPDEPage, error) {
	return readRPDEPage(ctx, newSplitter(r, "items"))
}

func readRPDEPage(ctx context.Context, in *splitter) (RPDEPage, error) {
	var page RPDEPage
	var list Result
	err := list.list(ctx, in, func(raw []byte, line int) {
		item, err := itemOf(raw)
		if err != nil {
			list.problem(Problem{Line: line, ID: item.ID, Reason: err.Error()})
			return
		}
		item.Line = line
		page.Items = append(page.Items, item)
	})
	if err == nil {
		if err = in.finish(); err != nil {
			err = handrail.Errorf(handrail.KindInvalid, "The page stops before its end.", "read page: line %d: %w", in.line, err)
		}
	}
	page.Problems = list.Problems
	if err != nil {
		return page, err
	}
	page.Next, page.License = in.words("next"), clean(in.words("license"), 500)
	if page.Next == "" {
		return page, handrail.Errorf(handrail.KindInvalid, "The page does not say where to go on.", "read page: no next")
	}
	return page, nil
}

func itemOf(raw []byte) (Item, error) {
	var wire struct {
		State    text            `json:"state"`
		Kind     text            `json:"kind"`
		ID       text            `json:"id"`
		Modified text            `json:"modified"`
		Data     json.RawMessage `json:"data"`
	}
	if err := unmarshal(raw, &wire); err != nil {
		return Item{}, err
	}
	item := Item{Kind: clean(string(wire.Kind), 60), ID: clean(string(wire.ID), 200), Modified: clean(string(wire.Modified), 60)}
	switch strings.ToLower(string(wire.State)) {
	case "deleted":
		item.Deleted = true
	case "updated", "":
		if len(wire.Data) == 0 || wire.Data[0] != '{' {
			return item, errors.New("it is updated and has no data")
		}
		item.Data = wire.Data
	default:
		return item, errors.New("its state is neither updated nor deleted")
	}
	if item.ID == "" { // some old feeds leave it to the data
		var data struct {
			AtID text `json:"@id"`
			ID   text `json:"id"`
		}
		if json.Unmarshal(item.Data, &data) == nil {
			item.ID = clean(string(data.AtID), 200)
			if item.ID == "" {
				item.ID = clean(string(data.ID), 200)
			}
		}
	}
	if item.ID == "" {
		return item, errors.New("it has no id")
	}
	return item, nil
}

// newer reports whether a version may take another's place: whole numbers of up to 19 digits and more compare as numbers,
// anything else as text, which is right for times in one layout. The same version may: applying it again changes nothing.
func newer(than, modified string) bool {
	if than == "" || modified == "" {
		return true
	}
	a, aok := wholeNumber(than)
	b, bok := wholeNumber(modified)
	switch {
	case aok != bok:
		return true // the feed has changed its mind about what it counts with
	case !aok:
		return modified >= than
	case len(a) != len(b):
		return len(b) > len(a)
	}
	return b >= a
}

// wholeNumber is the digits of a whole number without leading zeros.
func wholeNumber(s string) (string, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return "", false
	}
	return strings.TrimLeft(s, "0"), true
}

// modifiedAt is the time that a version is, where it is one: seconds or milliseconds since 1970, or a timestamp.
func modifiedAt(modified string) *time.Time {
	digits, ok := wholeNumber(modified)
	var n int64
	if ok && (len(digits) == 10 || len(digits) == 13) {
		if _, err := fmt.Sscan(digits, &n); err != nil {
			return nil
		}
		if len(digits) == 13 {
			n /= 1000
		}
		t := time.Unix(n, 0).UTC()
		return &t
	}
	return date(modified)
}

// ReadRPDE imports saved pages of an RPDE feed, one after the other in one stream, as if they were the whole feed. Pages
// of a series feed and of a session feed may follow each other in any order. Read's promises hold, but for memory: a page
// is held as a whole.
func ReadRPDE(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
	join := NewJoiner(source, opts...)
	in := newSplitter(r, "items")
	for first := true; ; first = false {
		if !first {
			c, err := in.significant()
			if errors.Is(err, io.EOF) {
				out, _ := join.Take()
				return out, nil
			}
			if err != nil {
				return Result{}, fmt.Errorf("read feed: %w", err)
			}
			in.back(c)
		}
		page, err := readRPDEPage(ctx, in)
		join.Apply(page)
		if err != nil {
			out, _ := join.Take()
			return out, err
		}
		in.outer = map[string][]byte{}
	}
}
