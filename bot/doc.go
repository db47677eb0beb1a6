// Package bot is the conversation engine. It knows how to hold a conversation and nothing of health: what came in is
// an Update, what goes out is a Message, a Channel carries both, and a Dialog is an ordinary function that reads like
// the conversation.
//
//	greet := bot.Dialog{
//		Name:  "greet",
//		Opens: "greet.opens", // a catalogue line: "hello|good morning"
//		Script: func(t *bot.Talk) error {
//			name := t.Text("name", t.Words("greet.ask"))
//			if !t.Confirm("sure", t.Words("greet.sure", "name", name)) {
//				return nil
//			}
//			bot.Do(t, "save", "greet.undo", func(ctx context.Context) (bool, error) {
//				return true, records.SaveName(ctx, name)
//			})
//			t.Say(t.Words("greet.hello", "name", name))
//			return nil
//		},
//	}
//
// Each turn replays the script from the top; a question that has an answer returns it at once, so the whole state of
// a conversation is a flat list of named answers. Talk tells what a script may and may not do.
//
// An update is committed in the inbox before its network is told that it arrived (Deliver), thought about one at a
// time in each conversation (Step, Run), and answered through the outbox. Ledger and States are the two stores, and
// "a turn over two stores" in the house's plan is the rule that keeps them true to each other: see turn in bot.go.
package bot
