package alerts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// MailOptions are a mail server and how to log in. Host, Port, From and Now are required.
type MailOptions struct {
	Host string
	Port int // 465 is TLS from the first byte; every other port starts plain and must go to TLS
	From string
	// User and Password log in; no User, no login.
	User     string
	Password string
	// TLS is for tests; nil checks the server's certificate by its name.
	TLS *tls.Config
	Now func() time.Time
}

// Mail is e-mail as a bot.Channel that sends and never receives. An address's Chat is the e-mail address.
//
// Nothing is sent to another machine in the clear: where the server does not offer TLS, the message waits. A server on this
// machine may do without.
type Mail struct {
	o       MailOptions
	from    *mail.Address
	implied bool // TLS from the first byte
	away    bool // the server is on another machine
}

// mailTime bounds one e-mail; the outbox's own limit is shorter than that as a rule.
const mailTime = 20 * time.Second

// NewMail makes the channel; it connects to nothing yet.
func NewMail(o MailOptions) (*Mail, error) {
	from, err := mail.ParseAddress(o.From)
	if err != nil || o.Host == "" || o.Port <= 0 || o.Now == nil {
		return nil, errors.New("new mail: a host, a port, a clock and the address that it is from are all needed") // the cause would quote the address
	}
	return &Mail{o: o, from: from, implied: o.Port == 465, away: !here(o.Host)}, nil
}

// Name implements bot.Channel.
func (m *Mail) Name() string { return handrail.ChannelEmail }

// Limits implements bot.Channel: words, and nothing to press.
func (m *Mail) Limits() bot.Limits { return bot.Limits{TextChars: 8000} }

// Run implements bot.Channel: nothing is received.
func (m *Mail) Run(ctx context.Context, _ bot.Inbox) error {
	<-ctx.Done()
	return nil
}

// Send implements bot.Channel. What the server said before it took the message was certainly not sent; only when its last
// answer is lost does nobody know. No error holds an address or a word of the server's, which may quote one.
func (m *Mail) Send(ctx context.Context, to handrail.Address, msg bot.Message) (bot.Ref, error) {
	rcpt, err := mail.ParseAddress(to.Chat)
	if err != nil {
		return "", &bot.SendError{Outcome: bot.OutcomeRefused, Err: errors.New("this is no e-mail address")}
	}
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	c, err := m.connect(ctx)
	if err != nil {
		return "", &bot.SendError{Outcome: bot.OutcomeRetry, Err: err}
	}
	defer func() { _ = c.Close() }() // the message is in their hands or it is not; the line no longer matters
	if err := c.Mail(m.from.Address); err != nil {
		return "", refused("who it is from", err)
	}
	if err := c.Rcpt(rcpt.Address); err != nil {
		return "", refused("whom it is for", err)
	}
	w, err := c.Data()
	if err != nil {
		return "", refused("the message", err)
	}
	id := m.id(rcpt.Address, msg)
	if _, err := w.Write(m.compose(rcpt, id, msg)); err != nil {
		return "", &bot.SendError{Outcome: bot.OutcomeUnknown, Err: stage("write the message", err)}
	}
	if err := w.Close(); err != nil {
		if _, answered := errors.AsType[*textproto.Error](err); answered {
			return "", refused("the message", err)
		}
		return "", &bot.SendError{Outcome: bot.OutcomeUnknown, Err: stage("wait for the server's word", err)}
	}
	_ = c.Quit() // it has the message; how it takes the goodbye is its own affair
	return bot.Ref(id), nil
}

