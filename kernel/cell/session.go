package cell

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/types/typeutil"

	"swingby/kernel/cell/reflect"
	"swingby/stdlib"
)

// Config says how a session meets the world; the zero value is ready to use.
type Config struct {
	// Stdin is what fmt.Scan and its like, and os.Stdin as a reader, read; nil means no input. Its Read should return no more
	// than a line: what a cell has left of what was read is not there for the next.
	Stdin io.Reader
}

// Session is a running interpreter with the declarations of every cell so far.
// Execute must not be called concurrently; the other methods may be called at any time.
type Session struct {
	mu       *sync.Mutex // guards everything go/types and the names touch
	cfg      Config
	sources  map[string]string // text of each cell by file name
	lastDir  string            // before the last %cd
	compiled cost              // of all cells so far
	state
}

// state is what %reset replaces.
type state struct {
	fset     *token.FileSet
	pkg      *types.Package
	importer types.Importer
	global   *global

	slots       slots
	slotOf      map[types.Object]string
	typeSlots   map[*types.TypeName]string
	typeNames   map[string]bool // names types have in the interpreter
	usedTypes   map[string]bool // type names any cell has declared
	methodSlots map[*types.Func]string
	codes       map[string]string    // the present code of functions and methods, by storage
	mentioned   map[string]bool      // names that functions have mentioned
	late        map[string]bool      // storage of the functions that are called through it, see manyCallers
	called      map[string]bool      // storage of the functions whose code others have called
	recovers    map[*types.Func]bool // methods that call recover
	versions    map[string][]int     // cells that declared a type, by name
	predeclared map[string]types.Object
	show        types.Object
	anchor      token.Pos
	units       units

	generics     map[*types.Func]*generic
	genericTypes map[*types.TypeName]*genericType
	sourcePkgs   map[string]*sourcePackage
	library      *library // which the importer knows as well
	typeContext  *types.Context

	values         *values
	boxes          *typeutil.Map            // type → name of its box
	boxTags        *typeutil.Map            // type → tag of its box
	reflection     *reflect.Space           // what package reflect knows in cells
	helpers        map[string]*typeutil.Map // by kind: type → name of a function
	typeIDs        *typeutil.Map            // type → its number in values
	concretes      []types.Type             // whose values may be in interfaces
	dispatchers    *typeutil.Map            // interface → []*dispatcher
	allDispatchers []*dispatcher

	undos []func() // what to take back if the cell does not compile

	*engine
}

// Result is what a cell's last expression gave.
type Result struct {
	// Values holds all values of the last expression; nil when the cell has no result.
	Values []any
	// Types are the static types of Values as they are spelled in Go.
	Types []string
	// Payloads is what magics of the cell ask of the front end, in order.
	Payloads []Payload
}

// New starts a session.
func New(cfg Config) (*Session, error) {
	s, err := build(cfg, new(sync.Mutex), map[string]string{})
	if err != nil {
		return nil, err
	}
	// What the interpreter calls keeps the session it was built with, so a
	// goroutine from before a reset does not meet the names of after it.
	return &Session{mu: s.mu, cfg: cfg, sources: s.sources, state: s.state}, nil
}

