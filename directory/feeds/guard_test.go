package feeds_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handrail/directory/feeds"
	"handrail/directory/sources"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// certificate makes one that is its own authority.
func certificate(t testing.TB, host string, from, to time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, IPAddresses: []net.IP{net.ParseIP(host)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pool
}

// Nothing is dialled but public addresses, however they are written.
func TestClient_C13_Addresses(t *testing.T) {
	hits := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { hits.Add(1); fmt.Fprint(w, "[]") }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	c := newClient(t, func(o *feeds.ClientOptions) { o.Allow = nil })
	for _, host := range []string{"127.0.0.1", "127.0.0.2", "localhost", "[::1]", "0.0.0.0", "[::]", "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "127.0.0.1.",
		"169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "192.0.0.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
		"[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
		"[2001:db8::1]", "[2002:7f00:1::]", "[2001::1]", "[fec0::1]"} {
		fails(t, c, feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: "http://" + host + ":" + port + "/?key=secret"}, feeds.State{}, monday, "private network")
	}
	for _, address := range []string{"ftp://feed.example/", "file:///etc/passwd", "gopher://127.0.0.1/", "//127.0.0.1/", "feed.example", "", "http://", "http:///x", "javascript:x", "http://u:secret@feed.example/", "http://[::1", "http://a b/"} {
		if _, _, err := c.Pull(t.Context(), feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: address}, feeds.State{}, monday); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests arrived", hits.Load())
	}
	// What the table refuses is not everything.
	for address, want := range map[string]bool{"8.8.8.8": true, "81.2.69.142": true, "2a00:1450:4009::1": true, "64:ff9b::808:808": true, "172.32.0.1": true, "100.128.0.1": true, "192.168.0.1": false} {
		if got := feeds.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

// A name that means a public address when it is looked at and another when it is dialled; and one that means both.
func TestClient_C13_Rebinding(t *testing.T) {
	inside := atomic.Int64{}
	secret, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("this machine has no second loopback address: %v", err)
	}
	server := &httptest.Server{Listener: secret, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { inside.Add(1); fmt.Fprint(w, "[]") })}}
	server.Start()
	defer server.Close()
	_, port, _ := net.SplitHostPort(secret.Addr().String())
	public, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Skipf("the port is taken at the other address: %v", err)
	}
	outside := &httptest.Server{Listener: public, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		fmt.Fprint(w, `[{"id":"a","name":"A","contacts":[]}]`)
	})}}
	outside.Start()
	defer outside.Close()

	asked := 0
	c := newClient(t, func(o *feeds.ClientOptions) { // 127.0.0.1 stands for the open internet here, 127.0.0.2 for what is inside
		o.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			if asked++; asked == 1 {
				return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.2")}, nil
		}
	})
	f := feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: "http://feed.example:" + port}
	_, s := pull(t, c, f, feeds.State{}, monday)
	fails(t, c, f, s, monday.AddDate(0, 0, 8), "private network")
	both := newClient(t, func(o *feeds.ClientOptions) {
		o.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")}, nil
		}
	})
	pull(t, both, f, feeds.State{}, monday)
	if inside.Load() != 0 {
		t.Errorf("%d requests went inside", inside.Load())
	}
}

func TestClient_C13_NoProxyFromTheEnvironment(t *testing.T) {
	hits := atomic.Int64{}
	proxy := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { hits.Add(1); fmt.Fprint(w, `[]`) }))
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy)
	}
	f := feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: "http://feed.invalid/"}
	c := newClient(t, func(o *feeds.ClientOptions) {
		o.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil
		}
	})
	fails(t, c, f, feeds.State{}, monday, "private network")
	if hits.Load() != 0 {
		t.Error("the environment's proxy was asked")
	}
	told, _ := url.Parse(proxy)
	behind := newClient(t, func(o *feeds.ClientOptions) { o.Proxy, o.Allow = told, nil })
	pull(t, behind, f, feeds.State{}, monday)
	for _, host := range []string{"10.0.0.1", "[::1]", "2130706433", "169.254.169.254"} {
		fails(t, behind, feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: "http://" + host}, feeds.State{}, monday, "private network")
	}
	if hits.Load() != 1 {
		t.Error("the proxy that was told was not asked")
	}
}

