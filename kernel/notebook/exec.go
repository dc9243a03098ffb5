package notebook

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"time"

	"swingby/kernel/worker"
	"swingby/simlib/provenance"
)

// A Runner runs cells one after another in one session. A [*worker.Worker] is one.
type Runner interface {
	// Execute runs a cell and returns when it has ended and its output has been
	// given away. When ctx ends the cell is interrupted. An error means that the
	// session is lost; a cell that fails is a reply with Error.
	Execute(ctx context.Context, req worker.ExecuteRequest) (*worker.ExecuteReply, error)
	Close() error
}

// ExecOptions say how to run a notebook; the zero value is ready to use.
type ExecOptions struct {
	// Start starts a session that gives its output to a function; nil starts a
	// worker process in Dir.
	Start func(output func(worker.Event)) (Runner, error)
	// Dir is the folder in which cells run, "" for the current one.
	Dir string
	// Env is added to the environment of the worker that Start nil starts.
	Env []string
	// KeepGoing runs the cells after one that failed, in a new session when the old one died.
	KeepGoing bool
	// CellTimeout ends a cell that runs longer; 0 means never. The total time is ctx's matter.
	CellTimeout time.Duration
	// LanguageInfo, when set, is stored as the notebook's metadata.language_info,
	// as clients do with what the kernel tells them.
	LanguageInfo map[string]any
	// Begin, when set, is told of every cell that is about to run.
	Begin func(cell int, c *Cell)
	// Done, when set, is told of every cell that was run, with the time it took.
	Done func(cell int, c *Cell, took time.Duration)
	// Failed, when set, is told of every cell that failed without being tagged so, after Done.
	Failed func(*CellFailure)
	// Manifest, when set, is told at the end what the session says of itself: seeds, files, versions.
	Manifest func(provenance.Run)
}

// CellFailure is the error of [Exec] when a cell failed.
type CellFailure struct {
	File  string // the notebook's file, when [ExecFile] ran it
	Cell  int    // index in Notebook.Cells
	Count int    // n of In[n]
	Cause *worker.Error
}

func (e *CellFailure) Error() string {
	what := e.Cause.Name
	if value, _, _ := strings.Cut(strings.TrimSpace(e.Cause.Value), "\n"); value != "" {
		what += ": " + value
	}
	file := ""
	if e.File != "" {
		file = e.File + ": "
	}
	return fmt.Sprintf("notebook: %scell %d (In[%d]) failed: %s", file, e.Cell+1, e.Count, what)
}

// Unwrap returns the cell's own error.
func (e *CellFailure) Unwrap() error { return e.Cause }

// Is makes errors.Is tell whether the cell was out of time: [ErrTimeout].
func (e *CellFailure) Is(target error) bool { return target == ErrTimeout && e.Cause.Name == "timeout" }

// Exec runs the notebook's code cells in order and replaces their outputs and
// execution counts, which start at 1. Cells without code, and cells tagged
// "skip-execution", are left as they are; no other metadata changes.
//
// It stops at the first cell that fails, unless KeepGoing is set or the cell is
// tagged "raises-exception". The first failure that was not allowed is returned
// as a [*CellFailure], also when KeepGoing went on; the notebook then holds the
// outputs so far. When ctx ends, the running cell is interrupted and ctx's cause
// is returned.
func Exec(ctx context.Context, nb *Notebook, opts ExecOptions) error {
	run := &execution{nb: nb, opts: opts}
	if run.opts.Start == nil {
		run.opts.Start = func(output func(worker.Event)) (Runner, error) {
			o := worker.Options{Dir: opts.Dir, Output: output}
			if opts.Env != nil {
				o.Env = append(os.Environ(), opts.Env...)
			}
			return worker.Start(o)
		}
	}
	defer run.stop()
	if opts.LanguageInfo != nil {
		nb.Metadata = orEmpty(nb.Metadata)
		nb.Metadata["language_info"] = maps.Clone(opts.LanguageInfo)
	}
	var first error
	for i, c := range nb.Cells {
		if c.Type != Code || strings.TrimSpace(c.Source) == "" || c.HasTag("skip-execution") {
			continue
		}
		failed, err := run.cell(ctx, i, c)
		if err != nil {
			return err
		}
		if failed == nil || c.HasTag("raises-exception") {
			continue
		}
		if first == nil {
			first = failed
		}
		if opts.Failed != nil {
			opts.Failed(failed)
		}
		if !opts.KeepGoing {
			return first
		}
	}
	return first
}

