package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// single is a setting that is written as one text, several one that is written as a list.
type single interface {
	kind() string
	set(text string) error
}

type several interface {
	kind() string
	setList(items []string) error
}

// field is one setting of a Config.
type field struct {
	key string
	tag reflect.StructTag
	ptr any // a single or a several
}

func (f field) kind() string {
	if s, ok := f.ptr.(several); ok {
		return s.kind()
	}
	return f.ptr.(single).kind()
}

// variable is the field's name in the environment.
func (f field) variable() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_"))
}

const prefix = "HANDRAIL_"

// fieldsOf walks the struct in its own order.
func fieldsOf(cfg *Config) []field {
	var fields []field
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		for i := range v.NumField() {
			t := v.Type().Field(i)
			key := path + t.Tag.Get("yaml")
			switch ptr := v.Field(i).Addr().Interface().(type) {
			case *string:
				fields = append(fields, field{key, t.Tag, (*plain)(ptr)})
			case single, several:
				fields = append(fields, field{key, t.Tag, ptr})
			default:
				walk(key+".", v.Field(i))
			}
		}
	}
	walk("", reflect.ValueOf(cfg).Elem())
	return fields
}

// given is what a source says a setting is: a text or a list of them.
type given struct {
	text   string
	list   []string
	isList bool
}

// loader gathers the settings and what is wrong with them.
type loader struct {
	fields   []field
	from     map[string]string // where each setting that isn't at its default comes from, as in Mistake.Where
	mistakes Mistakes
}

func (l *loader) find(key string) (field, bool) {
	i := slices.IndexFunc(l.fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return l.fields[i], true
}

func (l *loader) defaults() {
	for _, f := range l.fields {
		if text, ok := f.tag.Lookup("default"); ok {
			l.take(f, "default", given{text: text})
		}
	}
	clear(l.from)
}

// file reads the YAML file, if one is named.
func (l *loader) file(path string) {
	if path == "" {
		return
	}
	const most = 1 << 20
	data, err := readSmall(path, most)
	if err != nil {
		l.add(Mistake{Where: baseName(path), Wrong: "the file of settings cannot be read: " + reason(err), Do: "check --config, or start without it"})
		return
	}
	l.yaml(baseName(path), data)
}

// environment reads the variables that begin with HANDRAIL_.
func (l *loader) environment(env []string) {
	values := map[string]string{}
	var names []string
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) || value == "" {
			continue
		}
		if _, twice := values[name]; !twice {
			names = append(names, name)
		}
		values[name] = value // as for a process, the last one counts
	}
	for _, f := range l.fields {
		if value, ok := values[f.variable()]; ok {
			l.take(f, f.variable(), given{text: value})
			delete(values, f.variable())
		}
	}
	for _, name := range names {
		if _, left := values[name]; left && !injected(name) {
			l.unknown(name, "environment", func(f field) string { return f.variable() })
		}
	}
}

// injected says that a variable is none of ours although it begins like one: Kubernetes gives a pod HANDRAIL_PORT_... and
// HANDRAIL_SERVICE_... when there is a service named handrail, and the tests have their own.
func injected(name string) bool {
	rest := strings.TrimPrefix(name, prefix)
	return rest == "PORT" || strings.HasPrefix(rest, "PORT_") || strings.HasPrefix(rest, "SERVICE_") || strings.HasPrefix(rest, "TEST_")
}

func (l *loader) overrides(flags Overrides) {
	left := map[string]bool{}
	for key := range flags {
		left[key] = true
	}
	for _, f := range l.fields {
		if value, ok := flags[f.key]; ok {
			l.take(f, "command line", given{text: value})
			delete(left, f.key)
		}
	}
	keys := make([]string, 0, len(left))
	for key := range left {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		l.unknown(key, "command line", func(f field) string { return f.key })
	}
}

// take sets one field from one source.
func (l *loader) take(f field, where string, g given) {
	l.from[f.key] = where
	err := l.set(f, g)
	if err == nil {
		return
	}
	var p *problem
	if !errors.As(err, &p) {
		p = &problem{wrong: "it cannot be read", do: "check it"}
	}
	l.add(Mistake{Key: f.key, Where: where, Kind: f.kind(), Wrong: p.wrong, Do: p.do})
}

func (l *loader) set(f field, g given) error {
	switch ptr := f.ptr.(type) {
	case several:
		if !g.isList {
			g.list = splitList(g.text)
		}
		return ptr.setList(g.list)
	case single:
		if g.isList {
			return wrong("it is a list, and takes one value", "write one value without a dash before it")
		}
		return setOne(f, ptr, g.text)
	}
	return nil
}

