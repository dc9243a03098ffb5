package notebook

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"unicode/utf8"

	"swingby/kernel/worker"
)

// Tags of cells, by papermill's convention.
const (
	TagParameters = "parameters"          // declares the parameters with their defaults
	TagInjected   = "injected-parameters" // sets others, made by [SetParameters] or papermill
	TagResults    = "results"             // declares what a sweep keeps of a run; this one is ours
)

// A Parameter is a variable that the cell tagged "parameters" declares.
type Parameter struct {
	Name    string
	Type    string // its Go type, such as "[]float64"
	Default string // the source of its value, "" for the zero value
}

func (p Parameter) String() string { return p.Name + " (" + p.Type + ")" }

// Literal returns Go source for the value of the parameter that text stands for:
// 1,2.5 or [1,2.5] for a []float64, 1.5s for a time.Duration, a Go expression for
// a type of a package. Errors say what the type wants.
func (p Parameter) Literal(text string) (string, error) {
	typ, err := parser.ParseExpr(p.Type)
	if err != nil {
		return "", &ParameterError{fmt.Sprintf("parameter %s: its type %s cannot be set from here", p.Name, p.Type)}
	}
	s, err := literal(typ, text)
	if err != nil {
		return "", &ParameterError{fmt.Sprintf("parameter %s: %s", p, err)}
	}
	return s, nil
}

// A Setting gives a parameter a value, as text; see [Parameter.Literal].
type Setting struct{ Name, Value string }

// ParseSetting reads NAME=VALUE.
func ParseSetting(text string) (Setting, error) {
	name, value, ok := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !ok || !isName(name) {
		return Setting{}, &ParameterError{fmt.Sprintf("%q is no parameter, which is written NAME=VALUE, such as mu=1,2.5", text)}
	}
	return Setting{name, value}, nil
}

// A ParameterError says that the parameters given do not fit the notebook.
type ParameterError struct{ msg string }

func (e *ParameterError) Error() string { return "notebook: " + e.msg }

// checker is the part of a session that parameters are checked by.
type checker interface {
	Runner
	Inspect(ctx context.Context, code string, cursor, detail int) (*worker.InspectReply, error)
}

// Parameters lists the parameters of a notebook, in the order of their
// declarations: the variables declared by its first cell tagged "parameters".
// Their types are what Go's type checker says; no cell runs. There are none when no cell is tagged.
func Parameters(ctx context.Context, nb *Notebook) ([]Parameter, error) {
	i := nb.tagged(TagParameters)
	if i < 0 {
		return nil, nil
	}
	names, err := declared(nb.Cells[i].Source)
	if err != nil {
		return nil, &ParameterError{fmt.Sprintf("cell %d, tagged %q: %s", i+1, TagParameters, err)}
	}
	w, err := worker.Start(worker.Options{})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	return parameters(ctx, w, nb.Cells[i].Source, names)
}

func parameters(ctx context.Context, w checker, source string, names []declaredName) ([]Parameter, error) {
	list := make([]Parameter, len(names))
	for i, n := range names {
		r, err := w.Inspect(ctx, source, utf8.RuneCountInString(source[:n.offset]), 0)
		if err != nil {
			return nil, err
		}
		decl, _, _ := strings.Cut(r.Plain, "\n\n")
		typ, ok := strings.CutPrefix(decl, "var "+n.name+" ")
		if !ok || strings.Contains(typ, "invalid type") {
			return nil, &ParameterError{fmt.Sprintf("the type of the parameter %s cannot be told before the notebook runs; declare it with its type, such as var %s float64 = …, and without names of other cells", n.name, n.name)}
		}
		list[i] = Parameter{Name: n.name, Type: typ, Default: n.value}
	}
	return list, nil
}

// tagged is the index of the first code cell with a tag, -1 for none.
func (nb *Notebook) tagged(tag string) int {
	return slices.IndexFunc(nb.Cells, func(c *Cell) bool { return c.Type == Code && c.HasTag(tag) })
}

type declaredName struct {
	name   string
	offset int // in the source
	value  string
}

