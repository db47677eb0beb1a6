package prose_test

import (
	"fmt"

	"handrail"
	"handrail/directory/prose"
)

func ExampleTimes() {
	for _, t := range prose.Times("Tuesdays 10.30am - 2pm, and Thursdays 7-9 (term time only)") {
		fmt.Printf("%s %s to %s: %s (%s)\n", t.Recurrence.Day, t.Recurrence.Start, t.Recurrence.End, t.Recurrence.Certainty, t.Why)
	}
	// Output:
	// Tuesday 10:30 to 14:00: read ()
	// Thursday 19:00 to 21:00: guessed (the time may be in the morning or in the evening)
}

// A sentence that casts doubt on all of it makes a guess of all of it.
func ExampleTimes_doubt() {
	for _, t := range prose.Times("Tuesdays 10am - 12 noon. No sessions in August.") {
		fmt.Println(t.Recurrence.Day, t.Recurrence.Start, t.Recurrence.Certainty+":", t.Why)
	}
	// Output: Tuesday 10:00 guessed: makes an exception
}

func ExamplePrices() {
	cost, ok := prose.Prices("£3 members, £4 others")
	fmt.Println(cost.Known, cost.Pence, ok)
	cost, ok = prose.Prices("Membership is £20 a year")
	fmt.Println(cost.Known, cost.Text, ok)
	// Output:
	// true 400 true
	// false Membership is £20 a year true
}

func ExampleMine() {
	choir := handrail.Activity{Description: "We sing every Monday between 2pm and 3.30pm at the Guildhall, LU1 2AB. Free, donations welcome."}
	prose.Mine(&choir)
	fmt.Println(choir.WhenText, "|", choir.Times[0].Day, choir.Times[0].Start, "|", choir.Cost.Free(), "|", choir.Venue.Postcode)
	// Output: every Monday between 2pm and 3.30pm | Monday 14:00 | true | LU1 2AB
}
