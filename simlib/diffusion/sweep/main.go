// Command sweep runs an experiment of package diffusion for every colour signal and seed, and keeps the
// course of each in a small file:
//
//	go run ./simlib/diffusion/sweep -preset laptop -out simlib/diffusion/results/laptop
//
// With -figure it also draws them: trajectories in concept space, squared errors, speeds, and what is told apart. A run whose file is there is not made again, so that a sweep that was stopped goes on where it was. The files
// do not depend on the number of cores, nor on the order of the runs.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"swingby/simlib/diffusion"
	"swingby/simlib/figure"
	"swingby/simlib/theory"
	"swingby/simlib/train"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sweep:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sweep", flag.ContinueOnError)
	preset := flags.String("preset", "laptop", "`name` of the experiment: laptop or paper")
	dir := flags.String("out", "", "`folder` for the files of results; it is made if there is none")
	signals := flags.String("signals", "", "colour signals, separated by commas; those of the experiment if empty")
	seeds := flags.Int("seeds", 0, "number of seeds; that of the experiment if 0")
	steps := flags.Int("steps", 0, "updates; those of the experiment if 0")
	draw := flags.String("figure", "", "`file` (.svg, .png or .pdf) for a figure of the results")
	jobs := flags.Int("jobs", runtime.GOMAXPROCS(0), "runs at a time, each on one core")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var e diffusion.Experiment
	switch *preset {
	case "laptop":
		e = diffusion.Laptop()
	case "paper":
		e = diffusion.Paper()
	default:
		return fmt.Errorf("-preset is %q; want laptop or paper", *preset)
	}
	if *dir == "" {
		return fmt.Errorf("-out is missing; want a folder")
	}
	if *jobs < 1 {
		return fmt.Errorf("-jobs is %d; want at least 1", *jobs)
	}
	if *signals != "" {
		e.Signals = nil
		for _, f := range strings.Split(*signals, ",") {
			c, err := strconv.ParseFloat(strings.TrimSpace(f), 64)
			if err != nil {
				return fmt.Errorf("-signals has %q; want a number", f)
			}
			e.Signals = append(e.Signals, c)
		}
	}
	if *seeds != 0 {
		e.Seeds = *seeds
	}
	if *steps != 0 {
		e.Steps = *steps
	}
	if err := e.Check(); err != nil {
		return err
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return err
	}
	s := &sweep{e: e, dir: *dir, out: out, judges: map[float64]*judge{}}
	// Seed by seed, so that a sweep cut short has all signals of the first ones.
	n := len(e.Signals) * e.Seeds
	runtime.GOMAXPROCS(min(*jobs, runtime.GOMAXPROCS(0)))
	err := train.Each(ctx, n, func(i int) error {
		return s.run(ctx, e.Signals[i%len(e.Signals)], uint64(i/len(e.Signals)+1))
	})
	if err != nil || *draw == "" {
		return err
	}
	f, err := s.figure()
	if err != nil {
		return err
	}
	return f.Save(*draw)
}

// sweep is a sweep under way.
type sweep struct {
	e      diffusion.Experiment
	dir    string
	mu     sync.Mutex // guards out and judges
	out    io.Writer
	judges map[float64]*judge
}

// A judge is trained when a run first needs it; the others wait.
type judge struct {
	once  sync.Once
	judge *diffusion.Judge
	err   error
}

func (s *sweep) judge(ctx context.Context, signal float64) (*diffusion.Judge, error) {
	s.mu.Lock()
	j := s.judges[signal]
	if j == nil {
		j = &judge{}
		s.judges[signal] = j
	}
	s.mu.Unlock()
	j.once.Do(func() { j.judge, j.err = s.e.TrainJudge(ctx, signal) })
	return j.judge, j.err
}

// path returns the file of a run.
func (s *sweep) path(signal float64, seed uint64) string {
	return filepath.Join(s.dir, fmt.Sprintf("%g-%d.json", signal, seed))
}

// figure draws the results: means over the seeds with intervals of 68 %, about a standard error to either side.
func (s *sweep) figure() (*figure.Figure, error) {
	var paths []theory.Ensemble
	var mse, speed, colour, size []theory.Band
	for _, signal := range s.e.Signals {
		var courses []*diffusion.Course
		for seed := range s.e.Seeds {
			c, err := diffusion.OpenCourse(s.path(signal, uint64(seed+1)))
			if err != nil {
				return nil, err
			}
			courses = append(courses, c)
		}
		sum, err := diffusion.Summarise(.68, courses...)
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(s.out, sum)
		paths, mse, speed = append(paths, sum.Path), append(mse, sum.MSE), append(speed, sum.Speed)
		if len(sum.Contrast) > 1 {
			colour, size = append(colour, sum.Contrast[0]), append(size, sum.Contrast[1])
		}
	}
	figs := []*figure.Figure{
		figure.ConceptSpace("colour: blue", "size: small", paths...).Titles("small blue, asked for"),
		figure.Bands("update", "squared error in concept space", mse...).Titles("error"),
		figure.Bands("update", "|dC/dt|", speed...).LogY().Titles("speed"),
	}
	if len(colour) == len(paths) {
		figs = append(figs, figure.Bands("update", "colours told apart", colour...).Titles("colour in the training classes"),
			figure.Bands("update", "sizes told apart", size...).Titles("size in the training classes"))
	}
	return figure.Grid(3, figs...), nil
}

// run makes one run, unless its file is there.
func (s *sweep) run(ctx context.Context, signal float64, seed uint64) error {
	path := s.path(signal, seed)
	if c, err := diffusion.OpenCourse(path); err == nil && c.Step[len(c.Step)-1] == s.e.Steps {
		return nil
	}
	begin := time.Now()
	j, err := s.judge(ctx, signal)
	if err != nil {
		return err
	}
	c, err := s.e.Run(ctx, signal, seed, j, 1, nil)
	if err != nil {
		return fmt.Errorf("signal %g, seed %d: %w", signal, seed, err)
	}
	if err := c.Save(path); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, "%s after %v, at %.3f in concept space; judge's accuracy %.3f\n", path, time.Since(begin).Round(time.Second), c.Point[len(c.Point)-1], c.Accuracy)
	return nil
}
