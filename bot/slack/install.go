package slack

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
)

// Install is what the app needs so that workspaces can install it by themselves (OAuth, version 2). A practice installs it
// with a link that whoever runs Handrail made for it: who has the link becomes the practice's first administrator.
type Install struct {
	// ClientID and ClientSecret are the app's.
	ClientID     string
	ClientSecret bot.Secret
	// PublicURL is where Handler is reached from outside, without a path: "https://handrail.example".
	PublicURL string
	// AuthorizeURL is where Slack asks; empty is https://slack.com/oauth/v2/authorize.
	AuthorizeURL string
	// Key signs links and states; at least 32 bytes.
	Key []byte
}

// InstallLife is how long a link to install can be used; stateLife how long somebody may look at Slack's question.
const (
	InstallLife = 7 * 24 * time.Hour
	stateLife   = 15 * time.Minute
)

// Scopes are what the app may do, and the manifest has the same.
func Scopes() []string {
	return []string{"app_mentions:read", "chat:write", "commands", "files:write", "im:history", "im:write", "users:read"}
}

func (i Install) on() bool { return i.ClientID != "" }

func (i Install) check() error {
	if i.ClientSecret == nil || i.ClientSecret.Reveal() == "" || len(i.Key) < 32 {
		return errors.New("make the slack channel: to be installed by workspaces it needs a client secret and a key")
	}
	u, err := url.Parse(i.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("make the slack channel: to be installed by workspaces it needs its public address")
	}
	return nil
}

// seal signs words for a purpose until a time.
func (i Install) seal(purpose string, until time.Time, words ...string) string {
	body := strings.Join(append([]string{strconv.FormatInt(until.Unix(), 36)}, words...), "~")
	return base64.RawURLEncoding.EncodeToString([]byte(body)) + "." + i.mac(purpose, body)
}

func (i Install) mac(purpose, body string) string {
	h := hmac.New(sha256.New, i.Key)
	h.Write([]byte("slack install\x00" + purpose + "\x00" + body))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// open returns the words that seal signed, when they are n and their time is not over.
func (i Install) open(purpose, sealed string, now time.Time, n int) ([]string, bool) {
	encoded, mac, ok := strings.Cut(sealed, ".")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || !hmac.Equal([]byte(mac), []byte(i.mac(purpose, string(raw)))) {
		return nil, false
	}
	words := strings.Split(string(raw), "~")
	until, err := strconv.ParseInt(words[0], 36, 64)
	if err != nil || now.After(time.Unix(until, 0)) || len(words) != n+1 {
		return nil, false
	}
	return words[1:], true
}

// Link is the address at which a practice installs the app, until now and InstallLife.
func (i Install) Link(practice handrail.PracticeID, now time.Time) string {
	return strings.TrimRight(i.PublicURL, "/") + "/slack/install?link=" + i.seal("link", now.Add(InstallLife), string(practice))
}

func (i Install) redirect() string {
	return strings.TrimRight(i.PublicURL, "/") + "/slack/oauth_redirect"
}

// stateCookie binds the way back to the browser that set out.
const stateCookie = "handrail_slack_state"

func (c *Channel) serveInstall(w http.ResponseWriter, r *http.Request) {
	now := c.clock.Now()
	words, ok := c.install.open("link", r.URL.Query().Get("link"), now, 1)
	if !ok {
		c.page(w, http.StatusForbidden, c.texts.NotInstalled)
		return
	}
	nonce := rand.Text()
	c.cookie(w, nonce, int(stateLife/time.Second))
	to := c.install.AuthorizeURL
	if to == "" {
		to = "https://slack.com/oauth/v2/authorize"
	}
	q := url.Values{
		"client_id": {c.install.ClientID}, "scope": {strings.Join(Scopes(), ",")}, "redirect_uri": {c.install.redirect()},
		"state": {c.install.seal("state", now.Add(stateLife), words[0], nonce)},
	}
	http.Redirect(w, r, to+"?"+q.Encode(), http.StatusFound)
}

// cookie is secure wherever the public address is: a deployment that is tried on one machine has no TLS.
func (c *Channel) cookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // see above
		Name: stateCookie, Value: value, Path: "/slack/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(c.install.PublicURL, "https:"),
	})
}

func (c *Channel) serveRedirect(w http.ResponseWriter, r *http.Request) {
	words, ok := c.install.open("state", r.URL.Query().Get("state"), c.clock.Now(), 2)
	cookie, err := r.Cookie(stateCookie)
	code := r.URL.Query().Get("code")
	if !ok || err != nil || !hmac.Equal([]byte(cookie.Value), []byte(words[1])) || code == "" {
		c.page(w, http.StatusForbidden, c.texts.NotInstalled)
		return
	}
	c.cookie(w, "", -1)
	if err := c.exchange(r.Context(), handrail.PracticeID(words[0]), code); err != nil {
		c.log.ErrorContext(r.Context(), "slack: the app was not installed", "error", err)
		words := c.texts.NotInstalled
		if errors.Is(err, errWholeOrganisation) {
			words = c.texts.OneWorkspace
		}
		c.page(w, http.StatusForbidden, words)
		return
	}
	c.page(w, http.StatusOK, c.texts.Installed)
}

// exchange takes a workspace's token for its code and keeps it.
func (c *Channel) exchange(ctx context.Context, practice handrail.PracticeID, code string) error {
	if c.installed.store == nil {
		return errors.New("there is no place to keep installations")
	}
	var out struct {
		Token   Token   `json:"access_token"`
		BotUser string  `json:"bot_user_id"`
		Team    wireRef `json:"team"`
		User    wireRef `json:"authed_user"`
		Whole   bool    `json:"is_enterprise_install"`
	}
	err := c.api.call(ctx, "", "oauth.v2.access", url.Values{
		"client_id": {c.install.ClientID}, "client_secret": {c.install.ClientSecret.Reveal()}, "code": {code}, "redirect_uri": {c.install.redirect()},
	}, &out)
	if err != nil {
		return err
	}
	if out.Whole {
		return errWholeOrganisation // its token is forgotten with this function
	}
	if out.Token == "" || !isID(out.Team.ID) || !isID(out.User.ID) {
		return errors.New("the answer names no workspace, or nobody who installed the app")
	}
	in := Installation{Team: out.Team.ID, Practice: practice, Token: out.Token, BotUser: out.BotUser, Installer: out.User.ID, At: c.clock.Now().UTC()}
	if err := c.installed.store.Save(ctx, in); err != nil {
		return err
	}
	c.installed.forget(in.Team)
	if c.administrator == nil {
		return nil
	}
	return c.administrator(ctx, Address(practice, in.Team, in.Installer), c.nameOf(ctx, in, in.Installer))
}

// page shows one sentence.
func (c *Channel) page(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, words+"\n") // whoever left is not our business
}
