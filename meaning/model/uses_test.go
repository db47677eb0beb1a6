package model_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"handrail"
	"handrail/meaning"
	"handrail/meaning/model"
)

// A schema-valid answer that is wrong is discarded whole; one that is right is used.
func TestUnderstand_M3_Grounding(t *testing.T) {
	const note = "Lady turned seventy-four, or 74F, sits staring at four walls, near Bury Park or LU3, sleeps in till noon, loves crochet [her own]"
	var answer string
	url, _ := serve(t, func([]byte) string { return envelope(answer) })
	c := client(t, url, nil)
	for _, row := range []struct {
		key, value, quote string
		ok                bool
	}{
		{"needs", "loneliness", "sits staring at four walls", true},
		{"needs", "loneliness", "SITS  staring, at four walls", true},
		{"needs", "loneliness", "its staring at four walls", false},
		{"needs", "loneliness", "sits staring at four wall", false},
		{"needs", "loneliness", "sits at four walls", false},
		{"needs", "loneliness", "", false},
		{"needs", "loneliness", "  ", false},
		{"needs", "loneliness", "or", false},
		{"needs", "loneliness", "at", false},
		{"needs", "loneliness", "[her own]", false},
		{"needs", "loneliness", "her own", false},
		{"needs", "lonely", "sits staring at four walls", false},
		{"interests", "loneliness", "sits staring at four walls", false},
		{"interests", "knitting_sewing", "loves crochet", true},
		{"age", "74", "74F", true},
		{"age", "74", "turned seventy-four", true},
		{"age", "70", "turned seventy-four", false},
		{"age", "4", "turned seventy-four", true}, // the word stands there; the rules' own age wins
		{"age", "47", "74F", false},
		{"age", "7", "74F", false},
		{"age", "074", "74F", false},
		{"age", "+74", "74F", false},
		{"age", "740", "74F", false},
		{"age", "74", "Lady", false},
		{"place", "bury park", "near Bury Park", true},
		{"place", "bury park", "LU3", false},
		{"place", "luton", "near Bury Park", false},
		{"place", "lady", "Lady turned", false},
		{"place", "Bury Park", "near Bury Park", false},
		{"postcode", "LU3", "LU3", true},
		{"postcode", "lu3", "LU3", false},
		{"postcode", "LU4", "LU3", false},
		{"postcode", "LU3 1AA", "LU3", false},
		{"postcode", "SW1A 1AA", "near Bury Park", false},
		{"days", "mon", "sleeps in till noon", true},
		{"days", "monday", "sleeps in till noon", false},
		{"times", "night", "sleeps in till noon", false},
		{"gender", "female", "Lady", true},
		{"gender", "other", "Lady", false},
		{"must", "home", "four walls", true},
		{"must", "urgent", "four walls", false},
		{"identifiers", "name", "Lady", false},
		{"radius_m", "1200", "Lady", false},
		{"language", "klingon", "Lady", false},
		{"consent", "chat", "Lady", false},
		{"", "", "Lady", false},
	} {
		raw, err := json.Marshal(map[string]any{"found": []model.Finding{{Key: row.key, Value: row.value, Quote: row.quote}}})
		if err != nil {
			t.Fatal(err)
		}
		answer = string(raw)
		c.Forget()
		safe := redact(t, c, note)
		found, _, err := c.Understand(context.Background(), "gp", safe)
		if row.ok != (err == nil) || !row.ok && !errors.Is(err, model.ErrDiscarded) || !row.ok && found != nil {
			t.Errorf("%s=%s by %q in %q: %v", row.key, row.value, row.quote, safe, err)
		}
		for _, word := range []string{"walls", "klingon", "Bury"} {
			if err != nil && strings.Contains(err.Error(), word) {
				t.Errorf("the error tells: %v", err)
			}
		}
	}
}

