// Package reminders decides when to speak first: day-before and same-day reminders, how-was-it, the one gentle question
// after a missed visit, the link worker's digest, the first note to the referrer. One file a job.
//
//	planner, err := reminders.New(reminders.Options{Jobs: reminders.All(deps), Ticks: records, Post: post, Clock: clock, Zone: london})
//	for {
//		did, err := planner.Step(ctx) // every tick since the last one claimed, up to the clock's now
//		...
//	}
//
// What is due is a function of the facts and the time, never a stored wish: a job looks at a span of time and returns
// the envelopes that belong in it. Spans overlap and keys are unique, so asking twice changes nothing, and a stopped
// process that comes back asks about all the time it missed; what is too late by then is dropped by its class.
//
// Cron's own runner reads the machine's clock, so only its Schedule is used here. Schedules are in the wall time of the
// zone. A wall time that the spring change skips, or the autumn change doubles, lies between 00:55 and 02:05: no job may
// be scheduled there, and New refuses one that is (requirement T1).
package reminders
