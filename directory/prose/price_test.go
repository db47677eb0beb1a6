package prose_test

import (
	"testing"

	"handrail"
	"handrail/directory/prose"
)

func TestPrices_Table(t *testing.T) {
	const none, words = -2, -1 // says nothing; says something that is no one price
	for _, c := range []struct {
		text string
		want int
	}{
		{"£2.50 per session", 250}, {"free, donations welcome", 0}, {"£3 members £4 others", 400}, {"£3", 300}, {"£3.00", 300}, {"£2.5", 250}, {"50p", 50}, {"3 pounds", 300},
		{"Cost: £1.50 per week including tea and biscuits", 150}, {"£5 to £8", 800}, {"£4/£3 concessions", 400}, {"£4 (£2.50 conc)", 400}, {"Adults £6, children £3", 600},
		{"There is a charge of £2.20 for lunch", 220}, {"Lunch costs £3", 300}, {"Suggested donation £2", 200}, {"£1 donation", 100}, {"Entry £2 on the door", 200},
		{"Free", 0}, {"FREE", 0}, {"Free of charge", 0}, {"No charge", 0}, {"There is no charge for this service", 0}, {"Sessions are free", 0}, {"It's free to attend", 0}, {"A free event for all", 0},
		{"This is a free, friendly group", 0}, {"Free for all", 0}, {"Completely free", 0}, {"Free, tea and coffee 50p", 0}, {"Admission free", 0}, {"Nil", 0}, {"Free entry", 0}, {"Free drop-in", 0},
		{"Free for carers, £3 others", 300}, {"First session free, then £4 per class", 400}, {"First session free", words}, {"Free for over 60s", words}, {"Free if you live in Leith", words},
		{"£20 a year", words}, {"Annual membership £10", words}, {"£10 annual membership and £2 per session", words}, {"£30 for a six week course", words}, {"£15 per month", words}, {"£40 per term", words},
		{"Tea and coffee 50p", words}, {"Donations welcome", words}, {"By donation", words}, {"£150 per person", words}, {"Hall hire £12 per hour", words},
		{"Free parking", none}, {"Gluten-free lunch", none}, {"A smoke free, alcohol free space", none}, {"Please feel free to drop in", none}, {"free wifi", none}, {"Call Freephone 0800 000000", none}, {"", none}, {"Borrow any of our items for free", none}, {"£48.00", words}, {"Ingredients will be approximately £6 a week", words}, {"£20", 2000},
		{"We raised £5,000 for the hall from a lottery grant last year and thank everybody who helped us", none}, {"A £10,000 grant", none}, {"Save £300 on your heating with our advice", none}, {"a £2m project", none}, {"£20k of funding", none},
		{"The session is not free", none}, {"Meets on Tuesdays at 10.30", none}, {"Benefits worth £50 a week", none}, {"Tuesdays 2pm-4pm, 50 places", none}, {"£", none}, {"£x", none}, {"£999999999999", none},
	} {
		got, ok := prose.Prices(c.text)
		is := none
		switch {
		case ok && got.Known:
			is = got.Pence
		case ok:
			is = words
		}
		if is != c.want {
			t.Errorf("%q is %d (%+v), want %d", c.text, is, got, c.want)
		}
		if ok && got.Text == "" || !ok && got != (handrail.Cost{}) {
			t.Errorf("%q: %+v, %v", c.text, got, ok)
		}
	}
}
