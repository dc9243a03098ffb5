package cell

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// packageEmitter lowers a fetched package. Where a cell's names can be declared again,
// a package's cannot, so nothing of it is ever lowered twice.
//
// A function that cannot be lowered does not make its package useless: it panics,
// when it is called, with the reason.
type packageEmitter struct {
	s      *Session
	p      *fetched
	l      *lowerer
	count  int
	broken map[*ast.FuncDecl]string // functions the interpreter refuses, and why

	decls []ast.Decl
	start []ast.Stmt
	fns   []*packageFunction
	inits []*packageFunction
}

type packageFunction struct {
	decl *ast.FuncDecl
	flat *ast.FuncDecl
	name string // as its author knows it
	slot string
	code string
}

// loadFetched gives the interpreter the packages that a cell imports for the first
// time, and initialises them.
func (s *Session) loadFetched(ctx context.Context, name string, count int, src string) *Error {
	s.mu.Lock()
	var list []*fetched
	if s.library.list != nil {
		list = s.unloaded(s.importsOf(name, src))
	}
	s.mu.Unlock()
	for _, p := range list {
		s.mu.Lock()
		err := s.emitPackage(p, count)
		s.mu.Unlock()
		if err != nil {
			return &Error{Name: "compile error", Message: err.Error(), Traceback: []string{err.Error()}}
		}
		if _, err := s.run(ctx, &program{define: func(int) {}}, count); err != nil {
			return s.runtimeError(fmt.Errorf("initialising package %q: %w", p.pkg.Path(), err), count)
		}
		s.mu.Lock()
		p.loaded = true
		s.mu.Unlock()
	}
	return nil
}

// importsOf lists the paths that a cell imports, if it type-checks.
func (s *Session) importsOf(name, src string) []string {
	if !strings.Contains(src, "import") {
		return nil
	}
	p, err := parse(s.fset, fileName(name), src)
	if err != nil || len(p.imports) == 0 {
		return nil
	}
	var paths []string
	c := &checker{s: s, scope: map[string]types.Object{}, out: &checked{parsed: p, imports: map[string]string{}}}
	c.readImports()
	for _, spec := range p.imports {
		paths = append(paths, strings.Trim(spec.Path.Value, "\"`"))
	}
	if len(c.errs) > 0 {
		return nil
	}
	full, problems := s.check(p)
	if len(problems) > 0 {
		return nil
	}
	full.undo()
	return paths
}

// maxBroken bounds how many functions of a package the interpreter may refuse.
const maxBroken = 50

// emitPackage lowers a package and loads it into the interpreter.
func (s *Session) emitPackage(p *fetched, count int) error {
	broken := map[*ast.FuncDecl]string{}
	for {
		e := &packageEmitter{s: s, p: p, count: count, broken: broken}
		prog, problems := e.emit()
		if len(problems) > 0 {
			s.fail()
			return s.advise(fmt.Errorf("package %q cannot run in cells: %s", p.pkg.Path(), problems[0].Error()), p.pkg.Path(), p.module)
		}
		err := s.loadProgram(prog)
		if err == nil {
			s.undos = nil
			s.values.forgetMethods()
			return nil
		}
		s.fail()
		pr := s.interpreterProblem(err)
		fd := p.functionAt(s, pr.Pos)
		if fd == nil || broken[fd] != "" || len(broken) > maxBroken {
			return s.advise(fmt.Errorf("package %q cannot run in cells: %s", p.pkg.Path(), pr.Error()), p.pkg.Path(), p.module)
		}
		broken[fd] = pr.Error()
	}
}

// functionAt finds the function that a position is in.
func (p *fetched) functionAt(s *Session, pos token.Position) *ast.FuncDecl {
	for _, f := range p.files {
		for _, d := range f.Decls {
			fd, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			from, to := s.position(fd.Pos()), s.position(fd.End())
			if from.Filename == pos.Filename && !before(pos, from) && !before(to, pos) {
				return fd
			}
		}
	}
	return nil
}

