package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRecipe(t *testing.T) {
	for src, want := range map[string]struct {
		args   string
		ok     bool
		reason string
	}{
		"// run\npackage main": {"", true, ""},
		"//run\npackage main":  {"", true, ""},
		"//go:build linux\n// +build linux\n\n// run\n\npackage": {"", true, ""},
		"// run arg1 arg2\n":      {"arg1 arg2", true, ""},
		"// run -gcflags=-l=4\n":  {"-gcflags=-l=4", true, "build flags"},
		"// run other.go\n":       {"other.go", true, "several files"},
		"// runoutput\n":          {"", false, ""},
		"// errorcheck\n// run\n": {"", false, ""},
		"package main\n// run\n":  {"", false, ""},
		"":                        {"", false, ""},
	} {
		args, ok := recipe([]byte(src))
		if ok != want.ok || ok && args != want.args {
			t.Errorf("recipe(%q) = %q, %v, want %q, %v", src, args, ok, want.args, want.ok)
		}
		if _, reason := arguments(args); ok && reason != want.reason {
			t.Errorf("arguments(%q) gives reason %q, want %q", args, reason, want.reason)
		}
	}
}

func TestExclude(t *testing.T) {
	for src, want := range map[string]string{
		"// run\npackage main\nfunc main() {}":                                                "",
		"package main\nimport \"unsafe\"\nvar _ unsafe.Pointer":                               "package unsafe",
		"package main\nimport \"C\"":                                                          "cgo",
		"package main\nimport \"os/exec\"":                                                    "starts the go command or itself",
		"package main\nimport \"internal/abi\"":                                               "package internal/abi",
		"package main\nimport \"runtime\"\nfunc main() { runtime.GC(); var _ runtime.Error }": "",
		"package main\nimport rt \"runtime\"\nfunc main() { rt.GC(); rt.Caller(0) }":          "runtime internals: runtime.Caller",
		"package main\nimport . \"runtime\"\nfunc main() { Caller(0) }":                       "runtime internals: package runtime",
		"package main\nimport \"runtime/pprof\"":                                              "runtime internals: package runtime/pprof",
		"package main\nimport \"runtime/debug\"\nfunc main() { debug.SetGCPercent(1) }":       "",
		"package main\nimport \"runtime/debug\"\nfunc main() { debug.Stack() }":               "runtime internals: debug.Stack",
		"package main\nimport \"testing\"\nfunc main() { testing.AllocsPerRun(1, nil) }":      "package testing: counts allocations",
		"package main\nimport _ \"unsafe\"\n//go:linkname f g\nfunc f()":                      "pragma go:linkname",
		"package main\nfunc f()":                                                              "a function in assembly",
		"//go:build aix\n\npackage main":                                                      "build constraint: aix",
		"//go:build gc && go1.18 && !cgo && !race\n\npackage main":                            "",
		"package main\nfunc main() { var runtime struct{ Caller int }; _ = runtime.Caller }":  "",
		"package main\nfunc main() {\n":                                                       "",
	} {
		if got := exclude([]byte(src)); got != want {
			t.Errorf("exclude(%q) = %q, want %q", src, got, want)
		}
	}
}

func TestCollect(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b.go": "// run\npackage main", "b.out": "x\r\n", "a.go": "// run a b\npackage main", "c.go": "// errorcheck\n",
		"typeparam/d.go": "// run\npackage main\nimport \"C\"",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	programs, err := collect(dir, []string{".", "typeparam"})
	if err != nil || len(programs) != 3 {
		t.Fatalf("%d programs, %v; want 3", len(programs), err)
	}
	a, b, d := programs[0], programs[1], programs[2]
	if a.name != "test/a.go" || !slices.Equal(a.args, []string{"a", "b"}) || len(a.want) > 0 {
		t.Errorf("first is %+v", a)
	}
	if b.name != "test/b.go" || string(b.want) != "x\n" {
		t.Errorf("second is %+v", b)
	}
	if d.name != "test/typeparam/d.go" || d.dir != "test/typeparam" || d.excluded != "cgo" {
		t.Errorf("third is %+v", d)
	}
	if _, err := collect(dir, []string{"none"}); err == nil {
		t.Error("no error for a folder without programs")
	}
}
