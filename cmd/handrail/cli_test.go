package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun_Statuses(t *testing.T) {
	services := write(t, "services.json", `[{"id":"1","name":"Walk"}]`)
	broken := write(t, "handrail.yaml", "zone: Mars\nhelp: {nation: narnia}\n")
	tests := []struct {
		name   string
		args   []string
		env    []string
		status int
		out    string // in standard output
		errOut string // in standard error
	}{
		{"nothing is help", nil, nil, exitDone, "Try it:  handrail demo", ""},
		{"help", []string{"--help"}, nil, exitDone, "Available Commands", ""},
		{"help of a command", []string{"demo", "--help"}, nil, exitDone, "--addr", ""},
		{"version", []string{"version"}, nil, exitDone, "handrail " + release, ""},
		{"unknown command", []string{"bogus"}, nil, exitUsage, "", `there is no command "bogus"`},
		{"unknown flag", []string{"demo", "--bogus"}, nil, exitUsage, "", "unknown flag: --bogus"},
		{"unknown flag at the root", []string{"--bogus"}, nil, exitUsage, "", "unknown flag: --bogus"},
		{"too many words", []string{"version", "now"}, nil, exitUsage, "", "this needs no arguments"},
		{"search for nothing", []string{"search"}, nil, exitUsage, "", "some words to search for"},
		{"import nothing", []string{"import"}, nil, exitUsage, "", "this needs one file"},
		{"import two", []string{"import", services, services}, nil, exitUsage, "", "this needs one file"},
		{"import no file", []string{"import", "/nowhere/services.json"}, nil, exitFailed, "", "import: open"},
		{"postcodes alone", []string{"postcodes"}, nil, exitUsage, "", "this needs a subcommand: import"},
		{"postcodes of no file", []string{"postcodes", "import", "/nowhere/nspl.csv"}, nil, exitFailed, "", "import postcodes:"},
		{"another time that is none", []string{"search", "walk", "--now", "yesterday"}, nil, exitUsage, "", "--now:"},
		{"no such config", []string{"serve", "--config", "/nowhere/handrail.yaml"}, nil, exitUsage, "", "it is not there"},
		{"two mistakes in the file and one in the environment", []string{"serve", "--config", broken}, []string{"HANDRAIL_HTTP_ADDR=x"}, exitUsage, "", "zone"},
		{"serve without a network", []string{"serve"}, nil, exitFailed, "", "telegram.token"},
		{"health of nobody", []string{"health"}, []string{"HANDRAIL_ADMIN_ADDR=" + freeAddress(t)}, exitFailed, "", "connection refused"},
		{"search", []string{"search", "walk"}, nil, exitDone, "Nothing found.", ""},
		{"import", []string{"import", services}, nil, exitDone, "1 services read: 1 new", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			status, out, errOut := once(t, tt.env, append(tt.args[:len(tt.args):len(tt.args)], "--data", dir)...)
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			if !strings.Contains(out, tt.out) || !strings.Contains(errOut, tt.errOut) {
				t.Errorf("standard output:\n%s\nstandard error:\n%s", out, errOut)
			}
			if status == exitDone && errOut != "" {
				t.Errorf("it went well and complains:\n%s", errOut)
			}
			if status != exitDone {
				if out != "" {
					t.Errorf("it failed and prints:\n%s", out)
				}
				if _, err := os.Stat(dir); err == nil {
					t.Error("it failed and left a data directory behind")
				}
			}
		})
	}
}

func TestRun_EveryMistakeAtOnce(t *testing.T) {
	broken := write(t, "handrail.yaml", "zone: Mars\nhelp: {nation: narnia}\n")
	status, _, errOut := once(t, []string{"HANDRAIL_HTTP_ADDR=x"}, "serve", "--config", broken, "--data", t.TempDir())
	if status != exitUsage {
		t.Errorf("status %d, want %d", status, exitUsage)
	}
	for _, want := range []string{"zone (time zone, handrail.yaml line 1)", "help.nation (nation, handrail.yaml line 2)", "http.addr (host:port, HANDRAIL_HTTP_ADDR)"} {
		if !strings.Contains(errOut, want) {
			t.Errorf("%q is not among the mistakes:\n%s", want, errOut)
		}
	}
}

