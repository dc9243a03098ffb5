package texmath

import (
	"fmt"
	"html"
	"strings"
)

// MathML returns the MathML element of a formula, display set on its own line or
// inline in text. tex is what stands between the dollar signs.
func MathML(tex string, display bool) (string, error) {
	p := &parser{src: []rune(tex), display: display}
	kids, err := p.formula()
	if err != nil {
		return "", fmt.Errorf("texmath: %w in %q", err, tex)
	}
	var b strings.Builder
	b.WriteString("<math")
	if display {
		b.WriteString(` display="block"`)
	}
	fmt.Fprintf(&b, ` alttext="%s">`, html.EscapeString(strings.TrimSpace(tex)))
	row(kids).write(&b)
	b.WriteString("</math>")
	return b.String(), nil
}

// node is one MathML element.
type node struct {
	tag   string
	attrs string // ` name="value"` pairs
	text  string // of a leaf
	kids  []*node

	limits bool // scripts go below and above in display style
	always bool // scripts go below and above in any style (\limits, \underbrace)
	op     bool // a named operator such as \sin, which wants space after it
}

func leaf(tag, text string) *node { return &node{tag: tag, text: text} }

func elem(tag string, kids ...*node) *node { return &node{tag: tag, kids: kids} }

func (n *node) with(attrs string) *node {
	n.attrs += " " + attrs
	return n
}

// row wraps nodes in an mrow unless there is exactly one.
func row(kids []*node) *node {
	if len(kids) == 1 {
		return kids[0]
	}
	return elem("mrow", kids...)
}

func space(em string) *node { return elem("mspace").with(`width="` + em + `em"`) }

// fence is a delimiter as \left and \right give it: as tall as what it encloses.
func fence(s, form string) *node {
	return leaf("mo", s).with(`fence="true" form="` + form + `" stretchy="true"`)
}

func (n *node) write(b *strings.Builder) {
	b.WriteString("<" + n.tag + n.attrs + ">")
	if n.kids == nil {
		b.WriteString(html.EscapeString(n.text))
	}
	for _, k := range n.kids {
		k.write(b)
	}
	b.WriteString("</" + n.tag + ">")
}
