package meaning

import (
	"fmt"
	"testing"
	"time"
)

func TestUnderstand_Places(t *testing.T) {
	v, err := NewVocabularyOf(Places{Sure: []string{"Bury Park", "Luton", "Leicester"}, Wordlike: []string{"Hope", "Street", "Beverley", "March"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"tai chi in Reading", "reading"},
		{"reading group", ""},
		{"reading group in Bath", "bath"},
		{"hope you can help", ""},
		{"needs a bath seat", ""},
		{"starts in March please, gardening, Luton", "luton"},
		{"F 60 crafts March", "march"},
		{"gardening near Xyzzyford", "xyzzyford"},
		{"gardening near xyzzyford", "xyzzyford"},
		{"choir, Great Plumpling area", "great plumpling"},
		{"swimming, Leciester", "leicester"}, // two letters exchanged
		{"something local", ""},
		{"near us", "surgery"},
		{"round here, bury park", "bury park"},
		{"just moved from Luton", ""},
		{"moved from Luton, now in Leicester", "leicester"},
		{"not Luton please, Leicester", "leicester"},
		{"near Tesco", ""},
		{"art, East Sussex", ""},
		{"local history, Beverley", "beverley"},
		{"art in the street", ""},
		{"Harehills, Leeds", "harehills"},
		{"choir, Leeds, Harehills", "harehills"},
		{"choir, Leeds, Bradford", "leeds"},
		{"Leagrave station, walks", "leagrave station"},
	} {
		if got := v.Understand(c.text).Place; got != c.want {
			t.Errorf("%q: place %q, want %q", c.text, got, c.want)
		}
	}
}

func TestNewVocabulary_TenThousandPlaces(t *testing.T) {
	places := make([]string, 10_000)
	for i := range places {
		places[i] = fmt.Sprintf("%cham%d bridge", 'a'+i%26, i)
	}
	began := time.Now()
	v, err := NewVocabulary(places...)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("10,000 places: %v", time.Since(began))
	if got := v.Understand("choir, Bham27 Bridge").Place; got != "bham27 bridge" {
		t.Errorf("place %q", got)
	}
}

// A slip is put right, but never into something else: what is a word already, or is as near to two, stays as it is.
func TestUnderstand_Typos(t *testing.T) {
	v := vocabulary(t)
	for _, c := range []struct{ text, want string }{
		{"swiming", `{"interests":["swimming"]}`},
		{"wlaking", `{"interests":["walking"]}`},
		{"gardning", `{"interests":["gardening"]}`},
		{"depresed", `{"needs":["low_mood"]}`},
		{"embroidary", `{"interests":["knitting_sewing"]}`},
		{"photgraphy", `{"interests":["photography"]}`},
		{"diabetcs", `{"needs":["long_term_condition"]}`},
		{"sinking", `{}`}, // not singing
		{"signing", `{}`},
		{"waking", `{}`},
		{"tanks", `{}`},
	} {
		if got := asJSON(t, v.Understand(c.text)); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestThemes(t *testing.T) {
	v := vocabulary(t)
	for _, c := range []struct{ text, want string }{
		{"I loved it, everyone was so friendly", "[enjoyed welcome]"},
		{"it was too far on the bus", "[too_far]"},
		{"too noisy for me", "[noise_crowd]"},
		{"it wasn't too noisy", "[]"},
		{"nobody was there, the door was locked", "[closed]"},
		{"they told me the wrong time", "[told_wrong_time]"},
		{"", "[]"},
		{"Tuesday", "[]"},
	} {
		if got := fmt.Sprint(v.Themes(c.text)); got != c.want {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}

// Words that say nothing are an unsure "other": the patient is asked, never guessed at.
func TestRefusal_Unsure(t *testing.T) {
	v := vocabulary(t)
	for _, text := range []string{"", "hm", "👎", "\x00", "asdf qwer"} {
		if reason, sure := v.Refusal(text); reason != "other" || sure {
			t.Errorf("%q: %s, sure %v", text, reason, sure)
		}
	}
	if reason, sure := v.Refusal("there's no bus"); reason != "transport" || !sure {
		t.Errorf("no bus: %s, sure %v", reason, sure)
	}
}

func FuzzRefusal(f *testing.F) {
	for _, s := range []string{"no bus", "I'll be in Spain", "£5 is dear", "\xff"} {
		f.Add(s)
	}
	v := vocabulary(f)
	known := set(RefusalReasons())
	f.Fuzz(func(t *testing.T, text string) {
		if reason, _ := v.Refusal(text); !known[reason] {
			t.Fatalf("%q is no reason", reason)
		}
		v.Themes(text)
	})
}

func BenchmarkRefusal(b *testing.B) {
	v := vocabulary(b)
	for b.Loop() {
		v.Refusal("It's too far on the bus and I get so nervous with strangers")
	}
}

func BenchmarkRedact(b *testing.B) {
	v := vocabulary(b)
	for b.Loop() {
		v.Redact("Mrs Oluwaseun Adeyemi, 72, 943 476 5919, widow, likes knitting, no car, weekday am, LU3")
	}
}
