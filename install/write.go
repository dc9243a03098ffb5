package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// hidden is the pattern of folders in the making. Jupyter accepts letters,
// digits and "._-" in the name of a kernel, so it never takes one for a kernel.
const hidden = ".swingby~*"

// writeFolder makes dir hold exactly the given files, or changes nothing.
func writeFolder(dir string, files map[string][]byte) (err error) {
	parent := filepath.Dir(dir)
	made, err := makeParents(parent)
	defer func() {
		if err != nil {
			removeEmpty(made)
		}
	}()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp(parent, hidden)
	if err != nil {
		return err
	}
	keep := false
	defer func() {
		if !keep {
			os.RemoveAll(temp)
		}
	}()
	// MkdirTemp makes a folder for one user only; other users may run this kernel.
	next := filepath.Join(temp, "new")
	if err := os.Mkdir(next, 0o755); err != nil {
		return err
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(next, name), b, 0o644); err != nil {
			return err
		}
	}
	// A folder cannot be renamed onto one that is not empty, so the old one
	// steps aside and comes back if the new one cannot take its place.
	old := filepath.Join(temp, "old")
	switch err := os.Rename(dir, old); {
	case errors.Is(err, fs.ErrNotExist):
		return os.Rename(next, dir)
	case err != nil:
		return err
	}
	if err := os.Rename(next, dir); err != nil {
		if back := os.Rename(old, dir); back != nil {
			keep = true
			return fmt.Errorf("%w, and the old one is now at %s (%v)", cause(err), old, cause(back))
		}
		return err
	}
	return nil
}

// makeParents creates a folder and those above it, and returns the ones that
// were not there before, innermost first.
func makeParents(dir string) (made []string, err error) {
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			break
		}
		made = append(made, d)
	}
	return made, os.MkdirAll(dir, 0o755)
}

// removeEmpty removes folders, innermost first, as far as they are empty.
func removeEmpty(dirs []string) {
	for _, d := range dirs {
		os.Remove(d)
	}
}

// cause is an error without the operation and path that the caller names itself.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return l.Err
	}
	return err
}
