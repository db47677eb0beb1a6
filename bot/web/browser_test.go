package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"handrail/bot"
	"handrail/internal/browser"
)

// door draws the picture that the scripted house sends.
func door() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 320, 140))
	for y := range 140 {
		for x := range 320 {
			c := color.RGBA{222, 205, 178, 255}
			switch {
			case y > 118:
				c = color.RGBA{150, 146, 138, 255}
			case x > 120 && x < 200 && y > 18:
				c = color.RGBA{46, 110, 82, 255}
			case (x/32+y/16)%2 == 0:
				c = color.RGBA{214, 194, 164, 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // into memory: cannot fail
	return b.Bytes()
}

// pageTab is a tab of a headless browser on a running page.
type pageTab struct {
	*browser.Tab
	t   *testing.T
	rig *rig
}

// serve puts a rig behind a real server and returns its address and how to take it down.
func serve(t *testing.T, r *rig, addr string) (string, func()) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	srv := r.ch.Server(l.Addr().String())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	return l.Addr().String(), sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func openBrowser(t *testing.T, width, height int64) *pageTab {
	t.Helper()
	browser.Needed(t)
	r := newRig(t, t.TempDir())
	address, down := serve(t, r, "127.0.0.1:0")
	t.Cleanup(down)
	b := &pageTab{Tab: browser.Open(t, browser.Options{Host: address, Width: width, Height: height}), t: t, rig: r}
	b.Do(chromedp.Navigate("http://"+address+"/"), opened)
	return b
}

// opened waits for the page to have its chats.
var opened = chromedp.WaitVisible(chromedp.CSS("#chats .chat:not([hidden])"))

// heard waits until a chat's live region has a text.
func (b *pageTab) heard(person, text string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf(`[...document.querySelectorAll('[role="log"][aria-live="polite"]')].some(l => l.getAttribute('aria-label').includes(%s) && l.textContent.includes(%s))`, browser.Quote(person), browser.Quote(text)))
}

// tabTo presses Tab until what has the focus is called so, as somebody without a mouse would.
func (b *pageTab) tabTo(name string) {
	b.t.Helper()
	var seen []string
	for range 90 {
		now := browser.Eval[string](b.Tab, `(() => { const a = document.activeElement; return a === document.body ? '' : a.getAttribute('aria-label') || (a.labels && a.labels[0]?.innerText) || a.innerText || '' })()`)
		if strings.Contains(now, name) {
			return
		}
		seen = append(seen, strings.ReplaceAll(now, "\n", " "))
		b.Do(chromedp.KeyEvent(kb.Tab))
	}
	b.Fatalf("Tab never came to %q; it came by:\n%s", name, strings.Join(seen, "\n"))
}

func (b *pageTab) press(name string) {
	b.t.Helper()
	b.tabTo(name)
	b.Do(chromedp.KeyEvent(kb.Enter))
}

func (b *pageTab) typeIn(name, text string) {
	b.t.Helper()
	b.tabTo(name)
	b.Do(chromedp.KeyEvent(text))
}

// fits checks that nothing is wider than the window.
func (b *pageTab) fits() {
	b.t.Helper()
	wide := browser.Eval[[]string](b.Tab, `[document.documentElement, ...document.querySelectorAll('.scroller, .bar, .tabs, .chat')].filter(e => e.offsetParent !== null || e === document.documentElement).filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.tagName + '.' + e.className + ' ' + e.scrollWidth + '>' + e.clientWidth)`)
	for _, w := range wide {
		b.t.Errorf("scrolls sideways: %s", w)
	}
}

// readable checks that all the text in view has the contrast that WCAG's level AA asks for: 4.5 to 1, or 3 to 1 when it
// is large.
func (b *pageTab) readable() {
	b.t.Helper()
	faint := browser.Eval[[]string](b.Tab, `(() => {
		const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
		const rgba = c => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
		const light = c => { const [r, g, b] = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
		const under = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return rgba('Canvas'); };
		const out = new Set();
		for (const e of document.querySelectorAll('body *')) {
			if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility() || e.closest('.unseen, noscript, .skip')) continue;
			const s = getComputedStyle(e), a = light(rgba(s.color)), z = light(under(e));
			const ratio = (Math.max(a, z) + .05) / (Math.min(a, z) + .05), size = parseFloat(s.fontSize);
			if (ratio < (size >= 24 || (size >= 18.66 && s.fontWeight >= 700) ? 3 : 4.5)) out.add(ratio.toFixed(2) + ' ' + e.tagName + '.' + e.className + ' ' + e.innerText.slice(0, 30));
		}
		return [...out] })()`)
	for _, f := range faint {
		b.t.Errorf("too faint: %s", f)
	}
}

// shot leaves a picture where HANDRAIL_SCREENSHOTS says.
func (b *pageTab) shot(name string) {
	b.t.Helper()
	b.Shot(strings.ReplaceAll(b.t.Name(), "/", "-") + "-" + name)
}

// tell plays the story by keyboard, the same at every width.
func tell(b *pageTab, tab func(name string)) {
	b.t.Helper()
	b.shot("1-start")
	tab("Asha Rao")
	b.typeIn("Message as Dr Asha Rao", "what's on near LU1 2AB\r")
	b.heard("Dr Asha Rao", "Growing Together")
	b.shot("2-found")
	b.press("Refer somebody")
	b.heard("Dr Asha Rao", "A few things about them")
	b.Wait(`document.querySelector('.form').offsetParent !== null`)
	b.press("Send the referral")
	b.Wait(`[...document.querySelectorAll('.error')].filter(e => !e.hidden).length === 4`)
	b.Wait(`document.activeElement.getAttribute('aria-invalid') === 'true'`)
	b.shot("3-form-problems")
	b.readable()
	b.typeIn("First name", "Frank <b>")
	b.typeIn("Year of birth", "1851")
	b.typeIn("What would help", "Company, and getting out.")
	b.tabTo("Yes")
	b.Do(chromedp.KeyEvent(" "))
	b.tabTo("They agree")
	b.Do(chromedp.KeyEvent(" "))
	b.press("Send the referral")
	b.Wait(`[...document.querySelectorAll('.error')].filter(e => !e.hidden).map(e => e.textContent).join() === 'Problem: Please write a year from 1900 to 2020.'`)
	b.Do(chromedp.KeyEvent(kb.Backspace+kb.Backspace+kb.Backspace+kb.Backspace), chromedp.KeyEvent("1951"))
	b.press("Send the referral")
	b.heard("Dr Asha Rao", "join Handrail")
	b.heard("Dr Asha Rao", "Frank <b>")
	b.shot("4-link")
	b.press("join Handrail")
	b.heard("Frank", "/start a1B2-c3_D4")
	b.heard("Frank", "May I send you reminders here?")
	b.press("Yes, that's fine")
	b.heard("Frank", "Noted.")
	b.Wait(`[...document.querySelectorAll('.picked')].some(e => e.textContent.includes("Yes, that's fine"))`)
	b.typeIn("Message as Frank", "when is it?\r")
	b.heard("Frank", "And this is the door.")
	b.Wait(`[...document.querySelectorAll('.bubble img')].every(i => i.complete && i.naturalWidth > 0 && i.alt !== '')`)
	b.shot("5-patient")
	b.press("No, thank you") // under an older message: quiet, and it still works
	b.Wait(`[...document.querySelectorAll('.older .picked')].some(e => e.textContent.includes('No, thank you'))`)
	b.press("Share roughly where Frank is")
	b.heard("Frank", "that is near enough")
	tab("Joan")
	b.typeIn("Message as Joan", "<img src=x onerror=alert(1)> سلام\r")
	b.heard("Joan", "You wrote: <img src=x onerror=alert(1)>")
	tab("Maya")
	b.press("my list")
	b.heard("Maya", "You wrote: my list")
	b.shot("6-all")
	b.fits()
	b.readable()
	b.Quiet()
}

func TestPage_ByKeyboardOnAWideScreen(t *testing.T) {
	b := openBrowser(t, 1440, 900)
	tell(b, func(string) {})
	b.press("Next event")
	b.Wait(`document.getElementById('now').textContent === 'Tuesday 3 November 2026, 10:00am'`)
	b.heard("Frank", "you have something on tomorrow at 10am")
	b.heard("Frank", "Tuesday 3 November 2026") // the divider
	b.press("In a week")
	b.Wait(`document.getElementById('now').textContent === 'Tuesday 10 November 2026, 10:00am'`)
	b.shot("7-clock")

	// A reload shows the same, with what was picked.
	words := `[...document.querySelectorAll('[role="log"]')].map(l => l.innerText).join('\n')`
	before := browser.Eval[string](b.Tab, words)
	b.Do(chromedp.Reload(), opened)
	after := browser.Eval[string](b.Tab, words)
	if before != after {
		t.Errorf("after a reload the page says\n%s\nbefore it said\n%s", after, before)
	}
	b.Do(browser.Media(&emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"}))
	b.shot("8-dark")
	b.readable()
	b.Do(browser.Media())

	b.press("Start again")
	b.Wait(`document.getElementById('sure').open`)
	b.shot("9-sure")
	b.Wait(`document.activeElement.id === 'sure-no'`)
	b.press("Start again")
	b.heard("Dr Asha Rao", "this is where the story begins")
	b.Wait(`document.querySelectorAll('.msg').length === 1`)
	b.Wait(`document.getElementById('now').textContent === 'Monday 2 November 2026, 9:00am'`)
	b.Quiet()
}

func TestPage_ByKeyboardOnAPhone(t *testing.T) {
	b := openBrowser(t, 360, 740)
	current := 0
	order := []string{"Asha Rao", "Frank", "Joan", "Maya"}
	roles := []string{"GP", "patient", "buddy", "link worker"}
	tell(b, func(name string) {
		// The tabs are one stop for Tab; the arrows go from one to the next.
		current = browser.Eval[int](b.Tab, `[...document.querySelectorAll('[role="tab"]')].findIndex(t => t.getAttribute('aria-selected') === 'true')`)
		b.tabTo(order[current] + "\n" + roles[current])
		for order[current] != name {
			b.Do(chromedp.KeyEvent(kb.ArrowRight))
			current++
		}
		b.Wait(fmt.Sprintf(`document.getElementById('chat-%d').offsetParent !== null`, current))
	})
	b.press("Move the clock")
	b.shot("7-clock-open")
	b.press("Next event")
	b.Wait(`[...document.querySelectorAll('.count')].some(c => !c.hidden && c.innerText === '1 new')`)
	b.shot("8-unread")
	b.fits()
	b.Do(browser.Screen(320, 568))
	b.fits()
	b.Wait(`document.activeElement.id === 'opener'`)
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Wait(`!document.getElementById('moves').hidden`)
	b.fits()
	b.shot("9-320")
	b.Quiet()
}

func TestPage_ServerAway_SendsOnceWithTheSameID(t *testing.T) {
	b := openBrowser(t, 1440, 900)
	b.rig.house.setAway(errAway)
	b.typeIn("Message as Maya", "hello there\r")
	b.Wait(`!document.getElementById('notice').hidden && document.querySelector('.pending .when').textContent.includes('Not sent yet')`)
	b.shot("1-away")
	// A reload in the middle loses nothing either.
	b.Do(chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(".pending")))
	b.rig.house.setAway(nil)
	b.heard("Maya", "You wrote: hello there")
	b.Wait(`document.getElementById('notice').hidden && document.querySelectorAll('.pending').length === 0`)
	if got := b.rig.house.updates(); len(got) != 1 || got[0].Text != "hello there" {
		t.Errorf("the house got %d updates, want the one", len(got))
	}
	b.Console() // the browser itself logs every 503
}

func TestPage_WordsOfOthersAreNeverMarkup(t *testing.T) {
	b := openBrowser(t, 1440, 900)
	evil := `<img src=x onerror="alert(1)"><script>alert(2)</script>{{7*7}}${7*7}`
	m := bot.Message{
		Text:    bot.Text{{Spans: []bot.Span{{Text: evil, Link: "javascript:alert(3)", Strong: true}}}, {Item: true, Spans: []bot.Span{{Text: evil}}}},
		Options: []bot.Option{{Label: evil, Payload: "p", Link: "data:text/html,x"}},
		Form:    &bot.Form{Token: "f", Title: evil, Submit: evil, Fields: []bot.Field{{Name: "a", Label: evil, Hint: evil, Value: evil, Kind: bot.FieldLine}}},
		Files:   []bot.File{{Name: evil, MIME: "text/html", Data: []byte(evil)}},
		Place:   &bot.Place{Name: evil, Address: evil},
	}
	if _, err := b.rig.ch.Send(t.Context(), addr("gp"), m); err != nil {
		t.Fatal(err)
	}
	b.heard("Dr Asha Rao", evil)
	// The server has taken bad links out; the page would not make one either.
	if n := browser.Eval[int](b.Tab, `import('/assets/message.js').then(m => ['javascript:alert(1)', 'JAVASCRIPT:x', 'data:text/html,x', 'vbscript:x', '//x', '#join=a b', ''].filter(l => m.target(l)).length)`); n != 0 {
		t.Errorf("the page makes links of %d bad addresses", n)
	}
	type count struct {
		Words, Elements, Links int
	}
	found := browser.Eval[count](b.Tab, `(() => { const l = document.querySelector('[role="log"]'); return {
		Words: l.innerText.split('<img src=x').length - 1,
		Elements: l.querySelectorAll('script, img').length,
		Links: [...l.querySelectorAll('a')].filter(a => !/^https?:/.test(a.href)).length } })()`)
	if found.Words < 8 || found.Elements != 0 || found.Links != 0 {
		t.Errorf("the words stand there %d times, with %d elements and %d links of their making", found.Words, found.Elements, found.Links)
	}
	b.Quiet()
}

// TestPage_ChecksLikeTheServer holds check.js against bot.Field.Check. The page may let through what the server refuses,
// where the two languages of patterns differ, but never the other way round.
func TestPage_ChecksLikeTheServer(t *testing.T) {
	b := openBrowser(t, 1440, 900)
	fields := []bot.Field{
		{Kind: bot.FieldLine, Required: true, MaxChars: 5},
		{Kind: bot.FieldLine},
		{Kind: bot.FieldLine, Pattern: `[A-Z]{1,2}[0-9]+|x`},
		{Kind: bot.FieldLine, Pattern: `(?i)abc`},
		{Kind: bot.FieldLine, Pattern: `\pL+`},
		{Kind: bot.FieldLine, Pattern: `[[:alpha:]]+`},
		{Kind: bot.FieldLine, Pattern: `a.b`},
		{Kind: bot.FieldWords, MaxChars: 3},
		{Kind: bot.FieldNumber, Min: 1, Max: 9},
		{Kind: bot.FieldNumber, Required: true},
		{Kind: bot.FieldChoice, Options: []bot.Option{{Label: "Yes", Answer: "y"}, {Label: "No", Answer: "n"}}},
		{Kind: bot.FieldTick, Required: true},
		{Kind: bot.FieldTick},
	}
	values := []string{"", " ", "\u00a0", "\u0085x\u0085", "\ufeff", "abc", "ABC", "LU1", "x", "LU1\n", "yes", " yes ", "y", "no", "0", "1", "+5", "-5", "9", "10", "1_0", "1.5", "٣", "007",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "👍👍👍", "👨‍👩‍👧", "zalgo\u0301\u0301", "a\rb", "a\nb", "a\u2028b", "aéb", "12345", "123456", "\x00"}
	type row struct {
		Field bot.Field
		Value string
	}
	var rows []row
	for _, f := range fields {
		for _, v := range values {
			rows = append(rows, row{f, v})
		}
	}
	raw, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	got := browser.Eval[[]string](b.Tab, `import('/assets/check.js').then(m => `+string(raw)+`.map(r => m.check(r.Field, r.Value)))`)
	lenient := 0
	for i, r := range rows {
		want := string(r.Field.Check(r.Value))
		if got[i] == want {
			continue
		}
		if got[i] == "" && want == string(bot.ProblemPattern) {
			lenient++
			continue
		}
		t.Errorf("%s %q pattern %q: the page says %q, the server %q", r.Field.Kind, r.Value, r.Field.Pattern, got[i], want)
	}
	t.Logf("%d checks, %d left to the server", len(rows), lenient)
}
