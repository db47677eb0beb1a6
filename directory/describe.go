package directory

import (
	"strings"
	"time"

	"handrail"
)

// doc is all of a listing that filtering and ranking look at, close together.
type doc struct {
	x, y, z   float64 // on the unit sphere
	slots     uint32  // bit day*4+part: when it meets
	flags     flags
	languages uint32 // bit of a hash of each: to refuse most listings without looking
	name      uint32 // hashes, to tell alike ones from others
	brand     uint32
	organiser uint32

	checked  minute // by its publisher
	assured  minute // by somebody we asked
	attended minute
	ends     day // the last date it gives, 0 for none
	funded   day // the last day that is paid for, 0 for none

	audience audience // whom its name and topics, and its description, say that it is for

	at   archived
	text uint32 // where its stems begin

	minAge  uint8
	maxAge  uint8 // 0: none
	answers uint8 // shares of the organiser, of the cost, of the access and of the facts, in 255ths
	cost    uint8
	access  uint8
	quality uint8
	by      assurer
	doubts  doubts
}

type flags uint16

const (
	flagPlaced flags = 1 << iota
	flagFree
	flagPaid // it is known to cost something
	flagStepFree
	flagWomen
	flagMen
	flagOpen     // its status lets people come
	flagTakes    // it takes new people
	flagTimes    // when it meets is known for certain
	flagDated    // one of its times ends on a date
	flagLabelled // its name or a topic labels who goes there
	flagPlain    // its name doesn't
	flagRemote   // online or by telephone
	flagVisits   // somebody comes to the home
)

// doubts are reasons to send nobody without asking.
type doubts uint8

const (
	doubtClosed doubts = 1 << iota
	doubtSilent
)

// assurer is who assured a listing, as a number.
type assurer uint8

const (
	byNobody assurer = iota
	byOrganiser
	byStaff
	byVisitor
)

// minute is an instant in whole minutes, which last until the year 10000; 0 is none.
type minute uint32

func minuteOf(t *time.Time) minute {
	if t == nil || t.Unix() < 60 {
		return 0
	}
	return minute(min(t.Unix()/60, 1<<32-1))
}

// day is a date as the number of days since 1970; 0 is none. Dates that nobody can read are none.
type day uint16

func dayOf(d handrail.Date) day {
	if d == "" {
		return 0
	}
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0
	}
	return dayIn(t)
}

// dayIn is the date that an instant has in its own zone.
func dayIn(t time.Time) day {
	y, m, d := t.Date()
	return day(max(0, min(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400, 1<<16-1)))
}

func (d day) date() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// describe reads what filtering and ranking need of a listing.
func describe(a *handrail.Activity) doc {
	d := doc{
		slots: slotsOf(a.Times), minAge: ageByte(a.MinAge), maxAge: ageByte(a.MaxAge),
		checked: minuteOf(a.CheckedAt), attended: minuteOf(a.Standing.AttendedAt),
		name: hash(a.Name), brand: brandOf(a.Name), organiser: hash(string(a.Organiser.ID)),
		answers: in255ths(answersShare(a.Standing)), cost: in255ths(costShare(a.Cost)),
		access: in255ths(accessShare(a.Access)), quality: in255ths(qualityShare(a.Facts)),
	}
	if d.organiser == 0 {
		d.organiser = hash(a.Organiser.Name)
	}
	if own := a.Standing.Assured; own != nil {
		d.assured, d.by = minuteOf(&own.At), byStaff
		switch own.By {
		case handrail.AssurerOrganiser:
			d.by = byOrganiser
		case handrail.AssurerVisitor:
			d.by = byVisitor
		}
	}
	if a.Standing.ReportedClosed != nil {
		d.doubts |= doubtClosed
	}
	if a.Standing.Silences >= handrail.SilencesBeforeWarning {
		d.doubts |= doubtSilent
	}
	for _, l := range a.Languages {
		d.languages |= languageBit(l)
	}
	if f, ok := a.Fact(handrail.FactFundingEnd); ok {
		d.funded = dayOf(handrail.Date(strings.TrimSpace(f.Value)))
	}
	d.flags = flagsOf(a)
	d.audience = audienceIn(a.Name) | announcedIn(a.Description)
	for _, topic := range a.Topics {
		d.audience |= audienceIn(topic)
	}
	d.audience &^= forWomen | forMen // a men's shed is for everybody until it says that it is not
	switch a.For {
	case handrail.SexWomen:
		d.audience |= forWomen
	case handrail.SexMen:
		d.audience |= forMen
	}
	if a.Venue.At != nil {
		d.x, d.y, d.z = onSphere(*a.Venue.At)
	}
	d.ends = lastDate(a.Times)
	for _, t := range a.Times {
		if t.Certain() {
			d.flags |= flagTimes
		}
		if t.Until != "" || t.Freq == handrail.OnDates {
			d.flags |= flagDated
		}
	}
	return d
}