// execution is one run of Exec.
type execution struct {
	nb      *Notebook
	opts    ExecOptions
	runner  Runner
	builder outputs
	sink    *sink
	count   int
	// declared are the counts of the cells that succeeded in the present session.
	declared []int
}

func (x *execution) stop() {
	if x.runner != nil {
		if w, ok := x.runner.(manifester); ok && x.opts.Manifest != nil {
			ctx, cancel := context.WithTimeout(context.Background(), manifestWithin)
			if m, err := w.Manifest(ctx); err == nil {
				x.opts.Manifest(m)
			}
			cancel()
		}
		x.runner.Close()
		x.runner = nil
	}
}

// A manifester is a session that knows where its numbers come from; a worker is one.
type manifester interface {
	Manifest(ctx context.Context) (provenance.Run, error)
}

// manifestWithin bounds the wait for a manifest from a session that may be dead.
const manifestWithin = 10 * time.Second

// sink lets a session's output through to a cell while that runs, and drops what
// goroutines print later: no stored output may depend on timing.
type sink struct {
	mu  sync.Mutex
	out *outputs
}

func (s *sink) take(e worker.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.out == nil:
	case e.Stream != "":
		s.out.stream(e.Stream, e.Text)
	case e.Display != nil:
		s.out.display(*e.Display)
	}
}

func (s *sink) connect(out *outputs) {
	s.mu.Lock()
	s.out = out
	s.mu.Unlock()
}

// cell runs one cell. failed says how the cell failed, err why the run cannot go on.
func (x *execution) cell(ctx context.Context, i int, c *Cell) (failed *CellFailure, err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if x.runner == nil {
		x.sink, x.declared = &sink{}, nil
		if x.runner, err = x.opts.Start(x.sink.take); err != nil {
			x.runner = nil
			return nil, err
		}
	}
	x.count++
	count := x.count
	c.ExecutionCount = &count
	x.builder.begin(c)
	x.sink.connect(&x.builder)
	if x.opts.Begin != nil {
		x.opts.Begin(i, c)
	}
	began := time.Now()

	cellCtx, cancel := ctx, context.CancelFunc(func() {})
	if x.opts.CellTimeout > 0 {
		cellCtx, cancel = context.WithTimeout(ctx, x.opts.CellTimeout)
	}
	reply, runErr := x.runner.Execute(cellCtx, worker.ExecuteRequest{Code: c.Source, Count: count})
	timedOut := cellCtx.Err() != nil && ctx.Err() == nil
	cancel()
	x.sink.connect(nil)
	x.builder.end()

	var ce *worker.Error
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case runErr != nil:
		x.stop()
		ce = worker.AsDeath(runErr).CellError(x.declared)
		if timedOut {
			ce = timeoutError(x.opts.CellTimeout)
		}
	case reply.Error != nil:
		ce = reply.Error
		if timedOut {
			ce = timeoutError(x.opts.CellTimeout)
		}
	default:
		for _, p := range reply.Payloads {
			if p.Page != nil {
				x.builder.page(p.Page)
			}
		}
		if reply.Result != nil && len(reply.Result.Data) > 0 {
			x.builder.result(*reply.Result, count)
		}
	}
	if ce == nil {
		x.declared = append(x.declared, count)
	} else {
		x.builder.error(ce.Name, ce.Value, ce.Traceback)
		failed = &CellFailure{Cell: i, Count: count, Cause: ce}
	}
	if x.opts.Done != nil {
		x.opts.Done(i, c, time.Since(began))
	}
	return failed, nil
}

func timeoutError(limit time.Duration) *worker.Error {
	text := fmt.Sprintf("the cell ran longer than %v", limit)
	return &worker.Error{Name: "timeout", Value: text, Traceback: []string{"timeout: " + text}}
}
