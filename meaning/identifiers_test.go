package meaning

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestIdentifiers(t *testing.T) {
	v := vocabulary(t)
	for _, c := range []struct{ text, want string }{
		{"NHS 943 476 5919 likes art", "nhs_number:943 476 5919"},
		{"943-476-5919", "nhs_number:943-476-5919"},
		{"9434765919 yoga", "nhs_number:9434765919"},
		{"call 07700 900123", "phone:07700 900123"},
		{"07700900123", "phone:07700900123"},
		{"+44 7700 900 456", "phone:+44 7700 900 456"},
		{"(020) 7946 0958", "phone:(020) 7946 0958"},
		{"01632 960 983", "phone:01632 960 983"},
		{"mail jan.cole@example.com today", "email:jan.cole@example.com"},
		{"dob 3/4/51", "dob:dob 3/4/51"},
		{"born 1951-04-03", "dob:born 1951-04-03"},
		{"14/09/1939 widow", "dob:14/09/1939"},
		{"DOB: 1 Feb 1960", "dob:DOB: 1 Feb 1960"},
		{"b. 3.4.51 M", "dob:b. 3.4.51"},
		{"Mrs Patel likes art", "name:Mrs Patel"},
		{"pt John Smith wants bowls", "name:John Smith"},
		{"re: Mary O'Neill", "name:Mary O'Neill"},
		{"Oluwaseun is 33", "name:Oluwaseun"},
		{"lives at 14 Acacia Road", "address:14 Acacia Road"},
		{"Flat 6, 22 Regent St", "address:Flat 6, 22 Regent St"},
		{"F 70 Church Road area", ""},
		{"Dr Shah asks for yoga", ""},
		{"seen 3/4/2026, likes art", ""},
		{"EMIS 45821", ""},
		{"LU1 2AB", ""},
		{"M 45 gardening in March", ""},
	} {
		var got []string
		for _, id := range v.Identifiers(c.text) {
			got = append(got, id.Kind+":"+c.text[id.From:id.To])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// nhsNumber makes an NHS number whose check digit is right from nine digits, and reports whether there is one.
func nhsNumber(n int) (string, bool) {
	digits := fmt.Sprintf("%09d", n)
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * (10 - i)
	}
	switch check := (11 - sum%11) % 11; check {
	case 10:
		return "", false
	default:
		return fmt.Sprintf("%s%d", digits, check), true
	}
}

// Whatever is planted in a message is taken out of it, or the message is said not to be safe to send.
func TestRedact_M2_Canaries(t *testing.T) {
	v := vocabulary(t)
	first := []string{"Oluwaseun", "Mary", "Zbigniew", "Parminder", "Siobhan", "Xanthippe", "Quillon", "Aoibheann", "Tariq", "Myfanwy", "jean", "DOREEN", "Rose", "Grace"}
	last := []string{"Adeyemi", "O'Neill", "Kowalczyk", "Dhaliwal", "Featherstonehaugh", "Baker", "Wood", "Ng", "Ó Briain", "Singh-Carter", "Walker"}
	frames := []string{
		"%s likes gardening near LU3", "pt %s, 72, widow, wants a choir", "re: %s - can you find yoga", "Mrs %s is lonely and hard of hearing", "her neighbour %s could come along",
		"72F %s no car weekday am free", "spoke to %s yesterday, anxious", "thanks, and ask %s about it too", "%s", "his daughter %s rang; he likes bowls",
	}
	runs, sent := 0, 0
	one := func(rt *rapid.T) {
		pick := func(list []string, label string) string { return rapid.SampledFrom(list).Draw(rt, label) }
		var canaries []string
		text := ""
		switch rapid.IntRange(0, 6).Draw(rt, "kind") {
		case 0, 1:
			f, l := pick(first, "first"), pick(last, "last")
			canaries = []string{f, l}
			text = fmt.Sprintf(pick(frames, "frame"), f+" "+l)
		case 2:
			n, ok := nhsNumber(rapid.IntRange(400000000, 799999999).Draw(rt, "nhs"))
			if !ok {
				return
			}
			sep := pick([]string{"", " ", "-", "  "}, "separator")
			n = n[:3] + sep + n[3:6] + sep + n[6:]
			canaries, text = []string{n, n[len(n)-4:]}, fmt.Sprintf(pick(frames, "frame"), "NHS no "+n)
		case 3:
			d, m, y := rapid.IntRange(1, 28).Draw(rt, "d"), rapid.IntRange(1, 12).Draw(rt, "m"), rapid.IntRange(1920, 2009).Draw(rt, "y")
			dob := fmt.Sprintf(pick([]string{"%02d/%02d/%d", "%d.%d.%d", "%d-%d-%d"}, "form"), d, m, y)
			canaries, text = []string{dob}, fmt.Sprintf(pick(frames, "frame"), "dob "+dob)
		case 4:
			phone := fmt.Sprintf("07%03d%s%06d", rapid.IntRange(100, 999).Draw(rt, "a"), pick([]string{"", " ", "-"}, "gap"), rapid.IntRange(0, 999999).Draw(rt, "b"))
			canaries, text = []string{phone, phone[len(phone)-6:]}, fmt.Sprintf(pick(frames, "frame"), "tel "+phone)
		case 5:
			mail := pick([]string{"j.smith", "mary_1951", "zk"}, "box") + "@" + pick([]string{"example.com", "nhs.net", "mail.example.co.uk"}, "host")
			canaries, text = []string{mail}, fmt.Sprintf(pick(frames, "frame"), mail)
		case 6:
			code := pick([]string{"LU3 1QP", "SW1A 1AA", "EH6 5QG"}, "postcode")
			chat := fmt.Sprint(rapid.IntRange(10000000, 999999999).Draw(rt, "chat"))
			canaries, text = []string{code, chat}, fmt.Sprintf(pick(frames, "frame"), code+" chat "+chat)
		}
		redacted, sure := v.Redact(text)
		runs++
		if !sure {
			return
		}
		sent++
		for _, c := range canaries {
			if len(c) > 2 && strings.Contains(strings.ToLower(redacted), strings.ToLower(c)) {
				rt.Fatalf("%q survives in %q", c, redacted)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) { // ten messages each
		for range 10 {
			one(rt)
		}
	})
	if sent*2 < runs {
		t.Errorf("only %d of %d messages could be sent at all", sent, runs)
	}
}

// What has nothing to tell of anybody is left as it is, or redaction would be of no use.
func TestRedact_LeavesTheRest(t *testing.T) {
	v := vocabulary(t)
	for _, text := range []string{
		"72F widow likes knitting, no car, weekday mornings, free",
		"lonely, wants a coffee morning near LU3",
		"anxious, would like somebody to go along the first time",
	} {
		if got, sure := v.Redact(text); got != text || !sure {
			t.Errorf("%q became %q, sure %v", text, got, sure)
		}
	}
	for _, text := range []string{"J o h n S m i t h", "oh seven seven double nine one two", "Иван Петров", strings.Repeat("art ", 2000)} {
		if got, sure := v.Redact(text); sure {
			t.Errorf("%.40q became %.40q and is said to be safe", text, got)
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, s := range []string{"Mrs Patel 943 476 5919", "a\u200bb@c.de", "\xff", "ﬁ ½ 07700900123", "İ 14 Acacia Road", strings.Repeat("ẞ", 20) + " 14/09/1939", strings.Repeat("ẞ", 20) + " 14 March 1939"} {
		f.Add(s)
	}
	v := vocabulary(f)
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, id := range v.Identifiers(text) {
			if id.From < last || id.To <= id.From || id.To > len(text) {
				t.Fatalf("%+v in a text of %d bytes, after %d", id, len(text), last)
			}
			last = id.To
		}
		v.Redact(text)
	})
}

// A megabyte is never sent: what lies beyond the part that is read was not looked at.
func TestRedact_Megabyte(t *testing.T) {
	v := vocabulary(t)
	for _, piece := range []string{"gardening ", "👩‍👩‍👧 ", "שלום ", "07700 900123 "} {
		text := strings.Repeat(piece, 1<<20/len(piece))
		if _, sure := v.Redact(text); sure {
			t.Errorf("a megabyte of %q is said to be safe", piece)
		}
		v.Identifiers(text)
		v.Understand(text)
		v.Refusal(text)
		YesNo(text)
	}
}
