package sweep

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"swingby/simlib/provenance"
	"swingby/simlib/table"
)

// Options say how [Options.Run] runs; the zero value uses all cores and keeps no files.
type Options struct {
	// Cores is how many points are done at once; 0 means as many as Go code can use (GOMAXPROCS).
	Cores int
	// Folder keeps the results, so that the sweep can go on later; "" for none.
	Folder string
	// Target and Source say what the function is, and in which version: a sweep goes on in a Folder only with
	// the same ones. What they are is up to the caller, who changes Source with the function.
	Target, Source string
	// MaxFailures ends the sweep when so many points have failed; 0 means never.
	MaxFailures int
	// Progress, when set, is told of every point that has ended, one call at a time: how many have results and
	// how many failed of how many, those of earlier runs included.
	//
	//	Progress: func(finished, failed, total int) { bar.Report(float64(finished+failed), float64(total), "") }
	Progress func(finished, failed, total int)
}

// ErrFailed is in the error of a sweep of which points failed.
var ErrFailed = errors.New("points failed")

// A Failure is the error of a sweep of which points failed. The table that comes with it holds the other points,
// and the messages in the column error.
type Failure struct {
	Failed, Total int
	First         Result // the failed point of the lowest number
	Point         Point
}

func (e *Failure) Error() string {
	return fmt.Sprintf("sweep: %d of %d points failed; the first is %s: %s", e.Failed, e.Total, e.Point, e.First.Error)
}

// Is makes errors.Is know [ErrFailed].
func (e *Failure) Is(target error) bool { return target == ErrFailed }

// NewFailure is the error for the failed ones among results, nil if there are none.
func (g Grid) NewFailure(results map[int]Result) error {
	e := &Failure{Total: g.Len()}
	for i := range g.Len() {
		if r, ok := results[i]; ok && r.Failed() {
			if e.Failed == 0 {
				e.First, e.Point = r, g.Point(i)
			}
			e.Failed++
		}
	}
	if e.Failed == 0 {
		return nil
	}
	return e
}

// Run calls f for every point of a grid, on all cores, and returns the table; see [Options.Run].
func Run(ctx context.Context, grid Grid, f func(Point) (Row, error)) (*table.Table, error) {
	return Options{}.Run(ctx, grid, f)
}

// Run calls f for every point of a grid and returns the table of the parameters and what f returned. f is
// called from several goroutines at once, and must compute its results from the point alone.
//
// An error or panic of f is that of its point: the others go on, the table has the column error, and comes with
// a [*Failure]. When ctx ends, no further point begins, and its cause is returned together with the
// table of the points that have ended. In a cell, ctx is the variable of that name: interrupting the cell ends the sweep.
func (o Options) Run(ctx context.Context, grid Grid, f func(Point) (Row, error)) (*table.Table, error) {
	if err := grid.Check(); err != nil {
		return nil, err
	}
	if o.Cores < 0 {
		return nil, fmt.Errorf("sweep: %d cores, must be 0 for all, or more", o.Cores)
	}
	results, missing := map[int]Result{}, []int(nil)
	var writer *Writer
	run := 0
	if o.Folder != "" {
		folder, err := Create(o.Folder, Spec{Target: o.Target, Source: o.Source, Version: provenance.Version(), Parameters: grid})
		if err != nil {
			return nil, err
		}
		if writer, err = folder.Writer("run"); err != nil {
			return nil, err
		}
		results, missing, run = folder.results, folder.Missing(), folder.LastRun()+1
	} else {
		for i := range grid.Len() {
			missing = append(missing, i)
		}
	}
	for _, i := range missing {
		delete(results, i) // failures of earlier runs, which get another try
	}
	finished, failed := len(results), 0
	cores := o.Cores
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	next := make(chan int)
	ended := make(chan Result)
	var wg sync.WaitGroup
	for range min(cores, len(missing)) {
		wg.Go(func() {
			for i := range next {
				began := time.Now()
				fields, err := try(f, grid.Point(i))
				r := grid.NewResult(i, fields, err)
				r.Run = run
				r.Seconds = time.Since(began).Seconds()
				ended <- r
			}
		})
	}
	go func() {
		defer func() { close(next); wg.Wait(); close(ended) }()
		for _, i := range missing {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	var broken error
	for r := range ended {
		if r.Failed() && ctx.Err() != nil {
			continue // most likely because it was stopped
		}
		if writer != nil && broken == nil {
			if broken = writer.Append(r); broken != nil {
				stop(broken)
				continue
			}
		}
		results[r.Point] = r
		if r.Failed() {
			failed++
		} else {
			finished++
		}
		if o.Progress != nil {
			o.Progress(finished, failed, grid.Len())
		}
		if o.MaxFailures > 0 && failed >= o.MaxFailures {
			stop(errTooMany)
		}
	}
	if writer != nil {
		if err := writer.Close(); err != nil && broken == nil {
			broken = err
		}
	}
	t, err := grid.Tabulate(results)
	if err != nil {
		return nil, err
	}
	switch cause := context.Cause(ctx); {
	case broken != nil:
		return t, broken
	case cause != nil && cause != errTooMany && len(results) < grid.Len():
		return t, fmt.Errorf("sweep: stopped after %d of %d points: %w", len(results), grid.Len(), cause)
	}
	return t, grid.NewFailure(results)
}

// errTooMany is the cause of the end of a sweep by [Options.MaxFailures].
var errTooMany = errors.New("too many points failed")

// try calls f; a panic is an error of the point.
func try(f func(Point) (Row, error), p Point) (fields []Field, err error) {
	defer func() {
		if r := recover(); r != nil {
			fields, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	row, err := f(p)
	if err != nil {
		return nil, err
	}
	return row.fields()
}
