package telegram_test

import (
	"strconv"
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/bot/bottest/botapi"
)

// network lends the channel and its Telegram to the suite.
type network struct{ *world }

func (n network) Channel() bot.Channel              { return n.channel }
func (n network) Address() handrail.Address         { return n.address() }
func (n network) Text(words string) <-chan struct{} { return n.ann.Send(words) }

func (n network) Press(ref bot.Ref, i int) <-chan struct{} {
	id, err := strconv.ParseInt(string(ref), 10, 64)
	if err != nil {
		n.t.Fatalf("a reference is not a number: %v", err)
	}
	for _, m := range n.ann.Seen() {
		if m.ID != id {
			continue
		}
		var labels []string
		for _, row := range m.Keys {
			for _, b := range row {
				labels = append(labels, b.Text)
			}
		}
		return n.ann.Press(id, labels[i]).Done
	}
	n.t.Fatal("there is no such message")
	return nil
}

func (n network) Submit(bot.Ref, map[string]string) <-chan struct{} {
	n.t.Fatal("there are no forms on Telegram")
	return nil
}

// Shown reads what the phone shows. A pin, or a file without words, belongs to the words above it.
func (n network) Shown() []bot.Message {
	var out []bot.Message
	for _, s := range n.ann.Seen() {
		m := bot.Message{Text: bot.Para(s.Text)}
		for _, row := range s.Keys {
			for _, b := range row {
				m.Options = append(m.Options, bot.Option{Label: b.Text, Payload: b.Data, Link: b.URL})
			}
		}
		if s.File != nil {
			m.Files = []bot.File{{Name: s.File.Name}}
		}
		if v := s.Venue; v != nil {
			place := &bot.Place{Name: v.Title, Address: v.Address, At: handrail.Point{Lat: v.Location.Lat, Lon: v.Location.Lon}}
			if len(out) > 0 && out[len(out)-1].Place == nil {
				out[len(out)-1].Place = place
				continue
			}
			m.Place = place
		}
		out = append(out, m)
	}
	return out
}

func TestChannel_Conforms(t *testing.T) {
	for name, webhook := range ways() {
		t.Run(name, func(t *testing.T) {
			bottest.Channels(t, func(t *testing.T) bottest.Network {
				return network{newWorld(t, webhook, botapi.Options{})}
			})
		})
	}
}
