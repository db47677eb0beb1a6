package house

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handrail"
	"handrail/directory/demo"
	"handrail/store/records"
)

// The people of the demo and of the transcripts. All of them are fictional, and so is the practice.
const (
	CastPractice   = handrail.PracticeID("pra_stopsleygreen")
	CastGP         = handrail.StaffID("sta_asharao")
	CastLinkWorker = handrail.StaffID("sta_mayabrook")
	CastManager    = handrail.StaffID("sta_patlowe")
	CastBuddy      = handrail.BuddyID("bud_joanpike")
	CastOrganiser  = handrail.OrganiserPersonID("org_tombell")

	// The chats of the cast: what follows the practice and the channel in their addresses.
	ChatGP         = "gp"
	ChatPatient    = "patient"
	ChatBuddy      = "buddy"
	ChatLinkWorker = "linkworker"
	ChatManager    = "manager"
	ChatOrganiser  = "organiser"
)

// CastAddress is where one of the cast chats.
func CastAddress(channel, chat string) handrail.Address {
	return handrail.Address{Practice: CastPractice, Channel: channel, Chat: chat}
}

// SaveCast writes the fictional practice, a GP, a link worker and a practice manager, a cleared buddy, and the demo's directory around
// Luton. The patient is nobody yet: the GP refers them. It is safe to call twice.
func SaveCast(ctx context.Context, rec *records.Records, channel string, now time.Time) error {
	practice := handrail.Practice{
		ID: CastPractice, Name: "Stopsley Green Surgery (fictional)", Zone: "Europe/London",
		UrgentRoute: "ring the duty doctor on extension 4. For a life in danger, 999.",
		At:          &handrail.Point{Lat: 51.8792, Lon: -0.4175},
	}
	if err := rec.SavePractice(ctx, practice, handrail.ActorSystem); err != nil {
		return fmt.Errorf("save the cast: %w", err)
	}
	staff := []handrail.Staff{
		{ID: CastGP, Name: "Dr Asha Rao", Roles: []handrail.Role{handrail.RoleGP}, Address: CastAddress(channel, ChatGP)},
		{ID: CastLinkWorker, Name: "Maya Brook", Roles: []handrail.Role{handrail.RoleLinkWorker, handrail.RoleCoordinator}, Address: CastAddress(channel, ChatLinkWorker)},
		{ID: CastManager, Name: "Pat Lowe", Roles: []handrail.Role{handrail.RoleManager, handrail.RoleAdministrator}, Address: CastAddress(channel, ChatManager)},
	}
	for _, s := range staff {
		s.Practice, s.Active = CastPractice, true
		if err := rec.SaveStaff(ctx, s, handrail.ActorSystem); err != nil {
			return fmt.Errorf("save the cast: %w", err)
		}
	}
	if _, err := rec.Buddy(ctx, CastPractice, CastBuddy); handrail.IsKind(err, handrail.KindNotFound) {
		cleared := now.AddDate(0, -2, 0)
		_, err = rec.AddBuddy(ctx, handrail.Buddy{
			ID: CastBuddy, Practice: CastPractice, Name: "Joan", About: "I'll have a green scarf on.", Postcode: "LU2",
			Address: CastAddress(channel, ChatBuddy), State: handrail.BuddyCleared, ClearedBy: CastLinkWorker, ClearedAt: &cleared,
		}, handrail.ActorSystem)
		if err != nil {
			return fmt.Errorf("save the cast: %w", err)
		}
	} else if err != nil {
		return fmt.Errorf("save the cast: %w", err)
	}
	if err := saveDemoDirectory(ctx, rec, now); err != nil {
		return err
	}
	return saveOrganiser(ctx, rec, channel)
}

// saveOrganiser gives one of the demo's groups somebody who answers for it in a chat.
func saveOrganiser(ctx context.Context, rec *records.Records, channel string) error {
	_, err := rec.OrganiserPerson(ctx, CastPractice, CastOrganiser)
	if !handrail.IsKind(err, handrail.KindNotFound) {
		return err
	}
	groups, err := rec.ActivitiesNamed(ctx, "Tuesday Growers", 1)
	if err != nil || len(groups) == 0 {
		return errors.Join(err, errors.New("save the cast: the demo has no group for its organiser"))
	}
	_, err = rec.AddOrganiser(ctx, handrail.OrganiserPerson{
		ID: CastOrganiser, Practice: CastPractice, Name: "Tom", Address: CastAddress(channel, ChatOrganiser),
		Groups: []handrail.ActivityID{groups[0].ID},
	}, handrail.ActorSystem)
	if err != nil {
		return fmt.Errorf("save the cast: %w", err)
	}
	return nil
}

func saveDemoDirectory(ctx context.Context, rec *records.Records, now time.Time) error {
	points, err := demo.Postcodes()
	if err != nil {
		return fmt.Errorf("save the demo's postcodes: %w", err)
	}
	if err := rec.PutPostcodes(ctx, points); err != nil {
		return fmt.Errorf("save the demo's postcodes: %w", err)
	}
	activities, err := demo.Activities(now)
	if err != nil {
		return fmt.Errorf("save the demo's directory: %w", err)
	}
	if _, err := rec.ReplaceActivities(ctx, "demo", activities, handrail.ActorSystem); err != nil {
		return fmt.Errorf("save the demo's directory: %w", err)
	}
	return nil
}
