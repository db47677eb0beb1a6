package directory_test

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"handrail"
	"handrail/directory"
)

// A widower on foot who likes gardening; one of the two groups was found closed by somebody.
func ExampleFinder_Find() {
	now := time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)
	closed := now.AddDate(0, 0, -12)
	gardeners := handrail.Activity{
		ID: "tuesday-gardeners", Name: "Tuesday gardeners", Cost: handrail.Cost{Known: true},
		Venue:    handrail.Venue{At: &handrail.Point{Lat: 51.8830, Lon: -0.4170}},
		Times:    []handrail.Recurrence{{Day: time.Tuesday, Start: handrail.At(10, 0), End: handrail.At(12, 0)}},
		Standing: handrail.Standing{Assured: &handrail.Assurance{At: closed, By: handrail.AssurerOrganiser}},
	}
	plot := handrail.Activity{
		ID: "plot", Name: "The gardening plot", Venue: handrail.Venue{At: &handrail.Point{Lat: 51.8800, Lon: -0.4170}},
		Standing: handrail.Standing{ReportedClosed: &closed, AskedAt: &closed},
	}
	finder := directory.NewFinder(nil, directory.NewIndex([]handrail.Activity{gardeners, plot}))
	q := directory.Query{
		Near:      &directory.Spot{At: handrail.Point{Lat: 51.8793, Lon: -0.4164}, Label: "LU1 2AB", Precision: directory.PrecisionFull},
		Interests: []string{"gardening"}, Travel: directory.Walking, Now: now,
	}
	answer, err := finder.Find(context.Background(), q)
	if err != nil {
		fmt.Println(err)
	}
	for _, r := range answer.Results {
		fmt.Println(r.Name, "|", r.When, "|", r.DistanceText, "|", r.CheckedText, "|", cmp.Or(r.Warning, "no warning"))
	}

	// Its organiser says that it has closed: the next search does not find it.
	finder.Update(nil, []handrail.ActivityID{"plot"})
	answer, _ = finder.Find(context.Background(), q)
	fmt.Println(len(answer.Results))

	// Output:
	// Tuesday gardeners | Tuesdays, 10am to 12 noon | about 10 minutes' walk | checked 12 days ago by the organiser | no warning
	// The gardening plot | times not said | a few minutes' walk | never checked | Somebody said on 12 November that it was closed; we have asked the organiser.
	// 1
}
