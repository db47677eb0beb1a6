package bot

import (
	"encoding/json"
	"fmt"
	"time"
)

// state is where a conversation stands: all of it, as flat JSON. It knows no channel and holds no address.
type state struct {
	Version int `json:"v"`
	// Applied is the number of the last turn that was thought, and Out what it said.
	Applied int64     `json:"applied"`
	Out     []Message `json:"out,omitempty"`
	// Runs are the open dialogs: at most one that was opened by the person, and above it at most one that a button
	// opened beside it. The last one has the floor.
	Runs []run `json:"runs,omitempty"`
	// Leaving is what waits for the answer to "leave this one?", which LeavingAt, a turn, asked.
	Leaving   *opening `json:"leaving,omitempty"`
	LeavingAt int64    `json:"leaving_at,omitempty"`
	// Changing says that the last turn asked which answer to change.
	Changing bool      `json:"changing,omitempty"`
	Last     time.Time `json:"last"`
	// Pressed is the last payload that was pressed, so that a double tap is one tap (B13).
	Pressed string `json:"pressed,omitempty"`
}

// stateVersion is the version of the layout. A state of another version is a lost place, never misread.
const stateVersion = 1

// run is one dialog under way.
type run struct {
	Dialog  string    `json:"dialog"`
	ID      string    `json:"id"`
	Turn    int64     `json:"turn"` // the turn that opened it
	At      time.Time `json:"at"`
	Subject string    `json:"subject,omitempty"`
	Pressed string    `json:"pressed,omitempty"`
	Beside  bool      `json:"beside,omitempty"`
	Log     []entry   `json:"log,omitempty"`
}

// entry is one named answer, look or effect.
type entry struct {
	Kind  entryKind       `json:"k"`
	Name  string          `json:"n"`
	Value json.RawMessage `json:"a"`
	At    time.Time       `json:"t"`
	// Shown is how the answer reads to the person, for "change an answer"; empty when it may not be changed by itself.
	Shown string `json:"s,omitempty"`
	// Undo is said when somebody wants to go back past an effect.
	Undo string `json:"u,omitempty"`
}

type entryKind string

const (
	entryAnswer entryKind = "a"
	entrySeed   entryKind = "s" // given in advance: "back" does not forget it
	entryLook   entryKind = "l"
	entryDone   entryKind = "d"
)

// opening is a dialog that is to be opened.
type opening struct {
	Dialog  string  `json:"dialog"`
	Subject string  `json:"subject,omitempty"`
	Pressed string  `json:"pressed,omitempty"`
	Answers Answers `json:"answers,omitempty"`
}

func (r *run) find(name string) int {
	for i := range r.Log {
		if r.Log[i].Name == name {
			return i
		}
	}
	return -1
}

// forget drops entry i and everything after it. It refuses to go past an effect and then returns that entry.
func (r *run) forget(i int) *entry {
	for j := len(r.Log) - 1; j >= i; j-- {
		if r.Log[j].Kind == entryDone {
			return &r.Log[j]
		}
	}
	r.Log = r.Log[:i]
	return nil
}

func (r *run) lastAnswer() int {
	for i := len(r.Log) - 1; i >= 0; i-- {
		if r.Log[i].Kind == entryAnswer {
			return i
		}
	}
	return -1
}

func (r *run) barrier() *entry {
	for i := len(r.Log) - 1; i >= 0; i-- {
		switch r.Log[i].Kind {
		case entryDone:
			return &r.Log[i]
		case entryAnswer:
			return nil
		}
	}
	return nil
}

func decodeState(raw []byte) (state, error) {
	var s state
	if err := json.Unmarshal(raw, &s); err != nil {
		return state{}, fmt.Errorf("decode conversation state: %w", err)
	}
	if s.Version != stateVersion {
		return state{}, fmt.Errorf("decode conversation state: version %d, want %d", s.Version, stateVersion)
	}
	return s, nil
}

// open is the name of the dialog that has the floor.
func (s *state) open() string {
	if len(s.Runs) == 0 {
		return ""
	}
	return s.Runs[len(s.Runs)-1].Dialog
}

// closeUpTo drops the dialogs that were opened by turn n or before.
func (s *state) closeUpTo(n int64) {
	kept := s.Runs[:0]
	for _, r := range s.Runs {
		if r.Turn > n {
			kept = append(kept, r)
		}
	}
	if len(kept) != len(s.Runs) {
		s.Leaving, s.Changing = nil, false
	}
	s.Runs = kept
}
