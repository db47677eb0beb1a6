package house_test

import (
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/house"
	"handrail/urgent"
)

// row is the envelope that is being sent.
type row struct {
	key, class, permission, job, subject, patient string
	practice                                      string
}

// sending finds the envelope that is being sent to an address at this moment: the newest in that state.
func (s *sim) sending(to handrail.Address) row {
	var r row
	err := s.db.QueryRow(`SELECT key, class, permission, job, subject, patient, practice FROM outbox
		WHERE state = 'sending' AND address = $1 ORDER BY lease_until DESC, seq DESC LIMIT 1`, s.Rec.ConversationKey(to)).
		Scan(&r.key, &r.class, &r.permission, &r.job, &r.subject, &r.patient, &r.practice)
	if err != nil {
		s.fail("a message is sent that is not in the outbox: %v", err)
	}
	return r
}

func (s *sim) text1(query string, args ...any) string {
	var v sql.NullString
	if err := s.db.QueryRow(query, args...).Scan(&v); err != nil && !errors.Is(err, sql.ErrNoRows) {
		s.t.Helper()
		s.t.Fatal(err)
	}
	return v.String
}

func (s *sim) int1(query string, args ...any) int64 {
	var v sql.NullInt64
	if err := s.db.QueryRow(query, args...).Scan(&v); err != nil && !errors.Is(err, sql.ErrNoRows) {
		s.t.Helper()
		s.t.Fatal(err)
	}
	return v.Int64
}

// patientOf is the patient whose chat this is; empty when it is nobody's.
func (s *sim) patientOf(p *person) string {
	return s.text1("SELECT owner FROM identities WHERE kind = 'patient' AND field = 'address' AND hash = $1", s.Rec.ConversationKey(p.addr))
}

func (s *sim) buddyOf(p *person) string {
	return s.text1("SELECT owner FROM identities WHERE kind = 'buddy' AND field = 'address' AND hash = $1", s.Rec.ConversationKey(p.addr))
}

func (s *sim) joined(p *person) bool { return s.patientOf(p) != "" }

func (s *sim) isDanger(u bot.Update) bool {
	return house.Scanner{}.Scan(u.Text) != "" || strings.HasPrefix(u.Choice, "p~urgent~") ||
		(u.Kind == bot.UpdateText && strings.EqualFold(strings.TrimSpace(u.Text), s.line("help.urgent")))
}

// everything is all that a message shows, button labels and files and all.
func everything(m bot.Message) string {
	var b strings.Builder
	b.WriteString(m.Text.Plain())
	for _, o := range m.Options {
		b.WriteString("\n" + o.Label + "\n" + o.Link)
	}
	if m.Form != nil {
		b.WriteString("\n" + m.Form.Title)
		for _, f := range m.Form.Fields {
			b.WriteString("\n" + f.Label + "\n" + f.Value)
		}
	}
	for _, f := range m.Files {
		b.WriteString("\n" + f.Name + "\n" + f.Alt + "\n" + string(f.Data))
	}
	if m.Place != nil {
		b.WriteString("\n" + m.Place.Name + "\n" + m.Place.Address)
	}
	return b.String()
}

var (
	canary    = regexp.MustCompile(`(Nam|Sur|Not|Mat|Fee|Bud|Abo|Sta|Cha|Pra)([ab])(\d\d)?`)
	nhsNumber = regexp.MustCompile(`943 ?476 ?5919`)
)

func always(class string) bool {
	return class == string(bot.ClassReply) || class == string(bot.ClassCard)
}

