package notebook

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"swingby/kernel/display"
	"swingby/kernel/worker"
)

// ScriptOptions say how [RunScript] runs; the zero value uses the streams of this process.
type ScriptOptions struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Start starts a session, nil a worker process with o.
	Start func(o worker.Options) (Runner, error)
}

// Exit statuses of a script, as a shell expects them of a Go program run by go run.
const (
	statusOK      = 0
	statusCompile = 1
	statusPanic   = 2
	statusSignal  = 128 // and the signal's number
)

// RunScript runs a Go file, "-" for standard input, as one cell, or the code
// cells of a notebook (.ipynb) one after the other, and returns the exit status
// of the program that it was.
//
// The file may have a package clause and a main function, which then runs last,
// or be plain statements; a first line that begins with #! is ignored. Its
// os.Args are path and args. Text passes as it comes. Of a file, no result is shown;
// a notebook runs in its own folder and prints results and displays as plain text.
//
// The status is 0, 1 when the program does not compile, 2 when a panic or the
// Go runtime ends it, n after os.Exit(n), and 128 plus the number of the signal that
// interrupted it (SIGINT or SIGTERM, which RunScript takes while it runs; a second
// one ends this process too). What there is to say about it is on Stderr. The error is of
// another kind: the script could not be read or started.
func RunScript(ctx context.Context, path string, args []string, o ScriptOptions) (status int, err error) {
	s := &script{path: path, name: path, opts: o}
	if s.opts.Stdin == nil {
		s.opts.Stdin = os.Stdin
	}
	if s.opts.Stdout == nil {
		s.opts.Stdout = os.Stdout
	}
	if s.opts.Stderr == nil {
		s.opts.Stderr = os.Stderr
	}
	if s.opts.Start == nil {
		s.opts.Start = func(o worker.Options) (Runner, error) { return worker.Start(o) }
	}
	cells, dir, err := s.cells()
	if err != nil {
		return statusCompile, err
	}
	wo := worker.Options{Dir: dir, Output: s.output, Raw: true, Input: s.input}
	if wo.Command, err = scriptCommand(path, args); err != nil {
		return statusCompile, err
	}
	ctx, stop := signalContext(ctx)
	defer stop()
	runner, err := s.opts.Start(wo)
	if err != nil {
		return statusCompile, err
	}
	defer runner.Close()
	for i, c := range cells {
		reply, err := runner.Execute(ctx, worker.ExecuteRequest{Code: c.source, Count: i + 1, Silent: !s.notebook})
		status := s.ended(c, reply, err)
		if sig := (*signalError)(nil); errors.As(context.Cause(ctx), &sig) {
			return statusSignal + sig.number(), nil
		} else if ctx.Err() != nil {
			return status, context.Cause(ctx)
		}
		if status != statusOK && (err != nil || !c.mayFail) {
			return status, nil
		}
	}
	return statusOK, nil
}

// scriptCommand is the worker's command line. What follows "--" becomes the
// script's os.Args; see ScriptArgs.
func scriptCommand(path string, args []string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("notebook: cannot find this executable: %w", err)
	}
	return append([]string{self, "worker", "--", path}, args...), nil
}

// ScriptArgs gives the process, which must be about to call [worker.Serve], the
// os.Args of the script it is to run, when args, the arguments of the worker command,
// say that it is one for a script. It reports whether they do.
func ScriptArgs(args []string) bool {
	if len(args) < 2 || args[0] != "--" {
		return false
	}
	os.Args = args[1:]
	return true
}

// A script is one run of RunScript.
type script struct {
	path     string // as given
	name     string // of the file in messages
	notebook bool
	opts     ScriptOptions

	barsOnce sync.Once
	bars     *display.ProgressWriter

	inMu sync.Mutex
	in   *bufio.Reader
}

type scriptCell struct {
	source  string
	index   int // in the notebook
	mayFail bool
}

