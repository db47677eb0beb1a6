package records

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"handrail"
)

// quickListing reads a stored listing that is as encodeListing writes them, in a fifth of the time that package json
// takes: a directory of 200,000 is read at each start. Its strings are parts of text. False when text is not quite like
// that, for package json to read: what the two read is the same (FuzzQuickListing).
func quickListing(text string) (listing, bool) {
	p := quick{s: text}
	var l listing
	p.object(func(key string) int {
		switch key {
		case "name":
			l.Name = p.str()
			return 0
		case "description":
			l.Description = p.str()
			return 1
		case "organiser":
			p.organiser(&l.Organiser)
			return 2
		case "venue":
			p.venue(&l.Venue)
			return 3
		case "times":
			p.array(func() {
				var w recurrence
				p.recurrence(&w)
				l.Times = append(l.Times, w)
			})
			return 4
		case "when_text":
			l.WhenText = p.str()
			return 5
		case "cost_known":
			l.CostKnown = p.yes()
			return 6
		case "cost_pence":
			l.CostPence = p.number()
			return 7
		case "cost_text":
			l.CostText = p.str()
			return 8
		case "step_free":
			l.StepFree = p.tri()
			return 9
		case "toilet":
			l.Toilet = p.tri()
			return 10
		case "parking":
			l.Parking = p.tri()
			return 11
		case "access_text":
			l.AccessText = p.str()
			return 12
		case "min_age":
			l.MinAge = p.number()
			return 13
		case "max_age":
			l.MaxAge = p.number()
			return 14
		case "for":
			l.For = p.str()
			return 15
		case "topics":
			l.Topics = p.words()
			return 16
		case "languages":
			l.Languages = p.words()
			return 17
		case "sensitive":
			l.Sensitive = p.yes()
			return 18
		case "checked_at":
			l.CheckedAt = p.time()
			return 19
		case "updated_at":
			l.UpdatedAt = p.time()
			return 20
		case "facts":
			p.array(func() {
				var f fact
				p.fact(&f)
				l.Facts = append(l.Facts, f)
			})
			return 21
		}
		return unknownKey
	})
	return l, !p.bad && p.i == len(p.s)
}

// quick reads JSON without white space, of which every object has known keys, each once.
type quick struct {
	s   string
	i   int
	bad bool
}

const unknownKey = -1

func (p *quick) take(c byte) bool {
	if p.bad || p.i >= len(p.s) || p.s[p.i] != c {
		return false
	}
	p.i++
	return true
}

func (p *quick) want(c byte) {
	if !p.take(c) {
		p.bad = true
	}
}

// object reads an object; read reads the value of a key and returns the key's number, under 64.
func (p *quick) object(read func(key string) int) {
	p.want('{')
	if p.take('}') {
		return
	}
	var seen uint64
	for !p.bad {
		key := p.str()
		p.want(':')
		if p.bad {
			return
		}
		n := read(key)
		if n == unknownKey || seen&(1<<n) != 0 {
			p.bad = true
			return
		}
		seen |= 1 << n
		if !p.take(',') {
			p.want('}')
			return
		}
	}
}

// array reads an array that is not empty, as those that are stored are.
func (p *quick) array(read func()) {
	p.want('[')
	for !p.bad {
		read()
		if !p.take(',') {
			p.want(']')
			return
		}
	}
}

func (p *quick) words() []string {
	var out []string
	p.array(func() { out = append(out, p.str()) })
	return out
}

func (p *quick) dates() []handrail.Date {
	var out []handrail.Date
	p.array(func() { out = append(out, handrail.Date(p.str())) })
	return out
}

// str reads a string. Only one that has escapes is copied.
func (p *quick) str() string {
	p.want('"')
	if p.bad {
		return ""
	}
	from, ascii := p.i, true
	for ; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == '"':
			s := p.s[from:p.i]
			p.i++
			if !ascii && !utf8.ValidString(s) {
				p.bad = true
			}
			return s
		case c == '\\':
			return p.escaped(from)
		case c < ' ':
			p.bad = true
			return ""
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	p.bad = true
	return ""
}

func (p *quick) escaped(from int) string {
	for ; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '\\':
			p.i++
		case '"':
			p.i++
			var s string
			if json.Unmarshal([]byte(p.s[from-1:p.i]), &s) != nil {
				p.bad = true
			}
			return s
		}
	}
	p.bad = true
	return ""
}

// yes reads true: what is false is left out.
func (p *quick) yes() bool {
	const word = "true"
	if p.bad || len(p.s)-p.i < len(word) || p.s[p.i:p.i+len(word)] != word {
		p.bad = true
		return false
	}
	p.i += len(word)
	return true
}

