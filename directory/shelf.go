package directory

import (
	"cmp"
	"encoding/binary"
	"slices"

	"handrail"
)

// shelf is a number of listings made ready for searching, once and for all. An Index is a large one and a small one.
//
// Its documents are sorted by the cell of a fine grid, so that those around a place are a few runs of neighbouring
// numbers, and every stem has the sorted numbers of the documents that use it. Everything lies in a few flat arrays
// without pointers.
type shelf struct {
	archive archive
	docs    []doc
	cells   []uint32 // per document
	byID    []uint32 // documents, sorted by the listing's id

	words map[string]uint32 // by a word as it is written: the number of its stem, 0 for one that says nothing
	stems map[string]uint32 // by stem: its number, from 1
	posts []posting         // by stem, then by document
	first []uint32          // per number of a stem, where its postings begin; one more at the end
	texts []byte            // per document, its stems as they follow each other; see builder.text
}

// posting is a document that has a stem, shifted left, and a mask of the parts of the listing in which it stands.
type posting uint32

const maskBits = 4

func (p posting) doc() uint32 { return uint32(p >> maskBits) }
func (p posting) mask() uint8 { return uint8(p & (1<<maskBits - 1)) }

// The parts of a listing that words are read from.
const (
	inName uint8 = 1 << iota
	inTopics
	inText
	inVenue
)

// newShelf makes a shelf of listings; all gives them one by one, and they are not kept.
func newShelf(p *packer, all func(yield func(*handrail.Activity) bool)) *shelf {
	s := &shelf{
		archive: archive{packer: p},
		words:   map[string]uint32{}, stems: map[string]uint32{},
	}
	b := builder{shelf: s}
	all(func(a *handrail.Activity) bool {
		b.add(a)
		return true
	})
	b.sort()
	b.post()
	s.archive.trim(len(s.archive.chunks) - 1)
	s.texts = append(make([]byte, 0, len(s.texts)), s.texts...) // it grew by more than it needed
	return s
}

// id is the id of a document's listing.
func (s *shelf) id(d uint32) handrail.ActivityID { return s.archive.id(s.docs[d].at) }

// listing is a document's listing.
func (s *shelf) listing(d uint32) handrail.Activity { return s.archive.listing(s.docs[d].at) }

// withID are the documents whose listing has an id: one, unless the caller gave two listings the same.
func (s *shelf) withID(id handrail.ActivityID) []uint32 {
	from, _ := slices.BinarySearchFunc(s.byID, id, func(d uint32, id handrail.ActivityID) int { return cmp.Compare(s.id(d), id) })
	to := from
	for to < len(s.byID) && s.id(s.byID[to]) == id {
		to++
	}
	return s.byID[from:to]
}

// number is the number of a word's stem, 0 when no listing here has it.
func (s *shelf) number(word string, stems *stemmer) uint32 {
	if n, ok := s.words[word]; ok {
		return n
	}
	return s.stems[stems.stem(word)]
}

// with are the documents that have a stem, sorted.
func (s *shelf) with(stem uint32) []posting {
	if stem == 0 {
		return nil
	}
	return s.posts[s.first[stem]:s.first[stem+1]]
}

// mask says in which parts of a document the stems stand one after the other; 0 when nowhere.
func (s *shelf) mask(d uint32, stems []uint32) (mask uint8) {
	if len(stems) == 1 {
		posts := s.with(stems[0])
		if i := from(posts, d); i < len(posts) && posts[i].doc() == d {
			return posts[i].mask()
		}
		return 0
	}
	text, part, met := s.texts[s.docs[d].text:], uint8(0), 0
	for {
		stem, n := binary.Uvarint(text)
		text = text[n:]
		switch {
		case stem == 0:
			if part, text = text[0], text[1:]; part == 0 {
				return mask
			}
			met = 0
		case stem == uint64(stems[met]):
			if met++; met == len(stems) {
				mask |= part
				met = 0
			}
		case met > 0:
			// Short phrases: starting again from the first stem is enough, but for a phrase that repeats its beginning
			// ("tai tai chi"), which no group is called.
			met = 0
			if stem == uint64(stems[0]) {
				met = 1
			}
		}
	}
}

// from is the index of the first posting of d or of what comes after it. It looks near the beginning first: callers walk
// forwards.
func from(posts []posting, d uint32) int {
	want := posting(d << maskBits)
	step := 1
	for step < len(posts) && posts[step-1] < want {
		step *= 2
	}
	lo := step / 2
	i, _ := slices.BinarySearch(posts[lo:min(step, len(posts))], want)
	return lo + i
}

