package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"swingby/kernel/cell/module/moduletest"
)

// TestBuildTables goes the way of swingby build up to compiling, with the modules of
// package module's tests: what is left is the go command's.
func TestBuildTables(t *testing.T) {
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	// Swingby's own requirements come from the module cache, which is laid out as a proxy. It is asked first: among the
	// modules of the tests is one of the name of a real one.
	own := filepath.ToSlash(filepath.Join(strings.TrimSpace(string(out)), "cache", "download"))
	moduletest.Setup(t, "../../kernel/cell/module/testdata")
	t.Setenv("GOPROXY", "file:///"+strings.TrimPrefix(own, "/")+","+os.Getenv("GOPROXY"))
	t.Setenv("GOFLAGS", "-modcacherw")

	source, err := sourceTree("../..") // named: under -trimpath the program does not know
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{ctx: t.Context(), source: source, tmp: t.TempDir()}
	overlay, err := b.tables([]string{"example.org/shapes@v1.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	tables := filepath.Dir(overlay)
	text, err := os.ReadFile(filepath.Join(tables, "data", "packages.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"example.org/shapes\tshapes\tPackage shapes knows plane figures.\n",
		"example.org/shapes/list\tlist\tPackage list has generic things.\n",
		"fmt\tfmt\t",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("packages.txt has no line %q", want)
		}
	}
	if strings.Contains(string(text), "internal/names") || strings.Contains(string(text), "cmd/shapes") {
		t.Error("an internal package or a command can be imported")
	}
	table, err := os.ReadFile(filepath.Join(tables, "internal", "symbols", "pkg_example_org_shapes.go"))
	if err != nil || !strings.Contains(string(table), `{"NewSquare", p.NewSquare}`) {
		t.Errorf("the table of symbols: %v\n%s", err, table)
	}
	if _, err := b.tables([]string{"example.org/impure/cgo@v1.0.0"}); err == nil || !strings.Contains(err.Error(), "has no package that can be compiled in") {
		t.Errorf("a package with cgo: %v", err)
	}
	if _, err := b.tables([]string{"example.org/nothing"}); err == nil || !strings.HasPrefix(err.Error(), "example.org/nothing cannot be fetched: ") {
		t.Errorf("an unknown module: %v", err)
	}
}

func TestBuildNeedsGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var stderr strings.Builder
	if status := run([]string{"build", "--with", "example.org/x"}, &stderr); status != 1 || !strings.Contains(stderr.String(), "there is no go on PATH") {
		t.Errorf("status %d: %s", status, &stderr)
	}
}
