package model_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"handrail/meaning/model"
)

// canary is a detail that must never leave, and how to look for it: by its letters in small letters, or by its digits.
type canary struct {
	kind, shown string
	parts       []string
}

// canaries makes one detail of each kind.
func canaries(r *rand.Rand) []canary {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(byte('0' + r.IntN(10)))
		}
		return b.String()
	}
	first := pick("Zebedee", "Oluwaseun", "Siobhan", "Krzysztof", "Thandiwe", "Mohammed", "Margaret", "Rhiannon", "Priyanka", "Aoife", "Jaswinder", "Dmitri", "Chukwuemeka", "Wojciech", "Yusuf", "Gwendolyn")
	last := pick("Quillfeather", "Adeyemi", "O'Shaughnessy", "Wisniewski", "Mbeki", "Hussain", "Featherstonehaugh", "Llewellyn", "Chatterjee", "Ni Bhriain", "Bhullar", "Karamazov", "Okonkwo", "Szczepanski", "Demir", "Ramsbottom")
	other := pick("Beryl Ottershaw", "Cuthbert Penhaligon", "Ifeoma Nwachukwu", "Agnieszka Zielinska", "Harpreet Sandhu", "Dafydd Prydderch")
	everyday := pick("Rose Baker", "Grace Wood", "Joy Butcher", "Mark Hill", "Dawn Fisher", "Bill Shepherd", "Ivy Barber", "Frank Carpenter", "Hope Weaver")
	nhs := nhsNumber(r)
	day, month, year := 1+r.IntN(28), 1+r.IntN(12), 1930+r.IntN(60)
	dob := pick(fmt.Sprintf("%d/%d/%d", day, month, year), fmt.Sprintf("%02d.%02d.%d", day, month, year), fmt.Sprintf("%02d-%02d-%d", day, month, year),
		fmt.Sprintf("%d %s %d", day, pick("March", "Aug", "September", "Oct"), year))
	postcode := pick("LU", "NG", "LS", "WA", "EH") + fmt.Sprintf("%d %d", 1+r.IntN(9), 1+r.IntN(9)) + pick("AB", "TF", "QX", "JD", "HP")
	phone := pick("07700 900"+digits(3), "07700900"+digits(3), "01582 49"+digits(4), "+44 7700 900"+digits(3), "(01582) 49"+digits(4), "07700-900-"+digits(3))
	email := strings.ToLower(first) + "." + digits(2) + "@" + pick("example.org", "nhs.example", "mail.example.co.uk")
	id := pick("chat id ", "telegram ", "tg id ", "user ") + string(byte('1'+r.IntN(9))) + digits(9)
	handle := "@" + strings.ToLower(first) + digits(3)
	letters := func(s string) []string {
		var out []string
		for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
			if len(w) > 3 {
				out = append(out, w)
			}
		}
		return out
	}
	number := func(s string) []string { return []string{onlyDigits(s)} }
	return []canary{
		{"name", first + " " + last, letters(first + " " + last)},
		{"name", pick("pt ", "patient ", "Mrs ", "Mr ", "Ms ", "Dr ") + last, letters(last)},
		{"other", pick("his wife ", "her son ", "neighbour ", "carer ", "daughter ", "friend ") + other, letters(other)},
		{"lower case", strings.ToLower(first + " " + last), letters(first + " " + last)},
		{"everyday", everyday, letters(everyday)},
		{"everyday", pick("Mrs ", "Mr ", "pt ", "his wife ") + everyday, letters(everyday)},
		{"nhs", pick("NHS ", "nhs no ", "") + nhs, number(nhs)},
		{"nhs", nhs[:3] + " " + nhs[3:6] + " " + nhs[6:], number(nhs)},
		{"dob", pick("dob ", "DOB: ", "born ", "") + dob, []string{strings.ToLower(dob)}},
		{"postcode", pick(postcode, strings.ReplaceAll(postcode, " ", ""), strings.ToLower(postcode)), []string{strings.ToLower(strings.ReplaceAll(postcode, " ", ""))}},
		{"phone", phone, []string{onlyDigits(phone)[2:]}},
		{"email", email, []string{email, strings.ToLower(first)}},
		{"id", id, number(id)},
		{"handle", handle, []string{handle[1:]}},
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// nhsNumber makes a number of ten digits with the right check digit.
func nhsNumber(r *rand.Rand) string {
	for {
		n, sum := 400000000+r.IntN(399999999), 0
		nine := fmt.Sprint(n)
		for i, d := range nine {
			sum += int(d-'0') * (10 - i)
		}
		check := 11 - sum%11
		if check == 11 {
			check = 0
		}
		if check < 10 {
			return nine + fmt.Sprint(check)
		}
	}
}

// note writes what a member of staff or a patient might, with details in it.
func note(r *rand.Rand) (string, []canary) {
	bodies := []string{
		"%s, 74F LU3, hubby passed in the spring, used to love her crochet, sits staring at four walls",
		"72 yr old widower %s, misses his allotment, Bury Park, no money",
		"please find something for %s, likes singing but hates crowds, weekday mornings",
		"%s. Retired postman, cannot sleep, would like company in Luton",
		"Good morning, do you know of a craft group round Kempston way for %s, gets the bus everywhere",
		"46M anxious, off work, %s, walking group near Marsh Farm, needs somebody to go along",
		"I feel stuck at home since the operation and I miss my friends (%s)",
		"free chair exercise, %s, housebound mostly, wheelchair",
		"lady, %s, speaks Urdu only, cooking or sewing, women only",
		"%s used to play darts at the club, feels low since it closed",
	}
	all := canaries(r)
	used := []canary{all[r.IntN(len(all))]}
	shown := used[0].shown
	for range r.IntN(3) {
		more := all[r.IntN(len(all))]
		used, shown = append(used, more), shown+[]string{", ", " ", " - ", "; "}[r.IntN(4)]+more.shown
	}
	return fmt.Sprintf(bodies[r.IntN(len(bodies))], shown), used
}

// A thousand messages with details in them go by every way a text can leave; none of the details is in what a proxy
// captured, in the log, or in an error.
func TestClient_M2_G3_CanariesStayHere(t *testing.T) {
	t.Parallel()
	url, got := serve(t, func(body []byte) string {
		switch {
		case bytes.Contains(body, []byte(`"name":"summary"`)):
			return envelope(`{"points":[]}`)
		}
		return envelope(`{"found":[]}`)
	})
	var log bytes.Buffer
	c := client(t, url, func(s *model.Settings) {
		s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	r := rand.New(rand.NewPCG(2026, 11))
	ctx := context.Background()
	const messages = 1000
	withheld, leaks := 0, 0
	for i := range messages {
		text, details := note(r)
		before := len(got.all())
		var err error
		switch i % 2 {
		case 0:
			err = c.Read(ctx, "chat 7310558821", text).Err
			if safe, redactErr := c.Redact(text); redactErr == nil && err == nil {
				_, _, err = c.Understand(ctx, "chat 7310558821", safe) // where Read saw no need to ask
			}
		case 1:
			var safe model.Redacted
			if safe, err = c.Redact(text); err == nil {
				_, _, err = c.Summary(ctx, "chat 7310558821", permitted(), []model.Redacted{safe})
			}
		}
		switch {
		case errors.Is(err, model.ErrUnsure):
			withheld++
		case err != nil:
			t.Fatalf("%v", err)
		}
		for _, body := range append(got.all()[before:], log.Bytes(), []byte(fmt.Sprint(err))) {
			if tells(t, body, details) != "" {
				leaks++
				t.Errorf("left by way %d: %s\n%s", i%3, tells(t, body, details), text)
			}
		}
		log.Reset()
	}
	sent := len(got.all())
	t.Logf("%d messages: %d questions captured, %d withheld as unsure, %d leaks", messages, sent, withheld, leaks)
	if sent < messages/3 {
		t.Errorf("only %d of %d messages were sent, so the scan shows little", sent, messages)
	}
	for _, body := range got.all() {
		if bytes.Contains(body, []byte("7310558821")) {
			t.Fatal("who asked was sent")
		}
	}
}

// tells names the kind of the first detail that is in something that left; empty where none is.
func tells(t *testing.T, body []byte, details []canary) string {
	text := string(body)
	if json.Valid(body) {
		text = "" // what people said, without the fixed prompt
		for _, m := range decode(t, body).Messages[1:] {
			text += m.Content
		}
	}
	low := strings.ToLower(text)
	close := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(low)
	for _, d := range details {
		for _, part := range d.parts {
			if strings.Contains(low, part) || strings.Contains(close, strings.ReplaceAll(part, " ", "")) {
				return d.kind
			}
		}
	}
	return ""
}
