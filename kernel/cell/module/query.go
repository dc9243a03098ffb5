package module

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// A Found is the answer to a query.
type Found struct {
	Version
	// Package is the path that was asked for, of the module or of a package in it.
	Package string
	// Offline says why the answer is only the newest version in the cache, if so.
	Offline string
}

// Query finds the module that has a path, or that has a package of that path, and the
// version meant by a query: a version, its beginning (v1, v1.2), "latest" or "" for the
// latest, or the name of a branch or commit that the proxy knows.
func (c *Client) Query(ctx context.Context, path, query string) (*Found, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	if query == "" {
		query = "latest"
	}
	var first error
	for prefix := path; prefix != ""; prefix = parent(prefix) {
		if module.CheckPath(prefix) != nil {
			continue
		}
		v, offline, err := c.version(ctx, prefix, query)
		if err == nil {
			m := Version{Path: prefix, Version: v}
			if err := module.Check(m.Path, m.Version); err != nil {
				return nil, mismatch(m)
			}
			if prefix != path {
				if ok, err := c.has(ctx, m, path); err != nil {
					return nil, err
				} else if !ok {
					return nil, fmt.Errorf("%s has no package %s", m, path)
				}
			}
			return &Found{Version: m, Package: path, Offline: offline}, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var no *noVersion
		var other *otherPath
		if errors.As(err, &no) || errors.As(err, &other) {
			return nil, err
		}
		if first == nil || errors.Is(first, errUnknown) && !errors.Is(err, errUnknown) {
			first = err // unless a shorter path is a module
		}
	}
	if !errors.Is(first, errUnknown) {
		return nil, fmt.Errorf("%s cannot be found: %w", path, first)
	}
	return nil, fmt.Errorf("there is no module %s: %w; check the spelling, and that it is public", path, first)
}

// checkPath words what is wrong with a path.
func checkPath(path string) error {
	host, _, slash := strings.Cut(path, "/")
	switch {
	case strings.Contains(path, "://"):
		return fmt.Errorf("%q is an address: a module's path starts with the host, github.com/google/uuid", path)
	case !strings.Contains(host, "."):
		return fmt.Errorf("%q is no module path: that starts with a host, as in github.com/google/uuid", path)
	case !slash && module.CheckPath(path) != nil:
		return fmt.Errorf("%q is no module path: the host alone is not enough", path)
	}
	if err := module.CheckImportPath(path); err != nil {
		var invalid *module.InvalidPathError
		if errors.As(err, &invalid) {
			err = invalid.Err
		}
		return fmt.Errorf("%q is no module path: %w", path, err)
	}
	return nil
}

// parent is the path without its last element, "" for a host alone.
func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 || !strings.Contains(path[:i], ".") {
		return ""
	}
	return path[:i]
}

// mismatch says that a version's major number is not the path's.
func mismatch(m Version) error {
	prefix, _, ok := module.SplitPathVersion(m.Path)
	major := semver.Major(m.Version)
	if !ok || major == "" {
		return fmt.Errorf("%s is no version of a module", m)
	}
	want := prefix
	if strings.HasPrefix(m.Path, "gopkg.in/") {
		want += "." + major
	} else if major != "v0" && major != "v1" {
		want += "/" + major
	}
	if want == m.Path {
		return fmt.Errorf("%s is no version of a module", m)
	}
	return &otherPath{major, want, m.Version}
}

// otherPath says that a version is that of a module with another path.
type otherPath struct{ major, path, version string }

func (e *otherPath) Error() string {
	return fmt.Sprintf("versions %s belong to the path %s: %%get %s@%s", e.major, e.path, e.path, e.version)
}

// noVersion says that a module is there, but not the version.
type noVersion struct{ path, query, latest string }

func (e *noVersion) Error() string {
	text := fmt.Sprintf("%s has no version %s", e.path, e.query)
	if e.latest != "" {
		text += "; the latest is " + e.latest
	}
	return text
}

// version finds the version of a module that a query means.
func (c *Client) version(ctx context.Context, path, query string) (v, offline string, err error) {
	exact := semver.IsValid(query) && strings.Count(query, ".") >= 2
	if exact {
		if _, pathMajor, ok := module.SplitPathVersion(path); ok && module.CheckPathMajor(query, pathMajor) != nil && !strings.HasSuffix(query, "+incompatible") {
			if pathMajor == "" && semver.Major(query) > "v1" {
				// Perhaps one from before modules; the proxy knows it by another name.
				if v, err := c.info(ctx, path, query+"+incompatible"); err == nil {
					return v, "", nil
				}
			}
			return "", "", mismatch(Version{Path: path, Version: query})
		}
		query = canonical(query)
		if slices.Contains(c.cached(path), query) {
			return query, "", nil
		}
		v, err = c.info(ctx, path, query)
		if err == nil || !errors.Is(err, errUnknown) {
			return v, "", err
		}
	} else if query != "latest" && !isPrefix(query) {
		v, err = c.info(ctx, path, query)
		if err == nil || !errors.Is(err, errUnknown) {
			return v, "", err
		}
	}
	latest, err := c.latest(ctx, path, query)
	switch {
	case errors.Is(err, errUnreachable) && !exact:
		list := matching(c.cached(path), query)
		if len(list) == 0 {
			return "", "", err
		}
		return newest(list), err.Error(), nil
	case err != nil:
		return "", "", err
	case exact || query != "latest" && !isPrefix(query):
		return "", "", &noVersion{path, query, latest}
	}
	return latest, "", nil
}

