package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"swingby/kernel/notebook"
	"swingby/kernel/worker"
	"swingby/simlib/provenance"
	"swingby/simlib/sweep"
)

// A session evaluates points one after the other.
type session struct {
	p     *Program
	grid  sweep.Grid
	dir   string   // in which cells run
	env   []string // added to the environment
	limit time.Duration

	w     *worker.Worker // of a function, which lasts
	catch *catcher
	count int
}

// errLimit is the cause of the end of a point that took too long.
type errLimit struct{ limit time.Duration }

func (e *errLimit) Error() string { return fmt.Sprintf("it ran longer than %v", e.limit) }

// run evaluates a point. died says that its process ended by itself, which another try may not see again.
func (s *session) run(ctx context.Context, point int) (fields []sweep.Field, died bool, err error) {
	if s.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.limit, &errLimit{s.limit})
		defer cancel()
	}
	if s.p.Function != nil {
		fields, died, err = s.call(ctx, point)
	} else {
		fields, died, err = s.notebook(ctx, point)
	}
	if ctx.Err() != nil && err != nil {
		return nil, false, context.Cause(ctx)
	}
	return fields, died, err
}

// values are the sources of the parameters at a point, by name.
func (s *session) values(point int) map[string]string {
	values := map[string]string{}
	rest := point
	for i := len(s.grid) - 1; i >= 0; i-- {
		n := len(s.grid[i].Values)
		values[s.grid[i].Name] = s.p.Sources[i][rest%n]
		rest /= n
	}
	return values
}

// notebook runs the notebook in a process of its own.
func (s *session) notebook(ctx context.Context, point int) (fields []sweep.Field, died bool, err error) {
	nb, err := notebook.Parse(s.p.Notebook)
	if err != nil {
		return nil, false, err
	}
	values := s.values(point)
	notebook.Assign(nb, s.p.Parameters, values)
	nb.Cells = append(nb.Cells, &notebook.Cell{Type: notebook.Code, Source: recorder + recordCall(s.p.Results, s.p.Results)})
	catch := &catcher{}
	watch := &watched{}
	// A process that spins is not waited for.
	stop := context.AfterFunc(ctx, func() { watch.kill() })
	defer stop()
	err = notebook.Exec(ctx, nb, notebook.ExecOptions{
		Start: func(output func(worker.Event)) (notebook.Runner, error) {
			w, err := worker.Start(worker.Options{
				Dir:    s.dir,
				Env:    append(append(os.Environ(), s.env...), provenance.Environ(s.p.Target, values)),
				Output: func(e worker.Event) { catch.take(e) }, // nobody reads the rest
			})
			if err != nil {
				return nil, err
			}
			watch.start(w)
			if ctx.Err() != nil {
				w.Kill()
			}
			return watch, nil
		},
	})
	if failure := (*notebook.CellFailure)(nil); errors.As(err, &failure) {
		return nil, watch.died, cellError(failure)
	}
	if err != nil {
		return nil, watch.died, err
	}
	fields, err = catch.result()
	return fields, false, err
}

// watched is a worker that remembers whether it died.
type watched struct {
	w    atomic.Pointer[worker.Worker]
	died bool
}

func (w *watched) start(process *worker.Worker) { w.w.Store(process) }

func (w *watched) Execute(ctx context.Context, req worker.ExecuteRequest) (*worker.ExecuteReply, error) {
	reply, err := w.w.Load().Execute(ctx, req)
	w.died = w.died || err != nil && ctx.Err() == nil
	return reply, err
}

func (w *watched) Close() error { return w.w.Load().Close() }

func (w *watched) kill() {
	if process := w.w.Load(); process != nil {
		process.Kill()
	}
}

// cellError is the failure of a cell as the error of its point: a line, and below it the traceback.
func cellError(f *notebook.CellFailure) error {
	return fmt.Errorf("%s\n%s", strings.TrimPrefix(f.Error(), "notebook: "), strings.Join(f.Cause.Traceback, "\n"))
}

// call calls the function in the session's process.
func (s *session) call(ctx context.Context, point int) (fields []sweep.Field, died bool, err error) {
	if s.w == nil {
		if died, err := s.open(ctx); err != nil {
			return nil, died, err
		}
	}
	values := s.values(point)
	var args []string
	for _, p := range s.p.Parameters {
		args = append(args, values[p.Name])
	}
	s.catch.reset()
	s.count++
	stop := context.AfterFunc(ctx, s.w.Kill)
	reply, err := s.w.Execute(ctx, worker.ExecuteRequest{Code: s.p.Function.call(args), Count: s.count, Silent: true})
	if !stop() {
		s.close()
		return nil, false, context.Cause(ctx)
	}
	if err != nil {
		s.close()
		return nil, true, err
	}
	if reply.Error != nil {
		return nil, false, functionError(reply.Error)
	}
	fields, err = s.catch.result()
	return fields, false, err
}

func functionError(e *worker.Error) error {
	head, _, _ := strings.Cut(strings.TrimSpace(e.Error()), "\n")
	return fmt.Errorf("%s\n%s", head, strings.Join(e.Traceback, "\n"))
}

// open starts the process of a function and runs its file.
func (s *session) open(ctx context.Context) (died bool, err error) {
	catch := &catcher{}
	w, err := worker.Start(worker.Options{
		Dir: s.dir, Env: append(os.Environ(), s.env...),
		Output: func(e worker.Event) { catch.take(e) },
	})
	if err != nil {
		return false, err
	}
	stop := context.AfterFunc(ctx, w.Kill)
	defer stop()
	s.count = 0
	for _, c := range append(s.p.Cells[:len(s.p.Cells):len(s.p.Cells)], recorder) {
		s.count++
		reply, err := w.Execute(ctx, worker.ExecuteRequest{Code: c, Count: s.count, Silent: true})
		if err == nil && reply.Error != nil {
			err = functionError(reply.Error)
		} else if err != nil {
			died = true
		}
		if err != nil {
			w.Close()
			return died, err
		}
	}
	s.w, s.catch = w, catch
	return false, nil
}

func (s *session) close() {
	if s.w != nil {
		s.w.Close()
		s.w = nil
	}
}
