package urgent

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFind_SaysWhereAndWhy(t *testing.T) {
	text := "The choir was nice. I’ve taken too many tablets, and I want to die."
	found := Find(text)
	if len(found) < 2 {
		t.Fatalf("found %+v", found)
	}
	var spans []string
	for _, f := range found {
		if f.Category == "" || f.Why == "" {
			t.Errorf("%+v does not say why", f)
		}
		spans = append(spans, text[f.From:f.To])
	}
	if all := strings.Join(spans, "|"); !strings.Contains(all, "want to die") || !strings.Contains(all, "too many tablets") {
		t.Errorf("spans %q", spans)
	}
	first, ok := Scan(text)
	if !ok || first.Kind != found[0].Kind {
		t.Errorf("Scan says %+v, Find first %+v", first, found[0])
	}
}

func TestScan_K11_WhoseDangerItIs(t *testing.T) {
	for text, want := range map[string]Kind{
		"my husband says he'll kill himself":                   OtherPerson,
		"I want to kill myself":                                General,
		"my son wants to die":                                  OtherPerson,
		"since my husband died I want to die":                  General,
		"my daughter thinks I want to die":                     General,
		"my wife can't breathe":                                Medical,
		"he hits me and I want to die":                         General,
		"my husband hits me":                                   Abuse,
		"I have crushing chest pain and I want to kill myself": Medical,
		"I'm going to stab my brother":                         General,
	} {
		if f, _ := Scan(text); f.Kind != want {
			t.Errorf("%q: %q (%s), want %q", text, f.Kind, f.Category, want)
		}
	}
}

func TestScan_NegationAndTime(t *testing.T) {
	for text, want := range map[string]bool{
		"I'm not suicidal":                                          false,
		"I never said I'd hurt myself":                              false,
		"I don't want to die":                                       false,
		"I don't want to be here any more":                          true,
		"I can't stop thinking about killing myself":                true,
		"no I want to kill myself":                                  true,
		"I'm not suicidal but I want to kill myself":                true,
		"if they don't ring I will kill myself":                     true,
		"I was suicidal twenty years ago":                           false,
		"I was suicidal twenty years ago and I feel suicidal again": true,
		"my wife died":                                              false,
		"he took his own life last year":                            false,
		"he tried to take his own life last night":                  true,
	} {
		if f, ok := Scan(text); ok != want {
			t.Errorf("%q: %v (%s)", text, ok, f.Category)
		}
	}
}

func TestUnreadable_K14(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                 false,
		"ok":                               false,
		"👍":                                false,
		"LS9 7TF":                          false,
		"Yes please, Tuesday is fine":      false,
		"wat tym dus da walkin grup start": false,
		"Siobhan Ng":                       false,
		"𝐈 𝐰𝐚𝐧𝐭 𝐭𝐨 𝐝𝐢𝐞":                        false,
		"Ι wаnt tо dіе":                        false,
		"Dzień dobry, kiedy są zajęcia":        true,
		"¿A qué hora empieza el grupo?":        true,
		"Bună ziua, când începe grupul":        true,
		"aap kaise hain, group kab shuru hoga": true,
		"میں ٹھیک ہوں":                         true,
		"আমি ভালো আছি":                         true,
		"ਮੈਂ ਠੀਕ ਹਾਂ":                          true,
		"我很好谢谢":                                true,
		"Я хочу умереть":                       true,
		"أريد أن أموت":                         true,
	} {
		if got := Unreadable(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestEvaluate(t *testing.T) {
	report, err := Evaluate(strings.NewReader("\ufeffcrisis\tI want to die\r\n\r\n# a remark\nnone\tsee you Tuesday\ncrisis\tsee you Friday\nnone\t#1 choir"))
	if err != nil || report.Crisis != 2 || report.None != 2 || report.Recall() != 0.5 || report.FalseAlarms() != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	if m := report.Misses; len(m) != 1 || m[0].Line != 5 || m[0].Label != "crisis" || m[0].Text != "see you Friday" {
		t.Errorf("misses %+v", m)
	}
	for _, wrong := range []string{"maybe\tx", "crisis I want to die", "crisis,x"} {
		if _, err := Evaluate(strings.NewReader("none\tx\n" + wrong)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if empty, err := Evaluate(strings.NewReader("")); err != nil || empty.Recall() != 1 || empty.FalseAlarms() != 0 {
		t.Errorf("nothing: %+v, %v", empty, err)
	}
}

func TestUnderstandLine_JSON(t *testing.T) {
	for text, want := range map[string]string{
		"I want to die":      `{"crisis":true,"kind":"general"}`,
		"my husband hits me": `{"crisis":true,"kind":"abuse"}`,
		"see you Tuesday":    `{"crisis":false}`,
	} {
		if got, err := json.Marshal(UnderstandLine(text)); err != nil || string(got) != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
}

// What stands in sentences of its own, before or after, takes nothing away, whatever it is: a denial is only of its own
// sentence.
func TestScan_OtherSentencesTakeNothingAway(t *testing.T) {
	rows := heard(t)
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SampledFrom(rows).Draw(t, "row")
		before := rapid.SampledFrom(rows).Draw(t, "before")[1]
		after := rapid.StringN(0, 40, 200).Draw(t, "after")
		if row[0] == "none" {
			return
		}
		if _, ok := Scan(row[1]); !ok {
			return
		}
		if _, ok := Scan(before + ".\n" + row[1] + "\n" + after); !ok {
			t.Errorf("%q and %q take %q away", before, after, row[1])
		}
	})
}

func TestFold_Idempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringN(0, 12, 60).Draw(t, "word")
		once := plainWord(word)
		if twice := plainWord(once); twice != once {
			t.Errorf("%q is %q and then %q", word, once, twice)
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add("I want to die")
	f.Add("don t \u202e k\u0301ill my self 💀 ۔ মরতে চাই \xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range Find(text) {
			if found.From < 0 || found.From >= found.To || found.To > len(text) {
				t.Errorf("%+v of %d bytes", found, len(text))
			}
		}
		Unreadable(text)
	})
}

// A text without a full stop is read in pieces: danger is found wherever the pieces meet.
func TestScan_B1_WithoutAFullStop(t *testing.T) {
	for at := range 400 {
		text := strings.Repeat("walk ", at) + "I really do not want to be here any more " + strings.Repeat("walk ", 900-at)
		if f, ok := Scan(text); !ok || f.Kind != General {
			t.Fatalf("missed after %d words", at)
		}
	}
}
