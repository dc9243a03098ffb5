package main

import (
	"bytes"
	"fmt"
	"go/doc"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"

	"swingby/stdlib/internal/archive"
)

// shards cut the archives by how often their content changes.
var shards = []string{"std", "gonum", "swingby"}

func shardOf(p *loaded) string {
	switch {
	case p.Standard:
		return "std"
	case strings.HasPrefix(p.ImportPath, "gonum.org/"):
		return "gonum"
	}
	return "swingby"
}

// header is the first line of an archive: the shard and what it was made from. The
// standard library names the release; the others depend on it only in its minor version.
func header(shard string, pkgs []*loaded) string {
	if shard == "std" {
		return "std " + runtime.Version()
	}
	return strings.Join(append([]string{shard, minor(runtime.Version())}, modules(pkgs)...), " ")
}

// reference returns the packages cells may import on the first platform, sorted by path.
func reference(loads []map[string]*loaded) []*loaded {
	var pkgs []*loaded
	for _, p := range publicPaths(loads) {
		if pkg := loads[0][p]; pkg != nil {
			pkgs = append(pkgs, pkg)
		}
	}
	return pkgs
}

// writeTypes puts the export data of each package into an archive. Each entry is
// complete in itself: it holds the declarations of other packages it refers to. For
// the other systems an archive holds the packages whose entry differs. Positions are
// left out, they would mean nothing to the reader of a cell.
func writeTypes(files map[string][]byte, _ *loader, loads []map[string]*loaded) error {
	base := map[string][]byte{}
	for i, pl := range platforms {
		if i > 0 && platforms[i-1].os == pl.os {
			continue // the first architecture stands for its system
		}
		entries := map[string]map[string][]byte{}
		pkgs := map[string][]*loaded{}
		for _, path := range publicPaths(loads) {
			pkg := loads[i][path]
			if pkg == nil {
				continue
			}
			var b bytes.Buffer
			if err := gcexportdata.Write(&b, nil, pkg.types); err != nil {
				return fmt.Errorf("export data of %s: %v", path, err)
			}
			if i == 0 {
				base[path] = b.Bytes()
			} else if bytes.Equal(base[path], b.Bytes()) {
				continue
			}
			shard := shardOf(pkg)
			if entries[shard] == nil {
				entries[shard] = map[string][]byte{}
			}
			entries[shard][path] = b.Bytes()
			pkgs[shard] = append(pkgs[shard], pkg)
		}
		for _, shard := range shards {
			if i > 0 {
				// One archive a system is enough for what differs.
				continue
			}
			if err := putArchive(files, shard+".types", header(shard, pkgs[shard]), entries[shard]); err != nil {
				return err
			}
		}
		if i > 0 {
			differs := map[string][]byte{}
			for _, shard := range shards {
				for path, data := range entries[shard] {
					differs[path] = data
				}
			}
			if err := putArchive(files, "std."+pl.os+".types", header("std", nil), differs); err != nil {
				return err
			}
		}
	}
	return nil
}

func putArchive(files map[string][]byte, name, header string, entries map[string][]byte) error {
	data, err := archive.Write(header, entries)
	if err != nil {
		return err
	}
	files["data/"+name] = data
	return nil
}

// writePackages lists the packages with their names and synopses, as text.
func writePackages(files map[string][]byte, _ *loader, loads []map[string]*loaded) error {
	var b bytes.Buffer
	for _, path := range publicPaths(loads) {
		var pkg *loaded
		for _, pkgs := range loads {
			if pkg = pkgs[path]; pkg != nil {
				break
			}
		}
		synopsis := ""
		for _, f := range pkg.files {
			if f.Doc != nil {
				synopsis = new(doc.Package).Synopsis(f.Doc.Text())
				break
			}
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\n", path, pkg.Name, synopsis)
	}
	files["data/packages.txt"] = slices.Clone(b.Bytes())
	return nil
}
