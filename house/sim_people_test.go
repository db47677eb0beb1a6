package house_test

import (
	"slices"
	"strconv"
	"strings"

	"handrail"
	"handrail/bot"
)

func (s *sim) line(key string) string { return s.words.Line("en", key) }

// start is the beginning of a catalogue's words, up to the first thing that is filled in.
func (s *sim) start(key string) string {
	line := s.words.Text("en", key).Plain()
	line, _, _ = strings.Cut(line, "{")
	return line
}

func (s *sim) pick(all ...string) string { return all[s.r.IntN(len(all))] }

// wild is what people type when nobody expects it.
func (s *sim) wild(p *person) string {
	all := []string{"stop", "Stop.", "help", "pause", "start again", "start again", "resume", "choose", "what's next", "back", "change",
		"change an answer", "cancel", "yes", "no", "ok", "1", "2", "99", "LU1 2AB", "asdf qwer", "", "   ", "i want to kill myself",
		"I've taken all my tablets", "my husband hits me", "safe", "later", "/start nosuchcode0000000000000000", "943 476 5919",
		"are you real?", "what matters to me", "refer", "today", "my patients", "declined", "gardening near me", "delete my data",
		strings.Repeat("long ", 300), "stop all", "👍", "urgent help", "start", "My name is " + p.name() + " " + p.surname()}
	if p.kind == "stranger" || p.kind == "buddy" {
		all = append(all, "I could come along", "I could come along")
	}
	if p.kind == "patient" && len(p.codes) > 0 {
		all = append(all, "/start "+p.codes[s.r.IntN(len(p.codes))])
	}
	if p.kind == "patient" {
		// Somebody else's card, found on a table, with one's own year of birth.
		other := s.people[s.r.IntN(len(s.people))]
		if len(other.codes) > 0 {
			all = append(all, "/start "+other.codes[0])
		}
	}
	return s.pick(all...)
}

// act is one thing that somebody does.
func (s *sim) act(p *person) {
	switch n := s.r.IntN(100); {
	case n < 6:
		s.deliver(p, bot.Update{Kind: bot.UpdateText, Text: s.wild(p)})
	case n < 14 && len(p.buttons) > 0:
		s.see("an old button")
		o := p.buttons[s.r.IntN(len(p.buttons))]
		for range 2 {
			// Most of what people press is not the button for an emergency.
			if strings.HasPrefix(o.Payload, "p~urgent~") || strings.HasPrefix(o.Payload, "p~stop~") {
				o = p.buttons[s.r.IntN(len(p.buttons))]
			}
		}
		s.press(p, o)
	case n < 16:
		kinds := []bot.UpdateKind{bot.UpdateUnread, bot.UpdateEdited, bot.UpdateContact, bot.UpdateGroup, bot.UpdatePlace, bot.UpdateReturned}
		u := bot.Update{Kind: kinds[s.r.IntN(len(kinds))], Near: &handrail.Point{Lat: 51.88, Lon: -0.42}}
		if u.Kind == bot.UpdateEdited {
			u.Text = s.wild(p)
		}
		s.deliver(p, u)
	default:
		s.sensible(p)
	}
}

func (s *sim) press(p *person, o bot.Option) {
	if f := strings.Split(o.Payload, "~"); f[0] == "p" {
		s.see("dialog " + f[1])
	}
	s.deliver(p, bot.Update{Kind: bot.UpdatePress, Choice: o.Payload})
}

