package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"unicode/utf8"
)

// rangeString lowers range over a string, in which the interpreter counts an
// invalid byte as three, and counts runes where only the index is asked for.
//
// A loop that always runs to its end goes over the runes, or over the indexes
// where they begin, prepared at once. One that may be left early decodes as it
// goes: a scanner leaves such loops after a few runes of a long text.
func (l *lowerer) rangeString(r *ast.RangeStmt) ast.Stmt {
	pos := r.For
	str := callAt(identAt("string", pos), pos, l.expr(r.X))
	if !blank(r.Key) && leaves(r.Body) {
		return l.scanString(r, str)
	}
	out := &ast.RangeStmt{For: r.For, TokPos: r.TokPos, Tok: token.DEFINE, Range: r.Range}
	runes := func(s ast.Expr) ast.Expr {
		return callAt(&ast.ArrayType{Lbrack: pos, Elt: identAt("rune", pos)}, pos, s)
	}
	if blank(r.Key) {
		out.X = runes(str)
		var first []ast.Stmt
		if blank(r.Value) {
			out.Tok = token.ILLEGAL
		} else {
			value := l.temp()
			out.Key, out.Value = identAt("_", pos), identAt(value, pos)
			first = l.iteration(r, nil, identAt(value, pos))
		}
		out.Body = l.bodyAfter(r.Body, first)
		return out
	}
	if blank(r.Value) {
		index := l.temp()
		out.X = callAt(l.s.runtime("RuneStarts", pos), pos, str)
		out.Key, out.Value = identAt("_", pos), identAt(index, pos)
		out.Body = l.bodyAfter(r.Body, l.iteration(r, identAt(index, pos), nil))
		return out
	}
	s, starts, k, value := l.temp(), l.temp(), l.temp(), l.temp()
	index := &ast.IndexExpr{X: identAt(starts, pos), Lbrack: pos, Index: identAt(k, pos), Rbrack: pos}
	first := l.iteration(r, index, identAt(value, pos))
	out.X = runes(identAt(s, pos))
	out.Key, out.Value = identAt(k, pos), identAt(value, pos)
	out.Body = l.bodyAfter(r.Body, first)
	return l.after(r, []ast.Stmt{
		defineAt(pos, s, str),
		defineAt(pos, starts, callAt(l.s.runtime("RuneStarts", pos), pos, identAt(s, pos))),
	}, out)
}

// scanString is
//
//	for s, i, n := x, 0, 0; i < len(s); i += n {
//		c := rune(s[i])
//		n = 1
//		if c >= utf8.RuneSelf { c, n = utf8.DecodeRuneInString(s[i:]) }
//		body
//	}
func (l *lowerer) scanString(r *ast.RangeStmt, str ast.Expr) ast.Stmt {
	pos := r.For
	s, i, n, c := l.temp(), l.temp(), l.temp(), l.temp()
	at := func(name string) ast.Expr { return identAt(name, pos) }
	rest := &ast.SliceExpr{X: at(s), Lbrack: pos, Low: at(i), Rbrack: pos}
	first := []ast.Stmt{
		defineAt(pos, c, callAt(at("rune"), pos, &ast.IndexExpr{X: at(s), Lbrack: pos, Index: at(i), Rbrack: pos})),
		assignAt(pos, []ast.Expr{at(n)}, []ast.Expr{intOf(1, pos)}),
		&ast.IfStmt{If: pos,
			Cond: &ast.BinaryExpr{X: at(c), OpPos: pos, Op: token.GEQ, Y: intOf(utf8.RuneSelf, pos)},
			Body: blockAt(pos, assignAt(pos, []ast.Expr{at(c), at(n)}, []ast.Expr{callAt(l.s.runtime("DecodeRune", pos), pos, rest)}))},
	}
	first = append(first, l.iteration(r, at(i), at(c))...)
	loop := &ast.ForStmt{
		For: pos,
		Init: &ast.AssignStmt{
			Lhs: []ast.Expr{at(i), at(n)}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{intOf(0, pos), intOf(0, pos)},
		},
		Cond: &ast.BinaryExpr{X: at(i), OpPos: pos, Op: token.LSS, Y: callAt(at("len"), pos, at(s))},
		Post: &ast.AssignStmt{Lhs: []ast.Expr{at(i)}, TokPos: pos, Tok: token.ADD_ASSIGN, Rhs: []ast.Expr{at(n)}},
		Body: l.bodyAfter(r.Body, first),
	}
	return l.after(r, []ast.Stmt{defineAt(pos, s, str)}, loop)
}

// iteration gives the variables on the left of a range clause over a string
// their values for an iteration: both places are evaluated, then assigned to.
func (l *lowerer) iteration(r *ast.RangeStmt, key, value ast.Expr) []ast.Stmt {
	var places, stores []ast.Stmt
	for i, left := range []ast.Expr{r.Key, r.Value} {
		x, from := key, types.Type(types.Typ[types.Int])
		if i == 1 {
			x, from = value, types.Typ[types.Rune]
		}
		if blank(left) || x == nil {
			continue
		}
		if r.Tok != token.ASSIGN {
			stores = append(stores, defineAt(left.Pos(), l.localName(l.info.Defs[left.(*ast.Ident)]), x))
			continue
		}
		before, place := l.place(left)
		places = append(places, before...)
		stores = append(stores, assignAt(left.Pos(), []ast.Expr{place}, []ast.Expr{l.convert(x, from, l.typeOf(left), inCell)}))
	}
	return append(places, stores...)
}

func (l *lowerer) bodyAfter(b *ast.BlockStmt, first []ast.Stmt) *ast.BlockStmt {
	return &ast.BlockStmt{Lbrace: b.Lbrace, List: append(first, l.stmts(b.List)...), Rbrace: b.Rbrace}
}

// leaves reports whether a statement in the body of a loop may end the loop.
func leaves(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok != token.FALLTHROUGH && (n.Tok != token.CONTINUE || n.Label != nil)
		}
		return !found
	})
	return found
}

// runeStarts lists the indexes at which the runes of a string begin.
func runeStarts(s string) []int {
	starts := make([]int, 0, utf8.RuneCountInString(s))
	for i := range s {
		starts = append(starts, i)
	}
	return starts
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}
