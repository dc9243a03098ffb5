package cell

import (
	"os"
	"strings"
	"testing"
)

func TestMagicComplete(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"step.go", "other.txt", "with space.go"} {
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("dir", 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SWINGBY_PLAIN", "1")
	s := newSession(t)
	runCell(t, s, 1, "orbit := 1")
	for _, c := range []struct{ src, start, want string }{
		{"%wh¦", "%wh", "%who %whos"},
		{"x := 1\n%wh¦\ny", "%wh", "%who %whos"},
		{"%%ti¦", "%%ti", "%%time %%timeit"},
		{"%ti¦", "%ti", "%time %timeit"},
		{"x\n%%ti¦", "%%ti", ""},
		{"%%w¦ a", "%%w", "%%writefile"},
		{"%time orb¦", "orb", "orbit"},
		{"%timeit -n 3 orb¦", "orb", "orbit"},
		{"%%time\norb¦", "orb", "orbit"},
		{"%who\norb¦", "orb", "orbit"},
		{"!ls\nmath.Sqr¦", "Sqr", "Sqrt Sqrt2 SqrtE SqrtPhi SqrtPi"},
		{"%%bash\norb¦", "", ""},
		{"%run st¦", "st", "step.go"},
		{"%run ¦", "", "dir/ other.txt step.go"},
		{"%cd ¦", "", "dir/"},
		{"!cat ot¦", "ot", "other.txt"},
		{"%help whos¦", "whos", "whos"},
		{"%env SWINGBY_PL¦", "SWINGBY_PL", "SWINGBY_PLAIN"},
		{"x := 7 %orb¦", "orb", "orbit"},
	} {
		src, rest, _ := strings.Cut(c.src, "¦")
		got := s.Complete(src+rest, len(src))
		var list []string
		for _, m := range got.Matches {
			list = append(list, m.Text)
		}
		if strings.Join(list, " ") != c.want || src[got.Start:] != c.start {
			t.Errorf("%s: %q replace %q, want %s", c.src, list, src[got.Start:], c.want)
		}
	}
	plain, _, _ := s.Inspect("!ls\norbit", 5, 0)
	if !strings.Contains(plain, "var orbit int") {
		t.Errorf("inspection below a command: %q", plain)
	}
	runCell(t, s, 2, "!echo \"it's\"\n\n// area is a size.\nfunc area() int { return 1 }")
	plain, _, _ = s.Inspect("area", 1, 1)
	if !strings.Contains(plain, "area is a size") || !strings.Contains(plain, "return 1") {
		t.Errorf("inspection of a function below a command: %q", plain)
	}
}

func TestMagicIsComplete(t *testing.T) {
	s := &Session{}
	for src, want := range map[string]string{
		"%who":              "complete",
		"x := 1\n%who":      "complete",
		"%who\nif x {":      "incomplete",
		"%%bash":            "incomplete",
		"%%bash\n":          "incomplete",
		"%%bash\necho 'it'": "complete",
		"%%writefile a":     "complete",
		"%%time":            "incomplete",
		"%%time\nf(":        "incomplete",
		"%%time\nf()":       "complete",
		"%time f(":          "incomplete",
		"%time f()":         "complete",
		"!ls":               "complete",
		"!ls \\":            "incomplete",
		"!ls \\\n-l":        "complete",
		"!echo (":           "complete",
		"%who\n)":           "invalid",
		"%nosuch":           "complete",
	} {
		if got, _ := s.IsComplete(src); got != want {
			t.Errorf("%q is %s, want %s", src, got, want)
		}
	}
}
