package model

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"handrail"
	"handrail/directory/postcode"
	"handrail/meaning"
)

// Translatable lists the languages that Translate takes, as languages of a group are named.
func Translatable() []string { return languages() }

func translatePrompt(*meaning.Vocabulary) (Prompt, error) {
	return newPrompt("translate", nil, object(property("english", text())))
}

// Translate puts a patient's message into English for the rules to read. It is asked after urgent help has looked at the
// original, and its answer is looked at again; a person confirms in their own words or by a button what was read from it.
//
// Which words of another language are names cannot be told here, so such a text is refused with ErrUnsure, unless the
// model is on this very machine and TranslateHere is set; numbers, postcodes and addresses are taken out even then. The
// permission must be the patient's for PurposeModel and live now.
func (c *Client) Translate(ctx context.Context, who string, permission handrail.Permission, message, language string) (string, Cost, error) {
	if permission.Purpose != handrail.PurposeModel || !permission.Live() {
		return "", Cost{}, ErrNoPermission
	}
	if !slices.Contains(languages(), language) {
		return "", Cost{}, handrail.Errorf(handrail.KindInvalid, "", "model: translate: the language is not on the list")
	}
	if !c.On() {
		return "", Cost{}, ErrOff
	}
	shown, err := c.Redact(message)
	if err != nil && c.here && c.borders {
		shown, err = c.mask(message)
	}
	if err != nil {
		return "", Cost{}, err
	}
	type question struct {
		Language string `json:"language"`
		Text     string `json:"text"`
	}
	type answer struct {
		English *string `json:"english"`
	}
	a, cost, err := ask(ctx, c, who, c.translate, question{language, shown.text}, func(a answer) error {
		switch {
		case a.English == nil, strings.TrimSpace(*a.English) == "":
			return errors.New("a field is missing")
		case utf8.RuneCountInString(*a.English) > 4*utf8.RuneCountInString(shown.text)+100:
			return errors.New("it is too long")
		case !english(*a.English):
			return errors.New("it is not in English")
		case telling(*a.English), strings.ContainsAny(*a.English, "<>{}"):
			return errors.New("it holds an address that is not there")
		case addsDigits(shown.text, *a.English):
			return errors.New("it holds a number that is not there")
		}
		return nil
	})
	if err != nil {
		return "", cost, err
	}
	return strings.TrimSpace(*a.English), cost, nil
}

// addsDigits is addsNumber for two languages: a number in words may stand for one of the other's words, digits may not.
func addsDigits(before, after string) bool {
	was := numbers(before)
	for _, w := range words(after) {
		for n := range numbers(w) {
			if numberWord(w) == 0 && n != "half" && n != "quarter" && n != "12" && !was[n] {
				return true
			}
		}
	}
	return false
}

// mask takes out of a text in any language what can be told without knowing words: what the rules find, postcodes, long
// numbers, handles and addresses of the net. Names stay, so it is for a model on this machine alone.
func (c *Client) mask(typed string) (Redacted, error) {
	s := legible(typed)
	if len(s) > maxSent || !utf8.ValidString(typed) {
		return Redacted{}, ErrUnsure
	}
	var kept contacts
	s = sealed.ReplaceAllString(kept.seal(c.vocabulary, s), "[detail]")
	for _, p := range slices.Backward(postcode.Find(s)) {
		s = s[:p.Start] + "[postcode]" + s[p.End:]
	}
	if telling(s) {
		return Redacted{}, ErrUnsure
	}
	return Redacted{s}, nil
}
