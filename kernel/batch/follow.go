package batch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"swingby/simlib/sweep"
)

// Progress is how far a run on Slurm is.
type Progress struct {
	Finished, Failed, Total int // points of the run
	Running, Waiting        int // tasks
	// Note is what else there is to say: why tasks wait, that the controller does not answer.
	Note string
}

// ErrDetached is in the error of [Sweep.Slurm] when ctx ended: the jobs go on without it.
var ErrDetached = errors.New("no longer followed")

// heldReason is why Slurm holds a task that a node could not start, or that it believed to run already: what
// happens to the tasks that started in the last seconds before a controller was killed.
const heldReason = "requeued held"

// How often squeue and the folder are looked at, from short runs to long ones, and how long a task
// that has left the queue may take to appear as done in the folder, if it died and if Slurm says that it did not.
const (
	shortestPoll = time.Second
	longestPoll  = 15 * time.Second
	graceDead    = 3 * time.Second
	graceDone    = 90 * time.Second
)

// Slurm does the points that have no results as a job array, and follows it to its end; if jobs of this sweep are still in the
// queue it follows those instead. With fresh unset it submits nothing unless a task of the last run has died.
//
// What dead tasks leave is submitted again. A point whose tasks have died more than Retries times, by all appearances because of
// it, fails. The error is a [*sweep.Failure] if points failed. When ctx ends the jobs
// go on: see [ErrDetached].
func (s *Sweep) Slurm(ctx context.Context, o SlurmOptions, fresh bool, progress func(Progress)) error {
	unlock, err := s.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.Refresh(); err != nil {
		return err
	}
	f := &follower{s: s, progress: progress, deaths: map[int]int{}, lost: map[taskID]time.Time{}, held: map[taskID]int{}}
	subs, err := s.submissions()
	if err != nil {
		return err
	}
	if len(subs) > 0 {
		f.number = subs[len(subs)-1].Number
		if active, err := f.active(ctx, subs); err != nil {
			return err
		} else if active || !fresh {
			f.run, f.o = subs[len(subs)-1].Run, subs[len(subs)-1].Options
			for _, sub := range subs {
				if sub.Run == f.run {
					f.subs = append(f.subs, sub)
				}
			}
		}
	}
	if f.subs == nil {
		if !fresh {
			return fmt.Errorf("sweep: %s has not been submitted to Slurm; swingby sweep -on slurm -resume %s does", s.Dir(), s.Dir())
		}
		f.o, f.run = o, s.LastRun()+1
		for _, sub := range subs {
			f.run = max(f.run, sub.Run+1)
		}
		f.todo = s.Missing()
		if len(f.todo) == 0 {
			return nil
		}
		chunks, err := f.chunks(ctx, f.todo)
		if err != nil {
			return err
		}
		if err := f.submit(ctx, chunks); err != nil {
			return f.stopped(ctx, err)
		}
	} else {
		seen := map[int]bool{}
		for _, sub := range f.subs {
			for _, c := range sub.Chunks {
				for _, i := range c {
					if !seen[i] {
						seen[i], f.todo = true, append(f.todo, i)
					}
				}
			}
		}
		slices.Sort(f.todo)
	}
	if err := f.follow(ctx); err != nil {
		return f.stopped(ctx, err)
	}
	return s.Spec().Parameters.NewFailure(s.Results())
}

// Submit submits the points that have no results and does not follow; it returns the identity of the job.
func (s *Sweep) Submit(ctx context.Context, o SlurmOptions, waiting func(Progress)) (job string, err error) {
	unlock, err := s.Lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	if err := s.Refresh(); err != nil {
		return "", err
	}
	f := &follower{s: s, o: o, progress: waiting, run: s.LastRun() + 1, todo: s.Missing()}
	subs, err := s.submissions()
	if err != nil {
		return "", err
	}
	for _, sub := range subs {
		f.number, f.run = sub.Number, max(f.run, sub.Run+1)
	}
	if active, err := f.active(ctx, subs); err != nil {
		return "", err
	} else if active {
		return "", fmt.Errorf("sweep: jobs of %s are in the queue; follow them with swingby sweep -follow %s", s.Dir(), s.Dir())
	}
	if len(f.todo) == 0 {
		return "", nil
	}
	chunks, err := f.chunks(ctx, f.todo)
	if err != nil {
		return "", err
	}
	if err := f.submit(ctx, chunks); err != nil {
		return "", err
	}
	return f.subs[0].job, nil
}

// CheckQueue is an error if jobs of the sweep are in the queue. Without Slurm there are none.
func (s *Sweep) CheckQueue(ctx context.Context) error {
	subs, err := s.submissions()
	if err != nil || len(subs) == 0 {
		return err
	}
	f := &follower{s: s}
	if active, err := f.active(ctx, subs); err == nil && active {
		return fmt.Errorf("sweep: jobs of %s are in the queue of Slurm; follow them with swingby sweep -follow %s, or end them with -cancel", s.Dir(), s.Dir())
	}
	return nil
}

