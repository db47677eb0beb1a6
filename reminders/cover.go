package reminders

import (
	"context"
	"slices"
	"time"

	"handrail"
	"handrail/bot"
)

// toStaff is one message for each of some staff, or for whoever covers while they are on leave. Its key names the one whom it
// was for, so that a leave that begins between two looks does not send it twice; somebody who covers for two gets one.
func (k *kit) toStaff(ctx context.Context, practice handrail.PracticeID, staff []handrail.Staff, key string, at time.Time, m bot.Message) ([]bot.Envelope, error) {
	if len(staff) == 0 {
		return nil, nil
	}
	leaves, today, err := k.Facts.Leaves(ctx, practice, k.Zone)
	if err != nil {
		return nil, err
	}
	m.Private = true
	var out []bot.Envelope
	told := map[handrail.StaffID]bool{}
	for _, s := range staff {
		to := s
		if id, away := handrail.CoverFor(leaves, s.ID, today); away && id != s.ID {
			cover, err := k.Facts.Staff(ctx, practice, id)
			if err != nil && !handrail.IsKind(err, handrail.KindNotFound) {
				return nil, err
			}
			if err == nil && cover.Active && !cover.Address.IsZero() {
				if slices.ContainsFunc(staff, func(o handrail.Staff) bool { return o.ID == cover.ID }) {
					continue // they get it as their own, and under their own key: not again when the leave has ended
				}
				to = cover
			}
		}
		if !told[to.ID] {
			told[to.ID] = true
			out = append(out, bot.Envelope{Key: key + ":" + string(s.ID), To: to.Address, Class: bot.ClassNotice, NotBefore: at, Message: m})
		}
	}
	return out, nil
}
