package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// program is a lowered cell: files for the interpreter, and what the session
// becomes once the interpreter has accepted them. What is declared keeps its
// file in memory, so the statements have their own, which goes when they have run.
type program struct {
	decls  *ast.File // nil if the cell declares nothing
	file   *ast.File
	commit func()      // types, functions and imports, as the cell starts
	define func(k int) // the k-th variable, as its declaration has run
	whole  bool        // a file of a program
	notes  []string    // earlier functions that no longer compile
	leaves bool        // the cell leaves something whose position may be asked for: a declaration, a function, a goroutine
}

// emit lowers a checked cell. Names it gives the interpreter are fresh, so a
// cell that is refused leaves nothing behind.
func (s *Session) emit(c *checked, count int) (*program, []*Problem) {
	slots := map[types.Object]string{}
	l := &lowerer{s: s, info: c.info, renamed: map[types.Object]string{}, labels: map[ast.Stmt]*ast.Ident{}, count: count, calls: map[string]bool{}}
	codes := map[string]string{} // of the functions this cell declares or lowers again, by storage
	l.code = func(slot string) string {
		if code := codes[slot]; code != "" {
			return code
		}
		return s.codes[slot]
	}
	l.slot = func(obj types.Object) string {
		if slot := slots[obj]; slot != "" {
			return slot
		}
		return s.slotOf[obj]
	}
	pos := s.anchor
	var decls []ast.Decl
	var start []ast.Stmt // binds functions before the statements run
	bound := map[string]*binding{}
	var later []func()

	// Types first: their names are part of every other spelling.
	for _, td := range c.types {
		tn := c.typeObj[td]
		name := tn.Name()
		if td.spec.TypeParams != nil {
			if !tn.IsAlias() { // an alias is spelled as what its instances stand for
				s.genericTypes[tn] = &genericType{obj: tn, spec: td.spec, methods: map[string]*generic{}}
				s.onFailure(func() { delete(s.genericTypes, tn) })
			}
		}
		bound[name] = &binding{obj: tn, count: count, typ: td, doc: docText(td.spec.Doc)}
		if tn.IsAlias() || td.spec.TypeParams != nil {
			continue
		}
		slot := name
		if s.usedTypes[name] || types.Universe.Lookup(name) != nil {
			slot = s.slots.next(name)
		}
		s.usedTypes[name] = true
		s.addType(tn, slot)
	}
	// Instances of generic types may be among them. What their methods mention
	// has no storage yet, so the methods' code waits.
	newGeneric := func(d *funcDecl, name string) *function {
		return &function{
			decl: d.decl, sig: d.obj.Signature(), count: count,
			uses: s.usesOf(d.body, c.info, c.objectOf(s)), imports: packagesIn(d.body, c.info),
			generic: &generic{name: name, flat: d.body, info: c.info, count: count, slot: l.slot},
		}
	}
	for _, m := range c.methods {
		gt := s.genericTypes[m.base]
		if td := s.declOf(m.base, c); td != nil && gt != nil && m.name != "_" {
			fn := newGeneric(&m.funcDecl, m.base.Name()+"."+m.name)
			gt.methods[m.name] = fn.generic
			later = append(later, func() { td.methods[m.name] = fn })
		}
	}
	var waiting []func()
	l.wait = func(f func()) { waiting = append(waiting, f) }
	for _, td := range c.types {
		tn := c.typeObj[td]
		if td.spec.TypeParams != nil || tn.IsAlias() || types.IsInterface(tn.Type()) {
			continue
		}
		rhs := l.typeOf(td.spec.Type)
		if n, ok := types.Unalias(rhs).(*types.Named); ok && n.Obj().Pkg() == s.pkg {
			rhs = n.Underlying()
		}
		tag := s.makeKnown(s.slots.next(tn.Name()), tn.Type())
		spec := &ast.TypeSpec{Name: identAt(s.typeSlots[tn], td.spec.Name.Pos()), Type: distinct(l.typeExpr(rhs, td.spec.Type.Pos()), tag)}
		decls = append(decls, &ast.GenDecl{TokPos: td.spec.Pos(), Tok: token.TYPE, Specs: []ast.Spec{spec}})
	}

	for _, m := range c.methods {
		if callsRecover(m.body.Body, c.info) {
			s.recovers[m.obj] = true
		}
	}

	// Storage for functions and methods, so that bodies can name each other.
	var fns []*function
	shown := map[*function]string{}
	bodies := map[*function]*funcDecl{}
	newFunction := func(d *funcDecl, name, slot string, old *function) *function {
		fn := &function{decl: d.decl, sig: d.obj.Signature(), count: count, slot: slot, uses: s.usesOf(d.body, c.info, c.objectOf(s)), imports: packagesIn(d.body, c.info)}
		fn.code, shown[fn] = s.codeName(name, old), name
		if old != nil {
			fn.spare = old.code
		}
		codes[slot] = fn.code
		bodies[fn] = d
		fns = append(fns, fn)
		return fn
	}
	storage := func(slot string, sig *types.Signature, pos token.Pos) {
		spec := &ast.ValueSpec{Names: []*ast.Ident{identAt(slot, pos)}, Type: l.funcType(&ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos}}, sig)}
		decls = append(decls, &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}})
	}
	var inits []*funcDecl
	mainSlot := ""
	for _, f := range c.funcs {
		if f.name == "init" {
			inits = append(inits, f)
			continue
		}
		if f.obj.Signature().TypeParams().Len() > 0 {
			fn := newGeneric(f, f.name)
			s.generics[f.obj] = fn.generic
			s.onFailure(func() { delete(s.generics, f.obj) })
			bound[f.name] = &binding{obj: f.obj, count: count, fn: fn, doc: docText(f.decl.Doc)}
			continue
		}
		var old *function
		if b := s.global.names[f.name]; b != nil {
			old = b.fn
		}
		slot := ""
		if old != nil && types.Identical(old.sig, f.obj.Signature()) {
			slot = old.slot
		} else {
			slot = s.slots.next(f.name)
			storage(slot, f.obj.Signature(), f.decl.Pos())
		}
		fn := newFunction(f, f.name, slot, old)
		slots[f.obj] = slot
		if obj := c.objectOf(s)(f.name); obj != nil {
			slots[obj] = slot
		}
		bound[f.name] = &binding{obj: f.obj, count: count, slot: slot, fn: fn, doc: docText(f.decl.Doc)}
		if f.name == "main" {
			mainSlot = slot
		}
	}
	for _, m := range c.methods {
		td := s.declOf(m.base, c)
		if td == nil || m.name == "_" || td.spec.TypeParams != nil {
			continue
		}
		base, name := m.base.Name(), m.name
		sig := flattened(m.obj.Signature())
		slot := s.methodSlots[m.obj]
		if slot == "" {
			slot = s.slots.next(base + "." + name)
			s.methodSlots[m.obj] = slot
			storage(slot, sig, m.decl.Pos())
		}
		fn := newFunction(&m.funcDecl, base+"."+name, slot, td.methods[name])
		later = append(later, func() { td.methods[name] = fn })
	}

	// Variables: the same storage as before where the type is the same.
	marks := map[string]int{}
	for k, v := range c.vars {
		slot := ""
		if old := s.global.names[v.name]; old != nil && old.fn == nil && old.slot != "" && types.Identical(old.obj.Type(), v.obj.Type()) {
			slot = old.slot
		} else {
			slot = s.slots.next(v.name)
			spec := &ast.ValueSpec{Names: []*ast.Ident{identAt(slot, v.local.Pos())}, Type: l.typeExpr(v.obj.Type(), v.local.Pos())}
			decls = append(decls, &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}})
		}
		slots[v.local], slots[v.obj] = slot, slot
		marks[v.name] = k
	}

	for _, r := range c.again {
		if r.fn.generic == nil {
			r.code = s.codeName(r.name, r.fn)
			codes[r.fn.slot] = r.code
		}
	}

	s.renewDispatch(codes)

	// Bodies.
	l.wait = nil
	for _, f := range waiting {
		f()
	}
	for _, fn := range fns {
		d := bodies[fn]
		decl, calls := l.implementation(d.body, shown[fn], fn.code)
		decls = append(decls, decl)
		fn.calls = calls
		start = append(start, s.installed(fn, fn.code)...)
	}
	var initCalls []ast.Stmt
	for _, f := range inits {
		name := s.slots.next("init")
		decl, _ := l.implementation(f.body, "init", name)
		decls = append(decls, decl)
		initCalls = append(initCalls, &ast.ExprStmt{X: callAt(identAt(name, f.decl.Pos()), f.decl.Pos())})
	}
	var notes []string
	for _, r := range c.again {
		more, stmts, note, after := s.emitAgain(c, r, slots, l.code, count)
		decls, start = append(decls, more...), append(start, stmts...)
		if note != "" {
			notes = append(notes, note)
		}
		later = append(later, after)
	}

	if c.body != nil {
		u, leave := l.enter("", bodyKey, c.body)
		u.cell = cellName(count)
		s.units.bodies[u.cell] = u
		defer leave()
	}
	var run []ast.Stmt
	deferring := c.body != nil && hasDefer(c.body)
	if deferring {
		l.in.defers = l.temp()
	}
	for _, st := range c.stmts {
		l.findTargets(st, nil)
	}
	initAt := leadingVars(c.stmts)
	for i, st := range c.stmts {
		if i == initAt {
			run = append(run, initCalls...)
		}
		line := 0
		run = append(run, l.marking(st, &line, func(st ast.Stmt) []ast.Stmt {
			if i == len(c.stmts)-1 && c.result != nil {
				return l.resultStmts(c.result)
			}
			return l.topLevel(st, marks)
		})...)
	}
	if initAt >= len(c.stmts) {
		run = append(run, initCalls...)
	}
	if deferring {
		run = l.running(pos, blockAt(pos, run...))
	}
	l.finishDispatch()
	// The statements run as an init function, which the interpreter calls.
	body := []ast.Stmt{&ast.DeferStmt{Defer: pos, Call: callAt(s.runtime("Exit", pos), pos, intOf(count, pos))}}
	body = append(body, start...)
	body = append(body, l.start...)
	body = append(body, run...)
	if mainSlot != "" {
		body = append(body, &ast.ExprStmt{X: callAt(identAt(mainSlot, pos), pos)})
	}
	decls = append(decls, l.decls...)
	// The interpreter finds a type it has not met yet only in some places.
	slices.SortStableFunc(decls, func(a, b ast.Decl) int { return declRank(a) - declRank(b) })
	init := &ast.FuncDecl{
		Name: identAt("init", pos),
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: blockAt(pos, body...),
	}
	if len(l.problems) > 0 {
		sortProblems(l.problems)
		return nil, l.problems
	}

	p := &program{file: fileAt(pos, init), whole: c.parsed.file, notes: notes}
	p.leaves = len(decls) > 0 || len(bound) > 0 || len(c.consts) > 0 || len(c.imports) > 0 || len(later) > 0 || leavesCode(init)
	if len(decls) > 0 {
		p.decls = fileAt(pos, decls...)
	}
	p.commit = func() {
		s.values.forgetMethods()
		for _, f := range later {
			f()
		}
		for name := range c.imports {
			delete(s.global.names, name)
		}
		maps.Copy(s.global.imports, c.imports)
		maps.Copy(s.codes, codes)
		for _, path := range c.dots {
			if !slices.Contains(s.global.dots, path) {
				s.global.dots = append(s.global.dots, path)
			}
		}
		for name, obj := range c.consts {
			bound[name] = &binding{obj: obj, count: count}
		}
		for name, b := range bound {
			s.bind(name, b)
		}
	}
	p.define = func(k int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		v := c.vars[k]
		s.bind(v.name, &binding{obj: v.obj, count: count, slot: slots[v.obj]})
	}
	return p, nil
}

