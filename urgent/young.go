package urgent

// YoungLines are who a young person can ring or text, a line each, beside 999. childline is its number as somebody of the
// deployment checked it; without one it is left out, as is every number that nobody has checked.
func YoungLines(childline string) []string {
	lines := []string{papyrus, samaritans}
	if childline != "" {
		lines = append([]string{"Childline, for anybody under 19: " + childline + "."}, lines...)
	}
	return lines
}