// declared lists the variables that a cell of parameters declares.
func declared(source string) ([]declaredName, error) {
	const head = "package p; func _() { "
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", head+source+"\n}", parser.SkipObjectResolution)
	if err != nil || len(f.Decls) != 1 {
		return nil, errors.New("must hold declarations of variables and nothing else, such as mu := []float64{1, 2}")
	}
	text := func(n ast.Node) string {
		return (head + source)[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset]
	}
	var list []declaredName
	add := func(id *ast.Ident, value ast.Expr) {
		if id.Name != "_" {
			v := ""
			if value != nil {
				v = text(value)
			}
			list = append(list, declaredName{id.Name, fset.Position(id.Pos()).Offset - len(head), v})
		}
	}
	for _, st := range f.Decls[0].(*ast.FuncDecl).Body.List {
		switch st := st.(type) {
		case *ast.AssignStmt:
			for i, l := range st.Lhs {
				id, ok := l.(*ast.Ident)
				if !ok || st.Tok != token.DEFINE {
					continue
				}
				if len(st.Rhs) == len(st.Lhs) {
					add(id, st.Rhs[i])
				} else {
					add(id, nil)
				}
			}
		case *ast.DeclStmt:
			d := st.Decl.(*ast.GenDecl)
			for _, sp := range d.Specs {
				v, ok := sp.(*ast.ValueSpec)
				if !ok || d.Tok != token.VAR {
					continue // a constant could not be set
				}
				for i, id := range v.Names {
					if len(v.Values) == len(v.Names) {
						add(id, v.Values[i])
					} else {
						add(id, nil)
					}
				}
			}
		}
	}
	return list, nil
}

// SetParameters gives parameters other values: after the cell tagged "parameters"
// stands a cell tagged "injected-parameters", as papermill makes it, that assigns
// them; one that is there already is replaced. It returns the values as Go source, by name.
//
// Every value is checked against the Go type of its variable, and nothing runs and
// nothing changes unless all fit. Errors in them are of type [*ParameterError].
func SetParameters(ctx context.Context, nb *Notebook, settings []Setting) (map[string]string, error) {
	if len(settings) == 0 {
		return nil, nil
	}
	i := nb.tagged(TagParameters)
	if i < 0 {
		return nil, &ParameterError{fmt.Sprintf("no cell is tagged %q, so there is no parameter %s; tag the cell that declares it", TagParameters, settings[0].Name)}
	}
	source := nb.Cells[i].Source
	names, err := declared(source)
	if err != nil {
		return nil, &ParameterError{fmt.Sprintf("cell %d, tagged %q: %s", i+1, TagParameters, err)}
	}
	w, err := worker.Start(worker.Options{})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	list, err := parameters(ctx, w, source, names)
	if err != nil {
		return nil, err
	}
	candidates := make([]Candidates, len(settings))
	for i, s := range settings {
		candidates[i] = Candidates{s.Name, []string{s.Value}}
	}
	sources, err := CheckValues(ctx, w, "the notebook", list, candidates)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for i, s := range settings {
		values[s.Name] = sources[i][0]
	}
	Assign(nb, list, values)
	return values, nil
}

// Candidates are values for a parameter, as text; see [Parameter.Literal].
type Candidates struct {
	Name   string
	Values []string
}

