package handrail

import "time"

// ReferralID names a referral.
type ReferralID string

// Referral is one offer of social prescribing to one patient: made by a member of staff, taken on by a link worker,
// and closed with an outcome.
type Referral struct {
	ID       ReferralID
	Practice PracticeID
	Patient  PatientID
	// Ref is the short reference staff see beside the initials, "R-7KQ2".
	Ref        string
	By         StaffID // who offered
	LinkWorker StaffID // who accepted; empty before that
	State      ReferralState
	Need       string // the need the referrer named, a word of package meaning's closed list; may be empty
	Note       string // the referrer's words for the link worker; never sent to the patient or a buddy
	Suggested  ActivityID
	Reason     DeclineReason // when declined
	ReasonText string        // when the reason is "other"
	AskAgain   *time.Time    // when declined with "ask me again": not before then
	Outcome    Outcome       // when closed
	OfferedAt  time.Time
	ChangedAt  time.Time
	// ContactedAt is when the link worker last marked the patient as contacted.
	ContactedAt *time.Time
}

// ReferralState is where a referral stands.
type ReferralState string

// A referral is offered in the consultation; declined with a reason, or sent to the link worker; accepted; active once
// the patient has chosen something; closed with an outcome.
const (
	ReferralOffered  ReferralState = "offered"
	ReferralDeclined ReferralState = "declined"
	ReferralSent     ReferralState = "sent"
	ReferralAccepted ReferralState = "accepted"
	ReferralActive   ReferralState = "active"
	ReferralClosed   ReferralState = "closed"
)

func (s ReferralState) next() []ReferralState {
	switch s {
	case ReferralOffered:
		return []ReferralState{ReferralSent, ReferralDeclined}
	case ReferralSent:
		return []ReferralState{ReferralAccepted, ReferralDeclined, ReferralClosed}
	case ReferralAccepted:
		return []ReferralState{ReferralActive, ReferralDeclined, ReferralClosed}
	case ReferralActive:
		return []ReferralState{ReferralClosed}
	default: // declined, closed: the end; a patient who comes back gets a new referral
		return nil
	}
}

// Open reports whether the referral still needs somebody.
func (s ReferralState) Open() bool { return len(s.next()) > 0 }

func (r *Referral) move(to ReferralState) error {
	if err := step("referral", r.State, to, ReferralState.next); err != nil {
		return err
	}
	r.State = to
	return nil
}

// Send passes an offer that the patient said yes to on to the link worker.
func (r *Referral) Send() error { return r.move(ReferralSent) }

// Decline records that the patient said no, and why. "Other" demands a phrase (the closed list is worth nothing if
// everything is other). again, when not nil, is when to ask again.
func (r *Referral) Decline(reason DeclineReason, text string, again *time.Time) error {
	if !reason.Valid() {
		return Errorf(KindInvalid, "Please pick a reason from the list.", "decline referral: unknown reason %q", reason)
	}
	if reason == DeclineOther && text == "" {
		return Errorf(KindInvalid, "Please say in a few words what the other reason was.", "decline referral: other without words")
	}
	if err := r.move(ReferralDeclined); err != nil {
		return err
	}
	r.Reason, r.ReasonText, r.AskAgain = reason, text, again
	return nil
}

// Accept records that a link worker takes the patient on.
func (r *Referral) Accept(by StaffID) error {
	if by == "" {
		return Errorf(KindInvalid, "A named link worker must accept a referral.", "accept referral: nobody named")
	}
	if err := r.move(ReferralAccepted); err != nil {
		return err
	}
	r.LinkWorker = by
	return nil
}

// Begin records that the patient has chosen something to go to.
func (r *Referral) Begin() error { return r.move(ReferralActive) }

// Close ends the referral with an outcome.
func (r *Referral) Close(outcome Outcome) error {
	if !outcome.Valid() {
		return Errorf(KindInvalid, "Please pick an outcome from the list.", "close referral: unknown outcome %q", outcome)
	}
	if err := r.move(ReferralClosed); err != nil {
		return err
	}
	r.Outcome = outcome
	return nil
}

// DeclineReason is why somebody said no: a closed list, so that it can be counted.
type DeclineReason string

// The closed list, after the field facts in the project's standards (section 1, refusals at both ends).
const (
	DeclineSupported     DeclineReason = "already_supported"
	DeclineNotNow        DeclineReason = "not_right_time"
	DeclineNoNeed        DeclineReason = "does_not_see_need"
	DeclineMedical       DeclineReason = "prefers_medical"
	DeclineStigma        DeclineReason = "fear_of_stigma"
	DeclineAnxiety       DeclineReason = "anxiety_or_going_alone"
	DeclineCost          DeclineReason = "cost"
	DeclineTravel        DeclineReason = "travel_or_access"
	DeclineHours         DeclineReason = "caring_or_work_hours"
	DeclineLanguage      DeclineReason = "language"
	DeclineData          DeclineReason = "does_not_trust_sharing"
	DeclineExperience    DeclineReason = "poor_experience"
	DeclineWrongReferral DeclineReason = "wrong_referral"
	DeclineUnreachable   DeclineReason = "could_not_be_reached"
	DeclineLater         DeclineReason = "yes_then_no"
	DeclinePrivate       DeclineReason = "prefers_not_to_say"
	DeclineOther         DeclineReason = "other"
)

// DeclineReasons lists every reason in the order in which it is offered.
func DeclineReasons() []DeclineReason {
	return []DeclineReason{
		DeclineNotNow, DeclineAnxiety, DeclineTravel, DeclineCost, DeclineHours, DeclineSupported, DeclineNoNeed,
		DeclineMedical, DeclineStigma, DeclineLanguage, DeclineData, DeclineExperience, DeclineWrongReferral,
		DeclineUnreachable, DeclineLater, DeclinePrivate, DeclineOther,
	}
}

// Valid reports whether the reason is on the closed list.
func (r DeclineReason) Valid() bool {
	for _, known := range DeclineReasons() {
		if r == known {
			return true
		}
	}
	return false
}

// Outcome is how a referral ended.
type Outcome string

// The outcomes of the first floor.
const (
	OutcomeSettled     Outcome = "settled"      // goes on their own now
	OutcomeOneOff      Outcome = "one_off"      // went, needed no more
	OutcomeNotSuited   Outcome = "not_suited"   // nothing that fitted
	OutcomeWithdrew    Outcome = "withdrew"     // said stop, or no longer wants it
	OutcomeNoReply     Outcome = "no_reply"     // could not be reached
	OutcomeMoved       Outcome = "moved"        // moved away
	OutcomeDied        Outcome = "died"         // nothing is sent, ever
	OutcomeOtherHelp   Outcome = "other_help"   // passed on to another service
	OutcomeNeverJoined Outcome = "never_joined" // the code was not used
)

// Outcomes lists every outcome in the order in which it is offered.
func Outcomes() []Outcome {
	return []Outcome{OutcomeSettled, OutcomeOneOff, OutcomeNotSuited, OutcomeWithdrew, OutcomeNoReply, OutcomeMoved,
		OutcomeDied, OutcomeOtherHelp, OutcomeNeverJoined}
}

// Valid reports whether the outcome is on the closed list.
func (o Outcome) Valid() bool {
	for _, known := range Outcomes() {
		if o == known {
			return true
		}
	}
	return false
}
