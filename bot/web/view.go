package web

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strings"
	"time"

	"handrail/bot"
)

// What the page is given. Times come ready to show, so that the page needs no zone data and everybody sees the same.

type stateView struct {
	Run     string            `json:"run"`
	Last    string            `json:"last"` // the event id to resume after
	People  []personView      `json:"people"`
	Clock   clockView         `json:"clock"`
	Entries []entryView       `json:"entries"`
	Words   map[string]string `json:"words"` // sentences for bot.Problem
}

type personView struct {
	Chat     string   `json:"chat"`
	Name     string   `json:"name"`
	Role     string   `json:"role"`
	Hint     string   `json:"hint"`
	Starters []string `json:"starters"`
	Joins    bool     `json:"joins"`
	Near     bool     `json:"near"`
}

type clockView struct {
	ISO   string    `json:"iso"`
	Text  string    `json:"text"`
	Moves bool      `json:"moves"` // whether there is a stage to move it
	Next  *nextView `json:"next,omitempty"`
}

type nextView struct {
	What string `json:"what"`
	Text string `json:"text"`
}

type entryView struct {
	N       int64        `json:"n"`
	Order   int64        `json:"order"`
	Chat    string       `json:"chat"`
	ISO     string       `json:"iso"`
	Day     string       `json:"day"`
	Time    string       `json:"time"`
	ID      string       `json:"id,omitempty"`
	Said    *saidView    `json:"said,omitempty"`
	Message *messageView `json:"message,omitempty"`
}

type saidView struct {
	Kind    bot.UpdateKind `json:"kind"`
	Text    string         `json:"text,omitempty"`
	On      int64          `json:"on,omitempty"`
	Picked  string         `json:"picked,omitempty"`
	Choice  string         `json:"choice,omitempty"`
	Answers []answerView   `json:"answers,omitempty"`
}

type answerView struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

type messageView struct {
	Text    bot.Text     `json:"text,omitempty"`
	Options []optionView `json:"options,omitempty"`
	Form    *bot.Form    `json:"form,omitempty"`
	Files   []fileView   `json:"files,omitempty"`
	Place   *placeView   `json:"place,omitempty"`
	Private bool         `json:"private,omitempty"`
}

type optionView struct {
	Label  string `json:"label"`
	Choice string `json:"choice,omitempty"`
	Style  string `json:"style,omitempty"`
	Link   string `json:"link,omitempty"`
}

type fileView struct {
	Name  string `json:"name"`
	URL   string `json:"url"`
	Size  string `json:"size"`
	Image bool   `json:"image"`
	Alt   string `json:"alt,omitempty"`
}

type placeView struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Where   string `json:"where,omitempty"` // the coordinates, to read
	URL     string `json:"url,omitempty"`   // a map that is opened only when it is pressed
}

// joinLink is a link to the page itself that enrols a person: as narrow as the codes that chat networks take.
var joinLink = regexp.MustCompile(`\A#join=[A-Za-z0-9_-]{1,64}\z`)

// safeLink returns the link when the page may show it: a web address or an enrolment link; otherwise nothing, so that a
// listing cannot bring a javascript: address with it (B23).
func safeLink(link string) string {
	if joinLink.MatchString(link) {
		return link
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.String()
}

func (c *Channel) viewPeople() []personView {
	out := make([]personView, len(c.people))
	for i, p := range c.people {
		out[i] = personView{
			Chat: p.Chat, Name: p.Name, Role: p.Role, Hint: p.Hint,
			Starters: append([]string{}, p.Starters...), Joins: p.Joins, Near: p.Near != nil,
		}
	}
	return out
}

// viewAll shows entries; all is everything said in this run, in which forms are looked up.
func (c *Channel) viewAll(run string, fresh, all []entry) []entryView {
	out := make([]entryView, len(fresh))
	for i, e := range fresh {
		out[i] = c.view(run, e, all)
	}
	return out
}

func (c *Channel) view(run string, e entry, all []entry) entryView {
	t := e.At.In(c.zone)
	v := entryView{
		N: e.N, Order: e.Order, Chat: e.Chat, ID: e.ID,
		ISO: t.Format(time.RFC3339), Day: t.Format(dayLayout), Time: t.Format("3:04pm"),
	}
	if e.Said != nil {
		v.Said = &saidView{Kind: e.Said.Kind, Text: e.Said.Text, On: e.Said.On, Picked: e.Said.Picked, Choice: e.Said.Choice}
		if e.Said.Kind == bot.UpdateForm {
			v.Said.Answers = answers(e.Said, formOf(all, e.Said.On))
		}
	}
	if e.Message != nil {
		v.Message = viewMessage(run, e.N, *e.Message)
	}
	return v
}

func viewMessage(run string, n int64, m bot.Message) *messageView {
	v := &messageView{Form: m.Form, Private: m.Private}
	for _, block := range m.Text {
		b := bot.Block{Item: block.Item, Spans: make([]bot.Span, len(block.Spans))}
		for i, s := range block.Spans {
			s.Link = safeLink(s.Link)
			b.Spans[i] = s
		}
		v.Text = append(v.Text, b)
	}
	for _, o := range m.Options {
		v.Options = append(v.Options, optionView{Label: o.Label, Choice: o.Payload, Style: o.Style, Link: safeLink(o.Link)})
	}
	for i, f := range m.Files {
		v.Files = append(v.Files, fileView{
			Name: f.Name, Alt: f.Alt, Image: shown(f.MIME), Size: size(len(f.Data)),
			URL: fmt.Sprintf("/api/file?run=%s&n=%d&i=%d", url.QueryEscape(run), n, i),
		})
	}
	if p := m.Place; p != nil {
		v.Place = &placeView{Name: p.Name, Address: p.Address}
		if lat, lon := p.At.Lat, p.At.Lon; (lat != 0 || lon != 0) && math.Abs(lat) <= 90 && math.Abs(lon) <= 180 {
			v.Place.Where = fmt.Sprintf("%.4f, %.4f", lat, lon)
			v.Place.URL = fmt.Sprintf("https://www.openstreetmap.org/?mlat=%.5f&mlon=%.5f#map=17/%.5f/%.5f", lat, lon, lat, lon)
		}
	}
	return v
}

// formOf finds the form that message n carried.
func formOf(all []entry, n int64) *bot.Form {
	if n < 1 || n > int64(len(all)) || all[n-1].Message == nil {
		return nil
	}
	return all[n-1].Message.Form
}

// answers lists what was filled in, in the form's order and words.
func answers(s *said, form *bot.Form) []answerView {
	if form == nil {
		return nil
	}
	var out []answerView
	for _, f := range form.Fields {
		value := s.Fields[f.Name]
		if value == "" {
			continue
		}
		switch f.Kind {
		case bot.FieldTick:
			value = "Yes"
		case bot.FieldChoice:
			for _, o := range f.Options {
				if o.Answer == value {
					value = o.Label
					break
				}
			}
		}
		out = append(out, answerView{Label: f.Label, Value: value})
	}
	return out
}

// size says how big a file is, as people read it.
func size(n int) string {
	switch {
	case n >= 1<<20:
		return strings.Replace(fmt.Sprintf("%.1f MB", float64(n)/(1<<20)), ".0 ", " ", 1)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	case n == 1:
		return "1 byte"
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}
