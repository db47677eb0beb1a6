package directory

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"handrail"
	"handrail/directory/calendar"
)

// anyListing draws a listing with a little of everything that a search looks at.
func anyListing(t *rapid.T, i int) handrail.Activity {
	a := anyActivity(t, i)
	one := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	a.Name = one("adjective", "", "Tuesday ", "Men’s ", "Lonely ", "Happy ") + a.Name + one("noun", "", " club", " for depression", " group", " Leith")
	a.Description = one("text", "", "We walk and talk.", "Gardening, chess and tea for all.", "Every week we meet on Zoom.", "No online group, but home visits.",
		"A choir; people sing.", "tai chi and yoga", "the tai of chi")
	a.Topics = []string{one("topic", "chess", "tai chi", "mental health", "walking group", "")}
	a.Organiser.Name = one("organiser", "", "Age Hope", "The Gardeners")
	if rapid.IntRange(0, 3).Draw(t, "speaks") == 0 {
		a.Languages = []string{one("language", "Urdu", "Polish", "urdu")}
	}
	a.MaxAge = rapid.SampledFrom([]int{0, 0, 0, 30, 17}).Draw(t, "max")
	for i := range a.Times {
		r := &a.Times[i]
		r.Certainty = handrail.Certainty(one("certainty", "", "", "read", "guessed"))
		switch one("freq", "weekly", "weekly", "monthly", "day", "dates") {
		case "monthly":
			r.Freq, r.Nth = handrail.Monthly, -1
		case "day":
			r.Freq, r.MonthDay = handrail.Monthly, 15
		case "dates":
			r.Freq, r.Also = handrail.OnDates, []handrail.Date{"2026-11-24", "2026-12-03"}
		}
		r.Until = handrail.Date(one("until", "", "", "2026-11-20", "2027-03-01"))
	}
	a.Standing.Paused = rapid.IntRange(0, 5).Draw(t, "paused") == 0
	a.Standing.Silences = rapid.IntRange(0, 4).Draw(t, "silences")
	a.Standing.Answers = rapid.IntRange(0, 4).Draw(t, "answers")
	if rapid.IntRange(0, 5).Draw(t, "closed") == 0 {
		a.Standing.ReportedClosed = daysAgo(4)
	}
	if rapid.Bool().Draw(t, "assured") {
		a.Standing.Assured = &handrail.Assurance{At: *daysAgo(rapid.IntRange(-5, 400).Draw(t, "ago")), By: handrail.AssurerOrganiser}
	}
	if rapid.Bool().Draw(t, "checked") {
		a.CheckedAt = daysAgo(rapid.IntRange(-5, 400).Draw(t, "ago"))
	}
	return a
}

