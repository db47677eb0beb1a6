// Package slack is the practice staff's channel: one Slack app, in one workspace or many, by Socket Mode or by HTTP.
//
// It owns the acceptance. What comes is acknowledged only once the inbox has committed it, within the three seconds that
// Slack waits; what could not be committed comes again (events) or the person is told (commands, presses and forms, which
// Slack gives once). A request by HTTP is refused with 401 before its body is parsed unless Slack signed it within the
// last five minutes.
//
// A person in a workspace has one conversation of their own with the app, and one in each channel in which they call it:
// an answer there is shown to them alone. Nothing is ever posted where others could read it. Outsiders of a shared channel
// and other bots get no answer.
//
// The field's library (slack-go/slack) lends its words: the blocks of Block Kit. Its clients are not used: they read the
// machine's clock, hold back what they cannot parse, and do not tell whether a request was written, on which it depends
// whether a message may be sent again. Words are sent as rich text, where every run is given with its style and nothing
// that somebody wrote is read as markup.
//
//	channel, err := slack.New(slack.Options{
//		AppToken: cfg.Slack.AppToken, // Socket Mode; or a SigningSecret, and Handler on the public listener
//		BotToken: cfg.Slack.BotToken,
//		Practice: "hilltop",
//		Clock:    clock,
//		Log:      log,
//	})
//	if err != nil {
//		return err
//	}
//	mux.Handle("/slack/", channel.Handler())
//	return channel.Run(ctx, inbox)
package slack
