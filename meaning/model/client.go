package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"handrail/meaning"
)

// Client asks one model. It is safe for use by several at once, starts no goroutine of its own, and never asks twice.
type Client struct {
	vocabulary *meaning.Vocabulary
	clock      Clock
	log        *slog.Logger

	name      string // empty: no model
	timeout   time.Duration
	maxTokens int
	endpoint  *endpoint
	api       *openai.Client
	open      chan struct{}
	budget    Budget
	breaker   breaker
	cache     *cache

	understand, summary, plain Prompt
}

// New checks the settings and makes a client; it calls nobody. Without a BaseURL the client is one that is off: it reads
// by rules and answers everything else with ErrOff.
func New(s Settings) (*Client, error) {
	if s.Vocabulary == nil || s.Clock == nil || s.Log == nil {
		return nil, errors.New("model: settings need a vocabulary, a clock and a log")
	}
	c := &Client{vocabulary: s.Vocabulary, clock: s.Clock, log: s.Log, cache: newCache()}
	if err := c.prompts(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if s.BaseURL == "" {
		return c, nil
	}
	base, err := s.endpoint()
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	c.name, c.budget = s.Name, s.Budget
	c.timeout, c.maxTokens = s.Timeout, s.MaxTokens
	if c.timeout <= 0 || c.timeout > MaxTimeout {
		c.timeout = MaxTimeout
	}
	if c.maxTokens <= 0 {
		c.maxTokens = 600
	}
	if c.budget == nil {
		c.budget = NewAllowance(60, 1000)
	}
	atOnce := s.AtOnce
	if atOnce <= 0 {
		atOnce = 2
	}
	c.open = make(chan struct{}, atOnce)
	c.endpoint = newEndpoint(base, atOnce, c.timeout)
	config := openai.DefaultConfig(s.Key)
	config.BaseURL, config.HTTPClient = strings.TrimRight(s.BaseURL, "/"), c.endpoint
	c.api = openai.NewClientWithConfig(config)
	return c, nil
}

// Close ends idle connections and forgets what was answered. The client must not be used after it.
func (c *Client) Close() {
	if c.endpoint != nil {
		c.endpoint.close()
	}
	c.cache.forget()
}

// On reports whether a model is configured.
func (c *Client) On() bool { return c.name != "" }

// Forget drops every remembered answer, as an erasure asks for.
func (c *Client) Forget() { c.cache.forget() }

// Prompts lists the four instructions, for the documentation and for whoever wants to see them (M8).
func (c *Client) Prompts() []Prompt {
	return []Prompt{c.understand, c.summary, c.plain}
}

func (c *Client) prompts() error {
	var err error
	for _, p := range []struct {
		to   *Prompt
		make func(*meaning.Vocabulary) (Prompt, error)
	}{{&c.understand, understandPrompt}, {&c.summary, summaryPrompt}, {&c.plain, plainPrompt}} {
		if *p.to, err = p.make(c.vocabulary); err != nil {
			return err
		}
	}
	return nil
}

// Cost is what one question took.
type Cost struct {
	// Asked says whether the endpoint was asked; an answer that was remembered costs nothing.
	Asked bool
	// Question and Answer are in tokens, as the endpoint counts them; 0 where it does not say.
	Question, Answer int
	Took             time.Duration
}

// ask puts one question: a prompt's fixed instruction, and the data as a JSON object that fills the whole user message, so
// that no text of anybody's stands where instructions stand. check holds the decoded answer against the text; an answer
// is remembered only where it passes.
func ask[T any](ctx context.Context, c *Client, who string, p Prompt, data any, check func(T) error) (answer T, cost Cost, err error) {
	var none T
	if !c.On() {
		return none, cost, ErrOff
	}
	user, err := json.Marshal(data)
	if err != nil {
		return none, cost, fmt.Errorf("model: write the question: %w", err)
	}
	key := keyOf(p.version, c.name, string(user))
	content, kept := c.cache.get(key, c.clock.Now())
	if !kept {
		if content, cost, err = c.complete(ctx, who, p, string(user)); err != nil {
			c.told(ctx, p, cost, err)
			return none, cost, err
		}
	}
	err = strictly(content, &answer)
	if err == nil {
		err = check(answer)
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrDiscarded, err)
		c.told(ctx, p, cost, err)
		return none, cost, err
	}
	if !kept {
		c.cache.put(key, content, c.clock.Now())
		c.told(ctx, p, cost, nil)
	}
	return answer, cost, nil
}

