package dialogs

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// listings is what living listings ask of the records.
type listings interface {
	// ChangeStanding changes what is known of a listing here.
	ChangeStanding(ctx context.Context, id handrail.ActivityID, by handrail.Actor, change func(*handrail.Standing) error) (handrail.Activity, error)
	// SetActivityStatus says whether the group runs, and returns the listing as it was before: a second call changes nothing.
	SetActivityStatus(ctx context.Context, id handrail.ActivityID, status handrail.ActivityStatus, by handrail.Actor) (before handrail.Activity, err error)
	// Enrolled is everybody, of every practice, who goes to it or means to, each with their enrolment and no visit.
	Enrolled(ctx context.Context, id handrail.ActivityID) ([]handrail.Visit, error)
	// BookedOn is every visit ahead that starts in [from, to), of every practice.
	BookedOn(ctx context.Context, id handrail.ActivityID, from, to time.Time) ([]handrail.Visit, error)
	// Ask is a question to an organiser, AnswerAsk settles it; already is true when it was settled before.
	Ask(ctx context.Context, id handrail.AskID) (handrail.Ask, error)
	AnswerAsk(ctx context.Context, id handrail.AskID, answer handrail.AskAnswer, words string, at time.Time, by handrail.Actor) (ask handrail.Ask, already bool, err error)
	// PutAsk notes a question; the same one twice is one.
	PutAsk(ctx context.Context, ask handrail.Ask, by handrail.Actor) error
	// OrganiserOf is who answers for a listing in a chat; false when nobody does.
	OrganiserOf(ctx context.Context, id handrail.ActivityID) (handrail.OrganiserPerson, bool, error)
}

// Answers joins an organiser's answer to what follows from it, for a page that has no chat: the same as when they press
// the button. The result says that it was answered before.
func Answers(d Deps) func(ctx context.Context, id handrail.AskID, answer handrail.AskAnswer, words string, now time.Time) (already bool, err error) {
	k := &kit{Deps: d}
	return func(ctx context.Context, id handrail.AskID, answer handrail.AskAnswer, words string, now time.Time) (bool, error) {
		return k.answered(ctx, id, answer, words, "link", handrail.Actor("organiser:link"), now)
	}
}

// answered takes an organiser's answer, once, and does what follows from it. It is for a transaction.
func (k *kit) answered(ctx context.Context, id handrail.AskID, answer handrail.AskAnswer, words, how string, by handrail.Actor, now time.Time) (already bool, err error) {
	ask, already, err := k.Records.AnswerAsk(ctx, id, answer, words, now, by)
	if err != nil || already {
		return already, err
	}
	return false, k.heard(ctx, ask, words, how, by, now)
}

// heard does what follows from an answered question.
func (k *kit) heard(ctx context.Context, ask handrail.Ask, words, how string, by handrail.Actor, now time.Time) error {
	a, err := k.Records.ChangeStanding(ctx, ask.Activity, by, func(s *handrail.Standing) error {
		s.Answered(ask.Answer, how, now)
		return nil
	})
	if err != nil {
		return err
	}
	switch ask.Answer {
	case handrail.AskClosed:
		_, err = k.closeListing(ctx, a.ID, by, now)
	case handrail.AskChanged:
		err = k.tellPractices(ctx, a, ask.Practice, "changed:"+string(ask.ID), now, bot.Message{
			Text: k.words("listing.task.changed", "group", a.Name, "words", words), Options: []bot.Option{k.editButton(ask)},
		})
	case handrail.AskPaused:
		err = k.tellPractices(ctx, a, ask.Practice, "paused:"+string(ask.ID), now, bot.Message{Text: k.words("listing.task.paused", "group", a.Name)})
	}
	return err
}

// editButton leads a member of staff to the listing that a question was about: the question's id is short enough for a
// button, a feed's own id may not be.
func (k *kit) editButton(ask handrail.Ask) bot.Option {
	return press(k.line("listing.task.edit"), "listing", string(ask.ID), "edit")
}

