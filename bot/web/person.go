package web

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"handrail"
)

// Person is one of the people of the story, who has one chat on the page.
type Person struct {
	// Chat is the chat's id in addresses: stored, so stable.
	Chat string
	// Name is what the page calls them: "Dr Asha Rao".
	Name string
	// Role is what they are, in lower case unless it is an abbreviation: "GP", "link worker".
	Role string
	// Hint is one line that says what to try in this chat.
	Hint string
	// Starters are messages to send with one press, for a visitor who does not know what to write.
	Starters []string
	// Joins is set on the one person who opens enrolment links: a link to "#join=CODE", wherever it is shown, sends
	// "/start CODE" from this chat.
	Joins bool
	// Near, when set, gives the chat a button that shares this place as where the person is. It is made up, so the
	// page never asks the browser where the visitor is.
	Near *handrail.Point
}

// Label is how transcripts name the person: the role in capitals without spaces, "LINKWORKER".
func (p Person) Label() string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, p.Role)
}

// checkPeople finds every mistake at once.
func checkPeople(people []Person) error {
	if len(people) == 0 {
		return errors.New("no people")
	}
	var errs []error
	chats, labels, joins := map[string]bool{}, map[string]bool{}, 0
	for i, p := range people {
		switch {
		case p.Chat == "" || p.Name == "" || p.Label() == "":
			errs = append(errs, fmt.Errorf("person %d needs a chat, a name and a role", i+1))
		case chats[p.Chat]:
			errs = append(errs, fmt.Errorf("person %d has the chat of an earlier one", i+1))
		case labels[p.Label()]:
			errs = append(errs, fmt.Errorf("person %d has the role of an earlier one; transcripts could not tell them apart", i+1))
		}
		chats[p.Chat], labels[p.Label()] = true, true
		if p.Joins {
			joins++
		}
	}
	if joins > 1 {
		errs = append(errs, errors.New("more than one person opens enrolment links"))
	}
	return errors.Join(errs...)
}
