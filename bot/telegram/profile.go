package telegram

import (
	"context"
	"slices"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// Profile is what the bot says of itself in one language, before anybody has written to it.
type Profile struct {
	// Language is a two-letter code; empty is for everybody whose language has no profile.
	Language string
	// Commands are shown in the menu beside the field for typing, in this order.
	Commands []Command
	// Description is shown in an empty chat, at most 512 characters; Short in the bot's profile, at most 120.
	Description, Short string
}

// Command is one command in the menu.
type Command struct {
	Name  string // without the slash, a-z, 0-9 and _
	Means string // at most 256 characters
}

// DefaultProfiles are the profiles in plain English. They are neutral: who looks over a shoulder learns nothing of
// anybody's health.
func DefaultProfiles() []Profile {
	return []Profile{{
		Commands: []Command{
			{"menu", "What I can do"},
			{"urgent", "Urgent help, and who to ring"},
			{"stop", "Stop messages"},
			{"help", "How this works"},
		},
		Description: "This is an automated service. It helps you find things to do near you, and reminds you. It can't see " +
			"messages as a person would, and it is not an emergency service. If life is in danger, call 999. For urgent help, " +
			"day or night, call 111. To begin, open the link that you were given.",
		Short: "Automated messages about things to do near you. Not an emergency service.",
	}}
}

// introduce finds out the bot's name and sets its profiles where they differ. Telegram allows few changes of them, so
// nothing is set that is so already. Nothing waits for it.
func (c *Channel) introduce(ctx context.Context) {
	c.persist(ctx, "find out the bot's name", func(ctx context.Context) error {
		var me models.User
		if err := c.brief(ctx, "getMe", struct{}{}, &me); err != nil {
			return err
		}
		c.username.Store(&me.Username)
		return nil
	})
	for _, p := range c.profiles {
		for what, set := range map[string]func(context.Context, Profile) error{
			"set the commands": c.setCommands, "set the description": c.setDescription, "set the short description": c.setShort,
		} {
			// Once: a bot with last month's description works, and the next start tries again.
			if err := set(ctx, p); err != nil && ctx.Err() == nil {
				c.trouble(ctx, what, err)
			}
		}
	}
}

func (c *Channel) brief(ctx context.Context, method string, params, dest any) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return c.api.call(ctx, method, params, dest)
}

func (c *Channel) setCommands(ctx context.Context, p Profile) error {
	var have []models.BotCommand
	if err := c.brief(ctx, "getMyCommands", tg.GetMyCommandsParams{LanguageCode: p.Language}, &have); err != nil {
		return err
	}
	want := make([]models.BotCommand, len(p.Commands))
	for i, k := range p.Commands {
		want[i] = models.BotCommand{Command: k.Name, Description: k.Means}
	}
	if slices.Equal(have, want) {
		return nil
	}
	return c.brief(ctx, "setMyCommands", tg.SetMyCommandsParams{Commands: want, LanguageCode: p.Language}, nil)
}

func (c *Channel) setDescription(ctx context.Context, p Profile) error {
	var have models.BotDescription
	if err := c.brief(ctx, "getMyDescription", tg.GetMyDescriptionParams{LanguageCode: p.Language}, &have); err != nil {
		return err
	}
	if have.Description == p.Description {
		return nil
	}
	return c.brief(ctx, "setMyDescription", tg.SetMyDescriptionParams{Description: p.Description, LanguageCode: p.Language}, nil)
}

func (c *Channel) setShort(ctx context.Context, p Profile) error {
	var have models.BotShortDescription
	if err := c.brief(ctx, "getMyShortDescription", tg.GetMyShortDescriptionParams{LanguageCode: p.Language}, &have); err != nil {
		return err
	}
	if have.ShortDescription == p.Short {
		return nil
	}
	return c.brief(ctx, "setMyShortDescription", tg.SetMyShortDescriptionParams{ShortDescription: p.Short, LanguageCode: p.Language}, nil)
}