// beforeShown holds a message against the facts at the moment at which it is about to be sent.
func (s *sim) beforeShown(to handrail.Address, m bot.Message, r row) {
	who, all, now := s.byAddr[to], everything(m), s.Now()
	s.note("-> %s %s (%s %s): %s", who.tag, who.kind, r.class, r.job, strings.ReplaceAll(all, "\n", " / "))
	bad := func(why string) {
		s.t.Helper()
		s.fail("%s\n%s, a %s, is sent %s (%s %s):\n%s", why, who.tag, who.kind, r.key, r.class, r.job, all)
	}
	if r.practice != string(to.Practice) {
		bad("an envelope of one practice goes to another's chat (C8)")
	}
	s.checkWords(who, r, all, bad)
	switch who.kind {
	case "patient":
		s.checkPatient(who, r, m, bad)
	case "buddy", "stranger":
		s.checkBuddy(who, r, all, bad)
	}
	if r.class == string(bot.ClassNudge) {
		if h := now.In(london(s.t)).Hour(); h >= 20 || h < 9 {
			bad("a question in the quiet hours (T7)")
		}
		if r.job == "how" && now.UnixMicro() < s.int1("SELECT end_at FROM attendances WHERE id = $1", r.subject) {
			bad("asked how it was before it was over")
		}
	}
	// One reminder of several things names the patient and none of them.
	if r.class == string(bot.ClassReminder) && r.job != "oneday" && now.UnixMicro() >= s.int1("SELECT start_at FROM attendances WHERE id = $1", r.subject) {
		bad("reminded of what has begun")
	}
	if r.class == string(bot.ClassReminder) &&
		s.text1("SELECT e.state FROM attendances a JOIN enrolments e ON e.id = a.enrolment WHERE a.id = $1", r.subject) == "ended" {
		bad("reminded of what they gave up")
	}
	told, _ := urgent.Card(urgent.General, urgent.England, true)
	untold, _ := urgent.Card(urgent.General, urgent.England, false)
	claim := told[len(told)-1]
	if claim == untold[len(untold)-1] {
		s.t.Fatal("the card says the same whether or not somebody was told: the check of K7 checks nothing")
	}
	if strings.Contains(all, claim) {
		n := s.int1(`SELECT COUNT(*) FROM outbox o JOIN staff s ON o.key LIKE '%:' || s.id AND s.practice = o.practice
			WHERE o.class = 'alert' AND s.active = 1 AND o.practice = $1 AND o.patient = $2 AND o.state <> 'failed_permanent'
			AND o.put_at >= (SELECT put_at FROM outbox WHERE key = $3) - $4`, r.practice, r.patient, r.key, (30 * time.Minute).Microseconds())
		if n == 0 {
			bad("the card says that somebody was told, and nobody was (K7)")
		}
	}
}

// checkWords looks for what this person must never read.
func (s *sim) checkWords(who *person, r row, all string, bad func(string)) {
	if nhsNumber.MatchString(all) {
		bad("an NHS number (G5)")
	}
	staff := who.kind == "gp" || who.kind == "linkworker"
	for _, hit := range canary.FindAllStringSubmatch(all, -1) {
		word, what, of, tag := hit[0], hit[1], hit[2], hit[2]+hit[3]
		own := tag == who.tag
		if of != letter(who.addr.Practice) {
			bad("something of the other practice: " + word + " (C8)")
		}
		if what == "Cha" {
			bad("a chat's address: " + word)
		}
		switch {
		case staff:
			// Whoever offers to go along is known to staff by the first name they gave, whoever else they are.
			offered := what == "Nam" && s.buddyOf(s.tagged(tag)) != ""
			if (what == "Sur" || what == "Nam" && !offered) && r.class != string(bot.ClassReply) {
				bad("a patient's name to staff, unasked: " + word + " (G12)")
			}
			if what == "Fee" && who.kind == "gp" {
				bad("a patient's own words to the GP: " + word)
			}
			if what == "Not" && who.kind == "gp" && r.class != string(bot.ClassReply) {
				bad("a note to a GP: " + word)
			}
		case who.kind == "patient":
			switch {
			case what == "Sur" || what == "Not" || what == "Pra":
				bad("to a patient: " + word + " (G5)")
			case (what == "Nam" || what == "Mat" || what == "Fee") && !own:
				bad("another patient's word to a patient: " + word)
			case what == "Bud" || what == "Abo":
				if s.int1(`SELECT COUNT(*) FROM accompaniments a JOIN identities i ON i.kind = 'buddy' AND i.owner = a.buddy AND i.field = 'address'
					WHERE a.patient = $1 AND i.hash = $2`, s.patientOf(who), s.Rec.ConversationKey(s.tagged(tag).addr))+
					s.int1("SELECT COUNT(*) FROM accompaniments WHERE patient = $1 AND refused LIKE '%' || $2 || '%'", s.patientOf(who), s.buddyOf(s.tagged(tag))) == 0 {
					bad("a volunteer who was never asked for this patient: " + word + " (V2)")
				}
			}
		default: // a buddy or a stranger
			switch {
			case what == "Sur" || what == "Not" || what == "Mat" || what == "Fee" || what == "Pra" || what == "Sta":
				bad("to a volunteer: " + word + " (V2)")
			case (what == "Bud" || what == "Abo") && !own:
				bad("one volunteer's word to another: " + word)
			}
		}
	}
}

func (s *sim) tagged(tag string) *person {
	for _, p := range s.people {
		if p.tag == tag {
			return p
		}
	}
	s.t.Fatalf("nobody is %s", tag)
	return nil
}

