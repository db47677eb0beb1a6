package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail"
	"handrail/config"
)

// settings writes a file of settings and returns its path.
func settings(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "handrail.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	cfg, err := config.Load("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs("handrail-data")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.Records.URL.Reveal(), "sqlite://"+dir+"/handrail.db"; got != want {
		t.Errorf("records.url = %s, want %s", got, want)
	}
	if cfg.HTTP.Addr != "127.0.0.1:8642" || cfg.Admin.Addr != "127.0.0.1:8643" {
		t.Errorf("listeners %s and %s", cfg.HTTP.Addr, cfg.Admin.Addr)
	}
	if cfg.Location().String() != "Europe/London" || cfg.Help.Nation != config.England || !cfg.Help.Checked.IsZero() {
		t.Errorf("zone %s, nation %s, checked %s", cfg.Zone, cfg.Help.Nation, cfg.Help.Checked)
	}
	want := config.Ladder{
		{Who: handrail.RoleLinkWorker},
		{Email: true, After: 5 * time.Minute},
		{Who: handrail.RoleGP, After: 15 * time.Minute},
		{Who: handrail.RoleAdministrator, After: 30 * time.Minute},
	}
	if !reflect.DeepEqual(cfg.Alerts.Ladder, want) {
		t.Errorf("ladder %v", cfg.Alerts.Ladder)
	}
}

