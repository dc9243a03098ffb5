package cell

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A magic is a line that starts with % or !, where a statement could start. No
// Go statement that a cell needs begins like that, so the rest of a cell keeps
// its meaning. A line that is a name with a question mark before or after it asks
// about the name: Go has no question marks. What is inside brackets, strings and comments, or goes on with the line before, is
// Go's. One that starts with %% and stands first takes the whole cell.

// segment is a part of a cell that runs in one go: whole lines.
type segment struct {
	start, end int         // bytes of the cell
	magic      *invocation // nil for Go
}

// invocation is a magic as it is written.
type invocation struct {
	sigil  string // "%", "%%" or "!"; "" for a question
	name   string // without the sigil; "" for a command
	at     int    // where the sigil stands
	args   string // what follows the name, without spaces around it
	argsAt int
	body   string // the lines after the first; cell magics only
	bodyAt int
}

func (in *invocation) String() string { return in.sigil + in.name }

// mayHaveMagic reports whether a line of src starts with %, ! or ?, or ends with ?.
func mayHaveMagic(src string) bool {
	if !strings.ContainsAny(src, "%!?") {
		return false
	}
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		if line != "" && (strings.IndexByte("%!?", line[0]) >= 0 || line[len(line)-1] == '?') {
			return true
		}
	}
	return false
}

// hasMagic reports whether a cell is more than Go.
func hasMagic(src string) bool {
	if !mayHaveMagic(src) {
		return false
	}
	for _, seg := range splitMagics(src) {
		if seg.magic != nil {
			return true
		}
	}
	return false
}

// splitMagics cuts a cell at its magics. The segments cover all of src, in order.
func splitMagics(src string) []segment {
	if at := len(src) - len(strings.TrimLeft(src, " \t\r\n")); strings.HasPrefix(src[at:], "%%") && newQuestion(src, at, lineEnd(src, at)) == nil {
		in := newInvocation(src, at, lineEnd(src, at))
		in.bodyAt = lineEnd(src, at)
		in.body = src[in.bodyAt:]
		return []segment{{0, len(src), in}}
	}
	var segs []segment
	for pos := 0; pos < len(src); {
		at := nextMagic(src, pos)
		start := len(src)
		if at >= 0 {
			start = strings.LastIndexByte(src[:at], '\n') + 1
		}
		if pos < start {
			segs = append(segs, segment{start: pos, end: start})
		}
		if at < 0 {
			break
		}
		in, end := readMagic(src, at)
		segs = append(segs, segment{start, end, in})
		pos = end
	}
	return segs
}

// nextMagic returns where the next magic from pos on starts, -1 if there is
// none. pos is the start of a line at the top level of the cell.
func nextMagic(src string, pos int) int {
	if !mayHaveMagic(src[pos:]) {
		return -1
	}
	file, sc := scan(src[pos:])
	depth, fresh := 0, true
	begin := pos // of the statement
	for {
		p, tok, lit := sc.Scan()
		off := pos + file.Offset(p)
		if fresh {
			begin = off
		}
		switch tok {
		case token.EOF:
			return -1
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		case token.REM, token.REM_ASSIGN, token.NOT:
			start := strings.LastIndexByte(src[:off], '\n') + 1
			if depth <= 0 && fresh && strings.TrimLeft(src[start:off], " \t\r") == "" {
				return off
			}
		case token.ILLEGAL:
			start := strings.LastIndexByte(src[:off], '\n') + 1
			if lit == "?" && depth <= 0 && begin >= start && strings.TrimLeft(src[start:begin], " \t\r") == "" && newQuestion(src, begin, lineEnd(src, off)) != nil {
				return begin
			}
		}
		fresh = tok == token.SEMICOLON
	}
}

func scan(src string) (*token.File, *scanner.Scanner) {
	file := token.NewFileSet().AddFile("", -1, len(src))
	sc := &scanner.Scanner{}
	sc.Init(file, []byte(src), func(token.Position, string) {}, 0)
	return file, sc
}

