package web

import (
	"strconv"
	"strings"

	"handrail/bot"
)

// problemWords are the sentences under a field that cannot be taken. The page gets them too, so that both checks speak
// alike. {min}, {max} and {chars} stand for the field's own limits.
func problemWords() map[bot.Problem]string {
	return map[bot.Problem]string{
		bot.ProblemMissing: "Please fill this in.",
		bot.ProblemLong:    "Please use {chars} characters or fewer.",
		bot.ProblemNumber:  "Please write a whole number, such as 3.",
		bot.ProblemRange:   "Please write a number from {min} to {max}.",
		bot.ProblemPattern: "Please check this answer.",
		bot.ProblemOption:  "Please pick one of the answers.",
	}
}

// problemSentence says what is wrong with a field's value. A field's own sentence goes first where it has one.
func problemSentence(f bot.Field, p bot.Problem) string {
	if f.Wrong != "" && (p == bot.ProblemPattern || p == bot.ProblemRange) {
		return f.Wrong
	}
	if f.Kind == bot.FieldTick {
		return tickWords
	}
	return strings.NewReplacer(
		"{min}", strconv.Itoa(f.Min), "{max}", strconv.Itoa(f.Max), "{chars}", strconv.Itoa(f.MaxChars),
	).Replace(problemWords()[p])
}

// tickWords is the sentence for a box that must be ticked.
const tickWords = "Please tick this box to go on."

// pageWords are the sentences by the name that the page knows them by.
func pageWords() map[string]string {
	out := map[string]string{"tick": tickWords}
	for p, s := range problemWords() {
		out[string(p)] = s
	}
	return out
}
