package house

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"handrail"
	"handrail/dialogs"
	"handrail/dialogs/text"
	"handrail/directory"
	"handrail/directory/calendar"
	"handrail/directory/prose"
	"handrail/meaning"
	"handrail/meaning/model"
	"handrail/store/records"
)

// Finder joins the reader of free text and the directory, and speaks in the words that conversations use. It follows the
// listings as they change, also where another process changes them. It is safe for use by several goroutines.
type Finder struct {
	records  *records.Records
	words    func() *meaning.Vocabulary
	finder   *directory.Finder
	calendar *calendar.Calendar
	said     *said
	model    *model.Client // nil where there is none
	zone     *time.Location

	mu   sync.Mutex // one follower at a time
	seen atomic.Int64
}

// FinderOptions is what a Finder is made of.
type FinderOptions struct {
	Records *records.Records
	// Places are named places the gazetteer knows besides the towns of the country.
	Places []directory.Place
	// Vocabulary reads what people write; nil is the built-in one.
	Vocabulary *meaning.Vocabulary
	// Model may add to how staff's questions are read; nil is none.
	Model *model.Client
	Zone  *time.Location
}

// NewFinder reads the directory from the records into the search index.
func NewFinder(ctx context.Context, o FinderOptions) (*Finder, error) {
	gazetteer := directory.NewGazetteer(o.Records, o.Places...)
	words := func() *meaning.Vocabulary { return o.Vocabulary }
	if o.Vocabulary == nil {
		// Making the built-in one takes longer than all the rest of a start, and nobody needs it before the first question.
		words = sync.OnceValue(func() *meaning.Vocabulary {
			v, err := Vocabulary(gazetteer, nil)
			if err != nil {
				panic(fmt.Errorf("the built-in vocabulary is part of the program: %w", err)) // a test reads it
			}
			return v
		})
		go words()
	}
	f := &Finder{records: o.Records, words: words, finder: directory.NewFinder(gazetteer, nil), calendar: calendar.New(), said: newSaid(), model: o.Model, zone: o.Zone}
	return f, f.Reload(ctx)
}

// Vocabulary is the built-in words with the names of the places that a gazetteer knows, and a deployment's own table on
// top where there is one.
func Vocabulary(g *directory.Gazetteer, own io.Reader) (*meaning.Vocabulary, error) {
	towns, wordlike := g.TownNames()
	v, err := meaning.NewVocabularyOf(meaning.Places{Sure: append(g.PlaceNames(), towns...), Wordlike: wordlike})
	if err != nil || own == nil {
		return v, err
	}
	return v.WithTable(own)
}

// Reload reads the whole directory again. Searches under way finish on the old one.
func (f *Finder) Reload(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	// The number first: what changes while the listings are read is then read twice, and never missed.
	seen, err := f.records.LastActivityChange(ctx)
	if err != nil {
		return fmt.Errorf("reload the directory: %w", err)
	}
	all, err := f.records.Activities(ctx)
	if err != nil {
		return fmt.Errorf("reload the directory: %w", err)
	}
	f.finder.Swap(directory.NewIndex(all))
	f.seen.Store(seen)
	return nil
}

// changesAtOnce bounds how many changed listings are held in memory at once while following.
const changesAtOnce = 2000

// Refresh takes in what has changed since the last time: one short statement when nothing has.
func (f *Finder) Refresh(ctx context.Context) error {
	last, err := f.records.LastActivityChange(ctx)
	if err != nil {
		return fmt.Errorf("follow the directory: %w", err)
	}
	if last == f.seen.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		seen := f.seen.Load()
		changed, gone, next, err := f.records.ActivityChanges(ctx, seen, changesAtOnce)
		if err != nil {
			return fmt.Errorf("follow the directory: %w", err)
		}
		if next == seen {
			return nil
		}
		if _, err := directory.FillPositions(ctx, f.records, changed); err != nil {
			return fmt.Errorf("follow the directory: %w", err)
		}
		f.finder.Update(changed, gone)
		f.seen.Store(next)
	}
}

// Follow refreshes twice a second until ctx ends, so that a listing that another process changed is found within a
// second.
func (f *Finder) Follow(ctx context.Context, clock Clock, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-clock.After(500 * time.Millisecond):
		}
		if err := f.Refresh(ctx); err != nil && ctx.Err() == nil {
			log.Warn("the directory could not be followed; searches go on with what they have", "error", err)
		}
	}
}

