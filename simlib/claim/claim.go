// Package claim sets what a paper says beside what a run finds, one line for each statement.
//
//	claim.Table{
//		claim.Equal("order of learning", "[2 1]", run.Stages().Order()),
//		claim.Near("minimum of the test loss", 0.18096, loss.Extrema()[0].Value, 5e-6),
//		claim.That("the training loss never rises", "0 rises", rises == 0, rises),
//	}
//
// A [Table] shows by being the result of a cell. It is data and stops nothing: a statement that does not hold says so in its
// verdict, and [Failed] finds it.
package claim

import (
	"fmt"
	"html"
	"math"
	"strings"
	"unicode"
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
// tol makes meaningful, and one more.
func Near(what string, expected, found, tol float64) Check {
	digits := 12
	if tol >= 1 {
		digits = 0
	} else if tol > 0 {
		digits = min(int(math.Ceil(-math.Log10(tol)))+1, 12)
	}
	text := func(x float64) string { return fmt.Sprintf("%.*f", digits, x) }
	if m := math.Max(math.Abs(expected), math.Abs(found)); m >= 1e9 || m != 0 && m < 1e-4 {
		text = func(x float64) string { return fmt.Sprintf("%.4g", x) }
	}
	return check(what, text(expected)+" ± "+fmt.Sprintf("%.3g", tol), text(found), math.Abs(found-expected) <= tol)
}

// That checks a statement that was tested already: ok says whether it holds, expected what it asks for, and found is
// what was seen: numbers with four digits, all else as by fmt.Sprint.
func That(what, expected string, ok bool, found ...any) Check {
	if len(found) == 0 {
		found = []any{ok}
	}
	parts := make([]string, len(found))
	for i, f := range found {
		parts[i] = fmt.Sprint(f)
		switch f.(type) {
		case float64, []float64:
			parts[i] = fmt.Sprintf("%.4g", f)
		}
	}
	return check(what, expected, strings.Join(parts, ", "), ok)
}

// A Table is a list of checks.
type Table []Check

// Failed returns the checks that do not hold.
func Failed(t Table) Table {
	var bad Table
	for _, c := range t {
		if c.Verdict != Holds {
			bad = append(bad, c)
		}
	}
	return bad
}

var head = []string{"claim", "expected", "found", ""}

func (c Check) cells() []string { return []string{c.Claim, c.Expected, c.Found, c.Verdict} }

// String writes the table in columns.
func (t Table) String() string {
	rows := [][]string{head}
	for _, c := range t {
		rows = append(rows, c.cells())
	}
	var widths [4]int
	for _, r := range rows {
		for j, s := range r {
			widths[j] = max(widths[j], width(s))
		}
	}
	var b strings.Builder
	for i, r := range rows {
		line := ""
		for j, s := range r {
			line += s + strings.Repeat(" ", widths[j]-width(s)+2)
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(line, " "))
	}
	return b.String()
}

// width counts the letters, of which a mark such as the hat of x̂ is none.
func width(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.Is(unicode.Mn, r) {
			n++
		}
	}
	return n
}

// HTML writes the table for a page.
func (t Table) HTML() string {
	var b strings.Builder
	b.WriteString(`<table style="border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.3em 0">`)
	row := func(tag, style string, cells []string) {
		b.WriteString("<tr>")
		for j, s := range cells {
			color := ""
			if tag == "td" && j == 3 {
				color = ";font-weight:bold;white-space:nowrap;color:#009e73"
				if s != Holds {
					color = ";font-weight:bold;white-space:nowrap;color:#d55e00"
				}
			}
			fmt.Fprintf(&b, `<%s style="text-align:left;vertical-align:top;padding:.25em .8em%s%s">%s</%s>`, tag, style, color, html.EscapeString(s), tag)
		}
		b.WriteString("</tr>")
	}
	row("th", ";border-bottom:1px solid currentColor", head)
	for _, c := range t {
		row("td", "", c.cells())
	}
	b.WriteString("</table>")
	return b.String()
}
