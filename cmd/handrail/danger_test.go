package main

import (
	"bufio"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/bot/bottest/botapi"
)

// mailServer is a small real mail server on this machine; what it took is what it returns.
func mailServer(t *testing.T) (port string, taken func() []string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var mails []string
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				r := bufio.NewReader(c)
				fmt.Fprint(c, "220 here\r\n")
				for {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					switch {
					case strings.HasPrefix(line, "DATA"):
						fmt.Fprint(c, "354 go on\r\n")
						var b strings.Builder
						for line, err = r.ReadString('\n'); err == nil && line != ".\r\n"; line, err = r.ReadString('\n') {
							b.WriteString(line)
						}
						mu.Lock()
						mails = append(mails, b.String())
						mu.Unlock()
						fmt.Fprint(c, "250 taken\r\n")
					case strings.HasPrefix(line, "QUIT"):
						fmt.Fprint(c, "221 bye\r\n")
						return
					default:
						fmt.Fprint(c, "250 ok\r\n")
					}
				}
			})
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	_, port, err = net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), mails...)
	}
}

// The real command, over a strict local Bot API and a real mail server: danger in a text, a caption and an edit has the card
// within two seconds each time; and since nobody of the practice has a chat, an e-mail goes out, which holds nothing of what was
// written and nothing of who wrote (K4, K6, F11).
func TestServe_K4_K6_F11_SecondRoute(t *testing.T) {
	api := botapi.New(t, botapi.Options{})
	port, mails := mailServer(t)
	p := start(t, []string{
		"HANDRAIL_TELEGRAM_TOKEN=" + api.Token(), "HANDRAIL_TELEGRAM_API_URL=" + api.URL(), "HANDRAIL_TELEGRAM_RATE=0",
		"HANDRAIL_ADMIN_ADDR=127.0.0.1:0", "HANDRAIL_HTTP_ADDR=127.0.0.1:0",
		"HANDRAIL_ALERTS_EMAIL_HOST=127.0.0.1", "HANDRAIL_ALERTS_EMAIL_PORT=" + port,
		"HANDRAIL_ALERTS_EMAIL_FROM=handrail@surgery.example", "HANDRAIL_ALERTS_EMAIL_TO=duty@surgery.example",
	}, "serve", "--data", t.TempDir())
	for i, c := range []struct {
		name string
		send func(who *botapi.Person)
	}{
		{"text", func(who *botapi.Person) { who.Send("i want to kill myself CANARY") }},
		{"caption", func(who *botapi.Person) {
			who.Post(`{"photo":[{"file_id":"a","file_unique_id":"b","width":1,"height":1}],"caption":"i want to kill myself CANARY"}`)
		}},
		{"edit", func(who *botapi.Person) { who.Edit(`{"text":"i want to kill myself CANARY"}`) }},
	} {
		who := api.Person(int64(2001 + i))
		at := time.Now()
		c.send(who)
		until(t, "the card for a "+c.name, func() bool {
			for _, m := range who.Seen() {
				if strings.Contains(m.Text, "116 123") {
					return !strings.Contains(m.Text, "I'm passing this to your practice team")
				}
			}
			return false
		})
		if took := time.Since(at); took > 10*time.Second { // two on a machine of its own
			t.Errorf("the card for a %s took %v", c.name, took)
		}
	}
	until(t, "three e-mails", func() bool { return len(mails()) >= 3 })
	for _, raw := range mails() {
		m, err := mail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(body), "A person may need help now. Open Handrail: A-") || strings.Contains(raw, "CANARY") || strings.Contains(string(body), "2001") {
			t.Errorf("an e-mail says\n%s", body)
		}
	}
	p.stop()
	if out := p.out.String(); strings.Contains(out, "CANARY") || strings.Contains(out, "duty@") {
		t.Errorf("the log says\n%s", out)
	}
}

// until waits for something that other goroutines bring about.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("%s did not come", what)
}
