package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"

	"swingby/stdlib/document"
)

// writeDocs puts the documentation of each package into an archive, one record for
// the package and for each exported name, field and method. See doc.go of package stdlib
// for how a record is found.
func writeDocs(files map[string][]byte, l *loader, loads []map[string]*loaded) error {
	pkgs := reference(loads)
	extra, err := builtins(l, loads[0])
	if err != nil {
		return err
	}
	entries := map[string]map[string][]byte{}
	byShard := map[string][]*loaded{}
	for _, p := range append(pkgs, extra...) {
		shard := shardOf(p)
		if entries[shard] == nil {
			entries[shard] = map[string][]byte{}
		}
		if entries[shard][p.ImportPath], err = records(l.fset, p); err != nil {
			return fmt.Errorf("documentation of %s: %v", p.ImportPath, err)
		}
		byShard[shard] = append(byShard[shard], p)
	}
	for _, shard := range shards {
		if err := putArchive(files, shard+".docs", header(shard, byShard[shard]), entries[shard]); err != nil {
			return err
		}
	}
	return nil
}

// builtins loads what only documentation has of packages builtin and unsafe.
func builtins(l *loader, pkgs map[string]*loaded) ([]*loaded, error) {
	var list []*loaded
	for _, name := range []string{"builtin", "unsafe"} {
		file := filepath.Join(filepath.Dir(pkgs["unsafe"].Dir), name, name+".go")
		f, err := l.parse(file)
		if err != nil {
			return nil, err
		}
		list = append(list, &loaded{
			listed: listed{ImportPath: name, Name: name, Standard: true},
			files:  []*ast.File{f},
		})
	}
	return list, nil
}

// records is the documentation of one package. Zero bytes end the parts of a record;
// Go source has none.
func records(fset *token.FileSet, p *loaded) ([]byte, error) {
	var b bytes.Buffer
	err := document.Each(fset, p.files, p.ImportPath, p.types, func(name, decl, text string) {
		for _, part := range []string{name, decl, text} {
			b.WriteString(part)
			b.WriteByte(0)
		}
	})
	return b.Bytes(), err
}
