// Command handrail is the chat assistant for social prescribing: the demo, the server, and the tools for the directory.
//
//	handrail demo                          the whole path in a browser, on embedded storage
//	handrail serve --config handrail.yaml  the real thing
//	handrail import services.json          a directory in Open Referral UK v3
//	handrail postcodes import nspl.csv.gz  where postcodes are
//	handrail search "lunch club near EH6 free"
//
// This is wiring and subcommands only: what it does is in the rooms of the house (see the package at the root).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // a container may have no zone data (T6)

	"handrail"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// Exit statuses: 0 done, 1 failed, 2 wrong usage.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usage is an error of whoever typed the command.
type usage struct{ err error }

func (u usage) Error() string { return u.err.Error() }
func (u usage) Unwrap() error { return u.err }

// run is main with everything passed in, so that a test starts the very same thing.
func run(ctx context.Context, args, env []string, out, errOut io.Writer) int {
	a := &app{env: env, out: out, errOut: errOut, real: machineClock{}}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	var wrong usage
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		fmt.Fprintln(errOut, err)
		return exitUsage
	default:
		if say, ok := handrail.Sentence(err); ok {
			fmt.Fprintf(errOut, "handrail: %s\n  (%v)\n", say, err)
			return exitFailed
		}
		fmt.Fprintln(errOut, "handrail:", err)
		return exitFailed
	}
}

// machineClock is the machine's clock: the only place where the time of day comes from.
type machineClock struct{}

// Now is the machine's time in UTC.
func (machineClock) Now() time.Time { return time.Now().UTC() }

// After is time.After.
func (machineClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
