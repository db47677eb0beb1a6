package web

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// fileName is the file of the chats in Options.Dir.
const fileName = "chats.jsonl"

// errStartedAgain says that the phones were emptied while something was on its way to one.
var errStartedAgain = errors.New("the story was started again meanwhile")

// header is the first line of the file. Run names this telling of the story: it changes with every reset, so a page
// that was left open knows that the numbers it remembers are of another one.
type header struct {
	Run string `json:"run"`
}

// phones is what everybody's phone shows: the file, and the same in memory. It is safe for use by several goroutines.
type phones struct {
	path string

	mu      sync.Mutex
	file    *os.File
	size    int64 // of the file up to the last whole line
	broken  error // set when the file could not be put right after a failed write
	run     string
	entries []entry           // entries[i].N == i+1
	chats   map[string]string // update id to chat
	order   int64
	changed chan struct{} // closed and replaced whenever a reader should look again
}

// openPhones reads the file in dir, or starts one. A last line that a crash tore is cut off: whoever wrote it was never
// told that it was kept. A line that is wrong anywhere else is an error, since dropping it would be silent loss.
func openPhones(dir string) (*phones, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the chats: %w", err)
	}
	p := &phones{path: filepath.Join(dir, fileName), changed: make(chan struct{})}
	f, err := os.OpenFile(p.path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return p, p.begin()
	}
	if err != nil {
		return nil, fmt.Errorf("open the chats: %w", err)
	}
	p.file = f
	if err := p.load(); err != nil {
		f.Close()
		return nil, fmt.Errorf("read the chats in %s: %w", fileName, err)
	}
	if p.run == "" { // not even the first line is whole
		f.Close()
		return p, p.begin()
	}
	return p, nil
}

func (p *phones) load() error {
	p.chats = map[string]string{}
	r := bufio.NewReaderSize(p.file, 64<<10)
	for number := 1; ; number++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break // what is left in line has no end: torn
		}
		if err != nil {
			return err
		}
		if number == 1 {
			var h header
			if err := json.Unmarshal(line, &h); err != nil || h.Run == "" {
				return errors.New("line 1 is not the header of a file of chats")
			}
			p.run = h.Run
		} else {
			var e entry
			if err := json.Unmarshal(line, &e); err != nil || e.N != int64(len(p.entries))+1 || (e.Said == nil) == (e.Message == nil) {
				if _, err := r.Peek(1); errors.Is(err, io.EOF) {
					break // torn, though a newline reached the disk
				}
				return fmt.Errorf("line %d is damaged", number)
			}
			p.keep(e)
		}
		p.size += int64(len(line))
	}
	if p.run == "" {
		return nil
	}
	if err := p.file.Truncate(p.size); err != nil {
		return fmt.Errorf("cut off a torn line: %w", err)
	}
	_, err := p.file.Seek(p.size, io.SeekStart)
	return err
}

// keep puts an entry into memory.
func (p *phones) keep(e entry) {
	p.entries = append(p.entries, e)
	p.order = max(p.order, e.Order)
	if e.ID != "" {
		p.chats[e.ID] = e.Chat
	}
}

// begin starts an empty file under a new run. The new file takes the old one's place in one step, so that a crash leaves
// one or the other.
func (p *phones) begin() error {
	run := rand.Text()
	first, err := json.Marshal(header{Run: run})
	if err != nil {
		return fmt.Errorf("begin the chats: %w", err)
	}
	first = append(first, '\n')
	fresh := p.path + ".new"
	f, err := os.OpenFile(fresh, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("begin the chats: %w", err)
	}
	if _, err = f.Write(first); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(fresh, p.path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(p.path))
	}
	if err != nil {
		f.Close()
		return fmt.Errorf("begin the chats: %w", err)
	}
	if p.file != nil {
		p.file.Close()
	}
	p.file, p.size, p.broken = f, int64(len(first)), nil
	p.run, p.entries, p.chats, p.order = run, nil, map[string]string{}, 0
	return nil
}

// syncDir makes a rename in dir outlive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// reset empties every phone.
func (p *phones) reset() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if errors.Is(p.broken, os.ErrClosed) {
		return p.broken
	}
	if err := p.begin(); err != nil {
		return err
	}
	p.wake()
	return nil
}

// reserve takes the next place in the order of things, and says under which run.
func (p *phones) reserve() (run string, order int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.order++
	return p.run, p.order
}

// add writes an entry down and gives it its number; it is on the disk when add returns nil. An entry without an order
// goes to the end. An entry whose update's id is there already is left out: that is not an error. run, when not
// empty, must still be the current one.
//
// After an error nothing was kept: unless errors.Is(err, errDoubt), when nobody can say.
func (p *phones) add(run string, e entry) (n int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return 0, p.broken
	}
	if run != "" && run != p.run {
		return 0, errStartedAgain
	}
	if e.ID != "" {
		if _, there := p.chats[e.ID]; there {
			return 0, nil
		}
	}
	if e.Order == 0 {
		e.Order = p.order + 1
	}
	e.N = int64(len(p.entries)) + 1
	e.At = e.At.UTC()
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(e); err != nil {
		return 0, fmt.Errorf("encode an entry: %w", err)
	}
	_, err = p.file.Write(line.Bytes())
	if err == nil {
		err = p.file.Sync()
	}
	if err != nil {
		return 0, p.undo(fmt.Errorf("write to the chats: %w", err))
	}
	p.size += int64(line.Len())
	p.keep(e)
	p.wake()
	return e.N, nil
}

// errDoubt says that a line may or may not be on the disk.
var errDoubt = errors.New("the file of the chats could not be put right")

// undo cuts a line off that was not written whole. When even that fails the file is left alone for good: a further line
// behind half a one could not be read again.
func (p *phones) undo(cause error) error {
	err := p.file.Truncate(p.size)
	if err == nil {
		_, err = p.file.Seek(p.size, io.SeekStart)
	}
	if err != nil {
		p.broken = fmt.Errorf("%w: %w", errDoubt, cause)
		return p.broken
	}
	return cause
}

// wake lets every reader look again. The caller holds mu.
func (p *phones) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// nudge lets every reader look again though no entry was added.
func (p *phones) nudge() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake()
}

// since returns everything said, and from which index on it is new to a reader who has seen entry n of a run; of another
// run everything is, and again is true. changed is closed once there is more to see.
func (p *phones) since(run string, n int64) (now string, again bool, all []entry, from int64, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if run != p.run || n < 0 || n > int64(len(p.entries)) {
		again, n = true, 0
	}
	// Entries are never changed once they are kept, so the slice may be read without the lock.
	return p.run, again, p.entries[:len(p.entries):len(p.entries)], n, p.changed
}

// all returns everything that was said.
func (p *phones) all() (run string, entries []entry) {
	run, _, entries, _, _ = p.since("", 0)
	return run, entries
}

// chatOf returns the chat from which an update was sent, and whether it was.
func (p *phones) chatOf(id string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	chat, ok := p.chats[id]
	return chat, ok
}

// close lets the file go; nothing can be added or reset afterwards.
func (p *phones) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if errors.Is(p.broken, os.ErrClosed) {
		return nil
	}
	p.broken = fmt.Errorf("the chats are closed: %w", os.ErrClosed)
	return p.file.Close()
}
