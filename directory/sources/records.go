package sources

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// The bounds of what is read (B23, B24). They are far above anything that real feeds hold.
const (
	maxRecord  = 4 << 20 // bytes of one record
	maxDepth   = 64      // nesting of one record
	maxRecords = 1_000_000
)

// splitter finds the records of a JSON feed one after the other without reading the whole, and without believing that
// each is valid: one that holds a NaN or is cut off must not cost the others. It knows two shapes: a bare array, and an
// object with the array under one of some keys.
type splitter struct {
	r     *bufio.Reader
	line  int
	lists []string
	bare  bool              // the array stands by itself
	outer map[string][]byte // the small values beside the array, where the whole page is read
}

// maxOuter is how many bytes of a value beside the array are kept.
const maxOuter = 8 << 10

func newSplitter(r io.Reader, lists ...string) *splitter {
	return &splitter{r: bufio.NewReaderSize(r, 64<<10), line: 1, lists: lists, outer: map[string][]byte{}}
}

var (
	errNoRecords = errors.New("there is no list of services in it")
	errCutOff    = errors.New("it ends in the middle")
	errTooBig    = fmt.Errorf("the record is larger than %d MB", maxRecord>>20)
	errTooDeep   = errors.New("the record is nested too deeply")
)

func (s *splitter) next() (byte, error) {
	c, err := s.r.ReadByte()
	if c == '\n' && err == nil {
		s.line++
	}
	return c, err
}

func (s *splitter) back(c byte) {
	_ = s.r.UnreadByte() // directly after a ReadByte it cannot fail
	if c == '\n' {
		s.line--
	}
}

// significant returns the next byte that is no white space.
func (s *splitter) significant() (byte, error) {
	for {
		c, err := s.next()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, nil
		}
	}
}

// start goes to the first record.
func (s *splitter) start() error {
	if mark, err := s.r.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = s.r.Discard(3)
	}
	c, err := s.significant()
	if err != nil {
		return ended(err, errNoRecords)
	}
	switch c {
	case '[':
		s.bare = true
		return nil
	case '{':
		return s.keys(true)
	default:
		return errNoRecords
	}
}

// finish reads what follows the array, to the end of the outer object.
func (s *splitter) finish() error {
	if s.bare {
		return nil
	}
	return ended(s.keys(false), errCutOff)
}

// keys reads the keys of the outer object: until one holds the list, or to the object's end.
func (s *splitter) keys(untilList bool) error {
	missing := errCutOff
	if untilList {
		missing = errNoRecords
	}
	for {
		c, err := s.significant()
		if err != nil {
			return ended(err, missing)
		}
		switch {
		case c == ',':
			continue
		case c == '}' && !untilList:
			return nil
		case c != '"':
			return missing
		}
		key, err := s.text()
		if err != nil {
			return ended(err, missing)
		}
		if c, err = s.significant(); err != nil || c != ':' {
			return missing
		}
		if c, err = s.significant(); err != nil {
			return ended(err, missing)
		}
		if c == '[' && untilList && slices.Contains(s.lists, key) {
			return nil
		}
		s.back(c)
		raw, err := s.value(nil)
		if err != nil && !errors.Is(err, errTooBig) && !errors.Is(err, errTooDeep) {
			return ended(err, missing)
		}
		if err == nil && len(raw) <= maxOuter && len(s.outer) < 50 {
			s.outer[key] = bytes.Clone(raw)
		}
	}
}

// text reads the rest of a string whose opening quote was read; a very long one is cut.
func (s *splitter) text() (string, error) {
	var b []byte
	for {
		c, err := s.next()
		if err != nil {
			return "", err
		}
		switch c {
		case '"':
			return string(b), nil
		case '\\':
			if c, err = s.next(); err != nil {
				return "", err
			}
		}
		if len(b) < 100 {
			b = append(b, c)
		}
	}
}

// record returns the next record's bytes and its first line. The bytes are valid until the next call. io.EOF is the
// end of the list; errTooBig and errTooDeep concern this record only, the next can still be read.
func (s *splitter) record(into []byte) (raw []byte, line int, err error) {
	for {
		c, err := s.significant()
		if err != nil {
			return nil, s.line, ended(err, errCutOff)
		}
		switch c {
		case ',':
			continue
		case ']':
			return nil, s.line, io.EOF
		}
		line = s.line
		s.back(c)
		raw, err = s.value(into)
		return raw, line, ended(err, errCutOff)
	}
}

// value reads one value of any kind by its brackets and quotes alone, appending it to into. Past the bounds it reads on
// to the value's end without keeping it.
func (s *splitter) value(into []byte) ([]byte, error) {
	raw := into[:0]
	depth := 0
	var bad error
	for {
		c, err := s.next()
		if err != nil {
			return raw, err
		}
		if depth == 0 && len(raw) > 0 && (c == ',' || c == ']' || c == '}') {
			s.back(c) // a number or a word ends where the next thing begins
			return raw, bad
		}
		if bad == nil {
			if raw = append(raw, c); len(raw) > maxRecord {
				bad, raw = errTooBig, raw[:1]
			}
		}
		switch c {
		case '"':
			if raw, bad, err = s.rest(raw, bad); err != nil {
				return raw, err
			}
			if depth == 0 {
				return raw, bad
			}
		case '{', '[':
			if depth++; depth > maxDepth && bad == nil {
				bad, raw = errTooDeep, raw[:1]
			}
		case '}', ']':
			if depth--; depth <= 0 {
				return raw, bad
			}
		}
	}
}

// rest reads the rest of a string inside a value.
func (s *splitter) rest(raw []byte, bad error) ([]byte, error, error) {
	escaped := false
	for {
		c, err := s.next()
		if err != nil {
			return raw, bad, err
		}
		if bad == nil {
			if raw = append(raw, c); len(raw) > maxRecord {
				bad, raw = errTooBig, raw[:1]
			}
		}
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			return raw, bad, nil
		}
	}
}

// ended puts what the end of the file means here in the place of io.EOF.
func ended(err, meaning error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return meaning
	}
	return err
}
