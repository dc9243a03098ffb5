package install

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// TestMain lets this test program stand in for swingby: a copy of it in a
// temporary folder answers version, and its kernel has a heartbeat.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "version":
			fmt.Println("swingby stand-in")
			os.Exit(0)
		case "exec": // -q -o RESULT NOTEBOOK
			result := `{"data": {"text/plain": "42"}}`
			if os.Getenv("STAND_IN_MISCOUNTS") != "" {
				result = `{"data": {"text/plain": "41"}}`
			}
			if err := os.WriteFile(os.Args[4], []byte(result), 0o644); err != nil {
				panic(err)
			}
			os.Exit(0)
		case "kernel":
			if os.Getenv("STAND_IN_FAILS") != "" {
				fmt.Fprintln(os.Stderr, "swingby: no kernel today")
				os.Exit(1)
			}
			echo(os.Args[3])
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

func echo(file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	var c struct {
		IP   string `json:"ip"`
		Port int    `json:"hb_port"`
	}
	if err := json.Unmarshal(b, &c); err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	s := zmq4.NewRep(ctx)
	if err := s.Listen(fmt.Sprintf("tcp://%s:%d", c.IP, c.Port)); err != nil {
		panic(err)
	}
	for {
		m, err := s.Recv()
		if err != nil {
			return
		}
		if err := s.Send(m); err != nil {
			return
		}
	}
}

