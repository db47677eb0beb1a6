package sources

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"handrail"
)

// Every table of the shared data: guessed, confirmed where the guess is doubtful, and read. The counts are what a person
// would come to by looking; a change of them is a change of what people are told.
func TestReadCSV_RealTables(t *testing.T) {
	for _, c := range []struct {
		file     string
		doubtful bool           // the guess of the name must be confirmed
		taken    int            // activities
		mended   int            // problems that were kept
		rejected int            // records
		columns  map[Field]int  // how many columns some fields have
		have     map[string]int // how many activities have what
	}{
		{file: "edinburgh-council/access-to-sport-and-culture-edinburgh.csv", taken: 93, mended: 1,
			columns: map[Field]int{FieldName: 1, FieldAddress: 1, FieldWebsite: 1}, have: map[string]int{"postcode": 73, "phone": 86, "email": 88, "website": 92}},
		{file: "edinburgh-council/allotments.csv", taken: 27,
			columns: map[Field]int{FieldPosition: 1, FieldDescription: 1, FieldVenue: 0}, have: map[string]int{"postcode": 26, "position": 27, "phone": 27, "when": 0}},
		{file: "edinburgh-council/carer-support-groups.csv", taken: 15,
			columns: map[Field]int{FieldFor: 1}, have: map[string]int{"postcode": 15, "position": 15, "website": 13, "sensitive": 9}},
		{file: "edinburgh-council/community-centres.csv", taken: 49,
			columns: map[Field]int{FieldWhen: 1, FieldStepFree: 1, FieldWebsite: 2}, have: map[string]int{"when": 36, "step-free": 38, "position": 47, "email": 39}},
		{file: "edinburgh-council/day-services-and-lunch-clubs.csv", taken: 77, mended: 1,
			columns: map[Field]int{FieldWhen: 1, FieldDescription: 3, FieldPosition: 1, FieldVenue: 1}, have: map[string]int{"when": 71, "postcode": 75, "position": 74, "phone": 74, "website": 54}},
		{file: "edinburgh-council/drug-and-alcohol-services.csv", taken: 62, mended: 2,
			columns: map[Field]int{FieldName: 1, FieldPhone: 2, FieldWhen: 1}, have: map[string]int{"when": 60, "postcode": 59, "position": 48, "phone": 61, "email": 45}},
		{file: "edinburgh-council/edinburgh-council-leisure-facilities.csv", taken: 63, mended: 5,
			columns: map[Field]int{FieldCost: 1, FieldWhen: 2}, have: map[string]int{"position": 60, "when": 28, "postcode": 59, "free": 1}},
		{file: "edinburgh-council/edinburghleisure-activities.csv", taken: 195, columns: map[Field]int{FieldID: 1, FieldName: 1}},
		{file: "edinburgh-council/edinburghleisure-sites.csv", doubtful: true, taken: 18,
			columns: map[Field]int{FieldID: 1, FieldStreet: 2, FieldTown: 1}, have: map[string]int{"postcode": 18, "phone": 18}},
		{file: "edinburgh-council/edinburghleisure-classes.csv", doubtful: true, taken: 1771,
			columns: map[Field]int{FieldID: 1, FieldSunday: 1, FieldThursday: 1, FieldDuration: 1, FieldFirstDate: 1, FieldLastDate: 1, FieldDescription: 1},
			have:    map[string]int{"times": 1771, "when": 0, "certain": 1771}},
		{file: "edinburgh-council/housing-support-organisations.csv", taken: 57,
			columns: map[Field]int{FieldFor: 1, FieldDescription: 3}, have: map[string]int{"postcode": 55, "position": 55, "email": 48}},
		{file: "edinburgh-council/library-locations-and-opening-hours.csv", taken: 35, mended: 2,
			columns: map[Field]int{FieldWhen: 1, FieldClosed: 1, FieldPosition: 1, FieldWebsite: 1}, have: map[string]int{"when": 33, "paused": 2, "phone": 35, "position": 34}},
		{file: "edinburgh-council/museums-and-galleries.csv", taken: 11,
			columns: map[Field]int{FieldWhen: 1, FieldDescription: 1}, have: map[string]int{"when": 11, "postcode": 10}},
		{file: "uk-libraries/libraries.csv", taken: 4211, mended: 93,
			columns: map[Field]int{FieldName: 1, FieldStreet: 3, FieldMonday: 1, FieldSunday: 1, FieldClosed: 1, FieldPhone: 0},
			have:    map[string]int{"times": 2954, "defunct": 459, "when": 0}},
		{file: "harrow-charities/harrow-charities.csv", taken: 412, mended: 2,
			columns: map[Field]int{FieldID: 1, FieldPostcode: 1, FieldDescription: 1}, have: map[string]int{"postcode": 412, "website": 187}},
		{file: "harrow-charities/charity_classifications.csv", taken: 34},
		{file: "open-referral-uk/outpost-services-import-sample.csv", taken: 2, mended: 5,
			columns: map[Field]int{FieldBelongsTo: 1, FieldListed: 2, FieldContactPublic: 1, FieldCost: 3}, have: map[string]int{"times": 1, "inactive": 1, "free": 1}},
	} {
		t.Run(strings.ReplaceAll(c.file, "/", " "), func(t *testing.T) {
			f, err := os.Open("../../../shared/data/" + c.file)
			if err != nil {
				t.Skipf("the shared data are not beside the repository: %v", err)
			}
			defer f.Close()
			sample, err := SampleCSV(t.Context(), f)
			if err != nil || sample.Line != 1 {
				t.Fatalf("%v: headings at line %d", err, sample.Line)
			}
			m, guesses := sample.Guess()
			if (m.ready() != nil) != c.doubtful {
				t.Errorf("ready: %v", m.ready())
			}
			for field, n := range c.columns {
				if len(m.Columns[field]) != n {
					t.Errorf("%s: %q, want %d", field, m.Columns[field], n)
				}
			}
			for _, g := range guesses {
				if g.Say == "" || g.Field == "" != (g.Confidence == 0) {
					t.Errorf("%+v", g)
				}
			}
			read := func(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
				return ReadCSV(ctx, r, source, m.Confirm(), opts...)
			}
			r := readFile(t, c.file, read)
			checkResult(t, r)
			mended := r.More
			for _, p := range r.Problems {
				if p.Kept {
					mended++
				}
				if p.Line < 2 || p.Reason == "" {
					t.Errorf("%+v", p)
				}
			}
			if len(r.Activities) != c.taken || mended != c.mended || r.Rejected() != c.rejected {
				t.Errorf("%d taken, %d mended, %d rejected: %+v", len(r.Activities), mended, r.Rejected(), r.Reasons)
			}
			have := haveOf(r.Activities)
			for what, n := range c.have {
				if have[what] != n {
					t.Errorf("%d have %s, want %d", have[what], what, n)
				}
			}
			again := readFile(t, c.file, read)
			for i, a := range r.Activities {
				if again.Activities[i].ID != a.ID {
					t.Fatalf("%s has another id when it is read again", a.Name)
				}
			}
		})
	}
}

