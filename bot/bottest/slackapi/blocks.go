package slackapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of https://docs.slack.dev/reference/block-kit: blocks, block-elements, composition-objects, and of
// https://docs.slack.dev/reference/views.

// Block is one block as a person sees it.
type Block struct {
	Type     string
	ID       string
	Text     string // all words of it
	Elements []Element
	Label    string // of an input
	Picture  string // the address of an image, or of the one beside a section
	Alt      string // what it shows, for those who cannot see it
	Raw      json.RawMessage
	Hint     string
	Optional bool
}

// Element is something to press, pick or type into.
type Element struct {
	Type    string
	ID      string // action_id
	Text    string
	Value   string
	URL     string
	Style   string
	Options []Choice
	Initial string
	Max     int
}

// Choice is one of a list.
type Choice struct{ Text, Value string }

// View is a modal or a home tab as a person sees it.
type View struct {
	ID       string
	Title    string
	Submit   string
	Blocks   []Block
	Metadata string
	Callback string
	Notify   bool // the app wants to hear when it is closed
	Closed   bool
}

// strict reads an object and refuses fields that are not known.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

type textObject struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji"`
	Verbatim *bool  `json:"verbatim"`
}

// words checks a text object and returns what it shows.
func (o *textObject) words(what string, most int, plain bool) (string, error) {
	switch {
	case o == nil:
		return "", fmt.Errorf("%s is missing", what)
	case o.Type != "plain_text" && (plain || o.Type != "mrkdwn"):
		return "", fmt.Errorf("%s is of type %q", what, o.Type)
	case o.Text == "":
		return "", fmt.Errorf("%s is empty", what)
	case utf8.RuneCountInString(o.Text) > most:
		return "", fmt.Errorf("%s has %d characters, %d are allowed", what, utf8.RuneCountInString(o.Text), most)
	case o.Type == "mrkdwn" && o.Emoji != nil:
		return "", fmt.Errorf("%s: emoji goes with plain_text only", what)
	case o.Type == "mrkdwn" && pings(o.Text) != "":
		return "", fmt.Errorf("%s would ping %s (B20)", what, pings(o.Text))
	}
	return o.Text, nil
}

// pings says whom a text with markup would ping; empty for nobody.
func pings(s string) string {
	for _, start := range []string{"<!", "<@"} {
		if strings.Contains(s, start) {
			return "somebody"
		}
	}
	return ""
}

func readBlocks(raw []json.RawMessage, surface string) ([]Block, error) {
	most := 100
	if surface == "message" {
		most = 50
	}
	if len(raw) > most {
		return nil, fmt.Errorf("%d blocks, %d are allowed in a %s", len(raw), most, surface)
	}
	var out []Block
	ids := map[string]bool{}
	for i, r := range raw {
		b, err := readBlock(r, surface)
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", i+1, err)
		}
		switch {
		case len(b.ID) > 255:
			return nil, fmt.Errorf("block %d: an id of %d characters, 255 are allowed", i+1, len(b.ID))
		case b.ID != "" && ids[b.ID]:
			return nil, fmt.Errorf("block %d: the id %q is there twice", i+1, b.ID)
		}
		ids[b.ID] = true
		out = append(out, b)
	}
	return out, nil
}

func readBlock(raw json.RawMessage, surface string) (Block, error) {
	var kind struct {
		Type string `json:"type"`
		ID   string `json:"block_id"`
	}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return Block{}, err
	}
	b := Block{Type: kind.Type, ID: kind.ID, Raw: raw}
	var err error
	switch kind.Type {
	case "divider":
		var x struct {
			Type string `json:"type"`
			ID   string `json:"block_id"`
		}
		err = strict(raw, &x)
	case "header":
		var x struct {
			Type string      `json:"type"`
			ID   string      `json:"block_id"`
			Text *textObject `json:"text"`
		}
		if err = strict(raw, &x); err == nil {
			b.Text, err = x.Text.words("a header", 150, true)
		}
	case "section":
		var x struct {
			Type      string          `json:"type"`
			ID        string          `json:"block_id"`
			Text      *textObject     `json:"text"`
			Accessory json.RawMessage `json:"accessory"`
			Expand    *bool           `json:"expand"`
		}
		if err = strict(raw, &x); err == nil {
			b.Text, err = x.Text.words("a section", 3000, false)
		}
		if err == nil && x.Accessory != nil {
			err = b.beside(x.Accessory)
		}
	case "image":
		var x struct {
			Type string `json:"type"`
			ID   string `json:"block_id"`
			imageObject
			Title *textObject `json:"title"`
		}
		if err = strict(raw, &x); err == nil {
			err = b.shows(x.imageObject)
		}
	case "context":
		var x struct {
			Type     string        `json:"type"`
			ID       string        `json:"block_id"`
			Elements []*textObject `json:"elements"`
		}
		if err = strict(raw, &x); err == nil && (len(x.Elements) == 0 || len(x.Elements) > 10) {
			err = fmt.Errorf("a context of %d elements", len(x.Elements))
		}
		for _, e := range x.Elements {
			var s string
			if s, err = e.words("a context", 3000, false); err != nil {
				break
			}
			b.Text += s
		}
	case "rich_text":
		b.Text, err = readRich(raw)
	case "actions":
		b.Elements, err = readActions(raw)
	case "input":
		if surface == "message" {
			return b, errors.New("an input in a message") // allowed now, but not for this app
		}
		err = readInput(raw, &b)
	default:
		err = fmt.Errorf("this server knows no block %q", kind.Type)
	}
	return b, err
}

