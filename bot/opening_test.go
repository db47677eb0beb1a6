package bot

import "testing"

// oneLine is a catalogue with one line in it.
type oneLine string

func (o oneLine) Text(_, _ string, _ ...string) Text   { return Para(string(o)) }
func (o oneLine) Line(_, _ string, _ ...string) string { return string(o) }

// What is typed opens a dialog by one of its words, whole or with more behind it, in any case, with or without a slash before
// it; a word with a slash in the catalogue only with the slash.
func TestDialog_Opening(t *testing.T) {
	d := Dialog{Name: "find", Opens: "x"}
	for typed, want := range map[string]struct {
		rest      string
		exact, ok bool
	}{
		"find": {exact: true, ok: true}, "/find": {exact: true, ok: true}, "FIND.": {exact: true, ok: true}, " find ": {exact: true, ok: true},
		"find gardening": {rest: "gardening", ok: true}, "/Find Gardening": {rest: "Gardening", ok: true}, "find: LU1": {rest: "LU1", ok: true},
		"finder": {}, "fin": {}, "//find": {}, "": {}, "/": {},
		"/whatson": {exact: true, ok: true}, "/whatson tea": {rest: "tea", ok: true}, "whatson": {}, "whatson tea": {},
		"what's on in Hull?": {rest: "in Hull?", ok: true},
		"find İİİİİİİİ":      {rest: "İİİİİİİİ", ok: true}, // each is longer in lower case
		"İİİİİİİİ":           {}, "find\xff x": {},
	} {
		rest, exact, ok := d.opening(oneLine("what's on|find|/whatson"), "en", typed)
		if rest != want.rest || exact != want.exact || ok != want.ok {
			t.Errorf("%q: %q, %v, %v", typed, rest, exact, ok)
		}
	}
}
