package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

func intOf(n int, pos token.Pos) ast.Expr {
	return &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: strconv.Itoa(n)}
}

// forLoop gives each iteration its own copy of the loop variables where one
// could be told from another: when a closure captures it or its address is taken.
//
//	for p, again := (*T)(nil), false; ; again = true {
//		var i T
//		if again { i = *p } else { i = init }
//		p = &i
//		if again { post }
//		if !cond { break }
//		body
//	}
func (l *lowerer) forLoop(s ast.Stmt) ([]ast.Stmt, bool) {
	f, ok := s.(*ast.ForStmt)
	if !ok {
		return nil, false
	}
	init, ok := f.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE {
		return nil, false
	}
	var vars []*types.Var
	var idents []*ast.Ident
	for _, e := range init.Lhs {
		if id, ok := e.(*ast.Ident); ok {
			if v, ok := l.info.Defs[id].(*types.Var); ok && id.Name != "_" {
				vars = append(vars, v)
				idents = append(idents, id)
			}
		}
	}
	if !l.captured(f, vars) {
		return nil, false
	}
	pos := f.Pos()
	again := l.temp()
	head := &ast.AssignStmt{TokPos: pos, Tok: token.DEFINE}
	body := blockAt(pos)
	var restore, point []ast.Stmt
	for i, v := range vars {
		p := l.temp()
		head.Lhs = append(head.Lhs, identAt(p, pos))
		ptr := types.NewPointer(v.Type())
		head.Rhs = append(head.Rhs, callAt(&ast.ParenExpr{Lparen: pos, X: l.typeExpr(ptr, pos), Rparen: pos}, pos, identAt("nil", pos)))
		name := l.localName(v)
		body.List = append(body.List, l.varAt(idents[i].Pos(), name, v.Type(), nil))
		restore = append(restore, assignAt(pos, []ast.Expr{identAt(name, pos)}, []ast.Expr{&ast.StarExpr{Star: pos, X: identAt(p, pos)}}))
		point = append(point, assignAt(pos, []ast.Expr{identAt(p, pos)}, []ast.Expr{&ast.UnaryExpr{OpPos: pos, Op: token.AND, X: identAt(name, pos)}}))
	}
	head.Lhs = append(head.Lhs, identAt(again, pos))
	head.Rhs = append(head.Rhs, identAt("false", pos))

	start := []ast.Stmt{assignAt(init.Pos(), l.exprs(init.Lhs), l.exprs(init.Rhs))}
	if len(init.Lhs) > 1 && len(init.Lhs) == len(init.Rhs) {
		start = l.storeMany(init.Lhs, init.Rhs, init.Pos())
	}
	body.List = append(body.List, &ast.IfStmt{
		If: pos, Cond: identAt(again, pos),
		Body: blockAt(pos, restore...),
		Else: blockAt(pos, start...),
	})
	body.List = append(body.List, point...)
	if f.Post != nil {
		body.List = append(body.List, &ast.IfStmt{If: pos, Cond: identAt(again, pos), Body: blockAt(pos, l.stmt(f.Post)...)})
	}
	if f.Cond != nil {
		body.List = append(body.List, &ast.IfStmt{
			If: pos, Cond: &ast.UnaryExpr{OpPos: f.Cond.Pos(), Op: token.NOT, X: &ast.ParenExpr{Lparen: f.Cond.Pos(), X: l.expr(f.Cond), Rparen: f.Cond.End()}},
			Body: blockAt(pos, &ast.BranchStmt{TokPos: pos, Tok: token.BREAK}),
		})
	}
	body.List = append(body.List, blockAt(f.Body.Pos(), l.stmts(f.Body.List)...))
	return []ast.Stmt{&ast.ForStmt{
		For: f.For, Init: head,
		Post: assignAt(pos, []ast.Expr{identAt(again, pos)}, []ast.Expr{identAt("true", pos)}),
		Body: body,
	}}, true
}

