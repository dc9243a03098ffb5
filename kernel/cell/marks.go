package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"sync/atomic"
	"unsafe"
)

// Each function has a variable, its mark, that is set to the position of every
// statement that could panic before the statement runs.

// marking lowers a statement, and sets the function's mark before it if need
// be. line is that of the mark that holds before the statement, then after it.
func (l *lowerer) marking(s ast.Stmt, line *int, lower func(ast.Stmt) []ast.Stmt) []ast.Stmt {
	if l.unit == nil || l.steady {
		return lower(s)
	}
	at := token.NoPos
	if l.mayPanic(s) {
		at = s.Pos()
	}
	if only := l.onlyMark(s); only.IsValid() {
		at, l.steady = only, true
		defer func() { l.steady = false }()
	}
	var out []ast.Stmt
	if p := l.s.position(at); at.IsValid() && p.Line > 0 && p.Line != *line {
		out = append(out, l.setMark(encodeMark(p), at))
		*line = p.Line
	}
	if !l.steady && (!simple(s) || l.comesBack(s)) {
		*line = 0
	}
	return append(out, lower(s)...)
}

// setMark sets the mark of the unit being lowered. A store as two goroutines should make it needs a call, which takes the
// interpreter 3 µs where an assignment takes 0.2; so there is one only where it is looked for.
func (l *lowerer) setMark(n int, at token.Pos) ast.Stmt {
	if atomicMarks {
		mark := &ast.UnaryExpr{OpPos: at, Op: token.AND, X: identAt(l.mark(), at)}
		return &ast.ExprStmt{X: callAt(l.s.runtime("SetMark", at), at, mark, intOf(n, at))}
	}
	return assignAt(at, []ast.Expr{identAt(l.mark(), at)}, []ast.Expr{intOf(n, at)})
}

// storeMark is what SetMark does.
func storeMark(m *int, n int) { atomic.StoreUintptr((*uintptr)(unsafe.Pointer(m)), uintptr(n)) }

// A mark is read while functions run and set it, for a message only, and what is read is one or another of the
// positions that were set: so these two are hidden from the race detector.

//go:norace
func readMark(m *int) int { return *m }

//go:norace
func clearMark(m *int) { *m = 0 }

// bodyKey is that of the statements of every cell: only one cell runs at a time.
const bodyKey = ""

// literalKey is the key of a function literal in the unit being lowered. In the
// statements of a cell it is like no other, because such a literal may live on.
func (l *lowerer) literalKey(e *ast.FuncLit) string {
	if l.unit == nil || l.unit.key == bodyKey {
		p := l.s.position(e.Pos())
		return sprintf("%s:%d:%d", p.Filename, p.Line, p.Column)
	}
	l.unit.inner++
	return sprintf("%s/%d", l.unit.key, l.unit.inner)
}

// mark names the mark of the unit being lowered. The interpreter never gives
// back a variable, so all versions of a function share one.
func (l *lowerer) mark() string {
	u, us := l.unit, &l.s.units
	if u.mark == "" {
		u.mark = us.marks[u.key]
	}
	if u.mark == "" {
		if len(us.free) == 0 {
			l.declareMarks()
		}
		last := len(us.free) - 1
		u.mark, us.free = us.free[last], us.free[:last]
		us.marks[u.key] = u.mark
		l.s.onFailure(func() { delete(us.marks, u.key) })
	}
	return u.mark
}

// marksAtOnce is how many marks are declared together, which takes the
// interpreter less memory than one by one.
const marksAtOnce = 16

func (l *lowerer) declareMarks() {
	us, pos := &l.s.units, l.s.anchor
	spec := &ast.ValueSpec{Type: identAt("int", pos)}
	for range marksAtOnce {
		name := l.s.slots.next("mark")
		us.free = append(us.free, name)
		spec.Names = append(spec.Names, identAt(name, pos))
	}
	l.decls = append(l.decls, &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}})
	l.s.onFailure(func() { us.free = nil })
}

const markColumns = 1 << 12

func encodeMark(p token.Position) int { return p.Line*markColumns + min(p.Column, markColumns-1) }

// simple reports whether a statement has no statements inside that set marks.
func simple(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.ReturnStmt, *ast.DeclStmt, *ast.DeferStmt, *ast.GoStmt:
		return true
	}
	return false
}