// closeListing takes a group that has ended out of the directory, and tells everybody who goes there, whoever would go
// along, and the link workers. A second call finds nothing left to do.
func (k *kit) closeListing(ctx context.Context, id handrail.ActivityID, by handrail.Actor, now time.Time) (told int, err error) {
	before, err := k.Records.SetActivityStatus(ctx, id, handrail.ActivityDefunct, by)
	if err != nil || before.Status == handrail.ActivityDefunct {
		return 0, err
	}
	all, err := k.Records.Enrolled(ctx, id)
	if err != nil {
		return 0, err
	}
	for _, v := range all {
		if err := k.endEnrolment(ctx, by, v, "group_closed", now); err != nil {
			return 0, fmt.Errorf("close a listing: %w", err)
		}
		in := k.in(v.Patient.Language)
		err := k.Post.Post(ctx, bot.Envelope{
			Key: "ended:" + string(v.Enrolment.ID), To: v.Patient.Address, Patient: v.Patient.ID, Class: bot.ClassNotice,
			Permission: handrail.PurposeChat, NotBefore: now, Message: bot.Message{
				Text:    append(in.words("off.ended", "name", v.Patient.Name), in.words("off.ended.what", "group", before.Name)...),
				Options: []bot.Option{press(in.line("off.choose"), "nudge", "ended", "other"), k.urgentTo(v.Patient.Language)},
			},
		})
		if err != nil {
			return 0, err
		}
	}
	return len(all), k.tellOf(ctx, all, "closed:"+string(id)+":"+strconv.FormatInt(now.Unix(), 36), now,
		"listing.task.closed", "group", before.Name)
}

// cancelMeeting calls one day of a group off: whoever is booked is told, and put down for the next.
func (k *kit) cancelMeeting(ctx context.Context, id handrail.ActivityID, on handrail.Date, reason string, by handrail.Actor, now time.Time) (told int, err error) {
	fresh := false
	a, err := k.Records.ChangeStanding(ctx, id, by, func(s *handrail.Standing) error {
		fresh = s.CallOff(on, reason, now)
		return nil
	})
	if err != nil || !fresh {
		return 0, err
	}
	from := on.At(0, k.Zone)
	all, err := k.Records.BookedOn(ctx, id, from, from.In(k.Zone).AddDate(0, 0, 1))
	if err != nil {
		return 0, err
	}
	for _, v := range all {
		v.Activity = a // with the day called off, so that the next one is another day
		if err := k.callVisitOff(ctx, v, reason, by, now); err != nil {
			return 0, fmt.Errorf("call a meeting off: %w", err)
		}
	}
	return len(all), k.tellOf(ctx, all, "off:"+string(id)+":"+string(on), now,
		"listing.task.off", "group", a.Name, "day", k.day(from.Add(12*time.Hour), now))
}

// callVisitOff cancels one visit whose meeting does not happen, tells the patient and the buddy, and plans the next.
func (k *kit) callVisitOff(ctx context.Context, v handrail.Visit, reason string, by handrail.Actor, now time.Time) error {
	next, err := k.cancelVisit(ctx, v, by, now)
	if err != nil {
		return err
	}
	start, lang := v.Attendance.Occurrence.Start, v.Patient.Language
	in := k.in(lang)
	body := in.words("off.day", "name", v.Patient.Name, "when", k.dayTimeIn(lang, start, now))
	body = append(body, in.words("off.day.what", "group", v.Activity.Name)...)
	if reason != "" {
		body = append(body, in.words("off.day.why", "reason", reason)...)
	}
	if next != nil {
		body = append(body, in.words("off.day.next", "when", k.dayTimeIn(lang, next.Occurrence.Start, now))...)
	}
	return k.Post.Post(ctx, bot.Envelope{
		Key: "calledoff:" + string(v.Attendance.ID), To: v.Patient.Address, Patient: v.Patient.ID, Class: bot.ClassNotice,
		Permission: handrail.PurposeChat, Subject: string(v.Attendance.ID), NotBefore: now, NotAfter: v.Attendance.Occurrence.End,
		Message: bot.Message{Text: body},
	})
}

// reportClosed notes that somebody found a group closed: whoever searches is warned from now on, the organiser is asked
// at once, and the link workers of the practice it came from are told.
func (k *kit) reportClosed(ctx context.Context, practice handrail.PracticeID, id handrail.ActivityID, by handrail.Actor, now time.Time) error {
	a, err := k.Records.ChangeStanding(ctx, id, by, func(s *handrail.Standing) error {
		s.Reported(now)
		return nil
	})
	if err != nil {
		return err
	}
	staff, err := k.linkWorkers(ctx, practice, "")
	if err != nil {
		return err
	}
	if !a.Standing.Due(now) {
		// It was reported before, and the question is out; a second practice's link workers hear of it all the same.
		out, err := k.Records.Ask(ctx, handrail.NewAskID(id, handrail.DateOf(*a.Standing.AskedAt, k.Zone)))
		if err != nil {
			if handrail.IsKind(err, handrail.KindNotFound) {
				return nil
			}
			return err
		}
		m := bot.Message{Text: k.words("listing.task.reported", "group", a.Name), Options: []bot.Option{k.editButton(out)}}
		return k.tell(ctx, staff, "reported:"+string(out.ID), bot.ClassNotice, "", now, m)
	}
	who, chats, err := k.Records.OrganiserOf(ctx, id)
	if err != nil {
		return err
	}
	chats = chats && !who.Address.IsZero()
	ask := handrail.Ask{ID: handrail.NewAskID(id, handrail.DateOf(now, k.Zone)), Activity: id, Practice: practice, AskedAt: now, Link: !chats}
	if err := k.Records.PutAsk(ctx, ask, handrail.ActorSystem); err != nil {
		return err
	}
	m := bot.Message{Text: k.words("listing.task.reported", "group", a.Name), Options: []bot.Option{k.editButton(ask)}}
	if chats {
		m.Text = append(m.Text, k.words("listing.task.reported.asked")...)
		if err := k.Post.Post(ctx, StillOn(k.Words, a, k.When(a), ask, who.Address)); err != nil {
			return err
		}
	} else if link := k.AskLink(ask); link != "" {
		m.Text = append(m.Text, k.words("listing.task.reported.link")...)
		m.Options = append(m.Options, bot.Option{Label: k.line("listing.task.link"), Link: link})
	}
	return k.tell(ctx, staff, "reported:"+string(ask.ID), bot.ClassNotice, "", now, m)
}

