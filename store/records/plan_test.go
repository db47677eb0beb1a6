package records

import (
	"strings"
	"testing"
	"time"
)

// TestPlans holds SQLite to the indexes that the queries of the workers were given: each of them is asked all day long
// and must stay cheap however long the tables grow.
func TestPlans(t *testing.T) {
	r, err := Open(t.Context(), Options{URL: "sqlite::memory:", Now: func() time.Time { return time.Unix(1, 0) }, Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, c := range []struct {
		name, query string
		want        []string
	}{
		{"claim", candidates(), []string{"SEARCH a USING INDEX outbox_due (rank=? AND not_before<?)", "USING INDEX outbox_leased",
			"SEARCH b USING INDEX outbox_line (address=? AND rank=? AND seq<?)"}},
		{"next due", nextDue, []string{"SCAN a USING INDEX outbox_wake"}},
		{"next lease", nextLease, []string{"SEARCH a USING INDEX outbox_leased", "SEARCH b USING INDEX outbox_line"}},
		{"whom to ask", toAsk, []string{"SEARCH activities USING INDEX activities_ask (ask_at<?)"}},
		{"follow", followed, []string{"SEARCH activities USING INDEX activities_change (change>?)"}},
		{"booked", "SELECT id FROM attendances WHERE " + strings.ReplaceAll(bookedOn(), "$3", "$2"),
			[]string{"SEARCH attendances USING INDEX attendances_activity (activity=? AND start_at>? AND start_at<?)", "activities_same"}},
		{"live", "SELECT COUNT(*) FROM listing_copies WHERE source = $1 AND status = 'active'", []string{"listing_copies_live (source=?)"}},
		{"held", "SELECT id FROM holds WHERE state IN ('open', 'refused') AND activity IN ($1, $2)", []string{"holds_activity (activity=?)"}},
		{"take together", strings.Replace(seats, "ROWS", "(0, 'c', 'p', 'w')", 1), []string{"SEARCH c USING INDEX sqlite_autoindex_conversations_1",
			"SEARCH e USING INDEX inbox_place (conversation=?)", "SEARCH b USING INDEX identities_hash (hash=? AND field=?)"}},
		{"finish together", strings.Replace(ending, "ROWS", "(0, 'c', 1, 1, 2, 'k')", 1), []string{"SEARCH i USING INDEX sqlite_autoindex_inbox_2 (conversation=? AND number=?)",
			"SEARCH b USING INDEX outbox_line (address=? AND rank=?)"}},
		{"lease", nextTurn(), []string{"SCAN i USING INDEX inbox_waiting", "SEARCH e USING INDEX inbox_place"}},
		{"visits", "SELECT id FROM attendances WHERE start_at >= $1 AND start_at < $2 ORDER BY start_at, id", []string{"attendances_start"}},
		{"caseload", "SELECT id FROM referrals WHERE practice = $1 AND " + openReferrals + " ORDER BY offered_at, id", []string{"referrals_open"}},
		{"who", "SELECT kind, owner FROM identities WHERE hash = $1 AND hash <> '' AND field = 'address' AND practice = $2 AND kind <> 'chat'",
			[]string{"SEARCH identities USING INDEX identities_hash (hash=? AND field=? AND practice=?)"}},
		{"stop", "UPDATE outbox SET state = 'suppressed' WHERE practice = $1 AND " + suppressible + " AND patient = $2", []string{"outbox_patient"}},
		{"what was sent to a chat", doneWith + "address = $2", []string{"outbox_done_chat (address=?)"}},
		{"what was sent about a patient", doneWith + "patient = $2 AND patient <> ''", []string{"outbox_done_patient (practice=? AND patient=?)"}},
		{"job", "UPDATE outbox SET state = 'suppressed' WHERE practice = $1 AND " + suppressible + " AND job = $2 AND subject = $2", []string{"outbox_job"}},
	} {
		args := []any{1}
		if strings.Contains(c.query, "$2") {
			args = append(args, 2)
		}
		steps, err := list(t.Context(), r, "plan", func(row scanner) (string, error) {
			var a, b, c int
			var s string
			err := row.Scan(&a, &b, &c, &s)
			return s, err
		}, "EXPLAIN QUERY PLAN "+c.query, args...)
		if err != nil {
			t.Fatal(c.name, err)
		}
		plan := strings.Join(steps, "\n")
		for _, want := range c.want {
			if !strings.Contains(plan, want) {
				t.Errorf("%s: want %q in\n%s", c.name, want, plan)
			}
		}
	}
}
