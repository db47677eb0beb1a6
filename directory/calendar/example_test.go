package calendar_test

import (
	"fmt"
	"time"

	"handrail"
	"handrail/directory/calendar"
)

// The group keeps its two o'clock when the clocks change, and Easter Monday has a question mark.
func ExampleCalendar_Meetings() {
	walk := handrail.Activity{ID: "walk", Venue: handrail.Venue{Postcode: "LU1 2AB"}, Times: []handrail.Recurrence{
		{Day: time.Monday, Start: handrail.At(14, 0), End: handrail.At(15, 0)},
	}}
	from := time.Date(2027, 3, 22, 0, 0, 0, 0, time.UTC)
	meetings, err := calendar.New().Meetings(walk, from, from.AddDate(0, 0, 21))
	if err != nil {
		fmt.Println(err)
	}
	for _, m := range meetings {
		fmt.Printf("%s is %s %q\n", m.Local, m.Start.Format("15:04 UTC"), m.Doubt)
	}
	// Output:
	// 2027-03-22T14:00 is 14:00 UTC ""
	// 2027-03-29T14:00 is 13:00 UTC "bank holiday"
	// 2027-04-05T14:00 is 13:00 UTC ""
}

func ExampleParseRule() {
	times, err := calendar.ParseRule("FREQ=MONTHLY;BYDAY=1FR,3FR;UNTIL=20271231", handrail.Recurrence{Start: handrail.At(10, 0), End: handrail.At(12, 0)})
	if err != nil {
		fmt.Println(err)
	}
	for _, r := range times {
		fmt.Println(r.Nth, r.Day, r.Start, "until", r.Until)
	}
	// Output:
	// 1 Friday 10:00 until 2027-12-31
	// 3 Friday 10:00 until 2027-12-31
}

func ExampleRule() {
	fmt.Println(calendar.Rule(handrail.Recurrence{Freq: handrail.Monthly, Day: time.Thursday, Nth: -1, Start: handrail.At(14, 0)}))
	// Output: FREQ=MONTHLY;BYDAY=-1TH
}
