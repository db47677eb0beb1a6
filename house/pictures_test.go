package house

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/bot/bottest"
	"handrail/store/records"
)

// album is pictures on real records, with a directory and a network that the test plays.
type album struct {
	*pictures
	mu     sync.Mutex // for what follows, while Run runs
	asked  map[string]int
	listed []string
	change int64
	clock  *bottest.Clock
}

func newAlbum(t *testing.T) *album {
	t.Helper()
	a := &album{asked: map[string]int{}, clock: bottest.NewClock(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	rec, err := records.Open(t.Context(), records.Options{URL: "sqlite::memory:", Now: a.clock.Now, Key: bytes.Repeat([]byte("k"), 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rec.Close() })
	var good bytes.Buffer
	if err := png.Encode(&good, image.NewNRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	a.pictures = &pictures{
		store: rec, clock: a.clock, log: slog.New(slog.DiscardHandler), near: map[string][]byte{},
		named: func() (out []string) {
			a.with(func() { slices.Sort(a.listed); out = slices.Clone(a.listed) })
			return out
		},
		changed: func() (n int64) {
			a.with(func() { n = a.change })
			return n
		},
		fetch: func(_ context.Context, address string, _ int64) ([]byte, error) {
			a.with(func() { a.asked[address]++ })
			switch {
			case strings.HasSuffix(address, "/away"):
				return nil, errors.New("away")
			case strings.HasSuffix(address, "/words"):
				return []byte("no picture"), nil
			}
			return good.Bytes(), nil
		},
	}
	return a
}

// with does something that Run must not see half done.
func (a *album) with(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

// Pictures are fetched when a listing comes in and never when it is shown: each once, over https alone, one that could not be
// had not again and again; they outlive the process, and go with their listing.
func TestPictures_FetchedOnImport(t *testing.T) {
	a := newAlbum(t)
	const good, away, words, plain, drawn = "https://example.org/a", "https://example.org/away", "https://example.org/words", "http://example.org/a", "drawn:tea"
	a.listed = []string{good, away, words, plain, drawn, "file:///etc/passwd"}
	for range 3 {
		if f := a.Picture(good, "x"); f != nil || len(a.asked) != 0 {
			t.Fatalf("to show it, something was fetched: %v", a.asked)
		}
	}
	step := func() {
		t.Helper()
		if err := a.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	step()
	step()
	if a.asked[good] != 1 || a.asked[away] != 1 || a.asked[words] != 1 || len(a.asked) != 3 {
		t.Errorf("asked for %v", a.asked)
	}
	a.near = map[string][]byte{} // started again
	f := a.Picture(good, "A garden")
	if f == nil || f.MIME != "image/jpeg" || f.Alt != "A garden" || len(f.Data) == 0 {
		t.Errorf("%+v", f)
	}
	for _, address := range []string{away, words, plain, "", "drawn:nothing", "https://example.org/never"} {
		if f := a.Picture(address, "x"); f != nil {
			t.Errorf("%s: %+v", address, f)
		}
	}
	if f := a.Picture(drawn, "A cup"); f == nil || f.MIME != "image/png" || f.Alt != "A cup" || f.Link != "" {
		t.Errorf("drawn: %+v", f)
	}
	a.clock.Advance(pictureAgain + time.Minute)
	step()
	if a.asked[away] != 2 || a.asked[good] != 1 {
		t.Errorf("hours later: %v", a.asked)
	}
	a.listed = []string{away}
	step()
	if f := a.Picture(good, "x"); f != nil {
		t.Error("the listing is gone, and its picture is kept")
	}
	for i := range picturesNear + 20 {
		a.keepNear("https://example.org/"+string(rune('一'+i)), []byte("x"))
	}
	if n := len(a.near); n > picturesNear {
		t.Errorf("%d are held in memory", n)
	}
}

// A chat network that puts a picture on a card finds it under our own address, and nothing there that no listing names.
func TestPictures_Served(t *testing.T) {
	a := newAlbum(t)
	a.base = "https://handrail.example"
	a.listed = []string{"https://example.org/a", "drawn:walking"}
	if err := a.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+pathPictures+"/{name}", a)
	for address, kind := range map[string]string{"https://example.org/a": "image/jpeg", "drawn:walking": "image/png"} {
		f := a.Picture(address, "x")
		if f == nil || !strings.HasPrefix(f.Link, a.base+pathPictures+"/") {
			t.Fatalf("%s: %+v", address, f)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, strings.TrimPrefix(f.Link, a.base), nil))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind || !bytes.Equal(w.Body.Bytes(), f.Data) {
			t.Errorf("%s: %d %s", address, w.Code, w.Header().Get("Content-Type"))
		}
	}
	for _, name := range []string{pictureName("https://example.org/other"), pictureName("drawn:tea"), "x.jpg"} {
		w := httptest.NewRecorder()
		if mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, pathPictures+"/"+name, nil)); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// Run looks as soon as the directory changes, and not while it does not.
func TestPictures_Run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAlbum(t)
		a.pictures.clock = NewMovable(ticking{}, time.Now())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { a.Run(ctx); close(done) }()
		const one, two = "https://example.org/a", "https://example.org/b"
		a.with(func() { a.listed = []string{one} })
		time.Sleep(5 * time.Second)
		synctest.Wait()
		first := 0
		a.with(func() { first, a.listed = a.asked[one], append(a.listed, two) })
		time.Sleep(time.Minute)
		synctest.Wait()
		a.with(func() {
			if a.asked[two] != 0 {
				t.Error("nothing said that the directory changed")
			}
			a.change++
		})
		time.Sleep(3 * time.Second)
		synctest.Wait()
		cancel()
		<-done
		if a.asked[two] != 1 || first > 1 {
			t.Errorf("asked for %v", a.asked)
		}
	})
}

// ticking is the machine's clock, which synctest makes its own.
type ticking struct{}

func (ticking) Now() time.Time                         { return time.Now() }
func (ticking) After(d time.Duration) <-chan time.Time { return time.After(d) }
