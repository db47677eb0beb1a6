package dialogs

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// choices is what choosing asks of the records.
type choices interface {
	AddEnrolment(ctx context.Context, e handrail.Enrolment, by handrail.Actor) (handrail.Enrolment, error)
	Enrolments(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) ([]handrail.Enrolment, error)
	ChangeEnrolment(ctx context.Context, practice handrail.PracticeID, id handrail.EnrolmentID, by handrail.Actor, change func(*handrail.Enrolment) error) (handrail.Enrolment, error)
	AddAttendance(ctx context.Context, a handrail.Attendance, by handrail.Actor) (handrail.Attendance, error)
	Pause(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, until time.Time, by handrail.Actor) error
}

// perView is how many suggestions a patient sees at a time.
const perView = 3

// choose shows a patient two or three things at a time and takes "not now" and "no" for the answers they are.
func (k *kit) choose() bot.Dialog {
	return bot.Dialog{Name: "choose", Title: "choose.title", Opens: "choose.opens", May: patientOnly, Script: k.chooseScript}
}

// chooser is what choosing knows of the patient.
type chooser struct {
	Postcode   string              `json:"postcode"`
	Words      string              `json:"words"`
	Need       string              `json:"need"`
	Age        int                 `json:"age"`
	By         string              `json:"by,omitempty"`
	First      string              `json:"first,omitempty"` // the referrer's own idea
	Referral   string              `json:"referral,omitempty"`
	Ref        string              `json:"ref"`
	LinkWorker string              `json:"link_worker"`
	Patient    handrail.PatientID  `json:"patient"`
	Practice   handrail.PracticeID `json:"practice"`
	// Not is a listing that is not suggested: the one that they look for more like.
	Not    string `json:"not,omitempty"`
	Halted bool   `json:"halted,omitempty"` // the practice stopped everything for them
	// Search says that they look round by themselves: nothing is declined by leaving it.
	Search bool `json:"search,omitempty"`
}

func (k *kit) chooser(ctx context.Context, who bot.Who, now time.Time) (chooser, error) {
	p, err := k.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
	if err != nil {
		return chooser{}, err
	}
	c := chooser{Postcode: p.Postcode, Words: p.Matters, Patient: p.ID, Practice: p.Practice, Halted: p.Halt != nil}
	if p.BirthYear > 0 {
		c.Age = now.Year() - p.BirthYear
	}
	ref, err := k.Records.OpenReferral(ctx, who.Practice, p.ID)
	if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
		return chooser{}, err
	}
	if err == nil {
		c.Need, c.First, c.Referral, c.Ref = ref.Need, string(ref.Suggested), string(ref.ID), ref.Ref
		if s, err := k.Records.Staff(ctx, who.Practice, ref.By); err == nil {
			c.By = s.Name
		}
	}
	c.LinkWorker, err = k.carerName(ctx, who.Practice, p.ID)
	return c, err
}

func (k *kit) chooseScript(t *bot.Talk) error {
	who := t.Who()
	me := bot.Look(t, "me", func(ctx context.Context) (chooser, error) { return k.chooser(ctx, who, t.Now()) })
	if me.Halted {
		t.Send(bot.Message{Text: t.Words("choose.halted"), Options: []bot.Option{k.urgentTo(t.Who().Language)}})
		return nil
	}
	if id := handrail.EnrolmentID(t.Seeded("like")); id != "" {
		me = bot.Look(t, "like-it", func(ctx context.Context) (chooser, error) {
			v, err := k.enrolledIn(ctx, who, id)
			more := me
			more.Words, more.Need, more.Not, more.First, more.By = like(v.Activity), "", string(v.Activity.ID), "", ""
			return more, err
		})
	}
	where := bot.Where{Words: me.Postcode}
	if me.Postcode == "" {
		where = t.Place("where", t.Words("choose.where"))
	}
	found := k.suggested(t, me, where, "")
	if len(found.Groups) == 0 {
		k.askCarer(t, "none", "choose.none.task", me, "")
		t.Say(t.Words("choose.none", "link_worker", me.LinkWorker))
		return nil
	}
	g, ok, err := k.pickGroup(t, me, found)
	if !ok {
		return err
	}
	return k.enrol(t, me, g)
}

