package records

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"handrail"
)

// listing is how an activity is stored. It stands apart from handrail.Activity, so that a field of that can be renamed
// without a migration; its own names must stay. Listings are public: nothing in them is sealed.
type listing struct {
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Organiser   organiser    `json:"organiser,omitzero"`
	Venue       venue        `json:"venue,omitzero"`
	Times       []weeklyTime `json:"times,omitempty"`
	WhenText    string       `json:"when_text,omitempty"`
	CostKnown   bool         `json:"cost_known,omitempty"`
	CostPence   int          `json:"cost_pence,omitempty"`
	CostText    string       `json:"cost_text,omitempty"`
	StepFree    int8         `json:"step_free,omitempty"`
	Toilet      int8         `json:"toilet,omitempty"`
	Parking     int8         `json:"parking,omitempty"`
	AccessText  string       `json:"access_text,omitempty"`
	MinAge      int          `json:"min_age,omitempty"`
	MaxAge      int          `json:"max_age,omitempty"`
	For         string       `json:"for,omitempty"`
	Topics      []string     `json:"topics,omitempty"`
	Languages   []string     `json:"languages,omitempty"`
	Sensitive   bool         `json:"sensitive,omitempty"`
	CheckedAt   *time.Time   `json:"checked_at,omitempty"`
	UpdatedAt   *time.Time   `json:"updated_at,omitempty"`
}

