// Package botapi is a strict local Bot API: a server on loopback that behaves as Telegram's does towards a bot, for
// tests. It holds every call to a table of methods, parameters, types and limits that was generated from the published
// description of the Bot API (spec.json, see its source and licence there); it keeps a queue of updates with Telegram's
// own rules of confirmation, polling and webhooks; it limits, refuses, hangs and loses answers as it is told; and it
// keeps what each person saw.
//
// A call that Telegram would refuse is answered as Telegram answers it. A call that no careful bot makes (an unknown
// method or parameter, a wrong type) also fails the test.
//
//	api := botapi.New(t, botapi.Options{})
//	ch, err := telegram.New(telegram.Options{Token: token(api.Token()), APIURL: api.URL(), ...})
//	ann := api.Person(1001)
//	done := ann.Send("hello")   // closed once the bot has confirmed the update
//	ann.Press(ann.Seen()[0].ID, "Yes")
//	api.Faults(botapi.Fault{Method: "sendMessage", Drop: botapi.DropAfter})
//
// The server is not Telegram. It knows no groups but as places that a bot is put into and leaves, no media but photos
// and documents, no MarkdownV2, and its limits of speed are on only when Options sets them.
package botapi
