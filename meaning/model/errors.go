package model

import "errors"

// Why there is no answer. None of them holds a word of what was asked or answered; an endpoint's own error texts are
// dropped, because some repeat the question.
var (
	// ErrOff: no model is configured.
	ErrOff = errors.New("no language model is configured")
	// ErrUnsure: it is not certain that the text tells nothing about who somebody is, so it was not sent (M2).
	ErrUnsure = errors.New("the text may still say who somebody is and was not sent")
	// ErrNoPermission: the patient has not permitted, or no longer permits, a model to read their words (G1).
	ErrNoPermission = errors.New("there is no live permission for a language model")
	// ErrBudget: the day's questions are used up (M7).
	ErrBudget = errors.New("the day's questions to the language model are used up")
	// ErrBusy: as many questions are open as may be.
	ErrBusy = errors.New("the language model has enough open questions")
	// ErrResting: the endpoint failed several times in a row and is left alone for a while.
	ErrResting = errors.New("the language model failed lately and is left alone for a while")
	// ErrAway: the endpoint could not be reached in time or answered no usable envelope.
	ErrAway = errors.New("the language model is away")
	// ErrDiscarded: an answer came and breaks the schema, or says what the text does not (M3).
	ErrDiscarded = errors.New("the language model's answer was discarded")
)
