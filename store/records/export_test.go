package records

import (
	"database/sql/driver"
	"errors"
)

// Die lets the lock of a run go as the death of its process does: nothing is told to the records.
func (run *Run) Die() error {
	if err := run.held.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
		return err
	}
	_ = run.held.Close() // broken already
	run.held = nil
	if run.file != nil {
		err := run.file.Close()
		run.file = nil
		return err
	}
	return nil
}
