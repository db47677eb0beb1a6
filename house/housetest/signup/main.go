// Command signup is the bot that docs/measurements.md measures beside others: a sign-up of seven turns, four of them
// presses, with the whole house behind it. Nothing is left out and nothing is faked: the webhook, the inbox, the guards,
// the conversation's state, the outbox and the sender are those of "handrail serve". It is for measuring and no part of
// the program.
//
// Where things are comes from the environment, as the bench of the peers gives it: TELEGRAM_API_BASE, TELEGRAM_TOKEN,
// TELEGRAM_WEBHOOK_SECRET, LISTEN_ADDR, REDIS_URL (empty: state in the records) and RECORDS_URL (empty: a new SQLite file
// beside DATA, which a restart finds again). script.json is the same sign-up as its driver reads it.
//
//	TELEGRAM_API_BASE=http://127.0.0.1:18081 TELEGRAM_TOKEN=1:T LISTEN_ADDR=127.0.0.1:18082 \
//	TELEGRAM_WEBHOOK_SECRET=s DATA=/tmp/signup go run ./house/housetest/signup
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata"

	"handrail"
	"handrail/bot"
	"handrail/bot/telegram"
	"handrail/house"
	"handrail/store/conversations"
	"handrail/store/records"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "signup:", err)
		os.Exit(1)
	}
}

type secret string

// Reveal implements bot.Secret.
func (s secret) Reveal() string { return string(s) }

type realClock struct{}

func (realClock) Now() time.Time                         { return time.Now().UTC() }
func (realClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// key keys the hashes and signs the buttons; a measurement has nothing to hide.
func key() []byte { return []byte("a key for measuring, no secret at all") }

const practice = handrail.PracticeID("pra_signup")

func run(ctx context.Context) (err error) {
	clock, log := realClock{}, slog.New(slog.NewTextHandler(os.Stderr, nil))
	url := os.Getenv("RECORDS_URL")
	if url == "" {
		dir, err := filepath.Abs(os.Getenv("DATA"))
		if err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		url = "sqlite://" + filepath.Join(dir, "handrail.db")
	}
	rec, err := records.Open(ctx, records.Options{URL: url, Now: clock.Now, Key: key(), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.Close()) }()
	if err := seed(ctx, rec); err != nil {
		return err
	}
	states := bot.States(rec.States())
	if address := os.Getenv("REDIS_URL"); address != "" {
		conversations.Quiet()
		store, err := conversations.Open(ctx, address)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		states = store
	}
	listen := os.Getenv("LISTEN_ADDR")
	channel, err := telegram.New(telegram.Options{
		Token: secret(os.Getenv("TELEGRAM_TOKEN")), APIURL: os.Getenv("TELEGRAM_API_BASE"), WebhookURL: "http://" + listen + "/telegram/webhook",
		WebhookSecret: secret(os.Getenv("TELEGRAM_WEBHOOK_SECRET")), Practice: practice, Clock: clock, Log: log,
		Spent: func(payload string) bool { return !strings.HasPrefix(payload, "p~") }, // as serve has it
	})
	if err != nil {
		return err
	}
	h, err := house.New(ctx, house.Options{
		Records: rec, States: states, Channels: []bot.Channel{channel}, Clock: clock, Key: key(), Zone: time.UTC, Nation: "england",
		Invitation: channel.Link, Dialogs: []bot.Dialog{signup()}, Log: log, // no Rates: the limit is not what is measured
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/telegram/webhook", channel.Handler())
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/heap", pprof.Handler("heap").ServeHTTP)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends with the process
	debug.FreeOSMemory()                       // what the start took is not what it idles in
	return h.Run(ctx)
}

// seed makes the practice and, where PATIENTS says how many, that many patients who own the driver's chats.
func seed(ctx context.Context, rec *records.Records) error {
	if all, err := rec.Practices(ctx); err != nil || len(all) > 0 {
		return err
	}
	p := handrail.Practice{ID: practice, Name: "Measured Practice", Zone: "Europe/London"}
	if err := rec.SavePractice(ctx, p, handrail.ActorSystem); err != nil {
		return err
	}
	n, _ := strconv.Atoi(os.Getenv("PATIENTS")) // none: strangers
	return rec.InTx(ctx, func(ctx context.Context) error {
		for i := range n {
			_, err := rec.AddPatient(ctx, handrail.Patient{
				Practice: practice, Name: "Pat", Surname: "Number " + strconv.Itoa(i), BirthYear: 1950, Postcode: "LU1 2AB",
				Address: handrail.Address{Practice: practice, Channel: telegram.Name, Chat: strconv.Itoa(700000000 + i)},
			}, handrail.ActorSystem)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// signup is the conversation. Its last turn leaves the chat as it was, so that it may begin again; what was signed up for
// is kept once, as an effect.
func signup() bot.Dialog {
	return bot.Dialog{
		Name: "signup", Light: true,
		Hears:  func(u bot.Update, _ bot.Who) (bot.Answers, bool) { return nil, u.Text == "sign me up" },
		Script: script,
	}
}

func script(t *bot.Talk) error {
	options := func(labels ...string) []bot.Option {
		out := make([]bot.Option, len(labels))
		for i, l := range labels {
			out[i] = bot.Option{Answer: l, Label: l}
		}
		return out
	}
	name := t.Text("name", bot.Para("Welcome. What is your name?"))
	postcode := t.Text("postcode", bot.Para("Thank you, "+name+". What is your postcode?"))
	activity := t.Choose("activity", bot.Para("Which activity would you like?"), options("Gardening", "Chair yoga", "Singing", "Walking")...)
	buddy := t.Choose("buddy", bot.Para("Would you like a buddy to come along?"), options("Yes", "No")...)
	day := t.Choose("day", bot.Para("Which day suits you?"), options("Mon", "Tue", "Wed", "Thu", "Fri")...)
	said := fmt.Sprintf("%s, %s: %s on %s, buddy: %s.", name, postcode, activity, day, buddy)
	if t.Choose("confirm", bot.Para("Please confirm. "+said), options("Confirm", "Start again")...) != "Confirm" {
		t.Say(bot.Para("Nothing is kept."))
		return nil
	}
	bot.Do(t, "book", "", func(context.Context) (string, error) { return said, nil })
	t.Say(bot.Para("Booked. See you there, " + name + "."))
	return nil
}
