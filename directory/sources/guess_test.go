package sources

import (
	"slices"
	"strings"
	"testing"
)

// Headings as they stand in tables of British councils and charities.
func TestGuessMapping_Headings(t *testing.T) {
	for _, c := range []struct {
		field    Field
		headings string
	}{
		{FieldName, "Group Name|Name of group|SERVICE|Service Name|Club/Society|Activity|Library name|title|Group / Activity|Name of Organisation/Group"},
		{FieldDescription, "Description|Details|What they do|Services provided|Key Activities|About|service_description|How to access directly"},
		{FieldOrganiser, "Organisation|Provider|Run by|organisation name"},
		{FieldVenue, "Venue|Location Name|Where|Meeting place"},
		{FieldAddress, "Venue / Address|Address|Full Address|Address & Postcode|Venue and Postcode"},
		{FieldStreet, "Address 1|Address Line 2|address_1|location_address_1"},
		{FieldTown, "Town|City/Town|location_city|Town or City"},
		{FieldPostcode, "Post Code|Postcode|POSTCODE:|PostCode|Venue Postcode|post_code|outcode|Postcode of the hall"},
		{FieldLatitude, "lat|Latitude|location_latitude"},
		{FieldPosition, "Lat/Long|Coordinates|lat,lng"},
		{FieldWeekday, "Day|Day(s)|Days|Weekday|scheduled_weekday|Day of the week"},
		{FieldThursday, "Thursday|Thu|Thursday staffed hours|Thursday opening times"},
		{FieldStart, "Start|Start time|Time|From|schedules_opens_at|Time from"},
		{FieldEnd, "End Time|Finish|To|Closes at"},
		{FieldWhen, "Day & time|Days and times|When|Opening hours|Day/Time|Date & Time|Day(s) and time(s) of sessions|OPENING TIMES"},
		{FieldFrequency, "Frequency|How often"},
		{FieldFirstDate, "Start Date|From date"},
		{FieldCost, "Cost|Price (£)|Cost per session|Charge|Is there a cost?|cost_amount"},
		{FieldFree, "Free?|free"},
		{FieldAges, "Age range|Ages|Age Group"},
		{FieldMinAge, "min_age|Minimum Age|Age from"},
		{FieldFor, "Who is it for?|Target group|Clients|Gender|Eligibility|Who can attend"},
		{FieldStepFree, "Wheelchair access|Disabled Access|Step-free|Wheelchair accessible?|Is it wheelchair accessible"},
		{FieldToilet, "Accessible toilet|Disabled toilets"},
		{FieldParking, "Parking|Car park"},
		{FieldLanguages, "Language(s)|Languages spoken"},
		{FieldTopics, "Category|Tags|service_taxonomies|Type of group"},
		{FieldPhone, "Contact tel|Telephone|Phone No.|Tel:|Contact number|Mobile|Contact Telephone Number"},
		{FieldEmail, "E-mail|Email address|contact_email|Email:"},
		{FieldWebsite, "Website|Web address|URL|Link|Service website"},
		{FieldChecked, "Last checked|assured_date|Date verified|Last Reviewed"},
		{FieldUpdated, "Last updated|Date modified"},
		{FieldStatus, "Status|Active (Y/N)"},
		{FieldListed, "visible|Approved|OK to publish?"},
		{FieldID, "ID|Ref|import_id|UID|Service ID"},
		{FieldBelongsTo, "import_id_reference"},
	} {
		for h := range strings.SplitSeq(c.headings, "|") {
			headings := []string{h}
			if c.field != FieldName {
				headings = append(headings, "Group Name")
			}
			m, guesses := GuessMapping(headings, nil)
			if !slices.Contains(m.Columns[c.field], h) {
				t.Errorf("%q: %+v, want %s", h, guesses[0], c.field)
			}
			if g := guesses[0]; g.Say == "" || g.Doubtful() || !strings.HasPrefix(g.Say, `"`) {
				t.Errorf("%q: %+v", h, g)
			}
		}
	}
}

