package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"swingby/kernel/cell/stdgeneric"
)

// The interpreter's own generics fail on most of what people write. So generic
// code never reaches it: each use of a generic function or type is lowered to
// a copy made for its type arguments, once a session.

// generic is a generic function or method as checked, from which copies are made.
type generic struct {
	name   string // as its author knows it
	flat   *ast.FuncDecl
	info   *types.Info
	count  int
	slot   func(types.Object) string
	broken string // why it no longer compiles, if so
	made   []*instance
}

// params are the type parameters a copy has arguments for.
func (g *generic) params() *types.TypeParamList {
	sig := g.info.Defs[g.flat.Name].(*types.Func).Signature()
	if sig.RecvTypeParams().Len() > 0 {
		return sig.RecvTypeParams()
	}
	return sig.TypeParams()
}

// instance is a copy of a generic function or type.
type instance struct {
	args    []types.Type
	slot    string
	value   string            // of a function: the variable it is as a value, if it has been used as one
	methods map[string]string // of a type: storage by name
	typ     *types.Named      // of a type: the instance
}

// genericType is a generic type declared in a cell.
type genericType struct {
	obj     *types.TypeName
	spec    *ast.TypeSpec
	methods map[string]*generic
	made    []*instance
}

func findInstance(made []*instance, args []types.Type) *instance {
	for _, in := range made {
		if slices.EqualFunc(in.args, args, types.Identical) {
			return in
		}
	}
	return nil
}

// maxInstances bounds recursion that makes ever new types, as f[T] calling f[[]T] does.
const maxInstances = 1000

// functionInstance returns the name of the copy of g for type arguments,
// making it if need be.
func (l *lowerer) functionInstance(g *generic, args []types.Type, pos token.Pos) *instance {
	none := &instance{slot: "nil", value: "nil"}
	if g.broken != "" {
		l.refuse(pos, g.broken)
		return none
	}
	if in := findInstance(g.made, args); in != nil {
		return in
	}
	if len(g.made) >= maxInstances {
		l.refuse(pos, sprintf("%s is used with more than %d different types; does it call itself with a new one each time?", g.name, maxInstances))
		return none
	}
	in := &instance{args: args, slot: l.s.slots.next(g.name)}
	g.made = append(g.made, in)
	l.s.onFailure(func() { g.made = slices.DeleteFunc(g.made, func(x *instance) bool { return x == in }) })
	params := g.params()
	l.copyOf(g, in.slot, instanceName(g.name, args, l.s.pkg), params, args)
	return in
}

// functionValue returns the name of the variable that holds an instance. The
// interpreter knows the function by its name only as far as it is called: what
// it stores under that name, in a slice for one, is not yet a function.
func (l *lowerer) functionValue(in *instance, sig *types.Signature) string {
	if in.value == "" {
		at := l.s.anchor
		in.value = l.s.slots.next("value")
		l.s.onFailure(func() { in.value = "" })
		l.storage(in.value, sig)
		l.start = append(l.start, assignAt(at, []ast.Expr{identAt(in.value, at)}, []ast.Expr{identAt(in.slot, at)}))
	}
	return in.value
}

// copyOf lowers g with its type parameters standing for args, as a function of
// the given name.
func (l *lowerer) copyOf(g *generic, name, shown string, params *types.TypeParamList, args []types.Type) {
	inner := &lowerer{s: l.s, info: g.info, renamed: map[types.Object]string{}, labels: map[ast.Stmt]*ast.Ident{}, count: g.count, slot: g.slot, subst: map[*types.TypeParam]types.Type{}, copied: g.flat.Body, copiedFor: args, depth: l.depth + 1}
	for i := range params.Len() {
		inner.subst[params.At(i)] = args[i]
	}
	decl, _ := inner.implementation(g.flat, shown, name)
	l.decls = append(l.decls, inner.decls...)
	l.start = append(l.start, inner.start...)
	l.decls = append(l.decls, decl)
	l.problems = append(l.problems, inner.problems...)
}

func instanceName(name string, args []types.Type, pkg *types.Package) string {
	if len(args) == 0 {
		return name
	}
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = types.TypeString(a, types.RelativeTo(pkg))
	}
	return name + "[" + strings.Join(list, ",") + "]"
}

