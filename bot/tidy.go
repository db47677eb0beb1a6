package bot

import (
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"handrail"
)

// tidy is what happens to an update before it may be stored. The danger scan sees all of it, first.
func (b *Bot) tidy(u Update) Update {
	u.Danger = b.scanner.Scan(u.Text)
	for _, k := range slices.Sorted(maps.Keys(u.Fields)) {
		if u.Danger == "" {
			u.Danger = b.scanner.Scan(u.Fields[k])
		}
	}
	if u.Kind == UpdateContact {
		u.Kind, u.Fields, u.Near = UpdateUnread, nil, nil
	}
	if u.Near != nil && !onEarth(*u.Near) {
		u.Near = nil // a number that JSON cannot hold would be refused for ever
	}
	if u.Near != nil {
		// Two decimals are about a kilometre: enough to search by, too little to find a door by.
		u.Near = &handrail.Point{Lat: math.Round(u.Near.Lat*100) / 100, Lon: math.Round(u.Near.Lon*100) / 100}
	}
	u.Text, u.Masked = b.without(u.Text)
	u.Choice, u.Form, u.Ref = clean(u.Choice), clean(u.Form), Ref(clean(string(u.Ref)))
	if len(u.Fields) > 0 {
		fields := make(map[string]string, min(len(u.Fields), maxFields))
		for _, k := range slices.Sorted(maps.Keys(u.Fields)) {
			if len(fields) == maxFields {
				break
			}
			value, masked := b.without(u.Fields[k])
			fields[clean(k)] = value
			u.Masked = u.Masked || masked
		}
		u.Fields = fields
	}
	return u
}

// without takes identifiers out of what was typed and makes it a text that every store takes; masked says that there were
// any. It looks after what no store takes is gone, or an identifier could be put together from pieces, and before the text
// is cut, or half a one could be left at its end.
func (b *Bot) without(s string) (out string, masked bool) {
	out = legible(s)
	if b.mask != nil {
		before := out
		out = b.mask(out)
		masked = out != before
	}
	return clean(out), masked
}

// warning is what somebody is told whose message something was taken out of.
func (b *Bot) warning(u Update, who Who) []Message {
	if !u.Masked || b.masked == nil {
		return nil
	}
	return b.masked(u, who)
}

func onEarth(p handrail.Point) bool { return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 }

// clean makes any bytes a text that every store takes: valid UTF-8 without NUL, of bounded length (B1, B2).
func clean(s string) string {
	s = legible(s)
	if len(s) > maxText {
		s = s[:maxText]
		for len(s) > 0 && !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return s
}

func legible(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "") }
