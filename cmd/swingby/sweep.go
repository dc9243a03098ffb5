package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"swingby/kernel/batch"
	"swingby/kernel/display"
	"swingby/simlib/sweep"
)

// listFlag collects the values of a flag that may be given several times.
type listFlag []string

func (l *listFlag) String() string { return "" }

func (l *listFlag) Set(text string) error { *l = append(*l, text); return nil }

// sweepFlags are the flags of swingby sweep.
type sweepFlags struct {
	parameters     listFlag
	output, table  string
	status, resume string
	follow, cancel string
	on             string
	quiet, detach  bool
	run            batch.RunOptions
	slurm          batch.SlurmOptions
}

func runSweep(ctx context.Context, fs *flag.FlagSet, args []string) error {
	o := sweepFlags{}
	fs.Var(&o.parameters, "p", "the values of a parameter, as `NAME=VALUES`: mu=linspace(1,3,9), seed=0..99, eta=0.1,0.2, or geomspace(a,b,n), logspace(a,b,n), a..b..step; several -p make all combinations")
	fs.StringVar(&o.output, "o", "", "keep the results in this `folder` (default: the target's name and .sweep)")
	fs.StringVar(&o.table, "table", "", "write the table to this `file`, .csv or .parquet, too; - for standard output; with -status, of what there is so far")
	fs.StringVar(&o.status, "status", "", "say how far the sweep in this `folder` is, at any time")
	fs.StringVar(&o.resume, "resume", "", "go on with the sweep in this `folder`: what is missing or failed runs, nothing else")
	fs.IntVar(&o.run.Cores, "cores", 0, "do so many points at once; 0 means one for each core")
	fs.DurationVar(&o.run.Timeout, "timeout", 0, "limit for each point, for example 10m; 0 means none")
	fs.IntVar(&o.run.Retries, "retries", 2, "try a point so many more times if its process dies")
	fs.IntVar(&o.run.MaxFailures, "max-failures", 0, "stop when so many points have failed; 0 means go on")
	fs.StringVar(&o.on, "on", "local", "`where` points are done: local, or slurm, as a job array in whose nodes the folder and this program can be seen")
	fs.StringVar(&o.slurm.Partition, "partition", "", "Slurm: the `name` of the partition")
	fs.StringVar(&o.slurm.Time, "time", "", "Slurm: time `limit` of each task, such as 30 (minutes) or 1-12:00:00")
	fs.IntVar(&o.slurm.CPUs, "cpus-per-task", 0, "Slurm: cores of each task, which does so many points at once; 0 means one")
	fs.StringVar(&o.slurm.Mem, "mem", "", "Slurm: `memory` of each task, such as 4G")
	fs.IntVar(&o.slurm.Chunk, "chunk", 0, "Slurm: points for each task; 0 makes about a hundred tasks")
	fs.IntVar(&o.slurm.MaxTasks, "max-tasks", 0, "Slurm: tasks that run at once; 0 means as many as Slurm lets")
	fs.Var((*listFlag)(&o.slurm.Extra), "sbatch", "Slurm: a further `argument` of sbatch, such as --account=physics; may be given several times")
	fs.BoolVar(&o.detach, "detach", false, "Slurm: submit, and do not wait for the results")
	fs.StringVar(&o.follow, "follow", "", "Slurm: follow the jobs of the sweep in this `folder` again, and submit anew what dead tasks have left")
	fs.StringVar(&o.cancel, "cancel", "", "Slurm: end the jobs of the sweep in this `folder`; results stay")
	fs.BoolVar(&o.quiet, "q", false, "print nothing but errors")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	slurmOnly := map[string]bool{"partition": true, "time": true, "cpus-per-task": true, "mem": true, "chunk": true, "max-tasks": true, "sbatch": true, "detach": true}
	fs.Visit(func(f *flag.Flag) {
		if slurmOnly[f.Name] && o.on != "slurm" {
			err = usagef("-%s is for -on slurm", f.Name)
		}
		if f.Name == "cores" && o.on == "slurm" {
			err = usagef("-cores is for this machine; with -on slurm, -cpus-per-task says how many a task has")
		}
	})
	if err != nil {
		return err
	}
	if err := o.check(rest); err != nil {
		return err
	}
	switch {
	case o.status != "":
		return o.printStatus()
	case o.cancel != "":
		return o.cancelJobs(ctx)
	}
	s, err := o.open(ctx, rest)
	if err != nil {
		return err
	}
	if o.on == "slurm" || o.follow != "" {
		return o.cluster(ctx, s)
	}
	if err := s.CheckQueue(ctx); err != nil {
		return err
	}
	return o.local(ctx, s)
}

// runSweepTask is what a task of a job array runs; it is not for people.
func runSweepTask(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return usagef("the folder of a submission; swingby sweep -on slurm starts this itself")
	}
	return batch.Task(ctx, args[0])
}

