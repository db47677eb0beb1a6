package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"handrail"
)

// The bounds of a table (B23, B24). They are far above what a directory of groups holds.
const (
	maxHeadRows = 30      // rows among which the headings are looked for
	maxRowBytes = 1 << 18 // of one row
	maxCells    = 1000    // of one row
)

// tableRows is a table from which rows are read one after the other: a CSV file, or the sheets of a workbook.
type tableRows interface {
	// next gives the next row and the line it begins at, from 1. The slice is the caller's until the next call; its
	// strings are valid UTF-8. The end is io.EOF; a rowError concerns one row only; after any other error nothing follows.
	next() (line int, cells []string, err error)
	// dates1904 says that numbers for dates count from 1904.
	dates1904() bool
}

// rowError is what is wrong with one row that cannot be read at all.
type rowError string

const tooManyCells = "the row has more cells than a table can have"

func (e rowError) Error() string { return string(e) }

// Sample is the head of a table, from which a person confirms a Mapping.
type Sample struct {
	// Line is where the headings are, from 1; 0 when the table has none and the columns are called by their letters.
	Line     int
	Headings []string
	Rows     [][]string
}

// Guess is GuessMapping of the sample.
func (s Sample) Guess() (Mapping, []Guess) { return GuessMapping(s.Headings, s.Rows) }

// head is what was read of a table to find its headings, and is read again as rows.
type head struct {
	Sample
	heading int // its index in the rows that were read, -1 without
	lines   []int
	rows    [][]string
	errs    []error // as long as rows; nil where a row was read
	end     error   // what ended the reading, when it did
}

// readHead reads the rows of a sample and finds the headings: the row that the mapping knows most of or, without a
// mapping, that looks most like headings. Titles and notes above it are skipped.
func readHead(ctx context.Context, src tableRows, m Mapping) (head, error) {
	h := head{heading: -1}
	for len(h.rows) < maxSample+maxHeadRows && h.end == nil {
		if err := ctx.Err(); err != nil {
			return h, fmt.Errorf("read a table: %w", err)
		}
		line, cells, err := src.next()
		var bad rowError
		if err != nil && !errors.As(err, &bad) {
			h.end = err
			break
		}
		h.lines = append(h.lines, line)
		h.rows = append(h.rows, slices.Clone(cells))
		h.errs = append(h.errs, err)
	}
	if h.end != nil && !errors.Is(h.end, io.EOF) && len(h.rows) == 0 {
		return h, h.end
	}
	h.heading = findHeadings(h.rows[:min(len(h.rows), maxHeadRows)], m)
	if h.heading >= 0 {
		h.Line = h.lines[h.heading]
		h.Headings, h.heading = wholeHeadings(h.rows, h.heading)
		h.Headings = uniqueHeadings(h.Headings)
	} else {
		widest := 0
		for _, row := range h.rows {
			widest = max(widest, len(row))
		}
		h.Headings = uniqueHeadings(make([]string, widest))
	}
	for _, row := range h.rows[h.heading+1:] {
		if len(h.Rows) < maxSample && !emptyRow(row) {
			h.Rows = append(h.Rows, row)
		}
	}
	return h, nil
}

// findHeadings returns the index of the headings' row, -1 when there is none.
func findHeadings(rows [][]string, m Mapping) int {
	known := knownHeadings()
	wanted := map[string]bool{}
	for _, list := range m.Columns {
		for _, heading := range list {
			wanted[headingKey(heading)] = true
		}
	}
	wide := widest(rows)
	points := make([]float64, len(rows))
	most, first := 0.0, -1
	for i, row := range rows {
		filled := 0
		for _, cell := range row {
			if blank(cell) {
				continue
			}
			filled++
			points[i] += headingPoints(cell, wanted, known)
		}
		if filled > 0 && first < 0 {
			first = i
		}
		if filled == 1 && wide > 1 {
			points[i] = 0 // a title
		}
		most = max(most, points[i])
	}
	if most >= 0.6 { // printed lists have their headings on each page: the first of those that are good
		return slices.IndexFunc(points, func(p float64) bool { return p >= 0.6 && p >= most*0.7 })
	}
	if first < 0 || slices.ContainsFunc(rows[first], looksLikeData) {
		return -1
	}
	// Nothing is known of it: the first row is the headings if it has them for most columns.
	filled := 0
	for _, cell := range rows[first] {
		if !blank(cell) {
			filled++
		}
	}
	if filled*2 < wide {
		return -1
	}
	return first
}

