package dialogs

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// edits is what changing a listing asks of the records.
type edits interface {
	// EditActivity changes a listing and keeps what it was before; an import does not undo it.
	EditActivity(ctx context.Context, id handrail.ActivityID, by handrail.Actor, at time.Time, change func(*handrail.Activity) error) (handrail.Activity, []handrail.Edit, error)
	// Edits are what was changed, newest first.
	Edits(ctx context.Context, id handrail.ActivityID) ([]handrail.Edit, error)
	// UndoEdit takes one change back; KindConflict when a later change of the same field stands.
	UndoEdit(ctx context.Context, id handrail.EditID, by handrail.Actor, at time.Time) (handrail.Activity, error)
}

// listing is a link worker looking after a group's entry: it was checked, it changed, it is off one day, it has ended;
// with the history of what was changed, and each change undone in a tap.
func (k *kit) listing() bot.Dialog {
	return bot.Dialog{
		Name: "listing", Title: "listing.title", Opens: "listing.opens", May: carers,
		Seed: func(rest string) bot.Answers {
			if rest == "" {
				return nil
			}
			return bot.Answers{"which": rest}
		},
		Script: k.listingScript,
	}
}

// listed is a listing as it is shown to whoever looks after it.
type listed struct {
	ID      handrail.ActivityID
	Name    string
	Card    []string
	Status  handrail.ActivityStatus
	Paused  bool
	Warning bool
}

func (k *kit) listingScript(t *bot.Talk) error {
	l, ok := k.whichListing(t)
	if !ok {
		return nil
	}
	card := bot.Text{{Spans: []bot.Span{{Text: l.Name, Strong: true}}}}
	for _, line := range l.Card {
		card = append(card, bot.Para(line)...)
	}
	card = append(card, t.Words("listing.what")...)
	pause := bot.Option{Answer: "paused", Label: t.Line("asked.paused")}
	if l.Paused {
		pause = bot.Option{Answer: "unpaused", Label: t.Line("groups.unpause")}
	}
	options := []bot.Option{
		{Answer: "right", Label: t.Line("listing.right"), Style: "main"},
		{Answer: "change", Label: t.Line("listing.change")},
		{Answer: "note", Label: t.Line("listing.note")},
		{Answer: "off", Label: t.Line("groups.off")},
		pause,
		{Answer: "closed", Label: t.Line("asked.closed")},
		{Answer: "invite", Label: t.Line("listing.invite")},
		{Answer: "history", Label: t.Line("listing.history")},
	}
	if k.Writer != nil {
		options = append(options, bot.Option{Answer: "plainer", Label: t.Line("listing.plainer")})
	}
	if l.Status != handrail.ActivityActive {
		options = []bot.Option{{Answer: "reopen", Label: t.Line("listing.reopen")}, {Answer: "history", Label: t.Line("listing.history")}}
	}
	who, now := t.Who(), t.Now()
	switch what := t.Choose("what", card, options...); what {
	case "change", "note":
		return k.changeListing(t, l, what)
	case "off":
		return k.dayOff(t, l.ID)
	case "history":
		return k.listingHistory(t, l)
	case "plainer":
		return k.plainer(t, l)
	case "invite":
		return k.inviteOrganiser(t, l)
	case "closed":
		if !t.Confirm("sure", t.Words("asked.closed.sure")) {
			t.Say(t.Words("asked.closed.kept"))
			return nil
		}
		n := bot.Do(t, "closed", "listing.closed.undo", func(ctx context.Context) (int, error) {
			return k.closeListing(ctx, l.ID, actor(who), now)
		})
		t.Say(t.Words("listing.closed.done", "group", l.Name, "n", strconv.Itoa(n)))
	case "reopen":
		bot.Do(t, "reopen", "", func(ctx context.Context) (bool, error) {
			if _, err := k.Records.SetActivityStatus(ctx, l.ID, handrail.ActivityActive, actor(who)); err != nil {
				return false, err
			}
			_, err := k.Records.ChangeStanding(ctx, l.ID, actor(who), func(s *handrail.Standing) error {
				s.ReportedClosed, s.Silences = nil, 0
				return nil
			})
			return true, err
		})
		t.Say(t.Words("listing.reopen.done", "group", l.Name))
	default:
		bot.Do(t, "standing", "", func(ctx context.Context) (bool, error) {
			_, err := k.Records.ChangeStanding(ctx, l.ID, actor(who), func(s *handrail.Standing) error {
				switch what {
				case "paused", "unpaused":
					s.Paused = what == "paused"
				case "right":
					s.Assured, s.ReportedClosed, s.Silences = &handrail.Assurance{At: now, By: handrail.AssurerStaff, How: "chat"}, nil, 0
				}
				return nil
			})
			return true, err
		})
		t.Say(t.Words("listing." + what + ".done"))
	}
	return nil
}