// leavesCode reports whether there may be something to run when the statements have ended.
func leavesCode(fn *ast.FuncDecl) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit, *ast.GoStmt:
			found = true
		}
		return !found
	})
	return found
}

func fileAt(pos token.Pos, decls ...ast.Decl) *ast.File {
	return &ast.File{Package: pos, Name: identAt("main", pos), Decls: decls}
}

// leadingVars counts the variable declarations a cell begins with: its init
// functions run after them, as in a program.
func leadingVars(stmts []ast.Stmt) int {
	for i, s := range stmts {
		if d, ok := s.(*ast.DeclStmt); !ok || d.Decl.(*ast.GenDecl).Tok != token.VAR {
			return i
		}
	}
	return len(stmts)
}

// bind gives a name of the session its meaning.
func (s *Session) bind(name string, b *binding) {
	s.global.names[name] = b
	delete(s.global.imports, name)
	if b.slot != "" {
		s.slotOf[b.obj] = b.slot
	}
	if b.typ != nil {
		s.versions[name] = append(s.versions[name], b.count)
	}
}

// topLevel lowers a statement of the cell itself, whose variables are the session's.
func (l *lowerer) topLevel(st ast.Stmt, marks map[string]int) []ast.Stmt {
	ids := defined(st)
	if len(ids) == 0 {
		return l.stmt(st)
	}
	var out []ast.Stmt
	switch st := st.(type) {
	case *ast.LabeledStmt:
		inner := l.topLevel(st.Stmt, marks)
		inner[0] = &ast.LabeledStmt{Label: st.Label, Colon: st.Colon, Stmt: inner[0]}
		return inner
	case *ast.AssignStmt:
		if len(st.Lhs) > 1 && len(st.Rhs) == len(st.Lhs) {
			out = append(out, l.storeMany(st.Lhs, st.Rhs, st.TokPos)...)
			break
		}
		out = append(out, l.stmt(&ast.AssignStmt{Lhs: st.Lhs, TokPos: st.TokPos, Tok: token.ASSIGN, Rhs: st.Rhs})...)
	case *ast.DeclStmt:
		for _, sp := range st.Decl.(*ast.GenDecl).Specs {
			sp := sp.(*ast.ValueSpec)
			lhs := make([]ast.Expr, len(sp.Names))
			for i, id := range sp.Names {
				lhs[i] = l.ident(id)
			}
			if len(sp.Values) == len(sp.Names) {
				before, values := l.evaluated(sp.Values)
				out = append(out, before...)
				for i := range lhs {
					out = append(out, assignAt(sp.Pos(), lhs[i:i+1], values[i:i+1]))
				}
				continue
			}
			if len(sp.Values) > 0 {
				out = append(out, assignAt(sp.Pos(), lhs, l.exprs(sp.Values)))
				continue
			}
			for i, id := range sp.Names {
				if id.Name == "_" {
					continue
				}
				zero := l.temp()
				out = append(out, blockAt(sp.Pos(),
					l.varAt(sp.Pos(), zero, l.info.Defs[id].Type(), nil),
					assignAt(sp.Pos(), lhs[i:i+1], []ast.Expr{identAt(zero, sp.Pos())})))
			}
		}
	}
	for _, id := range ids {
		if k, ok := marks[id.Name]; ok && id.Name != "_" {
			out = append(out, &ast.ExprStmt{X: callAt(l.s.runtime("Defined", id.Pos()), id.Pos(), intOf(l.count, id.Pos()), intOf(k, id.Pos()))})
		}
	}
	return out
}

