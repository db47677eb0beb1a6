package house

import (
	"strings"

	"handrail/bot"
)

type tempCards struct{}

func (tempCards) Card(kind string, told bool) bot.Text { return bot.Para("CARD " + kind) }
func (tempCards) Short(kind string) bot.Text           { return bot.Para("SHORT " + kind) }

type tempScanner struct{}

func (tempScanner) Scan(s string) string {
	if strings.Contains(strings.ToLower(s), "kill myself") {
		return "general"
	}
	return ""
}
