package cell

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
)

// view is a cell that is still being written, checked as far as it goes: what
// completion and inspection know about it. The session keeps nothing of it.
type view struct {
	*checker
	src     string // the text that was checked
	broken  bool   // it has syntax errors
	methods []*ast.FuncDecl
	sigs    map[*ast.FuncDecl]*ast.FuncType // as the bodies were checked
}

// Text before the cell in each section's file; of one length, so that a
// position's offset is the offset in the cell and a constant.
const (
	viewFile  = "package main;          \n"
	viewStmts = "package main;func _() {\n"
)

// maxNesting bounds the brackets that are open at a place worth looking at.
const maxNesting = 500

// look checks src whatever is wrong with it. The caller holds s.mu until it has
// called done, after which positions in the view mean nothing.
func (s *Session) look(src string) (v *view, done func()) {
	base := s.fset.Base()
	p, broken := parseLoose(s.fset, src)
	var files []*token.File
	s.fset.Iterate(func(f *token.File) bool {
		if f.Base() >= base {
			files = append(files, f)
		}
		return true
	})
	info := newInfo()
	info.Scopes = map[ast.Node]*types.Scope{}
	v = &view{src: src, broken: broken, sigs: map[*ast.FuncDecl]*ast.FuncType{}, checker: &checker{
		s: s, scope: map[string]types.Object{}, out: &checked{
			parsed:  p,
			info:    info,
			imports: map[string]string{},
			typeObj: map[*typeDecl]*types.TypeName{},
			consts:  map[string]types.Object{},
			objects: map[types.Object]string{},
		},
	}}
	v.readImports()

	// Types are taken for new even when they repeat what the session has, and
	// methods of the session's types for functions: go/types cannot take a
	// method away again.
	declared := map[string]bool{}
	var wrapped []*ast.TypeSpec
	for _, d := range p.decls {
		for _, sp := range d.Specs {
			if ts, ok := sp.(*ast.TypeSpec); ok {
				declared[ts.Name.Name] = true
				ts.Type = &ast.ParenExpr{Lparen: ts.Type.Pos(), X: ts.Type, Rparen: ts.Type.End()}
				wrapped = append(wrapped, ts)
			}
		}
	}
	var flat []*ast.FuncDecl
	for i, fd := range p.funcs {
		if fd.Recv == nil {
			continue
		}
		if len(fd.Recv.List) > 0 {
			v.methods = append(v.methods, fd)
			if declared[receiverBase(fd)] {
				continue
			}
		} else {
			fd.Recv = nil
		}
		f := &ast.FuncDecl{Doc: fd.Doc, Name: &ast.Ident{Name: "_", NamePos: fd.Name.NamePos}, Type: v.withReceiver(fd), Body: fd.Body}
		flat = append(flat, f)
		p.funcs[i] = f
	}
	undo := v.checkDecls()
	for _, f := range flat {
		v.out.funcs = append(v.out.funcs, &funcDecl{name: "_", decl: f})
	}
	v.checkStmts()
	v.checkBodies()
	for _, ts := range wrapped {
		ts.Type = ts.Type.(*ast.ParenExpr).X
	}
	for _, f := range v.out.funcs {
		v.sigs[f.decl] = f.body.Type
	}
	for _, m := range v.out.methods {
		v.sigs[m.decl] = m.body.Type
	}
	return v, func() {
		undo()
		for _, f := range files {
			s.fset.RemoveFile(f)
		}
	}
}

