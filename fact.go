package handrail

// Fact is a statement about a listing's quality, with its date and who said so: "insured, said by the organiser on 3
// November 2026". Facts are kept when their feed is read again.
type Fact struct {
	Kind   FactKind
	Value  string // plain text; for FactFundingEnd and dates a Date, for FactSessions a number
	On     Date   // when it was said
	SaidBy string // the role, "organiser" or "link worker"; never a person's name
	Until  Date   // when it ends or must be looked at again; zero when it does not
	// Version counts up when a criterion is agreed anew; 0 and 1 are the first.
	Version int
}

// FactKind says what a Fact is about.
type FactKind string

// The kinds of fact.
const (
	FactSafeguarding  FactKind = "safeguarding"  // has a safeguarding policy
	FactInsurance     FactKind = "insurance"     // public liability
	FactDBS           FactKind = "dbs"           // leaders are checked
	FactAccreditation FactKind = "accreditation" // a quality mark
	FactCriteria      FactKind = "criteria"      // who may come, and with whom it was agreed
	FactFundingEnd    FactKind = "funding_end"   // the last day that is paid for
	FactWaiting       FactKind = "waiting"       // how long people wait for a place
	FactSessions      FactKind = "sessions"      // a course of so many meetings
	FactPhoto         FactKind = "photo"         // the address of a picture
	FactFirstTime     FactKind = "first_time"    // what to expect, in the organiser's words
)

// Fact returns the newest fact of a kind, and whether there is one.
func (a Activity) Fact(kind FactKind) (Fact, bool) {
	var newest Fact
	found := false
	for _, f := range a.Facts {
		if f.Kind == kind && (!found || f.On > newest.On || f.On == newest.On && f.Version > newest.Version) {
			newest, found = f, true
		}
	}
	return newest, found
}