// imageObject is a picture by its address.
type imageObject struct {
	URL string `json:"image_url"`
	Alt string `json:"alt_text"`
}

// shows checks a picture: https://docs.slack.dev/reference/block-kit/blocks/image-block.
func (b *Block) shows(x imageObject) error {
	switch {
	case !strings.HasPrefix(x.URL, "https://") && !strings.HasPrefix(x.URL, "http://") || len(x.URL) > 3000:
		return errors.New("a picture without an address")
	case x.Alt == "" || utf8.RuneCountInString(x.Alt) > 2000:
		return fmt.Errorf("a picture with an alternative text of %d characters, 1 to 2,000 are allowed", utf8.RuneCountInString(x.Alt))
	}
	b.Picture, b.Alt = x.URL, x.Alt
	return nil
}

// beside reads what stands beside a section: of this app's nothing but a picture.
func (b *Block) beside(raw json.RawMessage) error {
	var x struct {
		Type string `json:"type"`
		imageObject
	}
	if err := strict(raw, &x); err != nil {
		return err
	}
	if x.Type != "image" {
		return fmt.Errorf("this server knows no %q beside a section", x.Type)
	}
	return b.shows(x.imageObject)
}

// readRich reads rich text as a phone shows it.
func readRich(raw json.RawMessage) (string, error) {
	type run struct {
		Type  string          `json:"type"`
		Text  string          `json:"text"`
		URL   string          `json:"url"`
		Style map[string]bool `json:"style"`
	}
	type part struct {
		Type     string            `json:"type"`
		Style    string            `json:"style"`
		Indent   int               `json:"indent"`
		Border   int               `json:"border"`
		Offset   int               `json:"offset"`
		Elements []json.RawMessage `json:"elements"`
	}
	var x struct {
		Type     string `json:"type"`
		ID       string `json:"block_id"`
		Elements []part `json:"elements"`
	}
	if err := strict(raw, &x); err != nil {
		return "", err
	}
	if len(x.Elements) == 0 {
		return "", errors.New("rich text without elements")
	}
	line := func(elements []json.RawMessage) (string, error) {
		var b strings.Builder
		if len(elements) == 0 {
			return "", errors.New("a rich text section without elements")
		}
		for _, e := range elements {
			var r run
			if err := strict(e, &r); err != nil {
				return "", err
			}
			switch {
			case r.Type != "text" && r.Type != "link":
				return "", fmt.Errorf("a run of type %q: it could ping somebody (B20)", r.Type)
			case r.Type == "link" && !strings.HasPrefix(r.URL, "http"):
				return "", errors.New("a link that leads nowhere")
			case r.Text == "":
				return "", errors.New("an empty run")
			}
			for name := range r.Style {
				if !slices.Contains([]string{"bold", "italic", "strike", "code", "underline"}, name) {
					return "", fmt.Errorf("a run in style %q", name)
				}
			}
			b.WriteString(r.Text)
		}
		return b.String(), nil
	}
	var parts []string
	for _, p := range x.Elements {
		switch p.Type {
		case "rich_text_section":
			s, err := line(p.Elements)
			if err != nil {
				return "", err
			}
			parts = append(parts, s)
		case "rich_text_list":
			if p.Style != "bullet" && p.Style != "ordered" {
				return "", fmt.Errorf("a list in style %q", p.Style)
			}
			var items []string
			for _, raw := range p.Elements {
				var item part
				if err := strict(raw, &item); err != nil || item.Type != "rich_text_section" {
					return "", errors.New("a list of something else than sections")
				}
				s, err := line(item.Elements)
				if err != nil {
					return "", err
				}
				items = append(items, "- "+s)
			}
			parts = append(parts, strings.Join(items, "\n"))
		default:
			return "", fmt.Errorf("this server knows no rich text %q", p.Type)
		}
	}
	text := strings.Join(parts, "\n\n")
	if n := utf8.RuneCountInString(text); n > 12000 { // of all text in a message's blocks: msg_blocks_too_long
		return "", fmt.Errorf("a rich text of %d characters", n)
	}
	return text, nil
}

