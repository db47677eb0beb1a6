package model

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
)

//go:embed prompts/*.tmpl
var promptFiles embed.FS

// Prompt is one fixed instruction and the closed schema of its answer. It holds no secret: docs/model.md prints every one
// (M8). Nothing that anybody typed or published ever becomes part of it.
type Prompt struct {
	// Name is "understand", "summary" or "plain".
	Name string
	// System is the whole instruction.
	System string
	// Schema is the JSON schema that the answer must be of.
	Schema json.RawMessage

	version string
}

// newPrompt renders a prompt from its file and the closed lists that it names.
func newPrompt(name string, lists any, answer schema) (Prompt, error) {
	t, err := template.New(name+".tmpl").Option("missingkey=error").Funcs(template.FuncMap{
		"list": func(words []string) string { return strings.Join(words, ", ") },
	}).ParseFS(promptFiles, "prompts/"+name+".tmpl")
	if err != nil {
		return Prompt{}, fmt.Errorf("prompt %s: %w", name, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, lists); err != nil {
		return Prompt{}, fmt.Errorf("prompt %s: %w", name, err)
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		return Prompt{}, fmt.Errorf("prompt %s: %w", name, err)
	}
	version := keyOf(b.String(), string(raw))
	return Prompt{name, b.String(), raw, string(version[:])}, nil
}

// schema is as much of JSON Schema as the answers need. Lengths are left out, since not every server knows them, and
// checked on arrival.
type schema struct {
	Type       string            `json:"type,omitempty"`
	Enum       []string          `json:"enum,omitempty"`
	Properties map[string]schema `json:"properties,omitempty"`
	Required   []string          `json:"required,omitempty"`
	Additional *bool             `json:"additionalProperties,omitempty"`
	Items      *schema           `json:"items,omitempty"`
	AnyOf      []schema          `json:"anyOf,omitempty"`
}

// text is any string, oneOf one of some words, listOf an array.
func text() schema                      { return schema{Type: "string"} }
func oneOf(words ...string) schema      { return schema{Type: "string", Enum: words} }
func listOf(each schema) schema         { return schema{Type: "array", Items: &each} }
func property(n string, s schema) field { return field{n, s} }

// field is a named part of an object.
type field struct {
	name string
	is   schema
}

// object is a closed object: every field is needed and there is no other.
func object(fields ...field) schema {
	closed := false
	s := schema{Type: "object", Properties: map[string]schema{}, Additional: &closed}
	for _, f := range fields {
		s.Properties[f.name] = f.is
		s.Required = append(s.Required, f.name)
	}
	return s
}
