package dialogs

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"handrail"
	"handrail/bot"
)

// casesAtOnce is how many patients one page of a caseload shows: beyond it, one searches.
const casesAtOnce = 8

// caseload is a link worker's patients, what needs a person first; "caseload JB", "caseload R-7KQ2" and "caseload Reed"
// find one. It keeps no state: every button on it works by itself, whatever else is open.
func (k *kit) caseload() bot.Dialog {
	may := func(who bot.Who) bool { return staffOnly(who) && (asStaff(who).Carer() || asStaff(who).MayHalt()) }
	return bot.Dialog{
		Name: "cases", Title: "cases.title", Opens: "cases.opens", May: may, Light: true,
		Seed: func(rest string) bot.Answers { return bot.Answers{"search": rest} },
		Hears: func(u bot.Update, _ bot.Who) (bot.Answers, bool) {
			name := askedAfter(u.Text)
			return bot.Answers{"search": name}, name != ""
		},
		Script: k.caseloadScript,
	}
}

var (
	howIs  = regexp.MustCompile(`(?i)^(?:how(?:['’]?s| is)|any news (?:of|on|about|from)|what happened to)\s+([\pL'’. -]+?|R-?[0-9A-Z]{4})(?:\s+(?:doing|getting on|these days|now|please))*[ ?.]*$`)
	spoke  = regexp.MustCompile(`(?i)^(?:i(?:['’]?ve| have)? )?(?:just )?(?:spoke(?:n)? to|talked to|rang|called|phoned|visited|saw|met)\s+([\pL'’. -]+?|R-?[0-9A-Z]{4})(?:\s+(?:yesterday|today|now|just now))*[ .]*$`)
	didThe = regexp.MustCompile(`(?i)^(?:did|has|have)\s+([\pL'’. -]+?|R-?[0-9A-Z]{4})\s+(?:go|gone|been|come|attend|attended|turn up|turned up|join|joined|make it|start|started)(?:\s+(?:yet|today|again|there))*[ ?.]*$`)
	nobody = regexp.MustCompile(`(?i)\b(?:my|the|this|that|these|it|they|you|he|she|anyone|anybody|everyone|everybody|patients?|life|things?)\b`)
)

// askedAfter is whom somebody asks after or tells of: "how is Frank doing", "did JB go?", "spoke to Una"; empty for nobody.
func askedAfter(words string) string {
	words = strings.TrimSpace(words)
	for _, re := range []*regexp.Regexp{howIs, didThe, spoke} {
		if m := re.FindStringSubmatch(words); m != nil && len(strings.Fields(m[1])) <= 3 && !nobody.MatchString(m[1]) {
			return m[1]
		}
	}
	return ""
}

func (k *kit) caseloadScript(t *bot.Talk) error {
	who, now := t.Who(), t.Now()
	search := strings.TrimSpace(t.Seeded("search"))
	from, _ := strconv.Atoi(strings.TrimPrefix(t.Pressed(), "from-")) // a first page where nothing was pressed
	if search == "" && !asStaff(who).Carer() {
		search = t.Text("whom", t.Words("cases.whom"))
	}
	bot.Do(t, "read", "", func(ctx context.Context) (bool, error) {
		return true, k.Records.NoteRead(ctx, who.Practice, actor(who), "caseload", who.ID)
	})
	t.Send(bot.Look(t, "cases", func(ctx context.Context) (bot.Message, error) {
		return k.caseloadPage(ctx, who, search, max(0, from), now)
	}))
	return nil
}

// need is what needs a person, the most urgent first.
type need int

// The needs of a patient of a caseload.
const (
	needAlert   need = iota // an urgent alert is open
	needAccept              // nobody has taken the referral on
	needCompany             // they want somebody to come along
	needMissed              // they missed their last visit
	needJoin                // a week and they are not in the chat
	needChoice              // a week in the chat and nothing chosen
	needNobody              // nothing
)

func (n need) key() string {
	return [...]string{"alert", "accept", "company", "missed", "join", "choice", "nobody"}[n]
}

// needOf is what a case needs. A patient who was contacted within the week is not asked after again.
func needOf(c handrail.Case, alert, company bool, now time.Time) need {
	const week = 7 * 24 * time.Hour
	quiet := c.Referral.ContactedAt == nil || now.Sub(*c.Referral.ContactedAt) > week
	old := now.Sub(c.Referral.OfferedAt) > week
	missed := false
	for _, v := range c.Visits {
		switch {
		case v.State.Ahead():
			missed, quiet = false, quiet && v.Occurrence.Start.Before(now)
		case v.State == handrail.AttendanceMissed:
			missed = true
		case v.State == handrail.AttendanceCame:
			missed = false
		}
	}
	switch {
	case alert:
		return needAlert
	case c.Patient.Halt != nil:
		return needNobody
	case c.Referral.State == handrail.ReferralSent:
		return needAccept
	case company:
		return needCompany
	case missed && quiet:
		return needMissed
	case !c.Joined && old && quiet:
		return needJoin
	case c.Joined && len(c.Visits) == 0 && old && quiet:
		return needChoice
	}
	return needNobody
}

// sought is one case on a page, with what it needs.
type sought struct {
	handrail.Case
	need need
}

