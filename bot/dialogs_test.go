package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
)

// trip is a dialog with everything that a replay can trip over: seeds, a look, a loop, a form, an effect in the middle
// with words to undo it, and words said after it.
func trip(l **bottest.Ledger) bot.Dialog {
	return bot.Dialog{
		Name: "trip", Title: "the trip", Opens: "trip|/trip|plan a trip",
		Seed: func(rest string) bot.Answers { return bot.Answers{"where": rest} },
		Script: func(t *bot.Talk) error {
			t.Say(bot.Para("Let us plan."))
			where := t.Place("where", bot.Para("Where to?"))
			place := where.Words
			if where.Near != nil {
				place = fmt.Sprintf("%.2f,%.2f", where.Near.Lat, where.Near.Lon)
			}
			trains := bot.Look(t, "trains", func(context.Context) ([]string, error) {
				if place == "nowhere" {
					return nil, handrail.Errorf(handrail.KindNotFound, "There is no such place.", "no place")
				}
				return []string{"morning to " + place, "evening to " + place}, nil
			})
			t.Say(bot.Para(fmt.Sprintf("There are %d trains.", len(trains))))
			train := t.Choose("train", bot.Para("Which one?"), bot.Option{Answer: "0", Label: trains[0]}, bot.Option{Answer: "1", Label: trains[1]},
				bot.Option{Label: "Timetable", Link: "https://trains.example/"})
			var with []string
			for i := 1; ; i++ {
				name := t.TextOr(fmt.Sprintf("with-%d", i), bot.Message{Text: bot.Para("Who comes along?"), Options: []bot.Option{{Answer: "-", Label: "Nobody else"}}})
				if name == "-" {
					break
				}
				with = append(with, name)
			}
			if !t.Confirm("sure", bot.Para("Book "+place+" for "+strings.Join(append([]string{"you"}, with...), ", ")+"?")) {
				t.Say(bot.Para("Not booked."))
				return nil
			}
			number := bot.Do(t, "book", "Ring the station to undo it.", func(ctx context.Context) (int, error) {
				(*l).Note(ctx, "booked "+place+" train "+train+" with "+strings.Join(with, ", "))
				return 7, nil
			})
			t.Say(bot.Para(fmt.Sprintf("Booked, number %d.", number)))
			about := t.Form("about", bot.Para("For the ticket:"), bot.Form{Title: "Ticket", Submit: "Send", Fields: []bot.Field{
				{Name: "name", Label: "Name on it", Kind: bot.FieldLine, Required: true, MaxChars: 10, Value: "Frank"},
				{Name: "seats", Label: "Seats", Kind: bot.FieldNumber, Min: 1, Max: 4, Wrong: "One to four seats."},
				{Name: "class", Label: "Class", Kind: bot.FieldChoice, Options: []bot.Option{{Answer: "1", Label: "First"}, {Answer: "2", Label: "Second"}}},
				{Name: "terms", Label: "I have read the terms", Kind: bot.FieldTick, Required: true},
			}})
			t.Say(bot.Para(fmt.Sprintf("Ticket for %s: seats %q, class %q, terms %q.", about["name"], about["seats"], about["class"], about["terms"])))
			if t.Confirm("tell", bot.Para("Shall we tell them?")) {
				return t.Then("tell", bot.Answers{"whom": strings.Join(with, ", ")})
			}
			return nil
		},
	}
}