// Every key of the contract is read from the file, nested or dotted, and from its variable.
func TestEveryKeyEveryWay(t *testing.T) {
	secretFile := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(secretFile, []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// companions are what the setting cannot do without.
	slack := "slack.bot_token=xoxb-1 slack.app_token=xapp-1"
	hook := "telegram.token=1:a telegram.webhook_url=https://h.example/telegram telegram.webhook_secret=w"
	mail := "alerts.email.host=mail.example alerts.email.from=a@example.org alerts.email.to=b@example.org"
	login := mail + " alerts.email.user=u alerts.email.password=p"
	model := "model.base_url=https://m.example/v1 model.name=m"
	tests := []struct {
		key, value, companions string
		get                    func(config.Config) string
		want                   string // when it is not the value
	}{
		{"data", "/srv/handrail", "", func(c config.Config) string { return c.Data }, ""},
		{"zone", "Europe/Belfast", "", func(c config.Config) string { return c.Zone.String() }, ""},
		{"http.addr", "0.0.0.0:80", "", func(c config.Config) string { return string(c.HTTP.Addr) }, ""},
		{"http.public_url", "https://handrail.example", "", func(c config.Config) string { return c.HTTP.PublicURL.Reveal() }, ""},
		{"directory.feeds", "a oruk3 https://a.example/services 04:30, b rpde https://b.example/series https://b.example/sessions 1h", "",
			func(c config.Config) string {
				return c.Directory.Feeds[0].String() + ", " + c.Directory.Feeds[1].String()
			},
			"a oruk3 https://a.example/services 04:30, b rpde https://b.example/series https://b.example/sessions 60m"},
		{"directory.vocabulary", "/etc/words.toml", "", func(c config.Config) string { return c.Directory.Vocabulary }, ""},
		{"admin.addr", "127.0.0.1:0", "", func(c config.Config) string { return string(c.Admin.Addr) }, ""},
		{"practice.name", "Hatters Surgery", "", func(c config.Config) string { return c.Practice.Name }, ""},
		{"practice.urgent_route", "ring the duty doctor", "", func(c config.Config) string { return c.Practice.UrgentRoute }, ""},
		{"records.url", "postgres://u:p%40@db:5432/h?sslmode=disable", "", func(c config.Config) string { return c.Records.URL.Reveal() }, ""},
		{"records.url", "sqlite:///srv/h.db", "", func(c config.Config) string { return c.Records.URL.Reveal() }, ""},
		{"records.key", "0123456789abcdef0123456789abcdef", "", func(c config.Config) string { return c.Records.Key.Reveal() }, ""},
		{"redis.url", "rediss://u:p@r:6380/1", "", func(c config.Config) string { return c.Redis.URL.Reveal() }, ""},
		{"redis.url", "unix:///run/redis.sock", "", func(c config.Config) string { return c.Redis.URL.Reveal() }, ""},
		{"telegram.token", "123:abc", "", func(c config.Config) string { return c.Telegram.Token.Reveal() }, ""},
		{"telegram.token", "file:" + secretFile, "", func(c config.Config) string { return c.Telegram.Token.Reveal() }, "from-a-file"},
		{"telegram.api_url", "http://127.0.0.1:8081", "", func(c config.Config) string { return c.Telegram.APIURL.Reveal() }, ""},
		{"telegram.webhook_url", "https://p.example/telegram", hook, func(c config.Config) string { return c.Telegram.WebhookURL.Reveal() }, ""},
		{"telegram.webhook_secret", "A-z_9", hook, func(c config.Config) string { return c.Telegram.WebhookSecret.Reveal() }, ""},
		{"telegram.rate", "0.5", "", func(c config.Config) string { return rate(c.Telegram.Rate) }, ""},
		{"slack.app_token", "xapp-2", slack, func(c config.Config) string { return c.Slack.AppToken.Reveal() }, ""},
		{"slack.bot_token", "xoxb-2", slack, func(c config.Config) string { return c.Slack.BotToken.Reveal() }, ""},
		{"slack.signing_secret", "abc", slack, func(c config.Config) string { return c.Slack.SigningSecret.Reveal() }, ""},
		{"slack.admin", "U024BE7LH", slack, func(c config.Config) string { return c.Slack.Admin }, ""},
		{"slack.client_id", "1.2", slack + " slack.client_secret=s http.public_url=https://h.example", func(c config.Config) string { return c.Slack.ClientID }, ""},
		{"slack.client_secret", "abc", slack + " slack.client_id=1.2 http.public_url=https://h.example", func(c config.Config) string { return c.Slack.ClientSecret.Reveal() }, ""},
		{"slack.api_url", "http://localhost:1/api/", "", func(c config.Config) string { return c.Slack.APIURL.Reveal() }, ""},
		{"slack.rate", "0", "", func(c config.Config) string { return rate(c.Slack.Rate) }, ""},
		{"alerts.email.host", "mail2.example", mail, func(c config.Config) string { return c.Alerts.Email.Host }, ""},
		{"alerts.email.port", "465", "", func(c config.Config) string { return time.Duration(c.Alerts.Email.Port).String() }, "465ns"},
		{"alerts.email.from", "Handrail <h@example.org>", mail, func(c config.Config) string { return string(c.Alerts.Email.From) }, ""},
		{"alerts.email.to", "c@example.org, d@example.org", mail, func(c config.Config) string { return string(c.Alerts.Email.To[1]) }, "d@example.org"},
		{"alerts.email.user", "u2", login, func(c config.Config) string { return c.Alerts.Email.User }, ""},
		{"alerts.email.password", "two words", login, func(c config.Config) string { return c.Alerts.Email.Password.Reveal() }, ""},
		{"alerts.ladder", "gp 0m, nurse 1h", "", func(c config.Config) string { return c.Alerts.Ladder[1].String() }, "nurse 60m"},
		{"alerts.ladder", "gp 0, nurse 10", "", func(c config.Config) string { return c.Alerts.Ladder[1].String() }, "nurse 10m"},
		{"alerts.ladder", "gp 0, email 10m", mail, func(c config.Config) string { return c.Alerts.Ladder[1].String() }, "email 10m"},
		{"alerts.ladder", "link_worker 0m, manager 20m", "", func(c config.Config) string { return string(c.Alerts.Ladder[1].Who) }, "manager"},
		{"alerts.again", "30m", "", func(c config.Config) string { return c.Alerts.Again.String() }, "30m0s"},
		{"alerts.hours", "Sat-Sun 00:00-24:00", "", func(c config.Config) string { return c.Alerts.Hours[0].String() }, "sat-sun 00:00-24:00"},
		{"help.nation", "Wales", "", func(c config.Config) string { return string(c.Help.Nation) }, "wales"},
		{"help.checked", "2028-02-29", "", func(c config.Config) string { return c.Help.Checked.String() }, ""},
		{"help.childline", "0800 000 1111", "", func(c config.Config) string { return c.Help.Childline }, ""},
		{"measures.questions", "All", "", func(c config.Config) string { return string(c.Measures.Questions) }, "all"},
		{"languages.unchecked", "true", "", func(c config.Config) string { return strconv.FormatBool(c.Languages.Unchecked.On()) }, ""},
		{"languages.unchecked", "Yes", "", func(c config.Config) string { return strconv.FormatBool(c.Languages.Unchecked.On()) }, "true"},
		{"model.base_url", "https://m2.example/v1", model, func(c config.Config) string { return c.Model.BaseURL.Reveal() }, ""},
		{"model.key", "k", model, func(c config.Config) string { return c.Model.Key.Reveal() }, ""},
		{"model.allow", "a.example, b.example", "", func(c config.Config) string { return strings.Join(c.Model.Allow, ", ") }, ""},
		{"model.name", "n", model, func(c config.Config) string { return c.Model.Name }, ""},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		covered[tt.key] = true
		want := tt.want
		if want == "" {
			want = tt.value
		}
		companions := config.Overrides{}
		for pair := range strings.FieldsSeq(tt.companions) {
			key, value, _ := strings.Cut(pair, "=")
			if key != tt.key {
				companions[key] = value
			}
		}
		flags := config.Overrides{tt.key: tt.value}
		for key, value := range companions {
			flags[key] = value
		}
		for _, way := range []struct {
			name, file string
			env        []string
			flags      config.Overrides
		}{
			{"nested", settings(t, nested(tt.key, tt.value)), nil, companions},
			{"dotted", settings(t, tt.key+": "+tt.value+"\n"), nil, companions},
			{"variable", "", []string{variable(tt.key) + "=" + tt.value}, companions},
			{"flag", "", nil, flags},
		} {
			cfg, err := config.Load(way.file, way.env, way.flags)
			if err != nil {
				t.Errorf("%s, %s: %v", tt.key, way.name, err)
			} else if got := tt.get(cfg); got != want {
				t.Errorf("%s, %s: %q, want %q", tt.key, way.name, got, want)
			}
		}
	}
	walk(reflect.ValueOf(config.Config{}), "", func(key string, _ reflect.Value, _ reflect.StructField) {
		if !covered[key] {
			t.Errorf("%s is not in the table", key)
		}
	})
}

func rate(r config.Rate) string {
	switch r {
	case 0:
		return "0"
	case 0.5:
		return "0.5"
	default:
		return "another"
	}
}

func variable(key string) string {
	return "HANDRAIL_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func nested(key, value string) string {
	var b strings.Builder
	for i, part := range strings.Split(key, ".") {
		if i > 0 {
			b.WriteString("\n" + strings.Repeat("  ", i))
		}
		b.WriteString(part + ":")
	}
	return b.String() + " " + value + "\n"
}

func TestPrecedence(t *testing.T) {
	file := settings(t, "http:\n  addr: 127.0.0.1:1\n")
	env := []string{"HANDRAIL_HTTP_ADDR=127.0.0.1:2"}
	flags := config.Overrides{"http.addr": "127.0.0.1:3"}
	for _, tt := range []struct {
		name  string
		file  string
		env   []string
		flags config.Overrides
		want  config.HostPort
	}{
		{"default", "", nil, nil, "127.0.0.1:8642"},
		{"file over default", file, nil, nil, "127.0.0.1:1"},
		{"environment over file", file, env, nil, "127.0.0.1:2"},
		{"flag over environment", file, env, flags, "127.0.0.1:3"},
		{"flag over file", file, nil, flags, "127.0.0.1:3"},
		{"an empty variable is unset", file, []string{"HANDRAIL_HTTP_ADDR="}, nil, "127.0.0.1:1"},
		{"the last of two variables", "", append(env, "HANDRAIL_HTTP_ADDR=127.0.0.1:9"), nil, "127.0.0.1:9"},
	} {
		cfg, err := config.Load(tt.file, tt.env, tt.flags)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if cfg.HTTP.Addr != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, cfg.HTTP.Addr, tt.want)
		}
	}
}

