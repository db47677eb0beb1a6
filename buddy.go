package handrail

import "time"

// BuddyID names a volunteer.
type BuddyID string

// Buddy is a volunteer who goes along with somebody the first time.
type Buddy struct {
	ID       BuddyID
	Practice PracticeID
	Name     string // first name: all that a patient ever sees (V2)
	// About is one line the patient may see to recognise them: "I'll have a green scarf on".
	About     string
	Postcode  string
	Languages []string
	Address   Address
	State     BuddyState
	// ClearedBy and ClearedAt are set when State is cleared: no match without a named coordinator (V1).
	ClearedBy StaffID
	ClearedAt *time.Time
}

// BuddyState is where a volunteer stands.
type BuddyState string

// A buddy applied; is cleared by a coordinator, or not taken on; may be suspended and cleared again; may leave.
const (
	BuddyApplied   BuddyState = "applied"
	BuddyCleared   BuddyState = "cleared"
	BuddyRefused   BuddyState = "refused"
	BuddySuspended BuddyState = "suspended"
	BuddyLeft      BuddyState = "left"
)

func (s BuddyState) next() []BuddyState {
	switch s {
	case BuddyApplied:
		return []BuddyState{BuddyCleared, BuddyRefused, BuddyLeft}
	case BuddyCleared:
		return []BuddyState{BuddySuspended, BuddyLeft}
	case BuddySuspended:
		return []BuddyState{BuddyCleared, BuddyLeft}
	default: // refused, left: the end
		return nil
	}
}

func (b *Buddy) move(to BuddyState) error {
	if err := step("buddy", b.State, to, BuddyState.next); err != nil {
		return err
	}
	b.State = to
	return nil
}

// Clear records that a named coordinator cleared the volunteer at t (UTC).
func (b *Buddy) Clear(by StaffID, t time.Time) error {
	if by == "" {
		return Errorf(KindInvalid, "A named coordinator must clear a volunteer.", "clear buddy: no coordinator named")
	}
	if err := b.move(BuddyCleared); err != nil {
		return err
	}
	b.ClearedBy, b.ClearedAt = by, &t
	return nil
}

// Refuse records that the volunteer was not taken on.
func (b *Buddy) Refuse() error { return b.move(BuddyRefused) }

// Suspend stops further matches until the buddy is cleared again.
func (b *Buddy) Suspend() error { return b.move(BuddySuspended) }

// Leave records that the volunteer no longer wants to go along.
func (b *Buddy) Leave() error { return b.move(BuddyLeft) }
