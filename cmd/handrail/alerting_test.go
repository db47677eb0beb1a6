package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/config"
	"handrail/house"
	"handrail/store/records"
)

// reopen opens the records that a command left in a data directory.
func reopen(t *testing.T, dir string, now time.Time) *records.Records {
	t.Helper()
	cfg, err := config.Load("", nil, config.Overrides{"data": dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	key, err := cfg.RecordsKey(bytes.NewReader(bytes.Repeat([]byte("handrail"), 8)))
	if err != nil {
		t.Fatal(err)
	}
	rec, err := records.Open(t.Context(), records.Options{URL: cfg.Records.URL.Reveal(), Now: func() time.Time { return now }, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// What staff said of alerts is counted, and nobody is named (K17).
func TestAlertsReport_K17(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	rec := reopen(t, dir, at)
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(rec.SavePractice(ctx, handrail.Practice{ID: "p", Name: "The Surgery", Zone: "Europe/London"}, "system"))
	for i, mark := range []handrail.AlertMark{handrail.AlertRight, handrail.AlertWrong, handrail.AlertWrong, "", "-"} {
		p, err := rec.AddPatient(ctx, handrail.Patient{Practice: "p", Name: "Canary", BirthYear: 1950 + i}, "system")
		must(err)
		a, _, err := rec.RaiseAlert(ctx, "p", p.ID, "general", "system")
		must(err)
		if mark == "-" {
			continue // still open
		}
		_, err = rec.ResolveAlert(ctx, "p", a.ID, "sta_maya")
		must(err)
		if mark != "" {
			_, err = rec.ChangeAlert(ctx, "p", a.ID, "staff:sta_maya", func(a *handrail.Alert) error { return a.MarkAs(mark) })
			must(err)
		}
	}
	must(rec.TellMiss(ctx, "p", "sta_maya"))
	if n, since, err := rec.AlertsWaiting(ctx); err != nil || n != 1 || !since.Equal(at) {
		t.Errorf("%d wait since %v, %v", n, since, err)
	}
	must(rec.Close())
	now := at.AddDate(0, 0, 7).Format(time.RFC3339)
	status, out, errOut := once(t, nil, "alerts", "--data", dir, "--now", now)
	for _, want := range []string{"5 alerts, 1 of them not settled yet", "1 marked right, 2 false alarms, 1 not marked", "1 missed messages"} {
		if status != exitDone || !strings.Contains(out, want) {
			t.Fatalf("status %d, want %q in:\n%s%s", status, want, out, errOut)
		}
	}
	status, out, _ = once(t, nil, "alerts", "--data", dir, "--now", now, "--json")
	var r alertsReport
	if err := json.Unmarshal([]byte(out), &r); err != nil || status != exitDone || r.Wrong != 2 || len(r.Wrongs) != 2 || r.Missed != 1 || r.Wrongs[0].Kind != "general" {
		t.Errorf("%d %v: %s", status, err, out)
	}
	if strings.Contains(out, "Canary") || strings.Contains(out, "maya") {
		t.Errorf("somebody is named: %s", out)
	}
	if _, out, _ := once(t, nil, "alerts", "--data", dir, "--now", at.AddDate(0, 3, 0).Format(time.RFC3339)); !strings.Contains(out, "0 alerts") {
		t.Errorf("three months later:\n%s", out)
	}
}

// Doctor says how old the cards are and whether anybody would be called; only what is broken fails it (K5).
func TestDoctor_K5(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for _, c := range []struct {
		name   string
		env    []string
		now    string
		status int
		want   []string
	}{
		{"fresh", []string{"HANDRAIL_HELP_CHECKED=2026-11-01"}, "2026-11-22T09:00:00Z", exitDone, []string{"well    cards: the numbers were checked on 2026-11-01", "look    second route", "look    chat", "well    records"}},
		{"never", nil, "2026-11-22T09:00:00Z", exitDone, []string{"look    cards: nobody here has checked"}},
		{"old", []string{"HANDRAIL_HELP_CHECKED=2026-11-01"}, "2027-04-01T09:00:00Z", exitDone, []string{"look    cards: the numbers on the urgent-help cards were last checked on 2026-11-01"}},
		{"too old", []string{"HANDRAIL_HELP_CHECKED=2026-11-01"}, "2027-05-02T09:00:00Z", exitFailed, []string{"broken  cards", "nobody new can join"}},
		{"no records", []string{"HANDRAIL_RECORDS_URL=sqlite:///nowhere/at/all.db"}, "2026-11-22T09:00:00Z", exitFailed, []string{"broken  records"}},
		{"mail", []string{"HANDRAIL_ALERTS_EMAIL_HOST=mail.example", "HANDRAIL_ALERTS_EMAIL_FROM=a@b.example", "HANDRAIL_ALERTS_EMAIL_TO=c@d.example"}, "2026-11-22T09:00:00Z", exitDone, []string{"well    second route"}},
	} {
		status, out, errOut := once(t, c.env, "doctor", "--data", dir, "--now", c.now)
		if status != c.status {
			t.Errorf("%s: status %d\n%s%s", c.name, status, out, errOut)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is not in\n%s", c.name, want, out)
			}
		}
	}
	status, out, _ := once(t, nil, "doctor", "--data", dir, "--json", "--now", "2026-11-22T09:00:00Z")
	var found []finding
	if err := json.Unmarshal([]byte(out), &found); err != nil || status != exitDone || len(found) < 4 {
		t.Errorf("%d %v: %s", status, err, out)
	}
}

// The settings become the ladder: its steps, its hours, its second route.
func TestAlertsOf(t *testing.T) {
	host, port, err := net.SplitHostPort("mail.example:465")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load("", nil, config.Overrides{
		"alerts.ladder": "link_worker 0m, manager 20m", "alerts.again": "30m", "alerts.hours": "sat 10:00-12:00",
		"alerts.email.host": host, "alerts.email.port": port, "alerts.email.from": "a@b.example", "alerts.email.to": "c@d.example, e@f.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := alertsOf(cfg, machineClock{})
	if err != nil {
		t.Fatal(err)
	}
	saturday := time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)
	if len(a.Rungs) != 2 || a.Rungs[1].Who != handrail.RoleManager || a.Rungs[1].After != 20*time.Minute || a.Again != 30*time.Minute ||
		!a.Hours.Open(saturday) || a.Hours.Open(saturday.AddDate(0, 0, 1)) || a.Mail == nil || len(a.To) != 2 {
		t.Errorf("%+v", a)
	}
	cfg, err = config.Load("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err = alertsOf(cfg, machineClock{}); err != nil || a.Mail != nil || len(a.Rungs) != 4 || !helpChecked(cfg).IsZero() {
		t.Errorf("by default: %+v, %v", a, err)
	}
	if day, own := house.NewChecked(helpChecked(cfg)).On(); own || day.IsZero() {
		t.Error("a deployment that never checked counts as one that did")
	}
}