func (e *packageEmitter) emit() (*program, []*Problem) {
	s := e.s
	codes := map[string]string{}
	l := &lowerer{s: s, info: e.p.info, renamed: map[types.Object]string{}, labels: map[ast.Stmt]*ast.Ident{}, count: e.count, calls: map[string]bool{}}
	l.slot = func(obj types.Object) string { return s.slotOf[obj] }
	l.code = func(slot string) string {
		if code := codes[slot]; code != "" {
			return code
		}
		return s.codes[slot]
	}
	e.l = l
	e.types()
	for _, f := range e.p.files {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				e.declare(fd)
			}
		}
	}
	for _, fn := range e.fns {
		if fn.slot != "" {
			codes[fn.slot] = fn.code
		}
	}
	e.variables()
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	for _, fn := range e.fns {
		e.function(fn)
	}
	pos := s.anchor
	var run []ast.Stmt
	if init := e.initialise(); init != "" {
		run = append(run, &ast.ExprStmt{X: callAt(identAt(init, pos), pos)})
	}
	for _, fn := range e.inits {
		e.function(fn)
		run = append(run, &ast.ExprStmt{X: callAt(identAt(fn.code, pos), pos)})
	}
	l.finishDispatch()
	body := []ast.Stmt{&ast.DeferStmt{Defer: pos, Call: callAt(s.runtime("Exit", pos), pos, intOf(e.count, pos))}}
	body = append(body, e.start...)
	body = append(body, l.start...)
	body = append(body, run...)
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	for slot, code := range codes {
		s.codes[slot] = code
	}
	s.onFailure(func() {
		for slot := range codes {
			delete(s.codes, slot)
		}
	})
	decls := append(e.decls, l.decls...)
	slices.SortStableFunc(decls, func(a, b ast.Decl) int { return declRank(a) - declRank(b) })
	init := &ast.FuncDecl{
		Name: identAt("init", pos),
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: blockAt(pos, body...),
	}
	return &program{decls: fileAt(pos, decls...), file: fileAt(pos, init)}, nil
}

// types declares the package's types.
func (e *packageEmitter) types() {
	s, l := e.s, e.l
	var specs []*ast.TypeSpec
	for _, f := range e.p.files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, sp := range g.Specs {
				ts := sp.(*ast.TypeSpec)
				tn, ok := e.p.info.Defs[ts.Name].(*types.TypeName)
				if !ok || tn.IsAlias() || ts.Name.Name == "_" {
					continue
				}
				if ts.TypeParams != nil {
					s.genericTypes[tn] = &genericType{obj: tn, spec: ts, methods: map[string]*generic{}}
					s.onFailure(func() { delete(s.genericTypes, tn) })
					continue
				}
				s.addType(tn, s.slots.next(tn.Name()))
				specs = append(specs, ts)
			}
		}
	}
	for _, ts := range specs {
		tn := e.p.info.Defs[ts.Name].(*types.TypeName)
		if !types.IsInterface(tn.Type()) { // which is spelled any
			l.declareType(ts.Name.Pos(), s.typeSlots[tn], tn.Type().(*types.Named))
		}
	}
}

// declare gives a function or method its storage.
func (e *packageEmitter) declare(fd *ast.FuncDecl) {
	s, l := e.s, e.l
	obj, ok := e.p.info.Defs[fd.Name].(*types.Func)
	if !ok || fd.Name.Name == "_" {
		return
	}
	sig := obj.Signature()
	name := e.p.pkg.Name() + "." + fd.Name.Name
	fn := &packageFunction{decl: fd, flat: fd, name: name}
	if sig.Recv() == nil && fd.Name.Name == "init" {
		fn.code = s.slots.next("init")
		e.inits = append(e.inits, fn)
		return
	}
	if sig.TypeParams().Len() > 0 {
		s.generics[obj] = &generic{name: name, flat: fd, info: e.p.info, count: e.count, slot: l.slot}
		s.onFailure(func() { delete(s.generics, obj) })
		return
	}
	storage := func(sig *types.Signature) {
		pos := fd.Pos()
		spec := &ast.ValueSpec{Names: []*ast.Ident{identAt(fn.slot, pos)}, Type: l.funcType(&ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos}}, sig)}
		e.decls = append(e.decls, &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}})
	}
	if sig.Recv() == nil {
		fn.slot, fn.code = s.slots.next(fd.Name.Name), s.slots.next(fd.Name.Name)
		s.slotOf[obj] = fn.slot
		s.onFailure(func() { delete(s.slotOf, obj) })
		storage(sig)
		e.fns = append(e.fns, fn)
		return
	}
	if callsRecover(fd.Body, e.p.info) {
		s.recovers[obj] = true
	}
	base := receiverBase(fd)
	fn.name = e.p.pkg.Name() + "." + base + "." + fd.Name.Name
	fn.flat = flatMethod(fd)
	if sig.RecvTypeParams().Len() > 0 {
		tn, _ := e.p.pkg.Scope().Lookup(base).(*types.TypeName)
		if gt := s.genericTypes[tn]; gt != nil {
			gt.methods[fd.Name.Name] = &generic{name: fn.name, flat: fn.flat, info: e.p.info, count: e.count, slot: l.slot}
		}
		return
	}
	fn.slot, fn.code = s.slots.next(base+"."+fd.Name.Name), s.slots.next(base+"."+fd.Name.Name)
	s.methodSlots[obj] = fn.slot
	s.onFailure(func() { delete(s.methodSlots, obj) })
	storage(flattened(sig))
	e.fns = append(e.fns, fn)
}