// connect dials, secures the line and logs in.
func (m *Mail) connect(ctx context.Context) (*smtp.Client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(m.o.Host, strconv.Itoa(m.o.Port)))
	if err != nil {
		return nil, stage("reach the mail server", err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, errors.Join(stage("reach the mail server", err), conn.Close())
		}
	}
	conf := m.o.TLS.Clone()
	if conf == nil {
		conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if conf.ServerName == "" {
		conf.ServerName = m.o.Host
	}
	if m.implied {
		conn = tls.Client(conn, conf)
	}
	c, err := smtp.NewClient(conn, m.o.Host)
	if err != nil {
		return nil, errors.Join(stage("be greeted by the mail server", err), conn.Close())
	}
	if err := m.enter(c, conf); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (m *Mail) enter(c *smtp.Client, conf *tls.Config) error {
	if err := c.Hello(m.domain()); err != nil {
		return stage("greet the mail server", err)
	}
	offers, _ := c.Extension("STARTTLS")
	switch {
	case m.implied:
	case offers:
		if err := c.StartTLS(conf); err != nil {
			return stage("secure the line", err)
		}
	case m.away:
		return errors.New("the mail server does not offer TLS, and nothing is sent without")
	}
	if m.o.User == "" {
		return nil
	}
	var auth smtp.Auth = login{user: m.o.User, password: m.o.Password}
	if _, ways := c.Extension("AUTH"); strings.Contains(" "+ways+" ", " PLAIN ") {
		auth = smtp.PlainAuth("", m.o.User, m.o.Password, m.o.Host)
	}
	if err := c.Auth(auth); err != nil {
		return stage("log in", err)
	}
	return nil
}

// here says whether a host is this machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// compose makes the message. Nothing in it but the body comes from outside of this package.
func (m *Mail) compose(to *mail.Address, id string, msg bot.Message) []byte {
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", m.from.String()}, {"To", to.String()}, {"Subject", "Handrail: please look now"},
		{"Date", m.o.Now().Format(time.RFC1123Z)}, {"Message-ID", id}, {"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"},
		{"Auto-Submitted", "auto-generated"}, {"Importance", "high"},
	} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	_, _ = q.Write([]byte(strings.ReplaceAll(msg.Text.Plain(), "\n", "\r\n"))) // a buffer takes everything
	_ = q.Close()
	b.WriteString("\r\n")
	return b.Bytes()
}

// id is the same for the same words to the same person, so that servers that look for doubles drop one sent again in doubt.
func (m *Mail) id(to string, msg bot.Message) string {
	sum := sha256.Sum256([]byte(to + "\x00" + msg.Text.Plain()))
	return "<" + hex.EncodeToString(sum[:16]) + "@" + m.domain() + ">"
}

// domain is the part behind the @ of the address that it is from: the only name of itself that a container has for sure.
func (m *Mail) domain() string {
	_, domain, _ := strings.Cut(m.from.Address, "@")
	return domain
}

// refused is what a server's answer means: 5xx never will, 4xx may later, and no answer may later too, for the message was
// not given yet.
func refused(what string, err error) *bot.SendError {
	outcome := bot.OutcomeRetry
	if e, ok := errors.AsType[*textproto.Error](err); ok && e.Code >= 500 {
		outcome = bot.OutcomeRefused
	}
	return &bot.SendError{Outcome: outcome, Err: stage("have "+what+" accepted", err)}
}

// stage is an error without the server's words: they may quote an address.
func stage(what string, err error) error {
	if e, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Errorf("e-mail: %s: the server answers %d", what, e.Code)
	}
	return fmt.Errorf("e-mail: %s: %w", what, err)
}

// login is the AUTH LOGIN that some servers offer in place of PLAIN. Like net/smtp's PLAIN it gives the password only over
// TLS, or to this machine.
type login struct{ user, password string }

// Start implements smtp.Auth.
func (l login) Start(s *smtp.ServerInfo) (string, []byte, error) {
	if !s.TLS && !here(s.Name) {
		return "", nil, errors.New("unencrypted connection")
	}
	return "LOGIN", nil, nil
}

// Next implements smtp.Auth.
func (l login) Next(prompt []byte, more bool) ([]byte, error) {
	switch ask := strings.ToLower(strings.Trim(string(prompt), ": ")); {
	case !more:
		return nil, nil
	case strings.HasPrefix(ask, "user"):
		return []byte(l.user), nil
	case strings.HasPrefix(ask, "pass"):
		return []byte(l.password), nil
	}
	return nil, errors.New("the server asks for something unknown")
}