func flagsOf(a *handrail.Activity) (f flags) {
	set := func(is bool, flag flags) {
		if is {
			f |= flag
		}
	}
	set(cellOf(a.Venue.At) != noCell, flagPlaced)
	set(a.Cost.Free(), flagFree)
	set(a.Cost.Known && a.Cost.Pence > 0, flagPaid)
	set(a.Access.StepFree == handrail.Yes, flagStepFree)
	set(a.For == handrail.SexWomen, flagWomen)
	set(a.For == handrail.SexMen, flagMen)
	set(a.Status == handrail.ActivityActive || a.Status == "", flagOpen)
	set(!a.Standing.Paused, flagTakes)
	_, named := Stigma(a.Name)
	set(!named, flagPlain)
	labelled := named || a.Sensitive
	for _, t := range a.Topics {
		if !labelled {
			_, labelled = Stigma(t)
		}
	}
	set(labelled, flagLabelled)
	remote, visits := homely(a)
	set(remote, flagRemote)
	set(visits, flagVisits)
	return f
}

// lastDate is the last date of times that all end, 0 when one of them doesn't or there are none.
func lastDate(times []handrail.Recurrence) day {
	var last day
	for _, t := range times {
		ends := dayOf(t.Until)
		if t.Freq == handrail.OnDates {
			ends = 0
			for _, d := range t.Also {
				ends = max(ends, dayOf(d))
			}
		}
		if ends == 0 {
			return 0
		}
		for _, d := range t.Also {
			ends = max(ends, dayOf(d))
		}
		last = max(last, ends)
	}
	return last
}

// longSession is the length from which a time is read as opening hours ("10am to 8pm: drop in") rather than as a class.
const longSession = 180

// slotsOf marks the days and parts of day at which somebody could come. A class counts where it begins: who can only
// do afternoons cannot come at 11. Opening hours count wherever they leave an hour. Times that are only guessed, and
// days of the month that fall on any weekday, mark nothing: they cannot be promised to somebody who asks for a Tuesday.
func slotsOf(times []handrail.Recurrence) uint32 {
	var slots uint32
	for _, t := range times {
		if !t.Certain() {
			continue
		}
		for weekday := range weekdays(t) {
			slots |= partsOf(t.Start, t.End) << (uint32(weekday) * partBits)
		}
	}
	return slots
}

// weekdays gives the weekdays on which a time can be said to fall.
func weekdays(r handrail.Recurrence) func(yield func(time.Weekday) bool) {
	return func(yield func(time.Weekday) bool) {
		switch {
		case r.Freq == handrail.OnDates:
		case r.Freq == handrail.Monthly && r.Nth == 0:
			return
		default:
			if r.Day >= time.Sunday && r.Day <= time.Saturday && !yield(r.Day) {
				return
			}
		}
		for _, d := range r.Also {
			if n := dayOf(d); n != 0 && !yield(n.date().Weekday()) {
				return
			}
		}
	}
}

// A day has four bits: its three parts, and one for meetings of which only the day is known.
const (
	partBits    = 4
	partUnknown = 1 << 3
	partAny     = 1<<partBits - 1
)

// partsOf marks the parts of a day at which somebody could come to a session, in partBits bits. Nothing meets at midnight
// for no time at all: that is a time that nobody said.
func partsOf(start, end handrail.Clock) uint32 {
	if start == 0 && end == 0 {
		return partUnknown
	}
	if end-start <= longSession {
		return 1 << partBit(start)
	}
	var parts uint32
	for part, span := range [3][2]handrail.Clock{
		{0, handrail.At(12, 0)}, {handrail.At(12, 0), handrail.At(17, 0)}, {handrail.At(17, 0), handrail.At(24, 0)},
	} {
		if min(end, span[1])-max(start, span[0]) >= 60 {
			parts |= 1 << part
		}
	}
	return parts
}

func partBit(c handrail.Clock) uint32 {
	switch partOf(c) {
	case Morning:
		return 0
	case Afternoon:
		return 1
	default:
		return 2
	}
}

func ageByte(age int) uint8 { return uint8(max(0, min(age, 255))) }

// hash is a number for a text, the same in any case, 0 for none. Two texts of one number would cost one of them a few
// hundredths of a score, once in four thousand million pairs.
func hash(s string) uint32 {
	if s = strings.TrimSpace(s); s == "" {
		return 0
	}
	h := uint32(2166136261) // FNV-1a
	var buf [longestWord + 1]byte
	for r := (reader{text: s, word: buf[:0]}); r.next(); {
		for _, c := range r.word {
			h = (h ^ uint32(c)) * 16777619
		}
		h = (h ^ ' ') * 16777619
	}
	return max(h, 1)
}

// brandOf is a number for the first two words of a name that has more: "Slimming World, Leith" and "Slimming World,
// Gorgie" are branches of one thing, whoever their organisers are said to be.
func brandOf(name string) uint32 {
	words, end := 0, len(name)
	for r := (reader{text: name}); r.next(); {
		if empty(string(r.word)) {
			continue
		}
		if words++; words == 2 {
			end = len(name) - len(r.text)
		}
	}
	if words < 3 {
		return 0
	}
	return hash(name[:end])
}

func languageBit(l string) uint32 {
	h := hash(l)
	if h == 0 {
		return 0
	}
	return 1 << (h % 32)
}

func in255ths(share float64) uint8 { return uint8(max(0, min(share, 1))*255 + 0.5) }
