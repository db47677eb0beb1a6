// Package rig is what the tests of channels stand on: an inbox that keeps what is delivered, a log to look through, the
// machine's clock without its politeness, a whole bot that is wired as house wires one, and the test that its process may be
// killed at any moment. It knows no network: each channel's tests lend it theirs.
//
//	in := &rig.Inbox{}
//	stop := rig.Start(t, channel, in)
//	defer stop()
//	rig.Done(t, log, "a message", ann.Say("hello"))
//	rig.Until(t, api, log, "an answer", func() bool { return len(ann.Seen()) > 0 })
//
// The kill test runs its own binary again as the process that is killed:
//
//	func TestMain(m *testing.M) { os.Exit(rig.Main(m, channelOfTheChild)) }
//	func TestKill_F1(t *testing.T) { rig.Kills{...}.Run(t) }
package rig
