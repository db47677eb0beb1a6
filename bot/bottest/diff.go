package bottest

import (
	"fmt"
	"strings"
)

// Diff shows how two texts differ, line by line with the line's number in the file: "-" is what the file has, "+" is
// what happened. Lines that are alike are left out but for two around each difference.
func Diff(file, want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	// common[i][j] is the length of the longest common run of a[i:] and b[j:]. Transcripts are short.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	type line struct {
		mark byte
		n    int
		text string
	}
	var lines []line
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			lines = append(lines, line{' ', i + 1, a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
			lines = append(lines, line{'-', i + 1, a[i]})
			i++
		default:
			lines = append(lines, line{'+', i + 1, b[j]})
			j++
		}
	}
	var out strings.Builder
	shown := -1
	for i, l := range lines {
		near := false
		for k := max(0, i-2); k <= min(len(lines)-1, i+2); k++ {
			near = near || lines[k].mark != ' '
		}
		if !near {
			continue
		}
		if shown >= 0 && shown != i-1 {
			out.WriteString("...\n")
		}
		shown = i
		fmt.Fprintf(&out, "%s:%d: %c %s\n", file, l.n, l.mark, l.text)
	}
	return out.String()
}
