package house

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"handrail/bot"
	"handrail/directory/feeds"
	"handrail/directory/picture"
)

const (
	// picturesKept bounds how many small pictures are held in memory, about 60 KB each.
	picturesKept = 200
	// pictureWait bounds one fetch, and pictureAgain is how long nobody asks again for one that could not be had.
	pictureWait  = 20 * time.Second
	pictureAgain = 6 * time.Hour
)

// pictures are what listings look like. Nobody waits for one: whoever asks first gets none, and sets off the fetch.
type pictures struct {
	base  string // the address that /pictures is under; empty: they have no address
	fetch func(ctx context.Context, address string, most int64) ([]byte, error)
	clock Clock
	log   *slog.Logger
	want  chan string

	mu   sync.Mutex
	have map[string]kept
}

// kept is one picture, or the time at which it could not be had.
type kept struct {
	data []byte
	at   time.Time
}

// newPictures makes the store; nil without a client, which shows none.
func newPictures(c *feeds.Client, clock Clock, log *slog.Logger) *pictures {
	if c == nil {
		return nil
	}
	return &pictures{fetch: c.Picture, clock: clock, log: log, want: make(chan string, 64), have: map[string]kept{}}
}

// Picture is what is at an address, small and harmless; nil while nobody has fetched it.
func (p *pictures) Picture(address, alt string) *bot.File {
	if p == nil || address == "" {
		return nil
	}
	p.mu.Lock()
	is, ok := p.have[address]
	p.mu.Unlock()
	if len(is.data) > 0 {
		f := &bot.File{Name: "picture.jpg", MIME: picture.MIME, Data: is.data, Alt: alt}
		if p.base != "" {
			f.Link = p.base + pathPictures + "/" + pictureName(address)
		}
		return f
	}
	if !ok || p.clock.Now().Sub(is.at) > pictureAgain {
		select {
		case p.want <- address:
		default: // many are wanted already: the next to ask tries again
		}
	}
	return nil
}

// pictureName is what a picture is called under our own address: its source's address as a hash.
func pictureName(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:16]) + ".jpg"
}

// ServeHTTP shows a small picture to whoever has its address: a chat network that puts it on a card. Only what is in memory
// is shown; a listing's picture is public.
func (p *pictures) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	p.mu.Lock()
	var data []byte
	for address, is := range p.have {
		if len(is.data) > 0 && pictureName(address) == name {
			data = is.data
			break
		}
	}
	p.mu.Unlock()
	if data == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", picture.MIME)
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data) // whoever hung up does not want it
}

// Run fetches what is wanted, one by one, until ctx ends.
func (p *pictures) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case address := <-p.want:
			p.get(ctx, address)
		}
	}
}

func (p *pictures) get(ctx context.Context, address string) {
	p.mu.Lock()
	is, ok := p.have[address]
	p.mu.Unlock()
	if ok && (len(is.data) > 0 || p.clock.Now().Sub(is.at) <= pictureAgain) {
		return // wanted twice
	}
	short, cancel := context.WithTimeout(ctx, pictureWait)
	defer cancel()
	data, err := p.fetch(short, address, picture.MaxBytes)
	if err == nil {
		data, err = picture.Small(data)
	}
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		p.log.Warn("a listing's picture could not be had", "error", err)
		data = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for other := range p.have {
		if len(p.have) < picturesKept {
			break
		}
		delete(p.have, other) // whichever: it is fetched again when it is wanted
	}
	p.have[address] = kept{data, p.clock.Now()}
}
