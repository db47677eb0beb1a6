// Package chart draws a small picture where a picture says more than a list: how many visits there were in each week. It
// needs nothing but the standard library, draws its own few letters, and says in words what it shows, for those who cannot
// see it and for channels without pictures.
//
//	picture, err := chart.Weeks(handrail.WeeksOf(cases, 8, now, zone), chart.English())
//	message.Files = append(message.Files, picture)
package chart