// anyQuery draws a question with up to three conditions: with more, nothing would ever be found.
func anyQuery(t *rapid.T) Query {
	word := rapid.SampledFrom([]string{"garden", "gardens", "chess", "tai chi", "walking group", "group", "people", "the", "quidditch", "tea chess", "men's",
		"yoga club", "depression", "walk", "the choir sings"})
	q := Query{Now: now, Limit: rapid.SampledFrom([]int{0, 1, 3, 1000}).Draw(t, "limit"), Travel: rapid.SampledFrom([]Travel{"", Walking, Bus, Car}).Draw(t, "travel")}
	for range rapid.IntRange(0, 3).Draw(t, "conditions") {
		switch rapid.IntRange(0, 14).Draw(t, "condition") {
		case 0:
			q.Free = true
		case 1:
			q.StepFree = true
		case 2:
			q.Unlabelled = true
		case 3:
			q.Home = true
		case 4:
			q.IncludePaused = true
		case 5:
			q.Age = rapid.SampledFrom([]int{17, 40, 80}).Draw(t, "age")
		case 6:
			q.Gender = rapid.SampledFrom([]handrail.Sex{handrail.SexWomen, handrail.SexMen}).Draw(t, "gender")
		case 7:
			q.Near = &Spot{At: *at(51.8+rapid.Float64Range(0, 0.2).Draw(t, "qlat"), -0.6+rapid.Float64Range(0, 0.4).Draw(t, "qlon")), Precision: PrecisionFull}
			q.RadiusMetres = rapid.SampledFrom([]float64{0, 3000, 8000, 20000}).Draw(t, "radius")
		case 8:
			q.Words, q.AllWords = []string{word.Draw(t, "word")}, rapid.Bool().Draw(t, "all")
		case 9:
			q.Interests = []string{word.Draw(t, "interest"), "moving"}
			q.Synonyms = map[string][]string{"moving": {"walk", "yoga", "tai chi", "we meet"}}
		case 10:
			q.Not = []string{word.Draw(t, "not")}
		case 11:
			q.Language = "urdu"
		case 12:
			q.Days = []time.Weekday{time.Weekday(rapid.IntRange(0, 6).Draw(t, "qday"))}
		case 13:
			q.Times = []PartOfDay{rapid.SampledFrom([]PartOfDay{Morning, Afternoon, Evening}).Draw(t, "part")}
		case 14:
			q.On = []handrail.Date{rapid.SampledFrom([]handrail.Date{"2026-11-24", "2026-11-28", "2026-12-15"}).Draw(t, "date")}
			if rapid.Bool().Draw(t, "calendar") {
				q.Calendar = calendar.New()
			}
		}
	}
	return q
}

// plainWords splits text in the plainest way.
func plainWords(text string) []string {
	text = strings.NewReplacer("'", "", "’", "").Replace(strings.ToLower(text))
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if !empty(w) {
			out = append(out, stemOf(w))
		}
	}
	return out
}

// says reports whether one of some texts has words one after the other.
func says(texts []string, words []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool {
		in := plainWords(text)
		for i := range in {
			if i+len(words) <= len(in) && slices.Equal(in[i:i+len(words)], words) {
				return true
			}
		}
		return false
	})
}

// reads is the plain statement of what words ask for.
func reads(a handrail.Activity, q Query) bool {
	texts := append([]string{a.Name, a.Description, a.WhenText, a.Organiser.Name, a.Venue.Name}, a.Topics...)
	if q.AllWords {
		asked := false
		for _, text := range q.Words {
			for _, w := range plainWords(text) {
				asked = true
				if !says(texts, []string{w}) {
					return false
				}
			}
		}
		if asked {
			return true
		}
	}
	asked := false
	any := func(phrases []string) bool {
		found := false
		for _, p := range phrases {
			if words := plainWords(p); len(words) > 1 || len(words) == 1 && !strings.HasPrefix(words[0], genericMark) {
				asked = true
				found = found || says(texts, words)
			}
		}
		return found
	}
	found := !q.AllWords && any(q.Words)
	for _, i := range q.Interests {
		if words := q.Synonyms[i]; len(words) > 0 {
			found = any(words) || found
		} else {
			found = any(strings.Split(i, "_")) || found
		}
	}
	return found || !asked
}

// fitsAll is the plain statement of every hard filter, to hold the index against.
func fitsAll(a handrail.Activity, q Query) bool {
	_, named := Stigma(a.Name)
	remote, visits := homely(&a)
	nearby := q.Near == nil || a.Venue.At != nil && Metres(q.Near.At, *a.Venue.At) <= q.radius()
	switch {
	case a.Status != "" && a.Status != handrail.ActivityActive,
		a.Standing.Paused && !q.IncludePaused,
		!nearby && !(q.Home && remote && a.Venue.At == nil),
		q.Home && !remote && (!visits || a.Venue.At == nil),
		q.Free && !a.Cost.Free(), q.StepFree && a.Access.StepFree != handrail.Yes,
		q.Age != 0 && (q.Age < a.MinAge || a.MaxAge != 0 && q.Age > a.MaxAge),
		q.Gender != "" && a.For != "" && a.For != q.Gender,
		q.Language != "" && !slices.ContainsFunc(a.Languages, func(l string) bool { return strings.EqualFold(l, q.Language) }),
		q.Unlabelled && (named || slices.Contains(a.Topics, "mental health")),
		!reads(a, q):
		return false
	}
	for _, no := range q.Not {
		if words := plainWords(no); len(words) > 0 && says(append([]string{a.Name}, a.Topics...), words) {
			return false
		}
	}
	if len(q.Days)+len(q.Times) > 0 && !slices.ContainsFunc(a.Times, func(r handrail.Recurrence) bool { return meetsWhen(r, q) }) {
		return false
	}
	return len(q.On) == 0 || slices.ContainsFunc(a.Times, func(r handrail.Recurrence) bool { return meetsAt(a, r, q) })
}

