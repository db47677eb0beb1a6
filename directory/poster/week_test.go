package poster

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"handrail"
	"handrail/directory/calendar"
	"handrail/directory/demo"
)

var update = flag.Bool("update", false, "write the golden files anew")

// monday is a Monday morning in winter, when London's clock is the world's.
var monday = time.Date(2026, time.November, 23, 9, 5, 0, 0, time.UTC)

var surgery = &handrail.Point{Lat: 51.8787, Lon: -0.42}

func data(all ...handrail.Activity) Data {
	return Data{Practice: "Hatters Surgery", Join: "https://t.me/HattersHandrailBot?start=poster", Now: monday, Calendar: calendar.New(), Listings: all}
}

func group(id, name string, day time.Weekday, hour int) handrail.Activity {
	checked := monday.AddDate(0, 0, -10)
	return handrail.Activity{ID: handrail.ActivityID(id), Name: name, Status: handrail.ActivityActive, CheckedAt: &checked,
		Venue: handrail.Venue{Name: "The Hut", Postcode: "LU1 1AA", At: &handrail.Point{Lat: 51.88, Lon: -0.42}},
		Times: []handrail.Recurrence{{Day: day, Start: handrail.At(hour, 0), End: handrail.At(hour+2, 30)}}}
}

func gather(t testing.TB, d Data) Week {
	t.Helper()
	w, err := Gather(d)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// demoWeek is the demo's directory around its surgery.
func demoWeek(t testing.TB) Week {
	t.Helper()
	all, err := demo.Activities(monday)
	if err != nil {
		t.Fatal(err)
	}
	d := data(all...)
	d.Near = surgery
	return gather(t, d)
}

func render(t testing.TB, w Week) (poster, screen string) {
	t.Helper()
	var a, b bytes.Buffer
	if err := Poster(&a, w); err != nil {
		t.Fatal(err)
	}
	if err := WaitingRoom(&b, w); err != nil {
		t.Fatal(err)
	}
	return a.String(), b.String()
}

// text is a page as somebody would read it aloud, a line an element.
func text(t testing.TB, page string) string {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	var out []string
	skip := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(out, "\n") + "\n"
		case html.StartTagToken:
			name, _ := z.TagName()
			skip = string(name) == "style"
		case html.EndTagToken:
			skip = false
		case html.TextToken:
			if s := strings.TrimSpace(string(z.Text())); s != "" && !skip {
				out = append(out, strings.ReplaceAll(html.UnescapeString(s), "\u00a0", " "))
			}
		}
	}
}

func TestGolden(t *testing.T) {
	poster, screen := render(t, demoWeek(t))
	for name, page := range map[string]string{"poster": poster, "screen": screen} {
		file := filepath.Join("testdata", name+".txt")
		got := text(t, page)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not as in %s (run with -update and read it):\n%s", name, file, got)
		}
	}
}

func TestGather_LeavesOut(t *testing.T) {
	long, soon, asked := monday.AddDate(-1, 0, -1), monday.AddDate(0, 1, 0), monday.AddDate(0, 0, -1)
	with := func(change func(*handrail.Activity)) handrail.Activity {
		a := group("g", "Growers", time.Tuesday, 10)
		change(&a)
		return a
	}
	for _, c := range []struct {
		why Reason
		a   handrail.Activity
	}{
		{"", with(func(*handrail.Activity) {})},
		{NotOpen, with(func(a *handrail.Activity) { a.Status = handrail.ActivityPaused })},
		{NotOpen, with(func(a *handrail.Activity) { a.Status = "" })},
		{NotOpen, with(func(a *handrail.Activity) { a.Standing.Paused = true })},
		{Doubtful, with(func(a *handrail.Activity) { a.Standing.ReportedClosed = &asked })},
		{Doubtful, with(func(a *handrail.Activity) { a.Standing.Silences = handrail.SilencesBeforeWarning })},
		{NotChecked, with(func(a *handrail.Activity) { a.CheckedAt = nil })},
		{NotChecked, with(func(a *handrail.Activity) { a.CheckedAt = &long })},
		{NotChecked, with(func(a *handrail.Activity) { a.CheckedAt = &soon })},
		{"", with(func(a *handrail.Activity) {
			a.CheckedAt, a.Standing.Assured = &long, &handrail.Assurance{At: asked, By: handrail.AssurerOrganiser}
		})},
		{TooFar, with(func(a *handrail.Activity) { a.Venue.At = nil })},
		{TooFar, with(func(a *handrail.Activity) { a.Venue.At = &handrail.Point{Lat: 52.4, Lon: -0.42} })},
		{NoMeeting, with(func(a *handrail.Activity) { a.Times[0].Certainty = handrail.CertaintyGuessed })},
		{NoMeeting, with(func(a *handrail.Activity) { a.Times = nil })},
		{NoMeeting, with(func(a *handrail.Activity) { a.Standing.Cancelled = []handrail.Cancellation{{On: "2026-11-24"}} })},
	} {
		d := data(c.a)
		d.Near = surgery
		w := gather(t, d)
		poster, screen := render(t, w)
		shown := strings.Contains(poster, "Growers")
		if shown != (c.why == "") || shown != strings.Contains(screen, "Growers") || (c.why != "" && w.LeftOut[c.why] != 1) || shown != (w.Shown == 1) {
			t.Errorf("%q: shown %v, left out %v", c.why, shown, w.LeftOut)
		}
	}
}

