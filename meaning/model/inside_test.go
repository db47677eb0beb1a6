package model

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"handrail/meaning"
)

// Go's client asks this machine without a proxy in any case, so only a look inside can tell that another host, too, is
// asked without one.
func TestEndpoint_M12_NoProxyNoOtherHost(t *testing.T) {
	base, err := url.Parse("http://localhost:1/v1")
	if err != nil {
		t.Fatal(err)
	}
	e := newEndpoint(base, 1, time.Second)
	if e.client.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy of the environment would be used")
	}
	for _, to := range []string{"http://127.0.0.1:1/v1", "https://localhost:1/v1", "http://localhost:2/v1", "http://elsewhere.example/v1"} {
		req, err := http.NewRequest(http.MethodPost, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Do(req); err == nil || !strings.Contains(err.Error(), "another host") {
			t.Errorf("%s: %v", to, err)
		}
	}
	for address, ok := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "10.1.2.3:80": false, "93.184.216.34:80": false, "[2001:db8::1]:80": false, "nonsense": false} {
		if err := onlyHere(t.Context(), "tcp", address, nil); (err == nil) != ok {
			t.Errorf("in clear to %s: %v", address, err)
		}
	}
}

// The languages of the schema are those that the rules read, under the same names.
func TestLanguages_AreTheRules(t *testing.T) {
	v, err := meaning.NewVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range languages() {
		said := l
		if l == "british sign language" {
			said = "bsl"
		}
		if got := v.Understand("speaks " + said).Language; got != l {
			t.Errorf("the rules read %q as %q", l, got)
		}
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"  ,;  ":                           "",
		"Can't stop [name] it\u2019s":      "cant|stop|[name]|its",
		"[name]s [open":                    "[name]|s|open",
		"74F\u2014LU3 \u2022 caf\u00e9":    "74f|lu3|caf\u00e9",
		"\xff\xfe a":                       "a",
		"][":                               "",
		"\u0645\u0631\u062d\u0628\u0627 x": "\u0645\u0631\u062d\u0628\u0627|x",
	} {
		if got := strings.Join(words(text), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestDigit(t *testing.T) {
	for text, want := range map[string]string{"07700": "7700", "٠٧٧": "77", "১২৩": "123", "４５": "45", "2pm": "2", "2.30": "30"} {
		if !numbers(text)[want] {
			t.Errorf("%q: %v has no %s", text, numbers(text), want)
		}
	}
}

// While a trial is open nobody else is let through, and a caller who goes away leaves the next one to try.
func TestBreaker_OneTrialAtATime(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var b breaker
	for range failuresToRest {
		if !b.may(at) {
			t.Fatal("closed too early")
		}
		b.done(failed, at)
	}
	at = at.Add(firstRest)
	if !b.may(at) || b.may(at) || b.may(at.Add(time.Hour)) {
		t.Fatal("not just one trial")
	}
	b.done(neither, at)
	if !b.may(at) {
		t.Fatal("no second trial after a caller went away")
	}
	b.done(failed, at)
	if b.may(at.Add(2*firstRest - 1)) {
		t.Fatal("the rest did not double")
	}
	for range 20 {
		at = at.Add(longestRest)
		if !b.may(at) {
			t.Fatal("the rest is longer than the longest")
		}
		b.done(failed, at)
	}
	at = at.Add(longestRest)
	if !b.may(at) {
		t.Fatal("no trial")
	}
	b.done(answered, at)
	for range failuresToRest - 1 {
		if first, second := b.may(at), b.may(at); !first || !second { // several at once again
			t.Fatal("what was forgiven counts")
		}
		b.done(neither, at)
		b.done(failed, at)
	}
	if !b.may(at) {
		t.Fatal("what was forgiven counts")
	}
}