func meetsWhen(r handrail.Recurrence, q Query) bool {
	if !r.Certain() || len(q.Times) > 0 && !slices.Contains(q.Times, partOf(r.Start)) {
		return false
	}
	day := func(d time.Weekday) bool { return len(q.Days) == 0 || slices.Contains(q.Days, d) }
	switch {
	case r.Freq == handrail.OnDates: // of anyListing's two dates, both ahead, a Tuesday and a Thursday
		return day(time.Tuesday) || day(time.Thursday)
	case r.Until == "2026-11-20", r.MonthDay != 0:
		return false
	}
	return day(r.Day)
}

func meetsAt(a handrail.Activity, r handrail.Recurrence, q Query) bool {
	a.Times = []handrail.Recurrence{r}
	for _, on := range q.On {
		if len(q.Times) > 0 && !slices.Contains(q.Times, partOf(r.Start)) || !r.Certain() {
			continue
		}
		if q.Calendar != nil {
			from := on.At(0, time.UTC) // no summer time on the dates of anyQuery
			if m, err := q.Calendar.Meetings(a, from, from.AddDate(0, 0, 1)); err == nil && len(m) > 0 {
				return true
			}
			continue
		}
		if slices.Contains(r.Also, on) || r.Freq == handrail.Weekly && on.At(0, time.UTC).Weekday() == r.Day && (r.Until == "" || on <= r.Until) {
			return true
		}
	}
	return false
}

// Nothing outside the hard filters is ever found, nothing inside them is missing, and a list is short only when there is
// no more: against a plain reading of every listing.
func TestSearch_Property_HardFiltersAndNoShortLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		there := make([]handrail.Activity, rapid.IntRange(0, 40).Draw(t, "n"))
		for i := range there {
			there[i] = anyListing(t, i)
		}
		index := NewIndex(there)
		for range 8 {
			holdAgainst(t, index, there, anyQuery(t))
		}
	})
}

// holdAgainst holds one answer against the plain reading.
func holdAgainst(t *rapid.T, index *Index, there []handrail.Activity, q Query) {
	want := map[handrail.ActivityID]bool{}
	for _, a := range there {
		if fitsAll(a, q) {
			want[a.ID] = true
		}
	}
	limit := q.Limit
	if limit == 0 {
		limit = 10
	}
	results := index.Search(q)
	if len(results) != min(limit, len(want)) {
		t.Fatalf("%d found of %d that fit: %s of %v", len(results), len(want), told(results), want)
	}
	for i, r := range results {
		if !want[r.Activity.ID] {
			t.Fatalf("%s does not fit: %+v", r.Activity.ID, r.Activity)
		}
		delete(want, r.Activity.ID) // none twice
		if r.Parts.Sum() != r.Score {
			t.Fatalf("%s: the parts are %v, the score is %v", r.Activity.ID, r.Parts.Sum(), r.Score)
		}
		if i > 0 && r.Score > results[i-1].Score {
			t.Fatalf("result %d scores more than the one before", i)
		}
	}
}