// flatMethod is a method with the receiver as its first parameter.
func flatMethod(fd *ast.FuncDecl) *ast.FuncDecl {
	t := &ast.FuncType{Func: fd.Type.Func, Params: &ast.FieldList{}, Results: fd.Type.Results}
	for _, f := range append(slices.Clone(fd.Recv.List), fd.Type.Params.List...) {
		if len(f.Names) == 0 {
			f = &ast.Field{Names: []*ast.Ident{{Name: "_", NamePos: f.Type.Pos()}}, Type: f.Type}
		}
		t.Params.List = append(t.Params.List, f)
	}
	return &ast.FuncDecl{Doc: fd.Doc, Name: fd.Name, Type: t, Body: fd.Body}
}

// variables declares the package's variables.
func (e *packageEmitter) variables() {
	scope := e.p.pkg.Scope()
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		if !ok {
			continue
		}
		slot := e.s.slots.next(name)
		e.s.slotOf[v] = slot
		e.s.onFailure(func() { delete(e.s.slotOf, v) })
		spec := &ast.ValueSpec{Names: []*ast.Ident{identAt(slot, v.Pos())}, Type: e.l.typeExpr(v.Type(), v.Pos())}
		e.decls = append(e.decls, &ast.GenDecl{TokPos: v.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}})
	}
}

// function lowers a function's code, or what says that it cannot be.
func (e *packageEmitter) function(fn *packageFunction) {
	s, l := e.s, e.l
	pos := fn.decl.Pos()
	undos, decls, start := len(s.undos), len(l.decls), len(l.start)
	why := e.broken[fn.decl]
	if why == "" {
		decl, _ := l.implementation(fn.flat, fn.name, fn.code)
		if len(l.problems) == 0 {
			e.decls = append(e.decls, decl)
		} else {
			why = l.problems[0].Error()
			s.failFrom(undos)
			l.problems, l.decls, l.start = nil, l.decls[:decls], l.start[:start]
		}
	}
	if why != "" {
		sig := e.p.info.Defs[fn.decl.Name].(*types.Func).Signature()
		if sig.Recv() != nil {
			sig = flattened(sig)
		}
		text := &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: quote(fn.name + " cannot run in cells: " + why)}
		e.decls = append(e.decls, &ast.FuncDecl{
			Name: identAt(fn.code, pos),
			Type: l.funcType(&ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos}}, sig),
			Body: blockAt(pos, &ast.ExprStmt{X: callAt(identAt("panic", pos), pos, text)}),
		})
	}
	if fn.slot != "" {
		at := s.anchor
		e.start = append(e.start, assignAt(at, []ast.Expr{identAt(fn.slot, at)}, []ast.Expr{identAt(fn.code, at)}))
		if fn.decl.Recv != nil {
			e.start = append(e.start, s.published(fn.slot, fn.code))
		}
	}
}

// initialise writes the function that sets the package's variables, in the order
// of their dependencies, and returns its name; "" if there is nothing to set.
func (e *packageEmitter) initialise() string {
	s, l := e.s, e.l
	var body []ast.Stmt
	if len(e.p.order) == 0 {
		return ""
	}
	first := e.p.files[0]
	u, leave := l.enter(e.p.pkg.Name()+"'s variables", e.p.pkg.Path(), first)
	defer leave()
	for _, in := range e.p.order {
		lhs := make([]ast.Expr, len(in.Lhs))
		blank := true
		for i, v := range in.Lhs {
			lhs[i] = e.identOf(v)
			blank = blank && v.Name() == "_"
		}
		if blank && !l.callsIn(in.Rhs) {
			continue // an assertion of the compiler's kind: var _ I = T{}
		}
		st := &ast.AssignStmt{Lhs: lhs, TokPos: in.Rhs.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{in.Rhs}}
		line := 0
		l.findTargets(st, nil)
		body = append(body, l.marking(st, &line, l.stmt)...)
	}
	name := s.slots.next(e.p.pkg.Name() + ".init")
	u.cell = path.Join(e.p.pkg.Path(), path.Base(s.position(first.Pos()).Filename))
	s.units.named[name] = u
	pos := s.anchor
	e.decls = append(e.decls, &ast.FuncDecl{
		Name: identAt(name, pos),
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: blockAt(pos, body...),
	})
	return name
}

// identOf finds the identifier that declares a variable.
func (e *packageEmitter) identOf(v *types.Var) *ast.Ident {
	if v.Name() != "_" {
		for id, obj := range e.p.info.Defs {
			if obj == v {
				return id
			}
		}
	}
	return identAt("_", v.Pos())
}

// callsIn reports whether an expression calls a function, or receives.
func (l *lowerer) callsIn(x ast.Expr) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !l.info.Types[n.Fun].IsType()
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}
