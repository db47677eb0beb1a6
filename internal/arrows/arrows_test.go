package arrows_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// room is one package as go list tells of it: what its ordinary files import, and all that comes with that. Tests may
// import what they like.
type room struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
}

// rule is one arrow that must not be. A path stands for itself and for everything beneath it; "root" is the root
// package alone, "stdlib" the standard library, "*" everything.
type rule struct {
	why  string
	from []string // these rooms ...
	but  []string // ... except these ...
	only []string // ... may import nothing of ours and nothing foreign but these, when it is set,
	not  []string // ... and none of these ...
	yet  []string // ... but of these after all,
	deep bool     // not even by way of others
}

// module is the path of this module.
const module = "handrail"

func rules() []rule {
	channels := []string{"bot/web", "bot/slack", "bot/telegram"}
	return []rule{
		{why: "the root package holds the nouns and imports nothing of ours", from: []string{"root"}, only: []string{"stdlib"}},
		{why: "bot knows how to hold a conversation and nothing else", from: []string{"bot"}, but: append([]string{"bot/bottest"}, channels...), only: []string{"stdlib", "root", "bot"}},
		{why: "urgent help works with every network and model away", from: []string{"urgent"}, not: []string{"net", "net/http", "os/exec", "database/sql", "meaning", "store", "house"}, deep: true},
		{why: "a dialog knows no channel, no Redis and no SQL", from: []string{"dialogs"}, not: append([]string{"store", "outbox", "reminders", "database/sql", "github.com/redis", "net/http"}, channels...), deep: true},
		{why: "a channel knows no dialog and no store", from: channels, not: []string{"dialogs", "store", "outbox", "reminders", "directory", "buddies", "meaning", "house", "config"}},
		{why: "a room sees bot and the root package, and is joined to others in house; words are for all", from: []string{"alerts", "reminders", "outbox", "directory", "buddies", "meaning", "store"}, not: append([]string{"dialogs", "house", "cmd", "config"}, channels...), yet: []string{"dialogs/text"}},
		{why: "an adapter or a store knows no other", from: []string{"store/records"}, not: []string{"store/conversations"}},
		{why: "an adapter or a store knows no other", from: []string{"store/conversations"}, not: []string{"store/records"}},
		{why: "settings are read in one place and handed on", from: []string{"*"}, but: []string{"config", "cmd", "house"}, not: []string{"config"}},
		{why: "the wiring is on top", from: []string{"*"}, but: []string{"house", "cmd", "bot/bottest"}, not: []string{"house"}},
		{why: "the command is on top", from: []string{"*"}, but: []string{"cmd"}, not: []string{"cmd"}},

		{why: "one folder an SDK", from: []string{"*"}, but: []string{"bot/slack"}, not: []string{"github.com/slack-go"}},
		{why: "one folder an SDK", from: []string{"*"}, but: []string{"bot/telegram"}, not: []string{"github.com/go-telegram"}},
		{why: "one folder an SDK", from: []string{"*"}, but: []string{"store/conversations"}, not: []string{"github.com/redis"}},
		{why: "one folder an SDK", from: []string{"*"}, but: []string{"reminders"}, not: []string{"github.com/robfig/cron"}},
		{why: "one folder an SDK", from: []string{"*"}, but: []string{"directory/calendar"}, not: []string{"github.com/teambition/rrule-go"}},
		{why: "one folder an SDK", from: []string{"*"}, but: []string{"directory/sources"}, not: []string{"github.com/xuri/excelize"}},
		{why: "one folder an SDK", from: []string{"*"}, but: []string{"directory/poster"}, not: []string{"rsc.io/qr"}},
		{why: "one folder an SDK", from: []string{"*"}, but: []string{"meaning/model"}, not: []string{"github.com/sashabaranov/go-openai"}},
		{why: "SQL is in store/records", from: []string{"*"}, but: []string{"store/records"}, not: []string{"database/sql", "github.com/jackc", "github.com/pressly", "modernc.org"}},
		{why: "the settings' format is config's business", from: []string{"*"}, but: []string{"config"}, not: []string{"github.com/goccy/go-yaml"}},
		{why: "flags and subcommands are the command's business", from: []string{"*"}, but: []string{"cmd"}, not: []string{"github.com/spf13"}},
		{why: "what is for tests stays in tests", from: []string{"*"}, but: []string{"bot/bottest", "store/records/recordstest", "store/conversations/redistest", "house/housetest", "internal/browser", "internal/walltime", "internal/aimock"}, not: []string{"testing", "github.com/santhosh-tekuri", "pgregory.net", "github.com/chromedp", "go.uber.org/goleak", "github.com/rogpeppe"}},
	}
}

// under says whether an import path is one of the rooms, or beneath one.
func under(path string, rooms []string, standard map[string]bool) bool {
	return slices.ContainsFunc(rooms, func(r string) bool {
		switch {
		case r == "*":
			return path == module || strings.HasPrefix(path, module+"/")
		case r == "root":
			return path == module
		case r == "stdlib":
			return standard[path]
		case r == "net":
			return path == r // and not net/url, which reaches no network
		}
		// A word without a dot is a room of ours, or a package of the standard library.
		full := path == r || strings.HasPrefix(path, r+"/")
		return full || path == module+"/"+r || strings.HasPrefix(path, module+"/"+r+"/")
	})
}

