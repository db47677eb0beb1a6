package wire

import (
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// Client is a copy of c that follows no redirect, since a token in the address or a header must go nowhere else, and no
// Referer may carry it; nil is one with connections of its own.
func Client(c *http.Client) *http.Client {
	if c == nil {
		t := &http.Transport{}
		if standard, ok := http.DefaultTransport.(*http.Transport); ok {
			t = standard.Clone() // with its proxies and time-outs
		}
		t.MaxIdleConnsPerHost = 64
		c = &http.Client{Transport: t}
	}
	copied := *c
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &copied
}

// Do makes a request; wrote says whether it was written, should no answer come. The error may print the address: see Lost.
func Do(c *http.Client, req *http.Request) (resp *http.Response, wrote bool, err error) {
	// Whatever the client retries by itself it has not written: each new connection starts anew.
	var written atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn:      func(string) { written.Store(false) },
		WroteHeaders: func() { written.Store(true) },
	}))
	resp, err = c.Do(req) //nolint:gosec // to the network alone: the caller made the request, of its address in the settings
	return resp, written.Load(), err
}
