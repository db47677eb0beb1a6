package bot

import (
	"context"
	"fmt"
	"strings"
)

// Dialog is one conversation to be had: a name, what opens it, who may open it, and a script.
type Dialog struct {
	// Name is stored in states and buttons, so it is stable; at most 10 letters, no '~'.
	Name string
	// Title is the key of the words that name it to a person, in "Leave … and start …?".
	Title string
	// Opens is the key of a catalogue line with the words that open it, apart by "|": "find|what's on". A message that
	// is one of them, or begins with one and a space, opens the dialog; the rest goes to Seed. A typed "/" before any of
	// them does not matter; a word that has one in the catalogue is a command, and opens only with it. Empty: only buttons
	// and Hears open it.
	Opens string
	// Seed makes answers of the words behind the opening ones. Nil ignores them.
	Seed func(rest string) Answers
	// Hears, when set, is asked about any typed message, and about a place that was shared, that nothing else took, in the
	// order of the list of dialogs.
	Hears func(u Update, who Who) (Answers, bool)
	// Interrupts, when set, is asked about every typed message before any open question gets it, in the order of the list
	// of dialogs. Where it takes one, the dialog runs beside what is open, as a button's does, and the open question is
	// asked again after it. It is for what a person may say at every step, so it must be sure. Nil: nothing.
	Interrupts func(u Update, who Who) (Answers, bool)
	// May says who may open it; checked again at every press (C7). Nil: everybody.
	May func(who Who) bool
	// Light means that nothing is lost by leaving it: opening another does not ask.
	Light bool
	// Script is the conversation. It is run again from the top at every turn: see Talk.
	Script func(t *Talk) error
}

// Answers are answers by question name, given in advance.
type Answers map[string]string

// Guard runs before any dialog on every update, needs no conversation state, and works with the state store away.
type Guard interface {
	// Name is stored with the effect, so it is stable.
	Name() string
	// Sees says whether the guard takes this update. It is pure and quick; it knows who only as far as records know.
	Sees(u Update, who Who) bool
	// Act answers. It runs in one transaction, once, whatever crashes: the context carries the transaction.
	Act(ctx context.Context, u Update, who Who) (Verdict, error)
}

// Verdict is a guard's answer.
type Verdict struct {
	// Reply is what the person gets, now.
	Reply []Message `json:"reply,omitempty"`
	// Class is the class of the reply; empty is ClassReply.
	Class Class `json:"class,omitempty"`
	// Close closes whatever dialog is open.
	Close bool `json:"close,omitempty"`
	// Forget erases where the conversation stands, after what the guard did has committed and before the turn is finished:
	// for somebody who had their data deleted. Close it as well.
	Forget bool `json:"forget,omitempty"`
	// Pass lets the update go on to the dialogs after all; Reply is then not sent.
	Pass bool `json:"pass,omitempty"`
}

// Rescuer is a guard that has something to say even when nothing can be stored: the fixed urgent-help card, without
// the line that says that somebody was told. The engine sends it straight to the channel (requirement K4).
type Rescuer interface {
	Rescue(u Update) []Message
}

// Raiser is a Rescuer that can tell a human past every store, by another network for instance. It is asked at every
// delivery that could not be committed, after the card was sent; it counts repetitions itself.
type Raiser interface {
	Raise(ctx context.Context, u Update)
}

// Scanner finds danger in what somebody wrote. It must be pure, quick, and work on any bytes.
type Scanner interface {
	// Scan returns the kind of danger, or "" when there is none.
	Scan(text string) string
}

// OpenedBy reports whether typed words open the dialog: they are one of its opening words, or begin with one.
func (d *Dialog) OpenedBy(words Words, lang, text string) bool {
	_, _, ok := d.opening(words, lang, text)
	return ok
}

// opening matches typed words against a dialog's opening words.
func (d *Dialog) opening(words Words, lang, text string) (rest string, exact, ok bool) {
	if d.Opens == "" {
		return "", false, false
	}
	text = strings.TrimSpace(text)
	for _, w := range strings.Split(words.Line(lang, d.Opens), "|") {
		w = strings.TrimSpace(w)
		if w == "" {
			continue
		}
		typed := text
		if !strings.HasPrefix(w, "/") {
			typed = strings.TrimPrefix(text, "/")
		}
		if strings.EqualFold(strings.Trim(typed, " .!?"), w) {
			return "", true, true
		}
		// By bytes of what was typed: in lower case some letters are longer.
		if len(typed) <= len(w) || !strings.EqualFold(typed[:len(w)], w) {
			continue
		}
		if behind := typed[len(w):]; strings.HasPrefix(behind, " ") || strings.HasPrefix(behind, ": ") {
			return strings.TrimSpace(strings.TrimPrefix(behind, ":")), false, true
		}
	}
	return "", false, false
}

// checkDialogs finds mistakes in a list of dialogs: they are programming errors, told at start.
func checkDialogs(dialogs []Dialog) error {
	seen := map[string]bool{}
	for _, d := range dialogs {
		switch {
		case d.Name == "" || len(d.Name) > 10 || strings.Contains(d.Name, "~"):
			return fmt.Errorf("dialog %q: a name has 1 to 10 letters and no '~'", d.Name)
		case seen[d.Name]:
			return fmt.Errorf("dialog %q: the name is used twice", d.Name)
		case d.Script == nil:
			return fmt.Errorf("dialog %q: no script", d.Name)
		}
		seen[d.Name] = true
	}
	return nil
}
