package notebook

import (
	"go/scanner"
	"go/token"
	"html"
	"strings"
)

// predeclared are Go's predeclared names.
var predeclared = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields(`any bool byte comparable complex64 complex128 error float32 float64 int int8 int16
		int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close
		complex copy delete imag len make max min new panic print println real recover`) {
		m[s] = true
	}
	return m
}()

// highlightGo returns Go source as HTML with a span round each coloured token:
// k keyword, s string, n number, c comment, p predeclared name, f function called
// or declared. It needs no complete file, and text that is not Go (a magic
// command) passes unchanged.
func highlightGo(src string) string {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)
	type tok struct {
		start, end int
		class      string
	}
	var toks []tok
	for {
		pos, t, lit := s.Scan()
		if t == token.EOF {
			break
		}
		start := file.Offset(pos)
		class := ""
		switch {
		case t == token.LPAREN:
			// The name before a parenthesis is a function.
			if n := len(toks); n > 0 && toks[n-1].class == "name" && toks[n-1].end == start {
				toks[n-1].class = "f"
			}
			continue
		case t == token.SEMICOLON && lit == "\n":
			continue // put there by the scanner
		case t.IsKeyword():
			class = "k"
		case t == token.COMMENT:
			class = "c"
		case t == token.STRING || t == token.CHAR:
			class = "s"
		case t == token.INT || t == token.FLOAT || t == token.IMAG:
			class = "n"
		case t == token.IDENT && predeclared[lit]:
			class = "p"
		case t == token.IDENT:
			class = "name"
		}
		if class != "" {
			// The scanner drops carriage returns from literals, so their
			// length is that of the source only without them.
			end := start + len(lit)
			if lit == "" {
				end = start + len(t.String())
			}
			toks = append(toks, tok{start, min(end, len(src)), class})
		}
	}
	var b strings.Builder
	last := 0
	for _, t := range toks {
		if t.class == "name" || t.start < last {
			continue
		}
		b.WriteString(html.EscapeString(src[last:t.start]))
		b.WriteString(`<span class="` + t.class + `">` + html.EscapeString(src[t.start:t.end]) + `</span>`)
		last = t.end
	}
	b.WriteString(html.EscapeString(src[last:]))
	return b.String()
}
