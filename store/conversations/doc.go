// Package conversations keeps in Redis where each conversation stands. It implements bot.States and may lose
// everything: the engine notices a lost or older state and says so in one sentence; nothing that counts is in here.
//
// A state is stored under the conversation's key, which is a keyed hash: neither a name nor an address reaches Redis.
// The bytes are stored as they are given. Every value has a time to live, which is only a broom: what expires for a
// reason is decided by the records and the passed clock.
//
//	states, err := conversations.Open(ctx, "redis://127.0.0.1:6379/0")
//	if err != nil {
//		return err // the address cannot be read; a Redis that is away is no error here
//	}
//	defer states.Close()
//	version, err := states.Save(ctx, conversation, state, 0, 30*24*time.Hour)
//
// With Redis away every method returns an error of handrail.KindUnavailable within the timeout.
package conversations
