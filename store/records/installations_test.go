package records_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail"
	"handrail/bot"
	"handrail/store/records"
	"handrail/store/records/recordstest"
)

func TestWorkspaces_C8_OnePracticeForLife(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		if err := w.SavePractice(w.ctx, handrail.Practice{ID: "b", Name: "Other", Zone: "Europe/London"}, handrail.ActorSystem); err != nil {
			t.Fatal(err)
		}
		want := records.Workspace{Team: "T1", Practice: "a", Token: "xoxb-canary-1", BotUser: "UB", Installer: "U1", At: w.clock.Now()}
		for range 2 {
			if err := w.SaveWorkspace(w.ctx, want); err != nil {
				t.Fatal(err)
			}
		}
		got, ok, err := w.Workspace(w.ctx, "T1")
		if err != nil || !ok || got != want {
			t.Fatalf("saved %+v, got back %+v, %v, %v", want, got, ok, err)
		}
		stolen := want
		stolen.Practice, stolen.Token = "b", "xoxb-other"
		if err := w.SaveWorkspace(w.ctx, stolen); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("another practice took the workspace: %v", err)
		}
		if got, _, err := w.Workspace(w.ctx, "T1"); err != nil || got != want {
			t.Errorf("after that it is %v, %v", got.Practice, err)
		}
		if all, err := w.Workspaces(w.ctx, "a"); err != nil || len(all) != 1 {
			t.Errorf("%d workspaces of the practice, %v", len(all), err)
		}
		if all, err := w.Workspaces(w.ctx, "b"); err != nil || len(all) != 0 {
			t.Errorf("%d workspaces of the other practice, %v", len(all), err)
		}
		for range 2 {
			if err := w.RevokeWorkspace(w.ctx, "T1", w.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if _, ok, err := w.Workspace(w.ctx, "T1"); ok || err != nil {
			t.Errorf("a workspace that took the app away still has it: %v, %v", ok, err)
		}
		if err := w.SaveWorkspace(w.ctx, stolen); !handrail.IsKind(err, handrail.KindConflict) {
			t.Errorf("another practice took a workspace that had left: %v", err)
		}
		if err := w.SaveWorkspace(w.ctx, want); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := w.Workspace(w.ctx, "T1"); err != nil || !ok || got != want {
			t.Errorf("installed again it is %v, %v, %v", got, ok, err)
		}
		for _, broken := range []records.Workspace{{Practice: "a", Token: "x"}, {Team: "T2", Token: "x"}, {Team: "T2", Practice: "a"}} {
			if err := w.SaveWorkspace(w.ctx, broken); !handrail.IsKind(err, handrail.KindInvalid) {
				t.Errorf("a workspace that lacks something was saved: %v", err)
			}
		}
		for _, printed := range []string{fmt.Sprint(got), fmt.Sprintf("%+v %#v", got, got)} {
			if strings.Contains(printed, "canary") {
				t.Errorf("a workspace prints its token: %s", printed)
			}
		}
	})
}

// mirror seals by turning bytes around, so that what was not sealed can be seen.
type mirror struct{}

func (mirror) Seal(_ string, plain []byte) ([]byte, error) { return turned(plain), nil }
func (mirror) Open(_ string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, errors.New("nothing was sealed")
	}
	return turned(sealed), nil
}

func turned(b []byte) []byte {
	out := make([]byte, len(b))
	for i, x := range b {
		out[i] = ^x
	}
	return out
}

func TestWorkspaces_C15_TokenIsSealed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "handrail.db")
	clock := newClock()
	r, err := records.Open(t.Context(), records.Options{URL: "sqlite://" + path, Now: clock.Now, Key: make([]byte, 32), Codec: mirror{}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := r.SavePractice(ctx, handrail.Practice{ID: "a", Name: "A", Zone: "Europe/London"}, handrail.ActorSystem); err != nil {
		t.Fatal(err)
	}
	if err := r.SaveWorkspace(ctx, records.Workspace{Team: "T1", Practice: "a", Token: "xoxb-canary-1", Installer: "UCANARY", At: clock.Now()}); err != nil {
		t.Fatal(err)
	}
	got, ok, err := r.Workspace(ctx, "T1")
	if err != nil || !ok || got.Token != "xoxb-canary-1" || got.Installer != "UCANARY" {
		t.Fatalf("got back %v, %v", ok, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range []string{"xoxb-canary-1", "UCANARY"} {
			if bytes.Contains(raw, []byte(canary)) {
				t.Errorf("%s is in the file as it is", canary)
			}
		}
	}
}

// Somebody who writes in a thread is who they are in their own conversation; the conversations are two.
func TestWho_Thread(t *testing.T) {
	recordstest.Each(t, func(t *testing.T, open recordstest.Open) {
		w := newWorld(t, open, records.Options{})
		at := w.gp.Address
		at.Thread = "C0ROOM"
		who, err := w.Who(w.ctx, at)
		if err != nil || who.Kind != bot.WhoStaff || who.ID != string(w.gp.ID) {
			t.Errorf("in a thread the GP is %+v, %v", who, err)
		}
		if w.ConversationKey(at) == w.ConversationKey(w.gp.Address) {
			t.Error("two places are one conversation")
		}
	})
}
