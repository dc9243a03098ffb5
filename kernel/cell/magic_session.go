package cell

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

var whoMagic = &magic{
	name: "who", line: true, max: -1,
	usage:   []string{"%who [const|func|type|var]..."},
	doc:     "List the names that cells have declared. Kinds after the name list only those.",
	example: "mass := 2.5\n%who var",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		list, err := r.s.declared(args)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			fmt.Fprintln(os.Stdout, "no names")
			return nil, nil
		}
		var b strings.Builder
		column := 0
		for i, d := range list {
			if i > 0 {
				if column += 2 + len(d.name); column > 78 {
					b.WriteByte('\n')
					column = len(d.name)
				} else {
					b.WriteString("  ")
				}
			} else {
				column = len(d.name)
			}
			b.WriteString(d.name)
		}
		fmt.Fprintln(os.Stdout, b.String())
		return nil, nil
	},
}

var whosMagic = &magic{
	name: "whos", line: true, max: -1,
	usage: []string{"%whos [const|func|type|var]..."},
	doc: "List the names that cells have declared with their types, short values and cells. Kinds after the name list only those. " +
		"Maps show their length alone, because goroutines may be writing to them.",
	example: "orbit := []float64{1, 0.5}\n%whos",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		list, err := r.s.declared(args)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			fmt.Fprintln(os.Stdout, "no names")
			return nil, nil
		}
		var b strings.Builder
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "Name\tType\tCell\tValue")
		for _, d := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", d.name, clip(d.typ, 40), cellName(d.count), clip(d.value, 60))
		}
		w.Flush()
		for line := range strings.Lines(b.String()) {
			fmt.Fprintln(os.Stdout, strings.TrimRight(line, " \n"))
		}
		return nil, nil
	},
}

// declaredName is a name of the session as %whos shows it.
type declaredName struct {
	name, typ, value string
	count            int
}

// declared lists the names of the session in order, of some kinds or all.
func (s *Session) declared(kinds []string) ([]declaredName, error) {
	for _, k := range kinds {
		if !slices.Contains([]string{"const", "func", "type", "var"}, k) {
			return nil, usageError(fmt.Sprintf("%q is not a kind of name", k))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	values := s.interp.Globals()
	var list []declaredName
	for _, name := range slices.Sorted(maps.Keys(s.global.names)) {
		b := s.global.names[name]
		d := declaredName{name: name, count: b.count}
		kind := ""
		switch obj := b.obj.(type) {
		case *types.Const:
			kind, d.typ, d.value = "const", s.typeString(obj.Type()), obj.Val().String()
		case *types.Func:
			kind, d.typ = "func", s.typeString(obj.Type())
		case *types.TypeName:
			kind, d.typ, d.value = "type", "type", s.typeShape(obj)
		case *types.Var:
			kind, d.typ = "var", s.typeString(obj.Type())
			if v, ok := values[b.slot]; ok {
				d.value = shortValue(v)
			}
		}
		if len(kinds) == 0 || slices.Contains(kinds, kind) {
			list = append(list, d)
		}
	}
	return list, nil
}

// clip cuts a text to one line of n runes.
func clip(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}

// shortValue is a value on a few characters, with none of its methods called.
func shortValue(v reflect.Value) (text string) {
	defer func() {
		if recover() != nil {
			text = "?"
		}
	}()
	var b strings.Builder
	writeShort(&b, v, 0)
	return b.String()
}

// shortLength is when the rest of a list is left out.
const shortLength = 60

func writeShort(b *strings.Builder, v reflect.Value, depth int) {
	switch k := v.Kind(); k {
	case reflect.Invalid:
		b.WriteString("nil")
	case reflect.Bool:
		b.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.String:
		s := v.String()
		b.WriteString(strconv.Quote(s[:min(len(s), shortLength)]))
	case reflect.Float32:
		b.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 32))
	case reflect.Float64:
		b.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Complex64:
		b.WriteString(strconv.FormatComplex(v.Complex(), 'g', -1, 64))
	case reflect.Complex128:
		b.WriteString(strconv.FormatComplex(v.Complex(), 'g', -1, 128))
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Chan:
		if k != reflect.Array && v.IsNil() {
			b.WriteString("nil")
			return
		}
		if k == reflect.Map || k == reflect.Chan || depth > 2 {
			fmt.Fprintf(b, "len %d", v.Len())
			return
		}
		if v.Len() > 3 {
			fmt.Fprintf(b, "len %d: ", v.Len())
		}
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(' ')
			}
			if b.Len() > shortLength {
				b.WriteString("…")
				break
			}
			writeShort(b, v.Index(i), depth+1)
		}
		b.WriteByte(']')
	case reflect.Struct:
		if depth > 2 {
			b.WriteString("{…}")
			return
		}
		b.WriteByte('{')
		for i := range v.NumField() {
			if i > 0 {
				b.WriteByte(' ')
			}
			if b.Len() > shortLength {
				b.WriteString("…")
				break
			}
			writeShort(b, v.Field(i), depth+1)
		}
		b.WriteByte('}')
	case reflect.Pointer:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		b.WriteByte('&')
		writeShort(b, v.Elem(), depth+1)
	case reflect.Interface:
		if !v.IsNil() && v.Elem().Kind() == reflect.Struct && strings.HasPrefix(v.Elem().Type().PkgPath(), "github.com/traefik/yaegi") {
			b.WriteString("…") // the interpreter's own box
			return
		}
		writeShort(b, v.Elem(), depth)
	case reflect.Func, reflect.UnsafePointer:
		if v.IsNil() {
			b.WriteString("nil")
		} else {
			b.WriteString("…")
		}
	default:
		switch {
		case v.CanInt():
			b.WriteString(strconv.FormatInt(v.Int(), 10))
		case v.CanUint():
			b.WriteString(strconv.FormatUint(v.Uint(), 10))
		}
	}
}

