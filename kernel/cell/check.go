package cell

import (
	"bytes"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"maps"
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
		st := &ast.FuncDecl{Doc: fd.Doc, Recv: fd.Recv, Name: fd.Name, Type: fd.Type, Body: panicBody(fd.Body)}
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
	pkg := c.pass(file, c.out.info, nil)

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
			var back func()
			back = c.addMethod(m, st.base)
			prev := undo
			undo = func() { back(); prev() }
		}
		if m.base != nil {
			c.out.methods = append(c.out.methods, m)
		}
	}
	return undo
}

// addMethod gives a type of an earlier cell the method m, checked as a function.
func (c *checker) addMethod(m *methodDecl, base string) (undo func()) {
	undo = func() {}
	bad := func(format string, args ...any) {
		c.errs = append(c.errs, c.s.problem(m.decl.Name.Pos(), sprintf(format, args...)))
	}
	b := c.s.global.names[base]
	if b == nil || b.typ == nil {
		if c.scope[base] == nil {
			return // reported by the checker as undefined
		}
		bad("cannot define methods on %s: it is not a type declared in a cell", base)
		return
	}
	tn := b.obj.(*types.TypeName)
	named, ok := types.Unalias(tn.Type()).(*types.Named)
	if !ok || named.Obj() != tn {
		bad("cannot define methods on %s: it is an alias", base)
		return
	}
	flat := m.obj.Type().(*types.Signature)
	if flat.Params().Len() == 0 {
		return
	}
	sig := methodSignature(flat, named)
	name := m.name
	if st, ok := named.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if f.Name() == name {
				bad("field and method with the same name %s", name)
				return
			}
		}
	}
	fn := types.NewFunc(m.decl.Name.Pos(), c.s.pkg, name, sig)
	for i := range named.NumMethods() {
		old := named.Method(i)
		if old.Name() != name {
			continue
		}
		if types.Identical(old.Type(), sig) && samePointer(old, fn) {
			m.obj, m.base = old, tn
			return
		}
		bad("method %s.%s has another signature (In[%d]): to change it, declare type %s again in this cell, with its methods", base, name, b.typ.methods[name].count, base)
		return
	}
	if tn.Type().(*types.Named).TypeParams().Len() > 0 {
		bad("a method of the generic type %s must be declared in the cell that declares the type: declare %s again in this cell, with its methods", base, base)
		return
	}
	named.AddMethod(fn)
	m.obj, m.base = fn, tn
	// go/types cannot take a method away, so one that must go gets a name nobody can write.
	return func() {
		*fn = *types.NewFunc(token.NoPos, c.s.pkg, "·", types.NewSignatureType(nil, nil, nil, nil, nil, false))
	}
}

func samePointer(a, b *types.Func) bool {
	_, pa := a.Signature().Recv().Type().(*types.Pointer)
	_, pb := b.Signature().Recv().Type().(*types.Pointer)
	return pa == pb
}

// methodSignature turns func(recv, params…) into the signature of a method.
func methodSignature(flat *types.Signature, named *types.Named) *types.Signature {
	vars := slices.Collect(flat.Params().Variables())
	return types.NewSignatureType(vars[0], nil, nil, types.NewTuple(vars[1:]...), flat.Results(), flat.Variadic())
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

// recheckDependents checks the bodies of earlier functions that mention a name
// whose meaning this cell changes, against its new meaning. Errors there are
// theirs, not the cell's: such a function fails when it is called.
func (c *checker) recheckDependents() {
	changed := map[string]bool{}
	for name, obj := range c.scope {
		old := c.s.global.names[name]
		switch obj := obj.(type) {
		case *types.Var, *types.Func, *types.Const:
			if old != nil && sameObject(old.obj, obj) {
				continue
			}
			changed[name] = true
		case *types.TypeName: // values and functions of the old type keep it
		}
	}
	if len(changed) == 0 {
		return
	}
	depends := func(f *function) bool {
		for name := range f.uses {
			if changed[name] {
				return true
			}
		}
		return false
	}
	done := map[*function]bool{}
	more := false
	try := func(name string, f *function) {
		if done[f] || !depends(f) {
			return
		}
		done[f] = true
		if f.generic != nil { // those who use its copies must make new ones
			base, _, _ := strings.Cut(name, ".")
			more = more || !changed[base]
			changed[base] = true
		}
		r := &recheck{fn: f, name: name, body: c.flat(f.decl), info: newInfo()}
		own := c.errs
		c.errs = nil
		saved := c.out.imports
		c.out.imports = f.imports
		c.pass(&ast.File{Name: ast.NewIdent("main"), Decls: []ast.Decl{r.body}}, r.info, nil)
		c.out.imports = saved
		r.errs, c.errs = c.errs, own
		c.out.again = append(c.out.again, r)
	}
	for again := true; again; again = more {
		more = false
		for _, name := range slices.Sorted(maps.Keys(c.s.global.names)) {
			b := c.s.global.names[name]
			if c.scope[name] != nil {
				continue
			}
			if b.fn != nil {
				try(name, b.fn)
			}
			if b.typ != nil {
				for _, m := range slices.Sorted(maps.Keys(b.typ.methods)) {
					try(name+"."+m, b.typ.methods[m])
				}
			}
		}
	}
}

// sameObject reports whether code compiled against old also fits now.
func sameObject(old, now types.Object) bool {
	switch old := old.(type) {
	case *types.Var:
		_, ok := now.(*types.Var)
		return ok && types.Identical(old.Type(), now.Type())
	case *types.Func:
		_, ok := now.(*types.Func)
		return ok && types.Identical(old.Type(), now.Type()) && old.Signature().TypeParams().Len() == 0
	case *types.Const:
		n, ok := now.(*types.Const)
		return ok && types.Identical(old.Type(), n.Type()) && old.Val().ExactString() == n.Val().ExactString()
	}
	return false
}

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
			c.errs = append(c.errs, c.s.typeProblem(e))
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

// sameTypes finds the type declarations that repeat what the session has, as
// when a cell is run again: those keep their identity, and their values.
func (c *checker) sameTypes() map[string]bool {
	same := map[string]bool{}
	methods := map[string][]*ast.FuncDecl{}
	for _, fd := range c.out.parsed.funcs {
		if base := receiverBase(fd); base != "" {
			methods[base] = append(methods[base], fd)
		}
	}
	redeclared := map[string]bool{}
	for _, d := range c.out.parsed.decls {
		for _, sp := range d.Specs {
			switch sp := sp.(type) {
			case *ast.ValueSpec:
				for _, id := range sp.Names {
					redeclared[id.Name] = true
				}
			case *ast.TypeSpec:
				name := sp.Name.Name
				redeclared[name] = true
				b := c.s.global.names[name]
				if b == nil || b.typ == nil || b.typ.text != c.s.text(sp) || sp.TypeParams != nil {
					continue
				}
				same[name] = true
				for _, m := range methods[name] {
					// A method with another signature makes it another type.
					if old := b.typ.methods[m.Name.Name]; old != nil && c.s.text(old.decl.Type)+c.s.text(old.decl.Recv.List[0].Type) != c.s.text(m.Type)+c.s.text(m.Recv.List[0].Type) {
						delete(same, name)
					}
				}
			}
		}
	}
	for again := true; again; {
		again = false
		for name := range same {
			for use, obj := range c.s.global.names[name].typ.uses {
				now := c.lookup(use)
				if redeclared[use] && !same[use] || !redeclared[use] && now != obj {
					delete(same, name)
					again = true
				}
			}
		}
	}
	return same
}

// usesOf lists the package-level names a declaration mentions and their objects.
func (c *checker) usesOf(n ast.Node) map[string]types.Object {
	return usesIn(n, c.out.info, c.lookup)
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

// panicBody is a body that fits any signature.
func panicBody(b *ast.BlockStmt) *ast.BlockStmt {
	call := &ast.CallExpr{Fun: ast.NewIdent("panic"), Args: []ast.Expr{&ast.BasicLit{Kind: token.INT, Value: "0"}}}
	body := &ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: call}}}
	if b != nil {
		body.Lbrace, body.Rbrace = b.Lbrace, b.Rbrace
	}
	return body
}