// Whatever findings come, the rules' reading stands: nothing of it is changed or taken away, what they turned down does
// not come back, and a search moves to no second place.
func TestFindings_M3_OnlyAdd(t *testing.T) {
	v := vocabulary(t)
	notes := []string{
		"72F LU1 knitting, free", "not keen on singing, 46M, Bury Park, tuesday mornings", "denies low mood, anything but bingo", "women only group LU3 weekdays",
		"lady, sits staring at four walls", "", "man of 80 wants darts near us tomorrow", "speaks urdu, cooking, no car", "carer for husband with dementia",
	}
	keys := []string{"interests", "needs", "must", "days", "times", "when", "gender", "single_sex", "language", "age", "place", "postcode"}
	some := map[string][]string{"interests": v.Interests(), "needs": v.Needs(), "must": {"buddy", "free", "home", "no_car", "step_free", "unlabelled"},
		"days": {"mon", "tue", "sun"}, "times": {"morning", "evening"}, "when": {"today", "weekend"}, "gender": {"female", "male"}, "single_sex": {"women", "men"},
		"language": {"urdu", "polish"}, "age": {"19", "72"}, "place": {"luton", "bury park"}, "postcode": {"LU1", "EH1"}}
	rapid.Check(t, func(t *rapid.T) {
		note := rapid.SampledFrom(notes).Draw(t, "note")
		words := append(strings.Fields(note), "staring")
		var found model.Findings
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			key := rapid.SampledFrom(keys).Draw(t, "key")
			from := rapid.IntRange(0, len(words)-1).Draw(t, "from")
			to := rapid.IntRange(from+1, len(words)).Draw(t, "to")
			found = append(found, model.Finding{Key: key, Value: rapid.SampledFrom(some[key]).Draw(t, "value"), Quote: strings.Join(words[from:to], " ")})
		}
		rules := v.Understand(note)
		keep := v.Understand(note)
		both, added := found.AddTo(v, rules)
		if !reflect.DeepEqual(rules, keep) {
			t.Fatal("the rules' reading itself was changed")
		}
		was, is := pairs2(t, rules), pairs2(t, both)
		for p := range was {
			if !is[p] {
				t.Fatalf("%s is gone", p)
			}
		}
		if len(is) != len(was)+len(added) {
			t.Fatalf("%v and %v make %v", was, added, is)
		}
		for _, no := range rules.Not {
			if is["interests="+no] && !was["interests="+no] {
				t.Fatalf("%s was turned down and came back", no)
			}
		}
		if rules.Place+rules.Postcode != "" && (both.Place != rules.Place || both.Postcode != rules.Postcode) {
			t.Fatal("the search moved")
		}
		if both.SingleSex == "women" && both.Gender == "male" || both.SingleSex == "men" && both.Gender == "female" {
			if rules.SingleSex != "" || rules.Gender != "" {
				t.Fatal("a group that the patient cannot go to")
			}
		}
	})
}

// pairs2 is pairs for a property.
func pairs2(t *rapid.T, u meaning.Understood) map[string]bool {
	raw, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for k, v := range object {
		if list, ok := v.([]any); ok {
			for _, one := range list {
				out[k+"="+one.(string)] = true
			}
			continue
		}
		raw, _ := json.Marshal(v)
		out[k+"="+string(raw)] = true
	}
	return out
}

func TestFindings_TurnedDownStaysDown(t *testing.T) {
	v := vocabulary(t)
	for _, row := range []struct {
		note string
		f    model.Finding
		ok   bool
	}{
		{"not keen on singing, 72F", model.Finding{Key: "interests", Value: "singing", Quote: "singing"}, false},
		{"not keen on singing, 72F", model.Finding{Key: "interests", Value: "music", Quote: "keen on singing"}, true},
		{"not keen on singing, 72F", model.Finding{Key: "interests", Value: "singing", Quote: "72F"}, false},
		{"denies low mood, 46M", model.Finding{Key: "needs", Value: "low_mood", Quote: "low mood"}, false},
		{"carer for husband with dementia", model.Finding{Key: "needs", Value: "dementia", Quote: "dementia"}, false},
		{"any day but tuesday", model.Finding{Key: "days", Value: "mon", Quote: "any day but tuesday"}, false}, // the rules read the days
		{"widow, sits staring at four walls", model.Finding{Key: "needs", Value: "loneliness", Quote: "sits staring at four walls"}, true},
		{"widow, sits staring at four walls", model.Finding{Key: "single_sex", Value: "men", Quote: "widow"}, false},
	} {
		_, added := model.Findings{row.f}.AddTo(v, v.Understand(row.note))
		if (len(added) == 1) != row.ok {
			t.Errorf("%q with %+v: added %v", row.note, row.f, added)
		}
	}
}

