package handrail

import "time"

// Measure is what a patient answered to one set of questions at one time. Answers are kept as codes, are only ever added,
// and are never combined into one number here: the publisher of the wellbeing questions asks not to, and nobody is graded.
type Measure struct {
	Practice   PracticeID
	Patient    PatientID
	Instrument Instrument
	Version    string // of the wording that was shown, "ons4/1"
	Round      Round
	Answers    []MeasureAnswer
	At         time.Time
}

// MeasureAnswer is one answer. A question that was skipped has an answer too, without a code.
type MeasureAnswer struct {
	Item    string // stable, "satisfied"
	Code    int    // the code of the publisher
	Skipped bool
}

// Instrument names a set of questions, stable.
type Instrument string

// The instruments. Others need a licence and are not here.
const (
	// InstrumentONS4 is the personal wellbeing questions of the Office for National Statistics: 0 to 10; for the last one,
	// anxiety, low is good.
	InstrumentONS4 Instrument = "ons4"
	// InstrumentLoneliness is the harmonised questions about loneliness of the same office: 1 hardly ever or never, 2 some
	// of the time, 3 often; the direct question 1 (often or always) to 5 (never).
	InstrumentLoneliness Instrument = "loneliness"
)

// Round says when a measure was taken. Two are enough: a person is not a time series.
type Round string

// The rounds.
const (
	RoundStart Round = "start" // once they have chosen something
	RoundLater Round = "later" // three months after that
)

// RoundLaterMonths is how long after the first choice the second round is due.
const RoundLaterMonths = 3

// Item is one question of an instrument. Its words are in the catalogue under "measure.INSTRUMENT.NAME".
type Item struct {
	Name string
	// Min and Max are the lowest and the highest code. Where Labels is set, each code has words of its own in the catalogue.
	Min, Max int
	Labels   bool
	// Feeling marks a question that begins with a feeling which no locked phone should show (G4).
	Feeling bool
	// Unverified marks a question whose exact words or answers nobody here has read at the source. It is asked only where
	// the deployment says so, having looked.
	Unverified bool
}

// Items are the questions of the instrument, in their order; none of an instrument that is not known.
func (i Instrument) Items() []Item {
	switch i {
	case InstrumentONS4:
		return []Item{
			{Name: "satisfied", Max: 10}, {Name: "worthwhile", Max: 10}, {Name: "happy", Max: 10}, {Name: "anxious", Max: 10, Feeling: true},
		}
	case InstrumentLoneliness:
		return []Item{
			{Name: "companionship", Min: 1, Max: 3, Labels: true}, {Name: "left_out", Min: 1, Max: 3, Labels: true, Feeling: true},
			{Name: "isolated", Min: 1, Max: 3, Labels: true, Feeling: true, Unverified: true},
			{Name: "lonely", Min: 1, Max: 5, Labels: true, Feeling: true, Unverified: true},
		}
	}
	return nil
}

// YoungestAsked is the age from which these questions may be asked: they are for adults and for people of sixteen.
const YoungestAsked = 16
