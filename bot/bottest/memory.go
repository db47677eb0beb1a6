package bottest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
)

// MemoryStates is a bot.States in memory that can lose what it holds, go back in time, and be away. It is safe for use
// by several goroutines.
type MemoryStates struct {
	mu       sync.Mutex
	held     map[string]held
	marked   map[string]held
	versions int64
	away     bool
	saves    int
}

type held struct {
	state   []byte
	version int64
}

var _ bot.States = (*MemoryStates)(nil)

// NewMemoryStates makes an empty store.
func NewMemoryStates() *MemoryStates { return &MemoryStates{held: map[string]held{}} }

// Away makes every call fail until it is called with false.
func (s *MemoryStates) Away(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// Lose forgets everything, as a store does that restarts empty.
func (s *MemoryStates) Lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.held)
}

// Mark remembers what is held now; Rollback goes back to it, as a store does that loses its last second.
func (s *MemoryStates) Mark() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marked = maps.Clone(s.held)
}

// Rollback goes back to what was held at Mark. Versions go on growing.
func (s *MemoryStates) Rollback() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = maps.Clone(s.marked)
	if s.held == nil {
		s.held = map[string]held{}
	}
}

// Raw is the saved state of a conversation; nil when there is none. For tests that look at it.
func (s *MemoryStates) Raw(conversation string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.held[conversation].state)
}

// Set puts a state in place, as if an older version of the house had saved it.
func (s *MemoryStates) Set(conversation string, state []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions++
	s.held[conversation] = held{state: slices.Clone(state), version: s.versions}
}

// Saves is how often a state was saved.
func (s *MemoryStates) Saves() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saves
}

var errAway = handrail.Errorf(handrail.KindUnavailable, "", "the state store is away")

func (s *MemoryStates) check(ctx context.Context) error {
	if s.away {
		return errAway
	}
	return ctx.Err()
}

// Load returns the saved state.
func (s *MemoryStates) Load(ctx context.Context, conversation string) ([]byte, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(ctx); err != nil {
		return nil, 0, err
	}
	h, ok := s.held[conversation]
	if !ok {
		return nil, 0, nil
	}
	return slices.Clone(h.state), h.version, nil
}

// Save replaces the state by compare-and-set.
func (s *MemoryStates) Save(ctx context.Context, conversation string, state []byte, prev int64, keep time.Duration) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(ctx); err != nil {
		return 0, err
	}
	if keep <= 0 {
		return 0, errors.New("save a state: it must be kept for some time")
	}
	if s.held[conversation].version != prev {
		return 0, bot.ErrConflict
	}
	s.versions++
	s.saves++
	s.held[conversation] = held{state: slices.Clone(state), version: s.versions}
	return s.versions, nil
}

// Erase forgets a conversation.
func (s *MemoryStates) Erase(ctx context.Context, conversation string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(ctx); err != nil {
		return err
	}
	delete(s.held, conversation)
	return nil
}
