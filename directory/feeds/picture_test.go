package feeds_test

import (
	"bytes"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"handrail/directory/feeds"
)

// A picture is fetched over https and from the open internet only, and no more of it than was asked for (C13, B24).
func TestClient_C13_Picture(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/garden.jpg", http.StatusFound)
		case "/private":
			http.Redirect(w, r, "https://10.0.0.1/x", http.StatusFound)
		case "/open":
			http.Redirect(w, r, "http://127.0.0.1/x", http.StatusFound)
		case "/none":
			http.NotFound(w, r)
		default:
			_, _ = w.Write(bytes.Repeat([]byte{0xff}, 1000))
		}
	}))
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	mine := newClient(t, func(o *feeds.ClientOptions) { o.Roots = roots })
	for path, want := range map[string]int{"/garden.jpg": 1000, "/moved": 1000} {
		if got, err := mine.Picture(t.Context(), srv.URL+path, 1000); err != nil || len(got) != want {
			t.Errorf("%s: %d bytes, error %v", path, len(got), err)
		}
	}
	for _, address := range []string{srv.URL + "/private", srv.URL + "/open", srv.URL + "/none", "http" + srv.URL[5:] + "/garden.jpg", "file:///etc/hostname", "", "::"} {
		if got, err := mine.Picture(t.Context(), address, 1000); err == nil {
			t.Errorf("%s: %d bytes came", address, len(got))
		}
	}
	if got, err := mine.Picture(t.Context(), srv.URL+"/garden.jpg", 999); err == nil {
		t.Errorf("too large: %d bytes came", len(got))
	}
	strict := newClient(t, func(o *feeds.ClientOptions) {
		o.Roots, o.Allow = roots, func(netip.Addr) bool { return false }
	})
	if _, err := strict.Picture(t.Context(), srv.URL+"/garden.jpg", 1000); err == nil {
		t.Error("a picture came from a private network")
	}
}
