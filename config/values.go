package config

import (
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// HostPort is where to listen: "127.0.0.1:8642", "[::1]:8642", or ":8642" for every interface. Port 0 takes any free
// one.
type HostPort string

func (h *HostPort) kind() string { return "host:port" }

func (h *HostPort) set(text string) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return wrong("host and port are not both there", "write it as 127.0.0.1:8642")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return wrong("the port must be a number from 0 to 65535", "write it as 127.0.0.1:8642")
	}
	if strings.ContainsAny(host, "/ ") {
		return wrong("the host is not one", "write it without http:// and without a path")
	}
	*h = HostPort(text)
	return nil
}

// Port is a TCP port, 1 to 65535.
type Port uint16

func (p *Port) kind() string { return "port number" }

func (p *Port) set(text string) error {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return wrong("it is not a number from 1 to 65535", "write a number such as 587")
	}
	*p = Port(n)
	return nil
}

// Rate is messages a second; 0 is no limit.
type Rate float64

func (r *Rate) kind() string { return "messages a second" }

func (r *Rate) set(text string) error {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 10_000) { // written so that NaN is refused
		return wrong("it is not a number from 0 to 10000", "write a number such as 25; 0 lifts the limit")
	}
	*r = Rate(n)
	return nil
}

// Pause is a length of time from a minute to a day.
type Pause time.Duration

// String is the pause as it is written in the settings: "1h0m0s".
func (p Pause) String() string { return time.Duration(p).String() }

// MarshalText is String.
func (p Pause) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (p *Pause) kind() string { return "length of time" }

func (p *Pause) set(text string) error {
	d, err := minutes(text)
	if err != nil || d < time.Minute || d > 24*time.Hour {
		return wrong("it is not a time from 1m to 24h", "write one such as 1h or 30m")
	}
	*p = Pause(d)
	return nil
}

// Questions says which of the questions how life is going are asked.
type Questions string

// The values of Questions.
const (
	QuestionsVerified Questions = "verified"
	QuestionsAll      Questions = "all"
	QuestionsNone     Questions = "none"
)

func (q *Questions) kind() string { return "verified, all or none" }

func (q *Questions) set(text string) error {
	switch is := Questions(strings.ToLower(text)); is {
	case QuestionsVerified, QuestionsAll, QuestionsNone:
		*q = is
		return nil
	}
	return wrong("it is none of verified, all and none", "write verified")
}

// Switch is on or off: "true" or "false".
type Switch string

// On reports whether it is on; the zero Switch is off.
func (s Switch) On() bool { return s == "true" }

func (s *Switch) kind() string { return "true or false" }

func (s *Switch) set(text string) error {
	switch strings.ToLower(text) {
	case "true", "yes", "on":
		*s = "true"
	case "false", "no", "off":
		*s = "false"
	default:
		return wrong("it is neither true nor false", "write true or false")
	}
	return nil
}

// Zone is a time zone.
type Zone struct{ loc *time.Location }

// Location returns the zone as Go knows it; UTC for the zero Zone.
func (z Zone) Location() *time.Location {
	if z.loc == nil {
		return time.UTC
	}
	return z.loc
}

// String is the zone's IANA name.
func (z Zone) String() string { return z.Location().String() }

// MarshalText is String.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.String()), nil }

func (z *Zone) kind() string { return "time zone" }

func (z *Zone) set(text string) error {
	// "Local" would make the same file mean different things on different machines.
	loc, err := time.LoadLocation(text)
	if err != nil || text == "" || text == "Local" {
		return wrong("there is no such time zone", "write an IANA name such as Europe/London")
	}
	z.loc = loc
	return nil
}

// Nation is one of the four nations of the United Kingdom; they differ in whom to ring.
type Nation string

// The nations.
const (
	England         Nation = "england"
	Wales           Nation = "wales"
	Scotland        Nation = "scotland"
	NorthernIreland Nation = "northern_ireland"
)

func (n *Nation) kind() string { return "nation" }

func (n *Nation) set(text string) error {
	nation := Nation(strings.ToLower(text))
	if !slices.Contains([]Nation{England, Wales, Scotland, NorthernIreland}, nation) {
		return wrong("there are no cards for this nation", "write england, wales, scotland or northern_ireland")
	}
	*n = nation
	return nil
}

// Date is a calendar date without a zone; the zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// IsZero says whether there is none.
func (d Date) IsZero() bool { return d == Date{} }

// In is the first moment of the date in a zone.
func (d Date) In(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// String is the date as 2026-11-01, or nothing when there is none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.In(time.UTC).Format(time.DateOnly)
}

// MarshalText is String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d *Date) kind() string { return "date" }

func (d *Date) set(text string) error {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return wrong("it is not a date of the calendar", "write year, month and day as 2026-11-01")
	}
	*d = Date{t.Year(), t.Month(), t.Day()}
	return nil
}

// Email is one e-mail address, with or without a name before it.
type Email string

func (e *Email) kind() string { return "e-mail address" }

func (e *Email) set(text string) error {
	// The parser's error quotes the address.
	if _, err := mail.ParseAddress(text); err != nil || strings.ContainsAny(text, "\r\n") {
		return wrong("it is not an e-mail address", "write one such as duty@example.nhs.uk")
	}
	*e = Email(text)
	return nil
}

// Emails are several e-mail addresses.
type Emails []Email

func (e *Emails) kind() string { return "list of e-mail addresses" }

func (e *Emails) setList(items []string) error {
	list := make(Emails, len(items))
	for i, item := range items {
		if err := list[i].set(item); err != nil {
			return err
		}
	}
	*e = list
	return nil
}

// Ladder says who is told of an alert after how long; the first rung is at once.
type Ladder []Rung

