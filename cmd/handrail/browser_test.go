package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The first four chats, in the order of the page.
const (
	gp = iota
	patient
	buddy
	linkWorker
)

// patience is how long a test waits for the page: for ever, as far as a person is concerned.
const patience = 20 * time.Second

// tab is a tab of a headless browser on the demo's page.
type tab struct {
	t    *testing.T
	ctx  context.Context
	host string
	// mark is the number of the newest message when the tester last did something: what hears waits for is newer.
	mark int
	// downloads receives the path of each file that was saved.
	downloads chan string

	mu     sync.Mutex
	errors []string
}

type step = chromedp.Action[chromedp.Void]

func findChromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser test: not in -short")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no chromium, chromium-browser or google-chrome on PATH")
	return ""
}

// openTab opens the page at host in a browser of its own.
func openTab(t *testing.T, host string) *tab {
	t.Helper()
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(findChromium(t)), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1440, 900))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	b := &tab{t: t, host: host, downloads: make(chan string, 4)}
	actx, acancel := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(actx, chromedp.WithListener(b.listen))
	ctx, tcancel := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(func() {
		tcancel()
		cancel()
		acancel()
	})
	b.ctx = ctx
	saved := t.TempDir()
	b.do(command(cdplog.Enable, cdp.Empty{}),
		command(cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
			Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: saved, EventsEnabled: new(true)}),
		screen(1440, 900), chromedp.Navigate("http://"+host+"/"), opened)
	return b
}

// opened waits for the page to have its chats.
var opened = chromedp.WaitVisible(chromedp.CSS("#chats .chat:not([hidden])"))

func command[P, R any](c cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, c, params)
		return err
	})
}

func screen(width, height int64) step {
	return command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
}

// listen keeps everything that a developer would see in red: exceptions, console errors and warnings (a violation of
// the content security policy is one), dialogs, and requests to anywhere but the demo.
func (b *tab) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text+" "+e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.errors = append(b.errors, fmt.Sprint(e.Type))
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.errors = append(b.errors, "a dialog opened: "+e.Message)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "http://"+b.host+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			b.errors = append(b.errors, "asked another host: "+e.Request.URL)
		}
	case *cdpbrowser.EventDownloadProgress:
		if e.State == cdpbrowser.DownloadProgressStateCompleted {
			b.downloads <- e.FilePath
		}
	}
}

// quiet fails the test when the console was not, but for what matches one of the excuses.
func (b *tab) quiet(excuses ...string) {
	b.t.Helper()
	for _, e := range b.heardInConsole() {
		if !slices.ContainsFunc(excuses, func(x string) bool { return strings.Contains(e, x) }) {
			b.t.Errorf("in the console: %s", e)
		}
	}
}

// heardInConsole returns what the console said since the last time.
func (b *tab) heardInConsole() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	errs := b.errors
	b.errors = nil
	return errs
}

func (b *tab) fatalf(format string, args ...any) {
	b.t.Helper()
	if dir := os.Getenv("HANDRAIL_SCREENSHOTS"); dir != "" {
		b.picture(filepath.Join(dir, "failed.png"))
	}
	for _, e := range b.heardInConsole() {
		b.t.Logf("in the console: %s", e)
	}
	b.t.Fatalf(format, args...)
}

func (b *tab) do(steps ...step) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.fatalf("%v", err)
	}
}

func eval[T any](b *tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.fatalf("%s: %v", script, err)
	}
	return v
}

// soon is a script that waits until an expression is true, looking again with every frame that the browser draws, and
// then is the value of it.
func soon(expression string) string {
	return `new Promise(done => { const look = () => { const v = (` + expression + `); v ? done(v) : requestAnimationFrame(look) }; look() })`
}