// typeInstance returns the copy of a generic type for the type arguments of t.
func (l *lowerer) typeInstance(t *types.Named, pos token.Pos) *instance {
	gt := l.s.genericTypes[l.localType(t.Origin()).Obj()]
	if gt == nil {
		gt = l.s.sourceType(t.Origin().Obj())
	}
	if gt == nil {
		return nil
	}
	args := slices.Collect(t.TypeArgs().Types())
	if in := findInstance(gt.made, args); in != nil {
		return in
	}
	if len(gt.made) >= maxInstances {
		l.refuse(pos, sprintf("type %s is used with more than %d different types; does it contain itself with a new one each time?", gt.obj.Name(), maxInstances))
		return nil
	}
	in := &instance{args: args, slot: l.s.slots.next(gt.obj.Name()), methods: map[string]string{}, typ: t}
	gt.made = append(gt.made, in)
	l.s.onFailure(func() { gt.made = slices.DeleteFunc(gt.made, func(x *instance) bool { return x == in }) })
	l.s.typeNames[in.slot] = true

	at := l.s.anchor
	// The type as its own package's checker knows it: for one of the standard
	// library, that of the source the copy is made from.
	own := t
	if gt.obj != t.Origin().Obj() {
		inst, err := types.Instantiate(nil, gt.obj.Type(), args, false)
		if err != nil {
			l.refuse(pos, err.Error())
			return nil
		}
		own = inst.(*types.Named)
	}
	spec := &ast.TypeSpec{Name: identAt(in.slot, at), Type: distinct(l.typeExpr(own.Underlying(), at), l.s.makeKnown(in.slot, own))}
	l.decls = append(l.decls, &ast.GenDecl{TokPos: at, Tok: token.TYPE, Specs: []ast.Spec{spec}})

	for _, name := range slices.Sorted(maps.Keys(gt.methods)) {
		in.methods[name] = l.s.slots.next(gt.obj.Name() + "." + name)
	}
	for i := range own.NumMethods() {
		m := own.Method(i)
		g := gt.methods[m.Name()]
		if g == nil {
			continue
		}
		slot := in.methods[m.Name()]
		code := func() {
			l.copyOf(g, slot, instanceName(gt.obj.Name(), args, l.s.pkg)+"."+m.Name(), g.params(), args)
			l.start = append(l.start, l.s.published(slot, slot))
		}
		if l.wait != nil {
			l.wait(code)
			continue
		}
		code()
	}
	return in
}

// methodSlot is the storage of a method declared in a cell, made for its
// receiver's type arguments if it has any; "" for any other method.
func (l *lowerer) methodSlot(fn *types.Func) string {
	sig := fn.Signature()
	if sig.Recv() == nil {
		return ""
	}
	t := sig.Recv().Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(l.sub(t)).(*types.Named)
	if !ok || types.IsInterface(n) {
		return ""
	}
	if n.TypeArgs().Len() == 0 {
		return l.s.methodSlots[fn]
	}
	if in := l.typeInstance(n, l.s.anchor); in != nil {
		return in.methods[fn.Name()]
	}
	return ""
}

// genericUse lowers a generic function that is called or used as a value.
func (l *lowerer) genericUse(id *ast.Ident, pos token.Pos, called bool) (ast.Expr, bool) {
	inst, ok := l.info.Instances[id]
	if !ok {
		return nil, false
	}
	fn, ok := l.info.Uses[id].(*types.Func)
	if !ok {
		return nil, false
	}
	args := make([]types.Type, inst.TypeArgs.Len())
	for i := range args {
		args[i] = l.sub(inst.TypeArgs.At(i))
	}
	g := l.s.generics[fn.Origin()]
	if g == nil {
		g = l.s.sourceFunc(fn.Origin())
	}
	if g == nil {
		name := fn.Name()
		if fn.Pkg() != nil && fn.Pkg() != l.s.pkg {
			name = fn.Pkg().Name() + "." + name
		}
		l.refuse(pos, sprintf("generic function %s is not supported in cells: write a function for the types you need", name))
		return identAt("nil", pos), true
	}
	in := l.functionInstance(g, args, pos)
	sig := l.sub(inst.Type).(*types.Signature)
	if called && !sig.Variadic() { // see callee
		return identAt(in.slot, pos), true
	}
	return identAt(l.functionValue(in, sig), pos), true
}

