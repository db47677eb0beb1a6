package onetap

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handrail"
	"handrail/directory"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var pageCSS string

const (
	longestWords = 500     // letters of what has changed
	longestBody  = 8 << 10 // bytes of a form: the words in UTF-8, percent-encoded, and the answer
)

// Records is what the page reads.
type Records interface {
	// Ask is one question, answered or not; KindNotFound when there is none of that id.
	Ask(ctx context.Context, id handrail.AskID) (handrail.Ask, error)
	// Activity is one listing, active or not; KindNotFound when there is none of that id.
	Activity(ctx context.Context, id handrail.ActivityID) (handrail.Activity, error)
}

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Options is what a Page needs. Links, Records, Answer and Clock must be there.
type Options struct {
	Links   *Links
	Records Records
	// Answer takes an answer and does all that follows from it, once: already says that the question was answered before,
	// and then nothing was changed. It may be called twice for one press.
	Answer func(ctx context.Context, id handrail.AskID, answer handrail.AskAnswer, words string, now time.Time) (already bool, err error)
	Clock  Clock
	// When says when a group meets; nil for directory.WhenText.
	When func(handrail.Activity) string
	// Asker is how the practice that asks is called, "The link workers of Hatters Surgery"; nil, and an empty name, for
	// "Your local surgery".
	Asker func(handrail.PracticeID) string
	// Allow says whether a request may be answered now; nil lets all in.
	Allow func(*http.Request) bool
	// Log takes what went wrong; nil for nowhere. No token and no word of an organiser is written to it.
	Log *slog.Logger
}

// Page is the page behind the links: an http.Handler for paths of one part, the token. Safe for use by several goroutines
// at once.
type Page struct {
	o      Options
	log    *slog.Logger
	html   *template.Template
	policy string
	words  words
}

// New makes a Page.
func New(o Options) (*Page, error) {
	if o.Links == nil || o.Records == nil || o.Answer == nil || o.Clock == nil {
		return nil, errors.New("onetap: links, records, an answer and a clock are needed")
	}
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("onetap: %w", err)
	}
	if o.When == nil {
		o.When = directory.WhenText
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	// Only this style, and forms only to here: nothing a listing is called can load or send anything.
	sum := sha256.Sum256([]byte(pageCSS))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return &Page{o: o, log: log, html: t, policy: policy, words: english()}, nil
}

// view is what the template sees.
type view struct {
	W        words
	Style    template.CSS
	Heading  string
	Lines    []string
	Who      string
	Question bool
	Problem  string
	Words    string
}

// ServeHTTP answers GET and HEAD, which change nothing, and POST. There is no protection against requests from other
// sites and none is needed: no cookie gives anybody a right here, the secret is in the path.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Referrer-Policy", "no-referrer") // the token is in the address
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
		h.Set("Allow", "GET, HEAD, POST")
		p.plain(w, r, http.StatusMethodNotAllowed, p.words.BadTitle, p.words.Bad)
		return
	case p.o.Allow != nil && !p.o.Allow(r):
		h.Set("Retry-After", "60")
		p.plain(w, r, http.StatusTooManyRequests, p.words.OftenTitle, p.words.Often)
		return
	}
	id, err := p.o.Links.open(token(r), p.o.Clock.Now())
	if err != nil {
		p.gone(w, r)
		return
	}
	ask, activity, err := p.question(r.Context(), id)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	if r.Method == http.MethodPost {
		p.post(w, r, ask, activity)
		return
	}
	if ask.AnsweredAt != nil {
		p.answered(w, r, http.StatusOK, p.words.Told, ask)
		return
	}
	p.ask(w, r, http.StatusOK, ask, activity, "", "")
}

