package meaning

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"pgregory.net/rapid"
)

// Each row is written for the rule it names; none is a line of the development set.
func TestUnderstand_Rules(t *testing.T) {
	v := vocabulary(t)
	for _, c := range []struct{ rule, text, want string }{
		{"the demo's own query", "widower who likes gardening, free, Tuesday mornings, LU1 2AB", `{"postcode":"LU1 2AB","gender":"male","needs":["bereavement"],"interests":["gardening"],"days":["tue"],"times":["morning"],"free":true}`},
		{"nothing asked for", "hello", `{}`},
		{"empty", "", `{}`},
		{"a rejected thing is no interest", "not keen on singing, loves gardening", `{"interests":["gardening"]}`},
		{"but ends a no", "doesn't like bingo but likes chess and cards", `{"interests":["board_games"]}`},
		{"a no after", "swimming no, yoga yes", `{"interests":["yoga"]}`},
		{"a denied need", "denies low mood, anxious", `{"needs":["anxiety"]}`},
		{"a no inside a condition reaches no further", "no stairs singing", `{"interests":["singing"],"step_free":true}`},
		{"walking football is football", "walking football", `{"interests":["football"]}`},
		{"dog walking is both", "dog walking", `{"interests":["animals","walking"]}`},
		{"cannot walk far is no wish to walk", "can't walk far, likes art", `{"interests":["arts_crafts"]}`},
		{"a walking frame is no walk", "walking frame, bowls", `{"interests":["bowls"],"step_free":true}`},
		{"a former job is no interest", "retired music teacher, likes chess", `{"interests":["board_games"]}`},
		{"a retired gardener", "retired gardener", `{}`},
		{"lives alone is not lonely", "lives alone", `{}`},
		{"the condition of the other is not theirs", "carer for husband with dementia", `{"needs":["caring"]}`},
		{"his wife's", "his wife has MS, he is stressed", `{"gender":"male","needs":["stress"]}`},
		{"free on a day is no cost", "she is free on Mondays", `{"gender":"female","days":["mon"]}`},
		{"no money is free", "can't afford much", `{"free":true}`},
		{"M61 is a man", "M61 LU3", `{"postcode":"LU3","age":61,"gender":"male"}`},
		{"M14 is a place", "F 33 in M14", `{"postcode":"M14","age":33,"gender":"female"}`},
		{"M14 5RQ is a place", "M14 5RQ 44F", `{"postcode":"M14 5RQ","age":44,"gender":"female"}`},
		{"vitamin B12 is none", "b12 deficiency, LU1", `{"postcode":"LU1"}`},
		{"an age in words", "lady of seventy two", `{"age":72,"gender":"female"}`},
		{"about an age", "70ish chap", `{"age":70,"gender":"male"}`},
		{"over 60 is no age", "over 60s choir", `{"interests":["singing"]}`},
		{"a child's age is not theirs", "mum of a 3 year old", `{"gender":"female","needs":["parenting"]}`},
		{"married for years", "married 40 years, widowed", `{"needs":["bereavement"]}`},
		{"his mum is not the patient", "looks after his mum", `{"gender":"male","needs":["caring"]}`},
		{"miles", "within 2 miles of LU4", `{"postcode":"LU4","radius_m":3219}`},
		{"kilometres", "up to 5k of LU4", `{"postcode":"LU4","radius_m":5000}`},
		{"minutes' walk", "10 minutes walk", `{"radius_m":800}`},
		{"walking distance", "walking distance of LU4", `{"postcode":"LU4","radius_m":1200}`},
		{"couch to 5k is no radius", "couch to 5k", `{"interests":["exercise"]}`},
		{"weekdays", "weekday afternoons", `{"days":["fri","mon","thu","tue","wed"],"times":["afternoon"]}`},
		{"a range", "mon-wed", `{"days":["mon","tue","wed"]}`},
		{"all but one", "any day but Friday", `{"days":["mon","sat","sun","thu","tue","wed"]}`},
		{"seen Monday is not when", "seen Monday, wants yoga", `{"interests":["yoga"]}`},
		{"tonight", "quiz tonight", `{"interests":["board_games"],"times":["evening"],"when":"today"}`},
		{"a greeting is no time", "Good morning, choir near LU2", `{"postcode":"LU2","interests":["singing"]}`},
		{"coffee morning is no time", "coffee morning", `{"interests":["coffee_social"]}`},
		{"not evenings", "not evenings", `{"times":["afternoon","morning"]}`},
		{"near us", "knitting near us", `{"place":"surgery","interests":["knitting_sewing"]}`},
		{"a named place wins", "knitting near here, Bury Park", `{"place":"bury park","interests":["knitting_sewing"]}`},
		{"the most exact first", "Marsh Farm, Luton", `{"place":"marsh farm"}`},
		{"moved from is no place", "moved from Glasgow, knows nobody", `{"needs":["loneliness","new_to_area"]}`},
		{"a place that is a word", "reading group in Reading", `{"place":"reading","interests":["reading"]}`},
		{"an unknown place", "choir in Little Snoring", `{"place":"little snoring","interests":["singing"]}`},
		{"a language spoken", "Urdu speaking lady", `{"gender":"female","language":"urdu"}`},
		{"a people is no language", "Polish man, chess", `{"gender":"male","interests":["board_games"]}`},
		{"a language to learn", "wants to learn Spanish", `{"interests":["learning"]}`},
		{"signing", "BSL user", `{"needs":["disability"],"language":"british sign language"}`},
		{"women only", "women only yoga", `{"interests":["yoga"],"single_sex":"women"}`},
		{"no mixed groups", "F 40, no mixed groups", `{"age":40,"gender":"female","single_sex":"women"}`},
		{"a men's shed is not men only", "men's shed", `{"interests":["making"]}`},
		{"company the first time", "needs someone to go with the first time", `{"buddy":true}`},
		{"no label", "nothing labelled mental health please", `{"unlabelled":true}`},
		{"no car", "doesn't drive, needs to be on a bus route", `{"no_car":true}`},
		{"at home", "housebound, befriender", `{"interests":["befriending"],"home":true}`},
		{"identifiers are named and not kept", "943 476 5919, jo@nhs.net, 07700 900123, dob 3/4/1950", `{"identifiers":["dob","email","nhs_number","phone"]}`},
		{"an address", "lives at 12 Acacia Avenue LU1", `{"postcode":"LU1","identifiers":["address"]}`},
		{"a name", "Mrs Patel wants yoga", `{"gender":"female","interests":["yoga"],"identifiers":["name"]}`},
		{"staff are not named", "Dr Rao asks for yoga", `{"interests":["yoga"]}`},
		{"zero-width letters", "gar\u200bdening", `{"interests":["gardening"]}`},
		{"full-width letters", "ｇａｒｄｅｎｉｎｇ", `{"interests":["gardening"]}`},
	} {
		got, err := json.Marshal(Understand(c.text, v))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("%s: %q\n  gives %s\n   want %s", c.rule, c.text, got, c.want)
		}
	}
}