// sub replaces type parameters by what they stand for in the copy being made.
func (l *lowerer) sub(t types.Type) types.Type {
	if len(l.subst) == 0 || t == nil {
		return t
	}
	switch t := t.(type) {
	case *types.TypeParam:
		if s := l.subst[t]; s != nil {
			return s
		}
	case *types.Alias:
		return l.sub(types.Unalias(t))
	case *types.Pointer:
		return types.NewPointer(l.sub(t.Elem()))
	case *types.Slice:
		return types.NewSlice(l.sub(t.Elem()))
	case *types.Array:
		return types.NewArray(l.sub(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(l.sub(t.Key()), l.sub(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), l.sub(t.Elem()))
	case *types.Tuple:
		return l.subTuple(t)
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, l.subTuple(t.Params()), l.subTuple(t.Results()), t.Variadic())
	case *types.Struct:
		fields := make([]*types.Var, t.NumFields())
		tags := make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			fields[i], tags[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), l.sub(f.Type()), f.Embedded()), t.Tag(i)
		}
		return types.NewStruct(fields, tags)
	case *types.Interface:
		if !t.IsMethodSet() {
			return t
		}
		methods := make([]*types.Func, t.NumMethods())
		for i := range methods {
			m := t.Method(i)
			methods[i] = types.NewFunc(m.Pos(), m.Pkg(), m.Name(), l.sub(m.Signature()).(*types.Signature))
		}
		return types.NewInterfaceType(methods, nil).Complete()
	case *types.Named:
		if t.TypeArgs().Len() == 0 {
			return l.localType(t)
		}
		origin := l.localType(t.Origin())
		args := make([]types.Type, t.TypeArgs().Len())
		changed := origin != t.Origin()
		for i := range args {
			old := t.TypeArgs().At(i)
			args[i] = l.sub(old)
			changed = changed || args[i] != old
		}
		if !changed {
			return t
		}
		if inst, err := types.Instantiate(l.s.typeContext, origin, args, false); err == nil {
			return inst
		}
	}
	return t
}

func (l *lowerer) subTuple(t *types.Tuple) *types.Tuple {
	if t == nil {
		return nil
	}
	vars := make([]*types.Var, t.Len())
	for i := range vars {
		v := t.At(i)
		vars[i] = types.NewVar(v.Pos(), v.Pkg(), v.Name(), l.sub(v.Type()))
	}
	return types.NewTuple(vars...)
}

// selection is types.Selection in the copy being made, where a method of a
// type parameter is one of the type it stands for.
type selection struct {
	kind  types.SelectionKind
	recv  types.Type
	obj   types.Object
	index []int
	typ   types.Type
}

func (l *lowerer) selection(sel *ast.SelectorExpr) *selection {
	s := l.info.Selections[sel]
	if s == nil {
		return nil
	}
	out := &selection{s.Kind(), s.Recv(), s.Obj(), s.Index(), s.Type()}
	if len(l.subst) == 0 {
		return out
	}
	out.recv, out.typ = l.sub(s.Recv()), l.sub(s.Type())
	if obj, index, _ := types.LookupFieldOrMethod(out.recv, true, s.Obj().Pkg(), s.Obj().Name()); obj != nil {
		out.obj, out.index = obj, index
	}
	return out
}

// Generic functions of compiled packages come from source that is kept for
// the interpreter.

// sourcePackage is such a source, checked when first used.
type sourcePackage struct {
	pkg   *types.Package
	funcs map[string]*generic
	types map[string]*genericType
}

