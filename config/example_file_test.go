package config_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"handrail/config"
)

// update makes TestExampleFile write the example file instead of comparing it: go generate ./config.
var update = flag.Bool("update", false, "write handrail.example.yaml")

const exampleFile = "../handrail.example.yaml"

// The example file is made from the struct and its comments, so it cannot say what the code does not do.
func TestExampleFile(t *testing.T) {
	want := example(t)
	if *update {
		if err := os.WriteFile(exampleFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("handrail.example.yaml is not what config.Config says; run: go generate ./config")
	}
}

// The file as it is gives the defaults; and each of its lines, with the # taken away, is a setting that is read.
func TestExampleFileLoads(t *testing.T) {
	plain, err := config.Load(exampleFile, nil, nil)
	if err != nil {
		t.Fatalf("as it is: %v", err)
	}
	defaults, err := config.Load("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(plain, defaults) {
		t.Error("the example file does not give the defaults")
	}
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(strings.Repeat("k", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`(?m)^( *)#([a-z_]+:)`).ReplaceAllString(string(text), "$1$2")
	all = regexp.MustCompile(`file:/run/secrets/\w+`).ReplaceAllString(all, "file:"+secret)
	path := filepath.Join(dir, "handrail.yaml")
	if err := os.WriteFile(path, []byte(all), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, nil, nil)
	if err != nil {
		t.Fatalf("with every line taken in: %v", err)
	}
	var empty []string
	walk(reflect.ValueOf(cfg), "", func(key string, v reflect.Value, _ reflect.StructField) {
		if v.IsZero() {
			empty = append(empty, key)
		}
	})
	if len(empty) > 0 {
		t.Errorf("settings that the example file does not set: %v", empty)
	}
}

// A comment that tells of another default than the tag would be worse than none.
func TestDefaultsInComments(t *testing.T) {
	docs := comments(t)
	walk(reflect.ValueOf(config.Config{}), "", func(key string, _ reflect.Value, f reflect.StructField) {
		doc := strings.Join(strings.Fields(docs[key]), " ")
		_, says, ok := strings.Cut(doc, "Default: ")
		if !ok {
			t.Errorf("%s: the comment does not tell its default", key)
			return
		}
		if want := f.Tag.Get("default"); want != "" && says != want+"." {
			t.Errorf("%s: the comment says %q, the tag %q", key, says, want)
		}
	})
}

// example renders the file.
func example(t *testing.T) []byte {
	t.Helper()
	docs := comments(t)
	var b bytes.Buffer
	b.WriteString("# Handrail's settings, each with its default, or with an example where there is none. Made from\n" +
		"# config/config.go by: go generate ./config\n" +
		"#\n" +
		"# Copy it to handrail.yaml, take the # away before a setting, and change it. Every setting can be given in the\n" +
		"# environment too: records.url is HANDRAIL_RECORDS_URL. A flag wins over the environment, the environment over this\n" +
		"# file. A value that may be secret can be in a file of its own: file:/path.\n")
	section := ""
	walk(reflect.ValueOf(config.Config{}), "", func(key string, _ reflect.Value, f reflect.StructField) {
		parts := strings.Split(key, ".")
		parent := strings.Join(parts[:len(parts)-1], ".")
		if parent != section {
			for i := 1; i < len(parts); i++ {
				group := strings.Join(parts[:i], ".")
				if section == group || strings.HasPrefix(section, group+".") {
					continue
				}
				if !bytes.HasSuffix(b.Bytes(), []byte(":\n")) {
					b.WriteByte('\n')
				}
				fmt.Fprintf(&b, "%s%s%s:\n", prose(docs[group], i-1), strings.Repeat("  ", i-1), parts[i-1])
			}
			section = parent
		}
		if !bytes.HasSuffix(b.Bytes(), []byte(":\n")) {
			b.WriteByte('\n')
		}
		value := f.Tag.Get("default")
		if value == "" {
			value = f.Tag.Get("example")
		}
		depth := len(parts) - 1
		fmt.Fprintf(&b, "%s%s#%s: %s\n", prose(docs[key], depth), strings.Repeat("  ", depth), parts[depth], value)
	})
	return b.Bytes()
}

// prose renders a doc comment as YAML comments; the field's Go name at its start would mean nothing to a reader there.
func prose(doc string, depth int) string {
	words := strings.Fields(doc)
	if len(words) > 2 && (words[1] == "is" || words[1] == "are" || words[1] == "says" || words[1] == "keeps" || words[1] == "proves" || words[1] == "goes") {
		if words[1] == "is" || words[1] == "are" {
			words = words[2:]
		} else {
			words = words[1:]
		}
		if !strings.Contains(words[0], ":") { // an address keeps its small letters
			words[0] = strings.ToUpper(words[0][:1]) + words[0][1:]
		}
	}
	indent := strings.Repeat("  ", depth) + "#"
	var b strings.Builder
	line := indent
	for _, w := range words {
		if len(line)+1+len(w) > 110 {
			b.WriteString(line + "\n")
			line = indent
		}
		line += " " + w
	}
	if line != indent {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// walk calls fn for each setting in the struct's order.
func walk(v reflect.Value, path string, fn func(key string, v reflect.Value, f reflect.StructField)) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := path + f.Tag.Get("yaml")
		_, hasDefault := f.Tag.Lookup("default")
		_, hasExample := f.Tag.Lookup("example")
		if hasDefault || hasExample {
			fn(key, v.Field(i), f)
		} else {
			walk(v.Field(i), key+".", fn)
		}
	}
}

// comments are the doc comments in config.go by the setting's key, groups included.
func comments(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	structs := map[string]*ast.StructType{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if s, ok := spec.Type.(*ast.StructType); ok {
				structs[spec.Name.Name] = s
			}
		}
		return true
	})
	docs := map[string]string{}
	var visit func(name, path string)
	visit = func(name, path string) {
		for _, f := range structs[name].Fields.List {
			key := path + reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("yaml")
			docs[key] = f.Doc.Text()
			if typ, ok := f.Type.(*ast.Ident); ok && structs[typ.Name] != nil {
				visit(typ.Name, key+".")
			}
		}
	}
	visit("Config", "")
	return docs
}
