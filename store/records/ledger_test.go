package records_test

import (
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/bot/bottest"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

// The records pass the suite that every ledger must pass.
func TestRecords_AreALedger(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		bottest.Ledgers(t, func(t *testing.T) bot.Ledger {
			rec := open(t, records.Options{})
			if err := rec.SavePractice(t.Context(), handrail.Practice{ID: "practice", Name: "Practice", Zone: "Europe/London"}, handrail.ActorSystem); err != nil {
				t.Fatal(err)
			}
			return rec
		})
	})
}
