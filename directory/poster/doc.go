// Package poster puts what is on near a practice on paper and on a screen: a page of A4 for the wall, and a page for the
// television in the waiting room. Both are one HTML file that needs nothing else, and both say where to join.
//
// Only what can be relied on is shown: groups that are open to new people, that nobody doubts, that somebody checked within
// a year, and at times that are certain. A group whose name says something about health is counted and not named (G4).
//
//	week, err := poster.Gather(poster.Data{Practice: "Hatters Surgery", Join: "https://t.me/ExampleBot", Now: clock.Now(),
//		Calendar: calendar.New(), Listings: listings, Near: practice.At})
//	err = poster.Poster(file, week)
//	err = poster.WaitingRoom(response, week)
package poster
