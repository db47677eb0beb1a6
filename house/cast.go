package house

import (
	"context"
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
	CastBuddy      = handrail.BuddyID("bud_joanpike")

	// The chats of the cast: what follows the practice and the channel in their addresses.
	ChatGP         = "gp"
	ChatPatient    = "patient"
	ChatBuddy      = "buddy"
	ChatLinkWorker = "linkworker"
)

// CastAddress is where one of the cast chats.
func CastAddress(channel, chat string) handrail.Address {
	return handrail.Address{Practice: CastPractice, Channel: channel, Chat: chat}
}

// SaveCast writes the fictional practice, a GP and a link worker, a cleared buddy, and the demo's directory around
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
	return saveDemoDirectory(ctx, rec, now)
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
