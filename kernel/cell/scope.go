package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// pass runs go/types over one file as the whole of package main, with the
// session's and this cell's objects in scope. Errors that skip accepts are
// dropped, the others become problems of the cell.
func (c *checker) pass(file *ast.File, info *types.Info, skip func(types.Error) bool) *types.Package {
	// One package and one scope throughout: go/types compares them by address
	// to decide who may set an unexported field, and what is declared where.
	scope := c.s.pkg.Scope()
	*scope = *types.NewScope(types.Universe, token.NoPos, token.NoPos, "package main")
	idents, bases := mentions(file)
	var specs []ast.Spec
	for _, name := range slices.Sorted(maps.Keys(idents)) {
		if c.declares(file, name) {
			continue
		}
		if obj := c.lookup(name); obj != nil {
			scope.Insert(obj)
			continue
		}
		if path := c.packagePath(name); path != "" && bases[name] {
			specs = append(specs, &ast.ImportSpec{
				Name: ast.NewIdent(name),
				Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(path)},
			})
			continue
		}
		for _, path := range append(slices.Clone(c.out.dots), c.s.global.dots...) {
			if pkg, err := c.s.importer.Import(path); err == nil && token.IsExported(name) {
				if obj := pkg.Scope().Lookup(name); obj != nil {
					scope.Insert(obj)
				}
			}
		}
	}
	decls := file.Decls
	if len(specs) > 0 {
		decls = append([]ast.Decl{&ast.GenDecl{Tok: token.IMPORT, Specs: specs}}, decls...)
	}
	conf := types.Config{
		GoVersion: goVersion,
		Importer:  c.s.importer,
		Error: func(err error) {
			e := err.(types.Error)
			if e.Soft && strings.Contains(e.Msg, "imported and not used") || skip != nil && skip(e) {
				return
			}
			p := c.s.typeProblem(e)
			if p.Hint == "" {
				p.Hint = c.suggest(e, p.Msg, file, info)
			}
			c.errs = append(c.errs, p)
		},
	}
	f := &ast.File{Name: file.Name, Decls: decls, FileStart: file.FileStart, FileEnd: file.FileEnd}
	types.NewChecker(&conf, c.s.fset, c.s.pkg, info).Files([]*ast.File{f})
	return c.s.pkg
}

// goVersion is the language version of cells.
const goVersion = "go1.26"

// lookup finds a package-level name: this cell's, else the session's.
func (c *checker) lookup(name string) types.Object {
	if name == showName {
		return c.s.show
	}
	if obj := c.scope[name]; obj != nil {
		return obj
	}
	if c.out.imports[name] != "" {
		return nil // an import of this cell hides what the name meant before
	}
	if b := c.s.global.names[name]; b != nil {
		return b.obj
	}
	return c.s.predeclared[name]
}

// packagePath finds the package a name stands for without a declaration of it in a cell.
func (c *checker) packagePath(name string) string {
	if p := c.out.imports[name]; p != "" {
		return p
	}
	if p := c.s.global.imports[name]; p != "" {
		return p
	}
	p, _ := c.s.preloaded(name)
	return p
}

// usesOf lists the package-level names a declaration mentions and their objects.
func (c *checker) usesOf(n ast.Node) map[string]types.Object {
	return usesIn(n, c.out.info, c.lookup)
}

// usesOf is usesIn for the body of a function, which must be seen to when one of
// the names is declared again.
func (s *Session) usesOf(n ast.Node, info *types.Info, lookup func(string) types.Object) map[string]types.Object {
	uses := usesIn(n, info, lookup)
	for name := range uses {
		s.mentioned[name] = true
	}
	return uses
}

func usesIn(n ast.Node, info *types.Info, lookup func(string) types.Object) map[string]types.Object {
	uses := map[string]types.Object{}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := info.Uses[id]; obj != nil && obj == lookup(id.Name) {
				uses[id.Name] = obj
			}
		}
		return true
	})
	return uses
}

// declares reports whether the file itself declares a package-level name.
func (c *checker) declares(file *ast.File, name string) bool {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == name {
				return true
			}
		case *ast.GenDecl:
			for _, sp := range d.Specs {
				switch sp := sp.(type) {
				case *ast.TypeSpec:
					if sp.Name.Name == name {
						return true
					}
				case *ast.ValueSpec:
					if slices.ContainsFunc(sp.Names, func(id *ast.Ident) bool { return id.Name == name }) {
						return true
					}
				}
			}
		}
	}
	return false
}

// mentions collects every identifier in a file, and those before a dot.
func mentions(file *ast.File) (idents, bases map[string]bool) {
	idents, bases = map[string]bool{}, map[string]bool{}
	for _, d := range file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				idents[n.Name] = true
			case *ast.SelectorExpr:
				if id, ok := n.X.(*ast.Ident); ok {
					bases[id.Name] = true
				}
			}
			return true
		})
	}
	return idents, bases
}
