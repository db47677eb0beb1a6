package urgent

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "rewrite testdata/cards.golden")

func every(f func(Kind, Nation, bool)) {
	for _, kind := range []Kind{General, OtherPerson, Medical, Abuse} {
		for _, nation := range []Nation{England, Wales, Scotland, NorthernIreland} {
			for _, told := range []bool{false, true} {
				f(kind, nation, told)
			}
		}
	}
}

func TestCards_K5_FixedText(t *testing.T) {
	var b strings.Builder
	fmt.Fprintln(&b, CardsVersion)
	every(func(kind Kind, nation Nation, told bool) {
		card, ok := Card(kind, nation, told)
		if !ok {
			t.Errorf("no card %s for %s", kind, nation)
		}
		fmt.Fprintf(&b, "\n== %s %s told=%v\n%s\n", kind, nation, told, strings.Join(card, "\n"))
		if told {
			short, _ := Short(kind, nation)
			fmt.Fprintf(&b, "-- short\n%s\n", strings.Join(short, "\n"))
		}
	})
	safe, _ := Safe(England)
	fmt.Fprintf(&b, "\n== after SAFE\n%s\n", strings.Join(safe, "\n"))
	fmt.Fprintf(&b, "\n== staff\n%s\n", strings.Join(StaffLine("Ring the duty doctor on extension 4."), "\n"))
	if *update {
		if err := os.WriteFile("testdata/cards.golden", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/cards.golden")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Error("a card changed: it needs a new CardsVersion and an approval; then -update")
	}
}

func TestCards_K5_ShortEnoughAndPlain(t *testing.T) {
	every(func(kind Kind, nation Nation, told bool) {
		card, _ := Card(kind, nation, told)
		short, _ := Short(kind, nation)
		for _, text := range []string{strings.Join(card, "\n"), strings.Join(short, "\n")} {
			if n := utf8.RuneCountInString(text); n >= 700 {
				t.Errorf("%s, %s: %d characters", kind, nation, n)
			}
			for _, never := range []string{"!", "committed", "cry for help", "at least", "will call you", "someone will", "we have told", "promise to", "secret"} {
				if strings.Contains(strings.ToLower(text), never) {
					t.Errorf("%s: says %q", kind, never)
				}
			}
		}
	})
}

func TestCards_K7_NoFalseClaim(t *testing.T) {
	every(func(kind Kind, nation Nation, told bool) {
		card, _ := Card(kind, nation, told)
		if says := strings.Contains(strings.Join(card, " "), "passing this to your practice"); says != told {
			t.Errorf("%s, %s: told=%v, and the card says %v", kind, nation, told, says)
		}
		if short, _ := Short(kind, nation); strings.Contains(strings.Join(short, " "), "practice") {
			t.Errorf("the short form of %s claims something", kind)
		}
	})
}

func TestCards_K12_AbuseSaysNothingToOnlookers(t *testing.T) {
	for _, nation := range []Nation{England, Wales, Scotland, NorthernIreland} {
		card, _ := Card(Abuse, nation, true)
		short, _ := Short(Abuse, nation)
		safe, _ := Safe(nation)
		text := strings.ToLower(strings.Join(append(append(card, short...), safe...), " "))
		for _, never := range []string{"abuse", "violen", "domestic", "hurt", "partner", "helpline"} {
			if strings.Contains(text, never) {
				t.Errorf("says %q", never)
			}
		}
		if !strings.Contains(card[0], "Is it safe to chat here?") || strings.Contains(card[0], "999") {
			t.Errorf("first line %q", card[0])
		}
	}
}

func TestCards_K13_MedicalBegins999(t *testing.T) {
	for _, nation := range []Nation{England, Wales, Scotland, NorthernIreland} {
		card, _ := Card(Medical, nation, true)
		if !strings.HasPrefix(card[0], "Call 999 now") {
			t.Errorf("begins %q", card[0])
		}
	}
}

func TestCards_UncheckedNumbersAreAbsent(t *testing.T) {
	every(func(kind Kind, nation Nation, told bool) {
		card, _ := Card(kind, nation, told)
		text := strings.Join(card, " ")
		for _, number := range []string{"0808", "press 55", "option 1"} {
			if strings.Contains(text, number) {
				t.Errorf("%s, %s: %s was never checked", kind, nation, number)
			}
		}
		if (nation == Scotland || nation == NorthernIreland) && strings.Contains(text, "111") {
			t.Errorf("%s, %s: option 2 of 111 is England's and Wales's", kind, nation)
		}
	})
}

func TestCards_UnknownKindOrNation(t *testing.T) {
	for _, c := range []struct {
		kind   Kind
		nation Nation
	}{{"", England}, {"other", England}, {General, ""}, {General, "france"}} {
		if card, ok := Card(c.kind, c.nation, false); ok {
			t.Errorf("card %v for %q in %q", card, c.kind, c.nation)
		}
		if _, ok := Short(c.kind, c.nation); ok {
			t.Errorf("short form for %q in %q", c.kind, c.nation)
		}
	}
}

func TestStaffLine(t *testing.T) {
	if got := StaffLine(""); len(got) != 1 {
		t.Errorf("without a route: %q", got)
	}
	if got := StaffLine("Ring 4."); got[0] != "Ring 4." || len(got) != 2 {
		t.Errorf("with a route: %q", got)
	}
}
