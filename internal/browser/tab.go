package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Options say what a tab looks at, and how.
type Options struct {
	Host          string // "127.0.0.1:8642", all that may be asked
	Width, Height int64
	// Limit is how long the test may take with it; 0 is 90 s.
	Limit time.Duration
	// Hears gets every event besides; nil is none.
	Hears func(event any)
}

// Tab is a tab of a headless browser.
type Tab struct {
	Ctx context.Context // of chromedp

	t    testing.TB
	o    Options
	mu   sync.Mutex
	said []string
}

// patience is how long a script may wait for the page: for ever, as far as a person is concerned.
const patience = 20 * time.Second

// Open starts a browser with one tab, which ends with the test.
func Open(t testing.TB, o Options) *Tab {
	t.Helper()
	path := Needed(t)
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.DisableGPU, chromedp.Flag("disable-component-update", true), chromedp.WindowSize(int(o.Width), int(o.Height)))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	if o.Limit == 0 {
		o.Limit = 90 * time.Second
	}
	b := &Tab{t: t, o: o}
	actx, acancel := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(actx, chromedp.WithListener(b.listen))
	ctx, tcancel := context.WithTimeout(ctx, o.Limit)
	t.Cleanup(func() {
		tcancel()
		cancel()
		acancel()
	})
	b.Ctx = ctx
	b.Do(Command(cdplog.Enable, cdp.Empty{}), Command(network.Enable, network.EnableParams{}), Screen(o.Width, o.Height))
	return b
}

// Needed skips the test in -short, and where there is no browser; it returns the program. Open asks for it too.
func Needed(t testing.TB) string {
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

// listen keeps exceptions, console errors and warnings (a violation of the content security policy is one), dialogs, and
// requests to anywhere but the host.
func (b *Tab) listen(event any) {
	if b.o.Hears != nil {
		b.o.Hears(event)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, e.ExceptionDetails.Text+" "+e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.said = append(b.said, fmt.Sprint(e.Type))
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			b.said = append(b.said, e.Entry.Text+" "+e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.said = append(b.said, "a dialog opened: "+e.Message)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "http://"+b.o.Host+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			b.said = append(b.said, "asked another host: "+e.Request.URL)
		}
	}
}

// Console returns what the console said since the last time.
func (b *Tab) Console() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.said
	b.said = nil
	return said
}

// Quiet fails the test when the console was not, but for what holds one of the excuses.
func (b *Tab) Quiet(excuses ...string) {
	b.t.Helper()
	for _, e := range b.Console() {
		if !slices.ContainsFunc(excuses, func(x string) bool { return strings.Contains(e, x) }) {
			b.t.Errorf("in the console: %s", e)
		}
	}
}

// Fatalf ends the test with a picture and with what the console said.
func (b *Tab) Fatalf(format string, args ...any) {
	b.t.Helper()
	b.Shot("failed")
	for _, e := range b.Console() {
		b.t.Logf("in the console: %s", e)
	}
	b.t.Fatalf(format, args...)
}

// Do takes steps, one after the other.
func (b *Tab) Do(steps ...Step) {
	b.t.Helper()
	if err := chromedp.Do(b.Ctx, steps...); err != nil {
		b.Fatalf("%v", err)
	}
}

// Wait waits until a script is true.
func (b *Tab) Wait(script string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(async () => !!await `+Soon(script)+`)()`, chromedp.EvalAwaitPromise)); err != nil {
		b.Fatalf("waiting for %s: %v", script, err)
	}
}

// Shot keeps a picture of what is seen where HANDRAIL_SCREENSHOTS says; without it, none.
func (b *Tab) Shot(name string) {
	b.t.Helper()
	dir := os.Getenv("HANDRAIL_SCREENSHOTS")
	if dir == "" {
		return
	}
	b.Keep(filepath.Join(dir, name+".png"))
}

// Keep writes a picture of what is seen into a file.
func (b *Tab) Keep(file string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.Ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755) //nolint:gosec // and so is its folder
	}
	if err == nil {
		err = os.WriteFile(file, picture, 0o644) //nolint:gosec // the README's picture is for everybody
	}
	if err != nil {
		b.t.Errorf("keep a picture: %v", err)
	}
}

// Eval is what a script comes to.
func Eval[T any](b *Tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", script, err)
	}
	return v
}
