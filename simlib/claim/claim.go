// Package claim sets what a paper says beside what a run finds, one line for each statement.
//
//	[]claim.Check{
//		claim.Equal("order of learning", "[2 1]", run.Stages().Order()),
//		claim.Near("minimum of the test loss", 0.18096, loss.Extrema()[0].Value, 5e-6),
//		claim.That("the training loss never rises", "0 rises", rises == 0, rises),
//	}
//
// A slice of checks shows as a table by being the result of a cell. A check is data: it stops nothing, and a
// statement that does not hold says so in its verdict. [Failed] finds those.
package claim

import (
	"fmt"
	"math"
	"strings"
)

// The verdicts of a Check.
const (
	Holds = "✓"
	Fails = "✗ differs"
)

// A Check is one statement and what became of it.
type Check struct {
	// Claim is the statement in words.
	Claim string
	// Expected is what should come out, Found what did.
	Expected, Found string
	// Verdict is Holds or Fails.
	Verdict string
}

func check(what, expected, found string, ok bool) Check {
	c := Check{Claim: what, Expected: expected, Found: found, Verdict: Fails}
	if ok {
		c.Verdict = Holds
	}
	return c
}

// Equal checks that two values print the same, as by fmt.Sprint. Numbers are best compared by [Near].
func Equal(what string, expected, found any) Check {
	e, f := fmt.Sprint(expected), fmt.Sprint(found)
	return check(what, e, f, e == f)
}

// Near checks that a number differs from the one expected by at most tol ≥ 0. It is shown with the digits that
// tol makes meaningful.
func Near(what string, expected, found, tol float64) Check {
	digits := 12
	if tol > 0 {
		digits = min(max(int(math.Ceil(-math.Log10(tol))), 0), 12)
	}
	text := func(x float64) string { return fmt.Sprintf("%.*f", digits, x) }
	if m := math.Max(math.Abs(expected), math.Abs(found)); m >= 1e9 || m != 0 && m < 1e-4 {
		text = func(x float64) string { return fmt.Sprintf("%.4g", x) }
	}
	return check(what, text(expected)+" ± "+fmt.Sprintf("%.3g", tol), text(found), math.Abs(found-expected) <= tol)
}

// That checks a statement that was tested already: ok says whether it holds, expected what it asks for, and found is
// what was seen, printed as by fmt.Sprint.
func That(what, expected string, ok bool, found ...any) Check {
	if len(found) == 0 {
		found = []any{ok}
	}
	parts := make([]string, len(found))
	for i, f := range found {
		parts[i] = fmt.Sprint(f)
	}
	return check(what, expected, strings.Join(parts, ", "), ok)
}

// Failed returns the checks that do not hold.
func Failed(checks []Check) []Check {
	var bad []Check
	for _, c := range checks {
		if c.Verdict != Holds {
			bad = append(bad, c)
		}
	}
	return bad
}
