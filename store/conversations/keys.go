package conversations

// Every key of ours in Redis is made here.

// stateKey is where a conversation's state is: a hash of v (version) and s (state).
func stateKey(conversation string) string { return "handrail:conv:" + conversation }

// counterKey is where the highest version ever given is: a string.
func counterKey() string { return "handrail:conv-version" }

// paceKey is where the newest requests of a channel, or of a chat in it, are: a sorted set.
func paceKey(of string) string { return "handrail:pace:" + of }

// pauseKey is where a channel's pause is: a string.
func pauseKey(channel string) string { return "handrail:pause:" + channel }