// readMagic reads the line magic or command at an offset, and where it ends.
func readMagic(src string, at int) (*invocation, int) {
	end := lineEnd(src, at)
	if in := newQuestion(src, at, end); in != nil {
		return in, end
	}
	if src[at] == '!' {
		for end < len(src) && continued(src[at:end]) {
			end = lineEnd(src, end)
		}
		return newInvocation(src, at, end), end
	}
	in := newInvocation(src, at, end)
	if m := findMagic(in.name); m != nil && m.code && in.sigil == "%" && in.args != "" {
		// Go that goes on while a bracket is open.
		file, sc := scan(src[in.argsAt:])
		for depth := 0; ; {
			p, tok, lit := sc.Scan()
			switch tok {
			case token.LPAREN, token.LBRACK, token.LBRACE:
				depth++
			case token.RPAREN, token.RBRACK, token.RBRACE:
				depth--
			}
			if tok == token.EOF || tok == token.SEMICOLON && lit == "\n" && depth <= 0 {
				end = lineEnd(src, in.argsAt+min(file.Offset(p), len(src)-in.argsAt))
				return newInvocation(src, at, end), end
			}
		}
	}
	return in, end
}

// newInvocation takes src[at:end] apart.
func newInvocation(src string, at, end int) *invocation {
	in := &invocation{sigil: src[at : at+1], at: at}
	i := at + 1
	if in.sigil == "%" {
		if i < end && src[i] == '%' {
			in.sigil = "%%"
			i++
		}
		start := i
		for i < end {
			r, n := utf8.DecodeRuneInString(src[i:])
			if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				break
			}
			i += n
		}
		in.name = src[start:i]
	}
	rest := src[i:end]
	in.args = strings.TrimSpace(rest)
	in.argsAt = i + len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	return in
}

// lineEnd is the offset after the line that off is in.
func lineEnd(src string, off int) int {
	if i := strings.IndexByte(src[off:], '\n'); i >= 0 {
		return off + i + 1
	}
	return len(src)
}

// continued reports whether a command's line ends in a backslash that is not itself escaped.
func continued(line string) bool {
	line = strings.TrimRight(line, "\r\n")
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// padded returns the text src[start:end] where it stands: after as many lines, and in the same column.
func padded(src string, start, end int) string {
	line := strings.LastIndexByte(src[:start], '\n') + 1
	return strings.Repeat("\n", strings.Count(src[:line], "\n")) + strings.Repeat(" ", start-line) + src[start:end]
}

// onlyGo is a cell with spaces in place of what is not Go, so that every byte of
// the rest keeps its place.
func onlyGo(src string) string {
	if !mayHaveMagic(src) {
		return src
	}
	b := []byte(src)
	for _, seg := range splitMagics(src) {
		in := seg.magic
		if in == nil {
			continue
		}
		from, to := len(src), len(src) // what stays
		if m := findMagic(in.name); m != nil && (m.code || m.name == "?" && !strings.ContainsAny(in.args, "%!")) {
			switch in.sigil {
			case "%":
				from = in.argsAt + m.codeAt(in.args)
				to = max(from, in.argsAt+len(in.args))
			case "":
				from, to = in.argsAt, in.argsAt+len(in.args)
			case "%%":
				copy(b[in.bodyAt:], onlyGo(in.body))
				from = in.bodyAt
			}
		}
		for i := seg.start; i < seg.end; i++ {
			if (i < from || i >= to) && b[i] != '\n' {
				b[i] = ' '
			}
		}
	}
	return string(b)
}

// wantsLines reports whether a cell ends in a magic that needs another line.
func wantsLines(src string) bool {
	if !mayHaveMagic(src) {
		return false
	}
	segs := splitMagics(src)
	in := segs[len(segs)-1].magic
	if in == nil {
		return false
	}
	switch m := findMagic(in.name); in.sigil {
	case "!":
		return continued(src[in.at:])
	case "%%":
		return m != nil && m.cell && !m.optional && strings.TrimSpace(in.body) == ""
	}
	return false
}

// words splits arguments at spaces. Quotes, single or double, keep spaces in a word.
func words(args string) (list []string, ok bool) {
	var word strings.Builder
	inWord := false
	quoted := rune(0)
	for _, r := range args {
		switch {
		case quoted != 0 && r == quoted:
			quoted = 0
		case quoted != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quoted, inWord = r, true
		case unicode.IsSpace(r):
			if inWord {
				list = append(list, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		list = append(list, word.String())
	}
	return list, quoted == 0
}
