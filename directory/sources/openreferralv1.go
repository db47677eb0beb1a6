package sources

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"handrail"
)

// ReadV1 imports services of Open Referral UK v1.0, as its feeds serve them: pages in the manner of Spring with the
// list under "content" (the specification's own text says "contents"), and plurals that no dictionary knows. The variant
// of the Outpost product is understood too. Read's promises hold.
func ReadV1(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
	return readServices(ctx, r, source, activityOfV1, opts)
}

// serviceV1 is a record of v1: v3's fields where they are the same, and its own for the rest.
type serviceV1 struct {
	service
	Regular  many[schedule]     `json:"regular_schedules"`
	Closures many[holiday]      `json:"holiday_schedules"`
	Topics   many[topicV1]      `json:"service_taxonomys"`
	Limits   many[eligibility]  `json:"eligibilitys"`
	Places   many[atLocationV1] `json:"service_at_locations"`
	Type     text               `json:"attending_type"`
	AccessBy text               `json:"attending_access"`
}

type topicV1 struct {
	Taxonomy one[taxonomyV1] `json:"taxonomy"`
}

type taxonomyV1 struct {
	ID   text `json:"id"` // "esdCircumstance:Gender_Female"
	Name text `json:"name"`
}

type eligibility struct {
	Words      text             `json:"eligibility"`
	MinimumAge number           `json:"minimum_age"`
	MaximumAge number           `json:"maximum_age"`
	Taxonomies many[taxonomyV1] `json:"taxonomys"`
}

// holiday is a stretch of days on which a service is closed, or keeps other hours.
type holiday struct {
	Closed boolean `json:"closed"`
	Start  text    `json:"start_date"`
	End    text    `json:"end_date"`
}

type atLocationV1 struct {
	Location one[locationV1] `json:"location"`
	Regular  many[schedule]  `json:"regular_schedule"`
	Modern   many[schedule]  `json:"schedules"`
	Closures many[holiday]   `json:"holidayScheduleCollection"`
}

type locationV1 struct {
	location
	Physical many[address]       `json:"physical_addresses"`
	Access   many[accessibility] `json:"accessibility_for_disabilities"`
}

// isV1 reports whether a record has a key that only v1 has. Inside a JSON string a quote has a backslash before it, so
// what is found is a key, or a string that is nothing else.
func isV1(raw []byte) bool {
	for _, key := range []string{`"regular_schedules"`, `"service_taxonomys"`, `"eligibilitys"`, `"holiday_schedules"`, `"physical_addresses"`} {
		if bytes.Contains(raw, []byte(key)) {
			return true
		}
	}
	return false
}

func activityOfV1(raw []byte, source string, o options) (handrail.Activity, []string, error) {
	var old serviceV1
	if err := unmarshal(raw, &old); err != nil {
		return handrail.Activity{}, nil, err
	}
	s := old.modern()
	if bytes.Contains(raw, []byte(`"age_band_`)) && !s.MinimumAge.ok && !s.MaximumAge.ok {
		s.MinimumAge, s.MaximumAge = ageBands(raw)
	}
	return s.activity(source, o)
}

// modern is the record in v3's shape.
func (old serviceV1) modern() service {
	s := old.service
	s.Schedules = append(s.Schedules, old.Regular...)
	s.Holidays = old.Closures
	s.Eligibilities = old.Limits
	for _, t := range old.Topics {
		s.Attributes = append(s.Attributes, attribute{Term: one[taxonomyTerm]{taxonomyTerm{Name: t.Taxonomy.v.Name, URI: t.Taxonomy.v.ID}}})
	}
	remote := strings.EqualFold(string(old.Type), "online") || strings.EqualFold(string(old.Type), "phone")
	for _, p := range old.Places {
		l := p.Location.v.location
		l.Addresses = append(l.Addresses, p.Location.v.Physical...)
		l.Accessibility = append(l.Accessibility, p.Location.v.Access...)
		if remote { // its address is an office, and nobody need go there
			l.Type = "virtual"
		}
		s.Locations = append(s.Locations, atLocation{Location: one[location]{l}, Schedules: append(p.Modern, p.Regular...)})
		s.Holidays = append(s.Holidays, p.Closures...)
	}
	s.Attending = attending(string(old.Type), string(old.AccessBy))
	return s
}

// attending says in words how one takes part, where it is not by simply going there.
func attending(kind, access string) string {
	var parts []string
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "online":
		parts = append(parts, "It is online.")
	case "phone":
		parts = append(parts, "It is by telephone.")
	case "home visit":
		parts = append(parts, "They visit people at home.")
	}
	switch strings.ToLower(strings.TrimSpace(access)) {
	case "referral":
		parts = append(parts, "A referral is needed.")
	case "appointment":
		parts = append(parts, "An appointment is needed.")
	case "membership":
		parts = append(parts, "It is for members.")
	case "drop-in":
		parts = append(parts, "Drop in: no booking is needed.")
	}
	return strings.Join(parts, " ")
}

// ageBands reads Outpost's own fields, "age_band_5_7": true: the lowest and the highest age of the bands that hold.
func ageBands(raw []byte) (low, high number) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return low, high
	}
	open := false
	for key, value := range fields {
		band, ok := strings.CutPrefix(key, "age_band_")
		var holds boolean
		if !ok || holds.UnmarshalJSON(value) != nil || !holds.yes {
			continue
		}
		var ages []float64
		for _, part := range strings.Split(band, "_") {
			if n, err := strconv.Atoi(part); err == nil && n >= 0 && n < 110 {
				ages = append(ages, float64(n))
			}
		}
		switch {
		case len(ages) == 0:
			return number{}, number{} // "all", or a word that says nothing
		case strings.Contains(band, "under"):
			ages = []float64{0, ages[0]}
		case len(ages) == 1:
			open = open || strings.Contains(band, "over") || strings.Contains(band, "plus")
			ages = append(ages, ages[0])
		}
		if !low.ok || ages[0] < low.v {
			low = number{ages[0], true}
		}
		if !high.ok || ages[1] > high.v {
			high = number{ages[1], true}
		}
	}
	if open {
		high = number{}
	}
	return low, high
}
