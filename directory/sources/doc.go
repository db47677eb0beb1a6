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
//
// A feed that is read page by page from a network is directory/feeds' business; it uses ReadPage, ReadService,
// ReadRPDEPage and a Joiner.
package sources

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"handrail"
)

// The names of the formats, as they are written on the command line and in the settings.
const (
	OpenReferral3 = "oruk3"    // Open Referral UK v3.0
	OpenReferral1 = "oruk1"    // Open Referral UK v1.0
	RPDE          = "rpde"     // OpenActive's Realtime Paged Data Exchange 1.0
	CSV           = "csv"      // any table of groups; ReadCSV takes a mapping of its columns
	XLSX          = "xlsx"     // the same as an Excel workbook; ReadXLSX takes a mapping
	HSDSCSV       = "hsds-csv" // the tabular package of Open Referral UK v3.0, zipped
)

// Format is a feed format that can be imported.
type Format struct {
	Name string // as it is named on the command line
	Read func(ctx context.Context, r io.Reader, source string, options ...Option) (Result, error)
}

// Formats lists every format. A new one is added here and in a file of its own.
func Formats() []Format {
	return []Format{
		{Name: OpenReferral3, Read: Read},
		{Name: OpenReferral1, Read: ReadV1},
		{Name: RPDE, Read: ReadRPDE},
		{Name: CSV, Read: readCSV},
		{Name: XLSX, Read: readXLSX},
		{Name: HSDSCSV, Read: readTabularZip},
		{Name: Bench, Read: ReadBench},
	}
}

// JSONFormat guesses which of the JSON formats a file is in by its beginning, of which a few thousand bytes are enough. It
// never fails: what is none of them is OpenReferral3, whose reader says what is wrong.
func JSONFormat(head []byte) string {
	has := func(key string) bool { return bytes.Contains(head, []byte(`"`+key+`"`)) }
	switch {
	case has("items") && has("next") || has("items") && has("state") && has("kind"):
		return RPDE
	case isV1(head), has("totalElements"):
		return OpenReferral1
	}
	return OpenReferral3
}

// Result is what an import came to: what was taken, what was mended and how, what was rejected and why.
type Result struct {
	// Activities are in the order of the feed.
	Activities []handrail.Activity
	// Problems are the first thousand, in the order of the feed; More counts the others.
	Problems []Problem
	More     int
	// Reasons counts all problems by their reason, the most frequent first, whether or not they are among Problems.
	Reasons []ReasonCount
	// Records is how many records there were, good and bad.
	Records int
}

// Rejected is how many records were not imported.
func (r Result) Rejected() int { return r.Records - len(r.Activities) }

// Problem is something wrong with one record.
type Problem struct {
	Line   int    // where the record begins, from 1
	ID     string // the record's id, when it has one
	Reason string // a sentence without a full stop; what only concerns this record is in brackets at its end
	// Kept says that the record was imported without what was wrong with it, a position for instance: it was mended.
	Kept bool
}

// ReasonCount is how often one thing was wrong.
type ReasonCount struct {
	Reason string
	Kept   bool // mended; otherwise those records were rejected
	N      int
}

// maxProblems is how many problems are told one by one.
const maxProblems = 1000

// problem notes a problem and counts its reason.
func (r *Result) problem(p Problem) {
	reason, _, _ := strings.Cut(p.Reason, " (")
	at := slices.IndexFunc(r.Reasons, func(c ReasonCount) bool { return c.Reason == reason && c.Kept == p.Kept })
	if at < 0 {
		at = len(r.Reasons)
		r.Reasons = append(r.Reasons, ReasonCount{Reason: reason, Kept: p.Kept})
	}
	r.Reasons[at].N++
	for ; at > 0 && r.Reasons[at-1].N < r.Reasons[at].N; at-- {
		r.Reasons[at-1], r.Reasons[at] = r.Reasons[at], r.Reasons[at-1]
	}
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, p)
		return
	}
	r.More++
}

// Add joins what another page came to.
func (r *Result) Add(page Result) {
	r.Records += page.Records
	r.Activities = append(r.Activities, page.Activities...)
	told := min(len(page.Problems), maxProblems-len(r.Problems))
	r.Problems = append(r.Problems, page.Problems[:told]...)
	r.More += page.More + len(page.Problems) - told
	for _, c := range page.Reasons {
		at := slices.IndexFunc(r.Reasons, func(o ReasonCount) bool { return o.Reason == c.Reason && o.Kept == c.Kept })
		if at < 0 {
			r.Reasons = append(r.Reasons, c)
			continue
		}
		r.Reasons[at].N += c.N
	}
	slices.SortStableFunc(r.Reasons, func(x, y ReasonCount) int { return y.N - x.N })
}

// Option changes how a feed is read.
type Option func(*options)

type options struct{ asOf time.Time }

// AsOf leaves out times that ended before t. Without it every time is kept, since a reader has no clock.
func AsOf(t time.Time) Option { return func(o *options) { o.asOf = t } }
