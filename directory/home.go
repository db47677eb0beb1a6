package directory

import (
	"strings"

	"handrail"
)

// homely reads from a listing whether somebody who cannot leave home can take part: online or by telephone, or because
// somebody visits. No feed has a field for it, so it is read from words, and cautiously: "book online" and "ring us" say
// nothing of how people meet, and somebody who cannot go out is better told of one group too few.
func homely(a *handrail.Activity) (remote, visits bool) {
	remote = remoteName(a.Name)
	for _, t := range a.Topics {
		remote = remote || remoteName(t)
	}
	text := strings.ToLower(a.Description)
	// Each kind of phrase is only looked for where the word is that all of it share: most listings have none of the words.
	has := func(word string) bool { return strings.Contains(text, word) }
	remote = remote ||
		has("online") && saysAny(text, "meet online", "meets online", "held online", "run online", "online group", "online session", "online class") ||
		has("zoom") && saysAny(text, "on zoom", "via zoom", "over zoom", "by zoom") ||
		has("call") && saysAny(text, "video call", "befriending call", "friendship call", "weekly phone call", "weekly telephone call",
			"regular phone call", "regular telephone call") ||
		has("phone") && saysAny(text, "phone befriending", "telephone friendship", "chat on the phone", "chat over the phone")
	visits = saysAny(strings.ToLower(a.Name), "home visit", "home befriending") ||
		has("home") && saysAny(text, "home visit", "visit you at home", "visits you at home", "in your own home", "come to your home",
			"comes to your home", "home befriending", "visit people at home", "visits people at home")
	return remote, visits
}

// remoteName reports whether a name says that a group meets online or by telephone. "Online" alone says little: there are
// classes about being online, and a "virtual class" is one before a screen in a gym.
func remoteName(name string) bool {
	before, first := "", true
	for r := (reader{text: name}); r.next(); first = false {
		switch word := string(r.word); word {
		case "zoom", "telephone", "helpline":
			return true
		case "online":
			if !first {
				before = word
				continue
			}
			return !digital(r.text)
		case "group", "class", "club", "choir", "session", "sessions", "meeting", "meetings", "cafe", "café", "meetup":
			if before == "online" {
				return !digital(name)
			}
			before = word
		default:
			before = word
		}
	}
	return false
}

// digital reports whether a text is about computers: then "online" is what is taught.
func digital(text string) bool {
	for r := (reader{text: text}); r.next(); {
		switch string(r.word) {
		case "computer", "computers", "computing", "it", "digital", "internet", "skills", "basics", "safety", "safe", "shopping", "journals", "forms", "banking":
			return true
		}
	}
	return false
}

// saysAny reports whether a text has one of the phrases and does not deny it just before.
func saysAny(text string, phrases ...string) bool {
	for _, p := range phrases {
		for rest, at := text, 0; ; {
			i := strings.Index(rest, p)
			if i < 0 {
				break
			}
			at += i
			if !denied(text[:at]) {
				return true
			}
			at += len(p)
			rest = text[at:]
		}
	}
	return false
}

// denied reports whether a text ends in a "no" or "not", or has one among its last few words: "we do not do".
func denied(before string) bool {
	if i := strings.LastIndexAny(before, ".;!?\n"); i >= 0 {
		before = before[i:]
	}
	words := strings.Fields(before)
	for _, w := range words[max(0, len(words)-5):] {
		switch strings.Trim(w, ",:()") {
		case "no", "not", "don't", "don’t", "cannot", "can't", "can’t", "unable", "never", "without", "longer", "instead":
			return true
		}
	}
	return false
}