// The same question always has the same answer, in the same order.
func TestSearch_Property_SameAnswerAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		there := make([]handrail.Activity, rapid.IntRange(1, 30).Draw(t, "n"))
		for i := range there {
			there[i] = anyListing(t, i)
		}
		q, other := anyQuery(t), anyQuery(t)
		index := NewIndex(there)
		want := told(index.Search(q))
		index.Search(other)
		if got := told(index.Search(q)); got != want {
			t.Fatalf("first\n%s\nthen\n%s", want, got)
		}
		slices.Reverse(there)
		if got := told(NewIndex(there).Search(q)); got != want {
			t.Fatalf("in another order of the feed\n%s\nnot\n%s", got, want)
		}
	})
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{"Men's shed", "Café  Olé, 7pm", "O’Neill’s", strings.Repeat("x", 41) + " y", "a\xffb", "'", "İstanbul", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want []string
		word := func(w string) {
			if w != "" && len(w) <= longestWord {
				want = append(want, w)
			}
		}
		w := ""
		for _, r := range text {
			switch {
			case unicode.IsLetter(r) || unicode.IsDigit(r):
				w += string(unicode.ToLower(r))
			case (r == '\'' || r == '’') && w != "":
			default:
				word(w)
				w = ""
			}
		}
		word(w)
		if got := tokens(text, nil); !slices.Equal(got, want) {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
		// Whatever is written can be found by it, and made an index of.
		index := NewIndex([]handrail.Activity{{ID: "a", Name: text}})
		for _, w := range want {
			if !empty(w) && len(index.Search(Query{Words: []string{w}, AllWords: true, Now: now})) != 1 {
				t.Errorf("%q is not found by %q", text, w)
			}
		}
	})
}

// A phrase is found wherever its words stand one after the other, in one part of a listing.
func TestShelf_Mask(t *testing.T) {
	index := NewIndex([]handrail.Activity{
		{ID: "a", Name: "Tai", Description: "chi. tai tai chi", Topics: []string{"tai", "chi", "arts and crafts"}},
		{ID: "b", Name: "Tai Chi", Organiser: handrail.Organiser{Name: "Tai Chi Trust"}},
	})
	for phrase, want := range map[string][2]uint8{
		"tai chi": {inText, inName | inVenue}, "chi tai": {inText, 0}, "arts crafts": {inTopics, 0}, "chi trust": {0, inVenue}, "tai": {inName | inTopics | inText, inName | inVenue},
	} {
		term, ok := index.term(said(phrase), 1)
		if !ok {
			t.Fatalf("%s: not known", phrase)
		}
		for d, w := range want {
			if got := index.base.mask(uint32(d), term.stems[0]); got != w {
				t.Errorf("%q stands in %b of %s, want %b", phrase, got, fmt.Sprint(index.base.id(uint32(d))), w)
			}
		}
	}
}

// The best of many is found whatever the limit, and the first ten are the same whether ten are asked for or twelve.
func TestSearch_TheBestOfMany(t *testing.T) {
	all := many(900)
	for i := range all {
		all[i].Venue.At = at(51.88+float64(i%30)*0.001, -0.42+float64(i/30)*0.001)
	}
	index := NewIndex(all)
	for _, q := range []Query{{Near: luton()}, {Near: luton(), Free: true}, {Words: []string{"chess"}}, {Words: []string{"garden", "choir", "chat"}}} {
		q.Now, q.Limit = now, 900
		every := index.Search(q)
		best := slices.MaxFunc(every, func(a, b Result) int { return int((a.Score - b.Score) * 1e15) })
		for _, limit := range []int{1, 2, 10} {
			q.Limit = limit
			got := index.Search(q)
			if len(got) != limit || got[0].Score != best.Score {
				t.Errorf("of %d the first scores %v, the best %v", len(got), got[0].Score, best.Score)
			}
			if a, b := ids(got), ids(every[:limit]); a != b {
				t.Errorf("limit %d: %s, and of all %s", limit, a, b)
			}
		}
	}
}
