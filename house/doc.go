// Package house joins the rooms together: records, engine, conversations, outbox, reminders and directory. The demo, the
// server and the transcripts all run this one wiring, so what a test saw is what a person gets.
//
//	h, err := house.New(ctx, house.Options{Records: rec, States: rec.States(), Channels: []bot.Channel{web}, Clock: clock, Key: key, Zone: london, Log: log})
//	err = h.Run(ctx)           // a server: until ctx ends
//
//	err = h.Settle(ctx)        // or by hand: think and send whatever can be done now
//	err = h.Advance(ctx, at)   // and move a movable clock, event by event
package house
