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

// erasing says which channels can take away what somebody wrote, and of the others how they do it themselves.
func erasing(channels []bot.Channel) func(channel string) (bool, string) {
	can, how := map[string]bool{}, map[string]string{}
	for _, c := range channels {
		_, can[c.Name()] = c.(bot.Eraser)
		if teller, ok := c.(bot.EraseTeller); ok {
			how[c.Name()] = teller.HowToErase()
		}
	}
	return func(channel string) (bool, string) { return can[channel], how[channel] }
}

// workplace says to which channels only a practice's own people can write.
func workplace(channels []bot.Channel) func(channel string) bool {
	is := map[string]bool{}
	for _, c := range channels {
		w, ok := c.(bot.Workplace)
		is[c.Name()] = ok && w.Workplace()
	}
	return func(channel string) bool { return is[channel] }
}
