package sources

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handrail"
)

// Joiner makes listings of OpenActive's items as they come, page after page and poll after poll. Publishers send what a
// group is (SessionSeries) in one feed and when it meets (ScheduledSession) in another, in no order between them: a
// session may be known before its series or long after. A series with its own schedule keeps it, and its cancelled
// sessions become exceptions; a series without one meets on the dates of its sessions.
//
//	join := sources.NewJoiner("rpde:leisure", sources.AsOf(now))
//	if err := json.Unmarshal(saved, join); err != nil { ... } // not the first time
//	join.Apply(page) // for each page
//	result, gone := join.Take()
//	saved, err = json.Marshal(join)
//
// It belongs to one goroutine.
type Joiner struct {
	source string
	o      options
	home   *time.Location // of the clocks by which sessions are told; nil when the machine has no zones

	seq      int
	series   map[string]*series
	sessions map[string]*session
	changed  map[string]bool // the series and the references of sessions that changed since Take
	gone     []handrail.ActivityID
	report   Result
}

// series is what is kept of one listing.
type series struct {
	Seq      int      // the order of arrival
	Names    []string `json:",omitempty"` // what sessions may call it by
	Modified string
	Activity handrail.Activity // without what its sessions say
	Own      []session         `json:",omitempty"` // the sessions that it lists itself
	Inside   bool              `json:",omitempty"` // it is known only from inside its sessions
	Told     bool              `json:",omitempty"` // Take has given it
}

// session is what is kept of one meeting.
type session struct {
	Of        string         `json:",omitempty"` // the reference to its series
	Modified  string         `json:",omitempty"`
	On        handrail.Date  `json:",omitempty"`
	Start     handrail.Clock `json:",omitempty"`
	End       handrail.Clock `json:",omitempty"`
	Cancelled bool           `json:",omitempty"`
	Left      *int           `json:",omitempty"` // places left
	Places    *int           `json:",omitempty"` // places in all
}

// NewJoiner makes an empty joiner. With AsOf, sessions before that day are forgotten at each Take.
func NewJoiner(source string, opts ...Option) *Joiner {
	home, err := time.LoadLocation(handrail.HomeZone)
	if err != nil {
		home = nil
	}
	return &Joiner{source: source, o: optionsOf(opts), home: home, series: map[string]*series{}, sessions: map[string]*session{}, changed: map[string]bool{}}
}

// joinerState is the stored form. It is apart from the Joiner, so that either can change.
type joinerState struct {
	Version  int
	Seq      int
	Series   map[string]*series
	Sessions map[string]*session
}

// MarshalJSON gives what must be kept between polls. Call Take first: what it has not given yet is not in it.
func (j *Joiner) MarshalJSON() ([]byte, error) {
	return json.Marshal(joinerState{Version: 1, Seq: j.seq, Series: j.series, Sessions: j.sessions})
}

// UnmarshalJSON goes on from what MarshalJSON gave.
func (j *Joiner) UnmarshalJSON(raw []byte) error {
	var s joinerState
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("read joiner: %w", err)
	}
	if s.Version != 1 {
		return errors.New("read joiner: written by another version")
	}
	j.seq, j.series, j.sessions = s.Seq, map[string]*series{}, map[string]*session{}
	for key, one := range s.Series {
		if one != nil {
			j.series[key] = one
		}
	}
	for key, one := range s.Sessions {
		if one != nil {
			j.sessions[key] = one
		}
	}
	return nil
}

// Apply takes in the items of a page, of whichever of the feeds. Applying a page twice is the same as once, and so is a
// page that is older than what is known.
func (j *Joiner) Apply(page RPDEPage) {
	for _, p := range page.Problems {
		j.report.problem(p)
	}
	for _, item := range page.Items {
		key := item.Kind + "/" + item.ID
		switch {
		case item.Deleted:
			j.remove(key, item.Modified)
		case j.old(key, item.Modified):
		default:
			if err := j.put(key, item); err != nil {
				j.report.problem(Problem{Line: item.Line, ID: item.ID, Reason: err.Error()})
			}
		}
	}
}

// old reports whether a newer version is known.
func (j *Joiner) old(key, modified string) bool {
	if s := j.series[key]; s != nil && !newer(s.Modified, modified) {
		return true
	}
	s := j.sessions[key]
	return s != nil && !newer(s.Modified, modified)
}

func (j *Joiner) remove(key, modified string) {
	if j.old(key, modified) {
		return
	}
	if s := j.series[key]; s != nil {
		if s.Told {
			j.gone = append(j.gone, s.Activity.ID)
		}
		delete(j.series, key)
	}
	if s := j.sessions[key]; s != nil {
		j.changed[s.Of] = true
		delete(j.sessions, key)
	}
}