type optionObject struct {
	Text        *textObject `json:"text"`
	Value       string      `json:"value"`
	Description *textObject `json:"description"`
}

func (o optionObject) choice() (Choice, error) {
	s, err := o.Text.words("an option", 75, true)
	if err == nil && (o.Value == "" || utf8.RuneCountInString(o.Value) > 150) {
		err = fmt.Errorf("an option's value of %d characters, 1 to 150 are allowed", utf8.RuneCountInString(o.Value))
	}
	return Choice{s, o.Value}, err
}

type elementObject struct {
	Type        string         `json:"type"`
	ID          string         `json:"action_id"`
	Text        *textObject    `json:"text"`
	Value       string         `json:"value"`
	URL         string         `json:"url"`
	Style       string         `json:"style"`
	Access      string         `json:"accessibility_label"`
	Placeholder *textObject    `json:"placeholder"`
	Options     []optionObject `json:"options"`
	Groups      []struct {
		Label   *textObject    `json:"label"`
		Options []optionObject `json:"options"`
	} `json:"option_groups"`
	Initial  *optionObject  `json:"initial_option"`
	Ticked   []optionObject `json:"initial_options"`
	Start    string         `json:"initial_value"`
	Multi    bool           `json:"multiline"`
	MinChars int            `json:"min_length"`
	MaxChars int            `json:"max_length"`
	Decimal  *bool          `json:"is_decimal_allowed"`
	Min      string         `json:"min_value"`
	Max      string         `json:"max_value"`
	Focus    bool           `json:"focus_on_load"`
}

// element checks what can be pressed, picked or typed into.
func (x elementObject) element() (Element, error) {
	e := Element{Type: x.Type, ID: x.ID, Value: x.Value, URL: x.URL, Style: x.Style, Initial: x.Start, Max: x.MaxChars}
	var err error
	if len(x.ID) > 255 {
		return e, fmt.Errorf("an action id of %d characters, 255 are allowed", len(x.ID))
	}
	switch x.Type {
	case "button":
		e.Text, err = x.Text.words("a button", 75, true)
		switch {
		case err != nil:
		case utf8.RuneCountInString(x.Value) > 2000:
			err = fmt.Errorf("a button's value of %d characters, 2,000 are allowed", utf8.RuneCountInString(x.Value))
		case len(x.URL) > 3000:
			err = errors.New("a button's address is too long")
		case !slices.Contains([]string{"", "primary", "danger"}, x.Style):
			err = fmt.Errorf("a button in style %q", x.Style)
		case x.ID == "":
			err = errors.New("a button without an action id")
		}
	case "static_select", "checkboxes", "radio_buttons":
		err = x.choices(&e)
	case "plain_text_input":
		switch {
		case x.MaxChars < 0 || x.MaxChars > 3000:
			err = fmt.Errorf("an input of %d characters, 3,000 are allowed", x.MaxChars)
		case x.MaxChars > 0 && utf8.RuneCountInString(x.Start) > x.MaxChars:
			err = errors.New("an input that begins with more than it takes")
		}
	case "number_input":
		if x.Decimal == nil {
			err = errors.New("a number input must say whether it takes decimals")
		}
	default:
		err = fmt.Errorf("this server knows no element %q", x.Type)
	}
	return e, err
}

