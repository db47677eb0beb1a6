package records

import (
	"context"

	"handrail"
)

// HaltYoung stops everything for a patient who says that they are under 18 (B30): what waits for them is suppressed in the
// same transaction. fresh says that nothing had been stopped for them before. Safe to call twice.
func (r *Records) HaltYoung(ctx context.Context, practice handrail.PracticeID, patient handrail.PatientID) (fresh bool, err error) {
	err = r.in(ctx, "HaltYoung", func(ctx context.Context) error {
		_, err := r.ChangePatient(ctx, practice, patient, handrail.Actor("patient:"+string(patient)), "halted: "+string(handrail.HaltYoung), func(p *handrail.Patient) error {
			if p.Halt != nil {
				return nil // a person of the practice stopped it, for a reason of theirs
			}
			fresh = true
			return p.PutHalt(handrail.HaltYoung, "", r.now())
		})
		if err != nil {
			return err
		}
		_, err = r.Suppress(ctx, practice, patient, "halted")
		return err
	})
	return fresh, err
}
