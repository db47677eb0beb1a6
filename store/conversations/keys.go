package conversations

// Every key of ours in Redis is made here.

// stateKey is where a conversation's state is: a hash of v (version) and s (state).
func stateKey(conversation string) string { return "handrail:conv:" + conversation }

// counterKey is where the highest version ever given is: a string.
func counterKey() string { return "handrail:conv-version" }
