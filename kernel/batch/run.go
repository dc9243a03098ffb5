package batch

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"swingby/simlib/sweep"
)

// RunOptions say how points are done; the zero value uses all cores and tries nothing twice.
type RunOptions struct {
	// Cores is how many points are done at once, 0 for one a core.
	Cores int
	// Timeout limits each point; 0 means no limit.
	Timeout time.Duration
	// Retries is how many more times a point is tried whose process died. One whose code fails is not: it would again.
	Retries int
	// MaxFailures ends the run when so many points have failed; 0 means never.
	MaxFailures int
	// Begin, when set, is called before the first point, with the number of those to do.
	Begin func(points int)
	// Progress, when set, is told after each point how many of this run have results and how many failed.
	Progress func(finished, failed int)

	name    string       // of the file of results
	run     int          // number of the run
	threads int          // of each process, 0 for its share of all cores
	proceed func() error // asked before each point; an error ends the run
}

// errTooMany is the cause of the end of a run by MaxFailures.
var errTooMany = errors.New("too many points failed")

// Run does the points that have no results, and writes them to the folder as they come. The error is a [*sweep.Failure] if points
// failed, the cause of ctx if that ended; what has been done is kept in any case.
func (s *Sweep) Run(ctx context.Context, o RunOptions) error {
	unlock, err := s.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.Refresh(); err != nil {
		return err
	}
	o.name, o.run = "run", s.LastRun()+1
	todo := s.Missing()
	if o.Begin != nil && len(todo) > 0 {
		o.Begin(len(todo))
	}
	if err := s.do(ctx, todo, o); err != nil {
		return err
	}
	return s.Spec().Parameters.NewFailure(s.Results())
}

// do does points.
func (s *Sweep) do(ctx context.Context, points []int, o RunOptions) error {
	if len(points) == 0 {
		return nil
	}
	cores := o.Cores
	if cores == 0 {
		cores = runtime.NumCPU()
	}
	cores = min(cores, len(points))
	if o.threads == 0 {
		o.threads = threads(cores)
	}
	writer, err := s.Writer(o.name)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	grid := s.Spec().Parameters

	next, ended := make(chan int), make(chan sweep.Result)
	var wg sync.WaitGroup
	for range cores {
		wg.Go(func() {
			x := &session{p: s.Program, grid: grid, dir: s.Program.Dir, limit: o.Timeout,
				// Cores that no other point needs.
				env: []string{fmt.Sprintf("GOMAXPROCS=%d", o.threads)}}
			defer x.close()
			for i := range next {
				began := time.Now()
				fields, died, err := x.run(ctx, i)
				for try := 0; died && try < o.Retries && ctx.Err() == nil; try++ {
					fields, died, err = x.run(ctx, i)
				}
				if ctx.Err() != nil && err != nil {
					continue // stopped, not failed
				}
				r := grid.NewResult(i, fields, err)
				r.Run, r.Seconds = o.run, time.Since(began).Seconds()
				ended <- r
			}
		})
	}
	go func() {
		defer func() { close(next); wg.Wait(); close(ended) }()
		for _, i := range points {
			if o.proceed != nil {
				if err := o.proceed(); err != nil {
					stop(err)
				}
			}
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	var broken error
	finished, failed := 0, 0
	for r := range ended {
		if broken != nil {
			continue
		}
		if broken = writer.Append(r); broken != nil {
			stop(broken)
			continue
		}
		if r.Failed() {
			failed++
		} else {
			finished++
		}
		if o.Progress != nil {
			o.Progress(finished, failed)
		}
		if o.MaxFailures > 0 && failed >= o.MaxFailures {
			stop(errTooMany)
		}
	}
	if err := writer.Close(); err != nil && broken == nil {
		broken = err
	}
	if broken != nil {
		return broken
	}
	if cause := context.Cause(ctx); cause != nil && cause != errTooMany && finished+failed < len(points) {
		return cause
	}
	return nil
}
