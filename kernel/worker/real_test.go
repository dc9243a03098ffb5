package worker

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"
)

// These tests are about the whole way from a cell's text to what is shown; what a
// cell means is package cell's to test.

func TestRealSession(t *testing.T) {
	w, rec := start(t, "real", Options{Input: func(prompt string, password bool) (string, error) { return "Ada 36", nil }})
	for _, test := range []struct{ code, result, stdout, stderr string }{
		{"x := 20", "", "", ""},
		{"x + 1", "21", "", ""},
		{`fmt.Println("a"); os.Stdout.WriteString("b\n"); fmt.Fprintln(os.Stderr, "c"); println("d")`, "", "a\nb\n", "c\nd\n"},
		{`log.SetFlags(0); log.Print("logged")`, "", "", "logged\n"},
		{`func double(n int) int { return 2 * n }`, "", "", ""},
		{`double(x)`, "40", "", ""},
		{"var name string\nvar age int\nfmt.Scan(&name, &age)\nname", "Ada", "", ""},
		{"age", "36", "", ""},
	} {
		rec.events = nil
		r := executeOK(t, w, test.code)
		if got := strings.Trim(plain(r), `"`); got != test.result {
			t.Errorf("%s: result %q, want %q", test.code, got, test.result)
		}
		if got := rec.text("stdout"); got != test.stdout {
			t.Errorf("%s: stdout %q, want %q", test.code, got, test.stdout)
		}
		if got := rec.text("stderr"); got != test.stderr {
			t.Errorf("%s: stderr %q, want %q", test.code, got, test.stderr)
		}
	}
	if p := executeOK(t, w, "?strings.ToUpper").Payloads; len(p) != 1 || !strings.HasPrefix(p[0].Page["text/plain"], "func ToUpper(") {
		t.Errorf("a question about a name: payloads %+v", p)
	}
	r, err := execute(t, w, "undefined + 1")
	if err != nil || r.Status != "error" || r.Error.Name != "compile error" || !strings.Contains(r.Error.Value, "undefined") {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = execute(t, w, "var m map[string]int\nm[\"a\"] = 1")
	if err != nil || r.Status != "error" || !strings.Contains(r.Error.Value, "assignment to entry in nil map") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRealDisplay(t *testing.T) {
	w, rec := start(t, "real", Options{})
	executeOK(t, w, `import "swingby/kernel/display"
for i := range 3 {
	fmt.Println("text", i)
	display.Show(display.Markdown(fmt.Sprint(i)))
}`)
	if got, want := rec.story("stdout"), "text 0\n[0]text 1\n[1]text 2\n[2]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRealInterrupt(t *testing.T) {
	w, _ := start(t, "real", Options{})
	<-w.Ready()
	executeOK(t, w, "kept := 7")
	for _, code := range []string{
		"for {}",
		"n := 0\nfor { n++ }",
		"select {}",
		"time.Sleep(time.Hour)",
		"<-ctx.Done()",
	} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(100*time.Millisecond, cancel)
		r, err := w.Execute(ctx, ExecuteRequest{Code: code, Count: 2})
		if err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		if code != "<-ctx.Done()" && (r.Status != "error" || r.Error.Name != "interrupted") {
			t.Errorf("%s: %s %+v", code, r.Status, r.Error)
		}
	}
	if got := plain(executeOK(t, w, "kept")); got != "7" {
		t.Errorf("after the interrupts a variable is %q", got)
	}
}

func TestRealDeaths(t *testing.T) {
	for _, test := range []struct{ code, reason string }{
		{"m := map[int]int{}\nfor range 4 {\n\tgo func() {\n\t\tfor i := 0; ; i++ {\n\t\t\tm[i%1000] = i\n\t\t}\n\t}()\n}\nselect {}", "fatal error: concurrent map writes"},
		{"var mu sync.Mutex\nmu.Unlock()", "fatal error: sync: unlock of unlocked mutex"},
	} {
		w, rec := start(t, "real", Options{})
		<-w.Ready()
		_, err := execute(t, w, test.code)
		if d := death(t, err); d.Reason != test.reason {
			t.Errorf("%s: %q; stderr %q", test.code, d.Reason, rec.text("stderr"))
		}
	}
}

// BenchmarkReal measures the round trip of 1+1.
func BenchmarkReal(b *testing.B) {
	w, _ := start(b, "real", Options{})
	<-w.Ready()
	runtime.GC()
	for b.Loop() {
		executeOK(b, w, "1 + 1")
	}
}
