package repl

import (
	"go/scanner"
	"go/token"
	"strings"
)

// Colours of tokens, of the sixteen that every terminal has and its user has chosen.
const (
	keywordColour = "\x1b[35m"
	stringColour  = "\x1b[32m"
	numberColour  = "\x1b[36m"
	commentColour = "\x1b[90m"
	resetColour   = "\x1b[0m"
)

// highlight colours Go that need not be complete.
func highlight(src string) string {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)
	var b strings.Builder
	at := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		colour := ""
		switch {
		case tok.IsKeyword():
			colour = keywordColour
		case tok == token.STRING || tok == token.CHAR:
			colour = stringColour
		case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
			colour = numberColour
		case tok == token.COMMENT:
			colour = commentColour
		}
		start := file.Offset(pos)
		end := min(start+len(lit), len(src))
		if colour == "" || start < at || end <= start {
			continue
		}
		b.WriteString(src[at:start] + colour + src[start:end] + resetColour)
		at = end
	}
	b.WriteString(src[at:])
	return b.String()
}
