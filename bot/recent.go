package bot

import "sync"

// recent remembers the newest states that this process saved, so that a turn that follows soon need not load its own. It
// may be wrong: another process may have saved since, or the store may have lost it. Save finds that out, since it
// replaces one version only; then the state is loaded after all.
type recent struct {
	mu       sync.Mutex
	new, old map[string]saved
}

// saved is a state as it was saved, without what that turn said. It belongs to one turn at a time: whoever takes it may
// change it.
type saved struct {
	state   state
	version int64
}

// maxRecent is how many states are remembered, half of them at least; most take one or two kilobytes.
const maxRecent = 2048

func (r *recent) put(conversation string, s state, version int64) {
	s.Out = nil
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.new == nil || len(r.new) >= maxRecent/2 {
		r.old, r.new = r.new, make(map[string]saved)
	}
	delete(r.old, conversation)
	r.new[conversation] = saved{s, version}
}

// take returns a state and forgets it.
func (r *recent) take(conversation string) (saved, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range []map[string]saved{r.new, r.old} {
		if s, ok := m[conversation]; ok {
			delete(m, conversation)
			return s, true
		}
	}
	return saved{}, false
}
