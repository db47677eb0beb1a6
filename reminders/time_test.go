package reminders_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/bot"
	"handrail/reminders"
)

// drawSession draws a local start of 2026 to 2030: two times in three next to a change of the clocks, and half the time
// in the hours beside midnight, since there a day and 24 hours differ.
func drawSession(t *rapid.T) time.Time {
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1815).Draw(t, "day"))
	if rapid.IntRange(0, 2).Draw(t, "near a change") > 0 {
		last := time.Date(rapid.IntRange(2026, 2030).Draw(t, "year"), rapid.SampledFrom([]time.Month{time.March, time.October}).Draw(t, "month"), 31, 0, 0, 0, 0, time.UTC)
		day = last.AddDate(0, 0, -int(last.Weekday())+rapid.SampledFrom([]int{0, 1, 0, 1, -1, 2}).Draw(t, "beside"))
	}
	minutes := rapid.OneOf(rapid.IntRange(0, 11), rapid.IntRange(276, 287), rapid.IntRange(0, 287), rapid.IntRange(0, 287))
	return day.Add(time.Duration(minutes.Draw(t, "five minutes")) * 5 * time.Minute)
}

// Whatever the session and whenever it was planned, the day before is the date before, at ten by the wall clock.
func TestDayBefore_T2_TenOnTheDateBefore(t *testing.T) {
	w := newWorld(t, "2025-12-01 09:00")
	_, _, e := w.patient()
	rapid.Check(t, func(t *rapid.T) {
		session := drawSession(t)
		ten := session.AddDate(0, 0, -1).Format("2006-01-02") + " 10:00:00" // by the calendar, which has no clock in it
		start := handrail.WallTime(session.Year(), session.Month(), session.Day(), handrail.At(session.Hour(), session.Minute()), w.london)
		planned := start.Add(-time.Duration(rapid.IntRange(1, 5*24*60).Draw(t, "planned before")) * time.Minute)
		// The same start may have been drawn before: every visit is of a choice of its own.
		e, err := w.AddEnrolment(w.ctx, handrail.Enrolment{Practice: practice, Patient: e.Patient, Referral: e.Referral, Activity: group}, by)
		if err != nil {
			t.Fatal(err)
		}
		a := w.visit(e, session.Format(handrail.LocalLayout), 60, planned)
		defer w.change(a.ID, func(a *handrail.Attendance) error { return a.Cancel(w.clock.Now()) })

		got := about(w.due("daybefore", start.Add(-72*time.Hour), start, start.Add(-72*time.Hour)), string(a.ID))
		if w.wall(planned) > ten {
			if len(got) != 0 {
				t.Fatalf("planned at %s, after %s, and yet reminded: they have just been told", w.wall(planned), ten)
			}
			return
		}
		if len(got) != 1 {
			t.Fatalf("%d reminders for %s planned at %s, want 1", len(got), session, w.wall(planned))
		}
		if at := w.wall(got[0].NotBefore); at != ten {
			t.Fatalf("the reminder of %s is at %s, want %s", session.Format(handrail.LocalLayout), at, ten)
		}
		if midnight := w.wall(got[0].NotAfter); midnight != session.Format("2006-01-02")+" 00:00:00" {
			t.Fatalf("tomorrow may be said until %s", midnight)
		}
		if words := got[0].Message.Text.Plain(); !strings.Contains(words, "tomorrow") {
			t.Fatalf("it says %q", words)
		}
	})
}

// The sessions that tell a day from 24 hours: late on the day of a change and early on the day after.
func TestDayBefore_T2_Table(t *testing.T) {
	w := newWorld(t, "2025-12-01 09:00")
	for _, c := range []struct{ session, want string }{
		{"2026-11-24T14:00", "2026-11-23 10:00:00"},
		{"2027-03-28T14:00", "2027-03-27 10:00:00"},
		{"2027-03-28T10:30", "2027-03-27 10:00:00"},
		{"2027-03-29T00:30", "2027-03-28 10:00:00"}, // 24 hours before is Saturday 23:30
		{"2027-03-29T10:00", "2027-03-28 10:00:00"},
		{"2027-10-31T10:00", "2027-10-30 10:00:00"},
		{"2027-10-31T23:30", "2027-10-30 10:00:00"}, // 24 hours before is Sunday 00:30
		{"2027-11-01T00:00", "2027-10-31 10:00:00"},
		{"2028-03-01T10:00", "2028-02-29 10:00:00"},
		{"2028-03-27T00:15", "2028-03-26 10:00:00"},
		{"2028-10-29T23:45", "2028-10-28 10:00:00"},
		{"2029-01-01T11:00", "2028-12-31 10:00:00"},
	} {
		a := w.planned(c.session, 60)
		got := about(w.due("daybefore", a.Occurrence.Start.Add(-72*time.Hour), a.Occurrence.Start, w.clock.Now()), string(a.ID))
		if len(got) != 1 || w.wall(got[0].NotBefore) != c.want {
			t.Errorf("%s: %d reminders, %v, want one at %s", c.session, len(got), got, c.want)
		}
	}
}

