package house

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"handrail"
	"handrail/dialogs"
	"handrail/directory"
	"handrail/directory/calendar"
	"handrail/meaning"
	"handrail/store/records"
)

// Finder joins the reader of free text and the directory, and speaks in the words that conversations use. It is safe
// for use by several goroutines.
type Finder struct {
	records    *records.Records
	vocabulary *meaning.Vocabulary
	finder     *directory.Finder
	calendar   *calendar.Calendar
	// almost finds what has the shape of a whole postcode.
	almost *regexp.Regexp
}

// NewFinder reads the directory from the records into the search index.
func NewFinder(ctx context.Context, rec *records.Records, places []directory.Place) (*Finder, error) {
	gazetteer := directory.NewGazetteer(rec, places...)
	vocabulary, err := meaning.NewVocabulary(gazetteer.PlaceNames()...)
	if err != nil {
		return nil, fmt.Errorf("new finder: %w", err)
	}
	f := &Finder{records: rec, vocabulary: vocabulary, finder: directory.NewFinder(gazetteer, nil), calendar: calendar.New(),
		almost: regexp.MustCompile(`(?i)\b[a-z]{1,2}[0-9][a-z0-9]?\s?[0-9][a-z]{2}\b`)}
	return f, f.Reload(ctx)
}

// Reload reads the directory again, after an import. Searches under way finish on the old one.
func (f *Finder) Reload(ctx context.Context) error {
	all, err := f.records.Activities(ctx)
	if err != nil {
		return fmt.Errorf("reload the directory: %w", err)
	}
	f.finder.Swap(directory.NewIndex(all))
	return nil
}

// Understand reads free text.
func (f *Finder) Understand(words string) meaning.Understood {
	return meaning.Understand(words, f.vocabulary)
}

// Search is the directory's answer to free text, with everything that it was made of; practice may be the zero one.
// KindNotFound and KindInvalid errors have a sentence that says what is wrong with the place.
func (f *Finder) Search(ctx context.Context, practice handrail.Practice, words string, now time.Time) (meaning.Understood, directory.Answer, error) {
	u := f.Understand(words)
	a, err := f.search(ctx, practice, u, now)
	return u, a, err
}

// search is Search of what was read already.
func (f *Finder) search(ctx context.Context, practice handrail.Practice, u meaning.Understood, now time.Time) (directory.Answer, error) {
	q := f.query(u, now)
	switch {
	case u.Postcode != "":
		q.Where = u.Postcode
	case u.Place != "" && u.Place != "surgery":
		q.Where = u.Place
	case practice.At != nil:
		q.Near = &directory.Spot{At: *practice.At, Label: "the practice", Precision: directory.PrecisionPlace}
	}
	return f.finder.Find(ctx, q)
}

func (f *Finder) query(u meaning.Understood, now time.Time) directory.Query {
	q := directory.Query{
		Interests: u.Interests, Needs: u.Needs, RadiusMetres: float64(u.RadiusM), Free: u.Free, StepFree: u.StepFree, Age: u.Age,
		SingleSex: handrail.Sex(u.SingleSex), Language: u.Language, NoCar: u.NoCar, Now: now,
		Synonyms: f.vocabulary.Synonyms(append(slices.Clone(u.Interests), u.Needs...)...),
	}
	switch u.Gender {
	case "female":
		q.Gender = handrail.SexWomen
	case "male":
		q.Gender = handrail.SexMen
	}
	days := map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
	for _, d := range u.Days {
		q.Days = append(q.Days, days[d])
	}
	for _, t := range u.Times {
		q.Times = append(q.Times, directory.PartOfDay(t))
	}
	return q
}

// Find implements dialogs.Finder for staff.
func (f *Finder) Find(ctx context.Context, practice handrail.PracticeID, words string, now time.Time) (dialogs.Found, error) {
	p, err := f.records.Practice(ctx, practice)
	if err != nil {
		return dialogs.Found{}, err
	}
	u := f.Understand(words)
	if strings.Contains(strings.ToUpper(words), "ZZ99") {
		return dialogs.Found{NoPlace: true, Problem: "That postcode means no fixed address."}, nil // asked for in words (B26)
	}
	if u.Postcode == "" && u.Place == "" && f.almost.MatchString(words) {
		// It was meant for a postcode and is none: asked again, not taken for "near us" (B26).
		return dialogs.Found{NoPlace: true, Problem: "I don't know that postcode."}, nil
	}
	if u.Empty() {
		return dialogs.Found{NoPlace: true}, nil
	}
	a, err := f.search(ctx, p, u, now)
	if problem, ok := placeProblem(err); ok {
		return dialogs.Found{NoPlace: true, Problem: problem}, nil
	}
	if err != nil {
		return dialogs.Found{}, err
	}
	read := u.Words()
	if u.Postcode == "" && u.Place == "" && a.Spot != nil {
		read = strings.Join(nonEmpty("near "+a.Spot.Label, read), ", ")
	}
	found := groups(a, read)
	if a.Spot == nil {
		found.NoPlace = true
	}
	return found, nil
}

