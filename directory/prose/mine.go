package prose

import (
	"cmp"
	"strings"

	"handrail"
	"handrail/directory/postcode"
)

// Found is what Mine put into a listing.
type Found struct {
	// Times are those that were added, certain and guessed.
	Times []Time
	// Left are times that the words name and that are no use: days without a time, and hours that cannot be read.
	Left []Time
	Cost bool
	// Postcode says that the venue got its postcode from the text.
	Postcode bool
}

// Mine fills what a listing lacks from its own words: Times from WhenText, or else from the description, only where it
// has none; Cost from Cost.Text, or else from the description, only where none is known or told; Venue.Postcode only
// where it is empty and exactly one address is in the description. Where the times came from the description and
// WhenText is empty, it gets their words. Nothing that the listing says of itself is changed, and a second call changes
// nothing more.
//
// Guessed times are added too, marked as such: they are never planned or told, and they show a link worker what to ask.
func Mine(a *handrail.Activity) Found {
	var f Found
	if len(a.Times) == 0 {
		f.mineTimes(a)
	}
	if !a.Cost.Known {
		f.mineCost(a)
	}
	if a.Venue.Postcode == "" {
		if code, ok := onePostcode(a.Description); ok {
			a.Venue.Postcode, f.Postcode = code, true
		}
	}
	return f
}

func (f *Found) mineTimes(a *handrail.Activity) {
	fromWords := Times(a.WhenText)
	all := fromWords
	if !clocked(all) {
		all = Times(a.Description)
		if strings.TrimSpace(a.WhenText) != "" {
			// Its own words about its times name none ("various"), or only days: what the description says may be of anything.
			for i := range all {
				all[i].Recurrence.Certainty = handrail.CertaintyGuessed
				all[i].Confidence = min(all[i].Confidence, 0.4)
				all[i].Why = cmp.Or(all[i].Why, "the listing's own words about its times do not say so")
			}
		}
	}
	var words []string
	for _, t := range all {
		if t.NoClock || t.Recurrence.Start == 0 { // nobody meets at midnight: "12am" was not understood
			f.Left = append(f.Left, t)
			continue
		}
		f.Times = append(f.Times, t)
		a.Times = append(a.Times, t.Recurrence)
		if len(words) == 0 || words[len(words)-1] != t.Text {
			words = append(words, t.Text)
		}
	}
	if strings.TrimSpace(a.WhenText) == "" && len(words) > 0 {
		a.WhenText = strings.Join(words, "; ")
	}
}

func clocked(all []Time) bool {
	for _, t := range all {
		if !t.NoClock {
			return true
		}
	}
	return false
}

func (f *Found) mineCost(a *handrail.Activity) {
	own := strings.TrimSpace(a.Cost.Text)
	from := own
	if own == "" {
		from = a.Description
	}
	c, ok := Prices(from)
	if !ok {
		return
	}
	if own != "" {
		c.Text = a.Cost.Text
	}
	f.Cost = c != a.Cost
	a.Cost = c
}

// Postcodes are the full postcodes in a text (of a very long one, in its beginning), each once, in order. A slip that could be put right is not: in running
// text the mended one may be a word.
func Postcodes(text string) []postcode.Code {
	var out []postcode.Code
	seen := map[string]bool{}
	for _, f := range postcode.Find(text[:min(len(text), maxText)]) {
		if f.Kind == postcode.Full && !f.Corrected && !seen[f.Text] {
			seen[f.Text] = true
			out = append(out, f.Code)
		}
	}
	return out
}

// onePostcode is the only postcode of a text, unless it is where letters go.
func onePostcode(text string) (string, bool) {
	if len(text) > maxText {
		return "", false
	}
	var found postcode.Found
	for _, f := range postcode.Find(text) {
		if f.Kind != postcode.Full {
			continue
		}
		if f.Corrected || found.Text != "" && found.Text != f.Text {
			return "", false
		}
		if found.Text == "" {
			found = f
		}
	}
	if found.Text == "" {
		return "", false
	}
	before := strings.ToLower(text[max(0, found.Start-200):found.Start])
	for _, w := range []string{"registered", "head office", "write to", "post to", "freepost", "po box", "p.o. box", "correspondence", "postal", "send ", "cheque", "office at", "offices at", "by post"} {
		if strings.Contains(before, w) {
			return "", false
		}
	}
	return found.Text, true
}
