package bot

// Secret is something that must not be printed: a network's token. The settings' own type is one.
type Secret interface {
	// Reveal returns the value.
	Reveal() string
}
