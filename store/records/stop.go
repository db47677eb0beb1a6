package records

import (
	"context"
	"time"

	"handrail"
)

// Stop does what the patient's "stop" means, all of it in one transaction (G2): Stopped is now, the chat permission is
// withdrawn, and every message about them that waits is suppressed, except urgent help, alerts and answers. Visits are
// left alone: stopping the messages is not cancelling a plan. Safe to call twice.
func (r *Records) Stop(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error {
	return r.in(ctx, "Stop", func(ctx context.Context) error {
		_, err := r.ChangePatient(ctx, practice, patient, by, "stopped", func(p *handrail.Patient) error {
			if p.Stopped == nil {
				now := r.now()
				p.Stopped = &now
			}
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := r.Suppress(ctx, practice, patient, "stopped"); err != nil {
			return err
		}
		return r.WithdrawPermission(ctx, practice, patient, handrail.PurposeChat, by)
	})
}

// Pause gives the patient a rest until then: what is due meanwhile is not sent.
func (r *Records) Pause(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, until time.Time, by handrail.Actor) error {
	_, err := r.ChangePatient(ctx, practice, patient, by, "paused", func(p *handrail.Patient) error {
		p.PausedUntil = &until
		return nil
	})
	return err
}

// Resume ends a rest early. It ends no stop (a yes to chat does, see AnswerPermission) and no hold (see ResolveAlert).
func (r *Records) Resume(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.Actor) error {
	_, err := r.ChangePatient(ctx, practice, patient, by, "resumed", func(p *handrail.Patient) error {
		p.PausedUntil = nil
		return nil
	})
	return err
}

// CloseChat is what follows when the network says that the person is gone (they blocked the bot or left): the address
// is unbound from whoever had it and everything that waits for it is suppressed with the reason, in one transaction
// (F8). Safe to call twice.
func (r *Records) CloseChat(ctx context.Context, addr handrail.Address, reason string) error {
	return r.in(ctx, "CloseChat", func(ctx context.Context) error {
		owners, err := r.owners(ctx, addr)
		if err != nil {
			return err
		}
		key := r.ConversationKey(addr)
		for _, o := range owners {
			who := identity{kind: o.kind, id: o.id, practice: addr.Practice}
			if err := r.dropIdentity(ctx, who, fieldAddress); err != nil {
				return err
			}
			if err := r.audit(ctx, addr.Practice, handrail.ActorSystem, "chat closed", o.kind, o.id); err != nil {
				return err
			}
		}
		n, err := r.exec(ctx, "suppress what waits for the chat", `UPDATE outbox SET state = 'suppressed', reason = $1, settled_at = $2
			WHERE address = $3 AND state IN ('queued', 'claimed')`, reason, micros(r.now()), key)
		if err != nil || n == 0 && len(owners) == 0 {
			return err
		}
		return r.audit(ctx, addr.Practice, handrail.ActorSystem, "closed", "chat", key)
	})
}

// Halt stops everything for the patient, in one transaction: the reason is noted with who gave it, every message about
// them that waits is suppressed, except urgent help, alerts and answers, and codes that were not used are cancelled. What
// they had planned is for the caller to cancel, in the same transaction. Safe to call twice.
func (r *Records) Halt(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, reason handrail.HaltReason, by handrail.StaffID) (handrail.Patient, error) {
	var p handrail.Patient
	err := r.in(ctx, "Halt", func(ctx context.Context) (err error) {
		p, err = r.ChangePatient(ctx, practice, patient, handrail.Actor("staff:"+string(by)), "halted: "+string(reason), func(p *handrail.Patient) error {
			return p.PutHalt(reason, by, r.now())
		})
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "cancel invites", "UPDATE invites SET cancelled_at = $1 WHERE practice = $2 AND patient = $3 AND used_at IS NULL AND cancelled_at IS NULL",
			micros(r.now()), string(practice), string(patient))
		if err != nil {
			return err
		}
		_, err = r.Suppress(ctx, practice, patient, "halted")
		return err
	})
	return p, err
}

// LiftHalt ends the practice's stop, by a named person whose roles allow it. What was suppressed stays so, and what was
// cancelled is planned anew by a person. The patient's own stop stands.
func (r *Records) LiftHalt(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID, by handrail.StaffID) (handrail.Patient, error) {
	var p handrail.Patient
	err := r.in(ctx, "LiftHalt", func(ctx context.Context) error {
		s, err := r.Staff(ctx, practice, by)
		if err != nil {
			return err
		}
		p, err = r.ChangePatient(ctx, practice, patient, handrail.Actor("staff:"+string(by)), "halt lifted", func(p *handrail.Patient) error {
			return p.LiftHalt(s)
		})
		return err
	})
	return p, err
}