func (o *sweepFlags) check(rest []string) error {
	folders := 0
	for _, dir := range []string{o.status, o.resume, o.follow, o.cancel} {
		if dir != "" {
			folders++
		}
	}
	switch {
	case folders > 1:
		return usagef("-status, -resume, -follow and -cancel exclude each other")
	case o.on != "local" && o.on != "slurm":
		return usagef("-on %s: points are done on local or on slurm", o.on)
	case folders == 1 && len(rest) > 0:
		return usagef("unexpected argument %q: the folder says what is swept", rest[0])
	case folders == 1 && (len(o.parameters) > 0 || o.output != ""):
		return usagef("the folder has its parameters; -p and -o begin another sweep")
	case folders == 0 && len(rest) == 0:
		return usagef("no target: NOTEBOOK.ipynb, FILE.go:Func or package.Func")
	case folders == 0 && len(rest) > 1:
		return usagef("one target, not %d: %s", len(rest), strings.Join(rest, " "))
	case folders == 0 && len(o.parameters) == 0:
		return usagef("no parameter: -p NAME=VALUES, such as -p 'seed=0..99'")
	case o.slurm.CPUs < 0 || o.slurm.Chunk < 0 || o.slurm.MaxTasks < 0:
		return usagef("-cpus-per-task, -chunk and -max-tasks cannot be negative")
	case o.run.Cores < 0 || o.run.Timeout < 0 || o.run.Retries < 0 || o.run.MaxFailures < 0:
		return usagef("-cores, -timeout, -retries and -max-failures cannot be negative")
	}
	if ext := filepath.Ext(o.table); o.table != "" && o.table != "-" && ext != ".csv" && ext != ".parquet" {
		return usagef("-table %s: the file ends in .csv or .parquet, or is - for standard output", o.table)
	}
	return nil
}

// open makes or opens the sweep that the command line names, having checked all that can be before anything runs.
func (o *sweepFlags) open(ctx context.Context, rest []string) (*batch.Sweep, error) {
	if dir := o.resume + o.follow; dir != "" {
		s, err := batch.Open(dir)
		if err != nil {
			return nil, err
		}
		return s, s.CheckUnchanged(ctx)
	}
	grid, err := sweep.Parse(o.parameters...)
	if err != nil {
		return nil, usagef("%s", strings.TrimPrefix(err.Error(), "sweep: "))
	}
	p, grid, err := batch.Load(ctx, rest[0], grid)
	if err != nil {
		return nil, err
	}
	dir := o.output
	if dir == "" {
		name := p.Target
		if p.Function == nil {
			name = strings.TrimSuffix(name, filepath.Ext(name))
		}
		dir = strings.ReplaceAll(name, ":", "-") + ".sweep"
	}
	return batch.Create(dir, p, grid)
}

// local does the points on this machine.
func (o *sweepFlags) local(ctx context.Context, s *batch.Sweep) error {
	began := time.Now()
	var bar *display.Bar
	if !o.quiet {
		total, todo := s.Spec().Parameters.Len(), 0
		o.run.Begin = func(points int) {
			todo = points
			if todo < total {
				fmt.Fprintf(os.Stderr, "%s: %d of %d points are in %s; %d to do\n", s.Spec().Target, total-todo, total, s.Dir(), todo)
			}
			bar = display.NewBar(float64(todo), s.Spec().Target)
		}
		o.run.Progress = func(finished, failed int) {
			note := ""
			if failed > 0 {
				note = fmt.Sprintf("%d failed", failed)
			}
			bar.Report(float64(finished+failed), float64(todo), note)
		}
	}
	err := s.Run(ctx, o.run)
	if bar != nil {
		bar.Stop()
	}
	return o.ended(ctx, s, err, began)
}

// cluster does the points on Slurm.
func (o *sweepFlags) cluster(ctx context.Context, s *batch.Sweep) error {
	began := time.Now()
	o.slurm.Timeout, o.slurm.Retries, o.slurm.MaxFailures = o.run.Timeout, o.run.Retries, o.run.MaxFailures
	var bar *display.Bar
	said := ""
	before := 0 // points that had ended when following began: the bar and its rate are of the others
	progress := func(p batch.Progress) {
		if o.quiet {
			return
		}
		if p.Total == 0 { // nothing is known yet
			if p.Note != said {
				fmt.Fprintf(os.Stderr, "%s: %s\n", s.Spec().Target, p.Note)
				said = p.Note
			}
			return
		}
		if bar == nil {
			before = p.Finished + p.Failed
			if total := s.Spec().Parameters.Len(); total-p.Total+before > 0 {
				fmt.Fprintf(os.Stderr, "%s: %d of %d points are in %s; %d to do\n", s.Spec().Target, total-p.Total+before, total, s.Dir(), p.Total-before)
			}
			bar = display.NewBar(float64(p.Total-before), s.Spec().Target+" on Slurm")
		}
		var notes []string
		if p.Failed > 0 {
			notes = append(notes, fmt.Sprintf("%d failed", p.Failed))
		}
		if p.Running+p.Waiting > 0 {
			notes = append(notes, fmt.Sprintf("%d tasks run, %d wait", p.Running, p.Waiting))
		}
		if p.Note != "" {
			notes = append(notes, p.Note)
		}
		bar.Report(float64(p.Finished+p.Failed-before), float64(p.Total-before), strings.Join(notes, ", "))
	}
	stop := func() {
		if bar != nil {
			bar.Stop()
		}
	}
	if o.detach {
		job, err := s.Submit(ctx, o.slurm, progress)
		stop()
		if err != nil {
			return err
		}
		if job == "" {
			return o.ended(ctx, s, nil, began)
		}
		fmt.Printf("job %s; follow it with: swingby sweep -follow %s\n", job, shellWord(s.Dir()))
		return nil
	}
	err := s.Slurm(ctx, o.slurm, o.follow == "", progress)
	stop()
	if errors.Is(err, batch.ErrDetached) {
		dir := shellWord(s.Dir())
		return fmt.Errorf("%w; follow it again with: swingby sweep -follow %s; end it with: swingby sweep -cancel %s", err, dir, dir)
	}
	return o.ended(ctx, s, err, began)
}

