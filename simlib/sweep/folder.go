package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"swingby/simlib/internal/durable"
	"swingby/simlib/table"
)

// formatVersion changes when a folder can no longer be read by earlier programs.
const formatVersion = 1

const (
	specFile   = "sweep.json"
	resultsDir = "results"
)

// A Spec says what a sweep is. Two runs with equal Specs are parts of the same sweep.
type Spec struct {
	Format int `json:"format"`
	// Target is what is evaluated: the name of a notebook or function, or what the caller of [Options.Run] says.
	Target string `json:"target,omitempty"`
	// Source is a hash of its code.
	Source string `json:"source,omitempty"`
	// Version is that of the program.
	Version string `json:"version,omitempty"`
	// Parameters are those of the grid.
	Parameters Grid `json:"parameters"`
}

// Differences says in words in what another sweep differs from this one.
func (s Spec) Differences(other Spec) []string {
	var list []string
	if s.Target != other.Target {
		list = append(list, fmt.Sprintf("it is a sweep of %s, not of %s", orNothing(s.Target), orNothing(other.Target)))
	} else if s.Source != other.Source {
		list = append(list, fmt.Sprintf("the code of %s has changed", orNothing(s.Target)))
	}
	if s.Version != other.Version {
		list = append(list, fmt.Sprintf("it was begun by version %s of the program, this is %s", orNothing(s.Version), orNothing(other.Version)))
	}
	for _, p := range s.Parameters {
		i := slices.IndexFunc(other.Parameters, func(q Parameter) bool { return q.Name == p.Name })
		switch {
		case i < 0:
			list = append(list, fmt.Sprintf("it has a parameter %s", p.Name))
		case p.Type != other.Parameters[i].Type:
			list = append(list, fmt.Sprintf("its parameter %s was of type %s, is %s", p.Name, p.Type, other.Parameters[i].Type))
		case !slices.Equal(p.Values, other.Parameters[i].Values):
			list = append(list, fmt.Sprintf("its parameter %s is %s, not %s", p.Name, p.given(), other.Parameters[i].given()))
		}
	}
	for _, q := range other.Parameters {
		if !slices.ContainsFunc(s.Parameters, func(p Parameter) bool { return p.Name == q.Name }) {
			list = append(list, fmt.Sprintf("it has no parameter %s", q.Name))
		}
	}
	if len(list) == 0 && !slices.Equal(s.Parameters.names(), other.Parameters.names()) {
		list = append(list, "its parameters are in another order: "+strings.Join(s.Parameters.names(), ", "))
	}
	return list
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func (p Parameter) given() string {
	if p.Given != "" {
		return p.Given
	}
	return fmt.Sprintf("%d values", len(p.Values))
}

// A Folder keeps the results of a sweep. Its methods are for one goroutine.
type Folder struct {
	dir     string
	spec    Spec
	results map[int]Result
	read    map[string]int64 // how far each file has been read
	run     int              // the last one
}

// Open opens the folder of a sweep and reads what there is.
func Open(dir string) (*Folder, error) {
	data, err := os.ReadFile(filepath.Join(dir, specFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sweep: %s is not the folder of a sweep: it holds no %s", dir, specFile)
	}
	if err != nil {
		return nil, fileError(filepath.Join(dir, specFile), err)
	}
	f := &Folder{dir: dir, results: map[int]Result{}, read: map[string]int64{}}
	if err := json.Unmarshal(data, &f.spec); err != nil {
		return nil, fmt.Errorf("sweep: %s: %w", filepath.Join(dir, specFile), err)
	}
	if f.spec.Format != formatVersion {
		return nil, fmt.Errorf("sweep: %s is a sweep in format %d, this program knows %d", dir, f.spec.Format, formatVersion)
	}
	if err := f.spec.Parameters.Check(); err != nil {
		return nil, err
	}
	return f, f.Refresh()
}

// Create makes the folder of a sweep or, if it is there already, opens it to go on. It is an error, which says what
// is different, when the folder is that of another sweep, and when it holds something else.
func Create(dir string, spec Spec) (*Folder, error) {
	spec.Format = formatVersion
	if err := spec.Parameters.Check(); err != nil {
		return nil, err
	}
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
	case err != nil:
		return nil, fileError(dir, err)
	default:
		f, err := Open(dir)
		if err != nil {
			return nil, err
		}
		if d := f.spec.Differences(spec); len(d) > 0 {
			return nil, fmt.Errorf("sweep: %s is the folder of another sweep: %s; use another folder, or delete this one", dir, strings.Join(d, "; "))
		}
		return f, nil
	}
	if err := os.MkdirAll(filepath.Join(dir, resultsDir), 0o777); err != nil {
		return nil, fileError(dir, err)
	}
	data, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	if err := WriteFile(filepath.Join(dir, specFile), append(data, '\n')); err != nil {
		return nil, err
	}
	return &Folder{dir: dir, spec: spec, results: map[int]Result{}, read: map[string]int64{}}, nil
}

// Dir is the path of the folder.
func (f *Folder) Dir() string { return f.dir }

// Spec says what the sweep is.
func (f *Folder) Spec() Spec { return f.spec }

// Results are those that were there at the last [Folder.Refresh], by number of the point. The map is the folder's own.
func (f *Folder) Results() map[int]Result { return f.results }

// Count returns how many points have results and how many have failed.
func (f *Folder) Count() (finished, failed int) {
	for _, r := range f.results {
		if r.Failed() {
			failed++
		} else {
			finished++
		}
	}
	return finished, failed
}

// Missing lists the points without results: those that nobody has done and those that failed.
func (f *Folder) Missing() []int {
	var list []int
	for i := range f.spec.Parameters.Len() {
		if r, ok := f.results[i]; !ok || r.Failed() {
			list = append(list, i)
		}
	}
	return list
}

// Table makes the table of what there is so far; see [Grid.Tabulate].
func (f *Folder) Table() (*table.Table, error) { return f.spec.Parameters.Tabulate(f.results) }

// Refresh reads what has been written since the folder was opened or last refreshed.
func (f *Folder) Refresh() error {
	entries, err := os.ReadDir(filepath.Join(f.dir, resultsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileError(f.dir, err)
	}
	for _, e := range entries { // sorted by name
		if strings.HasSuffix(e.Name(), ".jsonl") {
			if err := f.readFile(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Folder) readFile(name string) error {
	path := filepath.Join(f.dir, resultsDir, name)
	file, err := os.Open(path)
	if err != nil {
		return fileError(path, err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() == f.read[name] {
		return nil
	}
	if _, err := file.Seek(f.read[name], io.SeekStart); err != nil {
		return fileError(path, err)
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return fileError(path, err)
	}
	for {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return nil // nothing, or a line that somebody is writing
		}
		if r, ok := parseLine(data[:i]); ok && r.Point >= 0 && r.Point < f.spec.Parameters.Len() {
			f.keep(r)
		}
		f.read[name] += int64(i + 1)
		data = data[i+1:]
	}
}

// keep takes a result. Results win over failures, a failure of a later run over an earlier one; else what is there
// stays, since a point that two processes have done has the same results in both.
func (f *Folder) keep(r Result) {
	if old, ok := f.results[r.Point]; !ok || old.Failed() && (!r.Failed() || r.Run > old.Run) {
		f.results[r.Point] = r
	}
	f.run = max(f.run, r.Run)
}

// LastRun is the largest number of a run among the results, 0 if there are none.
func (f *Folder) LastRun() int { return f.run }

// formatLine writes a result as a line of a file.
func formatLine(r Result) ([]byte, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(data), data), nil
}

// parseLine reads a line without its newline; ok is false if it is not whole.
func parseLine(line []byte) (r Result, ok bool) {
	sum, data, ok := bytes.Cut(line, []byte(" "))
	if !ok || string(sum) != fmt.Sprintf("%08x", crc32.ChecksumIEEE(data)) {
		return r, false
	}
	return r, json.Unmarshal(data, &r) == nil
}

// A Writer adds results to a folder, in a file of its own. It is for one goroutine.
type Writer struct {
	file   *os.File
	folder *Folder
	size   int64
	host   string
	synced time.Time
	broken error
}

// syncEvery is the longest time for which a result may be in the memory of the operating system only.
const syncEvery = time.Second

// Writer begins a new file of results. name is the beginning of its name and says who writes it.
func (f *Folder) Writer(name string) (*Writer, error) {
	host, _ := os.Hostname()
	path := filepath.Join(f.dir, resultsDir, fmt.Sprintf("%s-%s-%d-%08x.jsonl", name, host, os.Getpid(), rand.Uint32()))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fileError(path, err)
	}
	return &Writer{file: file, folder: f, host: host}, nil
}

// Append writes a result, and gives it to the folder. When it cannot be written whole it is as if it had not been, and no further ones are taken.
func (w *Writer) Append(r Result) error {
	if w.broken != nil {
		return w.broken
	}
	if r.Host == "" {
		r.Host = w.host
	}
	line, err := formatLine(r)
	if err != nil {
		return fmt.Errorf("sweep: point %d: %w", r.Point, err)
	}
	if _, err := w.file.Write(line); err != nil {
		_ = w.file.Truncate(w.size) // if it fails, the line has a wrong sum or no end
		return w.fail(err)
	}
	if now := time.Now(); now.Sub(w.synced) >= syncEvery {
		if err := w.file.Sync(); err != nil {
			return w.fail(err)
		}
		w.synced = now
	}
	w.size += int64(len(line))
	w.folder.keep(r)
	return nil
}

func (w *Writer) fail(err error) error {
	w.broken = fileError(w.file.Name(), err)
	return w.broken
}

// Close makes sure that all is on the disk. A file without results is removed.
func (w *Writer) Close() error {
	var err error
	if w.size == 0 {
		os.Remove(w.file.Name())
	} else if w.broken == nil {
		err = w.file.Sync()
	}
	if cerr := w.file.Close(); err == nil && w.broken == nil {
		err = cerr
	}
	if err != nil {
		return fileError(w.file.Name(), err)
	}
	return nil
}

// WriteFile puts data into a file whole or not at all.
func WriteFile(path string, data []byte) error {
	if err := durable.Write(path, durable.Bytes(data)); err != nil {
		return fileError(path, err)
	}
	return nil
}

// fileError words what the operating system said about a file.
func fileError(path string, err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("sweep: %s: %w", path, err)
}