// placeProblem is the sentence for a place that cannot be found.
func placeProblem(err error) (string, bool) {
	if handrail.IsKind(err, handrail.KindNotFound) || handrail.IsKind(err, handrail.KindInvalid) {
		return handrail.Sentence(err)
	}
	return "", false
}

// Suggest implements dialogs.Finder for patients. Only whole needs that the referrer named, and interests in the
// patient's own words, are looked for; nothing is guessed of their health.
func (f *Finder) Suggest(ctx context.Context, wish dialogs.Wish, now time.Time) (dialogs.Found, error) {
	u := f.Understand(wish.Words)
	u.Needs, u.Postcode, u.Place, u.Age = nil, "", "", wish.Age
	if wish.Need != "" && wish.Need != "other" {
		u.Needs = []string{wish.Need}
	}
	q := f.query(u, now)
	q.NeedsUnsaid = true
	switch {
	case wish.Where.Near != nil:
		q.Near = &directory.Spot{At: *wish.Where.Near, Label: "where you are", Precision: directory.PrecisionPlace}
	default:
		q.Where = wish.Where.Words
		if w := f.Understand(wish.Where.Words); w.Postcode != "" {
			q.Where = w.Postcode
		}
	}
	a, err := f.finder.Find(ctx, q)
	if problem, ok := placeProblem(err); ok {
		return dialogs.Found{NoPlace: true, Problem: problem}, nil
	}
	if err != nil {
		return dialogs.Found{}, err
	}
	if q.Gender == handrail.SexAny && q.SingleSex == handrail.SexAny {
		// Nobody said who this is: a group for one sex only is not suggested to somebody of the other.
		a.Results = slices.DeleteFunc(a.Results, func(r directory.Result) bool { return r.Activity.For != handrail.SexAny })
	}
	found := groups(a, "")
	for i := range found.Groups {
		found.Groups[i].Why = kindly(found.Groups[i].Why)
	}
	if wish.First != "" {
		if err := f.putFirst(ctx, &found, wish.First, a.Query); err != nil {
			return dialogs.Found{}, err
		}
	}
	return found, nil
}

// kindly says a reason to the person it is for.
func kindly(why string) string {
	if likes, ok := strings.CutPrefix(why, "fits "); ok {
		return "good if you like " + likes
	}
	return why
}

// putFirst moves the referrer's own idea to the front, and adds it when it was not among the results but still runs.
func (f *Finder) putFirst(ctx context.Context, found *dialogs.Found, id handrail.ActivityID, q directory.Query) error {
	for i, g := range found.Groups {
		if g.ID == id {
			found.Groups = slices.Insert(slices.Delete(found.Groups, i, i+1), 0, g)
			return nil
		}
	}
	a, err := f.records.Activity(ctx, id)
	if handrail.IsKind(err, handrail.KindNotFound) {
		return nil
	}
	if err != nil || a.Status != handrail.ActivityActive {
		return err
	}
	alone := directory.NewIndex([]handrail.Activity{a}).Search(directory.Query{
		Near: q.Near, RadiusMetres: 100_000, Age: q.Age, Gender: q.Gender, Now: q.Now,
	})
	for _, r := range alone {
		g := group(r)
		g.Why = ""
		found.Groups = slices.Insert(found.Groups, 0, g)
	}
	return nil
}

// Activity implements dialogs.Finder.
func (f *Finder) Activity(ctx context.Context, id handrail.ActivityID) (handrail.Activity, error) {
	return f.records.Activity(ctx, id)
}

// Meetings implements dialogs.Finder.
func (f *Finder) Meetings(a handrail.Activity, from, to time.Time) ([]handrail.Occurrence, error) {
	return f.calendar.Meetings(a, from, to)
}

func groups(a directory.Answer, understood string) dialogs.Found {
	found := dialogs.Found{Understood: understood, Widened: a.Widened}
	if a.Spot != nil {
		found.Note = a.Spot.Note
	}
	for _, r := range a.Results {
		found.Groups = append(found.Groups, group(r))
	}
	return found
}

func group(r directory.Result) dialogs.Group {
	a := r.Activity
	contact := strings.Join(nonEmpty(a.Organiser.Phone, a.Organiser.Email), ", ")
	return dialogs.Group{
		ID: a.ID, Name: a.Name, Neutral: a.NeutralName(), When: r.When, Distance: r.DistanceText, Cost: r.CostText, Access: r.AccessText,
		Checked: r.CheckedText, Why: r.Why, About: brief(a.Description), Venue: a.Venue.Line(), Organiser: a.Organiser.Name,
		Contact: contact, At: a.Venue.At,
	}
}

func nonEmpty(all ...string) []string {
	var out []string
	for _, s := range all {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// brief is the beginning of a description, whole sentences where they fit.
func brief(s string) string {
	const most = 400
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= most {
		return s
	}
	if i := strings.LastIndex(s[:most], ". "); i > most/2 {
		return s[:i+1]
	}
	return strings.TrimSpace(s[:strings.LastIndex(s[:most], " ")]) + "…"
}
