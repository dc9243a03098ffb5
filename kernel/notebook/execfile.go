package notebook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"swingby/kernel/worker"
)

// ExecFileOptions say what [ExecFile] does; the zero value executes in place.
type ExecFileOptions struct {
	// Output is the file to write the executed notebook to; "" means in place,
	// unless HTML is set, in which case the notebook is not written at all.
	Output string
	// HTML is a file to write the result to as one self-contained page; "" for none.
	HTML string
	// KeepGoing runs and writes on after a cell that failed.
	KeepGoing bool
	// Timeout limits the whole run, CellTimeout each cell; 0 means no limit.
	Timeout, CellTimeout time.Duration
	// LanguageInfo, see [ExecOptions].
	LanguageInfo map[string]any
	// Start, see [ExecOptions].
	Start func(output func(worker.Event)) (Runner, error)
	// Progress takes one line for every cell; nil for silence.
	Progress io.Writer
}

// ExecFile reads a notebook, runs it in its own folder and writes the result.
//
// A run that stops, be it by a cell that fails without KeepGoing, a timeout or
// the end of ctx, writes nothing: the files stay as they were. With KeepGoing
// the files are written and the first failure is returned all the same. A file
// whose content would not change is not touched.
func ExecFile(ctx context.Context, path string, opts ExecFileOptions) error {
	nb, err := ReadFile(path)
	if err != nil {
		return err
	}
	if lang := nb.Language(); lang != "" && lang != "go" {
		return fmt.Errorf("notebook: %s is a notebook in %s, must be in Go", path, lang)
	}
	for _, out := range []string{opts.Output, opts.HTML} {
		if out != "" {
			if err := writable(out); err != nil {
				return err
			}
		}
	}
	if opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, opts.Timeout,
			fmt.Errorf("the run took longer than %v", opts.Timeout))
		defer cancel()
	}
	progress := opts.Progress
	if progress == nil {
		progress = io.Discard
	}
	dir := filepath.Dir(path)
	failure := Exec(ctx, nb, ExecOptions{
		Start:        opts.Start,
		Dir:          dir,
		KeepGoing:    opts.KeepGoing,
		CellTimeout:  opts.CellTimeout,
		LanguageInfo: opts.LanguageInfo,
		Done: func(i int, c *Cell, took time.Duration) {
			head, _, _ := strings.Cut(strings.TrimSpace(c.Source), "\n")
			if r := []rune(head); len(r) > 60 {
				head = string(r[:59]) + "…"
			}
			fmt.Fprintf(progress, "%s: cell %d of %d, In[%d], %.2fs: %s\n",
				filepath.Base(path), i+1, len(nb.Cells), *c.ExecutionCount, took.Seconds(), head)
		},
	})
	if failure != nil {
		cf := (*CellFailure)(nil)
		if errors.As(failure, &cf) {
			cf.File = path
			if !opts.KeepGoing {
				printFailure(progress, cf)
				return failure
			}
		} else if ctx.Err() != nil {
			return fmt.Errorf("notebook: %s: stopped, nothing was written: %w", path, failure)
		} else {
			return failure
		}
	}
	if opts.Output != "" || opts.HTML == "" {
		out := opts.Output
		if out == "" {
			out = path
		}
		if err := nb.WriteFile(out); err != nil {
			return err
		}
	}
	if opts.HTML != "" {
		page, err := HTML(nb, HTMLOptions{Name: filepath.Base(path), Dir: dir})
		if err != nil {
			return err
		}
		if err := writeFile(opts.HTML, page); err != nil {
			return err
		}
	}
	return failure
}

// printFailure shows the traceback of the cell that stopped a run, which is in no file.
func printFailure(w io.Writer, cf *CellFailure) {
	for _, l := range cf.Cause.Traceback {
		fmt.Fprintln(w, stripANSI(l))
	}
}
