package handrail_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"handrail"
)

func TestError_KindsAndSentences(t *testing.T) {
	away := handrail.Errorf(handrail.KindUnavailable, "Please try again in a minute.", "read the directory: %w", io.ErrUnexpectedEOF)
	silent := handrail.Errorf(handrail.KindNotFound, "", "no such visit")
	bare := &handrail.Error{Kind: handrail.KindInvalid, Say: "Please send a date."}
	var r handrail.Referral
	illegal := r.Send()
	for _, c := range []struct {
		name string
		err  error
		kind handrail.Kind // "" is none of them
		say  string        // "" is no sentence
		text string
	}{
		{"nil", nil, "", "", ""},
		{"foreign", io.EOF, "", "", "EOF"},
		{"with a sentence", away, handrail.KindUnavailable, "Please try again in a minute.", "unavailable: read the directory: unexpected EOF"},
		{"wrapped", fmt.Errorf("search: %w", away), handrail.KindUnavailable, "Please try again in a minute.", "search: unavailable: read the directory: unexpected EOF"},
		{"joined", errors.Join(io.EOF, away), handrail.KindUnavailable, "Please try again in a minute.", "EOF\nunavailable: read the directory: unexpected EOF"},
		{"without a sentence", silent, handrail.KindNotFound, "", "not found: no such visit"},
		{"without a cause", bare, handrail.KindInvalid, "Please send a date.", "invalid: Please send a date."},
		{"an illegal step", illegal, handrail.KindConflict, "", `a referral that is "" cannot become "sent"`},
		{"an illegal step, wrapped", fmt.Errorf("refer: %w", illegal), handrail.KindConflict, "", `refer: a referral that is "" cannot become "sent"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, kind := range []handrail.Kind{handrail.KindInvalid, handrail.KindNotFound, handrail.KindConflict, handrail.KindUnavailable} {
				if got := handrail.IsKind(c.err, kind); got != (kind == c.kind) {
					t.Errorf("is it %q: %v", kind, got)
				}
			}
			if say, ok := handrail.Sentence(c.err); say != c.say || ok != (c.say != "") {
				t.Errorf("the sentence is %q, %v, want %q", say, ok, c.say)
			}
			if c.err != nil && c.err.Error() != c.text {
				t.Errorf("the text is %q, want %q", c.err, c.text)
			}
		})
	}
	if !errors.Is(away, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	// The sentence for a person never tells the cause.
	if say, _ := handrail.Sentence(away); strings.Contains(say, "EOF") {
		t.Errorf("the sentence tells the cause: %q", say)
	}
}

func TestError_StepErrorBeneathAnError(t *testing.T) {
	var r handrail.Referral
	err := handrail.Errorf(handrail.KindInvalid, "That is over.", "send: %w", r.Send())
	if !handrail.IsKind(err, handrail.KindInvalid) || handrail.IsKind(err, handrail.KindConflict) {
		t.Error("the outer error does not decide its kind")
	}
	var s *handrail.StepError
	if !errors.As(err, &s) || s.Noun != "referral" || s.To != "sent" {
		t.Errorf("the step is lost: %+v", s)
	}
}
