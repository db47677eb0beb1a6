package handrail_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
)

// noon is a moment for steps that need one.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// step is one step of a life cycle: the states it may start from, written out here and not taken from the code, and the
// one it leads to.
type step[N any] struct {
	name string
	from []string
	to   string
	do   func(*N) error
	want func(N) bool // what else it leaves behind; nil when nothing
}

// lifeCycle tries every step from every state, the unknown ones too: a legal step leads where it says, an illegal one
// is a StepError that names both states and changes nothing.
func lifeCycle[N any](t *testing.T, noun string, states []string, in func(state string) N, state func(N) string, steps []step[N]) {
	t.Helper()
	tried := 0
	for _, from := range append(slices.Clone(states), "", "no such state") {
		for _, s := range steps {
			tried++
			n, was := in(from), in(from)
			err := s.do(&n)
			if slices.Contains(s.from, from) {
				if err != nil || state(n) != s.to {
					t.Errorf("%s of a %s that is %q: it is %q (error %v), want %q", s.name, noun, from, state(n), err, s.to)
				}
				if s.want != nil && !s.want(n) {
					t.Errorf("%s of a %s that is %q left %+v", s.name, noun, from, n)
				}
				continue
			}
			var e *handrail.StepError
			if !errors.As(err, &e) {
				t.Errorf("%s of a %s that is %q: error %v, want a StepError", s.name, noun, from, err)
				continue
			}
			if *e != (handrail.StepError{Noun: noun, From: from, To: s.to}) {
				t.Errorf("%s of a %s that is %q: the error says %+v", s.name, noun, from, *e)
			}
			if text := err.Error(); !strings.Contains(text, `"`+from+`"`) || !strings.Contains(text, `"`+s.to+`"`) {
				t.Errorf("the error %q does not name both %q and %q", text, from, s.to)
			}
			if !handrail.IsKind(err, handrail.KindConflict) {
				t.Errorf("%s of a %s that is %q is no conflict", s.name, noun, from)
			}
			if !reflect.DeepEqual(n, was) {
				t.Errorf("an illegal %s changed the %s:\n%+v\n%+v", s.name, noun, was, n)
			}
		}
	}
	if want := (len(states) + 2) * len(steps); tried != want {
		t.Errorf("%d pairs tried, want %d", tried, want)
	}
}

func TestReferral_LifeCycle(t *testing.T) {
	type r = handrail.Referral
	again := noon().AddDate(0, 1, 0)
	lifeCycle(t, "referral", []string{"offered", "declined", "sent", "accepted", "active", "closed"},
		func(s string) r { return r{ID: "ref_1", State: handrail.ReferralState(s), LinkWorker: "sta_before"} },
		func(x r) string { return string(x.State) },
		[]step[r]{
			{"send", []string{"offered"}, "sent", (*r).Send, nil},
			{"decline", []string{"offered", "sent", "accepted"}, "declined", func(x *r) error { return x.Decline(handrail.DeclineNotNow, "", &again) },
				func(x r) bool { return x.Reason == handrail.DeclineNotNow && x.AskAgain.Equal(again) }},
			{"accept", []string{"sent"}, "accepted", func(x *r) error { return x.Accept("sta_maya") }, func(x r) bool { return x.LinkWorker == "sta_maya" }},
			{"begin", []string{"accepted"}, "active", (*r).Begin, nil},
			{"close", []string{"sent", "accepted", "active"}, "closed", func(x *r) error { return x.Close(handrail.OutcomeSettled) },
				func(x r) bool { return x.Outcome == handrail.OutcomeSettled }},
		})
}

func TestEnrolment_LifeCycle(t *testing.T) {
	type e = handrail.Enrolment
	lifeCycle(t, "enrolment", []string{"chosen", "active", "paused", "ended"},
		func(s string) e { return e{ID: "enr_1", State: handrail.EnrolmentState(s)} },
		func(x e) string { return string(x.State) },
		[]step[e]{
			{"begin", []string{"chosen", "paused"}, "active", (*e).Begin, nil},
			{"pause", []string{"chosen", "active"}, "paused", (*e).Pause, nil},
			{"end", []string{"chosen", "active", "paused"}, "ended", func(x *e) error { return x.End("stopped", noon()) },
				func(x e) bool { return x.EndReason == "stopped" && x.EndedAt.Equal(noon()) }},
		})
}

