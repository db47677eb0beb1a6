// Package handrail holds the nouns of a social prescribing service: the practice, its staff, the patient, the
// buddy who goes along the first time, the referral that joins them, the groups they may go to, and what happened
// when they went. It imports nothing but the standard library, knows no network and no database, and every life
// cycle in it is a small explicit state machine whose illegal steps are errors.
//
// # A tour of the house
//
// The three sentences that say where a thing goes:
//
//  1. This package holds the nouns and imports nothing of ours; package bot knows how to hold a conversation and
//     nothing of health; every other room does one job with one technology and is named after it.
//  2. Redis holds what may be forgotten; SQL holds what may not.
//  3. A message is accepted before it is thought about: an adapter acknowledges once the update is committed in the
//     inbox, and a reply or reminder is sent from the outbox; so a crash loses nothing and a redelivery changes nothing.
//
// Bottom up:
//
//	handrail (here)      the nouns: referral.go, enrolment.go, attendance.go, accompaniment.go, consent.go, ...
//	bot                  the conversation engine: updates, messages, dialogs that are replayed, guards
//	bot/bottest          transcripts, the suites that every channel and store must pass, strict local networks, a rig to kill
//	bot/web              the channel of the demo page; further channels stand beside it, one folder each
//	bot/telegram         the patients' channel
//	bot/wire             what every channel needs: whether a request was written, errors without secrets, a Run that ends whole
//	store/records        SQL: people, referrals, consents, inbox, outbox, effects, audit trail
//	store/conversations  Redis: where each conversation stands (the records database does this where no Redis is)
//	outbox               how a message leaves: classes, leases, settling
//	directory            what is on: places, search and ranking. Its rooms: sources reads formats, feeds pulls them,
//	                     calendar says when a group meets, prose reads times from words, places knows the towns;
//	                     publish, poster and onetap are what of it the world sees
//	meaning              free text to meaning: what a GP typed; meaning/model is the optional language model
//	urgent               words that mean danger, and the fixed cards
//	alerts               calls staff to somebody in danger, by chat and then by e-mail, until one of them takes it on
//	dialogs              the conversations themselves, one file each; their words are in dialogs/text
//	reminders            when to speak first: one file a job
//	house                joins the rooms together; demo, serve and the transcripts all run this one wiring
//	config               one struct, one Load
//	cmd/handrail         the command
//
// A referral's life, in this package's words:
//
//	r := handrail.Referral{State: handrail.ReferralOffered}
//	err := r.Send()            // the GP refers: offered -> sent
//	err = r.Accept("sta_maya") // the link worker takes it on: sent -> accepted
//	err = r.Send()             // an illegal step: the error names both states
package handrail
