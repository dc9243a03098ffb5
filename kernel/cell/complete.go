package cell

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"swingby/stdlib"
)

// Completion lists what could stand at the cursor.
type Completion struct {
	Start, End int // bytes of src that a match replaces
	Matches    []Match
}

// Match is one completion.
type Match struct {
	Text string
	Kind string // "function", "method", "field", "variable", "constant", "type", "module", "keyword", "path"
	// Signature is that of a function or method without its name, the type of a
	// variable, field or constant, what a type is made of, or a package's import path.
	Signature string
}

// Complete returns completions at a byte offset of src, which need not be a
// correct cell: members after a dot, names in scope, keys of struct literals,
// import paths, and in other strings names of files. The likely ones come
// first: locals, what cells have declared, packages, then what the language has.
// When no name starts with what is written, case is ignored.
//
// It may be called while a cell runs, and changes nothing.
func (s *Session) Complete(src string, cursor int) (c Completion) {
	cursor = atRune(src, cursor)
	c = Completion{Start: cursor, End: cursor}
	// go/types is not made for every text a person may have half written. A
	// cell is worth more than its completion.
	defer func() {
		if recover() != nil {
			c = Completion{Start: cursor, End: cursor}
		}
	}()
	return s.complete(src, cursor)
}

// atRune moves a cursor into the text and to the start of a rune.
func atRune(src string, cursor int) int {
	cursor = max(0, min(cursor, len(src)))
	for cursor > 0 && cursor < len(src) && !utf8.RuneStart(src[cursor]) {
		cursor--
	}
	return cursor
}

// placeholder stands for the name that is being written, so that the parser sees one.
const placeholder = "ǃcursor"

func (s *Session) complete(src string, cursor int) Completion {
	none := Completion{Start: cursor, End: cursor}
	toks := lex(src)
	k := tokenBefore(toks, cursor)
	start, end := cursor, cursor
	if k >= 0 {
		t := toks[k]
		switch {
		case t.tok == token.COMMENT:
			if cursor < t.end || t.open || strings.HasPrefix(src[t.off:], "//") {
				return none
			}
		case t.tok == token.STRING && (cursor < t.end || !closedString(src[t.off:t.end])):
			return s.completeString(src, toks[:k], t, cursor)
		case t.tok == token.CHAR || t.tok == token.INT || t.tok == token.FLOAT || t.tok == token.IMAG:
			if cursor <= t.end {
				return none
			}
		case (t.tok == token.IDENT || t.tok.IsKeyword()) && cursor <= t.end:
			start, end = t.off, t.end
			k--
		}
	}
	for k >= 0 && toks[k].tok == token.COMMENT {
		k--
	}
	w := &wanted{prefix: src[start:cursor], before: toks[:k+1], seen: map[string]bool{}}

	s.mu.Lock()
	defer s.mu.Unlock()
	text := src[:start] + placeholder + src[end:]
	v, path, done := s.lookAt(text, start+len(placeholder), func(id *ast.Ident) bool { return strings.HasPrefix(id.Name, placeholder) })
	defer done()
	v.collect(w, path)
	return Completion{Start: start, End: end, Matches: v.matches(w)}
}

// lookAt checks a text for what one identifier of it means; end is where that ends.
// A text with syntax errors is first taken as it stands and then repaired.
func (s *Session) lookAt(text string, end int, want func(*ast.Ident) bool) (*view, []ast.Node, func()) {
	fixed := repair(text, end)
	if fixed == "" {
		v, done := s.look("")
		return v, nil, done
	}
	v, done := s.look(text)
	path := v.find(want)
	if path != nil && !v.broken {
		return v, path, done
	}
	again, doneAgain := s.look(fixed)
	if p := again.find(want); p != nil || path == nil {
		done()
		return again, p, doneAgain
	}
	doneAgain()
	return v, path, done
}

// tokenBefore returns the last token that starts before the cursor, or -1.
func tokenBefore(toks []lexeme, cursor int) int {
	k := -1
	for i, t := range toks {
		if t.off >= cursor {
			break
		}
		if t.off < t.end {
			k = i
		}
	}
	return k
}

func closedString(lit string) bool { return len(lit) > 1 && lit[len(lit)-1] == lit[0] }

// wanted is what completion looks for, and what it found.
type wanted struct {
	prefix string
	before []lexeme // without comments at its end
	seen   map[string]bool
	list   []candidate
}

