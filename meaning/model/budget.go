package model

import (
	"context"
	"sync"
	"time"
)

// Budget counts questions. A store of several replicas may implement it over SQL.
type Budget interface {
	// Take counts one question of a person on the day of at (UTC) and reports whether it may be asked. who is whatever
	// names a person inside this process; it is never sent. Safe for use by several at once.
	Take(ctx context.Context, who string, at time.Time) (bool, error)
}

// Allowance is a Budget in memory. A restart begins the day anew, which errs towards asking; MaxTokens and AtOnce hold
// nevertheless.
type Allowance struct {
	perPerson, all int

	mu   sync.Mutex
	day  string
	used int
	by   map[string]int
}

// NewAllowance makes an Allowance of so many questions a day for each person and for everybody together.
func NewAllowance(perPerson, all int) *Allowance {
	return &Allowance{perPerson: perPerson, all: all, by: map[string]int{}}
}

// Take implements Budget. It keeps at most as many people as there are questions in a day.
func (a *Allowance) Take(_ context.Context, who string, at time.Time) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if day := at.UTC().Format(time.DateOnly); day > a.day { // a clock that is put back grants no second day
		a.day, a.used = day, 0
		clear(a.by)
	}
	if a.used >= a.all || a.by[who] >= a.perPerson {
		return false, nil
	}
	a.used++
	a.by[who]++
	return true, nil
}
