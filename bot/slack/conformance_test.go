package slack_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/bot/bottest/slackapi"
	"handrail/bot/slack"
)

// network lends the channel and its Slack to the suite.
type network struct {
	*world
	asked *asked
}

// asked remembers the last form that was sent, in place of an engine: a form is drawn from the open question.
type asked struct {
	bot.Channel
	mu   sync.Mutex
	last bot.Message
}

func (a *asked) Send(ctx context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	a.mu.Lock()
	if m.Form != nil {
		a.last = m
	}
	a.mu.Unlock()
	return a.Channel.Send(ctx, to, m)
}

type withQuestion struct {
	bot.Inbox
	a *asked
}

func (w withQuestion) Question(context.Context, handrail.Address) (bot.Message, bool, error) {
	w.a.mu.Lock()
	defer w.a.mu.Unlock()
	return w.a.last, w.a.last.Form != nil, nil
}

func (a *asked) Run(ctx context.Context, in bot.Inbox) error {
	return a.Channel.Run(ctx, withQuestion{in, a})
}

func (n network) Channel() bot.Channel              { return n.asked }
func (n network) Address() handrail.Address         { return n.address() }
func (n network) Text(words string) <-chan struct{} { return n.rao.Say(words) }

func (n network) message(ref bot.Ref) slackapi.Seen {
	_, ts, _ := strings.Cut(string(ref), "/")
	for _, m := range n.rao.Seen() {
		if m.TS == ts {
			return m
		}
	}
	n.t.Fatal("there is no such message")
	return slackapi.Seen{}
}

func (n network) Press(ref bot.Ref, i int) <-chan struct{} {
	m := n.message(ref)
	return n.rao.Press(m, m.Buttons()[i]).Acked
}

func (n network) Submit(ref bot.Ref, fields map[string]string) <-chan struct{} {
	n.done("the press that opens the form", n.rao.Press(n.message(ref), "Open the form").Acked)
	var v slackapi.View
	n.until("the form", func() (open bool) { v, open = n.rao.View(); return open })
	values := map[string]string{}
	for name, value := range fields {
		values["field:"+name] = value
	}
	return n.rao.Submit(v, values).Acked
}

// Shown reads what the person sees. Files belong to the words above them.
func (n network) Shown() []bot.Message {
	var out []bot.Message
	for _, s := range n.rao.Seen() {
		m := bot.Message{}
		for _, b := range s.Blocks {
			switch {
			case strings.HasPrefix(b.ID, "place-"):
				name, address, _ := strings.Cut(b.Text, "\n")
				m.Place = &bot.Place{Name: name, Address: address}
			case b.Type == "rich_text":
				m.Text = append(m.Text, bot.Para(b.Text)...)
			}
			for _, e := range b.Elements {
				switch {
				case e.ID == "form", m.Place != nil && e.Text == slack.DefaultTexts().Map && e.URL != "":
				case len(e.Options) > 0:
					for _, o := range e.Options {
						m.Options = append(m.Options, bot.Option{Label: o.Text, Payload: o.Value})
					}
				default:
					m.Options = append(m.Options, bot.Option{Label: e.Text, Payload: e.Value, Link: e.URL})
				}
			}
		}
		for _, f := range s.Files {
			m.Files = append(m.Files, bot.File{Name: f.Name})
		}
		if len(s.Blocks) == 0 && len(s.Files) > 0 && len(out) > 0 {
			out[len(out)-1].Files = m.Files
			continue
		}
		out = append(out, m)
	}
	return out
}

func TestChannel_Conforms(t *testing.T) {
	for name, overHTTP := range ways() {
		t.Run(name, func(t *testing.T) {
			bottest.Channels(t, func(t *testing.T) bottest.Network {
				w := newWorld(t, overHTTP, slackapi.Options{AckTime: 300 * time.Millisecond})
				return network{w, &asked{Channel: w.channel}}
			})
		})
	}
}