func haveOf(list []handrail.Activity) map[string]int {
	have := map[string]int{}
	for _, a := range list {
		for what, yes := range map[string]bool{
			"postcode": a.Venue.Postcode != "", "position": a.Venue.At != nil, "phone": a.Organiser.Phone != "", "email": a.Organiser.Email != "",
			"website": a.Organiser.Website != "", "when": a.WhenText != "", "times": len(a.Times) > 0, "free": a.Cost.Free(), "step-free": a.Access.StepFree == handrail.Yes,
			"paused": a.Status == handrail.ActivityPaused, "defunct": a.Status == handrail.ActivityDefunct, "inactive": a.Status == handrail.ActivityInactive,
			"sensitive": a.Sensitive, "certain": len(a.Times) > 0 && a.Times[0].Certainty == handrail.CertaintySaid,
		} {
			if yes {
				have[what]++
			}
		}
	}
	return have
}

// Some values of the real tables, as a person reads them.
func TestReadCSV_RealValues(t *testing.T) {
	find := func(file, name string) handrail.Activity {
		t.Helper()
		r := readFile(t, file, func(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
			sample, err := os.Open("../../../shared/data/" + file)
			if err != nil {
				return Result{}, err
			}
			defer sample.Close()
			s, err := SampleCSV(ctx, sample)
			if err != nil {
				return Result{}, err
			}
			m, _ := s.Guess()
			return ReadCSV(ctx, r, source, m.Confirm(), opts...)
		})
		for _, a := range r.Activities {
			if a.Name == name {
				return a
			}
		}
		t.Fatalf("there is no %q", name)
		return handrail.Activity{}
	}
	a := find("edinburgh-council/day-services-and-lunch-clubs.csv", "Almond Mains Initiative")
	if a.WhenText != "Tuesdays and Wednesdays 9.30am - 3.30pm" || a.Venue.Name != "Millennium Hall" || a.Venue.Street != "Cramond Kirk, Cramond Glebe Road" ||
		a.Venue.At == nil || a.Venue.At.Lat < 55.977 || a.Organiser.Phone != "0131 336 2082" || strings.Contains(a.Description, "<") || len(a.Times) != 0 {
		t.Errorf("%+v", a)
	}
	a = find("edinburgh-council/edinburghleisure-classes.csv", "Aquafit Mon 19:00")
	if len(a.Times) != 1 || a.Times[0].Start != handrail.At(19, 0) || a.Times[0].End != handrail.At(19, 45) || a.Times[0].From != "2013-03-01" || a.Times[0].Until != "2015-06-08" ||
		!strings.Contains(a.Description, "equipment is used") && !strings.Contains(a.Description, "intensity – suitable") || a.ID != "ELFIT0000000057" {
		t.Errorf("%+v", a)
	}
	a = find("uk-libraries/libraries.csv", "Airyhall Library")
	if len(a.Times) != 7 || a.Venue.Line() != "Springfield Road, Airyhall, Aberdeen, AB15 7RF" || a.Organiser.Email != "AiryhallLibrary@aberdeencity.gov.uk" {
		t.Errorf("%+v", a)
	}
	a = find("uk-libraries/libraries.csv", "Hoyland") // a closed one and its successor under one name and roof
	if a.Status != handrail.ActivityActive || len(a.Times) != 5 {
		t.Errorf("%+v", a)
	}
	a = find("edinburgh-council/allotments.csv", "Bridgend Farm")
	if a.Venue.Postcode != "EH16 4" {
		t.Errorf("%+v", a)
	}
	a = find("edinburgh-council/edinburgh-council-leisure-facilities.csv", "Ainslie Park Leisure Centre")
	if a.For != handrail.SexAny || a.Cost.Known {
		t.Errorf("%+v", a)
	}
}
