package urgent

// CardsVersion names the wording of every card below. It goes into the record of what was shown, and changes with any
// change of a card. The texts are fixed and approved; no model ever writes or shortens one (K5).
const CardsVersion = "cards/1"

// Nation is whose numbers a card gives: they differ between the four.
type Nation string

// The nations.
const (
	England         Nation = "england"
	Wales           Nation = "wales"
	Scotland        Nation = "scotland"
	NorthernIreland Nation = "northern_ireland"
)

// Numbers that are the same everywhere, each checked against published pages of the service or the NHS. A number that
// was not checked is absent rather than printed: the National Domestic Abuse Helpline, "press 55", the Men's Advice
// Line and Hourglass (checked by nobody yet), the hub behind 111 in Scotland, and Lifeline in Northern Ireland.
const (
	nineNineNine = "Life in danger, or you've hurt yourself or taken something: call 999 or go to A&E."
	samaritans   = "Samaritans, free, day or night: 116 123. Rather text? Text SHOUT to 85258."
	papyrus      = "Under 35: PAPYRUS 0800 068 4141."
	toldTeam     = "I'm passing this to your practice team. They can't always see it straight away, so please don't wait for them."
	untoldTeam   = "I can't promise that anyone here sees this straight away, so please don't wait for us."
	misread      = "If I've misread this, that's fine - tell me, and I'll carry on."
)

// mentalHealthLine is the NHS line of a nation; empty where no number for it was checked. Option 2 of 111 is England's
// and Wales's.
func mentalHealthLine(n Nation) string {
	switch n {
	case England, Wales:
		return "Urgent mental health help, day or night: call NHS 111 and choose the mental health option (option 2)."
	case Scotland, NorthernIreland:
		return ""
	}
	return ""
}

// Card is the fixed text for a kind, as paragraphs, and whether there is one: false for a kind or a nation that is not
// known. It is under 700 characters, and its first line is neutral, since it shows on a lock screen (except a medical
// emergency, where nothing stands before 999). told says that the alert is committed to the outbox: only then does the
// card say that the practice is told (K7).
func Card(kind Kind, nation Nation, told bool) ([]string, bool) {
	switch nation {
	case England, Wales, Scotland, NorthernIreland:
	default:
		return nil, false
	}
	team := untoldTeam
	if told {
		team = toldTeam
	}
	var card []string
	switch kind {
	case General:
		card = []string{
			"Thank you for telling me. I'm an automated service, so please talk to a person now.",
			nineNineNine, mentalHealthLine(nation), samaritans, papyrus, team + " " + misread,
		}
	case OtherPerson:
		card = []string{
			"Thank you for telling me. I'm an automated service, so please talk to a person now.",
			"If they may be in danger now, call 999.",
			adviceLine(nation), team + " " + misread,
		}
	case Medical:
		card = []string{
			"Call 999 now, or ask somebody near you to call.",
			"I'm an automated service and can't call for you. If you can't speak, stay on the line and follow what you hear.",
			team + " " + misread,
		}
	case Abuse:
		// Nothing here says what it is about: somebody else may be reading (K12).
		card = []string{
			"Thanks for your message. Is it safe to chat here? Reply SAFE or LATER.",
			"In danger now: call 999. You can delete this chat.",
			team + " " + misread,
		}
	default:
		return nil, false
	}
	return filled(card), true
}

// adviceLine is for somebody who worries about another person.
func adviceLine(n Nation) string {
	if mentalHealthLine(n) == "" {
		return "You can ring Samaritans, free, day or night, for advice about them: 116 123."
	}
	return "You can ring NHS 111 (option 2) or Samaritans 116 123 for advice about them."
}

// Short is the card for a repetition within 30 minutes of the full one (K10), with the same rules; false as for Card.
func Short(kind Kind, nation Nation) ([]string, bool) {
	if _, ok := Card(kind, nation, false); !ok {
		return nil, false
	}
	switch kind {
	case Medical:
		return []string{"Call 999 now, or ask somebody near you to call."}, true
	case Abuse:
		return []string{"I've read this too. In danger now: call 999. You can delete this chat."}, true
	case OtherPerson:
		return []string{"I've read this too. If they may be in danger now, call 999. Samaritans: 116 123."}, true
	default:
		return []string{"I've read this too. Please talk to a person now: 999 if life is in danger, Samaritans 116 123, or text SHOUT to 85258."}, true
	}
}

// Safe follows an abuse card when the person answered SAFE. It names only what was checked.
func Safe(nation Nation) ([]string, bool) {
	if _, ok := Card(Abuse, nation, false); !ok {
		return nil, false
	}
	return []string{
		"Thank you. If you're in danger at any time, call 999.",
		"Samaritans will listen, free, day or night: 116 123. Rather text? Text SHOUT to 85258.",
	}, true
}

// StaffLine is the quiet line for staff who write about a patient in danger: their practice's urgent route, and no
// card. route is the practice's own sentence and may be empty.
func StaffLine(route string) []string {
	line := "If this is urgent: your practice's usual route, or 999 if life is in danger. I haven't told anyone."
	return filled([]string{route, line})
}

// filled leaves out what a nation has not.
func filled(paragraphs []string) []string {
	out := paragraphs[:0]
	for _, p := range paragraphs {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}
