// Package bottest is what the house tests conversations with: a runner of transcripts, a channel that keeps what each
// person saw, stores in memory that can be made to fail, and the suites that every channel, ledger and state store must
// pass.
//
// A transcript is a text file that reads as the chat. This one asks for a name and ends with what the records hold:
//
//	# A newcomer says who they are.
//	== Monday 2 November 2026, 09:00
//	PATIENT: hello
//	-> PATIENT: What is your name?
//	    [Rather not say]
//	PATIENT: Frank
//	-> PATIENT: Hello, Frank.
//	== 14 days later
//	== Monday 9 November 2026, 10:00
//	-> PATIENT: Is all well, Frank?
//
//	records:
//	    a person named Frank
//
// A test runs it over a World:
//
//	func TestTranscripts(t *testing.T) {
//		for _, file := range bottest.Files(t, "testdata/*.txt") {
//			bottest.Run(t, file, newHouse(t))
//		}
//	}
//
// and "go test -update" writes down what really happened. Run lists what may stand in a transcript.
package bottest
