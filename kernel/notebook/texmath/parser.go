package texmath

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// maxDepth bounds nesting, so that no input can exhaust the stack.
const maxDepth = 200

// parser reads one formula.
type parser struct {
	src     []rune
	pos     int
	display bool // display style: limits below and above
	depth   int
	font    string // alphabet in force: "", "bb", "cal", "bf", …
	bare    bool   // the next atom is an argument without braces: one digit, not a number
}

// A token is a command with its backslash, or one character; "" is the end.
// Spaces mean nothing in formulas and are skipped, comments too.
func (p *parser) peek() string {
	t := p.next()
	p.pos -= len([]rune(t))
	return t
}

func (p *parser) next() string {
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case unicode.IsSpace(c):
			p.pos++
		case c == '%':
			for p.pos < len(p.src) && p.src[p.pos] != '\n' {
				p.pos++
			}
		case c == '\\':
			start := p.pos
			p.pos++
			for p.pos < len(p.src) && isLetter(p.src[p.pos]) {
				p.pos++
			}
			if p.pos == start+1 && p.pos < len(p.src) {
				p.pos++
			}
			return string(p.src[start:p.pos])
		default:
			p.pos++
			return string(c)
		}
	}
	return ""
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func (p *parser) accept(t string) bool {
	if p.peek() == t {
		p.next()
		return true
	}
	return false
}

var errBrace = errors.New("a brace without its partner")

// formula reads to the end of the input.
func (p *parser) formula() ([]*node, error) {
	kids, err := p.row()
	if err != nil {
		return nil, err
	}
	switch t := p.peek(); t {
	case "":
		return kids, nil
	case "}":
		return nil, errBrace
	case "&", `\\`, `\cr`:
		// A bare alignment, which MathJax tolerates as well: read it as aligned.
		p.pos = 0
		n, err := p.table("aligned", "")
		return []*node{n}, err
	default:
		return nil, fmt.Errorf("%s without its partner", t)
	}
}

// row reads until something that only the caller can place: the end of the
// input, a closing brace, \right, \end, an alignment character.
func (p *parser) row() ([]*node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, errors.New("too deep nesting")
	}
	font, display := p.font, p.display
	defer func() { p.font, p.display = font, display }()
	kids := []*node{}
	for {
		switch t := p.peek(); t {
		case "", "}", `\right`, `\middle`, `\end`, "&", `\\`, `\cr`:
			return kids, nil
		case `\displaystyle`, `\textstyle`, `\scriptstyle`, `\scriptscriptstyle`:
			p.next()
			p.display = t == `\displaystyle`
			rest, err := p.row()
			if err != nil {
				return nil, err
			}
			return append(kids, elem("mstyle", rest...).with(styles[t])), nil
		case `\over`, `\choose`, `\atop`:
			p.next()
			rest, err := p.row()
			if err != nil {
				return nil, err
			}
			return []*node{stack(t, row(kids), row(rest))}, nil
		}
		n, err := p.scripted()
		if err != nil {
			return nil, err
		}
		if n == nil {
			continue
		}
		if n.tag == "mo" && isSign(n.text) && (len(kids) == 0 || takesOperand(kids[len(kids)-1])) {
			n.with(`form="prefix"`) // a sign, not a sum: no space after it
		}
		kids = append(kids, n)
		if n.op && !strings.Contains("()[]|,.;:=+-<>^_&}!/", first(p.peek())) && p.peek() != `\left` && p.peek() != `\right` {
			kids = append(kids, space("0.1667"))
		}
	}
}

func isSign(s string) bool { return s == "+" || s == "−" || s == "±" || s == "∓" }

// takesOperand reports whether what follows n begins an expression.
func takesOperand(n *node) bool {
	if n.tag == "mspace" {
		return true
	}
	return n.tag == "mo" && !strings.Contains(")]}|‖′!⟩⌋⌉", n.text)
}

// first returns the first character of a token, "}" at the end of the input.
func first(t string) string {
	if t == "" {
		return "}"
	}
	return string([]rune(t)[:1])
}

var styles = map[string]string{
	`\displaystyle`:      `displaystyle="true" scriptlevel="0"`,
	`\textstyle`:         `displaystyle="false" scriptlevel="0"`,
	`\scriptstyle`:       `displaystyle="false" scriptlevel="1"`,
	`\scriptscriptstyle`: `displaystyle="false" scriptlevel="2"`,
}

// scripted reads an atom and the scripts at it. It returns nil for what shows nothing.
func (p *parser) scripted() (*node, error) {
	var base *node
	if t := p.peek(); t == "^" || t == "_" || t == "'" {
		base = elem("mrow") // scripts with nothing before them
		base.kids = []*node{}
	} else {
		var err error
		if base, err = p.atom(); err != nil || base == nil {
			return base, err
		}
	}
	var sub, sup *node
	primes := ""
	for {
		switch t := p.peek(); t {
		case `\limits`:
			p.next()
			base.always = true
			continue
		case `\nolimits`:
			p.next()
			base.limits, base.always = false, false
			continue
		case "'":
			p.next()
			primes += "′"
			continue
		case "^", "_":
			p.next()
			if t == "^" && sup != nil || t == "_" && sub != nil {
				return nil, fmt.Errorf("a second %s at one symbol", t)
			}
			display := p.display
			p.display = false
			n, err := p.arg()
			p.display = display
			if err != nil {
				return nil, err
			}
			if t == "^" {
				sup = n
			} else {
				sub = n
			}
			continue
		}
		break
	}
	if primes != "" {
		mark := leaf("mo", primes)
		if sup == nil {
			sup = mark
		} else {
			sup = elem("mrow", mark, sup)
		}
	}
	n := scripts(base, sub, sup, base.always || base.limits && p.display)
	n.op = base.op
	return n, nil
}