// Prepare completes listings before they are stored: times, prices and postcodes are mined from their words where no field
// says them, and each is placed by its venue's postcode.
func Prepare(ctx context.Context, p directory.Postcodes, list []handrail.Activity) error {
	for i := range list {
		prose.Mine(&list[i])
	}
	_, err := directory.FillPositions(ctx, p, list)
	return err
}

// Directory is the directory itself, for those who search it without free text.
func (f *Finder) Directory() *directory.Finder { return f.finder }

// Understand reads free text.
func (f *Finder) Understand(words string) meaning.Understood {
	return f.words().Understand(words)
}

// Search is the directory's answer to free text, with everything that it was made of; practice may be the zero one.
// KindNotFound and KindInvalid errors have a sentence that says what is wrong with the place.
func (f *Finder) Search(ctx context.Context, practice handrail.Practice, words string, now time.Time) (meaning.Understood, directory.Answer, error) {
	u := f.Understand(words)
	a, err := f.search(ctx, practice, dialogs.Query{Words: words}, u, now)
	return u, a, err
}

// search is Search of what was read already.
func (f *Finder) search(ctx context.Context, practice handrail.Practice, ask dialogs.Query, u meaning.Understood, now time.Time) (directory.Answer, error) {
	if err := f.Refresh(ctx); err != nil {
		return directory.Answer{}, err
	}
	q := f.query(u, now)
	if len(ask.Steps) == 0 { // what was taken out must not come back by the words that said it
		read := strings.Fields(u.Place)
		if u.Home {
			read = append(read, "phone", "telephone", "online", "zoom", "housebound")
		}
		q.Said = f.said.in(f.nameless(ask.Words), read, len(u.Interests) == 0)
	}
	if saidQuieter(ask.Steps) {
		q.Limit = 40 // the quiet ones may be farther down
	}
	g := f.finder.Gazetteer()
	var spot directory.Spot
	var found bool
	var err error
	asked := ask.Where
	if w := f.Understand(asked); w.Postcode != "" || w.Place != "" {
		asked = cmp.Or(w.Postcode, w.Place)
	}
	switch where := cmp.Or(asked, u.Postcode, u.Place); {
	case where != "" && where != "surgery":
		// "Moved from LS9 to LU1" is for the reader of the words to tell apart.
		spot, err = g.LocateNear(ctx, where, practice.At)
		found = true
	case where == "":
		// What is plainly meant for a postcode and is none, and codes that stand for no place, are asked after (B26).
		spot, found, err = g.Read(ctx, ask.Words, practice.At)
	}
	if err == nil && !found && practice.At != nil {
		spot, found = directory.Spot{At: *practice.At, Label: "the practice", Precision: directory.PrecisionPlace}, true
	}
	if err != nil {
		return directory.Answer{}, err
	}
	if found {
		q.Near = &spot
	}
	return f.finder.Find(ctx, q)
}