type candidate struct {
	Match
	rank int
	obj  types.Object // for kind and signature
}

// The order of matches.
const (
	rankLocal = iota
	rankSession
	rankPackage
	rankUniverse
	rankKeyword
)

// add takes a candidate, unless one of that name hides it.
func (w *wanted) add(rank int, name string, obj types.Object) {
	if w.seen[name] || name == "_" || strings.Contains(name, "·") || strings.HasPrefix(name, placeholder) {
		return
	}
	w.seen[name] = true
	w.list = append(w.list, candidate{Match: Match{Text: name}, rank: rank, obj: obj})
}

func (w *wanted) addMatch(rank int, m Match) {
	if !w.seen[m.Text] {
		w.seen[m.Text] = true
		w.list = append(w.list, candidate{Match: m, rank: rank})
	}
}

// collect finds the candidates for the identifier at the end of path; a nil path
// is a text that the parser cannot make sense of.
func (v *view) collect(w *wanted, path []ast.Node) {
	if path == nil {
		if n := len(w.before); n > 0 && w.before[n-1].tok == token.PERIOD {
			return
		}
		v.names(w, nil, false)
		v.keywords(w, nil, atStatement(w.before), true)
		return
	}
	id := path[len(path)-1].(*ast.Ident)
	var parent, grand ast.Node
	if n := len(path); n > 1 {
		parent = path[n-2]
		if n > 2 {
			grand = path[n-3]
		}
	}
	switch p := parent.(type) {
	case *ast.SelectorExpr:
		if p.Sel == id {
			v.members(w, p, isTypePosition(grand, p))
			return
		}
	case *ast.FuncDecl:
		return // names what is new
	case *ast.TypeSpec:
		if p.Name == id {
			return
		}
	case *ast.ValueSpec:
		if slices.Contains(p.Names, id) {
			return
		}
	case *ast.Field:
		if slices.Contains(p.Names, id) {
			return
		}
	case *ast.LabeledStmt:
		if p.Label == id {
			return
		}
	case *ast.BranchStmt:
		v.labels(w, path)
		return
	case *ast.CompositeLit:
		if p.Type != id && v.keys(w, p, id) {
			return
		}
	case *ast.KeyValueExpr:
		if lit, ok := grand.(*ast.CompositeLit); ok && p.Key == id && v.keys(w, lit, id) {
			return
		}
	}
	onlyTypes := isTypePosition(parent, id)
	v.names(w, path, onlyTypes)
	statement := false
	if es, ok := parent.(*ast.ExprStmt); ok && es.X == id {
		switch grand.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
		default:
			statement = true
		}
	}
	v.keywords(w, path, statement, false)
}

// isTypePosition reports whether the child of n must be a type.
func isTypePosition(n ast.Node, child ast.Expr) bool {
	switch n := n.(type) {
	case *ast.Field:
		return n.Type == child
	case *ast.ValueSpec:
		return n.Type == child
	case *ast.TypeSpec:
		return n.Type == child
	case *ast.ArrayType:
		return n.Elt == child
	case *ast.MapType, *ast.ChanType, *ast.Ellipsis:
		return true
	case *ast.TypeAssertExpr:
		return n.Type == child
	}
	return false
}

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

