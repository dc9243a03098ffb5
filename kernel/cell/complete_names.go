package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"swingby/stdlib"
)

// names collects what is in scope: locals, the cell's and the session's names,
// packages and what is predeclared.
func (v *view) names(w *wanted, path []ast.Node, onlyTypes bool) {
	add := func(rank int, name string, obj types.Object) {
		if _, ok := obj.(*types.TypeName); ok || !onlyTypes {
			w.add(rank, name, obj)
		} else if obj != nil {
			w.seen[name] = true // it hides what is further out
		}
	}
	var pos token.Pos
	if path != nil {
		pos = path[len(path)-1].Pos()
	}
	for _, n := range slices.Backward(path) {
		scope := v.out.info.Scopes[n]
		switch n := n.(type) {
		case *ast.FuncLit:
			scope = v.out.info.Scopes[n.Type]
		case *ast.FuncDecl:
			scope = v.out.info.Scopes[n.Type]
			if sig := v.sigs[n]; sig != nil {
				scope = v.out.info.Scopes[sig]
			}
		}
		if scope == nil {
			continue
		}
		for _, name := range scope.Names() {
			if _, obj := scope.LookupParent(name, pos); obj != nil && obj == scope.Lookup(name) {
				add(rankLocal, name, obj)
			}
		}
	}

	// Statements see the variables of the statements before them.
	inStmts := path == nil
	if path != nil {
		if _, ok := path[0].(ast.Stmt); ok {
			inStmts = true
			for _, d := range slices.Backward(v.out.vars) {
				if d.local.Pos() < path[0].Pos() {
					add(rankLocal, d.name, d.obj)
				}
			}
		}
	}
	for name, obj := range v.scope {
		if _, ok := obj.(*types.Var); ok && inStmts && path != nil {
			continue
		}
		add(rankSession, name, obj)
	}
	for name, b := range v.s.global.names {
		if v.out.imports[name] == "" {
			add(rankSession, name, b.obj)
		}
	}
	for name, obj := range v.s.predeclared {
		add(rankSession, name, obj)
	}
	for _, imports := range []map[string]string{v.out.imports, v.s.global.imports} {
		for name, p := range imports {
			w.addMatch(rankPackage, Match{Text: name, Kind: "module", Signature: strconv.Quote(p)})
		}
	}
	for _, p := range stdlib.Packages() {
		if p.Preloaded {
			w.addMatch(rankPackage, Match{Text: p.Name, Kind: "module", Signature: strconv.Quote(p.Path)})
		}
	}
	for _, p := range append(slices.Clone(v.out.dots), v.s.global.dots...) {
		if pkg, err := v.s.importer.Import(p); err == nil {
			v.exported(pkg, func(name string, obj types.Object) { add(rankPackage, name, obj) })
		}
	}
	for _, name := range types.Universe.Names() {
		add(rankUniverse, name, types.Universe.Lookup(name))
	}
}

func (v *view) exported(pkg *types.Package, add func(string, types.Object)) {
	for _, name := range pkg.Scope().Names() {
		if token.IsExported(name) {
			add(name, pkg.Scope().Lookup(name))
		}
	}
}

// labels collects the labels of the function around the cursor.
func (v *view) labels(w *wanted, path []ast.Node) {
	for _, n := range path {
		if l, ok := n.(*ast.LabeledStmt); ok {
			w.addMatch(rankLocal, Match{Text: l.Label.Name, Kind: "variable"})
		}
	}
}

// members collects what can follow a dot.
func (v *view) members(w *wanted, sel *ast.SelectorExpr, onlyTypes bool) {
	if id, ok := sel.X.(*ast.Ident); ok {
		if pn, ok := v.out.info.Uses[id].(*types.PkgName); ok {
			v.exported(pn.Imported(), func(name string, obj types.Object) {
				if _, ok := obj.(*types.TypeName); ok || !onlyTypes {
					w.add(rankSession, name, obj)
				}
			})
			return
		}
	}
	tv, ok := v.out.info.Types[sel.X]
	if !ok || tv.Type == nil || onlyTypes {
		return
	}
	t := tv.Type
	names := map[string]bool{}
	memberNames(t, names, map[types.Type]bool{})
	for name := range names {
		obj, index, _ := types.LookupFieldOrMethod(t, true, v.s.pkg, name)
		if obj == nil {
			continue
		}
		if _, isField := obj.(*types.Var); isField && tv.IsType() {
			continue
		}
		w.add(rankLocal+len(index)-1, name, obj)
	}
	// Methods the cell gives to a type of an earlier cell.
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() == v.s.pkg {
		for _, fd := range v.methods {
			if receiverBase(fd) == named.Obj().Name() && !strings.HasPrefix(fd.Name.Name, placeholder) {
				w.addMatch(rankLocal, Match{Text: fd.Name.Name, Kind: "method", Signature: strings.TrimPrefix(v.s.text(fd.Type), "func")})
			}
		}
	}
}

