package slack

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/wire"
)

const (
	// lookPages and lookPage are how far back a look goes: Slack gives an app that is handed out to others, and isn't in its
	// directory, fifteen messages a page and one page a minute, whatever is asked for.
	lookPages = 4
	lookPage  = 50
	// lookThreads is how many threads it goes into.
	lookThreads = 3
	// lookSkew is how far Slack's clock may be behind ours.
	lookSkew = 10 * time.Minute
)

// Recall looks for a message by its mark in the person's own conversation with the app: through its last messages until
// those that are older than since, and into the threads that had an answer since then.
//
// What was whispered in a channel is in nobody's history, and no more is a form that opened at once: where such a message
// isn't found, it is unclear what became of it. So it is when its words are there and its files are not, or when there was
// more to look through than a look goes.
func (c *Channel) Recall(ctx context.Context, to handrail.Address, mark string, m bot.Message, since time.Time) (bot.Recalled, bot.Ref, error) {
	w, in, err := c.reach(ctx, to)
	if err != nil {
		return "", "", err
	}
	want := marked(mark)
	if want == nil || len(c.blocks(m, w.place)) == 0 {
		return bot.RecallUnclear, "", nil // files alone bear no mark
	}
	channel, err := c.conversation(ctx, in, w)
	if err != nil {
		return "", "", c.failed(ctx, err, false)
	}
	l := looking{c: c, in: in, channel: channel, want: *want, since: since.Add(-lookSkew), threads: map[string]bool{}}
	if hint := c.threads.get(to, c.clock.Now()); hint != "" {
		l.threads[hint] = true
	}
	whole, err := l.through(ctx)
	if err != nil {
		return "", "", c.failed(ctx, safe(err), false)
	}
	switch {
	case l.found != "" && l.shared(handedOver(m)):
		return bot.RecallArrived, bot.Ref(channel + "/" + l.found), nil
	case l.found != "" || w.place != "" || m.Form != nil || !whole:
		return bot.RecallUnclear, "", nil
	}
	return bot.RecallAbsent, "", nil
}

// looking is one look through a conversation.
type looking struct {
	c       *Channel
	in      Installation
	channel string
	want    mark
	since   time.Time

	threads map[string]bool // to look into
	files   [][]string      // the names of each message's files
	found   string          // the message's time, which is its id
}

// past is what is read of a message that was sent.
type past struct {
	TS       string `json:"ts"`
	Latest   string `json:"latest_reply"`
	Metadata mark   `json:"metadata"`
	Files    []struct {
		Title string `json:"title"`
	} `json:"files"`
}

// through looks; whole says that it has seen everything since then.
func (l *looking) through(ctx context.Context) (whole bool, err error) {
	whole, err = l.pages(ctx, "conversations.history", url.Values{"channel": {l.channel}}, true)
	if err != nil || l.found != "" {
		return whole, err
	}
	n := 0
	for thread := range l.threads {
		if n++; n > lookThreads {
			return false, nil
		}
		// The thread that somebody wrote in last may not be in this conversation: then it isn't found.
		all, err := l.pages(ctx, "conversations.replies", url.Values{"channel": {l.channel}, "ts": {thread}}, false)
		switch {
		case wire.HasReason(err, reasonNoThread):
		case err != nil:
			return false, err
		case l.found != "":
			return whole, nil
		default:
			whole = whole && all
		}
	}
	return whole, nil
}

// pages reads page by page. A history begins with the newest, a thread with the oldest.
func (l *looking) pages(ctx context.Context, method string, params url.Values, newestFirst bool) (whole bool, err error) {
	params.Set("limit", strconv.Itoa(lookPage))
	params.Set("include_all_metadata", "true")
	if !newestFirst {
		params.Set("oldest", strconv.FormatInt(l.since.Unix(), 10)+".000000")
	}
	for range lookPages {
		var out struct {
			Messages []past `json:"messages"`
			More     bool   `json:"has_more"`
			Next     struct {
				Cursor string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if err := l.c.api.call(ctx, l.in.Token, method, params, &out); err != nil {
			return false, err
		}
		old := false
		for _, m := range out.Messages {
			old = old || at(m.TS).Before(l.since)
			l.see(m)
		}
		if l.found != "" || newestFirst && old || !out.More {
			return true, nil
		}
		if out.Next.Cursor == "" {
			return false, nil
		}
		params.Set("cursor", out.Next.Cursor)
	}
	return false, nil
}

func (l *looking) see(m past) {
	if m.Metadata == l.want {
		l.found = m.TS
	}
	if m.Latest != "" && !at(m.Latest).Before(l.since) {
		l.threads[m.TS] = true
	}
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Title)
	}
	if l.found == "" && len(names) > 0 { // what comes after the words is newer than they are
		l.files = append(l.files, names)
	}
}

// shared says whether these files were handed over after the words.
func (l *looking) shared(files []bot.File) bool {
	if len(files) == 0 {
		return true
	}
	var want []string
	for _, f := range files {
		want = append(want, fileName(f))
	}
	return slices.ContainsFunc(l.files, func(names []string) bool { return slices.Equal(names, want) })
}
