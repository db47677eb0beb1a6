package poster

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"rsc.io/qr"
)

//go:embed invite.html
var inviteHTML string

// Invite is a one-time link for one person, to be handed over: a bot cannot write first.
type Invite struct {
	Name string // what they like to be called
	Link string // opens the chat
	Code string // for who types it
}

// inviteWords are what the card says. It may lie about at home, so it names no practice, no reason and no group.
type inviteWords struct {
	Hello, What, Scan, Open, Type, Once, Year, Danger, QRLabel string
}

func inviteEnglish() inviteWords {
	return inviteWords{
		Hello:   "Hello %s",
		What:    "Here is how to find something to do near you.",
		Scan:    "Scan this with your phone's camera.",
		Open:    "Or open this link:",
		Type:    "If it asks for a code, it is:",
		Once:    "It works once, for 7 days.",
		Year:    "It will ask for the year you were born, so that nobody else can use it.",
		Danger:  "This is not an emergency service. If a life is in danger, call 999.",
		QRLabel: "A code to scan with a phone. It opens the link below.",
	}
}

// InviteCard writes a card to print: one HTML file that needs nothing else, A6.
func InviteCard(w io.Writer, i Invite) error {
	c, err := newCode(i.Link)
	if err != nil {
		return err
	}
	t, err := template.New("invite").Parse(inviteHTML)
	if err != nil {
		return fmt.Errorf("read the card's page: %w", err)
	}
	words := inviteEnglish()
	words.Hello = fmt.Sprintf(words.Hello, short(i.Name, 40))
	var out bytes.Buffer
	if err := t.Execute(&out, struct {
		W    inviteWords
		Code code
		Invite
	}{words, c, i}); err != nil {
		return fmt.Errorf("write the card: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the card: %w", err)
	}
	return nil
}

// CodePicture is a QR code as a PNG picture, black on white with its quiet zone, eight pixels a square: to be shown on one
// phone and scanned with another.
func CodePicture(text string) ([]byte, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("make the code: %w", err)
	}
	return c.PNG(), nil
}