// inviteOrganiser makes the one-time link by which whoever runs a group joins the chat: from then on the bot asks them
// itself.
func (k *kit) inviteOrganiser(t *bot.Talk, l listed) error {
	name := t.Text("organiser", t.Words("listing.invite.name"), k.brief(t, 70))
	who := t.Who()
	code := bot.Do(t, "invited", "listing.invite.undo", func(ctx context.Context) (string, error) {
		o, err := k.Records.AddOrganiser(ctx, handrail.OrganiserPerson{Practice: who.Practice, Name: name, Groups: []handrail.ActivityID{l.ID}}, actor(who))
		if err != nil {
			return "", err
		}
		return k.Records.NewOrganiserInvite(ctx, who.Practice, o.ID, inviteLife, actor(who))
	})
	t.Send(bot.Message{
		Text: t.Words("listing.invite.done", "name", name), Private: true,
		Options: []bot.Option{{Label: t.Line("listing.invite.link", "name", name), Link: k.Invitation(organiserCode + code)}},
	})
	return nil
}

// organiserCode stands before an organiser's code, which opens another door than a patient's.
const organiserCode = "group-"

// whichListing finds the listing that is meant: by the button, or by its name.
func (k *kit) whichListing(t *bot.Talk) (listed, bool) {
	var id handrail.ActivityID
	if t.Pressed() != "" {
		id = bot.Look(t, "of-ask", func(ctx context.Context) (handrail.ActivityID, error) {
			ask, err := k.Records.Ask(ctx, handrail.AskID(t.Subject()))
			return ask.Activity, err
		})
	} else {
		for i := 1; id == ""; i++ {
			n := strconv.Itoa(i)
			name := "which"
			if i > 1 {
				name = "which-" + n
			}
			words := t.Text(name, t.Words("listing.which"))
			found := bot.Look(t, "named-"+n, func(ctx context.Context) ([]Group, error) {
				return k.Finder.Named(ctx, t.Who().Practice, words, t.Now())
			})
			if len(found) == 0 {
				t.Say(t.Words("listing.none"))
				if i == 3 {
					return listed{}, false
				}
				continue
			}
			options := make([]bot.Option, 0, len(found)+1)
			for j, g := range found[:min(len(found), 6)] {
				options = append(options, bot.Option{Answer: "group-" + strconv.Itoa(j), Label: g.Name})
			}
			options = append(options, bot.Option{Answer: "again", Label: t.Line("listing.again")})
			pick := t.Choose("pick-"+n, t.Words("listing.pick"), options...)
			if j, err := strconv.Atoi(strings.TrimPrefix(pick, "group-")); err == nil {
				id = found[j].ID
			}
		}
	}
	return bot.Look(t, "listing", func(ctx context.Context) (listed, error) { return k.listed(ctx, t, id) }), true
}

