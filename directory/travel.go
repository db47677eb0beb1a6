package directory

import (
	"math"
	"strconv"
	"strings"
)

// Travel is how somebody gets about. The same two miles are ten minutes for one person and out of the world for
// another, so distance counts by mode and not by mile.
//
// All that is known of a journey is the straight line between its ends: no road, no hill, no bus and no timetable. The
// sentences say no more than that.
type Travel string

const (
	// TravelUnknown is the zero value: nobody said.
	TravelUnknown Travel = ""
	// Walking is somebody who goes on foot, or with a stick or a frame, and takes no bus.
	Walking Travel = "walking"
	// Bus is somebody without a car who can take a bus or be fetched; short ways they walk.
	Bus Travel = "bus"
	// Car is somebody who drives or is driven.
	Car Travel = "car"
)

// What a journey is reckoned with.
const (
	// walkMetresPerMinute is the labelling rules' pace of "15 minutes' walk": 80 metres a minute, 4.8 km/h.
	walkMetresPerMinute = 80.0
	// walkDetour is how much longer the way on foot is than the straight line. Published figures for towns lie between
	// 1.2 and 1.4; this one is our choice.
	walkDetour = 1.3
	// roadDetour is the same by road: 1.417 was found for journeys to hospital (Boscoe, Henry and Zdeb, The Professional
	// Geographer 64, 2012). Rounded, by our choice.
	roadDetour = 1.4
	// carMetresPerMinute is 20 miles an hour door to door, our choice for short journeys in and around towns.
	carMetresPerMinute = 20 * metresPerMile / 60
	// farWalk is from how many minutes a walk is too far for most people, by our choice: few walk more than about a mile
	// to anything, and many who are referred walk slowly.
	farWalk = 30
	// bluntSpot is how uncertain a spot may be, in metres, for minutes on foot from it to mean anything.
	bluntSpot = 300
)

// Known reports whether t is one of the modes, the unknown one not among them.
func (t Travel) Known() bool { return t == Walking || t == Bus || t == Car }

// Minutes is about how long the way takes over a straight line of so many metres, rounded up to a whole minute. It is
// false where nothing honest can be said: by bus, since no timetable is known, and where the mode is not known.
func (t Travel) Minutes(metres float64) (int, bool) {
	switch t {
	case Walking:
		return int(math.Ceil(max(0, metres) * walkDetour / walkMetresPerMinute)), true
	case Car:
		return int(math.Ceil(max(0, metres) * roadDetour / carMetresPerMinute)), true
	}
	return 0, false
}

// Straight is the straight line, in metres, that so many minutes reach: the other way round of Minutes. By bus, and
// where the mode is not known, it is 0.
func (t Travel) Straight(minutes int) float64 {
	switch t {
	case Walking:
		return float64(minutes) * walkMetresPerMinute / walkDetour
	case Car:
		return float64(minutes) * carMetresPerMinute / roadDetour
	}
	return 0
}

// Reach is the radius of a search where nobody said how far, in metres as the crow flies: a mile on foot, which is about
// 26 minutes; 3 miles by bus; 5 miles by car and where the mode is not known. They are our choices.
func (t Travel) Reach() float64 {
	switch t {
	case Walking:
		return 1 * metresPerMile
	case Bus:
		return 3 * metresPerMile
	default:
		return 5 * metresPerMile
	}
}

// share is what a straight line of so many metres leaves of a score, from 1 (here) to 0. On foot it falls steeply beyond
// 20 minutes; by bus it is nearly level to 3 miles and by car to 5, since who sits in either sits a little longer; where
// nobody said, it is the old even slope. Nearer is always at least a little better.
func (t Travel) share(metres float64) float64 {
	var half float64 // the metres at which it is a half
	slope := 0.2     // what of that is lost evenly on the way
	switch t {
	case Walking:
		half, slope = 20*walkMetresPerMinute/walkDetour, 0.25
	case Bus:
		half = 5 * metresPerMile
	case Car:
		half = 10 * metresPerMile
	default:
		return 1 / (1 + max(0, metres)/2500)
	}
	x := max(0, metres) / half
	return 1 / (1 + slope*x + (1-slope)*x*x*x*x)
}

// TravelText says how far something is for somebody who gets about like this, one clause without a full stop: "about 15
// minutes' walk", "about 2 miles; too far for most people to walk, ask about the bus". Minutes on foot are told only from
// a spot that is known closely enough for them to mean something; otherwise, and where the mode is not known, it is
// DistanceText.
func TravelText(metres float64, t Travel, from Spot) string {
	onFoot, _ := Walking.Minutes(metres)
	where := ""
	if !from.Exact() {
		where = ", from " + from.Label
	}
	sharp := from.Exact() || from.Precision == PrecisionPlace && from.ErrorMetres <= bluntSpot
	switch t {
	case Walking:
		switch {
		case onFoot > farWalk:
			return roughMiles(metres) + where + "; too far for most people to walk, ask about the bus"
		case sharp:
			return walkText(onFoot) + where
		}
	case Bus:
		switch {
		case onFoot <= 15 && sharp:
			return walkText(onFoot) + where
		case onFoot > 15:
			return roughMiles(metres) + where + "; ask whether a bus goes there"
		}
	case Car:
		if minutes, _ := Car.Minutes(metres); minutes >= 5 {
			return roughMiles(metres) + where + "; about " + strconv.Itoa(roundUp(minutes, 5)) + " minutes by car"
		}
	}
	return DistanceText(metres, from)
}

// walkText rounds up to 5 minutes: more exact would not be true, and to be early is better than to be late.
func walkText(minutes int) string {
	if minutes <= 3 {
		return "a few minutes' walk"
	}
	return "about " + strconv.Itoa(roundUp(minutes, 5)) + " minutes' walk"
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// roughMiles is a distance of which only the straight line is known: always "about".
func roughMiles(metres float64) string {
	text := milesText(metres)
	if strings.HasPrefix(text, "less than") {
		return text
	}
	return "about " + text
}