// told writes what happened to the log, and no word of the question or the answer (M9).
func (c *Client) told(ctx context.Context, p Prompt, cost Cost, err error) {
	attrs := []slog.Attr{slog.String("prompt", p.Name), slog.Duration("took", cost.Took), slog.Int("question_tokens", cost.Question), slog.Int("answer_tokens", cost.Answer)}
	switch {
	case err == nil:
		c.log.LogAttrs(ctx, slog.LevelDebug, "the language model answered", attrs...)
	case cost.Asked:
		c.log.LogAttrs(ctx, slog.LevelWarn, "the language model was no help", append(attrs, slog.String("why", err.Error()))...)
	default: // it was not asked, and may not be for a while: once a message is too much for a warning
		c.log.LogAttrs(ctx, slog.LevelDebug, "the language model was not asked", append(attrs, slog.String("why", err.Error()))...)
	}
}

// complete sends a question where it may be sent, and returns the text of the answer.
func (c *Client) complete(ctx context.Context, who string, p Prompt, user string) (string, Cost, error) {
	select {
	case c.open <- struct{}{}:
		defer func() { <-c.open }()
	default:
		return "", Cost{}, ErrBusy
	}
	if !c.breaker.may(c.clock.Now()) {
		return "", Cost{}, ErrResting
	}
	went := neither
	defer func() { c.breaker.done(went, c.clock.Now()) }()
	switch ok, err := c.budget.Take(ctx, who, c.clock.Now()); {
	case err != nil:
		return "", Cost{}, fmt.Errorf("model: count the question: %w", err)
	case !ok:
		return "", Cost{}, ErrBudget
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	begun := c.clock.Now()
	resp, err := c.api.CreateChatCompletion(limited, c.request(p, user))
	cost := Cost{Asked: true, Took: c.clock.Now().Sub(begun)}
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		return "", cost, fmt.Errorf("model: ask: %w", ctx.Err())
	case err != nil:
		went = failed
		return "", cost, ErrAway // its text may repeat the question
	}
	cost.Question, cost.Answer = count(resp.Usage.PromptTokens), count(resp.Usage.CompletionTokens)
	if len(resp.Choices) != 1 {
		went = failed
		return "", cost, ErrAway
	}
	went = answered
	return said(resp.Choices[0], cost)
}

// said is the text of an answer that was finished, is an answer, and calls no tool.
func said(choice openai.ChatCompletionChoice, cost Cost) (string, Cost, error) {
	m := choice.Message
	switch {
	case choice.FinishReason != openai.FinishReasonStop:
		return "", cost, fmt.Errorf("%w: it was not finished", ErrDiscarded)
	case m.Role != openai.ChatMessageRoleAssistant, len(m.ToolCalls) > 0, m.FunctionCall != nil, m.Refusal != "", len(m.MultiContent) > 0, m.Content == "":
		return "", cost, fmt.Errorf("%w: it is no plain answer", ErrDiscarded)
	}
	return m.Content, cost, nil
}

// request is the whole of what is sent. There are no tools in it, no name of a user and no metadata (M5), and the server
// is asked not to store it.
func (c *Client) request(p Prompt, user string) openai.ChatCompletionRequest {
	seed := 1
	return openai.ChatCompletionRequest{
		Model: c.name,
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: p.System},
			{Role: openai.ChatMessageRoleUser, Content: user},
		},
		MaxTokens:   c.maxTokens,
		Temperature: math.SmallestNonzeroFloat32, // the library leaves out a plain 0
		Seed:        &seed,
		ResponseFormat: &openai.ChatCompletionResponseFormat{
			Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: p.Name, Schema: p.Schema, Strict: true},
		},
	}
}

// count is a number of tokens that a server claims, kept to what can be.
func count(n int) int { return min(max(n, 0), 1_000_000) }
