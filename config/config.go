// Package config reads Handrail's settings: one struct, one Load, and every mistake reported at once.
//
// A setting has one name wherever it is written. The setting records.url is the key url under records in the file, the
// variable HANDRAIL_RECORDS_URL in the environment, and the key "records.url" in Overrides. A command-line flag wins
// over the environment, the environment over the file, and the file over the default.
//
//	cfg, err := config.Load("handrail.yaml", os.Environ(), config.Overrides{"http.addr": "127.0.0.1:9000"})
//	if err != nil {
//		fmt.Fprintln(os.Stderr, err) // every mistake, one a line; no value is ever printed
//		os.Exit(2)
//	}
//	listener, err := net.Listen("tcp", string(cfg.HTTP.Addr))
//
// Passwords, tokens and addresses with a password in them are of the types Secret and URL. They print as (secret)
// whatever prints them; only Reveal gives them out.
package config

//go:generate go test -run=TestExampleFile -update .

import (
	"os"
	"path/filepath"
	"time"

	_ "time/tzdata" // zones are read here first, and a container may have no zone data (T6)
)

// Config is every setting of Handrail. The zero Config is not usable: Load makes one.
//
// In this file the doc comment of a field becomes its description in handrail.example.yaml, the tag default its
// default, and the tag example what the example file shows where there is no default.
type Config struct {
	// Data is the directory for everything that Handrail keeps in files: the embedded database and the key of its
	// keyed hashes. It is made when it isn't there. Default: handrail-data.
	Data string `yaml:"data" default:"handrail-data"`
	// Zone is the IANA name of the time zone in which hours, quiet times and schedules are meant, unless a practice
	// says otherwise. Default: Europe/London.
	Zone Zone `yaml:"zone" default:"Europe/London"`

	// HTTP is the public listener: webhooks, the demo's page, the published directory.
	HTTP HTTP `yaml:"http"`
	// Admin is the private listener: health and metrics. Never publish it.
	Admin Admin `yaml:"admin"`
	// Records is the database for what may not be forgotten: people, referrals, consents, inbox, outbox, audit trail.
	Records Records `yaml:"records"`
	// Redis keeps what may be forgotten: where each conversation stands.
	Redis Redis `yaml:"redis"`
	// Practice is the practice whose people this is.
	Practice Practice `yaml:"practice"`
	// Telegram is the bot that patients talk to.
	Telegram Telegram `yaml:"telegram"`
	// Slack is the app that staff talk to. See docs/slack.md.
	Slack Slack `yaml:"slack"`
	// Directory is where listings come from and how organisers are asked.
	Directory Directory `yaml:"directory"`
	// Alerts says how staff hear of a person in possible danger: who is called in chat and by e-mail, after how long, until
	// one of them says "I'm dealing with this". See docs/running.md.
	Alerts Alerts `yaml:"alerts"`
	// Help is about the cards with the telephone numbers of urgent help.
	Help Help `yaml:"help"`
	// Measures is about the questions how life is going.
	Measures Measures `yaml:"measures"`
	// Languages is about the languages that patients read.
	Languages Languages `yaml:"languages"`
	// Model is the optional language model that may add to how the rules read a question; see docs/model.md. Without one
	// the rules read by themselves.
	Model Model `yaml:"model"`
}

// HTTP is the public listener.
type HTTP struct {
	// Addr is the host and port to listen on. Put a reverse proxy with TLS in front of it. Default: 127.0.0.1:8642.
	Addr HostPort `yaml:"addr" default:"127.0.0.1:8642"`
	// PublicURL is the https address at which the public listener is reached from outside. It makes the links that
	// organisers without a chat answer by. Default: none; there are then no such links.
	PublicURL URL `yaml:"public_url" schemes:"https http" example:"https://handrail.example"`
}

// Directory is where listings come from.
type Directory struct {
	// Feeds are fetched by themselves, each as NAME FORMAT ADDRESS TIME: the format is oruk3 or oruk1 (Open Referral UK)
	// or rpde (OpenActive, with two addresses: series, then sessions); the time is one of the day, such as 04:30, or a
	// pause, such as 15m. Default: none.
	Feeds Feeds `yaml:"feeds" example:"bristol oruk3 https://directory.example/services 04:30"`
	// Vocabulary is a file of your own words for needs and interests, on top of the built-in ones; "handrail
	// vocabulary" prints those in the same form. Default: none.
	Vocabulary string `yaml:"vocabulary" example:"/etc/handrail/words.toml"`
}