// checkPatient holds what goes to a patient against their permission, their stop, their pause and their alert.
func (s *sim) checkPatient(who *person, r row, m bot.Message, bad func(string)) {
	if s.keys[r.key] > 0 && (r.class == string(bot.ClassNudge) || (r.class == string(bot.ClassReminder) && !s.doubts[r.key])) {
		bad("a reminder or a question is shown twice")
	}
	s.checkPromise(who, m, bad)
	if always(r.class) {
		s.checkAnswer(who, r, bad)
		return
	}
	id := s.patientOf(who)
	switch {
	case id == "":
		bad("a message to a chat that is no patient's")
	case id != r.patient:
		bad("a message about somebody else to a patient's chat")
	case s.text1("SELECT state FROM permissions WHERE patient = $1 AND purpose = 'chat'", id) != "given":
		bad("no live permission to write (G1)")
	case who.stopped:
		bad("they said stop (G2)")
	case s.int1("SELECT stopped FROM patients WHERE id = $1", id) != 0:
		bad("stopped in the records (G2)")
	case s.Now().Before(who.paused), s.int1("SELECT paused_until FROM patients WHERE id = $1", id) > s.Now().UnixMicro():
		bad("they asked for a rest")
	case s.int1("SELECT held_since FROM patients WHERE id = $1", id) != 0,
		s.int1("SELECT COUNT(*) FROM alerts WHERE patient = $1 AND state <> 'resolved'", id) > 0:
		bad("an alert holds their messages (K8)")
	}
	for _, hit := range canary.FindAllStringSubmatch(m.Text.Plain(), -1) {
		if hit[1] == "Bud" && r.class == string(bot.ClassReminder) &&
			s.int1("SELECT COUNT(*) FROM accompaniments WHERE attendance = $1 AND state = 'agreed' AND buddy = $2", r.subject, s.buddyOf(s.tagged(hit[2]+hit[3]))) == 0 {
			bad("promises somebody who is not coming (T5)")
		}
	}
}

// checkAnswer holds an answer to being one: to an update of this very chat, in time.
func (s *sim) checkAnswer(who *person, r row, bad func(string)) {
	f := strings.Split(r.key, ":")
	if f[0] != "reply" || len(f) != 4 || f[1] != s.Rec.ConversationKey(who.addr) {
		bad("an answer that answers nothing")
		return
	}
	at := s.int1("SELECT accepted_at FROM inbox WHERE conversation = $1 AND number = $2", f[1], f[2])
	if at == 0 {
		bad("an answer to what was never said")
	}
}

// checkPromise holds "the next one is ..." to there being one.
func (s *sim) checkPromise(who *person, m bot.Message, bad func(string)) {
	said := m.Text.Plain()
	if !strings.Contains(said, s.start("how.next")) && !strings.Contains(said, s.start("nudge.said.again")) {
		return
	}
	if s.int1("SELECT COUNT(*) FROM attendances WHERE patient = $1 AND state IN ('planned', 'going') AND start_at > $2", s.patientOf(who), s.Now().UnixMicro()) == 0 {
		bad("promises a next visit that is not planned")
	}
}

// checkBuddy holds what goes to a volunteer to a first name, a place and a time, and to the patient's permission.
func (s *sim) checkBuddy(who *person, r row, all string, bad func(string)) {
	if s.keys[r.key] > 0 && r.class == string(bot.ClassReminder) && !s.doubts[r.key] {
		bad("a reminder is shown twice")
	}
	for _, key := range s.words.Keys("en") {
		if strings.HasPrefix(key, "needs.") && key != "needs.other" && strings.Contains(all, s.line(key)) {
			bad("a patient's need to a volunteer: " + key)
		}
	}
	for _, hit := range canary.FindAllStringSubmatch(all, -1) {
		if hit[1] != "Nam" || hit[2]+hit[3] == who.tag {
			continue
		}
		id := s.tagged(hit[2] + hit[3]).patient // their chat may have been closed since
		switch {
		case s.text1("SELECT state FROM permissions WHERE patient = $1 AND purpose = 'buddy'", id) != "given":
			bad("a patient's name to a volunteer without the patient's permission (G1)")
		case s.int1("SELECT COUNT(*) FROM accompaniments WHERE patient = $1 AND (buddy = $2 OR refused LIKE '%' || $2 || '%')", id, s.buddyOf(who)) == 0:
			bad("a patient's name to a volunteer who was not asked (V2)")
		}
	}
	if id := r.patient; id != "" && !always(r.class) && s.text1("SELECT state FROM permissions WHERE patient = $1 AND purpose = 'buddy'", id) != "given" {
		bad("about a patient to a volunteer without the patient's permission (G1)")
	}
}