// canonical is a version as module lists have it; +incompatible stays.
func canonical(v string) string {
	if strings.HasSuffix(v, "+incompatible") {
		return semver.Canonical(v) + "+incompatible"
	}
	return semver.Canonical(v)
}

// isPrefix reports whether a query is the beginning of a version, such as v1 or v1.2.
func isPrefix(query string) bool { return semver.IsValid(query) && strings.Count(query, ".") < 2 }

// matching keeps the versions that a query allows: all for anything but a prefix.
func matching(list []string, query string) []string {
	if !isPrefix(query) {
		return list
	}
	var out []string
	for _, v := range list {
		if strings.HasPrefix(v, query+".") {
			out = append(out, v)
		}
	}
	return out
}

// info asks for one version, by any name the proxy takes.
func (c *Client) info(ctx context.Context, path, query string) (string, error) {
	v, err := module.EscapeVersion(query)
	if err != nil {
		return "", fmt.Errorf("%q is no version: %w", query, errUnknown)
	}
	return c.stat(ctx, path, "@v/"+v+".info")
}

func (c *Client) stat(ctx context.Context, path, file string) (string, error) {
	data, err := c.get(ctx, path, file, maxText)
	if err != nil {
		return "", err
	}
	var info struct{ Version string }
	if err := json.Unmarshal(data, &info); err != nil || !semver.IsValid(info.Version) {
		return "", fmt.Errorf("the proxy's answer about %s is not understood", path)
	}
	if name, err := c.file(Version{Path: path, Version: info.Version}, ".info"); err == nil {
		_ = writeFile(name, data) // or it is asked for again
	}
	return info.Version, nil
}

// latest finds the newest version of a module that a query allows: a release before
// a pre-release before an untagged commit, and none that the module retracts.
func (c *Client) latest(ctx context.Context, path, query string) (string, error) {
	data, err := c.get(ctx, path, "@v/list", maxText)
	if err != nil && !errors.Is(err, errUnknown) {
		return "", err
	}
	var list, commits []string
	for v := range strings.FieldsSeq(string(data)) {
		if module.IsPseudoVersion(v) {
			commits = append(commits, v)
		} else if semver.IsValid(v) {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		v, err := c.stat(ctx, path, "@latest")
		if err != nil && !errors.Is(err, context.Canceled) && len(commits) > 0 {
			return slices.MaxFunc(commits, byTime), nil // not all proxies know @latest
		}
		return v, err
	}
	top := newest(list)
	f, err := c.GoMod(ctx, Version{Path: path, Version: top})
	if err == nil {
		list = slices.DeleteFunc(list, func(v string) bool {
			for _, r := range f.Retract {
				if semver.Compare(r.Low, v) <= 0 && semver.Compare(v, r.High) <= 0 {
					return true
				}
			}
			return false
		})
	} else if errors.Is(err, errUnreachable) || ctx.Err() != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", &noVersion{path: path, query: query + ": all are retracted"}
	}
	fit := matching(list, query)
	if len(fit) == 0 {
		return "", &noVersion{path, query, newest(list)}
	}
	return newest(fit), nil
}

// byTime compares the commits that versions stand for.
func byTime(a, b string) int {
	ta, _ := module.PseudoVersionTime(a) // they are pseudo-versions
	tb, _ := module.PseudoVersionTime(b)
	return ta.Compare(tb)
}

// newest is the version that the go command would take of a list.
func newest(list []string) string {
	rank := func(v string) int {
		n := 0
		if semver.Prerelease(v) == "" {
			n += 2
		}
		if !strings.HasSuffix(v, "+incompatible") {
			n++
		}
		return n
	}
	return slices.MaxFunc(list, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return semver.Compare(a, b)
	})
}

// has reports whether a module has a package.
func (c *Client) has(ctx context.Context, m Version, path string) (bool, error) {
	dir, err := c.Fetch(ctx, m)
	if err != nil {
		return false, err
	}
	return len(goFiles(inside(dir, m, path))) > 0, nil
}
