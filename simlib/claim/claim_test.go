package claim_test

import (
	"fmt"
	"math"
	"testing"

	"swingby/simlib/claim"
)

func Example() {
	for _, c := range []claim.Check{
		claim.Equal("order of learning", "[2 1]", []int{2, 1}),
		claim.Near("minimum", 0.18096, 0.1809617, 5e-6),
		claim.That("the loss rises", "at least once", 3 > 0, 3),
	} {
		fmt.Println(c)
	}
	// Output:
	// {order of learning [2 1] [2 1] ✓}
	// {minimum 0.180960 ± 5e-06 0.180962 ✓}
	// {the loss rises at least once 3 ✓}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		got  claim.Check
		want claim.Check
	}{
		{claim.Equal("a", 1, 2), claim.Check{Claim: "a", Expected: "1", Found: "2", Verdict: claim.Fails}},
		{claim.Near("a", 1, 1.02, .01), claim.Check{Claim: "a", Expected: "1.00 ± 0.01", Found: "1.02", Verdict: claim.Fails}},
		{claim.Near("a", 3, 3, 0), claim.Check{Claim: "a", Expected: "3.000000000000 ± 0", Found: "3.000000000000", Verdict: claim.Holds}},
		{claim.Near("a", 254, 254, 1), claim.Check{Claim: "a", Expected: "254 ± 1", Found: "254", Verdict: claim.Holds}},
		{claim.Near("a", 7.5e-7, 7e-7, 1e-8), claim.Check{Claim: "a", Expected: "7.5e-07 ± 1e-08", Found: "7e-07", Verdict: claim.Fails}},
		{claim.Near("a", 1, math.NaN(), 1), claim.Check{Claim: "a", Expected: "1 ± 1", Found: "NaN", Verdict: claim.Fails}},
		{claim.That("a", "b", false), claim.Check{Claim: "a", Expected: "b", Found: "false", Verdict: claim.Fails}},
		{claim.That("a", "b", true, 1, "x"), claim.Check{Claim: "a", Expected: "b", Found: "1, x", Verdict: claim.Holds}},
	} {
		if c.got != c.want {
			t.Errorf("got %+v, want %+v", c.got, c.want)
		}
	}
}

func TestFailed(t *testing.T) {
	bad := claim.Failed([]claim.Check{claim.Equal("a", 1, 1), claim.Equal("b", 1, 2), claim.Equal("c", 2, 2)})
	if len(bad) != 1 || bad[0].Claim != "b" {
		t.Errorf("got %v, want the check b alone", bad)
	}
	if got := claim.Failed(nil); len(got) != 0 {
		t.Errorf("of no checks %v failed", got)
	}
}