// Rung is one step of the ladder: a role, or the e-mail addresses of alerts.email.to.
type Rung struct {
	Who   handrail.Role // empty for e-mail
	Email bool
	After time.Duration // since the alert was raised
}

// String is the rung as it is written in the settings: "gp 15m".
func (r Rung) String() string {
	who := string(r.Who)
	if r.Email {
		who = byEmail
	}
	return who + " " + strconv.FormatFloat(r.After.Minutes(), 'f', -1, 64) + "m"
}

// MarshalText is String.
func (r Rung) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// byEmail is how a step by e-mail is written.
const byEmail = "email"

func (l *Ladder) kind() string { return "list of roles and times" }

func (l *Ladder) setList(items []string) error {
	const write = "write each step as a role and a time, such as gp 15m"
	ladder := make(Ladder, 0, len(items))
	for _, item := range items {
		words := strings.Fields(item)
		if len(words) != 2 {
			return wrong("a step is not a role and a time", write)
		}
		rung := Rung{Who: handrail.Role(strings.ToLower(words[0]))}
		if rung.Who == byEmail {
			rung = Rung{Email: true}
		} else if !rung.Who.Valid() {
			return wrong("a step names a role that there is not", "use "+roleNames()+", or email")
		}
		after, err := minutes(words[1])
		if err != nil || after < 0 || after > 24*time.Hour {
			return wrong("a step's time is not one from 0m to 24h", write)
		}
		switch {
		case len(ladder) == 0 && after != 0:
			return wrong("nobody is told at once", "let the first step be at 0m")
		case len(ladder) > 0 && after < ladder[len(ladder)-1].After:
			return wrong("a step comes before the one above it", "put the steps in the order of their times")
		}
		rung.After = after
		ladder = append(ladder, rung)
	}
	if len(ladder) == 0 {
		return wrong("nobody is told", "name at least one role at 0m")
	}
	*l = ladder
	return nil
}

// roleNames lists the roles as they are written, for whoever mistyped one.
func roleNames() string {
	var names []string
	for _, r := range handrail.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// minutes reads a duration; a bare number is minutes.
func minutes(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil {
		if n > 1_000_000 { // keep the product in range
			n = 1_000_000
		}
		return time.Duration(n) * time.Minute, nil
	}
	return time.ParseDuration(text)
}

// Hours are times of the week when somebody is there.
type Hours []Opening

// Opening is a stretch of the day on some days of the week, in wall time.
type Opening struct {
	Days        [7]bool        // by time.Weekday: Days[time.Monday]
	From, Until handrail.Clock // From is in it, Until is not; Until may be 24:00
}

// Open says whether the wall time of t falls in the hours. Give it the time in the zone that the hours are meant in.
func (h Hours) Open(t time.Time) bool {
	clock := handrail.At(t.Hour(), t.Minute())
	return slices.ContainsFunc(h, func(o Opening) bool {
		return o.Days[t.Weekday()] && o.From <= clock && clock < o.Until
	})
}

// dayNames is the days of the week as they are written, from Monday.
func dayNames() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// String is the opening as it is written in the settings: "mon-fri 08:00-18:30". Days apart stand on their own:
// "mon,wed 09:00-12:00" is two openings, "mon 09:00-12:00" and "wed 09:00-12:00".
func (o Opening) String() string {
	names := dayNames()
	first, last := -1, -1
	for i := range names {
		if o.Days[(i+1)%7] {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return ""
	}
	days := names[first]
	if last > first {
		days += "-" + names[last]
	}
	return days + " " + o.From.String() + "-" + o.Until.String()
}

// MarshalText is String.
func (o Opening) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

func (h *Hours) kind() string { return "list of days and times of day" }

func (h *Hours) setList(items []string) error {
	const write = "write days and times such as mon-fri 08:00-18:30"
	hours := make(Hours, 0, len(items))
	for _, item := range items {
		days, times, ok := strings.Cut(strings.TrimSpace(strings.ToLower(item)), " ")
		if !ok {
			return wrong("the days or the times are missing", write)
		}
		var o Opening
		firstDay, lastDay, isRange := strings.Cut(days, "-")
		if !isRange {
			lastDay = firstDay
		}
		first, last := slices.Index(dayNames(), firstDay), slices.Index(dayNames(), lastDay)
		if first < 0 || last < 0 {
			return wrong("a day is not one of mon, tue, wed, thu, fri, sat, sun", write)
		}
		if last < first {
			return wrong("the days run backwards", "let a week start on mon")
		}
		for i := first; i <= last; i++ {
			o.Days[(i+1)%7] = true
		}
		from, until, _ := strings.Cut(strings.TrimSpace(times), "-")
		var err error
		if o.From, err = timeOfDay(from); err != nil {
			return wrong("a time of day is not one from 00:00 to 24:00", write)
		}
		if o.Until, err = timeOfDay(until); err != nil {
			return wrong("a time of day is not one from 00:00 to 24:00", write)
		}
		if o.Until <= o.From {
			return wrong("it ends before it begins", "write hours past midnight as two, such as fri 22:00-24:00 and sat 00:00-02:00")
		}
		hours = append(hours, o)
	}
	*h = hours
	return nil
}

func timeOfDay(text string) (handrail.Clock, error) {
	if text == "24:00" {
		return handrail.At(24, 0), nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, err
	}
	return handrail.At(t.Hour(), t.Minute()), nil
}

// plain is a setting of ordinary text.
type plain string

func (p *plain) kind() string { return "text" }

func (p *plain) set(text string) error {
	if strings.ContainsAny(text, "\r\n\x00") {
		return wrong("it has a line break in it", "write it on one line")
	}
	*p = plain(text)
	return nil
}
