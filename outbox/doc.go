// Package outbox is how a message leaves. Replies and reminders alike are envelopes in the records; the Sender claims
// them, asks once more whether they may still go, makes them fit the channel, commits "sending" just before each
// request, sends, and settles how it ended.
//
// No chat network takes an idempotency key, so "request written, answer lost" happens, and nobody can then know whether
// the person has the message. What can be had is a state that says so and a rule for each class of message
// (requirements, section 1):
//
//	class             in doubt                            too late
//	card, alert       send again                          never
//	reply             once more                           after 15 minutes an apology goes instead
//	reminder          once more if over 2 h remain        dropped
//	nudge             never again                         dropped, after 24 h at the latest
//	notice, note      never again                         sent late
//	digest            never again                         sent late, with a line that says so
//
// Where the network lets us look (bot.Recaller), a doubtful send is looked for before it is repeated or given up: after
// three seconds for a reply, half a minute for what nobody waits for; a card or an alert that is not there yet goes again at
// once. What arrived is settled as sent; what did not, after that time, is sent whatever its class; what cannot be looked for
// goes by the table.
//
// Order: a message of a more urgent class goes first; within a class and an address the first put goes first, and an
// address has one request in flight. A message in several parts goes one part a claim, and each part is settled before
// the next, so that a crash between two parts repeats neither. The rates of each channel and chat are kept in memory,
// exactly: in no stretch of a second are there more requests than the rate. A fifth of each channel's rate is kept free
// for cards, alerts and replies.
//
// A sender has two ways to run, over the same code. Step does what can be done at this moment of the clock and returns;
// a clock that is moved by hand uses it. Run loops with workers until its context ends.
//
//	sender, err := outbox.New(outbox.Options{
//		Store:    records,
//		Channels: map[string]bot.Channel{"web": web},
//		Words:    words,
//		Clock:    clock,
//		Log:      log,
//	})
//	if err != nil {
//		return err
//	}
//	return sender.Run(ctx, records.NotifyPosts())
//
// The first reply of a turn need not wait in the queue: while Run runs, Book keeps room for it, the records commit it as
// being sent together with the turn, and its request follows at once. Rates hold for either way, and with a Pace for
// every process that shares it.
package outbox
