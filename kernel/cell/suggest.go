package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"swingby/stdlib"
)

// Suggestions: the line below the caret that says what was likely meant. A
// wrong guess costs more than none, so each is checked against the types where
// it would stand: what is called must be callable, what a member is taken of
// must have that member. Names that another cell declares without success are
// not guessed at, for what was meant there is known.

// mostSuggestions bounds the work for a text that is not Go at all.
const mostSuggestions = 20

// suggest returns a hint for an error of the pass that checks file, or "". It
// must be called while that pass is at the error, since it looks at the scopes.
func (c *checker) suggest(e types.Error, msg string, file *ast.File, info *types.Info) string {
	if len(c.errs) >= mostSuggestions || c.s.position(e.Pos).Filename == "" {
		return "" // an unsaved text, whose errors nobody sees
	}
	g := guess{checker: c, pos: e.Pos, info: info}
	g.path = pathTo(file, e.Pos)
	switch {
	case strings.HasPrefix(msg, "undefined: "):
		name := strings.TrimPrefix(msg, "undefined: ")
		if pkg, sel, ok := strings.Cut(name, "."); ok {
			if token.IsIdentifier(sel) { // else the message has a suggestion already
				return g.exported(pkg, sel)
			}
			return ""
		}
		return g.undefined(name)
	case strings.Contains(msg, " has no field or method "):
		if !strings.Contains(msg, "but does have") && !strings.Contains(msg, "pointer to") {
			return g.member()
		}
	case strings.HasPrefix(msg, "unknown field "):
		if !strings.Contains(msg, "but does have") {
			return g.field()
		}
	case strings.HasPrefix(msg, "invalid operation: "):
		return g.operation(msg)
	case strings.Contains(msg, " (untyped float constant") && strings.HasSuffix(msg, ") truncated to int"):
		return g.truncated(msg)
	case strings.HasPrefix(msg, "cannot convert "):
		return g.conversion(msg)
	case strings.HasPrefix(msg, "invalid argument: index -"):
		return g.fromEnd()
	}
	return ""
}

// guess is an error and what stands around it.
type guess struct {
	*checker
	pos  token.Pos
	info *types.Info
	path []ast.Node // from a declaration to the innermost node that starts at pos
}

// pathTo finds the innermost node at pos, with those around it.
func pathTo(file *ast.File, pos token.Pos) []ast.Node {
	var stack, found []ast.Node
	for _, d := range file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			if id, ok := n.(*ast.Ident); ok && id.Name == showName {
				return false // it stands where the cell's result does
			}
			stack = append(stack, n)
			if n.Pos() == pos && len(stack) > len(found) {
				found = slices.Clone(stack)
			}
			return true
		})
	}
	return found
}

// around returns the nth node outwards; 0 is the innermost.
func (g *guess) around(n int) ast.Node {
	if n < len(g.path) {
		return g.path[len(g.path)-1-n]
	}
	return nil
}

// use is how a name is used where it stands, as far as that tells what it can be.
type use struct {
	called   bool
	typ      bool
	member   string // what is selected of it
	assigned bool   // by = alone
}

// use looks at the nth node outwards.
func (g *guess) use(n int) use {
	at, ok := g.around(n).(ast.Expr)
	if !ok {
		return use{}
	}
	switch p := g.around(n + 1).(type) {
	case *ast.CallExpr:
		return use{called: p.Fun == at}
	case *ast.CompositeLit:
		return use{typ: p.Type == at}
	case *ast.ValueSpec:
		return use{typ: p.Type == at}
	case *ast.Field:
		return use{typ: p.Type == at}
	case *ast.ArrayType:
		return use{typ: p.Elt == at}
	case *ast.MapType, *ast.ChanType:
		return use{typ: true}
	case *ast.SelectorExpr:
		if p.X == at {
			return use{member: p.Sel.Name}
		}
	case *ast.AssignStmt:
		return use{assigned: p.Tok == token.ASSIGN && slices.Contains(p.Lhs, at)}
	case *ast.RangeStmt:
		return use{assigned: p.Tok == token.ASSIGN && (p.Key == at || p.Value == at)}
	}
	return use{}
}

// fits reports whether obj can be used so.
func (u use) fits(obj types.Object, pkg *types.Package) bool {
	_, isType := obj.(*types.TypeName)
	_, isBuiltin := obj.(*types.Builtin)
	pn, isPackage := obj.(*types.PkgName)
	switch {
	case u.typ:
		return isType
	case u.called:
		return isType || isBuiltin || obj.Type() != nil && isFunc(obj.Type())
	case u.assigned:
		_, isVar := obj.(*types.Var)
		return isVar
	case u.member != "":
		if isPackage {
			return pn.Imported().Scope().Lookup(u.member) != nil
		}
		if obj.Type() == nil {
			return false
		}
		m, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, u.member)
		return m != nil
	}
	return !isType && !isBuiltin && !isPackage
}

