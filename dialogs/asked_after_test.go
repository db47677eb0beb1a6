package dialogs

import "testing"

func TestAskedAfter(t *testing.T) {
	for words, want := range map[string]string{
		"how is frank doing": "frank", "How's Frank Moss getting on?": "Frank Moss", "hows JB": "JB", "did frank go?": "frank", "has J.B. joined yet": "J.B.",
		"any news on Mrs O’Neill?": "Mrs O’Neill", "did R-7KQ2 turn up": "R-7KQ2", "what happened to Una": "Una",
		"spoke to frank": "frank", "I've just rung Una": "", "just rang Una Hart yesterday": "Una Hart", "saw the doctor": "",
		"how are my patients": "", "how is it going": "", "how is the walking group": "", "did they go": "", "how": "", "did": "",
		"has anyone been": "", "how is everything near LU1 2AB going": "", "how is life": "", "somewhere for Frank": "", "how is that one two three four": "",
	} {
		if got := askedAfter(words); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}

// A result is called by its number, with what is to be done with it; a number that none of them has is none.
func TestWhichResult(t *testing.T) {
	for words, want := range map[string]string{
		"2": "card 2", "refer 2": "refer 2", "Refer 10": "refer 10", "number 3": "card 3", "no 3": "card 3", "#1": "card 1", "the 2nd one": "card 2", "map 1.": "map 1",
		"more 4": "card 4", "send 2": "send 2", "send to 2": "send 2", "0": "", "11": "", "refer": "", "refer Sal 1990": "", "2 people": "", "LU1 2": "",
	} {
		got := ""
		if what, at, ok := whichResult(words, 10); ok {
			got = what + " " + string(rune('0'+at%10))
			if at == 10 {
				got = what + " 10"
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}
