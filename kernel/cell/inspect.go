package cell

import (
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"swingby/stdlib"
)

// Inspect describes the name at a byte offset of src, or the function whose
// arguments the offset is among, or the name before it: its declaration and its
// documentation, as plain text and as Markdown. For names of cells it says which
// cell declared them; with detail 1 it adds that cell's text of it, and to a
// type the list of its methods. On the name of a magic it is its help. ok is
// false when there is nothing to say.
//
// It may be called while a cell runs, and changes nothing.
func (s *Session) Inspect(src string, cursor, detail int) (plain, markdown string, ok bool) {
	defer func() {
		if recover() != nil { // see Complete
			plain, markdown, ok = "", "", false
		}
	}()
	cursor = atRune(src, cursor)
	if plain, markdown, ok := inspectMagic(src, cursor); ok {
		return plain, markdown, ok
	}
	return s.inspect(onlyGo(src), cursor, detail)
}

func (s *Session) inspect(src string, cursor, detail int) (plain, markdown string, ok bool) {
	toks := lex(src)
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := tokenBefore(toks, cursor); k >= 0 && toks[k].tok == token.STRING && cursor < toks[k].end && inImport(toks[:k]) {
		if p, err := strconv.Unquote(src[toks[k].off:toks[k].end]); err == nil {
			return s.fromPackage(&article{path: p}, "").format()
		}
	}
	for _, t := range targets(toks, cursor) {
		if a := s.articleAt(src, t, detail); a != nil {
			return a.format()
		}
	}
	return "", "", false
}

// targets lists the identifiers that a cursor may mean, the likely one first:
// the one it touches, the functions whose calls it is in, the one before it.
func targets(toks []lexeme, cursor int) []lexeme {
	var list []lexeme
	before := -1 // the last token that ends at or before the cursor
	for i, t := range toks {
		if t.tok == token.COMMENT && t.off < cursor && cursor <= t.end {
			return nil
		}
		if t.tok == token.IDENT && t.off <= cursor && cursor <= t.end {
			list = append(list, t)
		}
		if t.off < cursor && t.off < t.end {
			before = i
		}
	}
	depth := 0
	for i := before; i > 0; i-- {
		switch t := toks[i]; t.tok {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if t.end <= cursor {
				depth++
			}
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if depth--; depth < 0 {
				depth = 0
				if t.tok == token.LPAREN && toks[i-1].tok == token.IDENT {
					list = append(list, toks[i-1])
				}
			}
		}
	}
	for i := before; i >= 0; i-- {
		if toks[i].tok == token.IDENT {
			return append(list, toks[i])
		}
	}
	return list
}

// article is what there is to say about one name.
type article struct {
	decl   string // Go
	doc    string // as package go/doc/comment parses it
	path   string // the compiled package it is from
	where  string // the cell it is from
	source string // Go
}

// articleAt describes one identifier of src; nil when nothing is known about it.
func (s *Session) articleAt(src string, t lexeme, detail int) *article {
	v, path, done := s.lookAt(src, t.end, func(v *view, id *ast.Ident) bool { return v.offset(id.Pos()) == t.off })
	defer done()
	for _, fd := range v.methods {
		if v.offset(fd.Name.Pos()) == t.off {
			return v.ofFunction(fd, detail)
		}
	}
	if path == nil {
		return nil
	}
	id := path[len(path)-1].(*ast.Ident)
	obj := v.out.info.Uses[id]
	if obj == nil {
		obj = v.out.info.Defs[id]
	}
	var parent, grand ast.Node
	if n := len(path); n > 1 {
		parent = path[n-2]
		if n > 2 {
			grand = path[n-3]
		}
	}
	sel, _ := parent.(*ast.SelectorExpr)
	if obj == nil {
		if sel != nil && sel.Sel == id {
			if fd := v.newMethod(v.out.info.TypeOf(sel.X), id.Name); fd != nil {
				return v.ofFunction(fd, detail)
			}
			return nil
		}
		if obj = v.lookup(id.Name); obj == nil { // in code that is not checked, such as after an error
			if p := v.packagePath(id.Name); p != "" {
				return s.fromPackage(&article{path: p}, "")
			}
			if obj = types.Universe.Lookup(id.Name); obj == nil {
				return nil
			}
		}
	}
	if pn, ok := obj.(*types.PkgName); ok {
		return s.fromPackage(&article{path: pn.Imported().Path()}, "")
	}
	switch pkg := obj.Pkg(); {
	case pkg == nil || pkg == types.Unsafe:
		a := &article{path: "builtin"}
		if pkg != nil {
			a.path = pkg.Path()
		}
		name := obj.Name()
		if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
			name = "error." + name
		}
		return s.fromPackage(a, name)
	case pkg != s.pkg:
		return s.foreign(obj, v.owner(obj, sel, parent, grand), detail)
	}
	return v.own(obj, detail)
}

