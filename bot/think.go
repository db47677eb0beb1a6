package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// think makes the next state of a conversation from this one and an update. Nothing is sent and nothing is saved here;
// only scripts' Look and Do touch the world.
func (b *Bot) think(ctx context.Context, t Turn, who Who, s state, lost bool) (state, error) {
	before, err := json.Marshal(s)
	if err != nil {
		return state{}, fmt.Errorf("encode conversation state: %w", err)
	}
	next, err := b.thinkOnce(ctx, t, who, s, lost)
	if err != nil || !b.twice {
		return next, err
	}
	again, err := decodeState(before)
	if err != nil {
		return state{}, err
	}
	again, err = b.thinkOnce(ctx, t, who, again, lost)
	if err != nil {
		return state{}, err
	}
	one, err1 := json.Marshal(next)
	two, err2 := json.Marshal(again)
	if err := errors.Join(err1, err2); err != nil {
		return state{}, err
	}
	if !bytes.Equal(one, two) {
		return state{}, fmt.Errorf("a second play of the turn differs:\n%s\n%s", one, two)
	}
	return next, nil
}

// thought is one turn under way.
type thought struct {
	b      *Bot
	ctx    context.Context
	turn   Turn
	u      *Update
	who    Who
	limits Limits
	s      *state
	out    []Message
	opened int
	// refused says that the open question could not take the update.
	refused bool
}

func (b *Bot) thinkOnce(ctx context.Context, t Turn, who Who, s state, lost bool) (next state, err error) {
	// A script's own panic is caught where it runs; this is for the small functions of a dialog (Hears, Seed, May).
	defer func() {
		if p := recover(); p != nil {
			next, err = state{}, &panicked{value: p}
		}
	}()
	th := &thought{b: b, ctx: ctx, turn: t, u: &t.Update, who: who, s: &s}
	if c, ok := b.channels[t.Update.From.Channel]; ok {
		th.limits = c.Limits()
	}
	silent := len(s.Runs) > 0 && !s.Last.IsZero() && t.AcceptedAt.Sub(s.Last) > b.silence
	if err := th.decide(lost, silent); err != nil {
		return state{}, err
	}
	if err := b.foot(who, t.Update.From, th.out, t.AcceptedAt); err != nil {
		return state{}, err
	}
	s.Applied, s.Last, s.Out = t.Number, t.AcceptedAt, th.out
	s.Pressed = ""
	if t.Update.Kind == UpdatePress {
		s.Pressed = t.Update.Choice
	}
	return s, nil
}

func (th *thought) say(key string, args ...string) {
	th.out = append(th.out, Message{Text: th.b.words.Text(th.who.Language, key, args...)})
}

func (th *thought) line(key string, args ...string) string {
	return th.b.words.Line(th.who.Language, key, args...)
}

