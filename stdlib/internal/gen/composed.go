package main

import (
	"bytes"
	"fmt"
	"go/types"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
)

// A combination lists interfaces that compiled code looks for in a value it got as
// another interface. There is a wrapper for the base with each choice of the others.
type combination struct {
	base     string
	optional []string
}

// combinations name interfaces as "import/path.Name".
var combinations = []combination{
	{"gonum.org/v1/plot.Plotter", []string{
		"gonum.org/v1/plot.DataRanger", "gonum.org/v1/plot.GlyphBoxer", "gonum.org/v1/plot.Thumbnailer"}},
	{"gonum.org/v1/plot.Thumbnailer", []string{"gonum.org/v1/plot.Plotter"}},
	{"gonum.org/v1/plot/plotter.XYer", []string{
		"gonum.org/v1/plot/plotter.XErrorer", "gonum.org/v1/plot/plotter.YErrorer", "gonum.org/v1/plot/plotter.XYLabeller"}},
	{"gonum.org/v1/gonum/mat.Matrix", []string{
		"gonum.org/v1/gonum/mat.Vector", "gonum.org/v1/gonum/mat.Symmetric"}},
	{"gonum.org/v1/gonum/optimize.Method", []string{"gonum.org/v1/gonum/optimize.Statuser"}},
	{"gonum.org/v1/gonum/graph.Graph", []string{
		"gonum.org/v1/gonum/graph.Weighted", "gonum.org/v1/gonum/graph.Directed", "gonum.org/v1/gonum/graph.Undirected"}},
	{"gonum.org/v1/gonum/graph/traverse.Graph", []string{
		"gonum.org/v1/gonum/graph.Graph", "gonum.org/v1/gonum/graph.Weighted"}},
	{"gonum.org/v1/gonum/graph.Node", []string{
		"gonum.org/v1/gonum/graph/encoding/dot.Node", "gonum.org/v1/gonum/graph/encoding.Attributer",
		"gonum.org/v1/gonum/graph/encoding.AttributeSetter", "gonum.org/v1/gonum/graph/encoding/dot.DOTIDSetter"}},
	{"gonum.org/v1/gonum/graph.Edge", []string{
		"gonum.org/v1/gonum/graph.WeightedEdge", "gonum.org/v1/gonum/graph/encoding.Attributer",
		"gonum.org/v1/gonum/graph/encoding.AttributeSetter", "gonum.org/v1/gonum/graph/encoding/dot.Porter",
		"gonum.org/v1/gonum/graph/encoding/dot.PortSetter"}},
	{"gonum.org/v1/gonum/graph.Line", []string{
		"gonum.org/v1/gonum/graph/encoding.Attributer", "gonum.org/v1/gonum/graph/encoding.AttributeSetter",
		"gonum.org/v1/gonum/graph/encoding/dot.Porter", "gonum.org/v1/gonum/graph/encoding/dot.PortSetter"}},
	{"gonum.org/v1/gonum/graph.WeightedEdge", []string{
		"gonum.org/v1/gonum/graph/encoding.Attributer", "gonum.org/v1/gonum/graph/encoding.AttributeSetter"}},
	{"io.Reader", []string{"io.Closer", "io.WriterTo", "io.Seeker", "io.ByteReader", "io.RuneScanner"}},
	{"io.Writer", []string{"io.Closer", "io.ReaderFrom", "io.StringWriter", "io.ByteWriter"}},
	{"io.ReadCloser", []string{"io.WriterTo"}},
	{"io.ReadSeeker", []string{"io.WriterTo"}},
	{"io/fs.FS", []string{"io/fs.ReadDirFS", "io/fs.ReadFileFS", "io/fs.StatFS"}},
	{"io/fs.File", []string{"io/fs.ReadDirFile", "io.Seeker"}},
	{"net/http.ResponseWriter", []string{"net/http.Flusher", "net/http.Hijacker"}},
	{"math/rand.Source", []string{"math/rand.Source64"}},
	{"image.Image", []string{"image/draw.Image", "image.PalettedImage"}},
	{"flag.Value", []string{"flag.Getter"}},
	{"swingby/kernel/display.HTMLer", []string{
		"swingby/kernel/display.Markdowner", "swingby/kernel/display.LaTeXer", "swingby/kernel/display.SVGer", "fmt.Stringer"}},
	{"swingby/kernel/display.Markdowner", []string{"swingby/kernel/display.LaTeXer", "fmt.Stringer"}},
	{"swingby/kernel/display.LaTeXer", []string{"fmt.Stringer"}},
	{"swingby/kernel/display.SVGer", []string{"swingby/kernel/display.PNGer", "fmt.Stringer"}},
	{"swingby/kernel/display.PNGer", []string{"fmt.Stringer"}},
	{"swingby/kernel/display.Drawer", []string{"swingby/kernel/display.FigureSizer", "fmt.Stringer"}},
	{"swingby/kernel/display.MIMEBundler", []string{"fmt.Stringer"}},
}

// optionalError and the others are methods that fmt, errors and net look for in a
// value besides Error or String. Each choice gives a wrapper; all of them behave as
// package symbols says in formatted.go. The functions are kept as they come, because
// yaegi matches methods by name and an Unwrap can have either of two types.
var (
	optionalError    = []string{"Unwrap", "Is", "As", "GoString"}
	optionalStringer = []string{"GoString"}
)