// Admin is the private listener.
type Admin struct {
	// Addr is the host and port to listen on; health and metrics are here and nowhere else. Default: 127.0.0.1:8643.
	Addr HostPort `yaml:"addr" default:"127.0.0.1:8643"`
}

// Records is the SQL database.
type Records struct {
	// URL is sqlite:///path/handrail.db for the embedded database or postgres://user:password@host/name for
	// PostgreSQL. May be file:/path of a file that holds it. Default: handrail.db in the data directory.
	URL URL `yaml:"url" schemes:"sqlite postgres postgresql" example:"postgres://handrail:PASSWORD@db.example/handrail?sslmode=verify-full"`
	// Key is the key of the keyed hashes and of signed buttons, 32 characters or more. Every process that uses the same
	// database must have the same key, and a changed key makes old buttons and addresses unknown. May be file:/path of
	// a file that holds it. Default: one is made on the first start and kept as records.key in the data directory.
	Key Secret `yaml:"key" min:"32" example:"file:/run/secrets/records_key"`
}

// Redis is the store of conversation state.
type Redis struct {
	// URL is redis://user:password@host:port/0, rediss:// for TLS, or unix:// for a socket. May be file:/path of a file
	// that holds it. Default: none; conversation state is then kept in the records database.
	URL URL `yaml:"url" schemes:"redis rediss unix" example:"redis://127.0.0.1:6379/0"`
}

// Practice is the practice that a deployment begins with.
type Practice struct {
	// Name is what its patients call it. It is used when the records have no practice yet. Default: your practice.
	Name string `yaml:"name" default:"your practice" example:"Stopsley Green Surgery"`
	// UrgentRoute is what staff who write of a patient in danger are told, in their own words. Default: none.
	UrgentRoute string `yaml:"urgent_route" example:"ring the duty doctor on extension 4"`
}

// Telegram is the patients' channel.
type Telegram struct {
	// Token is the bot's token, as BotFather gave it. May be file:/path of a file that holds it. Default: none; there
	// is then no Telegram channel.
	Token Secret `yaml:"token" example:"file:/run/secrets/telegram_token"`
	// APIURL is where Telegram's Bot API answers; another one is for tests and for a Bot API server of your own.
	// Default: https://api.telegram.org.
	APIURL URL `yaml:"api_url" schemes:"https http" default:"https://api.telegram.org"`
	// WebhookURL is the public https address of this Handrail's /telegram. Default: none; messages are then fetched by
	// long polling, which needs no public address.
	WebhookURL URL `yaml:"webhook_url" schemes:"https http" example:"https://handrail.example/telegram"`
	// WebhookSecret is what Telegram sends with each webhook request to prove itself: 1 to 256 of A-Z a-z 0-9 _ and -.
	// Needed with webhook_url. May be file:/path of a file that holds it. Default: none.
	WebhookSecret Secret `yaml:"webhook_secret" charset:"token" example:"file:/run/secrets/telegram_webhook_secret"`
	// Rate is how many messages a second may leave for Telegram in all; Telegram bears about 30. 0 lifts the limit, for
	// measuring only. Default: 25.
	Rate Rate `yaml:"rate" default:"25"`
}

