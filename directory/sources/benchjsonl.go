package sources

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"handrail"
)

// Bench is the name of the format of the search bench: one group a line, as a JSON object. It is the smallest thing that
// can be imported, and the one that measurements of other directories are made with.
const Bench = "bench"

// benchLine is a line of it.
type benchLine struct {
	ID          json.Number `json:"id"`
	Name        string      `json:"name"`
	Activity    string      `json:"activity"`
	Description string      `json:"description"`
	Provider    string      `json:"provider"`
	Town        string      `json:"town"`
	Lat         *float64    `json:"lat"`
	Lon         *float64    `json:"lon"`
	Sessions    []struct {
		Day   int    `json:"day"` // 0 is Monday
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"sessions"`
	CostPence int  `json:"cost_pence"`
	Free      bool `json:"free"`
	StepFree  bool `json:"step_free"` // false: not said
}

// ReadBench reads one group a line. A line that cannot be read is reported and left out.
func ReadBench(ctx context.Context, r io.Reader, source string, _ ...Option) (Result, error) {
	var out Result
	seen := map[handrail.ActivityID]bool{}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxRecord)
	for number := 1; lines.Scan(); number++ {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if out.Records == maxRecords {
			return out, fmt.Errorf("read %s: more than %d groups", source, maxRecords)
		}
		out.Records++
		var line benchLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			out.problem(Problem{Line: number, Reason: "it is not a group in JSON"})
			continue
		}
		a, err := line.activity(source)
		if err == nil && seen[a.ID] {
			err = errors.New("another line has the same id")
		}
		if err != nil {
			out.problem(Problem{Line: number, ID: string(a.ID), Reason: err.Error()})
			continue
		}
		seen[a.ID] = true
		out.Activities = append(out.Activities, a)
	}
	if err := lines.Err(); err != nil {
		return out, fmt.Errorf("read %s: %w", source, err)
	}
	return out, nil
}

func (l *benchLine) activity(source string) (handrail.Activity, error) {
	a := handrail.Activity{
		ID: handrail.ActivityID(l.ID), Source: source, Name: plain(l.Name, 200), Description: plain(l.Description, 10_000),
		Organiser: handrail.Organiser{Name: plain(l.Provider, 200)}, Venue: handrail.Venue{Town: plain(l.Town, 200)},
		Status: handrail.ActivityActive,
	}
	if a.ID == "" || a.Name == "" {
		return a, errors.New("it has no id or no name")
	}
	if l.Activity != "" {
		a.Topics = []string{plain(l.Activity, 200)}
	}
	if l.Lat != nil && l.Lon != nil {
		if *l.Lat < -90 || *l.Lat > 90 || *l.Lon < -180 || *l.Lon > 180 {
			return a, errors.New("its position is not on earth")
		}
		a.Venue.At = &handrail.Point{Lat: *l.Lat, Lon: *l.Lon}
	}
	if l.CostPence < 0 || l.Free && l.CostPence > 0 {
		return a, errors.New("its cost contradicts itself")
	}
	if l.Free || l.CostPence > 0 {
		a.Cost = handrail.Cost{Known: true, Pence: l.CostPence}
	}
	if l.StepFree {
		a.Access.StepFree = handrail.Yes
	}
	for _, s := range l.Sessions {
		start, err1 := time.Parse("15:04", s.Start)
		end, err2 := time.Parse("15:04", s.End)
		if s.Day < 0 || s.Day > 6 || err1 != nil || err2 != nil {
			return a, errors.New("one of its times is no time")
		}
		a.Times = append(a.Times, handrail.Recurrence{
			Day: time.Weekday((s.Day + 1) % 7), Start: handrail.At(start.Hour(), start.Minute()), End: handrail.At(end.Hour(), end.Minute()),
		})
	}
	return a, nil
}
