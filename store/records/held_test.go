package records_test

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// columnsOf are all columns of all tables, by table.
func columnsOf(t *testing.T, db *sql.DB, postgres bool) map[string][]string {
	t.Helper()
	query := "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
	if postgres {
		query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
	}
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(table, "goose_") {
			out[table] = append(out[table], column)
		}
	}
	if err := rows.Err(); err != nil || len(out) < 30 {
		t.Fatalf("%d tables, %v", len(out), err)
	}
	return out
}

// holds is in how many rows of a table any of its columns has a text in it.
func holds(t *testing.T, db *sql.DB, table string, columns []string, what string) (n int) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT "+strings.Join(columns, ", ")+" FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			v = *(v.(*any))
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			if strings.Contains(fmt.Sprint(v), what) {
				n++
				break
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

// everything gives the patient of a world a row in every table in which there can be one.
func (w *world) everything() {
	w.t.Helper()
	p, at := w.patient, w.clock.Now()
	patient := handrail.Actor("patient:" + p.ID)
	code := must(w.NewInvite(w.ctx, "a", p.ID, time.Hour, by))(w.t)
	if code == "" {
		w.t.Fatal("no code")
	}
	must(w.TakeContact(w.ctx, handrail.Contact{Key: "c", Practice: "a", Patient: p.ID, Kind: handrail.ContactAsk}, at.Add(-time.Hour), 4))(w.t)
	must(w.AddMeasure(w.ctx, handrail.Measure{Practice: "a", Patient: p.ID, Instrument: handrail.InstrumentONS4, Version: "ons4/1", Round: handrail.RoundStart,
		Answers: []handrail.MeasureAnswer{{Item: "satisfied", Code: 7}, {Item: "worthwhile", Skipped: true}}}, patient))(w.t)
	must(w.AddCorrection(w.ctx, handrail.Correction{Practice: "a", Patient: p.ID, Field: handrail.CorrectName, Value: "canary"}, patient))(w.t)
	for _, name := range []string{"canary Ann", "canary Bo"} {
		tr, code, err := w.AddTrusted(w.ctx, handrail.Trusted{Practice: "a", Patient: p.ID, Name: name}, time.Hour, patient)
		w.ok(err)
		if name == "canary Bo" {
			w.ok(w.EndTrusted(w.ctx, "a", tr.ID, patient))
			continue
		}
		_, _, err = w.JoinTrusted(w.ctx, "a", code, chat("a", "ann"))
		w.ok(err)
	}
	w.ok(w.AddNote(w.ctx, handrail.CaseNote{Practice: "a", Referral: w.referral.ID, By: w.worker.ID, Kind: handrail.NoteMessage, Words: "a note"}, by))
	typed := update(w, "typed", "frank")
	typed.Text = "canary typed"
	must(w.Accept(w.ctx, typed, at))(w.t)
	turn := w.lease(time.Minute)
	must(w.Once(w.ctx, turn.Conversation+":d", "k", func(context.Context) ([]byte, error) { return []byte("canary result"), nil }))(w.t)
	must(w.States().Save(w.ctx, turn.Conversation, []byte("canary state"), 0, time.Hour))(w.t)
	w.ok(w.Finish(w.ctx, turn, bot.Finish{OpenDialog: "matters"}))
	for i, to := range []handrail.Address{p.Address, w.buddy.Address, chat("a", "ann"), w.worker.Address} {
		e := w.envelope(fmt.Sprint("m", i), bot.ClassReply)
		e.To, e.Message = to, bot.Message{Text: bot.Para("canary to " + to.Chat)}
		w.put(e)
	}
	for _, sent := range w.claim(time.Minute, 10) {
		w.ok(w.Settle(w.ctx, sent.Envelope.Key, sent.Epoch, bot.Settlement{State: bot.SendSent, Ref: "canary ref"}))
	}
}

// Every table in which anything names a patient, or their chat, is on the list that deleting and showing go by; each says what
// deleting leaves, and does it; and what is shown is there to be shown. A new table that names a patient fails this test until it
// is on the list, and until the test fills it (G6, G7).
func TestErase_G6_G7_EveryTable(t *testing.T) {
	for name, url := range recordstest.URLs() {
		t.Run(name, func(t *testing.T) {
			at := url(t)
			w := newWorld(t, map[string]recordstest.Open{"sqlite": recordstest.SQLite, "postgres": recordstest.Postgres}[name], records.Options{URL: at})
			w.everything()
			other := w.fill("b")
			db := rawDB(t, at)
			tables := columnsOf(t, db, name == "postgres")
			key := w.ConversationKey(w.patient.Address)
			theirs := []string{string(w.patient.ID), key, string(w.referral.ID), string(w.enrolment.ID), string(w.attendance.ID), string(w.accompaniment.ID), string(w.alert.ID)}
			listed := map[string]records.Holding{}
			for _, h := range records.Holdings() {
				listed[h.Table] = h
			}
			rowsOf := func(table string) (n int) {
				for _, id := range theirs {
					n = max(n, holds(t, db, table, tables[table], id))
				}
				return n
			}
			before := map[string]int{}
			for table, columns := range tables {
				before[table] = rowsOf(table)
				h, on := listed[table]
				switch named := slices.Contains(columns, "patient"); {
				case !on && (named || before[table] > 0):
					t.Errorf("%s holds something about a patient and is not in Holdings: say what deleting leaves of it, and show it", table)
				case on && before[table] == 0:
					t.Errorf("%s is in Holdings and this test puts nothing in it", table)
				case on && h.After != records.AfterGone && h.Why == "":
					t.Errorf("%s does not say why anything of it stays", table)
				case on && (h.After == records.AfterEmptied) != (len(h.Empty) > 0):
					t.Errorf("%s does not say what of it is emptied", table)
				}
			}
			for table := range listed {
				if tables[table] == nil {
					t.Errorf("%s is in Holdings and there is no such table", table)
				}
			}
			data := must(w.PersonalData(w.ctx, "a", w.patient.ID, by))(t)
			for table, h := range listed {
				f := reflect.ValueOf(data).FieldByName(h.Shown)
				if !f.IsValid() || f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
					t.Errorf("%s: %q of what a patient is shown is empty", table, h.Shown)
				}
			}

			w.ok(w.Erase(w.ctx, "a", w.patient.ID, by))
			for table, h := range listed {
				after := rowsOf(table)
				switch {
				case h.After == records.AfterGone && after != 0:
					t.Errorf("%s: %d of %d rows are left", table, after, before[table])
				case h.After != records.AfterGone && after < before[table] && table != "identities":
					t.Errorf("%s: %d of %d rows are left, and they were to stay: %s", table, after, before[table], h.Why)
				}
				// What staff were told stays; everything else that somebody wrote is gone.
				want := 0
				if table == "outbox" {
					want = 1
				}
				if n := holds(t, db, table, tables[table], "canary"); n != want {
					t.Errorf("%s: words are left in %d rows, want %d", table, n, want)
				}
			}
			if n := holds(t, db, "feedback", tables["feedback"], "lovely"); n != 1 { // the other practice's
				t.Errorf("words about visits are left in %d rows", n)
			}
			if n := holds(t, db, "patients", tables["patients"], "fishing"); n != 1 {
				t.Errorf("what mattered is left in %d rows", n)
			}
			if d := must(w.PersonalData(w.ctx, "b", other.patient.ID, by))(t); d.Patient.Matters != "fishing" || d.Visits[0].Feedback.Words != "lovely" || d.Patient.Address.IsZero() {
				t.Errorf("another practice's patient lost something: %+v", d.Patient)
			}

			// The address goes when the last answer was sent and a day was quiet; nobody else's does.
			w.put(bot.Envelope{Key: "last", To: w.patient.Address, Class: bot.ClassReply, Message: bot.Message{Text: bot.Para("canary bye")}})
			if n := must(w.ForgetChats(w.ctx, w.clock.Add(25*time.Hour).Add(-24*time.Hour)))(t); n != 1 { // ann's, whom they trusted
				t.Errorf("with a message on its way %d addresses were forgotten", n)
			}
			for _, sent := range w.claim(time.Minute, 10) {
				w.ok(w.Settle(w.ctx, sent.Envelope.Key, sent.Epoch, bot.Settlement{State: bot.SendSent, Ref: "canary ref"}))
			}
			for range 2 { // twice is once
				must(w.ForgetChats(w.ctx, w.clock.Now()))(t)
			}
			if n := holds(t, db, "identities", tables["identities"], "frank"); n != 1 { // the other practice's
				t.Errorf("the address is left in %d rows", n)
			}
			if n := holds(t, db, "outbox", tables["outbox"], "canary"); n != 1 {
				t.Errorf("words are left in %d messages", n)
			}
			if again := must(w.Patient(w.ctx, "b", other.patient.ID))(t); again.Address.IsZero() {
				t.Error("somebody else's address was forgotten")
			}
			if again := must(w.Staff(w.ctx, "a", w.worker.ID))(t); again.Address.IsZero() {
				t.Error("a link worker's address was forgotten")
			}
		})
	}
}
