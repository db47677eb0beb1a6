package meaning

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// However somebody types a number that identifies, it is seen: M2 and the labelling rules.
func TestIdentifiers_M2_EveryShape(t *testing.T) {
	v := vocabulary(t)
	rapid.Check(t, func(rt *rapid.T) {
		pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, label) }
		var want, shape string
		switch rapid.IntRange(0, 3).Draw(rt, "kind") {
		case 0:
			n, ok := nhsNumber(rapid.IntRange(400000000, 799999999).Draw(rt, "nhs"))
			if !ok {
				return
			}
			sep := pick("separator", "", " ", "-", ".", "/", "–", " - ", "_", ",", "  ", "\u00a0")
			want, shape = "nhs_number", pick("label", "", "NHS ", "nhs no. ", "NHS number: ", "nhs:", "pt ")+n[:3]+sep+n[3:6]+sep+n[6:]
			if i := strings.IndexByte(shape, '0'); i >= 0 && rapid.Bool().Draw(rt, "letter") && sep != "" && !strings.Contains(sep, "/") && !strings.Contains(sep, ",") && !strings.Contains(sep, "_") {
				shape = shape[:i] + pick("O", "O", "o") + shape[i+1:]
			}
		case 1:
			a, b := rapid.IntRange(100, 999).Draw(rt, "a"), rapid.IntRange(0, 999999).Draw(rt, "b")
			gap := pick("gap", "", " ", "-", ".", "/")
			want, shape = "phone", pick("label", "", "tel ", "ring on ", "mob: ")+pick("code", "07", "+447", "00447", "(07", "447", "O7")
			if strings.HasSuffix(shape, "(07") {
				shape += fmt.Sprintf("%03d) %06d", a, b)
			} else {
				if gap == "/" && !strings.HasSuffix(shape, " 07") && shape != "07" {
					gap = " "
				}
				shape += fmt.Sprintf("%03d%s%06d", a, gap, b)
			}
		case 2:
			d, m, y := rapid.IntRange(1, 28).Draw(rt, "d"), rapid.IntRange(1, 12).Draw(rt, "m"), rapid.IntRange(1925, 2007).Draw(rt, "y")
			name := []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}[m-1]
			want = "dob"
			shape = pick("form", fmt.Sprintf("%02d/%02d/%d", d, m, y), fmt.Sprintf("%d.%d.%d", d, m, y), fmt.Sprintf("%d-%d-%d", d, m, y), fmt.Sprintf("%d / %d / %d", d, m, y), fmt.Sprintf("%02d %02d %d", d, m, y),
				fmt.Sprintf("%d %s %d", d, name, y), fmt.Sprintf("%dth of %s %d", d, name, y), fmt.Sprintf("%s %d, %d", name, d, y), fmt.Sprintf("%d-%02d-%02d", y, m, d), fmt.Sprintf("%d%s%d", d, name[:3], y),
				fmt.Sprintf("dob %d/%d/%02d", d, m, y%100), fmt.Sprintf("DOB: %02d%02d%02d", d, m, y%100), fmt.Sprintf("born %d %s %02d", d, name[:3], y%100), fmt.Sprintf("date of birth %d %d %d", d, m, y))
		default:
			at, dot := pick("at", "@", " @ ", " at ", "(at)", " [at] "), pick("dot", ".", " dot ", "(dot)", " [dot] ")
			if at == "@" || at == " @ " {
				dot = "."
			}
			want, shape = "email", "jan.cole"+at+"example"+dot+pick("end", "com", "org")
		}
		text := fmt.Sprintf(pick("frame", "%s likes gardening near LU3", "F 72, %s, wants a choir", "lonely widow, %s", "%s"), shape)
		if got := v.Understand(text).Identifiers; !slices.Contains(got, want) {
			rt.Fatalf("%q: %v, want %s", text, got, want)
		}
	})
}

// What only looks like one of those is none of them.
func TestIdentifiers_LookAlikes(t *testing.T) {
	v := vocabulary(t)
	for _, text := range []string{
		"bp 140/80 bmi 32", "phq9 17 gad7 14", "hba1c 58 on 12/3/26", "seen on 12/10/2026 wants yoga", "EMIS 4582137", "WW2 1939-45 talks 80M", "call back in 10 14 days", "budget 10-15 quid", "24/7 helpline",
		"111 or 999", "no 9 bus to the hall", "68 Church Road area", "3 Green Lane area options", "72 Hill walking group", "83F, NR3 1AB bingo", "an 8 week course at the park, F 70", "2 Mondays, F 70",
		"is it on at 7pm, 12 weeks, 70F", "see more at example.com", "lives 2 miles away", "lives in 2 bed flat",
	} {
		if got := v.Understand(text).Identifiers; len(got) > 0 {
			t.Errorf("%q: %v", text, got)
		}
	}
}
