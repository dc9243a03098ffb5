package cell

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cost is the time something took.
type cost struct {
	wall, user, system time.Duration
}

func (c cost) minus(d cost) cost {
	return cost{c.wall - d.wall, c.user - d.user, c.system - d.system}
}

func (c cost) plus(d cost) cost {
	return cost{c.wall + d.wall, c.user + d.user, c.system + d.system}
}

var processStart = time.Now()

// costNow is a reading of the clocks.
func costNow() cost {
	user, system := cpuTime()
	return cost{time.Since(processStart), user, system}
}

var timeMagic = &magic{
	name: "time", line: true, cell: true, code: true,
	usage: []string{"%time CODE", "%%time"},
	doc: "Measure how long an expression or statement takes, or with %%time the lines below. Both run in the session as usual, results included. " +
		"Checking and lowering are not counted; they show as Compile time when they took more than 0.1 s. " +
		"The CPU time is that of the whole process, with its garbage collector and other goroutines, and of commands that have ended: it can exceed the wall time.",
	example: "%time total := stat.Mean([]float64{1, 2, 3}, nil)",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		before, compiled := costNow(), r.s.compiled
		var res Result
		var err error
		if in.sigil == "%%" {
			res, err = r.executeText(padded(r.src, in.bodyAt, in.bodyAt+len(in.body)))
		} else {
			res, err = r.s.executeGo(r.ctx, r.name, r.count, padded(r.src, in.argsAt, in.argsAt+len(in.args)))
		}
		compile := r.s.compiled.minus(compiled)
		spent := costNow().minus(before).minus(compile)
		var e *Error
		if errors.As(err, &e) && e.Name == "compile error" {
			return nil, err
		}
		fmt.Fprintf(os.Stdout, "CPU times: user %s, sys: %s, total: %s\n", spell(spent.user), spell(spent.system), spell(spent.user+spent.system))
		fmt.Fprintf(os.Stdout, "Wall time: %s\n", spell(spent.wall))
		if compile.wall > 100*time.Millisecond {
			fmt.Fprintf(os.Stdout, "Compile time: %s\n", spell(compile.wall))
		}
		return &res, err
	},
}

// spell writes a duration with three digits that count.
func spell(d time.Duration) string { return spellSeconds(d.Seconds()) }

func spellSeconds(s float64) string {
	switch {
	case s <= 0:
		return "0 s"
	case s >= 59.95:
		d := time.Duration(s * float64(time.Second)).Round(time.Second)
		return d.String()
	}
	for _, u := range []struct {
		size float64
		name string
	}{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}} {
		if s >= 0.9995*u.size || u.size == 1e-9 {
			x := s / u.size
			digits := max(0, 2-int(math.Floor(math.Log10(x)+1e-9)))
			text := strconv.FormatFloat(x, 'f', min(digits, 3), 64)
			if strings.Contains(text, ".") {
				text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
			}
			return text + " " + u.name
		}
	}
	return "0 s"
}

var timeitMagic = &magic{
	name: "timeit", line: true, cell: true, code: true,
	usage: []string{"%timeit [-n LOOPS] [-r RUNS] CODE", "%%timeit [-n LOOPS] [-r RUNS] [SETUP]"},
	doc: "Measure short code by running it many times: RUNS runs, 7 if not given, of LOOPS loops each. Without -n the number of loops is chosen so that a run takes at least 0.2 s. " +
		"With %%timeit the lines below are measured, and SETUP runs once before each run, not measured. " +
		"The code is checked and lowered once and runs inside a function: what it declares is gone afterwards. Results are dropped. The time of the loop itself is included.",
	example: "%timeit -n 1000 -r 3 math.Sqrt(2)",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		o, err := parseTimeit(in.args)
		if err != nil {
			return nil, err
		}
		code := timed{code: in.args[o.code:], at: in.argsAt + o.code}
		if in.sigil == "%%" {
			code = timed{setup: in.args[o.code:], setupAt: in.argsAt + o.code, code: in.body, at: in.bodyAt}
		}
		runs, loops, err := r.timeit(code, o)
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(os.Stdout, summary(runs, loops))
		return nil, nil
	},
}

// timeitOptions are the numbers of %timeit.
type timeitOptions struct {
	loops, runs int           // loops 0: as many as take the time
	atLeast     time.Duration // a run without given loops
	code        int           // where the code starts in the arguments
}

func parseTimeit(args string) (timeitOptions, error) {
	o := timeitOptions{runs: 7, atLeast: 200 * time.Millisecond}
	pos := 0
	next := func() string {
		pos += len(args[pos:]) - len(strings.TrimLeft(args[pos:], " \t"))
		word := args[pos : pos+indexAnyOrLen(args[pos:], " \t\n")]
		pos += len(word)
		return word
	}
	for {
		o.code = pos + len(args[pos:]) - len(strings.TrimLeft(args[pos:], " \t"))
		word := next()
		if len(word) < 2 || word[0] != '-' || word[1] != 'n' && word[1] != 'r' || len(word) > 2 && (word[2] < '0' || word[2] > '9') {
			return o, nil
		}
		number := word[2:]
		if number == "" {
			number = next()
		}
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 1e9 {
			return o, usageError(word[:2] + " needs a number from 1 to 1000000000")
		}
		if word[1] == 'n' {
			o.loops = n
		} else {
			o.runs = n
		}
	}
}

func indexAnyOrLen(s, chars string) int {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return i
	}
	return len(s)
}

// timed is code to be measured and where it stands in the cell.
type timed struct {
	setup, code string
	setupAt, at int
}

// Names in the text around measured code, which no author writes.
const (
	timeitCtx   = "ǃctx"
	timeitLoops = "ǃloops"
	timeitStart = "ǃstart"
	timeitKey   = "timeit"
)

