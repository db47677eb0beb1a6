// Package directory knows what is on: it turns "LU1 2AB" into a place, finds the groups around it that fit a person,
// ranks them, and says in plain English why each one is shown.
//
// Hard filters stay hard. A group is shown as free only when its listing says it is free, as step-free only when
// somebody said yes, on a Tuesday only when that is known and not guessed, and a man is never shown a women-only group;
// what is not known does not count as yes. When nothing is left, Widen proposes the next wider question and says what it
// widened; what is no wish is never widened.
//
//	index := directory.NewIndex(activities)
//	finder := directory.NewFinder(directory.NewGazetteer(postcodes), index)
//	answer, err := finder.Find(ctx, directory.Query{
//		Where:     "LU1 2AB",
//		Interests: []string{"gardening"},
//		Days:      []time.Weekday{time.Tuesday},
//		Times:     []directory.PartOfDay{directory.Morning},
//		Free:      true,
//		Now:       clock.Now(),
//	})
//	for _, r := range answer.Results {
//		fmt.Println(r.Name, r.When, r.DistanceText, r.Why, r.Warning)
//		fmt.Println(directory.Explain(r)) // the score by its parts
//	}
//
// A changed listing is put in place with Update and found by the next search, however large the directory is; nobody
// waits for it:
//
//	finder.Update([]handrail.Activity{changed}, []handrail.ActivityID{gone})
//
// The feeds' formats are in directory/sources, the grammar of postcodes in directory/postcode, on which days groups meet
// in directory/calendar, and the demo's own fictional groups in directory/demo.
package directory
