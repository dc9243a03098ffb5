package display

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// grid is a table ready to be written: what Table and Matrix have in common.
type grid struct {
	caption string
	corner  string     // above the row heads
	head    []string   // column heads; nil for none
	side    []string   // row heads; nil for none
	cells   [][]string // rows of the same length
	numeric []bool     // columns to align at the right
}

// gridStyle leaves colours to the page, so that a table fits light and dark ones.
const gridStyle = `<style>
table.swingby-table{border-collapse:collapse;border:none;font-size:inherit;font-variant-numeric:tabular-nums;margin:.3em 0}
table.swingby-table caption{caption-side:top;text-align:left;white-space:nowrap;padding:.2em .5em;opacity:.7}
table.swingby-table th,table.swingby-table td{padding:.2em .7em;text-align:left;vertical-align:top;border:none;max-width:40em;white-space:pre-wrap;overflow-wrap:anywhere}
table.swingby-table .n{text-align:right;white-space:nowrap}
table.swingby-table thead th{border-bottom:1px solid currentColor}
table.swingby-table .i{font-weight:normal;opacity:.6}
</style>
`

// html writes the grid as HTML, everything in it escaped.
func (g grid) html() string {
	var b strings.Builder
	b.WriteString(gridStyle)
	b.WriteString(`<div style="overflow-x:auto"><table class="swingby-table">` + "\n")
	if g.caption != "" {
		b.WriteString("<caption>" + html.EscapeString(g.caption) + "</caption>\n")
	}
	if g.head != nil {
		b.WriteString("<thead><tr>")
		if g.side != nil {
			b.WriteString("<th>" + html.EscapeString(g.corner) + "</th>")
		}
		for j, h := range g.head {
			b.WriteString("<th" + g.class(j) + ">" + html.EscapeString(h) + "</th>")
		}
		b.WriteString("</tr></thead>\n")
	}
	b.WriteString("<tbody>\n")
	for i, row := range g.cells {
		b.WriteString("<tr>")
		if g.side != nil {
			b.WriteString(`<th class="i">` + html.EscapeString(g.side[i]) + "</th>")
		}
		for j, s := range row {
			b.WriteString("<td" + g.class(j) + ">" + html.EscapeString(s) + "</td>")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></div>\n")
	return b.String()
}

func (g grid) class(j int) string {
	if j < len(g.numeric) && g.numeric[j] {
		return ` class="n"`
	}
	return ""
}

// text writes the grid in columns of a fixed width font, the caption first.
func (g grid) text() string {
	var rows [][]string
	numeric := g.numeric
	if g.side != nil {
		numeric = append([]bool{false}, numeric...)
	}
	if g.head != nil {
		rows = append(rows, g.withSide(g.corner, g.head))
	}
	for i, row := range g.cells {
		side := ""
		if g.side != nil {
			side = g.side[i]
		}
		rows = append(rows, g.withSide(side, row))
	}
	lines, widths := align(rows, numeric)
	if g.head != nil && len(lines) > 0 {
		rules := make([]string, len(widths))
		for j, w := range widths {
			rules[j] = strings.Repeat("─", w)
		}
		lines = slices.Insert(lines, 1, strings.Join(rules, "  "))
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	if g.caption != "" {
		lines = slices.Insert(lines, 0, oneLine(g.caption))
	}
	return strings.Join(lines, "\n")
}

// align pads the cells of rows to columns, and returns the lines and the widths.
// It leaves rows as they are.
func align(rows [][]string, numeric []bool) (lines []string, widths []int) {
	rows = slices.Clone(rows)
	for i := range rows {
		row := slices.Clone(rows[i])
		rows[i] = row
		for j, s := range row {
			row[j] = oneLine(s)
			if s == "⋮" || s == "⋯" || s == "⋱" {
				row[j] = "…" // the others are missing from many fixed width fonts
			}
			if j == len(widths) {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], utf8.RuneCountInString(row[j]))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for j, s := range row {
			if j > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(s))
			if j < len(numeric) && numeric[j] {
				line.WriteString(pad + s)
			} else {
				line.WriteString(s + pad)
			}
		}
		lines = append(lines, line.String())
	}
	return lines, widths
}

func (g grid) withSide(side string, row []string) []string {
	if g.side == nil {
		return append([]string(nil), row...)
	}
	return append([]string{side}, row...)
}

// oneLine makes a string fit a line of text.
func oneLine(s string) string {
	return strings.NewReplacer("\r\n", "⏎", "\n", "⏎", "\r", "⏎", "\t", " ").Replace(s)
}

// window is which of n things are shown: all of them, or the first and the last
// with a gap between.
type window struct{ n, head, tail int }

// newWindow shows at most most of n things, two thirds of them from the start.
func newWindow(n, most int) window {
	if n <= most {
		return window{n, n, 0}
	}
	tail := most / 3
	return window{n, most - tail, tail}
}

// cut is how many are left out.
func (w window) cut() int { return w.n - w.head - w.tail }

// indices are the numbers of the things shown, -1 for the gap.
func (w window) indices() []int {
	var list []int
	for i := range w.head {
		list = append(list, i)
	}
	if w.cut() > 0 {
		list = append(list, -1)
		for i := w.n - w.tail; i < w.n; i++ {
			list = append(list, i)
		}
	}
	return list
}

// plural is "1 row", "2 rows".
func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
