package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// A class is what became of a program.
type class string

const (
	passed   class = "passed"
	refused  class = "refused"
	wrong    class = "wrong"
	excluded class = "excluded"
)

var classes = []class{passed, refused, wrong, excluded}

// The ways in which a program can be refused or wrong, the worst last and first.
const (
	kindSentence    = "refused by a sentence about cells"
	kindLimit       = "stopped by a sentence about a limit of cells"
	kindInterpreter = "refused by the interpreter, which does not know better"

	kindSilent   = "computes something else" // the program itself or its output says so
	kindPanic    = "panics"                  // where the compiled program does not
	kindRejected = "valid, but called invalid"
	kindDeath    = "ends the process"
	kindTime     = "does not end within the time limit"
)

var kinds = []string{kindSentence, kindLimit, kindInterpreter, kindSilent, kindPanic, kindRejected, kindDeath, kindTime}

// A result is one program with its class.
type result struct {
	*program
	class  class
	kind   string // of one that is refused or wrong
	reason string // what results are grouped by
	line   string // the first line that says what is the matter
	output []byte
}

// An outcome is how a run ended.
type outcome struct {
	status   int // exit status, -1 after a signal
	timedOut bool
	output   []byte // both streams, as far as maxOutput
	err      error  // the program could not be run at all
}

// A runner runs programs.
type runner struct {
	swingby string
	goroot  string // what runtime.GOROOT says; a released swingby does not know
	dir     string // an empty folder to run in
	limit   time.Duration
}

const (
	maxOutput = 1 << 20
	// Of the 2 processes of a run, each gets so much address space (Unix) and
	// the collector begins to work hard at a fraction of it.
	maxAddressKB = 8 << 20
	memoryLimit  = "1GiB"
)