// whenShown is the person reading it.
func (s *sim) whenShown(to handrail.Address, m bot.Message, r row) {
	p := s.byAddr[to]
	s.keys[r.key]++
	if r.job != "" {
		s.see("job " + r.job)
	}
	p.shown = append(p.shown, m)
	p.unread++
	for _, o := range m.Options {
		if o.Payload != "" {
			p.buttons = append(p.buttons, o)
			if f := strings.Split(o.Payload, "~"); f[0] == "p" && f[2] != "me" {
				p.todo = append(p.todo, o)
			}
		}
		if code, ok := strings.CutPrefix(o.Link, "#join="); ok {
			tag := canary.FindStringSubmatch(o.Label)
			who := s.tagged(tag[2] + tag[3])
			who.codes = append(who.codes, code)
		}
	}
	said := m.Text.Plain()
	for key, what := range map[string]string{
		"patients.head": "dialog patients", "patients.none": "dialog patients", "digest.none.now": "dialog today", "digest.head.now": "dialog today",
		"next.head": "dialog next", "next.none": "dialog next", "alert.resolved": "alert resolved", "referral.joined": "invitation used",
	} {
		if head := s.start(key); head != "" && strings.HasPrefix(said, head) {
			s.see(what)
		}
	}
	if strings.Contains(said, "has joined the chat") {
		s.see("invitation used")
	}
	if p.kind != "patient" {
		return
	}
	if id := s.patientOf(p); id != "" {
		p.patient = id
	}
	switch {
	case strings.HasPrefix(said, s.start("guard.stop")), strings.HasPrefix(said, s.start("delete.done")), strings.HasPrefix(said, s.start("wrong.done")):
		p.stopped = true
		s.see("stop")
	case strings.HasPrefix(said, s.start("guard.pause")):
		p.paused = s.Now().AddDate(0, 0, 14).Add(-time.Hour)
		s.see("pause")
	case strings.HasPrefix(said, s.start("guard.resume")):
		p.stopped, p.paused = false, time.Time{}
		s.see("resume")
	case strings.HasPrefix(said, s.start("join.done")), strings.HasPrefix(said, s.start("permission.gp_feedback")):
		p.stopped = false // they have just said yes to being written to
	}
}

// afterEvent looks at the records once the house is at rest.
func (s *sim) afterEvent() {
	for dialog := range strings.SplitSeq(s.text1("SELECT group_concat(DISTINCT open_dialog) FROM conversations WHERE open_dialog <> ''"), ",") {
		if dialog != "" {
			s.see("dialog " + dialog)
		}
	}
	s.dangers = slices.DeleteFunc(s.dangers, s.checkDanger)
	if n := s.int1(`SELECT COUNT(*) FROM (SELECT enrolment FROM attendances WHERE state IN ('planned', 'going') AND start_at > $1
		GROUP BY enrolment HAVING COUNT(*) > 1)`, s.Now().UnixMicro()); n > 0 {
		s.fail("somebody is down twice for the same thing")
	}
	if n := s.int1("SELECT COUNT(*) FROM (SELECT patient FROM referrals WHERE state NOT IN ('declined', 'closed') GROUP BY patient HAVING COUNT(*) > 1)"); n > 0 {
		s.fail("somebody has two open referrals")
	}
	if n := s.int1(`SELECT COUNT(*) FROM accompaniments c JOIN attendances a ON a.id = c.attendance WHERE c.state IN ('wanted', 'asked', 'agreed')
		AND a.state IN ('cancelled', 'came', 'missed')`); n > 0 {
		s.fail("company is still wanted for a visit that is over or off")
	}
}

// leaseAfterCrash is for how long an update of a process that was killed is nobody's.
const leaseAfterCrash = 40 * time.Second

// alerted reports whether there is an alert about a patient, or a stranger, that was open when danger was written of.
func (s *sim) alerted(d dangerous, patient string) bool {
	query, args := "SELECT COUNT(*) FROM alerts WHERE practice = $1 AND patient IS NULL", []any{string(d.who.addr.Practice)}
	if patient != "" {
		query, args = "SELECT COUNT(*) FROM alerts WHERE practice = $1 AND patient = $2", append(args, patient)
	}
	query += " AND (state <> 'resolved' OR resolved_at >= $" + strconv.Itoa(len(args)+1) + ")"
	return s.int1(query, append(args, d.at.UnixMicro())...) > 0
}

