package house

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// Nobody waits for a picture, a broken one is not asked for again and again, and no more are kept than there is room for.
func TestPictures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var good bytes.Buffer
		if err := png.Encode(&good, image.NewNRGBA(image.Rect(0, 0, 4, 4))); err != nil {
			t.Fatal(err)
		}
		asked := map[string]int{}
		clock := NewMovable(Frozen{At: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
		p := &pictures{clock: clock, log: slog.New(slog.DiscardHandler), want: make(chan string, 64), have: map[string]kept{},
			fetch: func(_ context.Context, address string, _ int64) ([]byte, error) {
				asked[address]++
				switch address {
				case "https://example.org/away":
					return nil, errors.New("away")
				case "https://example.org/words":
					return []byte("no picture"), nil
				}
				return good.Bytes(), nil
			}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go p.Run(ctx)
		for _, address := range []string{"https://example.org/a", "https://example.org/away", "https://example.org/words", ""} {
			for range 3 {
				if f := p.Picture(address, "x"); f != nil {
					t.Errorf("%s was there before anybody fetched it", address)
				}
			}
		}
		synctest.Wait()
		if f := p.Picture("https://example.org/a", "A garden"); f == nil || f.MIME != "image/jpeg" || f.Alt != "A garden" || len(f.Data) == 0 {
			t.Errorf("%+v", f)
		}
		for _, address := range []string{"https://example.org/away", "https://example.org/words"} {
			if f := p.Picture(address, "x"); f != nil {
				t.Errorf("%s: %+v", address, f)
			}
		}
		synctest.Wait()
		for address, n := range asked {
			if n != 1 {
				t.Errorf("%s was asked for %d times", address, n)
			}
		}
		clock.Set(clock.Now().Add(pictureAgain + time.Minute))
		p.Picture("https://example.org/away", "x")
		synctest.Wait()
		if asked["https://example.org/away"] != 2 || asked["https://example.org/a"] != 1 {
			t.Errorf("hours later: %v", asked)
		}
		for i := range picturesKept + 20 {
			p.Picture("https://example.org/"+string(rune('一'+i)), "x")
			synctest.Wait()
		}
		if n := len(p.have); n > picturesKept {
			t.Errorf("%d are kept", n)
		}
		if f := (*pictures)(nil).Picture("https://example.org/a", "x"); f != nil {
			t.Error("without a client there are none")
		}
	})
}
