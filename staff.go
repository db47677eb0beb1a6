package handrail

import "slices"

// StaffID names a member of a practice's staff.
type StaffID string

// Role is what a member of staff may do. One person may have several.
type Role string

// The roles. What each may do is said by the methods of Staff, in one place.
const (
	RoleGP            Role = "gp"
	RoleNurse         Role = "nurse"
	RoleReceptionist  Role = "receptionist"
	RolePharmacist    Role = "pharmacist"
	RoleLinkWorker    Role = "link_worker"
	RoleCoordinator   Role = "coordinator" // clears buddies
	RoleChampion      Role = "champion"    // keeps social prescribing in people's minds; sees nobody's record
	RoleManager       Role = "manager"     // the practice manager
	RoleAdministrator Role = "administrator"
)

// Roles lists every role in the order in which it is offered.
func Roles() []Role {
	return []Role{
		RoleGP, RoleNurse, RolePharmacist, RoleReceptionist, RoleLinkWorker, RoleCoordinator, RoleChampion, RoleManager, RoleAdministrator,
	}
}

// Valid reports whether it is a role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

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

// Carer reports whether the person looks after referred patients.
func (s Staff) Carer() bool { return s.Is(RoleLinkWorker, RoleCoordinator) }

// MayOpen reports whether the person may open the record behind a referral: those who treat or look after the practice's
// patients any, everybody else those that they referred themselves.
func (s Staff) MayOpen(r Referral) bool {
	if r.Practice != s.Practice || len(s.Roles) == 0 {
		return false
	}
	return s.Carer() || s.Is(RoleGP, RoleNurse, RolePharmacist) || s.ID != "" && r.By == s.ID
}

// MayHalt reports whether the person may stop everything for a patient. To stop is the safe side, so nearly all may.
func (s Staff) MayHalt() bool {
	return s.Carer() || s.Is(RoleGP, RoleNurse, RolePharmacist, RoleReceptionist, RoleManager)
}

// MayLift reports whether the person may undo a stop. That somebody died is put right by a GP or the practice manager.
func (s Staff) MayLift(r HaltReason) bool {
	if r == HaltDied {
		return s.Is(RoleGP, RoleManager)
	}
	return s.Carer() || s.Is(RoleGP, RoleNurse, RoleManager)
}

// MayManage reports whether the person may add staff and change what others may do.
func (s Staff) MayManage() bool { return s.Is(RoleAdministrator) }