// onlyMark finds the place of the one mark that all of a loop needs, which can
// then be set before the loop: its statements that may panic are on one line,
// and nothing it calls can come back to this function and change the mark.
func (l *lowerer) onlyMark(s ast.Stmt) token.Pos {
	switch s := s.(type) {
	case *ast.ForStmt:
	case *ast.RangeStmt:
		if _, ok := l.overFunction(s); ok {
			return token.NoPos
		}
	default:
		return token.NoPos
	}
	first, one := token.NoPos, !l.comesBack(s)
	add := func(list ...ast.Stmt) {
		for _, s := range list {
			switch {
			case !one || !l.mayPanic(s):
			case !first.IsValid():
				first = s.Pos()
			default:
				one = l.s.position(first).Line == l.s.position(s.Pos()).Line
			}
		}
	}
	add(s)
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			add(n.List...)
		case *ast.CaseClause:
			add(n.Body...)
		case *ast.CommClause:
			add(n.Body...)
		}
		return one
	})
	if !one {
		return token.NoPos
	}
	return first
}

// comesBack reports whether running a node, function literals apart, may call
// code of a cell.
func (l *lowerer) comesBack(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !l.keepsOut(n)
		}
		return !found
	})
	return found
}

// keepsOut reports whether a call cannot lead to code of a cell: it converts, or
// calls a predeclared function or a compiled one that knows nothing of cells.
func (l *lowerer) keepsOut(call *ast.CallExpr) bool {
	if l.info.Types[call.Fun].IsType() || l.info.Types[call].Value != nil || l.predeclared(call) != "" {
		return true
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := l.info.Uses[sel.Sel].(*types.Func)
	if !ok || l.s.ours(fn.Pkg()) || fn.Signature().Recv() != nil {
		return false
	}
	for v := range fn.Signature().Params().Variables() {
		t := v.Type()
		if s, ok := t.(*types.Slice); ok {
			t = s.Elem()
		}
		if _, ok := t.(*types.Basic); !ok {
			return false
		}
	}
	return true
}

// predeclared names the predeclared function a call is of; "" for another call.
func (l *lowerer) predeclared(call *ast.CallExpr) string {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := l.info.Uses[id].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

// mayPanic reports whether running a statement, its nested blocks and function
// literals apart, could panic or call something that does.
func (l *lowerer) mayPanic(s ast.Stmt) bool {
	found := false
	if a, ok := s.(*ast.AssignStmt); ok {
		switch a.Tok {
		case token.QUO_ASSIGN, token.REM_ASSIGN:
			found = l.divides(a.Lhs[0], a.Rhs[0])
		case token.SHL_ASSIGN, token.SHR_ASSIGN:
			found = l.shifts(a.Rhs[0])
		}
	}
	ast.Inspect(s, func(n ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.FuncLit, *ast.CaseClause, *ast.CommClause:
			return false
		case *ast.SendStmt, *ast.StarExpr, *ast.SliceExpr, *ast.TypeAssertExpr:
			found = true
		case *ast.IndexExpr:
			found = !l.info.Types[n].IsType()
		case *ast.SelectorExpr:
			if sel := l.info.Selections[n]; sel != nil && sel.Kind() == types.FieldVal {
				found = sel.Indirect()
			}
		case *ast.BinaryExpr:
			found = l.operationPanics(n)
		case *ast.CallExpr:
			if l.info.Types[n].Value != nil {
				return false
			}
			found = l.callPanics(n)
		}
		return !found
	})
	return found
}

func (l *lowerer) operationPanics(n *ast.BinaryExpr) bool {
	if l.info.Types[n].Value != nil {
		return false
	}
	switch n.Op {
	case token.QUO, token.REM:
		return l.divides(n.X, n.Y)
	case token.SHL, token.SHR:
		return l.shifts(n.Y)
	case token.EQL, token.NEQ: // interfaces may hold what cannot be compared
		return mayHoldInterface(l.typeOf(n.X)) || mayHoldInterface(l.typeOf(n.Y))
	}
	return false
}

func mayHoldInterface(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Interface, *types.Struct, *types.Array:
		return true
	}
	return false
}

// divides reports whether x / y may divide by zero.
func (l *lowerer) divides(x, y ast.Expr) bool {
	if l.info.Types[y].Value != nil {
		return false // the compiler has looked
	}
	b, ok := l.typeOf(x).Underlying().(*types.Basic)
	return !ok || b.Info()&types.IsInteger != 0
}

// shifts reports whether a shift count may be negative.
func (l *lowerer) shifts(y ast.Expr) bool {
	if l.info.Types[y].Value != nil {
		return false
	}
	b, ok := l.typeOf(y).Underlying().(*types.Basic)
	return !ok || b.Info()&types.IsUnsigned == 0
}

// callPanics reports whether a call may panic, its arguments apart.
func (l *lowerer) callPanics(call *ast.CallExpr) bool {
	if l.info.Types[call.Fun].IsType() {
		_, basic := l.typeOf(call).Underlying().(*types.Basic)
		return !basic // a slice may be too short for an array
	}
	switch l.predeclared(call) {
	case "append", "cap", "clear", "complex", "imag", "len", "max", "min", "new", "print", "println", "real":
		return false
	}
	return true
}
