package notebook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"swingby/kernel/worker"
	"swingby/simlib/provenance"
)

// ExecFileOptions say what [ExecFile] does; the zero value executes in place.
type ExecFileOptions struct {
	// Output is the file to write the executed notebook to; "" means in place,
	// unless HTML is set, in which case the notebook is not written at all.
	Output string
	// OutputDir is a folder to write it to under its own name, made when it is missing. It excludes Output.
	OutputDir string
	// HTML is a file to write the result to as one self-contained page; "" for none.
	HTML string
	// Parameters are set before the run; see [SetParameters].
	Parameters []Setting
	// NoProvenance leaves out the manifest of the run; see [Manifest].
	NoProvenance bool
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

// ErrTimeout is in the error of a run that took longer than its limit, or that had a cell that did.
var ErrTimeout = errors.New("out of time")

// timeLimit is the cause of a context that [ExecFileOptions].Timeout has ended.
type timeLimit struct{ limit time.Duration }

func (e *timeLimit) Error() string        { return fmt.Sprintf("the run took longer than %v", e.limit) }
func (e *timeLimit) Is(target error) bool { return target == ErrTimeout }

// ExecFile reads a notebook, runs it in its own folder and writes the result.
//
// A run that stops, be it by a cell that fails without KeepGoing, a timeout or
// the end of ctx, writes nothing: the files stay as they were. With KeepGoing
// the files are written and the first failure is returned all the same. A file
// whose content would not change is not touched.
func ExecFile(ctx context.Context, path string, opts ExecFileOptions) error {
	r, err := PrepareFile(ctx, path, opts)
	if err != nil {
		return err
	}
	return r.Exec(ctx)
}

// A FileRun is a run of a notebook that is ready to begin; see [PrepareFile].
type FileRun struct {
	path   string
	output string // "" for none
	nb     *Notebook
	values map[string]string // of parameters, as Go source
	opts   ExecFileOptions
}

// PrepareFile does all of [ExecFile] that can fail before a cell runs: it reads
// the notebook, checks and sets its parameters, and sees whether the results
// can be written. Of many notebooks, the last one's mistake is so found before the first runs.
func PrepareFile(ctx context.Context, path string, opts ExecFileOptions) (*FileRun, error) {
	r := &FileRun{path: path, opts: opts}
	var err error
	if r.nb, err = readGo(path); err != nil {
		return nil, err
	}
	switch {
	case opts.OutputDir != "":
		if err := os.MkdirAll(opts.OutputDir, 0o777); err != nil {
			return nil, fileError(opts.OutputDir, err)
		}
		r.output = filepath.Join(opts.OutputDir, filepath.Base(path))
	case opts.Output != "":
		r.output = opts.Output
	case opts.HTML == "":
		r.output = path
	}
	for _, out := range []string{r.output, opts.HTML} {
		if out != "" {
			if err := Writable(out); err != nil {
				return nil, err
			}
		}
	}
	if r.values, err = SetParameters(ctx, r.nb, opts.Parameters); err != nil {
		if pe := (*ParameterError)(nil); errors.As(err, &pe) {
			return nil, &ParameterError{path + ": " + pe.msg}
		}
		return nil, err
	}
	return r, nil
}

// readGo reads a notebook that must be in Go.
func readGo(path string) (*Notebook, error) {
	nb, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	if lang := nb.Language(); lang != "" && lang != "go" {
		return nil, fmt.Errorf("notebook: %s is a notebook in %s, must be in Go", path, lang)
	}
	return nb, nil
}

// Exec runs the notebook and writes the results, as [ExecFile] describes. It is to be called once.
func (r *FileRun) Exec(ctx context.Context) error {
	opts, nb := r.opts, r.nb
	if opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, opts.Timeout, &timeLimit{opts.Timeout})
		defer cancel()
	}
	w := opts.Progress
	if w == nil {
		w = io.Discard
	}
	progress := newCellProgress(w, filepath.Base(r.path), len(nb.Cells))
	dir := filepath.Dir(r.path)
	manifest := provenance.Current()
	manifest.Notebook, manifest.Parameters = filepath.Base(r.path), r.values
	began := time.Now()
	failure := Exec(ctx, nb, ExecOptions{
		Start:        opts.Start,
		Dir:          dir,
		KeepGoing:    opts.KeepGoing,
		CellTimeout:  opts.CellTimeout,
		LanguageInfo: opts.LanguageInfo,
		Env:          []string{provenance.Environ(manifest.Notebook, r.values)},
		Manifest:     func(m provenance.Run) { manifest = m },
		Begin:        progress.begin,
		Done:         progress.done,
	})
	progress.end()
	if failure != nil {
		cf := (*CellFailure)(nil)
		if errors.As(failure, &cf) {
			cf.File = r.path
			if !opts.KeepGoing {
				printFailure(w, cf)
				return failure
			}
		} else if ctx.Err() != nil {
			return fmt.Errorf("notebook: %s: stopped, nothing was written: %w", r.path, failure)
		} else {
			return failure
		}
	}
	if r.output != "" && !opts.NoProvenance {
		manifest.Started, manifest.Seconds = began.UTC().Format(time.RFC3339), math.Round(time.Since(began).Seconds()*1000)/1000
		if err := r.attach(manifest); err != nil {
			return err
		}
	}
	if r.output != "" {
		if err := nb.WriteFile(r.output); err != nil {
			return err
		}
	}
	if opts.HTML != "" {
		page, err := HTML(nb, HTMLOptions{Name: filepath.Base(r.path), Dir: dir})
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
