package model

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// MaxAnswer is the largest body of an answer in bytes, envelope included. A larger one is not read to its end.
const MaxAnswer = 64 << 10

// endpoint is the one address that is asked. It follows no redirect, uses no proxy from the environment (a patient's words
// are not for whoever set one), and reads no more than MaxAnswer.
type endpoint struct {
	base   *url.URL
	client *http.Client
}

func newEndpoint(base *url.URL, atOnce int, timeout time.Duration) *endpoint {
	dialer := &net.Dialer{Timeout: timeout}
	if base.Scheme == "http" {
		dialer.ControlContext = onlyHere
	}
	return &endpoint{base, &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
			MaxConnsPerHost: atOnce, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: 30 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// onlyHere refuses a connection in clear to anything but this machine, whatever a name stood for.
func onlyHere(_ context.Context, _, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return errors.New("without TLS only this machine is asked")
	}
	return nil
}

// Do sends a request of the client library and hands it the whole body of a good answer.
func (e *endpoint) Do(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != e.base.Scheme || req.URL.Host != e.base.Host {
		return nil, errors.New("a request to another host than the one configured")
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode) // its body is not read: it may repeat the question
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > MaxAnswer {
		return nil, errors.New("the answer is too long")
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// close ends connections that are kept for later.
func (e *endpoint) close() { e.client.CloseIdleConnections() }
