package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is stored is not run again: all that is left to do is to draw it.
func TestStoredRunsAreNotMadeAgain(t *testing.T) {
	dir := filepath.Join("..", "results", "laptop")
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	file := filepath.Join(t.TempDir(), "figure.svg")
	if err := run(context.Background(), []string{"-preset", "laptop", "-out", dir, "-figure", file}, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 6 || !strings.HasPrefix(lines[0], "signal 0.137, 3 seeds: concepts told apart after") {
		t.Errorf("it says\n%s\nwant a line for each of six signals, and no run", out.String())
	}
	after, err := os.ReadDir(dir)
	if err != nil || len(after) != len(before) {
		t.Errorf("there are %d files, %v; want the %d there were", len(after), err, len(before))
	}
	if s, err := os.Stat(file); err != nil || s.Size() < 10000 {
		t.Errorf("the figure is %v, %v", s, err)
	}
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-preset desk -out x":             `-preset is "desk"; want laptop or paper`,
		"":                                "-out is missing; want a folder",
		"-out x -signals .1,a":            `-signals has "a"; want a number`,
		"-out x -signals 2":               "diffusion: Discs.Signal is 2; want a colour signal above 0, at most .8",
		"-out x -jobs 0":                  "-jobs is 0; want at least 1",
		"-out x -preset paper -steps 400": "diffusion: Experiment.First is 500; want 0 to 400, the number of steps",
	} {
		if err := run(context.Background(), strings.Fields(args), &strings.Builder{}); err == nil || err.Error() != want {
			t.Errorf("%q gives %v, want %s", args, err, want)
		}
	}
}
