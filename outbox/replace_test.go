package outbox_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/store/records/recordstest"
)

// board is a chat whose messages can be edited: what stands on it, in order.
type board struct {
	*chat
	posts   []string
	refuses bool // an edit of what is too old
	loses   int  // answers of edits
}

func (b *board) Send(_ context.Context, _ handrail.Address, m bot.Message) (bot.Ref, error) {
	b.posts = append(b.posts, m.Text.Plain())
	return bot.Ref(rune('a' + len(b.posts) - 1)), nil
}

func (b *board) Edit(_ context.Context, _ handrail.Address, ref bot.Ref, m bot.Message) error {
	if b.refuses {
		return &bot.SendError{Outcome: bot.OutcomeRefused, Err: errors.New("too old")}
	}
	b.posts[ref[0]-'a'] = m.Text.Plain()
	if b.loses > 0 {
		b.loses--
		return &bot.SendError{Outcome: bot.OutcomeUnknown, Err: errors.New("no answer")}
	}
	return nil
}

// A list of work stays one post: what replaces it is written over it, also over what replaced it before, for the same
// address only; where the post cannot be edited any more, or never was sent, it is posted anew.
func TestReplaces(t *testing.T) {
	for name, c := range map[string]struct {
		replaces, to string
		refuses      bool
		loses        int
		want         []string
	}{
		"in its place":         {replaces: "list", to: "1", want: []string{"two"}},
		"the answer is lost":   {replaces: "list", to: "1", loses: 1, want: []string{"two"}},
		"too old":              {replaces: "list", to: "1", refuses: true, want: []string{"one", "two"}},
		"never sent":           {replaces: "other", to: "1", want: []string{"one", "two"}},
		"somebody else's post": {replaces: "list", to: "2", want: []string{"one", "two"}},
		"a new post":           {to: "1", want: []string{"one", "two"}},
	} {
		t.Run(name, func(t *testing.T) {
			clock, db, fake, o := onRecords(t, recordstest.Memory)
			b := &board{chat: fake, refuses: c.refuses, loses: c.loses}
			o.Channels = map[string]bot.Channel{"fake": b}
			ctx := context.Background()
			other := handrail.Staff{ID: "sta_2", Practice: "pra_a", Name: "B", Roles: []handrail.Role{handrail.RoleGP}, Address: to("2"), Active: true}
			if err := db.SaveStaff(ctx, other, handrail.ActorSystem); err != nil {
				t.Fatal(err)
			}
			post := func(key, chat, words, replaces string) {
				t.Helper()
				e := bot.Envelope{Key: key, To: to(chat), Class: bot.ClassNotice, NotBefore: clock.Now(), Message: bot.Message{Text: bot.Para(words), Replaces: replaces}}
				if _, err := db.Put(ctx, e); err != nil {
					t.Fatal(err)
				}
				rest(t, o, clock, clock.Now().Add(time.Hour))
			}
			post("list", "1", "one", "")
			post("again", c.to, "two", c.replaces)
			if !slices.Equal(b.posts, c.want) {
				t.Fatalf("there stands %q, want %q", b.posts, c.want)
			}
			if name == "in its place" {
				post("third", "1", "three", "list")
				if !slices.Equal(b.posts, []string{"three"}) {
					t.Errorf("at last there stands %q", b.posts)
				}
			}
		})
	}
}
