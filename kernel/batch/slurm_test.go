//go:build unix

package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPassing tells the words of Slurm 22.05 and 24.11 by which time may cure an error from those by which it will not.
func TestPassing(t *testing.T) {
	for text, want := range map[string]bool{
		"sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)": true,
		"slurm_load_jobs error: Unable to contact slurm controller (connect failure)":                      true,
		"sbatch: error: Batch job submission failed: Socket timed out on send/recv operation":              true,
		"slurm_load_jobs error: Zero Bytes were transmitted or received":                                   true,
		"sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying":                     true,
		"sbatch: error: Batch job submission failed: Invalid partition name specified":                     false,
		"sbatch: error: Batch job submission failed: Requested node configuration is not available":        false,
		"sbatch: error: invalid partition specified: x":                                                    false,
	} {
		if got := isPassing(fmt.Errorf("x: %w", &slurmError{"sbatch", text, errors.New("exit status 1")})); got != want {
			t.Errorf("%s: passing %v, want %v", text, got, want)
		}
	}
	if isPassing(errors.New("unable to contact slurm controller")) {
		t.Error("what Slurm did not say is taken for its words")
	}
	e := &slurmError{"sbatch", "sbatch: error: invalid partition\nsbatch: error: Batch job submission failed\n", nil}
	if got, want := e.Error(), "sweep: sbatch says: invalid partition Batch job submission failed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// fakeSlurm puts programs in the place of Slurm's, to try what a real cluster does once in a year; the others are in install/slurm.
func fakeSlurm(t *testing.T, programs map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, script := range programs {
		path := write(t, dir, name, "#!/bin/sh\ncd "+dir+"\n"+script)
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return dir
}

// TestLostAnswer: when sbatch fails although the controller has taken the job, the job is found and not submitted twice.
func TestLostAnswer(t *testing.T) {
	dir := fakeSlurm(t, map[string]string{
		"sbatch": "echo submitted >>log\necho 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2\nexit 1\n",
		"squeue": "[ -f log ] && echo '77|0|PENDING||name|Resources'\n:\n",
	})
	waited := 0
	job, err := submit(context.Background(), "name", nil, func(error) { waited++ })
	if err != nil || job != "77" || waited != 1 {
		t.Errorf("job %q, %v, after %d waits", job, err, waited)
	}
	if log, _ := os.ReadFile(filepath.Join(dir, "log")); string(log) != "submitted\n" {
		t.Errorf("sbatch was called: %q", log)
	}
}

// TestSqueueFails: a squeue that fails for whatever reason does not end the following; the folder tells when all is done.
func TestSqueueFails(t *testing.T) {
	s := mustBegin(t, t.TempDir(), "math.Sqrt", "x=1,4")
	fakeSlurm(t, map[string]string{
		"sbatch":   "echo '5;cluster'\n",
		"squeue":   "[ -f sick ] || { touch sick; exit 0; }\necho 'slurm_load_jobs error: something new' >&2\nexit 1\n",
		"scontrol": "echo 'MaxArraySize            = 1001'\n",
		"scancel":  ":\n",
	})
	var notes []string
	err := s.Slurm(context.Background(), SlurmOptions{}, true, func(p Progress) {
		notes = append(notes, p.Note)
		if len(notes) != 2 {
			return
		}
		// What the task would do, in this process.
		other, err := Open(s.Dir())
		if err == nil {
			err = other.do(context.Background(), other.Missing(), RunOptions{name: "task", run: 1})
		}
		if err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := s.Count(); n != 2 || !strings.Contains(strings.Join(notes, "|"), "something new") {
		t.Errorf("%d results, notes %q", n, notes)
	}
}

// TestNoSlurm: without Slurm's commands an error says what is missing, and nothing waits.
func TestNoSlurm(t *testing.T) {
	s := mustBegin(t, t.TempDir(), "math.Sqrt", "x=1")
	t.Setenv("PATH", t.TempDir())
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Slurm(ctx, SlurmOptions{}, true, nil); err == nil || !strings.Contains(err.Error(), "there is no sbatch on PATH") {
		t.Errorf("error %v", err)
	}
	if err := s.CheckQueue(ctx); err != nil {
		t.Error(err)
	}
}

// TestTakenOver: a task that another process has taken over begins no further point.
func TestTakenOver(t *testing.T) {
	s := mustBegin(t, t.TempDir(), "math.Sqrt", "x=1,4,9")
	sub, err := s.prepare(1, 1, [][]int{{0, 1, 2}}, SlurmOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SLURM_ARRAY_TASK_ID", "0")
	if err := Task(context.Background(), sub.dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Refresh(); err != nil || len(s.Missing()) != 0 {
		t.Fatalf("%v are missing, %v", s.Missing(), err)
	}
	calls := 0
	err = s.do(context.Background(), []int{0, 1, 2}, RunOptions{name: "x", Cores: 1, proceed: func() error {
		if calls++; calls > 1 {
			return errors.New("taken over")
		}
		return nil
	}})
	if err == nil || !strings.Contains(err.Error(), "taken over") || calls != 2 {
		t.Errorf("after %d points: %v", calls, err)
	}
	t.Setenv("SLURM_ARRAY_TASK_ID", "1")
	if err := Task(context.Background(), sub.dir); err == nil || !strings.Contains(err.Error(), "must be from 0 to 0") {
		t.Errorf("a task that is not there: %v", err)
	}
}