// Each mistake names its key and its place and says what to do; the value that was written is never in it.
func TestMistakes(t *testing.T) {
	const v = "VALUE" // in every wrong value, to see that none is printed
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		file  string
		env   string
		flags config.Overrides
		want  []string // in this order, and no others
	}{
		{"host without port", "http: {addr: VALUE}", "", nil, []string{"http.addr (host:port, handrail.yaml line 1): host and port are not both there; write it as 127.0.0.1:8642"}},
		{"port too large", "", "HANDRAIL_HTTP_ADDR=VALUE:65536", nil, []string{"http.addr (host:port, HANDRAIL_HTTP_ADDR): the port must be"}},
		{"port by name", "", "HANDRAIL_HTTP_ADDR=VALUE:http", nil, []string{"http.addr (host:port, HANDRAIL_HTTP_ADDR): the port must be"}},
		{"port with a plus", "", "HANDRAIL_HTTP_ADDR=VALUE:+80", nil, []string{"the port must be"}},
		{"a URL for an address", "", "", config.Overrides{"http.addr": "http://VALUE:80"}, []string{"http.addr (host:port, command line): host and port"}},
		{"a path for a host", "", "HANDRAIL_HTTP_ADDR=a/VALUE:80", nil, []string{"the host is not one"}},
		{"one listener twice", "", "HANDRAIL_ADMIN_ADDR=127.0.0.1:8642", nil, []string{"admin.addr (host:port, HANDRAIL_ADMIN_ADDR): it is the same as http.addr"}},
		{"a feed without a time", "directory: {feeds: 'a oruk3 https://VALUE.example'}", "", nil, []string{"directory.feeds (list of feeds, handrail.yaml line 1): a feed is not a name, a format, an address and a time"}},
		{"a feed of an unknown format", "directory: {feeds: 'a VALUE https://x.example 04:30'}", "", nil, []string{"names a format that there is not; use oruk1, oruk3 or rpde"}},
		{"an OpenActive feed with one address", "directory: {feeds: 'a rpde https://VALUE.example 15m'}", "", nil, []string{"wrong number of addresses"}},
		{"a feed on no web", "directory: {feeds: 'a oruk3 file:///VALUE 04:30'}", "", nil, []string{"not one of the web"}},
		{"a feed with a password", "directory: {feeds: 'a oruk3 https://u:VALUE@x.example 04:30'}", "", nil, []string{"holds a password"}},
		{"a feed in the doubled hour", "directory: {feeds: 'VALUE oruk3 https://x.example 01:30'}", "", nil, []string{"when the clocks may change"}},
		{"a feed too often", "directory: {feeds: 'VALUE oruk3 https://x.example 1m'}", "", nil, []string{"not from 5 minutes to 7 days"}},
		{"a feed whenever", "directory: {feeds: 'VALUE oruk3 https://x.example often'}", "", nil, []string{"cannot be read; give a time of the day"}},
		{"two feeds of one name", "directory: {feeds: 'a oruk3 https://x.example 04:30, a oruk3 https://VALUE.example 05:30'}", "", nil, []string{"two feeds have one name"}},
		{"zone", "zone: Europe/VALUE", "", nil, []string{"zone (time zone, handrail.yaml line 1): there is no such time zone; write an IANA name"}},
		{"zone Local", "zone: Local", "", nil, []string{"there is no such time zone"}},
		{"zone empty", `zone: ""`, "", nil, []string{"zone (time zone, handrail.yaml line 1): it is empty"}},
		{"records scheme", "records:\n  url: mysql://VALUE/x", "", nil, []string{"records.url (URL, handrail.yaml line 2): this scheme cannot be used here; start it with sqlite://, postgres:// or postgresql://"}},
		{"records no scheme", "records: {url: VALUE.db}", "", nil, []string{"records.url (URL, handrail.yaml line 1): it does not say how to connect"}},
		{"records relative", "records: {url: sqlite://VALUE.db}", "", nil, []string{"a full path must follow sqlite://; write three slashes"}},
		{"records no path", "records: {url: 'sqlite://'}", "", nil, []string{"a full path must follow"}},
		{"records bad password", "records: {url: 'postgres://u:pa%VALUE@h/d'}", "", nil, []string{"it cannot be read as a URL; check it; a password with special characters must be percent-encoded"}},
		{"records no host", "records: {url: 'postgres:///VALUE'}", "", nil, []string{"the host is missing"}},
		{"records space", "records: {url: 'postgres://h/a VALUE'}", "", nil, []string{"it has a space"}},
		{"records key short", "records: {key: VALUE}", "", nil, []string{"records.key (secret, handrail.yaml line 1): it is shorter than 32 characters"}},
		{"redis scheme", "redis: {url: http://VALUE}", "", nil, []string{"redis.url (URL, handrail.yaml line 1): this scheme cannot be used here; start it with redis://, rediss:// or unix://"}},
		{"redis no socket", "redis: {url: 'unix://VALUE'}", "", nil, []string{"the path of the socket is missing"}},
		{"secret file missing", "telegram: {token: file:/nowhere/VALUE}", "", nil, []string{"telegram.token (secret, handrail.yaml line 1): the file that should hold it cannot be read: it is not there"}},
		{"secret file empty", "telegram: {token: file:" + empty + "}", "", nil, []string{"the file that should hold it is empty"}},
		{"secret printed", "telegram: {token: (secret)}", "", nil, []string{"this is how a secret is printed"}},
		{"secret in two lines", "telegram:\n  token: |\n    VALUE\n    VALUE\n", "", nil, []string{"telegram.token (secret, handrail.yaml line 2): it has a line break"}},
		{"secret as a group", "telegram: {token: {VALUE: x}}", "", nil, []string{"telegram.token (secret, handrail.yaml line 1): it is neither a plain value nor a list"}},
		{"secret as a list", "telegram: {token: [VALUE]}", "", nil, []string{"telegram.token (secret, handrail.yaml line 1): it is a list, and takes one value"}},
		{"webhook without secret", "telegram: {token: a, webhook_url: https://VALUE/telegram}", "", nil, []string{"telegram.webhook_secret (secret): without it anybody could pretend"}},
		{"webhook without token", "telegram: {webhook_url: https://VALUE/telegram, webhook_secret: a}", "", nil, []string{"telegram.token (secret): telegram.webhook_url is set but there is no bot"}},
		{"webhook secret letters", "telegram: {webhook_secret: VALUE!}", "", nil, []string{"Telegram takes 1 to 256"}},
		{"webhook in the clear", "telegram: {token: a, webhook_secret: a, webhook_url: http://VALUE.example/}", "", nil, []string{"telegram.webhook_url (URL, handrail.yaml line 1): http:// is only for this machine; use https://"}},
		{"api url emptied", "telegram: {api_url: ''}", "", nil, []string{"telegram.api_url (URL, handrail.yaml line 1): it is empty"}},
		{"rate of words", "telegram: {rate: VALUE}", "", nil, []string{"telegram.rate (messages a second, handrail.yaml line 1): it is not a number from 0 to 10000"}},
		{"rate below nothing", "slack: {rate: -1}", "", nil, []string{"slack.rate"}},
		{"questions that are none", "measures: {questions: some}", "", nil, []string{"measures.questions"}},
		{"rate not a number", "slack: {rate: NaN}", "", nil, []string{"slack.rate"}},
		{"rate without end", "slack: {rate: .inf}", "", nil, []string{"slack.rate"}},
		{"slack tokens swapped", "slack: {app_token: xoxb-VALUE, bot_token: xapp-VALUE}", "", nil, []string{"slack.app_token (secret, handrail.yaml line 1): this is another kind of Slack credential (xoxb-...)", "slack.bot_token (secret, handrail.yaml line 1): this is another kind of Slack credential (xapp-...)"}},
		{"slack without bot", "slack: {app_token: xapp-VALUE}", "", nil, []string{"slack.bot_token (secret): Slack is half set up: nothing can be posted"}},
		{"slack install without a secret", "slack: {client_id: x, app_token: xapp-VALUE}\nhttp: {public_url: https://h.example}", "", nil, []string{"slack.client_secret (secret): slack.client_id is set"}},
		{"slack install without an address", "slack: {client_id: x, client_secret: VALUE, app_token: xapp-VALUE}", "", nil, []string{"http.public_url (URL): slack.client_id is set"}},
		{"slack install without ears", "slack: {client_id: x, client_secret: VALUE}\nhttp: {public_url: https://h.example}", "", nil, []string{"slack.app_token (secret): Slack is half set up: nothing can be received"}},
		{"slack client secret alone", "slack: {client_secret: VALUE}", "", nil, []string{"slack.client_id (text): there is a client secret"}},
		{"slack admin without a bot", "slack: {client_id: x, client_secret: VALUE, app_token: xapp-VALUE, admin: U1}\nhttp: {public_url: https://h.example}", "", nil, []string{"slack.bot_token (secret): slack.admin goes with a bot token"}},
		{"slack without ears", "slack: {bot_token: xoxb-VALUE}", "", nil, []string{"slack.app_token (secret): Slack is half set up: nothing can be received"}},
		{"mail half set up", "alerts: {email: {host: VALUE}}", "", nil, []string{"alerts.email.from (e-mail address): alerts.email.host is set", "alerts.email.to (list of e-mail addresses): alerts.email.host is set"}},
		{"mail without host", "alerts: {email: {to: VALUE@example.org}}", "", nil, []string{"alerts.email.host (text): e-mail is half set up"}},
		{"mail addresses", "alerts: {email: {host: a, from: VALUE, to: [b@example.org, VALUE]}}", "", nil, []string{"alerts.email.from (e-mail address, handrail.yaml line 1): it is not an e-mail address", "alerts.email.to (list of e-mail addresses, handrail.yaml line 1): it is not an e-mail address"}},
		{"mail port", "alerts: {email: {port: 0}}", "", nil, []string{"alerts.email.port (port number, handrail.yaml line 1): it is not a number from 1 to 65535"}},
		{"mail user only", "alerts: {email: {host: a, from: a@b.example, to: a@b.example, user: VALUE}}", "", nil, []string{"alerts.email.password (secret): there is a user and no password"}},
		{"mail password only", "alerts: {email: {password: VALUE}}", "", nil, []string{"alerts.email.user (text): there is a password and no user"}},
		{"ladder role", "alerts: {ladder: [VALUE 0m]}", "", nil, []string{"alerts.ladder (list of roles and times, handrail.yaml line 1): a step names a role that there is not; use gp,"}},
		{"ladder by e-mail without a server", "alerts: {ladder: [gp 0m, email 5m]}", "", nil, []string{"alerts.email.host (text): alerts.ladder has a step by email"}},
		{"again", "alerts: {again: VALUE}", "", nil, []string{"alerts.again (length of time, handrail.yaml line 1): it is not a time from 1m to 24h"}},
		{"ladder time", "alerts: {ladder: [gp VALUE]}", "", nil, []string{"a step's time is not one from 0m to 24h"}},
		{"ladder too long", "alerts: {ladder: [gp 0m, nurse 25h]}", "", nil, []string{"a step's time is not one from 0m to 24h"}},
		{"ladder not at once", "alerts: {ladder: [gp 5m]}", "", nil, []string{"nobody is told at once"}},
		{"ladder backwards", "alerts: {ladder: [gp 0m, nurse 9m, gp 5m]}", "", nil, []string{"a step comes before the one above it"}},
		{"ladder shape", "alerts: {ladder: [gp]}", "", nil, []string{"a step is not a role and a time"}},
		{"ladder of nobody", "alerts: {ladder: []}", "", nil, []string{"nobody is told"}},
		{"ladder of groups", "alerts:\n  ladder:\n    - gp: 0m\n", "", nil, []string{"alerts.ladder (list of roles and times, handrail.yaml line 3): it is neither a plain value"}},
		{"hours day", "alerts: {hours: VALUE 09:00-10:00}", "", nil, []string{"alerts.hours (list of days and times of day, handrail.yaml line 1): a day is not one of"}},
		{"hours backwards in the week", "alerts: {hours: sun-mon 09:00-10:00}", "", nil, []string{"the days run backwards"}},
		{"hours time", "alerts: {hours: mon 25:00-26:00}", "", nil, []string{"a time of day is not one"}},
		{"hours no end", "alerts: {hours: mon 09:00}", "", nil, []string{"a time of day is not one"}},
		{"hours over midnight", "alerts: {hours: mon 22:00-02:00}", "", nil, []string{"it ends before it begins"}},
		{"hours no times", "alerts: {hours: mon-fri}", "", nil, []string{"the days or the times are missing"}},
		{"nation", "help: {nation: VALUE}", "", nil, []string{"help.nation (nation, handrail.yaml line 1): there are no cards for this nation"}},
		{"date", "help: {checked: 2026-02-30}", "", nil, []string{"help.checked (date, handrail.yaml line 1): it is not a date of the calendar"}},
		{"model without name", "model: {base_url: https://VALUE/v1}", "", nil, []string{"model.name (text): model.base_url is set"}},
		{"model nowhere", "model: {key: VALUE}", "", nil, []string{"model.base_url (URL): the model is half set up"}},
		{"model in the clear", "model: {base_url: http://VALUE/v1, name: a}", "", nil, []string{"http:// is only for this machine"}},
		{"text in two lines", "data: |\n  a\n  VALUE\n", "", nil, []string{"data (text, handrail.yaml line 1): it has a line break"}},

		{"unknown", "htttp: {addr: VALUE}", "", nil, []string{"htttp (handrail.yaml line 1): there is no such setting; see handrail.example.yaml"}},
		{"unknown, near", "records: {ulr: VALUE}", "", nil, []string{"records.ulr (handrail.yaml line 1): there is no such setting; did you mean records.url?"}},
		{"unknown, dash", "telegram: {webhook-url: VALUE}", "", nil, []string{"did you mean telegram.webhook_url?"}},
		{"unknown, flattened", "telegram_token: VALUE", "", nil, []string{"telegram_token (handrail.yaml line 1): there is no such setting; did you mean telegram.token?"}},
		{"unknown, wrong group", "redis: {checked: VALUE}", "", nil, []string{"did you mean help.checked?"}},
		{"unknown variable", "", "HANDRAIL_RECORD_URL=VALUE", nil, []string{"HANDRAIL_RECORD_URL (environment): there is no such setting; did you mean HANDRAIL_RECORDS_URL?"}},
		{"unknown variable with a number", "", "HANDRAIL_HTTP2_ADDR=VALUE", nil, []string{"HANDRAIL_HTTP2_ADDR (environment): there is no such setting; did you mean HANDRAIL_HTTP_ADDR?"}},
		{"unknown flag", "", "", config.Overrides{"http.adr": "VALUE"}, []string{"http.adr (command line): there is no such setting; did you mean http.addr?"}},
		{"a secret for a key", "telegram:\n  1234567:AAExampleVALUE: x\n", "", nil, []string{"a key (handrail.yaml line 2): there is no such setting"}},
		{"teams", "teams: {tenant: VALUE}", "HANDRAIL_TEAMS_TENANT=VALUE", nil, []string{"teams (handrail.yaml line 1): there is no Teams channel in this version", "HANDRAIL_TEAMS_TENANT (environment): there is no Teams channel"}},
		{"twice", "zone: UTC\nzone: VALUE\n", "", nil, []string{"zone (handrail.yaml line 2): it was given before, on line 1; keep one of the two"}},
		{"twice, in two ways", "zone: UTC\nhttp: {addr: ':1'}\nhttp.addr: ':2'\n", "", nil, []string{"http.addr (handrail.yaml line 3): it was given before, on line 2"}},
		{"group with a value", "http: VALUE", "", nil, []string{"http (group of settings, handrail.yaml line 1): it has a value of its own"}},
		{"anchor", "zone: &a VALUE", "", nil, []string{"zone (time zone, handrail.yaml line 1): it is neither a plain value"}},
		{"key that is a number", "1: VALUE", "", nil, []string{"a key (handrail.yaml line 1): it is not a plain name"}},
		{"two documents", "zone: UTC\n---\nzone: VALUE\n", "", nil, []string{"settings (handrail.yaml line 3): there is a second document"}},
		{"not YAML", "zone: UTC\nhttp: [VALUE\n", "", nil, []string{"settings (handrail.yaml line 2): the file cannot be read as YAML here"}},
		{"tab", "http:\n\taddr: VALUE\n", "", nil, []string{"settings (handrail.yaml line 2): the file cannot be read as YAML here"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := ""
			if tt.file != "" {
				path = settings(t, tt.file)
			}
			cfg, err := config.Load(path, []string{"PATH=/bin", tt.env}, tt.flags)
			var mistakes config.Mistakes
			if !errors.As(err, &mistakes) {
				t.Fatalf("%v, want mistakes", err)
			}
			if !reflect.DeepEqual(cfg, config.Config{}) {
				t.Error("a config that was not to be used came back")
			}
			if strings.Contains(err.Error(), v) {
				t.Errorf("the value is printed: %v", err)
			}
			if len(mistakes) != len(tt.want) {
				t.Fatalf("got\n%v\nwant %d mistakes", err, len(tt.want))
			}
			for i, m := range mistakes {
				if !strings.Contains(m.Error(), tt.want[i]) {
					t.Errorf("got  %v\nwant %s", m, tt.want[i])
				}
				if m.Wrong == "" || m.Do == "" {
					t.Errorf("%v does not say what is wrong and what to do", m)
				}
				if !errors.Is(err, m) {
					t.Error("the mistake is not in the chain of errors")
				}
			}
		})
	}
}

