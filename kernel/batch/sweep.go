package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"swingby/kernel/notebook"
	"swingby/simlib/provenance"
	"swingby/simlib/sweep"
)

// Names in the folder of a sweep besides those of package sweep.
const (
	programFile = "program.json"
	tableFile   = "table.csv"
)

// A Sweep is the folder of a sweep and the program that runs at its points.
type Sweep struct {
	*sweep.Folder
	Program *Program
}

// Create makes the folder of a sweep, or opens it to go on if it is that of the same one; another is an error that says what is different.
func Create(dir string, p *Program, grid sweep.Grid) (*Sweep, error) {
	spec := sweep.Spec{Target: p.Target, Source: p.Source(), Version: provenance.Version(), Parameters: grid}
	f, err := sweep.Create(dir, spec)
	if err != nil {
		return nil, err
	}
	s := &Sweep{f, p}
	path := filepath.Join(dir, programFile)
	if _, err := os.Stat(path); err == nil {
		return s, nil
	}
	q := *p
	if q.Path != "" {
		if q.Path, err = relative(dir, q.Path); err != nil {
			return nil, err
		}
	}
	if q.Dir, err = relative(dir, q.Dir); err != nil {
		return nil, err
	}
	data, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	return s, sweep.WriteFile(path, append(data, '\n'))
}

// relative is a path as seen from a folder, so that a tree can be moved; the path itself where there is no such way.
func relative(dir, path string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	if rel, err := filepath.Rel(dir, path); err == nil {
		return filepath.ToSlash(rel), nil
	}
	return path, nil
}

// Open opens the folder of a sweep with its program.
func Open(dir string) (*Sweep, error) {
	f, err := sweep.Open(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, programFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sweep: %s was made by the function sweep.Run, not by this command: it has no %s; run the code that made it again, and it goes on", dir, programFile)
	}
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	p := &Program{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("sweep: %s: %w", path, err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	for _, at := range []*string{&p.Path, &p.Dir} {
		if *at != "" && !filepath.IsAbs(*at) {
			*at = filepath.Join(abs, filepath.FromSlash(*at))
		}
	}
	return &Sweep{f, p}, nil
}

// CheckUnchanged compares the sweep with the file that it came from, if that is still there, and with this
// program. Going on with others would mix results.
func (s *Sweep) CheckUnchanged(ctx context.Context) error {
	spec := s.Spec()
	if v := provenance.Version(); v != spec.Version {
		return fmt.Errorf("sweep: %s was begun by version %s of the program, this is %s; go on with that one, or begin anew in another folder", s.Dir(), spec.Version, v)
	}
	if s.Program.Path == "" {
		return nil
	}
	if _, err := os.Stat(s.Program.Path); errors.Is(err, fs.ErrNotExist) {
		return nil // its text is in the folder
	}
	target := s.Program.Path
	if s.Program.Function != nil {
		target += ":" + s.Program.Function.Name
	}
	p, grid, err := Load(ctx, target, spec.Parameters)
	if err != nil {
		return err
	}
	now := sweep.Spec{Target: p.Target, Source: p.Source(), Version: spec.Version, Parameters: grid}
	if d := spec.Differences(now); len(d) > 0 {
		return fmt.Errorf("sweep: %s is no longer what was begun in %s: %s%s; undo that, or begin anew in another folder", s.Program.Path, s.Dir(), strings.Join(d, "; "), s.changedCell(p))
	}
	return nil
}

// changedCell names the first cell in which two notebooks differ.
func (s *Sweep) changedCell(p *Program) string {
	old, err := notebook.Parse(s.Program.Notebook)
	if err != nil {
		return ""
	}
	now, err := notebook.Parse(p.Notebook)
	if err != nil {
		return ""
	}
	for i := range min(len(old.Cells), len(now.Cells)) {
		if old.Cells[i].Source != now.Cells[i].Source {
			return fmt.Sprintf(" (cell %d)", i+1)
		}
	}
	return ""
}

// SaveTable writes the table of what there is so far to a file, whose ending says in which format (.csv or .parquet), with a manifest.
func (s *Sweep) SaveTable(path string) error {
	t, err := s.Table()
	if err != nil {
		return err
	}
	s.describe()
	return t.Save(path)
}

// describe makes the manifest of this process that of the sweep.
func (s *Sweep) describe() {
	spec := s.Spec()
	parameters := map[string]string{}
	for _, p := range spec.Parameters {
		parameters[p.Name] = p.Given
		if p.Given == "" {
			parameters[p.Name] = strings.Join(p.Values, ",")
		}
	}
	provenance.Begin(spec.Target, parameters)
	provenance.Input("source", spec.Source)
}

// Finish writes the table into the folder and returns its path. Its manifest tells what the sweep is, and how long its points took.
func (s *Sweep) Finish() (path string, err error) {
	path = filepath.Join(s.Dir(), tableFile)
	t, err := s.Table()
	if err != nil {
		return "", err
	}
	s.describe()
	if err := t.Save(path); err != nil {
		return "", err
	}
	run := provenance.Current()
	hash, err := provenance.HashFile(path)
	if err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	run.Outputs = map[string]string{tableFile: hash}
	seconds := 0.0
	for _, r := range s.Results() {
		seconds += r.Seconds
	}
	run.Seconds = math.Round(seconds*1000) / 1000
	run.Started = time.Now().UTC().Format(time.RFC3339)
	if info, err := os.Stat(filepath.Join(s.Dir(), programFile)); err == nil {
		run.Started = info.ModTime().UTC().Format(time.RFC3339)
	}
	data, err := json.MarshalIndent(run, "", "  ")
	if err != nil {
		return "", fmt.Errorf("sweep: %w", err)
	}
	return path, sweep.WriteFile(path+".run.json", append(data, '\n'))
}

// Lock makes this process the only one that runs or submits points of the sweep; the function that it returns ends that.
// A lock that a process of this machine has left behind when it was killed does not count.
func (s *Sweep) Lock() (unlock func(), err error) {
	path := filepath.Join(s.Dir(), "lock")
	host, _ := os.Hostname()
	mine, _ := json.Marshal(owner{host, os.Getpid()}) // cannot fail
	for range 3 {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			_, err = file.Write(mine)
			if cerr := file.Close(); err == nil {
				err = cerr
			}
			if err != nil {
				os.Remove(path)
				return nil, fmt.Errorf("sweep: %s: %w", path, err)
			}
			return func() { os.Remove(path) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("sweep: %w", err)
		}
		var o owner
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("sweep: %w", err)
		}
		if json.Unmarshal(data, &o) == nil && o.Host == host && !alive(o.PID) || len(data) == 0 {
			os.Remove(path)
			continue
		}
		return nil, fmt.Errorf("sweep: process %d on %s %w on %s; wait for it, or delete %s if it is gone", o.PID, o.Host, ErrBusy, s.Dir(), path)
	}
	return nil, fmt.Errorf("sweep: %s comes and goes; other processes are at work on this sweep", path)
}

// ErrBusy is in the error of [Sweep.Lock] when another process has the lock.
var ErrBusy = errors.New("is at work")

type owner struct {
	Host string `json:"host"`
	PID  int    `json:"pid"`
}