// captured reports whether a closure in n mentions one of vars or its address is taken.
func (l *lowerer) captured(n ast.Node, vars []*types.Var) bool {
	is := func(id *ast.Ident) bool {
		obj := l.info.Uses[id]
		for _, v := range vars {
			if obj == v {
				return true
			}
		}
		return false
	}
	root := func(e ast.Expr) bool {
		for {
			switch x := e.(type) {
			case *ast.Ident:
				return is(x)
			case *ast.ParenExpr:
				e = x.X
			case *ast.SelectorExpr:
				e = x.X
			case *ast.IndexExpr:
				e = x.X
			default:
				return false
			}
		}
	}
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			ast.Inspect(n.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && is(id) {
					found = true
				}
				return !found
			})
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && root(n.X)
		case *ast.SliceExpr:
			found = found || root(n.X)
		case *ast.SelectorExpr:
			if sel := l.info.Selections[n]; sel != nil && sel.Kind() == types.MethodVal {
				found = found || root(n.X)
			}
		}
		return !found
	})
	return found
}

// define gives variables that a closure captures in a loop a fresh copy each
// time: the interpreter reuses the variable for some right-hand sides.
func (l *lowerer) define(s ast.Stmt) ([]ast.Stmt, bool) {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE || len(l.loops) == 0 {
		return nil, false
	}
	var fresh []*types.Var
	for _, e := range a.Lhs {
		if id, ok := e.(*ast.Ident); ok {
			if v, ok := l.info.Defs[id].(*types.Var); ok && id.Name != "_" {
				fresh = append(fresh, v)
			}
		}
	}
	if !l.captured(l.loops[len(l.loops)-1], fresh) {
		return nil, false
	}
	tmp := &ast.AssignStmt{TokPos: a.TokPos, Tok: token.DEFINE, Rhs: l.exprs(a.Rhs)}
	var then []ast.Stmt
	for _, e := range a.Lhs {
		id := e.(*ast.Ident)
		if id.Name == "_" {
			tmp.Lhs = append(tmp.Lhs, identAt("_", id.Pos()))
			continue
		}
		name := l.temp()
		tmp.Lhs = append(tmp.Lhs, identAt(name, id.Pos()))
		if v := l.info.Defs[id]; v != nil {
			then = append(then, defineAt(id.Pos(), l.localName(v), identAt(name, id.Pos())))
		} else {
			then = append(then, assignAt(id.Pos(), []ast.Expr{l.ident(id)}, []ast.Expr{identAt(name, id.Pos())}))
		}
	}
	return append([]ast.Stmt{tmp}, then...), true
}

// rangeLoop lowers range over integers to a counted loop, and gives every
// iteration its own variables.
func (l *lowerer) rangeLoop(s ast.Stmt) ([]ast.Stmt, bool) {
	r, ok := s.(*ast.RangeStmt)
	if !ok {
		return nil, false
	}
	t := l.typeOf(r.X)
	if core, ok := t.Underlying().(*types.Basic); ok && core.Info()&types.IsInteger != 0 {
		return []ast.Stmt{l.rangeInt(r, t)}, true
	}
	if arr := arrayOf(t); arr != nil && blank(r.Value) { // whose pointer may be nil
		count := intOf(int(arr.Len()), r.X.Pos())
		if !calls(r.X) {
			return []ast.Stmt{l.rangeCount(r, types.Typ[types.Int], count)}, true
		}
		first := defineAt(r.X.Pos(), l.temp(), l.expr(r.X))
		return []ast.Stmt{l.after(r, []ast.Stmt{first}, l.rangeCount(r, types.Typ[types.Int], count))}, true
	}
	if isString(t) {
		return []ast.Stmt{l.rangeString(r)}, true
	}
	if sig, ok := l.overFunction(r); ok {
		return l.rangeFunction(r, sig), true
	}
	if l.overChannels(t, r) {
		return l.rangeChannels(r, t), true
	}
	out := &ast.RangeStmt{For: r.For, TokPos: r.TokPos, Tok: token.DEFINE, Range: r.Range, X: l.ranged(r.X, t)}
	var prelude []ast.Stmt
	switch {
	case blank(r.Key) && blank(r.Value):
		out.Tok = token.ILLEGAL
	case r.Tok == token.ASSIGN:
		var places, stores []ast.Stmt
		key, elem := rangeTypes(t)
		for i, e := range []ast.Expr{r.Key, r.Value} {
			name := identAt("_", r.For)
			if !blank(e) {
				name = identAt(l.temp(), r.For)
				from := key
				if i == 1 {
					from = elem
				}
				before, place := l.place(e)
				places = append(places, before...)
				stores = append(stores, assignAt(r.For, []ast.Expr{place}, []ast.Expr{l.convert(name, from, l.typeOf(e), inCell)}))
			}
			if i == 0 {
				out.Key = name
			} else if e != nil {
				out.Value = name
			}
		}
		prelude = append(places, stores...)
	default:
		for i, e := range []ast.Expr{r.Key, r.Value} {
			if e == nil {
				continue
			}
			name := identAt("_", e.Pos())
			if id := e.(*ast.Ident); id.Name != "_" {
				v := l.info.Defs[id].(*types.Var)
				// The interpreter counts with the variable itself.
				if l.captured(r.Body, []*types.Var{v}) || l.assigned(r.Body, v) {
					name = identAt(l.temp(), id.Pos())
					prelude = append(prelude, defineAt(id.Pos(), l.localName(v), name))
				} else {
					name = identAt(l.localName(v), id.Pos())
				}
			}
			if i == 0 {
				out.Key = name
			} else {
				out.Value = name
			}
		}
	}
	out.Body = &ast.BlockStmt{Lbrace: r.Body.Lbrace, List: append(prelude, l.stmts(r.Body.List)...), Rbrace: r.Body.Rbrace}
	return []ast.Stmt{out}, true
}