var resetMagic = &magic{
	name: "reset", line: true, max: 1,
	usage:   []string{"%reset [-f]"},
	doc:     "Forget all names and free their memory. The count of cells, %history, the directory and the environment stay. It does not ask first; -f is accepted for those used to it. Goroutines of earlier cells go on.",
	example: "big := make([]float64, 1e6)\n%reset",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		if len(args) == 1 && args[0] != "-f" {
			return nil, usageError(fmt.Sprintf("do not know what to do with %q", args[0]))
		}
		return nil, r.s.reset()
	},
}

// reset makes the session a new one but for its history.
func (s *Session) reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh, err := build(s.cfg, s.mu, s.sources)
	if err != nil {
		return fmt.Errorf("a new session could not be made: %w", err)
	}
	fresh.routines = s.routines
	s.state = fresh.state
	return nil
}

var runMagic = &magic{
	name: "run", line: true, min: 1, max: 1,
	usage:   []string{"%run FILE.go", "%run FILE.ipynb"},
	doc:     "Run a file as if its text stood in a cell. Its names are then the session's, and its func main runs. Of a notebook the code cells run one after the other, magics included. Results are not shown, and messages name the file and its line.",
	example: "%run step.go",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		if r.depth >= maxRunDepth {
			return nil, fmt.Errorf("%d files run each other", maxRunDepth)
		}
		file := expandHome(args[0])
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := strings.NewReplacer("\n", "_", "*/", "__").Replace(filepath.ToSlash(args[0]))
		switch filepath.Ext(file) {
		case ".go":
			return nil, r.runText(name, string(data))
		case ".ipynb":
			cells, err := notebookCells(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", args[0], err)
			}
			for _, c := range cells {
				if err := r.runText(fmt.Sprintf("%s[%d]", name, c.number), c.source); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
		return nil, usageError(args[0] + " is neither a .go file nor a notebook, .ipynb")
	},
}

// runText runs a text that is not the cell's own.
func (r *runner) runText(name, src string) error {
	src = strings.ReplaceAll(src, "\r\n", "\n")
	r.s.mu.Lock()
	r.s.sources[name] = src
	delete(r.s.units.literals, name) // of the file as it was before
	r.s.mu.Unlock()
	inner := &runner{s: r.s, ctx: r.ctx, count: r.count, name: name, src: src, depth: r.depth + 1}
	_, err := inner.executeText(src)
	r.payloads = append(r.payloads, inner.payloads...)
	return err
}

// notebookCell is a code cell of a notebook; number counts all cells from 1.
type notebookCell struct {
	number int
	source string
}

// notebookCells reads the code cells of a notebook of nbformat 4.
func notebookCells(data []byte) ([]notebookCell, error) {
	var nb struct {
		Nbformat int `json:"nbformat"`
		Cells    []struct {
			Type   string          `json:"cell_type"`
			Source json.RawMessage `json:"source"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	if nb.Nbformat != 4 {
		return nil, fmt.Errorf("nbformat %d is not supported; save the notebook as nbformat 4", nb.Nbformat)
	}
	var cells []notebookCell
	for i, c := range nb.Cells {
		if c.Type != "code" {
			continue
		}
		var lines []string
		var text string
		if json.Unmarshal(c.Source, &lines) == nil {
			text = strings.Join(lines, "")
		} else if json.Unmarshal(c.Source, &text) != nil {
			return nil, fmt.Errorf("the source of cell %d is neither a text nor a list of lines", i+1)
		}
		cells = append(cells, notebookCell{i + 1, text})
	}
	return cells, nil
}

var loadMagic = &magic{
	name: "load", line: true, min: 1, max: 1,
	usage:   []string{"%load FILE"},
	doc:     "Put the text of a file in place of the cell. That needs a front end; where there is none, nothing happens. To run a file as it is, use %run.",
	example: "%load step.go",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		data, err := os.ReadFile(expandHome(args[0]))
		if err != nil {
			return nil, err
		}
		const most = 1 << 20
		if len(data) > most {
			return nil, errors.New("a file of more than 1 MiB is too long for a cell; use %run")
		}
		text := strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
		r.payloads = append(r.payloads, Payload{NextInput: fmt.Sprintf("// %%load %s\n%s", args[0], text), Replace: true})
		return nil, nil
	},
}
