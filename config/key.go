package config

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyFile is the file under the data directory that holds the key where the settings give none.
const keyFile = "records.key"

// RecordsKey returns the key of keyed hashes and signed buttons: records.key of the settings, or else what the file
// records.key in the data directory holds. When there is no such file it is made, readable by its owner alone, of 32
// bytes from random (crypto/rand.Reader). It is safe to call twice, and from two processes at once: both get one key.
// A file that is there and cannot be used is an error and is never written over, since a new key would make every
// address and button unknown.
func (c Config) RecordsKey(random io.Reader) ([]byte, error) {
	if !c.Records.Key.IsZero() {
		return []byte(c.Records.Key.Reveal()), nil
	}
	path := filepath.Join(c.Data, keyFile)
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(path, random); err != nil {
		return nil, err
	}
	return readKey(path) // what stands in the file, whoever wrote it
}

func readKey(path string) ([]byte, error) {
	const least, most = 32, 64 << 10
	data, err := readSmall(path, most)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("read the key in the data directory: %s", reason(err))
	}
	key := strings.TrimSpace(string(data))
	if len(key) < least {
		return nil, fmt.Errorf("the key in the data directory is shorter than %d characters: restore it from a backup", least)
	}
	return []byte(key), nil
}

// makeKey puts a whole key in place at once: a second process sees all of it or nothing, and the first to come wins.
func makeKey(path string, random io.Reader) error {
	const what = "make the key in the data directory: %s"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf(what, reason(err))
	}
	raw := make([]byte, 32)
	if _, err := io.ReadFull(random, raw); err != nil {
		return fmt.Errorf("make the key in the data directory: %w", err)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), keyFile+".*") // mode 0600
	if err != nil {
		return fmt.Errorf(what, reason(err))
	}
	defer func() { _ = os.Remove(draft.Name()) }() // a draft that stays is harmless
	_, err = draft.WriteString(hex.EncodeToString(raw) + "\n")
	if err == nil {
		err = draft.Sync()
	}
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Link(draft.Name(), path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf(what, reason(err))
	}
	return nil
}
