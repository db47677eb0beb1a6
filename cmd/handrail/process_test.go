package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// output is a writer that may be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// process is one run of main that goes on until it is stopped, in this process, with nothing of it replaced.
type process struct {
	t      *testing.T
	cancel context.CancelFunc
	ended  chan struct{} // closed when run has returned
	status int
	out    output // standard output and standard error together
	// address is the first host and port that it printed.
	address string
}

var printedAddress = regexp.MustCompile(`http://([0-9.]+:[0-9]+)`)

// start runs a command and waits until it has printed the address it serves at.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{t: t, cancel: cancel, ended: make(chan struct{})}
	r, w := io.Pipe()
	go func() {
		defer close(p.ended)
		p.status = run(ctx, args, env, io.MultiWriter(&p.out, w), &p.out)
		w.Close()
	}()
	t.Cleanup(func() {
		cancel()
		<-p.ended
	})
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if m := printedAddress.FindStringSubmatch(lines.Text()); m != nil {
			p.address = m[1]
			// What is printed later must not block.
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return p
		}
	}
	<-p.ended
	t.Fatalf("handrail %s ended with status %d before it served:\n%s", strings.Join(args, " "), p.status, p.out.String())
	return nil
}

// stop stops the command as Ctrl-C does. It has ten seconds, and a stop that was asked for is no failure (F17).
func (p *process) stop() {
	p.t.Helper()
	p.cancel()
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		p.t.Fatal("did not stop within ten seconds")
	}
	if p.status != exitDone {
		p.t.Errorf("stopped with status %d, want %d:\n%s", p.status, exitDone, p.out.String())
	}
}

// once runs a command to its end.
func once(t *testing.T, env []string, args ...string) (status int, out, errOut string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var o, e bytes.Buffer
	status = run(ctx, args, env, &o, &e)
	return status, o.String(), e.String()
}
