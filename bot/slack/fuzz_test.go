package slack

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

type stopped struct{ at time.Time }

func (s stopped) Now() time.Time                       { return s.at }
func (stopped) After(d time.Duration) <-chan time.Time { return time.After(d) }

type bare string

func (b bare) Reveal() string { return string(b) }

func newBare(t testing.TB) *Channel {
	t.Helper()
	c, err := New(Options{SigningSecret: bare("secret"), BotToken: bare("xoxb-1"), Practice: "hilltop", Clock: stopped{time.Unix(1_795_340_000, 0)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// No header but the right one is let through, whatever it is.
func FuzzSignature(f *testing.F) {
	stamp := "1795340000"
	f.Add(stamp, Sign("secret", stamp, []byte("body")), []byte("body"))
	f.Add("", "", []byte(nil))
	f.Add("1795340000", "v0=", []byte("x"))
	f.Add("-1795340000", "v0="+strings.Repeat("0", 64), []byte("x"))
	f.Add("00001795340000", "V0="+strings.Repeat("a", 64), []byte("x"))
	f.Add("１７９５３４００００", "v0=zz", []byte("\x00"))
	f.Fuzz(func(t *testing.T, stamp, signature string, body []byte) {
		c := newBare(t)
		h := http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {signature}}
		gotStamp, gotSignature, ok := c.proof(h)
		if !ok {
			return
		}
		n, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil || n < 1_795_340_000-301 || n > 1_795_340_000+301 || gotStamp != stamp || gotSignature != signature {
			t.Fatalf("%q was taken for a time near ours", stamp)
		}
		if Sign("secret", stamp, body) == signature && Sign("another", stamp, body) == signature {
			t.Fatal("two secrets sign alike")
		}
	})
}

// Whatever Slack sends, or anybody in its name, is read without a panic into something that can be stored.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(`{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"message","channel_type":"im","user":"U1","text":"hi <@U2> &amp;","ts":"1.2","channel":{"id":7}}}`))
	f.Add([]byte(`{"type":"block_actions","trigger_id":"1.2","user":{"id":"U1","team_id":"T1"},"actions":[{"action_id":"select","block_id":"x@C12","selected_option":{"value":"q~"}}],"container":{"channel_id":"D1"}}`))
	f.Add([]byte(`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"form","private_metadata":"{\"t\":\"q\",\"c\":[{\"n\":\"a\",\"k\":\"line\",\"x\":\"(\"}]}","state":{"values":{"field:a":{"value":{"type":"x","value":"y"}}}}}}`))
	f.Add([]byte(`{"type":"message_action","trigger_id":"1","callback_id":"find_for_this","message":{"text":"<https://a|b> <"}, "user":{"id":"U1"}}`))
	f.Add([]byte(`{"command":"/whatson","text":"&lt;","user_id":"U1","trigger_id":"x","channel_id":"C1"}`))
	f.Add([]byte(`{"event":{"type":"user_change","user":[]},"event_id":"E","team_id":null}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := newBare(t)
		in := Installation{Team: "T1", Practice: "hilltop", BotUser: "UBOT"}
		var e wireEvents
		var x wireInteraction
		var k wireCommand
		if decode(raw, &e) != nil || decode(raw, &x) != nil || decode(raw, &k) != nil {
			return
		}
		for _, h := range []heard{c.readEvent(in, e), c.readInteraction(in, x), c.readCommand(in, k)} {
			if h.sheet != nil {
				c.wrong(*h.sheet, h.typed)
				if len(h.typed) > 0 {
					h.first()
				}
			}
			if h.spent != nil {
				c.spent = func(string) bool { return true }
				c.without(*h.spent)
			}
			u := h.update
			if u == nil {
				continue
			}
			if _, ours := whose(u.From); !ours || u.At.IsZero() || !strings.Contains(u.ID, ":") || u.From.Practice != "hilltop" {
				t.Fatalf("%+v", u)
			}
			if _, err := json.Marshal(u); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// What is escaped has no markup in it, and comes back as it was.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"<!channel>", "&lt;!channel&gt;", "&amp;lt;", "<@U1|x>", "a & b < c > d", "\x00\xff", "<<>>&&", "<https://a|b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := escape(s)
		if strings.ContainsAny(out, "<>") || !utf8.ValidString(out) {
			t.Fatalf("%q", out)
		}
		for i, r := range out {
			if r == '&' && !strings.HasPrefix(out[i:], "&amp;") && !strings.HasPrefix(out[i:], "&lt;") && !strings.HasPrefix(out[i:], "&gt;") {
				t.Fatalf("a bare & in %q", out)
			}
		}
		if back := unlink(out); back != valid(s) {
			t.Fatalf("%q came back as %q", valid(s), back)
		}
	})
}

// Any message at all is laid out within the limits, and says everything that it has to say.
func FuzzBlocks(f *testing.F) {
	f.Add("words *bold* <!here>", "label", "https://x.example", 3)
	f.Add("", "", "javascript:1", 60)
	f.Add(strings.Repeat("é", 4000), strings.Repeat("l", 200), "http://", 101)
	f.Fuzz(func(t *testing.T, words, label, link string, n int) {
		c := newBare(t)
		m := bot.Message{Text: bot.Text{{Spans: []bot.Span{{Text: words, Strong: true}, {Text: label, Link: link}}}, {Item: true, Spans: []bot.Span{{Text: words}}}}}
		for i := range min(max(n, 0), 120) {
			m.Options = append(m.Options, bot.Option{Label: label, Payload: "q~" + strconv.Itoa(i)})
		}
		m.Place = &bot.Place{Name: label, Address: words, At: handrail.Point{Lat: 1, Lon: 2}}
		for _, part := range bot.Fit(m, c.Limits()) {
			blocks := c.blocks(part, "C0ROOM")
			if len(blocks) == 0 || len(blocks) > maxBlocks {
				t.Fatalf("%d blocks", len(blocks))
			}
			raw, err := json.Marshal(blocks)
			if err != nil || !utf8.Valid(raw) {
				t.Fatal(err)
			}
			if utf8.RuneCountInString(c.notice(part)) > 5*maxNotice {
				t.Fatal("a notification that is too long")
			}
		}
	})
}
