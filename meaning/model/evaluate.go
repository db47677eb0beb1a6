package model

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handrail/meaning"
)

// maxSet is the largest evaluation set in bytes.
const maxSet = 64 << 20

// Report compares the readings of a labelled set: by rules alone, by the model alone, and by both as Read does it. Every
// text was put to the model once where it could be sent, though Read asks only where the rules are unsure.
type Report struct {
	Rules, Model, Both meaning.QueryReport

	// Unsure texts are those that Read would have asked about.
	Unsure int
	// Answered, Withheld (the redaction was unsure), Discarded (the answer was) and Failed add up to the number of texts.
	Answered, Withheld, Discarded, Failed int
	// QuestionTokens and AnswerTokens are as the endpoint counts them, over all texts that it was asked about.
	QuestionTokens, AnswerTokens int
	// Middle and Slowest are the median and the longest time of a question that reached the endpoint; Rule is the time that
	// the rules took for a text, on average.
	Middle, Slowest, Rule time.Duration
}

// Evaluate reads a set as meaning.EvaluateQueries does, three times over. The client's budget must have room for as many
// questions as there are lines, or the rest counts as Failed. An error names the line, or says that no model is there.
func Evaluate(ctx context.Context, r io.Reader, c *Client) (Report, error) {
	if !c.On() {
		return Report{}, fmt.Errorf("evaluate with a model: %w", ErrOff)
	}
	set, err := io.ReadAll(io.LimitReader(r, maxSet+1))
	if err != nil {
		return Report{}, fmt.Errorf("evaluate with a model: %w", err)
	}
	if len(set) > maxSet {
		return Report{}, errors.New("evaluate with a model: the set is too large")
	}
	var (
		report Report
		took   []time.Duration
		texts  time.Duration
		found  = map[string]Findings{}
		seen   = map[string]bool{}
	)
	read := func(one func(text string) meaning.Understood) meaning.QueryReport {
		var q meaning.QueryReport
		if err == nil {
			q, err = meaning.EvaluateQueries(bytes.NewReader(set), one)
		}
		return q
	}
	report.Rules = read(func(text string) meaning.Understood {
		begun := c.clock.Now()
		u := c.vocabulary.Understand(text)
		texts += c.clock.Now().Sub(begun)
		return u
	})
	report.Model = read(func(text string) meaning.Understood {
		if !seen[text] {
			var cost Cost
			found[text], cost = report.ask(ctx, c, text)
			if cost.Asked {
				took = append(took, cost.Took)
			}
		}
		seen[text] = true
		return found[text].Alone()
	})
	report.Both = read(func(text string) meaning.Understood {
		u := c.vocabulary.Understand(text)
		if Unsure(c.vocabulary, text) {
			report.Unsure++
			u, _ = found[text].AddTo(c.vocabulary, u)
		}
		return u
	})
	if err != nil {
		return Report{}, fmt.Errorf("evaluate with a model: %w", err)
	}
	if n := report.Rules.Lines; n > 0 {
		report.Rule = texts / time.Duration(n)
	}
	if slices.Sort(took); len(took) > 0 {
		report.Middle, report.Slowest = took[len(took)/2], took[len(took)-1]
	}
	return report, nil
}

// ask puts one text to the model and counts what became of it.
func (r *Report) ask(ctx context.Context, c *Client, text string) (Findings, Cost) {
	note, err := c.Redact(text)
	if err != nil {
		r.Withheld++
		return nil, Cost{}
	}
	found, cost, err := c.Understand(ctx, "evaluation", note)
	r.QuestionTokens += cost.Question
	r.AnswerTokens += cost.Answer
	switch {
	case err == nil:
		r.Answered++
	case errors.Is(err, ErrDiscarded):
		r.Discarded++
	default:
		r.Failed++
	}
	return found, cost
}

// String is the report for a terminal.
func (r Report) String() string {
	var b strings.Builder
	for _, one := range []struct {
		name string
		q    meaning.QueryReport
	}{{"rules alone", r.Rules}, {"model alone", r.Model}, {"both", r.Both}} {
		fmt.Fprintf(&b, "%s: %s\n", one.name, one.q)
	}
	asked := r.Answered + r.Discarded
	fmt.Fprintf(&b, "the rules were unsure of %d; put to the model: answered %d, discarded %d, failed %d, withheld as its redaction was unsure %d\n",
		r.Unsure, r.Answered, r.Discarded, r.Failed, r.Withheld)
	if asked > 0 {
		fmt.Fprintf(&b, "tokens a message: %d asked, %d answered; time: median %s, longest %s\n",
			r.QuestionTokens/asked, r.AnswerTokens/asked, r.Middle.Round(time.Millisecond), r.Slowest.Round(time.Millisecond))
	}
	fmt.Fprintf(&b, "time by rules: %s a message\n", r.Rule.Round(time.Microsecond))
	return b.String()
}

// MarshalJSON gives the figures without the texts of the set.
func (r Report) MarshalJSON() ([]byte, error) {
	type reading struct {
		Precision float64 `json:"precision"`
		Recall    float64 `json:"recall"`
		F1        float64 `json:"f1"`
	}
	of := func(q meaning.QueryReport) reading {
		return reading{q.All.Precision(), q.All.Recall(), q.All.F1()}
	}
	return json.Marshal(struct {
		Queries        int     `json:"queries"`
		Rules          reading `json:"rules"`
		Model          reading `json:"model"`
		Both           reading `json:"both"`
		Unsure         int     `json:"unsure"`
		Answered       int     `json:"answered"`
		Withheld       int     `json:"withheld"`
		Discarded      int     `json:"discarded"`
		Failed         int     `json:"failed"`
		QuestionTokens int     `json:"question_tokens"`
		AnswerTokens   int     `json:"answer_tokens"`
		MedianMS       int64   `json:"median_ms"`
		LongestMS      int64   `json:"longest_ms"`
	}{r.Rules.Lines, of(r.Rules), of(r.Model), of(r.Both), r.Unsure, r.Answered, r.Withheld, r.Discarded, r.Failed,
		r.QuestionTokens, r.AnswerTokens, r.Middle.Milliseconds(), r.Slowest.Milliseconds()})
}