// A planner puts each reminder before its time, so that the sender wakes for ten and not for a tick.
func TestDayBefore_T2_PutAheadOfTime(t *testing.T) {
	w := newWorld(t, "2027-10-28 08:00")
	p, out := w.planner()
	w.step(p)
	a := w.planned("2027-10-31T10:30", 60)
	w.run(p, when(t, "2027-10-30 09:59"))
	got := about(out.posted, string(a.ID))
	if len(got) == 0 || w.wall(got[0].NotBefore) != "2027-10-30 10:00:00" || got[0].Job != "daybefore" {
		t.Fatalf("by 09:59 it is %+v", got)
	}
}

func jobOf(name, spec string, due func(s reminders.Span)) reminders.Job {
	return reminders.Job{Name: name, Spec: spec, Due: func(_ context.Context, s reminders.Span) ([]bot.Envelope, error) {
		if due != nil {
			due(s)
		}
		return nil, nil
	}}
}

func TestNew_T1_RefusesTheHourOfTheChange(t *testing.T) {
	w := newWorld(t, "2026-11-24 09:00")
	for _, c := range []struct {
		spec string
		ok   bool
	}{
		{"54 0 * * *", true}, {"55 0 * * *", false}, {"0 1 * * *", false}, {"30 1 * * *", false}, {"59 1 * * *", false},
		{"0 2 * * *", false}, {"5 2 * * *", false}, {"6 2 * * *", true}, {"30 1 * * SUN", false}, {"*/5 * * * *", false},
		{"0 */6 * * *", true}, {"30 1 25-31 3 SUN", false}, {"0 1 1 * *", false}, {"15 1 29 2 *", false}, {"30 1 31 12 *", false},
		{"*/30 0,3 * * *", true}, {"*/5 7-21 * * *", true}, {"0 1-23/2 * * *", false}, {"TZ=Asia/Tokyo 30 1 * * *", false},
		{"nonsense", false}, {"", false}, {"60 8 * * *", false}, {"0 0 8 * * *", false}, {"@every 1h", false},
	} {
		_, err := reminders.New(reminders.Options{Jobs: []reminders.Job{jobOf("x", c.spec, nil)}, Ticks: w.Records, Clock: w.clock, Zone: w.london})
		if (err == nil) != c.ok {
			t.Errorf("%q: error %v", c.spec, err)
		}
		if err != nil && !strings.Contains(err.Error(), "job x") {
			t.Errorf("%q: the error %q does not name the job", c.spec, err)
		}
	}
	two := []reminders.Job{jobOf("x", "0 8 * * *", nil), jobOf("x", "0 9 * * *", nil)}
	if _, err := reminders.New(reminders.Options{Jobs: two, Ticks: w.Records, Clock: w.clock, Zone: w.london}); err == nil {
		t.Error("two jobs of one name were taken")
	}
}

// field matches one field of a schedule of ours, read here a second time and not by cron.
func field(t testing.TB, spec string, value int) bool {
	t.Helper()
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("this test does not know the field %q", spec)
		}
		return n
	}
	if every, ok := strings.CutPrefix(spec, "*/"); ok {
		return value%number(every) == 0
	}
	if spec == "*" {
		return true
	}
	if spec == "MON-FRI" {
		return value >= 1 && value <= 5
	}
	if low, high, ok := strings.Cut(spec, "-"); ok {
		return value >= number(low) && value <= number(high)
	}
	return value == number(spec)
}