// caseloadOf are the cases that a person looks after, or covers for, what needs a person first. A search looks through all
// of the practice's.
func (k *kit) caseloadOf(ctx context.Context, who bot.Who, search string, now time.Time) ([]sought, error) {
	all, err := k.Records.Caseload(ctx, who.Practice)
	if err != nil {
		return nil, err
	}
	leaves, today, err := k.Records.Leaves(ctx, who.Practice, k.Zone)
	if err != nil {
		return nil, err
	}
	alerts, err := k.Records.OpenAlerts(ctx, who.Practice)
	if err != nil {
		return nil, err
	}
	wanted, err := k.Records.AccompanimentsIn(ctx, who.Practice, handrail.AccompanimentWanted)
	if err != nil {
		return nil, err
	}
	staff, err := k.Records.AllStaff(ctx, who.Practice)
	if err != nil {
		return nil, err
	}
	here := map[handrail.StaffID]bool{}
	for _, s := range staff {
		here[s.ID] = s.Active && s.Carer()
	}
	inDanger, alone := map[handrail.PatientID]bool{}, map[handrail.AttendanceID]bool{}
	for _, a := range alerts {
		inDanger[a.Patient] = true
	}
	for _, a := range wanted {
		alone[a.Attendance] = true
	}
	me := handrail.StaffID(who.ID)
	var out []sought
	for _, c := range all {
		cover, _ := handrail.CoverFor(leaves, c.Referral.LinkWorker, today)
		switch {
		case search != "":
			if !found(c, search) {
				continue
			}
		case here[c.Referral.LinkWorker] && c.Referral.LinkWorker != me && cover != me:
			continue // somebody else's; whoever has left leaves theirs to everybody
		}
		company := slices.ContainsFunc(c.Visits, func(v handrail.Attendance) bool {
			return alone[v.ID] && v.State.Ahead() && v.Occurrence.Start.After(now)
		})
		out = append(out, sought{Case: c, need: needOf(c, inDanger[c.Patient.ID], company, now)})
	}
	slices.SortStableFunc(out, func(a, b sought) int {
		return cmp.Or(cmp.Compare(a.need, b.need), a.Referral.OfferedAt.Compare(b.Referral.OfferedAt))
	})
	return out, nil
}

// found reports whether a case is what was typed: its reference, the patient's initials, or the beginning of a name.
func found(c handrail.Case, typed string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s))
	}
	want := plain(typed)
	if want == "" {
		return false
	}
	if ref := plain(c.Referral.Ref); want == ref || "r"+want == ref || want == plain(c.Patient.Initials()) {
		return true
	}
	return len(want) > 1 && (strings.HasPrefix(plain(c.Patient.Name), want) || strings.HasPrefix(plain(c.Patient.Surname), want) ||
		plain(c.Patient.Name+c.Patient.Surname) == want)
}

// caseloadPage is one page as cards: initials, reference, what it needs, and what can be done about it.
func (k *kit) caseloadPage(ctx context.Context, who bot.Who, search string, from int, now time.Time) (bot.Message, error) {
	all, err := k.caseloadOf(ctx, who, search, now)
	if err != nil {
		return bot.Message{}, err
	}
	m := bot.Message{Private: true}
	switch {
	case len(all) == 0 && search != "":
		m.Text = k.words("cases.notfound")
		return m, nil
	case len(all) == 0:
		m.Text = k.words("cases.none")
		return m, nil
	case search != "":
		m.Text = k.words("cases.found", "n", strconv.Itoa(len(all)))
	default:
		waiting := 0
		for _, c := range all {
			if c.need != needNobody {
				waiting++
			}
		}
		m.Text = k.words("cases.head", "n", strconv.Itoa(len(all)), "waiting", strconv.Itoa(waiting))
	}
	from = min(from, len(all)-1)
	me := asStaff(who)
	for _, c := range all[from:min(from+casesAtOnce, len(all))] {
		card := k.caseCard(me, c, now)
		if search != "" && me.Carer() && c.Patient.Halt == nil && c.Referral.State.Open() && !asksAfter(c.need) {
			// Whoever looks somebody up may just have spoken to them.
			card.Options = append([]bot.Option{press(k.line("referral.contact"), "contacted", string(c.Referral.ID), "yes")}, card.Options...)
		}
		m.Cards = append(m.Cards, card)
	}
	if rest := len(all) - from - casesAtOnce; rest > 0 && search == "" {
		m.Options = []bot.Option{press(k.line("cases.more", "n", strconv.Itoa(rest)), "cases", "me", "from-"+strconv.Itoa(from+casesAtOnce))}
	}
	return m, nil
}

// asksAfter reports whether a need is met by being in touch.
func asksAfter(n need) bool { return n == needMissed || n == needJoin || n == needChoice }

func (k *kit) caseCard(me handrail.Staff, c sought, now time.Time) bot.Card {
	id := string(c.Referral.ID)
	body := bot.Text{{Spans: []bot.Span{{Text: k.shortName(c.Case), Strong: true}, {Text: ". " + k.line("cases.need."+c.need.key())}}}}
	state := k.line("cases.state", "state", k.caseState(c.Case, true), "day", k.day(c.Referral.OfferedAt, now))
	if c.Patient.Halt != nil {
		state = k.line("cases.halted")
	}
	card := bot.Card{Text: append(body, bot.Para(state)...)}
	add := func(ok bool, key, dialog, answer string) {
		if ok {
			card.Options = append(card.Options, press(k.line(key), dialog, id, answer))
		}
	}
	if me.Carer() && c.need == needAccept {
		card.Options = append(card.Options, withStyle(press(k.line("referral.accept"), "accept", id, "yes"), "main"))
	}
	add(me.Carer() && asksAfter(c.need), "referral.contact", "contacted", "yes")
	add(me.MayOpen(c.Referral), "record.open", "record", "open")
	add(!me.MayOpen(c.Referral) && me.MayHalt() && c.Patient.Halt == nil, "record.halt", "halt", "ask")
	return card
}