// decide is the order in which an update is read.
func (th *thought) decide(lost, silent bool) error {
	u := th.u
	if u.Kind == UpdatePress && u.Choice == th.s.Pressed && th.turn.AcceptedAt.Sub(th.s.Last) < 10*time.Second {
		return nil // a double tap
	}
	for _, m := range th.b.warning(*u, th.who) {
		if err := th.b.signer.Seal(&m, u.From, th.turn.AcceptedAt); err != nil {
			return fmt.Errorf("warn of an identifier: %w", err)
		}
		th.out = append(th.out, m)
	}
	// "Leave this one?" and "which answer?" count for the very next update only: after it another question stands below.
	leaving, changing := th.s.Leaving, th.s.Changing
	th.s.Leaving, th.s.Changing = nil, false
	if lost {
		th.say("bot.lost")
	}
	if u.Kind == UpdatePress && strings.HasPrefix(u.Choice, "p~") {
		return th.press()
	}
	if o := th.interruption(); o != nil {
		return th.beside(*o)
	}
	if lost {
		// Never read as an answer. What opens a dialog by its own words may still do so.
		if u.Kind == UpdateText {
			if o := th.opens(false); o != nil {
				return th.begin(*o)
			}
		}
		return nil
	}
	switch u.Kind {
	case UpdateEdited, UpdateLeft, UpdateReturned:
		return nil // read for danger and for who is there, by guards; never an answer (B10)
	}
	if silent && u.Kind == UpdateText {
		// After a long silence a word may not mean what was asked so long ago.
		leaving, changing = nil, false
	}
	if leaving != nil {
		if read, err := th.leave(*leaving); read || err != nil {
			return err
		}
	}
	if changing {
		if o, ok := th.changeable(u); ok {
			return th.changeTo(o.Payload)
		}
	}
	if u.Kind == UpdatePress && strings.HasPrefix(u.Choice, "c~") {
		return th.changeTo(u.Choice)
	}
	if u.Kind == UpdateText {
		said := fold(strings.TrimPrefix(u.Text, "/"))
		switch {
		case oneOf(said, th.line("bot.words.back")):
			return th.back()
		case oneOf(said, th.line("bot.words.change")):
			return th.change()
		case oneOf(said, th.line("bot.words.cancel")):
			return th.cancel()
		}
	}
	if len(th.s.Runs) == 0 {
		return th.idle()
	}
	if u.Kind == UpdateText {
		// Words that open another dialog: whole words always, longer ones when the question can't take them.
		if o := th.opens(true); o != nil {
			return th.begin(*o)
		}
		if silent {
			th.say("bot.welcome_back")
			return th.askAgain()
		}
	}
	return th.answer()
}

// answer gives the update to the open question.
func (th *thought) answer() error {
	n := len(th.out)
	light := th.b.byName[th.s.open()] != nil && th.b.byName[th.s.open()].Light
	if _, err := th.play(len(th.s.Runs)-1, th.u); err != nil {
		return err
	}
	if !th.refused || th.u.Kind != UpdateText {
		return nil
	}
	// The question could not take the words: perhaps they open something else.
	o := th.opens(false)
	if o == nil && light {
		o = th.heard()
	}
	if o != nil {
		th.out = th.out[:n]
		return th.begin(*o)
	}
	return nil
}

// heard finds the dialog that takes words which nothing else took.
func (th *thought) heard() *opening {
	for i := range th.b.dialogs {
		d := &th.b.dialogs[i]
		if d.Hears == nil || (d.May != nil && !d.May(th.who)) {
			continue
		}
		if answers, ok := d.Hears(*th.u, th.who); ok {
			return &opening{Dialog: d.Name, Answers: answers}
		}
	}
	return nil
}

// opens finds the dialog that the typed words open; whole says that only whole opening words and commands count.
func (th *thought) opens(whole bool) *opening {
	for i := range th.b.dialogs {
		d := &th.b.dialogs[i]
		if d.May != nil && !d.May(th.who) {
			continue
		}
		rest, exact, ok := d.opening(th.b.words, th.who.Language, th.u.Text)
		if !ok || (whole && !exact && !strings.HasPrefix(th.u.Text, "/")) {
			continue
		}
		o := &opening{Dialog: d.Name}
		if d.Seed != nil && rest != "" {
			o.Answers = d.Seed(rest)
		}
		return o
	}
	return nil
}

// idle takes an update when no dialog is open.
func (th *thought) idle() error {
	if th.u.Kind == UpdatePress || th.u.Kind == UpdateForm {
		th.say("bot.moved_on")
		return nil
	}
	if th.u.Kind == UpdateText {
		if o := th.opens(false); o != nil {
			return th.begin(*o)
		}
	}
	if th.u.Kind == UpdateText || th.u.Kind == UpdatePlace {
		if o := th.heard(); o != nil {
			return th.begin(*o)
		}
	}
	th.say("bot.not_understood")
	return nil
}

