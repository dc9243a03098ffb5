package texmath

import (
	"fmt"
	"strings"
)

// environment reads what follows \begin.
func (p *parser) environment() (*node, error) {
	name, err := p.literal()
	if err != nil {
		return nil, err
	}
	kind := strings.TrimSuffix(name, "*")
	columns := ""
	switch kind {
	case "array":
		if _, _, err := p.option(); err != nil { // [t] or [b]: where the table hangs
			return nil, err
		}
		if columns, err = p.literal(); err != nil {
			return nil, err
		}
	case "alignat", "alignedat":
		if _, err = p.literal(); err != nil {
			return nil, err
		}
	case "aligned", "gathered":
		if _, _, err := p.option(); err != nil {
			return nil, err
		}
	}
	switch kind {
	case "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array", "cases", "rcases", "dcases",
		"aligned", "align", "alignat", "alignedat", "split", "eqnarray", "gather", "gathered", "equation", "multline", "displaymath", "math":
	default:
		return nil, fmt.Errorf("the unknown environment %s", name)
	}
	n, err := p.table(kind, columns)
	if err != nil {
		return nil, err
	}
	if !p.accept(`\end`) {
		return nil, fmt.Errorf(`\begin{%s} without its \end`, name)
	}
	if end, err := p.literal(); err != nil || end != name {
		return nil, fmt.Errorf(`\begin{%s} without its \end`, name)
	}
	switch kind {
	case "pmatrix":
		return fenced("(", n, ")"), nil
	case "bmatrix":
		return fenced("[", n, "]"), nil
	case "Bmatrix":
		return fenced("{", n, "}"), nil
	case "vmatrix":
		return fenced("|", n, "|"), nil
	case "Vmatrix":
		return fenced("‖", n, "‖"), nil
	case "cases", "dcases":
		return elem("mrow", fence("{", "prefix"), n), nil
	case "rcases":
		return elem("mrow", n, fence("}", "postfix")), nil
	}
	return n, nil
}

func fenced(open string, n *node, close string) *node {
	return elem("mrow", fence(open, "prefix"), n, fence(close, "postfix"))
}

// table reads rows of cells up to what ends them, which stays unread.
func (p *parser) table(kind, columns string) (*node, error) {
	display := p.display
	defer func() { p.display = display }()
	wide := false // rows of equations, in display style
	switch kind {
	case "align", "aligned", "alignat", "alignedat", "split", "eqnarray", "gather", "gathered", "equation", "multline", "displaymath", "dcases":
		wide = true
	}
	p.display = wide
	var rows []*node
	cells := []*node{}
	hasAmp := false
	endRow := func() {
		tr := elem("mtr", cells...)
		for i, td := range cells {
			td.with(`style="` + cellStyle(kind, columns, i) + `"`)
		}
		rows = append(rows, tr)
		cells = []*node{}
	}
	for {
		kids, err := p.row()
		if err != nil {
			return nil, err
		}
		t := p.peek()
		last := t != "&" && t != `\\` && t != `\cr`
		if last && len(kids) == 0 && len(cells) == 0 && len(rows) > 0 {
			break // the last row ended with \\
		}
		cells = append(cells, elem("mtd", kids...))
		if last {
			endRow()
			break
		}
		p.next()
		if t == "&" {
			hasAmp = true
			continue
		}
		endRow()
		// \\[2pt]: extra space between rows, which the browser's own serves.
		save := p.pos
		if s, has, err := p.option(); err != nil || has && !isLength(s) {
			p.pos = save
		}
	}
	if len(rows) == 1 && !hasAmp && (kind == "equation" || kind == "displaymath" || kind == "math") {
		return elem("mrow", rows[0].kids[0].kids...), nil
	}
	n := elem("mtable", rows...)
	switch {
	case wide:
		n.with(`displaystyle="true"`)
	case kind == "substack" || kind == "smallmatrix":
		n.with(`scriptlevel="1"`)
	}
	return n, nil
}

func isLength(s string) bool {
	s = strings.TrimSpace(s)
	for _, unit := range []string{"pt", "em", "ex", "mm", "cm", "in"} {
		if n, ok := strings.CutSuffix(s, unit); ok {
			return strings.Trim(strings.TrimSpace(n), "+-.0123456789") == ""
		}
	}
	return false
}

// cellStyle is CSS, because MathML Core has no columnalign. Equations are
// aligned in pairs of columns with no space within a pair.
func cellStyle(kind, columns string, i int) string {
	align, pad := "center", "padding:.2em .4em"
	switch kind {
	case "align", "aligned", "alignat", "alignedat", "split":
		align, pad = "right", "padding:.25em 0 .25em 1.5em"
		if i == 0 {
			pad = "padding:.25em 0"
		}
		if i%2 == 1 {
			align, pad = "left", "padding:.25em 0"
		}
	case "eqnarray":
		align, pad = [3]string{"right", "center", "left"}[i%3], "padding:.25em .2em"
	case "gather", "gathered", "multline", "equation":
		pad = "padding:.25em 0"
	case "cases", "dcases", "rcases":
		align, pad = "left", "padding:.2em 0 .2em 1em"
		if i == 0 {
			pad = "padding:.2em 0"
		}
	case "substack":
		pad = "padding:0"
	case "smallmatrix":
		pad = "padding:.1em .2em"
	case "array":
		n := 0
		for j, c := range columns {
			if c != 'l' && c != 'r' && c != 'c' {
				continue
			}
			if n == i {
				align = map[rune]string{'l': "left", 'r': "right", 'c': "center"}[c]
				if j > 0 && columns[j-1] == '|' {
					pad += ";border-left:1px solid"
				}
			}
			n++
		}
	}
	return "text-align:" + align + ";" + pad
}
