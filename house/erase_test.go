package house_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/house/housetest"
)

// tablesWith are the columns of the store in which a word stands, sealed or not: the codec of a test hides nothing.
func (d *desk) tablesWith(word string) []string {
	d.t.Helper()
	rows, err := d.db.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			d.t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	var found []string
	for _, table := range tables {
		found = append(found, d.columnsWith(table, word)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// columnsWith are those of one table.
func (d *desk) columnsWith(table, word string) (found []string) {
	d.t.Helper()
	rows, err := d.db.Query("SELECT * FROM " + table)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		d.t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			d.t.Fatal(err)
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			if strings.Contains(fmt.Sprint(v), word) {
				found = append(found, table+"."+columns[i])
			}
		}
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return found
}

// Deleting leaves none of the person's words in any table; what care records keep stays; nothing more is sent; the link
// worker knows; and a new link lets them join again (G2, G7).
func TestHouse_G7_DeleteLeavesNoWords(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.asked(a)
	d.press(a.buddy, "Yes, I can")
	d.until(time.Date(2026, 11, 10, 13, 0, 0, 0, time.UTC))
	d.press(a.patient, "Good")
	d.say(a.patient, a.word("Fee")+" lovely people")
	for _, w := range []string{"Mat", "Fee"} {
		if got := d.tablesWith(a.word(w)); len(got) == 0 {
			t.Fatalf("%s stands nowhere: the test looks in the wrong place", w)
		}
	}
	asked := text1(d.say(a.patient, "please delete everything you have about me"))
	if !strings.Contains(asked, "care records must stay") {
		t.Fatalf("asked %q", asked)
	}
	if got := text1(d.press(a.patient, "No, keep it")); !strings.Contains(got, "kept everything") {
		t.Fatalf("got %q", got)
	}
	if len(d.tablesWith(a.word("Mat"))) == 0 {
		t.Fatal("they said no, and yet it is gone")
	}
	d.say(a.patient, "delete it")
	got := text1(d.press(a.patient, "Yes, delete it"))
	if !strings.Contains(got, "I have deleted what I can") || !strings.Contains(got, "asked for their data to be deleted") {
		t.Fatalf("got %q", got)
	}
	for _, w := range []string{"Mat", "Fee"} {
		if left := d.tablesWith(a.word(w)); len(left) > 0 {
			t.Errorf("%s is left in %v", a.word(w), left)
		}
	}
	if who, err := d.Rec.Who(t.Context(), a.patient); err != nil || who.Kind != bot.WhoUnknown {
		t.Errorf("the chat is still somebody's: %v %v", who.Kind, err)
	}
	id := handrail.PatientID(d.ask("SELECT id FROM patients"))
	data, err := d.Rec.PersonalData(t.Context(), practiceA, id, "system")
	if err != nil {
		t.Fatal(err)
	}
	if len(data.Referrals) == 0 || len(data.Visits) == 0 || len(data.Permissions) == 0 || data.Patient.Name == "" || data.Patient.ErasedAt == nil {
		t.Errorf("the care record is %+v", data)
	}
	for _, p := range data.Permissions {
		if p.Live() {
			t.Errorf("the permission for %s is still live", p.Purpose)
		}
	}
	before := len(d.Channel.Shown(a.patient))
	d.until(d.Now().Add(21 * 24 * time.Hour))
	if n := len(d.Channel.Shown(a.patient)); n != before {
		t.Errorf("%d messages came after it", n-before)
	}
	// The address was needed to say so, and is gone since the night after.
	if left := d.tablesWith(a.patient.Chat); len(left) > 0 {
		t.Errorf("where to write to them is left in %v", left)
	}
	code, err := d.Rec.NewInvite(t.Context(), practiceA, id, 7*24*time.Hour, "system")
	if err != nil {
		t.Fatal(err)
	}
	d.say(a.patient, "/start "+code)
	d.say(a.patient, "1951")
	d.press(a.patient, "Yes")
	if who, err := d.Rec.Who(t.Context(), a.patient); err != nil || who.Kind != bot.WhoPatient {
		t.Errorf("they joined again, and are %v: %v", who.Kind, err)
	}
}

// Taking a permission back takes back what waits and rests on it in the same transaction, and nobody waits at a door (G2).
func TestHouse_G2_TakingBackIsAtOnce(t *testing.T) {
	d := newDesk(t, housetest.Options{})
	a := d.enlist(practiceA)
	d.asked(a)
	d.press(a.buddy, "Yes, I can")
	d.until(time.Date(2026, 11, 9, 9, 50, 0, 0, time.UTC)) // the reminders are put a little ahead of their time
	if n := d.ask("SELECT COUNT(*) FROM outbox WHERE state = 'queued' AND permission = 'buddy'"); n == "0" {
		t.Fatal("nothing waits on the permission")
	}
	d.say(a.patient, "my permissions")
	shown := d.Channel.Shown(a.patient)
	i := slices.IndexFunc(shown, func(s bottest.Seen) bool {
		return strings.Contains(s.Message.Text.Plain(), "tell a volunteer your first name") && len(s.Message.Options) > 0 && s.Message.Options[0].Label == "Take it back"
	})
	if i < 0 {
		t.Fatal("the permission is not shown")
	}
	got := text1(d.choice(a.patient, shown[i].Message.Options[0].Payload))
	if !strings.Contains(got, "taken that back") || !strings.Contains(got, "Not this time") {
		t.Errorf("got %q", got)
	}
	if n := d.ask("SELECT COUNT(*) FROM outbox WHERE state = 'queued' AND permission = 'buddy'"); n != "0" {
		t.Errorf("%s messages still wait on it", n)
	}
}