// suggested are the groups, and asks where to look until the place is one.
func (k *kit) suggested(t *bot.Talk, me chooser, where bot.Where, asked string) Found {
	found := bot.Look(t, "found", func(ctx context.Context) (Found, error) { return k.suggest(ctx, me, where, asked, false, t.Now()) })
	for i := 2; found.NoPlace && i < 5; i++ {
		n := strconv.Itoa(i)
		ask := t.Words("choose.where")
		if found.Problem != "" {
			ask = append(bot.Para(found.Problem), ask...)
		}
		where = t.Place("where-"+n, ask)
		found = bot.Look(t, "found-"+n, func(ctx context.Context) (Found, error) { return k.suggest(ctx, me, where, asked, true, t.Now()) })
	}
	return found
}

// suggest finds groups; the referrer's own idea stands first. asked is what they typed just now, if anything.
func (k *kit) suggest(ctx context.Context, me chooser, where bot.Where, asked string, placed bool, now time.Time) (Found, error) {
	found, err := k.Finder.Suggest(ctx, Wish{
		Where: where, Practice: me.Practice, Asked: asked, Placed: placed, Words: me.Words, Need: me.Need, Age: me.Age, First: handrail.ActivityID(me.First),
	}, now)
	if err != nil {
		return found, err
	}
	// What they said is not for them, and what is over for them, is not suggested again.
	all, err := k.Records.EnrolledIn(ctx, me.Practice, me.Patient)
	if err != nil {
		return found, err
	}
	done := func(g Group) bool {
		return string(g.ID) == me.Not || slices.ContainsFunc(all, func(v handrail.Visit) bool {
			return v.Activity.ID == g.ID && (v.Enrolment.EndReason == "not_for_me" || v.Enrolment.EndReason == "finished")
		})
	}
	found.Groups = slices.DeleteFunc(found.Groups, done)
	return found, nil
}

// askCarer leaves a task with the link worker.
func (k *kit) askCarer(t *bot.Talk, name, key string, me chooser, group string) {
	who, now := t.Who(), t.Now()
	bot.Do(t, name, "choose.undo", func(ctx context.Context) (bool, error) {
		p, err := k.Records.Patient(ctx, who.Practice, handrail.PatientID(who.ID))
		if err != nil {
			return false, err
		}
		return true, k.tellCarer(ctx, p, name+":"+string(p.ID)+":"+now.UTC().Format("20060102T150405"), now, func(ref handrail.Referral) bot.Message {
			return bot.Message{Text: k.words(key, "who", p.Initials(), "ref", ref.Ref, "group", group)}
		})
	})
}

// pickGroup shows the suggestions until one is wanted; false when the patient would rather wait or not.
func (k *kit) pickGroup(t *bot.Talk, me chooser, found Found) (Group, bool, error) {
	from, view := 0, perView
	if t.Who().Short {
		view = 1 // one thing at a time
	}
	head := t.Words("choose.head")
	if me.By != "" && me.First != "" && string(found.Groups[0].ID) == me.First {
		head = append(head, t.Words("choose.by", "by", me.By)...)
	}
	if found.Note != "" {
		head = append(head, bot.Para(found.Note)...)
	}
	if found.Widened != "" {
		head = append(head, bot.Para(found.Widened)...)
	}
	for i := 1; ; i++ {
		n := strconv.Itoa(i)
		page := found.Groups[from:min(from+view, len(found.Groups))]
		body := head
		options := make([]bot.Option, 0, perView+3)
		for j, g := range page {
			line := []bot.Span{{Text: g.Name, Strong: true}, {Text: ". " + sentence(g.When, g.Distance, g.Cost, g.Why)}}
			body = append(body[:len(body):len(body)], bot.Block{Spans: line})
			options = append(options, bot.Option{Answer: "group-" + strconv.Itoa(from+j), Label: g.Name})
		}
		if len(found.Groups) > view {
			options = append(options, bot.Option{Answer: "more", Label: t.Line("choose.more")})
		}
		if me.Search {
			options = append(options, bot.Option{Answer: "again", Label: t.Line("near.again")}, bot.Option{Answer: "done", Label: t.Line("near.enough")})
		} else {
			options = append(options, bot.Option{Answer: "later", Label: t.Line("choose.notnow")}, bot.Option{Answer: "none", Label: t.Line("choose.nothanks")})
		}
		body = append(body[:len(body):len(body)], t.Words("choose.which")...)
		switch pick := t.ChooseFrom("pick-"+n, bot.Message{Text: body, Again: t.Words("choose.again"), Options: options}); pick {
		case "more":
			if from += view; from >= len(found.Groups) {
				from = 0
			}
		case "again":
			return Group{}, false, t.Then("near", nil)
		case "done":
			t.Say(t.Words("near.done"))
			return Group{}, false, nil
		case "later":
			return Group{}, false, k.later(t, me)
		case "none":
			return Group{}, false, k.nothanks(t, me)
		default:
			g, err := picked(pick, found)
			if err != nil {
				return Group{}, false, err
			}
			if k.wants(t, g, n) {
				return g, true, nil
			}
		}
		head = t.Words("choose.others")
	}
}

