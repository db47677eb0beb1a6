// Package sources reads the feeds that directories are made of, one file a format. It is liberal in what it reads and
// strict in what it believes: a broken record is reported with its line and reason and the rest is imported; nothing
// that a feed does not say (that a group is free, or step-free, or was checked) is made up for it.
//
//	file, err := os.Open("services.json")
//	result, err := sources.Read(ctx, file, "oruk:services.json", sources.AsOf(clock.Now()))
//	for _, p := range result.Problems {
//		log.Info("import", "line", p.Line, "reason", p.Reason, "kept", p.Kept)
//	}
//	index := directory.NewIndex(result.Activities)
package sources

import (
	"context"
	"io"
	"time"

	"handrail"
)

// Format is a feed format that can be imported.
type Format struct {
	Name string // as it is named on the command line
	Read func(ctx context.Context, r io.Reader, source string, options ...Option) (Result, error)
}

// Formats lists every format. A new one is added here and in a file of its own.
func Formats() []Format {
	return []Format{{Name: "openreferral", Read: Read}}
}

// Result is what an import came to.
type Result struct {
	// Activities are in the order of the feed.
	Activities []handrail.Activity
	// Problems are the first thousand, in the order of the feed; More counts the others.
	Problems []Problem
	More     int
	// Records is how many records there were, good and bad.
	Records int
}

// Rejected is how many records were not imported.
func (r Result) Rejected() int { return r.Records - len(r.Activities) }

// Problem is something wrong with one record.
type Problem struct {
	Line   int    // where the record begins, from 1
	ID     string // the record's id, when it has one
	Reason string
	// Kept says that the record was imported without what was wrong with it, a position for instance.
	Kept bool
}

// Option changes how a feed is read.
type Option func(*options)

type options struct{ asOf time.Time }

// AsOf leaves out weekly times that ended before t. Without it every time is kept, since a reader has no clock.
func AsOf(t time.Time) Option { return func(o *options) { o.asOf = t } }
