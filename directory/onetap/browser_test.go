package onetap

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

type step = chromedp.Action[chromedp.Void]

func command[P, R any](c cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, c, params)
		return err
	})
}

// On a small phone, in large letters, with scripts off: every answer can be given, nothing leaks and nothing is red.
func TestPage_OnAPhone(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser test: not in -short")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil && path == "" {
			path = p
		}
	}
	if path == "" {
		t.Skip("no chromium, chromium-browser or google-chrome on PATH")
	}
	r := newRig(t)
	r.desk.group.Name = "The Farley Hill and District Tuesday Gardeners"
	srv := httptest.NewServer(http.StripPrefix("/still-on", r.page))
	defer srv.Close()

	var mu sync.Mutex
	var wrong []string
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.DisableGPU, chromedp.Flag("disable-component-update", true))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	actx, acancel := chromedp.NewExecAllocator(context.Background(), opts...)
	defer acancel()
	ctx, cancel := chromedp.NewContext(actx, chromedp.WithListener(func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *cdplog.EventEntryAdded:
			// A question that is asked again is 422, and a browser says so.
			if !strings.Contains(e.Entry.URL, "favicon") && !strings.Contains(e.Entry.Text, "422") {
				wrong = append(wrong, e.Entry.Text)
			}
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, srv.URL+"/") {
				wrong = append(wrong, "asked another host")
			}
			for name := range e.Request.Headers {
				if strings.EqualFold(name, "referer") {
					wrong = append(wrong, "sent a referrer")
				}
			}
		}
	}))
	defer cancel()
	ctx, tcancel := context.WithTimeout(ctx, 60*time.Second)
	defer tcancel()
	do := func(steps ...step) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	eval := func(script string) string {
		t.Helper()
		v, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		return v
	}
	shot := func(name string) {
		t.Helper()
		if dir := os.Getenv("HANDRAIL_SCREENSHOTS"); dir != "" {
			buf, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "onetap-"+name+".png"), buf, 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	do(command(cdplog.Enable, cdp.Empty{}), command(network.Enable, network.EnableParams{}),
		command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 320, Height: 640, DeviceScaleFactor: 1, Mobile: true}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}),
		chromedp.Navigate(srv.URL+"/still-on"+r.token), chromedp.WaitVisible(chromedp.CSS("button.yes")))
	shot("1-question")
	if small := eval(`[...document.querySelectorAll('button,summary,textarea')].filter(e => e.offsetHeight && (e.offsetHeight < 44 || e.offsetWidth < 200)).map(e => e.textContent).join('|')`); small != "" {
		t.Errorf("too small for a thumb: %s", small)
	}
	if wide := eval(`String(document.documentElement.scrollWidth)`); wide != "320" {
		t.Errorf("%s pixels wide", wide)
	}
	if colour := eval(`getComputedStyle(document.querySelector('button.yes')).backgroundColor`); colour != "rgb(0, 61, 120)" {
		t.Errorf("the style was refused: %s", colour)
	}
	if faint := eval(`(() => {
		const lum = c => { const [r, g, b] = c.match(/[\d.]+/g).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
		const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c } return 'rgb(255, 255, 255)' };
		return [...document.querySelectorAll('h1,p,li,button,summary,label')].filter(e => { const x = lum(getComputedStyle(e).color), y = lum(behind(e)); return (Math.max(x, y) + .05) / (Math.min(x, y) + .05) < 7 }).map(e => e.textContent).join(' | ') })()`); faint != "" {
		t.Errorf("too faint: %s", faint)
	}
	do(chromedp.Click(chromedp.CSS("details:nth-of-type(2) summary")), chromedp.WaitVisible(chromedp.CSS("button.closed")))
	do(chromedp.Click(chromedp.CSS("details:nth-of-type(1) summary")), chromedp.WaitVisible(chromedp.CSS("textarea")))
	shot("2-open")
	do(chromedp.SendKeys(chromedp.CSS("textarea"), "We start at 2pm now"), chromedp.Click(chromedp.CSS("details:nth-of-type(1) button")), chromedp.WaitVisible(chromedp.CSS("main > h1 + p")))
	shot("3-thanks")
	if got := eval(`location.pathname + ' ' + document.querySelector('h1').textContent`); got != "/still-on"+r.token+" Thank you" {
		t.Errorf("%q", got)
	}
	if len(r.desk.answers) != 1 || r.desk.answers[0] != `changed "We start at 2pm now"` {
		t.Errorf("%q", r.desk.answers)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, w := range wrong {
		t.Errorf("in the console: %s", w)
	}
}