// cancelJobs ends the jobs of a sweep.
func (o *sweepFlags) cancelJobs(ctx context.Context) error {
	s, err := batch.Open(o.cancel)
	if err != nil {
		return err
	}
	jobs, err := s.Cancel(ctx)
	if err != nil {
		return err
	}
	if len(jobs) == 0 {
		fmt.Println("no job of this sweep is in the queue")
		return nil
	}
	finished, _ := s.Count()
	fmt.Printf("cancelled job %s; %d of %d points are kept\n", strings.Join(jobs, ", "), finished, s.Spec().Parameters.Len())
	return nil
}

// ended writes the tables and says how it went. err is that of the run.
func (o *sweepFlags) ended(ctx context.Context, s *batch.Sweep, err error, began time.Time) error {
	if errors.Is(err, batch.ErrBusy) {
		return err
	}
	finished, failed := s.Count()
	total := s.Spec().Parameters.Len()
	path, terr := s.Finish()
	if terr == nil && o.table != "" {
		terr = o.writeTable(s)
	}
	var failure *sweep.Failure
	on := ""
	if o.on == "slurm" || o.follow != "" {
		on = "-on slurm "
	}
	switch {
	case err == nil, errors.As(err, &failure):
	case ctx.Err() != nil:
		return fmt.Errorf("stopped by %w; %d of %d points are kept; go on with: swingby sweep %s-resume %s", err, finished, total, on, shellWord(s.Dir()))
	default:
		return fmt.Errorf("%w; %d of %d points are kept in %s; go on with: swingby sweep %s-resume %s", err, finished, total, s.Dir(), on, shellWord(s.Dir()))
	}
	if terr != nil {
		return terr
	}
	if !o.quiet {
		took := time.Since(began)
		fmt.Fprintf(os.Stderr, "%s: %d of %d points", s.Spec().Target, finished, total)
		if failed > 0 {
			fmt.Fprintf(os.Stderr, ", %d failed", failed)
		}
		fmt.Fprintf(os.Stderr, ", in %.1f s; the table is %s\n", took.Seconds(), path)
	}
	return err
}

// writeTable writes the table where -table says.
func (o *sweepFlags) writeTable(s *batch.Sweep) error {
	if o.table != "-" {
		return s.SaveTable(o.table)
	}
	dir, err := os.MkdirTemp("", "swingby")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tmp := filepath.Join(dir, "table.csv")
	if err := s.SaveTable(tmp); err != nil {
		return err
	}
	data, err := os.ReadFile(tmp)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(data)
	return err
}

// printStatus says how far a sweep is.
func (o *sweepFlags) printStatus() error {
	s, err := batch.Open(o.status)
	if err != nil {
		return err
	}
	if o.table != "" {
		if err := o.writeTable(s); err != nil {
			return err
		}
	}
	if o.table == "-" {
		return nil
	}
	finished, failed := s.Count()
	spec := s.Spec()
	total := spec.Parameters.Len()
	fmt.Printf("%s: %d of %d points done (%d%%), %d failed, %d to do\n", spec.Target, finished, total, 100*finished/total, failed, total-finished-failed)
	for _, p := range spec.Parameters {
		values := p.Given
		if values == "" {
			values = strings.Join(p.Values, ",")
		}
		fmt.Printf("  %s = %s (%d values, %s)\n", p.Name, values, len(p.Values), p.Type)
	}
	if f := (*sweep.Failure)(nil); errors.As(spec.Parameters.NewFailure(s.Results()), &f) {
		fmt.Printf("  first failure: %s: %s\n", f.Point, f.First.Error)
	}
	return nil
}

// shellWord quotes a word for a shell if it needs it.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+@%") == "" {
		return s
	}
	return shellQuote(s)
}
