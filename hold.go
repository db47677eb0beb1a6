package handrail

import "time"

// HoldID names a hold.
type HoldID string

// Hold is something that an import would do and that waits for a person's yes: a poisoned or broken feed must neither
// empty the directory nor send people to a stranger's telephone or door (B23, H18).
type Hold struct {
	ID       HoldID
	Source   string
	Kind     HoldKind
	Activity ActivityID // empty for a mass removal
	Name     string     // of the listing; of the source for a mass removal
	Field    EditField  // FieldPhone or FieldVenue; empty for a mass removal
	// Was and Becomes are plain text for the person who decides: the telephone number, the address with its position, or
	// "1150 live listings" and "310 of 1150 removed".
	Was     string
	Becomes string
	At      time.Time
	State   HoldState
}

// HoldKind says what is held.
type HoldKind string

// The kinds of hold.
const (
	// HoldMassRemoval holds a whole copy that would remove more than a fifth of a source's live listings. Nothing of it
	// is applied until a person decides; nothing of it is lost.
	HoldMassRemoval HoldKind = "mass_removal"
	// HoldContactChange holds one listing's new telephone number or address. The rest of its change is applied.
	HoldContactChange HoldKind = "contact_change"
)

// HoldState is where a hold stands.
type HoldState string

// A hold is open until a person takes or refuses it, or the source withdraws what was held. A refusal lasts for as long
// as the source says the same.
const (
	HoldOpen      HoldState = "open"
	HoldTaken     HoldState = "taken"
	HoldRefused   HoldState = "refused"
	HoldWithdrawn HoldState = "withdrawn"
)

func (s HoldState) next() []HoldState {
	switch s {
	case HoldOpen:
		return []HoldState{HoldTaken, HoldRefused, HoldWithdrawn}
	case HoldRefused:
		return []HoldState{HoldWithdrawn}
	default: // taken, withdrawn
		return nil
	}
}

func (h *Hold) move(to HoldState) error {
	if err := step("hold", h.State, to, HoldState.next); err != nil {
		return err
	}
	h.State = to
	return nil
}

// Take lets what was held happen.
func (h *Hold) Take() error { return h.move(HoldTaken) }

// Refuse says that it must not happen.
func (h *Hold) Refuse() error { return h.move(HoldRefused) }

// Withdraw records that the source no longer says it.
func (h *Hold) Withdraw() error { return h.move(HoldWithdrawn) }