func (k *kit) listed(ctx context.Context, t *bot.Talk, id handrail.ActivityID) (listed, error) {
	a, err := k.Finder.Activity(ctx, id)
	if err != nil {
		return listed{}, err
	}
	out := listed{ID: a.ID, Name: a.Name, Status: a.Status, Paused: a.Standing.Paused, Warning: a.Standing.Doubtful()}
	add := func(key, value string) {
		if value != "" {
			out.Card = append(out.Card, t.Line(key, "value", value))
		}
	}
	add("listing.when", k.When(a))
	add("listing.venue", a.Venue.Line())
	add("listing.phone", a.Organiser.Phone)
	add("listing.cost", a.Cost.Text)
	if at, by := a.LastChecked(); at != nil {
		out.Card = append(out.Card, t.Line("listing.checked", "day", k.day(*at, t.Now()), "by", t.Line("listing.by."+string(by))))
	} else {
		out.Card = append(out.Card, t.Line("listing.checked.never"))
	}
	if r := a.Standing.ReportedClosed; r != nil {
		out.Card = append(out.Card, t.Line("listing.reported", "day", k.day(*r, t.Now())))
	}
	if n := a.Standing.Silences; n > 0 {
		out.Card = append(out.Card, t.Line("listing.silences", "n", strconv.Itoa(n)))
	}
	for _, f := range a.Facts {
		out.Card = append(out.Card, t.Line("listing.fact", "kind", t.Line("fact."+string(f.Kind)), "value", f.Value, "by", f.SaidBy, "on", string(f.On)))
	}
	return out, nil
}

// editable are the parts of a listing that are changed in words, in the order in which they are offered.
func editable() []string {
	return []string{"when", "cost", "phone", "email", "website", "venue", "street", "postcode", "name", "description"}
}

// factual are the facts that a link worker may note.
func factual() []handrail.FactKind {
	return []handrail.FactKind{
		handrail.FactFirstTime, handrail.FactSafeguarding, handrail.FactInsurance, handrail.FactDBS, handrail.FactAccreditation,
		handrail.FactCriteria, handrail.FactFundingEnd, handrail.FactWaiting, handrail.FactSessions, handrail.FactPhoto,
	}
}

func (k *kit) changeListing(t *bot.Talk, l listed, what string) error {
	var options []bot.Option
	if what == "change" {
		for _, f := range editable() {
			options = append(options, bot.Option{Answer: f, Label: t.Line("listing.field." + f)})
		}
	} else {
		for _, f := range factual() {
			options = append(options, bot.Option{Answer: "fact-" + string(f), Label: t.Line("fact." + string(f))})
		}
	}
	field := t.Choose("field", t.Words("listing."+what+".which"), options...)
	ask := t.Words("listing.value")
	if field == "when" {
		ask = t.Words("listing.value.when")
	}
	var value string
	if field == "fact-"+string(handrail.FactFundingEnd) {
		value = string(t.Date("value", t.Words("listing.value.date")))
	} else {
		value = strings.TrimSpace(t.Text("value", ask, k.brief(t, 1000), func(s string) bot.Text {
			return k.wrongValue(t, field, strings.TrimSpace(s))
		}))
	}
	if field == "when" {
		a := handrail.Activity{Times: k.Finder.ReadTimes(value)}
		if !t.Confirm("times", t.Words("listing.times.sure", "times", k.When(a))) {
			t.Say(t.Words("listing.times.no"))
			return nil
		}
	}
	who, now := t.Who(), t.Now()
	refused := bot.Do(t, "change", "listing.undo", func(ctx context.Context) (string, error) {
		_, _, err := k.Records.EditActivity(ctx, l.ID, actor(who), now, func(a *handrail.Activity) error {
			return k.put(a, field, value, handrail.DateOf(now, k.Zone))
		})
		var e *handrail.Error
		if errors.As(err, &e) && e.Kind == handrail.KindInvalid {
			return e.Say, nil
		}
		return "", err
	})
	if refused != "" {
		t.Say(bot.Para(refused))
		return nil
	}
	t.Say(t.Words("listing.change.done", "group", l.Name))
	return nil
}

// wrongValue says what is wrong with a value that was typed for a field; nil when nothing is.
func (k *kit) wrongValue(t *bot.Talk, field, value string) bot.Text {
	switch field {
	case "when":
		if len(k.Finder.ReadTimes(value)) == 0 {
			return t.Words("listing.times.unread")
		}
	case "postcode":
		if !looksLikePostcode(value) {
			return t.Words("volunteer.postcode.check")
		}
	case "fact-" + string(handrail.FactSessions):
		if n, err := strconv.Atoi(value); err != nil || n < 1 {
			return t.Words("listing.value.number")
		}
	}
	return nil
}

