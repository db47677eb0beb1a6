package meaning

import (
	"regexp"
	"strings"
)

// tenDigits finds ten digits, alone or grouped by single spaces or dashes, that are not part of a longer number.
var tenDigits = regexp.MustCompile(`\b[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}\b`)

// MaskNHSNumbers replaces every NHS number in a text, told by its check digit, with the words given. Ten digits whose
// check digit is wrong stay: they may be a telephone number. It is pure and quick.
func MaskNHSNumbers(text, instead string) string {
	return tenDigits.ReplaceAllStringFunc(text, func(found string) string {
		if validNHSNumber(strings.NewReplacer(" ", "", "-", "").Replace(found)) {
			return instead
		}
		return found
	})
}

// validNHSNumber checks the modulus 11 check digit of ten digits: weights 10 to 2 over the first nine, and 11 minus the
// remainder is the tenth; 11 counts as 0, and 10 is no NHS number (NHS Data Dictionary, NHS NUMBER).
func validNHSNumber(digits string) bool {
	if len(digits) != 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(digits[i]-'0') * (10 - i)
	}
	check := (11 - sum%11) % 11
	return check != 10 && int(digits[9]-'0') == check
}
