package notebook

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// escape matches ANSI control sequences; the first group is the parameters and
// the second the final byte of a CSI sequence.
var escape = regexp.MustCompile("\x1b\\[([0-9;:]*)[ -/]*([@-~])|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[ -/]*[0-~]")

// stripANSI returns text without control sequences.
func stripANSI(s string) string { return escape.ReplaceAllString(s, "") }

// terminal returns what a terminal would show in the end: a carriage return goes
// back to the start of the line, a backspace one character back, and what is
// written there covers what was.
func terminal(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if !strings.ContainsAny(s, "\r\b") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.ContainsAny(l, "\r\b") {
			lines[i] = overwrite(l)
		}
	}
	return strings.Join(lines, "\n")
}

// overwrite applies carriage returns and backspaces within one line. Control
// sequences stay with the character after them.
func overwrite(l string) string {
	var cells []string
	at := 0
	pending := ""
	for l != "" {
		if m := escape.FindStringIndex(l); m != nil && m[0] == 0 {
			pending += l[:m[1]]
			l = l[m[1]:]
			continue
		}
		r := []rune(l[:min(len(l), 4)])[0]
		n := len(string(r))
		if r == 0xfffd {
			n = 1
		}
		switch r {
		case '\r':
			at = 0
		case '\b':
			at = max(at-1, 0)
		default:
			c := pending + l[:n]
			pending = ""
			if at < len(cells) {
				cells[at] = c
			} else {
				cells = append(cells, c)
			}
			at++
		}
		l = l[n:]
	}
	return strings.Join(cells, "") + pending
}

// ansiHTML returns text as HTML with its colours as spans. The sixteen named
// colours are classes (a0 to a15, b0 to b15 behind), which the style sheet sets
// for light and dark; others are given by value.
func ansiHTML(s string) string {
	s = terminal(s)
	var b strings.Builder
	var now sgr
	last := 0
	text := func(t string) {
		if t == "" {
			return
		}
		if now == (sgr{}) {
			b.WriteString(html.EscapeString(t))
			return
		}
		b.WriteString("<span" + now.attrs() + ">" + html.EscapeString(t) + "</span>")
	}
	for _, m := range escape.FindAllStringSubmatchIndex(s, -1) {
		text(s[last:m[0]])
		last = m[1]
		if m[4] >= 0 && s[m[4]:m[5]] == "m" {
			now.apply(s[m[2]:m[3]])
		}
	}
	text(s[last:])
	return b.String()
}

// sgr is the state that "select graphic rendition" sequences set.
type sgr struct {
	fg, bg                             string // "", a number below 16, or #rrggbb
	bold, faint, italic, under, invert bool
}

func (g sgr) attrs() string {
	var classes, styles []string
	fg, bg := g.fg, g.bg
	if g.invert {
		fg, bg = bg, fg
		if fg == "" && bg == "" || fg == "" || bg == "" {
			classes = append(classes, "ai")
		}
	}
	for _, c := range []struct{ value, class, property string }{{fg, "a", "color"}, {bg, "b", "background-color"}} {
		switch {
		case strings.HasPrefix(c.value, "#"):
			styles = append(styles, c.property+":"+c.value)
		case c.value != "":
			classes = append(classes, c.class+c.value)
		}
	}
	for _, f := range []struct {
		on    bool
		class string
	}{{g.bold, "ab"}, {g.faint, "af"}, {g.italic, "at"}, {g.under, "au"}} {
		if f.on {
			classes = append(classes, f.class)
		}
	}
	s := ""
	if classes != nil {
		s = ` class="` + strings.Join(classes, " ") + `"`
	}
	if styles != nil {
		s += ` style="` + strings.Join(styles, ";") + `"`
	}
	return s
}

func (g *sgr) apply(params string) {
	var codes []int
	for _, p := range strings.FieldsFunc(params+";", func(r rune) bool { return r == ';' || r == ':' }) {
		n, _ := strconv.Atoi(p)
		codes = append(codes, n)
	}
	if len(codes) == 0 {
		codes = []int{0}
	}
	for i := 0; i < len(codes); i++ {
		switch c := codes[i]; {
		case c == 0:
			*g = sgr{}
		case c == 1:
			g.bold = true
		case c == 2:
			g.faint = true
		case c == 3:
			g.italic = true
		case c == 4:
			g.under = true
		case c == 7:
			g.invert = true
		case c == 22:
			g.bold, g.faint = false, false
		case c == 23:
			g.italic = false
		case c == 24:
			g.under = false
		case c == 27:
			g.invert = false
		case c >= 30 && c <= 37:
			g.fg = strconv.Itoa(c - 30)
		case c >= 90 && c <= 97:
			g.fg = strconv.Itoa(c - 90 + 8)
		case c >= 40 && c <= 47:
			g.bg = strconv.Itoa(c - 40)
		case c >= 100 && c <= 107:
			g.bg = strconv.Itoa(c - 100 + 8)
		case c == 39:
			g.fg = ""
		case c == 49:
			g.bg = ""
		case c == 38 || c == 48:
			color, used := extended(codes[i+1:])
			i += used
			if c == 38 {
				g.fg = color
			} else {
				g.bg = color
			}
		}
	}
}

// extended reads the colour after 38 or 48: 5;n of xterm's 256, or 2;r;g;b.
func extended(codes []int) (color string, used int) {
	switch {
	case len(codes) >= 2 && codes[0] == 5:
		n := codes[1] & 0xff
		switch {
		case n < 16:
			return strconv.Itoa(n), 2
		case n < 232:
			level := func(v int) int {
				if v == 0 {
					return 0
				}
				return 55 + 40*v
			}
			n -= 16
			return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6)), 2
		}
		v := 8 + 10*(n-232)
		return fmt.Sprintf("#%02x%02x%02x", v, v, v), 2
	case len(codes) >= 4 && codes[0] == 2:
		return fmt.Sprintf("#%02x%02x%02x", codes[1]&0xff, codes[2]&0xff, codes[3]&0xff), 4
	}
	return "", len(codes)
}
