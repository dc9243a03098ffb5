package cell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"os"
	"path"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/traefik/yaegi/interp"

	cellreflect "swingby/kernel/cell/reflect"
	"swingby/kernel/display"
	"swingby/stdlib"
)

// engine runs lowered programs in yaegi.
type engine struct {
	interp  *interp.Interpreter
	loaded  map[string]bool // packages given to the interpreter
	hidden  map[string]string
	input   input
	program *interp.Program // compiled last

	ctx       context.Context // the running cell's, as cells see it; see ctxSlot
	trace     tracer
	unwinding unwinding

	runMu    sync.Mutex
	current  *execution
	life     *life
	routines *routines
	halter   halter
	globals  globalTable
}

const (
	runtimePackage = "swingby/kernel/cell/runtime"
	hiddenPath     = "swingby/kernel/cell/hidden"
)

// ctxSlot names the cell's context for the interpreter: a variable of the
// runtime package, so it is always the running cell's.
const ctxSlot = "·ctx"

var hiddenPackage = packageSlot(hiddenPath)

// packageSlot is the name a package is imported under, which no cell can write.
func packageSlot(p string) string {
	return "·" + strings.ReplaceAll(p, "/", "·")
}

func newEngine(cfg Config) *engine {
	e := &engine{loaded: map[string]bool{}, hidden: map[string]string{}, ctx: context.Background(), life: newLife(), routines: &routines{}}
	if cfg.Stdin == nil {
		cfg.Stdin = strings.NewReader("")
	}
	e.input.r = bufio.NewReader(cfg.Stdin)
	// yaegi writes the stack of a panic to Stderr, and nothing else once print
	// and println are replaced.
	e.interp = interp.New(interp.Options{Stdin: cfg.Stdin, Stdout: os.Stdout, Stderr: &e.trace, Env: os.Environ(), Unrestricted: true})
	return e
}

func (e *engine) preloaded(name string) (string, bool) { return stdlib.Preloaded(name) }

// prelude gives the interpreter the runtime functions lowered code calls.
func (s *Session) prelude() error {
	e := s.engine
	e.trace.at, e.trace.many = s.markOf, func() bool { return e.routines.some() }
	exports := interp.Exports{
		runtimePackage + "/runtime": {
			"Result":        reflect.ValueOf(e.result),
			"Defined":       reflect.ValueOf(e.defined),
			"Exit":          reflect.ValueOf(e.exit),
			"Go":            reflect.ValueOf(s.startGoroutine),
			"Guarded":       reflect.ValueOf(s.guarded),
			"SetMark":       reflect.ValueOf(storeMark),
			"Running":       reflect.ValueOf(func(count int) { e.runningCell(count) }),
			"WaitCond":      reflect.ValueOf(e.waitCond),
			"LockAny":       reflect.ValueOf(e.lockAny),
			"Select":        reflect.ValueOf(e.newChoice),
			"Complex":       reflect.ValueOf(func(re, im float64) complex128 { return complex(re, im) }),
			"Defers":        reflect.ValueOf(func() *Defers { return &Defers{e: e} }),
			"Called":        reflect.ValueOf(e.called),
			"HandOn":        reflect.ValueOf(e.handOn),
			"NilPanic":      reflect.ValueOf(func() any { return new(runtime.PanicNilError) }),
			"NoRecover":     reflect.ValueOf(func() any { return nil }),
			"Clear":         reflect.ValueOf(clearAny),
			"Less":          reflect.ValueOf(less),
			"RuneStarts":    reflect.ValueOf(runeStarts),
			"Zeros":         reflect.ValueOf(&[1]int{}).Elem(),
			"DecodeRune":    reflect.ValueOf(utf8.DecodeRuneInString),
			"Lock":          reflect.ValueOf(e.lock),
			"LockRW":        reflect.ValueOf(e.lockRW),
			"RLock":         reflect.ValueOf(e.rlock),
			"Wait":          reflect.ValueOf(e.wait),
			"Print":         reflect.ValueOf(printBuiltin(false)),
			"Println":       reflect.ValueOf(printBuiltin(true)),
			"Reader":        reflect.ValueOf(e.input.reader),
			"ReadCloser":    reflect.ValueOf(e.input.readCloser),
			"Ctx":           reflect.ValueOf(&e.ctx).Elem(),
			"Equal":         reflect.ValueOf(s.equalValues),
			"Implements":    reflect.ValueOf(s.implements),
			"MustImplement": reflect.ValueOf(s.mustImplement),
			"NotType":       reflect.ValueOf(s.notType),
			"NotNil":        reflect.ValueOf(notNil),
			"Inside":        reflect.ValueOf(insideOf),
			"Wrap":          reflect.ValueOf(s.wrap),
			"Method":        reflect.ValueOf(s.methodOfValue),
			"NoMethod":      reflect.ValueOf(s.noMethod),
			"CheckMethod":   reflect.ValueOf(checkMethod),
			"SetMethod":     reflect.ValueOf(s.values.setMethod),
			"Shown":         reflect.ValueOf(s.shown),
			"ShownAll":      reflect.ValueOf(s.shownAll),
			"Formatted":     reflect.ValueOf(s.formatted),
			"Outward":       reflect.ValueOf(s.outward),
			"OutwardAll":    reflect.ValueOf(s.outwardAll),
			"ErrorsIs":      reflect.ValueOf(s.errorsIs),
			"ErrorsAs":      reflect.ValueOf(s.errorsAs),
			"MirrorType":    reflect.ValueOf(s.reflection.Type),
			"MirrorValue":   reflect.ValueOf(s.reflection.Value),
			"CompiledType":  reflect.ValueOf(cellreflect.CompiledType),
			"CompiledValue": reflect.ValueOf(cellreflect.CompiledValue),
		},
	}
	if err := e.interp.Use(exports); err != nil {
		return fmt.Errorf("cell: preparing the interpreter: %w", err)
	}
	if err := s.importInto(runtimePackage); err != nil {
		return err
	}
	empty, err := s.compileFile(fileAt(s.anchor))
	if err == nil {
		e.halter, err = newHalter(s.interp, empty)
	}
	if err == nil {
		e.globals, err = newGlobalTable(s.interp)
	}
	return err
}

