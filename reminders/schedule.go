package reminders

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"handrail"
)

// Schedule says when something happens next: the zero time when it never does.
type Schedule interface {
	Next(after time.Time) time.Time
}

// Daily is once a day at a wall time, whatever the clocks do.
func Daily(at handrail.Clock, zone *time.Location) (Schedule, error) {
	s, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(fmt.Sprintf("%d %d * * *", at.Minute(), at.Hour()))
	if err != nil {
		return nil, fmt.Errorf("make a daily schedule: %w", err)
	}
	if spec, ok := s.(*cron.SpecSchedule); ok {
		spec.Location = zone
	}
	return s, nil
}

// Every is again and again after a pause.
func Every(pause time.Duration) Schedule { return cron.Every(pause) }
