package display

import (
	"strings"
	"unicode/utf8"
)

// pageWidth is the width, in characters, that composite values are broken at.
const pageWidth = 88

// doc is a piece of printed Go, laid out on one line if it fits and over several
// if not, as gofmt would. A leaf has only open.
type doc struct {
	open, close string
	items       []doc
	fill        bool // broken, as many items go on a line as fit
	last        bool // a remark, not an element: no comma follows
}

func leaf(s string) doc { return doc{open: s} }

// prefix puts s in front.
func (d *doc) prefix(s string) { d.open = s + d.open }

// flat is d on one line.
func (d doc) flat() string {
	if d.close == "" {
		return d.open
	}
	var b strings.Builder
	b.WriteString(d.open)
	for i, x := range d.items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(x.flat())
	}
	b.WriteString(d.close)
	return b.String()
}

// layout is d at an indentation of so many levels.
func layout(d doc, level int) string {
	const tab = "    "
	flat := d.flat()
	if d.close == "" || len(d.items) == 0 ||
		!strings.Contains(flat, "\n") && level*len(tab)+utf8.RuneCountInString(flat) <= pageWidth {
		return flat
	}
	indent := strings.Repeat(tab, level+1)
	var b strings.Builder
	b.WriteString(d.open)
	column := pageWidth // forces a new line before the first item
	for _, x := range d.items {
		s := layout(x, level+1)
		if !x.last {
			s += ","
		}
		width := utf8.RuneCountInString(s)
		if d.fill && column+1+width <= pageWidth {
			b.WriteString(" " + s)
			column += 1 + width
			continue
		}
		b.WriteString("\n" + indent + s)
		column = len(indent) + width
	}
	b.WriteString("\n" + strings.Repeat(tab, level) + d.close)
	return b.String()
}
