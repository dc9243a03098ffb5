package train

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"swingby/simlib/internal/check"
)

// Each calls f(0), f(1) … f(n−1), as many at a time as there are cores
// (GOMAXPROCS), and returns the error of the smallest i that failed, or ctx's when that
// is done. After an error no further call is begun. Let f(i) keep its result in
// element i of a slice and draw from a seed of its own, and the outcome does not
// depend on the number of cores:
//
//	last := make([]float64, 1000)
//	err := train.Each(ctx, len(last), func(i int) error {
//		run, err := training(uint64(i)).Run(ctx)
//		if err == nil {
//			last[i] = run.TestLoss().Last()
//		}
//		return err
//	})
func Each(ctx context.Context, n int, f func(i int) error) error {
	if n < 0 {
		return check.Bad("train: n", n, "a number of calls")
	}
	if f == nil {
		return check.Bad("train: f", "nil", "a function")
	}
	var (
		wait   sync.WaitGroup
		next   atomic.Int64
		lock   sync.Mutex
		failed = n
		first  error
	)
	fail := func(i int, err error) {
		lock.Lock()
		defer lock.Unlock()
		if i < failed {
			failed, first = i, err
		}
		next.Store(int64(n))
	}
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				if err := ctx.Err(); err != nil {
					fail(i, fmt.Errorf("train: stopped before run %d of %d: %w", i, n, err))
					return
				}
				if err := call(f, i); err != nil {
					fail(i, err)
					return
				}
			}
		}()
	}
	wait.Wait()
	return first
}

// call turns a panic of f into an error: on a goroutine of its own it would end the program.
func call(f func(i int) error, i int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("train: run %d: panic: %v", i, p)
		}
	}()
	return f(i)
}

// All runs trainings, as many at a time as there are cores, and returns their
// runs in the same order. Settings are checked before any begins. After an error no further training is begun; of
// those that were not, the run is nil.
func All(ctx context.Context, ts []Training) ([]*Run, error) {
	for i, t := range ts {
		if err := t.Check(); err != nil {
			return nil, fmt.Errorf("%w (training %d)", err, i)
		}
	}
	runs := make([]*Run, len(ts))
	err := Each(ctx, len(ts), func(i int) error {
		var err error
		runs[i], err = ts[i].Run(ctx)
		return err
	})
	return runs, err
}
