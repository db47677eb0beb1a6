package onetap

import "handrail"

// words are what the page says besides the listing's own names.
type words struct {
	Still, Who, Whom                                   string
	Yes, Pause, Changed, Closed                        string
	YesMeans, PauseMeans, ChangedMeans, ClosedMeans    string
	ChangedLabel, ChangedHint, ChangedSend, ClosedSend string
	NeedWords, LongWords                               string
	Thanks, Told, Once, Correct                        string
	GoneTitle, Gone, AwayTitle, Away, OftenTitle       string
	Often, BadTitle, Bad, Problem                      string
}

func english() words {
	return words{
		Still:        "Is %s still on?",
		Who:          "%s asks, so that nobody is sent to a group that has moved or stopped.",
		Whom:         "Your local surgery",
		Yes:          "Yes, it is still on",
		YesMeans:     "Nothing has changed and new people are welcome.",
		Pause:        "Yes, but no new people for now",
		PauseMeans:   "Those who come already may go on coming. We stop sending others.",
		Changed:      "Something has changed",
		ChangedMeans: "The day, the time, the place, the price, or anything else.",
		ChangedLabel: "What has changed?",
		ChangedHint:  "At most 500 letters. Please name nobody who comes to the group.",
		ChangedSend:  "Send the change",
		Closed:       "It has closed",
		ClosedMeans:  "We take the group off our list and tell everybody who was going to come.",
		ClosedSend:   "Yes, it has closed",
		NeedWords:    "Please write what has changed, then send it.",
		LongWords:    "That is too long. Please use at most 500 letters.",
		Thanks:       "Thank you",
		Told:         "We have your answer: %s.",
		Once:         "This was answered before, so nothing was changed just now. We have this answer: %s.",
		Correct:      "If that is not right, please tell the surgery, or wait for our next question.",
		GoneTitle:    "This link does not work",
		Gone:         "It may be too old, or a part of it may be missing. If we need your answer, we will send you a new one.",
		AwayTitle:    "Please try again",
		Away:         "We could not do that just now. Nothing was changed. Please try again in a few minutes.",
		OftenTitle:   "Please wait a little",
		Often:        "There were too many tries. Please try again in a minute.",
		BadTitle:     "That did not work",
		Bad:          "Your browser sent something that we cannot read. Please go back and try again.",
		Problem:      "There is a problem",
	}
}

// answer is an answer as it is told back.
func (w words) answer(a handrail.AskAnswer) string {
	switch a {
	case handrail.AskYes:
		return "it is still on"
	case handrail.AskPaused:
		return "it is still on, with no new people for now"
	case handrail.AskChanged:
		return "something has changed"
	case handrail.AskClosed:
		return "it has closed"
	}
	return ""
}
