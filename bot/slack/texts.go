package slack

// Texts are the few words that the channel says by itself. Everything else is the engine's.
type Texts struct {
	// Notice is what a notification shows of a private message: a lock screen is no place for its words.
	Notice string
	// Open is the label of the button that opens a form.
	Open string
	// Chosen stands before the label of the button that was pressed, where the buttons were.
	Chosen string
	// Map is the label of the button that opens a map.
	Map string
	// Pick stands in an empty list to pick from.
	Pick string
	// Yes is the label of a box to tick.
	Yes string
	// Cancel is the label of the button that closes a form.
	Cancel string
	// Again is said when what was typed or pressed could not be stored.
	Again string
	// MovedOn is said when the form of a button is no longer the question.
	MovedOn string
	// Missing, Long, Number, Pattern and Option are what is wrong with a field; a field's own words go before Pattern.
	// Long has %d for the most characters.
	Missing, Long, Number, Pattern, Option string
	// Erase says how somebody deletes a message of their own: the app cannot, without acting in their name.
	Erase string
	// HomeEmpty is the home tab where nothing else is to be shown.
	HomeEmpty string
	// Installed and NotInstalled are the pages after somebody installed the app, or could not.
	Installed, NotInstalled string
	// OneWorkspace is the page after somebody installed the app for a whole organisation of Slack's (Enterprise Grid).
	OneWorkspace string
}

// DefaultTexts are the texts in British English.
func DefaultTexts() Texts {
	return Texts{
		Notice: "You have a message in Handrail.", Open: "Open the form", Chosen: "You chose:", Map: "Map", Pick: "Choose one",
		Yes: "Yes", Cancel: "Not now", Again: "Sorry, that did not reach me. Please try again in a moment.",
		MovedOn: "That form has moved on. Please ask again.",
		Missing: "Please fill this in.", Long: "Please keep this under %d characters.", Number: "Please give a whole number.",
		Pattern: "That does not look right. Please check it.", Option: "Please choose one of the list.",
		Erase:        "Your own message still shows it. To delete that, point at it, press the three dots, then Delete message.",
		HomeEmpty:    "Type what a patient would like, for instance: something gentle near LS9 on a weekday morning.",
		Installed:    "Handrail is installed. You can close this page and write to Handrail in Slack.",
		NotInstalled: "Handrail was not installed. Ask whoever runs it for a new link.",
		OneWorkspace: "Handrail was not set up: Slack was asked to install it for your whole organisation, and it belongs in one practice's workspace. " +
			"Ask the organisation's Slack administrator to remove it, then open the link again and choose the practice's workspace.",
	}
}
