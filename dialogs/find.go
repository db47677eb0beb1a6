package dialogs

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"handrail/bot"
)

// pageOf is how many results a member of staff sees at once: a few right ones beat ten.
const pageOf = 5

// find is the staff's search: free text in, a few groups out, each with why. It hears whatever staff type that opens
// nothing else, since that is quicker than any command.
func (k *kit) find() bot.Dialog {
	ask := func(words string) bot.Answers { return bot.Answers{"ask": words} }
	return bot.Dialog{
		Name: "find", Title: "find.title", Opens: "find.opens", May: staffOnly, Light: true,
		Seed: ask,
		Hears: func(u bot.Update, _ bot.Who) (bot.Answers, bool) {
			words := strings.TrimSpace(u.Text)
			return ask(words), words != ""
		},
		Script: k.findScript,
	}
}

func (k *kit) findScript(t *bot.Talk) error {
	words := k.unmasked(t.Text("ask", t.Words("find.ask")))
	if words == "" { // an identifier and nothing else
		words = k.unmasked(t.Text("ask-words", t.Words("find.ask")))
	}
	ask := Query{Words: words, Who: t.Who().ID}
	found := k.foundNear(t, &ask)
	head, from, bare := findHead(t, found), 0, false
	for i := 1; ; i++ {
		n := strconv.Itoa(i)
		pick := k.unmasked(k.pickResult(t, n, head, found, from, bare))
		bare = false
		what, which, _ := strings.Cut(pick, " ")
		at, err := strconv.Atoi(which)
		one := err == nil && at > 0 && at <= len(found.Groups)
		switch {
		case pick == "more":
			from += pageOf
			head = nil
			continue
		case pick == "unmet":
			k.noteUnmet(t, found)
			return nil
		case pick == "done":
			return t.Then("find", nil)
		case what == "without" && err == nil && at < len(found.Parts):
			ask.Steps = append(ask.Steps[:len(ask.Steps):len(ask.Steps)], Step{Without: &found.Parts[at]})
		case what == "huh":
			t.Say(t.Words("find.narrow.unknown"))
			bare = true
			continue
		case one && slices.Contains([]string{"refer", "send", "card", "map", "closed"}, what):
			done, err := k.withGroup(t, n, what, ask, found.Groups[at-1])
			if done || err != nil {
				return err
			}
			head = nil
			continue
		default:
			ask.Steps = append(ask.Steps[:len(ask.Steps):len(ask.Steps)], Step{Words: pick})
		}
		found = bot.Look(t, "again-"+n, func(ctx context.Context) (Found, error) {
			return k.Finder.Find(ctx, t.Who().Practice, ask, t.Now())
		})
		head, from = findHead(t, found), 0
	}
}

// pickResult shows a page of results as cards and returns what was pressed ("refer 2", "more"), or the words that narrow
// the search. Words that ask anew are not taken here, and open a search of their own.
// bare leaves the results out, which were shown just now.
func (k *kit) pickResult(t *bot.Talk, n string, head bot.Text, found Found, from int, bare bool) string {
	if len(found.Groups) == 0 {
		return t.TextOr("none-"+n, bot.Message{Text: append(head, t.Words("find.none")...), Options: []bot.Option{
			{Answer: "unmet", Label: t.Line("find.unmet")}, {Answer: "done", Label: t.Line("find.done")},
		}}, k.narrowing(t, 0))
	}
	m := bot.Message{Text: append(head[:len(head):len(head)], t.Words("find.which")...)}
	page := found.Groups[from:min(from+pageOf, len(found.Groups))]
	if bare {
		page, m.Text = nil, t.Words("find.which")
	}
	for j, g := range page {
		card := resultCard(from+j+1, g, t)
		card.Picture = k.pictureByAddress(t, g)
		m.Cards = append(m.Cards, card)
	}
	if from+pageOf < len(found.Groups) {
		m.Options = append(m.Options, bot.Option{Answer: "more", Label: t.Line("find.more")})
	}
	if from == 0 {
		m.Options = append(m.Options, withoutOptions(t, found.Parts)...)
	}
	m.Options = append(m.Options, bot.Option{Answer: "done", Label: t.Line("find.done")})
	pick := t.TextOr("next-"+n, m, k.narrowing(t, len(found.Groups)))
	if what, at, ok := whichResult(pick, len(found.Groups)); ok {
		return what + " " + strconv.Itoa(at)
	}
	if !slices.ContainsFunc(m.Choices(), func(o *bot.Option) bool { return o.Answer == pick }) && !k.Finder.Narrows(k.unmasked(pick)) {
		return "huh"
	}
	return pick
}

// resultTyped is a result called by its number: "2", "refer 2", "number 2", "more 2".
var resultTyped = regexp.MustCompile(`(?i)^(?:(refer|send|map|more|card|closed)(?: to)? )?(?:no\.? ?|number |the |#)?([0-9]{1,2})(?:st|nd|rd|th)?(?: one)?[ .!?]*$`)

