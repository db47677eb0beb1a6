package records

// Notify returns a channel that gets a value after each commit that left work for a worker: an update or an envelope.
// Each call makes a channel of its own, with room for one value; a value that nobody has taken yet stands for all that
// came since. Only this process's commits are told, so a worker must also look from time to time.
func (r *Records) Notify() <-chan struct{} {
	c := make(chan struct{}, 1)
	r.wakeMu.Lock()
	defer r.wakeMu.Unlock()
	r.wakes = append(r.wakes, c)
	return c
}

func (r *Records) wakeAll() {
	if r.commit != nil {
		r.commit()
	}
	r.wakeMu.Lock()
	defer r.wakeMu.Unlock()
	for _, c := range r.wakes {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
