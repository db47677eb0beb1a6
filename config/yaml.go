package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// yaml reads settings from a file's text. It walks the syntax tree instead of decoding into the struct, because the
// decoder stops at the first mistake and its errors quote the lines around it, secrets included.
func (l *loader) yaml(name string, data []byte) {
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		where := name
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
			where = fmt.Sprintf("%s line %d", name, syntax.Token.Position.Line)
		}
		l.add(Mistake{Where: where, Wrong: "the file cannot be read as YAML here", Do: "check the colons, quotes and spaces of this line and the one above it; indent with spaces and not with tabs"})
		return
	}
	tree := &tree{loader: l, name: name, seen: map[string]int{}}
	bodies := 0
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if bodies++; bodies > 1 {
			l.add(Mistake{Where: tree.where(doc.Body), Wrong: "there is a second document in the file", Do: "keep one; take out the line ---"})
			return
		}
		tree.group("", doc.Body)
	}
}

// tree walks one file.
type tree struct {
	loader *loader
	name   string
	seen   map[string]int // the line on which a key was first given
}

func (t *tree) where(n ast.Node) string {
	if line := line(n); line > 0 {
		return fmt.Sprintf("%s line %d", t.name, line)
	}
	return t.name
}

func line(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 0
	}
	return n.GetToken().Position.Line
}

// group reads the keys under path; nothing at all is an empty group, as when all its lines are commented out.
func (t *tree) group(path string, n ast.Node) {
	var entries []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.NullNode, *ast.CommentGroupNode:
		return
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		t.loader.add(Mistake{Key: strings.TrimSuffix(path, "."), Where: t.where(n), Kind: "group of settings", Wrong: "it has a value of its own", Do: "write its settings beneath it, each on its own line and indented"})
		return
	}
	for _, e := range entries {
		t.entry(path, e)
	}
}

func (t *tree) entry(path string, e *ast.MappingValueNode) {
	word, ok := e.Key.(*ast.StringNode)
	if !ok {
		t.loader.add(Mistake{Key: "a key", Where: t.where(e.Key), Wrong: "it is not a plain name", Do: "see handrail.example.yaml for the settings there are"})
		return
	}
	key := path + word.Value
	if first, twice := t.seen[key]; twice {
		shown := key
		if !looksLikeName(key) {
			shown = "a key"
		}
		t.loader.add(Mistake{Key: shown, Where: t.where(word), Wrong: fmt.Sprintf("it was given before, on line %d", first), Do: "keep one of the two"})
		return
	}
	t.seen[key] = line(word)
	if f, ok := t.loader.find(key); ok {
		t.setting(f, word, e.Value)
		return
	}
	for _, f := range t.loader.fields {
		if strings.HasPrefix(f.key, key+".") {
			t.group(key+".", e.Value)
			return
		}
	}
	t.loader.unknown(key, t.where(word), func(f field) string { return f.key })
}

func (t *tree) setting(f field, key, value ast.Node) {
	if _, null := value.(*ast.NullNode); null {
		return // "token:" with nothing after it, or with its value commented out, is the default
	}
	if seq, ok := value.(*ast.SequenceNode); ok {
		var items []string
		for _, item := range seq.Values {
			text, ok := scalar(item)
			if !ok {
				t.shape(f, item)
				return
			}
			items = append(items, text)
		}
		t.loader.take(f, t.where(key), given{list: items, isList: true})
		return
	}
	text, ok := scalar(value)
	if !ok {
		t.shape(f, value)
		return
	}
	t.loader.take(f, t.where(key), given{text: text})
}

func (t *tree) shape(f field, n ast.Node) {
	t.loader.add(Mistake{Key: f.key, Where: t.where(n), Kind: f.kind(), Wrong: "it is neither a plain value nor a list of them", Do: "write a plain value; anchors, tags and groups cannot be used here"})
}

// scalar is a value as it was written, so that 08:00 stays a time and 1_000 is not quietly a number.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

// baseName is the file's name without the directories, which may hold somebody's name.
func baseName(path string) string { return filepath.Base(path) }
