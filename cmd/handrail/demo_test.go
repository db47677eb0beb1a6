package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"handrail/internal/browser"
)

var rewritePicture = flag.Bool("picture", false, "rewrite docs/demo.png from the whole path in the browser")

// storyBegins is a Monday, so that the story has the same dates whenever it is played.
const storyBegins = "2026-11-02T09:00:00Z"

// TestDemo_WholePath plays the whole path in a real browser against the very same main: the GP asks and refers, Frank
// joins and chooses, Maya and Joan see to the company, the clock moves, Frank goes and says how it was, the GP hears.
// Then what a visitor does next: reload, restart, save, danger, start again.
func TestDemo_WholePath(t *testing.T) {
	browser.Needed(t)
	dir := t.TempDir()
	p := start(t, nil, "demo", "--addr", "127.0.0.1:0", "--data", dir, "--now", storyBegins)
	b := openTab(t, p.address)
	b.shot("01-start")
	b.phoneShot(gp, "01-start-phone", "")

	// The GP asks in their own words, opens one, and refers.
	b.says(gp, "what's on near LU1 2AB for a widower who likes gardening, free, Tuesday mornings")
	b.hears(gp, "I read that as:", "gardening", "Tuesday mornings", "free")
	b.hears(gp, "5. ", "Why this one:", "It has closed")
	number, group := b.meetsOn("Tuesdays")
	b.shot("02-found")
	b.phoneShot(gp, "02-found-phone", "I read that as")
	b.says(gp, number)
	b.hears(gp, group, "What next?")
	if n := browser.Eval[int](b.Tab, `document.querySelectorAll('#chat-0 .place').length`); n == 0 {
		t.Error("the card of the group has no map pin")
	}
	b.shot("03-card")
	b.presses(gp, "Refer a patient to this")
	b.hears(gp, "Refer a patient", "Send to the link worker")
	b.phoneShot(gp, "04-form-phone", "It takes about 30 seconds")
	b.fills(gp, "First name", "Frank")
	b.fills(gp, "Surname", "Reed")
	b.fills(gp, "Year of birth", "1951")
	if got := browser.Eval[string](b.Tab, `[...document.querySelectorAll('#chat-0 input, dialog input')].map(i => i.value).join('|')`); !strings.Contains(got, "LU1 2AB") {
		t.Errorf("the postcode of the question is not in the form: %q", got)
	}
	b.fills(gp, "What is it mostly about?", "Somebody died")
	b.fills(gp, "Anything the link worker should know", "Lost his wife in June. Loves his garden.")
	b.fills(gp, "They said yes to being contacted", " ")
	b.shot("04-form")
	b.acts()
	b.Do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.hears(gp, "Sent. The reference is", "Maya Brook")
	b.hears(gp, "Give Frank this link")
	b.hears(linkWorker, "New referral: F.R.", "Dr Asha Rao", "Lost his wife in June", group)
	b.shot("05-referred")

	// The invitation, pressed in the GP's chat, opens in Frank's.
	b.acts()
	b.clicks(newest(gp, "Invitation for Frank"))
	b.hears(patient, "what year were you born?")
	b.phoneShot(patient, "06-hello-phone", "")
	b.says(patient, "1951")
	b.hears(patient, "Thank you, Frank.", "computer helper, not a person", "999")
	b.hears(patient, "May I send you messages here?")
	b.phoneShot(patient, "07-permission-phone", "")
	b.presses(patient, "Yes")
	b.hears(patient, "May I tell the person who suggested this")
	b.presses(patient, "Yes")
	b.hears(patient, "What matters to you?")
	b.says(patient, "I miss my garden. I would like some company.")
	b.hears(patient, "Does one of these sound good?", "Dr Asha Rao thought of the first one", group)
	b.shot("08-choices")
	b.phoneShot(patient, "08-choices-phone", "Here are some things")
	b.presses(patient, group)
	b.hears(patient, "Would you like to try it?", "Getting in:")
	b.phoneShot(patient, "09-card-phone", "Here is more about it")
	b.presses(patient, "Where is it?")
	b.hears(patient, "Here is the place on a map.", "Open in OpenStreetMap")
	b.phoneShot(patient, "10-map-phone", "Here is the place")
	b.presses(patient, "Yes, I'd like to try")
	b.hears(patient, "Which day suits you?")
	days := b.options(patient)
	if len(days) < 2 || !strings.HasPrefix(days[1], "Tuesday ") {
		b.Fatalf("the days to pick from are %q", days)
	}
	day := days[1] // "Tuesday 10 November at 10am"
	_, hour, _ := strings.Cut(day, " at ")
	b.presses(patient, day)
	b.hears(patient, "Would you like somebody to come with you?")
	b.phoneShot(patient, "11-company-phone", "")
	b.presses(patient, "Yes please")
	b.hears(patient, "May I tell a volunteer your first name")
	b.presses(patient, "Yes")
	b.hears(patient, "All set for "+day)
	b.hears(patient, "I've asked Maya Brook")
	b.hears(linkWorker, "would like company")
	b.shot("12-all-set")

	// Maya accepts and asks Joan; Joan says yes; Frank hears who it is.
	b.presses(linkWorker, "Accept")
	b.hears(linkWorker, "is yours now")
	b.presses(linkWorker, "Match a buddy")
	b.hears(linkWorker, "Who shall I ask?")
	b.phoneShot(linkWorker, "13-match-phone", "")
	b.presses(linkWorker, b.option(linkWorker, "Joan"))
	b.hears(buddy, "Could you go along with Frank on "+day)
	b.phoneShot(buddy, "14-asked-phone", "")
	b.presses(buddy, "Yes, I can")
	b.hears(buddy, "Thank you.")
	b.hears(linkWorker, "Joan agreed")
	b.hears(patient, "Good news for "+day, "Joan will come with you", "green scarf")
	b.shot("15-agreed")
	b.phoneShot(patient, "15-agreed-phone", "Good news")

	// The day before, the day, and after.
	b.until(patient, "you have something on tomorrow (Tue) at "+hour, group, "Joan will meet you there", "Are you going?")
	if !strings.HasPrefix(b.clock(), "Monday 9 November 2026") {
		t.Errorf("the reminder came on %s", b.clock())
	}
	b.shot("16-day-before")
	if *rewritePicture {
		b.Wait(`document.getElementById('next-what').textContent !== 'nothing planned yet'`)
		b.Keep("../../docs/demo.png")
	}
	b.phoneShot(patient, "16-day-before-phone", "")
	b.presses(patient, "Yes, I'm going")
	b.hears(patient, "Good. See how you feel on the day.", "Joan will meet you there.")
	b.moves("Tomorrow 8am")
	b.hears(patient, "today at "+hour, group, "Joan will be there for you")
	b.phoneShot(patient, "17-same-day-phone", "")
	b.until(patient, "Hi Frank, how was it today?")
	b.presses(patient, "Good")
	b.hears(patient, "I'm glad.", "The next one is")
	b.hears(patient, "Would you like to say a bit more?", "Only Maya Brook sees it")
	b.says(patient, "Lovely people. They let me prune the roses.")
	b.hears(patient, "Thank you.")
	b.phoneShot(patient, "18-how-phone", "how was it today")
	b.until(gp, "F.R.", "went to what they chose", "They said it was good.")
	b.says(gp, "my patients")
	b.hears(gp, "F.R.", "has been once")
	// With the longest date that the bar has to hold, on windows of any width.
	for width, most := range map[int64]int{1090: 90, 1280: 90, 1440: 75, 1920: 75} {
		b.Do(browser.Screen(width, 900))
		if high := browser.Eval[int](b.Tab, `document.querySelector('.bar').offsetHeight`); high > most {
			t.Errorf("the bar is %d high in a window %d wide, want %d", high, width, most)
		}
		b.shot(fmt.Sprintf("19-bar-%d", width))
	}
	b.Do(browser.Screen(1440, 900))
	b.shot("19-gp-hears")
	b.phoneShot(gp, "19-gp-hears-phone", "")
	if strings.Contains(browser.Eval[string](b.Tab, `document.querySelector('#chat-0 [role="log"]').innerText`), "prune the roses") {
		t.Error("the GP was told Frank's own words")
	}
	b.Quiet()

	// A reload shows the same.
	before, clock := b.all(), b.clock()
	b.Do(chromedp.Reload(), opened)
	if after := b.all(); after != before {
		t.Errorf("after a reload the page says\n%s\nbefore it said\n%s", after, before)
	}

	// So does the demo after a restart, in the tab that was left open, and the story goes on.
	p.stop()
	b.Wait(`!document.getElementById('notice').hidden`)
	b.shot("20-away")
	p = start(t, nil, "demo", "--addr", p.address, "--data", dir, "--now", storyBegins)
	b.Wait(`document.getElementById('notice').hidden`)
	b.Do(chromedp.Reload(), opened)
	if after := b.all(); after != before {
		t.Errorf("after a restart the page says\n%s\nbefore it said\n%s", after, before)
	}
	if !sameDay(b.clock(), clock) {
		t.Errorf("after a restart it is %s, before it was %s", b.clock(), clock)
	}
	b.says(patient, "what's next")
	b.hears(patient, "Here is what you have planned.")
	b.hears(patient, "Tuesday 17 November at "+hour, group)
	b.until(patient, "you have something on tomorrow (Tue)", "Are you going?")
	b.presses(patient, "Yes, I'm going")
	b.hears(patient, "Good.")
	b.Quiet("ERR_CONNECTION", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE")

	// A chat can be saved, and the file holds it.
	b.clicks(`document.querySelector('#chat-1 .save')`)
	saved := <-b.downloads
	raw, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"== Monday 2 November 2026, 09:", "PATIENT: 1951\n", "-> PATIENT: May I send you messages here?", "PATIENT: [" + group + "]\n",
		"(place: " + group, "PATIENT: Lovely people. They let me prune the roses.\n", "[Good] [It was OK] [Not for me] [I didn't go]", "visit of Frank to " + group + " on 2026-11-10T", ": came, said good"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s does not hold %q", filepath.Base(saved), want)
		}
	}
	if strings.Contains(string(raw), "my patients") {
		t.Error("the GP's chat is in the file of Frank's")
	}

	// Words of danger: the card at once for Frank, the alert for Maya, nothing for the GP or Joan.
	b.says(patient, "I don't want to be here any more, I want to kill myself")
	b.hears(patient, "999", "Samaritans", "116 123")
	b.hears(linkWorker, "Urgent: F.R.", "may need help now", "I'm dealing with this")
	b.shot("21-urgent")
	b.phoneShot(patient, "21-urgent-phone", "")
	b.phoneShot(linkWorker, "21-alert-phone", "")
	b.presses(linkWorker, "I'm dealing with this")
	b.hears(linkWorker, "Your name is on it now.")

	// Start again empties everything.
	b.clicks(`document.getElementById('again')`)
	b.Wait(`document.getElementById('sure').open`)
	b.shot("22-sure")
	b.clicks(`document.getElementById('sure-yes')`)
	b.Wait(`document.querySelectorAll('.msg').length === 0 && !document.getElementById('moves').hasAttribute('aria-busy')`)
	if got := b.clock(); !strings.HasPrefix(got, "Monday 2 November 2026, 9:0") {
		t.Errorf("started again, and it is %s", got)
	}
	b.says(gp, "my patients")
	b.hears(gp, "You have referred nobody")
	b.Quiet()
	p.stop()

	// Was anybody listening? The page may not fetch from elsewhere, and trying it is noticed.
	b.Wait(`fetch('http://127.0.0.2:9/').then(() => false, () => true)`)
	if got := b.Console(); len(got) == 0 {
		t.Error("a breach of the content security policy went unnoticed")
	}
}

func sameDay(a, b string) bool {
	cut := func(s string) string { day, _, _ := strings.Cut(s, ","); return day }
	return cut(a) == cut(b)
}

// meetsOn is the number and the name of the first group that was found and meets on this day of the week and no other: the
// ranking may change, the story goes on.
func (b *tab) meetsOn(day string) (number, name string) {
	b.t.Helper()
	said := browser.Eval[[]string](b.Tab, `[...document.querySelectorAll('#chat-0 .msg.theirs')].map(m => m.innerText)`)
	for _, card := range said {
		_, card, _ = strings.Cut(card, "Handrail:")
		number, rest, ok := strings.Cut(strings.TrimSpace(card), ". ")
		if name, rest, cut := strings.Cut(rest, "\n"); ok && cut && len(number) == 1 && strings.HasPrefix(strings.TrimSpace(rest), day+", ") && !strings.Contains(rest, ";") {
			return number, name
		}
	}
	b.Fatalf("no group that meets on %s in\n%s", day, strings.Join(said, "\n"))
	return "", ""
}