// codeName is the interpreter's name for the code of the next version of a
// function. There are two, in turn: the interpreter frees what a name stood for
// when it is declared again, and while it is not known that the new version
// compiles, the old one must stay.
func (s *Session) codeName(name string, old *function) string {
	if old != nil && old.spare != "" {
		return old.spare
	}
	return s.slots.next(name)
}

// implementation is a function's code under the interpreter's name for this version of it.
func (l *lowerer) implementation(fd *ast.FuncDecl, shown, name string) (ast.Decl, map[string]bool) {
	outer := l.calls
	calls := map[string]bool{}
	l.calls = calls
	defer func() { l.calls = outer }()
	sig := l.info.Defs[fd.Name].(*types.Func).Signature()
	if sig.Recv() != nil { // of a fetched package, checked as it is written
		sig = flattened(sig)
	}
	u, leave := l.enter(shown, shown, fd)
	defer leave()
	l.s.units.named[name] = u
	l.findTargets(fd.Body, sig)
	t, body := l.body(fd.Type, sig, fd.Body, "")
	return &ast.FuncDecl{Name: identAt(name, fd.Name.Pos()), Type: t, Body: body}, calls
}

// flattened is a method's signature with the receiver as first parameter.
func flattened(sig *types.Signature) *types.Signature {
	vars := []*types.Var{types.NewVar(token.NoPos, nil, "", sig.Recv().Type())}
	for v := range sig.Params().Variables() {
		vars = append(vars, types.NewVar(token.NoPos, nil, "", v.Type()))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(vars...), sig.Results(), sig.Variadic())
}