// standIn copies this test program to a folder where it may be installed from.
func standIn(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	name := "swingby"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// alone hides the machine's own Jupyter and its variables.
func alone(t *testing.T) (data string) {
	t.Helper()
	for _, v := range []string{"JUPYTER_PATH", "JUPYTER_PLATFORM_DIRS", "JUPYTER_PREFER_ENV_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "GOCACHE"} {
		t.Setenv(v, "")
	}
	data = filepath.Join(t.TempDir(), "data")
	t.Setenv("JUPYTER_DATA_DIR", data)
	t.Setenv("PATH", t.TempDir())
	return data
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestInstall(t *testing.T) {
	data := alone(t)
	program := standIn(t)
	dir, err := Install(Options{Executable: program})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(data, "kernels", "swingby"); dir != want {
		t.Errorf("folder %s, want %s", dir, want)
	}
	want := append([]string{"kernel.json"}, logoNames...)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("folder holds %v, want %v", got, want)
	}
	if got := names(t, filepath.Dir(dir)); len(got) != 1 {
		t.Errorf("left beside the kernelspec: %v", got)
	}
	b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec map[string]any
	if err := json.Unmarshal(b, &spec); err != nil {
		t.Fatal(err)
	}
	argv := []any{program, "kernel", "-f", "{connection_file}"}
	if got := spec["argv"].([]any); !slices.Equal(got, argv) {
		t.Errorf("argv %v, want %v", got, argv)
	}
	for key, want := range map[string]string{"display_name": "Go (Swingby)", "language": "go", "interrupt_mode": "message"} {
		if spec[key] != want {
			t.Errorf("%s %q, want %q", key, spec[key], want)
		}
	}
	if m, ok := spec["metadata"].(map[string]any); !ok || len(m) != 0 {
		t.Errorf("metadata %v, want an empty object", spec["metadata"])
	}
	if info, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o055 == 0 {
		t.Errorf("folder not readable by others: %v %v", info.Mode(), err)
	}

	// Again, under the same name, replaces it, leftovers included.
	if err := os.WriteFile(filepath.Join(dir, "kernel.js"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(Options{User: true, DisplayName: "Go again", Executable: program}); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("after a second time the folder holds %v, want %v", got, want)
	}
	if s, err := readSpec(dir); err != nil || s.DisplayName != "Go again" {
		t.Errorf("after a second time: %+v, %v", s, err)
	}

	gone, err := Uninstall(Options{})
	if err != nil || gone != dir {
		t.Errorf("Uninstall: %q, %v", gone, err)
	}
	if got := names(t, filepath.Dir(dir)); len(got) != 0 {
		t.Errorf("left after Uninstall: %v", got)
	}
	if _, err := Uninstall(Options{}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("Uninstall of nothing: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	data := alone(t)
	program := standIn(t)
	prefix, env := t.TempDir(), t.TempDir()
	t.Setenv("VIRTUAL_ENV", env)
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{}, filepath.Join(data, "kernels", "swingby")},
		{Options{User: true, Name: "Go-1.26_x"}, filepath.Join(data, "kernels", "go-1.26_x")},
		{Options{Prefix: prefix}, filepath.Join(prefix, "share", "jupyter", "kernels", "swingby")},
		{Options{SysPrefix: true}, filepath.Join(env, "share", "jupyter", "kernels", "swingby")},
	} {
		c.o.Executable = program
		dir, err := Install(c.o)
		if err != nil || dir != c.want {
			t.Errorf("Install(%+v) = %q, %v; want %q", c.o, dir, err, c.want)
		}
		if _, err := os.Stat(filepath.Join(c.want, "kernel.json")); err != nil {
			t.Error(err)
		}
		if _, err := Uninstall(c.o); err != nil {
			t.Error(err)
		}
	}
}

func TestRefused(t *testing.T) {
	data := alone(t)
	program := standIn(t)
	plain := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(plain, []byte("no program"), 0o644); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(t.TempDir(), "go-build123", "swingby")
	if err := os.MkdirAll(filepath.Dir(run), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(run, []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		o    Options
		want string
	}{
		{Options{User: true, SysPrefix: true}, "more than one place"},
		{Options{Prefix: "/x", SysPrefix: true}, "more than one place"},
		{Options{Name: "../up"}, "bad kernel name"},
		{Options{Name: ".."}, "bad kernel name"},
		{Options{Name: "go kernel"}, "bad kernel name"},
		{Options{Name: "gö"}, "bad kernel name"},
		{Options{Name: strings.Repeat("a", 101)}, "bad kernel name"},
		{Options{DisplayName: "two\nlines"}, "bad display name"},
		{Options{DisplayName: "  "}, "bad display name"},
		{Options{Executable: filepath.Join(data, "none")}, "make build"},
		{Options{Executable: data}, "make build"},
		{Options{Executable: filepath.Dir(program)}, "not a program"},
		{Options{Executable: run}, "build first"},
		// This test program itself is one that go test throws away.
		{Options{SysPrefix: true, Executable: program}, "no Python environment"},
	}
	if runtime.GOOS != "windows" {
		cases = append(cases, struct {
			o    Options
			want string
		}{Options{Executable: plain}, "not a program"})
	}
	for _, c := range cases {
		if c.o.Executable == "" {
			c.o.Executable = program
		}
		dir, err := Install(c.o)
		if err == nil || dir != "" || !strings.HasPrefix(err.Error(), "install: ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Install(%+v) = %q, %v; want an error with %q", c.o, dir, err, c.want)
		}
	}
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused install left %s: %v", data, err)
	}
	if self, err := os.Executable(); err == nil && temporary(self, "") {
		if _, err := Install(Options{}); err == nil || !strings.Contains(err.Error(), "build first") {
			t.Errorf("install from go test: %v", err)
		}
	}
}

func TestForeignKernelIsLeft(t *testing.T) {
	data := alone(t)
	program := standIn(t)
	for name, content := range map[string]string{
		"python3": `{"argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Python 3", "language": "python"}`,
		"broken":  `{"argv": `,
	} {
		dir := filepath.Join(data, "kernels", name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "kernel.json")
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Install(Options{Name: name, Executable: program}); err == nil || !strings.Contains(err.Error(), "left as it is") {
			t.Errorf("install over %s: %v", name, err)
		}
		if _, err := Uninstall(Options{Name: name}); err == nil || !strings.Contains(err.Error(), "left as it is") {
			t.Errorf("uninstall of %s: %v", name, err)
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != content {
			t.Errorf("%s changed: %q, %v", file, b, err)
		}
	}
}

// A data directory that cannot be one fails and leaves nothing behind.
func TestNothingHalfWritten(t *testing.T) {
	alone(t)
	program := standIn(t)
	top := t.TempDir()
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, []byte("in the way"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(Options{Prefix: file, Executable: program}); err == nil {
		t.Error("installed below a file")
	}
	if got := names(t, top); !slices.Equal(got, []string{"file"}) {
		t.Errorf("left behind: %v", got)
	}

	// The folder is taken by a file under its own name: refused, unchanged.
	kernels := filepath.Join(top, "share", "jupyter", "kernels")
	if err := os.MkdirAll(kernels, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(kernels, "swingby"), []byte("in the way"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(Options{Prefix: top, Executable: program}); err == nil {
		t.Error("installed over a file")
	}
	if got := names(t, kernels); !slices.Equal(got, []string{"swingby"}) {
		t.Errorf("left behind: %v", got)
	}
}

func TestWriteFolderUndoes(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "a", "b", "kernel")
	// No file can have this name, so writing fails half way.
	bad := map[string][]byte{"good": nil, filepath.Join("no", "such", "folder"): nil}
	if err := writeFolder(dir, bad); err == nil {
		t.Fatal("wrote to a folder that does not exist")
	}
	if got := names(t, top); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
	if err := writeFolder(dir, map[string][]byte{"one": []byte("1")}); err != nil {
		t.Fatal(err)
	}
	if err := writeFolder(dir, bad); err == nil {
		t.Fatal("wrote to a folder that does not exist")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"one"}) {
		t.Errorf("the old folder holds %v", got)
	}
	if got := names(t, filepath.Dir(dir)); len(got) != 1 {
		t.Errorf("left beside it: %v", got)
	}
}

func TestLogos(t *testing.T) {
	for name, size := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		b, err := logos.ReadFile("logo/" + name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil || m.Width != size || m.Height != size {
			t.Errorf("%s is %d×%d: %v", name, m.Width, m.Height, err)
		}
	}
}

func ExampleInstall() {
	// Errors come before anything is written.
	_, err := Install(Options{Name: "no/slashes"})
	fmt.Println(err)
	// Output:
	// install: bad kernel name "no/slashes"; use ASCII letters, digits, '-', '_' and '.' (not first or last), 100 at most
}
