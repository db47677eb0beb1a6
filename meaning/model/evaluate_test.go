package model_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"handrail/meaning/model"
)

// set is a small labelled set; the answers below get one right that the rules miss, and one wrong.
const set = `{"text":"74F LU3, hubby passed in the spring, used to love her crochet, sits staring at four walls","understood":{"postcode":"LU3","age":74,"gender":"female","needs":["bereavement","loneliness"],"interests":["knitting_sewing"]}}
{"text":"72F LU1 knitting, free","understood":{"postcode":"LU1","age":72,"gender":"female","interests":["knitting_sewing"],"free":true}}

{"text":"lady of 70, the postman brings nothing but bills and final letters, LU2","understood":{"postcode":"LU2","age":70,"gender":"female","needs":["debt"]}}
{"text":"gardening near LU3","understood":{"postcode":"LU3","interests":["gardening"]}}
`

func TestEvaluate_M10(t *testing.T) {
	url, got := serve(t, func(body []byte) string {
		switch {
		case bytes.Contains(body, []byte("four walls")):
			return envelope(`{"found":[{"key":"needs","quote":"staring at four walls","value":"loneliness"},{"key":"age","quote":"74F","value":"74"}]}`)
		case bytes.Contains(body, []byte("postman")):
			return envelope(`{"found":[{"key":"interests","quote":"letters","value":"writing"}]}`)
		case bytes.Contains(body, []byte("gardening near")): // the rules are sure of it, so Read would not ask
			return envelope(`{"found":[{"key":"needs","quote":"gardening","value":"stress"}]}`)
		}
		return envelope(`no JSON`)
	})
	c := client(t, url, nil)
	r, err := model.Evaluate(context.Background(), strings.NewReader(set), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Answered != 3 || r.Discarded != 1 || r.Withheld != 0 || r.Failed != 0 || len(got.all()) != 4 || r.QuestionTokens != 44 || r.AnswerTokens != 28 {
		t.Errorf("%+v after %d questions", r, len(got.all()))
	}
	if r.Rules.Lines != 4 || r.Model.Lines != 4 || r.Both.Lines != 4 {
		t.Errorf("lines %d %d %d", r.Rules.Lines, r.Model.Lines, r.Both.Lines)
	}
	if a := r.Model.All; a.Right != 2 || a.Extra != 2 {
		t.Errorf("the model alone: %+v", a)
	}
	if n := r.Both.Keys["needs"].Right - r.Rules.Keys["needs"].Right; n != 1 {
		t.Errorf("both found %d more needs than the rules", n)
	}
	if r.Both.All.Missed >= r.Rules.All.Missed || r.Both.All.Extra <= r.Rules.All.Extra-1 {
		t.Errorf("rules %+v, both %+v", r.Rules.All, r.Both.All)
	}
	if n := r.Both.All.Extra - r.Rules.All.Extra; n != 1 || r.Unsure != 2 {
		t.Errorf("both say %d more that is wrong; the rules were unsure of %d", n, r.Unsure)
	}
	text := r.String()
	for _, want := range []string{"rules alone", "model alone", "both", "tokens a message", "withheld"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report has no %q:\n%s", want, text)
		}
	}
	raw, err := json.Marshal(r)
	if err != nil || !json.Valid(raw) || bytes.Contains(raw, []byte("postman")) {
		t.Errorf("%s %v", raw, err)
	}
	if _, err := model.Evaluate(context.Background(), strings.NewReader("{}\n"), c); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%v", err)
	}
}

// M10: the rules alone and the rules with a model that says nothing, or nothing that counts, are the same on the real set;
// and how many of its texts would be asked about and could be sent is told.
func TestEvaluate_M10_RealSet(t *testing.T) {
	f, err := os.Open("../../../shared/evaluation/queries.dev.jsonl")
	if err != nil {
		t.Skip("the evaluation set is not beside the repository")
	}
	defer f.Close()
	url, _ := serve(t, always(`{"found":[]}`))
	c := client(t, url, func(s *model.Settings) { s.Clock = wall{} })
	r, err := model.Evaluate(context.Background(), f, c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Both.All != r.Rules.All {
		t.Errorf("rules %+v, both %+v", r.Rules.All, r.Both.All)
	}
	if r.Answered+r.Withheld != r.Rules.Lines || r.Answered < r.Rules.Lines/2 {
		t.Errorf("of %d texts %d could be sent", r.Rules.Lines, r.Answered)
	}
	t.Logf("%d texts, unsure of %d, withheld %d; rules F1 %.3f, %s a text; a question to a server that answers at once: median %s, longest %s",
		r.Rules.Lines, r.Unsure, r.Withheld, r.Rules.All.F1(), r.Rule, r.Middle, r.Slowest)
}

func ExampleClient_Read() {
	v, err := vocabularyOnce()
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := model.New(model.Settings{Vocabulary: v, Clock: newClock(), Log: quiet()}) // no address: no model
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	r := c.Read(context.Background(), "staff 7", "72F LU1 knitting, free")
	fmt.Println(r.Words())
	fmt.Println(len(r.Added), "added by a model")
	// Output:
	// near LU1, for a woman of 72, knitting or sewing, free
	// 0 added by a model
}