// build makes a session with no names.
func build(cfg Config, mu *sync.Mutex, sources map[string]string) (*Session, error) {
	s := &Session{mu: mu, cfg: cfg, sources: sources, state: state{
		pkg:         types.NewPackage("main", "main"),
		global:      newGlobal(),
		slotOf:      map[types.Object]string{},
		typeSlots:   map[*types.TypeName]string{},
		typeNames:   map[string]bool{},
		usedTypes:   map[string]bool{},
		methodSlots: map[*types.Func]string{},
		codes:       map[string]string{},
		recovers:    map[*types.Func]bool{},
		mentioned:   map[string]bool{},
		late:        map[string]bool{},
		called:      map[string]bool{},
		versions:    map[string][]int{},
		predeclared: map[string]types.Object{},
		units:       newUnits(),

		generics:     map[*types.Func]*generic{},
		genericTypes: map[*types.TypeName]*genericType{},
		sourcePkgs:   map[string]*sourcePackage{},
		library:      newLibrary(),
		typeContext:  types.NewContext(),

		values:      &values{},
		boxes:       newTypeMap(),
		boxTags:     newTypeMap(),
		helpers:     map[string]*typeutil.Map{},
		typeIDs:     newTypeMap(),
		dispatchers: newTypeMap(),
	}}
	s.engine = newEngine(cfg)
	s.values.compiled = s.compiledType
	s.reflection = reflect.NewSpace(mirrorHost{s})
	s.fset = s.interp.FileSet()
	s.importer = &importer{s, stdlib.NewImporter(s.fset)}
	anyVar := types.NewVar(token.NoPos, nil, "", types.NewSlice(types.Universe.Lookup("any").Type()))
	s.show = types.NewFunc(token.NoPos, s.pkg, showName, types.NewSignatureType(nil, nil, nil, types.NewTuple(anyVar), nil, true))

	f, err := parser.ParseFile(s.fset, "", header(fileName(cellName(0)))+"var _ int", 0)
	if err != nil {
		return nil, err
	}
	s.anchor = f.Decls[0].Pos()
	ctxPkg, err := s.importer.Import("context")
	if err != nil {
		return nil, err
	}
	ctx := types.NewVar(token.NoPos, s.pkg, "ctx", ctxPkg.Scope().Lookup("Context").Type())
	s.predeclared["ctx"] = ctx
	s.slotOf[ctx] = ctxSlot
	return s, s.prelude()
}

// compiledType finds a type of a compiled package; nil if it cannot be imported.
func (s *Session) compiledType(path, name string) types.Type {
	s.mu.Lock()
	defer s.mu.Unlock()
	if path == reflect.Path {
		path = reflectPath
	}
	pkg, err := s.importer.Import(path)
	if err != nil {
		return nil
	}
	if tn, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok {
		return tn.Type()
	}
	return nil
}

// Execute checks, lowers and runs one cell. count is its execution count, the n of In[n].
// Errors are of type *Error; one that wraps ctx.Err() says the cell was interrupted.
// A cell that does not compile changes nothing. Magics cut a cell into parts,
// each of which is then to the next as a cell is; the last part of Go gives the result.
func (s *Session) Execute(ctx context.Context, count int, src string) (Result, error) {
	name := cellName(count)
	src = strings.ReplaceAll(src, "\r\n", "\n")
	s.input.forget()
	s.mu.Lock()
	s.sources[name] = src
	s.mu.Unlock()
	if hasMagic(src) {
		r := &runner{s: s, ctx: ctx, count: count, name: name, src: src}
		res, err := r.executeText(src)
		res.Payloads = r.payloads
		return res, err
	}
	return s.executeGo(ctx, name, count, src)
}

// executeGo runs a text without magics. name is the cell or file it is from.
func (s *Session) executeGo(ctx context.Context, name string, count int, src string) (Result, error) {
	before := costNow()
	if failed := s.loadFetched(ctx, name, count, src); failed != nil {
		return Result{}, failed
	}
	s.mu.Lock()
	prog, checked, failed := s.compile(name, count, src)
	if body := s.units.bodies[cellName(count)]; body != nil && failed == nil {
		body.cell = name
	}
	s.mu.Unlock()
	s.compiled = s.compiled.plus(costNow().minus(before))
	if failed != nil {
		return Result{}, failed
	}
	life := s.present()
	res, err := s.runCompiled(ctx, prog, checked, count)
	if prog != nil && !prog.leaves && s.present() == life { // else it was stopped, and what cannot be stopped goes on
		s.mu.Lock()
		checked.parsed.forget(s.fset)
		delete(s.units.bodies, cellName(count))
		s.mu.Unlock()
	}
	return res, err
}

// runCompiled runs what compile returned.
func (s *Session) runCompiled(ctx context.Context, prog *program, checked *checked, count int) (Result, error) {
	if prog == nil {
		return Result{}, nil
	}
	s.mu.Lock()
	prog.commit()
	s.mu.Unlock()
	for _, note := range prog.notes {
		s.notice(note)
	}
	values, err := s.run(ctx, prog, count)
	if err != nil {
		return Result{}, s.runtimeError(err, count)
	}
	res := Result{Values: values}
	if checked.result != nil && !checked.silent && !printed(checked) {
		res.Types = s.typeStrings(checked.info.TypeOf(checked.result))
	} else {
		res.Values = nil
	}
	return res, nil
}

