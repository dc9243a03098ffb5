package program

import (
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
)

// kind is the section of a Go program that a piece of a cell belongs to.
type kind int

const (
	imports kind = iota
	decls        // functions, types and constants
	stmts
)

// A piece is a range of a cell's source.
type piece struct {
	kind       kind
	start, end int
}

// split cuts a cell at its top level into pieces, in order. Comments belong to what follows them.
func split(src string) ([]piece, error) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	var bad error
	s.Init(file, []byte(src), func(pos token.Position, msg string) {
		if bad == nil {
			bad = fmt.Errorf("line %d: %s", pos.Line, msg)
		}
	}, scanner.ScanComments)
	var pieces []piece
	depth, start, first, second := 0, 0, token.ILLEGAL, token.ILLEGAL
	begun := false // a token of the present piece has been seen
	from := 0      // where it begins, its comments included
	end := func(at int) {
		if !begun {
			return
		}
		k := stmts
		switch {
		case first == token.IMPORT:
			k = imports
		case first == token.TYPE, first == token.CONST, first == token.FUNC && (second == token.IDENT || second == token.LPAREN && isMethod(src[start:at])):
			k = decls
		}
		pieces = append(pieces, piece{k, from, at})
		begun, from, first, second = false, at, token.ILLEGAL, token.ILLEGAL
	}
	for {
		pos, tok, lit := s.Scan()
		off := file.Offset(pos)
		if tok == token.EOF {
			end(len(src))
			return pieces, bad
		}
		if tok == token.COMMENT {
			continue
		}
		if tok == token.SEMICOLON && depth == 0 {
			at := off
			if lit != "\n" {
				at++
			} else if at < len(src) {
				at++ // the line's end
			}
			end(min(at, len(src)))
			continue
		}
		if !begun {
			begun, start, first = true, off, tok
			if tok == token.REM || tok == token.NOT || tok == token.ILLEGAL {
				line, _, _ := strings.Cut(src[off:], "\n")
				return nil, fmt.Errorf("%q is no Go, and a Go program cannot hold it", strings.TrimSpace(line))
			}
		} else if second == token.ILLEGAL {
			second = tok
		}
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		}
	}
}

// isMethod reports whether text that begins with "func (" declares a method: a
// name follows the receiver.
func isMethod(text string) bool {
	i := strings.IndexByte(text, ')')
	if i < 0 {
		return false
	}
	rest := strings.TrimSpace(text[i+1:])
	return rest != "" && rest[0] != '{' && rest[0] != '(' && strings.Contains(rest, "(") && token.IsIdentifier(strings.TrimSpace(rest[:strings.IndexByte(rest, '(')]))
}