// A sensitive group is counted and nothing of it is told: no name, no place, no hour (G4).
func TestPoster_NeutralNames_G4(t *testing.T) {
	a, b := group("a", "Bereavement Café", time.Tuesday, 14), group("b", "Stoma Support", time.Tuesday, 15)
	a.Sensitive, b.Sensitive = true, true
	a.Venue.Name, b.Venue.Name = "The Hospice", "Ward 9"
	poster, screen := render(t, gather(t, data(a, b, group("c", "Knitters", time.Tuesday, 10))))
	for _, secret := range []string{"Bereavement", "Stoma", "Hospice", "Ward", "2pm", "3pm"} {
		if strings.Contains(poster, secret) || strings.Contains(screen, secret) {
			t.Errorf("%q is told", secret)
		}
	}
	if !strings.Contains(poster, "and 2 other local groups: ask us") || !strings.Contains(poster, "Knitters") {
		t.Error(text(t, poster))
	}
	if alone, _ := render(t, gather(t, data(a))); !strings.Contains(alone, "and 1 other local group: ask us") {
		t.Error(text(t, alone))
	}
}

func TestPoster_Order(t *testing.T) {
	w := gather(t, data(group("a", "Late", time.Monday, 18), group("b", "Next Sunday", time.Sunday, 9), group("c", "Early", time.Monday, 8),
		group("d", "Wednesday Z", time.Wednesday, 10), group("e", "Wednesday A", time.Wednesday, 10)))
	poster, screen := render(t, w)
	inOrder(t, poster, "Monday 23 November", "Early", "Late", "Wednesday 25 November", "Wednesday A", "Wednesday Z", "Sunday 29 November", "Next Sunday")
	// The screen leaves out what has begun: it is five past nine.
	inOrder(t, screen, "Today", "Late", "Wednesday 25 November", "Wednesday A", "Wednesday Z", "Sunday 29 November", "Next Sunday")
	if strings.Contains(screen, "Early") {
		t.Error("the screen shows what has begun")
	}
	d := data(group("a", "Knitters", time.Monday, 10))
	d.From = "2026-12-01"
	poster, _ = render(t, gather(t, d))
	inOrder(t, poster, "Tuesday 1 December to Monday 7 December 2026", "Monday 7 December", "10am", "to 12.30pm", "Knitters", "The Hut, LU1 1AA")
}

func inOrder(t *testing.T, page string, words ...string) {
	t.Helper()
	rest := text(t, page)
	for _, w := range words {
		_, after, ok := strings.Cut(rest, w)
		if !ok {
			t.Errorf("%q is not there, or not in its place, in\n%s", w, text(t, page))
			return
		}
		rest = after
	}
}

// The wall time stays in summer, and the week is the practice's own: at half past eleven in the evening it is still Sunday.
func TestPoster_Zone_T3(t *testing.T) {
	d := data(group("a", "Knitters", time.Tuesday, 14))
	d.Now = time.Date(2026, time.June, 28, 22, 30, 0, 0, time.UTC) // Sunday 11.30pm in London
	checked := d.Now.AddDate(0, 0, -1)
	d.Listings[0].CheckedAt = &checked
	poster, _ := render(t, gather(t, d))
	inOrder(t, poster, "Sunday 28 June to Saturday 4 July 2026", "Tuesday 30 June", "2pm", "to 4.30pm", "Knitters")
}

