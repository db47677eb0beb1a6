package poster

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"handrail"
)

// browser is a tab of a headless browser that shows pages of ours.
type browser struct {
	t    *testing.T
	ctx  context.Context
	addr string

	mu     sync.Mutex
	html   string
	errors []string
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
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
	b := &browser{t: t}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(b.html))
	}))
	b.addr = srv.URL
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.DisableGPU, chromedp.Flag("disable-component-update", true))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	actx, acancel := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(actx, chromedp.WithListener(b.listen))
	ctx, tcancel := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(func() {
		tcancel()
		cancel()
		acancel()
		srv.Close()
	})
	b.ctx = ctx
	b.do(command(cdplog.Enable, cdp.Empty{}), command(network.Enable, network.EnableParams{}))
	return b
}

type step = chromedp.Action[chromedp.Void]

func command[P, R any](c cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, c, params)
		return err
	})
}

func (b *browser) do(steps ...step) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func eval[T any](b *browser, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// listen keeps what a developer would see in red, and every request but the page's own.
func (b *browser) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *cdplog.EventEntryAdded:
		if !strings.Contains(e.Entry.URL, "favicon") {
			b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if e.Request.URL != b.addr+"/" && !strings.HasSuffix(e.Request.URL, "/favicon.ico") {
			b.errors = append(b.errors, "asked for "+e.Request.URL)
		}
	}
}

// show opens a page on a screen of that size and fails when anything in it was not right.
func (b *browser) show(html string, width, height int64) {
	b.t.Helper()
	b.mu.Lock()
	b.html = html
	b.mu.Unlock()
	b.do(command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}),
		chromedp.Navigate(b.addr+"/"), chromedp.WaitVisible(chromedp.CSS("h1")))
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.errors {
		b.t.Errorf("in the console: %s", e)
	}
	b.errors = nil
}

// shot keeps a picture where HANDRAIL_SCREENSHOTS says.
func (b *browser) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("HANDRAIL_SCREENSHOTS")
	if dir == "" {
		return
	}
	buf, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), buf, 0o600)
	}
	if err != nil {
		b.t.Errorf("screenshot: %v", err)
	}
}

// busy is a week with more on than there is room for, and long names.
func busy(t *testing.T) Week {
	t.Helper()
	var all []handrail.Activity
	for i := range 80 {
		a := group(fmt.Sprint("g", i), fmt.Sprintf("The Friends of Number %d and Their Neighbours Gardening Together", i), time.Weekday(i%7), 10+i%9)
		a.Venue.Name = "Saint Bartholomew's Community and Learning Centre"
		a.Cost, a.For, a.MinAge, a.Sensitive = handrail.Cost{Known: true, Pence: 1250}, handrail.SexWomen, 55, i > 60
		all = append(all, a)
	}
	d := data(all...)
	d.Practice = "The Great Bartholomew Road Medical Centre and Branch Surgery"
	d.Join = "https://example.org/join/" + strings.Repeat("long-", 20)
	return gather(t, d)
}

// On real paper: one page, nothing cut off, and the code big enough to be scanned from a wall.
func TestPoster_OnePageOfA4(t *testing.T) {
	b := openBrowser(t)
	pages := regexp.MustCompile(`/Type\s*/Page[^s]`)
	for name, w := range map[string]Week{"demo": demoWeek(t), "busy": busy(t), "none": gather(t, data())} {
		html, _ := render(t, w)
		b.show(html, 900, 1200)
		b.shot("poster-" + name)
		pdf, err := chromedp.Call(b.ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PrintBackground: new(true), PreferCSSPageSize: new(true)})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(pages.FindAll(pdf.Data, -1)); n != 1 {
			t.Errorf("%s: %d pages", name, n)
		}
		b.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
		if out := eval[string](b, overflow("main")); out != "" {
			t.Errorf("%s: cut off: %s", name, out)
		}
		b.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}))
		if side := eval[float64](b, `document.querySelector('svg').getBoundingClientRect().width / 96 * 25.4`); side < 35 {
			t.Errorf("%s: the code is %.0f mm wide", name, side)
		}
	}
}

// overflow names what reaches out of an element.
func overflow(of string) string {
	return `(() => { const box = document.querySelector('` + of + `').getBoundingClientRect();
		return [...document.querySelectorAll('` + of + ` *')].filter(e => { const r = e.getBoundingClientRect();
			return r.width > 0 && (r.right > box.right + 1 || r.bottom > box.bottom + 1 || r.left < box.left - 1) }).map(e => e.textContent.trim().slice(0, 40)).join(' | ') })()`
}

// On a television: nothing to scroll to, and letters that are read from three metres: on a screen 88 cm wide a capital, which
// is 0.72 of the font's size, is at least 12 mm in what tells the place and 16 mm in the names.
func TestWaitingRoom_FitsAScreen(t *testing.T) {
	b := openBrowser(t)
	for name, w := range map[string]Week{"demo": demoWeek(t), "busy": busy(t), "none": gather(t, data())} {
		_, html := render(t, w)
		b.show(html, 1920, 1080)
		b.shot("screen-" + name)
		if high := eval[float64](b, `document.documentElement.scrollHeight`); high > 1080 {
			t.Errorf("%s: %.0f pixels high", name, high)
		}
		if wide := eval[float64](b, `document.documentElement.scrollWidth`); wide > 1920 {
			t.Errorf("%s: %.0f pixels wide", name, wide)
		}
		if name == "none" {
			continue
		}
		for element, least := range map[string]float64{"h3": 16, ".details": 12} {
			if mm := eval[float64](b, `parseFloat(getComputedStyle(document.querySelector('`+element+`')).fontSize)`) * 0.72 * 880 / 1920; mm < least {
				t.Errorf("%s: a capital of %s is %.1f mm", name, element, mm)
			}
		}
	}
	_, html := render(t, demoWeek(t))
	if !strings.Contains(html, `<meta http-equiv="refresh" content="300">`) {
		t.Error("it does not refresh itself")
	}
	b.show(html, 1080, 1920) // an upright screen
	b.shot("screen-upright")
	if high := eval[float64](b, `document.documentElement.scrollHeight`); high > 1920 {
		t.Errorf("upright: %.0f pixels high", high)
	}
}

// Each text stands out from what is behind it by at least 7 to 1 (WCAG 2.2, 1.4.6), and the headings go down one by one.
func TestPages_Accessible(t *testing.T) {
	b := openBrowser(t)
	poster, screen := render(t, demoWeek(t))
	for _, html := range []string{poster, screen} {
		b.show(html, 1920, 1080)
		if faint := eval[string](b, `(() => {
			const lum = c => { const [r, g, b] = c.match(/[\d.]+/g).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
			const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c } return 'rgb(255, 255, 255)' };
			return [...document.querySelectorAll('h1,h2,h3,p,span,b')].filter(e => { const x = lum(getComputedStyle(e).color), y = lum(behind(e)); return (Math.max(x, y) + .05) / (Math.min(x, y) + .05) < 7 }).map(e => e.textContent).join(' | ') })()`); faint != "" {
			t.Errorf("too faint: %s", faint)
		}
		levels := eval[string](b, `[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName[1]).join('')`)
		if !regexp.MustCompile(`^1(23*)+$`).MatchString(levels) {
			t.Errorf("headings %s", levels)
		}
		if lang := eval[string](b, `document.documentElement.lang + document.querySelector('svg').getAttribute('aria-label')`); !strings.HasPrefix(lang, "en-GBA code to scan with a phone") {
			t.Errorf("%q", lang)
		}
	}
}
