package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"handrail/store/conversations/redistest"
)

// fakeTelegram answers as the Bot API does when nobody writes, and returns the settings that point to it.
func fakeTelegram(t *testing.T) []string {
	t.Helper()
	const token = "7261:cAnArYtElEgRaM"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case !strings.HasPrefix(r.URL.Path, "/bot"+token+"/"):
			http.Error(w, `{"ok":false,"error_code":401,"description":"Unauthorized"}`, http.StatusUnauthorized)
		case strings.HasSuffix(r.URL.Path, "/getMe"):
			_, _ = io.WriteString(w, `{"ok":true,"result":{"id":7261,"is_bot":true,"first_name":"Handrail","username":"handrail_test_bot"}}`)
		case strings.HasSuffix(r.URL.Path, "/getUpdates"):
			select { // a long poll
			case <-r.Context().Done():
			case <-time.After(time.Second):
				_, _ = io.WriteString(w, `{"ok":true,"result":[]}`)
			}
		default:
			_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
		}
	}))
	t.Cleanup(server.Close)
	return []string{"HANDRAIL_TELEGRAM_TOKEN=" + token, "HANDRAIL_TELEGRAM_API_URL=" + server.URL, "HANDRAIL_ADMIN_ADDR=127.0.0.1:0", "HANDRAIL_HTTP_ADDR=127.0.0.1:0"}
}

func TestServe_SaysWhatIsMissing(t *testing.T) {
	status, out, errOut := once(t, nil, "serve", "--data", t.TempDir())
	if status != exitFailed || out != "" {
		t.Errorf("status %d, printed %q", status, out)
	}
	for _, want := range []string{"@BotFather", "telegram.token", "slack.bot_token", "handrail demo"} {
		if !strings.Contains(errOut, want) {
			t.Errorf("%q is not in\n%s", want, errOut)
		}
	}
}

// TestServe_AnswersAndStops starts the server with its conversations in the records and in Redis; it answers, a second
// command asks it how it is, and it stops within ten seconds with status 0 (F17).
func TestServe_AnswersAndStops_F17(t *testing.T) {
	for name, more := range map[string]func(t *testing.T) []string{
		"records": func(*testing.T) []string { return nil },
		"redis":   func(t *testing.T) []string { return []string{"HANDRAIL_REDIS_URL=" + redistest.Start(t).URL()} },
		"redis that is away": func(t *testing.T) []string {
			return []string{"HANDRAIL_REDIS_URL=redis://user:cAnArYrEdIs@" + freeAddress(t) + "/0"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := append(fakeTelegram(t), more(t)...)
			p := start(t, env, "serve", "--data", t.TempDir())
			resp, err := http.Get("http://" + p.address + "/health")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || string(body) != "ok\n" {
				t.Errorf("%s %q %v", resp.Status, body, err)
			}
			if status, out, errOut := once(t, []string{"HANDRAIL_ADMIN_ADDR=" + p.address}, "health"); status != exitDone || out != "ok\n" {
				t.Errorf("health: status %d\n%s%s", status, out, errOut)
			}
			p.stop()
			if said := p.out.String(); strings.Contains(said, "cAnArY") {
				t.Errorf("a secret was printed:\n%s", said)
			}
		})
	}
}

// A second server on the same admin address says so and ends.
func TestServe_TakenAddress(t *testing.T) {
	p := start(t, fakeTelegram(t), "serve", "--data", t.TempDir())
	env := append(fakeTelegram(t), "HANDRAIL_ADMIN_ADDR="+p.address)
	status, _, errOut := once(t, env, "serve", "--data", t.TempDir())
	if status != exitFailed || !strings.Contains(errOut, "address already in use") {
		t.Errorf("status %d\n%s", status, errOut)
	}
	p.stop()
}
