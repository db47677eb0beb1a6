package meaning

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
)

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Skipf("no time zone data on this machine: %v", err)
	}
	return zone
}

// A Tuesday in November, at ten in the morning.
func tuesday(zone *time.Location) time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, zone) }

func TestTimeWords_B28(t *testing.T) {
	zone := london(t)
	for _, c := range []struct {
		text, words string
		sure        bool
	}{
		{"half 2", "half past 2 in the afternoon", true},
		{"half past two", "half past 2 in the afternoon", true},
		{"2ish", "about 2 o'clock in the afternoon", true},
		{"around 2", "about 2 o'clock in the afternoon", true},
		{"noon", "noon", true},
		{"2pm", "2 o'clock in the afternoon", true},
		{"10 am", "10 o'clock in the morning", true},
		{"14:05", "2.05 in the afternoon", true},
		{"2.30", "half past 2 in the afternoon", true},
		{"quarter to 3", "quarter to 3 in the afternoon", true},
		{"quarter past 10", "quarter past 10 in the morning", true},
		{"ten past 4", "4.10 in the afternoon", true},
		{"7", "7 o'clock in the evening", false},
		{"8", "8 o'clock in the morning", false},
		{"midnight", "midnight", false},
		{"tomorrow", "Wednesday 25 November 2026", true},
		{"the day after tomorrow", "Thursday 26 November 2026", true},
		{"tomorrow at 2", "Wednesday 25 November 2026 at 2 o'clock in the afternoon", true},
		{"today", "Tuesday 24 November 2026", true},
		{"Friday", "Friday 27 November 2026", true},
		{"this Friday", "Friday 27 November 2026", true},
		{"next Friday", "Friday 4 December 2026", false},
		{"next Monday", "Monday 30 November 2026", true},
		{"next Tuesday", "Tuesday 1 December 2026", true},
		{"Tuesday", "Tuesday 24 November 2026", false},
		{"Friday week", "Friday 4 December 2026", true},
		{"a week on Friday", "Friday 4 December 2026", true},
		{"3/4", "Saturday 3 April 2027", true},
		{"13/12", "Sunday 13 December 2026", true},
		{"3/4/27", "Saturday 3 April 2027", true},
		{"12/13", "", false}, // day before month: there is no thirteenth month
		{"2026-12-01", "Tuesday 1 December 2026", true},
		{"3rd of December", "Thursday 3 December 2026", true},
		{"December 3rd at half 2", "Thursday 3 December 2026 at half past 2 in the afternoon", true},
		{"Friday 27 November", "Friday 27 November 2026", true},
		{"the 30th", "Monday 30 November 2026", true},
		{"the 3rd", "Thursday 3 December 2026", true},
		{"in 3 days", "Friday 27 November 2026", true},
		{"in a week", "Tuesday 1 December 2026", true},
		{"1/10", "Friday 1 October 2027", false}, // so far ahead people say the year
		{"31/6", "", false},
		{"not Friday", "Friday 27 November 2026", false},
		{"Friday or Saturday", "Friday 27 November 2026", false},
		{"2pm or 3pm", "2 o'clock in the afternoon", false},
		{"Friday 28 November", "Friday 27 November 2026", false}, // the 28th is a Saturday
		{"hello", "", false},
		{"", "", false},
		{"I have 2 cats", "", false},
	} {
		m, words, sure := TimeWords(c.text, tuesday(zone), zone)
		if words != c.words || sure != c.sure {
			t.Errorf("%q: %q, sure %v; want %q, sure %v (%+v)", c.text, words, sure, c.words, c.sure, m)
		}
	}
}

// "Tomorrow" hangs on the clock of the one who writes, not on that of the machine.
func TestTimeWords_B28_TomorrowAtMidnight(t *testing.T) {
	zone := london(t)
	for _, c := range []struct {
		now  time.Time
		want handrail.Date
		sure bool
	}{
		{time.Date(2026, 11, 24, 23, 59, 0, 0, zone), "2026-11-25", true},
		{time.Date(2026, 11, 25, 0, 1, 0, 0, zone), "2026-11-26", false},
		{time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC), "2026-07-02", false}, // half past midnight in London
		{time.Date(2026, 10, 24, 23, 59, 0, 0, zone), "2026-10-25", true},     // the clocks go back that night
	} {
		m, _, sure := TimeWords("tomorrow", c.now, zone)
		if m.Date != c.want || sure != c.sure {
			t.Errorf("at %v: %v, sure %v; want %v, sure %v", c.now, m.Date, sure, c.want, c.sure)
		}
	}
}

