package meaning

import "strings"

// Answer is what somebody says to a question that asks for yes or no.
type Answer int

// The answers. Of these only Yes and No, and only when they are sure, may be acted on.
const (
	Neither Answer = iota // it does not answer
	Yes
	No
	Mixed // it answers both ways, or not quite: "maybe", "yes but not Tuesday"
)

// YesNo reads the answer to a question that was asked just now. sure is false where the words answer and take back or
// bind the answer to something ("yes but not Tuesday", "maybe", "yes if it is free"): then ask again with buttons (B17).
// A thumb is an answer here and nowhere else. It must be called only where such a question is open: "no" is a word of
// everyday.
func YesNo(text string) (answer Answer, sure bool) {
	text = hush(text)
	if len(text) > 400 {
		return Neither, false // nobody answers at such length; whatever it is, it is more than a yes
	}
	low := strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	low = strings.NewReplacer("👍", " yes ", "✅", " yes ", "👌", " yes ", "✔", " yes ",
		"👎", " no ", "❌", " no ", "🙅", " no ", "n't", "nt", "'", "").Replace(low)
	words := strings.FieldsFunc(low, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	line := " " + strings.Join(words, " ") + " "
	take := func(phrases ...string) (n int) {
		for _, p := range phrases {
			for strings.Contains(line, " "+p+" ") {
				line = strings.Replace(line, " "+p+" ", " . ", 1)
				n++
			}
		}
		return n
	}
	question := strings.Contains(text, "?")
	// What is said both ways, and what binds.
	unsure := take("yes and no", "yes no", "not sure", "unsure", "maybe", "perhaps", "possibly", "might", "dont know", "dunno", "dont mind", "not really sure", "depends",
		"i think so", "think so", "suppose so", "i suppose", "i guess", "let me think", "ill think", "think about it", "ask me later", "later", "not yet", "hopefully", "probably",
		"will try", "ill try", "if", "unless", "except", "only", "but", "although", "though", "however", "instead", "change my mind", "changed my mind", "in two minds", "hmm", "umm", "um", "er", "idk")
	yes := take("no worries", "no problem", "no probs", "no prob", "not a problem", "no bother", "why not", "dont mind if i do", "wouldnt say no", "cant wait", "no objection", "no objections")
	no := take("no thank you", "no thanks", "no ta", "no way", "no chance", "not for me", "not interested", "not this time", "not today", "not now", "not really", "not going", "not keen", "not coming", "cant make it", "cant come", "cant go",
		"cant do", "wont be", "wont make it", "dont want", "do not want", "dont think so", "dont fancy", "id rather not", "rather not", "please dont", "dont", "do not", "cannot", "never mind", "certainly not", "definitely not", "absolutely not", "of course not",
		"ill pass", "give it a miss", "count me out", "leave it", "forget it", "cancel", "stop")
	weak := yes > 0 // "no worries" alone may be polite
	firm := take("yes please", "yes", "yeah", "yea", "yep", "yup", "yess", "yesss", "ya", "aye", "ay", "sure", "ok", "okay", "okey dokey", "okie dokie", "k", "kk", "fine", "please do", "go on then", "go on", "go ahead", "of course", "certainly", "definitely", "absolutely",
		"ill be there", "ill come", "ill go", "i will", "i would", "id love to", "love to", "would love to", "id like that", "id like to", "i do", "i am", "count me in", "sounds good", "sounds great", "sounds lovely", "good idea", "thats right", "right", "correct",
		"true", "exactly", "indeed", "happy to", "great", "lovely", "perfect", "brilliant", "please", "y", "yh", "ye", "ja", "defo", "deffo", "alright", "all right", "agreed", "i agree", "it is", "she is", "he is", "they are", "that works", "works for me", "can do", "will do")
	no += take("no", "nope", "nah", "naw", "nay", "noo", "nooo", "n", "never", "none", "neither", "not", "negative", "nae", "wrong", "incorrect")
	// "yes thats not a problem" was taken above; a day or a time in an answer binds it.
	bound := 0
	for _, w := range strings.Fields(line) {
		if _, day := dayOf(w); day || w == "tomorrow" || w == "week" || w == "next" || w == "after" || w == "before" || w == "until" || w[0] >= '0' && w[0] <= '9' {
			bound++
		}
	}
	yes += firm
	switch {
	case yes > 0 && no > 0:
		return Mixed, false
	case yes > 0:
		return Yes, unsure+bound == 0 && !question && (firm > 0 || weak && len(words) <= 4)
	case no > 0:
		return No, unsure+bound == 0 && !question
	}
	if unsure > 0 {
		return Mixed, false
	}
	return Neither, false
}
