package meaning

// language reads the language a group should be in: said as spoken, not as a people or as something to learn.
func (r *reader) language() {
	for i, t := range r.tokens {
		name, ok := r.v.languages[t.low]
		if !ok || t.low == "welsh" && r.word(i+1) != "speaking" && r.word(i+1) != "speaker" && r.word(i-1) != "speaks" && r.word(i-1) != "in" && r.word(i-1) != "language" {
			continue
		}
		before, next := r.word(i-1), r.word(i+1)
		if r.denied(i) || next == "no" { // "Cantonese? No, Mandarin"
			continue
		}
		if r.learning(i) {
			switch next {
			case "class", "classes", "lesson", "lessons", "course", "conversation", "learner", "learners":
				r.lessons = true
			}
			for at := i - 1; at >= 0 && at >= i-3; at-- {
				switch r.tokens[at].low {
				case "learn", "learning", "improve", "practise", "practice", "study", "studying", "brush", "conversation", "conversational":
					r.lessons = true
				}
			}
			continue
		}
		spoken := false
		switch next {
		case "speaking", "speaker", "speakers", "spoken", "only", "language", "interpreter", "speak", "speaks", "pref", "preferred", "translator", "essential":
			spoken = true
		}
		switch before {
		case "speaks", "speak", "speaking", "in", "prefers", "talks", "language", "spoken":
			spoken = true
		case "or", "and", "mainly", "only", "mostly", "just", "fluent", "some":
			spoken = spoken || r.word(i-2) == "speaks" || r.word(i-2) == "speaking" || r.word(i-2) == "speak" || before == "only"
		}
		spoken = spoken || r.noEnglish(i)
		if t.low == "bsl" || (!r.v.peoples[t.low] && t.low != "chinese") {
			spoken = true // nobody is a Pashto or an Urdu: it can only be what they speak
		}
		if spoken {
			r.u.Language = name
			return
		}
	}
	for i := 0; i+1 < len(r.tokens); i++ {
		if r.tokens[i].low == "sign" && r.tokens[i+1].low == "language" && !r.learning(i) {
			r.u.Language = "british sign language"
		}
	}
}

// noEnglish reports whether just before a language at i it says that there is no English: "speaks no English, Romanian".
func (r *reader) noEnglish(i int) bool {
	return r.word(i-1) == "english" && (r.word(i-2) == "no" || r.word(i-2) == "little" || r.word(i-2) == "limited" || r.word(i-2) == "poor" || r.word(i-2) == "much" || r.word(i-2) == "speak")
}

// learning reports whether a language at i is to be learned.
func (r *reader) learning(i int) bool {
	for at := i - 1; at >= 0 && at >= i-3; at-- {
		switch r.tokens[at].low {
		case "learn", "learns", "learning", "improve", "practise", "practice", "study", "studying", "brush", "teach", "conversational", "conversation":
			return true
		}
	}
	switch r.word(i + 1) {
	case "class", "classes", "lesson", "lessons", "course", "courses", "conversation", "food", "lady", "man", "gent", "cooking", "night", "learner", "learners", "ex", "film", "films":
		return true
	}
	if r.word(i-1) == "in" {
		switch r.word(i - 2) {
		case "class", "classes", "lesson", "lessons", "course", "courses", "gcse", "conversation":
			return true
		}
	}
	return false
}
