package directory

import (
	"math"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// dayList names days, Monday being 0: "Mondays to Fridays", "Tuesdays and Thursdays", "every day".
func dayList(days []int) string {
	if len(days) == 7 {
		return "every day"
	}
	if len(days) >= 3 && days[len(days)-1]-days[0] == len(days)-1 {
		return dayName(days[0]) + " to " + dayName(days[len(days)-1])
	}
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = dayName(d)
	}
	return list(names)
}

func dayName(d int) string { return time.Weekday((d+1)%7).String() + "s" }

// ClockText is a wall time as it is said: "10am", "2.30pm", "12 noon", "12 midnight".
func ClockText(c handrail.Clock) string {
	switch c {
	case handrail.At(12, 0):
		return "12 noon"
	case 0, handrail.At(24, 0):
		return "12 midnight"
	}
	return clockNumber(c) + half(c)
}

func clockNumber(c handrail.Clock) string {
	hour := (c.Hour()+11)%12 + 1
	text := strconv.Itoa(hour)
	if m := c.Minute(); m != 0 {
		text += "." + string([]byte{byte('0' + m/10), byte('0' + m%10)})
	}
	return text
}

func half(c handrail.Clock) string {
	if c.Hour()%24 < 12 {
		return "am"
	}
	return "pm"
}

func span(start, end handrail.Clock) string { return ClockText(start) + " to " + ClockText(end) }

// DistanceText says how far something is, in miles: one decimal below 10, "less than a quarter of a mile" for the
// nearest. From anywhere but a full postcode it is "about", and says from where.
func DistanceText(metres float64, from Spot) string {
	text := milesText(metres)
	if from.Exact() {
		return text
	}
	if !strings.HasPrefix(text, "less than") {
		text = "about " + text
	}
	return text + ", from " + from.Label
}

func milesText(metres float64) string {
	miles := metres / metresPerMile
	switch {
	case miles < 0.25:
		return "less than a quarter of a mile"
	case miles < 9.95:
		tenths := int(math.Round(miles * 10))
		if tenths == 10 {
			return "1 mile"
		}
		if tenths%10 == 0 {
			return strconv.Itoa(tenths/10) + " miles"
		}
		return strconv.Itoa(tenths/10) + "." + strconv.Itoa(tenths%10) + " miles"
	default:
		return strconv.Itoa(int(math.Round(miles))) + " miles"
	}
}

// CostText says what it costs: "free", "£2.50", the listing's own words, or "cost not said".
func CostText(c handrail.Cost) string {
	own := oneLine(c.Text, 80)
	switch {
	case c.Free():
		return "free"
	case c.Known:
		return pounds(c.Pence)
	case own != "":
		return own
	default:
		return "cost not said"
	}
}

func pounds(pence int) string {
	if pence < 100 {
		return strconv.Itoa(pence) + "p"
	}
	text := "£" + strconv.Itoa(pence/100)
	if p := pence % 100; p != 0 {
		text += "." + string([]byte{byte('0' + p/10), byte('0' + p%10)})
	}
	return text
}

// AccessText says what is known of getting in. "Not step-free" and "not said" are different things to know.
func AccessText(a handrail.Access) string {
	var parts []string
	switch a.StepFree {
	case handrail.Yes:
		parts = append(parts, "step-free")
	case handrail.No:
		parts = append(parts, "not step-free")
	default:
		parts = append(parts, "step-free access not said")
	}
	if a.Toilet == handrail.Yes {
		parts = append(parts, "accessible toilet")
	}
	if a.Parking == handrail.Yes {
		parts = append(parts, "parking")
	}
	return strings.Join(parts, ", ")
}

func partOf(c handrail.Clock) PartOfDay {
	switch {
	case c < handrail.At(12, 0):
		return Morning
	case c < handrail.At(17, 0):
		return Afternoon
	default:
		return Evening
	}
}

// plural is "1 mile", "2 miles".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// list joins words as a sentence does: "a", "a and b", "a, b and c".
func list(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
	}
}

// oneLine makes text one line of at most n bytes, cut at a word.
func oneLine(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= n {
		return text
	}
	cut := strings.LastIndexByte(text[:n], ' ')
	if cut <= 0 {
		for cut = n; cut > 0 && text[cut]&0xC0 == 0x80; cut-- {
		}
	}
	return strings.TrimRight(text[:cut], " ,;:") + "..."
}
