package botapi

import (
	"bytes"
	_ "embed" // spec.json
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

//go:embed spec.json
var specJSON []byte

// spec is the table of methods and objects; gen.go writes it.
type spec struct {
	Source  string           `json:"source"`
	Licence string           `json:"licence"`
	Version string           `json:"version"`
	Methods map[string]shape `json:"methods"`
	Objects map[string]shape `json:"objects"`
}

type shape map[string]field

type field struct {
	Types    []string `json:"types"`
	Required bool     `json:"required"`
	Min      int      `json:"min"`
	Max      int      `json:"max"`
	Unit     string   `json:"unit"`
}

func readSpec() (spec, error) {
	var s spec
	if err := json.Unmarshal(specJSON, &s); err != nil {
		return s, fmt.Errorf("read the table of methods: %w", err)
	}
	return s, nil
}

// call is one call as it came.
type call struct {
	method string
	params map[string]json.RawMessage
	files  map[string]File
}

// File is a file that a bot sent.
type File struct {
	Name, MIME string
	Data       []byte
}

const maxCall = 50 << 20

// readCall reads a call's parameters from the address and the body: JSON, a form, or a form with files.
func readCall(method string, r *http.Request) (call, error) {
	c := call{method: method, params: map[string]json.RawMessage{}, files: map[string]File{}}
	for name, v := range r.URL.Query() {
		c.params[name] = loose(v[0])
	}
	kind, args, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.ContentLength != 0 {
		return c, fmt.Errorf("the body has no content type")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxCall))
	if err != nil {
		return c, fmt.Errorf("read the body: %w", err)
	}
	switch kind {
	case "application/json":
		if err := json.Unmarshal(body, &c.params); err != nil {
			return c, fmt.Errorf("the body is not a JSON object: %w", err)
		}
	case "application/x-www-form-urlencoded":
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := r.ParseForm(); err != nil {
			return c, fmt.Errorf("the body is not a form: %w", err)
		}
		for name, v := range r.PostForm {
			c.params[name] = loose(v[0])
		}
	case "multipart/form-data":
		return c, c.readForm(multipart.NewReader(bytes.NewReader(body), args["boundary"]))
	}
	return c, nil
}

func (c *call) readForm(form *multipart.Reader) error {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the body is not a form: %w", err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return fmt.Errorf("read the form: %w", err)
		}
		if part.FileName() != "" {
			c.files[part.FormName()] = File{part.FileName(), part.Header.Get("Content-Type"), data}
			continue
		}
		c.params[part.FormName()] = loose(string(data))
	}
}

// loose is a parameter from a form, where all is text: a value that reads as JSON may be meant as that or as text.
func loose(s string) json.RawMessage {
	quoted, err := json.Marshal(s)
	if err != nil {
		return json.RawMessage(`""`)
	}
	return append(json.RawMessage("\x00"), quoted...)
}

// values are the readings of a parameter.
func values(raw json.RawMessage) []json.RawMessage {
	if len(raw) == 0 || raw[0] != 0 {
		return []json.RawMessage{raw}
	}
	var s string
	if json.Unmarshal(raw[1:], &s) != nil {
		return nil
	}
	out := []json.RawMessage{raw[1:]}
	if json.Valid([]byte(s)) {
		out = append(out, json.RawMessage(s))
	}
	return out
}

// text is a parameter that is text or a number.
func (c call) text(name string) string {
	raw, ok := c.params[name]
	if !ok {
		return ""
	}
	v := values(raw)[0]
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

// into reads a parameter that is JSON into dest; false when it is absent.
func (c call) into(name string, dest any) bool {
	raw, ok := c.params[name]
	if !ok {
		return false
	}
	for _, v := range values(raw) {
		if json.Unmarshal(v, dest) == nil {
			return true
		}
	}
	return false
}

// check says what is wrong with a call; nil when nothing is.
func (s spec) check(c call) []string {
	shape, ok := s.Methods[c.method]
	if !ok {
		return []string{"no method " + c.method}
	}
	var wrong []string
	for name, raw := range c.params {
		f, ok := shape[name]
		if !ok {
			wrong = append(wrong, "no parameter "+name)
			continue
		}
		fits := false
		for _, v := range values(raw) {
			fits = fits || s.fits(f, v, c.files)
		}
		if !fits {
			wrong = append(wrong, fmt.Sprintf("parameter %s is not %s", name, strings.Join(f.Types, " or ")))
		}
	}
	for name := range c.files {
		// A part is there because a parameter is it, or refers to it.
		used := len(shape[name].Types) > 0
		for _, raw := range c.params {
			used = used || strings.Contains(string(raw), "attach://"+name+`"`)
		}
		if !used {
			wrong = append(wrong, "the file "+name+" belongs to no parameter")
		}
	}
	for name, f := range shape {
		_, param := c.params[name]
		_, file := c.files[name]
		if f.Required && !param && !file {
			wrong = append(wrong, "parameter "+name+" is missing")
		}
	}
	slices.Sort(wrong)
	return wrong
}

// fits says whether a value is of one of a field's types.
func (s spec) fits(f field, v json.RawMessage, files map[string]File) bool {
	return slices.ContainsFunc(f.Types, func(t string) bool { return s.is(t, v, files) })
}

func (s spec) is(t string, v json.RawMessage, files map[string]File) bool {
	v = bytes.TrimSpace(v)
	if len(v) == 0 {
		return false
	}
	if inner, ok := strings.CutPrefix(t, "list of lists of "); ok {
		return s.each(v, func(row json.RawMessage) bool {
			return s.each(row, func(e json.RawMessage) bool { return s.is(inner, e, files) })
		})
	}
	if inner, ok := strings.CutSuffix(t, "[]"); ok {
		return s.each(v, func(e json.RawMessage) bool { return s.is(inner, e, files) })
	}
	var word string
	isText := json.Unmarshal(v, &word) == nil && v[0] == '"'
	switch t {
	case "string":
		return isText
	case "number":
		return v[0] == '-' || v[0] >= '0' && v[0] <= '9'
	case "boolean":
		return string(v) == "true" || string(v) == "false"
	case "file":
		part, ok := strings.CutPrefix(word, "attach://")
		return isText && ok && len(files[part].Data) > 0
	}
	if literal, ok := strings.CutPrefix(t, "="); ok {
		return isText && word == literal
	}
	shape, ok := s.Objects[t]
	var object map[string]json.RawMessage
	if !ok || v[0] != '{' || json.Unmarshal(v, &object) != nil {
		return false
	}
	for name, e := range object {
		f, known := shape[name]
		if !known || !s.fits(f, e, files) {
			return false
		}
	}
	for name, f := range shape {
		if _, there := object[name]; f.Required && !there {
			return false
		}
	}
	return true
}

func (s spec) each(v json.RawMessage, is func(json.RawMessage) bool) bool {
	var list []json.RawMessage
	if v[0] != '[' || json.Unmarshal(v, &list) != nil {
		return false
	}
	return !slices.ContainsFunc(list, func(e json.RawMessage) bool { return len(e) == 0 || !is(e) })
}
