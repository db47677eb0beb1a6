package slackapi

import (
	"slices"
	"strconv"
	"strings"
)

// history is a person's conversation with the app as the Web API tells of it: the newest first, threads only by their first
// message, and nothing that was whispered. It holds what the app posted; what the person wrote isn't in it. The caller holds
// mu, here and below.
func (s *Server) history(t *Team, c call) (any, *failure) {
	p, fail := s.conversation(t, c)
	if fail != nil {
		return nil, fail
	}
	var all []map[string]any
	latest := map[string]string{} // of each thread
	for _, m := range p.seen {
		if m.there() && m.Thread != "" {
			latest[m.Thread] = m.TS
		}
	}
	for _, m := range p.seen {
		if m.there() && m.Thread == "" {
			all = append(all, m.past(c, latest[m.TS]))
			delete(latest, m.TS)
		}
	}
	for ts, reply := range latest { // a thread under the person's own words
		all = append(all, map[string]any{"type": "message", "ts": ts, "user": p.id, "thread_ts": ts, "latest_reply": reply})
	}
	slices.SortFunc(all, func(a, b map[string]any) int { return compareTS(b["ts"].(string), a["ts"].(string)) })
	return s.page(c, all)
}

// replies is a thread, the oldest first.
func (s *Server) replies(t *Team, c call) (any, *failure) {
	p, fail := s.conversation(t, c)
	if fail != nil {
		return nil, fail
	}
	var all []map[string]any
	for _, m := range p.seen {
		if ts := c.text("ts"); m.there() && (m.Thread == ts || m.TS == ts) {
			all = append(all, m.past(c, ""))
		}
	}
	if len(all) == 0 {
		return nil, bad("thread_not_found")
	}
	return s.page(c, all)
}

func (s *Server) conversation(t *Team, c call) (*Person, *failure) {
	p, fail := s.reach(t, c.text("channel"))
	if fail != nil || p.id == c.text("channel") {
		return nil, bad("channel_not_found")
	}
	return p, nil
}

// page is what is asked for of all: from a cursor, which is a number here, and no more than the limit.
func (s *Server) page(c call, all []map[string]any) (any, *failure) {
	all = slices.DeleteFunc(all, func(m map[string]any) bool {
		oldest := c.text("oldest")
		return oldest != "" && compareTS(m["ts"].(string), oldest) <= 0
	})
	limit, err := strconv.Atoi(c.text("limit"))
	if err != nil || limit < 1 || limit > 999 {
		limit = 100
	}
	if s.o.MostHistory > 0 {
		limit = min(limit, s.o.MostHistory)
	}
	from := 0
	if cursor := c.text("cursor"); cursor != "" {
		if from, err = strconv.Atoi(cursor); err != nil || from < 1 || from > len(all) {
			return nil, bad("invalid_cursor")
		}
	}
	to := min(from+limit, len(all))
	out := map[string]any{"messages": append([]map[string]any{}, all[from:to]...), "has_more": to < len(all)}
	if to < len(all) {
		out["response_metadata"] = map[string]any{"next_cursor": strconv.Itoa(to)}
	}
	return out, nil
}

func (m *Seen) there() bool { return !m.Whispered && !m.Deleted }

// past is the message as it is told of afterwards.
func (m *Seen) past(c call, latest string) map[string]any {
	o := map[string]any{"type": "message", "ts": m.TS, "text": m.Notice, "bot_id": "B0TEST"}
	if m.Metadata != nil && c.text("include_all_metadata") == "true" {
		o["metadata"] = m.Metadata
	}
	if m.Thread != "" {
		o["thread_ts"] = m.Thread
	}
	if latest != "" {
		o["thread_ts"], o["latest_reply"] = m.TS, latest
	}
	var files []map[string]any
	for _, f := range m.Files {
		files = append(files, map[string]any{"id": f.ID, "name": f.Name, "title": f.Title})
	}
	if files != nil {
		o["files"] = files
	}
	return o
}

// compareTS orders two messages' times.
func compareTS(a, b string) int {
	seconds, fraction, _ := strings.Cut(a, ".")
	s2, f2, _ := strings.Cut(b, ".")
	if len(seconds) != len(s2) {
		return len(seconds) - len(s2)
	}
	return strings.Compare(seconds+fraction, s2+f2)
}
