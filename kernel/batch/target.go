package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"swingby/kernel/notebook"
	"swingby/kernel/worker"
	"swingby/simlib/provenance"
	"swingby/simlib/sweep"
)

// A Program is what runs at every point, with all its text: the files it came from may change meanwhile.
type Program struct {
	// Target names it: "task.ipynb", "model.go:Loss", "theory.Rate".
	Target string `json:"target"`
	// Path is its file, "" for a function of a package; Dir the folder in which cells run. In a
	// sweep's folder both are relative to that.
	Path string `json:"path,omitempty"`
	Dir  string `json:"dir"`
	// Cells run before the results are there: for each point of a notebook, once in a process for a function.
	Cells []string `json:"cells,omitempty"`
	// Notebook is the notebook that runs at each point, as JSON without outputs, and Results the variables it
	// declares; both are empty for a function.
	Notebook json.RawMessage `json:"notebook,omitempty"`
	Results  []string        `json:"results,omitempty"`
	// Function is how the function is called.
	Function *Function `json:"function,omitempty"`
	// Parameters are those there are, Sources the values of those that are swept, as Go source, in the order of the grid.
	Parameters []notebook.Parameter `json:"parameters"`
	Sources    [][]string           `json:"sources"`
}

// A Function is the signature of a function.
type Function struct {
	Name    string   `json:"name"`              // with its package, if it has one
	Context bool     `json:"context,omitempty"` // takes one first
	Results []string `json:"results"`           // their names, without that of the error
	Error   bool     `json:"error,omitempty"`   // returns one last
}

// TargetError is an error in what is to be swept: nothing has run.
type TargetError struct{ msg string }

func (e *TargetError) Error() string { return "sweep: " + e.msg }

func targetf(format string, args ...any) error { return &TargetError{fmt.Sprintf(format, args...)} }

var packageFunc = regexp.MustCompile(`^[\pL_][\pL\pN_]*\.\pL[\pL\pN_]*$`)

// Load reads a target (see the package comment), and checks that it has the parameters of a grid and that their values
// fit their types. Nothing of a notebook runs; the file of a function does, once.
//
// The grid that it returns has the types of the target's parameters.
func Load(ctx context.Context, target string, grid sweep.Grid) (*Program, sweep.Grid, error) {
	if err := grid.Check(); err != nil {
		return nil, nil, &TargetError{strings.TrimPrefix(err.Error(), "sweep: ")}
	}
	p := &Program{}
	var err error
	file, name := target, ""
	if i := strings.LastIndex(target, ":"); i >= 0 && token.IsIdentifier(target[i+1:]) {
		file, name = target[:i], target[i+1:]
	}
	isFile := strings.HasSuffix(file, ".go") || strings.HasSuffix(file, ".ipynb")
	switch {
	case isFile && name != "":
		err = p.loadFunction(file, name)
	case strings.HasSuffix(file, ".ipynb"):
		err = p.loadNotebook(ctx, file)
	case isFile:
		err = targetf("%s: which function of it? %s:Func names it", target, target)
	case packageFunc.MatchString(target):
		p.Target, p.Dir = target, "."
	default:
		err = targetf("%s can be no target: it is NOTEBOOK.ipynb, FILE.go:Func, or package.Func", target)
	}
	if err != nil {
		return nil, nil, err
	}
	if p.Dir, err = filepath.Abs(p.Dir); err != nil {
		return nil, nil, fmt.Errorf("sweep: %w", err)
	}
	if p.Path != "" {
		if p.Path, err = filepath.Abs(p.Path); err != nil {
			return nil, nil, fmt.Errorf("sweep: %w", err)
		}
	}
	grid, err = p.check(ctx, grid)
	return p, grid, err
}

// Source is the hash of the code of a target.
func (p *Program) Source() string {
	code, _ := json.Marshal([]any{p.Cells, p.Notebook, p.Function}) // text: cannot fail
	return provenance.Hash(code)
}

