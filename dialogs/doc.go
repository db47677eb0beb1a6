// Package dialogs holds the conversations of Handrail, one file each, and the guards that run before them. What a
// conversation says is in dialogs/text; what it does, it does through the small interfaces that its file declares; how
// it goes is shown by its transcript in testdata.
//
//	engine, err := bot.New(bot.Options{
//		Dialogs: dialogs.All(deps),
//		Guards:  dialogs.Guards(deps),
//		...
//	})
//
// To add one, write a file with a function that returns a bot.Dialog, add it to the list in All, and write its
// transcript.
package dialogs