// number reads a whole number of few digits.
func (p *quick) number() int {
	negative := p.take('-')
	from, n := p.i, 0
	for ; p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9'; p.i++ {
		n = n*10 + int(p.s[p.i]-'0')
		if p.i-from > 8 {
			p.bad = true
			return 0
		}
	}
	if p.i == from || p.s[from] == '0' && (p.i > from+1 || negative) || p.i < len(p.s) && (p.s[p.i] == '.' || p.s[p.i]|0x20 == 'e') {
		p.bad = true
	}
	if negative {
		return -n
	}
	return n
}

func (p *quick) tri() int8 {
	n := p.number()
	if n < math.MinInt8 || n > math.MaxInt8 {
		p.bad = true
	}
	return int8(n)
}

// degrees reads a coordinate as encoding/json writes it: digits, a point, digits.
func (p *quick) degrees() float64 {
	from := p.i
	p.take('-')
	whole := p.i
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	if p.i == whole || p.s[whole] == '0' && p.i > whole+1 {
		p.bad = true
	}
	if p.take('.') {
		part := p.i
		for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
			p.i++
		}
		if p.i == part {
			p.bad = true
		}
	}
	if p.bad || p.i < len(p.s) && p.s[p.i]|0x20 == 'e' {
		p.bad = true
		return 0
	}
	f, err := strconv.ParseFloat(p.s[from:p.i], 64)
	if err != nil {
		p.bad = true
	}
	return f
}

func (p *quick) time() *time.Time {
	s := p.str()
	if p.bad {
		return nil
	}
	t := new(time.Time)
	if t.UnmarshalText([]byte(s)) != nil {
		p.bad = true
	}
	return t
}

func (p *quick) organiser(o *organiser) {
	p.object(func(key string) int {
		switch key {
		case "id":
			o.ID = p.str()
			return 0
		case "name":
			o.Name = p.str()
			return 1
		case "phone":
			o.Phone = p.str()
			return 2
		case "email":
			o.Email = p.str()
			return 3
		case "website":
			o.Website = p.str()
			return 4
		}
		return unknownKey
	})
}

func (p *quick) venue(v *venue) {
	p.object(func(key string) int {
		switch key {
		case "name":
			v.Name = p.str()
			return 0
		case "street":
			v.Street = p.str()
			return 1
		case "town":
			v.Town = p.str()
			return 2
		case "postcode":
			v.Postcode = p.str()
			return 3
		case "at":
			v.At = p.point()
			return 4
		}
		return unknownKey
	})
}

func (p *quick) point() *handrail.Point {
	at := new(handrail.Point)
	p.object(func(key string) int {
		switch key {
		case "lat":
			at.Lat = p.degrees()
			return 0
		case "lon":
			at.Lon = p.degrees()
			return 1
		}
		return unknownKey
	})
	return at
}

func (p *quick) recurrence(w *recurrence) {
	p.object(func(key string) int {
		switch key {
		case "day":
			w.Day = p.number()
			return 0
		case "start":
			w.Start = p.number()
			return 1
		case "end":
			w.End = p.number()
			return 2
		case "every":
			w.Every = p.number()
			return 3
		case "zone":
			w.Zone = p.str()
			return 4
		case "freq":
			w.Freq = p.str()
			return 5
		case "nth":
			w.Nth = p.number()
			return 6
		case "month_day":
			w.MonthDay = p.number()
			return 7
		case "from":
			w.From = handrail.Date(p.str())
			return 8
		case "until":
			w.Until = handrail.Date(p.str())
			return 9
		case "except":
			w.Except = p.dates()
			return 10
		case "also":
			w.Also = p.dates()
			return 11
		case "holidays":
			w.Holidays = p.tri()
			return 12
		case "term_only":
			w.TermOnly = p.yes()
			return 13
		case "certainty":
			w.Certainty = p.str()
			return 14
		}
		return unknownKey
	})
}

func (p *quick) fact(f *fact) {
	p.object(func(key string) int {
		switch key {
		case "kind":
			f.Kind = p.str()
			return 0
		case "value":
			f.Value = p.str()
			return 1
		case "on":
			f.On = handrail.Date(p.str())
			return 2
		case "said_by":
			f.SaidBy = p.str()
			return 3
		case "until":
			f.Until = handrail.Date(p.str())
			return 4
		case "version":
			f.Version = p.number()
			return 5
		}
		return unknownKey
	})
}