// writeComposed renders the wrappers of several interfaces at once.
func writeComposed(files map[string][]byte, _ *loader, loads []map[string]*loaded) error {
	type wrapper struct {
		name    string
		methods int
	}
	var decls, table bytes.Buffer
	imports := map[string]string{}
	for _, c := range combinations {
		if skip != "" && strings.HasPrefix(c.base, skip) {
			continue
		}
		base, err := lookup(loads[0], c.base)
		if err != nil {
			return err
		}
		seen := map[string]bool{methodNames(methodsOf(base)): true}
		var wrappers []wrapper
		for _, mask := range subsets(len(c.optional)) {
			ifaces := []*types.Interface{base}
			words := []string{c.base}
			for k, o := range c.optional {
				if mask&(1<<k) == 0 {
					continue
				}
				iface, err := lookup(loads[0], o)
				if err != nil {
					return err
				}
				ifaces = append(ifaces, iface)
				words = append(words, o[strings.LastIndex(o, ".")+1:])
			}
			methods := methodsOf(ifaces...)
			if key := methodNames(methods); seen[key] {
				continue
			} else {
				seen[key] = true
			}
			wname := "_" + mangle(strings.Join(words, "_"))
			r := &renderer{importable: importable, imports: imports}
			decl, ok := r.wrapper(wname, strings.Join(words, " and "), methods)
			if !ok {
				return fmt.Errorf("%s cannot be wrapped: a type in its methods has no name outside its package", strings.Join(words, ", "))
			}
			decls.WriteString("\n" + decl)
			wrappers = append(wrappers, wrapper{wname, len(methods)})
		}
		// yaegi takes the first that fits.
		sort.SliceStable(wrappers, func(i, j int) bool { return wrappers[i].methods > wrappers[j].methods })
		fmt.Fprintf(&table, "{%q, (*_%s)(nil), []any{\n", c.base, mangle(c.base))
		for _, w := range wrappers {
			fmt.Fprintf(&table, "(*%s)(nil),\n", w.name)
		}
		table.WriteString("}},\n")
	}
	var b bytes.Buffer
	b.WriteString(generated + "\npackage symbols\n\nimport (\n\"fmt\"\n")
	delete(imports, "fmt")
	for _, ip := range slices.Sorted(maps.Keys(imports)) {
		if path.Base(ip) == imports[ip] {
			fmt.Fprintf(&b, "%q\n", ip)
		} else {
			fmt.Fprintf(&b, "%s %q\n", imports[ip], ip)
		}
	}
	b.WriteString(")\n\n// composed lists wrappers of interfaces and more, the largest first.\nvar composed = [...]combination{\n")
	b.Write(table.Bytes())
	b.WriteString("}\n")
	formatted(&b, "errorWrappers", "Error", optionalError)
	formatted(&b, "stringerWrappers", "String", optionalStringer)
	b.Write(decls.Bytes())
	return putGo(files, "internal/symbols/composed.go", b.Bytes())
}

// formatted renders the wrappers of error or fmt.Stringer, the largest first and the
// one of the interface alone last.
func formatted(b *bytes.Buffer, variable, method string, optional []string) {
	var decls bytes.Buffer
	fmt.Fprintf(b, "\n// %s lists wrappers of what has the method %s, the largest first.\nvar %s = [...]any{\n", variable, method, variable)
	for _, mask := range append(subsets(len(optional)), 0) {
		name := "_with_" + method
		has := map[string]bool{}
		for k, o := range optional {
			if mask&(1<<k) != 0 {
				name += "_" + o
				has[o] = true
			}
		}
		fmt.Fprintf(b, "(*%s)(nil),\n", name)
		fmt.Fprintf(&decls, "\ntype %s struct {\nIValue any\nW%s func() string\n", name, method)
		get := func(field string) string {
			if has[field] {
				return "w.W" + field
			}
			return "nil"
		}
		for _, o := range optional {
			if has[o] {
				fmt.Fprintf(&decls, "W%s any\n", o)
			}
		}
		fmt.Fprintf(&decls, "}\n\nfunc (w %s) %s() string { return w.W%s() }\n", name, method, method)
		fmt.Fprintf(&decls, "func (w %s) Format(s fmt.State, verb rune) { format(s, verb, w.IValue, w.W%s, %s) }\n", name, method, get("GoString"))
		if method == "Error" {
			fmt.Fprintf(&decls, "func (w %s) Unwrap() error { return unwrap(%s) }\n", name, get("Unwrap"))
			fmt.Fprintf(&decls, "func (w %s) Is(target error) bool { return is(w.IValue, w.WError, %s, target) }\n", name, get("Is"))
			fmt.Fprintf(&decls, "func (w %s) As(target any) bool { return as(w.IValue, %s, target) }\n", name, get("As"))
		}
	}
	b.WriteString("}\n")
	b.Write(decls.Bytes())
}

// subsets lists the non-empty subsets of n things as bit sets, larger ones first.
func subsets(n int) []int {
	var list []int
	for size := n; size > 0; size-- {
		for mask := 1; mask < 1<<n; mask++ {
			count := 0
			for k := range n {
				count += mask >> k & 1
			}
			if count == size {
				list = append(list, mask)
			}
		}
	}
	return list
}

func methodNames(methods []*types.Func) string {
	var names []string
	for _, m := range methods {
		names = append(names, m.Name())
	}
	return strings.Join(names, " ")
}

// lookup finds an interface named "import/path.Name".
func lookup(pkgs map[string]*loaded, ref string) (*types.Interface, error) {
	dot := strings.LastIndex(ref, ".")
	if pkg := pkgs[ref[:dot]]; pkg != nil {
		if obj := pkg.types.Scope().Lookup(ref[dot+1:]); obj != nil {
			if iface, ok := obj.Type().Underlying().(*types.Interface); ok {
				return iface, nil
			}
		}
	}
	return nil, fmt.Errorf("no interface %s", ref)
}