func (j *Joiner) put(key string, item Item) error {
	var o opportunity
	if err := unmarshal(item.Data, &o); err != nil {
		return err
	}
	ref, whole := superOf(o.Super)
	switch o.role(item.Kind) {
	case roleHire:
		return errors.New("it is a place to hire and not a group")
	case roleRecorded:
		return errors.New("it is a recording and not a group")
	case roleSession:
		if ref == "" && whole == nil {
			break
		}
		one, ok := o.session(j.home)
		if !ok {
			j.remove(key, item.Modified)
			return errors.New("its start cannot be read")
		}
		if ref == "" { // a super-event without any name: the sessions of one title belong together
			ref = reference("untitled " + string(whole.Name))
		}
		if old := j.sessions[key]; old != nil && old.Of != ref {
			j.changed[old.Of] = true
		}
		one.Of, one.Modified = ref, item.Modified
		j.sessions[key] = &one
		j.changed[ref] = true
		if whole != nil {
			j.inside(ref, whole.under(o), item)
		}
		return nil
	case roleSeries:
	}
	if whole != nil {
		o = o.under(*whole)
	}
	return j.list(key, handrail.ActivityID(item.ID), o, item)
}

// inside keeps a series that is written out in one of its sessions. Nobody says when such a series is deleted: it goes
// with its last session.
func (j *Joiner) inside(ref string, o opportunity, item Item) {
	key := "inside/" + ref
	if old := j.series[key]; old != nil && !newer(old.Modified, item.Modified) {
		return
	}
	o.Sub, o.Start = nil, ""
	if j.list(key, handrail.ActivityID(clean(ref, 200)), o, item) == nil {
		j.series[key].Inside, j.series[key].Names = true, []string{ref}
	}
}

func (j *Joiner) list(key string, id handrail.ActivityID, o opportunity, item Item) error {
	a, problems, err := o.service(id).activity(j.source, j.o)
	if err != nil {
		return err
	}
	for _, reason := range problems {
		j.report.problem(Problem{Line: item.Line, ID: item.ID, Reason: reason, Kept: true})
	}
	if a.Cost.Free() && o.Free.said && !o.Free.yes || a.Cost.Known && a.Cost.Pence > 0 && o.Free.yes {
		a.Cost = handrail.Cost{Text: a.Cost.Text} // it says both
	}
	a.UpdatedAt = modifiedAt(item.Modified)
	s := &series{Names: o.names(), Modified: item.Modified, Activity: a}
	for _, sub := range o.Sub {
		if one, ok := sub.session(j.home); ok {
			s.Own = append(s.Own, one)
		}
	}
	if one, ok := o.session(j.home); ok && len(s.Own) == 0 && !o.lasts(item.Kind) {
		s.Own = append(s.Own, one)
	}
	if old := j.series[key]; old != nil {
		s.Seq, s.Told = old.Seq, old.Told
	} else {
		j.seq++
		s.Seq = j.seq
	}
	j.series[key] = s
	j.changed[key] = true
	return nil
}

// session reads an opportunity as one meeting; false when it does not say when it begins.
func (o opportunity) session(home *time.Location) (s session, ok bool) {
	if home == nil {
		return s, false
	}
	if s.On, s.Start, ok = wall(string(o.Start), home); !ok {
		return s, false
	}
	if on, end, ended := wall(string(o.End), home); ended && on == s.On && end > s.Start {
		s.End = end
	} else if minutes := minutesOf(string(o.Duration)); !ended && minutes > 0 && int(s.Start)+minutes < 24*60 {
		s.End = s.Start + handrail.Clock(minutes)
	}
	status := strings.ToLower(string(o.Status))
	s.Cancelled = strings.HasSuffix(status, "eventcancelled") || strings.HasSuffix(status, "eventpostponed")
	s.Left, s.Places = whole(o.Left), whole(o.Capacity)
	return s, true
}

func whole(n number) *int {
	if !n.ok || n.v < 0 || n.v > 1e6 {
		return nil
	}
	v := int(n.v)
	return &v
}

// Take gives the listings that changed since the last Take, in the order in which they came, and the ids of those that
// are gone. Everything is new to a new joiner, so its first Take is the whole list. Records counts what was given and
// what was rejected.
func (j *Joiner) Take() (Result, []handrail.ActivityID) {
	out, gone := j.report, j.gone
	j.report, j.gone = Result{}, nil
	for _, r := range out.Reasons {
		if !r.Kept {
			out.Records += r.N
		}
	}
	j.forget()
	meetings, refs := j.meetings()
	for ref := range maps.Clone(j.changed) {
		j.changed[meant(refs, ref)] = true
	}
	for _, key := range j.keys() {
		s := j.series[key]
		if s.Inside && (len(meetings[key]) == 0 || refs[s.Names[0]] != key) { // its last session went, or it came by itself
			if s.Told {
				gone = append(gone, s.Activity.ID)
			}
			delete(j.series, key)
			continue
		}
		if j.changed[key] || !s.Told {
			out.Activities = append(out.Activities, j.activity(s, meetings[key]))
			s.Told = true
		}
	}
	out.Records += len(out.Activities)
	j.changed = map[string]bool{}
	listed := map[handrail.ActivityID]bool{}
	for _, a := range out.Activities {
		listed[a.ID] = true
	}
	gone = slices.DeleteFunc(gone, func(id handrail.ActivityID) bool { return listed[id] })
	return out, gone
}