func TestEveryMistakeAtOnce(t *testing.T) {
	path := settings(t, "zone: Mars\nrecords: {url: nothing}\nhelp: {nation: narnia}\n")
	_, err := config.Load(path, []string{"HANDRAIL_SLACK_RATE=fast", "HANDRAIL_NOSUCH=1"}, config.Overrides{"http.addr": "x"})
	var mistakes config.Mistakes
	if !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	var keys []string
	for _, m := range mistakes {
		keys = append(keys, m.Key)
	}
	want := []string{"zone", "records.url", "help.nation", "slack.rate", "HANDRAIL_NOSUCH", "http.addr"}
	if !reflect.DeepEqual(keys, want) {
		t.Errorf("got %v, want %v", keys, want)
	}
	if got := strings.Count(err.Error(), "\n"); got != len(want)-1 {
		t.Errorf("%d line breaks in %q", got, err)
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	huge := filepath.Join(t.TempDir(), "handrail.yaml")
	if err := os.WriteFile(huge, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/nowhere/mary-smith/handrail.yaml": "it is not there",
		huge:                                "it is too large",
		t.TempDir():                         "the system refuses",
	} {
		_, err := config.Load(path, nil, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		} else if strings.Contains(err.Error(), "mary") {
			t.Errorf("the path is printed: %v", err)
		}
	}
}

// What an orchestrator injects because a service is named handrail must not stop the start.
func TestVariablesThatAreNotOurs(t *testing.T) {
	env := []string{"HANDRAIL_PORT=tcp://10.0.0.1:8642", "HANDRAIL_PORT_8642_TCP_ADDR=10.0.0.1", "HANDRAIL_SERVICE_HOST=10.0.0.1", "HANDRAIL_TEST_X=1", "HANDRAILS=1", "nonsense"}
	if _, err := config.Load("", env, nil); err != nil {
		t.Error(err)
	}
}

func TestHoursOpen(t *testing.T) {
	cfg, err := config.Load(settings(t, "alerts:\n  hours:\n    - mon-fri 08:00-18:30\n    - sat 22:00-24:00\n"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for when, want := range map[string]bool{
		"2026-11-23 07:59": false, // a Monday
		"2026-11-23 08:00": true,
		"2026-11-23 18:29": true,
		"2026-11-23 18:30": false,
		"2026-11-28 23:59": true, // Saturday
		"2026-11-29 00:00": false,
		"2026-11-29 12:00": false,
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", when, cfg.Location())
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.Alerts.Hours.Open(at); got != want {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
}

func TestMissing(t *testing.T) {
	none, err := config.Load("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	says := strings.Join(none.Missing(), "\n")
	for _, want := range []string{"@BotFather", "telegram.token", "HANDRAIL_TELEGRAM_TOKEN", "https://api.slack.com/apps", "slack.bot_token", "HANDRAIL_SLACK_BOT_TOKEN", "handrail demo"} {
		if !strings.Contains(says, want) {
			t.Errorf("%q is not in\n%s", want, says)
		}
	}
	for _, flags := range []config.Overrides{
		{"telegram.token": "1:a"},
		{"slack.bot_token": "xoxb-1", "slack.signing_secret": "s"},
	} {
		cfg, err := config.Load("", nil, flags)
		if err != nil {
			t.Fatal(err)
		}
		if m := cfg.Missing(); len(m) > 0 {
			t.Errorf("with a network set up: %v", m)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := config.Load(exampleFile, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}
