package bot

// Words is where everything that a person reads comes from: catalogues, by language and key. dialogs/text implements
// it. A missing key is a programming error that the catalogue's test finds; Words then returns the key itself, so that
// a person still gets something.
type Words interface {
	// Text returns the words under key with each {name} replaced. args are pairs of name and value; a value goes in as
	// it is and is never read as markup.
	Text(lang, key string, args ...string) Text
	// Line is Text as one plain line, for labels.
	Line(lang, key string, args ...string) string
}
