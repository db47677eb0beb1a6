package conversations_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"handrail/bot"
	"handrail/store/conversations/redistest"
)

// Those whose states are written in one journey fail apart, also with a Redis that has forgotten how states are saved.
func TestSave_F3_ManyAtOnce(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server.URL()+patient)
	for _, round := range []string{"first", "after a restart"} {
		var wg sync.WaitGroup
		versions := make([]int64, 200)
		for i := range versions {
			wg.Go(func() {
				key, prev := fmt.Sprint(round, i), int64(i%5/4) // each fifth has a version that there never was
				version, err := s.Save(context.Background(), key, []byte(key), prev, time.Hour)
				if prev == 0 && err != nil || prev == 1 && !errors.Is(err, bot.ErrConflict) {
					t.Errorf("%s: version %d, %v", key, version, err)
				}
				versions[i] = version
			})
		}
		wg.Wait()
		seen := map[int64]bool{}
		for i, version := range versions {
			state, stands, err := s.Load(context.Background(), fmt.Sprint(round, i))
			if want := i%5 != 4; err != nil || (string(state) == fmt.Sprint(round, i)) != want || stands != version {
				t.Errorf("%s %d: %q as %d, saved as %d: %v", round, i, state, stands, version, err)
			}
			if version != 0 && seen[version] {
				t.Errorf("two states have version %d", version)
			}
			seen[version] = true
		}
		server.Restart()
	}
}

func BenchmarkSave_ManyAtOnce(b *testing.B) {
	server := redistest.Start(b)
	s := open(b, server.URL()+patient)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		ctx, version, key := context.Background(), int64(0), fmt.Sprintf("%p", pb)
		for pb.Next() {
			var err error
			if version, err = s.Save(ctx, key, make([]byte, 600), version, time.Hour); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
