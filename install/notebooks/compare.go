package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"swingby/kernel/notebook"
)

// tolerance is what make test allows a run on another processor: the last bits of a number that is
// printed in full, a twentieth of a pixel in an SVG, and what that makes of the pixels of a PNG.
var tolerance = notebook.Tolerance{Rel: 1e-12, Pixel: 8}

// compareRuns says how the notebooks in a folder, as some client ran and saved them, differ from the stored ones.
func compareRuns(files []file, folder string) error {
	var wrong []error
	for _, f := range files {
		now, err := notebook.ReadFile(filepath.Join(folder, f.name))
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		differences, err := notebook.Compare(f.Notebook, withPictures(f.Notebook, now), tolerance)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", f.name, err))
		}
		for _, d := range differences {
			wrong = append(wrong, fmt.Errorf("%s: %v", f.name, d))
		}
		if len(differences) == 0 && err == nil {
			fmt.Fprintf(os.Stderr, "ok     %s\n", f.name)
		}
	}
	return errors.Join(wrong...)
}

// withPictures returns a notebook in which every cell that shows a control in the page, where clients have
// it draw, holds the stored picture that stands for it.
func withPictures(stored, now *notebook.Notebook) *notebook.Notebook {
	for i, c := range now.Cells {
		for _, o := range c.Outputs {
			if _, view := o.Data["application/vnd.jupyter.widget-view+json"]; view && i < len(stored.Cells) {
				c.Outputs = stored.Cells[i].Outputs
				break
			}
		}
	}
	return now
}
