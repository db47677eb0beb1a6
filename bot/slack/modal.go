package slack

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"handrail/bot"
)

// sheet is what a modal remembers of its form: enough to check what is typed before it is acknowledged, without asking
// anybody, so that a form that was open during a deploy still lands. It is a view's private_metadata.
type sheet struct {
	Token string  `json:"t"`
	Place string  `json:"p,omitempty"`
	Check []check `json:"c,omitempty"`
}

// check is a field with what its check needs.
type check struct {
	Name     string        `json:"n"`
	Kind     bot.FieldKind `json:"k"`
	Required bool          `json:"r,omitempty"`
	MaxChars int           `json:"m,omitempty"`
	Min      int           `json:"lo,omitempty"`
	Max      int           `json:"hi,omitempty"`
	Pattern  string        `json:"x,omitempty"`
	Wrong    string        `json:"w,omitempty"`
}

// field is the field again; a choice's options are Slack's to hold to.
func (k check) field() bot.Field {
	f := bot.Field{
		Name: k.Name, Kind: k.Kind, Required: k.Required, MaxChars: k.MaxChars, Min: k.Min, Max: k.Max, Pattern: k.Pattern, Wrong: k.Wrong,
	}
	if f.Kind == bot.FieldChoice {
		f.Kind = bot.FieldLine
	}
	return f
}

// metadata writes the sheet. What does not fit is left to the engine, which checks everything once more.
func metadata(f bot.Form, place string) string {
	s := sheet{Token: f.Token, Place: place}
	for _, x := range f.Fields {
		s.Check = append(s.Check, check{x.Name, x.Kind, x.Required, x.MaxChars, x.Min, x.Max, x.Pattern, x.Wrong})
	}
	for {
		raw, err := json.Marshal(s)
		if err == nil && utf8.RuneCount(raw) <= maxMetadata {
			return string(raw)
		}
		if len(s.Check) == 0 {
			return ""
		}
		s.Check = s.Check[:len(s.Check)-1]
	}
}

// fieldBlock and fieldValue are the ids of a field in a view.
const (
	fieldBlock = "field:"
	fieldValue = "value"
	formView   = "form" // the callback id of a form's view
)

// modal draws a form.
func (c *Channel) modal(intro bot.Text, f bot.Form, place string) slack.ModalViewRequest {
	v := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formView, PrivateMetadata: metadata(f, place), NotifyOnClose: true,
		Title: plain(cut(f.Title, maxTitle)), Submit: plain(cut(f.Submit, maxTitle)), Close: plain(cut(c.texts.Cancel, maxTitle)),
	}
	if strings.TrimSpace(f.Submit) == "" {
		v.Submit = plain("Send")
	}
	var all []slack.Block
	if utf8.RuneCountInString(f.Title) > maxTitle {
		all = append(all, slack.NewHeaderBlock(plain(cut(f.Title, 150))))
	}
	if rich := richText(intro); len(rich) > 0 {
		all = append(all, slack.NewRichTextBlock("intro", rich...))
	}
	for _, x := range f.Fields {
		all = append(all, c.input(x))
	}
	v.Blocks = slack.Blocks{BlockSet: all[:min(len(all), maxViewBlocks)]}
	return v
}

// input is one field of a modal.
func (c *Channel) input(f bot.Field) slack.Block {
	var element slack.BlockElement
	switch f.Kind {
	case bot.FieldNumber:
		e := slack.NewNumberInputBlockElement(nil, fieldValue, false)
		if f.Min < f.Max {
			e.MinValue, e.MaxValue = strconv.Itoa(f.Min), strconv.Itoa(f.Max)
		}
		if _, err := strconv.Atoi(strings.TrimSpace(f.Value)); err == nil && f.Check(f.Value) == bot.ProblemNone {
			e.InitialValue = strings.TrimSpace(f.Value)
		}
		element = e
	case bot.FieldChoice:
		element = c.selection(f)
	case bot.FieldTick:
		yes := slack.NewOptionBlockObject("yes", plain(cut(c.texts.Yes, maxLabel)), nil) // the label stands above it
		e := slack.NewCheckboxGroupsBlockElement(fieldValue, yes)
		if f.Value == "yes" {
			e.InitialOptions = []*slack.OptionBlockObject{yes}
		}
		element = e
	default:
		e := slack.NewPlainTextInputBlockElement(nil, fieldValue)
		e.Multiline = f.Kind == bot.FieldWords
		e.MaxLength = maxInput
		if f.MaxChars > 0 {
			e.MaxLength = min(f.MaxChars, maxInput)
		}
		e.InitialValue = string([]rune(valid(f.Value))[:min(utf8.RuneCountInString(valid(f.Value)), e.MaxLength)])
		element = e
	}
	b := slack.NewInputBlock(fieldBlock+f.Name, plain(cut(f.Label, maxHint)), nil, element)
	if strings.TrimSpace(f.Hint) != "" {
		b.Hint = plain(cut(f.Hint, maxHint))
	}
	b.Optional = !f.Required
	return b
}

// selection is a list to choose from; more than a list holds come in groups.
func (c *Channel) selection(f bot.Field) slack.BlockElement {
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(c.texts.Pick), fieldValue)
	var all []*slack.OptionBlockObject
	for _, o := range f.Options {
		if o.Answer == "" || len(o.Answer) > maxOptionValue {
			continue
		}
		x := slack.NewOptionBlockObject(o.Answer, plain(cut(o.Label, maxLabel)), nil)
		if o.Answer == f.Value {
			e.InitialOption = x
		}
		all = append(all, x)
	}
	if len(all) <= maxChoices {
		e.Options = all
		return e
	}
	for i := 0; len(all) > 0 && i < maxChoices; i++ {
		n := min(len(all), maxChoices)
		e.OptionGroups = append(e.OptionGroups, slack.NewOptionGroupBlockElement(plain(fmt.Sprintf("%d to %d", i*maxChoices+1, i*maxChoices+n)), all[:n]...))
		all = all[n:]
	}
	return e
}

// typed are the values of a view that was sent in, by field name.
func (v wireView) typed() map[string]string {
	out := map[string]string{}
	for block, values := range v.State.Values {
		name, ok := strings.CutPrefix(block, fieldBlock)
		x, there := values[fieldValue]
		if !ok || !there {
			continue
		}
		switch {
		case x.Selected != nil:
			out[name] = x.Selected.Value
		case x.Type == "checkboxes":
			out[name] = ""
			if len(x.Ticked) > 0 {
				out[name] = "yes"
			}
		default:
			out[name] = x.Value
		}
	}
	return out
}

// wrong is what is wrong with what was typed, by block id, in words; nil when nothing is.
func (c *Channel) wrong(s sheet, typed map[string]string) map[string]string {
	var out map[string]string
	for _, k := range s.Check {
		f := k.field()
		p := f.Check(typed[f.Name])
		if p == bot.ProblemNone {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[fieldBlock+f.Name] = c.complaint(f, p)
	}
	return out
}

func (c *Channel) complaint(f bot.Field, p bot.Problem) string {
	switch p {
	case bot.ProblemMissing:
		return c.texts.Missing
	case bot.ProblemLong:
		return fmt.Sprintf(c.texts.Long, f.MaxChars)
	case bot.ProblemOption:
		return c.texts.Option
	}
	if f.Wrong != "" {
		return f.Wrong
	}
	if p == bot.ProblemNumber || p == bot.ProblemRange {
		return c.texts.Number
	}
	return c.texts.Pattern
}
