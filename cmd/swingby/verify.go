package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"swingby/kernel/notebook"
)

func runVerify(ctx context.Context, fs *flag.FlagSet, args []string) error {
	var o notebook.VerifyOptions
	var junit, pictures string
	quiet := false
	fs.Float64Var(&o.Rel, "rtol", 0, "how much numbers may differ, relative to the larger; 0 wants the same characters")
	fs.Float64Var(&o.Abs, "atol", 0, "how much numbers may differ, absolutely")
	fs.IntVar(&o.Pixel, "pixels", 0, "how much a channel of a pixel may differ, from 0 to 255")
	fs.StringVar(&junit, "junit", "", "write a report for CI to this `file`, in the XML of JUnit")
	fs.StringVar(&pictures, "pictures", "", "write pictures that differ into this `folder`, as stored, as they are now, and where they differ")
	fs.BoolVar(&o.KeepGoing, "keep-going", false, "go on after a cell that fails")
	fs.DurationVar(&o.Timeout, "timeout", 0, "limit for each whole notebook, for example 10m; 0 means none")
	fs.DurationVar(&o.CellTimeout, "cell-timeout", 0, "limit for each cell; 0 means none")
	fs.BoolVar(&quiet, "q", false, "print only what differs")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	switch {
	case len(files) == 0:
		return usagef("no notebook")
	case !(o.Rel >= 0) || !(o.Abs >= 0):
		return usagef("a tolerance cannot be negative")
	case o.Pixel < 0 || o.Pixel > 255:
		return usagef("-pixels is a number from 0 to 255")
	case o.Timeout < 0 || o.CellTimeout < 0:
		return usagef("a time limit cannot be negative")
	}
	if junit != "" {
		if err := notebook.Writable(junit); err != nil {
			return err
		}
	}
	var all []*notebook.Verification
	errs := map[string]error{}
	var failed []error
	for _, f := range files {
		if !quiet {
			o.Exec.Done = func(i int, c *notebook.Cell, took time.Duration) {
				fmt.Fprintf(os.Stderr, "%s: In[%d], %.2fs\n", filepath.Base(f), *c.ExecutionCount, took.Seconds())
			}
		}
		v, err := notebook.VerifyFile(ctx, f, o)
		if err != nil {
			errs[f] = err
			failed = append(failed, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		report(os.Stdout, v, quiet)
		if pictures != "" {
			if err := writePictures(os.Stdout, pictures, v); err != nil {
				failed = append(failed, err)
			}
		}
		all = append(all, v)
	}
	if junit != "" {
		if err := notebook.WriteFile(junit, notebook.JUnit(all, errs)); err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	status := 0
	for _, v := range all {
		for _, c := range v.Cells {
			switch {
			case c.Status == notebook.Failed && errors.Is(c.Failure, notebook.ErrTimeout):
				status = worse(status, statusTimeout)
			case c.Status == notebook.Failed:
				status = worse(status, statusFailed)
			case c.Status == notebook.Differs:
				status = worse(status, statusDiffers)
			}
		}
	}
	if status != 0 {
		return exitStatus(status)
	}
	return nil
}

// worse is the status that tells more when both apply: a cell that failed explains what differs after it.
func worse(a, b int) int {
	if a == 0 || b < a {
		return b
	}
	return a
}

// report prints what verification found of a notebook.
func report(w io.Writer, v *notebook.Verification, quiet bool) {
	for _, c := range v.Cells {
		switch c.Status {
		case notebook.Failed:
			fmt.Fprintf(w, "%s: %s\n", v.Path, strings.TrimPrefix(c.Failure.Error(), "notebook: "+v.Path+": "))
		case notebook.Differs:
			for _, d := range c.Differences {
				fmt.Fprintf(w, "%s: %s\n", v.Path, d)
			}
		}
	}
	if quiet && v.OK() {
		return
	}
	fmt.Fprintf(w, "%s: %d cells the same", v.Path, v.Count(notebook.Same))
	for _, s := range []struct{ status, word string }{{notebook.Differs, "different"}, {notebook.Failed, "failed"}, {notebook.Skipped, "not compared"}} {
		if n := v.Count(s.status); n > 0 {
			fmt.Fprintf(w, ", %d %s", n, s.word)
		}
	}
	fmt.Fprintf(w, " (%.1f s)\n", v.Took.Seconds())
}

// writePictures writes the pictures that differ as FOLDER/NOTEBOOK_CELL_DIFFERENCE_stored.png and so on.
func writePictures(w io.Writer, folder string, v *notebook.Verification) error {
	base := strings.TrimSuffix(filepath.Base(v.Path), ".ipynb")
	for _, c := range v.Cells {
		for k, d := range c.Differences {
			for _, p := range d.Pictures {
				if err := os.MkdirAll(folder, 0o777); err != nil {
					return err
				}
				path := filepath.Join(folder, fmt.Sprintf("%s_%d_%d_%s", base, c.Cell+1, k+1, p.Name))
				if err := notebook.WriteFile(path, p.Data); err != nil {
					return err
				}
				fmt.Fprintf(w, "%s: wrote %s\n", v.Path, path)
			}
		}
	}
	return nil
}
