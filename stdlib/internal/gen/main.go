// Command gen writes what package stdlib embeds: symbol tables, type information
// and documentation of every package that cells can import, from the installed
// toolchain and the module versions of go.mod.
//
//	go run ./stdlib/internal/gen          write
//	go run ./stdlib/internal/gen -check   compare with what is there; status 1 when stale
//	go run ./stdlib/internal/gen -with PACKAGES -modfile FILE -overlay FOLDER
//	                                      tables with more packages, for swingby build
//
// The output depends on the Go release and on nothing else of the machine. Packages of
// the standard library can change between patch releases in ways that do not matter
// here (a word of documentation), so with another patch release of the same
// Go version -check compares the symbol tables and everything that is not the
// standard library's, and says so.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
)

// skip is the prefix of import paths to leave out, or empty.
var skip string

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.StringVar(&skip, "skip", "", "leave out packages whose path starts with this, while they do not compile")
	flag.StringVar(&extra.packages, "with", "", "packages to add, separated by commas; the tables go to -overlay")
	flag.StringVar(&extra.modfile, "modfile", "", "with -with: the go.mod that requires them")
	flag.StringVar(&extra.dir, "overlay", "", "with -with: the folder for the tables and overlay.json")
	flag.Parse()
	if flag.NArg() != 0 {
		fmt.Fprintln(os.Stderr, "usage: gen [-check] [-skip PREFIX]")
		os.Exit(2)
	}
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run generates everything below the stdlib folder of the module it is started in.
func run(check bool) error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "swingby").Output()
	if err != nil {
		return fmt.Errorf("no module swingby here: start it inside the repository (%v)", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "stdlib")
	if extra.packages != "" {
		return writeOverlay(dir)
	}
	files, err := generate()
	if err != nil {
		return err
	}
	old, err := existing(dir)
	if err != nil {
		return err
	}
	if check {
		return compare(dir, old, files)
	}
	for name := range old {
		if files[name] == nil {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	for name, data := range files {
		if bytes.Equal(old[name], data) {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the generated files, named relative to the stdlib folder.
func generate() (map[string][]byte, error) {
	l := newLoader()
	lists := make([][]listed, len(platforms))
	loads := make([]map[string]*loaded, len(platforms))
	// All lists come first: they are quick, and files that appear later do no harm.
	if err := each(func(i int) (err error) { lists[i], err = list(platforms[i]); return err }); err != nil {
		return nil, err
	}
	if err := each(func(i int) (err error) { loads[i], err = l.load(platforms[i], lists[i]); return err }); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, step := range []func(map[string][]byte, *loader, []map[string]*loaded) error{
		writeTables, writeComposed, writeTypes, writePackages, writeDocs,
	} {
		if err := step(files, l, loads); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// each calls f for each platform's index, as many at once as there are processors.
func each(f func(i int) error) error {
	errs := make([]error, len(platforms))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range platforms {
		wg.Add(1)
		go func() {
			defer wg.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			errs[i] = f(i)
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// existing reads the generated files that are there.
func existing(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, glob := range []string{"internal/symbols/*.go", "data/*"} {
		names, err := filepath.Glob(filepath.Join(dir, glob))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if strings.HasSuffix(name, ".go") && !bytes.HasPrefix(data, []byte(generated)) {
				continue
			}
			rel, err := filepath.Rel(dir, name)
			if err != nil {
				return nil, err
			}
			files[filepath.ToSlash(rel)] = data
		}
	}
	return files, nil
}

// compare reports the files that generate would change.
func compare(dir string, old, files map[string][]byte) error {
	have := "none"
	if line, _, ok := bytes.Cut(old["data/std.types"], []byte("\n")); ok {
		have = strings.TrimPrefix(string(line), "std ")
	}
	var patch bool // another patch release of the same Go version
	if have != runtime.Version() {
		if patch = minor(have) == minor(runtime.Version()); !patch {
			return fmt.Errorf("generated with %s, this is %s: run go generate ./stdlib", have, runtime.Version())
		}
		fmt.Printf("gen: generated with %s, this is %s: documentation and type information of the standard library are not compared\n", have, runtime.Version())
	}
	var stale []string
	for name, data := range files {
		if patch && strings.HasPrefix(name, "data/std.") {
			continue
		}
		if !bytes.Equal(data, old[name]) {
			stale = append(stale, name)
		}
	}
	for name := range old {
		if files[name] == nil {
			stale = append(stale, name)
		}
	}
	if len(stale) > 0 {
		sort.Strings(stale)
		return fmt.Errorf("%d generated files are stale: run go generate ./stdlib\n\t%s", len(stale), strings.Join(stale, "\n\t"))
	}
	fmt.Printf("gen: %d generated files are up to date in %s\n", len(files), filepath.Base(dir))
	return nil
}

// minor cuts a Go version such as go1.26.8 to go1.26.
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) > 2 {
		parts = parts[:2]
	}
	return strings.Join(parts, ".")
}
