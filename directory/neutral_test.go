package directory

import (
	"strings"
	"testing"
)

func TestStigma(t *testing.T) {
	for name, want := range map[string]string{
		"Depression group":                   "ill with",
		"Luton Anxiety & Panic Attacks Club": "ill with",
		"Mental-health drop in":              "ill with",
		"Young people's mental health café":  "ill with",
		"Combating loneliness together":      "lonely",
		"Lonely hearts lunch":                "lonely",
		"Obesity support":                    "bodies",
		"Weight Loss Wednesdays":             "bodies",
		"Recovering addicts":                 "depend",
		"Drug and Alcohol Recovery":          "depend",
		"Homeless breakfast":                 "badly off",
		"Low-income families":                "badly off",
		"Arthritis sufferers":                "trouble",
		"Stroke Support Group":               "needs help",
		"Dementia café":                      "ill with",
	} {
		why, ok := Stigma(name)
		if !ok || !strings.Contains(why, want) || !strings.Contains(why, "Tuesday gardeners") {
			t.Errorf("%q: %v, %q", name, ok, why)
		}
	}
	for _, name := range []string{
		"", "Tuesday gardeners", "Memory café", "Chair yoga", "Men's shed", "Carers' choir", "Dementia-friendly swimming", "Alcohol-free disco", "Low fat cookery",
		"Fat quarters quilting", "Health walk", "Mental arithmetic for fun", "Self defence", "Computer support", "Weight training", "Panic! at the disco night",
	} {
		if why, ok := Stigma(name); ok {
			t.Errorf("%q: %q", name, why)
		}
	}
}

func FuzzStigma(f *testing.F) {
	f.Add("Drug and and alcohol")
	f.Add("mental\xff health")
	f.Fuzz(func(t *testing.T, name string) {
		why, ok := Stigma(name)
		if ok != (why != "") {
			t.Errorf("%q: %v without a reason, or a reason without it: %q", name, ok, why)
		}
		if again, _ := Stigma(strings.ToUpper(name)); ascii(name) && again != why {
			t.Errorf("%q in capitals: %q, not %q", name, again, why)
		}
	})
}