// wrong lists the arrows of rooms that a rule forbids.
func (r rule) wrong(rooms []room, standard map[string]bool) []string {
	var found []string
	for _, from := range rooms {
		if !under(from.ImportPath, r.from, standard) || under(from.ImportPath, r.but, standard) {
			continue
		}
		imports := from.Imports
		if r.deep {
			imports = from.Deps
		}
		for _, to := range imports {
			if under(to, r.yet, standard) {
				continue
			}
			if r.only != nil && !under(to, r.only, standard) || under(to, r.not, standard) {
				found = append(found, from.ImportPath+" -> "+to)
			}
		}
	}
	return found
}

func TestArrows(t *testing.T) {
	rooms, standard := list(t)
	for _, r := range rules() {
		for _, arrow := range r.wrong(rooms, standard) {
			t.Errorf("%s: %s", arrow, r.why)
		}
	}
}

// Each rule must be able to say no; a rule with a slip in a path would hold nothing.
func TestArrowsCanFail(t *testing.T) {
	_, standard := list(t)
	tests := []struct{ from, to string }{
		{"handrail", "handrail/bot"},
		{"handrail", "golang.org/x/text"},
		{"handrail/bot", "handrail/urgent"},
		{"handrail/bot", "github.com/redis/go-redis/v9"},
		{"handrail/urgent", "net"},
		{"handrail/urgent", "net/http"},
		{"handrail/urgent", "handrail/meaning/model"},
		{"handrail/dialogs", "handrail/bot/web"},
		{"handrail/dialogs/text", "handrail/store/records"},
		{"handrail/dialogs", "database/sql"},
		{"handrail/dialogs", "github.com/redis/go-redis/v9"},
		{"handrail/bot/web", "handrail/dialogs"},
		{"handrail/bot/telegram", "handrail/store/records"},
		{"handrail/outbox", "handrail/dialogs"},
		{"handrail/alerts", "handrail/dialogs"},
		{"handrail/directory/sources", "handrail/bot/web"},
		{"handrail/store/records", "handrail/store/conversations"},
		{"handrail/store/conversations", "handrail/store/records"},
		{"handrail/outbox", "handrail/config"},
		{"handrail/reminders", "handrail/house"},
		{"handrail/house", "handrail/cmd/handrail"},
		{"handrail/bot/telegram", "github.com/slack-go/slack"},
		{"handrail/bot/slack", "github.com/go-telegram/bot"},
		{"handrail/outbox", "github.com/redis/go-redis/v9"},
		{"handrail/outbox", "github.com/robfig/cron/v3"},
		{"handrail/meaning", "github.com/sashabaranov/go-openai"},
		{"handrail/directory", "github.com/teambition/rrule-go"},
		{"handrail/directory", "github.com/xuri/excelize/v2"},
		{"handrail/directory/onetap", "rsc.io/qr"},
		{"handrail/store/conversations", "database/sql"},
		{"handrail/house", "modernc.org/sqlite"},
		{"handrail/house", "github.com/goccy/go-yaml"},
		{"handrail/house", "github.com/spf13/cobra"},
		{"handrail/house", "testing"},
	}
	caught := map[int]bool{}
	for _, tt := range tests {
		made := []room{{ImportPath: tt.from, Imports: []string{tt.to}, Deps: []string{tt.to}}}
		no := false
		for i, r := range rules() {
			if len(r.wrong(made, standard)) > 0 {
				no, caught[i] = true, true
			}
		}
		if !no {
			t.Errorf("%s -> %s is let pass", tt.from, tt.to)
		}
	}
	for i, r := range rules() {
		if !caught[i] {
			t.Errorf("no case here breaks the rule %d, %q", i, r.why)
		}
	}
	for _, tt := range []struct{ from, to string }{
		{"handrail", "errors"},
		{"handrail/bot", "handrail"},
		{"handrail/bot/web", "net/http"},
		{"handrail/urgent", "net/url"},
		{"handrail/dialogs", "handrail/dialogs/text"},
		{"handrail/reminders", "handrail/dialogs/text"},
		{"handrail/store/records/recordstest", "testing"},
		{"handrail/cmd/handrail", "handrail/house"},
		{"handrail/store/records", "modernc.org/sqlite"},
	} {
		made := []room{{ImportPath: tt.from, Imports: []string{tt.to}, Deps: []string{tt.to}}}
		for _, r := range rules() {
			if len(r.wrong(made, standard)) > 0 {
				t.Errorf("%s -> %s is refused: %s", tt.from, tt.to, r.why)
			}
		}
	}
}

// list asks go list for the rooms of the house and the names of the standard library's packages.
func list(t *testing.T) ([]room, map[string]bool) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command to list the packages with")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-deps", "-json=ImportPath,Standard,Imports,Deps", "./...")
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var rooms []room
	standard := map[string]bool{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var r room
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch {
		case r.Standard:
			standard[r.ImportPath] = true
		case r.ImportPath == module || strings.HasPrefix(r.ImportPath, module+"/"):
			rooms = append(rooms, r)
		}
	}
	if len(rooms) < 3 {
		t.Fatalf("go list found %d rooms; it looked in the wrong place", len(rooms))
	}
	return rooms, standard
}
