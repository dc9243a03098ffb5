package stdgeneric

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBehaviour compiles the sources as packages of a module of their own and
// runs the tests of testdata/behaviour there, which compare them with the
// standard library.
func TestBehaviour(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module plain\n\ngo 1.26\n")
	for _, path := range Packages() {
		files, _ := Source(path)
		for name, text := range files {
			write(path+"/"+name, strings.TrimPrefix(text, "//go:build swingbycell\n"))
		}
	}
	tests, err := filepath.Glob("testdata/behaviour/*_test.go")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests to run: %v", err)
	}
	for _, name := range tests {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write("behaviour/"+filepath.Base(name), string(text))
	}
	cmd := exec.Command("go", "test", "-vet=off", "-timeout=60s", "-count=1", "./behaviour")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOPROXY=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