func TestAttendance_LifeCycle(t *testing.T) {
	type a = handrail.Attendance
	changed := func(x a) bool { return x.ChangedAt.Equal(noon()) }
	lifeCycle(t, "attendance", []string{"planned", "going", "came", "missed", "cancelled"},
		func(s string) a { return a{ID: "att_1", State: handrail.AttendanceState(s)} },
		func(x a) string { return string(x.State) },
		[]step[a]{
			{"going", []string{"planned"}, "going", func(x *a) error { return x.Going(noon()) }, changed},
			{"came", []string{"planned", "going", "missed"}, "came", func(x *a) error { return x.Came(noon()) }, changed},
			{"missed", []string{"planned", "going"}, "missed", func(x *a) error { return x.Missed(noon()) }, changed},
			{"cancel", []string{"planned", "going"}, "cancelled", func(x *a) error { return x.Cancel(noon()) }, changed},
		})
}

func TestAccompaniment_LifeCycle(t *testing.T) {
	type a = handrail.Accompaniment
	changed := func(x a) bool { return x.ChangedAt.Equal(noon()) }
	joan := handrail.Buddy{ID: "bud_joan", State: handrail.BuddyCleared}
	lifeCycle(t, "accompaniment", []string{"wanted", "asked", "agreed", "met", "unmet", "cancelled"},
		func(s string) a {
			return a{ID: "acc_1", State: handrail.AccompanimentState(s), Buddy: "bud_amir", Refused: []handrail.BuddyID{"bud_old"}}
		},
		func(x a) string { return string(x.State) },
		[]step[a]{
			{"ask", []string{"wanted"}, "asked", func(x *a) error { return x.Ask(joan, "sta_maya", noon()) },
				func(x a) bool { return changed(x) && x.Buddy == "bud_joan" && x.MatchedBy == "sta_maya" }},
			{"agree", []string{"asked"}, "agreed", func(x *a) error { return x.Agree(noon()) }, changed},
			{"decline", []string{"asked", "agreed"}, "wanted", func(x *a) error { return x.Decline(noon()) }, func(x a) bool {
				return changed(x) && x.Buddy == "" && slices.Equal(x.Refused, []handrail.BuddyID{"bud_old", "bud_amir"})
			}},
			{"met", []string{"agreed"}, "met", func(x *a) error { return x.Met(noon()) }, changed},
			{"unmet", []string{"agreed"}, "unmet", func(x *a) error { return x.Unmet(noon()) }, changed},
			{"cancel", []string{"wanted", "asked", "agreed"}, "cancelled", func(x *a) error { return x.Cancel(noon()) }, changed},
		})
}

func TestPermission_LifeCycle(t *testing.T) {
	type p = handrail.Permission
	changed := func(x p) bool { return x.ChangedAt.Equal(noon()) }
	lifeCycle(t, "permission", []string{"asked", "given", "refused", "withdrawn"},
		func(s string) p { return p{Purpose: handrail.PurposeChat, State: handrail.PermissionState(s)} },
		func(x p) string { return string(x.State) },
		[]step[p]{
			{"give", []string{"asked", "refused", "withdrawn"}, "given", func(x *p) error { return x.Give(noon()) }, changed},
			{"refuse", []string{"asked"}, "refused", func(x *p) error { return x.Refuse(noon()) }, changed},
			{"withdraw", []string{"given"}, "withdrawn", func(x *p) error { return x.Withdraw(noon()) }, changed},
		})
}

// Consent is never inferred: of all states, one is live (G1).
func TestPermission_G1_Live(t *testing.T) {
	for _, s := range []handrail.PermissionState{"", "asked", "given", "refused", "withdrawn", "GIVEN", "yes"} {
		if got := (handrail.Permission{State: s}).Live(); got != (s == handrail.PermissionGiven) {
			t.Errorf("a permission that is %q: live is %v", s, got)
		}
	}
}