func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// undefined is for a name that stands for nothing.
func (g *guess) undefined(name string) string {
	id, ok := g.around(0).(*ast.Ident)
	if !ok || id.Name != name {
		return ""
	}
	u := g.use(0)
	declare := ""
	if u.assigned {
		declare = g.declaration()
	}
	hint := g.meant(name, u, declare)
	if hint != declare && g.declared(name) {
		return declare
	}
	return hint
}

// meant is what an undefined name may be meant for.
func (g *guess) meant(name string, u use, declare string) string {
	near, exact := g.nearNames(name, u)
	if near != "" && exact && declare == "" {
		return near
	}
	if h := foreignCalls[name]; h != "" && u.called {
		return h
	}
	if _, ok := stdlib.Preloaded(name); ok && u.member == "" && !u.assigned {
		return name + " is a package: what it has is written " + name + ".Name"
	}
	switch {
	case near != "" && declare != "":
		return near + " " + upperFirst(declare)
	case declare != "":
		return declare
	}
	if h := foreignNames[name]; h != "" {
		return h
	}
	if u.member != "" {
		if near != "" {
			return near
		}
		return notPreloaded(name)
	}
	if near == "" || len(name) > 5 {
		if found := g.whereExported(name, u); found != "" {
			return found
		}
	}
	return near
}

// declaration says how to declare what an = assigns to.
func (g *guess) declaration() string {
	var to []ast.Expr
	after := ""
	switch st := g.around(1).(type) {
	case *ast.AssignStmt:
		to = st.Lhs
	case *ast.RangeStmt:
		to, after = []ast.Expr{st.Key}, "range "
		if st.Value != nil {
			to = append(to, st.Value)
		}
	}
	var lhs []string
	for _, x := range to {
		id, ok := x.(*ast.Ident)
		if !ok {
			return ""
		}
		lhs = append(lhs, id.Name)
	}
	list := strings.Join(lhs, ", ")
	what := "a new variable"
	if len(lhs) > 1 {
		what = "new variables"
	}
	return "to declare " + what + ", write " + list + " := " + after + "…"
}

// declared reports whether some cell, this one perhaps, has a declaration of
// name: it failed, or stands in an inner block, or comes later.
func (g *guess) declared(name string) bool {
	for _, src := range g.s.sources {
		if strings.Contains(src, name) && declares(src, name) {
			return true
		}
	}
	return false
}

// declares reports whether a token of src that is name looks like its declaration.
func declares(src, name string) bool {
	toks := lex(src)
	text := func(t lexeme) string { return src[t.off:t.end] }
	depth, group := 0, -1 // open brackets, and those around var ( … ) and its like
	for i, t := range toks {
		switch t.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if depth++; t.tok == token.LPAREN && i > 0 && declaring(toks[i-1].tok) {
				group = depth
			}
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if depth--; depth < group {
				group = -1
			}
		}
		if t.tok != token.IDENT || text(t) != name {
			continue
		}
		if i > 0 {
			before := toks[i-1].tok
			if before == token.FUNC || declaring(before) || depth == group && (before == token.SEMICOLON || before == token.LPAREN) {
				return true
			}
		}
		// name, other := …
		for j := i + 1; j < len(toks); j++ {
			if tok := toks[j].tok; tok == token.DEFINE {
				return true
			} else if tok != token.COMMA && tok != token.IDENT {
				break
			}
		}
	}
	return false
}

func declaring(t token.Token) bool { return t == token.VAR || t == token.CONST || t == token.TYPE }

// nearNames looks for the name among all that could stand here; exact says that
// it differs in upper and lower case alone.
func (g *guess) nearNames(name string, u use) (hint string, exact bool) {
	n := candidates{want: name}
	add := func(name string, obj types.Object) {
		if obj != nil && n.near(name) && u.fits(obj, g.s.pkg) {
			n.add(name)
		}
	}
	hidden := map[string]bool{}
	var walk func(*types.Scope)
	walk = func(s *types.Scope) {
		for child := range s.Children() {
			// A file's scope has no extent; neither has a function's before its body.
			if s == g.s.pkg.Scope() || child.Contains(g.pos) {
				walk(child)
			}
		}
		for _, name := range s.Names() {
			if hidden[name] {
				continue
			}
			if _, obj := s.LookupParent(name, g.pos); obj != nil && obj == s.Lookup(name) {
				hidden[name] = true
				add(name, obj)
			}
		}
	}
	walk(g.s.pkg.Scope())
	for name, obj := range g.scope {
		if !hidden[name] {
			add(name, obj)
		}
	}
	for name := range g.s.global.names {
		if !hidden[name] && g.scope[name] == nil && n.near(name) {
			add(name, g.lookup(name))
		}
	}
	for name := range g.s.predeclared {
		add(name, g.lookup(name))
	}
	for _, name := range types.Universe.Names() {
		if name != "print" && name != "println" { // fmt's are meant
			add(name, types.Universe.Lookup(name))
		}
	}
	for _, p := range append(slices.Clone(g.out.dots), g.s.global.dots...) {
		if pkg, err := g.s.importer.Import(p); err == nil {
			for _, name := range pkg.Scope().Names() {
				if token.IsExported(name) {
					add(name, pkg.Scope().Lookup(name))
				}
			}
		}
	}
	if u.member != "" {
		addPackage := func(name, path string) {
			if hidden[name] || g.lookup(name) != nil || !n.near(name) {
				return
			}
			if pkg, err := g.s.importer.Import(path); err == nil {
				add(name, types.NewPkgName(token.NoPos, g.s.pkg, name, pkg))
			}
		}
		for _, imports := range []map[string]string{g.out.imports, g.s.global.imports} {
			for name, path := range imports {
				addPackage(name, path)
			}
		}
		for _, p := range stdlib.Packages() {
			if p.Preloaded {
				addPackage(p.Name, p.Path)
			}
		}
	}
	return n.hint(""), n.best == 0
}