// whichResult reads a result that is called by its number, and what is to be done with it.
func whichResult(words string, results int) (what string, at int, ok bool) {
	m := resultTyped.FindStringSubmatch(strings.TrimSpace(words))
	if m == nil {
		return "", 0, false
	}
	at, err := strconv.Atoi(m[2])
	what = strings.ToLower(m[1])
	if what == "" || what == "more" {
		what = "card"
	}
	return what, at, err == nil && at > 0 && at <= results
}

// narrowing takes the number of a result and words that change the last search.
func (k *kit) narrowing(t *bot.Talk, results int) func(string) bot.Text {
	return func(words string) bot.Text {
		words = k.unmasked(words)
		if _, _, ok := whichResult(words, results); ok || k.Finder.Narrows(words) {
			return nil
		}
		if results > 0 && !k.Finder.Reads(words) && len(strings.Fields(words)) <= fewWords && !k.opensAnother(words) {
			return nil // something about these, that cannot be read: it begins no new search
		}
		return t.Words("bot.wrong.option")
	}
}

// opensAnother reports whether words open some conversation of staff's, or ask after somebody.
func (k *kit) opensAnother(words string) bool {
	return askedAfter(words) != "" || slices.ContainsFunc(k.all, func(d bot.Dialog) bool { return d.OpenedBy(k.Words, "en", words) })
}

// fewWords is how many words may be about the results that are shown although nothing can be made of them.
const fewWords = 4

// resultCard is one group among the results: what it is, when, how far, what it costs, how sure we are of it, and why it
// is there; with what can be done about it.
func resultCard(n int, g Group, t *bot.Talk) bot.Card {
	number := strconv.Itoa(n)
	body := bot.Text{
		{Spans: []bot.Span{{Text: number + ". "}, {Text: g.Name, Strong: true}}},
		{Spans: []bot.Span{{Text: sentence(g.When, g.Distance, g.Cost, g.Access)}}},
	}
	last := []bot.Span{{Text: sentence(g.Checked)}}
	if g.Warning != "" {
		last = append(last, bot.Span{Text: " "}, bot.Span{Text: g.Warning, Strong: true})
	}
	if g.Why != "" {
		last = append(last, bot.Span{Text: " " + t.Line("find.why", "why", g.Why)})
	}
	options := []bot.Option{
		{Answer: "refer " + number, Label: t.Line("find.card.refer"), Style: "main"},
		{Answer: "send " + number, Label: t.Line("find.card.send")},
		{Answer: "card " + number, Label: t.Line("find.card.more")},
	}
	if g.At != nil {
		options = append(options, bot.Option{Answer: "map " + number, Label: t.Line("find.card.map")})
	}
	options = append(options, bot.Option{Answer: "closed " + number, Label: t.Line("find.closed")})
	return bot.Card{Text: append(body, bot.Block{Spans: last}), Options: options}
}

// pictureByAddress is what a group looks like, where the channel shows a picture by its address: five of them with their
// bytes would be a pile of files.
func (k *kit) pictureByAddress(t *bot.Talk, g Group) *bot.File {
	if !t.Limits().Pictures {
		return nil
	}
	f := k.pictureOf(t, g)
	if f == nil || f.Link == "" {
		return nil
	}
	return &bot.File{Name: f.Name, MIME: f.MIME, Alt: f.Alt, Link: f.Link}
}

// withGroup does what was asked with one of the results; done says that the search is over.
func (k *kit) withGroup(t *bot.Talk, n, what string, ask Query, g Group) (done bool, err error) {
	switch what {
	case "card":
		what = t.ChooseFrom("card-"+n, k.staffCard(t, g))
	case "map":
		m := k.staffCard(t, g)
		m.Text = append(bot.Text{{Spans: []bot.Span{{Text: g.Name, Strong: true}, {Text: ". " + sentence(g.Venue, g.Distance)}}}}, t.Words("find.card.which")...)
		what = t.ChooseFrom("map-"+n, m)
	}
	switch what {
	case "refer":
		return true, t.Then("refer", bot.Answers{"group": string(g.ID), "query": ask.Words})
	case "send":
		return true, k.sendIdea(t, g)
	case "closed":
		who, now := t.Who(), t.Now()
		bot.Do(t, "reported-"+n, "", func(ctx context.Context) (bool, error) {
			return true, k.reportClosed(ctx, who.Practice, g.ID, actor(who), now)
		})
		t.Say(t.Words("find.closed.done"))
		return true, nil
	}
	return false, nil
}

