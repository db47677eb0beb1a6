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
