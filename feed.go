package handrail

import "time"

// FeedState is where the reading of a feed stands. It belongs to the reader: nobody else looks into the cursor.
type FeedState struct {
	Name string
	// Cursor is the reader's own note of where it stopped and what it saw last; nil at the start.
	Cursor []byte
	// TriedAt is when the feed was last asked, and OKAt when that last went well; nil when never. The age of the copy in
	// use is counted from OKAt.
	TriedAt *time.Time
	OKAt    *time.Time
	// Failures counts the tries that failed since OKAt.
	Failures int
	// Problem is a plain sentence about the last failure; empty after a success.
	Problem string
}

// FeedCopy is what a source says now: all of it, or what changed since the last time.
type FeedCopy struct {
	// Changed are listings as the source has them; of two with one id the later counts. Their Source and Standing are
	// not looked at.
	Changed []Activity
	// Gone are the ids that the source removed.
	Gone []ActivityID
	// Full says that Changed is the whole source: what is not in it is gone.
	Full bool
}

// Imported is what taking a copy came to.
type Imported struct {
	Added   int // new listings, among them those that joined one from another source
	Changed int
	Removed int // listings that the source no longer has; they are kept, inactive
	Same    int
	// Held counts what waits for a person: changes of a telephone number or an address, or, as one, the whole copy.
	Held int
	// Suggested counts pairs of listings that may be the same group, for a person to say.
	Suggested int
}
