// Package provenance says where numbers come from: a [Run] names the program and
// the versions of what it was built from, the machine, the parameters and seeds,
// and the hashes of what went in and came out. It is stored with executed
// notebooks (their metadata, under "swingby") and with saved tables, so that
// whoever finds a difference can see what else is different: [Run.Compare].
//
// A run is evidence, not a signature: it says what was, and anybody can edit it.
// What a run gave is told apart from when and how fast it did: Started and
// Seconds are the only parts that differ between two runs of the same on the same machine.
package provenance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"

	"golang.org/x/sys/cpu"
)

// A Run is the manifest of one run.
type Run struct {
	Program Program `json:"program"`
	Machine Machine `json:"machine"`
	// Notebook is the name of the notebook's file, if there is one.
	Notebook string `json:"notebook,omitempty"`
	// Parameters holds the values that were set, as Go source.
	Parameters map[string]string `json:"parameters,omitempty"`
	// Seeds holds those given to generators, in ascending order, by who took them; see [Seed].
	Seeds map[string][]uint64 `json:"seeds,omitempty"`
	// Inputs and Outputs are SHA-256 hashes ("sha256:…") by the name of a file or,
	// for a notebook, of "cells" and "outputs".
	Inputs  map[string]string `json:"inputs,omitempty"`
	Outputs map[string]string `json:"outputs,omitempty"`
	// Started is when it began (RFC 3339, UTC), Seconds how long it took.
	Started string  `json:"started,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
}

// A Program is what runs: Swingby, or a program that imports its packages.
type Program struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	// Dependencies are the versions of the modules linked in, by path.
	Dependencies map[string]string `json:"dependencies,omitempty"`
}

// A Machine is where it runs.
type Machine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	// Features are those of the processor that the numerics choose their code by, such as avx2 and fma.
	Features []string `json:"features,omitempty"`
	// Cores is how many run Go code at once (GOMAXPROCS). No result depends on it.
	Cores int `json:"cores"`
}

var (
	mu      sync.Mutex
	version string
	current Run
	seeds   = map[string]map[uint64]bool{}
	dropped = map[string]bool{}
)

// SetVersion sets the version that [Current] gives, for a program that knows its own.
func SetVersion(v string) {
	mu.Lock()
	defer mu.Unlock()
	version = v
}

// Version is the version of the program: what [SetVersion] was given, or what the build recorded.
func Version() string {
	mu.Lock()
	defer mu.Unlock()
	return programVersion()
}

func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "devel"
}

// maxSeeds is how many different seeds of one kind are kept; a sweep may have very many.
const maxSeeds = 1000

// Seed notes that a generator was made from a seed. name says by whom, such as
// "torch.NewGenerator". The packages of simlib do so themselves. It may be called
// from any goroutine; of a name with more than 1000 different seeds no further ones are kept.
func Seed(name string, seed uint64) {
	mu.Lock()
	defer mu.Unlock()
	m := seeds[name]
	if m == nil {
		m = map[uint64]bool{}
		seeds[name] = m
	}
	switch {
	case m[seed]:
	case len(m) >= maxSeeds:
		dropped[name] = true
	default:
		m[seed] = true
	}
}

// Input notes that a file was read, with the hash of its content.
func Input(name, hash string) { note(&current.Inputs, name, hash) }

// Output notes that a file was written.
func Output(name, hash string) { note(&current.Outputs, name, hash) }

func note(m *map[string]string, name, hash string) {
	mu.Lock()
	defer mu.Unlock()
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[name] = hash
}

// Begin sets what [Current] tells of the run besides what it finds itself: the
// notebook and its parameters. The process that runs a notebook's cells is told by
// the one that started it, through the environment variable SWINGBY_RUN.
func Begin(notebook string, parameters map[string]string) {
	mu.Lock()
	defer mu.Unlock()
	current.Notebook, current.Parameters = notebook, maps.Clone(parameters)
}

// Environment is the variable that tells a process of [Begin]; see [Environ].
const Environment = "SWINGBY_RUN"

// Environ is the assignment for a process's environment that makes its [Current] tell of a notebook and its parameters.
func Environ(notebook string, parameters map[string]string) string {
	b, _ := json.Marshal(Run{Notebook: notebook, Parameters: parameters}) // strings: cannot fail
	return Environment + "=" + string(b)
}

var fromEnvironment = sync.OnceFunc(func() {
	var r Run
	if json.Unmarshal([]byte(os.Getenv(Environment)), &r) != nil {
		return
	}
	mu.Lock()
	defer mu.Unlock()
	if current.Notebook == "" {
		current.Notebook = r.Notebook
	}
	if current.Parameters == nil {
		current.Parameters = r.Parameters
	}
})

// Current is the manifest of what this process has done so far.
func Current() Run {
	fromEnvironment()
	mu.Lock()
	defer mu.Unlock()
	r := current
	r.Inputs, r.Outputs = maps.Clone(r.Inputs), maps.Clone(r.Outputs)
	r.Program, r.Machine = thisProgram(), thisMachine()
	for name, m := range seeds {
		if r.Seeds == nil {
			r.Seeds = map[string][]uint64{}
		}
		r.Seeds[name] = slices.Sorted(maps.Keys(m))
		if dropped[name] {
			r.Seeds[name+" (the first 1000 of more)"] = r.Seeds[name]
			delete(r.Seeds, name)
		}
	}
	return r
}

// JSON is [Current] as JSON, on one line.
func JSON() string {
	b, _ := json.Marshal(Current()) // strings and numbers: cannot fail
	return string(b)
}

func thisProgram() Program {
	p := Program{Version: programVersion(), Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		p.Dependencies = map[string]string{}
		for _, d := range info.Deps {
			v := d.Version
			if d.Replace != nil {
				v = strings.TrimSpace(d.Replace.Path + " " + d.Replace.Version)
			}
			p.Dependencies[d.Path] = v
		}
	}
	return p
}

func thisMachine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0)}
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"avx", cpu.X86.HasAVX}, {"avx2", cpu.X86.HasAVX2}, {"fma", cpu.X86.HasFMA},
		{"avx512f", cpu.X86.HasAVX512F}, {"avx512dq", cpu.X86.HasAVX512DQ}, {"avx512bw", cpu.X86.HasAVX512BW}, {"avx512vl", cpu.X86.HasAVX512VL},
		{"asimd", cpu.ARM64.HasASIMD}, {"sve", cpu.ARM64.HasSVE},
	} {
		if f.has {
			m.Features = append(m.Features, f.name)
		}
	}
	return m
}

// SameBut reports whether two runs tell the same but for when and how fast they were.
func (r Run) SameBut(o Run) bool {
	r.Started, r.Seconds, o.Started, o.Seconds = "", 0, "", 0
	a, err1 := json.Marshal(r)
	b, err2 := json.Marshal(o)
	return err1 == nil && err2 == nil && string(a) == string(b)
}

// A Difference is one thing in which two runs differ.
type Difference struct {
	What     string // "Go", "processor", "gonum.org/v1/gonum", …
	Was, Now string
	// Numbers says that numbers may differ for it; the rest differs without harm.
	Numbers bool
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: was %s, is %s", d.What, orNone(d.Was), orNone(d.Now))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Compare lists in which ways program and machine of now differ from those of a run.
func (r Run) Compare(now Run) []Difference {
	var list []Difference
	add := func(what, was, is string, numbers bool) {
		if was != is {
			list = append(list, Difference{what, was, is, numbers})
		}
	}
	add("Swingby", r.Program.Version, now.Program.Version, true)
	add("Go", r.Program.Go, now.Program.Go, true)
	deps := map[string]bool{}
	for d := range r.Program.Dependencies {
		deps[d] = true
	}
	for d := range now.Program.Dependencies {
		deps[d] = true
	}
	names := slices.Collect(maps.Keys(deps))
	sort.Strings(names)
	for _, d := range names {
		add(d, r.Program.Dependencies[d], now.Program.Dependencies[d], strings.HasPrefix(d, "gonum.org/"))
	}
	add("operating system", r.Machine.OS, now.Machine.OS, false)
	add("architecture", r.Machine.Arch, now.Machine.Arch, true)
	add("features of the processor", strings.Join(r.Machine.Features, " "), strings.Join(now.Machine.Features, " "), true)
	add("cores", fmt.Sprint(r.Machine.Cores), fmt.Sprint(now.Machine.Cores), false)
	return list
}

// Hash is the SHA-256 of data as a manifest has it.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// HashFile is [Hash] of a file's content.
func HashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}
