package bottest

import (
	"maps"
	"strings"

	"handrail/bot"
)

// Words is a small bot.Words: every key that the engine itself uses, in English, and those a test adds. A key that is
// not there is its own words, so that a test's dialog can simply write its sentences as keys.
type Words struct{ lines map[string]string }

var _ bot.Words = (*Words)(nil)

// NewWords makes Words with the engine's own and more.
func NewWords(more map[string]string) *Words {
	lines := map[string]string{
		"bot.broken":         "Something went wrong here. Please say it again.",
		"bot.lost":           "I have lost my place in what we were doing. Please start again.",
		"bot.moved_on":       "That has moved on.",
		"bot.not_understood": "I did not understand that.",
		"bot.welcome_back":   "Welcome back. We were in the middle of something:",
		"bot.leave":          "Leave {open} and start {next}?",
		"bot.leave.yes":      "Yes, leave it",
		"bot.leave.no":       "No, carry on",
		"bot.yes":            "Yes",
		"bot.no":             "No",
		"bot.skip":           "Skip",
		"bot.change":         "Which answer would you like to change?",
		"bot.back.nothing":   "There is nothing to go back to.",
		"bot.back.start":     "This is where it begins.",
		"bot.back.done":      "That is done. {undo}",
		"bot.back.undo":      "Ask the surgery to undo it.",
		"bot.cancelled":      "Left.",
		"bot.cancel.nothing": "Nothing is open.",
		"bot.words.back":     "back|go back",
		"bot.words.change":   "change|change my answer",
		"bot.words.cancel":   "cancel|leave this",
		"bot.words.yes":      "yes|y|yes please|ok|👍",
		"bot.words.no":       "no|n|no thanks|👎",
		"bot.where.shared":   "where you are",
		"bot.wrong.words":    "Please write it in words.",
		"bot.wrong.place":    "Please write a postcode or a place.",
		"bot.wrong.form":     "Please use the form.",
		"bot.wrong.option":   "Please pick one of these.",
		"bot.wrong.value":    "That does not fit here.",
		"bot.form.wrong":     "Please look at this again:",
		"bot.form.missing":   "this is needed",
		"bot.form.long":      "at most {max} characters",
		"bot.form.number":    "a whole number, please",
		"bot.form.range":     "out of range",
		"bot.form.pattern":   "not in the right form",
		"bot.form.option":    "one of the options, please",
	}
	maps.Copy(lines, more)
	return &Words{lines: lines}
}

// Text returns the words under key as paragraphs, apart by an empty line.
func (w *Words) Text(lang, key string, args ...string) bot.Text {
	line, ok := w.lines[key]
	if !ok {
		line = key
	}
	var t bot.Text
	for p := range strings.SplitSeq(line, "\n\n") {
		t = append(t, bot.Para(fill(p, args))...)
	}
	return t
}

// Line returns the words under key as one line.
func (w *Words) Line(lang, key string, args ...string) string {
	line, ok := w.lines[key]
	if !ok {
		line = key
	}
	return fill(line, args)
}

func fill(s string, args []string) string {
	for i := 0; i+1 < len(args); i += 2 {
		s = strings.ReplaceAll(s, "{"+args[i]+"}", args[i+1])
	}
	return s
}