// setOne sets a setting of one text, with the checks that its tags ask for. An empty text clears it.
func setOne(f field, ptr single, text string) error {
	text = strings.TrimSpace(text)
	secret, isSecret := ptr.(*Secret)
	address, isURL := ptr.(*URL)
	if text == "" {
		if f.tag.Get("default") != "" {
			return wrong("it is empty", "give it a value, or leave the whole line out for the default")
		}
		reflect.ValueOf(ptr).Elem().SetZero()
		return nil
	}
	if isSecret || (isURL && mayHidePassword(f)) {
		var err error
		if text, err = fromFile(text); err != nil {
			return err
		}
	}
	if err := ptr.set(text); err != nil {
		return err
	}
	switch {
	case isURL:
		return address.allow(strings.Fields(f.tag.Get("schemes")))
	case isSecret:
		return checkSecret(f, secret.Reveal())
	}
	return nil
}

// mayHidePassword says that a URL is of a kind that has a password in it, and so may be given as a file.
func mayHidePassword(f field) bool {
	return f.key == "records.url" || f.key == "redis.url"
}

// fromFile follows file:/path, so that a secret needs to be neither in the settings nor in the environment.
func fromFile(text string) (string, error) {
	path, ok := strings.CutPrefix(text, "file:")
	if !ok {
		return text, nil
	}
	const most = 64 << 10
	data, err := readSmall(path, most)
	if err != nil {
		return "", wrong("the file that should hold it cannot be read: "+reason(err), "check the path after file: and who may read it")
	}
	text = strings.TrimSpace(string(data))
	if text == "" {
		return "", wrong("the file that should hold it is empty", "put the value in the file, on one line")
	}
	return text, nil
}

func checkSecret(f field, value string) error {
	if least := f.tag.Get("min"); least != "" {
		if n, err := strconv.Atoi(least); err == nil && len(value) < n {
			return wrong("it is shorter than "+least+" characters", "make one with: openssl rand -hex 32")
		}
	}
	for _, start := range strings.Fields(f.tag.Get("not")) {
		if strings.HasPrefix(value, start) {
			return wrong("this is another kind of Slack credential ("+start+"...)", "app_token starts with xapp-, bot_token with xoxb-, and the signing secret with neither")
		}
	}
	if f.tag.Get("charset") == "token" {
		bad := func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
		}
		if len(value) > 256 || strings.ContainsFunc(value, bad) {
			return wrong("Telegram takes 1 to 256 of A-Z a-z 0-9 _ and -", "make one with: openssl rand -hex 32")
		}
	}
	return nil
}

