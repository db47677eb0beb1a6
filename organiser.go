package handrail

// OrganiserID names whoever runs a group.
type OrganiserID string

// Organiser runs one or more activities. A buddy or a patient may see the name; the contact is the public one from
// the directory.
type Organiser struct {
	ID      OrganiserID
	Name    string
	Phone   string
	Email   string
	Website string
}

// OrganiserPersonID names a person who answers for groups in a chat.
type OrganiserPersonID string

// OrganiserPerson is somebody who runs groups and has a chat here: whom the bot asks whether a group is still on. They
// see nothing of patients but how many are expected.
type OrganiserPerson struct {
	ID       OrganiserPersonID
	Practice PracticeID // whose chat it is
	Name     string
	Address  Address      // zero before they have joined, and after they left
	Groups   []ActivityID // the listings they answer for, sorted
}
