// Package slackapi is a strict local Slack: a server on loopback that behaves as Slack does towards an app, for tests. It
// holds every call of the Web API to a table of methods and parameters, and every message, modal and home tab to the
// documented limits of Block Kit; it delivers events, presses, commands and forms by HTTP, signed, or over Socket Mode,
// waits three seconds for an acknowledgement and delivers again as Slack does; it limits, refuses, hangs and loses answers
// as it is told; and it keeps what each person saw.
//
// A call that Slack would refuse is answered as Slack answers it. A call that no careful app makes (an unknown method or
// parameter, a block beyond a limit, a post where others could read it) also fails the test.
//
//	api := slackapi.New(t, slackapi.Options{})
//	team := api.Team("T1")
//	ch, err := slack.New(slack.Options{APIURL: api.URL(), AppToken: token(api.AppToken()), BotToken: token(team.Token()), ...})
//	rao := team.Person("U1")
//	done := rao.Say("badminton near LS9") // closed once the app has acknowledged it
//	rao.Press(rao.Seen()[0], "Refer")
//	api.Faults(slackapi.Fault{Method: "chat.postMessage", Drop: slackapi.DropAfter})
//
// The limits are those of https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/reference/methods as of
// November 2026. The server is not Slack: it has no threads of its own, no search, no user tokens, and limits speed only
// where Options says so.
package slackapi
