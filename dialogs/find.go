package dialogs

import (
	"context"
	"fmt"
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
	words := t.Text("ask", t.Words("find.ask"))
	if strings.Contains(words, k.line("guard.masked")) {
		t.Say(t.Words("find.masked"))
	}
	ask := Query{Words: words, Who: t.Who().ID}
	found := k.foundNear(t, &ask)
	head, from := findHead(t, found), 0
	for i := 1; ; i++ {
		if len(found.Groups) == 0 {
			if t.Choose("none-"+strconv.Itoa(i), append(head, t.Words("find.none")...), bot.Option{Answer: "unmet", Label: t.Line("find.unmet")},
				bot.Option{Answer: "done", Label: t.Line("find.done")}) == "unmet" {
				k.noteUnmet(t, found)
				return nil
			}
			return t.Then("find", nil)
		}
		page := found.Groups[from:min(from+pageOf, len(found.Groups))]
		body := head
		for j, g := range page {
			body = append(body[:len(body):len(body)], staffLine(from+j+1, g, t)...)
		}
		body = append(body[:len(body):len(body)], t.Words("find.which")...)
		options := make([]bot.Option, 0, len(page)+2)
		for j, g := range page {
			options = append(options, bot.Option{Answer: "group-" + strconv.Itoa(from+j), Label: strconv.Itoa(from+j+1) + ". " + g.Name})
		}
		if from+pageOf < len(found.Groups) {
			options = append(options, bot.Option{Answer: "more", Label: t.Line("find.more")})
		}
		if from == 0 {
			options = append(options, withoutOptions(t, found.Parts)...)
		}
		options = append(options, bot.Option{Answer: "done", Label: t.Line("find.done")})
		pick := t.Choose("pick-"+strconv.Itoa(i), body, options...)
		if n, err := strconv.Atoi(strings.TrimPrefix(pick, "without-")); err == nil && n < len(found.Parts) {
			ask.Without = append(ask.Without[:len(ask.Without):len(ask.Without)], found.Parts[n])
			found = bot.Look(t, "again-"+strconv.Itoa(i), func(ctx context.Context) (Found, error) {
				return k.Finder.Find(ctx, t.Who().Practice, ask, t.Now())
			})
			head, from = findHead(t, found), 0
			continue
		}
		switch pick {
		case "more":
			from += pageOf
			head = nil
			continue
		case "done":
			return t.Then("find", nil)
		}
		g, err := picked(pick, found)
		if err != nil {
			return err
		}
		switch t.ChooseFrom("card-"+strconv.Itoa(i), k.staffCard(t, g)) {
		case "refer":
			return t.Then("refer", bot.Answers{"group": string(g.ID)})
		case "closed":
			who, now := t.Who(), t.Now()
			bot.Do(t, "reported-"+strconv.Itoa(i), "", func(ctx context.Context) (bool, error) {
				return true, k.reportClosed(ctx, who.Practice, g.ID, actor(who), now)
			})
			t.Say(t.Words("find.closed.done"))
			return nil
		}
		head = nil
	}
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
		out = append(out, bot.Option{Answer: "without-" + strconv.Itoa(i), Label: t.Line("find.without", "part", p.Label)})
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
		if found.Problem != "" {
			where = bot.Para(found.Problem)
			if len(found.Places) == 0 {
				where = append(where, t.Words("find.where")...)
			}
		}
		ask.Where = t.TextOr("where-"+n, bot.Message{Text: where, Options: placeOptions(found.Places)})
		// Somebody may say more than the place: "LU4, and it must be free".
		ask.Words = words
		if !slices.Contains(found.Places, ask.Where) {
			ask.Words = ask.Where + ", " + words
		}
	}
}

// placeOptions are places to choose from; somebody may still type another.
func placeOptions(places []string) []bot.Option {
	var out []bot.Option
	for _, p := range places {
		out = append(out, bot.Option{Answer: p, Label: p})
	}
	return out
}

// staffLine is one result in a list for staff.
func staffLine(n int, g Group, t *bot.Talk) bot.Text {
	spans := []bot.Span{
		{Text: strconv.Itoa(n) + ". "}, {Text: g.Name, Strong: true}, {Text: ". " + sentence(g.When, g.Distance, g.Cost, g.Access, g.Checked)},
	}
	if g.Warning != "" {
		spans = append(spans, bot.Span{Text: " " + g.Warning})
	}
	if g.Why != "" {
		spans = append(spans, bot.Span{Text: " " + t.Line("find.why", "why", g.Why)})
	}
	return bot.Text{{Spans: spans}}
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
	return bot.Message{
		Text: body, Place: g.pin(), Private: true,
		Options: []bot.Option{
			{Answer: "refer", Label: t.Line("find.refer"), Style: "main"},
			{Answer: "list", Label: t.Line("find.list")},
			{Answer: "closed", Label: t.Line("find.closed")},
		},
	}
}
