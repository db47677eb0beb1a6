package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"handrail/internal/browser"
)

// The first four chats, in the order of the page.
const (
	gp = iota
	patient
	buddy
	linkWorker
)

// tab is a tab of a headless browser on the demo's page.
type tab struct {
	*browser.Tab
	t *testing.T
	// mark is the number of the newest message when the tester last did something: what hears waits for is newer.
	mark int
	// downloads receives the path of each file that was saved.
	downloads chan string
}

// openTab opens the page at host in a browser of its own.
func openTab(t *testing.T, host string) *tab {
	t.Helper()
	b := &tab{t: t, downloads: make(chan string, 4)}
	b.Tab = browser.Open(t, browser.Options{Host: host, Width: 1440, Height: 900, Limit: 3 * time.Minute, Hears: func(event any) {
		if e, ok := event.(*cdpbrowser.EventDownloadProgress); ok && e.State == cdpbrowser.DownloadProgressStateCompleted {
			b.downloads <- e.FilePath
		}
	}})
	b.Do(browser.Command(cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: t.TempDir(), EventsEnabled: new(true),
	}), chromedp.Navigate("http://"+host+"/"), opened)
	return b
}

// opened waits for the page to have its chats.
var opened = chromedp.WaitVisible(chromedp.CSS("#chats .chat:not([hidden])"))

// acts notes that the tester is about to do something.
func (b *tab) acts() {
	b.t.Helper()
	b.mark = browser.Eval[int](b.Tab, `Math.max(0, ...[...document.querySelectorAll('.msg[data-n]')].map(m => +m.dataset.n))`)
}

// hears waits until a chat has a message that is newer than what the tester last did and says all of this.
func (b *tab) hears(chat int, words ...string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf(`[...document.querySelectorAll('#chat-%d .msg.theirs')].some(m => +m.dataset.n > %d && %s.every(w => m.innerText.replace(/\s+/g, ' ').includes(w)))`, chat, b.mark, browser.Quote(words)))
}

// has says whether a chat has such a message by now.
func (b *tab) has(chat int, words ...string) bool {
	b.t.Helper()
	return browser.Eval[bool](b.Tab, fmt.Sprintf(`[...document.querySelectorAll('#chat-%d .msg.theirs')].some(m => +m.dataset.n > %d && %s.every(w => m.innerText.replace(/\s+/g, ' ').includes(w)))`, chat, b.mark, browser.Quote(words)))
}

// says types into a chat and sends it with Enter.
func (b *tab) says(chat int, text string) {
	b.t.Helper()
	b.acts()
	b.Wait(fmt.Sprintf(`(document.getElementById('chat-%d-box').focus(), document.activeElement.id === 'chat-%d-box')`, chat, chat))
	b.Do(chromedp.KeyEvent(text), chromedp.KeyEvent(kb.Enter))
	b.Wait(fmt.Sprintf(`document.getElementById('chat-%d-box').value === '' && [...document.querySelectorAll('#chat-%d .msg.mine:not(.pending)')].some(m => +m.dataset.n > %d)`, chat, chat, b.mark))
}

// clicks clicks with the mouse on what a script finds. It waits until that stands still and nothing covers it.
func (b *tab) clicks(find string) {
	b.t.Helper()
	at := browser.Eval[[]float64](b.Tab, `new Promise(done => {
		let last = '', still = 0;
		const look = () => {
			const el = (`+find+`);
			if (!el) return requestAnimationFrame(look);
			const within = el.closest('.scroller')?.getBoundingClientRect();
			let r = el.getBoundingClientRect();
			const covered = () => { const hit = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2); return !hit || (hit !== el && !el.contains(hit)); };
			if (within && (r.top < within.top || r.bottom > within.bottom || covered())) { el.scrollIntoView({block: 'center'}); r = el.getBoundingClientRect(); }
			const x = r.left + r.width / 2, y = r.top + r.height / 2, now = x + ' ' + y;
			still = now === last && !covered() ? still + 1 : 0;
			last = now;
			still >= 3 ? done([x, y]) : requestAnimationFrame(look);
		};
		look();
	})`)
	b.Do(chromedp.MouseClickXY(at[0], at[1]))
}