// On each day on which the clocks change, and on the Monday after, every job runs once at each wall time of its
// schedule: none twice, none left out.
func TestPlanner_T1_OnceAtEachWallTime(t *testing.T) {
	specs := map[string]string{}
	fired := map[string][]string{}
	w := newWorld(t, "2026-01-01 00:00")
	var jobs []reminders.Job
	for _, j := range reminders.All(w.deps) {
		specs[j.Name] = j.Spec
		j.Due = func(_ context.Context, s reminders.Span) ([]bot.Envelope, error) {
			fired[j.Name] = append(fired[j.Name], w.wall(s.Tick))
			return nil, nil
		}
		jobs = append(jobs, j)
	}
	// One at midnight and one each side of the forbidden hour, where clocks change.
	for name, spec := range map[string]string{"midnight": "0 0 * * *", "before": "54 0 * * *", "after": "6 2 * * *"} {
		specs[name] = spec
		jobs = append(jobs, jobOf(name, spec, func(s reminders.Span) { fired[name] = append(fired[name], w.wall(s.Tick)) }))
	}
	p, _ := w.planner(jobs...)
	for year := 2026; year <= 2030; year++ {
		for _, month := range []time.Month{time.March, time.October} {
			sunday := time.Date(year, month, 31, 0, 0, 0, 0, time.UTC)
			sunday = sunday.AddDate(0, 0, -int(sunday.Weekday()))
			// The night before: one step claims whatever went before.
			w.clock.Set(when(t, sunday.AddDate(0, 0, -1).Format("2006-01-02")+" 23:59"))
			w.step(p)
			clear(fired)
			end := when(t, sunday.AddDate(0, 0, 1).Format("2006-01-02")+" 09:59")
			for {
				next, ok := p.Next(w.clock.Now())
				if !ok || next.After(end) {
					break
				}
				w.clock.Set(next)
				w.step(p)
				if next.Minute() == 0 {
					w.step(p) // asking again runs nothing again
				}
			}
			for name, spec := range specs {
				var want []string
				f := strings.Fields(spec)
				for at := sunday; at.Before(sunday.Add(34 * time.Hour)); at = at.Add(time.Minute) { // a calendar without changes
					if field(t, f[0], at.Minute()) && field(t, f[1], at.Hour()) && field(t, f[2], at.Day()) &&
						field(t, f[3], int(at.Month())) && field(t, f[4], int(at.Weekday())) {
						want = append(want, at.Format("2006-01-02 15:04:05"))
					}
				}
				if !slices.Equal(fired[name], want) {
					t.Errorf("%s: the job %s ran at %v, want %v", sunday.Format("2 January 2006"), name, fired[name], want)
				}
			}
		}
	}
}

// elsewhere is set in a run of this test binary inside itself.
const elsewhere = "HANDRAIL_TEST_ELSEWHERE"

// TestReminders_T6_Elsewhere runs the tests of time once more as a process in another part of the world, in the C
// locale and without being told where zone data is. Where the system lets us, its own zone data is hidden from it.
func TestReminders_T6_Elsewhere(t *testing.T) {
	if os.Getenv(elsewhere) != "" {
		t.Skip("this is the run elsewhere")
	}
	args := []string{"-test.v", "-test.run=T1|T2|T7_Table|T7_Property", "-rapid.checks=30"}
	for _, c := range []struct {
		name, tz string
		hidden   bool
	}{{"Tokyo", "Asia/Tokyo", false}, {"Tokyo without zone data", "Asia/Tokyo", true}, {"Auckland", "Pacific/Auckland", false}} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
			if c.hidden {
				cmd = hideZones(t, os.Args[0], args...)
			}
			cmd.Env = []string{elsewhere + "=1", "TZ=" + c.tz, "LANG=C", "LC_ALL=C", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "GOROOT=/nowhere"}
			cmd.Dir = t.TempDir()
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, must := range []string{"TestDayBefore_T2_TenOnTheDateBefore", "TestDayBefore_T2_Table", "TestPlanner_T1_OnceAtEachWallTime", "TestHow_T7_Table", "TestReminders_T7_Property"} {
				if !strings.Contains(string(out), "--- PASS: "+must) {
					t.Errorf("%s did not pass in\n%s", must, out)
				}
			}
			if c.hidden && !strings.Contains(string(out), "zone data of the system: none") {
				t.Errorf("the system's zone data was not hidden in\n%s", out)
			}
		})
	}
}

// hideZones runs a program in a mount namespace of its own, where the folder of the system's zone data is empty.
func hideZones(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	const script = `set -e
for d in /usr/share/zoneinfo /usr/share/lib/zoneinfo /usr/lib/locale/TZ; do if [ -d $d ]; then mount -t tmpfs none $d; fi; done
exec "$@"`
	try := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c", script, "sh", "true")
	if out, err := try.CombinedOutput(); err != nil {
		t.Skipf("the system's zone data cannot be hidden here: %v %s", err, out)
	}
	return exec.CommandContext(t.Context(), "unshare", append([]string{"--mount", "sh", "-c", script, "sh", program}, args...)...)
}

// TestZoneData_T1 says, for the run elsewhere, whether there is zone data of the system; London must be there always.
func TestZoneData_T1(t *testing.T) {
	found := "none"
	for _, dir := range []string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ"} {
		if _, err := os.Stat(dir + "/Europe/London"); err == nil {
			found = "there"
		}
	}
	t.Log("zone data of the system:", found)
	if got := when(t, "2027-07-01 12:00"); got.Hour() != 11 {
		t.Errorf("noon in London in July is %s", got)
	}
}