// headingPoints is how much a cell speaks for its row being the headings.
func headingPoints(cell string, wanted map[string]bool, known map[string]Field) float64 {
	if len(cell) > 4*maxHeading {
		return -1
	}
	if wanted[headingKey(cell)] {
		return 2
	}
	_, points := fieldOf(cell, known)
	if looksLikeData(cell) {
		points--
	}
	return points
}

func widest(rows [][]string) int {
	n := 0
	for _, row := range rows {
		n = max(n, len(row))
	}
	return n
}

// looksLikeData reports whether a cell is of a kind that headings never are.
func looksLikeData(cell string) bool {
	for _, s := range shapesOf(cell) {
		switch s {
		case shapeEmail, shapeWeb, shapePosition, shapeDate, shapeNumber, shapeTime:
			return true
		case shapePhone:
			return true
		case shapePostcode:
			return len(strings.TrimSpace(cell)) >= 5
		}
	}
	return len([]rune(cell)) > 90
}

// wholeHeadings joins two rows of headings, as tables have them that group their columns: "Name" beside "Contact" over
// "Phone" and "Email". It returns the lower row's index.
func wholeHeadings(rows [][]string, i int) (headings []string, last int) {
	over := func(below, above []string) []string {
		out := slices.Clone(below)
		for len(out) < len(above) {
			out = append(out, "")
		}
		for k, cell := range above {
			if blank(out[k]) && !blank(cell) && !looksLikeData(cell) {
				out[k] = cell
			}
		}
		return out
	}
	filled := func(row []string) (n int) {
		for _, cell := range row {
			if !blank(cell) {
				n++
			}
		}
		return n
	}
	if i+1 < len(rows) {
		known, below := knownHeadings(), rows[i+1]
		if n := filled(below); n > 0 && n < filled(rows[i]) && !slices.ContainsFunc(below, func(cell string) bool {
			f, _ := fieldOf(cell, known)
			return !blank(cell) && f == ""
		}) {
			return over(below, rows[i]), i + 1
		}
	}
	if i > 0 && filled(rows[i-1]) >= 2 { // else it is a title
		return over(rows[i], rows[i-1]), i
	}
	return slices.Clone(rows[i]), i
}

