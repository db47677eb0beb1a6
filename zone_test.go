package handrail_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	_ "time/tzdata" // the tests, like the program, need no zone data of the system
)

// elsewhere is set in a run of this test binary inside itself.
const elsewhere = "HANDRAIL_TEST_ELSEWHERE"

// TestTime_T6_Elsewhere runs everything here that has to do with time once more, as a process in another part of the
// world, in the C locale, and without being told where zone data is: what comes out must be the same.
func TestTime_T6_Elsewhere(t *testing.T) {
	if os.Getenv(elsewhere) != "" {
		t.Skip("this is the run elsewhere")
	}
	for _, tz := range []string{"Europe/London", "Asia/Tokyo", "Pacific/Auckland", "America/New_York", "UTC"} {
		t.Run(strings.ReplaceAll(tz, "/", "_"), func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=Clock|WallTime|Occurrence|Date|Recurrence|Standing|Activity|Patient|Example")
			cmd.Env = []string{elsewhere + "=1", "TZ=" + tz, "LANG=C", "LC_ALL=C", "HOME=" + t.TempDir(), "GOROOT=/nowhere"}
			cmd.Dir = t.TempDir()
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, must := range []string{"--- PASS: TestWallTime_T1_Property", "--- PASS: TestDate_T1_At", "--- PASS: ExampleWallTime"} {
				if !strings.Contains(string(out), must) {
					t.Errorf("%q is missing in\n%s", must, out)
				}
			}
		})
	}
}
