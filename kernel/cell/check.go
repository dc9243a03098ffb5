package cell

import (
	"bytes"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// checked is a cell that type-checks, with all that lowering needs to know.
//
// A cell is checked in three passes, each a package of its own for go/types
// that sees the objects of the passes before it:
//
//  1. types, constants and the signatures of functions, in any order;
//  2. the statements, as the body of one function, so that order, shadowing
//     and redeclaration mean what they mean in Go;
//  3. the bodies of functions, which see the variables the statements declare.
type checked struct {
	*parsed
	info    *types.Info
	imports map[string]string // package name → path, as this cell sees them
	dots    []string

	types   []*typeDecl // declared by this cell
	typeObj map[*typeDecl]*types.TypeName
	methods []*methodDecl // of types of this cell and of earlier ones
	funcs   []*funcDecl   // with init functions
	consts  map[string]types.Object
	vars    []*varDecl              // in order of declaration
	result  ast.Expr                // the last expression, if the cell has a value
	again   []*recheck              // earlier functions that must follow a redefinition
	objects map[types.Object]string // the objects of this cell's names, from any pass
	undo    func()                  // takes back what the check did to types of earlier cells
}

type funcDecl struct {
	name string
	decl *ast.FuncDecl
	obj  *types.Func
	body *ast.FuncDecl // as checked in pass three: receiver first among the parameters
}

type methodDecl struct {
	funcDecl
	base *types.TypeName
	own  bool // the type is declared by this cell too
}

type varDecl struct {
	name  string
	local *types.Var // as the statements see it
	obj   *types.Var // as functions and later cells see it
}

// recheck is an earlier function whose body is checked and lowered anew.
type recheck struct {
	fn   *function
	name string
	code string // its new code
	body *ast.FuncDecl
	info *types.Info
	errs []*Problem
}

type checker struct {
	s     *Session
	out   *checked
	errs  []*Problem
	scope map[string]types.Object // objects of this cell's package-level names
}

func newInfo() *types.Info {
	return &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Implicits:  map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances:  map[*ast.Ident]types.Instance{},
	}
}

// check type-checks a parsed cell against the session, which it does not change.
func (s *Session) check(p *parsed) (*checked, []*Problem) {
	c := &checker{s: s, scope: map[string]types.Object{}, out: &checked{
		parsed:  p,
		info:    newInfo(),
		imports: map[string]string{},
		typeObj: map[*typeDecl]*types.TypeName{},
		consts:  map[string]types.Object{},
		objects: map[types.Object]string{},
	}}
	c.readImports()
	if p.file && len(c.errs) == 0 && !c.orderVars() {
		sortProblems(c.errs)
		return nil, c.errs
	}
	c.out.undo = c.checkDecls()
	c.checkStmts()
	c.checkBodies()
	if len(c.errs) == 0 {
		c.recheckDependents()
	}
	if len(c.errs) > 0 {
		c.out.undo()
		sortProblems(c.errs)
		return nil, c.errs
	}
	return c.out, nil
}

// readImports resolves the cell's import declarations, so that a package that
// is not there is reported where it is named.
func (c *checker) readImports() {
	for _, spec := range c.out.parsed.imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		pkg, err := c.s.importer.Import(path)
		if err != nil {
			c.errs = append(c.errs, c.s.problem(spec.Path.Pos(), strings.TrimPrefix(err.Error(), "stdlib: ")))
			continue
		}
		if c.s.library.own[pkg] != nil && !mayImport(path, "main") {
			c.errs = append(c.errs, c.s.problem(spec.Path.Pos(), sprintf("package %q is internal to its module", path)))
			continue
		}
		name := pkg.Name()
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
		case ".":
			c.out.dots = append(c.out.dots, path)
		default:
			c.out.imports[name] = path
		}
	}
}

