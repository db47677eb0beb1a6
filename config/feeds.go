package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
)

// Feeds are the directories that are fetched by themselves.
type Feeds []Feed

// Feed is one of them: its name, its format, where it is, and when it is fetched.
type Feed struct {
	Name   string
	Format string
	URL    string
	// Sessions is the second address of an OpenActive pair; empty otherwise.
	Sessions string
	// Every is how long lies between two pulls, or zero where At is the wall time of a daily one.
	Every time.Duration
	At    handrail.Clock
}

// String is the feed as it is written in the settings.
func (f Feed) String() string {
	when := f.At.String()
	if f.Every > 0 {
		when = strconv.Itoa(int(f.Every.Minutes())) + "m"
	}
	return strings.Join(slices.DeleteFunc([]string{f.Name, f.Format, f.URL, f.Sessions, when}, func(s string) bool { return s == "" }), " ")
}

// MarshalText is String.
func (f Feed) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

func (l *Feeds) kind() string { return "list of feeds" }

// shortestPull is how often a feed may be asked at most: publishers pay for their servers.
const shortestPull = 5 * time.Minute

func (l *Feeds) setList(items []string) error {
	const write = "write each feed as a name, a format, an address and a time, such as bristol oruk3 https://example.org/services 04:30"
	var feeds Feeds
	for _, item := range items {
		words := strings.Fields(item)
		if len(words) != 4 && len(words) != 5 {
			return wrong("a feed is not a name, a format, an address and a time", write)
		}
		f := Feed{Name: words[0], Format: words[1], URL: words[2]}
		if !slices.Contains([]string{"oruk1", "oruk3", "rpde"}, f.Format) {
			return wrong("a feed names a format that there is not", "use oruk1, oruk3 or rpde")
		}
		if (len(words) == 5) != (f.Format == "rpde") {
			return wrong("a feed has the wrong number of addresses", "give rpde two, the series and the sessions, and every other format one")
		}
		if f.Format == "rpde" {
			f.Sessions = words[3]
		}
		for _, address := range words[2 : len(words)-1] {
			u, err := url.Parse(address)
			if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
				return wrong("a feed's address is not one of the web", "give an address that begins with https://")
			}
			if u.User != nil {
				return wrong("a feed's address holds a password", "use an address without one: feeds are public")
			}
		}
		if err := f.setWhen(words[len(words)-1]); err != nil {
			return err
		}
		if slices.ContainsFunc(feeds, func(other Feed) bool { return other.Name == f.Name }) {
			return wrong("two feeds have one name", "give each its own: listings are kept under it")
		}
		feeds = append(feeds, f)
	}
	*l = feeds
	return nil
}

func (f *Feed) setWhen(text string) error {
	if t, err := time.Parse("15:04", text); err == nil {
		f.At = handrail.At(t.Hour(), t.Minute())
		if f.At >= handrail.At(0, 55) && f.At <= handrail.At(2, 5) {
			return wrong("a feed is fetched when the clocks may change", "choose a time before 00:55 or after 02:05")
		}
		return nil
	}
	every, err := time.ParseDuration(text)
	if err != nil {
		return wrong("a feed's time cannot be read", "give a time of the day such as 04:30, or a pause such as 15m")
	}
	if every < shortestPull || every > 7*24*time.Hour {
		return wrong("a feed's pause is not from 5 minutes to 7 days", "give a pause such as 15m")
	}
	f.Every = every
	return nil
}

// Words are a list of single words.
type Words []string

func (w *Words) kind() string { return "list of words" }

func (w *Words) setList(items []string) error {
	*w = items
	return nil
}
