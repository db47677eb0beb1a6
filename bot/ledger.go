package bot

import (
	"context"
	"errors"
	"time"

	"handrail"
)

// ErrStale is returned by Ledger.Finish and Ledger.Release when the turn was leased again, or finished, by somebody
// else: the caller drops what it has. ErrConflict is returned by States.Save when the state was saved by somebody else.
var (
	ErrStale    = errors.New("the turn is no longer ours")
	ErrConflict = errors.New("the conversation's state has changed")
)

// Turn is one update's place in its conversation, leased to one worker.
type Turn struct {
	Update Update
	// Conversation is the key of the conversation: a keyed hash of the address, so that neither the state store nor a
	// log learns the address.
	Conversation string
	// Number counts the updates of the conversation from 1.
	Number int64
	// Epoch is the lease's; it grows with every lease of the row.
	Epoch int64
	// Oldest says that no earlier update of the conversation is unfinished: only then may it use the state.
	Oldest bool
	// Guarded says that the guards have seen it and let it pass.
	Guarded bool
	// LastStateTurn is the last finished turn of the conversation that used the state; 0 when none did.
	LastStateTurn int64
	// OpenDialog is the name of the dialog that was open after LastStateTurn; empty when none was.
	OpenDialog string
	// ClosedBefore is a turn number: a dialog opened by that turn or an earlier one was closed by a guard (stop), even
	// if the state still says it is open.
	ClosedBefore int64
	// AcceptedAt is when the update was committed (UTC).
	AcceptedAt time.Time
}

// Finish is what a finished turn leaves behind.
type Finish struct {
	// UsedState says that the state was loaded and saved: the turn becomes LastStateTurn and OpenDialog is remembered.
	UsedState  bool
	OpenDialog string
	// CloseDialogs says that a guard closed whatever dialog is open: ClosedBefore becomes the turn's number.
	CloseDialogs bool
	// Out are the replies, already with their keys.
	Out []Envelope
	At  time.Time
}

// Ledger is what the engine asks of the records: the inbox, the turns, and effects that happen once. store/records
// implements it on SQL.
type Ledger interface {
	// Accept commits the update in the inbox and returns whether it is new. A duplicate (same practice, channel and
	// id) changes nothing. The update is numbered within its conversation.
	Accept(ctx context.Context, u Update, at time.Time) (fresh bool, err error)
	// Lease gives one unfinished row to the caller until now+lease: a row that the guards have not seen, whatever its
	// place, or the oldest unfinished row of a conversation that is not put off. False when there is none.
	Lease(ctx context.Context, now time.Time, lease time.Duration) (Turn, bool, error)
	// Release gives a row back unfinished: guarded says that the guards let it pass, and it is not leased again before
	// until (except to nobody). ErrStale when it is no longer ours.
	Release(ctx context.Context, t Turn, guarded bool, until time.Time) error
	// Finish commits, in one transaction, the replies under their keys and the row as finished; the row's words are
	// erased. ErrStale, and nothing done, when the lease's epoch has passed or the row is finished.
	Finish(ctx context.Context, t Turn, f Finish) error
	// Once runs fn in one transaction and commits its result under (run, key) with it. When there is a result already,
	// fn isn't run and that result is returned. The context given to fn carries the transaction: every method of the
	// records called with it takes part. An error from fn rolls everything back and is returned as it is.
	Once(ctx context.Context, run, key string, fn func(ctx context.Context) ([]byte, error)) ([]byte, error)
	// Who says who writes from this address.
	Who(ctx context.Context, from handrail.Address) (Who, error)
}

// States keeps where each conversation stands. It may lose everything: the engine notices and says so. Implemented by
// store/conversations on Redis, and by store/records on SQL.
type States interface {
	// Load returns the saved bytes and their version; nil and version 0 when there are none.
	Load(ctx context.Context, conversation string) (state []byte, version int64, err error)
	// Save replaces the state of version prev (0: there must be none) and returns the new version, greater than prev.
	// ErrConflict, and nothing done, when the version is another. keep is how long it must at least be kept.
	Save(ctx context.Context, conversation string, state []byte, prev int64, keep time.Duration) (version int64, err error)
	// Erase forgets a conversation. It is safe to call twice.
	Erase(ctx context.Context, conversation string) error
}

// Who is whoever writes to the bot.
type Who struct {
	Kind     WhoKind
	ID       string // the staff, patient or buddy id; empty when unknown
	Practice handrail.PracticeID
	Name     string
	Roles    []handrail.Role // of staff
	Language string          // BCP 47; empty is English
	Short    bool            // they would rather have one thing at a time, in fewer words
}

// WhoKind is what somebody is to the service.
type WhoKind string

// The kinds of people.
const (
	WhoUnknown WhoKind = "unknown"
	WhoStaff   WhoKind = "staff"
	WhoPatient WhoKind = "patient"
	WhoBuddy   WhoKind = "buddy"
	// WhoOrganiser runs groups.
	WhoOrganiser WhoKind = "organiser"
	// WhoTrusted is somebody whom a patient wishes to be reminded with them.
	WhoTrusted WhoKind = "trusted"
)
