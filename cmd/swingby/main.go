// Command swingby is a Jupyter kernel for Go with a simulation library inside.
//
//	swingby kernel -f FILE      serve Jupyter on the sockets of a connection file
//	swingby worker              run cells for a kernel; started by it
//	swingby exec NOTEBOOK...    run notebooks without Jupyter
//	swingby verify NOTEBOOK...  run notebooks and compare with what is stored
//	swingby export NOTEBOOK...  write notebooks as HTML, Markdown or Go
//	swingby sweep NOTEBOOK|FUNC run it at every combination of parameters
//	swingby repl                talk to a session in the terminal
//	swingby run FILE [ARG...]   run a Go file or a notebook as a program
//	swingby build               make a kernel with more packages compiled in
//	swingby install             make Jupyter find this program
//	swingby uninstall           take that back
//	swingby doctor [NOTEBOOK]   check what a notebook needs, or what differs from its run
//	swingby completion SHELL    complete command lines in bash, zsh, fish
//	swingby man                 write the manual page
//	swingby version             say what this program is
//
// Every command has -h. Errors are one line on standard error. The exit status is
//
//	0    all went well
//	1    a file could not be read or written, or something else went wrong
//	2    the command line or a parameter makes no sense; nothing has run
//	3    a cell failed (exec, verify), or a point (sweep)
//	4    time ran out (exec, verify)
//	5    something differs (verify, doctor)
//	130  interrupted (SIGINT); 143 by SIGTERM
//
// and that of the program it runs for swingby run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"swingby/kernel/batch"
	"swingby/kernel/notebook"
	"swingby/simlib/provenance"
	"swingby/simlib/sweep"
)

// command is one subcommand.
type command struct {
	name, args, about string
	run               func(ctx context.Context, fs *flag.FlagSet, args []string) error
}

// errUsage says that the message has been printed and the command line is to blame.
var errUsage = errors.New("usage")

// usageError is a command line that makes no sense.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

// exitStatus ends the program with a script's own status; what there was to say has been said.
type exitStatus int

func (n exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(n)) }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

func run(args []string, stderr io.Writer) int {
	provenance.SetVersion(programVersion())
	if len(args) == 0 {
		usage(stderr)
		return 2
	}
	name, args := args[0], args[1:]
	switch name {
	case "-h", "-help", "--help", "help":
		usage(os.Stdout)
		return 0
	case "-version", "--version":
		name = "version"
	}
	all := commands
	if name == "sweep-task" { // in no list: Slurm's tasks start it
		all = []command{{name, "FOLDER", "One task of swingby sweep -on slurm, which starts it.", func(ctx context.Context, _ *flag.FlagSet, args []string) error {
			return runSweepTask(ctx, args)
		}}}
	}
	for _, c := range all {
		if c.name != name {
			continue
		}
		fs := flag.NewFlagSet(name, flag.ContinueOnError)
		fs.SetOutput(stderr)
		fs.Usage = func() {
			fmt.Fprintf(fs.Output(), "usage: swingby %s %s\n\n%s\n", c.name, c.args, c.about)
			some := false
			fs.VisitAll(func(*flag.Flag) { some = true })
			if some {
				fmt.Fprintln(fs.Output())
				fs.PrintDefaults()
			}
		}
		ctx := context.Background()
		if name == "exec" || name == "verify" || strings.HasPrefix(name, "sweep") { // the others have their own ways with signals
			var stop func()
			ctx, stop = untilSignal(ctx)
			defer stop()
		}
		err := c.run(ctx, fs, args)
		var bad *usageError
		var status exitStatus
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		case errors.As(err, &status):
			return int(status)
		case errors.As(err, &bad):
			fmt.Fprintf(stderr, "swingby %s: %s; see swingby %s -h\n", name, bad.msg, name)
			return 2
		}
		fmt.Fprintf(stderr, "swingby: %s\n", strings.TrimSpace(err.Error()))
		return statusOf(ctx, err)
	}
	fmt.Fprintf(stderr, "swingby: there is no command %q; swingby help lists them\n", name)
	return 2
}

// Exit statuses; the package comment says what they mean.
const (
	statusError   = 1
	statusUsage   = 2
	statusFailed  = 3
	statusTimeout = 4
	statusDiffers = 5
	statusSignal  = 128 // and the signal's number
)

// statusOf is the exit status for an error.
func statusOf(ctx context.Context, err error) int {
	var failure *notebook.CellFailure
	var parameter *notebook.ParameterError
	var target *batch.TargetError
	var sig *signalError
	switch {
	case errors.As(context.Cause(ctx), &sig):
		if n, ok := sig.signal.(syscall.Signal); ok {
			return statusSignal + int(n)
		}
		return statusError
	case errors.Is(err, notebook.ErrTimeout):
		return statusTimeout
	case errors.As(err, &failure), errors.Is(err, sweep.ErrFailed):
		return statusFailed
	case errors.As(err, &parameter), errors.As(err, &target):
		return statusUsage
	}
	return statusError
}

// A signalError is the cause of a context that a signal has ended.
type signalError struct{ signal os.Signal }

func (e *signalError) Error() string { return e.signal.String() }

// untilSignal returns a context that SIGINT or SIGTERM ends; a second one ends the program.
func untilSignal(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case sig := <-c:
			signal.Stop(c)
			cancel(&signalError{sig})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(c); cancel(nil) }
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: swingby COMMAND [arguments]\n\nA Jupyter kernel for Go, with a library for studying how neural networks learn concepts.")
	fmt.Fprintln(w)
	for _, c := range commands {
		about, _, _ := strings.Cut(c.about, ".")
		fmt.Fprintf(w, "  %-10s %s\n", c.name, about)
	}
	fmt.Fprintln(w, "\nswingby COMMAND -h tells more.")
}

// parse parses flags, which may stand before and after the other arguments.
func parse(fs *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, errUsage // flag has printed what is wrong
		}
		args = fs.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// Set by the linker, in make build and in releases: the release or what git calls
// the commit; the commit itself; and its time (RFC 3339).
var version, revision, revisionTime string

// programVersion is the release, or the revision the program was built from.
func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "dev-" + s.Value[:12]
		}
	}
	return "dev"
}

func printVersion(w io.Writer) {
	fmt.Fprintf(w, "swingby %s (%s %s/%s)\n", programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if revision != "" {
		fmt.Fprintf(w, "  vcs.revision %s\n  vcs.time %s\n", revision, revisionTime)
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision", "vcs.time", "vcs.modified", "-tags", "CGO_ENABLED", "GOAMD64", "GOARM64":
			fmt.Fprintf(w, "  %s %s\n", s.Key, s.Value)
		}
	}
	for _, d := range info.Deps {
		fmt.Fprintf(w, "  %s %s\n", d.Path, d.Version)
	}
}
