package notebook

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"swingby/kernel/worker"
)

// TestMain lets the test binary be the worker that Exec starts, and the program that runs a script.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) >= 2 && os.Args[1] == "worker":
		ScriptArgs(os.Args[2:])
		if err := worker.Serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	case len(os.Args) >= 3 && os.Args[1] == "run":
		status, err := RunScript(context.Background(), os.Args[2], os.Args[3:], ScriptOptions{})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(status)
	}
	os.Exit(m.Run())
}

// TestWorker runs Go in a real worker process: output, results, displays, a
// panic, a death and a cell out of time, in the notebook's folder.
func TestWorker(t *testing.T) {
	dir := t.TempDir()
	nb := notebookOf(
		"x := 20\nfmt.Println(\"hello\")\nx + 1",
		"wd, _ := os.Getwd()\nfmt.Print(wd)",
		"display.Show(display.HTML(\"<b>\"))\nfmt.Fprintln(os.Stderr, \"note\")",
		"#raises-exception: var a []int\na[x]",
		"#raises-exception: var mu sync.Mutex\nmu.Unlock()",
		"y := 1\ny",
		"fmt.Print(\"a\")\ndisplay.Show(widget.NewIntSlider(0, 9, 3))\nfmt.Print(\"b\")\nwidget.NewCheckbox(\"on\", true)",
		"widget.Interact(func(n int) int { return []int{1, 2}[n] }, 7)",
	)
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
	defer cancel()
	if err := Exec(ctx, nb, ExecOptions{Dir: dir}); err != nil {
		t.Fatalf("%v\n%s", err, show(nb))
	}
	got := strings.Split(show(nb), "\n")
	for i, want := range []string{
		`[1] stdout "hello\n" execute_result 21`,
		`[2] stdout "` + dir,
		`[3] display_data `,
		`[4] error runtime error: index out of range`,
		`[5] error `,
		`[6] execute_result 1`,
		`[7] stdout "ab"`, // no control outlives its session
		`[8] error runtime error: index out of range`,
	} {
		if !strings.HasPrefix(got[i], want) {
			t.Errorf("cell %d is %s, want %s", i+1, got[i], want)
		}
	}
	if want := "run In[1]–In[3] again."; !strings.Contains(got[4], "unlock") || !strings.Contains(got[4], want) {
		t.Errorf("the death is %s, want %s in it", got[4], want)
	}
	if !strings.Contains(got[2], `stderr "note\n"`) {
		t.Errorf("cell 3 is %s", got[2])
	}
	if h := nb.Cells[2].Outputs[0].Data["text/html"]; h != "<b>" {
		t.Errorf("cell 3 shows %v", h)
	}

	// An endless loop is interrupted and the session goes on.
	nb = notebookOf("y := 1", "for {\n}", "y + 1")
	err := Exec(ctx, nb, ExecOptions{CellTimeout: 2 * time.Second, KeepGoing: true})
	want := "[1]\n[2] error timeout: the cell ran longer than 2s [\"timeout: the cell ran longer than 2s\"]\n[3] execute_result 2\n"
	if err == nil || show(nb) != want {
		t.Errorf("error %v, got\n%s", err, show(nb))
	}
}