// Cancel ends the jobs of the sweep, and returns their identities. Results stay.
func (s *Sweep) Cancel(ctx context.Context) (jobs []string, err error) {
	subs, err := s.submissions()
	if err != nil {
		return nil, err
	}
	_, ids, err := queue(ctx, namesOf(subs))
	if err != nil {
		return nil, err
	}
	for _, sub := range subs {
		if id := ids[sub.Name]; id != "" {
			jobs = append(jobs, id)
		}
	}
	if len(jobs) == 0 {
		return nil, nil
	}
	_, err = slurm(ctx, "scancel", jobs...)
	return jobs, err
}

// A follower follows a run.
type follower struct {
	s        *Sweep
	o        SlurmOptions
	run      int
	number   int // of the last submission
	subs     []*submission
	todo     []int
	progress func(Progress)

	deaths map[int]int          // of tasks, by the point that they were at
	lost   map[taskID]time.Time // when a task was first seen to be gone with points not done
	held   map[taskID]int       // how often a task was let go
	barren int                  // submissions one after the other that gave nothing
	ended  int                  // points that had ended at the last submission
	writer *sweep.Writer
}

func namesOf(subs []*submission) []string {
	names := make([]string, len(subs))
	for i, sub := range subs {
		names[i] = sub.Name
	}
	return names
}