// Slack is the staff's channel.
type Slack struct {
	// AppToken is the app-level token for Socket Mode; it starts with xapp-. May be file:/path of a file that holds it.
	// Default: none; events then come by HTTP and need signing_secret.
	AppToken Secret `yaml:"app_token" not:"xoxb- xoxp-" example:"file:/run/secrets/slack_app_token"`
	// BotToken is the bot's token in the one workspace of the practice; it starts with xoxb-. May be file:/path of a file
	// that holds it. Default: none; workspaces then install the app by themselves, with client_id, or there is no Slack
	// channel.
	BotToken Secret `yaml:"bot_token" not:"xapp- xoxp-" example:"file:/run/secrets/slack_bot_token"`
	// SigningSecret proves that an HTTP request comes from Slack. May be file:/path of a file that holds it.
	// Default: none.
	SigningSecret Secret `yaml:"signing_secret" not:"xapp- xoxb- xoxp-" example:"file:/run/secrets/slack_signing_secret"`
	// Admin is the Slack user id, such as U024BE7LH, of the first administrator, who adds everybody else in chat; it goes
	// with bot_token. Default: none; whoever installs the app by a link is one.
	Admin string `yaml:"admin" example:"U024BE7LH"`
	// ClientID is the app's, for workspaces that install it by themselves: "handrail slack-link" makes the link for a
	// practice. Needs client_secret and http.public_url. Default: none.
	ClientID string `yaml:"client_id" example:"2141029472.691202649728"`
	// ClientSecret goes with client_id. May be file:/path of a file that holds it. Default: none.
	ClientSecret Secret `yaml:"client_secret" not:"xoxb- xapp- xoxp-" example:"file:/run/secrets/slack_client_secret"`
	// APIURL is where Slack's Web API answers; another one is for tests. Default: https://slack.com/api/.
	APIURL URL `yaml:"api_url" schemes:"https http" default:"https://slack.com/api/"`
	// Rate is how many messages a second may leave for Slack in all; Slack bears about one a second in each
	// conversation, which is kept to besides. 0 lifts the limit, for measuring only. Default: 5.
	Rate Rate `yaml:"rate" default:"5"`
}

// Alerts is how staff hear of a person in possible danger.
type Alerts struct {
	// Email is the second route of an alert. It goes out with its step of the ladder, at once outside the hours, and within
	// two minutes when the chat does not deliver. Its words are fixed and name nobody.
	Email AlertEmail `yaml:"email"`
	// Ladder says who is called after how long without anybody saying "I'm dealing with this": a role, or email, and a
	// time, the first at 0m. Roles: gp, nurse, receptionist, pharmacist, link_worker, coordinator, champion, manager,
	// administrator. A step that nobody stands on is stepped over. Where email is set up and no step names it, it goes with
	// the second. Default: link_worker 0m, email 5m, gp 15m, administrator 30m.
	Ladder Ladder `yaml:"ladder" default:"link_worker 0m, email 5m, gp 15m, administrator 30m"`
	// Again is how long after the last step everybody is called again, and then again, while somebody is there; otherwise
	// it waits for the next opening. Default: 1h.
	Again Pause `yaml:"again" default:"1h"`
	// Hours says when somebody is there to see an alert: days and times in the zone. Outside them the ladder climbs all the
	// same, e-mail goes at once, and staff read that nobody is expected to be there. Bank
	// holidays are not known here. Patients are never told that somebody is watching, whatever the hour. Default: mon-fri 08:00-18:30.
	Hours Hours `yaml:"hours" default:"mon-fri 08:00-18:30"`
}

// AlertEmail is how to send an e-mail.
type AlertEmail struct {
	// Host is the mail server's name. It must offer TLS, unless it is this machine. Default: none; there is then no second
	// route.
	Host string `yaml:"host" example:"smtp.example.nhs.uk"`
	// Port is the mail server's port; 587 starts plain and must then go to TLS, 465 is TLS at once. Default: 587.
	Port Port `yaml:"port" default:"587"`
	// From is the address that alerts come from. Needed with host. Default: none.
	From Email `yaml:"from" example:"handrail@example.nhs.uk"`
	// To are the addresses that alerts go to; somebody should be reading them. Needed with host. Default: none.
	To Emails `yaml:"to" example:"duty@example.nhs.uk, manager@example.nhs.uk"`
	// User is the name to log in with. Default: none; no login.
	User string `yaml:"user" example:"handrail"`
	// Password goes with user. May be file:/path of a file that holds it. Default: none.
	Password Secret `yaml:"password" example:"file:/run/secrets/alerts_email_password"`
}

// Help is about the cards of urgent help.
type Help struct {
	// Nation says whose telephone numbers the cards hold: england, wales, scotland or northern_ireland.
	// Default: england.
	Nation Nation `yaml:"nation" default:"england"`
	// Childline is the number of Childline for whoever says that they are under 18. Check it with Childline before you set
	// it: this version's makers did not. Default: none; it is then left out.
	Childline string `yaml:"childline" example:"0800 000 0000"`
	// Checked is the date on which a person last checked the numbers on the cards, as 2026-11-01. Check them before the
	// first patient, and every five months: after 150 days every digest says so, after 180 nobody new can join. Default:
	// none; the day on which this version's cards were checked counts then, and digests ask for yours.
	Checked Date `yaml:"checked" example:"2026-11-01"`
}

