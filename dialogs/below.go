package dialogs

import "handrail/bot"

// Below is what stands last under everything that is said with buttons to a patient: the way to urgent help, always one tap
// away (K15). It says what the same button says everywhere, in words that may stand on any phone.
func Below(d Deps) func(who bot.Who) []bot.Option {
	k := &kit{Deps: d}
	return func(who bot.Who) []bot.Option {
		if who.Kind != bot.WhoPatient {
			return nil
		}
		return []bot.Option{k.urgentTo(who.Language)}
	}
}

// urgentTo is the button in a patient's own language, for what is said to them unasked.
func (k *kit) urgentTo(language string) bot.Option {
	return withStyle(press(k.in(language).line("help.urgent"), "urgent", "me", "help"), "urgent")
}
