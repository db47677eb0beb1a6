package meaning

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Score counts what was read rightly, too much and not at all.
type Score struct {
	Right, Extra, Missed int
}

// Precision is the share of what was read that is right; 1 where nothing was read.
func (s Score) Precision() float64 { return share(s.Right, s.Right+s.Extra) }

// Recall is the share of what is there that was read; 1 where nothing is there.
func (s Score) Recall() float64 { return share(s.Right, s.Right+s.Missed) }

// F1 is the harmonic mean of precision and recall; 1 where nothing is there and nothing was read.
func (s Score) F1() float64 { return share(2*s.Right, 2*s.Right+s.Extra+s.Missed) }

func (s *Score) add(t Score) {
	s.Right += t.Right
	s.Extra += t.Extra
	s.Missed += t.Missed
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// QueryReport tells how well labelled queries were read: micro-averaged over (key, value) pairs, each element of a list
// being a pair.
type QueryReport struct {
	Lines int
	All   Score
	Keys  map[string]Score
	Wrong []WrongQuery
}

// WrongQuery is a query that was not read as labelled. Its text is that of the evaluation set, never of a patient.
type WrongQuery struct {
	Line          int // of the file, from 1
	Text          string
	Extra, Missed []string // "needs=anxiety"
}

// EvaluateQueries compares how read understands the texts of a labelled set with its labels. The set has one JSON object
// a line, {"text": ..., "understood": {...}}; a byte order mark, CRLF and empty lines are put up with. An error names the
// line. Pass v.Understand, or a reading that asks a model as well.
func EvaluateQueries(r io.Reader, read func(text string) Understood) (QueryReport, error) {
	report := QueryReport{Keys: map[string]Score{}}
	err := eachLine(r, func(n int, line []byte) error {
		var labelled struct {
			Text       *string         `json:"text"`
			Understood json.RawMessage `json:"understood"`
		}
		if err := json.Unmarshal(line, &labelled); err != nil {
			return err
		}
		if labelled.Text == nil || labelled.Understood == nil {
			return errors.New(`it needs "text" and "understood"`)
		}
		want, err := pairsOf(labelled.Understood)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(read(*labelled.Text))
		if err != nil {
			return err
		}
		got, err := pairsOf(raw)
		if err != nil {
			return err
		}
		report.Lines++
		report.compare(WrongQuery{Line: n, Text: *labelled.Text}, got, want)
		return nil
	})
	if err != nil {
		return QueryReport{}, fmt.Errorf("evaluate queries: %w", err)
	}
	return report, nil
}

func (q *QueryReport) compare(w WrongQuery, got, want map[string]bool) {
	for p := range got {
		if want[p] {
			q.count(p, Score{Right: 1})
		} else {
			q.count(p, Score{Extra: 1})
			w.Extra = append(w.Extra, p)
		}
	}
	for p := range want {
		if !got[p] {
			q.count(p, Score{Missed: 1})
			w.Missed = append(w.Missed, p)
		}
	}
	if len(w.Extra)+len(w.Missed) > 0 {
		slices.Sort(w.Extra)
		slices.Sort(w.Missed)
		q.Wrong = append(q.Wrong, w)
	}
}

func (q *QueryReport) count(pair string, s Score) {
	key, _, _ := strings.Cut(pair, "=")
	all := q.Keys[key]
	all.add(s)
	q.Keys[key] = all
	q.All.add(s)
}

// String is the report for a terminal: over all, then by key.
func (q QueryReport) String() string {
	var b strings.Builder
	row := func(name string, s Score) {
		fmt.Fprintf(&b, "%-12s precision %.3f  recall %.3f  F1 %.3f  right %d, too many %d, missed %d\n", name, s.Precision(), s.Recall(), s.F1(), s.Right, s.Extra, s.Missed)
	}
	fmt.Fprintf(&b, "%d queries\n", q.Lines)
	row("all", q.All)
	for _, key := range slices.Sorted(maps.Keys(q.Keys)) {
		row(key, q.Keys[key])
	}
	return b.String()
}

// pairsOf takes an object apart into "key=value" pairs, one for each element of a list.
func pairsOf(raw []byte) (map[string]bool, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(object))
	for key, value := range object {
		var list []string
		if json.Unmarshal(value, &list) == nil {
			for _, s := range list {
				out[key+"="+s] = true
			}
			continue
		}
		out[key+"="+strings.Trim(string(value), `"`)] = true
	}
	return out, nil
}

