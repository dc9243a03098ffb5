package module

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// A List is a set of modules, one version of each.
type List struct {
	client   *Client
	versions map[string]string // by module path
}

// Select chooses versions for modules and what they require: of each the newest that
// anyone requires. What a module of Go 1.17 or later requires is in its own go.mod, so
// the files of its requirements are not asked for. Replace and exclude directives
// count for main modules only, and there is none here.
func (c *Client) Select(ctx context.Context, roots []Version) (*List, error) {
	l := &List{client: c, versions: map[string]string{}}
	seen := map[Version]bool{}
	queue := slices.Clone(roots)
	for len(queue) > 0 {
		m := queue[0]
		queue = queue[1:]
		l.add(m)
		if seen[m] {
			continue
		}
		seen[m] = true
		f, err := c.GoMod(ctx, m)
		if err != nil {
			return nil, err
		}
		pruned := semver.Compare("v"+languageOf(f), "v1.17") >= 0
		for _, r := range f.Require {
			l.add(r.Mod)
			if !pruned {
				queue = append(queue, r.Mod)
			}
		}
	}
	return l, nil
}

func (l *List) add(m Version) {
	if old := l.versions[m.Path]; old == "" || semver.Compare(old, m.Version) < 0 {
		l.versions[m.Path] = m.Version
	}
}

// languageOf is the Go version that a go.mod asks for; without one it is 1.16.
func languageOf(f *modfile.File) string {
	if f.Go == nil {
		return "1.16"
	}
	return f.Go.Version
}

// language is the Go version that the module in a folder asks for.
func language(dir string) string {
	f := &modfile.File{}
	if data, err := os.ReadFile(dir + "/go.mod"); err == nil {
		if parsed, err := modfile.ParseLax("go.mod", data, nil); err == nil {
			f = parsed
		}
	}
	return languageOf(f)
}

// Modules lists the modules by path.
func (l *List) Modules() []Version {
	var list []Version
	for _, path := range slices.Sorted(maps.Keys(l.versions)) {
		list = append(list, Version{Path: path, Version: l.versions[path]})
	}
	return list
}

// Version returns the version of a module in the list; "" if it is not in it.
func (l *List) Version(path string) string { return l.versions[path] }

// owners lists the modules that could have a package, the likeliest first.
func (l *List) owners(path string) []Version {
	var list []Version
	for p := path; p != ""; p = parent(p) {
		if v := l.versions[p]; v != "" {
			list = append(list, Version{Path: p, Version: v})
		}
	}
	return list
}

// Fetch makes a package and all it imports available, downloading the modules they are in.
// known reports whether an import path needs no module.
func (l *List) Fetch(ctx context.Context, known func(path string) bool, paths ...string) error {
	seen := map[string]bool{}
	queue := slices.Clone(paths)
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] || path == "C" || path == "unsafe" || known(path) {
			continue
		}
		seen[path] = true
		for _, m := range l.owners(path) {
			if _, err := l.client.Fetch(ctx, m); err != nil {
				return err
			}
			dir, _ := l.client.Dir(m)
			if len(goFiles(inside(dir, m, path))) > 0 {
				break
			}
		}
		p, err := l.Package(path)
		if err != nil {
			continue // which importing it will say, if anyone does
		}
		imports, err := p.Imports()
		if err != nil {
			return err
		}
		queue = append(queue, imports...)
	}
	return nil
}

// Package finds a package of the list's modules that Fetch has made available.
func (l *List) Package(path string) (*Package, error) {
	owners := l.owners(path)
	for _, m := range owners {
		dir, ok := l.client.Dir(m)
		if !ok {
			return nil, fmt.Errorf("package %q is not here yet: %%get %s@%s", path, path, m.Version)
		}
		sub := inside(dir, m, path)
		if len(goFiles(sub)) == 0 {
			continue
		}
		return &Package{Path: path, Module: m, Dir: sub, Language: language(dir)}, nil
	}
	if len(owners) > 0 {
		return nil, fmt.Errorf("%s has no package %q", owners[0], path)
	}
	return nil, fmt.Errorf("package %q is in none of the modules fetched: %%get %[1]s", path)
}

// Packages lists the packages of a module that others may import.
func (l *List) Packages(path string) []string {
	m := Version{Path: path, Version: l.versions[path]}
	dir, ok := l.client.Dir(m)
	if !ok {
		return nil
	}
	var list []string
	for _, sub := range folders(dir) {
		p := &Package{Path: strings.TrimSuffix(m.Path+"/"+sub, "/"), Module: m, Dir: inside(dir, m, m.Path+"/"+sub)}
		if name := p.name(); name != "" && name != "main" {
			list = append(list, p.Path)
		}
	}
	return list
}

// inside is the folder of a package in that of its module.
func inside(dir string, m Version, path string) string {
	return dir + "/" + strings.Trim(strings.TrimPrefix(path, m.Path), "/")
}

// String lists a version as the go command does.
func String(m Version) string { return m.Path + " " + m.Version }