// All gives every listing, for a reader that has just come to the end of a feed for the first time.
func (j *Joiner) All() []handrail.Activity {
	meetings, _ := j.meetings()
	var list []handrail.Activity
	for _, key := range j.keys() {
		list = append(list, j.activity(j.series[key], meetings[key]))
	}
	return list
}

// Waiting is how many sessions are known whose series is not.
func (j *Joiner) Waiting() int {
	meetings, _ := j.meetings()
	known := 0
	for _, list := range meetings {
		known += len(list)
	}
	return len(j.sessions) - known
}

// keys are the keys of the series in the order in which they came.
func (j *Joiner) keys() []string {
	return slices.SortedFunc(maps.Keys(j.series), func(a, b string) int { return j.series[a].Seq - j.series[b].Seq })
}

// forget drops sessions that are over.
func (j *Joiner) forget() {
	if j.o.asOf.IsZero() {
		return
	}
	before := handrail.DateOf(j.o.asOf.AddDate(0, 0, -1), time.UTC)
	maps.DeleteFunc(j.sessions, func(_ string, s *session) bool { return s.On < before })
}

// meetings are the sessions of each series, and refs which series a reference means.
func (j *Joiner) meetings() (of map[string][]*session, refs map[string]string) {
	refs = map[string]string{}
	claim := func(name, key string) {
		if other, taken := refs[name]; taken && other != key {
			key = "" // two series go by it, so it means neither
		}
		refs[name] = key
	}
	for key, s := range j.series {
		if s.Inside {
			continue
		}
		for _, name := range s.Names {
			claim(name, key)
		}
		if _, id, ok := strings.Cut(key, "/"); ok && !slices.Contains(s.Names, id) {
			claim(id, key)
		}
	}
	for key, s := range j.series {
		if s.Inside && refs[s.Names[0]] == "" {
			refs[s.Names[0]] = key
		}
	}
	of = map[string][]*session{}
	for _, s := range j.sessions {
		if key := meant(refs, s.Of); key != "" {
			of[key] = append(of[key], s)
		}
	}
	return of, refs
}

// meant is the series that a reference means: "https://.../session-series/1402" may be the one with the id 1402.
func meant(refs map[string]string, ref string) string {
	if key := refs[ref]; key != "" {
		return key
	}
	return refs[ref[strings.LastIndexByte(ref, '/')+1:]]
}

// activity is a series with what its sessions say.
func (j *Joiner) activity(s *series, meetings []*session) handrail.Activity {
	a := s.Activity
	all := slices.Clone(s.Own)
	for _, m := range meetings {
		all = append(all, *m)
	}
	slices.SortFunc(all, func(x, y session) int {
		return strings.Compare(string(x.On)+x.Start.String()+x.End.String(), string(y.On)+y.Start.String()+y.End.String())
	})
	a.Times = nil
	for _, r := range s.Activity.Times {
		if endedBefore(r, j.o.asOf) {
			continue
		}
		r.Except = slices.Clone(r.Except)
		for _, m := range all {
			day, err := time.Parse(time.DateOnly, string(m.On))
			if m.Cancelled && err == nil && m.Start == r.Start && meets(r, day) && !slices.Contains(r.Except, m.On) {
				r.Except = append(r.Except, m.On)
			}
		}
		slices.Sort(r.Except)
		a.Times = append(a.Times, r)
	}
	if len(a.Times) > 0 {
		return a
	}
	for _, m := range all {
		if m.Cancelled || !j.o.asOf.IsZero() && m.On < handrail.DateOf(j.o.asOf.AddDate(0, 0, -1), time.UTC) {
			continue
		}
		at := slices.IndexFunc(a.Times, func(r handrail.Recurrence) bool { return r.Start == m.Start && r.End == m.End })
		switch {
		case at < 0 && len(a.Times) < maxTimes:
			a.Times = append(a.Times, handrail.Recurrence{Freq: handrail.OnDates, Start: m.Start, End: m.End, Also: []handrail.Date{m.On}})
		case at >= 0 && len(a.Times[at].Also) < 100 && !slices.Contains(a.Times[at].Also, m.On):
			a.Times[at].Also = append(a.Times[at].Also, m.On)
		}
	}
	return a
}

// Places is how full the next meeting of a listing is.
type Places struct {
	ID   handrail.ActivityID
	On   handrail.Date
	At   handrail.Clock
	Left int
	Of   int // 0 when it is not said
}

// Places tells of each listing whose sessions say so how full its next meeting is, in the order in which they came.
func (j *Joiner) Places() (list []Places) {
	meetings, _ := j.meetings()
	for _, key := range j.keys() {
		s := j.series[key]
		var next *session
		for _, m := range meetings[key] {
			later := next != nil && (m.On > next.On || m.On == next.On && m.Start >= next.Start)
			if m.Cancelled || m.Left == nil || later || !j.o.asOf.IsZero() && m.On < handrail.DateOf(j.o.asOf, time.UTC) {
				continue
			}
			next = m
		}
		if next == nil {
			continue
		}
		p := Places{ID: s.Activity.ID, On: next.On, At: next.Start, Left: *next.Left}
		if next.Places != nil {
			p.Of = *next.Places
		}
		list = append(list, p)
	}
	return list
}
