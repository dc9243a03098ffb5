// Command notebooks looks after the stored notebooks.
//
//	go run ./install/notebooks          write docs/gallery.md and its pictures
//	go run ./install/notebooks -check   say what is wrong with a notebook, and whether the gallery is up to date
//	go run ./install/notebooks -ran DIR say how the notebooks in DIR, run by other clients, differ from what is stored
//
// It runs nothing: swingby exec stores notebooks, swingby verify runs them again.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"swingby/kernel/notebook"
)

const (
	folder   = "notebooks"
	page     = "docs/gallery.md"
	pictures = "docs/gallery"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	ran := flag.String("ran", "", "compare what is stored with the notebooks in this `folder`")
	flag.Parse()
	if err := run(*check, *ran); err != nil {
		fmt.Fprintln(os.Stderr, "notebooks:", err)
		os.Exit(1)
	}
}

// file is a notebook and its name.
type file struct {
	name string
	*notebook.Notebook
}

func run(check bool, ran string) error {
	paths, err := filepath.Glob(filepath.Join(folder, "*.ipynb"))
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("no notebooks in %s; run this in the project's top folder (%v)", folder, err)
	}
	slices.Sort(paths)
	var files []file
	for _, p := range paths {
		nb, err := notebook.ReadFile(p)
		if err != nil {
			return err
		}
		files = append(files, file{filepath.Base(p), nb})
	}
	if ran != "" {
		return compareRuns(files, ran)
	}
	g := newGallery(files)
	if !check {
		return g.write()
	}
	var wrong []error
	for _, f := range files {
		for _, problem := range inspect(f, files) {
			wrong = append(wrong, fmt.Errorf("%s: %s", f.name, problem))
		}
	}
	return errors.Join(append(wrong, g.compare())...)
}

// write puts page and pictures where they belong, and removes pictures that no notebook has any more.
func (g gallery) write() error {
	if err := os.MkdirAll(pictures, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(pictures, "*"))
	if err != nil {
		return err
	}
	for _, p := range old {
		if _, kept := g.pictures[filepath.Base(p)]; !kept {
			if err := os.Remove(p); err != nil {
				return err
			}
		}
	}
	for name, data := range g.pictures {
		if err := os.WriteFile(filepath.Join(pictures, name), data, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(page, []byte(g.page), 0o644)
}

// compare says whether page and pictures are what the notebooks give.
func (g gallery) compare() error {
	old, err := os.ReadFile(page)
	same := err == nil && string(old) == g.page
	for name, data := range g.pictures {
		have, err := os.ReadFile(filepath.Join(pictures, name))
		same = same && err == nil && bytes.Equal(have, data)
	}
	have, _ := filepath.Glob(filepath.Join(pictures, "*"))
	if !same || len(have) != len(g.pictures) {
		return fmt.Errorf("%s is not what the notebooks show now; run: make generate", page)
	}
	return nil
}

// text returns a MIME bundle's entry that is text.
func text(o *notebook.Output, mime string) string {
	s, _ := o.Data[mime].(string)
	return s
}

// lines counts the lines of a cell.
func lines(source string) int { return strings.Count(strings.TrimRight(source, "\n"), "\n") + 1 }
