package model_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"handrail/meaning/model"
)

// aimock is a server of the OpenAI shape that nobody here wrote: npm's @copilotkit/aimock in one version.
const (
	aimockName    = "@copilotkit/aimock"
	aimockVersion = "1.43.0"
)

// startAimock starts the server with fixtures and returns its address. It is installed once into the user's cache; the
// test is skipped where Node.js is not there or the package cannot be had.
func startAimock(t *testing.T, fixtures string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed, so there is no server that somebody else wrote to ask")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is not installed, so there is no server that somebody else wrote to ask")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("no cache directory to install %s into: %v", aimockName, err)
	}
	home := filepath.Join(cache, "handrail-ci", "aimock-"+aimockVersion)
	program := filepath.Join(home, "node_modules", filepath.FromSlash(aimockName), "dist", "cli.js")
	if _, err := os.Stat(program); err != nil {
		if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
			t.Skipf("no cache directory to install %s into: %v", aimockName, err)
		}
		made, err := os.MkdirTemp(filepath.Dir(home), "aimock-")
		if err != nil {
			t.Skipf("no cache directory to install %s into: %v", aimockName, err)
		}
		defer os.RemoveAll(made)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		install := exec.CommandContext(ctx, npm, "install", "--prefix", made, "--no-audit", "--no-fund", "--ignore-scripts", aimockName+"@"+aimockVersion)
		if out, err := install.CombinedOutput(); err != nil {
			t.Skipf("%s %s cannot be installed: %v\n%s", aimockName, aimockVersion, err, out)
		}
		if err := os.Rename(made, home); err != nil {
			if _, there := os.Stat(program); there != nil { // another test run was quicker
				t.Skipf("%s cannot be installed: %v", aimockName, err)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "fixtures.json")
	if err := os.WriteFile(file, []byte(fixtures), 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(node, program, "-p", "0", "-f", file, "--strict")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	late := time.AfterFunc(20*time.Second, func() { server.Process.Kill() })
	defer late.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, url, ok := strings.Cut(lines.Text(), "listening on "); ok {
			return strings.TrimSpace(url)
		}
	}
	t.Fatal("the server ended without listening")
	return ""
}

// post sends JSON to the server's own controls.
func post(t *testing.T, url string, body any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	h := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := h.Post(url, "application/json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		t.Fatalf("%s: %s", url, resp.Status)
	}
}

// The client speaks to a server that somebody else wrote: its answers are used, its strange ones are not, and each of the
// failures that it can play gives the rules' reading.
func TestClient_AgainstAimock(t *testing.T) {
	t.Parallel()
	answer := func(match, content string) string {
		raw, _ := json.Marshal(content)
		return fmt.Sprintf(`{"match":{"userMessage":%q,"responseFormat":"json_schema"},"response":{"content":%s,"usage":{"prompt_tokens":321,"completion_tokens":21}}}`, match, raw)
	}
	base := startAimock(t, `{"fixtures":[`+strings.Join([]string{
		answer("four walls", `{"found":[{"key":"needs","quote":"sits staring at four walls","value":"loneliness"}]}`),
		answer("four doors", `{"found":[{"key":"postcode","quote":"LU3","value":"SW1A 1AA"}]}`),
		answer("four floors", `Of course. {"found":[]}`),
		`{"match":{"userMessage":"four chairs"},"response":{"toolCalls":[{"name":"consent","arguments":{"to":"all"}}]}}`,
		answer("friends", `{"points":[{"quote":"I miss my friends","theme":"people_in_their_life"}]}`),
		answer("perambulation", `{"plain":"You can walk with us and have a chat."}`),
	}, ",")+`]}`)
	now := newClock()
	c := client(t, base+"/v1", func(s *model.Settings) { s.Clock = now })
	ctx := context.Background()

	r := c.Read(ctx, "gp", unsureNote)
	if r.Err != nil || len(r.Added) != 1 || r.Cost.Question != 321 || r.Cost.Answer != 21 {
		t.Errorf("%+v", r)
	}
	if points, _, err := c.Summary(ctx, "lw", permitted(), []model.Redacted{redact(t, c, "I miss my friends")}); err != nil || len(points) != 1 {
		t.Errorf("%v %v", points, err)
	}
	if d, _, err := c.Plain(ctx, "lw", model.Listing{Name: "Walk", Description: "Perambulation with a chat, perambulation for all."}); err != nil || d.Text == "" {
		t.Errorf("%v %v", d, err)
	}
	asRules := func(name, note string, want error) {
		t.Helper()
		c.Forget()
		now.advance(time.Hour) // past the breaker's rest
		if r := c.Read(ctx, "gp", note); !errors.Is(r.Err, want) || !reflect.DeepEqual(r.Understood, vocabulary(t).Understand(note)) {
			t.Errorf("%s: %v", name, r.Err)
		}
	}
	asRules("a postcode that is not there", strings.Replace(unsureNote, "walls", "doors", 1), model.ErrDiscarded)
	asRules("prose", strings.Replace(unsureNote, "walls", "floors", 1), model.ErrDiscarded)
	asRules("a tool call", strings.Replace(unsureNote, "walls", "chairs", 1), model.ErrDiscarded)
	asRules("no answer prepared", strings.Replace(unsureNote, "walls", "tables", 1), model.ErrAway)
	for _, chaos := range []string{"dropRate", "malformedRate", "disconnectRate", "rateLimitRate"} {
		post(t, base+"/__aimock/chaos", map[string]int{chaos: 1})
		asRules(chaos, unsureNote, model.ErrAway)
		post(t, base+"/__aimock/chaos", map[string]int{chaos: 0})
	}
	post(t, base+"/__aimock/chaos", map[string]int{"latencyMs": 30_000})
	hurried := client(t, base+"/v1", func(s *model.Settings) { s.Timeout = 200 * time.Millisecond })
	begun := time.Now()
	r = hurried.Read(ctx, "gp", unsureNote)
	if took := time.Since(begun); took > 5*time.Second || !errors.Is(r.Err, model.ErrAway) || len(r.Added) > 0 {
		t.Errorf("a slow server held it for %s: %v", took, r.Err)
	}
}
