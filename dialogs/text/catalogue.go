package text

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// catalogue is one file, as it was read.
type catalogue struct {
	about Language
	words map[string]string // by "group.key"
	lacks []string
}

// header is the first table of a catalogue.
type header struct {
	Catalogue struct {
		Name        string `toml:"name"`
		English     string `toml:"english"`
		Checked     bool   `toml:"checked"`
		RightToLeft bool   `toml:"right_to_left"`
		// Lacks names the texts that a draft has not got yet: English is used for them.
		Lacks []string `toml:"lacks"`
	} `toml:"catalogue"`
}

// read reads one file. Everything but the first table is groups of words.
func read(tag string, raw []byte) (catalogue, error) {
	var h header
	if err := toml.Unmarshal(raw, &h); err != nil {
		return catalogue{}, err
	}
	about := Language{Tag: tag, Name: h.Catalogue.Name, English: h.Catalogue.English, Checked: h.Catalogue.Checked, RightToLeft: h.Catalogue.RightToLeft}
	if about.Name == "" || about.English == "" {
		return catalogue{}, errors.New("its first table names no language")
	}
	var groups map[string]map[string]any
	if err := toml.Unmarshal(raw, &groups); err != nil {
		return catalogue{}, err
	}
	delete(groups, "catalogue")
	words := map[string]string{}
	for group, keys := range groups {
		for key, value := range keys {
			s, ok := value.(string)
			if !ok {
				return catalogue{}, fmt.Errorf("%s.%s is no text", group, key)
			}
			words[group+"."+key] = strings.TrimSpace(s)
		}
	}
	if s := words["language.not_ready.own"]; s != "" {
		about.NotReady = parse(s)
	}
	return catalogue{about: about, words: words, lacks: h.Catalogue.Lacks}, nil
}
