package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

// post takes one claimed posting one request further, and returns how it was settled; the zero Settlement when it
// could not be settled, or was no longer ours.
func (s *Sender) post(ctx context.Context, p bot.Posting) (bot.Settlement, error) {
	s.fail("claimed")
	e, now := p.Envelope, s.clock.Now()
	if ctx.Err() != nil {
		return s.end(ctx, p, back(p, place(p), "stopped in time"), nil)
	}
	if doubtful(p) {
		if ch, ok := s.o.Channels[e.To.Channel]; ok {
			if end, settled := s.recall(ctx, p, ch, now); settled {
				return s.end(ctx, p, end, nil)
			}
			p.Reason = ""
		}
	}
	late := isLate(p, now)
	if late && drops(e.Class) {
		return s.end(ctx, p, bot.Settlement{State: bot.SendSuppressed, Reason: "too late", Parts: p.Parts}, nil)
	}
	ch, ok := s.o.Channels[e.To.Channel]
	if !ok {
		// Held, not burned: another process may have the channel, or a setting is wrong for a while (F9).
		s.log.WarnContext(ctx, "a message waits for a channel that is not there", "channel", e.To.Channel, "class", e.Class)
		return s.end(ctx, p, back(p, now.Add(missingAgain), reasonNoChannel), nil)
	}
	reason, err := s.mayStill(ctx, e)
	switch {
	case errors.As(err, new(*panicked)):
		return s.poison(ctx, p, err, now)
	case ctx.Err() != nil:
		return s.end(ctx, p, back(p, place(p), "stopped in time"), nil)
	case err != nil:
		return s.end(ctx, p, back(p, now.Add(errorAgain), reasonUnchecked), err)
	case reason == reasonHeld:
		return s.end(ctx, p, back(p, now.Add(heldAgain), reason), nil)
	case reason != "":
		return s.end(ctx, p, bot.Settlement{State: bot.SendSuppressed, Reason: reason, Parts: p.Parts}, nil)
	}
	parts, err := s.parts(ctx, p, late, ch.Limits())
	if err != nil {
		return s.poison(ctx, p, err, now)
	}
	if p.Parts >= len(parts) { // a limit grew since the last part: everything has been said
		return s.end(ctx, p, bot.Settlement{State: bot.SendSent, Parts: p.Parts}, nil)
	}
	// From here nothing may be cut short: a stop that cancelled the request would make it unknown.
	ctx = context.WithoutCancel(ctx)
	if err := s.sending(ctx, p, now); err != nil {
		return bot.Settlement{}, s.stale(ctx, p, err)
	}
	p.Attempts++
	return s.deliver(ctx, p, ch, parts, s.places.fly(e.To, e.Key))
}

// deliver writes the request of a posting that was committed as being sent, and settles it.
func (s *Sender) deliver(ctx context.Context, p bot.Posting, ch bot.Channel, parts []bot.Message, f *flight) (bot.Settlement, error) {
	e, landed := p.Envelope, false
	defer s.places.forget(e.To, f)
	defer func() {
		if !landed {
			f.land(false)
		}
	}()
	s.fail("sending")
	ref, err := s.send(ctx, ch, p, parts[p.Parts])
	s.fail("sent")
	now := s.clock.Now()
	outcome, after := bot.OutcomeOf(err)
	switch {
	case err == nil:
		next := bot.Settlement{State: bot.SendSent, Ref: ref, Parts: p.Parts + 1}
		if next.Parts < len(parts) {
			next.State, next.RetryAt = bot.SendQueued, place(p)
		} else {
			landed = true
			f.land(true)
		}
		return s.end(ctx, p, next, nil)
	case outcome == bot.OutcomeRetry:
		return s.end(ctx, p, s.again(ctx, p, after, now), nil)
	case outcome == bot.OutcomeRefused:
		s.log.ErrorContext(ctx, "a network refused a message", "channel", e.To.Channel, "class", e.Class, "job", e.Job, "err", err)
		return s.end(ctx, p, bot.Settlement{State: bot.SendFailed, Reason: "refused", Parts: p.Parts}, nil)
	case outcome == bot.OutcomeGone:
		return s.gone(ctx, p, now)
	}
	s.log.WarnContext(ctx, "nobody knows whether a message arrived", "channel", e.To.Channel, "class", e.Class, "job", e.Job,
		"attempts", p.Attempts, "err", err)
	why := reasonLost
	if errors.As(err, new(*panicked)) {
		if tries(p) >= maxPanics {
			return s.end(ctx, p, bot.Settlement{State: bot.SendFailed, Reason: "poison", Parts: p.Parts}, nil)
		}
		why = reasonPanic
	}
	return s.end(ctx, p, s.doubt(p, why, now), nil)
}

