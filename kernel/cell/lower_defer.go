package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// The interpreter evaluates the operands of a deferred call late, runs deferred
// calls under a lock that closures of the same function need, and drops a
// result that a bare return should keep. So a function that defers is lowered
// to one that does not:
//
//	func f(x int) (r int, err error) {
//		var r int; var err error
//		d := runtime.Defers()
//		d.Run(func() {
//			// the body; defer g(y) is { t := y; d.Add(func() { g(t) }) }
//			// return a, b is r, err = a, b; return
//		})
//		return r, err
//	}
//
// where Run, Add and Recover are compiled Go.

// deferring is what lowering knows of the function around a statement.
type deferring struct {
	defers  string // the variable that holds the deferred calls; "" if the function defers nothing
	stored  bool   // a return sets the variables results before it leaves
	results []string
	recover string // the variable that holds the deferred calls whose panic recover stops; "" if it is not mentioned
}

// hasDefer reports whether a body defers, function literals apart.
func hasDefer(b ast.Node) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = true
		}
		return !found
	})
	return found
}

// body lowers the body of a function with the given syntax and signature.
func (l *lowerer) body(t *ast.FuncType, sig *types.Signature, b *ast.BlockStmt, recovers string) (*ast.FuncType, *ast.BlockStmt) {
	outer := l.in
	defer func() { l.in = outer }()
	l.in = deferring{recover: recovers}
	asks := l.asksCalled(b)
	defers := hasDefer(b)
	named := t.Results != nil && len(t.Results.List) > 0 && len(t.Results.List[0].Names) > 0
	outside := defers || l.hasRangeFunc(b) // returns from within other functions
	if !outside && !named {
		out := l.block(b)
		out.List = append(asks, out.List...)
		return l.bodyType(t, sig), out
	}
	pos := b.Pos()
	l.in.stored = outside || l.captured(b, l.namedResults(t))
	if defers {
		l.in.defers = l.temp()
	}
	out := asks
	var results []ast.Expr
	var names []*ast.Ident
	if t.Results != nil {
		for _, f := range t.Results.List {
			names = append(names, f.Names...)
		}
	}
	for i := range sig.Results().Len() {
		name := l.temp()
		if i < len(names) && names[i].Name != "_" {
			if obj := l.info.Defs[names[i]]; obj != nil {
				l.renamed[obj] = name // which no inner variable hides
			}
		}
		l.in.results = append(l.in.results, name)
		out = append(out, l.varAt(pos, name, sig.Results().At(i).Type(), nil))
		results = append(results, identAt(name, pos))
	}
	if defers {
		out = append(out, l.running(pos, l.block(b))...)
	} else {
		out = append(out, l.block(b))
	}
	if len(results) > 0 && outside {
		out = append(out, &ast.ReturnStmt{Return: b.Rbrace, Results: results})
	}
	unnamed := &ast.FuncType{Func: t.Func, Params: t.Params}
	return l.bodyType(unnamed, sig), &ast.BlockStmt{Lbrace: b.Lbrace, List: out, Rbrace: b.Rbrace}
}

// bodyType spells the signature of a function with a body. Its parameters all
// have names: the interpreter keeps no place for one without, and what is in
// the next would be taken for something else.
func (l *lowerer) bodyType(t *ast.FuncType, sig *types.Signature) *ast.FuncType {
	out := l.funcType(t, sig)
	for _, f := range out.Params.List {
		if f.Names == nil {
			f.Names = []*ast.Ident{identAt("_", f.Type.Pos())}
		}
	}
	return out
}

// namedResults lists the variables a function's results are.
func (l *lowerer) namedResults(t *ast.FuncType) []*types.Var {
	var vars []*types.Var
	if t.Results != nil {
		for _, f := range t.Results.List {
			for _, id := range f.Names {
				if v, ok := l.info.Defs[id].(*types.Var); ok {
					vars = append(vars, v)
				}
			}
		}
	}
	return vars
}

// running declares l.in.defers and runs a body whose defer statements add to it.
func (l *lowerer) running(pos token.Pos, b *ast.BlockStmt) []ast.Stmt {
	lit := &ast.FuncLit{Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}}, Body: b}
	run := &ast.SelectorExpr{X: identAt(l.in.defers, pos), Sel: identAt("Run", pos)}
	return []ast.Stmt{
		defineAt(pos, l.in.defers, callAt(l.s.runtime("Defers", pos), pos)),
		&ast.ExprStmt{X: callAt(run, pos, lit)},
	}
}

// deferCall evaluates a deferred call's operands and keeps the call.
func (l *lowerer) deferCall(s ast.Stmt) ([]ast.Stmt, bool) {
	d, ok := s.(*ast.DeferStmt)
	if !ok {
		return nil, false
	}
	pos := d.Pos()
	var prelude []ast.Stmt
	var call *ast.CallExpr
	if lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit); ok {
		prelude, call = l.earlyLit(d.Call, lit, l.in.defers)
	} else if isRecover(d.Call, l.info) {
		call = l.deferRecover(pos)
	} else {
		prelude, call = l.early(d.Call)
	}
	add := callAt(&ast.SelectorExpr{X: identAt(l.in.defers, pos), Sel: identAt("Add", pos)}, pos)
	if _, ok := call.Fun.(*ast.FuncLit); ok {
		add = callAt(&ast.SelectorExpr{X: identAt(l.in.defers, pos), Sel: identAt("AddLiteral", pos)}, pos)
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && l.compiledMethod(d.Call) {
		add = callAt(&ast.SelectorExpr{X: identAt(l.in.defers, pos), Sel: identAt("AddMethod", pos)}, pos,
			sel.X, &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: quote(sel.Sel.Name)})
	} else {
		add.Args = []ast.Expr{l.deferred(call)}
	}
	prelude = append(prelude, &ast.ExprStmt{X: add})
	if len(prelude) == 1 {
		return prelude, true
	}
	return []ast.Stmt{blockAt(pos, prelude...)}, true
}

// compiledMethod reports whether a call is of a method of a compiled type
// without parameters and results.
func (l *lowerer) compiledMethod(call *ast.CallExpr) bool {
	_, _, s := l.calledMethod(call)
	if s == nil || types.IsInterface(s.recv) || l.blocks(s) != "" {
		return false
	}
	fn := s.obj.(*types.Func)
	sig := fn.Signature()
	return !l.s.ours(fn.Pkg()) && sig.Params().Len() == 0 && sig.Results().Len() == 0
}