// TestRun_SecretsAreNeverPrinted runs every command with secrets in every setting that takes one, right and wrong.
func TestRun_SecretsAreNeverPrinted(t *testing.T) {
	const canary = "cAnArY7261"
	nowhere := freeAddress(t)
	right := []string{
		"HANDRAIL_RECORDS_KEY=" + canary + "0123456789012345678901234567890123456789",
		"HANDRAIL_REDIS_URL=redis://user:" + canary + "@" + nowhere + "/0",
		"HANDRAIL_TELEGRAM_API_URL=http://" + nowhere,
		"HANDRAIL_SLACK_API_URL=http://" + nowhere + "/",
		"HANDRAIL_SLACK_APP_TOKEN=xapp-" + canary, "HANDRAIL_SLACK_BOT_TOKEN=xoxb-" + canary, "HANDRAIL_SLACK_SIGNING_SECRET=" + canary,
		"HANDRAIL_MODEL_BASE_URL=http://" + nowhere + "/v1", "HANDRAIL_MODEL_NAME=small", "HANDRAIL_MODEL_KEY=" + canary,
		"HANDRAIL_ALERTS_EMAIL_HOST=127.0.0.1", "HANDRAIL_ALERTS_EMAIL_FROM=a@example.org", "HANDRAIL_ALERTS_EMAIL_TO=b@example.org",
		"HANDRAIL_ALERTS_EMAIL_USER=u", "HANDRAIL_ALERTS_EMAIL_PASSWORD=" + canary,
		"HANDRAIL_ADMIN_ADDR=" + nowhere,
	}
	sets := map[string][]string{
		"all of them right":     right,
		"database nobody opens": append(right[:len(right):len(right)], "HANDRAIL_RECORDS_URL=postgres://user:"+canary+"@"+nowhere+"/db?connect_timeout=1"),
		"all of them wrong": {"HANDRAIL_RECORDS_KEY=" + canary, "HANDRAIL_RECORDS_URL=" + canary + "://x", "HANDRAIL_REDIS_URL=redis://" + canary + ":%zz",
			"HANDRAIL_TELEGRAM_TOKEN=" + canary + " " + canary, "HANDRAIL_SLACK_BOT_TOKEN=xapp-" + canary, "HANDRAIL_SLACK_APP_TOKEN=xoxb-" + canary,
			"HANDRAIL_TELEGRAM_WEBHOOK_SECRET=?" + canary, "HANDRAIL_MODEL_BASE_URL=" + canary, "HANDRAIL_HTTP_ADDR=" + canary},
	}
	services := write(t, "services.json", `[{"id":"1","name":"Walk"}]`)
	postcodes := write(t, "nspl.csv", "postcode,lat,lon\nLU1 2AB,51.8786,-0.4200\n")
	commands := [][]string{
		{"version"}, {"--help"}, {"bogus"}, {"health"}, {"import", services}, {"import", services, "--json"}, {"postcodes", "import", postcodes},
		{"search", "walk"}, {"search", "walk near LU1 2AB", "--json"}, {"serve", "--bogus"},
	}
	for name, env := range sets {
		t.Run(name, func(t *testing.T) {
			for _, args := range commands {
				_, out, errOut := once(t, env, append(args[:len(args):len(args)], "--data", filepath.Join(t.TempDir(), "d"))...)
				if strings.Contains(out+errOut, canary) {
					t.Errorf("%v prints a secret:\n%s%s", args, out, errOut)
				}
			}
			if name != "all of them right" {
				_, out, errOut := once(t, env, "serve", "--data", filepath.Join(t.TempDir(), "d"))
				if strings.Contains(out+errOut, canary) {
					t.Errorf("serve prints a secret:\n%s%s", out, errOut)
				}
				if errOut == "" {
					t.Error("serve has nothing to say about it")
				}
			}
		})
	}
}