func scripts(base, sub, sup *node, under bool) *node {
	tag := map[bool][3]string{false: {"msub", "msup", "msubsup"}, true: {"munder", "mover", "munderover"}}[under]
	switch {
	case sub != nil && sup != nil:
		return elem(tag[2], base, sub, sup)
	case sub != nil:
		return elem(tag[0], base, sub)
	case sup != nil:
		return elem(tag[1], base, sup)
	}
	return base
}

// arg reads a command's argument: a group or one token.
func (p *parser) arg() (*node, error) {
	switch t := p.peek(); t {
	case "", "}", "&", `\\`, `\right`, `\end`, "^", "_":
		return nil, errors.New("a missing argument")
	case "{":
		return p.group()
	}
	for {
		p.bare = true
		n, err := p.atom()
		if err != nil || n != nil {
			return n, err
		}
		if p.peek() == "" {
			return nil, errors.New("a missing argument")
		}
	}
}

// group reads {…}.
func (p *parser) group() (*node, error) {
	if !p.accept("{") {
		return nil, errors.New("a missing argument")
	}
	kids, err := p.row()
	if err != nil {
		return nil, err
	}
	if !p.accept("}") {
		return nil, errBrace
	}
	return row(kids), nil
}

// literal reads {…} without interpreting it.
func (p *parser) literal() (string, error) {
	if !p.accept("{") {
		// One token stands for a group here too.
		if t := p.next(); t != "" && t != "}" {
			return t, nil
		}
		return "", errors.New("a missing argument")
	}
	start, open := p.pos, 1
	for ; p.pos < len(p.src); p.pos++ {
		switch p.src[p.pos] {
		case '\\':
			p.pos++
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				p.pos++
				return string(p.src[start : p.pos-1]), nil
			}
		}
	}
	return "", errBrace
}

// option reads […] if it is there.
func (p *parser) option() (string, bool, error) {
	if p.peek() != "[" {
		return "", false, nil
	}
	p.next()
	start := p.pos
	for open := 0; p.pos < len(p.src); p.pos++ {
		switch p.src[p.pos] {
		case '{':
			open++
		case '}':
			open--
		case ']':
			if open == 0 {
				p.pos++
				return string(p.src[start : p.pos-1]), true, nil
			}
		}
	}
	return "", false, errors.New("a [ without its ]")
}

// atom reads one thing without scripts; nil for what shows nothing.
func (p *parser) atom() (*node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, errors.New("too deep nesting")
	}
	bare := p.bare
	p.bare = false
	t := p.next()
	if t == "" {
		return nil, errors.New("a missing argument")
	}
	if t[0] == '\\' && len(t) > 1 {
		return p.command(t)
	}
	r := []rune(t)[0]
	switch {
	case t == "{":
		p.pos--
		return p.group()
	case t == "}" || t == `\`:
		return nil, errBrace
	case t == "~":
		return leaf("mtext", "\u00a0"), nil
	case t == "$":
		return nil, errors.New("a dollar sign")
	case t == "&":
		return nil, errors.New("an & outside of a matrix or an alignment")
	case '0' <= r && r <= '9':
		return p.number(t, bare), nil
	case unicode.IsLetter(r):
		return p.identifier(t), nil
	}
	return operator(t), nil
}

// number reads digits with at most one decimal point inside; a bare argument is one digit (\frac12).
func (p *parser) number(t string, bare bool) *node {
	for !bare && p.pos < len(p.src) {
		c := p.src[p.pos]
		digit := '0' <= c && c <= '9'
		point := c == '.' && !strings.Contains(t, ".") && p.pos+1 < len(p.src) && '0' <= p.src[p.pos+1] && p.src[p.pos+1] <= '9'
		if !digit && !point {
			break
		}
		t += string(c)
		p.pos++
	}
	return leaf("mn", alphabet(p.font, t))
}

// identifier is one letter, slanted unless an alphabet says otherwise.
func (p *parser) identifier(t string) *node {
	if p.font == "" {
		return leaf("mi", t)
	}
	n := leaf("mi", alphabet(p.font, t))
	if p.font == "rm" || p.font == "up" {
		n.with(`mathvariant="normal"`)
	}
	return n
}

func operator(t string) *node {
	switch t {
	case "(", ")", "[", "]":
		return leaf("mo", t).with(`stretchy="false"`)
	case "/":
		return leaf("mo", t).with(`stretchy="false" lspace="0" rspace="0"`)
	case "|":
		return bar("|")
	case "-":
		return leaf("mo", "−")
	case "*":
		return leaf("mo", "∗")
	}
	return leaf("mo", t)
}

// bar is a vertical line that neither grows nor spreads, as TeX sets it.
func bar(s string) *node {
	return leaf("mo", s).with(`stretchy="false" lspace="0" rspace="0"`)
}
