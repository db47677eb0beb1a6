package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"handrail"
	"handrail/bot"
	"handrail/bot/wire"
)

// posting is chat.postMessage's parameters.
type posting struct {
	Channel  string        `json:"channel"`
	Text     string        `json:"text"`
	Blocks   []slack.Block `json:"blocks,omitempty"`
	Thread   string        `json:"thread_ts,omitempty"`
	Links    bool          `json:"unfurl_links"`
	Media    bool          `json:"unfurl_media"`
	Metadata *mark         `json:"metadata,omitempty"`
}

// mark is a message's metadata: by it a message of which nobody knows whether it arrived is found again.
type mark struct {
	Type    string      `json:"event_type"`
	Payload markPayload `json:"event_payload"`
}

type markPayload struct {
	Key string `json:"key"`
}

const markType = "handrail_posting"

// marked is a message's mark as it travels: a hash, since it may name things that Slack need not know.
func marked(key string) *mark {
	if key == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(key))
	return &mark{markType, markPayload{hex.EncodeToString(sum[:16])}}
}

// whisper is chat.postEphemeral's parameters.
type whisper struct {
	Channel string        `json:"channel"`
	User    string        `json:"user"`
	Text    string        `json:"text"`
	Blocks  []slack.Block `json:"blocks,omitempty"`
	Thread  string        `json:"thread_ts,omitempty"`
}

// posted is what is read of the answers.
type posted struct {
	Channel   string `json:"channel"`
	TS        string `json:"ts"`
	WhisperTS string `json:"message_ts"`
}

func noWay(why string) error {
	return &bot.SendError{Outcome: bot.OutcomeRefused, Err: errors.New(why)}
}

// Send sends a message to one person: in their own conversation with the app, or, for an address with a place, in that
// channel so that nobody else sees it. Nothing is ever posted where others could read it (C10). Where the app is not in
// the channel, the person gets it in their own conversation.
//
// A form opens at once where the person has just pressed or typed something that lets it; else a button opens it. Files
// are handed over after the words, always in the person's own conversation. When a later part fails after an earlier one
// arrived, nobody can say that the message was not sent: the outcome is unknown.
func (c *Channel) Send(ctx context.Context, to handrail.Address, m bot.Message) (bot.Ref, error) {
	return c.SendMarked(ctx, to, "", m)
}

// SendMarked is Send with a mark on the message, so that Recall finds it.
func (c *Channel) SendMarked(ctx context.Context, to handrail.Address, key string, m bot.Message) (bot.Ref, error) {
	w, in, err := c.reach(ctx, to)
	if err != nil {
		return "", err
	}
	if m.Form != nil {
		if ref, opened, err := c.openAtOnce(ctx, in, to, m); opened {
			return ref, c.failed(ctx, err, false)
		}
	}
	files := handedOver(m)
	m, blocks := c.fitted(m, w.place)
	switch {
	case len(blocks) == 0 && len(files) == 0:
		return "", noWay("the message says nothing")
	case len(blocks) > maxBlocks:
		return "", noWay("the message has more blocks than Slack takes")
	}
	ids, err := c.uploaded(ctx, in, files)
	if err != nil {
		return "", c.failed(ctx, err, false)
	}
	ref, channel := bot.Ref(""), c.owns.get(w.team+"/"+w.user)
	if len(blocks) > 0 {
		ref, channel, err = c.say(ctx, in, to, w, key, c.notice(m), blocks)
		if bare := pictureless(m); wire.HasReason(err, reasonBlocks) && pictured(m) {
			// Slack looks at each picture before it shows anything, and takes none of it when it can't get one.
			if blocks = c.blocks(bare, w.place); len(blocks) > 0 {
				ref, channel, err = c.say(ctx, in, to, w, key, c.notice(m), blocks)
			}
		}
		if err != nil {
			return "", c.failed(ctx, err, false)
		}
	}
	if len(ids) > 0 {
		if err := c.share(ctx, in, w, channel, ids); err != nil {
			return "", c.failed(ctx, err, len(blocks) > 0)
		}
		if ref == "" {
			ref = bot.Ref("file/" + ids[0].ID)
		}
	}
	c.redraw(in, w)
	return ref, nil
}

