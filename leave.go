package handrail

// Leave is a member of staff being away, and who looks after their patients meanwhile: tasks, alerts and the morning's
// list go to the cover. It ends by itself, after its last day.
type Leave struct {
	Practice PracticeID
	Staff    StaffID
	Cover    StaffID
	From, To Date // both included, on the practice's wall calendar
}

// On reports whether the leave is in force on a day.
func (l Leave) On(d Date) bool { return l.From <= d && d <= l.To }

// Check finds what is wrong with a leave before it is stored.
func (l Leave) Check() error {
	switch {
	case l.Cover == "" || l.Cover == l.Staff:
		return Errorf(KindInvalid, "Please pick a colleague who covers for you.", "leave: no cover")
	case l.To < l.From:
		return Errorf(KindInvalid, "The last day is before the first. Please check the dates.", "leave: ends before it begins")
	}
	return nil
}

// CoverFor is who looks after somebody's patients on a day, and whether that is because they are away. Where the cover is
// away too, their cover counts, and so on; in a circle it is the person themselves.
func CoverFor(leaves []Leave, id StaffID, day Date) (StaffID, bool) {
	at, away := id, false
	for range len(leaves) + 1 {
		next := at
		for _, l := range leaves {
			if l.Staff == at && l.On(day) {
				next, away = l.Cover, true
			}
		}
		if next == at {
			return at, away
		}
		at = next
	}
	return id, true
}
