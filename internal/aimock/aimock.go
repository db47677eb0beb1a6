// Package aimock runs a server of the OpenAI shape that nobody here wrote, npm's @copilotkit/aimock, for tests of what asks a
// model.
//
//	base := aimock.Start(t, aimock.Fixtures(aimock.Answer("I miss", `{"points":[]}`)))
//	// ask base + "/v1"; look at what came in with aimock.Asked(t, base)
package aimock

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Which package of npm it is, and in which version.
const (
	name    = "@copilotkit/aimock"
	version = "1.43.0"
)

// Start starts the server with its fixtures and returns its address, "http://127.0.0.1:PORT"; it ends with the test. It is
// installed once into the user's cache; the test is skipped where Node.js is not there or the package cannot be had.
func Start(t testing.TB, fixtures string) string {
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
		t.Skipf("no cache directory to install %s into: %v", name, err)
	}
	home := filepath.Join(cache, "handrail-ci", "aimock-"+version)
	program := filepath.Join(home, "node_modules", filepath.FromSlash(name), "dist", "cli.js")
	if _, err := os.Stat(program); err != nil {
		if err := os.MkdirAll(filepath.Dir(home), 0o750); err != nil {
			t.Skipf("no cache directory to install %s into: %v", name, err)
		}
		made, err := os.MkdirTemp(filepath.Dir(home), "aimock-")
		if err != nil {
			t.Skipf("no cache directory to install %s into: %v", name, err)
		}
		defer func() { _ = os.RemoveAll(made) }()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		//nolint:gosec // a package and a version that stand above, and the caller's own npm
		install := exec.CommandContext(ctx, npm, "install", "--prefix", made, "--no-audit", "--no-fund", "--ignore-scripts", name+"@"+version)
		if out, err := install.CombinedOutput(); err != nil {
			t.Skipf("%s %s cannot be installed: %v\n%s", name, version, err, out)
		}
		if err := os.Rename(made, home); err != nil {
			if _, there := os.Stat(program); there != nil { // another test run was quicker
				t.Skipf("%s cannot be installed: %v", name, err)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "fixtures.json")
	if err := os.WriteFile(file, []byte(fixtures), 0o600); err != nil {
		t.Fatal(err)
	}
	//nolint:gosec // what was installed above, from the cache
	server := exec.CommandContext(t.Context(), node, program, "-p", "0", "-f", file, "--strict")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	late := time.AfterFunc(20*time.Second, func() { _ = server.Process.Kill() })
	defer late.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, url, ok := strings.Cut(lines.Text(), "listening on "); ok {
			return strings.TrimSpace(url)
		}
	}
	t.Fatal("the server ended without listening")
	return ""
}

// Answer is a fixture: a question whose user's message holds these words, asked with a JSON schema, is answered with that.
func Answer(words, content string) string {
	raw, err := json.Marshal(content)
	if err != nil {
		panic(err) // a string can always be marshalled
	}
	return fmt.Sprintf(`{"match":{"userMessage":%q,"responseFormat":"json_schema"},"response":{"content":%s,"usage":{"prompt_tokens":321,"completion_tokens":21}}}`, words, raw)
}

// Fixtures puts fixtures together as Start takes them.
func Fixtures(list ...string) string { return `{"fixtures":[` + strings.Join(list, ",") + `]}` }

// Asked is the bodies of all requests that the server had so far, as it keeps them.
func Asked(t testing.TB, base string) string {
	t.Helper()
	h := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/__aimock/journal", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := h.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var journal []struct {
		Body json.RawMessage `json:"body"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&journal); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the journal: %s, %v", resp.Status, err)
	}
	var out strings.Builder
	for _, entry := range journal { // without its times and ids, which may look like anything
		out.Write(entry.Body)
		out.WriteByte('\n')
	}
	return out.String()
}
