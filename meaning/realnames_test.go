package meaning

import (
	"encoding/csv"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// libraries gives a column of the real list of the UK's libraries.
func libraries(t *testing.T, column string) (out []string) {
	t.Helper()
	f, err := os.Open("../../shared/data/uk-libraries/libraries.csv")
	if err != nil {
		t.Skipf("the list of libraries is not beside the repository: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(rows[0], func(s string) bool { return strings.EqualFold(strings.TrimPrefix(s, "\ufeff"), column) })
	if at < 0 {
		t.Fatalf("no column %s in %q", column, rows[0])
	}
	for _, row := range rows[1:] {
		out = append(out, strings.TrimSpace(row[at]))
	}
	return out
}

// The names of four thousand real places, "Harold Wood Library", are told from people's.
func TestIdentifiers_PlacesAreNobody(t *testing.T) {
	v := vocabulary(t)
	frames := []string{"%s near LU3, 70F", "72F lonely, likes %s", "is %s on this week?", "M 66 wants %s"}
	wrong, all := 0, 0
	for i, name := range libraries(t, "Library name") {
		if len(name) < 4 || strings.ContainsAny(name, "0123456789\n") {
			continue
		}
		all++
		if text := strings.Replace(frames[i%len(frames)], "%s", name, 1); len(v.Identifiers(text)) > 0 {
			wrong++
		}
	}
	t.Logf("%d of %d taken for somebody", wrong, all)
	if all < 3000 || wrong*50 > all {
		t.Errorf("%d of %d names of places are taken for a person's", wrong, all)
	}
}

// Real streets with a number are seen, however they are called: "38 Quakerfield", "14 The Cross".
func TestIdentifiers_RealStreets(t *testing.T) {
	v := vocabulary(t)
	street := regexp.MustCompile(`^\d{1,3}[a-zA-Z]? [A-Z][a-z']+(?: [A-Z][a-z']+)*$`)
	missed, all := 0, 0
	for _, address := range libraries(t, "Address 1") {
		if !street.MatchString(address) {
			continue
		}
		all++
		if !slices.Contains(v.Understand(address+", lonely widow F 80").Identifiers, "address") {
			missed++
			t.Logf("missed: %s", address)
		}
	}
	t.Logf("%d of %d missed", missed, all)
	if all < 200 || missed*25 > all {
		t.Errorf("%d of %d streets are missed", missed, all)
	}
}
