package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
)

// What is read of an update. The library's own types read everything, and fail on a kind of thing that is newer than
// they are: an update that cannot be read would stop the whole queue. These read what is used, and skip the rest.

type wireUpdate struct {
	ID       int64         `json:"update_id"`
	Message  *wireMessage  `json:"message"`
	Edited   *wireMessage  `json:"edited_message"`
	Channel  *wireMessage  `json:"channel_post"`
	Callback *wireCallback `json:"callback_query"`
	Member   *wireMember   `json:"my_chat_member"`
}

type wireChat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

type wireUser struct {
	ID int64 `json:"id"`
}

type present struct{}

type wireMessage struct {
	ID       int64           `json:"message_id"`
	Date     int64           `json:"date"`
	EditDate int64           `json:"edit_date"`
	Chat     wireChat        `json:"chat"`
	Text     string          `json:"text"`
	Entities json.RawMessage `json:"entities"`
	Caption  string          `json:"caption"`
	Captions json.RawMessage `json:"caption_entities"`

	Forward  *present   `json:"forward_origin"`
	Via      *present   `json:"via_bot"`
	External *present   `json:"external_reply"`
	Quote    *wireQuote `json:"quote"`

	// Album is what several pictures that were sent together have in common.
	Album string `json:"media_group_id"`

	Location *wirePoint `json:"location"`
	Contact  *present   `json:"contact"`

	// What cannot be read.
	Animation *present        `json:"animation"`
	Audio     *present        `json:"audio"`
	Document  *present        `json:"document"`
	Paid      *present        `json:"paid_media"`
	Photo     json.RawMessage `json:"photo"`
	Sticker   *present        `json:"sticker"`
	Story     *present        `json:"story"`
	Video     *present        `json:"video"`
	VideoNote *present        `json:"video_note"`
	Voice     *present        `json:"voice"`
	Checklist *present        `json:"checklist"`
	Dice      *present        `json:"dice"`
	Game      *present        `json:"game"`
	Poll      *wirePoll       `json:"poll"`

	// Things that happen in a chat and are nobody's words. They are listed so that whatever else comes, of a kind newer
	// than this, is answered as something that cannot be read.
	Pinned    *present  `json:"pinned_message"`
	Timer     *present  `json:"message_auto_delete_timer_changed"`
	Site      *string   `json:"connected_website"`
	Write     *present  `json:"write_access_allowed"`
	Wallpaper *present  `json:"chat_background_set"`
	Paying    *present  `json:"successful_payment"`
	Refund    *present  `json:"refunded_payment"`
	Topic     *present  `json:"forum_topic_created"`
	TopicEdit *present  `json:"forum_topic_edited"`
	Keys      *wireKeys `json:"reply_markup"`
}

type wireQuote struct {
	Text string `json:"text"`
}

// wirePoll is a poll: its question and answers are words that somebody chose to send.
type wirePoll struct {
	Question string `json:"question"`
}

type wirePoint struct {
	Lat float64 `json:"latitude"`
	Lon float64 `json:"longitude"`
}

type wireCallback struct {
	ID      string       `json:"id"`
	From    wireUser     `json:"from"`
	Message *wireMessage `json:"message"`
	Data    string       `json:"data"`
}

type wireMember struct {
	Chat wireChat   `json:"chat"`
	Date int64      `json:"date"`
	Old  wireStatus `json:"old_chat_member"`
	New  wireStatus `json:"new_chat_member"`
}

type wireStatus struct {
	Status string `json:"status"`
}

type wireKeys struct {
	Rows [][]struct {
		Text string `json:"text"`
		Data string `json:"callback_data"`
	} `json:"inline_keyboard"`
}

// decode reads an update. It fails on what is not JSON, or not an update at all.
func decode(raw []byte) (wireUpdate, error) {
	var u wireUpdate
	var odd *json.UnmarshalTypeError
	// A thing of another shape than it had when this was written is left out, and the rest is read all the same.
	if err := json.Unmarshal(raw, &u); err != nil && !errors.As(err, &odd) {
		return u, fmt.Errorf("read an update of %d bytes: it is not one", len(raw)) // the cause may quote it
	}
	if u.ID == 0 {
		return u, fmt.Errorf("read an update of %d bytes: it has no number", len(raw))
	}
	return u, nil
}
