package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary be the worker that runs cells.
func TestMain(m *testing.M) {
	if len(os.Args) >= 2 && os.Args[1] == "worker" && os.Getenv("SWINGBY_WORKER") != "" {
		os.Exit(run(os.Args[1:], os.Stderr))
	}
	os.Exit(m.Run())
}

// TestBadInput checks that what cannot work is answered by one line and the
// right status, and leaves nothing behind.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text := write("text.ipynb", "no notebook")
	other := write("other.ipynb", `{"a": 1}`)
	broken := write("broken.json", "{bad")
	empty := write("empty.json", "{}")
	plain := write("plain.ipynb", `{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`)
	parameters := write("parameters.ipynb", `{"cells": [{"cell_type": "code", "id": "a", "execution_count": null, "metadata": {"tags": ["parameters"]},
		"outputs": [], "source": "mu := []float64{1}"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`)
	results := write("results.ipynb", `{"cells": [{"cell_type": "code", "id": "a", "execution_count": null, "metadata": {"tags": ["parameters"]},
		"outputs": [], "source": "mu := []float64{1}"}, {"cell_type": "code", "id": "b", "execution_count": null, "metadata": {"tags": ["results"]},
		"outputs": [], "source": "y := mu[0]"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`)
	missing := filepath.Join(dir, "missing")
	before := entries(t, dir)

	for _, test := range []struct {
		args   string
		status int
		says   string
	}{
		{"", 2, "usage"},
		{"nosuch", 2, "nosuch"},
		{"kernel", 2, "-f FILE"},
		{"kernel -f", 2, "flag needs an argument"},
		{"kernel -f " + missing, 1, "does not exist"},
		{"kernel -f " + broken, 1, "not a JSON object"},
		{"kernel -f " + empty, 1, "shell_port"},
		{"kernel -f " + dir, 1, "cannot be read"},
		{"worker", 1, "worker"},
		{"exec", 2, "no notebook"},
		{"exec -timeout -1s x.ipynb", 2, "negative"},
		{"exec -o a -html b x.ipynb y.ipynb", 2, "one notebook"},
		{"exec -o a -output-dir b x.ipynb", 2, "exclude each other"},
		{"exec -o a/ x.ipynb b/x.ipynb", 2, "would be the same file"},
		{"exec -p mu x.ipynb", 2, "NAME=VALUE"},
		{"exec -p mu=1 " + plain, 2, "no cell is tagged"},
		{"exec -p nu=1 " + parameters, 2, "has no parameter nu; it has mu ([]float64)"},
		{"exec -p mu=1,x " + parameters, 2, "is no float64"},
		{"sweep", 2, "no target"},
		{"sweep " + parameters, 2, "no parameter"},
		{"sweep -p mu " + parameters, 2, "NAME=VALUES"},
		{"sweep -p mu=linspace(1,3) " + parameters, 2, "has 2 arguments"},
		{"sweep -p mu=[1],[2,x] " + results, 2, "is no float64"},
		{"sweep -p nu=1 " + results, 2, "has no parameter nu; it has mu ([]float64)"},
		{"sweep -p mu=1 " + parameters, 2, "no cell is tagged \"results\""},
		{"sweep -p mu=1 " + plain, 2, "no cell is tagged \"results\""},
		{"sweep -p mu=1 a b", 2, "one target, not 2"},
		{"sweep -p mu=1 " + missing + ".ipynb", 1, "no such file"},
		{"sweep -p mu=1 " + missing + ".go:F", 1, "no such file"},
		{"sweep -p mu=1 nosuch.F", 2, "no function nosuch.F"},
		{"sweep -p mu=1 strings.Join", 2, "has no parameter mu; it has elems ([]string), sep (string)"},
		{"sweep -status " + missing, 1, "not the folder of a sweep"},
		{"sweep -resume " + dir, 1, "not the folder of a sweep"},
		{"sweep -resume a -status b", 2, "exclude each other"},
		{"sweep -resume a -p mu=1", 2, "begin another sweep"},
		{"sweep -resume a b", 2, "unexpected argument"},
		{"sweep -partition x -p mu=1 x.ipynb", 2, "-partition is for -on slurm"},
		{"sweep -on slurm -cores 2 -p mu=1 x.ipynb", 2, "-cpus-per-task"},
		{"sweep -on moon -p mu=1 x.ipynb", 2, "on local or on slurm"},
		{"sweep -follow a -cancel b", 2, "exclude each other"},
		{"sweep -follow " + missing, 1, "not the folder of a sweep"},
		{"sweep -cancel " + missing, 1, "not the folder of a sweep"},
		{"sweep-task", 2, "starts this itself"},
		{"sweep -table x.txt -p mu=1 x.ipynb", 2, "ends in .csv or .parquet"},
		{"sweep -cores -1 -p mu=1 x.ipynb", 2, "negative"},
		{"export", 2, "no notebook"},
		{"export -to pdf x.ipynb", 2, "no format"},
		{"export " + missing, 1, "no such file"},
		{"export -o " + missing + "/x.html " + plain, 1, "does not exist"},
		{"doctor " + missing, 1, "no such file"},
		{"doctor " + plain, 1, "no manifest"},
		{"repl extra", 2, "extra"},
		{"repl -pictures vga", 2, "no pictures of the kind"},
		{"verify", 2, "no notebook"},
		{"verify -rtol -1 x.ipynb", 2, "negative"},
		{"verify -pixels 300 x.ipynb", 2, "0 to 255"},
		{"verify " + missing, 1, "no such file"},
		{"verify " + plain, 1, "stored without outputs"},
		{"exec " + missing, 1, "no such file"},
		{"exec " + text, 1, "not JSON"},
		{"exec " + other, 1, "nbformat"},
		{"install --user --sys-prefix", 2, "exclude each other"},
		{"install --name no/name --prefix " + dir, 1, "name"},
		{"install extra", 2, "extra"},
		{"version extra", 2, "extra"},
		{"run " + missing, 1, "no such file"},
		{"build", 2, "--with MODULE"},
		{"build --with", 2, "flag needs an argument"},
		{"build --with example.org/x@", 2, "path or path@version"},
		{"build --with example.org/x extra", 2, "extra"},
		{"build --with example.org/x --source " + dir, 1, "is not Swingby's source"},
	} {
		var stderr strings.Builder
		status := run(strings.Fields(test.args), &stderr)
		got := stderr.String()
		if status != test.status || !strings.Contains(got, test.says) {
			t.Errorf("swingby %s: status %d, %q; want status %d and a line with %q", test.args, status, got, test.status, test.says)
		}
		if status == 1 && strings.Count(got, "\n") != 1 {
			t.Errorf("swingby %s: an error is one line, got %q", test.args, got)
		}
	}
	if after := entries(t, dir); after != before {
		t.Errorf("left behind: %s, there was %s", after, before)
	}
}

func entries(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestHelp(t *testing.T) {
	for _, c := range commands {
		if c.about == "" || !strings.HasSuffix(c.about, ".") {
			t.Errorf("%s is not described by a sentence: %q", c.name, c.about)
		}
		var stderr strings.Builder
		if status := run([]string{c.name, "-h"}, &stderr); status != 0 || !strings.Contains(stderr.String(), "usage: swingby "+c.name) {
			t.Errorf("swingby %s -h: status %d, %q", c.name, status, stderr.String())
		}
	}
}
