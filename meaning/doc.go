// Package meaning turns what staff type into what they mean: "F 72 recently widowed, likes gardening, free, Tues am,
// near LU1 2AB" becomes a postcode, an age, a need, an interest and the conditions that must hold. It is rules over a
// table of words (vocabulary.toml) and makes no call to anything.
//
// What it is unsure of it leaves out: an absent field asks for nothing, and Words tells the person how they were
// understood, so that they can put it right.
//
//	v, err := meaning.NewVocabulary("bury park", "marsh farm")
//	u := meaning.Understand("widower, 74, misses his allotment, Bury Park, no money", v)
//	fmt.Println(u.Words())                     // near Bury Park, gardening, after a bereavement, free
//	words := v.WordsFor(u.Interests[0])        // what to look for in listings
//	u = u.Without(u.Parts()[0])                // one part taken out with a tap
//
// It also reads what patients write: Refusal codes why they say no, Themes what they say of a visit, YesNo an answer and
// TimeWords a date and a time. Identifiers finds identifying details, and Redact takes them out of a text before it leaves
// the practice or says that it cannot. EvaluateQueries and EvaluateRefusals measure all this on labelled sets; WithTable
// lays a deployment's own words over the table.
package meaning
