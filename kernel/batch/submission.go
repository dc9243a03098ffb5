package batch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"time"

	"swingby/simlib/provenance"
	"swingby/simlib/sweep"
)

// SlurmOptions say what is asked of Slurm; the zero value leaves all to it.
type SlurmOptions struct {
	// Partition and Time (such as 30, minutes, or 1-12:00:00) are those of each task; "" means the cluster's default.
	Partition string `json:"partition,omitempty"`
	Time      string `json:"time,omitempty"`
	// CPUs is how many cores a task has, and how many points it does at once; 0 means one. Mem is its memory, such as 4G.
	CPUs int    `json:"cpus,omitempty"`
	Mem  string `json:"mem,omitempty"`
	// Chunk is how many points a task does; 0 makes about a hundred tasks. MaxTasks bounds those that run at once; 0 means no bound.
	Chunk    int `json:"chunk,omitempty"`
	MaxTasks int `json:"max_tasks,omitempty"`
	// Extra are further arguments of sbatch.
	Extra []string `json:"extra,omitempty"`
	// Timeout, Retries, MaxFailures: see [RunOptions]. A point whose task dies is tried Retries more times, too.
	Timeout     time.Duration `json:"timeout,omitempty"`
	Retries     int           `json:"retries"`
	MaxFailures int           `json:"max_failures,omitempty"`
}

// defaultTasks is about how many tasks there are if nobody says.
const defaultTasks = 100

// slurmDir is the folder of submissions in that of a sweep.
const slurmDir = "slurm"

// A submission is a job array: a folder, slurm/N, that its tasks read.
type submission struct {
	Number  int          `json:"number"`
	Run     int          `json:"run"`  // of the sweep: a run may need several
	Name    string       `json:"name"` // of the job
	Chunks  [][]int      `json:"chunks"`
	Options SlurmOptions `json:"options"`

	dir string
	job string // its identity, "" if it is not known
}

const (
	submissionFile = "submission.json"
	jobFile        = "job"
	scriptFile     = "job.sh"
)

// submissions reads those there are, in order.
func (s *Sweep) submissions() ([]*submission, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir(), slurmDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	var list []*submission
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		sub, err := readSubmission(filepath.Join(s.Dir(), slurmDir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was never whole, so never submitted
		}
		if err != nil {
			return nil, err
		}
		list = append(list, sub)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Number < list[j].Number })
	return list, nil
}

