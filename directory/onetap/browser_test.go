package onetap

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"handrail/internal/browser"
)

// On a small phone, in large letters, with scripts off: every answer can be given, nothing leaks and nothing is red.
func TestPage_OnAPhone(t *testing.T) {
	r := newRig(t)
	r.desk.group.Name = "The Farley Hill and District Tuesday Gardeners"
	srv := httptest.NewServer(http.StripPrefix("/still-on", r.page))
	defer srv.Close()

	b := browser.Open(t, browser.Options{Host: strings.TrimPrefix(srv.URL, "http://"), Width: 320, Height: 640, Hears: func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			for name := range e.Request.Headers {
				if strings.EqualFold(name, "referer") {
					t.Error("sent a referrer")
				}
			}
		}
	}})
	eval := func(script string) string {
		t.Helper()
		return browser.Eval[string](b, script)
	}
	b.Do(browser.Command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}),
		chromedp.Navigate(srv.URL+"/still-on"+r.token), chromedp.WaitVisible(chromedp.CSS("button.yes")))
	b.Shot("onetap-1-question")
	if small := eval(`[...document.querySelectorAll('button,summary,textarea')].filter(e => e.offsetHeight && (e.offsetHeight < 44 || e.offsetWidth < 200)).map(e => e.textContent).join('|')`); small != "" {
		t.Errorf("too small for a thumb: %s", small)
	}
	if wide := eval(`String(document.documentElement.scrollWidth)`); wide != "320" {
		t.Errorf("%s pixels wide", wide)
	}
	if colour := eval(`getComputedStyle(document.querySelector('button.yes')).backgroundColor`); colour != "rgb(0, 61, 120)" {
		t.Errorf("the style was refused: %s", colour)
	}
	if faint := eval(browser.Faint("h1,p,li,button,summary,label", 7)); faint != "" {
		t.Errorf("too faint: %s", faint)
	}
	b.Do(chromedp.Click(chromedp.CSS("details:nth-of-type(2) summary")), chromedp.WaitVisible(chromedp.CSS("button.closed")))
	b.Do(chromedp.Click(chromedp.CSS("details:nth-of-type(1) summary")), chromedp.WaitVisible(chromedp.CSS("textarea")))
	b.Shot("onetap-2-open")
	b.Do(chromedp.SendKeys(chromedp.CSS("textarea"), "We start at 2pm now"), chromedp.Click(chromedp.CSS("details:nth-of-type(1) button")), chromedp.WaitVisible(chromedp.CSS("main > h1 + p")))
	b.Shot("onetap-3-thanks")
	if got := eval(`location.pathname + ' ' + document.querySelector('h1').textContent`); got != "/still-on"+r.token+" Thank you" {
		t.Errorf("%q", got)
	}
	if len(r.desk.answers) != 1 || r.desk.answers[0] != `changed "We start at 2pm now"` {
		t.Errorf("%q", r.desk.answers)
	}
	// A question that is asked again is 422, and a browser says so.
	b.Quiet("favicon", "422")
}
