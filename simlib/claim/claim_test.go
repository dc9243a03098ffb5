package claim_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"swingby/simlib/claim"
)

func Example() {
	fmt.Println(claim.Table{
		claim.Equal("order of learning", "[2 1]", []int{2, 1}),
		claim.Near("minimum at x̂", 0.18096, 0.1809617, 5e-6),
		claim.That("the loss rises", "at least once", 0 > 1, 0),
	})
	// Output:
	// claim              expected           found
	// order of learning  [2 1]              [2 1]      ✓
	// minimum at x̂       0.1809600 ± 5e-06  0.1809617  ✓
	// the loss rises     at least once      0          ✗ differs
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		got  claim.Check
		want claim.Check
	}{
		{claim.Equal("a", 1, 2), claim.Check{Claim: "a", Expected: "1", Found: "2", Verdict: claim.Fails}},
		{claim.Near("a", 1, 1.02, .01), claim.Check{Claim: "a", Expected: "1.000 ± 0.01", Found: "1.020", Verdict: claim.Fails}},
		{claim.Near("a", 3, 3, 0), claim.Check{Claim: "a", Expected: "3.000000000000 ± 0", Found: "3.000000000000", Verdict: claim.Holds}},
		{claim.Near("a", 254, 254, 1), claim.Check{Claim: "a", Expected: "254 ± 1", Found: "254", Verdict: claim.Holds}},
		{claim.Near("a", 7.5e-7, 7e-7, 1e-8), claim.Check{Claim: "a", Expected: "7.5e-07 ± 1e-08", Found: "7e-07", Verdict: claim.Fails}},
		{claim.Near("a", 1, math.NaN(), 1), claim.Check{Claim: "a", Expected: "1 ± 1", Found: "NaN", Verdict: claim.Fails}},
		{claim.That("a", "b", false), claim.Check{Claim: "a", Expected: "b", Found: "false", Verdict: claim.Fails}},
		{claim.That("a", "b", true, 1, "x"), claim.Check{Claim: "a", Expected: "b", Found: "1, x", Verdict: claim.Holds}},
		{claim.That("a", "b", true, math.Pi, []float64{1, 1. / 3}), claim.Check{Claim: "a", Expected: "b", Found: "3.142, [1 0.3333]", Verdict: claim.Holds}},
	} {
		if c.got != c.want {
			t.Errorf("got %+v, want %+v", c.got, c.want)
		}
	}
}

func TestFailed(t *testing.T) {
	bad := claim.Failed(claim.Table{claim.Equal("a", 1, 1), claim.Equal("b", 1, 2), claim.Equal("c", 2, 2)})
	if len(bad) != 1 || bad[0].Claim != "b" {
		t.Errorf("got %v, want the check b alone", bad)
	}
	if got := claim.Failed(nil); len(got) != 0 {
		t.Errorf("of no checks %v failed", got)
	}
}

func TestHTML(t *testing.T) {
	page := claim.Table{claim.Equal("a < b", "<b>", "<b>"), claim.Equal("c", 1, 2)}.HTML()
	for _, want := range []string{"a &lt; b", "&lt;b&gt;", "#009e73\">✓</td>", "#d55e00\">✗ differs</td>", "</table>"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q lacks %q", page, want)
		}
	}
}