// use makes a compiled package known to the interpreter.
func (s *Session) use(pkg *types.Package) {
	p := pkg.Path()
	if s.loaded[p] {
		return
	}
	s.loaded[p] = true
	if err := stdlib.Use(s.interp, p); err != nil {
		return // the interpreter will name what it lacks
	}
	if over := s.overrides(p); over != nil {
		name := pkg.Name()
		key := path.Join(p, name)
		if p == "fmt" {
			key = "./fmt/fmt" // yaegi gives its own streams to a package fmt it recognises
		}
		exports := interp.Exports{key: over}
		if p == reflectPath {
			exports[path.Join(cellreflect.Path, name)] = cellreflect.Wrappers()
		}
		_ = s.interp.Use(exports)
	}
	_ = s.importInto(p)
}

// overrides are the functions of a package that must know about cells.
func (s *Session) overrides(p string) map[string]reflect.Value {
	switch p {
	case reflectPath:
		return s.reflection.Symbols()
	case "gonum.org/v1/plot/plotter":
		return s.errorBars()
	case "time":
		return map[string]reflect.Value{"Sleep": reflect.ValueOf(s.sleep)}
	case "fmt":
		return map[string]reflect.Value{
			"Print":   reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fprint(display.Stdout(), a...) }),
			"Printf":  reflect.ValueOf(func(f string, a ...any) (int, error) { return fmt.Fprintf(display.Stdout(), f, a...) }),
			"Println": reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fprintln(display.Stdout(), a...) }),

			"Scan":   reflect.ValueOf(s.input.scan),
			"Scanf":  reflect.ValueOf(s.input.scanf),
			"Scanln": reflect.ValueOf(s.input.scanln),
		}
	}
	return nil
}

// importInto imports a package for all cells to come.
func (s *Session) importInto(p string) error {
	pos := s.anchor
	spec := &ast.ImportSpec{
		Name: identAt(packageSlot(p), pos),
		Path: &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(p)},
	}
	return s.load(fileAt(pos, &ast.GenDecl{TokPos: pos, Tok: token.IMPORT, Specs: []ast.Spec{spec}}))
}

// hiddenType makes an unexported type of a compiled package nameable, by
// finding it in the types of what the package exports.
func (s *Session) hiddenType(pkg *types.Package, name string) (string, bool) {
	key := pkg.Path() + "." + name
	if slot, ok := s.hidden[key]; ok {
		return slot, slot != ""
	}
	s.hidden[key] = ""
	syms, ok := stdlib.Symbols(pkg.Path())
	if !ok {
		return "", false
	}
	seen := map[reflect.Type]bool{}
	var find func(t reflect.Type) reflect.Type
	find = func(t reflect.Type) reflect.Type {
		if t == nil || seen[t] {
			return nil
		}
		seen[t] = true
		if t.Name() == name && t.PkgPath() == pkg.Path() {
			return t
		}
		if t.PkgPath() != "" && t.PkgPath() != pkg.Path() {
			return nil
		}
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
			return find(t.Elem())
		case reflect.Map:
			if r := find(t.Key()); r != nil {
				return r
			}
			return find(t.Elem())
		case reflect.Func:
			for i := range t.NumOut() {
				if r := find(t.Out(i)); r != nil {
					return r
				}
			}
			for i := range t.NumIn() {
				if r := find(t.In(i)); r != nil {
					return r
				}
			}
		case reflect.Struct:
			for i := range t.NumField() {
				if r := find(t.Field(i).Type); r != nil {
					return r
				}
			}
		}
		for i := range t.NumMethod() {
			if r := find(t.Method(i).Type); r != nil {
				return r
			}
		}
		return nil
	}
	for _, v := range syms {
		if !v.IsValid() {
			continue
		}
		if t := find(v.Type()); t != nil {
			slot := "T" + strconv.Itoa(len(s.hidden))
			s.hidden[key] = slot
			_ = s.interp.Use(interp.Exports{hiddenPath + "/hidden": {slot: reflect.Zero(reflect.PointerTo(t))}})
			if !s.loaded[hiddenPath] {
				s.loaded[hiddenPath] = true
				_ = s.importInto(hiddenPath)
			}
			return slot, true
		}
	}
	return "", false
}

