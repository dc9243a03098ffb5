package cell

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// parsed is a cell split into the three sections Go keeps apart: imports,
// declarations that may stand in any order (functions, types, constants), and
// statements that run in order (variable declarations among them).
type parsed struct {
	name    string // In[n], the file name of every position
	imports []*ast.ImportSpec
	funcs   []*ast.FuncDecl
	decls   []*ast.GenDecl // const and type, from the top level of the cell
	stmts   []ast.Stmt
	body    *ast.BlockStmt // the statements' block, for its positions
	silent  bool           // the cell ends in a semicolon
	file    bool           // the cell has a package clause
	files   []*token.File  // what the set of files remembers of it
}

// parse splits src and parses each section. The text of the other sections is
// blanked rather than cut, so every node keeps the line and column it has in
// the cell.
func parse(fset *token.FileSet, name, src string) (*parsed, error) {
	chunks, silent := split(src)
	p := &parsed{name: name, silent: silent}
	var kinds [chunkPackage + 1]bool
	for _, c := range chunks {
		kinds[c.kind] = true
	}
	p.file = kinds[chunkPackage]
	var errs scanner.ErrorList
	file := func(kind chunkKind) (*ast.File, error) {
		if !kinds[kind] {
			return nil, nil // each file that is parsed is remembered for its positions
		}
		return p.parseFile(fset, header(name)+blankOut(src, chunks, kind))
	}

	f, err := file(chunkImport)
	errs = appendErrors(errs, err)
	if f != nil {
		p.imports = f.Imports
	}

	f, err = file(chunkFunc)
	errs = appendErrors(errs, err)
	if f != nil {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				if fd.Body == nil && err == nil {
					errs = append(errs, &scanner.Error{Pos: fset.Position(fd.Pos()), Msg: "missing function body"})
				}
				p.funcs = append(p.funcs, fd)
			}
		}
	}

	stmts := blankOut(src, chunks, chunkStmt)
	f, err = p.parseFile(fset, "package main\nfunc _() {\n"+lineDirective(name)+stmts+"\n}")
	errs = appendErrors(errs, err)
	if f != nil && err == nil {
		p.body = f.Decls[0].(*ast.FuncDecl).Body
		if len(f.Decls) > 1 {
			errs = append(errs, &scanner.Error{Pos: fset.Position(p.body.Rbrace), Msg: "unexpected }"})
		}
		for _, s := range p.body.List {
			if g, ok := s.(*ast.DeclStmt); ok {
				if d := g.Decl.(*ast.GenDecl); d.Tok != token.VAR {
					p.decls = append(p.decls, d)
					continue
				}
			}
			p.stmts = append(p.stmts, s)
		}
		attachDocs(f, p.decls)
	}
	if len(errs) > 0 {
		errs.Sort()
		errs.RemoveMultiples()
		p.forget(fset)
		return nil, insideCell(errs, src)
	}
	return p, nil
}

// parseFile parses text of the cell, and notes the file that it becomes.
func (p *parsed) parseFile(fset *token.FileSet, text string) (*ast.File, error) {
	f, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if f != nil {
		p.files = append(p.files, fset.File(f.FileStart))
	}
	return f, err
}

// forget removes the cell from the set of files, which else remembers every line of a session. Its positions are
// none any more.
func (p *parsed) forget(fset *token.FileSet) {
	for _, f := range p.files {
		fset.RemoveFile(f)
	}
	p.files = nil
}

// insideCell drops errors in the text that parse puts behind a cell, where
// there are others. An error there alone says that the cell ends too early.
func insideCell(errs scanner.ErrorList, src string) scanner.ErrorList {
	lines := strings.Split(strings.TrimRight(src, "\n"), "\n")
	var inside scanner.ErrorList
	for _, e := range errs {
		if e.Pos.Line <= len(lines) {
			inside = append(inside, e)
		}
	}
	if len(inside) > 0 {
		return inside
	}
	e := *errs[0]
	e.Pos.Line, e.Pos.Column = len(lines), len(lines[len(lines)-1])+1
	e.Msg = "unexpected end of the cell; " + strings.Replace(e.Msg, ", found 'EOF'", "", 1)
	if strings.Contains(e.Msg, "found '}'") { // the one parse has added
		e.Msg = "unexpected end of the cell"
	}
	return scanner.ErrorList{&e}
}

func header(name string) string { return "package main\n" + lineDirective(name) }

func lineDirective(name string) string { return "//line " + name + ":1:1\n" }