func TestImport_GoodAndBadRecords(t *testing.T) {
	dir := t.TempDir()
	file := write(t, "services.json", `{"contents":[
{"id":"s-1","name":"Leith Lunch Club"},
{"name":"No id"},
{"id":"s-3","name":"Knit and Natter"},
{"id":"s-4"}
]}`)
	status, out, errOut := once(t, nil, "import", file, "--data", dir)
	if status != exitDone {
		t.Fatalf("status %d: %s", status, errOut)
	}
	for _, want := range []string{"2 services read: 2 new", "line 3:", "no id", "line 5:", "no name"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if _, out, _ = once(t, nil, "import", file, "--data", dir); !strings.Contains(out, "0 new, 0 changed, 2 as before, 0 gone") {
		t.Errorf("the same again says\n%s", out)
	}
	_, out, _ = once(t, nil, "import", file, "--data", dir, "--json")
	var result struct {
		Services, Same int
		Problems       []struct{ Line int }
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil || result.Services != 2 || result.Same != 2 || len(result.Problems) != 2 || result.Problems[0].Line != 3 {
		t.Errorf("%v: %s", err, out)
	}
	if _, out, _ = once(t, nil, "search", "--data", dir, "knitting"); !strings.Contains(out, "Knit and Natter") {
		t.Errorf("what was imported is not found:\n%s", out)
	}
}

// An import that would empty the directory is held until somebody looks, and then obeyed.
func TestImport_HeldUntilForced(t *testing.T) {
	dir := t.TempDir()
	var many []string
	for i := range 10 {
		many = append(many, `{"id":"s-`+strconv.Itoa(i)+`","name":"Group `+strconv.Itoa(i)+`"}`)
	}
	file := write(t, "services.json", "["+strings.Join(many, ",")+"]")
	if status, _, errOut := once(t, nil, "import", file, "--data", dir); status != exitDone {
		t.Fatal(errOut)
	}
	if err := os.WriteFile(file, []byte("["+many[0]+"]"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errOut := once(t, nil, "import", file, "--data", dir)
	if status != exitFailed || !strings.Contains(errOut, "--force") {
		t.Errorf("status %d\n%s%s", status, out, errOut)
	}
	if status, out, errOut = once(t, nil, "import", file, "--data", dir, "--force"); status != exitDone || !strings.Contains(out, "9 gone") {
		t.Errorf("status %d\n%s%s", status, out, errOut)
	}
}

func TestPostcodesImport(t *testing.T) {
	const text = "postcode,lat,lon\nLU1 2AB,51.8786,-0.4200\nLU1 2AD,51.8790,-0.4210\nnonsense\n"
	plain := write(t, "nspl.csv", text)
	var gz, zipped bytes.Buffer
	g := gzip.NewWriter(&gz)
	z := zip.NewWriter(&zipped)
	entry, err := z.Create("Data/NSPL_MAY_2025_UK.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { _, err := g.Write([]byte(text)); return err }, g.Close,
		func() error { _, err := entry.Write([]byte(text)); return err }, z.Close,
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range map[string]string{"csv": plain, "gz": write(t, "nspl.csv.gz", gz.String()), "zip": write(t, "nspl.zip", zipped.String())} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			status, out, errOut := once(t, nil, "postcodes", "import", file, "--data", dir)
			if status != exitDone || !strings.Contains(out, "2 postcodes") || !strings.Contains(out, "line 4:") {
				t.Fatalf("status %d\n%s%s", status, out, errOut)
			}
			// A postcode that is known now, one whose sector is, and one that nobody knows.
			if status, out, errOut = once(t, nil, "search", "walk near LU1 2AB", "--data", dir); status != exitDone || !strings.Contains(out, "near LU1 2AB") {
				t.Errorf("status %d\n%s%s", status, out, errOut)
			}
			if status, out, errOut = once(t, nil, "search", "walk near LU1 2ZZ", "--data", dir); status != exitDone || !strings.Contains(out, "I do not know that exact postcode") {
				t.Errorf("status %d\n%s%s", status, out, errOut)
			}
			if status, out, errOut = once(t, nil, "search", "walk near EH6 4AA", "--data", dir); status != exitFailed || !strings.Contains(errOut, "I do not know that postcode.") {
				t.Errorf("status %d\n%s%s", status, out, errOut)
			}
		})
	}
}

// searched is the promise of search --json.
type searched struct {
	Understood map[string]any `json:"understood"`
	Widened    string         `json:"widened"`
	Results    []struct {
		ID, Name, When, Cost, Why string
	} `json:"results"`
}

func searchJSON(t *testing.T, dir, words string, flags ...string) searched {
	t.Helper()
	status, out, errOut := once(t, nil, append([]string{"search", "--json", words, "--data", dir}, flags...)...)
	if status != exitDone {
		t.Fatalf("status %d: %s", status, errOut)
	}
	var s searched
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return s
}

func TestSearch_JSON(t *testing.T) {
	dir := t.TempDir()
	file := write(t, "services.json", `[{"id":"s-1","name":"Lunch Club"},{"id":"s-2","name":"Walking Group"}]`)
	if status, _, errOut := once(t, nil, "import", file, "--data", dir); status != exitDone {
		t.Fatal(errOut)
	}
	s := searchJSON(t, dir, "lunch club")
	if len(s.Results) == 0 || s.Results[0].ID != "s-1" || s.Results[0].Name != "Lunch Club" || len(s.Understood) == 0 {
		t.Errorf("%+v", s)
	}
	// Nothing found is an empty list, not null.
	_, out, _ := once(t, nil, "search", "--json", "lunch club", "--data", t.TempDir())
	if !strings.Contains(out, `"results":[]`) {
		t.Error(out)
	}
}

// --now is the clock of everything: imported in its own year a group has its times, imported a year later they are over.
func TestImport_Now(t *testing.T) {
	file := write(t, "services.json", `[{"id":"s-1","name":"Chess Club","schedules":[{"freq":"WEEKLY","byday":"TU","valid_from":"2014-01-07","valid_to":"2014-06-24","opens_at":"10:00","closes_at":"12:00"}]}]`)
	for now, want := range map[string]string{"2014-02-03T09:00:00Z": "Tuesdays, 10am to 12 noon, until 24 June 2014", "2015-02-03T09:00:00Z": "times not said"} {
		dir := t.TempDir()
		if status, _, errOut := once(t, nil, "import", file, "--data", dir, "--now", now); status != exitDone {
			t.Fatal(errOut)
		}
		s := searchJSON(t, dir, "chess", "--now", now)
		if len(s.Results) != 1 || s.Results[0].When != want {
			t.Errorf("on %s: %+v, want %q", now, s.Results, want)
		}
	}
}

// TestAcceptance_RealData is the sequence a newcomer follows with real open data.
func TestAcceptance_RealData(t *testing.T) {
	const shared = "../../../shared/data"
	if _, err := os.Stat(shared); err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	dir := t.TempDir()
	status, out, errOut := once(t, nil, "import", shared+"/derived/oruk-v3-services.json", "--data", dir)
	if status != exitDone || !strings.Contains(out, "1150 services read: 1150 new") {
		t.Fatalf("status %d\n%s%s", status, out, errOut)
	}
	if status, out, errOut = once(t, nil, "postcodes", "import", shared+"/postcodes/nspl-2025-05-eh.csv.gz", "--data", dir); status != exitDone || !strings.Contains(out, "33479 postcodes") {
		t.Fatalf("status %d\n%s%s", status, out, errOut)
	}
	free := searchJSON(t, dir, "lunch club near EH6 free")
	if len(free.Results) == 0 {
		t.Error("nothing free near EH6 at all")
	}
	for _, r := range free.Results {
		if strings.ContainsAny(r.Cost, "£0123456789") {
			t.Errorf("%s was asked for free and costs %s", r.Name, r.Cost)
		}
	}
	lunches := 0
	for _, r := range searchJSON(t, dir, "lunch club near EH6").Results[:5] {
		if words := strings.ToLower(r.Name + " " + r.Why); strings.Contains(words, "lunch") || strings.Contains(words, "meal") {
			lunches++
		}
	}
	if lunches < 4 {
		t.Errorf("%d of the first five are lunch clubs", lunches)
	}
}

func TestOpen_NewerDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	if status, _, errOut := once(t, nil, "search", "walk", "--data", dir); status != exitDone {
		t.Fatal(errOut)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "handrail.db")) // the driver that the records brought
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"search", "walk"}, {"demo", "--addr", "127.0.0.1:0"}} {
		status, out, errOut := once(t, nil, append(args, "--data", dir)...)
		if status != exitFailed || !strings.Contains(errOut, "made by a newer version of Handrail") {
			t.Errorf("%v: status %d\n%s%s", args, status, out, errOut)
		}
	}
}

func TestDemo_TakenPortLeavesNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := filepath.Join(t.TempDir(), "demo")
	status, out, errOut := once(t, nil, "demo", "--addr", l.Addr().String(), "--data", dir)
	if status != exitFailed || !strings.Contains(errOut, "is another demo running?") || out != "" {
		t.Errorf("status %d\n%s%s", status, out, errOut)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it left its directory behind")
	}
}

// freeAddress is an address where nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}
