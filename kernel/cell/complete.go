package cell

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
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
	Kind string // "function", "method", "field", "variable", "constant", "type", "module", "keyword", "path", "magic"
	// Signature is that of a function or method without its name, the type of a
	// variable, field or constant, what a type is made of, a package's import path, or what a magic does.
	Signature string
}

// Complete returns completions at a byte offset of src, which need not be a
// correct cell: members after a dot, names in scope, keys of struct literals,
// import paths, and in other strings names of files; in a magic its name or its
// arguments. The likely ones come
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
	if c, ok := completeMagic(src, cursor); ok {
		return c
	}
	return s.complete(onlyGo(src), cursor)
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
	v, path, done := s.lookAt(text, start+len(placeholder), func(_ *view, id *ast.Ident) bool { return strings.HasPrefix(id.Name, placeholder) })
	defer done()
	v.collect(w, path)
	return Completion{Start: start, End: end, Matches: v.matches(w)}
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
