package directory

import (
	"strings"

	"handrail"
)

// homely reads from a listing whether somebody who cannot leave home can take part: online or by telephone, or because
// somebody visits. No feed has a field for it, so it is read from words, and cautiously: "book online" and "ring us" say
// nothing of how people meet, and somebody who cannot go out is better told of one group too few.
func homely(a *handrail.Activity) (remote, visits bool) {
	for _, text := range append([]string{a.Name}, a.Topics...) {
		for r := (reader{text: text}); r.next(); {
			switch string(r.word) {
			case "online", "zoom", "virtual", "telephone", "helpline", "phoneline":
				remote = true
			}
		}
	}
	if !mayBeHomely(a.Name) && !mayBeHomely(a.Description) {
		return remote, false
	}
	text := strings.ToLower(a.Description)
	remote = remote || saysAny(text, "meet online", "meets online", "held online", "run online", "online group", "online session", "online class",
		"on zoom", "via zoom", "over zoom", "by zoom", "video call", "telephone befriending", "phone befriending", "befriending call",
		"friendship call", "telephone friendship", "chat on the phone", "chat over the phone", "weekly phone call", "weekly telephone call",
		"regular phone call", "regular telephone call")
	visits = saysAny(strings.ToLower(a.Name)+" "+text, "home visit", "visit you at home", "visits you at home", "in your own home", "in their own home",
		"come to your home", "comes to your home", "home befriending", "visit people at home", "visits people at home")
	return remote, visits
}

// mayBeHomely is a quick look for the words without which none of the phrases can be there: most listings have none.
func mayBeHomely(text string) bool {
	for _, w := range [...]string{"home", "Home", "zoom", "Zoom", "line", "hone", "call"} {
		if strings.Contains(text, w) {
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