// cells reads the script, and says in which folder it runs.
func (s *script) cells() (cells []scriptCell, dir string, err error) {
	if s.path != "-" && strings.EqualFold(filepath.Ext(s.path), ".ipynb") {
		s.notebook = true
		nb, err := readGo(s.path)
		if err != nil {
			return nil, "", err
		}
		for i, c := range nb.Cells {
			if c.Type == Code && strings.TrimSpace(c.Source) != "" && !c.HasTag("skip-execution") {
				cells = append(cells, scriptCell{c.Source, i, c.HasTag("raises-exception")})
			}
		}
		return cells, filepath.Dir(s.path), nil
	}
	var src []byte
	if s.path == "-" {
		s.name = "stdin"
		src, err = io.ReadAll(s.opts.Stdin)
	} else {
		src, err = os.ReadFile(s.path)
	}
	if err != nil {
		return nil, "", fmt.Errorf("notebook: cannot read the script: %w", err)
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if bytes.HasPrefix(src, []byte("#!")) {
		copy(src, "//") // keeps lines and columns
	}
	return []scriptCell{{source: string(src)}}, "", nil
}

// output passes on what the script prints and shows.
func (s *script) output(e worker.Event) {
	switch {
	case e.Stream != "":
		s.progress().Erase()
		s.print(e)
	case e.Display != nil && !s.progress().Event(*e.Display):
		s.show(e.Display.Data)
	}
}

// print passes on text.
func (s *script) print(e worker.Event) {
	switch {
	case e.Stream == "stderr":
		_, _ = io.WriteString(s.opts.Stderr, e.Text) // nobody else could be told
	default:
		_, _ = io.WriteString(s.opts.Stdout, e.Text)
	}
}

// progress writes bars.
func (s *script) progress() *display.ProgressWriter {
	s.barsOnce.Do(func() { s.bars = display.NewProgressWriter(s.opts.Stderr) })
	return s.bars
}

// show prints the plain form of a result or a display, if it has one.
func (s *script) show(data map[string]any) {
	for _, format := range []string{"text/plain", "text/markdown", "text/latex"} {
		if text, _ := data[format].(string); text != "" {
			fmt.Fprintln(s.opts.Stdout, strings.TrimSuffix(text, "\n"))
			return
		}
	}
}

// input is one line of standard input, for a script that reads it.
func (s *script) input(prompt string, _ bool) (string, error) {
	s.inMu.Lock()
	defer s.inMu.Unlock()
	if s.in == nil {
		s.in = bufio.NewReader(s.opts.Stdin)
	}
	if prompt != "" {
		fmt.Fprint(s.opts.Stderr, prompt)
	}
	line, err := s.in.ReadString('\n')
	if err != nil && line == "" {
		return "", err
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// ended says on standard error what went wrong with a cell, if anything did, and returns its status.
func (s *script) ended(c scriptCell, reply *worker.ExecuteReply, err error) int {
	if err != nil {
		return s.died(err)
	}
	if e := reply.Error; e != nil {
		return s.failed(c, e)
	}
	for _, p := range reply.Payloads {
		if text := p.Page["text/plain"]; text != "" {
			fmt.Fprintln(s.opts.Stdout, strings.TrimSuffix(text, "\n"))
		}
	}
	if reply.Result != nil {
		s.show(reply.Result.Data)
	}
	return statusOK
}

// died reports the end of the worker process.
func (s *script) died(err error) int {
	var death *worker.Death
	if !errors.As(err, &death) {
		fmt.Fprintf(s.opts.Stderr, "swingby: %v\n", err)
		return statusPanic
	}
	if n, ok := strings.CutPrefix(death.Reason, "exit status "); ok {
		if status, err := strconv.Atoi(n); err == nil {
			return status // compiled code has called os.Exit
		}
	}
	if !death.Requested {
		text := death.Detail
		if text == "" {
			text = death.Reason
		}
		fmt.Fprintln(s.opts.Stderr, strings.TrimRight(text, "\n"))
	}
	return statusPanic
}

// failed reports an error in a cell.
func (s *script) failed(c scriptCell, e *worker.Error) int {
	status := statusPanic
	lines := make([]string, len(e.Traceback))
	for i, l := range e.Traceback {
		lines[i] = stripANSI(l)
	}
	switch e.Name {
	case "exit":
		return exitStatus(e)
	case "interrupted":
		return statusPanic // RunScript knows by what
	case "compile error":
		status = statusCompile
	case "runtime error":
		lines[0] = "panic: " + lines[0]
	}
	for _, l := range lines {
		if !s.notebook {
			if strings.TrimSpace(l) == "In[1]" {
				continue // the cell as the caller of main
			}
			l = s.position(l)
		}
		fmt.Fprintln(s.opts.Stderr, l)
	}
	if s.notebook {
		fmt.Fprintf(s.opts.Stderr, "%s: cell %d failed\n", s.name, c.index+1)
	}
	return status
}

// cellPosition is a position in the only cell of a script, where messages have one:
// at the start of a line, or inside a message after "at " and the like.
var cellPosition = regexp.MustCompile(`(^|[ \t(])In\[1\](:\d| in )`)

// position names the script's file where the session names its cell.
func (s *script) position(line string) string {
	name := strings.ReplaceAll(s.name, "$", "$$")
	return cellPosition.ReplaceAllString(line, "${1}"+name+"${2}")
}

// exitStatus is n of the os.Exit(n) that ended a cell; calls like log.Fatal say 1.
func exitStatus(e *worker.Error) int {
	_, rest, _ := strings.Cut(e.Value, "(")
	number, _, _ := strings.Cut(rest, ")")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 1
	}
	return n
}

// A signalError is the cause of a context that a signal has ended.
type signalError struct{ signal os.Signal }

func (e *signalError) Error() string { return "notebook: stopped by signal: " + e.signal.String() }

func (e *signalError) number() int {
	if n, ok := e.signal.(syscall.Signal); ok {
		return int(n)
	}
	return 0
}

// signalContext returns a context that the first SIGINT or SIGTERM ends; the
// next one has its usual effect again.
func signalContext(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case sig := <-signals:
			signal.Stop(signals)
			cancel(&signalError{sig})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}
