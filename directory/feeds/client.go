package feeds

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"handrail"
)

// The bounds of a request.
const (
	maxRedirects = 5
	maxBody      = 50 << 20 // bytes, unpacked
	maxRatio     = 200      // unpacked over packed, past the first megabyte; JSON of lists packs to a tenth
	freeUnpacked = 1 << 20
	maxPatience  = 2 * time.Minute // how long a pull waits when it is asked to
	maxRetries   = 3               // in one pull
)

// Client asks feeds. It is safe for several goroutines, and keeps no cookies, no passwords and no cache.
type Client struct {
	http  *http.Client
	guard *guard
	agent string
	max   int64
	wait  func(context.Context, time.Duration) error
	limit time.Duration
}

// ClientOptions changes how a Client works. The zero value is right but for tests.
type ClientOptions struct {
	// UserAgent tells publishers who is asking; empty is "Handrail (directory reader)". An address to write to belongs in it.
	UserAgent string
	// Allow lets addresses be dialled that are not public, a feed on this machine for instance. nil allows none.
	Allow func(netip.Addr) bool
	// Resolve resolves names; nil asks the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// MaxBody is the largest answer in bytes, unpacked; 0 is 50 MB.
	MaxBody int64
	// Timeout is for one request from its first byte to its answer's last; 0 is two minutes.
	Timeout time.Duration
	// Roots are the authorities whose certificates are believed; nil is the system's.
	Roots *x509.CertPool
	// Proxy is through which proxy feeds are asked, nil for none: the environment is not looked at. Behind a proxy the
	// addresses of feeds are the proxy's business, so it must be trusted to refuse private ones.
	Proxy *url.URL
	// Wait passes time between requests; nil waits in truth.
	Wait func(context.Context, time.Duration) error
}

// NewClient makes a client.
func NewClient(o ClientOptions) *Client {
	g := newGuard(o.Allow, o.Resolve)
	transport := &http.Transport{
		DialContext:            g.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // it is asked for and bounded here
		MaxConnsPerHost:        2,
		MaxIdleConns:           4,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  60 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if o.Proxy != nil {
		transport.Proxy = http.ProxyURL(o.Proxy)
		g.proxy = o.Proxy.Host
		if o.Proxy.Port() == "" {
			port := "80"
			if o.Proxy.Scheme == "https" {
				port = "443"
			}
			g.proxy = net.JoinHostPort(o.Proxy.Hostname(), port)
		}
	}
	c := &Client{
		guard: g,
		http:  &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		agent: o.UserAgent, max: o.MaxBody, wait: o.Wait, limit: o.Timeout,
	}
	if c.agent == "" {
		c.agent = "Handrail (directory reader)"
	}
	if c.max <= 0 {
		c.max = maxBody
	}
	if c.limit <= 0 {
		c.limit = 2 * time.Minute
	}
	if c.wait == nil {
		c.wait = pass
	}
	return c
}

// pass lets time pass.
func pass(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// CloseIdle closes connections that are kept for the next request.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

// visit is the asking of one feed in one pull: its pace, and its count of what was read.
type visit struct {
	c     *Client
	pause time.Duration

	turn sync.Mutex // held while waiting for the next request's turn
	late bool       // the first request went

	mu      sync.Mutex
	pages   int
	bytes   int64
	retries int
}

// answer is an answer whose body is still to be read. Close it.
type answer struct {
	NotModified bool
	ETag        string

	body  io.Reader
	err   error // why the body could not be read on
	close func()
}

// Read reads the unpacked body.
func (a *answer) Read(p []byte) (int, error) {
	n, err := a.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		a.err = err
	}
	return n, err
}

// Close ends the request.
func (a *answer) Close() { a.close() }

// explain gives the error of whoever read the body a sentence: what went wrong on the way comes before what was then
// missing.
func (a *answer) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case a.err != nil:
		return explain(a.err)
	}
	return handrail.Errorf(handrail.KindInvalid, "The feed's answer is not the data that was expected, or not all of it.", "%w", err)
}

// errStatus is an answer that is no data.
type errStatus struct {
	code  int
	after time.Duration // how long it asks to be left alone
}

// Error names the status.
func (e *errStatus) Error() string { return fmt.Sprintf("status %d", e.code) }

// gone reports whether the address is not to be asked again.
func gone(err error) bool {
	var s *errStatus
	return errors.As(err, &s) && (s.code == http.StatusNotFound || s.code == http.StatusGone)
}

// get asks for an address, with the feed's pace, following redirects, and trying again where an answer says to wait a
// little. etag is sent when it isn't empty.
func (v *visit) get(ctx context.Context, u *url.URL, etag string) (*answer, error) {
	for {
		if err := v.take(ctx); err != nil {
			return nil, err
		}
		a, err := v.follow(ctx, u, etag)
		var s *errStatus
		if !errors.As(err, &s) || s.code < 500 && s.code != http.StatusTooManyRequests {
			return a, explain(err)
		}
		v.mu.Lock()
		v.retries++
		often := v.retries > maxRetries
		v.mu.Unlock()
		if s.after == 0 {
			s.after = 5 * time.Second
		}
		if often || s.after > maxPatience {
			return nil, explain(err)
		}
		if err := v.c.wait(ctx, s.after); err != nil {
			return nil, err
		}
	}
}

// take waits for the next request's turn.
func (v *visit) take(ctx context.Context) error {
	v.turn.Lock()
	defer v.turn.Unlock()
	if v.late {
		if err := v.c.wait(ctx, v.pause); err != nil {
			return err
		}
	}
	v.late = true
	return ctx.Err()
}

