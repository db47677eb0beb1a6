package handrail_test

import (
	"errors"
	"fmt"
	"time"

	"handrail"
)

// A referral from the consultation to the link worker, and a step that is not there.
func Example() {
	r := handrail.Referral{State: handrail.ReferralOffered}
	fmt.Println(r.Send(), r.State)
	fmt.Println(r.Accept("sta_maya"), r.State)
	fmt.Println(r.Send())
	// Output:
	// <nil> sent
	// <nil> accepted
	// a referral that is "accepted" cannot become "sent"
}

// "Other" is a reason only with a few words beside it.
func ExampleReferral_Decline() {
	r := handrail.Referral{State: handrail.ReferralOffered}
	err := r.Decline(handrail.DeclineOther, "", nil)
	say, _ := handrail.Sentence(err)
	fmt.Println(say)
	fmt.Println(r.State)
	// Output:
	// Please say in a few words what the other reason was.
	// offered
}

// A wall time that the clocks jump over becomes the first moment after it.
func ExampleWallTime() {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(handrail.WallTime(2027, time.March, 28, handrail.At(1, 30), london))
	// Output: 2027-03-28 02:00:00 +0100 BST
}

func ExamplePatient_Initials() {
	fmt.Println(handrail.Patient{Name: "Siobhán", Surname: "O'Neill"}.Initials())
	// Output: S.O.
}

func ExamplePatient_Reachable() {
	stopped := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	p := handrail.Patient{Address: handrail.Address{Channel: "web", Chat: "1"}, Stopped: &stopped}
	fmt.Println(p.Reachable(stopped.AddDate(0, 0, 1)))
	// Output: false stopped
}

// The person gets the sentence, the log gets the cause.
func ExampleErrorf() {
	err := handrail.Errorf(handrail.KindUnavailable, "Please try again in a minute.", "search: %w", errors.New("connection refused"))
	say, _ := handrail.Sentence(err)
	fmt.Println(say)
	fmt.Println(err)
	fmt.Println(handrail.IsKind(err, handrail.KindUnavailable))
	// Output:
	// Please try again in a minute.
	// unavailable: search: connection refused
	// true
}

// A careless print tells the channel and nothing else.
func ExampleAddress_String() {
	fmt.Println(handrail.Address{Practice: "pra_a", Channel: "web", Chat: "4711"})
	// Output: (an address on web)
}

// Who was asked last, and what they said, is known apart from what the publisher says.
func ExampleActivity_LastChecked() {
	published := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	walk := handrail.Activity{CheckedAt: &published}
	walk.Standing.Assured = &handrail.Assurance{At: published.AddDate(0, 8, 0), By: handrail.AssurerOrganiser, How: "chat"}
	at, by := walk.LastChecked()
	fmt.Println(at.Format(time.DateOnly), by)
	// Output: 2026-11-01 organiser
}

func ExampleParseDate() {
	day, err := handrail.ParseDate("2028-02-29")
	fmt.Println(day, err)
	_, err = handrail.ParseDate("2027-02-29")
	fmt.Println(err != nil)
	// Output:
	// 2028-02-29 <nil>
	// true
}
