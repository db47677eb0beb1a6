package web_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/bot/web"
)

// A channel keeps what it sent, and tells it as a transcript.
func Example() {
	dir, err := os.MkdirTemp("", "chats")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ch, err := web.New(web.Options{
		Dir:      dir,
		Practice: "hilltop",
		Clock:    func() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) },
		Zone:     time.UTC,
		People:   []web.Person{{Chat: "frank", Name: "Frank", Role: "patient", Joins: true}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ch.Close()
	ref, err := ch.Send(context.Background(), handrail.Address{Practice: "hilltop", Channel: "web", Chat: "frank"}, bot.Message{
		Text:    bot.Para("Will you be there on Tuesday?"),
		Options: []bot.Option{{Label: "Yes", Payload: "y"}, {Label: "No", Payload: "n"}},
	})
	fmt.Println(ref, err)
	if err := ch.WriteTranscript(os.Stdout, "frank", ""); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 <nil>
	// # A chat of the Handrail demo, as it was on Frank's phone. Everybody in it is fictional.
	// == Monday 2 November 2026, 09:00
	// -> PATIENT: Will you be there on Tuesday?
	//     [Yes] [No]
}