// timeitContext hands the measuring function to the measured code.
type timeitContext struct {
	context.Context
	measure func(func(loops int, start func()))
}

func (c timeitContext) Value(key any) any {
	if key == timeitKey {
		return c.measure
	}
	return c.Context.Value(key)
}

// timeit measures code: the seconds a loop took in each run.
func (r *runner) timeit(t timed, o timeitOptions) (runs []float64, loops int, err error) {
	chunks, _ := split(t.code)
	for _, c := range chunks {
		if c.kind != chunkStmt {
			return nil, 0, errors.New("imports and functions are declared in a cell of their own; only statements can be measured")
		}
	}
	before := costNow()
	prog, checked, failed := r.compileTimed(t, "")
	if failed != nil {
		// An expression whose value is not used is not a statement.
		if _, err := parser.ParseExpr(strings.TrimSuffix(strings.TrimSpace(t.code), ";")); err == nil {
			var again *Error
			if prog, checked, again = r.compileTimed(t, "_ = "); again == nil {
				failed = nil
			} else if strings.Contains(failed.Message, "is not used") {
				failed = again
			}
		}
	}
	r.s.compiled = r.s.compiled.plus(costNow().minus(before))
	if failed != nil {
		return nil, 0, failed
	}
	// An interrupted run may be left behind and still count, so it has its own variables.
	var counted struct {
		runs  []float64
		loops int
	}
	ctx := timeitContext{Context: r.ctx}
	ctx.measure = func(f func(int, func())) {
		once := func(n int) time.Duration {
			start := time.Now()
			f(n, func() { start = time.Now() })
			return time.Since(start)
		}
		c := &counted
		c.loops = o.loops
		for n := 1; c.loops == 0 && r.ctx.Err() == nil; n *= 10 {
			if once(n) >= o.atLeast || n >= 1e9 {
				c.loops = n
			}
		}
		for range o.runs {
			if r.ctx.Err() != nil {
				return
			}
			c.runs = append(c.runs, once(c.loops).Seconds()/float64(c.loops))
		}
	}
	if _, err := r.s.runCompiled(ctx, prog, checked, r.count); err != nil {
		return nil, 0, err
	}
	return counted.runs, counted.loops, nil
}

// compileTimed compiles code in a loop in a function. before stands before it.
func (r *runner) compileTimed(t timed, before string) (*program, *checked, *Error) {
	line := strings.Count(r.src[:t.at], "\n") + 1
	place := func(at int) string {
		start := strings.LastIndexByte(r.src[:at], '\n') + 1
		return fmt.Sprintf("/*line %s:%d:%d*/", fileName(r.name), strings.Count(r.src[:start], "\n")+1, at-start+1)
	}
	var b strings.Builder
	b.WriteString(strings.Repeat("\n", line-1))
	fmt.Fprintf(&b, "%s.Value(%q).(func(func(int, func())))(/*line %s:%d:1*/func(%s int, %s func()) {", timeitCtx, timeitKey, fileName(r.name), line, timeitLoops, timeitStart)
	if t.setup != "" {
		fmt.Fprintf(&b, "%s%s\n%s", place(t.setupAt), t.setup, unused(t.setup))
	}
	fmt.Fprintf(&b, "%s(); for range %s { %s%s%s\n%s}})", timeitStart, timeitLoops, before, place(t.at), t.code, unused(t.code))

	s := r.s
	s.mu.Lock()
	defer s.mu.Unlock()
	obj := types.NewVar(token.NoPos, s.pkg, timeitCtx, s.predeclared["ctx"].Type())
	s.predeclared[timeitCtx], s.slotOf[obj] = obj, ctxSlot
	prog, checked, failed := s.compile(r.name, r.count, b.String())
	delete(s.predeclared, timeitCtx)
	delete(s.slotOf, obj)
	return prog, checked, failed
}

// unused is a statement that uses the variables code declares, as a cell need
// not use its own.
func unused(code string) string {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p; func _() {"+code+"\n}", 0)
	if err != nil || len(f.Decls) != 1 {
		return ""
	}
	var names []string
	add := func(id *ast.Ident) {
		if id.Name != "_" && !slices.Contains(names, id.Name) {
			names = append(names, id.Name)
		}
	}
	for _, st := range f.Decls[0].(*ast.FuncDecl).Body.List {
		switch st := st.(type) {
		case *ast.AssignStmt:
			for _, e := range st.Lhs {
				if id, ok := e.(*ast.Ident); ok && st.Tok == token.DEFINE {
					add(id)
				}
			}
		case *ast.DeclStmt:
			for _, sp := range st.Decl.(*ast.GenDecl).Specs {
				if vs, ok := sp.(*ast.ValueSpec); ok && st.Decl.(*ast.GenDecl).Tok == token.VAR {
					for _, id := range vs.Names {
						add(id)
					}
				}
			}
		}
	}
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "_ = %s\n", n)
	}
	return b.String()
}

// summary words the result of %timeit.
func summary(runs []float64, loops int) string {
	mean, square := 0.0, 0.0
	for _, r := range runs {
		mean += r / float64(len(runs))
	}
	for _, r := range runs {
		square += (r - mean) * (r - mean) / float64(len(runs))
	}
	plural := func(n int, word string) string {
		if n == 1 {
			return "1 " + word
		}
		return strconv.Itoa(n) + " " + word + "s"
	}
	return fmt.Sprintf("%s ± %s per loop (mean ± std. dev. of %s, %s each), best %s",
		spellSeconds(mean), spellSeconds(math.Sqrt(square)), plural(len(runs), "run"), plural(loops, "loop"), spellSeconds(slices.Min(runs)))
}