// receiverBase names the type a method belongs to; "" for a function.
func receiverBase(fd *ast.FuncDecl) string {
	if fd.Recv == nil || len(fd.Recv.List) == 0 {
		return ""
	}
	t := fd.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.ParenExpr:
			t = x.X
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// flat is a function or method as a function without a name: the receiver
// becomes the first parameter, its type parameters the function's.
func (c *checker) flat(fd *ast.FuncDecl) *ast.FuncDecl {
	return &ast.FuncDecl{
		Name: &ast.Ident{Name: "_", NamePos: fd.Name.NamePos},
		Type: c.withReceiver(fd),
		Body: fd.Body,
	}
}

func (c *checker) withReceiver(fd *ast.FuncDecl) *ast.FuncType {
	if fd.Recv == nil || len(fd.Recv.List) == 0 {
		return fd.Type
	}
	t := &ast.FuncType{Func: fd.Type.Func, TypeParams: c.receiverParams(fd), Params: &ast.FieldList{}, Results: fd.Type.Results}
	fields := slices.Clone(fd.Recv.List)
	if fd.Type.Params != nil {
		fields = append(fields, fd.Type.Params.List...)
	}
	for _, f := range fields {
		if len(f.Names) == 0 {
			f = &ast.Field{Names: []*ast.Ident{{Name: "_", NamePos: f.Type.Pos()}}, Type: f.Type}
		}
		t.Params.List = append(t.Params.List, f)
	}
	return t
}

// receiverParams declares the type parameters a generic receiver binds, with
// the constraints of its type.
func (c *checker) receiverParams(fd *ast.FuncDecl) *ast.FieldList {
	t := fd.Recv.List[0].Type
	for {
		if p, ok := t.(*ast.ParenExpr); ok {
			t = p.X
		} else if s, ok := t.(*ast.StarExpr); ok {
			t = s.X
		} else {
			break
		}
	}
	var args []ast.Expr
	switch x := t.(type) {
	case *ast.IndexExpr:
		args = []ast.Expr{x.Index}
	case *ast.IndexListExpr:
		args = x.Indices
	default:
		return nil
	}
	spec := c.typeSpec(receiverBase(fd))
	if spec == nil || spec.TypeParams == nil {
		return nil
	}
	var constraints []ast.Expr
	rename := map[string]string{}
	for _, f := range spec.TypeParams.List {
		for _, id := range f.Names {
			if n := len(constraints); n < len(args) {
				if arg, ok := args[n].(*ast.Ident); ok {
					rename[id.Name] = arg.Name
				}
			}
			constraints = append(constraints, f.Type)
		}
	}
	list := &ast.FieldList{}
	for i, a := range args {
		if id, ok := a.(*ast.Ident); ok && i < len(constraints) {
			list.List = append(list.List, &ast.Field{Names: []*ast.Ident{id}, Type: renameIdents(constraints[i], rename)})
		}
	}
	return list
}

func (c *checker) typeSpec(name string) *ast.TypeSpec {
	for _, d := range c.out.parsed.decls {
		for _, sp := range d.Specs {
			if ts, ok := sp.(*ast.TypeSpec); ok && ts.Name.Name == name {
				return ts
			}
		}
	}
	if b := c.s.global.names[name]; b != nil && b.typ != nil {
		return b.typ.spec
	}
	return nil
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
