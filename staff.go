package handrail

import "slices"

// StaffID names a member of a practice's staff.
type StaffID string

// Role is what a member of staff may do. One person may have several.
type Role string

// The roles of the first floor. More come with the staff channel.
const (
	RoleGP            Role = "gp"
	RoleNurse         Role = "nurse"
	RoleReceptionist  Role = "receptionist"
	RoleLinkWorker    Role = "link_worker"
	RoleCoordinator   Role = "coordinator" // clears buddies
	RoleAdministrator Role = "administrator"
)

// Staff is somebody who works for the practice.
type Staff struct {
	ID       StaffID
	Practice PracticeID
	Name     string // as patients know them: "Dr Rao"
	Roles    []Role
	Address  Address // where they chat; the zero Address when they have no chat yet
	Active   bool    // false once they have left; an inactive person gets no answer and no message
}

// Is reports whether the person has any of these roles.
func (s Staff) Is(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(s.Roles, r) })
}