// ranged is what a loop goes over; a pointer to an array becomes a slice of it,
// which sees what the loop changes as well.
func (l *lowerer) ranged(x ast.Expr, t types.Type) ast.Expr {
	p, ok := t.Underlying().(*types.Pointer)
	if !ok || arrayOf(t) == nil {
		return l.expr(x)
	}
	name := l.temp()
	return l.immediate(x.Pos(), types.NewSlice(p.Elem().Underlying().(*types.Array).Elem()),
		&ast.SliceExpr{X: &ast.ParenExpr{Lparen: x.Pos(), X: &ast.StarExpr{Star: x.Pos(), X: identAt(name, x.Pos())}, Rparen: x.End()}, Lbrack: x.Pos(), Rbrack: x.End()},
		defineAt(x.Pos(), name, l.expr(x)))
}

// arrayOf is the array that t is or points to, nil if it does not.
func arrayOf(t types.Type) *types.Array {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	a, _ := t.Underlying().(*types.Array)
	return a
}

// rangeTypes are the types of what a loop over a value of type t gives.
func rangeTypes(t types.Type) (key, elem types.Type) {
	switch t := t.Underlying().(type) {
	case *types.Map:
		return t.Key(), t.Elem()
	case *types.Chan:
		return t.Elem(), nil
	case *types.Slice:
		return types.Typ[types.Int], t.Elem()
	case *types.Array:
		return types.Typ[types.Int], t.Elem()
	case *types.Pointer:
		return rangeTypes(t.Elem())
	}
	return types.Typ[types.Int], types.Typ[types.Rune]
}

// overChannels reports whether the second variable of a range is a channel: the
// interpreter would take that for what is ranged over.
func (l *lowerer) overChannels(t types.Type, r *ast.RangeStmt) bool {
	if blank(r.Value) {
		return false
	}
	_, elem := rangeTypes(t)
	if elem == nil {
		return false
	}
	_, ok := elem.Underlying().(*types.Chan)
	return ok
}

