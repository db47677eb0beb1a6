package handrail_test

import (
	"testing"
	"time"

	"handrail"
)

func TestStanding_Doubtful(t *testing.T) {
	closed := noon()
	for _, c := range []struct {
		name string
		s    handrail.Standing
		want bool
	}{
		{"nothing known", handrail.Standing{}, false},
		{"asked once, no answer", handrail.Standing{Silences: 1}, false},
		{"two silences", handrail.Standing{Silences: handrail.SilencesBeforeWarning - 1}, false},
		{"three silences", handrail.Standing{Silences: handrail.SilencesBeforeWarning}, true},
		{"more", handrail.Standing{Silences: 9, Answers: 30}, true},
		{"reported closed", handrail.Standing{ReportedClosed: &closed}, true},
		{"reported closed, whatever else", handrail.Standing{ReportedClosed: &closed, Answers: 5}, true},
		{"paused is no doubt", handrail.Standing{Paused: true}, false},
		{"a cancelled day is no doubt", handrail.Standing{Cancelled: []handrail.Cancellation{{On: "2026-11-24"}}}, false},
	} {
		if got := c.s.Doubtful(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestActivity_LastChecked(t *testing.T) {
	early, late := noon(), noon().AddDate(0, 0, 1)
	own := func(at time.Time) *handrail.Assurance {
		return &handrail.Assurance{At: at, By: handrail.AssurerStaff, How: "telephone"}
	}
	for _, c := range []struct {
		name      string
		publisher *time.Time
		own       *handrail.Assurance
		want      *time.Time
		by        handrail.Assurer
	}{
		{"never", nil, nil, nil, ""},
		{"the publisher alone", &early, nil, &early, handrail.AssurerPublisher},
		{"ours alone", nil, own(early), &early, handrail.AssurerStaff},
		{"ours is later", &early, own(late), &late, handrail.AssurerStaff},
		{"the publisher is later", &late, own(early), &late, handrail.AssurerPublisher},
		{"at once: we know who it was", &early, own(early), &early, handrail.AssurerStaff},
	} {
		at, by := handrail.Activity{CheckedAt: c.publisher, Standing: handrail.Standing{Assured: c.own}}.LastChecked()
		if by != c.by || (at == nil) != (c.want == nil) || at != nil && !at.Equal(*c.want) {
			t.Errorf("%s: %v by %q", c.name, at, by)
		}
	}
}