func (f *follower) active(ctx context.Context, subs []*submission) (bool, error) {
	for {
		tasks, _, err := queue(ctx, namesOf(subs))
		if err == nil || !isPassing(err) {
			return len(tasks) > 0, err
		}
		f.tell(Progress{Note: "the controller of Slurm does not answer"})
		select {
		case <-time.After(longestPoll / 5):
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

func (f *follower) tell(p Progress) {
	if f.progress != nil {
		f.progress(p)
	}
}

// chunks divides points among tasks.
func (f *follower) chunks(ctx context.Context, points []int) ([][]int, error) {
	size := f.o.Chunk
	limit := maxArraySize(ctx)
	if size == 0 {
		tasks := min(defaultTasks, limit)
		size = max((len(points)+tasks-1)/tasks, f.o.CPUs, 1)
	}
	var list [][]int
	for c := range slices.Chunk(points, size) {
		list = append(list, c)
	}
	if len(list) > limit {
		return nil, fmt.Errorf("sweep: chunks of %d points make %d tasks, of which this cluster lets a job have %d; -chunk %d fits", size, len(list), limit, (len(points)+limit-1)/limit)
	}
	return list, nil
}

// submit submits chunks.
func (f *follower) submit(ctx context.Context, chunks [][]int) error {
	f.number++
	sub, err := f.s.prepare(f.number, f.run, chunks, f.o)
	if err != nil {
		return err
	}
	finished, failed := f.count()
	err = sub.submit(ctx, func(why error) {
		f.tell(Progress{Finished: finished, Failed: failed, Total: len(f.todo), Note: "the controller of Slurm does not answer; trying again"})
	})
	if err != nil {
		return err
	}
	f.subs = append(f.subs, sub)
	return nil
}

// count counts the points of the run that have ended.
func (f *follower) count() (finished, failed int) {
	for _, i := range f.todo {
		switch {
		case f.s.pending(i, f.run):
		case f.s.Results()[i].Failed():
			failed++
		default:
			finished++
		}
	}
	return finished, failed
}

// stopped is the error of a run that is not followed to its end.
func (f *follower) stopped(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	var jobs []string
	for _, sub := range f.subs {
		jobs = append(jobs, sub.job)
	}
	if len(jobs) == 0 {
		return err
	}
	return fmt.Errorf("job %s goes on, %w (%w)", strings.Join(jobs, ", "), ErrDetached, context.Cause(ctx))
}

func (f *follower) follow(ctx context.Context) error {
	defer func() {
		if f.writer != nil {
			_ = f.writer.Close()
		}
	}()
	for began := time.Now(); ; {
		if err := f.s.Refresh(); err != nil {
			return err
		}
		finished, failed := f.count()
		p := Progress{Finished: finished, Failed: failed, Total: len(f.todo)}
		if finished+failed == len(f.todo) {
			f.tell(p)
			f.tidy(ctx)
			return nil
		}
		if f.o.MaxFailures > 0 && failed >= f.o.MaxFailures {
			_, err := f.s.Cancel(ctx)
			return err
		}
		tasks, jobs, err := queue(ctx, namesOf(f.subs))
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case isPassing(err):
			p.Note = "the controller of Slurm does not answer"
		case errors.As(err, new(*slurmError)): // whatever it is, the tasks and the folder are not concerned
			p.Note = strings.TrimPrefix(err.Error(), "sweep: ")
		case err != nil:
			return err
		default:
			p.describe(tasks)
		}
		f.tell(p)
		if err == nil {
			if err := f.revive(ctx, tasks, jobs); err != nil {
				return err
			}
		}
		select {
		case <-time.After(min(max(time.Since(began)/20, shortestPoll), longestPoll)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tidy takes tasks out of the queue that have nothing to do any more: such as Slurm has queued again, or holds.
func (f *follower) tidy(ctx context.Context) {
	tasks, jobs, err := queue(ctx, namesOf(f.subs))
	if err != nil || len(tasks) == 0 {
		return
	}
	args := []string{"--state=PENDING"}
	for _, id := range jobs {
		args = append(args, id)
	}
	_, _ = slurm(ctx, "scancel", args...) // they would end by themselves
}

// describe counts tasks, and says why some wait if none runs.
func (p *Progress) describe(tasks map[taskID]taskState) {
	reason := ""
	for _, t := range tasks {
		switch t.state {
		case "PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT", "CONFIGURING", "SUSPENDED":
			p.Waiting++
			if t.reason != "" && t.reason != "None" && (reason == "" || t.reason < reason) {
				reason = t.reason
			}
		default:
			p.Running++
		}
	}
	if p.Running == 0 {
		p.Note = reason
	}
}

// revive submits again what tasks have left undone that are no longer in the queue.
func (f *follower) revive(ctx context.Context, tasks map[taskID]taskState, jobs map[string]string) error {
	last := map[int]taskID{} // the latest task of a point
	for _, sub := range f.subs {
		if sub.job == "" {
			sub.job = jobs[sub.Name] // the answer of sbatch was lost
		}
		for t, c := range sub.Chunks {
			for _, i := range c {
				last[i] = taskID{sub.Name, t}
			}
		}
	}
	var again [][]int
	now := time.Now()
	for _, sub := range f.subs {
		for t, c := range sub.Chunks {
			id := taskID{sub.Name, t}
			var left []int
			for _, i := range c {
				if last[i] == id && f.s.pending(i, f.run) {
					left = append(left, i)
				}
			}
			if state, ok := tasks[id]; ok || len(left) == 0 {
				delete(f.lost, id)
				if ok && len(left) > 0 && sub.job != "" && strings.Contains(strings.ReplaceAll(state.reason, "_", " "), heldReason) && f.held[id] <= f.o.Retries {
					f.held[id]++
					if _, err := slurm(ctx, "scontrol", "release", fmt.Sprintf("%s_%d", sub.job, t)); err != nil && ctx.Err() != nil {
						return context.Cause(ctx)
					}
				}
				continue
			}
			since, known := f.lost[id]
			if !known {
				f.lost[id], since = now, now
			}
			if now.Sub(since) < graceDead {
				continue
			}
			state := ""
			if sub.job != "" {
				state = stateOf(ctx, sub.job, t)
			}
			switch {
			case strings.HasPrefix(state, "CANCELLED"):
				return fmt.Errorf("sweep: job %s was cancelled", sub.job)
			case state == "COMPLETED" && now.Sub(since) < graceDone:
				continue // a shared folder may be slow to show it
			}
			delete(f.lost, id)
			left, err := f.blame(sub, t, left, state)
			if err != nil {
				return err
			}
			if len(left) > 0 {
				again = append(again, left)
			}
		}
	}
	if len(again) == 0 {
		return nil
	}
	finished, failed := f.count()
	if finished+failed > f.ended {
		f.barren = 0
	}
	f.ended = finished + failed
	if f.barren++; f.barren > f.o.Retries+1 {
		sub := f.subs[len(f.subs)-1]
		return fmt.Errorf("sweep: the tasks of %d jobs have died without a result; the log of the last one, %s, ends: %s", f.barren, sub.job, lastWords(sub.dir))
	}
	return f.submit(ctx, again)
}

// blame counts the death of a task against the points that it was at, and lets those fail that have had
// enough; it returns the others.
func (f *follower) blame(sub *submission, task int, left []int, state string) ([]int, error) {
	var rest []int
	for n, i := range left {
		if n < max(1, f.o.CPUs) {
			f.deaths[i]++
		}
		if f.deaths[i] <= f.o.Retries {
			rest = append(rest, i)
			continue
		}
		if state == "" {
			state = "no longer in the queue"
		}
		r := f.s.Spec().Parameters.NewResult(i, nil, fmt.Errorf("its tasks died, %d times; the last was %s_%d: %s\n%s", f.deaths[i], sub.job, task, state, lastWords(sub.dir)))
		r.Run = f.run
		if f.writer == nil {
			var err error
			if f.writer, err = f.s.Writer("follow"); err != nil {
				return nil, err
			}
		}
		if err := f.writer.Append(r); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// lastWords is the last line of the latest log in the folder of a submission.
func lastWords(dir string) string {
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	text, latest := "nothing", time.Time{}
	for _, path := range logs {
		info, err := os.Stat(path)
		if err != nil || info.ModTime().Before(latest) {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		data = bytes.TrimSpace(data)
		if len(data) > 0 {
			text, latest = string(data[bytes.LastIndexByte(data, '\n')+1:]), info.ModTime()
		}
	}
	return text
}
