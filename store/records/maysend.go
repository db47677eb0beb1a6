package records

import (
	"context"

	"handrail"
	"handrail/bot"
)

// The reasons for which MaySend says no, besides those of handrail.Patient.Reachable ("deceased", "stopped", "held",
// "paused", "no_chat").
const (
	ReasonNoPermission = "no_permission" // the permission it rests on is not live
	ReasonInactive     = "inactive"      // a member of staff who has left
	ReasonLeft         = "left"          // a volunteer who has left or was not taken on
	ReasonNobody       = "nobody"        // the address is bound to nobody
	ReasonBudget       = "budget"        // enough was asked of them this week (G16)
)

// MaySend says whether the envelope may go now; the reason is empty when it may. It is asked just before a request is
// written, since what was right when the message was put may not be any more.
//
//   - A patient who died gets nothing, ever, but the card for danger that was just written of from their chat: whoever wrote
//     it is alive. It is a relative who has the phone, or the record is wrong.
//   - Urgent help (class card) and the answer to what a patient or stranger just sent (class reply) always go.
//   - Anything else to a patient needs them to be reachable and their permission to be live: the one the envelope rests
//     on, or chat where it names none, for consent is never inferred.
//   - A trusted person hears of a patient's visits while the patient permits that and could hear of them too.
//   - Staff must be active and volunteers must not have left. A permission that the envelope rests on must be live
//     whoever it goes to.
//   - An e-mail address of the settings is the practice's own: what is put for it goes.
//   - Anything but urgent help and answers to an address that is nobody's stays here.
func (r *Records) MaySend(ctx context.Context, e bot.Envelope) (reason string, err error) {
	if e.To.Channel == handrail.ChannelEmail {
		return "", nil
	}
	owners, err := r.owners(ctx, e.To)
	if err != nil {
		return "", err
	}
	always := e.Class == bot.ClassCard || e.Class == bot.ClassReply
	practice := e.To.Practice
	if len(owners) == 0 {
		return r.maySendNobody(ctx, e, always)
	}
	to := owners[0]
	switch to.kind {
	case ownerStaff:
		s, err := r.Staff(ctx, practice, handrail.StaffID(to.id))
		if err != nil {
			return "", err
		}
		if !s.Active {
			return ReasonInactive, nil
		}
	case ownerBuddy:
		b, err := r.Buddy(ctx, practice, handrail.BuddyID(to.id))
		if err != nil {
			return "", err
		}
		// Somebody who was not taken on still hears that they were not, and nothing about any patient.
		if !always && (b.State == handrail.BuddyLeft || b.State == handrail.BuddyRefused && e.Patient != "") {
			return ReasonLeft, nil
		}
	case ownerTrusted:
		if always {
			return "", nil
		}
		// What the patient stopped or paused is stopped for those they trust as well, and so is everything about somebody
		// who died.
		p, err := r.Patient(ctx, practice, e.Patient)
		if err != nil {
			return "", err
		}
		if ok, reason := p.Reachable(r.now()); !ok {
			return reason, nil
		}
		return r.resting(ctx, practice, p.ID, handrail.PurposeTrusted)
	case ownerPatient:
		p, err := r.Patient(ctx, practice, handrail.PatientID(to.id))
		if err != nil {
			return "", err
		}
		if p.Deceased && e.Class != bot.ClassCard {
			_, reason := p.Reachable(r.now())
			return reason, nil
		}
		if always {
			return "", nil
		}
		if ok, reason := p.Reachable(r.now()); !ok {
			return reason, nil
		}
		need := e.Permission
		if need == "" {
			need = handrail.PurposeChat
		}
		reason, err := r.resting(ctx, practice, p.ID, need)
		if err != nil || reason != "" || e.Class != bot.ClassNudge || e.Job != "" {
			return reason, err
		}
		return r.mayAsk(ctx, e, p.ID)
	}
	if e.Permission == "" || e.Class == bot.ClassCard {
		return "", nil
	}
	return r.resting(ctx, practice, e.Patient, e.Permission)
}

// mayAsk asks the patient's ledger about a question that no job makes; those of jobs are asked about by the planner.
func (r *Records) mayAsk(ctx context.Context, e bot.Envelope, patient handrail.PatientID) (string, error) {
	now := r.now()
	c := handrail.Contact{Key: e.Key, Practice: e.To.Practice, Patient: patient, Kind: handrail.ContactAsk, At: now}
	ok, err := r.TakeContact(ctx, c, now.Add(-handrail.AsksWeek), handrail.AsksAWeek)
	if err != nil || ok {
		return "", err
	}
	return ReasonBudget, nil
}

// maySendNobody decides about an address that is bound to nobody: a stranger, or a patient whose chat was closed.
func (r *Records) maySendNobody(ctx context.Context, e bot.Envelope, always bool) (string, error) {
	if e.Patient == "" {
		if always {
			return "", nil
		}
		return ReasonNobody, nil
	}
	p, err := r.Patient(ctx, e.To.Practice, e.Patient)
	if handrail.IsKind(err, handrail.KindNotFound) {
		return ReasonNobody, nil
	}
	if err != nil {
		return "", err
	}
	switch ok, reason := p.Reachable(r.now()); {
	case p.Deceased && e.Class != bot.ClassCard:
		return reason, nil
	case always:
		return "", nil
	case !ok:
		return reason, nil
	}
	return ReasonNobody, nil // the patient chats elsewhere now
}

func (r *Records) resting(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, purpose handrail.Purpose) (string, error) {
	ok, err := r.Permitted(ctx, practice, patient, purpose)
	if err != nil || ok {
		return "", err
	}
	return ReasonNoPermission, nil
}
