package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"swingby/kernel/notebook"
)

// What can be read at a glance, and beside JupyterLab's list of files on the screen of a laptop, 1366 pixels wide.
const (
	mostLines   = 25  // of a code cell
	mostColumns = 116 // of a line of code
	mostPixels  = 930 // of a figure's width
)

var (
	// machinePath is a path that exists on one machine only, or the address of a server on it.
	machinePath = regexp.MustCompile(`(^|[\s"'(=])(/(home|root|Users|tmp|work|var|opt|private|mnt)/|[A-Za-z]:\\|file://|https?://(localhost|127\.))`)
	// figureSize is what a figure says of itself as text.
	figureSize = regexp.MustCompile(`^<figure, (\d+)×\d+>$`)
	link       = regexp.MustCompile(`\]\(([^)#:\s]+\.(?:ipynb|md))(#[^)]*)?\)`)
)

// inspect returns what is wrong with a notebook: what would keep a reader from trusting it or from reading it.
func inspect(f file, all []file) (wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if f.Language() != "go" || kernelName(f.Notebook) != "swingby" {
		bad("is in language %q with kernel %q; want go and swingby", f.Language(), kernelName(f.Notebook))
	}
	if f.Minor < 5 {
		bad("has format 4.%d; want 4.5, whose cells have ids", f.Minor)
	}
	ids := map[string]bool{}
	n := 0
	for i, c := range f.Cells {
		where := fmt.Sprintf("cell %d", i+1)
		if c.ID == "" || ids[c.ID] {
			bad("%s has the id %q; want one of its own", where, c.ID)
		}
		ids[c.ID] = true
		if m := machinePath.FindString(c.Source); m != "" {
			bad("%s names a place on one machine: %s", where, strings.TrimSpace(m))
		}
		if c.Type == notebook.Markdown {
			for _, m := range link.FindAllStringSubmatch(c.Source, -1) {
				if !slices.ContainsFunc(all, func(o file) bool { return o.name == path.Clean(m[1]) }) {
					bad("%s links to %s, which is not there", where, m[1])
				}
			}
		}
		if c.Type != notebook.Code || strings.TrimSpace(c.Source) == "" {
			continue
		}
		n++
		if k := lines(c.Source); k > mostLines {
			bad("%s has %d lines; want at most %d: what it does may belong into simlib", where, k, mostLines)
		}
		for _, l := range strings.Split(c.Source, "\n") {
			if k := utf8.RuneCountInString(strings.ReplaceAll(l, "\t", "    ")); k > mostColumns {
				bad("%s has a line of %d characters; want at most %d: %.40s…", where, k, mostColumns, strings.TrimSpace(l))
			}
		}
		if c.ExecutionCount == nil || *c.ExecutionCount != n {
			bad("%s is not stored as run %d; run the notebook from top to bottom", where, n)
		}
		for _, o := range c.Outputs {
			if o.Type == notebook.ErrorOutput && !c.HasTag("raises-exception") {
				bad("%s is stored with an error: %s: %s", where, o.EName, o.EValue)
			}
			for mime, data := range o.Data {
				s, _ := data.(string)
				if mime == "text/plain" && strings.Contains(s, "✗ ") {
					bad("%s is stored with a claim that does not hold", where)
				}
				if strings.HasPrefix(mime, "text/") && machinePath.MatchString(s) {
					bad("%s shows a place on one machine", where)
				}
			}
			if m := figureSize.FindStringSubmatch(text(o, "text/plain")); m != nil {
				if width, _ := strconv.Atoi(m[1]); width > mostPixels {
					bad("%s has a figure %d pixels wide; want at most %d: Size(%.1f, …)", where, width, mostPixels, mostPixels/96.)
				}
			}
			if machinePath.MatchString(o.Text) {
				bad("%s prints a place on one machine", where)
			}
			if text(o, "image/svg+xml") != "" && text(o, "image/png") == "" {
				bad("%s stores a figure as SVG alone, which GitHub and a JupyterLab that does not trust the file do not show; store it by: swingby exec", where)
			}
		}
	}
	if n > 0 && !slices.ContainsFunc(f.Cells, func(c *notebook.Cell) bool { return len(c.Outputs) > 0 }) {
		bad("is stored without outputs")
	}
	return wrong
}

func kernelName(nb *notebook.Notebook) string {
	spec, _ := nb.Metadata["kernelspec"].(map[string]any)
	name, _ := spec["name"].(string)
	return name
}
