package house

import (
	"bytes"

	"handrail"
	"handrail/bot"
	"handrail/directory/poster"
	"handrail/reminders/chart"
)

// inviteCard makes a one-time link into a picture to scan from a screen and a card to print. The alternative texts are
// keys: the conversation says them.
func inviteCard(name, code, link string) ([]bot.File, error) {
	picture, err := poster.CodePicture(link)
	if err != nil {
		return nil, err
	}
	var card bytes.Buffer
	if err := poster.InviteCard(&card, poster.Invite{Name: name, Link: link, Code: code}); err != nil {
		return nil, err
	}
	return []bot.File{
		{Name: "code.png", MIME: "image/png", Data: picture, Alt: "code"},
		{Name: "card to print.html", MIME: "text/html; charset=utf-8", Data: card.Bytes(), Alt: "card"},
	}, nil
}

// weeksChart draws how many visits there were in each week.
func weeksChart(weeks []handrail.WeekCount) (bot.File, error) {
	return chart.Weeks(weeks, chart.English())
}

// editable says which channels can change what they sent.
func editable(channels []bot.Channel) func(channel string) bool {
	can := map[string]bool{}
	for _, c := range channels {
		_, can[c.Name()] = c.(bot.Editor)
	}
	return func(channel string) bool { return can[channel] }
}