func (s *Session) source(path string) *sourcePackage {
	if p, ok := s.sourcePkgs[path]; ok {
		return p
	}
	s.sourcePkgs[path] = nil
	files, ok := stdgeneric.Source(path)
	if !ok {
		return nil
	}
	p := &sourcePackage{funcs: map[string]*generic{}, types: map[string]*genericType{}}
	var list []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		at := fileName(path + "/" + name)
		f, err := parser.ParseFile(s.fset, "", lineDirective(at)+files[name], parser.SkipObjectResolution)
		if err != nil {
			panic(fmt.Sprintf("cell: source of %s: %v", path, err))
		}
		list = append(list, f)
	}
	info := newInfo()
	conf := types.Config{GoVersion: goVersion, Importer: s.importer, Error: func(error) {}}
	pkg, err := conf.Check(path, s.fset, list, info)
	if err != nil {
		panic(fmt.Sprintf("cell: source of %s: %v", path, err))
	}
	p.pkg = pkg
	none := func(types.Object) string { return "" }
	flat := &checker{s: s, out: &checked{parsed: &parsed{}}}
	for _, f := range list {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				for _, sp := range d.Specs {
					if ts, ok := sp.(*ast.TypeSpec); ok {
						flat.out.parsed.decls = append(flat.out.parsed.decls, d)
						tn := info.Defs[ts.Name].(*types.TypeName)
						p.types[ts.Name.Name] = &genericType{obj: tn, spec: ts, methods: map[string]*generic{}}
					}
				}
			}
		}
	}
	for _, f := range list {
		for _, d := range f.Decls {
			fd, ok := d.(*ast.FuncDecl)
			if !ok || fd.Name.Name == "_" {
				continue
			}
			g := &generic{name: pkg.Name() + "." + fd.Name.Name, flat: fd, info: info, slot: none}
			if fd.Recv == nil {
				p.funcs[fd.Name.Name] = g
				continue
			}
			if gt := p.types[receiverBase(fd)]; gt != nil {
				// Methods are copied as functions: check the body once more in that form.
				g.flat, g.info = flat.flatSource(fd, p.pkg)
				gt.methods[fd.Name.Name] = g
			}
		}
	}
	s.sourcePkgs[path] = p
	return p
}

// flatSource checks a method of a source package as a function.
func (c *checker) flatSource(fd *ast.FuncDecl, pkg *types.Package) (*ast.FuncDecl, *types.Info) {
	info := newInfo()
	d := c.flat(fd)
	file := &ast.File{Name: ast.NewIdent(pkg.Name()), Decls: []ast.Decl{d}}
	idents, bases := mentions(file)
	fresh := types.NewPackage(pkg.Path(), pkg.Name())
	var specs []ast.Spec
	for _, name := range slices.Sorted(maps.Keys(idents)) {
		if obj := pkg.Scope().Lookup(name); obj != nil {
			fresh.Scope().Insert(obj)
			continue
		}
		if bases[name] {
			for _, imp := range pkg.Imports() {
				if imp.Name() == name {
					specs = append(specs, &ast.ImportSpec{Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(imp.Path())}})
				}
			}
		}
	}
	if len(specs) > 0 {
		file.Decls = append([]ast.Decl{&ast.GenDecl{Tok: token.IMPORT, Specs: specs}}, file.Decls...)
	}
	conf := types.Config{GoVersion: goVersion, Importer: c.s.importer, Error: func(error) {}}
	if err := types.NewChecker(&conf, c.s.fset, fresh, info).Files([]*ast.File{file}); err != nil && !strings.Contains(err.Error(), "imported and not used") {
		panic(fmt.Sprintf("cell: source of %s.%s: %v", pkg.Path(), fd.Name.Name, err))
	}
	return d, info
}

// sourceFunc finds the source of a function of a compiled package, or of one
// that such source itself calls.
func (s *Session) sourceFunc(fn *types.Func) *generic {
	if fn.Pkg() == nil || fn.Pkg() == s.pkg || fn.Signature().Recv() != nil {
		return nil
	}
	if p := s.source(fn.Pkg().Path()); p != nil {
		return p.funcs[fn.Name()]
	}
	return nil
}

func (s *Session) sourceType(tn *types.TypeName) *genericType {
	if tn.Pkg() == nil || tn.Pkg() == s.pkg {
		return nil
	}
	if p := s.source(tn.Pkg().Path()); p != nil {
		return p.types[tn.Name()]
	}
	return nil
}

// onFailure registers what must be taken back if the cell does not compile.
func (s *Session) onFailure(f func()) { s.undos = append(s.undos, f) }

func (s *Session) fail() { s.failFrom(0) }

// failFrom takes back what was registered after the first n.
func (s *Session) failFrom(n int) {
	for _, f := range slices.Backward(s.undos[n:]) {
		f()
	}
	s.undos = s.undos[:n]
}