// memberNames collects the names of fields and methods of t and all it embeds.
func memberNames(t types.Type, names map[string]bool, seen map[types.Type]bool) {
	t = types.Unalias(t)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if seen[t] {
		return
	}
	seen[t] = true
	if n, ok := t.(*types.Named); ok {
		for m := range n.Methods() {
			names[m.Name()] = true
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			names[f.Name()] = true
			if f.Embedded() {
				memberNames(f.Type(), names, seen)
			}
		}
	case *types.Interface:
		for m := range u.Methods() {
			names[m.Name()] = true
		}
	}
}

// keys collects the fields that a struct literal does not have yet. It reports
// whether nothing but a field can stand there.
func (v *view) keys(w *wanted, lit *ast.CompositeLit, id *ast.Ident) bool {
	t := v.out.info.TypeOf(lit)
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	used := map[string]bool{}
	keyed, positional := false, false
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			keyed = true
			if key, ok := kv.Key.(*ast.Ident); ok {
				used[key.Name] = true
			}
		} else if e != id {
			positional = true
		}
	}
	if positional && !keyed {
		return false
	}
	for f := range st.Fields() {
		if (f.Exported() || f.Pkg() == v.s.pkg) && !used[f.Name()] {
			w.add(rankLocal, f.Name(), f)
		}
	}
	return keyed
}

var (
	statementWords = []string{"const", "defer", "for", "go", "goto", "if", "return", "select", "switch", "type", "var"}
	typeWords      = []string{"chan", "func", "interface", "map", "struct"}
)

// keywords collects those that can stand at the cursor.
func (v *view) keywords(w *wanted, path []ast.Node, statement, lost bool) {
	add := func(words ...string) {
		for _, k := range words {
			w.addMatch(rankKeyword, Match{Text: k, Kind: "keyword"})
		}
	}
	owner, top := enclosing(w.before)
	if statement {
		add(statementWords...)
		add("func")
		if top {
			add("import")
		}
		var loop, breakable bool
	up:
		for _, n := range slices.Backward(path) {
			switch n.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				loop = true
			case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
				breakable = true
			case *ast.FuncLit, *ast.FuncDecl:
				break up
			}
		}
		if loop || lost {
			add("continue")
		}
		if loop || breakable || lost {
			add("break")
		}
	} else {
		add(typeWords...)
		if n := len(w.before); n > 0 {
			switch w.before[n-1].tok {
			case token.FOR, token.DEFINE, token.ASSIGN:
				if owner == token.FOR {
					add("range")
				}
			}
		}
	}
	if owner == token.SWITCH || owner == token.SELECT {
		add("case", "default")
		if statement && owner == token.SWITCH {
			add("fallthrough")
		}
	}
	if n := len(w.before); n > 0 && w.before[n-1].tok == token.RBRACE {
		add("else")
	}
}

// atStatement reports whether a statement may start after these tokens.
func atStatement(toks []lexeme) bool {
	if len(toks) == 0 {
		return true
	}
	switch toks[len(toks)-1].tok {
	case token.SEMICOLON, token.LBRACE, token.RBRACE, token.COLON:
		return true
	}
	return false
}

// enclosing returns the first token of the statement the tokens end in or, where
// a new one starts, of the statement whose block they end in; top says they end
// outside all brackets.
func enclosing(toks []lexeme) (first token.Token, top bool) {
	type level struct{ block, first token.Token }
	stack := []level{{token.ILLEGAL, token.ILLEGAL}}
	for _, t := range toks {
		here := &stack[len(stack)-1]
		switch t.tok {
		case token.COMMENT:
			continue
		case token.LPAREN, token.LBRACK, token.LBRACE:
			stack = append(stack, level{here.first, token.ILLEGAL})
			continue
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
			continue
		case token.SEMICOLON:
			if here.first != token.FOR && here.first != token.IF && here.first != token.SWITCH || t.off == t.end {
				here.first = token.ILLEGAL
			}
			continue
		}
		if here.first == token.ILLEGAL || here.first == token.ELSE {
			here.first = t.tok
		}
	}
	here := stack[len(stack)-1]
	if here.first == token.ILLEGAL || here.first == token.CASE || here.first == token.DEFAULT {
		return here.block, len(stack) == 1
	}
	return here.first, len(stack) == 1
}
