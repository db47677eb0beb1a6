package browser

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Step is one thing to do in a tab.
type Step = chromedp.Action[chromedp.Void]

// Command is a command of the browser's own protocol, as a step.
func Command[P, R any](c cdp.Command[P, R], params P) Step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, c, params)
		return err
	})
}

// Screen gives the page another size; under 600 pixels wide it is a phone.
func Screen(width, height int64) Step {
	return Command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
}

// Media sets media features by name and value.
func Media(features ...*emulation.MediaFeature) Step {
	return Command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// Soon is a script that waits until an expression is true, looking again with every frame that the browser draws, and
// then is the value of it.
func Soon(expression string) string {
	return `new Promise(done => { const look = () => { const v = (` + expression + `); v ? done(v) : requestAnimationFrame(look) }; look() })`
}

// Quote is a value as a script has it.
func Quote[T string | []string](v T) string {
	b, _ := json.Marshal(v) // strings: cannot fail
	return string(b)
}

// Faint is a script that names the texts of these elements that stand out from what is behind them by less than the ratio
// (WCAG 2.2, 1.4.3 and 1.4.6); empty when all can be read.
func Faint(elements string, ratio float64) string {
	return `(() => {
	const lum = c => { const [r, g, b] = c.match(/[\d.]+/g).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
	const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c } return 'rgb(255, 255, 255)' };
	return [...document.querySelectorAll(` + Quote(elements) + `)].filter(e => { const x = lum(getComputedStyle(e).color), y = lum(behind(e)); return (Math.max(x, y) + .05) / (Math.min(x, y) + .05) < ` + strconv.FormatFloat(ratio, 'f', -1, 64) + ` }).map(e => e.textContent).join(' | ') })()`
}