// checkDecls is pass one. The function it returns takes back what it did to
// types of earlier cells.
func (c *checker) checkDecls() (undo func()) {
	undo = func() {}
	p := c.out.parsed
	same := c.sameTypes()
	file := &ast.File{Name: ast.NewIdent("main")}
	declared := map[string]bool{}

	for _, d := range p.decls {
		g := &ast.GenDecl{Doc: d.Doc, TokPos: d.TokPos, Tok: d.Tok, Lparen: d.Lparen, Rparen: d.Rparen}
		for _, sp := range d.Specs {
			if ts, ok := sp.(*ast.TypeSpec); ok {
				if same[ts.Name.Name] {
					continue
				}
				declared[ts.Name.Name] = true
			}
			g.Specs = append(g.Specs, sp)
		}
		if len(g.Specs) > 0 {
			file.Decls = append(file.Decls, g)
		}
	}

	type stub struct {
		decl  *ast.FuncDecl
		ident *ast.Ident
		base  string
	}
	var stubs []stub
	for _, fd := range p.funcs {
		st := &ast.FuncDecl{Doc: fd.Doc, Recv: fd.Recv, Name: fd.Name, Type: fd.Type, Body: stubBody(fd.Body)}
		base := receiverBase(fd)
		if base != "" && !declared[base] {
			// go/types knows methods of the types of its own package only: for a
			// type of an earlier cell the method is checked as a function.
			st.Recv, st.Type = nil, c.withReceiver(fd)
			st.Name = &ast.Ident{Name: "_", NamePos: fd.Name.NamePos}
		}
		stubs = append(stubs, stub{fd, st.Name, base})
		file.Decls = append(file.Decls, st)
	}
	if len(file.Decls) == 0 {
		return undo
	}
	sizes := sizing(file, p)
	pkg := c.pass(&ast.File{Name: file.Name, Decls: append(sizes, file.Decls...)}, c.out.info, func(e types.Error) bool {
		return slices.ContainsFunc(sizes, func(d ast.Decl) bool { return d.Pos() <= e.Pos && e.Pos <= d.End() }) // the pass over the statements says so
	})

	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !c.declares(file, name) {
			continue
		}
		c.scope[name] = obj
		c.out.objects[obj] = name
		if _, ok := obj.(*types.Const); ok {
			c.out.consts[name] = obj
		}
	}
	for _, d := range p.decls {
		for _, sp := range d.Specs {
			ts, ok := sp.(*ast.TypeSpec)
			if !ok || same[ts.Name.Name] {
				continue
			}
			tn, ok := c.out.info.Defs[ts.Name].(*types.TypeName)
			if !ok || ts.Name.Name == "_" {
				continue
			}
			if ts.Doc == nil {
				ts.Doc = d.Doc
			}
			td := &typeDecl{spec: ts, text: c.s.text(ts), uses: c.usesOf(ts), methods: map[string]*function{}}
			c.out.types = append(c.out.types, td)
			c.out.typeObj[td] = tn
		}
	}
	for _, st := range stubs {
		fn, ok := c.out.info.Defs[st.ident].(*types.Func)
		if !ok {
			continue
		}
		d := funcDecl{name: st.decl.Name.Name, decl: st.decl, obj: fn}
		if st.base == "" {
			if d.name != "_" {
				c.out.funcs = append(c.out.funcs, &d)
			}
			continue
		}
		m := &methodDecl{funcDecl: d, own: declared[st.base]}
		if m.own {
			m.base, _ = c.scope[st.base].(*types.TypeName)
		} else {
			back := c.addMethod(m, st.base)
			prev := undo
			undo = func() { back(); prev() }
		}
		if m.base != nil {
			c.out.methods = append(c.out.methods, m)
		}
	}
	return undo
}

