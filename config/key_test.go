package config_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"handrail/config"
)

func load(t *testing.T, flags config.Overrides) config.Config {
	t.Helper()
	cfg, err := config.Load("", nil, flags)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestRecordsKey(t *testing.T) {
	given := strings.Repeat("g", 32)
	key, err := load(t, config.Overrides{"records.key": given}).RecordsKey(rand.Reader)
	if err != nil || string(key) != given {
		t.Errorf("given: %v", err)
	}

	// Made once, whoever comes first, and kept.
	dir := filepath.Join(t.TempDir(), "data")
	cfg := load(t, config.Overrides{"data": dir})
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := cfg.RecordsKey(rand.Reader)
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) != 64 || k != keys[0] {
			t.Fatal("not one key of 64 characters for all")
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("drafts are left behind: %v %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if again, err := cfg.RecordsKey(iotest.ErrReader(errors.New("no randomness is needed"))); err != nil || string(again) != keys[0] {
		t.Errorf("read again: %v", err)
	}
}

// A damaged key is never replaced: every stored address would become unknown.
func TestRecordsKeyDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "records.key")
	if err := os.WriteFile(path, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, config.Overrides{"data": dir}).RecordsKey(rand.Reader); err == nil || !strings.Contains(err.Error(), "shorter than 32") {
		t.Errorf("a short key: %v", err)
	}
	if left, err := os.ReadFile(path); err != nil || string(left) != "short\n" {
		t.Errorf("the file was touched: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no randomness")
	if _, err := load(t, config.Overrides{"data": dir}).RecordsKey(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("without randomness: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a key was made of nothing")
	}
	file := filepath.Join(dir, "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, config.Overrides{"data": file}).RecordsKey(rand.Reader); err == nil || strings.Contains(err.Error(), dir) {
		t.Errorf("a data directory that is a file: %v", err)
	}
}
