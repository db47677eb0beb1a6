package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep an answer may nest; the schemas need three.
const maxDepth = 6

// strictly decodes an answer that must be one JSON value and nothing around it (M3): no unknown field, no field twice, no
// field in another case, nothing null. encoding/json alone puts up with the last three.
func strictly(raw string, into any) error {
	if !utf8.ValidString(raw) {
		return errors.New("it is not valid UTF-8")
	}
	if err := plainKeys(raw); err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errors.New("it is not of the schema") // the decoder's error quotes the answer
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows it")
	}
	return nil
}

// plainKeys walks through an answer and refuses what encoding/json would let pass.
func plainKeys(raw string) error {
	d := json.NewDecoder(bytes.NewReader([]byte(raw)))
	type level struct {
		object, key bool
		seen        map[string]bool
	}
	var open []level
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("it is not JSON")
		}
		in := len(open) - 1
		if in >= 0 && open[in].object && open[in].key {
			if key, ok := token.(string); ok {
				if open[in].seen[key] || strings.ToLower(key) != key {
					return errors.New("a field is there twice or in capitals")
				}
				open[in].seen[key], open[in].key = true, false
				continue
			}
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if len(open) >= maxDepth {
				return fmt.Errorf("it nests deeper than %d", maxDepth)
			}
			open = append(open, level{token == json.Delim('{'), true, map[string]bool{}})
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:in]
			in--
		case nil:
			return errors.New("a value is null")
		}
		if in >= 0 {
			open[in].key = true
		}
	}
}