// RefusalReport tells how well labelled refusals were read.
type RefusalReport struct {
	Lines, Right int
	// Confusion counts, by label and then by what was read instead or rightly.
	Confusion map[string]map[string]int
	Wrong     []WrongRefusal
}

// WrongRefusal is a refusal that was not read as labelled. Its text is that of the evaluation set, never of a patient.
type WrongRefusal struct {
	Line            int // of the file, from 1
	Text, Want, Got string
}

// Accuracy is the share of refusals read as labelled; 1 where there are none.
func (r RefusalReport) Accuracy() float64 { return share(r.Right, r.Lines) }

// EvaluateRefusals compares how read codes the texts of a labelled set with its labels. The set has a label, a tab and
// the text on each line; a byte order mark, CRLF and empty lines are put up with. An error names the line. Pass v.Refusal.
func EvaluateRefusals(r io.Reader, read func(text string) (reason string, sure bool)) (RefusalReport, error) {
	report := RefusalReport{Confusion: map[string]map[string]int{}}
	err := eachLine(r, func(n int, line []byte) error {
		label, text, ok := strings.Cut(string(line), "\t")
		label = strings.TrimSpace(label)
		if !ok || !slices.Contains(RefusalReasons(), label) {
			if n == 1 && ok {
				return nil // a heading
			}
			return fmt.Errorf("%q is not a known label followed by a tab", label)
		}
		got, _ := read(strings.TrimSpace(text))
		report.Lines++
		if report.Confusion[label] == nil {
			report.Confusion[label] = map[string]int{}
		}
		report.Confusion[label][got]++
		if got == label {
			report.Right++
		} else {
			report.Wrong = append(report.Wrong, WrongRefusal{n, text, label, got})
		}
		return nil
	})
	if err != nil {
		return RefusalReport{}, fmt.Errorf("evaluate refusals: %w", err)
	}
	return report, nil
}

// String is the report for a terminal: the accuracy, then each label with what it was read as.
func (r RefusalReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d refusals, accuracy %.3f\n", r.Lines, r.Accuracy())
	for _, label := range slices.Sorted(maps.Keys(r.Confusion)) {
		of := 0
		for _, n := range r.Confusion[label] {
			of += n
		}
		fmt.Fprintf(&b, "%-22s right %d of %d", label, r.Confusion[label][label], of)
		for _, got := range slices.Sorted(maps.Keys(r.Confusion[label])) {
			if got != label {
				fmt.Fprintf(&b, ", %d as %s", r.Confusion[label][got], got)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// EachText reads a file with one text a line, as the commands' --file takes it: a byte order mark and CRLF are put up
// with; an empty line is an empty text. It stops at the first error of each.
func EachText(r io.Reader, each func(text string) error) error {
	return scanLines(r, func(_ int, line []byte) error { return each(string(line)) })
}

// eachLine hands on each line that is not empty, and names the line in an error.
func eachLine(r io.Reader, each func(n int, line []byte) error) error {
	return scanLines(r, func(n int, line []byte) error {
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
		if err := each(n, line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		return nil
	})
}

// maxLine is the longest line of an evaluation set or a file of texts.
const maxLine = 4 << 20

func scanLines(r io.Reader, each func(n int, line []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	n := 0
	for lines.Scan() {
		n++
		line := lines.Bytes()
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if err := each(n, bytes.TrimSuffix(line, []byte("\r"))); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}