// begin opens a dialog, after asking whether to leave the one that is open.
func (th *thought) begin(o opening) error {
	if n := len(th.s.Runs); n > 0 {
		bottom := th.s.Runs[0]
		d := th.b.byName[bottom.Dialog]
		if d != nil && !d.Light && bottom.lastAnswer() >= 0 && bottom.barrier() == nil {
			th.s.Leaving, th.s.LeavingAt = &o, th.turn.Number
			th.out = append(th.out, Message{
				Text: th.b.words.Text(th.who.Language, "bot.leave", "open", th.title(bottom.Dialog), "next", th.title(o.Dialog)),
				Options: []Option{
					{Answer: "yes", Label: th.line("bot.leave.yes"), Payload: leavePayload(th.turn.Number, "yes")},
					{Answer: "no", Label: th.line("bot.leave.no"), Payload: leavePayload(th.turn.Number, "no")},
				},
			})
			return nil
		}
		th.s.Runs = nil
	}
	return th.start(o, false)
}

// leavePayload is a button under the "leave this one?" that a turn asked.
func leavePayload(turn int64, answer string) string {
	return "l~" + strconv.FormatInt(turn, 36) + "~" + answer
}

func (th *thought) title(dialog string) string {
	if d := th.b.byName[dialog]; d != nil && d.Title != "" {
		return th.line(d.Title)
	}
	return dialog
}

// leave reads the answer to "leave this one?" and reports whether the update was one. Anything else was meant for the
// dialog that is still open.
func (th *thought) leave(o opening) (read bool, err error) {
	answer := ""
	switch th.u.Kind {
	case UpdatePress:
		for _, a := range []string{"yes", "no"} {
			if th.u.Choice == leavePayload(th.s.LeavingAt, a) {
				answer = a
			}
		}
	case UpdateText:
		said := fold(th.u.Text)
		for i, a := range []string{"yes", "no"} {
			number := th.limits.Options < 2 && said == strconv.Itoa(i+1)
			if number || oneOf(said, th.line("bot.words."+a)) || said == fold(th.line("bot.leave."+a)) {
				answer = a
			}
		}
	}
	switch answer {
	case "yes":
		th.s.Runs = nil
		return true, th.start(o, false)
	case "no":
		return true, th.askAgain()
	}
	return false, nil
}

// maxOpened is how many dialogs one turn may open, each Then the next.
const maxOpened = 16

// start opens a run and plays it to its first question.
func (th *thought) start(o opening, beside bool) error {
	d := th.b.byName[o.Dialog]
	if d == nil || (d.May != nil && !d.May(th.who)) {
		th.say("bot.moved_on")
		return th.reask()
	}
	if th.opened >= maxOpened {
		return fmt.Errorf("dialog %s: one turn opened %d dialogs", o.Dialog, th.opened)
	}
	r := run{
		Dialog: o.Dialog, ID: fmt.Sprintf("%s:%d:%d", th.turn.Conversation, th.turn.Number, th.opened),
		Turn: th.turn.Number, At: th.turn.AcceptedAt, Subject: o.Subject, Pressed: o.Pressed, Beside: beside,
	}
	th.opened++
	for _, name := range slices.Sorted(maps.Keys(o.Answers)) {
		raw, err := json.Marshal(o.Answers[name])
		if err != nil {
			return fmt.Errorf("seed %q: %w", name, err)
		}
		r.Log = append(r.Log, entry{Kind: entrySeed, Name: name, Value: raw, At: th.turn.AcceptedAt})
	}
	th.s.Runs = append(th.s.Runs, r)
	_, err := th.play(len(th.s.Runs)-1, nil)
	return err
}

// press runs the dialog of a button that works on its own, beside whatever is open.
func (th *thought) press() error {
	p, err := th.b.signer.Open(th.u.Choice, th.u.From, th.turn.AcceptedAt)
	if err != nil {
		th.say("bot.moved_on")
		return th.reask()
	}
	return th.beside(opening{Dialog: p.Dialog, Subject: p.Subject, Pressed: p.Answer})
}