// findHead says how the question was read, and what came of it.
func findHead(t *bot.Talk, found Found) bot.Text {
	head := bot.Text{}
	if found.Understood != "" {
		head = append(head, t.Words("find.understood", "understood", found.Understood)...)
	}
	if found.Note != "" {
		head = append(head, bot.Para(found.Note)...)
	}
	if found.Widened != "" {
		head = append(head, bot.Para(found.Widened)...)
	}
	switch n := len(found.Groups); n {
	case 0:
	case 1:
		head = append(head, t.Words("find.head.one")...)
	default:
		head = append(head, t.Words("find.head", "count", strconv.Itoa(n))...)
	}
	return head
}

// partsShown is how many things that were read can be taken out in one tap; more would hide the groups.
const partsShown = 5

// withoutOptions take one thing that was read out of the question.
func withoutOptions(t *bot.Talk, parts []Part) []bot.Option {
	var out []bot.Option
	for i, p := range parts[:min(len(parts), partsShown)] {
		out = append(out, bot.Option{Answer: "without " + strconv.Itoa(i), Label: t.Line("find.without", "part", p.Label)})
	}
	return out
}

// picked is the group behind the answer "group-3".
func picked(answer string, found Found) (Group, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(answer, "group-"))
	if err != nil || n < 0 || n >= len(found.Groups) {
		return Group{}, fmt.Errorf("no group stands behind the answer: %w", err)
	}
	return found.Groups[n], nil
}

// foundNear searches, and asks for a place when the words name none that can be found.
func (k *kit) foundNear(t *bot.Talk, ask *Query) Found {
	words := ask.Words
	for i := 1; ; i++ {
		n := strconv.Itoa(i)
		found := bot.Look(t, "found-"+n, func(ctx context.Context) (Found, error) {
			return k.Finder.Find(ctx, t.Who().Practice, *ask, t.Now())
		})
		if !found.NoPlace || i > 3 {
			return found
		}
		where := t.Words("find.where")
		if found.Unread {
			where = t.Words("find.unread")
		}
		if found.Problem != "" {
			where = bot.Para(found.Problem)
			if len(found.Places) == 0 {
				where = append(where, t.Words("find.where")...)
			}
		}
		ask.Where = k.unmasked(t.TextOr("where-"+n, bot.Message{Text: where, Options: placeOptions(found.Places)}))
		if fresh, ok := k.anotherSearch(t, n, ask.Where, found); ok {
			*ask = Query{Words: ask.Where, Who: ask.Who}
			return fresh
		}
		// Somebody may say more than the place: "LU4, and it must be free".
		ask.Words = words
		if !slices.Contains(found.Places, ask.Where) {
			ask.Words = ask.Where + ", " + words
		}
	}
}

// anotherSearch is what is found by what was answered to "where?", where that is no place but a question of its own:
// "a choir instead".
func (k *kit) anotherSearch(t *bot.Talk, n, answer string, found Found) (Found, bool) {
	if !found.Unread || !k.Finder.Reads(answer) {
		return Found{}, false
	}
	fresh := bot.Look(t, "fresh-"+n, func(ctx context.Context) (Found, error) {
		f, err := k.Finder.Find(ctx, t.Who().Practice, Query{Words: answer, Who: t.Who().ID}, t.Now())
		if len(f.Parts) == 0 {
			f = Found{NoPlace: true} // a place and nothing else, or nothing
		}
		return f, err
	})
	return fresh, !fresh.NoPlace
}

// placeOptions are places to choose from; somebody may still type another.
func placeOptions(places []string) []bot.Option {
	var out []bot.Option
	for _, p := range places {
		out = append(out, bot.Option{Answer: p, Label: p})
	}
	return out
}

// sentence joins the parts that are known with full stops.
func sentence(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		first, size := utf8.DecodeRuneInString(p)
		b.WriteString(string(unicode.ToUpper(first)) + p[size:])
		if !strings.HasSuffix(p, ".") {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func (k *kit) staffCard(t *bot.Talk, g Group) bot.Message {
	body := bot.Text{{Spans: []bot.Span{{Text: g.Name, Strong: true}}}}
	if g.About != "" {
		body = append(body, bot.Para(g.About)...)
	}
	body = append(body, bot.Para(sentence(g.When, g.Venue, g.Distance, g.Cost, g.Access, g.Checked))...)
	if g.Warning != "" {
		body = append(body, bot.Para(g.Warning)...)
	}
	if g.Organiser != "" {
		body = append(body, t.Words("find.organiser", "organiser", g.Organiser, "contact", g.Contact)...)
	}
	body = append(body, t.Words("find.card.which")...)
	var files []bot.File
	if f := k.pictureByAddress(t, g); f != nil {
		files = []bot.File{*f}
	}
	return bot.Message{
		Text: body, Place: g.pin(), Files: files, Private: true,
		Options: []bot.Option{
			{Answer: "refer", Label: t.Line("find.refer"), Style: "main"},
			{Answer: "send", Label: t.Line("find.card.send")},
			{Answer: "list", Label: t.Line("find.list")},
			{Answer: "closed", Label: t.Line("find.closed")},
		},
	}
}
