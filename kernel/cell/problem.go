package cell

import (
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Problem is one message about a cell's text.
type Problem struct {
	Pos  token.Position // Filename is In[n]
	Msg  string
	Hint string // a way round, or what the names mean; may be empty
}

func (p *Problem) Error() string {
	if !p.Pos.IsValid() {
		return p.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Pos.Filename, p.Pos.Line, p.Pos.Column, p.Msg)
}

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func (s *Session) problem(pos token.Pos, msg string) *Problem {
	return &Problem{Pos: s.position(pos), Msg: msg}
}

// position is where pos stands in its cell.
func (s *Session) position(pos token.Pos) token.Position {
	p := s.fset.Position(pos)
	p.Filename = cellOf(p.Filename)
	return p
}

// typeProblem words an error of go/types for a cell.
func (s *Session) typeProblem(e types.Error) *Problem {
	p := &Problem{Pos: s.position(e.Pos), Msg: strings.ReplaceAll(strings.ReplaceAll(e.Msg, showName, "the result"), " (declared at -)", "")}
	clash := strings.Contains(p.Msg, "cannot use") || strings.Contains(p.Msg, "mismatched types") || strings.Contains(p.Msg, "impossible")
	for name, counts := range s.versions {
		if clash && len(counts) > 1 && containsWord(p.Msg, name) {
			cells := make([]string, len(counts))
			for i, n := range counts {
				cells[i] = fmt.Sprintf("%s (In[%d])", name, n)
			}
			p.Hint = strings.Join(cells, " and ") + " are different types: values made before the type was declared again keep the old one; run the cells that made them again"
		}
	}
	return p
}

func containsWord(s, word string) bool {
	for i := 0; ; {
		j := strings.Index(s[i:], word)
		if j < 0 {
			return false
		}
		j += i
		before, after := j == 0 || !identByte(s[j-1]), j+len(word) == len(s) || !identByte(s[j+len(word)])
		if before && after {
			return true
		}
		i = j + len(word)
	}
}

func identByte(b byte) bool {
	return b == '_' || b >= 0x80 || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// syntaxProblems converts the parser's errors.
func syntaxProblems(err error) []*Problem {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return []*Problem{{Msg: err.Error()}}
	}
	var ps []*Problem
	for _, e := range list {
		ps = append(ps, &Problem{Pos: e.Pos, Msg: "syntax error: " + e.Msg})
	}
	return ps
}

func sortProblems(ps []*Problem) {
	slices.SortStableFunc(ps, func(a, b *Problem) int {
		if a.Pos.Filename != b.Pos.Filename {
			return strings.Compare(a.Pos.Filename, b.Pos.Filename)
		}
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Pos.Column - b.Pos.Column
	})
}

// compileError shows problems with their source lines and a caret.
func compileError(ps []*Problem, sources func(file string) string) *Error {
	e := &Error{Name: "compile error"}
	var msgs []string
	hinted := map[string]bool{} // a hint for several errors is given once
	const most = 10             // as the compiler
	for i, p := range ps {
		if i == most {
			e.Traceback = append(e.Traceback, fmt.Sprintf("too many errors: %d more", len(ps)-most))
			break
		}
		msgs = append(msgs, p.Error())
		e.Traceback = append(e.Traceback, p.Error())
		line := sourceLine(sources(p.Pos.Filename), p.Pos.Line)
		if line != "" {
			e.Traceback = append(e.Traceback, "    "+line, "    "+caret(line, p.Pos.Column))
		}
		hint := p.Hint
		if hint == "" {
			hint = lineHint(p.Msg, line, p.Pos.Column)
		}
		if hint != "" && !hinted[hint] {
			e.Traceback = append(e.Traceback, "    "+hint)
			hinted[hint] = true
		}
	}
	e.Message = strings.Join(msgs, "\n")
	return e
}

func sourceLine(src string, n int) string {
	for l := range strings.SplitSeq(src, "\n") {
		if n--; n == 0 {
			return strings.TrimRight(l, " \t\r")
		}
	}
	return ""
}

// caret points at a byte column; tabs stay tabs so that it stands below its byte.
func caret(line string, column int) string {
	var b strings.Builder
	for i, r := range line {
		if i >= column-1 {
			break
		}
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String() + "^"
}

// renameIdents copies a type expression with identifiers renamed.
func renameIdents(e ast.Expr, names map[string]string) ast.Expr {
	if len(names) == 0 {
		return e
	}
	switch e := e.(type) {
	case *ast.Ident:
		if n := names[e.Name]; n != "" {
			return &ast.Ident{Name: n, NamePos: e.NamePos}
		}
	case *ast.ArrayType:
		return &ast.ArrayType{Lbrack: e.Lbrack, Len: e.Len, Elt: renameIdents(e.Elt, names)}
	case *ast.StarExpr:
		return &ast.StarExpr{Star: e.Star, X: renameIdents(e.X, names)}
	case *ast.MapType:
		return &ast.MapType{Map: e.Map, Key: renameIdents(e.Key, names), Value: renameIdents(e.Value, names)}
	case *ast.UnaryExpr:
		return &ast.UnaryExpr{OpPos: e.OpPos, Op: e.Op, X: renameIdents(e.X, names)}
	case *ast.BinaryExpr:
		return &ast.BinaryExpr{X: renameIdents(e.X, names), OpPos: e.OpPos, Op: e.Op, Y: renameIdents(e.Y, names)}
	case *ast.IndexExpr:
		return &ast.IndexExpr{X: renameIdents(e.X, names), Lbrack: e.Lbrack, Index: renameIdents(e.Index, names), Rbrack: e.Rbrack}
	case *ast.InterfaceType:
		out := &ast.InterfaceType{Interface: e.Interface, Methods: &ast.FieldList{}}
		for _, f := range e.Methods.List {
			out.Methods.List = append(out.Methods.List, &ast.Field{Names: f.Names, Type: renameIdents(f.Type, names)})
		}
		return out
	}
	return e
}
