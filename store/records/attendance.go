package records

import (
	"context"
	"reflect"
	"strings"

	"handrail"
)

const attendanceColumns = "id, practice, enrolment, patient, activity, wall, zone, start_at, end_at, state, first_visit, planned_at, changed_at, next_done"

// attendanceColumnsOf is attendanceColumns with the name of the table in front of each, for joins.
func attendanceColumnsOf(table string) string {
	return table + "." + strings.ReplaceAll(attendanceColumns, ", ", ", "+table+".")
}

// scanAttendance reads an attendance; more are the columns that follow.
func scanAttendance(row scanner, more ...any) (handrail.Attendance, error) {
	var a handrail.Attendance
	var start, end, planned, changed int64
	var first, next int
	err := row.Scan(append([]any{&a.ID, &a.Practice, &a.Enrolment, &a.Patient, &a.Occurrence.Activity, &a.Occurrence.Local,
		&a.Occurrence.Zone, &start, &end, &a.State, &first, &planned, &changed, &next}, more...)...)
	a.Occurrence.Start, a.Occurrence.End = instant(start), instant(end)
	a.PlannedAt, a.ChangedAt, a.First, a.NextDone = instant(planned), instant(changed), first == 1, next == 1
	return a, err
}

func normAttendance(a *handrail.Attendance) {
	a.Occurrence.Start, a.Occurrence.End = stored(a.Occurrence.Start), stored(a.Occurrence.End)
	a.PlannedAt, a.ChangedAt = stored(a.PlannedAt), stored(a.ChangedAt)
}

func (r *Records) attendances(ctx context.Context, query string, args ...any) ([]handrail.Attendance, error) {
	return list(ctx, r, "read attendances", func(row scanner) (handrail.Attendance, error) { return scanAttendance(row) },
		"SELECT "+attendanceColumns+" FROM attendances WHERE "+query, args...)
}

// AddAttendance plans a visit and returns it as stored. A visit of the same enrolment that starts at the same time is
// returned as it is, whatever its state: so it is safe to call twice. An empty ID gets one; an empty state is planned,
// zero PlannedAt and ChangedAt are now. Another practice's patient or enrolment is KindNotFound.
func (r *Records) AddAttendance(ctx context.Context, a handrail.Attendance, by handrail.Actor) (handrail.Attendance, error) {
	if a.State == "" {
		a.State = handrail.AttendancePlanned
	}
	if a.PlannedAt.IsZero() {
		a.PlannedAt = r.now()
	}
	if a.ChangedAt.IsZero() {
		a.ChangedAt = a.PlannedAt
	}
	normAttendance(&a)
	err := r.in(ctx, "AddAttendance", func(ctx context.Context) error {
		if err := setID(r, &a.ID, "att_"); err != nil {
			return err
		}
		n, err := r.exec(ctx, "add attendance", "INSERT INTO attendances ("+attendanceColumns+") VALUES ("+marks(1, 14)+
			") ON CONFLICT (enrolment, start_at) DO NOTHING",
			string(a.ID), string(a.Practice), string(a.Enrolment), string(a.Patient), string(a.Occurrence.Activity),
			a.Occurrence.Local, a.Occurrence.Zone, micros(a.Occurrence.Start), micros(a.Occurrence.End), string(a.State),
			flag(a.First), micros(a.PlannedAt), micros(a.ChangedAt), flag(a.NextDone))
		if err != nil {
			return err
		}
		if n == 0 {
			have, err := r.attendances(ctx, "practice = $1 AND enrolment = $2 AND start_at = $3",
				string(a.Practice), string(a.Enrolment), micros(a.Occurrence.Start))
			if err != nil {
				return err
			}
			if len(have) == 0 { // the enrolment is another practice's
				return notFound("enrolment")
			}
			a = have[0]
			return nil
		}
		return r.audit(ctx, a.Practice, by, "added", "attendance", string(a.ID))
	})
	if err != nil {
		return handrail.Attendance{}, err
	}
	return a, nil
}

// ChangeAttendance lets fn change the visit in one transaction and returns it as stored. ChangedAt is fn's to set (the
// steps of the life cycle do). Where fn changes nothing, nothing is written; an error from fn is returned as it is.
func (r *Records) ChangeAttendance(ctx context.Context, practice handrail.PracticeID, id handrail.AttendanceID, by handrail.Actor,
	fn func(*handrail.Attendance) error,
) (handrail.Attendance, error) {
	var is handrail.Attendance
	err := r.in(ctx, "ChangeAttendance", func(ctx context.Context) error {
		all, err := r.attendances(ctx, "practice = $1 AND id = $2"+r.kind.forUpdate(), string(practice), string(id))
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return notFound("visit")
		}
		was := all[0]
		is = was
		if err := fn(&is); err != nil {
			return err
		}
		normAttendance(&is)
		if reflect.DeepEqual(was, is) {
			return nil
		}
		if err := moved("attendance", is.ID == was.ID && is.Practice == was.Practice && is.Patient == was.Patient &&
			is.Enrolment == was.Enrolment); err != nil {
			return err
		}
		_, err = r.exec(ctx, "change attendance", `UPDATE attendances SET activity = $1, wall = $2, zone = $3, start_at = $4,
			end_at = $5, state = $6, first_visit = $7, planned_at = $8, changed_at = $9, next_done = $10
			WHERE practice = $11 AND id = $12`, string(is.Occurrence.Activity), is.Occurrence.Local, is.Occurrence.Zone,
			micros(is.Occurrence.Start), micros(is.Occurrence.End), string(is.State), flag(is.First), micros(is.PlannedAt),
			micros(is.ChangedAt), flag(is.NextDone), string(practice), string(id))
		if err != nil {
			return err
		}
		return r.audit(ctx, practice, by, change(was.State, is.State), "attendance", string(id))
	})
	if err != nil {
		return handrail.Attendance{}, err
	}
	return is, nil
}