// beside opens a dialog beside whatever is open, in the place of another that ran there.
func (th *thought) beside(o opening) error {
	if n := len(th.s.Runs); n > 0 && th.s.Runs[n-1].Beside {
		th.s.Runs = th.s.Runs[:n-1]
	}
	return th.start(o, true)
}

// interruption finds the dialog that takes typed words at every step.
func (th *thought) interruption() *opening {
	if th.u.Kind != UpdateText {
		return nil
	}
	for i := range th.b.dialogs {
		d := &th.b.dialogs[i]
		if d.Interrupts == nil || (d.May != nil && !d.May(th.who)) {
			continue
		}
		if answers, ok := d.Interrupts(*th.u, th.who); ok {
			return &opening{Dialog: d.Name, Answers: answers}
		}
	}
	return nil
}

// play runs the script of run i and reports whether it stopped at a question. When it ends, the dialog below, if any,
// asks its question again.
func (th *thought) play(i int, input *Update) (asked bool, err error) {
	r := &th.s.Runs[i]
	d := th.b.byName[r.Dialog]
	if d == nil {
		// A dialog of an older version that is gone: the place is lost.
		th.s.Runs = th.s.Runs[:i]
		th.say("bot.lost")
		return false, th.reask()
	}
	t := &Talk{
		ctx: th.ctx, bot: th.b, who: th.who, from: th.u.From, limits: th.limits, run: r, now: th.turn.AcceptedAt, at: r.At,
		input: input, used: map[string]bool{}, fresh: input == nil && r.Turn == th.turn.Number,
	}
	ended, next, err := t.play(d.Script)
	th.refused = t.refused
	if err != nil {
		return false, th.failed(i, t, err)
	}
	if err := th.hand(t); err != nil {
		return false, err
	}
	if !ended {
		return true, nil
	}
	beside := r.Beside
	th.s.Runs = th.s.Runs[:i]
	if next != nil {
		return false, th.start(*next, beside)
	}
	return false, th.reask()
}

// hand takes over what a script said.
func (th *thought) hand(t *Talk) error {
	for j := range t.out {
		if err := th.b.signer.Seal(&t.out[j], th.u.From, th.turn.AcceptedAt); err != nil {
			return fmt.Errorf("dialog %s: %w", t.run.Dialog, err)
		}
	}
	th.out = append(th.out, t.out...)
	return nil
}

// failed ends a dialog on an error that has a sentence for the person; any other error is the engine's to retry.
func (th *thought) failed(i int, t *Talk, err error) error {
	sentence, ok := handrail.Sentence(err)
	var step *handrail.StepError
	ok = ok && !handrail.IsKind(err, handrail.KindUnavailable)
	if !ok && !errors.As(err, &step) {
		return fmt.Errorf("dialog %s: %w", t.run.Dialog, err)
	}
	if t.fresh {
		// What was said in this turn before it went wrong may tell of something that was done.
		if err := th.hand(t); err != nil {
			return err
		}
	}
	if ok {
		th.out = append(th.out, Message{Text: Para(sentence)})
	} else {
		th.say("bot.moved_on")
	}
	th.s.Runs = th.s.Runs[:i]
	return th.reask()
}

// reask lets the dialog that has the floor now ask its question again, if there is one.
func (th *thought) reask() error {
	if len(th.s.Runs) == 0 {
		return nil
	}
	n := len(th.out)
	if err := th.askAgain(); err != nil {
		return err
	}
	if last := len(th.out) - 1; th.opened > 0 && last >= n && th.out[last].Again != nil {
		th.out[last] = th.out[last].again()
	}
	return nil
}

// askAgain plays the top dialog without input and keeps only its question. A script that asks nothing (it has changed
// since, or the world has) is heard in full.
func (th *thought) askAgain() error {
	n := len(th.out)
	asked, err := th.play(len(th.s.Runs)-1, nil)
	if err != nil {
		return err
	}
	if asked && len(th.out) > n {
		th.out = append(th.out[:n], th.out[len(th.out)-1])
	}
	return nil
}

