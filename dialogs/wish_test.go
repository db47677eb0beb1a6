package dialogs

import (
	"strings"
	"testing"

	"handrail/dialogs/text"
)

func reader(t testing.TB) *wishes {
	t.Helper()
	words, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	return newWishes(words)
}

// wishCases are how people say what they may say at every step; "" are near misses that mean something else. Each row is
// one wish and its ways of saying it, apart by "/".
func wishCases() []struct {
	want wish
	said string
} {
	return []struct {
		want wish
		said string
	}{
		{wishStop, "stop/STOP/Stop./stop!!!/STOP ALL/stop all please/unsubscribe/please stop/stop it/Stop it now please/quit/end/stpo/stopp/stop stop stop/could you please stop the messages now, thanks/" +
			"i want to stop/I'd like to stop now/stop everything/stop messaging me/stop texting me please/please stop sending me messages/no more messages/no more texts thanks/leave me alone/go away/" +
			"don't message me again/please don’t contact me any more/dont send me any more texts/I don't want any more messages/I don't want these messages/take me off this list/opt out/opt me out/" +
			"ok stop now please/can you stop messaging me/hello, please stop/I would like you to stop writing to me/stop 🛑/stop\nthanks/I was asleep. Stop messaging me./no. stop/remove me from this list/" +
			"unsubscrbe/never contact me again/turn off messages/stop, please, thank you/i don't need any reminders/cancel all messages/stop reminding me/stop bothering me please"},
		{wishPause, "pause/pause for two weeks/Pause please/pause for 2 weeks/pause messages for a month/stop for two weeks/stop messages for a week/stop for now/take a break/I need a break/i want a rest/give me a break/" +
			"not for a while/no messages for a while/leave me alone for a bit/leave me alone for a week/don't message me for a month/can we... pause/hold off for a while/i need a break from this/a break for 10 days/" +
			"puase/could you pause the messages for a couple of weeks please/pause for a fortnight/give me some space/I'd like to take a break for three weeks"},
		{wishResume, "start again/resume/unpause/carry on/restart/please start again/start messaging me again/turn messages back on/come back/i'm ready to start again/unstop"},
		{wishDelete, "delete it/delete/delete my data/forget me/delete everything/erase my data/remove my data/delete me/please delete everything you have about me/forget all about me/i want to be forgotten/" +
			"right to be forgotten/delete all my data/wipe it all/get rid of my details/can you delete what you know about me/erase what you hold on me/delet my data please/don't keep my data/delete my account/remove my details"},
		{wishGroup, "stop this group/leave the group/i want to leave this group/stop going to the gardening club/stop the walking group/quit the choir/take me off the walking group/I don't want to go any more/" +
			"I don't want to go to the group anymore/no more of this one/cancel my group/stop going there... stop going to it/stop the tuesday growers group please/drop this class/i'm leaving the group/give up my place"},
		{wishShow, "show me what you hold/show me what you have about me/what do you know about me/what do you hold on me/what have you got on me/my data/show me my data/what data do you have on me/tell me everything you know about me/" +
			"what is held about me/see my records/what did I tell you/please show me what you hold/subject access request/what information do you keep about me/could you show me what you've got"},
		{wishCorrect, "correct it/change my name/my postcode is wrong/correct my details/you've got my name wrong/i've moved/I have moved house/update my postcode/wrong name/change what matters to me/fix my date of birth/my details are wrong/my name is spelt wrong"},
		{wishPermits, "my permissions/permissions/what did I agree to/withdraw my consent/change my permissions/what have i agreed to/take back my permission/i take it back/don't tell my doctor/stop sharing my data/who can see this/who reads my messages/stop telling my GP anything"},
		{wishLanguage, "language/change language/speak polish/can you speak Polish/po polsku/write in urdu please/do you speak Bengali/i don't speak english/no speak english/my english is not good/in welsh please/switch to romanian/I only speak punjabi/i can't read english very well/polski"},
		{wishReading, "easy read/shorter messages/make it simpler/bigger text/text size/too long/your messages are too long/easier to read/simple words please/the messages are too long for me/i'm dyslexic/full messages/too hard to read"},
		{wishTrusted, "trusted person/add a trusted person/tell my daughter/please tell my son too/can my wife help/add my carer/could my daughter get the reminders too"},
		{wishWorried, "I'm scared/i am nervous about going/I don't know. I'm scared of going./I'm a bit nervous/what if I don't like it/i'm not good with people/I don't know anybody there/what if nobody talks to me/very anxious about meeting people/i feel shy"},
		{wishWrong, "you've got the wrong person/wrong number/wrong person/this is not me/I'm not that person/sorry, I think you have the wrong number/this isn't my phone/it's not meant for me"},
		{"", "I'll get off at the bus stop/non stop/I can't stop crying/how do I stop smoking/the pain won't stop/stop by at ten/where is the bus stop/full stop/don't stop/the group stops at ten/when does it end/the end/" +
			"weekend/i like walking/gardening/I deleted the app/show me others/show me/yes/no/1/the language of flowers/I learn languages at the college/correct/it's correct/i had a pause in my work/i need help/" +
			"end it all/i want to end it/make it stop/i want it to stop/i've had enough/can i bring my daughter/my daughter told me about it/i want to leave early/leave/can't make it/not sure/choose/what's next/I take a break at noon for lunch/" +
			"my name is Frank/Frank/LU1 2AB/1951/something else/i want to go again/I don't want to go on/I don't want to go on Tuesday/i don't want to go/I go to a group/show me what you have on near me/what do you have near me/what have you got on/" +
			"restful/cause/lead me to the place/stop the bus/remind me/start/carry/change/change an answer/cancel/back/help/is there a break for tea/easy/i speak to nobody all day/long walks/text me at ten/tell my doctor I did well/end of the road"},
	}
}

// Every wish is understood in many ways of saying it, politely, with slips of the finger, in capitals; and what only
// sounds like one is left to the open question (B16).
func TestWish_B16_Phrases(t *testing.T) {
	w := reader(t)
	n := 0
	for _, c := range wishCases() {
		for _, s := range strings.Split(c.said, "/") {
			n++
			got, ok := w.read(s)
			if ok != (c.want != "") || got.wish != c.want {
				t.Errorf("%q was read as %q, want %q", s, got.wish, c.want)
			}
		}
	}
	t.Logf("%d ways of saying it", n)
}

// A wish is looked for in every message of every patient: it must cost next to nothing beside a turn.
func BenchmarkWish(b *testing.B) {
	w := reader(b)
	for _, c := range []struct{ name, text string }{
		{"stop", "could you please stop the messages now, thanks"},
		{"answer", "I like gardening, and I would like to get out more on a Tuesday morning if it isn't too far"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.find(c.text)
			}
		})
	}
}
