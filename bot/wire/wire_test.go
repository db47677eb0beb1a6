package wire_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/wire"
)

// What is known of a call without an answer: certainly not sent where no request was written, and otherwise unknown (F2);
// and whatever happened, the error holds no token (C5).
func TestLost_F2_C5(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	drops := listen(t, func(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)) })
	hangs := listen(t, func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = c.Read(make([]byte, 1)) // until the caller gives up
	})
	for name, c := range map[string]struct {
		url     string
		outcome bot.Outcome
		cause   error
	}{
		"nobody there": {closed.URL, bot.OutcomeRetry, nil},
		"dropped":      {drops, bot.OutcomeUnknown, nil},
		"hangs":        {hangs, bot.OutcomeUnknown, context.DeadlineExceeded},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/bot123:SECRET/send", strings.NewReader("words"))
		if err != nil {
			t.Fatal(err)
		}
		resp, wrote, err := wire.Do(wire.Client(nil), req)
		if err == nil {
			resp.Body.Close()
			t.Fatalf("%s: it was answered", name)
		}
		e := wire.Lost(ctx, "net", "send", err, wrote)
		cancel()
		if e.Outcome != c.outcome || !errors.Is(e, c.cause) && c.cause != nil || strings.Contains(e.Error(), "SECRET") || strings.Contains(e.Error(), "127.0.0.1") {
			t.Errorf("%s: %s, %v", name, e.Outcome, e)
		}
	}
}

// listen answers no request; it returns its address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// A redirect is not followed: the token must go nowhere else.
func TestClient_C5_NoRedirect(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, _, err := wire.Do(wire.Client(nil), req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusFound || asked != 1 {
		t.Errorf("status %d after %d requests", resp.StatusCode, asked)
	}
}
