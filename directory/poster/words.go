package poster

// words are what the pages say besides the listings' own names.
type words struct {
	Title, ScreenTitle             string
	Week, Day                      string // headings of the span of days
	ScanHead, Scan, Visit          string
	QRLabel                        string
	Checked, First, Others, Other  string
	NothingPoster, NothingScreen   string
	Today, Tomorrow                string
	Holiday, Term, Doubt           string // what may keep a meeting from taking place
	Women, Men, From, UpTo, FromTo string
	Shown, To                      string
}

func english() words {
	return words{
		Title:         "What's on near us this week",
		ScreenTitle:   "What's on near us",
		Week:          "%s to %s",
		ScanHead:      "Find what suits you",
		Scan:          "Scan this with your phone's camera, or ask at reception.",
		Visit:         "Or go to",
		QRLabel:       "A code to scan with a phone. It opens %s",
		Checked:       "Somebody checked every group here on or after %s.",
		First:         "Plans change: ring, or ask at reception, before your first visit.",
		Others:        "and %d other local groups: ask us",
		Other:         "and 1 other local group: ask us",
		NothingPoster: "Ask at reception what is on this week.",
		NothingScreen: "Ask at reception what is on.",
		Today:         "Today",
		Tomorrow:      "Tomorrow",
		Holiday:       "bank holiday: ask first",
		Term:          "school holidays: ask first",
		Doubt:         "ask first",
		Women:         "for women",
		Men:           "for men",
		From:          "age %d and over",
		UpTo:          "up to age %d",
		FromTo:        "age %d to %d",
		To:            "to %s",
		Shown:         "Last looked up at %s on %s.",
	}
}