func TestPoster_Words(t *testing.T) {
	w := english()
	a := group("a", strings.Repeat("Gardening ", 12), time.Monday, 10)
	a.MinAge, a.MaxAge, a.For, a.Cost = 50, 70, handrail.SexWomen, handrail.Cost{Known: true, Pence: 250}
	r := w.row(meeting{a: &a, from: handrail.At(10, 0), to: handrail.At(24, 0)})
	if r.Name != "Gardening Gardening Gardening Gardening Gardening…" || r.End != "to 12 midnight" || spaced(r.Details) != "The Hut, LU1 1AA, £2.50, for women, age 50 to 70" {
		t.Errorf("%+v", r)
	}
	b := handrail.Activity{Name: strings.Repeat("é", 90), MinAge: 18, For: handrail.SexMen, Venue: handrail.Venue{Street: "4 High Street", Postcode: "in the park behind"}, Cost: handrail.Cost{Text: "ask"}}
	if r = w.row(meeting{a: &b, from: 0, to: 0}); r.Start != "12 midnight" || r.Name != strings.Repeat("é", 49)+"…" || spaced(r.Details) != "4 High Street, for men" {
		t.Errorf("%+v", r)
	}
	c := handrail.Activity{Name: "A\u202eB\nC", MinAge: 65}
	if r = w.row(meeting{a: &c, from: 600, to: 600}); r.Name != "A B C" || spaced(r.Details) != "age 65 and over" {
		t.Errorf("%+v", r)
	}
	c.MinAge, c.MaxAge = 0, 11
	if r = w.row(meeting{a: &c}); spaced(r.Details) != "up to age 11" {
		t.Errorf("%+v", r)
	}
}

// What may not take place after all says so: on New Year's Day a group that is silent on bank holidays may be shut.
func TestPoster_Doubt(t *testing.T) {
	d := data(group("a", "Knitters", time.Friday, 14), group("b", "Readers", time.Thursday, 14))
	d.Listings[1].Times[0].TermOnly = true
	d.From = "2026-12-28"
	poster, _ := render(t, gather(t, d))
	inOrder(t, poster, "Friday 1 January", "Knitters", "The Hut, LU1 1AA, bank holiday: ask first")
	for doubt, want := range map[handrail.Doubt]string{handrail.DoubtTerm: "school holidays: ask first", "flood": "ask first", "": ""} {
		if r := english().row(meeting{a: &handrail.Activity{Name: "G"}, doubt: doubt}); r.Details != want {
			t.Errorf("%q: %q", doubt, r.Details)
		}
	}
}

func spaced(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// Whatever a listing is called, it is shown as it is written and does nothing (B18, B19).
func TestPages_Escape_B19(t *testing.T) {
	nasty := `<script>alert(1)</script><img src=x onerror=alert(2)> "quoted" {{.Practice}} ${x}`
	a := group("a", nasty, time.Tuesday, 10)
	a.Venue.Name = `</style><svg onload=alert(3)>`
	d := data(a)
	d.Practice = `Dr "A" & <b>Sons</b>`
	d.Join = `https://example.org/?a=1&b="><script>`
	poster, screen := render(t, gather(t, d))
	for _, page := range []string{poster, screen} {
		z := html.NewTokenizer(strings.NewReader(page))
		for z.Next() != html.ErrorToken {
			tok := z.Token()
			if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
				continue
			}
			if slices.Contains([]string{"script", "img", "b-sons"}, tok.Data) {
				t.Errorf("an element <%s>", tok.Data)
			}
			for _, at := range tok.Attr {
				if strings.HasPrefix(at.Key, "on") || at.Key == "src" || at.Key == "href" || at.Key == "style" {
					t.Errorf("<%s %s=%q>", tok.Data, at.Key, at.Val)
				}
			}
		}
		if !strings.Contains(text(t, page), `<script>alert(1)</script><img src=x`) || !strings.Contains(text(t, page), `Dr "A" & <b>Sons</b>`) {
			t.Errorf("not as it is written:\n%s", text(t, page))
		}
	}
}