// checkDanger: the card is on its way and a person will hear of it, whatever else went wrong (K4). It reports whether
// that has been looked at.
func (s *sim) checkDanger(d dangerous) bool {
	var conversation string
	var number int64
	var finished sql.NullInt64
	err := s.db.QueryRow("SELECT conversation, number, finished_at FROM inbox WHERE update_id = $1 AND practice = $2", d.id, string(d.who.addr.Practice)).
		Scan(&conversation, &number, &finished)
	if err != nil || !finished.Valid {
		if err == nil && s.Now().Sub(d.at) < leaseAfterCrash {
			return false
		}
		s.fail("a message of somebody in danger was not answered: %v", err)
		return true
	}
	if s.text1("SELECT class FROM outbox WHERE key = 'reply:' || $1 || ':' || $2 || ':0'", conversation, number) != string(bot.ClassCard) {
		s.fail("somebody in danger, %s, got no card (K4)", d.who.tag)
	}
	if !s.alerted(d, d.patient) && !s.alerted(d, s.patientOf(d.who)) {
		s.fail("somebody in danger, %s, and no alert (K4)", d.who.tag)
	}
	return true
}

// legal are the life cycles, written down once more and apart from the code: what the audit trail may say.
func legal() map[string][]string {
	return map[string][]string{
		"referral": {"offered -> sent", "offered -> declined", "sent -> accepted", "sent -> declined", "sent -> closed", "sent -> active",
			"accepted -> active", "accepted -> declined", "accepted -> closed", "active -> closed"},
		"attendance":    {"planned -> going", "planned -> came", "planned -> missed", "planned -> cancelled", "going -> came", "going -> missed", "going -> cancelled", "missed -> came"},
		"accompaniment": {"wanted -> asked", "wanted -> cancelled", "asked -> agreed", "asked -> wanted", "asked -> cancelled", "agreed -> met", "agreed -> unmet", "agreed -> wanted", "agreed -> cancelled"},
		"enrolment":     {"chosen -> active", "chosen -> paused", "chosen -> ended", "active -> paused", "active -> ended", "paused -> active", "paused -> ended"},
		"alert":         {"raised -> acknowledged", "raised -> resolved", "acknowledged -> raised", "acknowledged -> resolved"},
		"buddy":         {"applied -> cleared", "applied -> refused", "applied -> left", "cleared -> suspended", "cleared -> left", "suspended -> cleared", "suspended -> left"},
	}
}

// atEnd looks at the whole month: nothing waits, and every history is a path of its life cycle.
func (s *sim) atEnd() {
	if n := s.int1("SELECT COUNT(*) FROM inbox WHERE finished_at IS NULL"); n > 0 {
		s.fail("%d updates were never finished", n)
	}
	now := s.Now().UnixMicro()
	if n := s.int1("SELECT COUNT(*) FROM outbox WHERE state IN ('claimed', 'sending') OR (state = 'queued' AND not_before <= $1)", now); n > 0 {
		s.fail("%d envelopes are stuck", n)
	}
	if n := s.int1("SELECT COUNT(*) FROM outbox WHERE class IN ('card', 'alert') AND state = 'queued'"); n > 0 {
		s.fail("%d urgent messages wait", n)
	}
	rows, err := s.db.Query("SELECT noun, id, action FROM audit ORDER BY seq")
	s.must(err)
	defer func() { _ = rows.Close() }()
	steps, at := legal(), map[string]string{}
	for rows.Next() {
		var noun, id, action string
		s.must(rows.Scan(&noun, &id, &action))
		from, to, ok := strings.Cut(action, " -> ")
		if !ok || steps[noun] == nil {
			continue
		}
		s.see(to)
		if !slices.Contains(steps[noun], action) {
			s.fail("the audit trail has a %s that went %s", noun, action)
		}
		if was := at[noun+id]; was != "" && was != from {
			s.fail("the audit trail has a %s that went %s when it was %s", noun, action, was)
		}
		at[noun+id] = to
	}
	s.must(rows.Err())
	for _, noun := range []string{"referral", "attendance", "accompaniment", "enrolment", "alert"} {
		table := noun + "s"
		for key, state := range at {
			if id, ok := strings.CutPrefix(key, noun); ok {
				if is := s.text1("SELECT state FROM "+table+" WHERE id = $1", id); is != "" && is != state {
					s.fail("a %s is %s and the audit trail left it %s", noun, is, state)
				}
			}
		}
	}
}
