package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"handrail/bot"
)

//go:embed page
var pageFiles embed.FS

// asset is one file of the page. Its tag is a hash of what is in it: the browser asks each time and is told when it has
// the file already, so a new build is never shown with an old script.
type asset struct {
	kind string
	tag  string
	data []byte
}

func loadAssets() (map[string]asset, error) {
	files, err := pageFiles.ReadDir("page")
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	kinds := map[string]string{
		".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
		".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}
	out := map[string]asset{}
	for _, f := range files {
		data, err := pageFiles.ReadFile("page/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read the page: %w", err)
		}
		kind, ok := kinds[path.Ext(f.Name())]
		if !ok {
			return nil, fmt.Errorf("read the page: %s is of no known kind", f.Name())
		}
		sum := sha256.Sum256(data)
		out[f.Name()] = asset{kind: kind, tag: `"` + hex.EncodeToString(sum[:12]) + `"`, data: data}
	}
	return out, nil
}

func (c *Channel) getPage(w http.ResponseWriter, r *http.Request) { c.serve(w, r, "index.html") }

func (c *Channel) getAsset(w http.ResponseWriter, r *http.Request) {
	c.serve(w, r, r.PathValue("name"))
}

func (c *Channel) serve(w http.ResponseWriter, r *http.Request, name string) {
	a, ok := c.assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", a.tag)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(a.data))
}

// shown reports whether the page shows this kind of file as a picture. An SVG is not among them: it can carry a script.
func shown(mime string) bool {
	switch mime {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}

// getFile hands over a file of a message. Only pictures are shown in the browser; everything else is a download, whatever
// it says it is, and nothing in it may run.
func (c *Channel) getFile(w http.ResponseWriter, r *http.Request) {
	f, ok := c.file(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", attachment(f.Name))
	kind := "application/octet-stream"
	if shown(f.MIME) {
		kind = f.MIME
		h.Set("Content-Disposition", "inline")
	}
	h.Set("Content-Type", kind)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Data))
}

func (c *Channel) file(r *http.Request) (bot.File, bool) {
	q := r.URL.Query()
	run, all := c.phones.all()
	n, err1 := strconv.Atoi(q.Get("n"))
	i, err2 := strconv.Atoi(q.Get("i"))
	if err1 != nil || err2 != nil || q.Get("run") != run || n < 1 || n > len(all) {
		return bot.File{}, false
	}
	m := all[n-1].Message
	if m == nil || i < 0 || i >= len(m.Files) {
		return bot.File{}, false
	}
	return m.Files[i], true
}

// attachment is the Content-Disposition of a download. The name loses its folders, so that it cannot point anywhere.
func attachment(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "" || name == "." || name == "/" || name == ".." {
		name = "file"
	}
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": name}); d != "" {
		return d
	}
	return "attachment"
}
