package handrail

import "time"

// MergeID names a suggestion to merge.
type MergeID string

// Merge is a suggestion that two listings from different sources are one group. A person says whether they are; a pair
// that was called different is not suggested again.
type Merge struct {
	ID    MergeID
	A     ActivityID // the older listing: the one that stays
	B     ActivityID
	NameA string
	NameB string
	Score float64 // 0 to 1, how alike they are
	At    time.Time
	State MergeState
}

// MergeState is where a suggestion stands.
type MergeState string

// A suggestion is open until a person says that the two are the same or different.
const (
	MergeOpen      MergeState = "open"
	MergeSame      MergeState = "same"
	MergeDifferent MergeState = "different"
)

func (s MergeState) next() []MergeState {
	switch s {
	case MergeOpen:
		return []MergeState{MergeSame, MergeDifferent}
	case MergeDifferent:
		return []MergeState{MergeSame}
	default: // same: two listings that became one stay one
		return nil
	}
}

// Decide records a person's answer.
func (m *Merge) Decide(same bool) error {
	to := MergeDifferent
	if same {
		to = MergeSame
	}
	if err := step("suggestion", m.State, to, MergeState.next); err != nil {
		return err
	}
	m.State = to
	return nil
}
