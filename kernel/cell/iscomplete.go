package cell

import (
	"go/scanner"
	"go/token"
	"strings"
)

// IsComplete says whether src is "complete", "incomplete" (with the indent of the next
// line, in tabs) or "invalid". A front end with an input line asks at every Enter:
// it runs what is complete, shows the errors of what is invalid, and starts
// another line, indented, for what is incomplete.
//
// A cell is incomplete while a bracket, a raw string or a comment is open, or its
// last token needs something after it: an operator, a comma, a dot, a keyword such as else.
// Magics are complete, except for one that takes lines and has none, and a
// command whose last line goes on.
func (s *Session) IsComplete(src string) (status, indent string) {
	if wantsLines(src) {
		return "incomplete", ""
	}
	src = onlyGo(src)
	var open []lexeme
	last := lexeme{tok: token.SEMICOLON}
	for _, t := range lex(src) {
		if t.open {
			return "incomplete", ""
		}
		switch t.tok {
		case token.COMMENT:
			continue
		case token.SEMICOLON:
			if t.off == t.end {
				continue
			}
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, t)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) == 0 || closer(open[len(open)-1].tok) != t.tok {
				return "invalid", ""
			}
			open = open[:len(open)-1]
		}
		last = t
	}
	if trailing := wantsMore(last.tok); len(open) > 0 || trailing {
		// Brackets opened on one line indent by one, as gofmt has it, and so does
		// a line that goes on; elements of a list stay in a column.
		lines := map[int]bool{}
		for _, t := range open {
			lines[strings.Count(src[:t.off], "\n")] = true
		}
		if trailing && last.tok != token.COLON && (last.tok != token.COMMA || len(open) == 0) {
			lines[strings.Count(src[:last.off], "\n")] = true
		}
		return "incomplete", strings.Repeat("\t", len(lines))
	}
	if _, err := parse(token.NewFileSet(), "", strings.ReplaceAll(src, "\r\n", "\n")); err != nil {
		return "invalid", ""
	}
	return "complete", ""
}

// wantsMore reports whether no statement can end in this token. A colon ends a label.
func wantsMore(t token.Token) bool {
	switch t {
	case token.INC, token.DEC, token.RPAREN, token.RBRACK, token.RBRACE, token.SEMICOLON,
		token.BREAK, token.CONTINUE, token.FALLTHROUGH, token.RETURN:
		return false
	}
	return t.IsOperator() || t.IsKeyword()
}

func closer(t token.Token) token.Token {
	switch t {
	case token.LPAREN:
		return token.RPAREN
	case token.LBRACK:
		return token.RBRACK
	case token.LBRACE:
		return token.RBRACE
	}
	return token.ILLEGAL
}

// lexeme is a token or comment and the bytes of src it stands in; none for a
// semicolon that a line's end makes.
type lexeme struct {
	tok      token.Token
	off, end int
	open     bool // a raw string or comment that does not end
}

// lex returns the tokens of any text, comments among them.
func lex(src string) []lexeme {
	file := token.NewFileSet().AddFile("", -1, len(src))
	var sc scanner.Scanner
	sc.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)
	var list []lexeme
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			return list
		}
		t := lexeme{tok: tok, off: file.Offset(pos)}
		rest := src[t.off:]
		// The scanner drops carriage returns from what may span lines, so
		// such a literal's length is not its length in src.
		switch {
		case tok == token.SEMICOLON && lit == "\n", tok == token.SEMICOLON && lit == "EOF":
			t.end = t.off
		case tok == token.COMMENT && strings.HasPrefix(rest, "//"):
			t.end = t.off + indexOrLen(rest, "\n")
		case tok == token.COMMENT:
			n := 2 + indexOrLen(rest[2:], "*/")
			if t.open = n == len(rest); !t.open {
				n += 2
			}
			t.end = t.off + n
		case tok == token.STRING && rest[0] == '`':
			n := 1 + indexOrLen(rest[1:], "`")
			if t.open = n == len(rest); !t.open {
				n++
			}
			t.end = t.off + n
		case lit != "":
			t.end = min(t.off+len(lit), len(src))
		default:
			t.end = min(t.off+len(tok.String()), len(src))
		}
		// An illegal byte's literal is longer than the byte.
		if n := len(list); n > 0 && list[n-1].end > t.off {
			list[n-1].end = t.off
		}
		list = append(list, t)
	}
}

func indexOrLen(s, sub string) int {
	if i := strings.Index(s, sub); i >= 0 {
		return i
	}
	return len(s)
}
