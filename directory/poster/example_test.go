package poster_test

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"handrail"
	"handrail/directory/calendar"
	"handrail/directory/poster"
)

func Example() {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	lately := now.AddDate(0, 0, -12)
	week, err := poster.Gather(poster.Data{
		Practice: "Hatters Surgery", Join: "https://handrail.example/join", Now: now, Calendar: calendar.New(),
		Listings: []handrail.Activity{
			{ID: "1", Name: "Tuesday Gardeners", Status: handrail.ActivityActive, CheckedAt: &lately, Times: []handrail.Recurrence{{Day: time.Tuesday, Start: handrail.At(10, 0)}}},
			{ID: "2", Name: "Choir", Status: handrail.ActivityActive, Times: []handrail.Recurrence{{Day: time.Friday, Start: handrail.At(19, 0)}}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var page bytes.Buffer
	if err := poster.Poster(&page, week); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Contains(page.String(), "<h3>Tuesday Gardeners</h3>"), week.Shown, week.LeftOut)
	// Output: true 1 map[not checked within a year:1]
}