func emptyRow(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// reading is one reading of one table.
type reading struct {
	source   string
	o        options
	from1904 bool
	timed    bool // the table has days or hours in columns of their own
	at       columns
	headings []string
	used     int // columns in which anything stands

	out   *Result
	where string // " (in the sheet X)" for a further sheet of a workbook
	seen  map[handrail.ActivityID]readPlace
	// take is called with each finished activity when they are not kept; last is then the one that may still grow.
	take func(handrail.Activity) error
	last *handrail.Activity
}

// readPlace is where an activity was read, and which of the result's activities it is; -1 when it was handed on.
type readPlace struct{ line, index int }

func newReading(source string, out *Result, take func(handrail.Activity) error, opts []Option) *reading {
	return &reading{source: source, out: out, take: take, o: optionsOf(opts), seen: map[handrail.ActivityID]readPlace{}}
}

// table reads the rows of one table whose head was read.
func (r *reading) table(ctx context.Context, src tableRows, h head, m Mapping) error {
	var missing []string
	r.at, missing = m.resolve(h.Headings)
	r.from1904, r.headings, r.timed = src.dates1904(), h.Headings, false
	for _, f := range weekdayFields() {
		r.timed = r.timed || len(r.at[f]) > 0
	}
	r.timed = r.timed || len(r.at[FieldWeekday]) > 0
	r.used = 0
	for i := range h.Headings {
		if slices.ContainsFunc(h.Rows, func(row []string) bool { return i < len(row) && !blank(row[i]) }) {
			r.used++
		}
	}
	if len(r.at[FieldName]) == 0 {
		return handrail.Errorf(handrail.KindInvalid, "The table has no column "+quote(m.Columns[FieldName][0])+", which should hold the names of the groups.",
			"read a table: the column for the name is not there")
	}
	for _, heading := range missing {
		r.problem(Problem{Line: max(h.Line, 1), Reason: "a column of the mapping is not there (" + quote(heading) + ")", Kept: true})
	}
	for i := h.heading + 1; i < len(h.rows); i++ {
		if err := r.row(h.lines[i], h.rows[i], h.errs[i]); err != nil {
			return err
		}
	}
	if h.end != nil {
		return ignoreEOF(h.end)
	}
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return fmt.Errorf("read a table: %w", ctx.Err())
		}
		line, cells, err := src.next()
		var bad rowError
		if err != nil && !errors.As(err, &bad) {
			return ignoreEOF(err)
		}
		if err := r.row(line, cells, err); err != nil {
			return err
		}
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (r *reading) problem(p Problem) {
	p.Reason += r.where
	r.out.problem(p)
}

// row takes in one row. An error ends the reading.
func (r *reading) row(line int, cells []string, bad error) error {
	if bad == nil && (emptyRow(cells) || r.isHeadings(cells)) {
		return nil
	}
	reject := func(id handrail.ActivityID, reason string) {
		r.out.Records++
		r.problem(Problem{Line: line, ID: string(id), Reason: reason})
	}
	if r.out.Records >= maxRecords {
		return handrail.Errorf(handrail.KindInvalid, "The file holds more rows than I can take in.", "read a table: more than %d records", maxRecords)
	}
	if bad != nil {
		reject("", bad.Error())
		return nil
	}
	c := cellsOf{at: r.at, cells: cells, headings: r.headings}
	parent := handrail.ActivityID(clean(c.text(FieldBelongsTo), 200))
	a, notes, err := r.activity(c, parent != "")
	if parent != "" && parent != a.ID {
		to, known := r.seen[parent]
		if !known {
			reject(a.ID, "the row that it belongs to was not read")
			return nil
		}
		r.join(to, line, parent, a, "")
		r.notes(line, parent, notes)
		return nil
	}
	if err != nil {
		reject(a.ID, err.Error())
		return nil
	}
	if to, twice := r.seen[a.ID]; twice {
		r.join(to, line, a.ID, a, "it is the same group as an earlier row, so the two are one listing (at line %d)")
		return nil
	}
	r.out.Records++
	r.notes(line, a.ID, notes)
	return r.keep(line, a)
}

func (r *reading) notes(line int, id handrail.ActivityID, notes []string) {
	for _, reason := range notes {
		r.problem(Problem{Line: line, ID: string(id), Reason: reason, Kept: true})
	}
}

// isHeadings reports whether the row is the headings once more, as printed lists have them on each page.
func (r *reading) isHeadings(cells []string) bool {
	same := 0
	for i, cell := range cells {
		if blank(cell) {
			continue
		}
		if i >= len(r.headings) || headingKey(cell) != headingKey(r.headings[i]) {
			return false
		}
		same++
	}
	return same > 1
}

// keep takes a finished activity into the result, or hands on the one before it.
func (r *reading) keep(line int, a handrail.Activity) error {
	if r.take == nil {
		r.seen[a.ID] = readPlace{line, len(r.out.Activities)}
		r.out.Activities = append(r.out.Activities, a)
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	r.seen[a.ID] = readPlace{line, -1}
	r.last = &a
	return nil
}

// flush hands on the last activity.
func (r *reading) flush() error {
	if r.last == nil {
		return nil
	}
	a := *r.last
	r.last = nil
	if err := r.take(a); err != nil {
		return fmt.Errorf("take an activity: %w", err)
	}
	return nil
}

// join adds a row to the activity it belongs to. Where the activities are handed on as they are read, only the last one
// can still be added to.
func (r *reading) join(to readPlace, line int, id handrail.ActivityID, more handrail.Activity, say string) {
	var into *handrail.Activity
	switch {
	case r.take == nil:
		into = &r.out.Activities[to.index]
	case r.last != nil && r.last.ID == id:
		into = r.last
	default:
		r.out.Records++
		r.problem(Problem{Line: line, ID: string(id), Reason: fmt.Sprintf("it goes on with an earlier row, which was handed on already (at line %d)", to.line)})
		return
	}
	if into.Venue != (handrail.Venue{}) && more.Venue.Line() != "" && into.Venue.Line() != more.Venue.Line() {
		r.problem(Problem{Line: line, ID: string(id), Reason: "it names a further place, which is left out", Kept: true})
	}
	joinActivity(into, more)
	if say != "" {
		r.problem(Problem{Line: line, ID: string(id), Reason: fmt.Sprintf(say, to.line), Kept: true})
	}
}

// joinActivity adds what a further row says: times and words are added, gaps are filled, and of two prices the higher is told.
// Of a closed listing and a running one of the same group the running one counts.
func joinActivity(into *handrail.Activity, more handrail.Activity) {
	if into.Status != handrail.ActivityActive && more.Status == handrail.ActivityActive && more.Name != "" {
		*into, more = more, *into
	}
	if into.Status == handrail.ActivityActive && more.Status != handrail.ActivityActive {
		more.Times, more.WhenText = nil, "" // a closed one's hours are nobody's
	}
	for _, t := range more.Times {
		into.Times = addTime(into.Times, t)
	}
	if more.WhenText != "" && !strings.Contains(into.WhenText, more.WhenText) {
		into.WhenText = clean(strings.TrimPrefix(into.WhenText+"; "+more.WhenText, "; "), 1000)
	}
	if more.Description != "" && !strings.Contains(into.Description, more.Description) {
		into.Description = plain(strings.TrimSpace(into.Description+"\n"+more.Description), 8000)
	}
	if more.Cost.Known && (!into.Cost.Known || more.Cost.Pence > into.Cost.Pence) {
		into.Cost.Known, into.Cost.Pence = true, more.Cost.Pence
	}
	if more.Cost.Text != "" && !strings.Contains(into.Cost.Text, more.Cost.Text) {
		into.Cost.Text = clean(strings.TrimPrefix(into.Cost.Text+"; "+more.Cost.Text, "; "), 300)
	}
	o, m := &into.Organiser, more.Organiser
	for _, gap := range []struct {
		into *string
		from string
	}{{&o.Name, m.Name}, {&o.Phone, m.Phone}, {&o.Email, m.Email}, {&o.Website, m.Website}} {
		if *gap.into == "" {
			*gap.into = gap.from
		}
	}
	if into.Venue == (handrail.Venue{}) {
		into.Venue = more.Venue
	}
	for _, topic := range more.Topics {
		if len(into.Topics) < maxTopics && !slices.Contains(into.Topics, topic) {
			into.Topics = append(into.Topics, topic)
		}
	}
	for _, language := range more.Languages {
		if !slices.Contains(into.Languages, language) {
			into.Languages = append(into.Languages, language)
		}
	}
	into.Sensitive = into.Sensitive || more.Sensitive
}

// readTable reads a table that is one source by itself.
func readTable(ctx context.Context, src tableRows, source string, m Mapping, take func(handrail.Activity) error, opts []Option) (Result, error) {
	var out Result
	h, err := readHead(ctx, src, m)
	if err != nil {
		return out, tableError(err)
	}
	if m.IsZero() {
		m, _ = h.Guess()
	}
	if err := m.ready(); err != nil {
		return out, err
	}
	r := newReading(source, &out, take, opts)
	err = r.table(ctx, src, h, m)
	if flushed := r.flush(); err == nil {
		err = flushed
	}
	return out, tableError(err)
}

// tableError gives an error of reading a sentence for a person, unless it has one or is about something else.
func tableError(err error) error {
	if err == nil || handrail.IsKind(err, handrail.KindInvalid) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("read a table: %w", err)
}
