// Package telegram is the patients' channel: it receives by long polling or by webhook, and sends.
//
// It owns the acceptance. An update is acknowledged (by moving the offset, or by answering 200) only after the inbox has
// committed it, one after another within a chat and several chats at once. A webhook request is refused with 401 before
// its body is read unless it carries the secret. What must never be stored does not reach the inbox in the first place:
// the exact position, contact cards, files, and everything from groups, which the bot leaves.
//
// The field's library (go-telegram/bot) lends its words: the parameters of each method. Its loop and its transport are
// not used: they confirm updates before they are handled, answer 200 to a wrong secret, put the token and the text of
// messages into errors, and do not tell whether a request was written, on which it depends whether a message may be
// sent again.
//
// The token is in the address of every call, so no error of the HTTP client leaves this package as it is: what comes
// out is made here, of fixed words and numbers.
//
//	channel, err := telegram.New(telegram.Options{
//		Token:         cfg.Telegram.Token, // anything with Reveal() string
//		WebhookURL:    "https://handrail.example/telegram",
//		WebhookSecret: cfg.Telegram.WebhookSecret,
//		Practice:      "hilltop",
//		Clock:         clock,
//		Log:           log,
//	})
//	if err != nil {
//		return err
//	}
//	mux.Handle("/telegram", channel.Handler()) // with a webhook URL
//	return channel.Run(ctx, inbox)
package telegram
