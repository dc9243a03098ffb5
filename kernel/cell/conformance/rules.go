package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// A program is one file of the distribution's tests that begins with "// run".
type program struct {
	name     string // test/typeparam/sum.go
	dir      string // test/typeparam
	path     string // of the file
	args     []string
	want     []byte // what it must print
	excluded string // why it is not run; empty if it is
}

// collect reads the programs of folders below tests, in a fixed order.
func collect(tests string, dirs []string) ([]*program, error) {
	tests, err := filepath.Abs(tests)
	if err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	var programs []*program
	for _, dir := range dirs {
		dir = filepath.ToSlash(filepath.Clean(strings.TrimSpace(dir)))
		files, err := filepath.Glob(filepath.Join(tests, dir, "*.go"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("conformance: there are no programs in %s", filepath.Join(tests, dir))
		}
		slices.Sort(files)
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("conformance: %w", err)
			}
			action, ok := recipe(src)
			if !ok {
				continue
			}
			p := &program{path: file, dir: strings.TrimSuffix("test/"+dir, "/.")}
			p.name = p.dir + "/" + filepath.Base(file)
			p.args, p.excluded = arguments(action)
			if p.excluded == "" {
				p.excluded = exclude(src)
			}
			p.want, err = os.ReadFile(strings.TrimSuffix(file, ".go") + ".out")
			if err != nil && !os.IsNotExist(err) {
				return nil, fmt.Errorf("conformance: %w", err)
			}
			p.want = bytes.ReplaceAll(p.want, []byte("\r\n"), []byte("\n"))
			programs = append(programs, p)
		}
	}
	return programs, nil
}

// recipe returns what follows "run" in the first line of src that is no build
// constraint, and whether it is such a line at all.
func recipe(src []byte) (args string, ok bool) {
	for line := range bytes.Lines(src) {
		text := strings.TrimSpace(string(line))
		if constraint.IsGoBuild(text) || constraint.IsPlusBuild(text) || text == "" {
			continue
		}
		text, ok := strings.CutPrefix(text, "//")
		word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
		return strings.TrimSpace(rest), ok && word == "run"
	}
	return "", false
}

// arguments splits what follows "run" and says why it excludes the program, if it does.
func arguments(recipe string) (args []string, reason string) {
	args = strings.Fields(recipe)
	for _, a := range args {
		switch {
		case strings.HasPrefix(a, "-"):
			return nil, "build flags"
		case strings.HasSuffix(a, ".go"):
			return nil, "several files"
		}
	}
	return args, ""
}

// harmless are the names of package runtime that mean in an interpreter what they mean in a
// compiled program. The others look at frames, memory or the scheduler, where
// an interpreter's are different ones by nature.
var harmless = map[string]bool{
	"Breakpoint": true, // called by tests that have failed already
	"Compiler":   true, "Error": true, "GC": true, "GOARCH": true, "Goexit": true, "GOMAXPROCS": true, "GOOS": true, "GOROOT": true,
	"Gosched": true, "KeepAlive": true, "LockOSThread": true, "NumCPU": true, "NumGoroutine": true, "PanicNilError": true,
	"TypeAssertionError": true, "UnlockOSThread": true, "Version": true,
}

// internals are names of other packages that do the same.
var internals = map[string]string{
	"runtime/debug.SetGCPercent":    "",
	"runtime/debug.FreeOSMemory":    "",
	"runtime/debug.SetMaxStack":     "",
	"runtime/debug.SetMemoryLimit":  "",
	"runtime/debug.PrintStack":      "runtime internals: debug.PrintStack",
	"runtime/debug.Stack":           "runtime internals: debug.Stack",
	"runtime/debug.SetPanicOnFault": "runtime internals: debug.SetPanicOnFault",
	"testing.AllocsPerRun":          "package testing: counts allocations",
	"testing.Benchmark":             "package testing: measures time",
	"testing.BenchmarkResult":       "package testing: measures time",
}

var linkname = regexp.MustCompile(`(?m)^//go:(linkname|embed|wasmimport|wasmexport|cgo_\w+) `)

// exclude says by what it uses why a program tests something else than the language;
// empty when it does not. The first reason found is enough.
func exclude(src []byte) string {
	if reason := constraints(src); reason != "" {
		return reason
	}
	if m := linkname.FindSubmatch(src); m != nil {
		return "pragma go:" + string(m[1])
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return "" // a program that does not parse must be refused or be wrong in the open
	}
	names := map[string]string{} // import paths by the names they have in the file
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		switch {
		case path == "unsafe":
			return "package unsafe"
		case path == "C":
			return "cgo"
		case path == "os/exec":
			return "starts the go command or itself"
		case strings.HasPrefix(path, "internal/"), strings.HasPrefix(path, "cmd/"):
			return "package " + path
		case path == "runtime/debug":
		case strings.HasPrefix(path, "runtime/"):
			return "runtime internals: package " + path
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." && (path == "runtime" || path == "runtime/debug") {
			return "runtime internals: package " + path
		}
		names[name] = path
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body == nil {
			return "a function in assembly"
		}
	}
	reason := ""
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || reason != "" {
			return reason == ""
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		path := names[x.Name]
		switch {
		case path == "runtime" && !harmless[sel.Sel.Name]:
			reason = "runtime internals: runtime." + sel.Sel.Name
		case internals[path+"."+sel.Sel.Name] != "":
			reason = internals[path+"."+sel.Sel.Name]
		}
		return true
	})
	return reason
}

// constraints says whether build constraints leave the program out on this system.
func constraints(src []byte) string {
	header, _, _ := strings.Cut(string(src), "\npackage ")
	for line := range strings.Lines(header) {
		line = strings.TrimSpace(line)
		if !constraint.IsGoBuild(line) {
			continue
		}
		expr, err := constraint.Parse(line)
		if err == nil && !expr.Eval(tag) {
			return "build constraint: " + expr.String()
		}
	}
	return ""
}

// tag reports whether a build tag is set for a program run by swingby run on this system.
func tag(name string) bool {
	switch name {
	case runtime.GOOS, runtime.GOARCH, "gc":
		return true
	case "unix":
		return runtime.GOOS != "windows" && runtime.GOOS != "plan9" && runtime.GOOS != "js" && runtime.GOOS != "wasip1"
	}
	var minor int
	if _, err := fmt.Sscanf(name, "go1.%d", &minor); err == nil {
		return minor <= goMinor()
	}
	return false
}

// goMinor is n of the Go 1.n that this program was built with.
func goMinor() int {
	var minor int
	if _, err := fmt.Sscanf(runtime.Version(), "go1.%d", &minor); err != nil {
		return 1 << 30 // a development version has all there is
	}
	return minor
}
