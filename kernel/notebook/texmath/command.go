package texmath

import (
	"errors"
	"fmt"
	"strings"
)

// command reads what a command stands for, its arguments included.
func (p *parser) command(t string) (*node, error) {
	name := t[1:]
	if s, ok := letters[name]; ok {
		n := leaf("mi", alphabet(boldOnly(p.font), s))
		if isUpright(name) {
			n.with(`mathvariant="normal"`)
		}
		return n, nil
	}
	if s, ok := operators[name]; ok {
		return leaf("mo", s), nil
	}
	if s, ok := bigOperators[name]; ok {
		n := leaf("mo", s).with(`movablelimits="false"`)
		n.limits = !strings.Contains(name, "int")
		return n, nil
	}
	if s, ok := fences[name]; ok {
		if s == "|" || s == "‖" {
			return bar(s), nil
		}
		return leaf("mo", s).with(`stretchy="false"`), nil
	}
	if s, ok := spaces[name]; ok {
		return space(s), nil
	}
	if a, ok := accents[name]; ok {
		return p.accent(a)
	}
	if font, ok := fonts[name]; ok {
		old := p.font
		p.font = font
		n, err := p.arg()
		p.font = old
		return n, err
	}
	if limits, ok := functions[name]; ok {
		return named(strings.ReplaceAll(functionText(name), "~", "\u2009"), limits), nil
	}
	if size, ok := sizes[strings.TrimRight(name, "lrm")]; ok && name != "" {
		return p.sized(size)
	}
	switch name {
	case "frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom", "genfrac":
		return p.fraction(name)
	case "sqrt":
		return p.root()
	case "left":
		return p.leftRight()
	case "begin":
		return p.environment()
	case "text", "mbox", "textrm", "textnormal", "textup", "hbox", "textbf", "textit", "texttt", "textsf", "emph":
		return p.text(name)
	case "operatorname":
		star := p.accept("*")
		s, err := p.literal()
		if err != nil {
			return nil, err
		}
		return named(plainText(s), star), nil
	case "overset", "stackrel", "underset":
		mark, err := p.arg()
		if err != nil {
			return nil, err
		}
		base, err := p.arg()
		if name == "underset" {
			return elem("munder", base, mark), err
		}
		return elem("mover", base, mark), err
	case "xrightarrow", "xleftarrow":
		return p.arrow(map[string]string{"xrightarrow": "→", "xleftarrow": "←"}[name])
	case "substack":
		if !p.accept("{") {
			return nil, errors.New("a missing argument")
		}
		n, err := p.table("substack", "")
		if err == nil && !p.accept("}") {
			err = errBrace
		}
		return n, err
	case "not":
		n, err := p.arg()
		if err != nil || n.kids != nil {
			return nil, errors.New(`\not before something that is not a symbol`)
		}
		n.text += "\u0338"
		return n, nil
	case "bmod", "mod":
		return leaf("mo", "mod").with(`lspace="0.2222em" rspace="0.2222em"`), nil
	case "pmod":
		n, err := p.arg()
		return elem("mrow", space("1"), operator("("), leaf("mi", "mod"), space("0.3333"), n, operator(")")), err
	case "boxed", "fbox":
		n, err := p.arg()
		return elem("mrow", n).with(`style="border:1px solid;padding:.25em .4em"`), err
	case "phantom", "hphantom", "vphantom":
		n, err := p.arg()
		return elem("mphantom", n), err
	case "mathstrut", "strut":
		return elem("mphantom", leaf("mo", "(").with(`stretchy="false"`)), nil
	case "color", "textcolor":
		return p.color(name == "color")
	case "tag":
		s, err := p.literal()
		return elem("mrow", space("2"), leaf("mtext", "("+plainText(strings.TrimPrefix(s, "*"))+")")), err
	case "label":
		_, err := p.literal()
		return nil, err
	case "nonumber", "notag", "hline", "displaylimits", "allowbreak", "relax":
		return nil, nil
	case "middle":
		return nil, errors.New(`\middle outside of \left … \right`)
	}
	return nil, fmt.Errorf("the unknown command %s", t)
}

// named is an upright operator name such as sin or diag.
func named(s string, limits bool) *node {
	n := leaf("mi", s)
	if len([]rune(s)) == 1 {
		n.with(`mathvariant="normal"`)
	}
	n.limits, n.op = limits, true
	return n
}

type accent struct {
	mark     string
	under    bool // below instead of above
	stretchy bool // as wide as what it marks
	brace    bool // takes scripts as limits
}

func (p *parser) accent(a accent) (*node, error) {
	base, err := p.arg()
	if err != nil {
		return nil, err
	}
	mark := leaf("mo", a.mark).with(fmt.Sprintf(`stretchy="%t"`, a.stretchy))
	n := elem("mover", base, mark).with(`accent="true"`)
	if a.under {
		n = elem("munder", base, mark).with(`accentunder="true"`)
	}
	n.always = a.brace
	return n, nil
}

func (p *parser) fraction(name string) (*node, error) {
	display := p.display
	switch name[0] {
	case 'd', 'c':
		p.display = true
	default:
		p.display = false
	}
	defer func() { p.display = display }()
	if name == "genfrac" {
		return nil, errors.New(`the unknown command \genfrac`)
	}
	num, err := p.arg()
	if err != nil {
		return nil, err
	}
	den, err := p.arg()
	if err != nil {
		return nil, err
	}
	var n *node
	if strings.HasSuffix(name, "binom") {
		n = stack(`\choose`, num, den)
	} else {
		n = stack(`\over`, num, den)
	}
	switch name[0] {
	case 'd', 'c':
		n = elem("mstyle", n).with(`displaystyle="true" scriptlevel="0"`)
	case 't':
		n = elem("mstyle", n).with(`displaystyle="false" scriptlevel="0"`)
	}
	return n, nil
}