// emitAgain lowers an earlier function against the new meaning of the names it
// mentions. One that no longer compiles is replaced by one that says so.
func (s *Session) emitAgain(c *checked, r *recheck, slots map[types.Object]string, code func(string) string, count int) (decls []ast.Decl, start []ast.Stmt, note string, after func()) {
	pos := r.fn.decl.Pos()
	l := &lowerer{s: s, info: r.info, renamed: map[types.Object]string{}, labels: map[ast.Stmt]*ast.Ident{}, count: r.fn.count, code: code}
	objs := c.objectOf(s)
	var calls map[string]bool
	after = func() {
		if r.code != "" {
			r.fn.code, r.fn.spare, r.fn.calls = r.code, r.fn.code, calls
		}
		for used := range r.fn.uses {
			if obj := objs(used); obj != nil {
				r.fn.uses[used] = obj
			}
		}
	}
	l.slot = func(obj types.Object) string {
		if slot := slots[obj]; slot != "" {
			return slot
		}
		return s.slotOf[obj]
	}
	if g := r.fn.generic; g != nil {
		// Copies are made anew by whoever uses them: those are lowered again too.
		old := *g
		s.onFailure(func() { *g = old })
		g.flat, g.info, g.slot, g.made, g.broken = r.body, r.info, l.slot, nil, ""
		if len(r.errs) > 0 {
			note = sprintf("%s (In[%d]) no longer compiles since In[%d]: %s", r.name, r.fn.count, count, r.errs[0].Error())
			g.broken = note
		}
		return nil, nil, note, after
	}
	name := r.code
	errs := r.errs
	made := len(s.undos)
	if len(errs) == 0 {
		var decl ast.Decl
		decl, calls = l.implementation(r.body, r.name, name)
		decls = append(decls, decl)
		decls = append(decls, l.decls...)
		start = append(start, l.start...)
		errs = l.problems
	}
	if len(errs) > 0 {
		s.failFrom(made) // what it made is not part of the program
		start = nil
		why := sprintf("%s (In[%d]) no longer compiles since In[%d]: %s", r.name, r.fn.count, count, errs[0].Error())
		note = why
		delete(s.units.named, name)
		l = &lowerer{s: s, info: newInfo(), renamed: map[types.Object]string{}, labels: map[ast.Stmt]*ast.Ident{}, count: r.fn.count}
		sig := r.fn.sig
		if sig.Recv() != nil {
			sig = flattened(sig)
		}
		var lit ast.Expr = &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: quote(why)}
		decls = []ast.Decl{&ast.FuncDecl{
			Name: identAt(name, pos),
			Type: l.funcType(&ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos}}, sig),
			Body: blockAt(pos, &ast.ExprStmt{X: callAt(identAt("panic", pos), pos, lit)}),
		}}
	}
	start = append(start, s.installed(r.fn, name)...)
	return decls, start, note, after
}