// matches picks and orders the candidates that fit.
func (v *view) matches(w *wanted) []Match {
	fit := func(ok func(name string) bool) (list []candidate) {
		for _, c := range w.list {
			if ok(c.Text) {
				list = append(list, c)
			}
		}
		return list
	}
	list := fit(func(name string) bool { return strings.HasPrefix(name, w.prefix) })
	if len(list) == 0 {
		list = fit(func(name string) bool { return hasPrefixFold(name, w.prefix) })
	}
	for i := range list {
		if c := &list[i]; c.obj != nil {
			c.Kind, c.Signature = v.s.describe(c.obj)
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		if fa, fb := a.Kind == "field", b.Kind == "field"; fa != fb {
			if fa {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Text, b.Text)
	})
	var out []Match
	for _, c := range list {
		out = append(out, c.Match)
	}
	return out
}

func hasPrefixFold(s, prefix string) bool {
	for _, p := range prefix {
		r, n := utf8.DecodeRuneInString(s)
		if n == 0 || !strings.EqualFold(string(p), string(r)) {
			return false
		}
		s = s[n:]
	}
	return true
}

// describe returns the kind and signature of a match.
func (s *Session) describe(obj types.Object) (kind, signature string) {
	switch obj := obj.(type) {
	case *types.Func:
		kind = "function"
		if obj.Signature().Recv() != nil {
			kind = "method"
		}
		var b bytes.Buffer
		types.WriteSignature(&b, obj.Signature(), s.qualify)
		return kind, b.String()
	case *types.Builtin:
		decl, _, _ := stdlib.Doc("builtin", obj.Name())
		return "function", strings.TrimPrefix(decl, "func "+obj.Name())
	case *types.Const:
		return "constant", s.typeString(obj.Type()) + " = " + obj.Val().String()
	case *types.Nil:
		return "constant", ""
	case *types.TypeName:
		return "type", s.typeShape(obj)
	case *types.PkgName:
		return "module", strconv.Quote(obj.Imported().Path())
	case *types.Var:
		kind = "variable"
		if obj.IsField() {
			kind = "field"
		}
		return kind, s.typeString(obj.Type())
	}
	return "variable", ""
}

// typeString spells a type; one that could not be found out has none.
func (s *Session) typeString(t types.Type) string {
	if t == nil || t == types.Typ[types.Invalid] {
		return ""
	}
	return types.TypeString(t, s.qualify)
}

// typeShape says what a type is made of, in short.
func (s *Session) typeShape(tn *types.TypeName) string {
	if _, ok := types.Unalias(tn.Type()).(*types.Basic); ok && !tn.IsAlias() {
		return ""
	}
	if tn.IsAlias() {
		return "= " + s.typeString(types.Unalias(tn.Type()))
	}
	switch u := tn.Type().Underlying().(type) {
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	default:
		return s.typeString(u)
	}
}

// completeString completes inside a string: the path of an import, or of a file.
func (s *Session) completeString(src string, before []lexeme, t lexeme, cursor int) Completion {
	start := t.off + 1
	c := Completion{Start: min(start, cursor), End: cursor}
	text := src[c.Start:cursor]
	if inImport(before) {
		c.End = t.end
		if closedString(src[t.off:t.end]) {
			c.End--
		}
		if i := strings.IndexAny(src[cursor:c.End], " \t;)"); i >= 0 { // the string is not closed yet
			c.End = cursor + i
		}
		var inside []Match
		for _, p := range append([]stdlib.Package{{Path: "unsafe", Name: "unsafe"}}, stdlib.Packages()...) {
			m := Match{Text: p.Path, Kind: "module", Signature: p.Synopsis}
			if strings.HasPrefix(p.Path, text) {
				c.Matches = append(c.Matches, m)
			} else if strings.HasPrefix(path.Base(p.Path), text) || strings.HasPrefix(p.Name, text) {
				inside = append(inside, m)
			}
		}
		c.Matches = append(c.Matches, inside...)
		return c
	}
	if strings.ContainsAny(text, "\\\n") {
		return c
	}
	dir, name := path.Split(text)
	c.Start = cursor - len(name)
	c.Matches = fileNames(dir, name, src[t.off] == '"')
	return c
}

// inImport reports whether the next token is part of an import declaration.
func inImport(toks []lexeme) bool {
	for i := len(toks) - 1; i >= 0; i-- {
		switch t := toks[i]; t.tok {
		case token.IMPORT:
			return true
		case token.SEMICOLON, token.COMMENT, token.IDENT, token.PERIOD, token.STRING, token.LPAREN:
		default:
			return false
		}
		if i+1 < len(toks) && toks[i].tok == token.STRING && !closedList(toks[i:]) {
			return false
		}
	}
	return false
}

// closedList reports whether the string that toks start with is an import spec
// of its own, with a semicolon after it.
func closedList(toks []lexeme) bool { return len(toks) > 1 && toks[1].tok == token.SEMICOLON }

// fileNames lists the files of a directory whose name starts with prefix. It
// looks at a bounded number of entries, in case the directory is enormous.
func fileNames(dir, prefix string, quoted bool) []Match {
	const most = 5000
	if dir == "" {
		dir = "."
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(most) // an error leaves what was read before it
	var list []Match
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix) || name[0] == '.' && prefix == "" {
			continue
		}
		if quoted && strconv.Quote(name) != `"`+name+`"` || strings.ContainsAny(name, "`\r") {
			continue // would need escapes
		}
		if e.IsDir() {
			name += "/"
		}
		list = append(list, Match{Text: name, Kind: "path"})
	}
	slices.SortFunc(list, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	const shown = 500
	return list[:min(len(list), shown)]
}
