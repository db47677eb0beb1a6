package poster

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"handrail"
	"handrail/internal/browser"
)

// pages is a tab that shows pages of ours.
type pages struct {
	*browser.Tab
	addr string

	mu   sync.Mutex
	html string
}

func openBrowser(t *testing.T) *pages {
	t.Helper()
	b := &pages{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(b.html))
	}))
	t.Cleanup(srv.Close)
	b.addr = srv.URL
	b.Tab = browser.Open(t, browser.Options{Host: strings.TrimPrefix(srv.URL, "http://"), Width: 900, Height: 1200, Hears: func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok && e.Request.URL != srv.URL+"/" && !strings.HasSuffix(e.Request.URL, "/favicon.ico") {
			t.Errorf("asked for %s", e.Request.URL)
		}
	}})
	return b
}

// show opens a page on a screen of that size and fails when anything in it was not right.
func (b *pages) show(html string, width, height int64) {
	b.mu.Lock()
	b.html = html
	b.mu.Unlock()
	b.Do(browser.Screen(width, height), chromedp.Navigate(b.addr+"/"), chromedp.WaitVisible(chromedp.CSS("h1")))
	b.Quiet("favicon")
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
		b.Shot("poster-" + name)
		pdf, err := chromedp.Call(b.Ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PrintBackground: new(true), PreferCSSPageSize: new(true)})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(pages.FindAll(pdf.Data, -1)); n != 1 {
			t.Errorf("%s: %d pages", name, n)
		}
		b.Do(browser.Command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
		if out := browser.Eval[string](b.Tab, overflow("main")); out != "" {
			t.Errorf("%s: cut off: %s", name, out)
		}
		b.Do(browser.Command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}))
		if side := browser.Eval[float64](b.Tab, `document.querySelector('svg').getBoundingClientRect().width / 96 * 25.4`); side < 35 {
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
		b.Shot("screen-" + name)
		if high := browser.Eval[float64](b.Tab, `document.documentElement.scrollHeight`); high > 1080 {
			t.Errorf("%s: %.0f pixels high", name, high)
		}
		if wide := browser.Eval[float64](b.Tab, `document.documentElement.scrollWidth`); wide > 1920 {
			t.Errorf("%s: %.0f pixels wide", name, wide)
		}
		if name == "none" {
			continue
		}
		for element, least := range map[string]float64{"h3": 16, ".details": 12} {
			if mm := browser.Eval[float64](b.Tab, `parseFloat(getComputedStyle(document.querySelector('`+element+`')).fontSize)`) * 0.72 * 880 / 1920; mm < least {
				t.Errorf("%s: a capital of %s is %.1f mm", name, element, mm)
			}
		}
	}
	_, html := render(t, demoWeek(t))
	if !strings.Contains(html, `<meta http-equiv="refresh" content="300">`) {
		t.Error("it does not refresh itself")
	}
	b.show(html, 1080, 1920) // an upright screen
	b.Shot("screen-upright")
	if high := browser.Eval[float64](b.Tab, `document.documentElement.scrollHeight`); high > 1920 {
		t.Errorf("upright: %.0f pixels high", high)
	}
}

// Each text stands out from what is behind it by at least 7 to 1 (WCAG 2.2, 1.4.6), and the headings go down one by one.
func TestPages_Accessible(t *testing.T) {
	b := openBrowser(t)
	poster, screen := render(t, demoWeek(t))
	for _, html := range []string{poster, screen} {
		b.show(html, 1920, 1080)
		if faint := browser.Eval[string](b.Tab, browser.Faint("h1,h2,h3,p,span,b", 7)); faint != "" {
			t.Errorf("too faint: %s", faint)
		}
		levels := browser.Eval[string](b.Tab, `[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName[1]).join('')`)
		if !regexp.MustCompile(`^1(23*)+$`).MatchString(levels) {
			t.Errorf("headings %s", levels)
		}
		if lang := browser.Eval[string](b.Tab, `document.documentElement.lang + document.querySelector('svg').getAttribute('aria-label')`); !strings.HasPrefix(lang, "en-GBA code to scan with a phone") {
			t.Errorf("%q", lang)
		}
	}
}
