package sources

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// headingWords are the words of a heading in lower case, punctuation aside: "Day & time" is "day and time",
// "location_postcode" "location postcode", "CharityCommissionName" "charity commission name".
func headingWords(h string) string {
	h = strings.ReplaceAll(plainLine(h, maxHeading), "&", " and ")
	var b strings.Builder
	previous := ' '
	for _, r := range h {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if unicode.IsUpper(r) && unicode.IsLower(previous) {
				b.WriteByte(' ')
			}
			b.WriteRune(unicode.ToLower(r))
		case r == '\'' || r == '’': // "what's on"
		case r == '#':
			b.WriteString(" number ")
		default:
			b.WriteByte(' ')
		}
		previous = r
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// knownHeadings are headings as British councils, charities and link workers write them, in headingWords' form. The
// list is of things seen; what it lacks is tried by single words, in fieldOf.
func knownHeadings() map[string]Field {
	lists := map[Field]string{
		FieldName: "name, group, group name, name of group, name of the group, groups, service, service name, name of service, title, activity, activity name, " +
			"name of activity, club, club name, name of club, project, project name, session, session name, class, class name, event, event name, " +
			"listing, listing name, programme name, course, course title, course name, community group, group or activity, group activity, group service, " +
			"service group, organisation group name, group or organisation, organisation group, provision, offer, whats on, what, club society, society",
		FieldDescription: "description, details, about, about us, summary, information, service description, description of service, description of group, " +
			"group description, activity description, what they do, what we do, what is it, what happens, overview, services provided, services, " +
			"services offered, activities, key activities, activities offered, activity details, short description, long description, support options, " +
			"support offered, other details, further details, further information, additional information, more details, aims, purpose, blurb, " +
			"how to access directly, how to arrange a place, how to access, how to make a referral, how to refer, referral process, referral, referrals, " +
			"what to do next, how to join, how to book, booking, booking details, booking information, to book, facilities, what to bring, what to expect, " +
			"web comments, public comments, other events, type of support, type of activity, service offered, how to start",
		FieldOrganiser: "organiser, organisation, organization, organisation name, organization name, organised by, provider, provider name, run by, ran by, " +
			"delivered by, charity, charity name, company, agency, host, lead organisation, parent organisation, service provider, provided by, publisher",
		FieldVenue: "venue, venue name, location, location name, place, where, building, building name, meeting place, site, site name, centre, where is it, " +
			"where it is held, held at, where held, located at, venue location",
		FieldAddress: "address, venue address, full address, postal address, venue and address, location address, address and postcode, venue and postcode, " +
			"venue address postcode, meeting address, where we meet, where do they meet, where they meet, address of venue, site address",
		FieldStreet: "street, street address, road, address line 1, address line 2, address line 3, address line 4, address 1, address 2, address 3, address 4, " +
			"address1, address2, address3, line 1, line 2, location address 1, location address 2, address line one, address line two, house number and street, street name",
		FieldTown: "town, city, town city, town or city, city town, location city, post town, posttown, locality, village, town village, village town, address city, municipality",
		FieldPostcode: "postcode, post code, pcode, pc, postal code, zip, zip code, venue postcode, location postcode, p code, outcode, postcode of venue, " +
			"postcodes, address postcode, post code of venue, pcds",
		FieldLatitude:    "latitude, lat, location latitude, geo latitude, y coord lat",
		FieldLongitude:   "longitude, lng, lon, long, location longitude, geo longitude",
		FieldPosition:    "lat lng, lat long, lat lon, latlng, coordinates, coords, geolocation, geo, geo location, gps, map location, location map, position, point, latitude longitude",
		FieldVenuePublic: "location visible, show address, publish address, address public, venue public",
		FieldVenueHidden: "mask exact address, hide address, address hidden, confidential address, confidential venue",
		FieldWeekday: "day, days, weekday, weekdays, day of week, day of the week, days of the week, days of week, meeting day, meeting days, scheduled weekday, which day, " +
			"day held, days held, session day, byday, on which day, what day, day s",
		FieldStart: "start, start time, starts, starts at, begins, begin time, from time, time from, opens, opens at, opening time, schedules opens at, time start, " +
			"session start, start at, time, times, session time, meeting time, time of meeting, time of session, time of day, hours, from",
		FieldEnd: "end, end time, ends, ends at, finish, finish time, finishes, finishes at, to time, time to, closes, closes at, closing time, " +
			"schedules closes at, time end, session end, end at, until, finish at, to",
		FieldDuration:  "duration, length, duration minutes, duration mins, length of session, session length, how long, minutes, duration min, duration hours",
		FieldFrequency: "frequency, how often, freq, repeats, recurrence, regularity, how often does it meet, occurs, occurrence",
		FieldFirstDate: "start date, first date, date from, from date, valid from, first session, begins on, starting date, starts on, date started",
		FieldLastDate:  "end date, last date, date to, to date, valid to, last session, ends on, finish date, date ends, until date",
		FieldDate:      "date, event date, date of event, session date, on date, date of session",
		FieldWhen: "when, day and time, days and times, day and times, days and time, day time, days times, day s and time s, time and day, times and days, " +
			"opening hours, opening times, hours of opening, open hours, timetable, timetables, meeting times, meeting days and times, session times, schedule, schedules, " +
			"when does it meet, when do they meet, when is it, when we meet, day date time, date and time, dates and times, date time, date and times, dates, sessions, " +
			"times of meetings, meets, meeting, availability, day s time s, day and time of sessions, when and time, open, when open, frequency day time",
		FieldCost: "cost, costs, price, prices, fee, fees, charge, charges, cost to attend, how much, cost per session, price per session, cost option, cost options, " +
			"cost amount, cost type, entry fee, session cost, admission, cost of session, cost of attending, donation, subscription, is there a cost, any cost, cost gbp, cost to participants",
		FieldFree:     "free, is free, free of charge, free service, is it free, is accessible for free",
		FieldAges:     "age, ages, age range, age group, age groups, age limit, age limits, age restriction, age restrictions, ages catered for, suitable ages, age range catered for, target age",
		FieldMinAge:   "min age, minimum age, age from, lowest age, age min, from age, ages from, age lower, youngest age, lower age",
		FieldMaxAge:   "max age, maximum age, age to, highest age, age max, to age, ages to, age upper, oldest age, upper age",
		FieldFor:      "for, who for, who is it for, who its for, whos it for, for whom, audience, target group, target audience, client group, clients, support for, eligibility, eligibility criteria, gender, sex, men women, women men, who can attend, who can come, who can go, suitable for, suitability, suitabilities, criteria, beneficiaries, who, open to, target client group, who is this for, who can access, male female",
		FieldStepFree: "step free, step free access, wheelchair access, wheelchair accessible, disabled access, accessible, level access, is it wheelchair accessible, wheelchair friendly, disability access, dda compliant, wheelchair, accessible venue, wheelchair access y n",
		FieldToilet:   "accessible toilet, accessible toilets, disabled toilet, disabled toilets, accessible wc, disabled wc, toilet, toilets, accessible toilet y n",
		FieldParking:  "parking, car park, car parking, parking available, disabled parking, blue badge parking",
		FieldAccess: "accessibility, access, access information, accessibility information, location accessibilities, access details, access needs, accessibility notes, accessibility details, " +
			"environment accessibility, venue accessibility",
		FieldLanguages: "language, languages, languages spoken, spoken languages, community languages, other languages, language s",
		FieldTopics: "topic, topics, category, categories, theme, themes, tag, tags, keyword, keywords, subject, subjects, taxonomies, taxonomy, service taxonomies, " +
			"activity type, type of group, group type, service type, type of service, interest, interests, need, needs, activity category, main category, sub category, subcategory, type, support needs",
		FieldPhone: "phone, telephone, tel, tel no, phone no, phone number, telephone number, telephone no, tel number, contact number, contact phone, contact tel, contact telephone, " +
			"telephone numbers, mobile, mobile number, mob, mobile phone, contact no, landline, phone numbers, contact phone number, contact telephone number, call, number to call, mobile no, " +
			"organisation phone, main phone, enquiries tel, public phone",
		FieldEmail: "email, e mail, email address, e mail address, contact email, contact email address, emails, mail, email contact, organisation email, public email, enquiries email",
		FieldWebsite: "website, web site, web, url, web address, website address, link, website url, web page, webpage, homepage, home page, site url, service website, more info, " +
			"more information, website link, web link, organisation website, service url, www, programme, links, online, websites, social media, facebook page",
		FieldContactPublic: "contact visible, contact public, publish contact, show contact, contact published",
		FieldChecked: "checked, last checked, date checked, checked on, date last checked, verified, last verified, date verified, assured date, last assured, reviewed, last reviewed, " +
			"review date, date reviewed, date of last check, confirmed on, date confirmed, information checked, checked date, last confirmed",
		FieldUpdated:   "updated, last updated, date updated, updated on, modified, last modified, date modified, last update, date last updated, updated date, amended, last amended, last edited",
		FieldStatus:    "status, service status, current status, active, running, is it running, still running, group status, active y n, is active, currently running",
		FieldClosed:    "closed, year closed, date closed, temporarily closed, temporary closure, is closed, closed date, closure date, closed on, ceased, ended",
		FieldListed:    "visible, approved, published, publish, public, show, show in directory, listed, ok to publish, can be published, permission to publish, display, share publicly",
		FieldID:        "id, ref, reference, uid, uuid, import id, service id, record id, unique id, listing id, identifier, group id, activity id, ref no, reference number, record number, unique reference, charity number, key, site id, class id, session id, row id, external id, source id",
		FieldBelongsTo: "import id reference, parent id, belongs to, parent",
	}
	out := map[string]Field{}
	for f, list := range lists {
		for h := range strings.SplitSeq(list, ", ") {
			out[h] = f
		}
	}
	for d, f := range weekdayFields() {
		name := strings.ToLower(time.Weekday(d).String())
		for _, h := range []string{name, name[:3], name + "s", name + " hours", name + " staffed hours", name + " opening hours", name + " times", name + " opening times", name + " time"} {
			out[h] = f
		}
	}
	return out
}

// leftOut reports whether a heading is of something that is not taken by itself: a named person, or what was not written
// for the public.
func leftOut(h string) bool {
	words := strings.Fields(headingWords(h))
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return slices.Contains(list, w) || slices.Contains(list, strings.TrimSuffix(w, "s"))
		})
	}
	joined := strings.Join(words, " ")
	switch {
	case has("internal", "private", "confidential", "fax", "gdpr", "consent", "dob", "nhs", "password", "unstaffed", "note", "initials", "assurer"):
		return true
	case has("coordinator", "leader", "manager", "volunteer", "keyholder", "treasurer", "secretary", "chair", "firstname", "surname", "forename", "staff", "person", "trustee"):
		return true
	}
	return slices.Contains([]string{"contact", "contacts", "contact name", "main contact", "key contact", "name of contact", "contact title", "lead", "group lead", "first name", "last name",
		"named contact", "checked by", "updated by", "added by", "verified by", "reviewed by", "contact role", "our contact", "group contact", "lead contact", "lead name", "instructor", "tutor", "coach", "comments"}, joined)
}

