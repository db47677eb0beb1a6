package dialogs

// WishPhrases are the ways of saying each wish that the reader is tested with; "" are near misses.
func WishPhrases() map[string]string {
	out := map[string]string{}
	for _, c := range wishCases() {
		out[string(c.want)] = c.said
	}
	return out
}

// FirstName is firstName.
func FirstName(said, lead string) string { return firstName(said, lead) }