func TestUnderstood_Words(t *testing.T) {
	for want, u := range map[string]Understood{
		"": {},
		"near LU3, gardening or knitting or sewing, weekday mornings, free": {Postcode: "LU3", Interests: []string{"gardening", "knitting_sewing"},
			Days: []string{"fri", "mon", "thu", "tue", "wed"}, Times: []string{"morning"}, Free: true},
		"within 2 miles of Bury Park, for a woman of 72, because of a bereavement and company, Tuesday or Thursday afternoons": {Place: "bury park", RadiusM: 3219,
			Age: 72, Gender: "female", Needs: []string{"bereavement", "loneliness"}, Days: []string{"thu", "tue"}, Times: []string{"afternoon"}},
		"near the surgery, Mondays, mornings or evenings, step-free, without a car": {Place: "surgery", Days: []string{"mon"}, Times: []string{"evening", "morning"},
			StepFree: true, NoCar: true},
		"for a man, at home, online or by phone, men only, in Urdu, without a label, with somebody to go along the first time": {Gender: "male", Home: true,
			SingleSex: "men", Language: "urdu", Unlabelled: true, Buddy: true},
		"within 0.5 miles": {RadiusM: 800}, "this weekend": {When: "weekend"}, "for somebody of 40": {Age: 40},
	} {
		if got := u.Words(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestVocabulary_SaysTheSameAsWords(t *testing.T) {
	v := vocabulary(t)
	if len(v.Needs()) != 21 || len(v.Interests()) != 34 {
		t.Errorf("%d needs and %d interests", len(v.Needs()), len(v.Interests()))
	}
	for _, n := range append(append([]string{}, v.Needs()...), v.Interests()...) {
		words := v.WordsFor(n)
		if len(words) < 2 {
			t.Errorf("%s has %d words to search for", n, len(words))
		}
		if strings.Contains(needNames(n), "_") || strings.Contains(interestNames(n), "_") {
			t.Errorf("%s has no name for people", n)
		}
	}
	if v.WordsFor("quidditch") != nil || len(v.Synonyms("gardening", "quidditch")) != 1 {
		t.Error("an unknown name has words")
	}
}

// Nearly every phrase of the table is understood when it stands alone; a few are rightly something else by themselves
// ("no alcohol"), but a table with dead lines would show here.
func TestVocabulary_PhrasesAreUnderstood(t *testing.T) {
	v := vocabulary(t)
	var f vocabularyFile
	if err := toml.Unmarshal(vocabularyTOML, &f); err != nil {
		t.Fatal(err)
	}
	all, dead := 0, []string{}
	for _, table := range []map[string]entry{f.Needs, f.Interests} {
		for name, e := range table {
			for _, phrase := range e.Means {
				all++
				u := Understand(strings.TrimPrefix(phrase, "="), v)
				if !contains(u.Needs, name) && !contains(u.Interests, name) {
					dead = append(dead, name+": "+phrase)
				}
			}
		}
	}
	slices.Sort(dead)
	t.Logf("%d of %d phrases are not understood alone: %q", len(dead), all, dead)
	if len(dead)*50 > all {
		t.Errorf("%d of %d phrases are dead", len(dead), all)
	}
}

func asJSON(t testing.TB, u Understood) string {
	t.Helper()
	raw, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Whatever is typed: no panic, sorted lists without doubles, only words of the closed lists, the same twice, and no
// digits of what was typed beyond age and radius.
func check(t interface{ Fatalf(string, ...any) }, v *Vocabulary, text string) {
	u := Understand(text, v)
	if again := Understand(text, v); !reflect.DeepEqual(u, again) {
		t.Fatalf("%q: %+v and then %+v", text, u, again)
	}
	for _, list := range [][]string{u.Needs, u.Interests, u.Days, u.Times, u.Identifiers} {
		for i := 1; i < len(list); i++ {
			if list[i-1] >= list[i] {
				t.Fatalf("%q: %v is not sorted", text, list)
			}
		}
	}
	for _, n := range u.Needs {
		if !contains(v.Needs(), n) {
			t.Fatalf("%q: need %q", text, n)
		}
	}
	for _, n := range u.Interests {
		if !contains(v.Interests(), n) {
			t.Fatalf("%q: interest %q", text, n)
		}
	}
	if u.Age < 0 || u.Age > 110 || u.RadiusM < 0 || strings.Contains(u.Words(), "!") {
		t.Fatalf("%q: %+v", text, u)
	}
}

func TestUnderstand_Property(t *testing.T) {
	v := vocabulary(t)
	pieces := []string{"F 72", "M", "widower", "not", "no", "gardening", "LU1 2AB", "near", "Bury Park", ",", ".", "free", "tues", "am", "-", "fri", "within", "2", "miles",
		"carer", "for", "husband", "with", "dementia", "BMI", "44", "and", "women", "only", "Urdu", "class", "half", "a", "mile", "Hay-on-Wye", "999 123 4567", "but", "nothing", "couple", "78", "women's", "to"}
	rapid.Check(t, func(t *rapid.T) {
		check(t, v, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 25).Draw(t, "pieces"), " "))
	})
}

// The worst that can be typed is still read at once (B1: bounded work).
func TestUnderstand_B1_BoundedWork(t *testing.T) {
	v := vocabulary(t)
	for _, piece := range []string{"M14 ", "f72,", "no ", "not his her the ", "Luton,", "1 ", "a.", "Tom Smith ", "12 a road ", "943 476 5919 ", "mon-", "LU1 2AB ", "lost his ", "Hay-on-", "\ufdfa", "carer for wife with ", "\n", "é"} {
		text := strings.Repeat(piece, 100_000/len(piece))
		start := time.Now()
		Understand(text, v)
		if took := time.Since(start); took > 500*time.Millisecond { // 20 ms by itself; the race detector and neighbours cost more
			t.Errorf("%q again and again took %v", piece, took)
		} else if testing.Verbose() {
			t.Logf("%q %v", piece, took)
		}
	}
}

func FuzzUnderstand(f *testing.F) {
	v := vocabulary(f)
	for _, s := range []string{"", "F 72 recently widowed, likes gardening, free, Tues am, near LU1 2AB", "\xff\xfe", "M61", strings.Repeat("no ", 2000), "-", "a-b-c", "½ mile"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, v, s) })
}

func BenchmarkUnderstand(b *testing.B) {
	v := vocabulary(b)
	b.ReportAllocs()
	for b.Loop() {
		Understand("F 72 recently widowed, likes gardening, no money, Tues am, near LU1 2AB, doesn't drive, not keen on singing", v)
	}
}

func BenchmarkUnderstand_4000Characters(b *testing.B) {
	v := vocabulary(b)
	long := strings.Repeat("no gardening walk in the park with her mum and ", 90)
	for b.Loop() {
		Understand(long, v)
	}
}

func BenchmarkNewVocabulary(b *testing.B) {
	for b.Loop() {
		if _, err := NewVocabulary(); err != nil {
			b.Fatal(err)
		}
	}
}