// perhapsPublic reports whether a heading is only left out until its cells are seen to be numbers or addresses.
func perhapsPublic(h string) bool {
	words := headingWords(h)
	return words == "contact" || words == "contacts" || words == "group contact"
}

// ofNumbers reports whether a heading is of numbers that only look like telephone numbers.
func ofNumbers(h string) bool {
	return slices.ContainsFunc(strings.Fields(headingWords(h)), func(w string) bool {
		return slices.Contains([]string{"reference", "ref", "uprn", "usrn", "id", "code", "codes", "charity", "company", "vat", "registration", "easting", "northing", "isbn", "account"}, w)
	})
}

// fieldOf is what a heading alone says: sure when it is a known one, less so when one of its words says it.
func fieldOf(h string, known map[string]Field) (Field, float64) {
	joined := headingWords(h)
	if f, ok := known[joined]; ok {
		switch f {
		case FieldStart, FieldEnd, FieldVenue, FieldOrganiser, FieldFree, FieldClosed, FieldListed, FieldStatus:
			return f, 0.85
		}
		return f, 0.92
	}
	if leftOut(h) || joined == "" {
		return "", 0
	}
	words := strings.Fields(joined)
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	last := words[len(words)-1]
	day, named := dayIn(words)
	switch {
	case len(words) > 8: // a sentence, which is rather a cell than a heading
		return "", 0
	case has("postcode", "postcodes") || strings.Contains(joined, "post code"):
		if has("address", "venue") {
			return FieldAddress, 0.8
		}
		return FieldPostcode, 0.85
	case named && has("hours", "times", "time", "open", "opening", "session"):
		return dayField(day), 0.85
	case has("email", "emails") || strings.Contains(joined, "e mail"):
		return FieldEmail, 0.8
	case has("telephone", "phone", "tel", "mobile") && !has("type"):
		return FieldPhone, 0.8
	case has("website", "url", "webpage", "www"):
		return FieldWebsite, 0.75
	case has("latitude"):
		return FieldLatitude, 0.8
	case has("longitude"):
		return FieldLongitude, 0.8
	case has("wheelchair") || strings.Contains(joined, "step free") || strings.Contains(joined, "disabled access"):
		return FieldStepFree, 0.75
	case has("toilet", "toilets", "wc"):
		return FieldToilet, 0.65
	case has("parking"):
		return FieldParking, 0.7
	case has("accessibility"):
		return FieldAccess, 0.7
	case has("language", "languages"):
		return FieldLanguages, 0.7
	case has("day", "days") && has("time", "times"), has("opening") && has("hours", "times"):
		return FieldWhen, 0.8
	case has("cost", "costs", "price", "prices", "fee", "fees", "charge", "charges") && !has("hire"):
		return FieldCost, 0.7
	case has("age", "ages"):
		return FieldAges, 0.65
	case has("description"):
		if has("location", "venue", "site") {
			return "", 0
		}
		return FieldDescription, 0.75
	case has("address"):
		return FieldAddress, 0.7
	case has("venue"):
		return FieldVenue, 0.7
	case (last == "name" || strings.HasPrefix(joined, "name of ")) && !has("contact", "file", "user", "street", "road", "authority", "ward", "area", "district", "commission", "key", "venue", "building"):
		return FieldName, 0.75
	case has("organisation", "organiser", "provider"):
		return FieldOrganiser, 0.65
	case has("category", "topic", "theme", "keywords"):
		return FieldTopics, 0.65
	case has("updated", "modified"):
		return FieldUpdated, 0.7
	case has("checked", "verified", "reviewed"):
		return FieldChecked, 0.7
	case has("details", "about", "summary", "information"):
		return FieldDescription, 0.6
	case last == "id" || last == "reference" && has("unique") && !has("property"):
		return FieldID, 0.6
	}
	return "", 0
}

// dayIn finds the name of a weekday among words.
func dayIn(words []string) (day time.Weekday, found bool) {
	for _, w := range words {
		if d, ok := dayName(w); ok && len(w) >= 3 {
			return d, true
		}
	}
	return 0, false
}
