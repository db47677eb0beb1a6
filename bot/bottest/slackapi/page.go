package slackapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
)

// Page lays things out as Slack would: a column of messages, a modal, a home tab. It is for looking at what people are shown,
// by eye or in a picture; its style sheet is our own, and near enough to see what is too long, or not there.
//
//	w.Write(slackapi.Page("Find", slackapi.MessageOf(seen), slackapi.ViewOf(view)))
func Page(title string, parts ...Part) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="en"><meta charset="utf-8"><title>%s</title><style>%s</style><body>`, html.EscapeString(title), pageStyle)
	for _, p := range parts {
		b.WriteString(string(p))
	}
	b.WriteString("</body></html>")
	return []byte(b.String())
}

// Pages serves pages to a browser, by their names.
func Pages(pages map[string][]byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[strings.Trim(r.URL.Path, "/")]
		if !ok {
			w.WriteHeader(http.StatusNoContent) // a browser asks for an icon
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page) // a browser that hung up does not want it
	})
}

// Part is one thing on a page, laid out.
type Part string

const pageStyle = `
body{margin:0;padding:20px;background:#fff;color:#1d1c1d;font:15px/1.46668 Lato,"Noto Sans","Liberation Sans",Arial,sans-serif;width:680px}
.msg{display:flex;gap:8px;margin:0 0 18px}.face{width:36px;height:36px;border-radius:8px;background:#007a5a;flex:none}
.who{font-weight:700}.app{font-size:10px;font-weight:400;background:#ececec;border-radius:2px;padding:1px 3px;color:#616061;margin-left:4px}
.only{font-size:12px;color:#616061}.blocks{flex:1;min-width:0;max-width:600px}.blocks>*{margin:0 0 8px}
hr{border:0;border-top:1px solid #ddd;margin:8px 0!important}.t{white-space:pre-wrap;overflow-wrap:anywhere}ul{margin:4px 0 4px 24px;padding:0}
.actions{display:flex;flex-wrap:wrap;gap:8px}.btn{border:1px solid #bbb;border-radius:4px;padding:0 12px;height:36px;line-height:34px;font-weight:700;background:#fff;white-space:nowrap;max-width:100%;overflow:hidden;text-overflow:ellipsis;box-sizing:border-box}
.primary{background:#007a5a;color:#fff;border-color:#007a5a}.danger{background:#e01e5a;color:#fff;border-color:#e01e5a}
.pick{border:1px solid #bbb;border-radius:4px;padding:6px 12px;color:#1d1c1d;min-width:200px}.pick:after{content:"\25be";float:right;color:#616061}
.ctx{font-size:13px;color:#616061}.head{font-size:18px;font-weight:900}.side{display:flex;gap:12px;justify-content:space-between}
.side .pic{width:88px;height:88px}.pic{background:#f2f2f2;border:1px solid #ddd;border-radius:8px;display:flex;align-items:center;justify-content:center;text-align:center;font-size:11px;color:#616061;overflow:hidden;padding:4px;box-sizing:border-box;flex:none}
.pic img{width:100%;height:100%;object-fit:cover}.pic:has(img){font-size:0;padding:0}.wide{width:360px;height:200px}.file img{max-width:420px;border:1px solid #ddd;border-radius:8px;display:block}.file{font-size:13px;color:#616061}
.modal{border:1px solid #ddd;border-radius:8px;box-shadow:0 8px 24px rgba(0,0,0,.2);width:520px;margin:0 auto 18px}
.modal header,.modal footer{padding:16px 24px;display:flex;align-items:center;gap:12px}.modal header{font-size:22px;font-weight:900;border-bottom:1px solid #ddd}
.modal footer{border-top:1px solid #ddd;justify-content:flex-end}.modal .blocks{padding:16px 24px;max-width:none}
.field label{font-weight:700;display:block}.field .opt{font-weight:400;color:#616061}.field .in{border:1px solid #868686;border-radius:4px;min-height:36px;padding:6px 12px;box-sizing:border-box;color:#1d1c1d;white-space:pre-wrap}
.field .many{min-height:84px}.field .hint{font-size:13px;color:#616061}.tab{border:1px solid #ddd;border-radius:8px;padding:16px;margin:0 0 18px}.tab .blocks{max-width:none}a{color:#1264a3}
`

// MessageOf is a message as it stands in a conversation.
func MessageOf(m Seen) Part {
	var b strings.Builder
	b.WriteString(`<div class="msg"><div class="face"></div><div class="blocks"><div class="who">Handrail<span class="app">APP</span></div>`)
	if m.Whispered {
		b.WriteString(`<div class="only">Only visible to you</div>`)
	}
	writeBlocks(&b, m.Blocks)
	for _, f := range m.Files {
		if strings.HasSuffix(f.Name, ".png") || strings.HasSuffix(f.Name, ".jpg") {
			fmt.Fprintf(&b, `<div class="file">%s<img alt="%s" src="data:image/png;base64,%s">alt: %s</div>`, html.EscapeString(f.Title), html.EscapeString(f.Alt), base64.StdEncoding.EncodeToString(f.Data), html.EscapeString(f.Alt))
			continue
		}
		fmt.Fprintf(&b, `<div class="file pick">%s</div>`, html.EscapeString(f.Name))
	}
	b.WriteString(`</div></div>`)
	return Part(b.String())
}

// ViewOf is a modal, or, where it has no title, a home tab.
func ViewOf(v View) Part {
	var b strings.Builder
	if v.Title == "" {
		b.WriteString(`<div class="tab"><div class="blocks">`)
		writeBlocks(&b, v.Blocks)
		b.WriteString(`</div></div>`)
		return Part(b.String())
	}
	fmt.Fprintf(&b, `<div class="modal"><header>%s</header><div class="blocks">`, html.EscapeString(v.Title))
	writeBlocks(&b, v.Blocks)
	fmt.Fprintf(&b, `</div><footer><span class="btn">Not now</span><span class="btn primary">%s</span></footer></div>`, html.EscapeString(v.Submit))
	return Part(b.String())
}

func writeBlocks(b *strings.Builder, blocks []Block) {
	for _, x := range blocks {
		switch x.Type {
		case "divider":
			b.WriteString("<hr>")
		case "header":
			fmt.Fprintf(b, `<div class="head">%s</div>`, html.EscapeString(x.Text))
		case "context":
			fmt.Fprintf(b, `<div class="ctx t">%s</div>`, html.EscapeString(x.Text))
		case "section":
			fmt.Fprintf(b, `<div class="side"><div class="t">%s</div>`, html.EscapeString(x.Text))
			if x.Picture != "" {
				writePicture(b, "pic", x)
			}
			b.WriteString("</div>")
		case "image":
			writePicture(b, "pic wide", x)
		case "rich_text":
			writeRich(b, x.Raw)
		case "actions":
			b.WriteString(`<div class="actions">`)
			for _, e := range x.Elements {
				if len(e.Options) > 0 {
					fmt.Fprintf(b, `<span class="pick">%s</span>`, html.EscapeString(e.Options[0].Text))
					continue
				}
				fmt.Fprintf(b, `<span class="btn %s">%s</span>`, html.EscapeString(e.Style), html.EscapeString(e.Text))
			}
			b.WriteString("</div>")
		case "input":
			writeInput(b, x)
		}
	}
}

// writePicture leaves room for a picture, with its words in it, until Hung puts it there.
func writePicture(b *strings.Builder, class string, x Block) {
	fmt.Fprintf(b, `<div class="%s" role="img"><!--%s-->%s</div>`, class, html.EscapeString(x.Picture), html.EscapeString(x.Alt))
}

// Hung is a page with a picture in each of its places.
func Hung(page []byte, address, mime string, data []byte) []byte {
	mark := "<!--" + html.EscapeString(address) + "-->"
	return bytes.ReplaceAll(page, []byte(mark), []byte(`<img alt="" src="data:`+mime+";base64,"+base64.StdEncoding.EncodeToString(data)+`">`))
}

func writeInput(b *strings.Builder, x Block) {
	optional := ""
	if x.Optional {
		optional = ` <span class="opt">(optional)</span>`
	}
	fmt.Fprintf(b, `<div class="field"><label>%s%s</label>`, html.EscapeString(x.Label), optional)
	for _, e := range x.Elements {
		shown := e.Initial
		for _, o := range e.Options {
			if o.Value == e.Initial {
				shown = o.Text
			}
		}
		switch {
		case e.Type == "checkboxes" && len(e.Options) > 0:
			mark := "\u2610"
			if e.Initial != "" {
				mark = "\u2611"
			}
			fmt.Fprintf(b, `<div>%s %s</div>`, mark, html.EscapeString(e.Options[0].Text))
		case len(e.Options) > 0:
			if shown == "" {
				shown = "Choose one"
			}
			fmt.Fprintf(b, `<div class="pick">%s</div>`, html.EscapeString(shown))
		case strings.Contains(string(x.Raw), `"multiline":true`):
			fmt.Fprintf(b, `<div class="in many">%s</div>`, html.EscapeString(shown))
		default:
			fmt.Fprintf(b, `<div class="in">%s</div>`, html.EscapeString(shown))
		}
	}
	if x.Hint != "" {
		fmt.Fprintf(b, `<div class="hint">%s</div>`, html.EscapeString(x.Hint))
	}
	b.WriteString("</div>")
}

// writeRich lays out rich text, which was held to its rules when it came in.
func writeRich(b *strings.Builder, raw json.RawMessage) {
	type run struct {
		Type  string `json:"type"`
		Text  string `json:"text"`
		URL   string `json:"url"`
		Style struct {
			Bold bool `json:"bold"`
		} `json:"style"`
	}
	var x struct {
		Elements []struct {
			Type     string            `json:"type"`
			Elements []json.RawMessage `json:"elements"`
		} `json:"elements"`
	}
	_ = json.Unmarshal(raw, &x) // it was read before
	runs := func(all []json.RawMessage) {
		for _, r := range all {
			var one run
			_ = json.Unmarshal(r, &one) // it was read before
			text := html.EscapeString(one.Text)
			if one.Style.Bold {
				text = "<b>" + text + "</b>"
			}
			if one.URL != "" {
				text = `<a href="#">` + text + "</a>"
			}
			b.WriteString(text)
		}
	}
	b.WriteString("<div>")
	for _, e := range x.Elements {
		if e.Type != "rich_text_list" {
			b.WriteString(`<div class="t">`)
			runs(e.Elements)
			b.WriteString("</div>")
			continue
		}
		b.WriteString("<ul>")
		for _, item := range e.Elements {
			var one struct {
				Elements []json.RawMessage `json:"elements"`
			}
			_ = json.Unmarshal(item, &one) // it was read before
			b.WriteString(`<li class="t">`)
			runs(one.Elements)
			b.WriteString("</li>")
		}
		b.WriteString("</ul>")
	}
	b.WriteString("</div>")
}
