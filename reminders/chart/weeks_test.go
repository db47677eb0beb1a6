package chart_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handrail"
	"handrail/reminders/chart"
)

func weeks(counts ...[2]int) []handrail.WeekCount {
	day := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	out := make([]handrail.WeekCount, len(counts))
	for i, n := range counts {
		out[i] = handrail.WeekCount{Monday: handrail.DateOf(day.AddDate(0, 0, 7*i), time.UTC), Came: n[0], Missed: n[1]}
	}
	return out
}

// shades counts the pixels of each colour.
func shades(t *testing.T, data []byte) (image.Rectangle, map[[3]uint32]int) {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := map[[3]uint32]int{}
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			r, g, b, _ := m.At(x, y).RGBA()
			out[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	return m.Bounds(), out
}

// A picture tells in words what it shows (G15), and the bars stand in the ratio of the numbers.
func TestWeeks_G15_AltText(t *testing.T) {
	f, err := chart.Weeks(weeks([2]int{4, 2}, [2]int{0, 0}, [2]int{1, 0}), chart.English())
	if err != nil {
		t.Fatal(err)
	}
	if want := "Visits by week. Week of 5 October: 4 went, 2 missed. Week of 19 October: 1 went, 0 missed."; f.Alt != want {
		t.Errorf("alt text\n%s, want\n%s", f.Alt, want)
	}
	if f.MIME != "image/png" || !strings.HasSuffix(f.Name, ".png") || len(f.Data) > 16<<10 {
		t.Errorf("%s, %s, %d bytes", f.Name, f.MIME, len(f.Data))
	}
	_, all := shades(t, f.Data)
	key := 14 * 14 // the square beside each word of the key
	came, missed := all[[3]uint32{0x00, 0x3d, 0x78}]-key, all[[3]uint32{0xe8, 0xa3, 0x3d}]-key
	if came*2 != missed*5 {
		t.Errorf("%d dark and %d light pixels for 5 and 2 visits", came, missed)
	}
	if none, err := chart.Weeks(weeks([2]int{0, 0}), chart.English()); err != nil || none.Alt != "Visits by week. No visits in these weeks." {
		t.Errorf("%q %v", none.Alt, err)
	}
}

// However many weeks and visits, nothing runs out of the picture and it stays small.
func TestWeeks_AnyNumbers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var counts [][2]int
		for range rapid.IntRange(0, 12).Draw(rt, "weeks") {
			counts = append(counts, [2]int{rapid.IntRange(0, 900).Draw(rt, "came"), rapid.IntRange(0, 900).Draw(rt, "missed")})
		}
		f, err := chart.Weeks(weeks(counts...), chart.English())
		if err != nil {
			rt.Fatal(err)
		}
		m, err := png.DecodeConfig(bytes.NewReader(f.Data))
		if err != nil || m.Width > 1600 || m.Height != 300 || len(f.Data) > 32<<10 {
			rt.Fatalf("%d by %d, %d bytes, %v", m.Width, m.Height, len(f.Data), err)
		}
	})
}

func BenchmarkWeeks(b *testing.B) {
	all := weeks([2]int{4, 2}, [2]int{3, 1}, [2]int{5, 0}, [2]int{4, 2}, [2]int{3, 1}, [2]int{5, 0}, [2]int{6, 1}, [2]int{2, 2})
	for b.Loop() {
		if _, err := chart.Weeks(all, chart.English()); err != nil {
			b.Fatal(err)
		}
	}
}
