package alerts

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
)

// server is a mail server on this machine that says what a test asks of it.
type server struct {
	t    *testing.T
	ln   net.Listener
	cert tls.Certificate
	pool *x509.CertPool

	tls     bool   // offers STARTTLS
	auth    string // the ways of logging in that it offers, once secure
	rcpt    string // its answer to RCPT
	data    string // its answer to DATA
	end     string // its answer to the message; "" hangs up without one
	implied bool   // TLS from the first byte

	mu    sync.Mutex
	mails []string
	users []string
	plain bool // something but EHLO and STARTTLS came before TLS
}

func newServer(t *testing.T, change func(*server)) *server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, tls: true, auth: "PLAIN", rcpt: "250 ok", data: "354 go on", end: "250 taken", pool: x509.NewCertPool(),
		cert: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}
	s.pool.AddCert(cert)
	if change != nil {
		change(s)
	}
	if s.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := s.ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.talk(c) })
		}
	})
	t.Cleanup(func() { s.ln.Close(); wg.Wait() })
	return s
}

// talk is one client's whole visit.
func (s *server) talk(c net.Conn) {
	defer func() { c.Close() }()
	secure := s.implied
	if secure {
		c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert}})
	}
	r := bufio.NewReader(c)
	say := func(line string) { fmt.Fprintf(c, "%s\r\n", line) }
	say("220 here")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, rest, _ := strings.Cut(line, " ")
		if !secure && verb != "EHLO" && verb != "STARTTLS" {
			s.mu.Lock()
			s.plain = true
			s.mu.Unlock()
		}
		switch verb {
		case "EHLO":
			say("250-localhost")
			if s.tls && !secure {
				say("250-STARTTLS")
			}
			if s.auth != "" && (secure || !s.tls) {
				say("250-AUTH " + s.auth)
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert}})
			r, secure = bufio.NewReader(c), true
		case "AUTH":
			who := s.login(rest, r, say)
			s.mu.Lock()
			s.users = append(s.users, who)
			s.mu.Unlock()
			say("235 welcome")
		case "MAIL":
			say("250 ok")
		case "RCPT":
			say(s.rcpt)
		case "DATA":
			say(s.data)
			if !strings.HasPrefix(s.data, "354") {
				continue
			}
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(line, "."))
			}
			if s.end == "" {
				return // it may have it or not: nobody outside knows
			}
			if strings.HasPrefix(s.end, "2") {
				s.mu.Lock()
				s.mails = append(s.mails, b.String())
				s.mu.Unlock()
			}
			say(s.end)
		case "QUIT":
			say("221 bye")
			return
		default:
			say("502 what")
		}
	}
}

func (s *server) login(how string, r *bufio.Reader, say func(string)) string {
	read := func(b64 string) string {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(b64))
		if err != nil {
			s.t.Error(err)
		}
		return string(raw)
	}
	if plain, ok := strings.CutPrefix(how, "PLAIN "); ok {
		return strings.ReplaceAll(read(plain), "\x00", "/")
	}
	var said []string
	for _, ask := range []string{"Username:", "Password:"} {
		say("334 " + base64.StdEncoding.EncodeToString([]byte(ask)))
		line, err := r.ReadString('\n')
		if err != nil {
			return ""
		}
		said = append(said, read(line))
	}
	return "/" + strings.Join(said, "/")
}

func (s *server) mail(t *testing.T, change func(*MailOptions)) *Mail {
	t.Helper()
	o := MailOptions{
		Host: "127.0.0.1", Port: s.ln.Addr().(*net.TCPAddr).Port, From: "Handrail <handrail@surgery.example>", TLS: &tls.Config{RootCAs: s.pool},
		Now: func() time.Time { return time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC) },
	}
	if change != nil {
		change(&o)
	}
	m, err := NewMail(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func duty() handrail.Address {
	return handrail.Address{Practice: "p", Channel: handrail.ChannelEmail, Chat: "duty@surgery.example"}
}

func TestMail_Arrives(t *testing.T) {
	for _, way := range []string{"PLAIN LOGIN", "LOGIN"} {
		s := newServer(t, func(s *server) { s.auth = way })
		m := s.mail(t, func(o *MailOptions) { o.User, o.Password = "handrail", "secret" })
		msg := bot.Message{Text: append(bot.Para("A person may need help now: café"), bot.Para(".a line with a dot")...)}
		one, err := m.Send(t.Context(), duty(), msg)
		if err != nil {
			t.Fatal(err)
		}
		two, err := m.Send(t.Context(), duty(), msg)
		if err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.mails) != 2 || s.plain || s.users[0] != "/handrail/secret" {
			t.Fatalf("%d mails, in the clear %v, users %q", len(s.mails), s.plain, s.users)
		}
		got, err := mail.ReadMessage(strings.NewReader(s.mails[0]))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
		if err != nil {
			t.Fatal(err)
		}
		if want := "A person may need help now: café\r\n\r\n.a line with a dot\r\n"; string(body) != want {
			t.Errorf("want %q, got %q", want, body)
		}
		for k, want := range map[string]string{
			"From": `"Handrail" <handrail@surgery.example>`, "To": "<duty@surgery.example>", "Subject": "Handrail: please look now",
			"Date": "Sun, 22 Nov 2026 03:04:05 +0000", "Auto-Submitted": "auto-generated", "Message-Id": string(one),
		} {
			if got.Header.Get(k) != want {
				t.Errorf("%s: want %q, got %q", k, want, got.Header.Get(k))
			}
		}
		if one != two {
			t.Error("the same words sent again in doubt have another Message-ID, so no server could drop the double")
		}
	}
}

