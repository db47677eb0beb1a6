package dialogs_test

import (
	"testing"

	"handrail/dialogs"
	"handrail/dialogs/text"
)

// A volunteer is asked for a first name, and whatever they answer, no surname is kept (V2, G12).
func TestFirstName_V2(t *testing.T) {
	words, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	lead := words.Line("en", "volunteer.name.lead")
	for said, want := range map[string]string{
		"Joan": "Joan", " joan ": "joan", "My name is Joan Carter": "Joan", "I'm Joan.": "Joan", "im joan": "joan", "Joan Carter": "Joan",
		"Hello, I'm Þóra Jónsdóttir": "Þóra", "it's Mary-Jane": "Mary-Jane", "Ng": "Ng", "Imran Khan": "Imran", "Ian": "Ian", "O'Neill": "O'Neill",
		"": "", "  ": "", "...": "",
	} {
		if got := dialogs.FirstName(said, lead); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
