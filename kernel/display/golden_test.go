package display

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the snapshots in testdata instead of comparing with them")

// golden compares got with a snapshot. The diff of a snapshot is what a reader of
// a change looks at, so each holds one thing.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(string(raw), "\r\n", "\n")
	if got == want {
		return
	}
	if strings.HasSuffix(name, ".svg") && closeNumbers(got, want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(nothing)", "(nothing)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("%s, line %d:\ngot  %s\nwant %s", name, i+1, a, b)
		}
	}
}

var numberRE = regexp.MustCompile(`\d+\.?\d*`)

// closeNumbers says whether two drawings differ only in the last digit of their
// coordinates, as they do between processors that fuse multiply and add or not.
func closeNumbers(a, b string) bool {
	if numberRE.ReplaceAllString(a, "N") != numberRE.ReplaceAllString(b, "N") {
		return false
	}
	y := numberRE.FindAllString(b, -1)
	for i, s := range numberRE.FindAllString(a, -1) {
		p, err1 := strconv.ParseFloat(s, 64)
		q, err2 := strconv.ParseFloat(y[i], 64)
		if err1 != nil || err2 != nil || math.Abs(p-q) > 0.015 {
			return false
		}
	}
	return true
}