func TestMail_ImpliedTLS(t *testing.T) {
	// The port decides, so the dialled address is the test's.
	s := newServer(t, func(s *server) { s.implied = true })
	m := s.mail(t, nil)
	m.implied = true
	if _, err := m.Send(t.Context(), duty(), bot.Message{Text: bot.Para("now")}); err != nil {
		t.Fatal(err)
	}
}

// Nothing leaves in the clear for another machine, whatever the server offers or does not (G14).
func TestMail_G14_NeverInTheClear(t *testing.T) {
	s := newServer(t, func(s *server) { s.tls = false })
	m := s.mail(t, nil)
	if _, err := m.Send(t.Context(), duty(), bot.Message{Text: bot.Para("now")}); err != nil {
		t.Errorf("to this machine it may: %v", err)
	}
	if here("10.0.0.1") || here("mail.example") || !here("::1") || !here("localhost") {
		t.Error("what is this machine is wrong")
	}
	m.away = true
	_, err := m.Send(t.Context(), duty(), bot.Message{Text: bot.Para("now")})
	if o, _ := bot.OutcomeOf(err); o != bot.OutcomeRetry {
		t.Errorf("outcome %v, %v", o, err)
	}
	s = newServer(t, nil)
	m = s.mail(t, func(o *MailOptions) { o.TLS = nil }) // the machine's own roots do not know this certificate
	_, err = m.Send(t.Context(), duty(), bot.Message{Text: bot.Para("now")})
	if o, _ := bot.OutcomeOf(err); o != bot.OutcomeRetry || err == nil {
		t.Errorf("a certificate that nobody vouches for: %v, %v", o, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plain || len(s.mails) > 0 {
		t.Error("something was said in the clear, or to a server that nobody vouches for")
	}
}

// What is known of a mail that failed, and never an address in the error.
func TestMail_Outcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*server)
		want   bot.Outcome
	}{
		{"no such mailbox", func(s *server) { s.rcpt = "550 5.1.1 <duty@surgery.example> who" }, bot.OutcomeRefused},
		{"later", func(s *server) { s.rcpt = "451 4.7.1 <duty@surgery.example> greylisted" }, bot.OutcomeRetry},
		{"no data", func(s *server) { s.data = "421 closing" }, bot.OutcomeRetry},
		{"not this message", func(s *server) { s.end = "554 duty@surgery.example: no" }, bot.OutcomeRefused},
		{"not now", func(s *server) { s.end = "452 full" }, bot.OutcomeRetry},
		{"no answer", func(s *server) { s.end = "" }, bot.OutcomeUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newServer(t, c.change).mail(t, nil).Send(t.Context(), duty(), bot.Message{Text: bot.Para("now")})
			if o, _ := bot.OutcomeOf(err); err == nil || o != c.want {
				t.Errorf("want %v, got %v: %v", c.want, o, err)
			}
			if err != nil && strings.Contains(err.Error(), "surgery") {
				t.Errorf("the error holds an address: %v", err)
			}
		})
	}
	s := newServer(t, nil)
	m := s.mail(t, nil)
	s.ln.Close()
	if o, _ := bot.OutcomeOf(send(t.Context(), m)); o != bot.OutcomeRetry {
		t.Errorf("nobody there: %v", o)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := send(gone, newServer(t, nil).mail(t, nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	_, err := m.Send(t.Context(), handrail.Address{Channel: "email", Chat: "a@b\r\nBcc: x@y"}, bot.Message{Text: bot.Para("now")})
	if o, _ := bot.OutcomeOf(err); o != bot.OutcomeRefused {
		t.Errorf("an address with a line break: %v", err)
	}
}

func send(ctx context.Context, m *Mail) error {
	_, err := m.Send(ctx, duty(), bot.Message{Text: bot.Para("now")})
	return err
}

func TestNewMail(t *testing.T) {
	good := MailOptions{Host: "h", Port: 587, From: "a@b.example", Now: time.Now}
	for name, change := range map[string]func(*MailOptions){
		"host": func(o *MailOptions) { o.Host = "" }, "port": func(o *MailOptions) { o.Port = 0 },
		"from": func(o *MailOptions) { o.From = "nobody" }, "clock": func(o *MailOptions) { o.Now = nil },
	} {
		o := good
		change(&o)
		if _, err := NewMail(o); err == nil {
			t.Errorf("no %s is let pass", name)
		}
	}
	if m, err := NewMail(good); err != nil || m.Name() != handrail.ChannelEmail {
		t.Errorf("%v", err)
	}
}