func (p *Program) loadNotebook(ctx context.Context, path string) error {
	nb, err := readNotebook(path)
	if err != nil {
		return err
	}
	names, last, err := notebook.ResultNames(nb)
	if err != nil {
		return inFile(path, err)
	}
	if p.Parameters, err = notebook.Parameters(ctx, nb); err != nil {
		return inFile(path, err)
	}
	if len(p.Parameters) == 0 {
		return targetf("%s: no cell is tagged %q; tag the one that declares the parameters with their defaults, such as mu := 1.0", path, notebook.TagParameters)
	}
	// Only what decides the results stays, so that the same code is the same sweep.
	kept := &notebook.Notebook{Minor: nb.Minor, Metadata: map[string]any{}}
	for _, c := range nb.Cells[:last+1] {
		k := &notebook.Cell{Type: c.Type, ID: c.ID, Metadata: map[string]any{}}
		if c.Type == notebook.Code { // the others keep the numbers of cells as they are
			k.Source = c.Source
			if tags, ok := c.Metadata["tags"]; ok {
				k.Metadata["tags"] = tags
			}
		}
		kept.Cells = append(kept.Cells, k)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, kept.Bytes()); err != nil {
		return fmt.Errorf("sweep: %s: %w", path, err)
	}
	p.Target, p.Path, p.Dir = filepath.Base(path), path, filepath.Dir(path)
	p.Notebook, p.Results = compact.Bytes(), names
	return nil
}

func readNotebook(path string) (*notebook.Notebook, error) {
	nb, err := notebook.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if lang := nb.Language(); lang != "" && lang != "go" {
		return nil, targetf("%s is a notebook in %s, must be in Go", path, lang)
	}
	return nb, nil
}

// inFile names the file in an error about parameters.
func inFile(path string, err error) error {
	if pe := (*notebook.ParameterError)(nil); errors.As(err, &pe) {
		return targetf("%s: %s", path, strings.TrimPrefix(pe.Error(), "notebook: "))
	}
	return err
}

// loadFunction finds a function in a Go file or in the cells of a notebook.
func (p *Program) loadFunction(path, name string) error {
	p.Target, p.Path, p.Dir = filepath.Base(path)+":"+name, path, "."
	if strings.HasSuffix(path, ".ipynb") {
		nb, err := readNotebook(path)
		if err != nil {
			return err
		}
		p.Dir = filepath.Dir(path)
		var fn *ast.FuncDecl
		var source string
		for _, c := range nb.Cells {
			if c.Type != notebook.Code || strings.TrimSpace(c.Source) == "" || c.HasTag("skip-execution") {
				continue
			}
			p.Cells = append(p.Cells, c.Source)
			// A cell is no file: what is no declaration in it does not parse, and does not matter.
			text := "package p\n" + c.Source
			f, _ := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
			if d := funcNamed(f, name); d != nil {
				fn, source = d, text
				break // the cells behind it do not run
			}
		}
		if fn == nil {
			return targetf("%s has no cell that begins with declarations and declares a function %s", path, name)
		}
		return p.signature(path, name, fn.Type, source)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			err = pe.Err
		}
		return fmt.Errorf("sweep: %s: %w", path, err)
	}
	if bytes.HasPrefix(data, []byte("#!")) {
		copy(data, "//")
	}
	source := string(data)
	head := ""
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, source, parser.SkipObjectResolution)
	if err != nil && !strings.Contains(source, "package ") { // a script without a package clause
		head = "package p;"
		fset = token.NewFileSet()
		f, err = parser.ParseFile(fset, path, head+source, parser.SkipObjectResolution)
	}
	fn := funcNamed(f, name)
	if fn == nil && err != nil {
		return targetf("%s", err)
	}
	if fn == nil {
		return targetf("%s declares no function %s%s", path, name, others(f))
	}
	// A func main would run; it makes place, so that positions stay.
	if m := funcNamed(f, "main"); m != nil && name != "main" {
		b := []byte(head + source)
		for i := fset.Position(m.Pos()).Offset; i < fset.Position(m.End()).Offset; i++ {
			if b[i] != '\n' {
				b[i] = ' '
			}
		}
		source = string(b[len(head):])
	}
	p.Cells = []string{source}
	return p.signature(path, name, fn.Type, head+string(data))
}

func funcNamed(f *ast.File, name string) *ast.FuncDecl {
	if f == nil {
		return nil
	}
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil && fd.Name.Name == name {
			return fd
		}
	}
	return nil
}

