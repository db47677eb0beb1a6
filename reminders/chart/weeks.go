package chart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// Words are what a chart says. English gives them; {came} and so on are filled in.
type Words struct {
	File   string // the file's name, without its ending
	Title  string // of the picture, in capitals of the chart's own letters
	Came   string // the key of the dark bars
	Missed string // and of the light ones
	// Alt begins the alternative text, Week is one week of it, and None is all of it where there is nothing.
	Alt, Week, None string
}

// English are the words of a chart.
func English() Words {
	return Words{
		File: "Visits by week", Title: "VISITS BY WEEK", Came: "WENT", Missed: "MISSED",
		Alt: "Visits by week.", Week: "Week of {day}: {came} went, {missed} missed.", None: "No visits in these weeks.",
	}
}

// The picture's measures, in pixels. One dot of a letter is dot pixels wide.
const (
	barWide  = 22
	gap      = 10
	pairWide = 2*barWide + 4
	height   = 300
	top      = 66
	bottom   = 246
	left     = 20
	dot      = 2
	letter   = 6 * dot // width of a letter with the space behind it
)

func ink() color.RGBA   { return color.RGBA{0x10, 0x18, 0x1f, 0xff} }
func dark() color.RGBA  { return color.RGBA{0x00, 0x3d, 0x78, 0xff} }
func light() color.RGBA { return color.RGBA{0xe8, 0xa3, 0x3d, 0xff} }

// Weeks draws how many visits there were in each week: two bars each, with their numbers above, since neither colour nor
// height alone should have to tell them apart (G15). The file is a PNG of a few kilobytes.
func Weeks(weeks []handrail.WeekCount, w Words) (bot.File, error) {
	wide := max(2*left+len(weeks)*(pairWide+gap), 2*left+len(w.Title)*letter)
	m := image.NewPaletted(image.Rect(0, 0, wide, height), color.Palette{color.White, ink(), dark(), light()})
	say(m, left, 16, w.Title, 1)
	box(m, left, 40, left+14, 54, 2)
	say(m, left+20, 40, w.Came, 1)
	at := left + 20 + len(w.Came)*letter + 16
	box(m, at, 40, at+14, 54, 3)
	say(m, at+20, 40, w.Missed, 1)
	most := 1
	for _, x := range weeks {
		most = max(most, x.Came, x.Missed)
	}
	tall := func(n int) int { return (bottom - top - 20) * n / most }
	for i, x := range weeks {
		from := left + i*(pairWide+gap)
		for j, n := range []int{x.Came, x.Missed} {
			x0 := from + j*(barWide+4)
			box(m, x0, bottom-tall(n), x0+barWide, bottom, uint8(2+j))
			number := strconv.Itoa(n)
			say(m, x0+(barWide-len(number)*letter+dot)/2, bottom-tall(n)-18, number, 1)
		}
		if on, err := time.Parse(time.DateOnly, string(x.Monday)); err == nil {
			day, month := strconv.Itoa(on.Day()), strings.ToUpper(on.Format("Jan"))
			say(m, from+(pairWide-len(day)*letter)/2, bottom+8, day, 1)
			say(m, from+(pairWide-len(month)*letter)/2, bottom+28, month, 1)
		}
	}
	box(m, left, bottom, wide-left, bottom+2, 1)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return bot.File{}, fmt.Errorf("draw a chart: %w", err)
	}
	return bot.File{Name: w.File + ".png", MIME: "image/png", Data: b.Bytes(), Alt: inWords(weeks, w)}, nil
}

// inWords is what the picture shows, for those who cannot see it. Weeks without a visit are left out.
func inWords(weeks []handrail.WeekCount, w Words) string {
	out := []string{w.Alt}
	for _, x := range weeks {
		on, err := time.Parse(time.DateOnly, string(x.Monday))
		if x.Came+x.Missed == 0 || err != nil {
			continue
		}
		out = append(out, strings.NewReplacer("{day}", on.Format("2 January"), "{came}", strconv.Itoa(x.Came), "{missed}", strconv.Itoa(x.Missed)).Replace(w.Week))
	}
	if len(out) == 1 {
		out = append(out, w.None)
	}
	return strings.Join(out, " ")
}

// box fills a rectangle, as far as it lies in the picture.
func box(m *image.Paletted, x0, y0, x1, y1 int, c uint8) {
	r := image.Rect(x0, y0, x1, y1).Intersect(m.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Pix[m.PixOffset(r.Min.X, y):m.PixOffset(r.Max.X, y)]
		for i := range row {
			row[i] = c
		}
	}
}

// say writes capitals and digits; what it has no letter for is a space.
func say(m *image.Paletted, x, y int, s string, c uint8) {
	for _, r := range s {
		for row, bits := range glyph(r) {
			for col := range 5 {
				if bits&(1<<(4-col)) != 0 {
					box(m, x+col*dot, y+row*dot, x+col*dot+dot, y+row*dot+dot, c)
				}
			}
		}
		x += letter
	}
}