func (f *Finder) query(u meaning.Understood, now time.Time) directory.Query {
	q := directory.Query{
		Interests: u.Interests, Needs: u.Needs, Not: u.Not, RadiusMetres: float64(u.RadiusM), Free: u.Free, StepFree: u.StepFree, Age: u.Age,
		SingleSex: handrail.Sex(u.SingleSex), Language: u.Language, NoCar: u.NoCar, Home: u.Home, Unlabelled: u.Unlabelled,
		Calendar: f.calendar, Now: now,
		Synonyms: f.words().Synonyms(slices.Concat(u.Interests, u.Needs, u.Not)...),
	}
	q.Labels = map[string]string{}
	for _, part := range u.Parts() {
		if part.Key == "interests" {
			q.Labels[part.Value] = part.Label
		}
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
	q.On = f.dates(u.When, q.Days, now)
	return q
}

// nameless is a text without what identifies somebody: "Frank" is no reason to find Frank's Café.
func (f *Finder) nameless(text string) string {
	var b strings.Builder
	at := 0
	for _, i := range f.words().Identifiers(text) {
		b.WriteString(text[at:i.From])
		b.WriteString(". ")
		at = i.To
	}
	b.WriteString(text[at:])
	return b.String()
}

// dates are the days that "tomorrow" or "next week" mean, of those weekdays where some are named. A week begins on Monday,
// and what has gone of this one is not meant.
func (f *Finder) dates(when string, days []time.Weekday, now time.Time) []handrail.Date {
	today := now.In(f.zone)
	monday := -(int(today.Weekday()) + 6) % 7
	var from, to int // days from today, both included
	switch when {
	case "today":
	case "tomorrow":
		from, to = 1, 1
	case "this_week":
		to = monday + 6
	case "next_week":
		from, to = monday+7, monday+13
	case "weekend":
		from, to = max(0, monday+5), monday+6
	default:
		return nil
	}
	var out []handrail.Date
	for d := from; d <= to; d++ {
		day := today.AddDate(0, 0, d)
		if len(days) == 0 || slices.Contains(days, day.Weekday()) {
			out = append(out, handrail.DateOf(day, f.zone))
		}
	}
	return out
}

// Find implements dialogs.Finder for staff.
func (f *Finder) Find(ctx context.Context, practice handrail.PracticeID, ask dialogs.Query, now time.Time) (dialogs.Found, error) {
	p, err := f.records.Practice(ctx, practice)
	if err != nil {
		return dialogs.Found{}, err
	}
	u, added := f.read(ctx, ask)
	if ask.Where != "" {
		u.Postcode, u.Place = "", "" // another place was given in their stead
	}
	u, err = f.narrow(ctx, p, ask, u, now)
	if err != nil {
		return dialogs.Found{}, err
	}
	a, err := f.search(ctx, p, ask, u, now)
	if asked, ok := whichPlace(err); ok {
		return asked, nil
	}
	if err != nil {
		return dialogs.Found{}, err
	}
	if u.Empty() && ask.Where == "" {
		return dialogs.Found{NoPlace: true, Unread: true}, nil
	}
	read := inWords(u)
	if u.Postcode == "" && u.Place == "" && a.Spot != nil {
		read = text.Join("near "+strings.TrimPrefix(a.Spot.Label, "the middle of "), read)
	}
	if saidQuieter(ask.Steps) {
		read = text.Join(read, "quieter first")
		a.Results = quietFirst(a.Results)
	}
	if len(added) > 0 {
		read += " (from the language model: " + strings.Join(added, ", ") + ")"
	}
	found := groups(a, read)
	found.Needs = u.Needs
	for _, part := range u.Parts() {
		switch part.Key {
		case "postcode", "place", "age", "gender":
		case "days":
			if len(u.Days) <= 3 || part.Value == "weekdays" { // "not Tuesdays" is six days, and no six buttons
				found.Parts = append(found.Parts, dialogs.Part(part))
			}
		default:
			found.Parts = append(found.Parts, dialogs.Part(part))
		}
	}
	if a.Spot == nil {
		found.NoPlace = true
	} else if a.Spot.Precision != directory.PrecisionPlace {
		found.Area = strings.TrimPrefix(a.Spot.Label, "the middle of ")
	}
	return found, nil
}

// read is how a question is understood: by the rules, and where they are unsure and a model is configured, with what it
// adds. Whatever goes wrong with a model, the rules' reading stands.
func (f *Finder) read(ctx context.Context, ask dialogs.Query) (u meaning.Understood, added []string) {
	if f.model == nil || !f.model.On() {
		return f.Understand(ask.Words), nil
	}
	r := f.model.Read(ctx, ask.Who, ask.Words)
	for _, a := range r.Added {
		added = append(added, strings.ReplaceAll(a.Value, "_", " "))
	}
	return r.Understood, added
}

// Named implements dialogs.Finder.
func (f *Finder) Named(ctx context.Context, practice handrail.PracticeID, name string, now time.Time) ([]dialogs.Group, error) {
	all, err := f.records.ActivitiesNamed(ctx, name, namedAtOnce)
	if err != nil {
		return nil, err
	}
	p, err := f.records.Practice(ctx, practice)
	if err != nil {
		return nil, err
	}
	if p.At != nil {
		slices.SortStableFunc(all, func(a, b handrail.Activity) int { return cmp.Compare(metresFrom(*p.At, a), metresFrom(*p.At, b)) })
	}
	out := make([]dialogs.Group, len(all))
	for i, a := range all {
		out[i] = dialogs.Group{ID: a.ID, Name: a.Name, When: directory.WhenText(a), Venue: a.Venue.Line()}
	}
	return out, nil
}

// namedAtOnce is how many listings of a name are looked at.
const namedAtOnce = 50

func metresFrom(p handrail.Point, a handrail.Activity) float64 {
	if a.Venue.At == nil {
		return math.MaxFloat64
	}
	return directory.Metres(p, *a.Venue.At)
}

// ReadTimes implements dialogs.Finder.
func (f *Finder) ReadTimes(words string) []handrail.Recurrence {
	var out []handrail.Recurrence
	for _, t := range prose.Times(words) {
		if !t.Recurrence.Certain() {
			return nil // half of what was said is not what was said
		}
		r := t.Recurrence
		r.Certainty = handrail.CertaintySaid // a person reads it back and says yes
		out = append(out, r)
	}
	return out
}

// ReadRefusal implements dialogs.Finder.
func (f *Finder) ReadRefusal(words string) (handrail.DeclineReason, bool) {
	read, sure := f.words().Refusal(words)
	reasons := map[string]handrail.DeclineReason{
		"not_interested": handrail.DeclineNoNeed, "too_unwell": handrail.DeclineNotNow, "transport": handrail.DeclineTravel,
		"cost": handrail.DeclineCost, "time_or_work": handrail.DeclineHours, "caring_duties": handrail.DeclineHours,
		"anxiety_or_confidence": handrail.DeclineAnxiety, "stigma_label": handrail.DeclineStigma, "prefers_medical": handrail.DeclineMedical,
		"bad_experience": handrail.DeclineExperience, "access_needs": handrail.DeclineTravel, "language": handrail.DeclineLanguage,
		"feels_better": handrail.DeclineNoNeed,
	}
	reason, ok := reasons[read]
	return reason, sure && ok
}

// ReadThemes implements dialogs.Finder.
func (f *Finder) ReadThemes(words string) []string { return f.words().Themes(words) }

// ReadCost implements dialogs.Finder.
func (f *Finder) ReadCost(words string) handrail.Cost {
	c, ok := prose.Prices(words)
	if !ok {
		return handrail.Cost{Text: words}
	}
	c.Text = words
	return c
}

// whichPlace is the question back where the place is not one, or one of several.
func whichPlace(err error) (dialogs.Found, bool) {
	var asked *directory.Ask
	if !errors.As(err, &asked) {
		return dialogs.Found{}, false
	}
	return dialogs.Found{NoPlace: true, Problem: asked.Say, Places: asked.Candidates}, true
}

// Suggest implements dialogs.Finder for patients. Only whole needs that the referrer named, and interests in the
// patient's own words, are looked for; nothing is guessed of their health.
func (f *Finder) Suggest(ctx context.Context, wish dialogs.Wish, now time.Time) (dialogs.Found, error) {
	if err := f.Refresh(ctx); err != nil {
		return dialogs.Found{}, err
	}
	u := f.wished(&wish)
	q := f.query(u, now)
	q.NeedsUnsaid = true
	switch {
	case wish.Where.Near != nil:
		q.Near = &directory.Spot{At: *wish.Where.Near, Label: "where you are", Precision: directory.PrecisionPlace}
	default:
		p, err := f.records.Practice(ctx, wish.Practice)
		if err != nil {
			return dialogs.Found{}, err
		}
		spot, err := f.finder.Gazetteer().LocateNear(ctx, wish.Where.Words, p.At)
		if asked, ok := whichPlace(err); ok {
			return asked, nil
		}
		if err != nil {
			return dialogs.Found{}, err
		}
		q.Near = &spot
	}
	a, err := f.finder.Find(ctx, q)
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
	first, _ := a.Fact(handrail.FactFirstTime)
	photo, _ := a.Fact(handrail.FactPhoto)
	contact := text.Join(a.Organiser.Phone, a.Organiser.Email)
	return dialogs.Group{
		ID: a.ID, Name: a.Name, Neutral: a.NeutralName(), When: r.When, Distance: r.DistanceText, Cost: r.CostText, Access: r.AccessText,
		Checked: r.CheckedText, Warning: r.Warning, Why: r.Why, About: brief(a.Description), Venue: a.Venue.Line(), Organiser: a.Organiser.Name,
		Contact: contact, At: a.Venue.At, FirstTime: first.Value, Photo: photo.Value,
	}
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
