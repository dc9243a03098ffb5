package notebook

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hangs is when a test gives up: long after the slowest machine is done, since it says that something never ends.
const hangs = 4 * time.Minute

// runCommand is this test binary as "swingby run"; see TestMain.
func runCommand(t *testing.T, stdin, file string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), hangs)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self, append([]string{"run", file}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	return cmd
}

// runFile writes a file and runs it.
func runFile(t *testing.T, name, src, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(src), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := runCommand(t, stdin, file, args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), strings.ReplaceAll(errs.String(), file, name), cmd.ProcessState.ExitCode()
}

func TestScript(t *testing.T) {
	for _, test := range []struct {
		name           string
		src, stdin     string
		args           []string
		stdout, stderr string
		status         int
	}{
		{
			name:   "program",
			src:    "#!/usr/bin/env -S swingby run\n//go:build ignore\n\npackage main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(twice(21)) }\n\nfunc twice(n int) int { return 2 * n }\n",
			stdout: "42\n",
		},
		{name: "statements", src: "x := 6\nfmt.Print(7 * x)\nx", stdout: "42"},
		{name: "displays", src: "display.Show(1.5)", stdout: "1.5\n"},
		{
			name: "arguments", src: "fmt.Println(len(os.Args), filepath.Base(os.Args[0]), os.Args[1:])",
			args: []string{"-x", "--", "y z"}, stdout: "4 x.go [-x -- y z]\n",
		},
		{
			name: "input", stdin: "3 4\nlast", stdout: "7\n\"last\"\nend\n",
			src: "var a, b int\nfmt.Scan(&a, &b)\nfmt.Println(a + b)\nvar s string\nfmt.Scan(&s)\nfmt.Printf(\"%q\\n\", s)\nif _, err := fmt.Scan(&s); err == io.EOF {\n\tfmt.Println(\"end\")\n}",
		},
		{name: "exit", src: "package main\nimport (\"os\"; \"fmt\")\nfunc main() { fmt.Fprint(os.Stderr, \"bye\"); os.Exit(7) }", stderr: "bye", status: 7},
		{name: "exit 0", src: "os.Exit(0)\nfmt.Println(1)"},
		{
			name: "compile errors", src: "package main\n\nfunc main() {\n\tx := 1\n\ty := \"a\" + 1\n}\n", status: 1,
			stderr: "x.go:4:2: declared and not used: x\n    \tx := 1\n    \t^\nx.go:5:2: declared and not used: y",
		},
		{name: "syntax error", src: "package main\nfunc main() {\n\tx := := 1\n}\n", stderr: "x.go:3:7: syntax error: ", status: 1},
		{
			name: "panic", status: 2,
			src:    "package main\n\nfunc f(n int) {\n\tpanic(\"In[1]: no \" + string(rune('A'+n)))\n}\n\nfunc main() {\n\tf(1)\n}\n",
			stderr: "panic: In[1]: no B\n    x.go:4:2 in f\n        panic(\"In[1]: no \" + string(rune('A'+n)))\n    x.go:8:2 in main\n        f(1)\n",
		},
		{name: "run-time error", src: "var m map[string]int\nm[\"a\"] = 1", status: 2, stderr: "panic: runtime error: assignment to entry in nil map\n    x.go:2:1\n"},
		{name: "recursion", src: "func f(n int) int { return f(n+1) + 1 }\nf(0)", status: 2, stderr: "stack overflow: the recursion of f is too deep for the stack\n    x.go:1:21 in f\n"},
		{name: "death", src: "var mu sync.Mutex\nmu.Unlock()", status: 2, stderr: "fatal error: sync: unlock of unlocked mutex"},
		{name: "exit", src: "package main\nimport \"os\"\nfunc main() {\n\tdefer println(\"deferred\")\n\tdefer func() { recover() }()\n\tos.Exit(3)\n}\n", status: 3},
		{name: "exit of a goroutine", src: "package main\nimport \"os\"\nfunc main() {\n\tgo os.Exit(4)\n\tselect {}\n}\n", status: 4},
		{name: "panic of a goroutine", src: "package main\nimport \"errors\"\nfunc main() {\n\tgo func() { panic(errors.New(\"lost\")) }()\n\tselect {}\n}\n", status: 2, stderr: "panic: lost\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, status := runFile(t, "x.go", test.src, test.stdin, test.args...)
			// The runtime's last words are long; of them, and of lists of errors, the beginning is compared.
			if status != test.status || stdout != test.stdout || !strings.HasPrefix(stderr, test.stderr) || test.stderr == "" && stderr != "" {
				t.Errorf("status %d, output %q and %q, want %d, %q, %q…", status, stdout, stderr, test.status, test.stdout, test.stderr)
			}
		})
	}
}

// TestScriptNotebook runs the cells of a notebook in its folder.
func TestScriptNotebook(t *testing.T) {
	nb := notebookOf(
		"x := 20",
		"x + 1",
		"wd, _ := os.Getwd()\nfilepath.Base(wd) == filepath.Base(filepath.Dir(os.Args[0]))",
		"#skip-execution: panic(0)",
		"#raises-exception: panic(\"expected\")",
		"display.Show(display.Markdown(\"*b*\"))\nfmt.Println(\"text\")",
		"os.Exit(x)",
		"fmt.Println(\"not reached\")",
	)
	stdout, stderr, status := runFile(t, "n.ipynb", string(nb.Bytes()), "")
	if want := "21\ntrue\n*b*\ntext\n"; stdout != want {
		t.Errorf("output %q, want %q", stdout, want)
	}
	if want := "panic: expected\n    In[4]:1:1\n        panic(\"expected\")\nn.ipynb: cell 5 failed\n"; stderr != want {
		t.Errorf("errors %q, want %q", stderr, want)
	}
	if status != 20 {
		t.Errorf("status %d, want 20", status)
	}
}

func TestScriptMissing(t *testing.T) {
	_, err := RunScript(t.Context(), filepath.Join(t.TempDir(), "none.go"), nil, ScriptOptions{})
	if err == nil || !strings.HasPrefix(err.Error(), "notebook: cannot read the script: ") {
		t.Errorf("error %v", err)
	}
}
