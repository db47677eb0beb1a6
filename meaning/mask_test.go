package meaning

import "testing"

func TestMaskNHSNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"943 476 5919 lonely":    "[gone] lonely",
		"9434765919, LU1":        "[gone], LU1",
		"943-476-5919":           "[gone]",
		"999 123 4567 lonely":    "999 123 4567 lonely", // its check digit would be 10
		"943 476 5918":           "943 476 5918",
		"19434765919":            "19434765919",
		"ring 01582 123456":      "ring 01582 123456",
		"9000000009 and 74F LU3": "[gone] and 74F LU3",
	} {
		if got := MaskNHSNumbers(in, "[gone]"); got != want {
			t.Errorf("MaskNHSNumbers(%q) = %q, want %q", in, got, want)
		}
	}
}