func TestSummary_G1_NeedsLivePermission(t *testing.T) {
	url, got := serve(t, always(`{"points":[{"quote":"I miss my friends","theme":"people_in_their_life"}]}`))
	c := client(t, url, nil)
	said := []model.Redacted{redact(t, c, "I feel stuck at home since the operation and I miss my friends")}
	for _, p := range []handrail.Permission{{}, {Purpose: handrail.PurposeModel, State: handrail.PermissionAsked}, {Purpose: handrail.PurposeModel, State: handrail.PermissionRefused},
		{Purpose: handrail.PurposeModel, State: handrail.PermissionWithdrawn}, {Purpose: handrail.PurposeChat, State: handrail.PermissionGiven}} {
		if _, _, err := c.Summary(context.Background(), "lw", p, said); !errors.Is(err, model.ErrNoPermission) {
			t.Errorf("%s %s: %v", p.Purpose, p.State, err)
		}
	}
	if len(got.all()) != 0 {
		t.Fatal("something was sent without permission")
	}
	points, cost, err := c.Summary(context.Background(), "lw", permitted(), said)
	if err != nil || len(points) != 1 || points[0].Quote != "I miss my friends" || !cost.Asked || cost.Question != 11 || cost.Answer != 7 {
		t.Errorf("%v %+v %v", points, cost, err)
	}
}

