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
	// Of the messages that were found and whose label says the kind: how many, and how many of them got that kind's card.
	Kinds, KindsRight int
	Classes           map[string]Class // by what follows the "/" of the labels, where anything does
}

// Class is one way of putting it: "explicit", "logistics".
type Class struct{ Messages, Right int }

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

// KindAccuracy is the share of the found messages that got the card of the kind they are labelled with; 1 where none says.
func (r Report) KindAccuracy() float64 { return 1 - share(r.Kinds-r.KindsRight, r.Kinds) }

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

// Evaluate compares Scan with the labels of a set: lines of a label, a tab, and the message. A label is "crisis" or "none",
// or the kind of danger in place of "crisis", and may go on with "/" and a class: "general/indirect", "none/logistics". The
// class "third" is of violence told by somebody else, where either that card or the one for another person is right. A byte
// order mark, CRLF, empty lines and lines that begin with "#" and have no tab are put up with. An error names the line.
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
		case !ok || !report.add(n, label, message):
			return report, fmt.Errorf("line %d: it begins with crisis or none, or the kind, and a tab", n)
		}
		if err != nil {
			return report, nil //nolint:nilerr // the end of the file is the end of the set
		}
	}
}

// add counts one message, or says that its label is none.
func (r *Report) add(line int, label, message string) bool {
	label, class, _ := strings.Cut(label, "/")
	kind := Kind(label)
	switch {
	case label == "none":
		r.None++
	case label == "crisis" || kind.before() < 4:
		r.Crisis++
	default:
		return false
	}
	found, danger := Scan(message)
	right := danger == (label != "none")
	if !right {
		label = "crisis"
		if danger {
			label = "none"
		}
		r.Misses = append(r.Misses, Miss{Line: line, Label: label, Found: found, Text: message})
	} else if kind.before() < 4 {
		r.Kinds++
		if found.Kind == kind || class == "third" && found.Kind == OtherPerson {
			r.KindsRight++
		}
	}
	if class != "" {
		if r.Classes == nil {
			r.Classes = map[string]Class{}
		}
		c := r.Classes[class]
		c.Messages++
		if right {
			c.Right++
		}
		r.Classes[class] = c
	}
	return true
}