// owner names the type that declares a method or has a field; "" if it has no name.
func (v *view) owner(obj types.Object, sel *ast.SelectorExpr, parent, grand ast.Node) string {
	switch obj := obj.(type) {
	case *types.Func:
		if recv := obj.Signature().Recv(); recv != nil {
			return typeName(recv.Type())
		}
	case *types.Var:
		if !obj.IsField() {
			return ""
		}
		if sel != nil {
			if s := v.out.info.Selections[sel]; s != nil {
				t := s.Recv()
				for i, k := range s.Index() {
					if p, ok := t.Underlying().(*types.Pointer); ok {
						t = p.Elem()
					}
					st, ok := t.Underlying().(*types.Struct)
					if !ok || k >= st.NumFields() {
						return ""
					}
					if i == len(s.Index())-1 {
						return typeName(t)
					}
					t = st.Field(k).Type()
				}
			}
		}
		for _, n := range []ast.Node{parent, grand} {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if t := v.out.info.TypeOf(lit); t != nil {
					return typeName(t)
				}
			}
		}
	}
	return ""
}

// typeName is the name of a type or of what it points to.
func typeName(t types.Type) string {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// foreign describes a name of a compiled package.
func (s *Session) foreign(obj types.Object, owner string, detail int) *article {
	a := &article{path: obj.Pkg().Path()}
	name := obj.Name()
	if owner != "" {
		name = owner + "." + name
	}
	if s.fromPackage(a, name) == nil {
		a.decl = types.ObjectString(obj, s.qualify)
	}
	if tn, ok := obj.(*types.TypeName); ok && detail > 0 {
		a.source = s.methodList(tn)
	}
	return a
}

// methodList declares the exported methods of a type, and of a pointer to it.
func (s *Session) methodList(tn *types.TypeName) string {
	named, ok := types.Unalias(tn.Type()).(*types.Named)
	if !ok {
		return ""
	}
	var b strings.Builder
	for m := range named.Methods() {
		if !m.Exported() && m.Pkg() != s.pkg || strings.Contains(m.Name(), "·") {
			continue
		}
		if m.Pkg() != s.pkg {
			if a := s.fromPackage(&article{path: m.Pkg().Path()}, tn.Name()+"."+m.Name()); a != nil {
				fmt.Fprintln(&b, a.decl)
				continue
			}
		}
		_, sig := s.describe(m)
		fmt.Fprintf(&b, "func (%s) %s%s\n", s.typeString(m.Signature().Recv().Type()), m.Name(), sig)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// fromPackage fills in what a package's documentation has; nil if that is nothing.
func (s *Session) fromPackage(a *article, name string) *article {
	if p := s.library.packages[a.path]; p != nil {
		return p.article(a, name, s)
	}
	decl, doc, ok := stdlib.Doc(a.path, name)
	if !ok {
		return nil
	}
	a.decl, a.doc = decl, doc
	if name == "" {
		a.decl = fmt.Sprintf("%s // import %q", decl, a.path)
	}
	return a
}

// own describes a name of this cell or an earlier one.
func (v *view) own(obj types.Object, detail int) *article {
	name := obj.Name()
	if obj == v.s.predeclared[name] {
		_, sig := v.s.describe(obj)
		return &article{decl: "var " + name + " " + sig, doc: "Each cell has a context of its own, which is cancelled when the cell is interrupted."}
	}
	switch obj := obj.(type) {
	case *types.Func:
		if fd := v.declOfFunc(obj); fd != nil {
			return v.ofFunction(fd, detail)
		}
	case *types.TypeName:
		if spec := v.specOf(obj); spec != nil {
			a := v.article(obj.Pos(), "", spec.Doc, detail)
			if text := v.textOf(spec); text != "" {
				a.decl = "type " + text
			} else {
				a.decl = "type " + v.s.text(spec)
			}
			if list := v.s.methodList(obj); list != "" && detail > 0 {
				a.source = strings.TrimSpace(a.source + "\n\n" + list)
			}
			return a
		}
	}
	decl := types.ObjectString(obj, v.s.qualify)
	_, sig := v.s.describe(obj)
	switch obj := obj.(type) {
	case *types.Const:
		if b, ok := obj.Type().(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
			sig = "= " + obj.Val().String()
		}
		decl = "const " + name + " " + sig
	case *types.Var:
		decl = strings.TrimSpace("var " + name + " " + sig)
		if obj.IsField() {
			decl = strings.TrimSpace(name + " " + sig)
		}
	}
	a := v.article(obj.Pos(), decl, nil, detail)
	if t, ok := obj.(*types.Var); ok && a.doc == "" {
		a.doc = v.typeSynopsis(t.Type())
	}
	return a
}

// typeSynopsis is the first paragraph of a type's documentation, which says
// what a variable of it is.
func (v *view) typeSynopsis(t types.Type) string {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok {
		return ""
	}
	doc := ""
	if tn := named.Obj(); tn.Pkg() == v.s.pkg {
		if spec := v.specOf(tn); spec != nil {
			doc = docText(spec.Doc)
		}
	} else if tn.Pkg() != nil {
		if a := v.s.fromPackage(&article{path: tn.Pkg().Path()}, tn.Name()); a != nil {
			doc = a.doc
		}
	}
	doc, _, _ = strings.Cut(doc, "\n\n")
	return doc
}

// ofFunction describes a function or method declared in a cell.
func (v *view) ofFunction(fd *ast.FuncDecl, detail int) *article {
	decl := v.s.text(&ast.FuncDecl{Recv: fd.Recv, Name: fd.Name, Type: fd.Type})
	return v.article(fd.Name.Pos(), decl, fd.Doc, detail)
}

// declOfFunc finds the declaration of a function or method.
func (v *view) declOfFunc(obj *types.Func) *ast.FuncDecl {
	for _, f := range v.out.funcs {
		if f.obj == obj {
			return f.decl
		}
	}
	for _, m := range v.out.methods {
		if m.obj == obj {
			return m.decl
		}
	}
	if b := v.s.global.names[obj.Name()]; b != nil && b.obj == obj && b.fn != nil {
		return b.fn.decl
	}
	if recv := obj.Signature().Recv(); recv != nil {
		if b := v.s.global.names[typeName(recv.Type())]; b != nil && b.typ != nil {
			// The type may have been declared again since.
			if m := b.typ.methods[obj.Name()]; m != nil && m.sig != nil && types.Identical(m.sig.Recv().Type(), recv.Type()) {
				return m.decl
			}
		}
	}
	return nil
}

// newMethod finds a method that this cell gives to a type of an earlier one.
func (v *view) newMethod(t types.Type, name string) *ast.FuncDecl {
	if t == nil {
		return nil
	}
	for _, fd := range v.methods {
		if fd.Name.Name == name && receiverBase(fd) == typeName(t) {
			return fd
		}
	}
	return nil
}

// specOf finds the declaration of a type.
func (v *view) specOf(tn *types.TypeName) *ast.TypeSpec {
	for td, obj := range v.out.typeObj {
		if obj == tn {
			return td.spec
		}
	}
	if b := v.s.global.names[tn.Name()]; b != nil && b.obj == tn && b.typ != nil {
		return b.typ.spec
	}
	return nil
}

// article starts one about what is declared at pos.
func (v *view) article(pos token.Pos, decl string, doc *ast.CommentGroup, detail int) *article {
	a := &article{decl: decl, doc: docText(doc)}
	text, off, cell := v.origin(pos)
	if text == "" {
		return a
	}
	if cell != "" {
		a.where = "Defined in " + cell + "."
	} else {
		a.where = "Defined in this cell."
	}
	if a.doc == "" {
		a.doc = commentAt(text, off)
	}
	if detail > 0 {
		chunks, _ := split(text)
		for _, c := range chunks {
			if c.start <= off && off < c.end {
				a.source = strings.TrimSpace(text[c.start:c.end])
			}
		}
	}
	return a
}

// origin finds the text a position is in, and the name of the cell unless it is this one.
func (v *view) origin(pos token.Pos) (text string, off int, cell string) {
	if !pos.IsValid() {
		return "", 0, ""
	}
	p := v.s.fset.Position(pos)
	if p.Filename == "" {
		text, off = v.src, v.offset(pos)
	} else {
		cell = cellOf(p.Filename)
		text = onlyGo(v.s.sources[cell])
		for range p.Line - 1 {
			off += strings.IndexByte(text[off:], '\n') + 1
		}
		off += p.Column - 1
	}
	if off < 0 || off > len(text) {
		return "", 0, ""
	}
	return text, off, cell
}

// textOf is a node as its author wrote it.
func (v *view) textOf(n ast.Node) string {
	text, from, _ := v.origin(n.Pos())
	_, to, _ := v.origin(n.End())
	if from > to || to > len(text) {
		return ""
	}
	return text[from:to]
}

// commentAt finds what a comment says about the line of an offset: in the lines
// above it or at its end.
func commentAt(text string, off int) string {
	start := strings.LastIndexByte(text[:off], '\n') + 1
	line := text[start : start+indexOrLen(text[start:], "\n")]
	var lines []string
	for start > 0 {
		above := strings.LastIndexByte(text[:start-1], '\n') + 1
		l, ok := strings.CutPrefix(strings.TrimSpace(text[above:start]), "//")
		if !ok {
			break
		}
		lines = append([]string{strings.TrimPrefix(l, " ")}, lines...)
		start = above
	}
	if len(lines) == 0 {
		for _, t := range lex(line) {
			if t.tok == token.COMMENT && strings.HasPrefix(line[t.off:], "//") {
				lines = append(lines, strings.TrimSpace(line[t.off+2:t.end]))
			}
		}
	}
	return strings.Join(lines, "\n")
}

// format is the article as plain text and as Markdown.
func (a *article) format() (plain, markdown string, ok bool) {
	if a == nil {
		return "", "", false
	}
	parser := &comment.Parser{}
	printer := &comment.Printer{
		HeadingID:      func(*comment.Heading) string { return "" },
		DocLinkBaseURL: "https://pkg.go.dev",
	}
	doc := parser.Parse(a.doc)
	var p, m []string
	add := func(plain, markdown string) {
		if plain = strings.Trim(plain, "\n"); plain != "" {
			p, m = append(p, plain), append(m, strings.Trim(markdown, "\n"))
		}
	}
	add(a.decl, "```go\n"+a.decl+"\n```")
	add(string(printer.Text(doc)), string(printer.Markdown(doc)))
	if a.path != "" && a.path != "builtin" && !strings.HasPrefix(a.decl, "package ") {
		add("From "+a.path+".", "From `"+a.path+"`.")
	}
	add(a.where, a.where)
	add(a.source, "```go\n"+a.source+"\n```")
	return strings.Join(p, "\n\n") + "\n", strings.Join(m, "\n\n") + "\n", true
}
