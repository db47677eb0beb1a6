package telegram_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/bot/bottest/botapi"
	"handrail/bot/telegram"
	"handrail/outbox"
	"handrail/store/records"
)

var loadFor = flag.Duration("load.for", 0, "how long the webhook is loaded with 200 requests a second (L3); 0: a second, without the bar")

// Two hundred requests a second, every third of them nonsense or unproven: what is proven and sound is committed to a SQLite
// file with fsync before it is answered, thought about, and answered in the chat.
func TestWebhook_L3_AcksFast(t *testing.T) {
	const perSecond, people = 200, 40
	duration := *loadFor
	if duration == 0 {
		duration = time.Second
	}
	ctx, cancel := context.WithCancel(t.Context())
	api := botapi.New(t, botapi.Options{})
	defer api.Close()
	rec, err := records.Open(ctx, records.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "handrail.db"), Now: real{}.Now, Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	c, err := telegram.New(telegram.Options{
		Token: hidden("123456:TEST-token"), APIURL: api.URL(), Practice: practice, Clock: machine{}, Profiles: []telegram.Profile{},
		WebhookURL: "http://127.0.0.1/telegram", WebhookSecret: hidden(secret),
	})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := bot.NewSigner(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	words, quiet := bottest.NewWords(nil), slog.New(slog.DiscardHandler)
	sender, err := outbox.New(outbox.Options{Store: rec, Channels: map[string]bot.Channel{c.Name(): c}, Words: words, Clock: real{}, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	b, err := bot.New(bot.Options{
		Ledger: rec, States: rec.States(), Words: words, Channels: []bot.Channel{c}, Scanner: calm{}, Signer: signer, Clock: real{}, Log: quiet, Express: sender,
	})
	if err != nil {
		t.Fatal(err)
	}
	var parts sync.WaitGroup
	parts.Go(func() { _ = c.Run(ctx, b) })
	parts.Go(func() { _ = sender.Run(ctx, rec.NotifyPosts()) })
	parts.Go(func() { b.Run(ctx, 4, rec.NotifyTurns()) })
	server := httptest.NewServer(c.Handler())
	defer server.Close()
	server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = people

	var mu sync.Mutex
	var took []time.Duration
	answers := map[int]int{}
	request := func(n int) {
		body := fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"},"from":{"id":%d},"text":"words %d"}}`, n+1, n+1, 7000+n%people, 7000+n%people, n)
		proof := secret
		switch n % 6 {
		case 2:
			proof = "not the secret"
		case 4:
			body = body[:len(body)/2]
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", proof)
		began := time.Now()
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		mu.Lock()
		defer mu.Unlock()
		took = append(took, time.Since(began))
		answers[resp.StatusCode]++
	}
	total := int(duration.Seconds() * perSecond)
	var requests sync.WaitGroup
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for n := range total {
		<-tick.C
		requests.Go(func() {
			for range 1 + n%2 { // half of them twice, as from a network that missed the first answer
				request(n)
			}
		})
	}
	requests.Wait()
	cancel()
	parts.Wait()
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("%d requests in %v: p50 %v, p99 %v, max %v; %v", len(took), duration, took[len(took)/2], p99, took[len(took)-1], answers)
	if counts, err := rec.InboxCounts(t.Context()); err != nil || counts.Waiting+counts.Finished != sound(total) {
		t.Errorf("%+v in the inbox, want %d in all: %v", counts, sound(total), err)
	}
	if answers[http.StatusServiceUnavailable] > 0 || answers[http.StatusUnauthorized] == 0 || answers[http.StatusBadRequest] == 0 {
		t.Errorf("answers: %v", answers)
	}
	if *loadFor > 0 && p99 > 250*time.Millisecond {
		t.Errorf("p99 %v, want at most 250 ms", p99)
	}
}

// sound is how many of n requests carry an update.
func sound(n int) (sound int) {
	for i := range n {
		if i%6 != 2 && i%6 != 4 {
			sound++
		}
	}
	return sound
}