// back forgets the last answer of the dialog that has the floor.
func (th *thought) back() error {
	if len(th.s.Runs) == 0 {
		th.say("bot.back.nothing")
		return nil
	}
	r := &th.s.Runs[len(th.s.Runs)-1]
	if e := r.barrier(); e != nil {
		return th.barred(e)
	}
	i := r.lastAnswer()
	if i < 0 {
		th.say("bot.back.start")
		return th.askAgain()
	}
	r.forget(i)
	return th.askAgain()
}

func (th *thought) barred(e *entry) error {
	undo := e.Undo
	if undo == "" {
		undo = th.line("bot.back.undo")
	}
	th.say("bot.back.done", "undo", undo)
	return th.askAgain()
}

// change offers the answers that were given, to change one.
func (th *thought) change() error {
	if len(th.s.Runs) == 0 {
		th.say("bot.back.nothing")
		return nil
	}
	options := th.given()
	if len(options) == 0 {
		if e := th.s.Runs[len(th.s.Runs)-1].barrier(); e != nil {
			return th.barred(e)
		}
		th.say("bot.back.start")
		return th.askAgain()
	}
	th.s.Changing = true
	th.out = append(th.out, Message{Text: th.b.words.Text(th.who.Language, "bot.change"), Options: options})
	return nil
}

// given are the answers that can be changed: those after the last effect.
func (th *thought) given() []Option {
	r := &th.s.Runs[len(th.s.Runs)-1]
	var options []Option
	for i, e := range r.Log {
		switch {
		case e.Kind == entryDone:
			options = nil
		case e.Kind == entryAnswer && e.Shown != "":
			options = append(options, Option{Answer: e.Name, Label: cut(e.Shown, 40), Payload: r.changePayload(i)})
		}
	}
	return options
}

// changePayload is the button that changes entry i. It holds a mark of the answer, so that the button of a list that
// was shown before other answers were given does nothing.
func (r *run) changePayload(i int) string {
	h := fnv.New32a()
	h.Write([]byte(r.Log[i].Name))
	h.Write([]byte{0})
	h.Write(r.Log[i].Value)
	return "c~" + strconv.FormatInt(r.Turn, 36) + "~" + strconv.Itoa(i) + "~" + strconv.FormatUint(uint64(h.Sum32()), 36)
}

// changeable finds the answer that typed words pick from the list that the last turn showed.
func (th *thought) changeable(u *Update) (Option, bool) {
	if u.Kind != UpdateText || len(th.s.Runs) == 0 {
		return Option{}, false
	}
	options := th.given()
	said := fold(u.Text)
	for i, o := range options {
		if said == fold(o.Label) || (len(options) > th.limits.Options && said == strconv.Itoa(i+1)) {
			return o, true
		}
	}
	return Option{}, false
}

// changeTo forgets one answer and everything that came after it.
func (th *thought) changeTo(payload string) error {
	if len(th.s.Runs) == 0 {
		th.say("bot.moved_on")
		return nil
	}
	r := &th.s.Runs[len(th.s.Runs)-1]
	for i := range r.Log {
		if r.Log[i].Kind != entryAnswer || r.changePayload(i) != payload {
			continue
		}
		if e := r.forget(i); e != nil {
			return th.barred(e)
		}
		return th.askAgain()
	}
	th.say("bot.moved_on")
	return th.askAgain()
}

// cancel leaves the dialog that has the floor.
func (th *thought) cancel() error {
	if len(th.s.Runs) == 0 {
		th.say("bot.cancel.nothing")
		return nil
	}
	th.s.Runs = th.s.Runs[:len(th.s.Runs)-1]
	th.say("bot.cancelled")
	return th.reask()
}