// wait waits until a script is true.
func (b *tab) wait(script string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(async () => !!await `+soon(script)+`)()`, chromedp.EvalAwaitPromise)); err != nil {
		b.fatalf("waiting for %s: %v", script, err)
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string: cannot fail
	return string(b)
}

// acts notes that the tester is about to do something.
func (b *tab) acts() {
	b.t.Helper()
	b.mark = eval[int](b, `Math.max(0, ...[...document.querySelectorAll('.msg[data-n]')].map(m => +m.dataset.n))`)
}

// hears waits until a chat has a message that is newer than what the tester last did and says all of this.
func (b *tab) hears(chat int, words ...string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`[...document.querySelectorAll('#chat-%d .msg.theirs')].some(m => +m.dataset.n > %d && %s.every(w => m.innerText.replace(/\s+/g, ' ').includes(w)))`, chat, b.mark, list(words)))
}

// has says whether a chat has such a message by now.
func (b *tab) has(chat int, words ...string) bool {
	b.t.Helper()
	return eval[bool](b, fmt.Sprintf(`[...document.querySelectorAll('#chat-%d .msg.theirs')].some(m => +m.dataset.n > %d && %s.every(w => m.innerText.replace(/\s+/g, ' ').includes(w)))`, chat, b.mark, list(words)))
}

func list(words []string) string {
	b, _ := json.Marshal(words) // strings: cannot fail
	return string(b)
}

// says types into a chat and sends it with Enter.
func (b *tab) says(chat int, text string) {
	b.t.Helper()
	b.acts()
	b.wait(fmt.Sprintf(`(document.getElementById('chat-%d-box').focus(), document.activeElement.id === 'chat-%d-box')`, chat, chat))
	b.do(chromedp.KeyEvent(text), chromedp.KeyEvent(kb.Enter))
	b.wait(fmt.Sprintf(`document.getElementById('chat-%d-box').value === '' && [...document.querySelectorAll('#chat-%d .msg.mine:not(.pending)')].some(m => +m.dataset.n > %d)`, chat, chat, b.mark))
}

// clicks clicks with the mouse on what a script finds. It waits until that stands still and nothing covers it.
func (b *tab) clicks(find string) {
	b.t.Helper()
	at := eval[[]float64](b, `new Promise(done => {
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
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

// newest finds the newest button or link of a chat that is called so.
func newest(chat int, label string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('#chat-%d .msg .option, #chat-%d .msg a')].filter(o => o.innerText.trim() === %s && o.checkVisibility()).at(-1)`, chat, chat, quote(label))
}

// presses clicks the newest button of a chat that is called so, and waits until the page shows that it was picked.
func (b *tab) presses(chat int, label string) {
	b.t.Helper()
	b.acts()
	b.clicks(newest(chat, label))
	b.wait(fmt.Sprintf(`[...document.querySelectorAll('#chat-%d .msg.mine:not(.pending)')].some(m => +m.dataset.n > %d && m.innerText.includes(%s))`, chat, b.mark, quote(label)))
}

// options are the labels under the newest message of a chat that has any.
func (b *tab) options(chat int) []string {
	b.t.Helper()
	return eval[[]string](b, fmt.Sprintf(`[...([...document.querySelectorAll('#chat-%d .msg.theirs')].filter(m => m.querySelector('.option')).at(-1)?.querySelectorAll('.option') || [])].map(o => o.innerText.trim())`, chat))
}

// option is the newest question's option whose label has these words.
func (b *tab) option(chat int, words string) string {
	b.t.Helper()
	all := b.options(chat)
	i := slices.IndexFunc(all, func(o string) bool { return strings.Contains(o, words) })
	if i < 0 {
		b.fatalf("no option with %q among %q", words, all)
	}
	return all[i]
}

// fills writes into a field of the open form of a chat, found by its label.
func (b *tab) fills(chat int, label, value string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`(() => {
		const form = [...document.querySelectorAll('#chat-%d .form')].filter(f => f.checkVisibility()).at(-1);
		const l = form && [...form.querySelectorAll('label')].find(l => l.innerText.replace(' (optional)', '').trim() === %s);
		l?.control?.focus();
		return l && document.activeElement === l.control;
	})()`, chat, quote(label)))
	b.do(chromedp.KeyEvent(value))
}

// moves presses one of the clock's buttons and waits until the story has come there.
func (b *tab) moves(button string) {
	b.t.Helper()
	b.acts()
	before := b.clock()
	b.wait(`!document.getElementById('moves').hasAttribute('aria-busy')`)
	b.clicks(fmt.Sprintf(`[...document.querySelectorAll('#moves button')].find(x => x.innerText.includes(%s) && x.getAttribute('aria-disabled') !== 'true')`, quote(button)))
	b.wait(fmt.Sprintf(`!document.getElementById('moves').hasAttribute('aria-busy') && document.getElementById('now').textContent !== %s`, quote(before)))
	// All that the move brought is on the server now; the page may still be hearing of it.
	said := eval[int](b, `fetch('/api/state').then(r => r.json()).then(s => s.entries.length)`)
	b.wait(fmt.Sprintf(`document.querySelectorAll('.msg[data-n]').length >= %d`, said))
}

func (b *tab) clock() string {
	b.t.Helper()
	return eval[string](b, `document.getElementById('now').textContent`)
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
	b.fatalf("twenty events later nobody has said %q in chat %d", words, chat)
}

// all is everything that all chats say.
func (b *tab) all() string {
	b.t.Helper()
	return eval[string](b, `[...document.querySelectorAll('[role="log"]')].map(l => l.innerText).join('\n')`)
}

// stands checks that the chats scroll, and the page itself never does.
func (b *tab) stands() {
	b.t.Helper()
	if over := eval[[]int](b, `[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth, innerWidth]`); over[0] > 0 || over[1] > 0 {
		b.t.Errorf("in a window %d wide the page itself can be scrolled, by %d down and %d across", over[2], over[0], over[1])
	}
}

// shot leaves a picture in the directory that HANDRAIL_SCREENSHOTS names, when it does.
func (b *tab) shot(name string) {
	b.t.Helper()
	b.stands()
	dir := os.Getenv("HANDRAIL_SCREENSHOTS")
	if dir == "" {
		return
	}
	b.picture(filepath.Join(dir, name+".png"))
}

func (b *tab) picture(file string) {
	b.t.Helper()
	buf, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Logf("screenshot: %v", err)
		return
	}
	if err := os.WriteFile(file, buf, 0o644); err != nil {
		b.t.Logf("screenshot: %v", err)
	}
}

// phoneShot leaves a picture of one chat as it is on a phone, at the newest message, or at the newest that has words.
func (b *tab) phoneShot(chat int, name, words string) {
	b.t.Helper()
	if os.Getenv("HANDRAIL_SCREENSHOTS") == "" {
		return
	}
	b.do(screen(390, 844))
	b.wait(`matchMedia('(max-width: 40rem)').matches && !document.getElementById('tabs').hidden`)
	b.clicks(fmt.Sprintf(`document.getElementById('tab-%d')`, chat))
	b.wait(fmt.Sprintf(`document.getElementById('chat-%d').checkVisibility()`, chat))
	if words != "" {
		b.wait(fmt.Sprintf(`(() => { const m = [...document.querySelectorAll('#chat-%d .msg')].filter(m => m.innerText.includes(%s)).at(-1); m?.scrollIntoView({block: 'start'}); return !!m })()`, chat, quote(words)))
	}
	b.shot(name)
	b.do(screen(1440, 900))
	b.wait(`document.getElementById('tabs').hidden`)
}
