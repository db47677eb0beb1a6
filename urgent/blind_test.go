package urgent

import ("testing";"os";"strings";"fmt")

func TestTmp(t *testing.T) {
	file := os.Getenv("SET")
	data, err := os.ReadFile(file)
	if err != nil { t.Skip() }
	cat := ""
	type c struct{ n, hit int }
	by := map[string]*c{}
	var order []string
	tot := map[string]*c{"crisis": {}, "none": {}}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		if s, ok := strings.CutPrefix(line, "# == "); ok { cat = s; continue }
		label, text, ok := strings.Cut(line, "\t")
		if !ok || line[0] == '#' { continue }
		k := label + "/" + cat
		if by[k] == nil { by[k] = &c{}; order = append(order, k) }
		f, found := Scan(text)
		by[k].n++; tot[label].n++
		if found { by[k].hit++; tot[label].hit++ }
		if found != (label == "crisis") && os.Getenv("V") != "" { fmt.Printf("%s %v: %s\n", k, f, text) }
	}
	for _, k := range order { fmt.Printf("%-40s %d/%d\n", k, by[k].hit, by[k].n) }
	fmt.Printf("recall %d/%d = %.3f  false %d/%d = %.3f\n", tot["crisis"].hit, tot["crisis"].n, float64(tot["crisis"].hit)/float64(tot["crisis"].n), tot["none"].hit, tot["none"].n, float64(tot["none"].hit)/float64(tot["none"].n))
}
