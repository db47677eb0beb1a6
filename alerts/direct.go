package alerts

import (
	"context"
	"strconv"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
)

// Direct is the way past every store: where a message that may mean danger cannot be committed, it sends the fixed e-mail
// straight from memory, at most once in half an hour for one sender however often their messages are delivered again. It
// claims nothing to the person and needs no record; the message itself is refused, comes again, and raises its alert when it
// can. Nothing is sent where there is no second route.
func (l *Ladder) Direct(ctx context.Context, u bot.Update) {
	if !l.mails() {
		return
	}
	now := l.o.Clock.Now()
	key := u.From.Key()
	if !l.told.first(key, now) {
		return
	}
	m := bot.Message{Private: true, Text: l.words("ladder.mail.direct", "now", l.stamp(now))}
	sent := false
	for _, to := range l.o.To {
		addr := handrail.Address{Practice: u.From.Practice, Channel: handrail.ChannelEmail, Chat: to}
		_, err := l.o.Mail.Send(ctx, addr, m)
		if outcome, _ := bot.OutcomeOf(err); err != nil && outcome != bot.OutcomeUnknown {
			l.o.Log.ErrorContext(ctx, "an alert could not be told past the stores", "err", err)
			continue
		}
		sent = true
	}
	if !sent {
		l.told.forget(key) // the next delivery may get through
	}
}

// directAgain is how long one sender's messages are told of once.
const directAgain = 30 * time.Minute

// recently remembers of whom something was told within half an hour.
type recently struct {
	mu sync.Mutex
	at map[string]time.Time
}

// first reports whether nothing was told of key lately, and takes it for told now.
func (r *recently) first(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, at := range r.at {
		if d := now.Sub(at); d >= directAgain || d <= -directAgain { // the second: the clock was put back
			delete(r.at, k)
		}
	}
	if _, told := r.at[key]; told {
		return false
	}
	if r.at == nil {
		r.at = map[string]time.Time{}
	}
	r.at[key] = now
	return true
}

func (r *recently) forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.at, key)
}

// Gone is what follows when the chat of a member of staff is closed with work waiting for them: an e-mail says so, once a
// day, so that a digest or a task does not end unread (F10). An alert needs none: its own second route goes out when no chat
// has it. It does nothing for other envelopes and is safe to call twice.
func (l *Ladder) Gone(ctx context.Context, e bot.Envelope) error {
	task := e.Class == bot.ClassNotice && e.Patient != "" && e.Permission == "" // to a buddy it rests on a permission
	if !l.mails() || e.Class != bot.ClassDigest && e.Class != bot.ClassNote && !task {
		return nil
	}
	now := l.o.Clock.Now()
	m := bot.Message{Private: true, Text: l.words("ladder.mail.gone", "now", l.stamp(now))}
	envs := make([]bot.Envelope, 0, len(l.o.To))
	for i, to := range l.o.To {
		envs = append(envs, bot.Envelope{
			Key: "gone:" + string(e.To.Practice) + ":" + now.In(l.o.Zone).Format(time.DateOnly) + ":mail:" + strconv.Itoa(i),
			To:  handrail.Address{Practice: e.To.Practice, Channel: handrail.ChannelEmail, Chat: to}, Class: bot.ClassNotice, NotBefore: now, Message: m,
		})
	}
	return l.o.Post.Post(ctx, envs...)
}
