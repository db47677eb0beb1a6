package web

import (
	"runtime"
	"time"
)

// AwaitRunning returns once Run has taken its inbox.
func AwaitRunning(c *Channel) {
	for {
		if _, giveBack, ok := c.borrow(); ok {
			giveBack()
			return
		}
		runtime.Gosched()
	}
}

// MoveTo is moveTo.
func MoveTo(move string, now time.Time, next func() (time.Time, bool, error)) (time.Time, error) {
	return moveTo(move, now, next)
}

// SafeLink is safeLink.
func SafeLink(s string) string { return safeLink(s) }

// FileName is the name of the file of the chats.
const FileName = fileName
