package feeds

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"handrail"
)

const sayPrivate = "The feed's address leads to a private network, so it is not read."

// guard lets connections be made to public addresses only. It looks at the address that is really dialled, after names
// were resolved: what a name meant a moment ago is no promise (C13).
type guard struct {
	allow   func(netip.Addr) bool
	resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	special []netip.Prefix
	dialer  net.Dialer
	proxy   string // host and port that may be dialled wherever it is
}

func newGuard(allow func(netip.Addr) bool, resolve func(context.Context, string) ([]netip.Addr, error)) *guard {
	g := &guard{allow: allow, resolve: resolve, dialer: net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}}
	if g.resolve == nil {
		g.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	// What IANA's registries of special addresses say is not globally reachable, and netip does not know.
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"} {
		g.special = append(g.special, netip.MustParsePrefix(p))
	}
	// The last look, at the socket: should anything above ever be got wrong, this is still between us and it.
	g.dialer.Control = func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !g.allowed(at.Addr()) {
			return handrail.Errorf(handrail.KindInvalid, sayPrivate, "dial: the address is not public")
		}
		return nil
	}
	return g
}

// allowed reports whether an address may be dialled.
func (g *guard) allowed(a netip.Addr) bool {
	a = a.Unmap()
	return public(a, g.special) || g.allow != nil && g.allow(a)
}

// public reports whether an address is one of the open internet.
func public(a netip.Addr, special []netip.Prefix) bool {
	if a.Zone() != "" || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	if a.Is6() {
		if b := a.As16(); netip.MustParsePrefix("64:ff9b::/96").Contains(a) { // an IPv4 address behind a translator
			return public(netip.AddrFrom4([4]byte(b[12:])), special)
		}
		if !netip.MustParsePrefix("2000::/3").Contains(a) {
			return false
		}
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// dial resolves a name once and dials an address that it looked at.
func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	if address == g.proxy {
		return (&net.Dialer{Timeout: g.dialer.Timeout, KeepAlive: g.dialer.KeepAlive}).DialContext(ctx, network, address)
	}
	addrs, err := g.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	var last error
	for _, a := range addrs {
		conn, err := g.dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, fmt.Errorf("dial: %w", last)
}

// check refuses a host that need not be resolved to be refused. Behind a proxy, which does the resolving, it is all that
// can be done here.
func (g *guard) check(host string) error {
	if a, err := netip.ParseAddr(host); err == nil && !g.allowed(a) {
		return handrail.Errorf(handrail.KindInvalid, sayPrivate, "check host: the address is not public")
	} else if err != nil && numeric(host) {
		return handrail.Errorf(handrail.KindInvalid, sayPrivate, "check host: a number that is no address")
	}
	return nil
}

// addresses are the public addresses of a host, of which there is at least one.
func (g *guard) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if err := g.check(host); err != nil {
		return nil, err
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	found, err := g.resolve(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("resolve: %w", err)
	}
	var good []netip.Addr
	for _, a := range found {
		if a = a.Unmap(); g.allowed(a) {
			good = append(good, a)
		}
	}
	if len(good) == 0 {
		return nil, handrail.Errorf(handrail.KindInvalid, sayPrivate, "dial: none of %d addresses is public", len(found))
	}
	return good, nil
}

// numeric reports whether a host is an IPv4 address in one of the spellings that some resolvers understand and people do
// not: 2130706433, 0x7f000001, 127.1, 0177.0.0.1. No public name ends in a number.
func numeric(host string) bool {
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(host), "."), ".")
	last := labels[len(labels)-1]
	return last != "" && (strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"))
}

// checkURL says whether an address may be asked at all.
func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return handrail.Errorf(handrail.KindInvalid, "The feed's address must begin with https:// or http://.", "check address: scheme not http")
	case u.Host == "" || u.Hostname() == "":
		return handrail.Errorf(handrail.KindInvalid, "The feed's address has no host.", "check address: no host")
	case u.User != nil:
		return handrail.Errorf(handrail.KindInvalid, "The feed's address must not hold a name or password.", "check address: user in it")
	}
	return nil
}

// parseURL reads an address, relative to another where there is one. Its errors do not hold the address: it may be secret.
func parseURL(base *url.URL, s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return nil, handrail.Errorf(handrail.KindInvalid, "The feed's address cannot be read.", "read address: it is no address")
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	return u, checkURL(u)
}

// Public reports whether an address is one of the open internet: the only kind that a Client dials unasked. It is for
// settings that want to warn of an address before it is used.
func Public(a netip.Addr) bool { return newGuard(nil, nil).allowed(a) }
