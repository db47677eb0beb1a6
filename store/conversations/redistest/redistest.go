// Package redistest starts a real redis-server for a test and lets the test do to it what life does: stop it, kill it,
// freeze it, empty it, roll it back.
//
//	server := redistest.Start(t) // skips the test where no redis-server is installed
//	states, err := conversations.Open(ctx, server.URL())
//	server.Kill()
//	server.Restart()
package redistest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a redis-server of one test, on a unix socket, with every write forced to its append-only file. It stops
// with the test.
type Server struct {
	t    testing.TB
	dir  string
	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended
	snap []saved
}

// saved is one key as DUMP gives it.
type saved struct {
	key, value string
	ttl        time.Duration
}

// Start starts a server; args are further settings ("--maxmemory", "1mb").
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on the PATH: install Redis to run this test")
	}
	dir, err := os.MkdirTemp("", "redis") // not t.TempDir: a socket's path may have 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, dir: dir, args: args}
	t.Cleanup(func() {
		s.Kill()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s.Restart()
	return s
}

// URL is the server's address; it stays the same over a restart.
func (s *Server) URL() string { return "unix://" + s.socket() }

func (s *Server) socket() string { return filepath.Join(s.dir, "redis.sock") }

// Restart starts the server again after Stop or Kill, with what its append-only file holds.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	args := append([]string{"--port", "0", "--unixsocket", s.socket(), "--dir", s.dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--daemonize", "no", "--loglevel", "warning"}, s.args...)
	cmd := exec.Command("redis-server", args...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	s.cmd, s.done = cmd, done
	// Not by a client: after a refused connection its pool waits for a second.
	for deadline := time.Now().Add(10 * time.Second); !s.answers(); {
		select {
		case <-done:
			s.t.Fatal("redis-server ended at once")
		default:
			if time.Now().After(deadline) {
				s.t.Fatal("redis-server does not answer")
			}
			runtime.Gosched() // a refused connection answers at once
		}
	}
}

// answers reports whether the server takes connections and has read its file.
func (s *Server) answers() bool {
	conn, err := net.DialTimeout("unix", s.socket(), time.Second)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && line == "+PONG\r\n" // "-LOADING" while it reads
}

// Stop ends the server as an operator would.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the server as a power cut would.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

func (s *Server) end(sig syscall.Signal) {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(sig)
	<-s.done
	s.cmd = nil
}

// Freeze stops the server's process: connections are taken and nothing is answered. Thaw lets it go on.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// Flush empties the server.
func (s *Server) Flush() {
	s.t.Helper()
	s.do(func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() })
}

// Snapshot remembers everything that is stored now, for Rollback.
func (s *Server) Snapshot() {
	s.t.Helper()
	s.do(func(ctx context.Context, c *redis.Client) error {
		s.snap = nil
		for _, key := range s.Keys() {
			value, err := c.Dump(ctx, key).Result()
			if err != nil {
				return err
			}
			ttl, err := c.PTTL(ctx, key).Result()
			if err != nil {
				return err
			}
			s.snap = append(s.snap, saved{key, value, max(ttl, 0)})
		}
		return nil
	})
}

// Rollback makes the server as it was at the last Snapshot, as a failover to a replica that was behind does.
func (s *Server) Rollback() {
	s.t.Helper()
	s.do(func(ctx context.Context, c *redis.Client) error {
		if err := c.FlushAll(ctx).Err(); err != nil {
			return err
		}
		for _, k := range s.snap {
			if err := c.Restore(ctx, k.key, k.ttl, k.value).Err(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Keys lists every key.
func (s *Server) Keys() (keys []string) {
	s.t.Helper()
	s.do(func(ctx context.Context, c *redis.Client) (err error) {
		keys, err = c.Keys(ctx, "*").Result()
		return err
	})
	return keys
}

// Everything is all that is stored, keys and values, for looking through.
func (s *Server) Everything() string {
	s.t.Helper()
	var all strings.Builder
	s.do(func(ctx context.Context, c *redis.Client) error {
		for _, key := range s.Keys() {
			fmt.Fprintln(&all, key)
			value, err := c.HGetAll(ctx, key).Result()
			if err != nil { // not a hash: a string
				var text string
				text, err = c.Get(ctx, key).Result()
				value = map[string]string{"": text}
			}
			if err != nil {
				return err
			}
			for k, v := range value {
				fmt.Fprintln(&all, k, v)
			}
		}
		return nil
	})
	return all.String()
}

// TTL is how long a key has left; negative when for ever.
func (s *Server) TTL(key string) (ttl time.Duration) {
	s.t.Helper()
	s.do(func(ctx context.Context, c *redis.Client) (err error) {
		ttl, err = c.PTTL(ctx, key).Result()
		return err
	})
	return ttl
}

func (s *Server) client() *redis.Client {
	return redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket(), MaxRetries: -1, DialerRetries: 1})
}

func (s *Server) do(f func(context.Context, *redis.Client) error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c := s.client()
	defer func() { _ = c.Close() }()
	if err := f(ctx, c); err != nil {
		s.t.Fatal(err)
	}
}