// Measures is about the questions how life is going: wellbeing and loneliness, in the words of the Office for National
// Statistics. They are asked twice, by leave of the patient, and never added up.
type Measures struct {
	// Questions says which are asked: verified are those whose exact words were read at their source; all are the last two
	// about loneliness as well, which you must compare with the publisher's page first; none asks nothing.
	// Default: verified.
	Questions Questions `yaml:"questions" default:"verified"`
}

// Languages is about the languages that patients read. English is complete.
type Languages struct {
	// Unchecked uses the drafts in other languages too, which nobody who grew up with them has checked: true or false. It
	// is for those who check them: a mistake in them could harm a patient. Without it, a patient who asks for such a
	// language is told so and gets English, and the link worker is asked to offer an interpreter. Default: false.
	Unchecked Switch `yaml:"unchecked" default:"false"`
}

// Model is a language model behind an OpenAI-shaped interface.
type Model struct {
	// BaseURL is where the model answers; https unless it is on this machine. Default: none; there is then no model and
	// nothing leaves this machine for one.
	BaseURL URL `yaml:"base_url" schemes:"https http" example:"http://127.0.0.1:11434/v1"`
	// Key is the model service's key. May be file:/path of a file that holds it. Default: none.
	Key Secret `yaml:"key" example:"file:/run/secrets/model_key"`
	// Name is which model to ask. Needed with base_url. Default: none.
	Name string `yaml:"name" example:"small-instruct"`
	// Allow are the host names that may be asked besides this machine, without ports: a slip in base_url must not send
	// notes elsewhere. Needed where the model is not on this machine. Default: none.
	Allow Words `yaml:"allow" example:"model.example.nhs.uk"`
}

// Overrides are settings given on the command line, by key ("http.addr"), written as they would be in the environment:
// the flag --data is Overrides{"data": dir}. They win over everything else.
type Overrides map[string]string

// Load makes the Config from the defaults, the file, the environment and the flags, each winning over the one before.
// file may be empty: then there is none; a named file that isn't there is a mistake. env is as os.Environ gives it; an
// empty variable counts as unset, because compose files pass those on. The error, when there is one, is a Mistakes
// that names every mistake at once and no value; the Config is then not to be used.
//
// Load reads the file, and the files that secrets name as file:/path, and touches nothing. It is safe to call twice.
func Load(file string, env []string, flags Overrides) (Config, error) {
	var cfg Config
	l := &loader{fields: fieldsOf(&cfg), from: map[string]string{}}
	l.defaults()
	l.file(file)
	l.environment(env)
	l.overrides(flags)
	l.together(&cfg)
	if len(l.mistakes) > 0 {
		return Config{}, l.mistakes
	}
	if cfg.Records.URL.IsZero() {
		dir, err := filepath.Abs(cfg.Data)
		if err != nil {
			return Config{}, Mistakes{{Key: "data", Kind: "directory", Wrong: "its full path cannot be found", Do: "give a path that starts with /"}}
		}
		cfg.Records.URL = MustURL("sqlite://" + filepath.ToSlash(filepath.Join(dir, "handrail.db")))
	}
	return cfg, nil
}

// Location is the zone as Go knows it.
func (c Config) Location() *time.Location { return c.Zone.Location() }

// Missing says, a sentence each, what serve lacks to talk to anybody, and how to get it. It is empty as soon as one
// chat network is set up.
func (c Config) Missing() []string {
	if !c.Telegram.Token.IsZero() || !c.Slack.BotToken.IsZero() || c.Slack.ClientID != "" {
		return nil
	}
	return []string{
		"No chat network is set up, so nobody can talk to Handrail yet. Set up at least one of these.",
		"For patients on Telegram: open a chat with @BotFather in Telegram, send /newbot, and put the token it gives you in telegram.token (or HANDRAIL_TELEGRAM_TOKEN).",
		"For staff on Slack: make an app at https://api.slack.com/apps, install it in your workspace, and put its bot token (xoxb-...) in slack.bot_token (or HANDRAIL_SLACK_BOT_TOKEN), with either an app-level token (xapp-...) in slack.app_token for Socket Mode or the signing secret in slack.signing_secret.",
		"To look round without either: handrail demo.",
	}
}

// readSmall reads a file that somebody named in a setting: a setting is never large, and a slip such as /dev/zero must
// not eat the memory.
func readSmall(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f, most)
}
