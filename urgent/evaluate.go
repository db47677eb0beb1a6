package urgent

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Understood is what `handrail understand --as crisis` prints for a line.
type Understood struct {
	Crisis bool `json:"crisis"`
	Kind   Kind `json:"kind,omitempty"` // which card; absent where there is no danger
}

// UnderstandLine is Scan in the form that is printed.
func UnderstandLine(text string) Understood {
	f, ok := Scan(text)
	return Understood{Crisis: ok, Kind: f.Kind}
}

// Report tells how well labelled messages were read.
type Report struct {
	Crisis, None int // how many of each there are
	Misses       []Miss
}

// Miss is a message that was not read as labelled. Its text is that of an evaluation set, never of a patient.
type Miss struct {
	Line  int    // of the file, from 1
	Label string // what it should have been
	Found Finding
	Text  string
}

// Recall is the share of the messages labelled crisis that were found; 1 where there are none.
func (r Report) Recall() float64 { return 1 - share(r.wrong("crisis"), r.Crisis) }

// FalseAlarms is the share of the messages labelled none in which danger was found; 0 where there are none.
func (r Report) FalseAlarms() float64 { return share(r.wrong("none"), r.None) }

func (r Report) wrong(label string) (n int) {
	for _, m := range r.Misses {
		if m.Label == label {
			n++
		}
	}
	return n
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Evaluate compares Scan with the labels of a set: lines of "crisis" or "none", a tab, and the message. A byte order mark,
// CRLF, empty lines and lines that begin with "#" and have no tab are put up with. An error names the line.
func Evaluate(r io.Reader) (Report, error) {
	var report Report
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return report, fmt.Errorf("read line %d: %w", n, err)
		}
		text := strings.TrimRight(line, "\r\n")
		if n == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		label, message, ok := strings.Cut(text, "\t")
		switch {
		case strings.TrimSpace(text) == "" || !ok && text[0] == '#':
		case !ok || label != "crisis" && label != "none":
			return report, fmt.Errorf("line %d: it begins with crisis or none, and a tab", n)
		default:
			found, danger := Scan(message)
			if label == "crisis" {
				report.Crisis++
			} else {
				report.None++
			}
			if danger != (label == "crisis") {
				report.Misses = append(report.Misses, Miss{Line: n, Label: label, Found: found, Text: message})
			}
		}
		if err != nil {
			return report, nil //nolint:nilerr // the end of the file is the end of the set
		}
	}
}
