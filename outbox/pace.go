package outbox

import (
	"time"

	"handrail"
	"handrail/bot"
)

// Rate is what a network allows. 0 lifts a limit.
type Rate struct {
	PerSecond float64 // requests a second over the whole channel
	PerChat   float64 // requests a second to one chat
}

// spare widens each window a little: what leaves here evenly arrives there with the jitter of the network.
const spare = 50 * time.Millisecond

// window allows n requests in any stretch of span. It remembers the last n requests instead of counting tokens: a
// bucket that is full lets twice its rate through within one second, and L1 allows none of that.
type window struct {
	span time.Duration
	at   []time.Time // the last n requests, a ring
	next int         // the oldest of them
}

// newWindow makes a window for a rate; nil, which never limits, for none.
func newWindow(perSecond float64) *window {
	if perSecond <= 0 {
		return nil
	}
	n := max(1, int(perSecond))
	return &window{
		span: time.Duration(float64(n)/perSecond*float64(time.Second)) + spare,
		at:   make([]time.Time, n),
	}
}

// busy reports whether the request at t still counts at now. One from the future counts only as far ahead as a window
// is long: a clock that was put back two hours must not close the channel for two hours (F14).
func (w *window) busy(t, now time.Time) bool {
	d := now.Sub(t)
	return d < w.span && d > -w.span
}

// free is how many requests may go now.
func (w *window) free(now time.Time) int {
	n := 0
	for i := range w.at {
		if w.busy(w.at[(w.next+i)%len(w.at)], now) {
			break // the rest are younger
		}
		n++
	}
	return n
}

// opens is the earliest moment from now at which more than keep requests may go.
func (w *window) opens(now time.Time, keep int) time.Time {
	t := w.at[(w.next+keep)%len(w.at)]
	if !w.busy(t, now) {
		return now
	}
	return t.Add(w.span)
}

func (w *window) take(now time.Time) {
	w.at[w.next] = now
	w.next = (w.next + 1) % len(w.at)
}

// lane is one channel with its rates. The Sender's mutex guards it.
type lane struct {
	ch    bot.Channel
	rate  Rate
	all   *window
	keep  int // kept free for what is urgent
	chats map[handrail.Address]*window
	// The network said to wait: everything, and what is pressing.
	shut, barred pause
	// full is until when the shared rates have nothing for what isn't urgent.
	full time.Time
	away away
	// line is the place given to the last one that had to wait: each gets its own, so that each waits about once.
	line time.Time
}

func newLane(ch bot.Channel, r Rate) *lane {
	l := &lane{ch: ch, rate: r, all: newWindow(r.PerSecond), chats: map[handrail.Address]*window{}}
	if l.all != nil {
		l.keep = len(l.all.at) / 5
	}
	return l
}

// need is how much a request is needed: what may wait, what somebody waits for, and what must go.
type need int8

const (
	bulk     need = iota // keeps some places free for the others
	urgent               // replies
	pressing             // alerts and cards: they try in spite of a pause that something else was asked to make
)

func needOf(p bot.Posting) need {
	switch rank := p.Envelope.Class.Rank(); {
	case rank <= bot.ClassAlert.Rank():
		return pressing
	case rank <= bot.ClassReply.Rank():
		return urgent
	}
	return bulk
}

// keeps is how many places a request of this need leaves free in a lane, as Pace has it.
func (n need) keeps(l *lane) int {
	switch n {
	case bulk:
		return l.keep
	case pressing:
		return InSpite
	default:
		return 0
	}
}

// pause is a wait that the network asked for.
type pause struct {
	at     time.Time
	length time.Duration
}

// until is its end, or now.
func (p pause) until(now time.Time) time.Time {
	d := now.Sub(p.at)
	if d < p.length && d > -p.length { // a clock put back must not prolong it for hours
		return p.at.Add(p.length)
	}
	return now
}