// together checks what one setting asks of another. It looks only at settings that were read without a mistake, because
// a second complaint about a broken one would only confuse.
func (l *loader) together(cfg *Config) {
	broken := map[string]bool{}
	for _, m := range l.mistakes {
		broken[m.Key] = true
	}
	need := func(key string, missing bool, because, do string) {
		f, _ := l.find(key)
		if missing && !broken[key] {
			l.add(Mistake{Key: key, Where: l.from[key], Kind: f.kind(), Wrong: because, Do: do})
		}
	}
	tg, sl, mail, model := cfg.Telegram, cfg.Slack, cfg.Alerts.Email, cfg.Model
	need("telegram.token", tg.Token.IsZero() && !tg.WebhookURL.IsZero(), "telegram.webhook_url is set but there is no bot", "set the token that BotFather gave you, or take webhook_url out")
	need("telegram.webhook_secret", tg.WebhookSecret.IsZero() && !tg.WebhookURL.IsZero(), "without it anybody could pretend to be Telegram", "make one with: openssl rand -hex 32")
	need("slack.bot_token", sl.BotToken.IsZero() && sl.ClientID == "" && (!sl.AppToken.IsZero() || !sl.SigningSecret.IsZero()), "Slack is half set up: nothing can be posted without it", "copy the bot token (xoxb-...) from your app's page at https://api.slack.com/apps")
	need("slack.app_token", sl.AppToken.IsZero() && sl.SigningSecret.IsZero() && (!sl.BotToken.IsZero() || sl.ClientID != ""), "Slack is half set up: nothing can be received", "set app_token (xapp-...) for Socket Mode, or signing_secret for HTTP")
	need("slack.client_secret", sl.ClientSecret.IsZero() && sl.ClientID != "", "slack.client_id is set, and without its secret no workspace can install the app", "copy it from Basic Information on your app's page at https://api.slack.com/apps")
	need("slack.client_id", sl.ClientID == "" && !sl.ClientSecret.IsZero(), "there is a client secret and no client id", "set both, or neither")
	need("http.public_url", cfg.HTTP.PublicURL.IsZero() && sl.ClientID != "", "slack.client_id is set, and Slack must know where to send whoever installs the app", "write the https address at which the public listener is reached")
	need("slack.bot_token", sl.BotToken.IsZero() && sl.ClientID != "" && sl.Admin != "", "slack.admin goes with a bot token: whoever installs the app by a link is the first administrator", "take slack.admin out")
	need("alerts.email.from", mail.From == "" && mail.Host != "", "alerts.email.host is set but not who the e-mail is from", "write the address that alerts come from")
	need("alerts.email.to", len(mail.To) == 0 && mail.Host != "", "alerts.email.host is set but not whom to write to", "write at least one address that somebody reads")
	need("alerts.email.host", mail.Host == "" && (mail.From != "" || len(mail.To) > 0 || mail.User != ""), "e-mail is half set up: there is no mail server", "write the mail server's name, or take the other alerts.email settings out")
	_, chosen := l.from["alerts.ladder"]
	byMail := slices.ContainsFunc(cfg.Alerts.Ladder, func(r Rung) bool { return r.Email })
	need("alerts.email.host", chosen && !broken["alerts.ladder"] && byMail && mail.Host == "", "alerts.ladder has a step by email, and no e-mail is set up", "set the alerts.email settings, or take the step out")
	need("alerts.email.password", mail.Password.IsZero() && mail.User != "", "there is a user and no password", "set both, or neither")
	need("alerts.email.user", mail.User == "" && !mail.Password.IsZero(), "there is a password and no user", "set both, or neither")
	need("model.name", model.Name == "" && !model.BaseURL.IsZero(), "model.base_url is set but not which model to ask", "write the model's name")
	need("model.base_url", model.BaseURL.IsZero() && (model.Name != "" || !model.Key.IsZero()), "the model is half set up: there is nowhere to ask", "write where it answers, or take the other model settings out")
	samePort := cfg.HTTP.Addr == cfg.Admin.Addr && !strings.HasSuffix(string(cfg.HTTP.Addr), ":0")
	need("admin.addr", samePort && !broken["http.addr"], "it is the same as http.addr, and health and metrics must not be public", "give it another port")
}

func (l *loader) add(m Mistake) { l.mistakes = append(l.mistakes, m) }

// unknown reports a key that isn't one, with the nearest that is. A key of the file is shown only when it looks like a
// name: a slip there can turn a secret into a key.
func (l *loader) unknown(key, where string, name func(field) string) {
	m := Mistake{Key: key, Where: where, Wrong: "there is no such setting", Do: "see handrail.example.yaml for those there are"}
	if strings.HasPrefix(key, "teams.") || key == "teams" || strings.HasPrefix(key, prefix+"TEAMS_") {
		m.Wrong, m.Do = "there is no Teams channel in this version; teams is kept for it", "take it out"
		l.add(m)
		return
	}
	if where != "environment" && where != "command line" && !looksLikeName(key) {
		m.Key = "a key"
	}
	if near := l.nearest(key, name); near != "" {
		m.Do = "did you mean " + near + "?"
	}
	l.add(m)
}

func looksLikeName(key string) bool {
	return len(key) > 0 && len(key) <= 48 && !strings.ContainsFunc(key, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '-' || r == '.')
	})
}

// nearest finds the setting that was probably meant: the fewest letters to change, or the same last word.
func (l *loader) nearest(key string, name func(field) string) string {
	fold := func(s string) string {
		return strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToLower(s))
	}
	best, least := "", 1+min(4, len(key)/3)
	for _, f := range l.fields {
		if d := distance(fold(key), fold(name(f))); d < least {
			best, least = name(f), d
		}
	}
	if best != "" {
		return best
	}
	last := func(s string) string { return s[strings.LastIndexAny(s, ".")+1:] }
	for _, f := range l.fields {
		if word := last(fold(key)); len(word) > 3 && word == fold(last(f.key)) {
			return name(f)
		}
	}
	return ""
}

// distance is how many letters must be added, taken away or changed to make one word of the other (Levenshtein).
func distance(a, b string) int {
	if len(a) > 100 {
		a = a[:100]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func splitList(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// reason says why a file cannot be read, without its path.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it is not there"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be read by this user"
	case errors.Is(err, errTooLarge):
		return "it is too large"
	default:
		return "the system refuses"
	}
}

var errTooLarge = errors.New("too large")

func readAtMost(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if int64(len(data)) > most {
		return nil, errTooLarge
	}
	return data, nil
}