func TestSummary_M3_QuotesOnly(t *testing.T) {
	var answer string
	url, _ := serve(t, func([]byte) string { return envelope(answer) })
	c := client(t, url, nil)
	said := []model.Redacted{redact(t, c, "I miss my friends"), redact(t, c, "the bus is hard for me")}
	for text, ok := range map[string]bool{
		`{"points":[]}`: true,
		`{"points":[{"quote":"the bus is hard","theme":"gets_in_the_way"}]}`:                                                      true,
		`{"points":[{"quote":"my friends the bus","theme":"gets_in_the_way"}]}`:                                                   false, // of two messages
		`{"points":[{"quote":"She misses her friends","theme":"worries_about"}]}`:                                                 false,
		`{"points":[{"quote":"I miss my friends","theme":"risk"}]}`:                                                               false,
		`{"points":[{"quote":"I miss my friends","theme":"worries_about","risk":3}]}`:                                             false,
		`{"points":[{"quote":"I miss my friends"}]}`:                                                                              false,
		`{"points":[{"quote":"","theme":"worries_about"}]}`:                                                                       false,
		`{"points":[` + strings.Repeat(`{"quote":"I miss","theme":"practical"},`, 6) + `{"quote":"I miss","theme":"practical"}]}`: false,
		`{}`: false,
	} {
		answer = text
		c.Forget()
		_, _, err := c.Summary(context.Background(), "lw", permitted(), said)
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestPlain_Faithful(t *testing.T) {
	listing := model.Listing{Name: "Bury Park Walkers", Description: "Participants convene on Tuesdays at 10.30am by the library for perambulation of c. two miles. Dogs welcome. " +
		"Not step-free. £2 per attendance. Enquiries: Sue, 01582 490123 or walk@example.org, https://walk.example/join. LU1 1AB."}
	var answer string
	url, got := serve(t, func([]byte) string { return envelope(answer) })
	c := client(t, url, nil)
	for plain, ok := range map[string]bool{
		"You can meet us by the library on Tuesdays at 10.30am. We walk two miles. Dogs are welcome. It is not step-free. It is £2 each time.": true,
		"You can meet us by the library on Tuesdays at 10.30am. We walk 2 miles. It is not step-free. To ask, call [contact 1].":               true,
		"You can meet us by the library on Tuesdays at 10.30am. We walk two miles. It is step-free.":                                           false, // drops the not
		"You can meet us by the library on Tuesdays at 11.30am. It is not step-free.":                                                          false,
		"You can meet us by the library on Thursdays at 10.30am. It is not step-free.":                                                         false,
		"You can meet us by the library on Thu at 10.30am. It is not step-free.":                                                               false,
		"You can walk with us on Tuesdays. It is free and not step-free.":                                                                      false,
		"You can walk with us on Tuesdays for three miles. It is not step-free.":                                                               false,
		"You can walk with us on Tuesdays. There is a lift but it is not step-free.":                                                           false,
		"You can walk with us and with Margaret on Tuesdays. It is not step-free.":                                                             false,
		"You can walk with us on Tuesdays. It is not step-free. Call 0906 555 0123.":                                                           false,
		"You can walk with us on Tuesdays. It is not step-free. See www.evil.example.":                                                         false,
		"You can walk with us on Tuesdays. It is not step-free. See evil.com for more.":                                                        false,
		"You can walk with us on Tuesdays. It is not step-free. Write to a@b.c.":                                                               false,
		"You can walk with us on Tuesdays. It is not step-free. Call [contact 99].":                                                            false,
		"You can walk with us on Tuesdays. It is not step-free. Call [contact 0].":                                                             false,
		"You can walk with us on Tuesdays. It is not step-free. Call [me].":                                                                    false,
		"You can walk with us on Tuesdays. It is not step-free. It cures pain.":                                                                false,
		"You can walk with us on Tuesdays. It is not step-free!":                                                                               false,
		"<b>You can walk with us</b> on Tuesdays. It is not step-free.":                                                                        false,
		"Możesz chodzić z nami we wtorki o 10.30. Nie ma podjazdu dla wózków ani windy.":                                                       false,
		"": false,
		strings.Repeat("You can walk with us and it is not step-free. ", 40): false,
	} {
		raw, err := json.Marshal(map[string]string{"plain": plain})
		if err != nil {
			t.Fatal(err)
		}
		answer = string(raw)
		c.Forget()
		d, _, err := c.Plain(context.Background(), "lw", listing)
		if (err == nil) != ok {
			t.Errorf("%q: %v", plain, err)
		}
		if err == nil && (d.Instead != listing.Description || strings.Contains(d.Text, "[contact")) {
			t.Errorf("%+v", d)
		}
	}
	for _, body := range got.all() {
		for _, contact := range []string{"490123", "walk@example", "walk.example", "LU1 1AB"} {
			if strings.Contains(string(body), contact) {
				t.Fatalf("%s was sent", contact)
			}
		}
	}
}

// What may still be a way to reach somebody after the details were taken out is not sent.
func TestPlain_RefusesWhereUnsure(t *testing.T) {
	url, got := serve(t, always(`{"plain":"You can come and knit with us at the hall."}`))
	c := client(t, url, nil)
	for description, want := range map[string]error{
		"Knitting @ the hall":                              nil,
		"Knitting at the hall, write to sue@ us":           model.ErrUnsure,
		"Knitting " + strings.Repeat("at the hall ", 1000): model.ErrUnsure,
	} {
		before := len(got.all())
		_, _, err := c.Plain(context.Background(), "lw", model.Listing{Name: "Knit", Description: description})
		if !errors.Is(err, want) || (want != nil) != (len(got.all()) == before) {
			t.Errorf("%.40q: %v, %d sent", description, err, len(got.all())-before)
		}
	}
}