// closedUntil is the end of the wait that the network asked for, or now.
func (l *lane) closedUntil(now time.Time, n need) time.Time {
	if n == pressing {
		return l.barred.until(now)
	}
	return l.shut.until(now)
}

// free is how many requests may go now.
func (l *lane) free(now time.Time, need need) int {
	if l.closedUntil(now, need).After(now) {
		return 0
	}
	if l.all == nil {
		return maxSending
	}
	n := l.all.free(now)
	if need == bulk {
		n -= l.keep
		if l.isFull(now) {
			n = 0
		}
	}
	if own := l.ownPart(now); own != nil {
		n = min(n, own.free(now, need))
	}
	return max(0, n)
}

// opens is when the next request may go.
func (l *lane) opens(now time.Time, need need) time.Time {
	at := l.closedUntil(now, need)
	if l.all == nil {
		return at
	}
	keep := 0
	if need == bulk {
		keep = l.keep
	}
	if need == bulk && l.isFull(now) && l.full.After(at) {
		at = l.full
	}
	if open := l.all.opens(now, keep); open.After(at) {
		at = open
	}
	if own := l.ownPart(now); own != nil {
		if open := own.opens(now, need); open.After(at) {
			at = open
		}
	}
	return at
}

// ownPart is what the process allows itself while the shared rates cannot be asked; nil when they can.
func (l *lane) ownPart(now time.Time) *lane {
	if !l.away.within(awayBoth, now) {
		return nil
	}
	return l.away.own
}

// isFull says whether the shared rates are known to have nothing for what isn't urgent. They never say so for longer than
// a window; a clock that was put back must not prolong it.
func (l *lane) isFull(now time.Time) bool {
	return l.full.After(now) && l.all != nil && l.full.Sub(now) <= l.all.span
}

// inLine is a place in the line behind at: each that waits gets its own.
func (l *lane) inLine(at time.Time) time.Time {
	if l.line.Before(at) || l.line.Sub(at) > 24*time.Hour {
		l.line = at
	} else {
		l.line = l.line.Add(l.all.span / time.Duration(max(1, len(l.all.at)-l.keep)))
	}
	return l.line
}

// when is when a request to this chat may go: now, or its place in the line.
func (l *lane) when(now time.Time, to handrail.Address, need need) time.Time {
	at := l.opens(now, need)
	if at.After(now) && need == bulk && l.all != nil {
		// The line is stretched by one place a waiter; an urgent one takes the first opening.
		at = l.inLine(at)
	}
	if chat := l.chats[to]; chat != nil {
		if open := chat.opens(now, 0); open.After(at) {
			return open
		}
	}
	return at
}

func (l *lane) take(now time.Time, to handrail.Address) {
	if l.all != nil {
		l.all.take(now)
	}
	if l.rate.PerChat <= 0 {
		return
	}
	if len(l.chats) >= 1024 { // flat memory: a chat that may be written to needs no window
		for a, w := range l.chats {
			if w.opens(now, 0).Equal(now) {
				delete(l.chats, a)
			}
		}
	}
	chat := l.chats[to]
	if chat == nil {
		chat = newWindow(l.rate.PerChat)
		l.chats[to] = chat
	}
	chat.take(now)
}

// longestBar is how long one alert or card that a network refused for the moment keeps the others: however long it asked
// to wait, somebody may be in danger.
const longestBar = 30 * time.Second

// pause closes the lane, since a network that answers 429 counts every further request against us (L6). It may count by
// method, by chat or by workspace, so an alert or a card tries all the same, unless one of its kind was refused as well.
func (l *lane) pause(now time.Time, d time.Duration, by need) {
	if d > 0 && now.Add(d).After(l.shut.until(now)) {
		l.shut = pause{now, d}
	}
	if d = min(d, longestBar); by == pressing && d > 0 && now.Add(d).After(l.barred.until(now)) {
		l.barred = pause{now, d}
	}
}