func (v *visit) follow(ctx context.Context, u *url.URL, etag string) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, v.c.limit)
	been := map[string]bool{}
	for range maxRedirects + 1 {
		if err := errors.Join(checkURL(u), v.c.guard.check(u.Hostname())); err != nil {
			cancel()
			return nil, err
		}
		if been[u.String()] {
			cancel()
			return nil, handrail.Errorf(handrail.KindInvalid, "The feed's address leads in a circle.", "follow redirects: a loop")
		}
		been[u.String()] = true
		resp, err := v.ask(ctx, u, etag)
		if err != nil {
			cancel()
			return nil, err
		}
		if !redirects(resp.StatusCode) {
			a, err := v.open(resp, cancel)
			if err != nil {
				resp.Body.Close()
				cancel()
				return nil, err
			}
			return a, nil
		}
		resp.Body.Close()
		next, err := parseURL(u, resp.Header.Get("Location"))
		if err != nil {
			cancel()
			return nil, err
		}
		if u.Scheme == "https" && next.Scheme != "https" {
			cancel()
			return nil, handrail.Errorf(handrail.KindInvalid, "The feed's address leads from a safe connection to an open one.", "follow redirects: from https to http")
		}
		u = next
	}
	cancel()
	return nil, handrail.Errorf(handrail.KindInvalid, "The feed's address leads on too often.", "follow redirects: more than %d", maxRedirects)
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func (v *visit) ask(ctx context.Context, u *url.URL, etag string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, handrail.Errorf(handrail.KindInvalid, "The feed's address cannot be read.", "make request: it is no address")
	}
	req.Header.Set("User-Agent", v.c.agent)
	req.Header.Set("Accept", "application/json, application/vnd.openactive.rpde+json; q=0.9")
	req.Header.Set("Accept-Encoding", "gzip")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	resp, err := v.c.http.Do(req)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) { // its text holds the whole address, and that may hold a key
			err = withURL.Err
		}
		return nil, fmt.Errorf("ask: %w", err)
	}
	return resp, nil
}

// open looks at an answer's head and makes its body safe to read.
func (v *visit) open(resp *http.Response, cancel func()) (*answer, error) {
	a := &answer{ETag: resp.Header.Get("ETag"), close: func() { resp.Body.Close(); cancel() }}
	if len(a.ETag) > 200 {
		a.ETag = ""
	}
	v.mu.Lock()
	v.pages++
	v.mu.Unlock()
	switch {
	case resp.StatusCode == http.StatusNotModified:
		a.NotModified, a.body = true, strings.NewReader("")
		return a, nil
	case resp.StatusCode != http.StatusOK:
		return nil, &errStatus{code: resp.StatusCode, after: retryAfter(resp.Header.Get("Retry-After"))}
	case resp.ContentLength > v.c.max:
		return nil, tooLarge()
	}
	packed := &counted{r: resp.Body, max: v.c.max}
	out := &counted{r: packed, max: v.c.max, told: v}
	switch encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(packed)
		if err != nil {
			return nil, handrail.Errorf(handrail.KindInvalid, "The feed's answer is damaged.", "unpack: %w", err)
		}
		out.r, out.packed = unpacked, packed
	default:
		return nil, handrail.Errorf(handrail.KindInvalid, "The feed packs its answer in a way that was not asked for.", "unpack: unknown encoding")
	}
	body := bufio.NewReader(out)
	head, err := body.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if text := strings.TrimLeft(strings.TrimPrefix(string(head), "\xef\xbb\xbf"), " \t\r\n"); strings.HasPrefix(text, "<") {
		return nil, handrail.Errorf(handrail.KindUnavailable, "The feed answered with a web page instead of data.", "read answer: it is a page")
	}
	a.body = body
	return a, nil
}

// retryAfter reads how many seconds to wait. A date would need the other side's clock to be right, and is taken as a
// minute.
func retryAfter(s string) time.Duration {
	if s == "" {
		return 0
	}
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n >= 0 && n < 7*24*3600 {
		return time.Duration(n) * time.Second
	}
	return time.Minute
}

// counted bounds what is read: in all, and for unpacked data by how much more it is than what was packed.
type counted struct {
	r      io.Reader
	n, max int64
	packed *counted
	told   *visit
}

// Read reads on until a bound.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.told != nil {
		c.told.mu.Lock()
		c.told.bytes += int64(n)
		c.told.mu.Unlock()
	}
	if c.n > c.max || c.packed != nil && c.n > freeUnpacked && c.n > maxRatio*c.packed.n {
		return 0, tooLarge()
	}
	return n, err
}

func tooLarge() error {
	return handrail.Errorf(handrail.KindInvalid, "The feed's answer is larger than any feed should be.", "read answer: too large")
}

// explain gives an error of the network a sentence for staff.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if _, said := handrail.Sentence(err); said {
		return err
	}
	say := "The feed cannot be reached."
	var s *errStatus
	var expired x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var wrongHost x509.HostnameError
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &s) && (s.code == http.StatusNotFound || s.code == http.StatusGone):
		say = "The feed is no longer at its address."
	case errors.As(err, &s) && (s.code == http.StatusUnauthorized || s.code == http.StatusForbidden):
		say = "The feed does not let us read it."
	case errors.As(err, &s) && s.code == http.StatusTooManyRequests:
		say = "The feed asks to be left alone for now."
	case errors.As(err, &s):
		say = fmt.Sprintf("The feed answered with an error (%d).", s.code)
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		say = "The feed's certificate has expired."
	case errors.As(err, &expired), errors.As(err, &unknown), errors.As(err, &wrongHost):
		say = "The feed's certificate cannot be trusted."
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		say = "The feed did not answer in time."
	case errors.Is(err, io.ErrUnexpectedEOF):
		say = "The feed's answer stopped before its end."
	}
	return handrail.Errorf(handrail.KindUnavailable, say, "%w", err)
}