// rangeChannels ranges over keys alone, and looks the channels up.
func (l *lowerer) rangeChannels(r *ast.RangeStmt, t types.Type) []ast.Stmt {
	pos := r.For
	over, key := l.temp(), l.temp()
	var all ast.Expr = identAt(over, pos)
	if _, ok := t.Underlying().(*types.Pointer); ok {
		all = &ast.ParenExpr{Lparen: pos, X: &ast.StarExpr{Star: pos, X: all}, Rparen: pos}
	}
	keyType, elem := rangeTypes(t)
	var prelude []ast.Stmt
	set := func(e, value ast.Expr, from types.Type) {
		if r.Tok == token.ASSIGN {
			prelude = append(prelude, assignAt(pos, []ast.Expr{l.expr(e)}, []ast.Expr{l.convert(value, from, l.typeOf(e), inCell)}))
			return
		}
		prelude = append(prelude, defineAt(e.Pos(), l.localName(l.info.Defs[e.(*ast.Ident)]), value))
	}
	if !blank(r.Key) {
		set(r.Key, identAt(key, pos), keyType)
	}
	set(r.Value, &ast.IndexExpr{X: all, Lbrack: pos, Index: identAt(key, pos), Rbrack: pos}, elem)
	loop := &ast.RangeStmt{
		For: pos, Key: identAt(key, pos), TokPos: r.TokPos, Tok: token.DEFINE, Range: r.Range, X: all,
		Body: &ast.BlockStmt{Lbrace: r.Body.Lbrace, List: append(prelude, l.stmts(r.Body.List)...), Rbrace: r.Body.Rbrace},
	}
	return []ast.Stmt{l.varAt(pos, over, t, l.expr(r.X)), loop}
}

// calls reports whether evaluating an expression calls or receives anything.
func calls(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

func blank(e ast.Expr) bool {
	if e == nil {
		return true
	}
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// rangeInt counts up to the value of r.X.
func (l *lowerer) rangeInt(r *ast.RangeStmt, t types.Type) ast.Stmt {
	return l.rangeCount(r, t, l.expr(r.X))
}

// rangeCount counts a loop variable of type t up to limit:
//
//	for i, n := T(0), T(limit); i < n; i++ { v := i; body }
//
// v is i itself where the body cannot tell.
func (l *lowerer) rangeCount(r *ast.RangeStmt, t types.Type, limit ast.Expr) ast.Stmt {
	pos := r.For
	if basic, ok := t.(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
		t = types.Default(t)
	}
	if !blank(r.Key) {
		t = l.typeOf(r.Key)
		if id, ok := r.Key.(*ast.Ident); ok && r.Tok == token.DEFINE {
			t = l.info.Defs[id].Type()
		}
	}
	i, n := l.temp(), l.temp()
	typed := func(x ast.Expr) ast.Expr { return callAt(l.typeExpr(t, pos), pos, x) }
	var prelude []ast.Stmt
	switch {
	case blank(r.Key):
	case r.Tok == token.ASSIGN:
		prelude = append(prelude, assignAt(pos, []ast.Expr{l.expr(r.Key)}, []ast.Expr{identAt(i, pos)}))
	default:
		v := l.info.Defs[r.Key.(*ast.Ident)].(*types.Var)
		// The interpreter's interfaces with methods refer to the variable they are made of.
		_, plain := types.Unalias(t).(*types.Basic)
		if !plain || l.captured(r.Body, []*types.Var{v}) || l.assigned(r.Body, v) {
			prelude = append(prelude, defineAt(r.Key.Pos(), l.localName(v), identAt(i, pos)))
		} else {
			i = l.localName(v)
		}
	}
	return &ast.ForStmt{
		For: pos,
		Init: &ast.AssignStmt{
			Lhs: []ast.Expr{identAt(i, pos), identAt(n, pos)}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{typed(intOf(0, pos)), typed(limit)},
		},
		Cond: &ast.BinaryExpr{X: identAt(i, pos), OpPos: pos, Op: token.LSS, Y: identAt(n, pos)},
		Post: &ast.IncDecStmt{X: identAt(i, pos), TokPos: pos, Tok: token.INC},
		Body: &ast.BlockStmt{Lbrace: r.Body.Lbrace, List: append(prelude, l.stmts(r.Body.List)...), Rbrace: r.Body.Rbrace},
	}
}

// assigned reports whether a statement in n gives v another value.
func (l *lowerer) assigned(n ast.Node, v *types.Var) bool {
	found := false
	is := func(e ast.Expr) {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok && l.info.Uses[id] == v {
			found = true
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				is(e)
			}
		case *ast.IncDecStmt:
			is(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if e != nil {
						is(e)
					}
				}
			}
		}
		return !found
	})
	return found
}
