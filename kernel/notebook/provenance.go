package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"swingby/simlib/provenance"
)

// The keys of a manifest's hashes that are no names of files.
const (
	hashCells   = "cells"   // the sources of the code cells
	hashOutputs = "outputs" // their outputs
)

// Manifest returns the manifest of the run that gave a notebook its outputs; ok is
// false when it has none. [ExecFile] stores it in the notebook's metadata, as
// swingby.run, where Jupyter keeps it.
func Manifest(nb *Notebook) (run provenance.Run, ok bool) {
	m, _ := nb.Metadata["swingby"].(map[string]any)
	v, ok := m["run"]
	if !ok {
		return run, false
	}
	return run, json.Unmarshal([]byte(jsonText(v)), &run) == nil
}

// attach stores the manifest of the run that has just ended. When all that it
// tells was so before, but for the time, the earlier one stays: the same run writes the same bytes.
func (r *FileRun) attach(run provenance.Run) error {
	nb := r.nb
	if run.Inputs == nil {
		run.Inputs = map[string]string{}
	}
	if run.Outputs == nil {
		run.Outputs = map[string]string{}
	}
	run.Inputs[hashCells], run.Outputs[hashOutputs] = cellsHash(nb), outputsHash(nb)
	old, ok := Manifest(nb)
	if r.output != r.path {
		ok = false
		if before, err := ReadFile(r.output); err == nil {
			old, ok = Manifest(before)
		}
	}
	if ok && old.SameBut(run) {
		run = old
	}
	v, err := plain(run)
	if err != nil {
		return fmt.Errorf("notebook: %s: %w", r.path, err)
	}
	nb.Metadata = orEmpty(nb.Metadata)
	m, _ := nb.Metadata["swingby"].(map[string]any)
	m = clone(orEmpty(m))
	m["run"] = v
	nb.Metadata["swingby"] = m
	return nil
}

// cellsHash is the hash of what ran: the sources of the code cells.
func cellsHash(nb *Notebook) string {
	var list []any
	for _, c := range nb.Cells {
		if c.Type == Code {
			list = append(list, c.Source)
		}
	}
	return provenance.Hash([]byte(jsonText(list)))
}

// outputsHash is the hash of what came out, without execution counts and however streams were stored in pieces.
func outputsHash(nb *Notebook) string {
	var b bytes.Buffer
	for _, c := range nb.Cells {
		for _, o := range mergeStreams(c.Outputs) {
			fields := o.fields()
			delete(fields, "execution_count")
			encode(&b, fields, 0)
			b.WriteByte('\n')
		}
	}
	return provenance.Hash(b.Bytes())
}

// A Finding is one line of what [Examine] says.
type Finding struct {
	OK   bool // nothing that could change numbers
	Text string
}

// Examine compares the manifest of a notebook with what is here: whether its cells,
// outputs and the files it read and wrote are those of the run, and in what
// program and machine differ from now. dir is the notebook's folder.
func Examine(nb *Notebook, dir string, now provenance.Run) ([]Finding, error) {
	run, ok := Manifest(nb)
	if !ok {
		return nil, fmt.Errorf("the notebook has no manifest of a run; swingby exec attaches one")
	}
	var list []Finding
	add := func(ok bool, format string, args ...any) {
		list = append(list, Finding{ok, fmt.Sprintf(format, args...)})
	}
	add(true, "run %s by Swingby %s, %s, on %s/%s, in %.1f s", run.Started, run.Program.Version, run.Program.Go, run.Machine.OS, run.Machine.Arch, run.Seconds)
	for _, name := range sortedNames(run.Parameters) {
		add(true, "parameter %s = %s", name, run.Parameters[name])
	}
	for _, name := range sortedSeeds(run.Seeds) {
		add(true, "seeds of %s: %s", name, strings.Trim(fmt.Sprint(run.Seeds[name]), "[]"))
	}
	if run.Inputs[hashCells] == cellsHash(nb) {
		add(true, "the cells are those that ran")
	} else {
		add(false, "the cells have been changed since they ran")
	}
	if run.Outputs[hashOutputs] == outputsHash(nb) {
		add(true, "the outputs are those of the run")
	} else {
		add(false, "the outputs have been changed since the run, or come from another one")
	}
	for _, files := range []struct {
		what   string
		hashes map[string]string
	}{{"read", run.Inputs}, {"written", run.Outputs}} {
		for _, name := range sortedNames(files.hashes) {
			if name == hashCells || name == hashOutputs {
				continue
			}
			path := name
			if !filepath.IsAbs(path) {
				path = filepath.Join(dir, path)
			}
			switch hash, err := provenance.HashFile(path); {
			case os.IsNotExist(err):
				add(false, "the file %s, %s by the run, is not here", name, files.what)
			case err != nil:
				add(false, "the file %s, %s by the run, cannot be read: %v", name, files.what, err)
			case hash != files.hashes[name]:
				add(false, "the file %s is not as it was when the run had %s it", name, files.what)
			default:
				add(true, "the file %s is as the run had %s it", name, files.what)
			}
		}
	}
	differences := run.Compare(now)
	for _, d := range differences {
		if d.Numbers {
			add(false, "%s", d)
		} else {
			add(true, "%s, which changes no number", d)
		}
	}
	if len(differences) == 0 {
		add(true, "program and machine are the same")
	}
	return list, nil
}

func sortedNames(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

func sortedSeeds(m map[string][]uint64) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