// stack sets one thing over another.
func stack(kind string, num, den *node) *node {
	n := elem("mfrac", num, den)
	if kind == `\over` {
		return n
	}
	n.with(`linethickness="0"`)
	if kind == `\choose` {
		n = elem("mrow", fence("(", "prefix"), n, fence(")", "postfix"))
	}
	return n
}

func (p *parser) root() (*node, error) {
	index, has, err := p.option()
	if err != nil {
		return nil, err
	}
	arg, err := p.arg()
	if err != nil {
		return nil, err
	}
	if !has {
		return elem("msqrt", arg), nil
	}
	n, err := p.inner(index)
	return elem("mroot", arg, n), err
}

// inner reads a piece of TeX that stands apart, such as an option.
func (p *parser) inner(tex string) (*node, error) {
	q := &parser{src: []rune(tex), font: p.font, depth: p.depth + 1}
	kids, err := q.row()
	if err == nil && q.peek() != "" {
		err = fmt.Errorf("a misplaced %s", q.peek())
	}
	return row(kids), err
}

// delimiter reads what follows \left, \right or \big; "." is an invisible one.
func (p *parser) delimiter() (string, error) {
	switch t := p.next(); t {
	case ".":
		return "", nil
	case "(", ")", "[", "]", "|", "/":
		return t, nil
	case "<":
		return "⟨", nil
	case ">":
		return "⟩", nil
	default:
		if len(t) > 1 && t[0] == '\\' {
			if s, ok := fences[t[1:]]; ok {
				return s, nil
			}
			if s, ok := operators[t[1:]]; ok && strings.HasSuffix(t, "arrow") {
				return s, nil
			}
		}
		return "", fmt.Errorf("%q where a delimiter must stand", t)
	}
}

func (p *parser) leftRight() (*node, error) {
	open, err := p.delimiter()
	if err != nil {
		return nil, err
	}
	kids := []*node{}
	if open != "" {
		kids = append(kids, fence(open, "prefix"))
	}
	for {
		inside, err := p.row()
		if err != nil {
			return nil, err
		}
		kids = append(kids, inside...)
		t := p.next()
		if t != `\middle` && t != `\right` {
			return nil, errors.New(`\left without its \right`)
		}
		d, err := p.delimiter()
		if err != nil {
			return nil, err
		}
		if t == `\middle` {
			kids = append(kids, fence(d, "infix").with(`lspace="0.2222em" rspace="0.2222em"`))
			continue
		}
		if d != "" {
			kids = append(kids, fence(d, "postfix"))
		}
		return elem("mrow", kids...), nil
	}
}

func (p *parser) sized(size string) (*node, error) {
	d, err := p.delimiter()
	if err != nil {
		return nil, err
	}
	return leaf("mo", d).with(`stretchy="true" symmetric="true" minsize="` + size + `" maxsize="` + size + `"`), nil
}

// text reads text, in which $…$ is mathematics again.
func (p *parser) text(name string) (*node, error) {
	s, err := p.literal()
	if err != nil {
		return nil, err
	}
	kids := []*node{}
	for i, part := range strings.Split(s, "$") {
		if part == "" {
			continue
		}
		if i%2 == 1 {
			n, err := p.inner(part)
			if err != nil {
				return nil, err
			}
			kids = append(kids, n)
			continue
		}
		n := leaf("mtext", plainText(part))
		if style, ok := textStyles[name]; ok {
			n.with(`style="` + style + `"`)
		}
		kids = append(kids, n)
	}
	return row(kids), nil
}

var textStyles = map[string]string{
	"textbf": "font-weight:bold", "textit": "font-style:italic", "emph": "font-style:italic",
	"texttt": "font-family:monospace", "textsf": "font-family:sans-serif",
}

// plainText undoes TeX's escapes in text and keeps spaces at its ends visible.
func plainText(s string) string {
	s = strings.NewReplacer(`\,`, "\u2009", `\ `, " ", `\;`, " ", `\!`, "", `\{`, "{", `\}`, "}", `\_`, "_", `\%`, "%",
		`\&`, "&", `\#`, "#", `\$`, "$", `\textit`, "", `\textbf`, "", `\rm`, "", "{", "", "}", "", "~", "\u00a0", "--", "–", "``", "“", "''", "”").Replace(s)
	if strings.HasPrefix(s, " ") {
		s = "\u00a0" + s[1:]
	}
	if strings.HasSuffix(s, " ") {
		s = s[:len(s)-1] + "\u00a0"
	}
	return s
}

func (p *parser) arrow(mark string) (*node, error) {
	below, has, err := p.option()
	if err != nil {
		return nil, err
	}
	above, err := p.arg()
	if err != nil {
		return nil, err
	}
	base := leaf("mo", mark).with(`stretchy="true" minsize="2em"`)
	if !has {
		return elem("mover", base, above), nil
	}
	n, err := p.inner(below)
	return elem("munderover", base, n, above), err
}

// color reads \textcolor{c}{…} or \color{c}…, for names and #rrggbb.
func (p *parser) color(rest bool) (*node, error) {
	c, err := p.literal()
	if err != nil {
		return nil, err
	}
	for _, r := range c {
		if !isLetter(r) && !('0' <= r && r <= '9') && r != '#' {
			return nil, fmt.Errorf("%q, which is not a colour", c)
		}
	}
	style := `style="color:` + c + `"`
	if rest {
		kids, err := p.row()
		return elem("mrow", kids...).with(style), err
	}
	n, err := p.arg()
	return elem("mrow", n).with(style), err
}
