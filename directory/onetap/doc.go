// Package onetap asks organisers who have no chat whether their group is still on: a signed link that is sent by e-mail or
// text opens a page with four answers. Opening it changes nothing, so the scanners and previews of mail programs do no
// harm; pressing a button does, once. A link that is forged, expired or of another deployment shows the same plain page as
// one that never was.
//
// The link is the only proof there is: whoever holds it may answer. So it names one question and not a person, ends after
// a month, stays out of other sites' logs, and an answer says what it changes before it is pressed.
//
//	links, err := onetap.NewLinks(key, "https://handrail.example/still-on")
//	address, err := links.Address(ask)
//	page, err := onetap.New(onetap.Options{Links: links, Records: records, Answer: dialogs.Answers(deps), Clock: clock})
//	mux.Handle("/still-on/", http.StripPrefix("/still-on", page))
package onetap
