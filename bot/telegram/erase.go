package telegram

import (
	"context"
	"errors"
	"strconv"

	"handrail"
	"handrail/bot"
	"handrail/bot/wire"
)

// Erase takes away a message that a person wrote, on their phone too (bot.Eraser). Telegram lets a bot do so for two days
// (https://core.telegram.org/bots/api#deletemessage); later it refuses. That it is gone already is no error.
func (c *Channel) Erase(ctx context.Context, from handrail.Address, ref bot.Ref) error {
	chat, err := strconv.ParseInt(from.Chat, 10, 64)
	id, idErr := strconv.ParseInt(string(ref), 10, 64)
	if err != nil || idErr != nil || from.Channel != Name || from.Practice != c.practice || from.Thread != "" {
		return &bot.SendError{Outcome: bot.OutcomeRefused, Err: errors.New("there is no such message")}
	}
	err = c.api.call(ctx, "deleteMessage", struct {
		Chat int64 `json:"chat_id"`
		ID   int64 `json:"message_id"`
	}{chat, id}, nil)
	if err == nil || wire.HasReason(err, reasonNotThere) {
		return nil
	}
	return c.failed(ctx, err, false)
}
