package feeds_test

import (
	"runtime"
	"testing"
	"time"

	"handrail/directory/feeds"
)

// peak runs f and gives by how much the heap grew while it did, at the most, and how long it took.
func peak(f func()) (grown uint64, took time.Duration) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, m.HeapInuse
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
	}()
	began := time.Now()
	f()
	took = time.Since(began)
	close(stop)
	<-done
	return most - before, took
}

// The measure of the issue: 1,150 services and the four RPDE pages, in under 300 MB.
func TestPull_L10_Memory(t *testing.T) {
	p := &publisher{services: realServices(t), modified: true, single: true}
	list := publish(t, p)
	list.PerPage = 100
	shallow := publish(t, &publisher{services: p.services, shallow: true, single: true})
	shallow.PerPage = 100
	rpde, _ := realFeed(t)
	for name, f := range map[string]feeds.Feed{"1,150 services": list, "1,150 services one by one": shallow, "four RPDE pages": rpde} {
		c := newClient(t)
		var got feeds.Pulled
		var s feeds.State
		grown, took := peak(func() { got, s = pull(t, c, f, feeds.State{}, monday) })
		t.Logf("%s: %d listings, %d answers, %.1f MB read, %v, the heap grew by %.1f MB (with the publisher in the same process), %d kB of state", name, len(got.Activities), got.Pages, float64(got.Bytes)/1e6, took.Round(time.Millisecond), float64(grown)/1e6, len(s.Join)>>10)
		if grown > 300<<20 || !got.Full {
			t.Errorf("%s: %d MB, full %v", name, grown>>20, got.Full)
		}
	}
}

func BenchmarkPull_List(b *testing.B) {
	f := publish(b, &publisher{services: realServices(b)})
	f.PerPage = 500
	benchmark(b, f)
}

func BenchmarkPull_RPDE(b *testing.B) {
	f, _ := realFeed(b)
	benchmark(b, f)
}

func benchmark(b *testing.B, f feeds.Feed) {
	c := newClient(b)
	b.ReportAllocs()
	for b.Loop() {
		got, _, err := c.Pull(b.Context(), f, feeds.State{}, monday)
		if err != nil || !got.Full {
			b.Fatal(err)
		}
		b.SetBytes(got.Bytes)
	}
}
