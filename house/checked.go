package house

import "time"

// Requirement K5: the numbers on the urgent-help cards are only as good as the last time that a person rang or read them.
const (
	// cardsNag is the age from which every digest asks for a fresh look.
	cardsNag = 150 * 24 * time.Hour
	// cardsStop is the age from which nobody new can join. Those who are here keep their cards: an old number is better than
	// none, and a start never fails for it.
	cardsStop = 180 * 24 * time.Hour
)

// cardsMade is when the numbers of this version's cards were last compared with the published pages of their services, as
// far as those could be read. It counts where the deployment never said when it looked itself.
func cardsMade() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }

// Checked is when the numbers on the cards were last checked.
type Checked struct {
	on  time.Time
	own bool
}

// NewChecked makes a Checked from the deployment's own date; the zero time where it never looked.
func NewChecked(on time.Time) Checked {
	if on.IsZero() {
		return Checked{on: cardsMade()}
	}
	return Checked{on: on, own: true}
}

// On is the day that counts, and whether it is the deployment's own.
func (c Checked) On() (day time.Time, own bool) { return c.on, c.own }

// Due reports whether a person should look now: always, until somebody here did for the first time.
func (c Checked) Due(now time.Time) bool { return !c.own || now.Sub(c.on) > cardsNag }

// Closed reports whether it is so long ago that nobody new may join.
func (c Checked) Closed(now time.Time) bool { return now.Sub(c.on) > cardsStop }
