package batch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The commands of Slurm that are used, all of which a user has: sbatch, squeue, scancel, scontrol and, where there is accounting, sacct.

// A slurmError is what a command of Slurm said.
type slurmError struct {
	command string
	text    string
	err     error
}

func (e *slurmError) Error() string {
	text := strings.Join(strings.Fields(strings.ReplaceAll(e.text, e.command+": error:", "")), " ")
	if text == "" {
		text = e.err.Error()
	}
	return fmt.Sprintf("sweep: %s says: %s", e.command, text)
}

// passing are the words by which Slurm says that its controller does not answer now: it may later.
var passing = regexp.MustCompile(`(?i)unable to contact slurm controller|connection refused|socket timed out|connection timed out|zero bytes were transmitted|` +
	`unexpected message received|slurm backup controller in standby|resource temporarily unavailable|temporarily unable to accept job|communication connection failure|message (receive|send) failure|protocol authentication error|connect failure`)

// isPassing reports whether an error of Slurm is one that time may cure.
func isPassing(err error) bool {
	var e *slurmError
	return errors.As(err, &e) && passing.MatchString(e.text)
}

// slurm runs a command of Slurm and returns what it prints.
func slurm(ctx context.Context, command string, args ...string) (string, error) {
	path, err := exec.LookPath(command)
	if err != nil {
		return "", fmt.Errorf("sweep: there is no %s on PATH; -on slurm needs the commands of Slurm, which the nodes from which jobs are submitted have", command)
	}
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(ctx, path, args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", &slurmError{command, stderr.String(), err}
	}
	return stdout.String(), nil
}

// A taskID is a task of a job array, by the name of the job.
type taskID struct {
	job  string
	task int
}

// A taskState is what squeue says of a task.
type taskState struct{ state, reason, node string }

// queue asks squeue which tasks of jobs with these names are waiting or running, and for the identities of the jobs.
func queue(ctx context.Context, names []string) (tasks map[taskID]taskState, jobs map[string]string, err error) {
	tasks, jobs = map[taskID]taskState{}, map[string]string{}
	if len(names) == 0 {
		return tasks, jobs, nil
	}
	out, err := slurm(ctx, "squeue", "-h", "-r", "-n", strings.Join(names, ","), "-o", "%F|%K|%T|%N|%j|%r")
	if err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(out) {
		f := strings.SplitN(strings.TrimSpace(line), "|", 6)
		if len(f) != 6 {
			continue
		}
		task, err := strconv.Atoi(f[1])
		if err != nil {
			continue
		}
		tasks[taskID{f[4], task}] = taskState{f[2], f[5], f[3]}
		jobs[f[4]] = f[0]
	}
	return tasks, jobs, nil
}

var jobState = regexp.MustCompile(`\bJobState=(\S+)`)

// stateOf asks for the last state of a task that has left the queue, such as "NODE_FAIL"; it is "" if nobody knows any more.
func stateOf(ctx context.Context, job string, task int) string {
	id := fmt.Sprintf("%s_%d", job, task)
	if out, err := slurm(ctx, "scontrol", "show", "job", id, "-o"); err == nil {
		if m := jobState.FindStringSubmatch(out); m != nil {
			return m[1]
		}
	}
	if out, err := slurm(ctx, "sacct", "-n", "-X", "-P", "-j", id, "-o", "State"); err == nil {
		state, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
		state, _, _ = strings.Cut(state, " ") // CANCELLED by 1000
		return state
	}
	return ""
}

var arraySize = regexp.MustCompile(`(?m)^MaxArraySize\s*=\s*(\d+)`)

// maxArraySize is one more than the largest number of a task; Slurm's default if it does not tell.
func maxArraySize(ctx context.Context) int {
	if out, err := slurm(ctx, "scontrol", "show", "config"); err == nil {
		if m := arraySize.FindStringSubmatch(out); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
				return n
			}
		}
	}
	return 1001
}

// How long sbatch is tried while the controller does not answer.
const (
	submitWithin = 10 * time.Minute
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// submit submits a job and returns its identity. While the controller does not answer it tries again, after it has asked whether
// the job is there all the same: an answer may have been lost.
func submit(ctx context.Context, name string, args []string, waiting func(why error)) (job string, err error) {
	pause := firstPause
	for began := time.Now(); ; {
		out, err := slurm(ctx, "sbatch", args...)
		if err == nil {
			job, _, _ := strings.Cut(strings.TrimSpace(out), ";") // and the cluster
			if _, err := strconv.Atoi(job); err != nil {
				return "", fmt.Errorf("sweep: sbatch answers %q, must be the number of a job", out)
			}
			return job, nil
		}
		if !isPassing(err) || time.Since(began) > submitWithin {
			return "", err
		}
		waiting(err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
		pause = min(2*pause, longestPause)
		if _, jobs, err := queue(ctx, []string{name}); err == nil && jobs[name] != "" {
			return jobs[name], nil
		}
	}
}
