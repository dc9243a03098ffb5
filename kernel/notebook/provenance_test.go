package notebook

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"swingby/simlib/provenance"
)

// TestManifest runs a notebook twice, finds its manifest, and what has changed since.
func TestManifest(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "n.ipynb")
	nb := notebookOf("#parameters: seed := uint64(1)", "w, err := torch.UUT(seed, 3, 5)\nw", "1")
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	opts := ExecFileOptions{Parameters: []Setting{{"seed", "2333"}}}
	if err := ExecFile(t.Context(), path, opts); err != nil {
		t.Fatal(err)
	}
	first := read(t, path)
	nb, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	run, ok := Manifest(nb)
	if s := run.Seeds["torch.NewGenerator"]; !ok || len(s) != 1 || s[0] != 2333 || run.Parameters["seed"] != "2333" || run.Notebook != "n.ipynb" ||
		run.Program.Go == "" || run.Machine.Cores < 1 || run.Started == "" || run.Inputs["cells"] == "" || run.Outputs["outputs"] == "" {
		t.Errorf("manifest %+v", run)
	}
	// The same run writes the same bytes, here and elsewhere.
	if err := ExecFile(t.Context(), path, opts); err != nil {
		t.Fatal(err)
	}
	sameBytes(t, "second run", read(t, path), first)
	opts.Output = filepath.Join(dir, "o.ipynb")
	for range 2 {
		if err := ExecFile(t.Context(), path, opts); err != nil {
			t.Fatal(err)
		}
	}

	find := func(nb *Notebook, now provenance.Run) string {
		list, err := Examine(nb, dir, now)
		if err != nil {
			t.Fatal(err)
		}
		var bad []string
		for _, f := range list {
			if !f.OK {
				bad = append(bad, f.Text)
			}
		}
		return strings.Join(bad, "; ")
	}
	if got := find(nb, run); got != "" {
		t.Errorf("right after the run: %s", got)
	}
	now := run
	now.Program.Go, now.Machine.Features, now.Machine.Cores = "go9.9", []string{"fma"}, 99
	if got := find(nb, now); !strings.Contains(got, "Go: was "+run.Program.Go+", is go9.9") || !strings.Contains(got, "is fma") || strings.Contains(got, "cores") {
		t.Errorf("on another machine: %s", got)
	}
	nb.Cells[2].Source += " "
	nb.Cells[2].Outputs = nil
	if got := find(nb, run); got != "the cells have been changed since they ran; the outputs have been changed since the run, or come from another one" {
		t.Errorf("after changes: %s", got)
	}
	run.Inputs["data.csv"] = provenance.Hash([]byte("a\n"))
	nb.Metadata["swingby"].(map[string]any)["run"], _ = plain(run)
	if got := find(nb, run); !strings.Contains(got, "the file data.csv, read by the run, is not here") {
		t.Errorf("without its data: %s", got)
	}
	for text, want := range map[string]string{"a\n": "", "b\n": "the file data.csv is not as it was"} {
		if err := os.WriteFile(filepath.Join(dir, "data.csv"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if got := find(nb, run); !strings.Contains(got, want) || want == "" && strings.Contains(got, "data.csv") {
			t.Errorf("with data %q: %s", text, got)
		}
	}
	if _, err := Examine(notebookOf("x"), dir, run); err == nil || !strings.Contains(err.Error(), "has no manifest") {
		t.Errorf("error %v", err)
	}
}