// run runs one program in a process of its own.
func (r *runner) run(ctx context.Context, p *program) outcome {
	dir, err := os.MkdirTemp(r.dir, "run") // programs may write files
	if err != nil {
		return outcome{err: err}
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	args := append([]string{r.swingby, "run", p.path}, p.args...)
	if runtime.GOOS != "windows" {
		args = append([]string{"/bin/sh", "-c", fmt.Sprintf(`ulimit -v %d 2>/dev/null; exec "$@"`, maxAddressKB), "sh"}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOROOT="+r.goroot, "GOMEMLIMIT="+memoryLimit, "GOMAXPROCS=2")
	out := &head{}
	cmd.Stdout, cmd.Stderr = out, out // one writer: the order of both streams is kept
	cmd.WaitDelay = 2 * time.Second
	err = cmd.Run()
	o := outcome{output: out.b, timedOut: ctx.Err() == context.DeadlineExceeded}
	if cmd.ProcessState == nil {
		o.err = err
		return o
	}
	o.status = cmd.ProcessState.ExitCode()
	return o
}

// head keeps the beginning of what is written to it.
type head struct{ b []byte }

func (h *head) Write(p []byte) (int, error) {
	h.b = append(h.b, p[:min(len(p), maxOutput-len(h.b))]...)
	return len(p), nil
}

// refusal recognises the sentences by which cells decline valid Go.
var refusal = regexp.MustCompile(`not supported|not available in cells|is used with more than \d+ different types|cannot be named outside its package|is not part of this program|is not built in`)

// interpreterRefusal is in every message that passes on the interpreter's own words.
const interpreterRefusal = "not supported by the interpreter"

// internalPanic recognises panics that come from the language or the
// interpreter as against those by which a program says that it found a fault.
var internalPanic = regexp.MustCompile(`^panic: (runtime error:|reflect[.: ]|interface conversion|.*\binterp\.|.*reflect\.Value)`)

// classify sorts the outcome of a run.
func classify(p *program, o outcome) *result {
	r := &result{program: p, class: wrong}
	text := strings.ReplaceAll(string(o.output), "\r\n", "\n")
	text = strings.ReplaceAll(text, p.path, filepath.Base(p.path))
	r.output = []byte(text)
	first, _, _ := strings.Cut(text, "\n")
	problem := lineWith(text, "panic: ", "fatal error: ", "runtime: ")
	switch {
	case o.err != nil:
		r.kind, r.line = kindDeath, o.err.Error()
	case o.timedOut:
		r.kind, r.line = kindTime, first
	case o.status == 0 && bytes.Equal(r.output, p.want):
		r.class = passed
		return r
	case o.status == 1 && compileError(first, filepath.Base(p.path)):
		r.line = first
		switch {
		case strings.Contains(first, interpreterRefusal):
			r.class, r.kind = refused, kindInterpreter
		case refusal.MatchString(first):
			r.class, r.kind = refused, kindSentence
		default:
			r.kind = kindRejected
		}
	case o.status == 2 && strings.HasPrefix(first, "stack overflow: "):
		r.class, r.kind, r.line = refused, kindLimit, first
	case o.status == 2 && strings.HasPrefix(problem, "panic: ") && internalPanic.MatchString(problem):
		r.kind, r.line = kindPanic, problem
	case o.status == 2 && strings.HasPrefix(problem, "panic: "):
		r.kind, r.line = kindSilent, problem
	case o.status == 2 && problem != "", o.status == -1:
		r.kind, r.line = kindDeath, problem
	case o.status == 0 || len(p.want) > 0:
		r.kind, r.line = kindSilent, difference(text, string(p.want))
	default:
		r.kind, r.line = kindSilent, fmt.Sprintf("exit status %d: %s", o.status, first)
	}
	r.line = strings.TrimSpace(r.line)
	r.reason = reasonOf(r)
	return r
}

// lineWith returns the first line that starts with one of the marks.
func lineWith(text string, marks ...string) string {
	for line := range strings.Lines(text) {
		for _, m := range marks {
			if strings.HasPrefix(line, m) {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}

// unplaced begins messages of the checker, in case that one has lost its position.
var unplaced = regexp.MustCompile(`^(` + interpreterRefusal + `|invalid operation: |invalid argument: |undefined: |cannot |declared and not used: |syntax error: )`)

// compileError reports whether a line is the first of a compile error's message.
func compileError(line, file string) bool {
	rest, ok := strings.CutPrefix(line, file+":")
	return ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' || unplaced.MatchString(line)
}

// difference says where an output departs from what it should be.
func difference(got, want string) string {
	if want == "" {
		first, _, _ := strings.Cut(got, "\n")
		return "prints " + first
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			return fmt.Sprintf("line %d is missing: %q", i+1, w[i])
		case i >= len(w):
			return fmt.Sprintf("line %d is too many: %q", i+1, g[i])
		case g[i] != w[i]:
			return fmt.Sprintf("line %d is %q, must be %q", i+1, g[i], w[i])
		}
	}
	return "the output is right, the exit status is not 0"
}

var (
	position = regexp.MustCompile(`^\S+\.go:\d+:\d+: `)
	// Names and numbers differ between programs that fail for one reason.
	names = []struct {
		re   *regexp.Regexp
		with string
	}{
		{regexp.MustCompile(`\b(generic (?:function|type|method)|function|method|package) \S+ (is|are|has)\b`), "$1 … $2"},
		{regexp.MustCompile(`(^|[ :])type \S.* (is|are) (not|used)\b`), "${1}type … $2 $3"},
		{regexp.MustCompile(`\b(undefined|redeclared|declared and not used|undefined selector|undefined type): .*`), "$1: …"},
		{regexp.MustCompile(`cannot use .* as (type )?.* in `), "cannot use … as ${1}… in "},
		{regexp.MustCompile(`cannot use type .* as type .*`), "cannot use type … as type …"},
		{regexp.MustCompile(`cannot convert .* to type .*`), "cannot convert … to type …"},
		{regexp.MustCompile(`interface conversion: .* is `), "interface conversion: … is "},
		{regexp.MustCompile(`the recursion of .* is too deep`), "the recursion of … is too deep"},
		{regexp.MustCompile(`missing method .*`), "missing method …"},
		{regexp.MustCompile(`not .*, missing`), "not …, missing"},
		{regexp.MustCompile(`"[^"]*"|'[^']*'|` + "`[^`]*`"), "…"},
		{regexp.MustCompile(`\b\w*[·.]?\w+·\d+\b`), "…"},
		{regexp.MustCompile(`\b(main)\.[\w.\[\]*]+`), "$1.…"},
		{regexp.MustCompile(`\b0x[0-9a-f]+\b|\b\d+\b`), "N"},
	}
)

// reasonOf is what a result has in common with others.
func reasonOf(r *result) string {
	switch {
	case r.class == wrong && (r.kind == kindSilent || r.kind == kindTime):
		return r.kind // what such a program says is its own
	}
	s := position.ReplaceAllString(r.line, "")
	for _, n := range names {
		s = n.re.ReplaceAllString(s, n.with)
	}
	return s
}
