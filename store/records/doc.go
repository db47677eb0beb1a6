// Package records keeps what may not be forgotten: people, referrals, permissions, the inbox, the outbox, effects and
// the audit trail, in SQL. One set of queries runs on embedded SQLite and on PostgreSQL; only the three commits of a turn
// are there for many conversations at once on PostgreSQL as well (jointly.go), as SQLite's writer shares them (writer.go).
//
//	r, err := records.Open(ctx, records.Options{URL: "sqlite:///var/lib/handrail/handrail.db", Now: clock.Now, Key: key})
//	...
//	defer r.Close()
//	err = r.InTx(ctx, func(ctx context.Context) error { // both or neither
//		if _, err := r.ChangeReferral(ctx, practice, id, by, (*handrail.Referral).Send); err != nil {
//			return err
//		}
//		_, err := r.Put(ctx, tellTheLinkWorker)
//		return err
//	})
//
// # Rules that hold everywhere
//
// A transaction travels in the context: every method called with the context that InTx gave takes part in it.
//
// Every row has its practice and every query by id filters by it; another practice's record is not found (C8). The
// methods that look over all practices (VisitsStarting, Claim, Lease and their like) serve the house's own workers.
//
// What identifies a person is in the table identities, behind the one Codec, and is found again by keyed hash only.
// Other personal words are columns sealed by the same Codec.
//
// Every change of state writes its line of the audit trail in the same transaction. The trail has no method that
// changes or removes a line. The rows of inbox and outbox are themselves the record of what became of them.
//
// # The directory
//
// What each source says of a listing is kept apart from what is shown: its copies as one, contacts that are held left as
// they were, and what was edited here on top. TakeFeed takes a copy; Holds and Merges wait for a person; EditActivity and
// UndoEdit keep the history; ChangeStanding notes what is known here, which no import touches.
//
//	done, err := r.TakeFeed(ctx, "council", handrail.FeedCopy{Changed: listings, Full: true}, handrail.ActorSystem)
//	...
//	last, err := r.LastActivityChange(ctx) // first the number, then the listings
//	all, err := r.Activities(ctx)
//	changed, gone, last, err := r.ActivityChanges(ctx, last, 1000) // every second, whoever made the change
//
// Time comes from Options.Now and is kept as UTC microseconds; the zero time is kept as 0.
package records