// loadProgram compiles a cell in the interpreter, without running anything of
// it but its declarations.
func (s *Session) loadProgram(p *program) error {
	if p.decls != nil {
		if err := s.loadDecls(p.decls); err != nil {
			return err
		}
	}
	prog, err := s.compileFile(p.file)
	s.program = prog
	return err
}

// loadDecls loads the declarations of a cell, its types first.
func (s *Session) loadDecls(f *ast.File) error {
	var names []string
	var types, rest []ast.Decl
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			rest = append(rest, d)
			continue
		}
		types = append(types, d)
		for _, sp := range g.Specs {
			names = append(names, sp.(*ast.TypeSpec).Name.Name)
		}
	}
	if len(types) > 0 {
		if err := s.load(fileAt(f.Package, types...)); err != nil {
			return err
		}
		s.tie(names)
	}
	if len(rest) == 0 {
		return nil
	}
	return s.load(fileAt(f.Package, rest...))
}

// load compiles a file of declarations in the interpreter and runs it.
func (s *Session) load(f *ast.File) error {
	prog, err := s.compileFile(f)
	if err != nil {
		return err
	}
	s.globals.extend()
	_, err = s.interp.Execute(prog)
	return err
}

func (s *Session) compileFile(f *ast.File) (prog *interp.Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	defer forgetSyntax(s.interp)
	return s.interp.CompileAST(f)
}

// notice tells the user something about the session, beside the cell's own output.
func (e *engine) notice(msg string) { fmt.Fprintln(os.Stderr, "swingby: "+msg) }

func clearAny(v any) { reflect.ValueOf(v).Clear() }

// less orders floats as min (and, with larger, max) does: NaN first, -0 before 0.
func less(a, b float64, larger bool) bool {
	switch {
	case math.IsNaN(b):
		return false
	case math.IsNaN(a):
		return true
	case a == 0 && b == 0:
		return math.Signbit(a) != larger && math.Signbit(b) == larger
	case larger:
		return a > b
	}
	return a < b
}

// runtimeError words what ended a cell.
func (s *Session) runtimeError(err error, count int) *Error {
	var failed *failure
	if errors.As(err, &failed) {
		return failed.err
	}
	var in *interrupted
	if errors.As(err, &in) {
		msg := "the cell was interrupted; variables it had set keep their values"
		if errors.Is(in.cause, context.DeadlineExceeded) {
			msg = "the cell ran out of time; variables it had set keep their values"
		}
		return &Error{Name: "interrupted", Message: msg, Traceback: []string{"interrupted: " + msg}, cause: in.cause}
	}
	var p interp.Panic
	if errors.As(err, &p) {
		return s.panicError(p.Value, s.trace.takeOf(s.current.goroutine), count)
	}
	return &Error{Name: "panic", Message: err.Error(), Traceback: []string{"panic: " + err.Error()}}
}

// panicError words a panic that nothing has recovered.
func (s *Session) panicError(v any, trace []traceLine, count int) *Error {
	e := &Error{Name: panicName(v), Message: s.panicText(v)}
	if x := exitOf(v); x != nil {
		e.Name, e.Message = "exit", fmt.Sprintf("%s(%d) ends a program; in a notebook it ends the cell", x.Call, x.Code)
	}
	e.Traceback = append(e.Traceback, e.Name+": "+e.Message)
	e.Traceback = append(e.Traceback, s.frames(trace, count)...)
	return e
}

// exitOf is the call of os.Exit, or one like it, that a panic stands for.
func exitOf(v any) *stdlib.Exit {
	x, _ := unwrapPanic(v).(*stdlib.Exit)
	return x
}

// interpreterProblem words a refusal of the interpreter: code that is right Go
// but that it cannot run.
func (s *Session) interpreterProblem(err error) *Problem {
	text := err.Error()
	p := &Problem{Hint: "this is valid Go that the interpreter cannot run; another way of writing it may work"}
	if i := strings.Index(text, fileBase+":"); i >= 0 {
		parts := strings.SplitN(text[i+len(fileBase)+1:], ":", 3)
		if len(parts) == 3 {
			p.Pos.Filename = text[:i]
			p.Pos.Line, _ = strconv.Atoi(parts[0])
			p.Pos.Column, _ = strconv.Atoi(parts[1])
			text = strings.TrimSpace(parts[2])
		}
	}
	p.Msg = "not supported by the interpreter: " + text
	return p
}
