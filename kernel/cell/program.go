package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A cell with a package clause is a file of a program: its variables may be
// used before the line that declares them, and are initialised in the order of
// their dependencies. orderVars puts their declarations into that order, after
// which the cell is like any other. It reports whether the file type-checks.
func (c *checker) orderVars() bool {
	p := c.out.parsed
	file := &ast.File{Name: ast.NewIdent("main")}
	declared := map[string]bool{}
	for _, d := range p.decls {
		file.Decls = append(file.Decls, d)
		for _, sp := range d.Specs {
			if ts, ok := sp.(*ast.TypeSpec); ok {
				declared[ts.Name.Name] = true
			}
		}
	}
	var vars []*ast.ValueSpec
	for _, s := range p.stmts {
		ds, ok := s.(*ast.DeclStmt)
		if !ok {
			return true // statements: a cell after all
		}
		file.Decls = append(file.Decls, ds.Decl)
		for _, sp := range ds.Decl.(*ast.GenDecl).Specs {
			vars = append(vars, sp.(*ast.ValueSpec))
		}
	}
	for _, fd := range p.funcs {
		if base := receiverBase(fd); base != "" && !declared[base] {
			return true // a method of an earlier cell's type: it adds to the session
		}
		file.Decls = append(file.Decls, fd)
	}
	if len(vars) == 0 {
		return true
	}
	info := newInfo()
	c.pass(file, info, nil)
	if len(c.errs) > 0 {
		return false
	}

	var ordered []ast.Stmt
	add := func(names []*ast.Ident, typ ast.Expr, values ...ast.Expr) {
		spec := &ast.ValueSpec{Names: names, Type: typ, Values: values}
		ordered = append(ordered, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: names[0].Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}}})
	}
	typeOf := map[*types.Var]ast.Expr{}
	identOf := map[*types.Var]*ast.Ident{}
	for _, sp := range vars {
		if len(sp.Values) == 0 {
			add(sp.Names, sp.Type)
		}
		for _, id := range sp.Names {
			if v, ok := info.Defs[id].(*types.Var); ok {
				typeOf[v], identOf[v] = sp.Type, id
			}
		}
	}
	for _, in := range info.InitOrder {
		names := make([]*ast.Ident, len(in.Lhs))
		for i, v := range in.Lhs {
			names[i] = identOf[v]
			if names[i] == nil {
				names[i] = &ast.Ident{Name: "_", NamePos: in.Rhs.Pos()}
			}
		}
		add(names, typeOf[in.Lhs[0]], in.Rhs)
	}
	p.stmts = ordered
	return true
}
