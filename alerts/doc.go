// Package alerts calls a human when somebody may be in danger, and goes on calling until one of them says "I'm dealing
// with this".
//
// A ladder says who is called after how long. Its first step goes into the outbox in the transaction that raises the alert
// and answers the person, so that "I'm passing this to your practice team" is said only where it is true (K7). Each later
// step is put when it is due, once, with a note of it in the same transaction; so a process that is killed loses no step
// and repeats none, and one that stood still catches up. After the last step everybody is called again, and again, at hours
// when somebody is there (K6).
//
// There are two routes. The first is the chat in which staff work. The second is e-mail, a bot.Channel like any other, so
// that leases, tries and settling are the outbox's; its words are fixed and name nobody. E-mail goes out with its own step;
// at once when nobody is expected to be there; within two minutes when the chat cannot deliver (F11); and past every store
// when nothing can be committed at all (Direct).
//
//	mail, err := alerts.NewMail(alerts.MailOptions{Host: "smtp.example.nhs.uk", Port: 587, From: "handrail@example.nhs.uk", Now: clock.Now})
//	...
//	ladder, err := alerts.New(alerts.Options{
//		Records: rec, Post: post, Words: words, Zone: london, Clock: clock, Log: log,
//		Rungs: []alerts.Rung{{Who: handrail.RoleLinkWorker}, {Email: true, After: 5 * time.Minute}, {Who: handrail.RoleGP, After: 15 * time.Minute}},
//		Mail: mail, To: []string{"duty@example.nhs.uk"},
//	})
//	...
//	told, err := ladder.Raise(ctx, alert, true, now) // in the transaction that raised it
//	go ladder.Run(ctx)                               // the steps after the first
//
// It holds no grade and no score, no name of a patient leaves by e-mail, and nobody but staff is ever called (K16, K18).
package alerts