func readSubmission(dir string) (*submission, error) {
	path := filepath.Join(dir, submissionFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	sub := &submission{dir: dir}
	if err := json.Unmarshal(data, sub); err != nil {
		return nil, fmt.Errorf("sweep: %s: %w", path, err)
	}
	if job, err := os.ReadFile(filepath.Join(dir, jobFile)); err == nil {
		sub.job = strings.TrimSpace(string(job))
	}
	return sub, nil
}

// prepare makes the folder of a submission.
func (s *Sweep) prepare(number, run int, chunks [][]int, o SlurmOptions) (*submission, error) {
	id, err := s.identity()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("sweep: cannot find this program: %w", err)
	}
	dir, err := filepath.Abs(filepath.Join(s.Dir(), slurmDir, strconv.Itoa(number)))
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	sub := &submission{Number: number, Run: run, Name: fmt.Sprintf("swingby-%s-%d", id, number), Chunks: chunks, Options: o, dir: dir}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	script := fmt.Sprintf("#!/bin/sh\n# One task of %s: the points of chunk $SLURM_ARRAY_TASK_ID.\nexec %s sweep-task %s\n", s.Spec().Target, quote(self), quote(dir))
	if err := sweep.WriteFile(filepath.Join(dir, scriptFile), []byte(script)); err != nil {
		return nil, err
	}
	data, err := json.Marshal(sub)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	return sub, sweep.WriteFile(filepath.Join(dir, submissionFile), append(data, '\n'))
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// identity tells the jobs of this sweep from those of others.
func (s *Sweep) identity() (string, error) {
	path := filepath.Join(s.Dir(), slurmDir, "id")
	if data, err := os.ReadFile(path); err == nil {
		return strings.TrimSpace(string(data)), nil
	}
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	id := hex.EncodeToString(b[:])
	return id, sweep.WriteFile(path, []byte(id+"\n"))
}

// arguments are those of sbatch.
func (sub *submission) arguments() []string {
	o := sub.Options
	array := fmt.Sprintf("--array=0-%d", len(sub.Chunks)-1)
	if o.MaxTasks > 0 {
		array += fmt.Sprintf("%%%d", o.MaxTasks)
	}
	args := []string{"--parsable", array, "--job-name=" + sub.Name, "--requeue", "--open-mode=append",
		"--output=" + filepath.Join(sub.dir, "%a.log"), fmt.Sprintf("--cpus-per-task=%d", max(1, o.CPUs))}
	if o.Partition != "" {
		args = append(args, "--partition="+o.Partition)
	}
	if o.Time != "" {
		args = append(args, "--time="+o.Time)
	}
	if o.Mem != "" {
		args = append(args, "--mem="+o.Mem)
	}
	return append(append(args, o.Extra...), filepath.Join(sub.dir, scriptFile))
}

// submit gives a submission to Slurm.
func (sub *submission) submit(ctx context.Context, waiting func(error)) error {
	job, err := submit(ctx, sub.Name, sub.arguments(), waiting)
	if err != nil {
		if !isPassing(err) && ctx.Err() == nil {
			os.RemoveAll(sub.dir) // Slurm does not have it
		}
		return err
	}
	sub.job = job
	return sweep.WriteFile(filepath.Join(sub.dir, jobFile), []byte(job+"\n"))
}

// pending reports whether a point has not ended in a run: it has no results, and no failure of this run.
func (s *Sweep) pending(point, run int) bool {
	r, ok := s.Results()[point]
	return !ok || r.Failed() && r.Run < run
}

// Task is what a task of a job array does: the points of its chunk that have not ended, on the cores that it was given.
// dir is the folder of the submission; Slurm's variables say which task it is.
//
// A task that Slurm starts again, because its node is gone, takes its points over: the first one, should it still be alive, then begins no further point.
func Task(ctx context.Context, dir string) error {
	sub, err := readSubmission(dir)
	if err != nil {
		return err
	}
	task, err := strconv.Atoi(os.Getenv("SLURM_ARRAY_TASK_ID"))
	if err != nil || task < 0 || task >= len(sub.Chunks) {
		return fmt.Errorf("sweep: SLURM_ARRAY_TASK_ID is %q, must be from 0 to %d; Slurm sets it", os.Getenv("SLURM_ARRAY_TASK_ID"), len(sub.Chunks)-1)
	}
	s, err := Open(filepath.Dir(filepath.Dir(dir)))
	if err != nil {
		return err
	}
	if v := provenance.Version(); v != s.Spec().Version {
		return fmt.Errorf("sweep: the sweep was begun by version %s of the program, this is %s; it was replaced meanwhile", s.Spec().Version, v)
	}
	host, _ := os.Hostname()
	token := fmt.Sprintf("%s %d %d\n", host, os.Getpid(), time.Now().UnixNano())
	path := filepath.Join(dir, fmt.Sprintf("%d.owner", task))
	if err := sweep.WriteFile(path, []byte(token)); err != nil {
		return err
	}
	var points []int
	for _, i := range sub.Chunks[task] {
		if s.pending(i, sub.Run) {
			points = append(points, i)
		}
	}
	cores := 1
	if n, err := strconv.Atoi(os.Getenv("SLURM_CPUS_PER_TASK")); err == nil && n > 0 {
		cores = n
	}
	fmt.Printf("%s: %d of %d points on %d cores of %s\n", time.Now().UTC().Format(time.RFC3339), len(points), len(sub.Chunks[task]), cores, host)
	err = s.do(ctx, points, RunOptions{
		Cores: cores, Timeout: sub.Options.Timeout, Retries: sub.Options.Retries,
		name: fmt.Sprintf("task-%d-%d", sub.Number, task), run: sub.Run,
		threads: max(1, cores/max(1, min(cores, len(points)))),
		proceed: func() error {
			if now, err := os.ReadFile(path); err == nil && string(now) != token {
				return fmt.Errorf("sweep: another process has taken over: %s", strings.TrimSpace(string(now)))
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Printf("%s: done\n", time.Now().UTC().Format(time.RFC3339))
	return nil
}

// threads is how many cores each of so many processes at once may use.
func threads(processes int) int { return max(1, runtime.NumCPU()/processes) }
