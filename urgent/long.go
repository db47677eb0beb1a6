package urgent

import "strings"

// A message longer than longText is read in parts of about partText, until it is read, as much was read as is read of one
// message, or a medical emergency was found, which nothing goes before.
const (
	longText = 48 << 10
	partText = 16 << 10
	// partsShare is how much of what has no full stop is read again in the next part: more than the longest pattern takes.
	partsShare = 1 << 10
)

func (s *scanner) long(text string) {
	for at := 0; at < len(text); {
		end, next := partEnd(text, at)
		s.part(text[at:end], at)
		if s.full || s.spent() || s.least == 0 {
			return
		}
		at = next
	}
}

// partEnd is where a part that begins at a byte ends, and where the next one begins: after a full stop where there is one,
// or else at a gap between words, or else anywhere.
func partEnd(text string, at int) (end, next int) {
	if len(text)-at <= partText+partsShare {
		return len(text), len(text)
	}
	tail := text[at+partText/2 : at+partText]
	if i := strings.LastIndexAny(tail, ".!?\n"); i >= 0 {
		end = at + partText/2 + i + 1
		return end, end
	}
	end = at + partText
	if i := strings.LastIndexByte(tail, ' '); i >= 0 {
		end = at + partText/2 + i
	}
	next = end - partsShare
	if i := strings.IndexByte(text[next:end], ' '); i >= 0 {
		next += i
	}
	return end, next
}
