package records

// work is what a commit left to be done.
type work uint8

const (
	workTurns work = 1 << iota // an update waits in the inbox
	workPosts                  // an envelope waits in the outbox
)

// wake is a worker that wants to be told of some work.
type wake struct {
	of work
	c  chan struct{}
}

// Notify returns a channel that gets a value after each commit that left work for a worker: an update or an envelope.
// Each call makes a channel of its own, with room for one value; a value that nobody has taken yet stands for all that
// came since. Only this process's commits are told, so a worker must also look from time to time.
func (r *Records) Notify() <-chan struct{} { return r.notify(workTurns | workPosts) }

// NotifyTurns is Notify for updates only: for those who think.
func (r *Records) NotifyTurns() <-chan struct{} { return r.notify(workTurns) }

// NotifyPosts is Notify for envelopes only: for those who send.
func (r *Records) NotifyPosts() <-chan struct{} { return r.notify(workPosts) }

func (r *Records) notify(of work) <-chan struct{} {
	c := make(chan struct{}, 1)
	r.wakeMu.Lock()
	defer r.wakeMu.Unlock()
	r.wakes = append(r.wakes, wake{of, c})
	return c
}

func (r *Records) tell(of work) {
	if r.commit != nil {
		r.commit()
	}
	r.wakeMu.Lock()
	defer r.wakeMu.Unlock()
	for _, w := range r.wakes {
		if w.of&of == 0 {
			continue
		}
		select {
		case w.c <- struct{}{}:
		default:
		}
	}
}