// checkStmts is pass two.
func (c *checker) checkStmts() {
	p := c.out.parsed
	if p.body == nil || len(p.stmts) == 0 {
		return
	}
	stmts := slices.Clone(p.stmts)
	last := len(stmts) - 1
	var shown *ast.CallExpr
	if es, ok := stmts[last].(*ast.ExprStmt); ok {
		// The argument of a variadic any is what a result may be: one value of
		// any type, or all values of a call. A final semicolon hides the result,
		// but the expression is as welcome.
		shown = &ast.CallExpr{Fun: &ast.Ident{Name: showName, NamePos: es.X.Pos()}, Lparen: es.X.Pos(), Args: []ast.Expr{es.X}, Rparen: es.X.End()}
		stmts[last] = &ast.ExprStmt{X: shown}
	}
	names := map[string]bool{}
	for _, s := range p.stmts {
		for _, id := range defined(s) {
			if id.Name != "_" && !names[id.Name] {
				names[id.Name] = true
				if obj := c.scope[id.Name]; obj != nil {
					c.errs = append(c.errs, c.s.problem(id.Pos(), sprintf("%s redeclared in this cell", id.Name)))
				}
				// Variables of the session are there to be used by later cells.
				stmts = append(stmts, &ast.AssignStmt{
					Lhs: []ast.Expr{ast.NewIdent("_")}, Tok: token.ASSIGN, TokPos: p.body.Rbrace,
					Rhs: []ast.Expr{&ast.Ident{Name: id.Name, NamePos: p.body.Rbrace}},
				})
			}
		}
	}
	file := &ast.File{Name: ast.NewIdent("main"), Decls: []ast.Decl{&ast.FuncDecl{
		Name: ast.NewIdent("_"), Type: &ast.FuncType{Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{Lbrace: p.body.Lbrace, List: stmts, Rbrace: p.body.Rbrace},
	}}}
	void := false
	c.pass(file, c.out.info, func(e types.Error) bool {
		if shown != nil && strings.HasSuffix(e.Msg, "(no value) used as value") && e.Pos == shown.Args[0].Pos() {
			void = true
			return true
		}
		return false
	})
	if shown != nil && !void {
		c.out.result = shown.Args[0]
	}
	for _, s := range p.stmts {
		for _, id := range defined(s) {
			v, ok := c.out.info.Defs[id].(*types.Var)
			if !ok || id.Name == "_" {
				continue
			}
			obj := types.NewVar(id.Pos(), c.s.pkg, id.Name, v.Type())
			c.out.vars = append(c.out.vars, &varDecl{id.Name, v, obj})
			c.out.objects[obj], c.out.objects[v] = id.Name, id.Name
			c.scope[id.Name] = obj
		}
	}
}

// showName is the function that takes a cell's result; no cell can write it.
const showName = "·show"

// checkBodies is pass three.
func (c *checker) checkBodies() {
	file := &ast.File{Name: ast.NewIdent("main")}
	add := func(d *funcDecl) {
		d.body = c.flat(d.decl)
		file.Decls = append(file.Decls, d.body)
	}
	for _, f := range c.out.funcs {
		add(f)
	}
	for _, m := range c.out.methods {
		add(&m.funcDecl)
	}
	if len(file.Decls) > 0 {
		c.pass(file, c.out.info, nil)
	}
}

// defined lists the identifiers a top-level statement declares or redeclares.
func defined(s ast.Stmt) []*ast.Ident {
	var ids []*ast.Ident
	switch s := s.(type) {
	case *ast.LabeledStmt:
		return defined(s.Stmt)
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			for _, e := range s.Lhs {
				if id, ok := e.(*ast.Ident); ok {
					ids = append(ids, id)
				}
			}
		}
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, sp := range g.Specs {
				ids = append(ids, sp.(*ast.ValueSpec).Names...)
			}
		}
	}
	return ids
}

// text prints a node in standard format without comments.
func (s *Session) text(n ast.Node) string {
	var b bytes.Buffer
	if ts, ok := n.(*ast.TypeSpec); ok {
		n = &ast.TypeSpec{Name: ts.Name, TypeParams: ts.TypeParams, Assign: ts.Assign, Type: ts.Type}
	}
	if err := printer.Fprint(&b, token.NewFileSet(), n); err != nil {
		return ""
	}
	return b.String()
}