// StillOn is the question to an organiser. The planned one (package reminders) and the one after a report are the same,
// under the same key, so that a day brings one of them.
func StillOn(words bot.Words, a handrail.Activity, when string, ask handrail.Ask, to handrail.Address) bot.Envelope {
	m := bot.Message{Text: words.Text("en", "asked.ask", "group", a.Name, "when", when, "venue", a.Venue.Line())}
	for _, answer := range []handrail.AskAnswer{handrail.AskYes, handrail.AskChanged, handrail.AskClosed, handrail.AskPaused} {
		m.Options = append(m.Options, press(words.Line("en", "asked."+string(answer)), "asked", string(ask.ID), string(answer)))
	}
	return bot.Envelope{
		// The job looks once more before it goes, whoever posted it: it may be answered by then, and nobody is asked at night.
		Key: string(ask.ID), To: to, Class: bot.ClassNudge, Job: "asks", Subject: string(ask.ID), NotBefore: ask.AskedAt,
		NotAfter: ask.AskedAt.Add(handrail.AskPatience), Message: m,
	}
}

// tellOf tells the link workers of every practice that has somebody among the visits, naming their own people only,
// and apart from the others those who were not told, since they may not be written to: somebody has to ring them.
func (k *kit) tellOf(ctx context.Context, all []handrail.Visit, key string, now time.Time, task string, args ...string) error {
	told, untold := map[handrail.PracticeID][]string{}, map[handrail.PracticeID][]string{}
	var practices []handrail.PracticeID
	for _, v := range all {
		ok, why := v.Patient.Reachable(now)
		if why == "deceased" {
			continue
		}
		p := v.Patient.Practice
		if told[p] == nil && untold[p] == nil {
			practices = append(practices, p)
		}
		ref, err := k.Records.OpenReferral(ctx, p, v.Patient.ID)
		if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
			return err
		}
		may, err := k.Records.Permitted(ctx, p, v.Patient.ID, handrail.PurposeChat)
		if err != nil {
			return err
		}
		names := untold
		if ok && may {
			names = told
		}
		names[p] = append(names[p], v.Patient.Initials()+" ("+ref.Ref+")")
	}
	slices.Sort(practices)
	for _, p := range practices {
		staff, err := k.linkWorkers(ctx, p, "")
		if err != nil {
			return err
		}
		m := bot.Message{Text: k.words(task, args...)}
		if len(told[p]) > 0 {
			m.Text = append(m.Text, k.words(task+".told", "who", text.List(told[p]))...)
		}
		if len(untold[p]) > 0 {
			m.Text = append(m.Text, k.words("listing.task.untold", "who", strings.Join(untold[p], ", "))...)
		}
		if err := k.tell(ctx, staff, key, bot.ClassNotice, "", now, m); err != nil {
			return err
		}
	}
	return nil
}

// tellPractices tells the link workers of the practices whose people go to a listing, and of the one that asked.
func (k *kit) tellPractices(ctx context.Context, a handrail.Activity, asked handrail.PracticeID, key string, now time.Time, m bot.Message) error {
	all, err := k.Records.Enrolled(ctx, a.ID)
	if err != nil {
		return err
	}
	practices := []handrail.PracticeID{asked}
	for _, v := range all {
		practices = append(practices, v.Patient.Practice)
	}
	slices.Sort(practices)
	for _, p := range slices.Compact(practices) {
		staff, err := k.linkWorkers(ctx, p, "")
		if err != nil {
			return err
		}
		if err := k.tell(ctx, staff, key, bot.ClassNotice, "", now, m); err != nil {
			return err
		}
	}
	return nil
}
