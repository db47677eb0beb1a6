// Package urgent knows the words that mean danger, and the fixed cards that answer them. It imports no model and no
// network, so it works while everything else is away (K4), and it keeps no state.
//
//	if found, ok := urgent.Scan(text); ok {
//		card, ok := urgent.Card(found.Kind, urgent.England, told)
//		...
//	}
//
// A miss costs far more than a false alarm; yet false alarms teach people to ignore the bot, so figures of speech,
// bereavement and what is plainly past or denied are known too. There is no score and no grade (K16): a message is
// found or not, and a person looks.
//
// The words are in words.txt, which says how to read it. Scan reads all of a message, whatever its length, in time
// linear in it, and copes with whatever bytes it is given (B1-B7).
package urgent