// builder holds what is needed only while a shelf is made.
type builder struct {
	*shelf
	word []byte
	ids  []handrail.ActivityID
	at   []uint32 // per document, its cell
	uses []uint32 // per stem, how many documents have it
	last []uint32 // per stem, the last document that was seen to have it, from 1
}

func (b *builder) add(a *handrail.Activity) {
	d := describe(a)
	d.at = b.archive.keep(a)
	d.text = uint32(len(b.texts))
	b.docs = append(b.docs, d)
	b.ids = append(b.ids, a.ID)
	b.at = append(b.at, cellOf(a.Venue.At))

	b.text(a.Name, inName)
	for _, t := range a.Topics {
		b.text(t, inTopics)
	}
	b.text(a.Description, inText)
	b.text(a.WhenText, inText)
	b.text(a.Organiser.Name, inVenue)
	b.text(a.Venue.Name, inVenue)
	b.texts = append(b.texts, 0, 0)
}

// text notes the words of one part of a listing: a zero and the part, then the number of each stem. A zero and no part
// end the listing.
func (b *builder) text(text string, part uint8) {
	begun := false
	doc := uint32(len(b.docs))
	r := reader{text: text, word: b.word}
	for r.next() {
		n, ok := b.words[string(r.word)]
		if !ok {
			n = b.learn(string(r.word))
		}
		if n == 0 {
			continue
		}
		if !begun {
			b.texts = append(b.texts, 0, part)
			begun = true
		}
		b.texts = binary.AppendUvarint(b.texts, uint64(n))
		if b.last[n] != doc {
			b.last[n] = doc
			b.uses[n]++
		}
	}
	b.word = r.word[:0]
}

// learn gives a new word the number of its stem.
func (b *builder) learn(word string) uint32 {
	if len(b.uses) == 0 {
		b.uses, b.last = append(b.uses, 0), append(b.last, 0) // no stem has the number 0
	}
	if empty(word) {
		b.words[word] = 0
		return 0
	}
	stem := stemOf(word)
	n, ok := b.stems[stem]
	if !ok {
		n = uint32(len(b.uses))
		b.stems[stem] = n
		b.uses, b.last = append(b.uses, 0), append(b.last, 0)
	}
	b.words[word] = n
	return n
}

// sort puts the documents in the order of their cells, those of a cell by id.
func (b *builder) sort() {
	n := len(b.docs)
	order := make([]uint32, n)
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int {
		if c := cmp.Compare(b.at[x], b.at[y]); c != 0 {
			return c
		}
		if c := cmp.Compare(b.ids[x], b.ids[y]); c != 0 {
			return c
		}
		return cmp.Compare(x, y)
	})
	docs, ids := make([]doc, n), make([]handrail.ActivityID, n)
	b.cells, b.byID = make([]uint32, n), make([]uint32, n)
	for i, from := range order {
		docs[i], ids[i], b.cells[i], b.byID[i] = b.docs[from], b.ids[from], b.at[from], uint32(i)
	}
	b.docs, b.ids = docs, ids
	slices.SortFunc(b.byID, func(x, y uint32) int { return cmp.Or(cmp.Compare(ids[x], ids[y]), cmp.Compare(x, y)) })
}

// post fills the postings from the documents' texts.
func (b *builder) post() {
	b.first = make([]uint32, max(len(b.uses), 1)+1)
	for n, uses := range b.uses {
		b.first[n+1] = b.first[n] + uses
	}
	b.posts = make([]posting, b.first[len(b.first)-1])
	next := slices.Clone(b.first)
	for d := range b.docs {
		text, part := b.texts[b.docs[d].text:], posting(0)
		for {
			stem, n := binary.Uvarint(text)
			text = text[n:]
			if stem == 0 {
				if part, text = posting(text[0]), text[1:]; part == 0 {
					break
				}
				continue
			}
			this := posting(d << maskBits)
			if i := next[stem]; i > b.first[stem] && b.posts[i-1]&^(1<<maskBits-1) == this {
				b.posts[i-1] |= part
			} else {
				b.posts[i] = this | part
				next[stem]++
			}
		}
	}
}

// stemsOf gives the numbers of the stems of a document, each once.
func (s *shelf) stemsOf(d uint32) map[uint32]bool {
	out := map[uint32]bool{}
	text := s.texts[s.docs[d].text:]
	for {
		stem, n := binary.Uvarint(text)
		text = text[n:]
		if stem != 0 {
			out[uint32(stem)] = true
			continue
		}
		if text[0] == 0 {
			return out
		}
		text = text[1:]
	}
}
