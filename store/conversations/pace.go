package conversations

import (
	"context"
	_ "embed" // pace.lua, pause.lua
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed pace.lua
var paceLua string

//go:embed pause.lua
var pauseLua string

// spare widens each stretch a little: processes' clocks differ, and what leaves here evenly arrives there with the jitter
// of the network.
const spare = 50 * time.Millisecond

// stretch is how many requests a rate allows, and in which time: 30 a second is 30 in one second, one in two seconds is one
// in two.
func stretch(perSecond float64) (n int, span time.Duration) {
	if perSecond <= 0 {
		return 0, 0
	}
	n = max(1, int(perSecond))
	return n, time.Duration(float64(n)/perSecond*float64(time.Second)) + spare
}

// Place takes a place for one request to a chat in the rates that all processes share: so many requests a second in all and
// to that chat (0: no limit), where more than keep places are free. until is now when the place is taken; otherwise nothing
// is, and until is when one may be free; whole says that it is the whole channel that must wait. chat must not tell whose
// chat it is: a keyed hash. With Redis away the error is of handrail.KindUnavailable, and the place may be taken or not.
func (s *Store) Place(ctx context.Context, channel, chat string, perSecond, perChat float64, keep int, now time.Time) (until time.Time, whole bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	all, span := stretch(perSecond)
	each, own := stretch(perChat)
	name := strconv.FormatInt(s.process, 36) + ":" + strconv.FormatInt(s.asked.Add(1), 36)
	got, err := s.pace.Run(ctx, s.client, []string{paceKey(channel), paceKey(channel + ":" + chat), pauseKey(channel)},
		now.UnixMicro(), all, span.Microseconds(), keep, each, own.Microseconds(), name).Slice()
	if err != nil {
		return time.Time{}, false, away("take a place in the rates", err)
	}
	if len(got) != 2 {
		return time.Time{}, false, fmt.Errorf("take a place in the rates: %d values came back", len(got))
	}
	text, _ := got[0].(string)
	at, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("take a place in the rates: %w", err)
	}
	if at <= now.UnixMicro() {
		return now, false, nil
	}
	waits, _ := got[1].(int64)
	// Up to a whole microsecond, lest it is asked for too early.
	return time.UnixMicro(at + 1).In(now.Location()), waits == 1, nil
}

// Pause closes a channel for every process for d from now, unless a longer pause stands.
func (s *Store) Pause(ctx context.Context, channel string, d time.Duration, now time.Time) error {
	if d <= 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return away("pause a channel", s.pause.Run(ctx, s.client, []string{pauseKey(channel)}, now.UnixMicro(), d.Microseconds()).Err())
}
