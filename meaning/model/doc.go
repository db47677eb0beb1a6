// Package model asks an optional language model, behind an OpenAI-shaped interface, for the little that rules cannot do:
// to read what they were unsure of, to pick out what mattered to a patient, to suggest a plainer wording of a listing, and
// to put another language into English. Without a configured endpoint it makes no call at all (M1).
//
// A model may add and never decides. It has no tools, no ids and no way to consent, book, write or clear a flag (M5). What
// it is shown is redacted first, and not shown at all where the redaction is unsure (M2). What it answers is held against
// a closed schema and against the text it was asked about; an answer that breaks either is discarded whole (M3), and the
// reading by rules is used as if no model were there.
//
//	c, err := model.New(model.Settings{BaseURL: "http://127.0.0.1:11434/v1", Name: "small-instruct", Vocabulary: v, Clock: clock, Log: log})
//	defer c.Close()
//	reading := c.Read(ctx, "staff 7", "74F LU3, hubby passed in spring, used to love her crochet")
//	fmt.Println(reading.Words(), reading.Added) // always at least what the rules read
package model