// "Quarter to 12 in the morning" was read as midnight, since 12 in the morning is.
func TestTimeWords_B28_BeforeTwelve(t *testing.T) {
	zone := london(t)
	for text, want := range map[string]handrail.Clock{
		"tomorrow at quarter to 12 in the morning": handrail.At(11, 45), "tomorrow at ten to 12 in the morning": handrail.At(11, 50), "tomorrow quarter to 12 am": handrail.At(11, 45),
		"tomorrow at quarter to 12 in the evening": handrail.At(23, 45), "tomorrow at quarter to 1 in the afternoon": handrail.At(12, 45), "tomorrow at quarter past 12 in the afternoon": handrail.At(12, 15),
	} {
		if m, _, sure := TimeWords(text, tuesday(zone), zone); m.Clock != want || !m.Timed || !sure {
			t.Errorf("%q reads as %v, sure %v", text, m, sure)
		}
	}
}

// What is told back reads as the same moment again, so that a person who copies it is understood.
func TestTimeWords_B28_ToldBack(t *testing.T) {
	zone := london(t)
	rapid.Check(t, func(t *rapid.T) {
		m := Moment{
			Date:  handrail.DateOf(tuesday(zone).AddDate(0, 0, rapid.IntRange(0, 250).Draw(t, "days")), zone),
			Clock: handrail.At(rapid.IntRange(9, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")), Timed: true,
		}
		again, words, sure := TimeWords(m.String(), tuesday(zone), zone)
		if again != m || !sure {
			t.Fatalf("%q reads as %q, sure %v", m, words, sure)
		}
	})
}

func TestYesNo_B17(t *testing.T) {
	for _, c := range []struct {
		text   string
		answer Answer
		sure   bool
	}{
		{"yes", Yes, true}, {"Yes please", Yes, true}, {"yep", Yes, true}, {"ok", Yes, true}, {"👍", Yes, true}, {"👍🏽", Yes, true}, {"no worries yes", Yes, true},
		{"no problem", Yes, true}, {"go on then", Yes, true}, {"I'd love to", Yes, true}, {"why not", Yes, true}, {"YES!!", Yes, true}, {"y", Yes, true}, {"that's right", Yes, true},
		{"no", No, true}, {"No thanks", No, true}, {"nope", No, true}, {"👎", No, true}, {"not for me", No, true}, {"I'd rather not", No, true}, {"don't", No, true}, {"not today", No, true},
		{"no thank you, I can't make it", No, true}, {"of course not", No, true},
		{"yes but not Tuesday", Mixed, false}, {"yes and no", Mixed, false}, {"maybe", Mixed, false}, {"yes if it's free", Yes, false}, {"yes?", Yes, false},
		{"not sure", Mixed, false}, {"I don't know", Mixed, false}, {"no, actually yes", Mixed, false}, {"yes on Tuesday", Yes, false}, {"I suppose so", Mixed, false},
		{"", Neither, false}, {"hello", Neither, false}, {"what is it?", Neither, false}, {"depends", Mixed, false}, {"yes, I think so", Yes, false}, {"❤️", Neither, false},
	} {
		if answer, sure := YesNo(c.text); answer != c.answer || sure != c.sure {
			t.Errorf("%q: %v, sure %v; want %v, sure %v", c.text, answer, sure, c.answer, c.sure)
		}
	}
}

// A no that is said anywhere keeps a yes from being sure, whatever else is said: consent is not guessed.
func TestYesNo_B17_NoSureYesWithANo(t *testing.T) {
	words := rapid.SampledFrom([]string{"yes", "please", "ok", "well", "I", "the", "group", "sounds good", "thanks", "👍", "Tuesday", "later"})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(words, 0, 6).Draw(t, "words")
		at := rapid.IntRange(0, len(list)).Draw(t, "at")
		text := ""
		for i := 0; i <= len(list); i++ {
			if i == at {
				text += " nope"
			}
			if i < len(list) {
				text += " " + list[i]
			}
		}
		if answer, sure := YesNo(text); answer == Yes && sure {
			t.Fatalf("%q is a sure yes", text)
		}
	})
}

func FuzzTimeWords(f *testing.F) {
	for _, s := range []string{"half 2", "next Friday 3/4 at 2ish", "99/99/9999", "the 31st", "quarter to 0", "24:60", "in 999 days", "2-2-2"} {
		f.Add(s)
	}
	zone := london(f)
	f.Fuzz(func(t *testing.T, text string) {
		m, words, sure := TimeWords(text, tuesday(zone), zone)
		if sure && words == "" || words != m.String() {
			t.Fatalf("%+v, %q, sure %v", m, words, sure)
		}
		if m.Date != "" {
			if _, err := handrail.ParseDate(string(m.Date)); err != nil {
				t.Fatalf("%q is no date", m.Date)
			}
		}
		if m.Clock < 0 || m.Clock >= handrail.At(24, 0) {
			t.Fatalf("%d is no time of day", m.Clock)
		}
	})
}

func FuzzYesNo(f *testing.F) {
	for _, s := range []string{"yes", "no worries", "👍🏽", "y n y n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if answer, sure := YesNo(text); sure && answer != Yes && answer != No {
			t.Fatalf("%q is surely neither", text)
		}
	})
}