// CheckValues checks values for parameters against their types and returns them as Go source, in the same
// order. r is a session in which the names that types and values mention are declared; what has the parameters is named in
// errors, which are of type [*ParameterError].
func CheckValues(ctx context.Context, r Runner, what string, list []Parameter, candidates []Candidates) ([][]string, error) {
	sources := make([][]string, len(candidates))
	seen := map[string]bool{}
	for i, c := range candidates {
		at := slices.IndexFunc(list, func(p Parameter) bool { return p.Name == c.Name })
		if at < 0 {
			return nil, unknownParameter(what, c.Name, list)
		}
		if seen[c.Name] {
			return nil, &ParameterError{fmt.Sprintf("parameter %s is given twice", c.Name)}
		}
		seen[c.Name] = true
		p := list[at]
		sources[i] = make([]string, len(c.Values))
		for j, text := range c.Values {
			v, err := p.Literal(text)
			if err != nil {
				return nil, err
			}
			sources[i][j] = v
		}
		if err := checkAssignable(ctx, r, p, c.Values, sources[i]); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// atOnce is how many values a cell checks.
const atOnce = 100

// checkAssignable lets the checker see whether sources, made of texts, can be values of a parameter.
func checkAssignable(ctx context.Context, r Runner, p Parameter, texts, sources []string) error {
	if _, _, ok := basicLiteral(p.Type, "", false); ok && len(sources) > 1 {
		return nil // of a predeclared type the text has told all
	}
	var cell strings.Builder
	for _, v := range sources[:min(len(sources), atOnce)] {
		cell.WriteString(assignable(p.Type, v) + "\n")
	}
	reply, err := r.Execute(ctx, worker.ExecuteRequest{Code: cell.String(), Silent: true})
	if err != nil {
		return err
	}
	if reply.Error != nil {
		if n := min(len(sources), atOnce); n > 1 { // which one?
			for i := range n {
				if err := checkAssignable(ctx, r, p, texts[i:i+1], sources[i:i+1]); err != nil {
					return err
				}
			}
		}
		why, _, _ := strings.Cut(strings.TrimSpace(reply.Error.Value), "\n")
		if _, msg, ok := strings.Cut(why, ": "); ok && strings.HasPrefix(why, "In[") {
			why = msg
		}
		return &ParameterError{fmt.Sprintf("parameter %s: %q does not fit: %s", p, texts[0], why)}
	}
	if len(sources) > atOnce {
		return checkAssignable(ctx, r, p, texts[atOnce:], sources[atOnce:])
	}
	return nil
}

// Assign makes the cell that gives parameters of list the values, which are Go source that has been checked; see [SetParameters].
func Assign(nb *Notebook, list []Parameter, values map[string]string) {
	var src strings.Builder
	src.WriteString("// Parameters")
	for _, p := range list {
		if v, ok := values[p.Name]; ok {
			src.WriteString("\n" + p.Name + " = " + v)
		}
	}
	if i := nb.tagged(TagParameters); i >= 0 {
		nb.inject(i, src.String())
	}
}

func unknownParameter(what, name string, list []Parameter) error {
	known := make([]string, len(list))
	for i, p := range list {
		known[i] = p.String()
	}
	has := "it has none"
	if len(known) > 0 {
		has = "it has " + strings.Join(known, ", ")
	}
	return &ParameterError{fmt.Sprintf("%s has no parameter %s; %s", what, name, has)}
}

// ResultNames lists the variables that the cells tagged "results" declare, and says after
// which cell all are declared. They are what a sweep keeps of a run.
func ResultNames(nb *Notebook) (names []string, last int, err error) {
	last = -1
	for i, c := range nb.Cells {
		if c.Type != Code || !c.HasTag(TagResults) {
			continue
		}
		list, err := declared(c.Source)
		if err != nil {
			return nil, 0, &ParameterError{fmt.Sprintf("cell %d, tagged %q: %s", i+1, TagResults, err)}
		}
		for _, d := range list {
			if !slices.Contains(names, d.name) {
				names = append(names, d.name)
			}
		}
		last = i
	}
	switch {
	case last < 0:
		return nil, 0, &ParameterError{fmt.Sprintf("no cell is tagged %q; tag the one that declares what is to be kept of a run, such as loss := run.Loss", TagResults)}
	case len(names) == 0:
		return nil, 0, &ParameterError{fmt.Sprintf("cell %d, tagged %q, declares no variable; it must declare what is to be kept of a run, such as loss := run.Loss", last+1, TagResults)}
	}
	return names, last, nil
}

// inject puts the cell that sets parameters after cell i, or in place of an earlier one.
func (nb *Notebook) inject(i int, source string) {
	if at := nb.tagged(TagInjected); at >= 0 {
		c := nb.Cells[at]
		c.Source, c.Outputs, c.ExecutionCount = source, nil, nil
		return
	}
	c := &Cell{Type: Code, Source: source, Metadata: map[string]any{"tags": []any{TagInjected}}}
	if nb.Minor >= 5 {
		// Not random, so that the same run writes the same bytes.
		c.ID = TagInjected
		for n := 2; slices.ContainsFunc(nb.Cells, func(o *Cell) bool { return o.ID == c.ID }); n++ {
			c.ID = fmt.Sprintf("%s-%d", TagInjected, n)
		}
	}
	nb.Cells = slices.Insert(nb.Cells, i+1, c)
}
