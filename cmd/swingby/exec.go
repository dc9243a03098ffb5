package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"swingby/kernel"
	"swingby/kernel/notebook"
)

// settingsFlag collects -p NAME=VALUE.
type settingsFlag []notebook.Setting

func (s *settingsFlag) String() string { return "" }

func (s *settingsFlag) Set(text string) error {
	setting, err := notebook.ParseSetting(text)
	if err == nil {
		*s = append(*s, setting)
	}
	return err
}

func runExec(ctx context.Context, fs *flag.FlagSet, args []string) error {
	o := notebook.ExecFileOptions{LanguageInfo: kernel.LanguageInfo()}
	quiet := false
	fs.StringVar(&o.Output, "o", "", "write to this `file` instead of in place; to a folder if it is one, ends with a slash, or there are several notebooks")
	fs.StringVar(&o.OutputDir, "output-dir", "", "write to this `folder`, which is made if it is missing")
	fs.StringVar(&o.HTML, "html", "", "write the result as one self-contained page to this `file`; without -o the notebook is left alone")
	fs.Var((*settingsFlag)(&o.Parameters), "p", "set a variable of the cell tagged parameters, as `NAME=VALUE`, such as mu=1,2.5; may be given several times")
	fs.BoolVar(&o.KeepGoing, "keep-going", false, "go on after a cell or notebook that fails, and write the result")
	fs.DurationVar(&o.Timeout, "timeout", 0, "limit for each whole notebook, for example 10m; 0 means none")
	fs.DurationVar(&o.CellTimeout, "cell-timeout", 0, "limit for each cell; 0 means none")
	fs.BoolVar(&o.NoProvenance, "no-provenance", false, "leave out the manifest of the run from the notebook's metadata")
	fs.BoolVar(&quiet, "q", false, "print nothing but errors")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	switch {
	case len(files) == 0:
		return usagef("no notebook")
	case o.Output != "" && o.OutputDir != "":
		return usagef("-o and -output-dir exclude each other")
	case len(files) > 1 && o.HTML != "":
		return usagef("-html takes one notebook, not %d", len(files))
	case o.Timeout < 0 || o.CellTimeout < 0:
		return usagef("a time limit cannot be negative")
	}
	if o.Output != "" && (len(files) > 1 || isFolder(o.Output)) {
		o.Output, o.OutputDir = "", o.Output
	}
	if o.OutputDir != "" {
		if a, b := sameName(files); a != "" {
			return usagef("%s and %s would be the same file in %s", a, b, o.OutputDir)
		}
	}
	if !quiet {
		o.Progress = os.Stderr
	}
	// What is wrong with any of them is found before the first runs.
	var runs []*notebook.FileRun
	var failed []error
	for _, f := range files {
		r, err := notebook.PrepareFile(ctx, f, o)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		runs = append(runs, r)
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	for i, r := range runs {
		start := time.Now()
		if err := r.Exec(ctx); err != nil {
			failed = append(failed, err)
			if ctx.Err() != nil || !o.KeepGoing {
				break
			}
			continue
		}
		if !quiet {
			fmt.Fprintf(os.Stderr, "%s: done in %.1f s\n", files[i], time.Since(start).Seconds())
		}
	}
	return errors.Join(failed...)
}

// isFolder reports whether an output is meant as a folder.
func isFolder(path string) bool {
	if os.IsPathSeparator(path[len(path)-1]) {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// sameName finds two files that have the same name in different folders.
func sameName(files []string) (a, b string) {
	seen := map[string]string{}
	for _, f := range files {
		base := filepath.Base(f)
		if other, ok := seen[base]; ok {
			return other, f
		}
		seen[base] = f
	}
	return "", ""
}
