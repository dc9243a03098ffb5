package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"swingby/kernel/notebook"
	"swingby/kernel/notebook/program"
)

// exportFormats are the formats of swingby export, by name, with the extensions that choose them.
var exportFormats = []struct{ name, extension string }{{"html", ".html"}, {"markdown", ".md"}, {"go", ".go"}}

func runExport(_ context.Context, fs *flag.FlagSet, args []string) error {
	var to, output string
	fs.StringVar(&to, "to", "", "the `format`: html, markdown or go (default: by the extension of -o, else html)")
	fs.StringVar(&output, "o", "", "write to this `file` instead of beside the notebook; to a folder if it is one, ends with a slash, or there are several notebooks")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return usagef("no notebook")
	}
	folder := output != "" && (len(files) > 1 || isFolder(output))
	extension := ""
	for _, f := range exportFormats {
		if to == f.name || to == "md" && f.name == "markdown" || to == "" && !folder && strings.EqualFold(filepath.Ext(output), f.extension) {
			to, extension = f.name, f.extension
		}
	}
	switch {
	case to == "":
		to, extension = "html", ".html"
	case extension == "":
		return usagef("there is no format %q: html, markdown or go", to)
	}
	if a, b := sameName(files); folder && a != "" {
		return usagef("%s and %s would be the same file in %s", a, b, output)
	}
	if folder {
		if err := os.MkdirAll(output, 0o777); err != nil {
			return err
		}
	}
	for _, f := range files {
		out := strings.TrimSuffix(f, ".ipynb") + extension
		switch {
		case folder:
			out = filepath.Join(output, strings.TrimSuffix(filepath.Base(f), ".ipynb")+extension)
		case output != "":
			out = output
		}
		if err := exportFile(f, to, out); err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "wrote", out)
	}
	return nil
}

// exportFile writes a notebook in a format, whole or not at all.
func exportFile(path, to, out string) error {
	nb, err := notebook.ReadFile(path)
	if err != nil {
		return err
	}
	if err := notebook.Writable(out); err != nil {
		return err
	}
	var data []byte
	switch to {
	case "html":
		data, err = notebook.HTML(nb, notebook.HTMLOptions{Name: filepath.Base(path), Dir: filepath.Dir(path)})
	case "go":
		if lang := nb.Language(); lang != "" && lang != "go" {
			return fmt.Errorf("%s is a notebook in %s, must be in Go", path, lang)
		}
		data, err = program.Export(nb, filepath.Base(path))
	case "markdown":
		var files []notebook.File
		// Pictures are named for the text, which may have another name than the notebook.
		data, files = notebook.MarkdownFiles(nb, strings.TrimSuffix(filepath.Base(out), ".md"))
		for _, f := range files {
			name := filepath.Join(filepath.Dir(out), filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				return err
			}
			if err := notebook.WriteFile(name, f.Data); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return notebook.WriteFile(out, data)
}