// token is the path without its slash.
func token(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/") }

func (p *Page) question(ctx context.Context, id handrail.AskID) (handrail.Ask, handrail.Activity, error) {
	ask, err := p.o.Records.Ask(ctx, id)
	if err != nil {
		return ask, handrail.Activity{}, fmt.Errorf("read the question: %w", err)
	}
	a, err := p.o.Records.Activity(ctx, ask.Activity)
	if err != nil {
		return ask, a, fmt.Errorf("read the listing of a question: %w", err)
	}
	return ask, a, nil
}

// post takes an answer. Done, it leads back to the page, so that loading it again sends nothing twice.
func (p *Page) post(w http.ResponseWriter, r *http.Request, ask handrail.Ask, a handrail.Activity) {
	if ask.AnsweredAt != nil {
		p.answered(w, r, http.StatusConflict, p.words.Once, ask)
		return
	}
	answer, said, status := form(w, r)
	if status != 0 {
		p.plain(w, r, status, p.words.BadTitle, p.words.Bad)
		return
	}
	if answer == handrail.AskChanged {
		switch {
		case said == "":
			p.ask(w, r, http.StatusUnprocessableEntity, ask, a, p.words.NeedWords, "")
			return
		case utf8.RuneCountInString(said) > longestWords:
			p.ask(w, r, http.StatusUnprocessableEntity, ask, a, p.words.LongWords, said)
			return
		}
	}
	already, err := p.o.Answer(r.Context(), ask.ID, answer, said, p.o.Clock.Now())
	switch {
	case handrail.IsKind(err, handrail.KindConflict):
		already = true // somebody was quicker
	case err != nil:
		p.failed(w, r, fmt.Errorf("take an answer: %w", err))
		return
	}
	if already {
		if ask, err = p.o.Records.Ask(r.Context(), ask.ID); err != nil {
			p.failed(w, r, fmt.Errorf("read the question again: %w", err))
			return
		}
		p.answered(w, r, http.StatusConflict, p.words.Once, ask)
		return
	}
	// Relative to this page, wherever it is mounted.
	w.Header().Set("Location", "./"+token(r))
	w.WriteHeader(http.StatusSeeOther)
}

// form reads the answer and the words; a status other than 0 says that it cannot be read.
func form(w http.ResponseWriter, r *http.Request) (handrail.AskAnswer, string, int) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return "", "", http.StatusUnsupportedMediaType
	}
	r.Body = http.MaxBytesReader(w, r.Body, longestBody)
	if err := r.ParseForm(); err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			return "", "", http.StatusRequestEntityTooLarge
		}
		return "", "", http.StatusBadRequest
	}
	answers := r.PostForm["answer"]
	if len(answers) != 1 {
		return "", "", http.StatusBadRequest
	}
	switch a := handrail.AskAnswer(answers[0]); a {
	case handrail.AskChanged:
		return a, tidy(r.PostForm.Get("words")), 0
	case handrail.AskYes, handrail.AskPaused, handrail.AskClosed:
		return a, "", 0
	}
	return "", "", http.StatusBadRequest
}

// tidy makes plain text of what somebody typed: no control characters but line ends, no direction overrides (B2, B5).
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// ask shows the question, with what was wrong and what was typed when it is asked again.
func (p *Page) ask(w http.ResponseWriter, r *http.Request, status int, ask handrail.Ask, a handrail.Activity, problem, typed string) {
	v := view{Question: true, Problem: problem, Words: typed, Heading: fmt.Sprintf(p.words.Still, a.Name)}
	asker := ""
	if p.o.Asker != nil {
		asker = p.o.Asker(ask.Practice)
	}
	if asker == "" {
		asker = p.words.Whom
	}
	v.Who = fmt.Sprintf(p.words.Who, asker)
	if when := p.when(a); when != "" {
		v.Lines = append(v.Lines, when)
	}
	if at := a.Venue.Line(); at != "" {
		v.Lines = append(v.Lines, at)
	}
	p.write(w, r, status, v)
}

// when says the times that are certain; with none of them the listing's own words, and nothing without those.
func (p *Page) when(a handrail.Activity) string {
	var certain []handrail.Recurrence
	for _, t := range a.Times {
		if t.Certain() {
			certain = append(certain, t)
		}
	}
	if a.Times = certain; len(certain) == 0 && a.WhenText == "" {
		return ""
	}
	text := p.o.When(a)
	if first, size := utf8.DecodeRuneInString(text); size > 0 {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	return text
}

func (p *Page) answered(w http.ResponseWriter, r *http.Request, status int, say string, ask handrail.Ask) {
	p.plain(w, r, status, p.words.Thanks, fmt.Sprintf(say, p.words.answer(ask.Answer)), p.words.Correct)
}

// gone is the one page for every link that cannot be used: who guesses learns nothing.
func (p *Page) gone(w http.ResponseWriter, r *http.Request) {
	p.plain(w, r, http.StatusNotFound, p.words.GoneTitle, p.words.Gone)
}

func (p *Page) failed(w http.ResponseWriter, r *http.Request, err error) {
	if handrail.IsKind(err, handrail.KindNotFound) {
		p.gone(w, r)
		return
	}
	p.log.Error("one-tap page", "error", err)
	w.Header().Set("Retry-After", "60")
	p.plain(w, r, http.StatusServiceUnavailable, p.words.AwayTitle, p.words.Away)
}

func (p *Page) plain(w http.ResponseWriter, r *http.Request, status int, heading string, lines ...string) {
	p.write(w, r, status, view{Heading: heading, Lines: lines})
}

func (p *Page) write(w http.ResponseWriter, r *http.Request, status int, v view) {
	v.W, v.Style = p.words, template.CSS(pageCSS) //nolint:gosec // our own file
	var b bytes.Buffer
	if err := p.html.Execute(&b, v); err != nil {
		p.log.Error("one-tap page", "error", err)
		http.Error(w, p.words.Away, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // whoever asked may be gone
	}
}