// sensible is what somebody does who has read the last messages.
func (s *sim) sensible(p *person) {
	var last bot.Message
	if n := len(p.shown); n > 0 {
		last = p.shown[n-1]
		for _, m := range p.shown[max(0, n-3):] {
			if m.Form != nil {
				last = m
			}
		}
	}
	said := last.Text.Plain()
	say := func(words string) { s.deliver(p, bot.Update{Kind: bot.UpdateText, Text: words}) }
	options := slices.DeleteFunc(slices.Clone(last.Options), func(o bot.Option) bool { return o.Payload == "" })
	switch {
	case last.Form != nil && s.r.IntN(8) > 0:
		s.fill(p, *last.Form, s.somePatient(p))
	case strings.Contains(said, s.line("join.year")), strings.Contains(said, "not the year I have"), strings.Contains(said, "a year with four"):
		say(strconv.Itoa(p.year + s.r.IntN(6)/5))
	case strings.Contains(said, s.line("join.code")) && len(p.codes) > 0:
		say(p.codes[len(p.codes)-1])
	case strings.Contains(said, s.start("matters.ask")):
		say("Mat" + p.tag + " gardening and company")
	case strings.Contains(said, s.start("how.words")):
		say("Fee" + p.tag)
	case strings.Contains(said, s.line("volunteer.name")):
		say("Bud" + p.tag)
	case strings.Contains(said, s.line("volunteer.postcode")), strings.Contains(said, s.line("choose.where")):
		say("LU1 2AB")
	case strings.Contains(said, "How will somebody know you"):
		say("Abo" + p.tag)
	case strings.Contains(said, s.line("declined.other")):
		say("Not" + p.tag)
	case len(options) > 0 && strings.HasPrefix(options[0].Payload, "q~") && s.r.IntN(10) < 9:
		o := options[0]
		if s.r.IntN(3) == 0 {
			o = options[s.r.IntN(len(options))]
		}
		s.press(p, o)
	case len(p.todo) > 0 && s.r.IntN(4) > 0:
		i := max(0, len(p.todo)-1-s.r.IntN(6))
		if s.r.IntN(10) < 7 {
			// What others wait for comes before what can wait.
			for j, o := range slices.Backward(p.todo) {
				if slices.Contains([]string{"match", "agree", "how", "nudge", "alert"}, strings.Split(o.Payload, "~")[1]) {
					i = max(0, j-s.r.IntN(4))
					break
				}
			}
		}
		o := p.todo[i]
		p.todo = slices.Delete(p.todo, i, i+1)
		s.press(p, o)
	case p.kind == "patient" && len(p.codes) > 0 && !s.joined(p) && s.r.IntN(2) == 0:
		say("/start " + p.codes[len(p.codes)-1])
	case p.kind == "patient":
		say(s.pick("choose", "choose", "what's next", "start again", "help"))
	case p.kind == "gp":
		say(s.pick("refer", "refer", "refer", "my patients", "declined", "what's on near LU1 2AB for gardening"))
	case p.kind == "linkworker":
		say(s.pick("today", "today", "refer", "help"))
	default:
		say(s.pick("I could come along", "help", "hello"))
	}
}

// somePatient is a patient of the practice of a member of staff.
func (s *sim) somePatient(p *person) *person {
	var patients []*person
	for _, who := range s.people {
		if who.kind == "patient" && who.addr.Practice == p.addr.Practice {
			patients = append(patients, who)
		}
	}
	return patients[s.r.IntN(len(patients))]
}

// fill sends a form in, about a patient of the practice. The note holds what must go no further.
func (s *sim) fill(p *person, f bot.Form, who *person) {
	fields := map[string]string{}
	for _, field := range f.Fields {
		switch {
		case field.Name == "name":
			fields[field.Name] = who.name()
		case field.Name == "surname":
			fields[field.Name] = who.surname()
		case field.Name == "birth_year":
			fields[field.Name] = strconv.Itoa(who.year)
		case field.Name == "postcode" && s.r.IntN(5) > 0:
			fields[field.Name] = "LU1 2AB"
		case field.Name == "note", field.Name == "words":
			fields[field.Name] = "Not" + who.tag + " 943 476 5919"
		case field.Kind == bot.FieldTick:
			fields[field.Name] = "yes"
		case field.Kind == bot.FieldChoice:
			fields[field.Name] = field.Options[s.r.IntN(len(field.Options))].Answer
		}
	}
	if s.r.IntN(20) == 0 {
		fields["birth_year"] = "next"
	}
	s.deliver(p, bot.Update{Kind: bot.UpdateForm, Form: f.Token, Fields: fields})
}
