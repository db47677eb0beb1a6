package config

import (
	"fmt"
	"strings"
)

// Mistake is one thing that is wrong in the settings. It holds no value: what was written may be a secret in the wrong
// place.
type Mistake struct {
	Key   string // the setting: "records.url"
	Where string // "handrail.yaml line 3", "HANDRAIL_RECORDS_URL", "command line"; empty for a setting that is missing
	Kind  string // what the setting takes: "URL", "secret", "host:port"; empty for a key that isn't one
	Wrong string // what is wrong
	Do    string // what to do about it
}

// Error is the mistake as one line.
func (m Mistake) Error() string {
	var b strings.Builder
	b.WriteString(m.Key)
	if m.Key == "" {
		b.WriteString("settings")
	}
	var about []string
	if m.Kind != "" {
		about = append(about, m.Kind)
	}
	if m.Where != "" {
		about = append(about, m.Where)
	}
	if len(about) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(about, ", "))
	}
	fmt.Fprintf(&b, ": %s; %s", m.Wrong, m.Do)
	return b.String()
}

// Mistakes are all the mistakes of one Load, in the order of the struct's settings within each source.
type Mistakes []Mistake

// Error is one mistake a line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns each of them, so that errors.As finds a Mistake.
func (m Mistakes) Unwrap() []error {
	errs := make([]error, len(m))
	for i, one := range m {
		errs[i] = one
	}
	return errs
}

// problem is why a value cannot be taken; the loader makes a Mistake of it.
type problem struct{ wrong, do string }

func (p *problem) Error() string { return p.wrong + "; " + p.do }

func wrong(what, do string) error { return &problem{wrong: what, do: do} }
