package cell

import (
	"path/filepath"
	"testing"

	"swingby/kernel/history"
)

func TestMagicHistoryOfAllSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	t.Setenv(history.Variable, path)
	s := newSession(t)
	if got := runCell(t, s, 1, "%history -g"); got != "" {
		t.Errorf("without a file: %q", got)
	}
	for range 2 {
		h := history.Open(path, t.Logf)
		h.Add(history.Entry{Line: 1, Input: "x := 1"})
		h.Add(history.Entry{Line: 2, Input: "fmt.Println(x)\n"})
		h.Close()
	}
	for i, c := range []struct{ src, want string }{
		{"%history -g", "// 1/1\nx := 1\n// 1/2\nfmt.Println(x)\n// 2/1\nx := 1\n// 2/2\nfmt.Println(x)\n"},
		{"%history -g -n 1", "// 2/2\nfmt.Println(x)\n"},
		{"%history -g -n 3 x := ?", "// 1/1\nx := 1\n// 2/1\nx := 1\n"},
		{"%history -g f*tln", "// 1/2\nfmt.Println(x)\n// 2/2\nfmt.Println(x)\n"},
	} {
		if got := runCell(t, s, i+2, c.src); got != c.want {
			t.Errorf("%s\nshows\n%s\nwant\n%s", c.src, got, c.want)
		}
	}
	t.Setenv(history.Variable, "none")
	if got := runCell(t, s, 9, "%history -g"); got == "" {
		t.Error("without a history: no error")
	}
}