// wants shows one group and asks whether to try it. The map pin comes only when it is asked for.
func (k *kit) wants(t *bot.Talk, g Group, n string) bool {
	yes := bot.Option{Answer: "yes", Label: t.Line("choose.yes"), Style: "main"}
	other := bot.Option{Answer: "other", Label: t.Line("choose.other")}
	options := []bot.Option{yes}
	if g.At != nil {
		options = append(options, bot.Option{Answer: "map", Label: t.Line("choose.map")})
	}
	options = append(options, other)
	asked := options
	if t.Who().Short {
		asked = append(slices.Clone(options), bot.Option{Answer: "about", Label: t.Line("choose.about")})
	}
	shown := bot.Message{Text: card(t, g, t.Who().Short), Again: t.Words("choose.card.again"), Options: asked}
	if f := k.pictureOf(t, g); f != nil {
		shown.Files = []bot.File{*f}
	}
	answer := t.ChooseFrom("card-"+n, shown)
	if answer == "about" {
		answer = t.Choose("about-"+n, card(t, g, false), options...)
	}
	if answer == "map" {
		answer = t.ChooseFrom("map-"+n, bot.Message{
			Text: append(t.Words("choose.map.here"), t.Words("choose.card.which")...), Place: g.pin(), Options: []bot.Option{yes, other},
		})
	}
	return answer == "yes"
}

// pictureOf is what a group looks like, where its listing has a picture and somebody has fetched it; never of a group whose
// name says something about health.
func (k *kit) pictureOf(t *bot.Talk, g Group) *bot.File {
	if k.Picture == nil || g.Photo == "" || g.Neutral != g.Name {
		return nil
	}
	return k.Picture(g.Photo, t.Line("choose.picture", "name", g.Name))
}

// card says what there is to know of a group before saying yes; in fewer words for those who like them: what, when and
// where.
func card(t *bot.Talk, g Group, short bool) bot.Text {
	body := append(t.Words("choose.card"), t.Words("choose.card.name", "name", g.Name)...)
	lines := [][3]string{{"when", "when", g.When}, {"where", "venue", g.Venue}, {"cost", "cost", g.Cost}, {"access", "access", g.Access}}
	if short {
		lines = lines[:2]
	} else if g.About != "" {
		body = append(body, bot.Para(g.About)...)
	}
	for _, f := range lines {
		if f[2] != "" {
			body = append(body, t.Words("choose.card."+f[0], f[1], f[2])...)
		}
	}
	if !short {
		if g.FirstTime != "" {
			body = append(body, t.Words("choose.card.first_own", "words", g.FirstTime)...)
		}
		body = append(body, t.Words("choose.card.first")...)
	}
	return append(body, t.Words("choose.card.which")...)
}

