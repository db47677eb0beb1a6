package prose_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"handrail"
	"handrail/directory/prose"
)

// notation is a time in the words of the tables.
func notation(t prose.Time) string {
	r := t.Recurrence
	nth := map[int]string{1: "1st ", 2: "2nd ", 3: "3rd ", 4: "4th ", 5: "5th ", -1: "last "}[r.Nth]
	if r.Freq == handrail.Monthly && r.Nth == 0 {
		nth = "monthly "
	}
	s := nth + r.Day.String()[:3]
	if r.Freq == handrail.OnDates {
		s = fmt.Sprintf("on %s", r.Also[0])
	}
	if !t.NoClock {
		s += " " + r.Start.String()
		if r.End > r.Start {
			s += "-" + r.End.String()
		}
	}
	if r.Every > 1 {
		s += fmt.Sprintf(" /%d", r.Every)
	}
	if r.TermOnly {
		s += " term"
	}
	switch r.Holidays {
	case handrail.No:
		s += " no-hols"
	case handrail.Yes:
		s += " hols"
	}
	if r.From != "" {
		s += " from=" + string(r.From)
	}
	if r.Until != "" {
		s += " until=" + string(r.Until)
	}
	if len(r.Except) > 0 {
		s += " not=" + string(r.Except[0])
	}
	return s
}

// sorted makes lists of times comparable.
func sorted(list string) string {
	if list == "" {
		return ""
	}
	all := strings.Split(list, "; ")
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// read is what is told as certain of a text, and all that was read.
func read(text string) (certain, all string) {
	var c, a []string
	for _, t := range prose.Times(text) {
		a = append(a, notation(t))
		if t.Recurrence.Certain() {
			c = append(c, notation(t))
		}
	}
	return sorted(strings.Join(c, "; ")), sorted(strings.Join(a, "; "))
}

// wrongOnes are the times told as certain that should not have been.
func wrongOnes(got, want string) []string {
	var wrong []string
	for _, g := range strings.Split(got, "; ") {
		if g != "" && !slices.Contains(strings.Split(want, "; "), g) {
			wrong = append(wrong, g)
		}
	}
	return wrong
}

// lunchClubRows are the 77 rows' "Days and times".
func lunchClubRows(t testing.TB) []string {
	t.Helper()
	f, err := os.Open(filepath.FromSlash("../../../shared/data/edinburgh-council/day-services-and-lunch-clubs.csv"))
	if err != nil {
		t.Skip("Edinburgh's lunch clubs are not here:", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows[0], "Days and times")
	var out []string
	for _, row := range rows[1:] {
		out = append(out, row[at])
	}
	return out
}

// Of the rows that name a time, how many are read right and told; of those that name days only or nothing, how many are
// left at that. No row may be told wrongly.
func TestTimes_LunchClubs(t *testing.T) {
	rows, want := lunchClubRows(t), lunchClubs()
	if len(rows) != len(want) {
		t.Fatalf("%d rows, and %d expectations", len(rows), len(want))
	}
	var timed, timedCertain, timedAtAll, silent, silentRight int
	for i, row := range rows {
		expect, doubtful := strings.CutPrefix(want[i], "~")
		expect = sorted(expect)
		certain, all := read(row)
		told := expect
		if doubtful || !strings.Contains(expect, ":") {
			told = ""
		}
		if wrong := wrongOnes(certain, told); len(wrong) > 0 {
			t.Errorf("row %d, %q: tells %v", i, row, wrong)
		}
		switch {
		case strings.Contains(expect, ":"):
			timed++
			if certain == expect {
				timedCertain++
			}
			if all == expect {
				timedAtAll++
			} else {
				t.Logf("row %d, %q: read %q, want %q", i, row, all, expect)
			}
		default:
			silent++
			if all == expect {
				silentRight++
			} else {
				t.Logf("row %d, %q: read %q, want %q", i, row, all, expect)
			}
		}
	}
	t.Logf("%d rows name a time: %d read right, %d of them told as certain; %d name days only or nothing: %d left at that; %d of %d rows right",
		timed, timedAtAll, timedCertain, silent, silentRight, timedAtAll+silentRight, len(rows))
	if timedAtAll+silentRight < 65 || timedCertain < 34 {
		t.Errorf("fewer than were reached")
	}
}

func scorePhrases(t *testing.T, phrases []phrase) (right int) {
	t.Helper()
	for _, p := range phrases {
		certain, all := read(p.text)
		if wrong := wrongOnes(certain, p.certain); len(wrong) > 0 {
			t.Errorf("%q: tells %v, want %q", p.text, wrong, p.certain)
		}
		if certain == sorted(p.certain) {
			right++
		} else {
			var why []string
			for _, x := range prose.Times(p.text) {
				why = append(why, x.Why)
			}
			t.Logf("%q: told %q of %q, want %q (%q)", p.text, certain, all, p.certain, slices.Compact(why))
		}
	}
	return right
}

func TestTimes_HeldOut(t *testing.T) {
	right := scorePhrases(t, heldOut())
	t.Logf("%d of %d right", right, len(heldOut()))
	if right < 64 {
		t.Error("fewer than were reached")
	}
}

func TestTimes_Asked(t *testing.T) {
	if right := scorePhrases(t, asked()); right != len(asked()) {
		t.Errorf("%d of %d right", right, len(asked()))
	}
}

func TestTimes_Traps(t *testing.T) {
	for _, text := range traps() {
		if certain, _ := read(text); certain != "" {
			t.Errorf("%.80q: tells %q", text, certain)
		}
	}
}

func TestTimes_HeldOutLater(t *testing.T) {
	right := scorePhrases(t, heldOutLater())
	t.Logf("%d of %d right", right, len(heldOutLater()))
	if right < 33 {
		t.Error("fewer than were reached")
	}
}