func TestBuddy_LifeCycle(t *testing.T) {
	type b = handrail.Buddy
	lifeCycle(t, "buddy", []string{"applied", "cleared", "refused", "suspended", "left"},
		func(s string) b { return b{ID: "bud_1", State: handrail.BuddyState(s)} },
		func(x b) string { return string(x.State) },
		[]step[b]{
			{"clear", []string{"applied", "suspended"}, "cleared", func(x *b) error { return x.Clear("sta_maya", noon()) },
				func(x b) bool { return x.ClearedBy == "sta_maya" && x.ClearedAt.Equal(noon()) }},
			{"refuse", []string{"applied"}, "refused", (*b).Refuse, nil},
			{"suspend", []string{"cleared"}, "suspended", (*b).Suspend, nil},
			{"leave", []string{"applied", "cleared", "suspended"}, "left", (*b).Leave, nil},
		})
}

func TestAlert_LifeCycle(t *testing.T) {
	type a = handrail.Alert
	lifeCycle(t, "alert", []string{"raised", "acknowledged", "resolved"},
		func(s string) a { return a{ID: "ale_1", State: handrail.AlertState(s)} },
		func(x a) string { return string(x.State) },
		[]step[a]{
			{"acknowledge", []string{"raised"}, "acknowledged", func(x *a) error { return x.Acknowledge("sta_maya", noon()) },
				func(x a) bool { return x.AcknowledgedBy == "sta_maya" && x.AcknowledgedAt.Equal(noon()) }},
			{"resolve", []string{"raised", "acknowledged"}, "resolved", func(x *a) error { return x.Resolve("sta_maya", noon()) },
				func(x a) bool { return x.ResolvedBy == "sta_maya" && x.ResolvedAt.Equal(noon()) }},
		})
}