func (x elementObject) choices(e *Element) error {
	all, most := x.Options, 100
	if x.Type != "static_select" {
		most = 10
	}
	for _, g := range x.Groups {
		if _, err := g.Label.words("a group's label", 75, true); err != nil {
			return err
		}
		if len(g.Options) > 100 || len(g.Options) == 0 {
			return fmt.Errorf("a group of %d options", len(g.Options))
		}
		all = append(all, g.Options...)
	}
	if len(x.Options) > most || len(x.Groups) > 100 || len(all) == 0 || len(x.Options) > 0 && len(x.Groups) > 0 {
		return fmt.Errorf("%d options in %d groups, %d are allowed", len(x.Options), len(x.Groups), most)
	}
	if x.Placeholder != nil {
		if _, err := x.Placeholder.words("a placeholder", 150, true); err != nil {
			return err
		}
	}
	for _, o := range all {
		c, err := o.choice()
		if err != nil {
			return err
		}
		e.Options = append(e.Options, c)
	}
	if x.Initial != nil {
		x.Ticked = append(x.Ticked, *x.Initial)
	}
	for _, o := range x.Ticked {
		c, err := o.choice()
		if err != nil {
			return err
		}
		if !slices.Contains(e.Options, c) {
			return errors.New("an initial option that is none of the options")
		}
		e.Initial = c.Value
	}
	return nil
}

func readActions(raw json.RawMessage) ([]Element, error) {
	var x struct {
		Type     string          `json:"type"`
		ID       string          `json:"block_id"`
		Elements []elementObject `json:"elements"`
	}
	if err := strict(raw, &x); err != nil {
		return nil, err
	}
	if len(x.Elements) == 0 || len(x.Elements) > 25 {
		return nil, fmt.Errorf("actions with %d elements, 1 to 25 are allowed", len(x.Elements))
	}
	var out []Element
	seen := map[string]bool{}
	for _, o := range x.Elements {
		e, err := o.element()
		if err != nil {
			return nil, err
		}
		if seen[e.ID] {
			return nil, fmt.Errorf("the action id %q is there twice", e.ID)
		}
		seen[e.ID] = true
		out = append(out, e)
	}
	return out, nil
}

func readInput(raw json.RawMessage, b *Block) error {
	var x struct {
		Type     string         `json:"type"`
		ID       string         `json:"block_id"`
		Label    *textObject    `json:"label"`
		Hint     *textObject    `json:"hint"`
		Element  *elementObject `json:"element"`
		Optional bool           `json:"optional"`
		Dispatch bool           `json:"dispatch_action"`
	}
	if err := strict(raw, &x); err != nil {
		return err
	}
	var err error
	if b.Label, err = x.Label.words("a label", 2000, true); err != nil {
		return err
	}
	if x.Hint != nil {
		if b.Hint, err = x.Hint.words("a hint", 2000, true); err != nil {
			return err
		}
	}
	if x.Element == nil || x.ID == "" || x.Element.ID == "" {
		return errors.New("an input without an element or ids")
	}
	e, err := x.Element.element()
	b.Elements, b.Optional, b.Text = []Element{e}, x.Optional, b.Label
	return err
}

func readView(raw json.RawMessage, kind string) (*View, error) {
	var x struct {
		Type     string            `json:"type"`
		Title    *textObject       `json:"title"`
		Submit   *textObject       `json:"submit"`
		Close    *textObject       `json:"close"`
		Blocks   []json.RawMessage `json:"blocks"`
		Metadata string            `json:"private_metadata"`
		Callback string            `json:"callback_id"`
		Notify   bool              `json:"notify_on_close"`
		Clear    bool              `json:"clear_on_close"`
		External string            `json:"external_id"`
	}
	if err := strict(raw, &x); err != nil {
		return nil, fmt.Errorf("view: %w", err)
	}
	v := &View{Metadata: x.Metadata, Callback: x.Callback, Notify: x.Notify}
	var err error
	if x.Type != kind {
		return nil, fmt.Errorf("a view of type %q, want %q", x.Type, kind)
	}
	if n := utf8.RuneCountInString(x.Metadata); n > 3000 {
		return nil, fmt.Errorf("private_metadata of %d characters, 3,000 are allowed", n)
	}
	if len(x.Callback) > 255 {
		return nil, errors.New("a callback id of more than 255 characters")
	}
	if v.Blocks, err = readBlocks(x.Blocks, kind); err != nil {
		return nil, err
	}
	inputs := slices.ContainsFunc(v.Blocks, func(b Block) bool { return b.Type == "input" })
	if kind == "modal" {
		if v.Title, err = x.Title.words("a title", 24, true); err != nil {
			return nil, err
		}
		if x.Submit != nil || inputs {
			if v.Submit, err = x.Submit.words("the button that sends it", 24, true); err != nil {
				return nil, err
			}
		}
		if x.Close != nil {
			if _, err = x.Close.words("the button that closes it", 24, true); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}