// tell is opened by trip and by its own words; menu is light; look is opened by what nothing else takes; visit stands
// behind a button that works on its own; secret may be opened by staff only; broken and twice are mistakes.
func others(l **bottest.Ledger) []bot.Dialog {
	return []bot.Dialog{
		{Name: "tell", Title: "the telling", Opens: "tell", Script: func(t *bot.Talk) error {
			whom := t.Text("whom", bot.Para("Tell whom?"), func(s string) bot.Text {
				if strings.ContainsAny(s, "0123456789") {
					return bot.Para("A name has no numbers.")
				}
				return nil
			})
			what := t.Text("what", bot.Para("Tell "+whom+" what?"))
			t.Say(bot.Para("Told " + whom + ": " + what))
			return nil
		}},
		{Name: "menu", Title: "the menu", Opens: "menu", Light: true, Script: func(t *bot.Talk) error {
			return t.Then(t.Choose("pick", bot.Para("What would you like?"), bot.Option{Answer: "trip", Label: "Plan a trip"}, bot.Option{Answer: "tell", Label: "Tell somebody"}), nil)
		}},
		{Name: "look", Title: "looking", Hears: func(u bot.Update, who bot.Who) (bot.Answers, bool) {
			what, ok := strings.CutPrefix(u.Text, "I like ")
			return bot.Answers{"what": what}, ok
		}, Light: true, Script: func(t *bot.Talk) error {
			t.Say(bot.Para("So you like " + t.Text("what", bot.Para("What do you like?")) + "."))
			t.Choose("more", bot.Para("More like it?"), bot.Option{Answer: "more", Label: "More"})
			t.Say(bot.Para("No more today."))
			return nil
		}},
		{Name: "visit", Title: "the visit", Script: func(t *bot.Talk) error {
			if t.Pressed() == "ask" && !t.Confirm("really", bot.Para("Really come to "+t.Subject()+"?")) {
				return nil
			}
			bot.Do(t, "visit", "", func(ctx context.Context) (bool, error) {
				(*l).Note(ctx, "visit "+t.Subject()+" "+t.Pressed())
				return true, nil
			})
			t.Say(bot.Para("Noted."))
			return nil
		}},
		{Name: "heap", Title: "the heap", Opens: "heap", Script: func(t *bot.Talk) error {
			cards := []bot.Card{
				{Text: bot.Para("*A* walk."), Options: []bot.Option{{Answer: "take-a", Label: "Take it"}, {Answer: "map-a", Label: "Map of the walk"}}},
				{Text: bot.Para("A choir."), Options: []bot.Option{{Answer: "take-b", Label: "Take it"}, {Label: "I come", Press: &bot.Press{Dialog: "visit", Subject: "v1", Answer: "yes"}}}},
			}
			pick := t.ChooseFrom("pick", bot.Message{Text: bot.Para("Two things."), Cards: cards, Options: []bot.Option{{Answer: "more", Label: "More"}}})
			t.Say(bot.Para("You picked " + pick + "."))
			return nil
		}},
		{Name: "secret", Title: "the secret", Opens: "secret", May: func(who bot.Who) bool { return who.Kind == bot.WhoStaff }, Script: func(t *bot.Talk) error {
			t.Say(bot.Para("It is a secret."))
			return nil
		}},
		{Name: "buttons", Title: "the buttons", Opens: "buttons", Light: true, Script: func(t *bot.Talk) error {
			t.Send(bot.Message{Text: bot.Para("Press when you like."), Options: []bot.Option{
				{Label: "I come", Press: &bot.Press{Dialog: "visit", Subject: "v1", Answer: "yes"}},
				{Label: "Ask me", Press: &bot.Press{Dialog: "visit", Subject: "v2", Answer: "ask"}},
				{Label: "Staff only", Press: &bot.Press{Dialog: "secret", Subject: "v3", Answer: "x"}},
			}})
			return nil
		}},
	}
}

func stopGuard() bot.Guard { return stop{} }

// stop closes whatever is open.
type stop struct{}

func (stop) Name() string                        { return "stop" }
func (stop) Sees(u bot.Update, who bot.Who) bool { return strings.EqualFold(u.Text, "stop") }
func (stop) Act(context.Context, bot.Update, bot.Who) (bot.Verdict, error) {
	return bot.Verdict{Reply: []bot.Message{{Text: bot.Para("Stopped.")}}, Close: true}, nil
}

// card shows the fixed card to whoever is in danger.
type card struct{ l **bottest.Ledger }

func (card) Name() string                        { return "urgent" }
func (card) Sees(u bot.Update, who bot.Who) bool { return u.Danger != "" }
func (c card) Act(ctx context.Context, u bot.Update, who bot.Who) (bot.Verdict, error) {
	(*c.l).Note(ctx, "alert")
	return bot.Verdict{Reply: []bot.Message{{Text: bot.Para("Ring 999.")}, {Text: bot.Para("Your surgery was told.")}}, Class: bot.ClassCard}, nil
}
func (card) Rescue(u bot.Update) []bot.Message { return []bot.Message{{Text: bot.Para("Ring 999.")}} }

func newHouse(t testing.TB, limits bot.Limits, change func(*bot.Options)) *bottest.House {
	var l *bottest.Ledger
	h := bottest.NewHouse(t, bottest.HouseOptions{
		Dialogs: append([]bot.Dialog{trip(&l)}, others(&l)...),
		Guards:  []bot.Guard{card{&l}, stopGuard()},
		People: map[string]bot.Who{
			"GP":      {Kind: bot.WhoStaff, ID: "s1", Practice: "practice"},
			"PATIENT": {Kind: bot.WhoPatient, ID: "p1", Practice: "practice"},
			"BUDDY":   {Kind: bot.WhoBuddy, ID: "b1", Practice: "practice"},
		},
		Limits: limits, Change: change,
	})
	l = h.Ledger
	return h
}

func TestTranscripts(t *testing.T) {
	for folder, limits := range map[string]bot.Limits{"roomy": bottest.Roomy(), "bare": bottest.Bare()} {
		for _, file := range bottest.Files(t, "testdata/"+folder+"/*.txt") {
			t.Run(strings.TrimPrefix(file, "testdata/"), func(t *testing.T) { bottest.Run(t, file, newHouse(t, limits, nil)) })
		}
	}
}
