// Command conformance runs the Go distribution's own test programs as cells.
//
//	go run ./kernel/cell/conformance [flags]
//
// The folder test of a Go distribution holds small programs whose first line says
// what they test. Those that begin with "// run" are whole programs that must end with status 0 and
// print what the file of the same name with extension .out holds, nothing if there is none. They are the
// nearest there is to an executable specification of the language, written by those
// who wrote the compiler. This command gives each to "swingby run", in a process of its own,
// and sorts them:
//
//	passed    ended and printed as with the compiler
//	refused   did not start, or was stopped at a limit; a sentence says why
//	wrong     anything else: another output or status, a panic, a valid program
//	          called invalid, no end within the time limit
//	excluded  not run, since it tests the compiler, its run-time system or other machines
//	          rather than the language; rules.go has the rules
//
// A notebook must not lie, so "wrong" is the number that matters: refusing is
// honest. The exit status is 1 when there are wrong programs. With -write the result is kept in docs/language.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}

// document is where -write puts the result, from the root of the module.
const document = "docs/language.md"

func run(ctx context.Context, args []string, w io.Writer) error {
	fs := flag.NewFlagSet("conformance", flag.ContinueOnError)
	tests := fs.String("test", "", "the distribution's `folder` test (default $(go env GOROOT)/test)")
	dirs := fs.String("dirs", ".,typeparam", "folders below it to take programs from")
	swingby := fs.String("swingby", "", "the `program` to test (default: built from this module)")
	only := fs.String("run", "", "run only programs whose name, like test/typeparam/sum.go, matches this `regexp`")
	list := fs.String("list", "", "list the programs of one `class`: passed, refused, wrong or excluded")
	verbose := fs.Bool("v", false, "show the first lines of the output of what did not pass")
	write := fs.Bool("write", false, "renew "+document)
	limit := fs.Duration("timeout", 60*time.Second, "time limit for one program")
	jobs := fs.Int("p", 2, "programs at a time")
	if err := fs.Parse(args); err != nil {
		return flag.ErrHelp // flag has said what is wrong
	}
	match, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("conformance: -run: %w", err)
	}
	switch {
	case *list != "" && !slices.Contains(classes, class(*list)):
		return fmt.Errorf("conformance: -list %s: must be one of %v", *list, classes)
	case *write && *only != "":
		return errors.New("conformance: -write with -run would keep a part for the whole")
	case *jobs < 1 || *limit <= 0:
		return errors.New("conformance: -p and -timeout must be positive")
	}
	if *tests == "" {
		if *tests, err = distribution(ctx); err != nil {
			return err
		}
	}
	programs, err := collect(*tests, strings.Split(*dirs, ","))
	if err != nil {
		return err
	}
	programs = slices.DeleteFunc(programs, func(p *program) bool { return !match.MatchString(p.name) })
	if len(programs) == 0 {
		return errors.New("conformance: there is no such program")
	}
	work, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return fmt.Errorf("conformance: %w", err)
	}
	defer os.RemoveAll(work)
	if *swingby == "" {
		*swingby = filepath.Join(work, "swingby")
		if runtime.GOOS == "windows" {
			*swingby += ".exe"
		}
		build := exec.CommandContext(ctx, "go", "build", "-o", *swingby, "swingby/cmd/swingby")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("conformance: building swingby: %w\n%s", err, out)
		}
	} else if *swingby, err = filepath.Abs(*swingby); err != nil {
		return fmt.Errorf("conformance: %w", err)
	}
	root, err := filepath.Abs(filepath.Dir(*tests))
	if err != nil {
		return fmt.Errorf("conformance: %w", err)
	}
	r := &runner{swingby: *swingby, goroot: root, dir: work, limit: *limit}
	results := runAll(ctx, r, programs, *jobs)
	if err := ctx.Err(); err != nil {
		return errors.New("conformance: interrupted")
	}

	rep := report{results: results, verbose: *verbose}
	switch {
	case *list != "":
		rep.list(w, class(*list))
	default:
		rep.table(w)
		rep.groups(w, refused)
		rep.groups(w, wrong)
	}
	if *write {
		if err := os.WriteFile(document, rep.markdown(), 0o666); err != nil {
			return fmt.Errorf("conformance: run this in the root of the module: %w", err)
		}
	}
	if n := rep.count("", wrong); n > 0 {
		return fmt.Errorf("conformance: %d of %d programs are wrong", n, len(results))
	}
	return nil
}

// distribution finds the folder test of the Go distribution in use.
func distribution(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("conformance: go env GOROOT: %w", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "test")
	if _, err := os.Stat(filepath.Join(dir, "typeparam")); err != nil {
		return "", fmt.Errorf(`conformance: there are no test programs in %s.
A toolchain that the go command has downloaded for itself (module golang.org/toolchain) comes without them,
and so do the packages of some Linux distributions. The archives at https://go.dev/dl/ have them, and so has
the source repository; name the folder by -test:
	git clone --depth 1 --branch %s https://go.googlesource.com/go
	go run ./kernel/cell/conformance -test go/test`, dir, runtime.Version())
	}
	return dir, nil
}

// runAll runs the programs, several at a time, and returns results in the programs' order.
func runAll(ctx context.Context, r *runner, programs []*program, jobs int) []*result {
	results := make([]*result, len(programs))
	next := make(chan int)
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for i := range next {
				p := programs[i]
				if p.excluded != "" {
					results[i] = &result{program: p, class: excluded, reason: p.excluded}
				} else {
					results[i] = classify(p, r.run(ctx, p))
				}
			}
		})
	}
	for i := range programs {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return results
}
