package directory

import (
	"fmt"
	"strings"
)

// Part is one part of a score: how much of it there is, what it weighs, and what that adds.
type Part struct {
	Name   string  `json:"name"`   // "fit", "distance", "fresh" and so on; stable, for programs
	Share  float64 `json:"share"`  // from 0 to 1
	Weight float64 `json:"weight"` // below 0 for what speaks against it
	Points float64 `json:"points"` // Share times Weight
}

// Parts are all parts of a score, always the same ones in the same order.
type Parts []Part

// Sum adds up the points in their order. It is Result.Score exactly.
func (p Parts) Sum() float64 {
	sum := 0.0
	for _, part := range p {
		sum += part.Points
	}
	return sum
}

// Explain tells a result's score by its parts, in a table of fixed width. What weighs against a group is told only where
// it applies; all parts are in Result.Parts.
//
//	part          share  weight  points
//	fit            0.82   0.430   0.353
//	distance       0.91   0.210   0.191
//	...
//	score                         0.742
func Explain(r Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %6s %7s %7s\n", "part", "share", "weight", "points")
	for _, p := range r.Parts {
		if p.Weight < 0 && p.Share == 0 {
			continue
		}
		fmt.Fprintf(&b, "%-12s %6.2f %7.3f %7.3f\n", p.Name, p.Share, p.Weight, p.Points)
	}
	fmt.Fprintf(&b, "%-12s %6s %7s %7.3f\n", "score", "", "", r.Score)
	return b.String()
}
