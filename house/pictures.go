package house

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/directory/feeds"
	"handrail/directory/picture"
)

const (
	// picturesKept bounds how many pictures the records hold, about 60 KB each, and picturesNear how many of them are held
	// in memory beside.
	picturesKept = 2000
	picturesNear = 64
	// pictureWait bounds one fetch, and pictureAgain is how long nobody asks again for one that could not be had.
	pictureWait  = 20 * time.Second
	pictureAgain = 6 * time.Hour
	// picturesLook is how often we look whether the directory changed, and pictureAgain too how often it is looked through
	// though it did not: what could not be had is tried again then.
	picturesLook = 2 * time.Second
)

// pictureStore keeps pictures. The records are one.
type pictureStore interface {
	SavePicture(ctx context.Context, address string, data []byte, at time.Time) error
	Picture(ctx context.Context, address string) ([]byte, bool, error)
	PicturesTried(ctx context.Context) (at map[string]time.Time, there map[string]bool, err error)
	ForgetPictures(ctx context.Context, addresses []string) error
}

// pictures are what listings look like. They are fetched when a listing came in, never when one is shown: whoever asks gets
// what is kept, or none.
type pictures struct {
	base  string                                                                // the address that /pictures is under; empty: they have no address
	fetch func(ctx context.Context, address string, most int64) ([]byte, error) // nil fetches none
	store pictureStore
	named func() []string // what listings name, in order
	// changed is a number that is another one once a listing changed.
	changed func() int64
	clock   Clock
	log     *slog.Logger

	mu      sync.Mutex
	near    map[string][]byte
	names   map[string]string // the pictures' addresses by their names, as they were when changed said namesOf
	namesOf int64
}

// newPictures makes them for a directory. Without a client nothing is fetched; what is drawn is there all the same.
func newPictures(c *feeds.Client, store pictureStore, finder *Finder, clock Clock, log *slog.Logger) *pictures {
	p := &pictures{store: store, named: func() []string { return pictureAddresses(finder) }, changed: finder.seen.Load, clock: clock, log: log, near: map[string][]byte{}}
	if c != nil {
		p.fetch = c.Picture
	}
	return p
}

// pictureAddresses are those that the directory's listings name, in order.
func pictureAddresses(finder *Finder) []string {
	var out []string
	for a := range finder.Directory().Index().All() {
		if f, ok := a.Fact(handrail.FactPhoto); ok {
			out = append(out, f.Value)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Picture is what is kept of an address, small and harmless, or drawn; nil where there is none. It asks nobody's server.
func (p *pictures) Picture(address, alt string) *bot.File {
	data, err := p.read(context.Background(), address)
	if err != nil {
		p.log.Warn("a listing's picture could not be read", "error", err)
	}
	if len(data) == 0 {
		return nil
	}
	f := &bot.File{Name: "picture.jpg", MIME: pictureMIME(address), Data: data, Alt: alt}
	if f.MIME == picture.DrawnMIME {
		f.Name = "picture.png"
	}
	if p.base != "" {
		f.Link = p.base + pathPictures + "/" + pictureName(address)
	}
	return f
}

// read is what is kept of an address; nothing where there is none.
func (p *pictures) read(ctx context.Context, address string) ([]byte, error) {
	if address == "" {
		return nil, nil
	}
	p.mu.Lock()
	data := p.near[address]
	p.mu.Unlock()
	if len(data) > 0 {
		return data, nil
	}
	var err error
	if strings.HasPrefix(address, picture.DrawnScheme) {
		data, err = picture.Drawn(address)
	} else {
		data, _, err = p.store.Picture(ctx, address)
	}
	if err == nil && len(data) > 0 {
		p.keepNear(address, data)
	}
	return data, err
}

func pictureMIME(address string) string {
	if strings.HasPrefix(address, picture.DrawnScheme) {
		return picture.DrawnMIME
	}
	return picture.MIME
}

// pictureName is what a picture is called under our own address: its source's address as a hash.
func pictureName(address string) string {
	sum := sha256.Sum256([]byte(address))
	end := ".jpg"
	if pictureMIME(address) == picture.DrawnMIME {
		end = ".png"
	}
	return hex.EncodeToString(sum[:16]) + end
}

// ServeHTTP shows a small picture to whoever has its address: a chat network that puts it on a card. Only what a listing names
// is shown, and a listing's picture is public.
func (p *pictures) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	address, ok := p.called(r.PathValue("name"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	data, err := p.read(r.Context(), address)
	if err != nil || len(data) == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", pictureMIME(address))
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data) // whoever hung up does not want it
}

// called is the address of the picture that has a name, while a listing names it. The directory is walked through once a
// change, not once a question: whoever asks needs no leave.
func (p *pictures) called(name string) (address string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if is := p.changed(); p.names == nil || is != p.namesOf {
		all := p.named()
		p.names, p.namesOf = make(map[string]string, len(all)), is
		for _, address := range all {
			p.names[pictureName(address)] = address
		}
	}
	address, ok = p.names[name]
	return address, ok
}

func (p *pictures) keepNear(address string, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for other := range p.near {
		if len(p.near) < picturesNear {
			break
		}
		delete(p.near, other) // whichever: it is read again when it is shown
	}
	p.near[address] = data
}

func (p *pictures) dropNear(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.near, address)
}

// Run fetches what came in with listings, one by one, until ctx ends.
func (p *pictures) Run(ctx context.Context) {
	looked, last := int64(-1), time.Time{}
	for p.fetch != nil {
		if now, is := p.clock.Now(), p.changed(); is != looked || now.Sub(last) > pictureAgain {
			looked, last = is, now
			if err := p.Step(ctx); err != nil && ctx.Err() == nil {
				p.log.Warn("listings' pictures could not be looked after", "error", err)
				looked = -1
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-p.clock.After(picturesLook):
		}
	}
}

// Step fetches every picture that a listing names and that is not kept, but those that could not be had a short while ago, and
// forgets those that no listing names any more.
func (p *pictures) Step(ctx context.Context) error {
	tried, there, err := p.store.PicturesTried(ctx)
	if err != nil {
		return err
	}
	wanted := slices.DeleteFunc(p.named(), func(address string) bool {
		u, err := url.Parse(address)
		return err != nil || u.Scheme != "https"
	})
	wanted = wanted[:min(len(wanted), picturesKept)]
	var gone []string
	for address := range tried {
		if _, named := slices.BinarySearch(wanted, address); !named {
			gone = append(gone, address)
			p.dropNear(address)
		}
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		if err := p.store.ForgetPictures(ctx, gone); err != nil {
			return err
		}
	}
	for _, address := range wanted {
		if at, known := tried[address]; there[address] || known && p.clock.Now().Sub(at) <= pictureAgain {
			continue
		}
		if err := p.get(ctx, address); err != nil {
			return err
		}
	}
	return nil
}

// get fetches one; that there was none is kept too.
func (p *pictures) get(ctx context.Context, address string) error {
	short, cancel := context.WithTimeout(ctx, pictureWait)
	defer cancel()
	data, err := p.fetch(short, address, picture.MaxBytes)
	if err == nil {
		data, err = picture.Small(data)
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.log.Warn("a listing's picture could not be had", "error", err)
		data = nil
	}
	return p.store.SavePicture(ctx, address, data, p.clock.Now())
}
