package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

func (b *Bot) thinkOnce(ctx context.Context, t Turn, who Who, s state, lost bool) (state, error) {
	th := &thought{b: b, ctx: ctx, turn: t, u: &t.Update, who: who, s: &s}
	if c, ok := b.channels[t.Update.From.Channel]; ok {
		th.limits = c.Limits()
	}
	silent := len(s.Runs) > 0 && !s.Last.IsZero() && t.AcceptedAt.Sub(s.Last) > b.silence
	if err := th.decide(lost, silent); err != nil {
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
	if u.Kind == UpdatePress {
		if u.Choice == th.s.Pressed && th.turn.AcceptedAt.Sub(th.s.Last) < 10*time.Second {
			return nil // a double tap
		}
		if strings.HasPrefix(u.Choice, "p~") {
			return th.press()
		}
	}
	if lost {
		// Never read as an answer. What opens a dialog by its own words may still do so.
		th.say("bot.lost")
		if u.Kind == UpdateText {
			if o := th.opens(false); o != nil {
				return th.begin(*o)
			}
		}
		return nil
	}
	if th.s.Leaving != nil {
		return th.leave()
	}
	if u.Kind == UpdatePress && strings.HasPrefix(u.Choice, "c~") {
		return th.changeTo(strings.TrimPrefix(u.Choice, "c~"))
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
	if silent && u.Kind == UpdateText {
		// After a long silence a word may not mean what was asked so long ago.
		th.say("bot.welcome_back")
		return th.askAgain()
	}
	if u.Kind == UpdateText {
		// Words that open another dialog: whole words always, longer ones when the question can't take them.
		if o := th.opens(true); o != nil {
			return th.begin(*o)
		}
	}
	return th.answer()
}

// answer gives the update to the open question.
func (th *thought) answer() error {
	n := len(th.out)
	light := th.b.byName[th.s.open()] != nil && th.b.byName[th.s.open()].Light
	if err := th.play(len(th.s.Runs)-1, th.u); err != nil {
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
			th.s.Leaving = &o
			th.out = append(th.out, Message{
				Text: th.b.words.Text(th.who.Language, "bot.leave", "open", th.title(bottom.Dialog), "next", th.title(o.Dialog)),
				Options: []Option{
					{Answer: "yes", Label: th.line("bot.leave.yes"), Payload: th.leavePayload("yes")},
					{Answer: "no", Label: th.line("bot.leave.no"), Payload: th.leavePayload("no")},
				},
			})
			return nil
		}
		th.s.Runs = nil
	}
	return th.start(o, false)
}

func (th *thought) leavePayload(answer string) string {
	return "l~" + strconv.FormatInt(th.turn.Number, 36) + "~" + answer
}

func (th *thought) title(dialog string) string {
	if d := th.b.byName[dialog]; d != nil && d.Title != "" {
		return th.line(d.Title)
	}
	return dialog
}

// leave reads the answer to "leave this one?".
func (th *thought) leave() error {
	o := *th.s.Leaving
	said := fold(th.u.Text)
	press := th.u.Kind == UpdatePress && strings.HasPrefix(th.u.Choice, "l~")
	switch {
	case press && strings.HasSuffix(th.u.Choice, "~yes"), th.u.Kind == UpdateText && (oneOf(said, th.line("bot.words.yes")) || said == fold(th.line("bot.leave.yes"))):
		th.s.Leaving, th.s.Runs = nil, nil
		return th.start(o, false)
	case press, th.u.Kind == UpdateText && (oneOf(said, th.line("bot.words.no")) || said == fold(th.line("bot.leave.no"))):
		th.s.Leaving = nil
		return th.askAgain()
	}
	// Anything else was meant for the dialog that is still open.
	th.s.Leaving = nil
	return th.answer()
}

// start opens a run and plays it to its first question.
func (th *thought) start(o opening, beside bool) error {
	d := th.b.byName[o.Dialog]
	if d == nil || (d.May != nil && !d.May(th.who)) {
		th.say("bot.moved_on")
		return nil
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
	return th.play(len(th.s.Runs)-1, nil)
}

// press runs the dialog of a button that works on its own, beside whatever is open.
func (th *thought) press() error {
	p, err := th.b.signer.Open(th.u.Choice, th.u.From, th.turn.AcceptedAt)
	if err != nil {
		th.say("bot.moved_on")
		return th.reask()
	}
	if n := len(th.s.Runs); n > 0 && th.s.Runs[n-1].Beside {
		th.s.Runs = th.s.Runs[:n-1]
	}
	return th.start(opening{Dialog: p.Dialog, Subject: p.Subject, Pressed: p.Answer}, true)
}

// play runs the script of run i. When it ends, the dialog below, if any, asks its question again.
func (th *thought) play(i int, input *Update) error {
	r := &th.s.Runs[i]
	d := th.b.byName[r.Dialog]
	if d == nil {
		// A dialog of an older version that is gone: the place is lost.
		th.s.Runs = th.s.Runs[:i]
		th.say("bot.lost")
		return nil
	}
	t := &Talk{
		ctx: th.ctx, bot: th.b, who: th.who, from: th.u.From, limits: th.limits, run: r, now: th.turn.AcceptedAt, at: r.At,
		input: input, used: map[string]bool{}, fresh: input == nil && r.Turn == th.turn.Number,
	}
	ended, next, err := t.play(d.Script)
	th.refused = t.refused
	if err != nil {
		return th.failed(i, t, err)
	}
	for j := range t.out {
		if err := th.b.signer.Seal(&t.out[j], th.u.From, th.turn.AcceptedAt); err != nil {
			return fmt.Errorf("dialog %s: %w", r.Dialog, err)
		}
	}
	th.out = append(th.out, t.out...)
	if !ended {
		return nil
	}
	beside := r.Beside
	th.s.Runs = th.s.Runs[:i]
	if next != nil {
		return th.start(*next, beside)
	}
	return th.reask()
}

// failed ends a dialog on an error that has a sentence for the person; any other error is the engine's to retry.
func (th *thought) failed(i int, t *Talk, err error) error {
	sentence, ok := handrail.Sentence(err)
	var step *handrail.StepError
	switch {
	case ok && !handrail.IsKind(err, handrail.KindUnavailable):
		th.out = append(th.out, Message{Text: Para(sentence)})
	case errors.As(err, &step):
		th.say("bot.moved_on")
	default:
		return fmt.Errorf("dialog %s: %w", t.run.Dialog, err)
	}
	th.s.Runs = th.s.Runs[:i]
	return th.reask()
}

// reask lets the dialog that has the floor now ask its question again, if there is one.
func (th *thought) reask() error {
	if len(th.s.Runs) == 0 {
		return nil
	}
	return th.askAgain()
}

// askAgain plays the top dialog without input and keeps only its question.
func (th *thought) askAgain() error {
	n := len(th.out)
	if err := th.play(len(th.s.Runs)-1, nil); err != nil {
		return err
	}
	if len(th.out) > n {
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
	r := &th.s.Runs[len(th.s.Runs)-1]
	m := Message{Text: th.b.words.Text(th.who.Language, "bot.change")}
	start := 0
	for i, e := range r.Log {
		if e.Kind == entryDone {
			start = i + 1
		}
	}
	for i := start; i < len(r.Log); i++ {
		if e := r.Log[i]; e.Kind == entryAnswer && e.Shown != "" {
			m.Options = append(m.Options, Option{
				Answer: e.Name, Label: cut(e.Shown, 40),
				Payload: "c~" + strconv.FormatInt(r.Turn, 36) + "~" + strconv.Itoa(i),
			})
		}
	}
	if len(m.Options) == 0 {
		th.say("bot.back.start")
		return th.askAgain()
	}
	th.out = append(th.out, m)
	return nil
}

// changeTo forgets one answer and everything that came after it.
func (th *thought) changeTo(choice string) error {
	if len(th.s.Runs) == 0 {
		th.say("bot.moved_on")
		return nil
	}
	r := &th.s.Runs[len(th.s.Runs)-1]
	turn, index, _ := strings.Cut(choice, "~")
	i, err := strconv.Atoi(index)
	if err != nil || turn != strconv.FormatInt(r.Turn, 36) || i < 0 || i >= len(r.Log) || r.Log[i].Kind != entryAnswer {
		th.say("bot.moved_on")
		return th.askAgain()
	}
	if e := r.forget(i); e != nil {
		return th.barred(e)
	}
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