// spaced is a postcode as it is written: upper case, one space before the last three characters of a whole one.
func spaced(s string) string {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	if n := len(s); n >= 5 && s[n-3] >= '0' && s[n-3] <= '9' {
		return s[:n-3] + " " + s[n-3:]
	}
	return s
}

// put writes one changed field.
func (k *kit) put(a *handrail.Activity, field, value string, on handrail.Date) error {
	switch field {
	case "when":
		a.Times, a.WhenText = k.Finder.ReadTimes(value), value
	case "cost":
		a.Cost = k.Finder.ReadCost(value)
	case "phone":
		a.Organiser.Phone = value
	case "email":
		a.Organiser.Email = value
	case "website":
		a.Organiser.Website = value
	case "venue":
		a.Venue.Name = value
	case "street":
		a.Venue.Street = value
	case "postcode":
		// Where it was is no longer where it is; the directory places it anew.
		a.Venue.Postcode, a.Venue.At = spaced(value), nil
	case "name":
		a.Name = value
	case "description":
		a.Description = value
	default:
		kind := handrail.FactKind(strings.TrimPrefix(field, "fact-"))
		f := handrail.Fact{Kind: kind, Value: value, On: on, SaidBy: "link worker", Version: 1}
		if old, ok := a.Fact(kind); ok {
			f.Version = max(1, old.Version) + 1
		}
		if kind == handrail.FactFundingEnd {
			f.Until = handrail.Date(value)
		}
		a.Facts = append(a.Facts, f)
	}
	return nil
}

func (k *kit) listingHistory(t *bot.Talk, l listed) error {
	type change struct {
		ID               handrail.EditID
		Day, Field       string
		Was, Became, How string
	}
	all := bot.Look(t, "history", func(ctx context.Context) ([]change, error) {
		edits, err := k.Records.Edits(ctx, l.ID)
		if err != nil {
			return nil, err
		}
		var out []change
		for _, e := range edits[:min(len(edits), 6)] {
			if e.UndoneAt != nil {
				continue
			}
			out = append(out, change{ID: e.ID, Day: k.day(e.At, t.Now()), Field: string(e.Field), Was: shown(e.Was), Became: shown(e.Became)})
		}
		return out, nil
	})
	if len(all) == 0 {
		t.Say(t.Words("listing.history.none"))
		return nil
	}
	body := t.Words("listing.history.head", "group", l.Name)
	var options []bot.Option
	for i, c := range all {
		n := strconv.Itoa(i + 1)
		item := bot.Para(n + ". " + t.Line("listing.history.line", "day", c.Day, "field", c.Field, "was", c.Was, "became", c.Became))
		body = append(body, item...)
		options = append(options, bot.Option{Answer: "undo-" + strconv.Itoa(i), Label: t.Line("listing.history.undo", "n", n)})
	}
	options = append(options, bot.Option{Answer: "done", Label: t.Line("listing.history.done")})
	pick := t.Choose("undo", body, options...)
	i, err := strconv.Atoi(strings.TrimPrefix(pick, "undo-"))
	if err != nil {
		return nil //nolint:nilerr // "done" is no number
	}
	who, now := t.Who(), t.Now()
	said := bot.Do(t, "undone", "", func(ctx context.Context) (string, error) {
		_, err := k.Records.UndoEdit(ctx, all[i].ID, actor(who), now)
		if say, ok := handrail.Sentence(err); ok && handrail.IsKind(err, handrail.KindConflict) {
			return say, nil
		}
		return "", err
	})
	if said != "" {
		t.Say(bot.Para(said))
		return nil
	}
	t.Say(t.Words("listing.history.undone"))
	return nil
}

// shown is a stored value as it fits into a line.
func shown(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return "–"
	}
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
