package web

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"handrail"
)

// Stage is what the page asks of the house behind it: the story's clock, and starting again. All of it is optional;
// without a stage the page shows the clock and has no buttons for it.
type Stage interface {
	// Now is the story's time.
	Now() time.Time
	// Next is when the next thing happens by itself and what it is, in a few words ("reminder to Frank"); false when
	// nothing is planned.
	Next(ctx context.Context) (at time.Time, what string, ok bool, err error)
	// Advance runs the clock to a time, event by event, each settled before the next. The context ends when the
	// channel stops, not when the visitor closes the page: a story is not left half told.
	Advance(ctx context.Context, to time.Time) error
	// Reset puts the story back to its beginning. The channel's phones have been emptied by then. A stage whose
	// sender may still have been at work empties them once more with Channel.Reset when it has stopped it.
	Reset(ctx context.Context) error
	// Records is a short plain text of where the records stand, put at the end of a saved transcript.
	Records(ctx context.Context) string
}

// farthest is how many days one press may move the clock: a finger's slip must not run a year of reminders.
const farthest = 92

var (
	moveBy       = regexp.MustCompile(`\A([0-9]{1,4})(m|h|d)\z`)
	moveTomorrow = regexp.MustCompile(`\Atomorrow ([0-9]{1,2})(?::([0-9]{2}))?\z`)
)

// errNothingNext says that no event is planned to move on to.
var errNothingNext = errors.New("nothing is planned")

// moveTo reads a move such as "2h", "7d", "tomorrow 8" or "next". now must be in the practice's zone: a day later is
// the same wall time on the next date, whatever the clocks do that night (T2), and tomorrow is the next local date.
func moveTo(move string, now time.Time, next func() (time.Time, bool, error)) (time.Time, error) {
	wrong := handrail.Errorf(handrail.KindInvalid, "That is not a way to move the clock.", "unknown move")
	to := now
	if move == "next" {
		at, ok, err := next()
		if err != nil {
			return time.Time{}, fmt.Errorf("find the next event: %w", err)
		}
		if !ok {
			return time.Time{}, handrail.Errorf(handrail.KindConflict, "Nothing is planned yet, so there is nothing to move on to.", "move: %w", errNothingNext)
		}
		// The next event may be due already; then the clock stands still and the event runs.
		if at.After(to) {
			to = at
		}
		return to, nil
	}
	if m := moveBy.FindStringSubmatch(move); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most four digits
		switch m[2] {
		case "m":
			to = now.Add(time.Duration(n) * time.Minute)
		case "h":
			to = now.Add(time.Duration(n) * time.Hour)
		case "d":
			to = now.AddDate(0, 0, n)
		}
	} else if m := moveTomorrow.FindStringSubmatch(move); m != nil {
		hour, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2]) // empty is 0
		if hour > 23 || minute > 59 {
			return time.Time{}, wrong
		}
		y, mo, d := now.Date()
		to = time.Date(y, mo, d+1, hour, minute, 0, 0, now.Location())
	} else {
		return time.Time{}, wrong
	}
	if to.After(now.AddDate(0, 0, farthest)) {
		return time.Time{}, handrail.Errorf(handrail.KindInvalid, "Please move the clock by three months at most.", "move: too far")
	}
	return to, nil
}