// reach finds the person and the workspace of an address.
func (c *Channel) reach(ctx context.Context, to handrail.Address) (who, Installation, error) {
	w, ok := whose(to)
	if !ok {
		return who{}, Installation{}, noWay("nobody here has this address")
	}
	in, ok, err := c.installation(ctx, w.team)
	if err != nil {
		failure := &bot.SendError{Outcome: bot.OutcomeRetry, After: wire.AskedFor(err), Err: errors.New("the workspace could not be looked up")}
		if wire.HasReason(err, reasonRevoked) {
			c.trouble(ctx, "find out which workspace it is", err)
		}
		return who{}, Installation{}, failure
	}
	if !ok {
		// Held, not burned: the workspace may install the app again (F9, F10).
		return who{}, Installation{}, &bot.SendError{Outcome: bot.OutcomeRetry, After: heldFor, Err: errors.New("the workspace does not have the app")}
	}
	if in.Practice != to.Practice {
		return who{}, Installation{}, noWay("nobody here has this address") // C8
	}
	return w, in, nil
}

// say posts the words: whispered in a channel, or said in the person's own conversation.
func (c *Channel) say(ctx context.Context, in Installation, to handrail.Address, w who, key, notice string, blocks []slack.Block) (bot.Ref, string, error) {
	own := c.owns.get(w.team + "/" + w.user)
	thread := c.threads.get(to, c.clock.Now())
	if w.place != "" {
		var out posted
		err := c.api.call(ctx, in.Token, "chat.postEphemeral", whisper{w.place, w.user, notice, blocks, thread}, &out)
		if err == nil || wire.WasDone(err) {
			c.works(ctx, nil)
			return bot.Ref("whisper/" + w.place + "/" + out.WhisperTS), own, nil
		}
		if !wire.HasReason(err, reasonNotHere, reasonNoChannel, reasonArchived, reasonNotAllowed) {
			return "", "", err
		}
		thread = ""
	}
	p := posting{Channel: own, Text: notice, Blocks: blocks, Thread: thread, Metadata: marked(key)}
	if p.Channel == "" {
		p.Channel = w.user // Slack finds, or begins, the conversation with that person
	}
	if !isOwn(p.Channel) && p.Channel != w.user {
		return "", "", &wire.Error{Network: Name, Method: "chat.postMessage", Reason: "that is not one person's conversation", Outcome: bot.OutcomeRefused}
	}
	var out posted
	if err := c.api.call(ctx, in.Token, "chat.postMessage", p, &out); err != nil && !wire.WasDone(err) {
		return "", "", err
	}
	c.works(ctx, nil)
	if !isOwn(out.Channel) || out.TS == "" {
		return "", own, nil // it was sent, and its number could not be read
	}
	c.owns.put(w.team+"/"+w.user, out.Channel)
	return bot.Ref(out.Channel + "/" + out.TS), out.Channel, nil
}

// handedOver are all files of a message: its own and its cards' pictures, at most ten.
func handedOver(m bot.Message) []bot.File {
	var out []bot.File
	for _, card := range m.Cards {
		if card.Picture != nil {
			out = append(out, *card.Picture)
		}
	}
	out = append(out, m.Files...)
	return slices.DeleteFunc(out, func(f bot.File) bool { return len(f.Data) == 0 || linked(&f) })
}