// attachDocs gives declarations their doc comments, which the parser leaves
// loose inside a function body.
func attachDocs(f *ast.File, decls []*ast.GenDecl) {
	ends := map[token.Pos]*ast.CommentGroup{}
	for _, c := range f.Comments {
		ends[c.End()] = c
	}
	for _, d := range decls {
		if d.Doc != nil {
			continue
		}
		if c := ends[d.Pos()-1]; c != nil {
			d.Doc = c
		}
	}
}

func appendErrors(list scanner.ErrorList, err error) scanner.ErrorList {
	var el scanner.ErrorList
	if errors.As(err, &el) {
		return append(list, el...)
	}
	if err != nil {
		list = append(list, &scanner.Error{Msg: err.Error()})
	}
	return list
}

type chunkKind int

const (
	chunkStmt chunkKind = iota
	chunkImport
	chunkFunc
	chunkPackage // a package clause, as a pasted file has one; ignored
)

// chunk is one top-level item of a cell, from its first token to the start of the next.
type chunk struct {
	kind       chunkKind
	start, end int
}

// split finds the top-level items of a cell by their tokens alone: an item
// ends at a semicolon, written or automatic, outside all brackets.
func split(src string) (chunks []chunk, silent bool) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var sc scanner.Scanner
	sc.Init(file, []byte(src), func(token.Position, string) {}, 0)

	var toks []tokenAt
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			break
		}
		toks = append(toks, tokenAt{file.Offset(pos), tok, lit})
	}
	for n := len(toks); n > 0; n-- {
		if t := toks[n-1]; t.tok == token.SEMICOLON && t.lit == "\n" {
			continue
		}
		silent = toks[n-1].tok == token.SEMICOLON
		break
	}

	depth, first := 0, 0
	flush := func(next int) {
		if first < next {
			chunks = append(chunks, chunk{kind: classify(toks[first:next]), start: toks[first].off})
		}
		first = next
	}
	for i, t := range toks {
		switch t.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		case token.SEMICOLON:
			if depth <= 0 {
				flush(i + 1)
			}
		}
	}
	flush(len(toks))
	for i := range chunks {
		chunks[i].end = len(src)
		if i+1 < len(chunks) {
			chunks[i].end = chunks[i+1].start
		}
	}
	// Comments before an item belong to it: they may be its documentation.
	for i := range chunks {
		start := 0
		if i > 0 {
			start = lastTokenEnd(toks, chunks[i].start, src)
			chunks[i-1].end = start
		}
		chunks[i].start = start
	}
	return chunks, silent
}

type tokenAt struct {
	off int
	tok token.Token
	lit string
}

// lastTokenEnd returns the offset after the line's end of the last token before off.
func lastTokenEnd(toks []tokenAt, off int, src string) int {
	end := 0
	for _, t := range toks {
		if t.off >= off {
			break
		}
		n := len(t.lit)
		if n == 0 || t.tok == token.SEMICOLON {
			n = len(t.tok.String())
		}
		end = min(t.off+n, off)
	}
	// A comment on the same line still belongs to the item before.
	if nl := strings.IndexByte(src[end:off], '\n'); nl >= 0 {
		end += nl
	}
	return end
}

func classify(toks []tokenAt) chunkKind {
	switch toks[0].tok {
	case token.IMPORT:
		return chunkImport
	case token.PACKAGE:
		return chunkPackage
	case token.FUNC:
	default:
		return chunkStmt
	}
	i := 1
	if i < len(toks) && toks[i].tok == token.LPAREN { // receiver or a literal's parameters
		for depth := 0; i < len(toks); i++ {
			if toks[i].tok == token.LPAREN {
				depth++
			}
			if toks[i].tok == token.RPAREN {
				if depth--; depth == 0 {
					i++
					break
				}
			}
		}
		if i+1 < len(toks) && toks[i].tok == token.IDENT && toks[i+1].tok == token.LPAREN {
			return chunkFunc
		}
		return chunkStmt
	}
	if i < len(toks) && toks[i].tok == token.IDENT {
		return chunkFunc
	}
	return chunkStmt
}

// blankOut returns src with everything but the items of one kind replaced by spaces.
func blankOut(src string, chunks []chunk, keep chunkKind) string {
	b := []byte(src)
	wipe := func(from, to int) {
		for i := from; i < to; i++ {
			if b[i] != '\n' {
				b[i] = ' '
			}
		}
	}
	if len(chunks) == 0 {
		if keep != chunkStmt {
			wipe(0, len(b))
		}
		return string(b)
	}
	for _, c := range chunks {
		if c.kind != keep {
			wipe(c.start, c.end)
		}
	}
	return string(b)
}

func cellName(count int) string { return fmt.Sprintf("In[%d]", count) }
