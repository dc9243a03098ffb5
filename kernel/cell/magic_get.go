package cell

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"swingby/kernel/cell/module"
	"swingby/stdlib"
)

var getMagic = &magic{
	name: "get", line: true, min: 1, max: 1,
	usage: []string{"%get MODULE[@VERSION]"},
	doc: "Fetch a module, so that cells can import its packages. MODULE is the path of a module or of a package in it. VERSION is a version, " +
		"its beginning (v1, v1.2), a branch or a commit; without it the latest release is taken, and the version is shown to be written down: " +
		"with it a notebook gives the same results next year. Modules come from the proxies of GOPROXY, are checked against the checksum database, and are " +
		"kept in the go command's module cache, from where they need no network. Their code is interpreted, as that of cells; what needs cgo, assembly " +
		"or package unsafe must be compiled in: swingby build --with MODULE makes such a kernel. A module in use keeps its version until the kernel starts anew or %reset.",
	example: "%get github.com/google/uuid@v1.6.0\nimport \"github.com/google/uuid\"\nuuid.MustParse(\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\").Version()",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		path, query, at := strings.Cut(args[0], "@")
		if path == "" || at && query == "" {
			return nil, usageError("a module is written MODULE or MODULE@VERSION")
		}
		text, err := r.get(strings.TrimSuffix(path, "/"), query)
		if err != nil {
			return nil, errors.New(strings.TrimPrefix(err.Error(), "stdlib: "))
		}
		fmt.Fprint(os.Stdout, text)
		return nil, nil
	},
}

// get fetches a module and what it needs. When it fails the session is as before.
func (r *runner) get(path, query string) (text string, err error) {
	if known(path) && knownPaths()[path] {
		return fmt.Sprintf("%s is compiled into this kernel\n", path), nil
	}
	client := module.NewClient(module.Environment())
	client.Progress = func(text string) { fmt.Fprintln(os.Stderr, "fetching "+text) }
	found, err := client.Query(r.ctx, path, query)
	if err != nil {
		return "", err
	}
	r.s.mu.Lock()
	roots := slices.Clone(r.s.library.roots)
	r.s.mu.Unlock()
	roots = slices.DeleteFunc(roots, func(m module.Version) bool { return m.Path == found.Path })
	roots = append(roots, found.Version)
	list, err := client.Select(r.ctx, roots)
	if err != nil {
		return "", err
	}
	m := module.Version{Path: found.Path, Version: list.Version(found.Path)}
	if _, err := client.Fetch(r.ctx, m); err != nil {
		return "", err
	}
	packages := []string{found.Package}
	if found.Package == found.Path {
		packages = list.Packages(found.Path)
	}
	if len(packages) == 0 {
		return "", fmt.Errorf("%s has no package that can be imported", m)
	}
	if err := list.Fetch(r.ctx, known, packages...); err != nil {
		return "", err
	}
	if err := r.s.adopt(roots, list, packages, found.Package); err != nil {
		return "", err
	}
	text = module.String(m) + "\n"
	if m != found.Version {
		text = fmt.Sprintf("%s, which another module fetched before requires instead of %s\n", module.String(m), found.Version.Version)
	} else if query != m.Version {
		text += fmt.Sprintf("to have this version every time: %%get %s@%s\n", path, m.Version)
	}
	if found.Offline != "" {
		text += fmt.Sprintf("the newest version in the module cache: %s\n", found.Offline)
	}
	return text + importLine(packages, found.Package), nil
}

// importLine says how to import what was fetched where that is not plain.
func importLine(packages []string, path string) string {
	if slices.Contains(packages, path) {
		return ""
	}
	const most = 5
	more := ""
	if n := len(packages); n > most {
		more = fmt.Sprintf(" and %d more", n-most)
		packages = packages[:most]
	}
	return fmt.Sprintf("to import: %s%s\n", strings.Join(packages, ", "), more)
}

// fetchedPackages lists the packages of the modules that were asked for.
func (s *Session) fetchedPackages() []stdlib.Package {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []stdlib.Package
	for _, m := range s.library.roots {
		for _, p := range s.library.list.Packages(m.Path) {
			list = append(list, stdlib.Package{Path: p, Name: path.Base(p), Synopsis: module.String(m)})
		}
	}
	return list
}

// adopt makes a list of modules the session's. Packages in use must not change their
// version by it, and the package asked for must be one that cells can run.
func (s *Session) adopt(roots []module.Version, list *module.List, packages []string, path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := *s.library
	next := newLibrary()
	next.roots, next.list = roots, list
	for p, f := range old.packages {
		if !f.loaded {
			continue
		}
		if v := list.Version(f.module.Path); v != f.module.Version {
			return fmt.Errorf("%s is in use and %s would replace it: restart the kernel, or %%reset, and fetch that first", f.module, v)
		}
		next.packages[p], next.own[f.pkg] = f, f
	}
	*s.library = *next
	if !slices.Contains(packages, path) {
		return nil
	}
	if _, err := s.importer.Import(path); err != nil {
		*s.library = old
		return err
	}
	return nil
}