// notPreloaded is for a name before a dot that no import explains.
func notPreloaded(name string) string {
	if name == "unsafe" {
		return "there is a package unsafe: import it in the cell"
	}
	found := ""
	for _, p := range stdlib.Packages() {
		if p.Name != name && path.Base(p.Path) != name {
			continue
		}
		if found != "" {
			return ""
		}
		found = "there is a package " + p.Path + ": import it in the cell"
		if p.Preloaded {
			found = "the package " + p.Path + " is called " + p.Name
		}
	}
	return found
}

// exported is for pkg.name when the package has no such name.
func (g *guess) exported(pkg, name string) string {
	id, ok := g.around(0).(*ast.Ident)
	if !ok {
		return ""
	}
	sel, ok := g.around(1).(*ast.SelectorExpr)
	if !ok || sel.Sel != id {
		return ""
	}
	base, ok := sel.X.(*ast.Ident)
	if !ok || base.Name != pkg {
		return ""
	}
	pn, ok := g.info.Uses[base].(*types.PkgName)
	if !ok {
		return ""
	}
	u := g.use(1)
	// rand.Seed, template.HTML: there may be another package of that name.
	for _, p := range stdlib.Packages() {
		if p.Name == pn.Imported().Name() && p.Path != pn.Imported().Path() {
			if syms, ok := stdlib.Symbols(p.Path); ok && syms[name].IsValid() {
				return pkg + " is " + pn.Imported().Path() + " here; " + p.Path + " has " + name + ": import it in the cell"
			}
		}
	}
	n := candidates{want: name}
	for _, other := range pn.Imported().Scope().Names() {
		if token.IsExported(other) && n.near(other) && u.fits(pn.Imported().Scope().Lookup(other), g.s.pkg) {
			n.add(other)
		}
	}
	if h := n.hint(pkg + "."); h != "" {
		return h
	}
	return g.whereExported(name, u)
}

// member is for x.name when x has no such field or method.
func (g *guess) member() string {
	id, ok := g.around(0).(*ast.Ident)
	if !ok {
		return ""
	}
	sel, ok := g.around(1).(*ast.SelectorExpr)
	if !ok || sel.Sel != id {
		return ""
	}
	if t := g.typeOf(sel.X); t != nil {
		if h := memberHint(sel, t); h != "" {
			return h
		}
	}
	tv, ok := g.info.Types[sel.X]
	if !ok || tv.Type == nil {
		return ""
	}
	u := g.use(1)
	names := map[string]bool{}
	memberNames(tv.Type, names, map[types.Type]bool{})
	n := candidates{want: id.Name}
	for name := range names {
		if !n.near(name) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(tv.Type, true, g.s.pkg, name)
		if obj == nil || !obj.Exported() && obj.Pkg() != g.s.pkg {
			continue
		}
		if _, method := obj.(*types.Func); u.assigned && method || tv.IsType() && !method {
			continue
		}
		if u.called && !isFunc(obj.Type()) {
			continue
		}
		n.add(name)
	}
	return n.hint("")
}

// field is for a key of a struct literal.
func (g *guess) field() string {
	id, ok := g.around(0).(*ast.Ident)
	if !ok {
		return ""
	}
	lit, ok := g.around(2).(*ast.CompositeLit)
	if !ok {
		return ""
	}
	t := g.info.TypeOf(lit)
	if t == nil && lit.Type != nil {
		t = g.info.TypeOf(lit.Type)
	}
	if t == nil {
		return ""
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	n := candidates{want: id.Name}
	for f := range st.Fields() {
		if (f.Exported() || f.Pkg() == g.s.pkg) && n.near(f.Name()) {
			n.add(f.Name())
		}
	}
	return n.hint("")
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
