package config_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"handrail/config"
)

const canary = "canary5f0c"

// holder has its config in an unexported field, where fmt cannot call any method.
type holder struct{ cfg config.Config }

// A canary in every setting that may be secret comes out of nothing that prints (C15, G3).
func TestSecrets_C15_NeverPrinted(t *testing.T) {
	cfg, err := config.Load("", nil, config.Overrides{
		"records.url":             "postgres://user:" + canary + "@db.example/handrail?password=" + canary + "#" + canary,
		"records.key":             strings.Repeat(canary, 4),
		"redis.url":               "redis://:" + canary + "@redis.example/0",
		"telegram.token":          "123:" + canary,
		"telegram.webhook_url":    "https://u:" + canary + "@h.example/telegram",
		"telegram.webhook_secret": canary,
		"slack.app_token":         "xapp-" + canary,
		"slack.bot_token":         "xoxb-" + canary,
		"slack.signing_secret":    canary,
		"slack.client_id":         "1.2",
		"slack.client_secret":     canary,
		"http.public_url":         "https://h.example",
		"alerts.email.host":       "mail.example",
		"alerts.email.from":       "a@example.org",
		"alerts.email.to":         "b@example.org",
		"alerts.email.user":       "handrail",
		"alerts.email.password":   canary,
		"model.base_url":          "https://m.example/v1?key=" + canary,
		"model.key":               canary,
		"model.name":              "m",
	})
	if err != nil {
		t.Fatal(err)
	}
	clean := func(how, text string) {
		t.Helper()
		hex := fmt.Sprintf("%x", canary)
		if strings.Contains(text, canary) || strings.Contains(strings.ToLower(text), hex) {
			t.Errorf("%s shows the canary: %s", how, text)
		}
	}
	values := map[string]any{
		"config": cfg, "pointer": &cfg, "holder": holder{cfg}, "pointer to holder": &holder{cfg},
		"secret": cfg.Telegram.Token, "pointer to secret": &cfg.Telegram.Token,
		"url": cfg.Records.URL, "pointer to url": &cfg.Records.URL,
		"slice": []config.Secret{cfg.Model.Key}, "map": map[string]config.URL{"a": cfg.Redis.URL},
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%c", "%U", "%b", "%o", "%t", "%e", "%08.3f", "%T", "%p"} {
			clean(name+" "+verb, fmt.Sprintf(verb, v))
		}
		clean(name+" Sprint", fmt.Sprint(v))
		if j, err := json.MarshalIndent(v, "", " "); err != nil {
			t.Errorf("%s: json: %v", name, err)
		} else {
			clean(name+" json", string(j))
		}
		if y, err := yaml.Marshal(v); err != nil {
			t.Errorf("%s: yaml: %v", name, err)
		} else {
			clean(name+" yaml", string(y))
		}
		if x, err := xml.Marshal(v); err == nil { // some shapes have no XML
			clean(name+" xml", string(x))
		}
		var g bytes.Buffer
		_ = gob.NewEncoder(&g).Encode(v) // gob refuses a Secret; what it wrote before that counts
		clean(name+" gob", g.String())
		for _, h := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(h(&b)).Info("settings", "v", v, slog.Group("g", "v", v))
			clean(name+" slog", b.String())
		}
		clean(name+" error", fmt.Errorf("start: %w, %v", errors.New("x"), v).Error())
	}

	// What is printed says that something is there.
	for got, want := range map[string]string{
		cfg.Telegram.Token.String(): "(secret)",
		config.Secret{}.String():    "",
		cfg.Records.URL.String():    "postgres://user:(secret)@db.example/handrail?(secret)#(secret)",
		cfg.Redis.URL.String():      "redis://:(secret)@redis.example/0",
		config.URL{}.String():       "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Whatever is wrong with a file of settings, its values stay out of the errors: a broken quote must not print the line
// after it.
func FuzzMistakesHideValues(f *testing.F) {
	f.Add("telegram:\n  token: ", "\n")
	f.Add("telegram: {token: \"", "}\n")
	f.Add("telegram:\n\ttoken: ", "")
	f.Add("telegram:\n  - ", ": x")
	f.Add("records: {url: 'postgres://u:%", "@h'}")
	f.Add("a: &b ", "\nc: *")
	f.Add("? ", "\n: x")
	f.Add("", ": x")
	f.Add("!!binary ", "")
	f.Add("%YAML ", "\n---\n")
	f.Add("telegram: {token: file:/", "}")
	f.Fuzz(func(t *testing.T, before, after string) {
		// The number keeps it from looking like a name: a name of a setting that isn't one may be printed.
		path := settings(t, before+"9"+canary+after)
		_, err := config.Load(path, nil, nil)
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("shown: %v", err)
		}
	})
}

// A URL's String is safe for any text that Load may have let in.
func FuzzURLHides(f *testing.F) {
	for _, s := range []string{"postgres://u:p@h/d", "redis://:p@h", "sqlite:///a b", "https://h/?a=b", "x:y", "://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := config.MustURL(text).String()
		u, err := url.Parse(text)
		if err != nil || u.User == nil {
			return
		}
		if p, _ := u.User.Password(); len(p) > 12 && strings.Contains(got, p) && !strings.Contains(u.Host+u.Path+u.User.Username(), p) {
			t.Errorf("the password is in %q", got)
		}
	})
}
