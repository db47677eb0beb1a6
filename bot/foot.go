package bot

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"handrail"
)

// foot adds the buttons that stand below everything that is said with buttons to this person: once, under the last such
// message of a turn, where the channel has room for them. Where options are numbered in the text they are left out: there
// whoever reads types words.
func (b *Bot) foot(who Who, to handrail.Address, out []Message, at time.Time) error {
	if b.below == nil {
		return nil
	}
	limits := Limits{}
	if c, ok := b.channels[to.Channel]; ok {
		limits = c.Limits()
	}
	for i, m := range slices.Backward(out) {
		if len(m.Choices()) == 0 || m.Form != nil {
			continue
		}
		below := b.below(who)
		n := len(m.Options) + len(below)
		if last := len(m.Cards) - 1; last >= 0 && limits.Cards == 0 {
			n += len(m.Cards[last].Options) // they come under the last card
		}
		if len(below) == 0 || n > limits.Options {
			return nil
		}
		for _, o := range below {
			there := slices.ContainsFunc(m.Options, func(is Option) bool { return is.Press != nil && *is.Press == *o.Press })
			if there || limits.LabelChars > 0 && utf8.RuneCountInString(o.Label) > limits.LabelChars {
				continue
			}
			m.Options = append(slices.Clip(m.Options), o)
		}
		if err := b.signer.Seal(&m, to, at); err != nil {
			return fmt.Errorf("what stands below: %w", err)
		}
		out[i] = m
		return nil
	}
	return nil
}