// compile takes a cell to a program the interpreter has accepted.
func (s *Session) compile(name string, count int, src string) (*program, *checked, *Error) {
	source := func(file string) string { return s.sources[file] }
	p, err := parse(s.fset, fileName(name), src)
	if err != nil {
		ps := syntaxProblems(err)
		for _, p := range ps {
			p.Pos.Filename = cellOf(p.Pos.Filename)
		}
		return nil, nil, compileError(ps, source)
	}
	c, problems := s.check(p)
	if len(problems) > 0 {
		p.forget(s.fset)
		return nil, nil, compileError(problems, source)
	}
	prog, problems := s.emit(c, count)
	if len(problems) > 0 {
		s.fail()
		c.undo()
		return nil, nil, compileError(problems, source)
	}
	if err := s.loadProgram(prog); err != nil {
		s.fail()
		c.undo()
		return nil, nil, compileError([]*Problem{s.interpreterProblem(err)}, source)
	}
	s.undos = nil
	return prog, c, nil
}

// Eval evaluates one expression in the session, for user_expressions.
func (s *Session) Eval(ctx context.Context, expr string) (Result, error) {
	return s.Execute(ctx, 0, expr)
}

// printed reports whether the last expression is a call of one of fmt's
// printing functions, whose count of bytes nobody wants to see.
func printed(c *checked) bool {
	call, ok := ast.Unparen(c.result).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := c.info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "fmt" {
		return false
	}
	switch fn.Name() {
	case "Print", "Printf", "Println", "Fprint", "Fprintf", "Fprintln":
		return true
	}
	return false
}

// typeStrings spells the types of a result.
func (s *Session) typeStrings(t types.Type) []string {
	qualify := func(p *types.Package) string {
		if p == s.pkg {
			return ""
		}
		return p.Name()
	}
	if tuple, ok := t.(*types.Tuple); ok {
		var list []string
		for v := range tuple.Variables() {
			list = append(list, types.TypeString(v.Type(), qualify))
		}
		return list
	}
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		t = types.Default(t)
	}
	return []string{types.TypeString(t, qualify)}
}

// Underlying spells the type that the name of a cell's type stands for now, for
// example "struct{X int; y float64}" for "main.Point"; "" if there is no such type.
func (s *Session) Underlying(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.global.names[strings.TrimPrefix(name, "main.")]
	if b == nil || b.typ == nil {
		return ""
	}
	return types.TypeString(b.obj.Type().Underlying(), func(p *types.Package) string { return p.Name() })
}

// Every file of a session has the same base name, because the interpreter
// scopes imports by it; messages show the cell alone.
const fileBase = "/cell"

func fileName(cell string) string { return cell + fileBase }

func cellOf(file string) string { return strings.TrimSuffix(file, fileBase) }

func quote(s string) string { return strconv.Quote(s) }

// qualified names an object of a compiled package for the interpreter, making
// the package known to it.
func (s *Session) qualified(pkg *types.Package, name string, pos token.Pos) ast.Expr {
	if !pos.IsValid() {
		pos = s.anchor
	}
	s.use(pkg)
	return &ast.SelectorExpr{X: identAt(packageSlot(pkg.Path()), pos), Sel: identAt(name, pos)}
}

func (s *Session) runtime(name string, pos token.Pos) ast.Expr {
	if !pos.IsValid() {
		pos = s.anchor
	}
	return &ast.SelectorExpr{X: identAt(packageSlot(runtimePackage), pos), Sel: identAt(name, pos)}
}

// Error is a failed cell, as a front end shows it.
type Error struct {
	// Name is the kind: "compile error", "panic", "runtime error", "interrupted",
	// "exit", "magic error" for a magic's misuse or failure, or "command error"
	// for a command of the shell that failed.
	Name string
	// Message is one line or several; a compile error's carry their positions.
	Message string
	// Traceback holds the lines to show, plain text: the message, then the
	// cell's own stack, innermost frame first, with source lines.
	Traceback []string

	cause error
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

// Unwrap gives the context's error for an interrupted cell.
func (e *Error) Unwrap() error { return e.cause }