// sharedFile is a file as files.completeUploadExternal has it.
type sharedFile struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// fileName is what a file is called, without any folder.
func fileName(f bot.File) string { return path.Base("/" + strings.ReplaceAll(valid(f.Name), `\`, "/")) }

// uploaded sends the files' bytes. Nobody sees them until they are shared.
func (c *Channel) uploaded(ctx context.Context, in Installation, files []bot.File) ([]sharedFile, error) {
	var out []sharedFile
	for _, f := range files {
		name := fileName(f)
		params := url.Values{"filename": {name}, "length": {strconv.Itoa(len(f.Data))}}
		if strings.HasPrefix(f.MIME, "image/") && strings.TrimSpace(f.Alt) != "" {
			params.Set("alt_txt", cut(valid(f.Alt), maxAlt))
		}
		var slot struct {
			URL string `json:"upload_url"`
			ID  string `json:"file_id"`
		}
		if err := c.api.call(ctx, in.Token, "files.getUploadURLExternal", params, &slot); err != nil {
			return nil, safe(err)
		}
		if err := c.api.upload(ctx, slot.URL, f.Data); err != nil {
			return nil, err
		}
		out = append(out, sharedFile{slot.ID, name})
	}
	return out, nil
}

// safe is an error of a call that shows nobody anything: whatever became of it, it can be made again.
func safe(err error) error {
	var e *wire.Error
	if errors.As(err, &e) && e.Outcome == bot.OutcomeUnknown {
		again := *e
		again.Outcome = bot.OutcomeRetry
		return &again
	}
	return err
}

// share shows uploaded files in the person's own conversation.
func (c *Channel) share(ctx context.Context, in Installation, w who, channel string, files []sharedFile) error {
	if !isOwn(channel) {
		var err error
		if channel, err = c.conversation(ctx, in, w); err != nil {
			return err
		}
	}
	return c.api.call(ctx, in.Token, "files.completeUploadExternal", struct {
		Files   []sharedFile `json:"files"`
		Channel string       `json:"channel_id"`
	}{files, channel}, nil)
}

// conversation is the id of a person's own conversation with the app.
func (c *Channel) conversation(ctx context.Context, in Installation, w who) (string, error) {
	if known := c.owns.get(w.team + "/" + w.user); known != "" {
		return known, nil
	}
	var out struct {
		Channel wireRef `json:"channel"`
	}
	err := c.api.call(ctx, in.Token, "conversations.open", struct {
		Users string `json:"users"`
	}{w.user}, &out)
	if err != nil {
		return "", safe(err)
	}
	if !isOwn(out.Channel.ID) {
		return "", &wire.Error{Network: Name, Method: "conversations.open", Reason: "that is not one person's conversation", Outcome: bot.OutcomeRefused}
	}
	c.owns.put(w.team+"/"+w.user, out.Channel.ID)
	return out.Channel.ID, nil
}

// failed says what a failed call means for the message; nil for none.
func (c *Channel) failed(ctx context.Context, err error, begun bool) error {
	if err == nil {
		return nil
	}
	if wire.HasReason(err, reasonRevoked) {
		c.trouble(ctx, "send", err)
	}
	failure := &bot.SendError{Outcome: bot.OutcomeUnknown, Err: err}
	var e *wire.Error
	if errors.As(err, &e) {
		failure.Outcome, failure.After = e.Outcome, e.After
		// Whoever sends holds everything back for as long as the network asks. Slack counts by method: that a post was
		// changed too often, or by our own measure, must not keep an alert.
		if e.Reason == reasonTooMany && (e.Unasked || !strings.HasPrefix(e.Method, "chat.post")) {
			failure.After = 0
		}
	}
	if begun && failure.Outcome == bot.OutcomeRetry {
		failure.Outcome = bot.OutcomeUnknown
	}
	return failure
}

// Edit replaces a message that Send returned the reference of; files that went with it stay. What was whispered in a
// channel cannot be changed.
func (c *Channel) Edit(ctx context.Context, to handrail.Address, ref bot.Ref, m bot.Message) error {
	w, in, err := c.reach(ctx, to)
	if err != nil {
		return err
	}
	channel, ts, ok := strings.Cut(string(ref), "/")
	if !ok || !isOwn(channel) || at(ts).IsZero() {
		return noWay("there is no such message")
	}
	m, blocks := c.fitted(m, w.place)
	if len(blocks) == 0 || len(blocks) > maxBlocks {
		return noWay("the message says nothing, or more than Slack takes")
	}
	err = c.api.call(ctx, in.Token, "chat.update", struct {
		Channel string        `json:"channel"`
		TS      string        `json:"ts"`
		Text    string        `json:"text"`
		Blocks  []slack.Block `json:"blocks"`
	}{channel, ts, c.notice(m), blocks}, nil)
	if err != nil && !wire.WasDone(err) {
		return c.failed(ctx, safe(err), false) // to change it twice is to change it once
	}
	c.works(ctx, nil)
	c.redraw(in, w)
	return nil
}

// Workplace says that whoever writes here belongs to the practice (bot.Workplace): outsiders of shared channels get no answer.
func (c *Channel) Workplace() bool { return true }

// HowToErase says how somebody deletes a message of their own (bot.EraseTeller): only they can, or an app that acts in their
// name, which this one does not ask for.
func (c *Channel) HowToErase() string { return c.texts.Erase }
