package calendar

// KnownHolidays are the bank holidays of 2026 to 2028 as they were announced by November 2025: the facts that the product
// comes with, so that it knows them where nobody imports newer ones. Source: GOV.UK, bank holidays (Open Government
// Licence v3.0). A day off that falls on a weekend stands on its substitute day.
func KnownHolidays() Holidays {
	const everywhere = Division("")
	return holidaysFrom([]holiday{
		{"2026-01-01", everywhere, "New Year's Day"},
		{"2026-01-02", Scotland, "2nd January"},
		{"2026-03-17", NorthernIreland, "St Patrick's Day"},
		{"2026-04-03", everywhere, "Good Friday"},
		{"2026-04-06", EnglandAndWales, "Easter Monday"},
		{"2026-04-06", NorthernIreland, "Easter Monday"},
		{"2026-05-04", everywhere, "Early May bank holiday"},
		{"2026-05-25", everywhere, "Spring bank holiday"},
		{"2026-06-15", Scotland, "World Cup bank holiday"},
		{"2026-07-13", NorthernIreland, "Battle of the Boyne (Orangemen's Day)"},
		{"2026-08-03", Scotland, "Summer bank holiday"},
		{"2026-08-31", EnglandAndWales, "Summer bank holiday"},
		{"2026-08-31", NorthernIreland, "Summer bank holiday"},
		{"2026-11-30", Scotland, "St Andrew's Day"},
		{"2026-12-25", everywhere, "Christmas Day"},
		{"2026-12-28", everywhere, "Boxing Day"},

		{"2027-01-01", everywhere, "New Year's Day"},
		{"2027-01-04", Scotland, "2nd January"},
		{"2027-03-17", NorthernIreland, "St Patrick's Day"},
		{"2027-03-26", everywhere, "Good Friday"},
		{"2027-03-29", EnglandAndWales, "Easter Monday"},
		{"2027-03-29", NorthernIreland, "Easter Monday"},
		{"2027-05-03", everywhere, "Early May bank holiday"},
		{"2027-05-31", everywhere, "Spring bank holiday"},
		{"2027-07-12", NorthernIreland, "Battle of the Boyne (Orangemen's Day)"},
		{"2027-08-02", Scotland, "Summer bank holiday"},
		{"2027-08-30", EnglandAndWales, "Summer bank holiday"},
		{"2027-08-30", NorthernIreland, "Summer bank holiday"},
		{"2027-11-30", Scotland, "St Andrew's Day"},
		{"2027-12-27", everywhere, "Christmas Day"},
		{"2027-12-28", everywhere, "Boxing Day"},

		{"2028-01-03", everywhere, "New Year's Day"},
		{"2028-01-04", Scotland, "2nd January"},
		{"2028-03-17", NorthernIreland, "St Patrick's Day"},
		{"2028-04-14", everywhere, "Good Friday"},
		{"2028-04-17", EnglandAndWales, "Easter Monday"},
		{"2028-04-17", NorthernIreland, "Easter Monday"},
		{"2028-05-01", everywhere, "Early May bank holiday"},
		{"2028-05-29", everywhere, "Spring bank holiday"},
		{"2028-07-12", NorthernIreland, "Battle of the Boyne (Orangemen's Day)"},
		{"2028-08-07", Scotland, "Summer bank holiday"},
		{"2028-08-28", EnglandAndWales, "Summer bank holiday"},
		{"2028-08-28", NorthernIreland, "Summer bank holiday"},
		{"2028-11-30", Scotland, "St Andrew's Day"},
		{"2028-12-25", everywhere, "Christmas Day"},
		{"2028-12-26", everywhere, "Boxing Day"},
	})
}