// sending commits that a request is about to be written. Where that fails nothing was sent, so that even a commit
// whose answer was lost may be taken back.
func (s *Sender) sending(ctx context.Context, p bot.Posting, now time.Time) error {
	err := s.store.Sending(ctx, p.Envelope.Key, p.Epoch, now, s.o.Lease)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("commit sending: %w", err)
	if errors.Is(err, bot.ErrStale) {
		return err
	}
	return errors.Join(err, s.putBack(ctx, p, now.Add(errorAgain), "not sent"))
}

// mayStill asks for the last time: the permission (G1) and the facts (T5).
func (s *Sender) mayStill(ctx context.Context, e bot.Envelope) (reason string, err error) {
	defer catch(&err)
	reason, err = s.store.MaySend(ctx, e)
	if err != nil {
		return "", fmt.Errorf("check the permission: %w", err)
	}
	if reason != "" || e.Job == "" || s.o.Facts == nil {
		return reason, nil
	}
	reason, err = s.o.Facts.Still(ctx, e)
	if err != nil {
		return "", fmt.Errorf("check the facts: %w", err)
	}
	return reason, nil
}

// parts makes the message fit. The same posting gives the same parts on every claim, late or not: Parts counts them.
func (s *Sender) parts(ctx context.Context, p bot.Posting, late bool, limits bot.Limits) (parts []bot.Message, err error) {
	defer catch(&err)
	e := p.Envelope
	switch {
	case e.Class == bot.ClassReply && late:
		sorry := s.o.Fit(bot.Message{Text: s.o.Words.Text(s.language(ctx, e), "bot.late"), Private: e.Message.Private}, limits)
		// Whatever part was to follow, the apology takes its place and is the last.
		return append(make([]bot.Message, p.Parts), sorry[:1]...), nil
	case e.Class == bot.ClassDigest:
		// Room for the line is kept whether or not it is needed, so that the parts are cut at the same places.
		delayed := s.o.Words.Text(s.language(ctx, e), "bot.delayed")
		limits.TextChars = max(1, limits.TextChars-utf8.RuneCountInString(delayed.Plain())-2)
		parts = s.o.Fit(e.Message, limits)
		if late && p.Parts == 0 && len(parts) > 0 {
			first := parts[0]
			first.Text = append(append(bot.Text{}, delayed...), first.Text...)
			parts = append([]bot.Message{first}, parts[1:]...)
		}
	default:
		parts = s.o.Fit(e.Message, limits)
	}
	if len(parts) == 0 {
		return nil, errors.New("fit: no message came out")
	}
	return parts, nil
}

func (s *Sender) language(ctx context.Context, e bot.Envelope) string {
	if s.o.Language != nil {
		if lang := s.o.Language(ctx, e); lang != "" {
			return lang
		}
	}
	return "en"
}

// send writes one request. A panic in a channel is an outcome that nobody knows.
func (s *Sender) send(ctx context.Context, ch bot.Channel, p bot.Posting, m bot.Message) (ref bot.Ref, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.SendTimeout)
	defer cancel()
	defer catch(&err)
	if m.Erases != "" {
		if m, err = s.erased(ctx, ch, p, m); err != nil {
			return "", err
		}
	}
	if editor, ok := ch.(bot.Editor); ok && m.Replaces != "" {
		ref, err := s.replaced(ctx, p)
		if err != nil {
			return "", &bot.SendError{Outcome: bot.OutcomeRetry, Err: err} // nothing was written yet
		}
		if ref != "" {
			err := editor.Edit(ctx, p.Envelope.To, ref, m)
			if outcome, _ := bot.OutcomeOf(err); err == nil || outcome != bot.OutcomeRefused {
				return ref, err
			}
			// That post cannot be changed any more: it was deleted, or is too old.
		}
	}
	if recaller, ok := ch.(bot.Recaller); ok {
		return recaller.SendMarked(ctx, p.Envelope.To, mark(p), m)
	}
	return ch.Send(ctx, p.Envelope.To, m)
}

// erased takes away the message of the person's own that this one is about, and gives back what is to be said. To take it
// away twice is to take it away once: where nobody knows what became of it, all of it is tried again. A message that can
// never be taken away is owned up to.
func (s *Sender) erased(ctx context.Context, ch bot.Channel, p bot.Posting, m bot.Message) (bot.Message, error) {
	ref := m.Erases
	m.Erases = ""
	if eraser, ok := ch.(bot.Eraser); ok {
		err := eraser.Erase(ctx, p.Envelope.To, ref)
		if err == nil {
			return m, nil
		}
		outcome, after := bot.OutcomeOf(err)
		if outcome == bot.OutcomeUnknown || outcome == bot.OutcomeRetry {
			return m, &bot.SendError{Outcome: bot.OutcomeRetry, After: after, Err: fmt.Errorf("take a message away: %w", err)}
		}
		if outcome == bot.OutcomeGone {
			return m, err
		}
	}
	m.Text, m.Options = s.o.Words.Text(s.language(ctx, p.Envelope), "masked.kept"), nil
	return m, nil
}

