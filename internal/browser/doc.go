// Package browser shows pages of ours to a real browser, for tests: it starts a headless Chromium, keeps everything that
// a developer would see in red and every request to another host, and fails the test with a picture.
//
//	b := browser.Open(t, browser.Options{Host: host, Width: 320, Height: 640})
//	b.Do(chromedp.Navigate("http://"+host+"/"), chromedp.WaitVisible(chromedp.CSS("h1")))
//	if wide := browser.Eval[float64](b, `document.documentElement.scrollWidth`); wide > 320 { ... }
//	b.Quiet()
//
// Pictures are kept where the environment's HANDRAIL_SCREENSHOTS says.
package browser
