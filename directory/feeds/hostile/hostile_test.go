// Package hostile holds the fuzzer of directory/feeds: servers that answer anything at all. It is apart from the other
// tests so that what they need of databases isn't built for it.
package hostile

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handrail"
	"handrail/directory/feeds"
	"handrail/directory/sources"
)

// Whatever a server says to whatever is asked: no panic, an end, a sentence for each failure, and nothing taken to be
// gone because of it.
func FuzzPull(f *testing.F) {
	for _, body := range []string{`{"contents":[{"id":"a","name":"A"}],"total_pages":3}`, `{"next":"/?a=1","items":[]}`, `{"next":"/?a=1","items":[` + `{"state":"updated","kind":"SessionSeries","id":1,"modified":1,"data":{"name":"N"}}]}`,
		`{"content":[{"id":"a","name":"A","contacts":[]}],"last":true,"totalElements":5}`, `[`, `<p>`, `[{"id":"..","name":"N"},{"id":"a/b?c#d","name":"N"}]`} {
		for format := range byte(3) {
			f.Add(format, body, "", 200)
		}
	}
	f.Add(byte(0), `[]`, "/elsewhere", 301)
	var body, location atomic.Pointer[string]
	var code atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if l := *location.Load(); l != "" {
			w.Header()["Location"] = []string{l}
		}
		w.WriteHeader(int(code.Load()))
		w.Write([]byte(*body.Load()))
	}))
	f.Cleanup(server.Close)
	now := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	c := feeds.NewClient(feeds.ClientOptions{
		Allow: func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") },
		Wait:  func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	f.Cleanup(c.CloseIdle)
	f.Fuzz(func(t *testing.T, format byte, says, leads string, status int) {
		if status < 200 || status > 599 || strings.ContainsAny(leads, "\r\n\x00") {
			return
		}
		body.Store(&says)
		location.Store(&leads)
		code.Store(int64(status))
		feed := feeds.Feed{Name: "fuzz", Format: []string{sources.OpenReferral3, sources.OpenReferral1, sources.RPDE}[int(format)%3], URL: server.URL + "/?key=secret"}
		got, s, err := c.Pull(context.Background(), feed, feeds.State{}, now)
		if _, said := handrail.Sentence(err); err != nil && (!said || got.Full || len(got.Activities)+len(got.Gone) > 0 || s.Problem == "" || strings.Contains(err.Error(), "secret")) {
			t.Fatalf("%v: %+v", err, got)
		}
		if err == nil && !s.OKAt.Equal(now) {
			t.Fatalf("%+v", s)
		}
		if _, err := s.Stored("fuzz"); err != nil {
			t.Fatal(err)
		}
	})
}