// replaced is what the posting that this one replaces became; empty when nothing can be replaced.
func (s *Sender) replaced(ctx context.Context, p bot.Posting) (bot.Ref, error) {
	refs, ok := s.store.(interface {
		SentAs(ctx context.Context, to handrail.Address, key string) (bot.Ref, error)
	})
	if !ok {
		return "", nil
	}
	ref, err := refs.SentAs(ctx, p.Envelope.To, p.Envelope.Message.Replaces)
	if err != nil {
		return "", fmt.Errorf("look for the message to replace: %w", err)
	}
	return ref, nil
}

// gone closes a chat whose person blocked the bot or left (F8). The task for the link worker comes first: if the
// process dies between the two, the next message finds the chat gone again, and nobody is left without a task.
func (s *Sender) gone(ctx context.Context, p bot.Posting, now time.Time) (bot.Settlement, error) {
	e := p.Envelope
	if err := s.tellGone(ctx, e); err != nil {
		return s.end(ctx, p, back(p, now.Add(errorAgain), "gone"), fmt.Errorf("tell that somebody is gone: %w", err))
	}
	if err := s.store.CloseChat(ctx, e.To, "gone"); err != nil {
		return s.end(ctx, p, back(p, now.Add(errorAgain), "gone"), fmt.Errorf("close the chat: %w", err))
	}
	s.log.InfoContext(ctx, "a chat is closed: the person left", "channel", e.To.Channel)
	// Stale here means that CloseChat settled it already.
	return s.end(ctx, p, bot.Settlement{State: bot.SendSuppressed, Reason: "gone", Parts: p.Parts}, nil)
}

// tellGone calls the hook.
func (s *Sender) tellGone(ctx context.Context, e bot.Envelope) (err error) {
	defer catch(&err)
	if s.o.OnGone == nil {
		return nil
	}
	return s.o.OnGone(ctx, e)
}

// poison counts a posting that breaks before its request, and puts it aside when it did so too often (F12). The count
// is kept as an attempt in the store, so that a restart does not begin it anew.
func (s *Sender) poison(ctx context.Context, p bot.Posting, cause error, now time.Time) (bot.Settlement, error) {
	if err := s.sending(ctx, p, now); err != nil {
		return bot.Settlement{}, s.stale(ctx, p, err)
	}
	p.Attempts++
	e := p.Envelope
	if tries(p) < maxPanics {
		s.log.WarnContext(ctx, "a message could not be prepared", "class", e.Class, "job", e.Job, "err", cause)
		return s.end(ctx, p, back(p, now.Add(s.backoff(p)), "poison"), nil)
	}
	s.log.ErrorContext(ctx, "a message is put aside: it cannot be prepared", "class", e.Class, "job", e.Job, "err", cause)
	return s.end(ctx, p, bot.Settlement{State: bot.SendFailed, Reason: "poison", Parts: p.Parts}, nil)
}

// end settles and reports; cause is an error on the way there that the caller must still hear of.
func (s *Sender) end(ctx context.Context, p bot.Posting, end bot.Settlement, cause error) (bot.Settlement, error) {
	if err := s.settle(ctx, p, end); err != nil {
		return bot.Settlement{}, errors.Join(cause, s.stale(ctx, p, err))
	}
	s.fail("settled")
	return end, cause
}

// settle commits a settlement. It tries more than once: a request whose settling fails would have to be called unknown.
func (s *Sender) settle(ctx context.Context, p bot.Posting, end bot.Settlement) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	for range 3 {
		if err = s.store.Settle(ctx, p.Envelope.Key, p.Epoch, end); err == nil || errors.Is(err, bot.ErrStale) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("settle as %s: %w", end.State, err)
	}
	return nil
}

// putBack releases a posting that was not tried.
func (s *Sender) putBack(ctx context.Context, p bot.Posting, at time.Time, reason string) error {
	err := s.settle(ctx, p, back(p, at, reason))
	if errors.Is(err, bot.ErrStale) {
		return nil
	}
	return err
}

// stale swallows that a posting is somebody else's by now: that is how it is meant to go, but it is worth a line (F5).
func (s *Sender) stale(ctx context.Context, p bot.Posting, err error) error {
	if !errors.Is(err, bot.ErrStale) {
		return err
	}
	s.log.InfoContext(ctx, "a posting is no longer ours", "class", p.Envelope.Class, "epoch", p.Epoch)
	return nil
}

func (s *Sender) fail(point string) {
	if s.o.Fail != nil {
		s.o.Fail(point)
	}
}

// panicked is a panic that was caught.
type panicked struct{ stack []byte }

// Error says where, not what: the value of a panic may hold somebody's words.
func (e *panicked) Error() string { return "panic at:\n" + string(e.stack) }

func catch(err *error) {
	if v := recover(); v != nil {
		*err = &panicked{stack: debug.Stack()}
	}
}
