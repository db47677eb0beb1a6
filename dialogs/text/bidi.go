package text

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// What keeps a value apart from the text around it, whichever way each of them runs (Unicode's bidirectional algorithm,
// isolates).
const (
	firstStrong = "\u2068" // FSI
	popIsolate  = "\u2069" // PDI
)

// isolate puts a value into a text so that neither turns the other around: a value in a text that runs from right to left,
// and a value that runs from right to left, or would by a control character, in any text. Everything else goes in as it
// is. Isolates of the value's own are taken out, since one of them could end ours (B5).
func isolate(v string, rtl bool) string {
	if v == "" || !rtl && !turns(v) {
		return v
	}
	v = strings.Map(func(r rune) rune {
		if r >= '\u2066' && r <= '\u2069' {
			return -1
		}
		return r
	}, v)
	return firstStrong + v + popIsolate
}

// turns reports whether a value has anything in it that runs from right to left, or a control that makes it.
func turns(v string) bool {
	for i := 0; i < len(v); {
		if v[i] < utf8.RuneSelf {
			i++
			continue
		}
		p, n := bidi.LookupString(v[i:])
		if n == 0 {
			return true
		}
		switch p.Class() {
		case bidi.R, bidi.AL, bidi.AN, bidi.RLE, bidi.RLO, bidi.RLI, bidi.LRE, bidi.LRO, bidi.LRI, bidi.FSI, bidi.PDF, bidi.PDI:
			return true
		}
		i += n
	}
	return false
}