type organiser struct {
	ID      string `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
	Website string `json:"website,omitempty"`
}

type venue struct {
	Name     string          `json:"name,omitempty"`
	Street   string          `json:"street,omitempty"`
	Town     string          `json:"town,omitempty"`
	Postcode string          `json:"postcode,omitempty"`
	At       *handrail.Point `json:"at,omitempty"`
}

type weeklyTime struct {
	Day   int    `json:"day"` // Sunday is 0
	Start int    `json:"start"`
	End   int    `json:"end,omitempty"`
	Every int    `json:"every,omitempty"`
	Zone  string `json:"zone,omitempty"`
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

func listingOf(a handrail.Activity) listing {
	l := listing{
		Name: a.Name, Description: a.Description, Organiser: organiser{
			ID: string(a.Organiser.ID), Name: a.Organiser.Name, Phone: a.Organiser.Phone, Email: a.Organiser.Email,
			Website: a.Organiser.Website,
		}, Venue: venue(a.Venue), WhenText: a.WhenText, CostKnown: a.Cost.Known, CostPence: a.Cost.Pence,
		CostText: a.Cost.Text, StepFree: int8(a.Access.StepFree), Toilet: int8(a.Access.Toilet),
		Parking: int8(a.Access.Parking), AccessText: a.Access.Text, MinAge: a.MinAge, MaxAge: a.MaxAge, For: string(a.For),
		Topics: a.Topics, Languages: a.Languages, Sensitive: a.Sensitive, CheckedAt: inUTC(a.CheckedAt), UpdatedAt: inUTC(a.UpdatedAt),
	}
	for _, w := range a.Times {
		l.Times = append(l.Times, weeklyTime{Day: int(w.Day), Start: int(w.Start), End: int(w.End), Every: w.Every, Zone: w.Zone})
	}
	return l
}

func (l listing) activity() handrail.Activity {
	a := handrail.Activity{
		Name: l.Name, Description: l.Description, Organiser: handrail.Organiser{
			ID: handrail.OrganiserID(l.Organiser.ID), Name: l.Organiser.Name, Phone: l.Organiser.Phone,
			Email: l.Organiser.Email, Website: l.Organiser.Website,
		}, Venue: handrail.Venue(l.Venue), WhenText: l.WhenText,
		Cost: handrail.Cost{Known: l.CostKnown, Pence: l.CostPence, Text: l.CostText},
		Access: handrail.Access{StepFree: handrail.Tri(l.StepFree), Toilet: handrail.Tri(l.Toilet),
			Parking: handrail.Tri(l.Parking), Text: l.AccessText},
		MinAge: l.MinAge, MaxAge: l.MaxAge, For: handrail.Sex(l.For), Topics: l.Topics, Languages: l.Languages,
		Sensitive: l.Sensitive, CheckedAt: l.CheckedAt, UpdatedAt: l.UpdatedAt,
	}
	for _, w := range l.Times {
		a.Times = append(a.Times, handrail.Recurrence{Day: time.Weekday(w.Day), Start: handrail.Clock(w.Start),
			End: handrail.Clock(w.End), Every: w.Every, Zone: w.Zone})
	}
	return a
}

const activityColumns = "id, source, status, listing"

func scanActivity(row scanner) (handrail.Activity, error) {
	var id, source, status, text string
	if err := row.Scan(&id, &source, &status, &text); err != nil {
		return handrail.Activity{}, err
	}
	var l listing
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return handrail.Activity{}, fmt.Errorf("read a stored listing: %w", err)
	}
	a := l.activity()
	a.ID, a.Source, a.Status = handrail.ActivityID(id), source, handrail.ActivityStatus(status)
	return a, nil
}

// Imported is what a new copy of a source changed.
type Imported struct {
	Added, Changed, Removed, Same int
}

// ImportOption changes how ReplaceActivities treats a new copy.
type ImportOption string

// Force takes the copy although more than a fifth of the live listings would go: a person has looked at it.
const Force ImportOption = "force"

// ReplaceActivities makes list the source's listings, in one transaction. One that is no longer in the list becomes
// inactive and is kept, since enrolments point at it. Where more than a fifth of the source's live listings would go,
// nothing is done and the error is KindConflict with a sentence: a person must look, and may use Force (B23). An id that
// another source has is KindConflict too. An empty Status counts as active; of two with one id the later counts.
func (r *Records) ReplaceActivities(ctx context.Context, source string, list []handrail.Activity, by handrail.Actor,
	opts ...ImportOption,
) (Imported, error) {
	var done Imported
	err := r.in(ctx, "ReplaceActivities", func(ctx context.Context) error {
		done = Imported{}
		have, err := r.storedListings(ctx, source)
		if err != nil {
			return err
		}
		fresh := make(map[string]storedListing, len(list))
		order := make([]string, 0, len(list))
		for _, a := range list {
			if a.Status == "" {
				a.Status = handrail.ActivityActive
			}
			text, err := json.Marshal(listingOf(a))
			if err != nil {
				return fmt.Errorf("import %s: encode a listing: %w", source, err)
			}
			if _, twice := fresh[string(a.ID)]; !twice {
				order = append(order, string(a.ID))
			}
			fresh[string(a.ID)] = storedListing{string(a.ID), string(a.Status), string(text)}
		}
		live, going := 0, 0
		for id, old := range have {
			if old.status == string(handrail.ActivityActive) {
				live++
				if fresh[id].status != string(handrail.ActivityActive) {
					going++
				}
			}
		}
		if going*5 > live && !forced(opts) {
			return handrail.Errorf(handrail.KindConflict,
				fmt.Sprintf("This copy of the directory would remove %d of %d live listings. Somebody should look at it first.", going, live),
				"import: more than a fifth of the live listings would go")
		}
		return r.replace(ctx, source, by, have, fresh, order, &done)
	})
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

func forced(opts []ImportOption) bool {
	for _, o := range opts {
		if o == Force {
			return true
		}
	}
	return false
}

// storedListing is a row as it is written.
type storedListing struct{ id, status, text string }

func (r *Records) storedListings(ctx context.Context, source string) (map[string]storedListing, error) {
	rows, err := list(ctx, r, "read the directory", func(row scanner) (storedListing, error) {
		var s storedListing
		err := row.Scan(&s.id, &s.status, &s.text)
		return s, err
	}, "SELECT id, status, listing FROM activities WHERE source = $1"+r.kind.forUpdate(), source)
	if err != nil {
		return nil, err
	}
	out := make(map[string]storedListing, len(rows))
	for _, s := range rows {
		out[s.id] = s
	}
	return out, nil
}

func (r *Records) replace(ctx context.Context, source string, by handrail.Actor, have, fresh map[string]storedListing,
	order []string, done *Imported,
) error {
	for _, id := range order {
		s := fresh[id]
		old, known := have[id]
		switch {
		case known && old == s:
			done.Same++
			continue
		case known:
			done.Changed++
		default:
			done.Added++
		}
		n, err := r.exec(ctx, "save a listing", `INSERT INTO activities (id, practice, source, status, listing) VALUES ($1, '', $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET status = excluded.status, listing = excluded.listing WHERE activities.source = excluded.source`,
			s.id, source, s.status, s.text)
		if err != nil {
			return err
		}
		if n == 0 {
			return handrail.Errorf(handrail.KindConflict, "A listing in this copy has the id of a listing from another source.",
				"import: an id belongs to another source")
		}
		if known && old.status != s.status {
			if err := r.audit(ctx, "", by, old.status+" -> "+s.status, "activity", id); err != nil {
				return err
			}
		}
	}
	for id, old := range have {
		if _, stays := fresh[id]; stays || old.status == string(handrail.ActivityInactive) {
			continue
		}
		done.Removed++
		if _, err := r.exec(ctx, "retire a listing", "UPDATE activities SET status = 'inactive' WHERE id = $1", id); err != nil {
			return err
		}
		if err := r.audit(ctx, "", by, old.status+" -> inactive", "activity", id); err != nil {
			return err
		}
	}
	return r.audit(ctx, "", by, fmt.Sprintf("imported: %d added, %d changed, %d removed, %d the same",
		done.Added, done.Changed, done.Removed, done.Same), "directory", source)
}

// Activities returns every active listing, by id.
func (r *Records) Activities(ctx context.Context) ([]handrail.Activity, error) {
	return list(ctx, r, "read the directory", scanActivity, "SELECT "+activityColumns+" FROM activities WHERE status = 'active' ORDER BY id")
}

// Activity returns one listing, active or not; KindNotFound when there is none of that id.
func (r *Records) Activity(ctx context.Context, id handrail.ActivityID) (handrail.Activity, error) {
	a, ok, err := one(ctx, r, "read the listing", scanActivity, "SELECT "+activityColumns+" FROM activities WHERE id = $1", string(id))
	if err == nil && !ok {
		err = notFound("group")
	}
	return a, err
}

func (r *Records) activitiesByID(ctx context.Context, ids []handrail.ActivityID) (map[handrail.ActivityID]handrail.Activity, error) {
	all, err := batch(ctx, r, "read the directory", scanActivity, ids, func(marks string) string {
		return "SELECT " + activityColumns + " FROM activities WHERE id IN (" + marks + ")"
	})
	if err != nil {
		return nil, err
	}
	out := make(map[handrail.ActivityID]handrail.Activity, len(all))
	for _, a := range all {
		out[a.ID] = a
	}
	return out, nil
}