func TestGather_Errors(t *testing.T) {
	for name, change := range map[string]func(*Data){
		"no calendar":  func(d *Data) { d.Calendar = nil },
		"no practice":  func(d *Data) { d.Practice = "" },
		"script":       func(d *Data) { d.Join = "javascript:alert(1)" },
		"no host":      func(d *Data) { d.Join = "https:///x" },
		"user":         func(d *Data) { d.Join = "https://a:b@example.org/" },
		"too long":     func(d *Data) { d.Join = "https://example.org/" + strings.Repeat("x", 300) },
		"no date":      func(d *Data) { d.From = "2026-02-30" },
		"bad calendar": func(d *Data) { d.Calendar = broken{} },
	} {
		d := data(group("a", "A", time.Monday, 10))
		change(&d)
		if _, err := Gather(d); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	var none bytes.Buffer
	d := data()
	d.Join = ""
	if err := Poster(&none, gather(t, d)); err != nil || strings.Contains(none.String(), "<svg") || !strings.Contains(none.String(), "Ask at reception what is on this week.") {
		t.Errorf("%v\n%s", err, none.String())
	}
	if err := Poster(full{}, gather(t, d)); err == nil {
		t.Error("a full disk, and no error")
	}
}

type broken struct{}

func (broken) Meetings(handrail.Activity, time.Time, time.Time) ([]handrail.Occurrence, error) {
	return nil, fmt.Errorf("no calendar today")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

// However much is on, the paper is not overfilled, no day with something to tell is without a row, and a group that meets
// every day doesn't take the place of others.
func TestPoster_Chooses(t *testing.T) {
	var all []handrail.Activity
	for i := range 300 {
		a := group(fmt.Sprint("g", i), fmt.Sprint("Group ", i), time.Weekday(i%7), 9+i%10)
		a.Organiser.Name = fmt.Sprint("Organiser ", i%40)
		a.Venue.At = &handrail.Point{Lat: 51.8787 + float64(i)/10000, Lon: -0.42}
		all = append(all, a)
	}
	daily := group("daily", "Every day", time.Monday, 9)
	for d := range 6 {
		daily.Times = append(daily.Times, handrail.Recurrence{Day: time.Weekday((d + 2) % 7), Start: handrail.At(9, 0)})
	}
	d := data(append(all, daily)...)
	d.Near = surgery
	w := gather(t, d)
	text := english()
	chosen, a4 := w.choose(text), paper()
	used, times := map[handrail.Date]float64{}, map[handrail.ActivityID]int{}
	for m := range chosen {
		used[m.on] += a4.height(text.row(*m))
		times[m.a.ID]++
	}
	var heights []float64
	for i := range days {
		heights = append(heights, a4.heading+used[after(w.from, i)])
	}
	if _, tall := split(heights); tall > a4.all || tall < a4.all-40 || len(used) != 7 {
		t.Errorf("%.0f mm of %.0f, %d days", tall, a4.all, len(used))
	}
	for id, n := range times {
		if n > mostOfOne || n > 1 && len(chosen) < 300 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
}

func BenchmarkPoster(b *testing.B) {
	all, err := demo.Activities(monday)
	if err != nil {
		b.Fatal(err)
	}
	d := data(all...)
	d.Near = surgery
	for b.Loop() {
		w, err := Gather(d)
		if err != nil {
			b.Fatal(err)
		}
		if err := Poster(&bytes.Buffer{}, w); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever a listing says, the pages stay whole: the same elements, and no more of them than a plain name makes.
func FuzzPages(f *testing.F) {
	f.Add("Knitters", "The Hut", "LU1 1AA", "Hatters Surgery")
	f.Add("<script>", "</main>", "\x00", "{{.}}")
	f.Add("\u202e\xff", "&#x3c;b&#x3e;", "'\"", "<!--")
	f.Add("0", "", "longer than a postcode", ".}}")
	elements := func(page string) string {
		var out []string
		z := html.NewTokenizer(strings.NewReader(page))
		for z.Next() != html.ErrorToken {
			if tok := z.Token(); tok.Type == html.StartTagToken {
				out = append(out, tok.Data)
			}
		}
		return strings.Join(out, " ")
	}
	pages := func(t testing.TB, name, venue, postcode, practice string) (string, string) {
		a := group("a", name, time.Tuesday, 10)
		a.Venue.Name, a.Venue.Postcode = venue, postcode
		d := data(a)
		d.Practice = practice
		return render(t, gather(t, d))
	}
	poster, screen := pages(f, "Knitters", "The Hut", "LU1 1AA", "Hatters Surgery")
	plainPoster, plainScreen := elements(poster), elements(screen)
	f.Fuzz(func(t *testing.T, name, venue, postcode, practice string) {
		if practice == "" || short(venue, 9) == "" && (postcode == "" || len(postcode) > 10) {
			return // nothing to say of where it is, so one element less
		}
		poster, screen := pages(t, name, venue, postcode, practice)
		if elements(poster) != plainPoster || elements(screen) != plainScreen {
			t.Fatalf("other elements:\n%s\n%s", poster, screen)
		}
	})
}
