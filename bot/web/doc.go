// Package web is the chat channel of the demo page: every person of the story has a chat, all of them side by side on
// one page, so that one visitor can be the GP, the patient, the buddy and the link worker in turn.
//
// It is the network and the phones in one. What a phone shows is kept in an append-only file of JSON lines, on the disk
// before Send returns, so a reload or a restart shows the same chats. That file is the network's side of the story, as
// a chat network's own history would be: it holds what people typed, so it is for made-up people only and its
// directory is readable by its owner only.
//
// The page is plain HTML, CSS and ES modules, embedded, and asks nothing of any other host. Whatever people write is
// text on it, never markup.
//
//	ch, err := web.New(web.Options{
//		Dir:      dir,
//		Practice: "hilltop",
//		Clock:    stage.Now,
//		Stage:    stage, // moves the clock and starts the story again; may be nil
//		People: []web.Person{
//			{Chat: "gp", Name: "Dr Asha Rao", Role: "GP", Hint: "Ask what is on near a postcode."},
//			{Chat: "frank", Name: "Frank", Role: "patient", Joins: true},
//		},
//	})
//	srv := ch.Server("127.0.0.1:8642") // the page at /, sane time limits
//	go srv.ListenAndServe()
//	err = ch.Run(ctx, inbox) // until ctx ends; before it, what people send is answered with 503 and tried again
//
// The endpoints, all for the page itself:
//
//	GET  /                the page
//	GET  /assets/NAME     what it is made of
//	GET  /api/state       the people, the clock, everything said so far
//	GET  /api/events      the same as it happens (Server-Sent Events, resumed by Last-Event-ID)
//	GET  /api/clock       the clock and what happens next
//	POST /api/send        {chat, id, text | choice | form+fields | place}
//	POST /api/clock       {"move": "2h" | "7d" | "tomorrow 8" | "next"}
//	POST /api/reset       {}
//	GET  /api/transcript  ?chat=NAME: one chat as a transcript; without, all of them
//	GET  /api/file        a file that was handed over
package web
