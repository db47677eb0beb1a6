package telegram_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail/bot/bottest/botapi"
	"handrail/bot/bottest/rig"
	"handrail/bot/telegram"
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
	c, err := telegram.New(telegram.Options{
		Token: rig.Secret("123456:TEST-token"), APIURL: api.URL(), Practice: practice, Clock: rig.Hurried{}, Profiles: []telegram.Profile{},
		WebhookURL: "http://127.0.0.1/telegram", WebhookSecret: rig.Secret(secret),
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := rig.NewBot(ctx, rig.Options{Dir: t.TempDir(), Channel: c})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var parts sync.WaitGroup
	parts.Go(func() { _ = b.Run(ctx) })
	server := httptest.NewServer(c.Handler())
	defer server.Close()
	server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = people

	var mu sync.Mutex
	var took []time.Duration
	answers := map[int]int{}
	post := func(n int) (status int) {
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
			return 0
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", proof)
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Error(err)
			return 0
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return resp.StatusCode
	}
	request := func(n int) {
		began := time.Now()
		status := post(n)
		mu.Lock()
		defer mu.Unlock()
		took = append(took, time.Since(began))
		answers[status]++
	}
	// Until the bot runs, it takes nothing. The first update comes once more below.
	for limit := time.Now().Add(20 * time.Second); post(0) == http.StatusServiceUnavailable; {
		if time.Now().After(limit) {
			t.Fatal("nothing was taken")
		}
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
	if counts, err := b.Records.InboxCounts(t.Context()); err != nil || counts.Waiting+counts.Finished != sound(total) {
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