// parseLoose is parse for a text with errors: it returns what the parser could make of it.
func parseLoose(fset *token.FileSet, src string) (p *parsed, broken bool) {
	src = strings.ReplaceAll(src, "\r\n", " \n") // as Execute, but every byte keeps its place
	chunks, silent := split(src)
	p = &parsed{silent: silent}
	section := func(head string, kind chunkKind, tail string) *ast.File {
		f, err := parser.ParseFile(fset, "", head+blankOut(src, chunks, kind)+tail, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
		broken = broken || err != nil
		return f
	}
	if f := section(viewFile, chunkImport, ""); f != nil {
		p.imports = f.Imports
	}
	if f := section(viewFile, chunkFunc, ""); f != nil {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				p.funcs = append(p.funcs, fd)
			}
		}
	}
	f := section(viewStmts, chunkStmt, "\n}")
	if f == nil || len(f.Decls) == 0 {
		return p, broken
	}
	if fd, ok := f.Decls[0].(*ast.FuncDecl); ok && fd.Body != nil {
		p.body = fd.Body
		for _, st := range fd.Body.List {
			if g, ok := st.(*ast.DeclStmt); ok {
				d, ok := g.Decl.(*ast.GenDecl)
				if !ok {
					continue
				}
				if d.Tok != token.VAR {
					p.decls = append(p.decls, d)
					continue
				}
			}
			p.stmts = append(p.stmts, st)
		}
		attachDocs(f, p.decls)
	}
	return p, broken
}

// repair makes a text that cannot be parsed into one that shows what stands
// before end: brackets open there are closed, and what follows is left out up
// to the next declaration that starts a line.
func repair(src string, end int) string {
	var open []token.Token
	first := token.ILLEGAL // token of the statement end is in
	inHeader := false
	fresh := true
	for _, t := range lex(src[:end]) {
		switch t.tok {
		case token.COMMENT:
			continue
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, t.tok)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			for len(open) > 0 {
				o := open[len(open)-1]
				open = open[:len(open)-1]
				if closer(o) == t.tok {
					break
				}
			}
		}
		if fresh {
			first = t.tok
		}
		switch t.tok {
		case token.LBRACE, token.RBRACE:
			fresh, inHeader = true, false
		case token.SEMICOLON:
			if !inHeader || t.off == t.end {
				fresh, inHeader = true, false
			}
		case token.ELSE:
			fresh = true
		default:
			if fresh {
				inHeader = first == token.IF || first == token.FOR || first == token.SWITCH
			}
			fresh = false
		}
	}
	if len(open) > maxNesting {
		return ""
	}
	var b strings.Builder
	b.WriteString(src[:end])
	for i := len(open) - 1; i >= 0; i-- {
		if open[i] == token.LBRACE && inHeader {
			b.WriteString(" {}\n")
			inHeader = false
		}
		switch open[i] {
		case token.LPAREN:
			b.WriteByte(')')
		case token.LBRACK:
			b.WriteByte(']')
		case token.LBRACE:
			b.WriteByte('}')
		}
	}
	if inHeader {
		b.WriteString(" {}")
	}
	b.WriteByte('\n')
	rest := src[end:]
	for {
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
		for _, k := range []string{"func ", "type ", "const ", "var ", "import "} {
			if strings.HasPrefix(rest, k) {
				b.WriteString(rest)
				return b.String()
			}
		}
	}
	return b.String()
}

// offset is where pos stands in the text.
func (v *view) offset(pos token.Pos) int {
	return v.s.fset.PositionFor(pos, false).Offset - len(viewFile)
}

// lookAt checks a text for what one identifier of it means; end is where that ends.
// A text with syntax errors is first taken as it stands and then repaired.
func (s *Session) lookAt(text string, end int, want func(*view, *ast.Ident) bool) (*view, []ast.Node, func()) {
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

// find returns the nodes from a declaration or statement of the cell down to an identifier.
func (v *view) find(want func(*view, *ast.Ident) bool) (path []ast.Node) {
	var stack []ast.Node
	walk := func(root ast.Node) {
		if path != nil {
			return
		}
		stack = stack[:0]
		ast.Inspect(root, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return false
			}
			if path != nil {
				return false
			}
			stack = append(stack, n)
			if id, ok := n.(*ast.Ident); ok && want(v, id) {
				path = append([]ast.Node(nil), stack...)
			}
			return true
		})
	}
	for _, d := range v.out.parsed.decls {
		walk(d)
	}
	for _, fd := range v.out.parsed.funcs {
		walk(fd)
	}
	for _, st := range v.out.parsed.stmts {
		walk(st)
	}
	return path
}

// qualify spells packages in types as a cell does.
func (s *Session) qualify(p *types.Package) string {
	if p == s.pkg {
		return ""
	}
	return p.Name()
}
