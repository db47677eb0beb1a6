package dialogs

import (
	"strings"
	"time"
	"unicode/utf8"

	"handrail"
	"handrail/bot"
)

// calendarFile is a visit as an entry for the patient's own calendar (RFC 5545). Others may look at that calendar, so its
// title is the group's neutral name; of a group whose name says something about health, neither name nor place is in it
// (G4). The times are instants in UTC: a visit is one meeting, so no calendar has to know when clocks change. The id is the
// same each time it is asked for, so that a second file replaces the first entry.
func calendarFile(v handrail.Visit, title string, now time.Time) bot.File {
	const layout = "20060102T150405Z"
	o := v.Attendance.Occurrence
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Handrail//Visit//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
		"BEGIN:VEVENT",
		"UID:" + string(v.Attendance.ID) + "@handrail",
		"DTSTAMP:" + now.UTC().Format(layout),
		"DTSTART:" + o.Start.UTC().Format(layout),
	}
	if o.End.After(o.Start) {
		lines = append(lines, "DTEND:"+o.End.UTC().Format(layout))
	}
	lines = append(lines, "SUMMARY:"+escapeICS(title))
	if at := v.Activity.Venue.Line(); at != "" && !v.Activity.Sensitive {
		lines = append(lines, "LOCATION:"+escapeICS(at))
	}
	lines = append(lines, "CLASS:PRIVATE", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR")
	var b strings.Builder
	for _, l := range lines {
		foldICS(&b, l)
	}
	return bot.File{Name: "visit.ics", MIME: "text/calendar; charset=utf-8; method=PUBLISH", Data: []byte(b.String()), Alt: title}
}

// escapeICS writes a text value: what a listing says can end no line and begin no property of its own.
func escapeICS(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(s)
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// foldICS writes a line and breaks it after 75 octets at most, never within a character.
func foldICS(b *strings.Builder, line string) {
	const most = 75
	for room := most; len(line) > room; room = most - 1 {
		n := room
		for n > 0 && !utf8.RuneStart(line[n]) {
			n--
		}
		b.WriteString(line[:n])
		b.WriteString("\r\n ")
		line = line[n:]
	}
	b.WriteString(line)
	b.WriteString("\r\n")
}
