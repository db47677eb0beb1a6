package calendar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"handrail"
	"handrail/directory/postcode"
)

// Division is a part of the United Kingdom with bank holidays of its own, named as GOV.UK names it.
type Division string

// The divisions.
const (
	EnglandAndWales Division = "england-and-wales"
	Scotland        Division = "scotland"
	NorthernIreland Division = "northern-ireland"
)

// Divisions lists them.
func Divisions() []Division { return []Division{EnglandAndWales, Scotland, NorthernIreland} }

// DivisionOf is the division that a postcode, a part of one, or an outcode lies in. Not known, and false, are what is
// no postcode, the Crown dependencies (their holidays differ), forces numbers, and TD12, which is Coldstream on one side
// of the border and Cornhill on the other.
func DivisionOf(text string) (Division, bool) {
	code, err := postcode.Parse(text)
	if err != nil || code.CrownDependency() {
		return "", false
	}
	switch code.Kind {
	case postcode.Full, postcode.Sector, postcode.Outcode:
	default:
		return "", false
	}
	switch code.Area() {
	case "BT":
		return NorthernIreland, true
	case "AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "ZE":
		return Scotland, true
	case "TD":
		switch code.Outcode() {
		case "TD12":
			return "", false
		case "TD15": // Berwick-upon-Tweed
			return EnglandAndWales, true
		}
		return Scotland, true
	}
	return EnglandAndWales, true
}

// Holidays are the bank holidays of the divisions. The zero Holidays has none. It never changes, so it is safe to share.
type Holidays struct {
	names map[handrail.Date][3]string // by the place in Divisions; empty is no holiday
	until handrail.Date
}

// Name is what the bank holiday of a division on a date is called, and whether there is one. Without a division (it is
// not known where a group meets) a holiday anywhere counts: to stay at home in vain is better than a locked door.
func (h Holidays) Name(on handrail.Date, where Division) (string, bool) {
	names, ok := h.names[on]
	if !ok {
		return "", false
	}
	for i, d := range Divisions() {
		if names[i] != "" && (where == d || where == "") {
			return names[i], true
		}
	}
	return "", false
}

// OnHoliday reports whether a date is a bank holiday of a division; without one, whether it is a holiday anywhere.
func (h Holidays) OnHoliday(on handrail.Date, where Division) bool {
	_, ok := h.Name(on, where)
	return ok
}

// KnownUntil is the last date up to which all divisions' holidays are known: the end of the last year that has any in
// each of them. Afterwards no day counts as one, so somebody should import newer ones before it comes.
func (h Holidays) KnownUntil() handrail.Date { return h.until }

// holiday is one line of a table: the division's place in Divisions, or all of them.
type holiday struct {
	on    handrail.Date
	where Division // empty for all
	name  string
}

func holidaysFrom(lines []holiday) Holidays {
	h := Holidays{names: make(map[handrail.Date][3]string, len(lines))}
	var last [3]handrail.Date
	for _, l := range lines {
		names := h.names[l.on]
		for i, d := range Divisions() {
			if l.where == "" || l.where == d {
				names[i] = l.name
				last[i] = max(last[i], l.on)
			}
		}
		h.names[l.on] = names
	}
	if first := min(last[0], last[1], last[2]); !first.IsZero() {
		h.until = first[:4] + "-12-31"
	}
	return h
}

// maxHolidays bounds what is read: GOV.UK's file has some twenty kilobytes.
const maxHolidays = 1 << 20

// ReadHolidays reads the bank holidays as https://www.gov.uk/bank-holidays.json gives them. All three divisions must be
// there, each with a date at least, or it is an error: half a table would let people travel on the other half's
// holidays. A day off that is moved stands on the day it was moved to. Whatever else the file holds is passed over.
func ReadHolidays(r io.Reader) (Holidays, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxHolidays+1))
	if err != nil {
		return Holidays{}, fmt.Errorf("read bank holidays: %w", err)
	}
	if len(data) > maxHolidays {
		return Holidays{}, errors.New("read bank holidays: more than a megabyte")
	}
	var file map[string]struct {
		Events []struct {
			Title string `json:"title"`
			Date  string `json:"date"`
		} `json:"events"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return Holidays{}, fmt.Errorf("read bank holidays: %w", err)
	}
	var lines []holiday
	for _, d := range Divisions() {
		events := file[string(d)].Events
		if len(events) == 0 {
			return Holidays{}, fmt.Errorf("read bank holidays: none of %s", d)
		}
		for i, e := range events {
			on, err := handrail.ParseDate(e.Date)
			if err != nil {
				return Holidays{}, fmt.Errorf("read bank holidays: line %d of %s: %w", i+1, d, err)
			}
			name := strings.TrimSpace(strings.ToValidUTF8(e.Title, ""))
			if name == "" {
				name = "Bank holiday"
			}
			lines = append(lines, holiday{on, d, name})
		}
	}
	return holidaysFrom(lines), nil
}