// What only a named person may do is refused where nobody is named, from every state, and nothing changes (V1, K6).
func TestSteps_NamedPeople(t *testing.T) {
	joan := handrail.Buddy{ID: "bud_joan", State: handrail.BuddyCleared}
	for _, c := range []struct {
		name string
		noun any
		do   func(any) error
	}{
		{"accept", &handrail.Referral{State: handrail.ReferralSent}, func(n any) error { return n.(*handrail.Referral).Accept("") }},
		{"clear", &handrail.Buddy{State: handrail.BuddyApplied}, func(n any) error { return n.(*handrail.Buddy).Clear("", noon()) }},
		{"clear again", &handrail.Buddy{State: handrail.BuddySuspended}, func(n any) error { return n.(*handrail.Buddy).Clear("", noon()) }},
		{"acknowledge", &handrail.Alert{State: handrail.AlertRaised}, func(n any) error { return n.(*handrail.Alert).Acknowledge("", noon()) }},
		{"resolve", &handrail.Alert{State: handrail.AlertRaised}, func(n any) error { return n.(*handrail.Alert).Resolve("", noon()) }},
		{"resolve after acknowledging", &handrail.Alert{State: handrail.AlertAcknowledged}, func(n any) error { return n.(*handrail.Alert).Resolve("", noon()) }},
		{"ask", &handrail.Accompaniment{State: handrail.AccompanimentWanted}, func(n any) error { return n.(*handrail.Accompaniment).Ask(joan, "", noon()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			was := reflect.New(reflect.TypeOf(c.noun).Elem())
			was.Elem().Set(reflect.ValueOf(c.noun).Elem())
			err := c.do(c.noun)
			if say, ok := handrail.Sentence(err); !handrail.IsKind(err, handrail.KindInvalid) || !ok || !strings.Contains(say, "named") {
				t.Errorf("error %v (%q), want one that asks for a name", err, say)
			}
			if !reflect.DeepEqual(c.noun, was.Interface()) {
				t.Errorf("it changed %+v to %+v", was.Interface(), c.noun)
			}
		})
	}
}

// A buddy must be cleared, and is not asked twice for one visit (V1).
func TestAccompaniment_V1_Ask(t *testing.T) {
	for _, s := range []handrail.BuddyState{"", "applied", "cleared", "refused", "suspended", "left"} {
		a := handrail.Accompaniment{State: handrail.AccompanimentWanted}
		err := a.Ask(handrail.Buddy{ID: "bud_joan", State: s}, "sta_maya", noon())
		if s == handrail.BuddyCleared {
			if err != nil || a.Buddy != "bud_joan" {
				t.Errorf("a cleared buddy was not asked: %v", err)
			}
			continue
		}
		if !handrail.IsKind(err, handrail.KindInvalid) || !reflect.DeepEqual(a, handrail.Accompaniment{State: handrail.AccompanimentWanted}) {
			t.Errorf("a buddy who is %q: error %v, left %+v", s, err, a)
		}
	}
	joan := handrail.Buddy{ID: "bud_joan", State: handrail.BuddyCleared}
	a := handrail.Accompaniment{State: handrail.AccompanimentWanted}
	for _, do := range []func() error{
		func() error { return a.Ask(joan, "sta_maya", noon()) },
		func() error { return a.Agree(noon()) },
		func() error { return a.Decline(noon()) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Ask(joan, "sta_maya", noon()); !handrail.IsKind(err, handrail.KindInvalid) || a.State != handrail.AccompanimentWanted {
		t.Errorf("somebody who said no was asked again: %v, it is %q", err, a.State)
	}
	if err := a.Ask(handrail.Buddy{ID: "bud_amir", State: handrail.BuddyCleared}, "sta_maya", noon()); err != nil {
		t.Errorf("somebody else could not be asked: %v", err)
	}
}

func TestReferral_Decline(t *testing.T) {
	for _, reason := range append(handrail.DeclineReasons(), "", "Other", "because") {
		for _, words := range []string{"", "bowls on Tuesdays"} {
			r := handrail.Referral{State: handrail.ReferralOffered}
			err := r.Decline(reason, words, nil)
			known := slices.Contains(handrail.DeclineReasons(), reason)
			if good := known && (reason != handrail.DeclineOther || words != ""); good {
				if err != nil || r.State != handrail.ReferralDeclined || r.Reason != reason || r.ReasonText != words || r.AskAgain != nil {
					t.Errorf("%q with words %q: error %v, left %+v", reason, words, err, r)
				}
				continue
			}
			if _, ok := handrail.Sentence(err); !ok || !handrail.IsKind(err, handrail.KindInvalid) || r != (handrail.Referral{State: handrail.ReferralOffered}) {
				t.Errorf("%q with words %q: error %v, left %+v", reason, words, err, r)
			}
		}
	}
	if n := len(handrail.DeclineReasons()); n != 17 {
		t.Errorf("%d reasons are offered, want all 17", n)
	}
}

func TestReferral_Close(t *testing.T) {
	for _, outcome := range append(handrail.Outcomes(), "", "fine") {
		r := handrail.Referral{State: handrail.ReferralActive}
		err := r.Close(outcome)
		if slices.Contains(handrail.Outcomes(), outcome) {
			if err != nil || r.Outcome != outcome {
				t.Errorf("%q: error %v", outcome, err)
			}
		} else if !handrail.IsKind(err, handrail.KindInvalid) || r != (handrail.Referral{State: handrail.ReferralActive}) {
			t.Errorf("%q: error %v, left %+v", outcome, err, r)
		}
	}
	seen := map[handrail.Outcome]bool{}
	for _, o := range handrail.Outcomes() {
		if seen[o] {
			t.Errorf("%q is offered twice", o)
		}
		seen[o] = true
	}
}

func TestStates_OpenAndAhead(t *testing.T) {
	for s, want := range map[handrail.ReferralState]bool{"offered": true, "sent": true, "accepted": true, "active": true, "declined": false, "closed": false, "": false} {
		if s.Open() != want {
			t.Errorf("a referral that is %q: open is %v", s, s.Open())
		}
	}
	for s, want := range map[handrail.AccompanimentState]bool{"wanted": true, "asked": true, "agreed": true, "met": false, "unmet": false, "cancelled": false} {
		if s.Open() != want {
			t.Errorf("an accompaniment that is %q: open is %v", s, s.Open())
		}
	}
	for s, want := range map[handrail.AttendanceState]bool{"planned": true, "going": true, "came": false, "missed": false, "cancelled": false, "": false} {
		if s.Ahead() != want {
			t.Errorf("a visit that is %q: ahead is %v", s, s.Ahead())
		}
	}
}
