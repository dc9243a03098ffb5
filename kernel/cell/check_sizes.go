package cell

import (
	"go/ast"
	"go/token"
)

// sizing lists the variables among a cell's statements that its declarations
// mention: the length of an array is a constant whatever the array holds, so a
// constant or a type may come from a variable that is declared later.
func sizing(file *ast.File, p *parsed) []ast.Decl {
	var out []ast.Decl
	mentioned, _ := mentions(file)
	for _, s := range p.stmts {
		ds, ok := s.(*ast.DeclStmt)
		if !ok {
			continue
		}
		g, ok := ds.Decl.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, sp := range g.Specs {
			vs := sp.(*ast.ValueSpec)
			named := false
			for _, id := range vs.Names {
				named = named || id.Name != "_" && mentioned[id.Name]
			}
			if !named {
				continue
			}
			spec := &ast.ValueSpec{Names: vs.Names, Type: vs.Type}
			if vs.Type == nil {
				spec.Values = vs.Values
			}
			out = append(out, &ast.GenDecl{TokPos: vs.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}})
		}
	}
	return out
}
