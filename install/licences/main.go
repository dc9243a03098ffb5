// Command licences lists the licence of everything that is linked into the
// program, and fails when one is not among those the project accepts.
//
//	go run ./install/licences          write docs/licences.txt
//	go run ./install/licences -check   say whether it is up to date
//
// The list covers every system the program is built for. Whoever passes the
// program on passes docs/licences.txt on with it, as the licences demand.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	program = "./cmd/swingby"
	output  = "docs/licences.txt"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	modules, err := linked()
	if err != nil {
		return err
	}
	text, err := report(modules)
	if err != nil {
		return err
	}
	if !check {
		if err := os.MkdirAll(filepath.Dir(output), 0o755); err != nil {
			return err
		}
		return os.WriteFile(output, text, 0o644)
	}
	old, err := os.ReadFile(output)
	if err != nil || !bytes.Equal(old, text) {
		return fmt.Errorf("%s is not what the program links now; run: make generate", output)
	}
	return nil
}

// module is one module of which at least one package is linked.
type module struct {
	path, version, dir string
	packages           map[string]bool // folders of the linked packages
}

// linked asks the go command what the program is made of, on every system.
func linked() ([]*module, error) {
	found := make(map[string]*module)
	for _, goos := range []string{"linux", "darwin", "windows"} {
		c := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}", program)
		c.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0")
		c.Stderr = os.Stderr
		out, err := c.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", goos, err)
		}
		for line := range strings.Lines(string(out)) {
			f := strings.Split(strings.TrimSpace(line), "\t")
			if len(f) != 4 {
				continue
			}
			if found[f[0]] == nil {
				found[f[0]] = &module{path: f[0], version: f[1], dir: f[2], packages: make(map[string]bool)}
			}
			found[f[0]].packages[f[3]] = true
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *module) int { return strings.Compare(a.path, b.path) }), nil
}

// kinds are the licences the project accepts, by words that only they have.
// The order matters: the first whose words are all there is the one.
var kinds = []struct{ name, words string }{
	{"Apache-2.0", `Apache License\s+Version 2\.0`},
	{"OFL-1.1", `SIL OPEN FONT LICENSE\s+Version 1\.1`},
	{"BSL-1.0", `Boost Software License`},
	{"FTL", `The FreeType Project LICENSE`},
	{"FTL or GPL-2.0 (taken: FTL)", `the FreeType License, which is similar to the original BSD\s+license with an advertising clause|The FreeType License`},
	{"ISC", `Permission to use, copy, modify, and(/or)? distribute this software`},
	{"MIT", `Permission is hereby granted, free of charge, to any person obtaining`},
	{"BSD-3-Clause", `(?s)Redistribution and use in source and binary.*(Neither the name|The name of the author may not|names? of (its|the) contributors)`},
	{"BSD-2-Clause", `Redistribution and use in source and binary`},
	{"CC-BY-4.0", `Creative Commons Attribution\s+4\.0 International`},
	{"fdlibm", `by Sun Microsystems, Inc(?s).*is freely granted, provided that this notice`},
	{"Bogaert (no conditions)", `Copyright \(C\) 2014 by Ignace Bogaert`},
	{"patent grant", `Additional IP Rights Grant \(Patents\)`},
	{"Bitstream Vera", `Bitstream Vera`},
	{"public domain", `(?i)(released|placed) (in)?to the public domain|This is free and unencumbered software`},
}

// kind names a licence from its text, or returns "".
func kind(text []byte) string {
	for _, k := range kinds {
		if regexp.MustCompile(k.words).Match(text) {
			return k.name
		}
	}
	return ""
}

// left holds files that speak of nothing that is linked, with the reason.
var left = map[string]string{
	"github.com/golang/freetype/licenses/gpl.txt":                   "offered as an alternative to the FTL, which is taken",
	"gonum.org/v1/gonum/THIRD_PARTY_LICENSES/W3C-TestSuite-LICENSE": "for the test data of graph/formats/rdf",
}

var licenceName = regexp.MustCompile(`(?i)^(un)?(licen[sc]e|copying|patents|ofl|ftl)([-._].*)?$`)

// licences are the licence files of a module that concern its linked packages:
// those of the folders from a package up to the top, and what the top keeps in
// a folder of others' licences.
func (m *module) licences() ([]string, error) {
	var files []string
	err := filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		dir := filepath.Dir(path)
		folder := strings.ToLower(filepath.Base(dir))
		switch {
		case folder == "third_party_licenses", folder == "licenses" && filepath.Dir(dir) == m.dir:
		case licenceName.MatchString(d.Name()) && m.covers(dir):
		default:
			return nil
		}
		if short, err := filepath.Rel(m.dir, path); err != nil || left[m.path+"/"+filepath.ToSlash(short)] != "" {
			return err
		}
		files = append(files, path)
		return nil
	})
	return files, err
}

// covers reports whether a linked package lies in dir or below.
func (m *module) covers(dir string) bool {
	for p := range m.packages {
		if p == dir || strings.HasPrefix(p, dir+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// report is the content of the output: a table, then every text.
func report(modules []*module) ([]byte, error) {
	var table, texts bytes.Buffer
	var problems []error
	for _, m := range modules {
		files, err := m.licences()
		if err != nil {
			return nil, err
		}
		var names []string
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
			short, err := filepath.Rel(m.dir, file)
			if err != nil {
				return nil, err
			}
			short = filepath.ToSlash(short)
			name := kind(b)
			if name == "" {
				problems = append(problems, fmt.Errorf("%s: %s is no licence that is accepted; read it, then leave the module out or add the licence to kinds in install/licences", m.path, short))
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			rule := strings.Repeat("=", 80)
			fmt.Fprintf(&texts, "\n%s\n%s %s: %s (%s)\n%s\n\n%s\n", rule, m.path, m.version, short, name, rule, bytes.TrimSpace(b))
		}
		if len(files) == 0 {
			problems = append(problems, fmt.Errorf("%s has no licence file", m.path))
		}
		fmt.Fprintf(&table, "%-52s %-38s %s\n", m.path, m.version, strings.Join(names, ", "))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	const head = `Licences of what is linked into swingby

Written by make generate. Swingby itself is under the BSD-3-Clause licence in
LICENSE. The Go standard library and runtime are under the licence of the
golang.org/x modules below, by the same authors.

`
	return slices.Concat([]byte(head), table.Bytes(), texts.Bytes()), nil
}