// later takes "not now" for an answer.
func (k *kit) later(t *bot.Talk, me chooser) error {
	pick := t.Choose("wait", t.Words("choose.wait"),
		bot.Option{Answer: "weeks-2", Label: t.Line("choose.wait.2")},
		bot.Option{Answer: "weeks-4", Label: t.Line("choose.wait.4")},
		bot.Option{Answer: "weeks-12", Label: t.Line("choose.wait.12")})
	weeks, err := strconv.Atoi(strings.TrimPrefix(pick, "weeks-"))
	if err != nil {
		return err
	}
	who, now := t.Who(), t.Now()
	until := now.AddDate(0, 0, 7*weeks)
	bot.Do(t, "later", "choose.undo", func(ctx context.Context) (bool, error) {
		p, err := k.Records.ChangePatient(ctx, who.Practice, me.Patient, actor(who), "not now", func(p *handrail.Patient) error {
			p.PausedUntil = &until
			return nil
		})
		if err != nil {
			return false, err
		}
		return true, k.tellCarer(ctx, p, "notnow:"+string(p.ID)+":"+now.UTC().Format("20060102"), now, func(ref handrail.Referral) bot.Message {
			return bot.Message{Text: k.words("referral.notnow", "who", p.Initials(), "ref", ref.Ref, "date", k.day(until, now))}
		})
	})
	t.Say(t.Words("choose.waiting", "date", k.dayIn(t.Who().Language, until, now)))
	return nil
}

// nothanks takes "no" for an answer, with a reason if they like to give one; it is never argued with.
func (k *kit) nothanks(t *bot.Talk, me chooser) error {
	reasons := []handrail.DeclineReason{
		handrail.DeclineNotNow, handrail.DeclineAnxiety, handrail.DeclineTravel, handrail.DeclineCost, handrail.DeclineHours,
		handrail.DeclineSupported, handrail.DeclineNoNeed, handrail.DeclineStigma, handrail.DeclineExperience, handrail.DeclinePrivate,
	}
	options := make([]bot.Option, len(reasons))
	for i, r := range reasons {
		options[i] = bot.Option{Answer: string(r), Label: t.Line("reason_patient." + string(r))}
	}
	// A button, or their own words, which are coded and read back: the reason is theirs, and so is the last word on it.
	reason, words := t.TextOr("why", bot.Message{Text: t.Words("choose.why_not"), Options: options}), ""
	if k.isOne(reason, "choose.why_private.words") {
		reason = string(handrail.DeclinePrivate)
	}
	if !slices.Contains(reasons, handrail.DeclineReason(reason)) {
		said := reason
		coded, sure := k.Finder.ReadRefusal(said)
		if !sure || !t.Confirm("coded", t.Words("choose.why_coded", "reason", t.Line("reason_patient."+string(coded)))) {
			coded = handrail.DeclineReason(t.Choose("why-again", t.Words("choose.why_again"), options...))
		}
		if reason = string(coded); t.Permit("keep", t.Words("choose.why_keep", "link_worker", me.LinkWorker)) {
			words = said
		}
	}
	who, now := t.Who(), t.Now()
	bot.Do(t, "decline", "choose.undo", func(ctx context.Context) (bool, error) {
		ref, err := k.Records.OpenReferral(ctx, who.Practice, me.Patient)
		if handrail.IsKind(err, handrail.KindNotFound) {
			return false, nil
		}
		if err != nil || (ref.State != handrail.ReferralSent && ref.State != handrail.ReferralAccepted) {
			return false, err
		}
		p, err := k.Records.Patient(ctx, who.Practice, me.Patient)
		if err != nil {
			return false, err
		}
		// The link worker is told first: once declined, the referral is no longer the open one.
		err = k.tellCarer(ctx, p, "declined:"+string(ref.ID), now, func(ref handrail.Referral) bot.Message {
			return bot.Message{Text: k.words("referral.declined", "who", p.Initials(), "ref", ref.Ref, "reason", strings.ToLower(k.line("reason."+reason)))}
		})
		if err != nil {
			return false, err
		}
		_, err = k.Records.ChangeReferral(ctx, who.Practice, ref.ID, actor(who), func(r *handrail.Referral) error {
			return r.Decline(handrail.DeclineReason(reason), words, nil)
		})
		return true, err
	})
	t.Say(t.Words("choose.thanks"))
	return nil
}