// newest finds the newest button or link of a chat that is called so.
func newest(chat int, label string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('#chat-%d .msg .option, #chat-%d .msg a')].filter(o => o.innerText.trim() === %s && o.checkVisibility()).at(-1)`, chat, chat, browser.Quote(label))
}

// presses clicks the newest button of a chat that is called so, and waits until the page shows that it was picked.
func (b *tab) presses(chat int, label string) {
	b.t.Helper()
	b.acts()
	b.clicks(newest(chat, label))
	b.Wait(fmt.Sprintf(`[...document.querySelectorAll('#chat-%d .msg.mine:not(.pending)')].some(m => +m.dataset.n > %d && m.innerText.includes(%s))`, chat, b.mark, browser.Quote(label)))
}

// options are the labels under the newest message of a chat that has any.
func (b *tab) options(chat int) []string {
	b.t.Helper()
	return browser.Eval[[]string](b.Tab, fmt.Sprintf(`[...([...document.querySelectorAll('#chat-%d .msg.theirs')].filter(m => m.querySelector('.option')).at(-1)?.querySelectorAll('.option') || [])].map(o => o.innerText.trim())`, chat))
}

// option is the newest question's option whose label has these words.
func (b *tab) option(chat int, words string) string {
	b.t.Helper()
	all := b.options(chat)
	i := slices.IndexFunc(all, func(o string) bool { return strings.Contains(o, words) })
	if i < 0 {
		b.Fatalf("no option with %q among %q", words, all)
	}
	return all[i]
}

// fills writes into a field of the open form of a chat, found by its label.
func (b *tab) fills(chat int, label, value string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf(`(() => {
		const form = [...document.querySelectorAll('#chat-%d .form')].filter(f => f.checkVisibility()).at(-1);
		const l = form && [...form.querySelectorAll('label')].find(l => l.innerText.replace(' (optional)', '').trim() === %s);
		l?.control?.focus();
		return l && document.activeElement === l.control;
	})()`, chat, browser.Quote(label)))
	b.Do(chromedp.KeyEvent(value))
}

// moves presses one of the clock's buttons and waits until the story has come there.
func (b *tab) moves(button string) {
	b.t.Helper()
	b.acts()
	before := b.clock()
	b.Wait(`!document.getElementById('moves').hasAttribute('aria-busy')`)
	b.clicks(fmt.Sprintf(`[...document.querySelectorAll('#moves button')].find(x => x.innerText.includes(%s) && x.getAttribute('aria-disabled') !== 'true')`, browser.Quote(button)))
	b.Wait(fmt.Sprintf(`!document.getElementById('moves').hasAttribute('aria-busy') && document.getElementById('now').textContent !== %s`, browser.Quote(before)))
	// All that the move brought is on the server now; the page may still be hearing of it.
	said := browser.Eval[int](b.Tab, `fetch('/api/state').then(r => r.json()).then(s => s.entries.length)`)
	b.Wait(fmt.Sprintf(`document.querySelectorAll('.msg[data-n]').length >= %d`, said))
}

func (b *tab) clock() string {
	b.t.Helper()
	return browser.Eval[string](b.Tab, `document.getElementById('now').textContent`)
}

// until moves on event by event until a chat hears something.
func (b *tab) until(chat int, words ...string) {
	b.t.Helper()
	for range 20 {
		b.moves("Next event")
		if b.has(chat, words...) {
			return
		}
	}
	b.Fatalf("twenty events later nobody has said %q in chat %d", words, chat)
}

// all is everything that all chats say.
func (b *tab) all() string {
	b.t.Helper()
	return browser.Eval[string](b.Tab, `[...document.querySelectorAll('[role="log"]')].map(l => l.innerText).join('\n')`)
}

// stands checks that the chats scroll, and the page itself never does.
func (b *tab) stands() {
	b.t.Helper()
	if over := browser.Eval[[]int](b.Tab, `[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth, innerWidth]`); over[0] > 0 || over[1] > 0 {
		b.t.Errorf("in a window %d wide the page itself can be scrolled, by %d down and %d across", over[2], over[0], over[1])
	}
}

// shot leaves a picture in the directory that HANDRAIL_SCREENSHOTS names, when it does.
func (b *tab) shot(name string) {
	b.t.Helper()
	b.stands()
	b.Shot(name)
}

// phoneShot leaves a picture of one chat as it is on a phone, at the newest message, or at the newest that has words.
func (b *tab) phoneShot(chat int, name, words string) {
	b.t.Helper()
	if os.Getenv("HANDRAIL_SCREENSHOTS") == "" {
		return
	}
	b.Do(browser.Screen(390, 844))
	b.Wait(`matchMedia('(max-width: 40rem)').matches && !document.getElementById('tabs').hidden`)
	b.clicks(fmt.Sprintf(`document.getElementById('tab-%d')`, chat))
	b.Wait(fmt.Sprintf(`document.getElementById('chat-%d').checkVisibility()`, chat))
	if words != "" {
		b.Wait(fmt.Sprintf(`(() => { const m = [...document.querySelectorAll('#chat-%d .msg')].filter(m => m.innerText.includes(%s)).at(-1); m?.scrollIntoView({block: 'start'}); return !!m })()`, chat, browser.Quote(words)))
	}
	b.shot(name)
	b.Do(browser.Screen(1440, 900))
	b.Wait(`document.getElementById('tabs').hidden`)
}