// others says which functions a file has.
func others(f *ast.File) string {
	var names []string
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil && fd.Name.Name != "main" && fd.Name.Name != "init" {
			names = append(names, fd.Name.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; it declares " + strings.Join(names, ", ")
}

// signature takes the parameters and results of a function from its type; source is the text in which that stands.
func (p *Program) signature(where, name string, t *ast.FuncType, source string) error {
	text := func(n ast.Node) string { return source[n.Pos()-1 : n.End()-1] }
	p.Function = &Function{Name: name}
	if t.TypeParams != nil {
		return targetf("%s: the function %s has type parameters; it must have none", where, name)
	}
	for i, f := range t.Params.List {
		typ := text(f.Type)
		if i == 0 && typ == "context.Context" && len(f.Names) <= 1 {
			p.Function.Context = true
			continue
		}
		if _, ok := f.Type.(*ast.Ellipsis); ok {
			return targetf("%s: the function %s takes any number of arguments; a parameter of a sweep is one, such as a slice", where, name)
		}
		if len(f.Names) == 0 {
			return targetf("%s: the parameters of %s have no names, by which they could be set", where, name)
		}
		for _, id := range f.Names {
			if id.Name == "_" {
				return targetf("%s: a parameter of %s has no name, by which it could be set", where, name)
			}
			p.Parameters = append(p.Parameters, notebook.Parameter{Name: id.Name, Type: typ})
		}
	}
	var names []string
	var types []string
	if t.Results != nil {
		for _, f := range t.Results.List {
			for i := range max(1, len(f.Names)) {
				n := ""
				if i < len(f.Names) && f.Names[i].Name != "_" {
					n = f.Names[i].Name
				}
				names, types = append(names, n), append(types, text(f.Type))
			}
		}
	}
	if n := len(types); n > 0 && types[n-1] == "error" {
		p.Function.Error, names = true, names[:n-1]
	}
	if len(names) == 0 {
		return targetf("%s: the function %s returns nothing to be kept", where, name)
	}
	for i, n := range names {
		switch {
		case n != "":
		case len(names) == 1:
			names[i] = "result"
		default:
			names[i] = fmt.Sprintf("result%d", i+1)
		}
	}
	p.Function.Results = names
	return nil
}

// check gives the grid the types of the parameters, after it has seen that the values fit.
func (p *Program) check(ctx context.Context, grid sweep.Grid) (sweep.Grid, error) {
	w, err := worker.Start(worker.Options{Dir: p.Dir})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for _, c := range p.Cells {
		if err := execute(ctx, w, c, 1); err != nil {
			return nil, targetf("%s: %s", p.Target, err)
		}
	}
	if p.Function == nil && p.Notebook == nil {
		if err := p.ofPackage(ctx, w); err != nil {
			return nil, err
		}
	}
	what := "the notebook"
	if p.Function != nil {
		what = "the function " + p.Function.Name
	}
	candidates := make([]notebook.Candidates, len(grid))
	for i, q := range grid {
		candidates[i] = notebook.Candidates{Name: q.Name, Values: q.Values}
	}
	if p.Sources, err = notebook.CheckValues(ctx, w, what, p.Parameters, candidates); err != nil {
		return nil, inFile(p.Target, err)
	}
	typed := append(sweep.Grid(nil), grid...)
	for i := range typed {
		for _, q := range p.Parameters {
			if q.Name == typed[i].Name {
				typed[i].Type = q.Type
			}
		}
	}
	if p.Function != nil {
		for _, q := range p.Parameters {
			if !has(grid, q.Name) {
				return nil, targetf("%s: the parameter %s of %s has no value; give it one: -p %s=…", p.Target, q, p.Function.Name, q.Name)
			}
		}
	}
	return typed, nil
}

func has(grid sweep.Grid, name string) bool {
	for _, q := range grid {
		if q.Name == name {
			return true
		}
	}
	return false
}

// ofPackage asks a session for the signature of a function of a package.
func (p *Program) ofPackage(ctx context.Context, w *worker.Worker) error {
	r, err := w.Inspect(ctx, p.Target, len([]rune(p.Target)), 0)
	if err != nil {
		return err
	}
	decl, _, _ := strings.Cut(r.Plain, "\n\n")
	_, sig, ok := strings.Cut(decl, "(")
	if !r.Found || !ok || !strings.HasPrefix(decl, "func ") {
		return targetf("there is no function %s; a package is one that cells need not import, and a function in a file is FILE.go:Func", p.Target)
	}
	text := "package p\nfunc f(" + strings.ReplaceAll(sig, "\n", " ") // one declaration
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	fn := funcNamed(f, "f")
	if err != nil || fn == nil {
		return targetf("the signature of %s cannot be read: %s", p.Target, decl)
	}
	return p.signature(p.Target, p.Target, fn.Type, text)
}

// execute runs a cell; that it fails is an error.
func execute(ctx context.Context, w *worker.Worker, code string, count int) error {
	reply, err := w.Execute(ctx, worker.ExecuteRequest{Code: code, Count: count, Silent: true})
	if err != nil {
		return err
	}
	if reply.Error != nil {
		return reply.Error
	}
	return nil
}