func TestClient_Introduces(t *testing.T) {
	var heads []http.Header
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heads = append(heads, r.Header.Clone())
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "me"})
		fmt.Fprint(w, `[{"id":"a","name":"A","contacts":[]}]`)
	}))
	f := feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: base}
	c := newClient(t)
	pull(t, c, f, feeds.State{}, monday)
	pull(t, c, f, feeds.State{}, monday)
	for _, h := range heads {
		if !strings.HasPrefix(h.Get("User-Agent"), "Handrail") || h.Get("Cookie") != "" || h.Get("Authorization") != "" || h.Get("Referer") != "" {
			t.Errorf("%v", h)
		}
	}
}

// packed makes gzip of n bytes of white space inside a list.
func packed(t testing.TB, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	blank := bytes.Repeat([]byte(" "), 1<<20)
	w.Write([]byte("["))
	for ; n > 0; n -= len(blank) {
		w.Write(blank)
	}
	w.Write([]byte("]"))
	w.Close()
	return out.Bytes()
}

func TestClient_B24_Bombs(t *testing.T) {
	bomb := packed(t, 256<<20)
	nested := func() []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		w.Write(bomb)
		w.Close()
		return out.Bytes()
	}()
	small := packed(t, 20<<20) // within the bound, and a thousand times what was sent
	for name, want := range map[string]struct {
		serve http.HandlerFunc
		say   string
	}{
		"ratio": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(small)
		}, "larger than"},
		"gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		}, "larger than"},
		"gzip in gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(nested)
		}, "not the data"},
		"gzip twice said": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip, gzip")
			w.Write(nested)
		}, "not asked for"},
		"deflate": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "deflate")
			w.Write(bomb)
		}, "not asked for"},
		"damaged": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb[:len(bomb)/900])
		}, ""},
		"no gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte("[]"))
		}, "damaged"},
		"says it is large": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99999999999")
			w.Write([]byte("["))
		}, "larger than"},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("["))
			blank := bytes.Repeat([]byte(" "), 1<<16)
			for r.Context().Err() == nil {
				if _, err := w.Write(blank); err != nil {
					return
				}
			}
		}, "larger than"},
		"endless head": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 5000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 100))
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(want.serve)
			server.Config.ErrorLog = quiet()
			server.Start()
			defer server.Close()
			c, f := newClient(t, func(o *feeds.ClientOptions) { o.MaxBody = 30 << 20 }), feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: server.URL}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			fails(t, c, f, feeds.State{}, monday, want.say)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			t.Logf("%v, %d MB allocated", took, (after.TotalAlloc-before.TotalAlloc)>>20)
			if after.TotalAlloc-before.TotalAlloc > 40<<20 {
				t.Errorf("%d MB allocated", (after.TotalAlloc-before.TotalAlloc)>>20)
			}
			// What is unpacked is bounded, and so the time, on however slow a machine.
			if got, _, _ := c.Pull(t.Context(), f, feeds.State{}, monday); got.Bytes > 30<<20+64<<10 || name == "ratio" && got.Bytes > 2<<20 {
				t.Errorf("%d MB unpacked", got.Bytes>>20)
			}
		})
	}
}

// A feed that packs well is no bomb.
func TestClient_GzipIsUnderstood(t *testing.T) {
	p := &publisher{services: someServices(2000)}
	p.base = "/services"
	f := feeds.Feed{Name: "x", Format: sources.OpenReferral3, PerPage: 2000, URL: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		p.ServeHTTP(rec, r)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write(rec.Body.Bytes())
		z.Close()
	})) + p.base}
	if got, _ := pull(t, newClient(t), f, feeds.State{}, monday); len(got.Activities) != 2000 {
		t.Errorf("%d", len(got.Activities))
	}
}

// A server that sends one byte and then nothing is left when the time is up.
func TestClient_SlowFeed(t *testing.T) {
	hold := make(chan struct{})
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "[ ")
		w.(http.Flusher).Flush()
		<-hold
	}))
	defer close(hold)
	fails(t, newClient(t, func(o *feeds.ClientOptions) { o.Timeout = 50 * time.Millisecond }), feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: base}, feeds.State{}, monday, "did not answer in time")
}

func TestClient_NobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	fails(t, newClient(t), feeds.Feed{Name: "x", Format: sources.OpenReferral3, URL: "http://" + l.Addr().String() + "/?key=secret"}, feeds.State{}, monday, "cannot be reached")
}
