package sources_test

import (
	"context"
	"fmt"
	"strings"

	"handrail/directory/sources"
)

// A table is looked at, its columns are guessed and shown to a person, and what the person confirms is saved and used.
func ExampleReadCSV() {
	const table = "Club,Post Code,Contact tel,Contact name,Day & time\n" +
		"Tuesday Gardeners,lu1 1hr,01582 555 010,Ann,\"Tuesdays, 10 to 12\"\n" +
		",LU1 2NG,,,\n"
	ctx := context.Background()
	sample, err := sources.SampleCSV(ctx, strings.NewReader(table))
	if err != nil {
		fmt.Println(err)
		return
	}
	mapping, guesses := sample.Guess()
	for _, g := range guesses {
		fmt.Println(g.Say)
	}
	saved, err := mapping.Confirm().JSON()
	if err != nil {
		fmt.Println(err)
		return
	}
	mapping, err = sources.ParseMapping(saved)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := sources.ReadCSV(ctx, strings.NewReader(table), "csv:clubs", mapping)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range result.Activities {
		fmt.Println(a.Name, "|", a.Venue.Postcode, "|", a.WhenText)
	}
	for _, p := range result.Problems {
		fmt.Println("line", p.Line, p.Reason)
	}
	// Output:
	// "Club" is taken as the name of the group, since the heading says so.
	// "Post Code" is taken as the postcode, since the heading says so, and 2 of 2 cells are postcodes.
	// "Contact tel" is taken as the telephone number, since the heading says so, and 1 of 1 cells are telephone numbers.
	// "Contact name" is left out: it may be about a person, or not be meant for the public.
	// "Day & time" is taken as the days and times in words, since the heading says so.
	// Tuesday Gardeners | LU1 1HR | Tuesdays, 10 to 12
	// line 3 it has no name
}

// What is written can be opened in a spreadsheet without harm, and is read back as it was.
func ExampleCSVWriter() {
	var file strings.Builder
	w := sources.NewCSVWriter(&file)
	for _, row := range [][]string{{"Name", "Access"}, {"Chess", "-5 stairs"}} {
		if err := w.Write(row...); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := w.Flush(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(file.String())
	// Output:
	// Name,Access
	// Chess,'-5 stairs
}
