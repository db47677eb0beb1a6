// Package urgent knows the words that mean danger, and the fixed cards that answer them. It imports no model and no
// network, so it works while everything else is away (K4), and it keeps no state.
//
//	if found, ok := urgent.Scan(text); ok {
//		card, ok := urgent.Card(found.Kind, urgent.England, told)
//		...
//	} else if urgent.Unreadable(text) {
//		// say so, and show the general card
//	}
//
// A miss costs far more than a false alarm; yet false alarms teach people to ignore the bot, so figures of speech,
// bereavement and what is plainly past or denied are known too. There is no score and no grade (K16): a message is
// found or not, and a person looks.
//
// The words are in the folder table, for a clinician to read and review: 0-groups.txt says how. Table has its rules in a
// form to print, Find says which rule found what and where, Evaluate measures a labelled set. How well it does on sets
// that it was not written from is in testdata/README.md.
//
// Some rules alert by themselves (suicide by name, an overdose). The rest, and signs that need not be danger alone, are
// weighed together, one sentence with the one before it (weigh.go), and the words around them shift the sum a little
// (company.go): so a wording that nobody wrote down is found by what it says, and a class, a joke or a death long ago speak
// against it. The sum is compared with a bound and forgotten.
//
// Scan reads all of a message, whatever its length, in time linear in it, and copes with whatever bytes it is given
// (B1-B7): a message is taken apart into words in plain form (fold.go, words.go), each a number that the table knows; a
// rule is tried only where its rarest word stands (table.go), and matched by masks of lengths, without going back and
// forth (match.go); then come denial, time, and whose life it is (scan.go). A long message is read part by part (long.go). One of
// many times what a chat takes, made to cost as much as can be, is not read to its end and is answered as danger.
package urgent