// declRank orders declarations: types, then variables, then functions.
func declRank(d ast.Decl) int {
	g, ok := d.(*ast.GenDecl)
	switch {
	case !ok:
		return 2
	case g.Tok == token.TYPE:
		return 0
	}
	return 1
}

// objectOf looks a name up as this cell leaves the session.
func (c *checked) objectOf(s *Session) func(string) types.Object {
	now := map[string]types.Object{}
	for obj, name := range c.objects {
		if v, ok := obj.(*types.Var); ok && !slices.ContainsFunc(c.vars, func(d *varDecl) bool { return d.obj == v }) {
			continue
		}
		now[name] = obj
	}
	return func(name string) types.Object {
		if obj := now[name]; obj != nil {
			return obj
		}
		if b := s.global.names[name]; b != nil {
			return b.obj
		}
		return nil
	}
}

// declOf finds a type's declaration in this cell or the session.
func (s *Session) declOf(tn *types.TypeName, c *checked) *typeDecl {
	for td, obj := range c.typeObj {
		if obj == tn {
			return td
		}
	}
	if b := s.global.names[tn.Name()]; b != nil && b.obj == tn {
		return b.typ
	}
	return nil
}

// packagesIn lists the package names a body uses and their paths.
func packagesIn(n ast.Node, info *types.Info) map[string]string {
	m := map[string]string{}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if pn, ok := info.Uses[id].(*types.PkgName); ok {
				m[id.Name] = pn.Imported().Path()
			}
		}
		return true
	})
	return m
}

func docText(g *ast.CommentGroup) string {
	if g == nil {
		return ""
	}
	return g.Text()
}
