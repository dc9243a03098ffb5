package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// extra is what a kernel with more packages than the usual ones is made from: see
// swingby build.
var extra struct {
	packages string // import paths, separated by commas
	modfile  string // the go.mod that requires them
	dir      string // where the tables go, beside overlay.json for the go command
}

// writeOverlay generates the tables with the extra packages, for this platform only, and leaves
// the stdlib folder as it is: overlay.json says which of its files are replaced.
func writeOverlay(dir string) error {
	here := platform{runtime.GOOS, runtime.GOARCH}
	if !slices.Contains(systems, here.os) {
		return fmt.Errorf("no tables for %s", here.os)
	}
	if extra.modfile == "" || extra.dir == "" {
		return errors.New("-with needs -modfile and -overlay")
	}
	platforms = []platform{here}
	patterns = append(patterns, strings.Split(extra.packages, ",")...)
	files, err := generate()
	if err != nil {
		return err
	}
	old, err := existing(dir)
	if err != nil {
		return err
	}
	replace := map[string]string{}
	for name := range old {
		if files[name] == nil && strings.HasSuffix(name, ".go") {
			replace[filepath.Join(dir, name)] = "" // for the go command it is not there
		}
	}
	for name, data := range files {
		to := filepath.Join(extra.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o666); err != nil {
			return err
		}
		replace[filepath.Join(dir, filepath.FromSlash(name))] = to
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(extra.dir, "overlay.json"), data, 0o666)
}
