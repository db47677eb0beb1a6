package conversations

import (
	"context"
	"crypto/rand"
	_ "embed" // save.lua
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"handrail"
	"handrail/bot"

	"github.com/redis/go-redis/v9"
)

// Timeout bounds every call unless the address says otherwise (?read_timeout=1s): a Redis that is slow is as good as
// one that is away, and a person is waiting.
const Timeout = 250 * time.Millisecond

// counterKept is far longer than any state is kept, so that no version comes twice.
const counterKept = 400 * 24 * time.Hour

//go:embed save.lua
var saveLua string

// Store is bot.States on one Redis server. It is safe for use by several goroutines.
type Store struct {
	client  *redis.Client
	saves   savings
	timeout time.Duration
	// seen is the highest version this process knows of. It begins at a random number, so that a process that starts
	// together with an emptied Redis does not give out a version that somebody may still hold.
	seen atomic.Int64
	// The rates; see Place. process and asked make names for requests.
	pace, pause *redis.Script
	process     int64
	asked       atomic.Int64
}

var _ bot.States = (*Store)(nil)

// Open reads the address ("redis://host:6379/0", "rediss://...", "unix:///path/redis.sock") and makes a Store. It fails
// only when the address cannot be read, never because Redis is away: guards and reminders work without it.
func Open(ctx context.Context, url string) (*Store, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		// The error may repeat the address, and with it the password.
		return nil, handrail.Errorf(handrail.KindInvalid, "The address of Redis cannot be read; it looks like redis://host:6379/0.", "parse the redis address")
	}
	timeout := o.ReadTimeout
	if timeout <= 0 {
		timeout = Timeout
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = timeout, timeout, timeout, timeout
	o.ContextTimeoutEnabled = true
	// A save whose answer was lost may have happened; trying again would only find a conflict. And a server that
	// refuses connections is away: the next call finds out whether it is back.
	o.MaxRetries, o.DialerRetries = -1, 1
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, fmt.Errorf("draw the first version: %w", err)
	}
	s := &Store{client: redis.NewClient(o), timeout: timeout}
	s.saves.client, s.saves.script, s.saves.timeout = s.client, redis.NewScript(saveLua), timeout
	s.pace, s.pause, s.process = redis.NewScript(paceLua), redis.NewScript(pauseLua), int64(binary.BigEndian.Uint64(seed[:])>>1)
	// Lua counts in doubles, exact up to 2^53; half of that is left for growing.
	s.seen.Store(int64(binary.BigEndian.Uint64(seed[:]) >> 12)) // below 2^52
	_ = s.Ping(ctx)                                             // to have a connection at hand; a failure means nothing yet
	return s, nil
}

// Quiet silences the client library's own logger, which is global, writes to standard error and repeats what the
// methods return as errors. The command calls it once, before Open.
func Quiet() { redis.SetLogger(silence{}) }

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// Ping reports whether Redis answers, for health checks.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return away("ping", s.client.Ping(ctx).Err())
}

// Close gives the connections back. The Store cannot be used afterwards.
func (s *Store) Close() error { return s.client.Close() }

// Load returns the saved bytes and their version; nil and 0 when there are none.
func (s *Store) Load(ctx context.Context, conversation string) (state []byte, version int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var saved struct {
		Version int64  `redis:"v"`
		State   []byte `redis:"s"`
	}
	got := s.client.HMGet(ctx, stateKey(conversation), "v", "s")
	if err := got.Err(); err != nil {
		return nil, 0, away("load a conversation", err)
	}
	if err := got.Scan(&saved); err != nil {
		return nil, 0, fmt.Errorf("read a conversation's state: %w", err)
	}
	if saved.Version == 0 {
		return nil, 0, nil
	}
	s.see(saved.Version)
	return saved.State, saved.Version, nil
}

// Save replaces the state of version prev (0: there must be none) and returns the new version, greater than any that
// was given before. bot.ErrConflict when the version is another. An error of handrail.KindUnavailable may come although
// the state was saved: load it to know. keep must be positive.
func (s *Store) Save(ctx context.Context, conversation string, state []byte, prev int64, keep time.Duration) (version int64, err error) {
	if keep < time.Millisecond {
		return 0, handrail.Errorf(handrail.KindInvalid, "", "save a conversation: nothing may be kept without an end")
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	version, err = s.saves.do(ctx, []string{stateKey(conversation), counterKey()},
		state, prev, keep.Milliseconds(), s.seen.Load(), counterKept.Milliseconds())
	if err != nil {
		return 0, away("save a conversation", err)
	}
	if version < 0 {
		return 0, bot.ErrConflict
	}
	s.see(version)
	return version, nil
}

// Erase forgets a conversation. It is safe to call twice.
func (s *Store) Erase(ctx context.Context, conversation string) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	// UNLINK, not DEL: a large state is freed behind the answer.
	return away("erase a conversation", s.client.Unlink(ctx, stateKey(conversation)).Err())
}

// see remembers the highest version.
func (s *Store) see(version int64) {
	for {
		have := s.seen.Load()
		if version <= have || s.seen.CompareAndSwap(have, version) {
			return
		}
	}
}

// away wraps a failure of Redis as one that may pass.
func away(doing string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return handrail.Errorf(handrail.KindUnavailable, "", "%s: %w", doing, err)
}
