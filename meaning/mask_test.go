package meaning

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMaskNHSNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"943 476 5919 lonely":           "[gone] lonely",
		"9434765919, LU1":               "[gone], LU1",
		"943-476-5919":                  "[gone]",
		"999 123 4567 lonely":           "999 123 4567 lonely", // its check digit would be 10
		"943 476 5918":                  "943 476 5918",
		"19434765919":                   "19434765919",
		"ring 01582 123456":             "ring 01582 123456",
		"9000000009 and 74F LU3":        "[gone] and 74F LU3",
		"NHS9434765919 lonely":          "NHS[gone] lonely",
		"pt 9434765919x":                "pt [gone]x",
		"943.476.5919":                  "[gone]",
		"943  476\u00a05919":            "[gone]",
		"943\u2013476\u20135919":        "[gone]",
		"943\n476\n5919":                "[gone]",
		"9 4 3 4 7 6 5 9 1 9 gardening": "[gone] gardening",
		"94347 65919":                   "[gone]",
		"943\u200b4765919":              "[gone]",
		"943\u200b 476 5919\u200b near": "[gone]\u200b near",
		"\uff19\uff14\uff13\uff14\uff17\uff16\uff15\uff19\uff11\uff19": "[gone]",
		"٩٤٣ ٤٧٦ ٥٩١٩":                 "[gone]",
		"9434765919 74F":               "[gone] 74F",
		"9434765919 1948 lonely":       "[gone] 1948 lonely",
		"(943) 476-5919":               "([gone]",
		"9434765919 9434765919":        "[gone] [gone]",
		"NHS no 943 476 5918 lonely":   "NHS no [gone] lonely", // a slip of the finger identifies somebody too
		"nhs number: 9434765918":       "nhs number: [gone]",
		"the NHS told her 9434765918":  "the NHS told her 9434765918",
		"+44 7700 900123":              "+44 7700 900123",
		"07700 900123":                 "07700 900123",
		"01582 943 476 5919":           "01582 [gone]",
		"010150 1230":                  "010150 1230",
		"meets 2026 11 22 10":          "meets 2026 11 22 10",
		"QQ 12 34 56 C":                "QQ 12 34 56 C", // an example that was never given out
		"AB 12 34 56 C lives near LU1": "[gone] lives near LU1",
		"ab123456c":                    "[gone]",
		"LU1 2AB":                      "LU1 2AB",
		"":                             "",
	} {
		if got := MaskNHSNumbers(in, "[gone]"); got != want {
			t.Errorf("MaskNHSNumbers(%q) = %q, want %q", in, got, want)
		}
	}
}

// However a valid number is grouped, none of it is left; and what was masked is masked.
func TestMaskNHSNumbers_AnyGrouping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := []byte(string(rapid.SampledFrom([]rune("4679")).Draw(t, "first")) + rapid.StringMatching(`[0-9]{8}`).Draw(t, "rest"))
		sum := 0
		for i, d := range digits {
			sum += int(d-'0') * (10 - i)
		}
		check := (11 - sum%11) % 11
		if check == 10 {
			t.Skip("no such number")
		}
		digits = append(digits, byte('0'+check))
		var typed strings.Builder
		for i, d := range digits {
			if i > 0 {
				typed.WriteString(rapid.SampledFrom([]string{"", "", "", " ", "-", ".", " - ", "\u00a0", "\t"}).Draw(t, "gap"))
			}
			typed.WriteByte(d)
		}
		text := "lonely " + typed.String() + " near LU1 2AB"
		got := MaskNHSNumbers(text, "[gone]")
		if got != "lonely [gone] near LU1 2AB" {
			t.Errorf("MaskNHSNumbers(%q) = %q", text, got)
		}
		if again := MaskNHSNumbers(got, "[gone]"); again != got {
			t.Errorf("a second time: %q", again)
		}
	})
}

// A page of digits takes no longer than a page of words (B1).
func TestMaskNHSNumbers_B1_Quick(t *testing.T) {
	long := strings.Repeat("1 ", 200_000)
	began := time.Now()
	if got := MaskNHSNumbers(long, "[gone]"); got != long {
		t.Errorf("%d of %d bytes are left", len(got), len(long))
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("400,000 bytes took %v", took)
	}
}

// A megabyte of digits is read once, not once a digit.
func TestMaskNHSNumbers_B1_Digits(t *testing.T) {
	long := strings.Repeat("7", 1<<20)
	start := time.Now()
	if got := MaskNHSNumbers(long+" 943 476 5919", "-"); got != long+" -" {
		t.Errorf("%d bytes left of %d", len(got), len(long))
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}