// What is about persons, or was not written for the public, is never taken without being asked for.
func TestGuessMapping_LeavesPeopleOut(t *testing.T) {
	for _, h := range []string{"Contact name", "Main contact", "Group leader", "Coordinator", "Checked by", "assurer_email", "Internal notes", "Notes", "Volunteer contact email", "Fax", "Surname", "Contact person", "GDPR consent", "Treasurer's phone", "Manager email"} {
		m, guesses := GuessMapping([]string{"Name", h}, [][]string{{"Chess", "Sue Smith"}, {"Bowls", "sue.smith@example.net"}, {"Darts", "01582 555 010"}})
		if len(m.Columns) != 1 || guesses[1].Field != "" || guesses[1].Say == "" {
			t.Errorf("%q: %+v", h, m.Columns)
		}
	}
}

func TestGuessMapping_CellsSayIt(t *testing.T) {
	headings := []string{"A", "B", "C", "D", "E", "F", "G"}
	m, guesses := GuessMapping(headings, [][]string{
		{"Chess Club", "LU1 1HR", "01582 555 010", "chess@northgate.org.uk", "www.northgatechess.org.uk", "Tuesday", "51.88,-0.42"},
		{"Bowls", "LU2 7AA", "01582 555 011", "", "https://bowls.org.uk/x", "Mon & Wed", "51.89, -0.40"},
		{"Darts at the Bell", "LU3", "", "darts@northgate.org.uk", "", "Fridays", ""},
	})
	for f, want := range map[Field]string{FieldName: "A", FieldPostcode: "B", FieldPhone: "C", FieldEmail: "D", FieldWebsite: "E", FieldWeekday: "F", FieldPosition: "G"} {
		if got := m.Columns[f]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", f, got)
		}
	}
	if !slices.Contains(m.Doubts, FieldName) || guesses[1].Say != `"B" is taken as the postcode, since 3 of 3 cells are postcodes.` {
		t.Errorf("%v, %s", m.Doubts, guesses[1].Say)
	}
}

func TestGuessMapping_CellsCorrectTheHeading(t *testing.T) {
	rows := [][]string{
		{"Chess", "51.88,-0.42", "Every other Tuesday", "Ring 01582 555 010 or chess@northgate.org.uk", "Community centre, ground floor"},
		{"Bowls", "51.89,-0.43", "Tuesdays in term time", "01582 555 011, bowls@northgate.org.uk", "The bowling green"},
		{"Darts", "51.90,-0.41", "Most Mondays from 7", "darts@northgate.org.uk", "The Bell"},
	}
	m, _ := GuessMapping([]string{"Name", "Location", "Day", "Contact details", "Website"}, rows)
	if len(m.Columns[FieldPosition]) != 1 || len(m.Columns[FieldVenue]) != 0 {
		t.Errorf("a location of positions: %v", m.Columns)
	}
	if len(m.Columns[FieldWhen]) != 1 || len(m.Columns[FieldWeekday]) != 0 {
		t.Errorf("days in words: %v", m.Columns)
	}
	if len(m.Columns[FieldPhone]) != 1 || len(m.Columns[FieldEmail]) != 1 {
		t.Errorf("both in one column: %v", m.Columns)
	}
	if len(m.Columns[FieldWebsite]) != 0 {
		t.Errorf("no website: %v", m.Columns)
	}
	m, guesses := GuessMapping([]string{"ID", "Name", "UPRN reference"}, [][]string{{"1", "A b c", "100052116064"}, {"1", "B b c", "100052116065"}, {"", "C b c", "100052116066"}})
	if len(m.Columns) != 1 {
		t.Errorf("an id that repeats, a number that is no telephone: %v %+v", m.Columns, guesses)
	}
}

func TestGuessMapping_OneColumnAField(t *testing.T) {
	m, _ := GuessMapping([]string{"Name", "Email", "Email", "", "Postcode", "Post code"}, nil)
	if got := strings.Join(m.Columns[FieldEmail], "|"); got != "Email|Email (2)" {
		t.Errorf("%q", got)
	}
	if got := m.Columns[FieldPostcode]; len(got) != 1 {
		t.Errorf("%v", got)
	}
	if got := strings.Join(uniqueHeadings([]string{"", "A", "a", "", "A (2)", "Column A"}), "|"); got != "Column A|A|a (2)|Column D|A (2) (2)|Column A (2)" {
		t.Errorf("%q", got)
	}
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := columnName(i); got != want || columnIndex(want) != i {
			t.Errorf("%d: %s, %d", i, got, columnIndex(want))
		}
	}
}
