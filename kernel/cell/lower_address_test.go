package cell

import (
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
)

// TestVariablesOfPackages: a variable of a compiled package is one and the same for cells and for compiled code, in the cell that
// sets it and in later ones.
func TestVariablesOfPackages(t *testing.T) {
	args, client, usage, style := os.Args, http.DefaultClient, flag.Usage, plotter.DefaultLineStyle
	defer func() { os.Args, http.DefaultClient, flag.Usage, plotter.DefaultLineStyle = args, client, usage, style }()
	s := newSession(t)
	for i, test := range []struct{ src, want string }{
		{"os.Args = []string{\"a\", \"b\", \"c\"}\nlen(os.Args)", "3"},
		{"for range 2 { os.Args = append(os.Args, \"z\") }\nos.Args[0] = \"first\"\nos.Args[1] += \"!\"\nstrings.Join(os.Args, \" \")", `"first b! c z z"`},
		{"p := &os.Args\n*p = []string{\"q\"}\nlen(os.Args) == 1 && &os.Args == p", "true"},
		{"own := []string{\"own\"}\nos.Args, own = own, os.Args\nfmt.Sprint(os.Args, own)", `"[own] [q]"`},
		{"import \"net/http\"\nc := &http.Client{}\nhttp.DefaultClient = c\nhttp.DefaultClient == c && c == http.DefaultClient && !(http.DefaultClient != c)", "true"},
		{"import \"flag\"\nflag.Usage = func() { fmt.Print(\"called\") }\nflag.Usage()\nflag.Usage != nil", "called"},
		{"import \"gonum.org/v1/plot/plotter\"\nplotter.DefaultLineStyle.Width = 7\nls := plotter.DefaultLineStyle\nw := &plotter.DefaultLineStyle.Width\n*w++\nplotter.DefaultLineStyle.Width *= 2\nfmt.Sprint(ls.Width, plotter.DefaultLineStyle.Width)", `"7 16"`},
		{"import . \"net/http\"\nDefaultClient = nil\nDefaultClient == nil && http.DefaultClient == nil", "true"},
		{"errs := map[error]int{io.EOF: 1}\nvar err error = io.EOF\nr := 0\nswitch err {\ncase os.ErrNotExist:\ncase io.EOF:\n\tr = errs[io.EOF]\n}\nr", "1"},
		{"f := os.Stdout.Name\nf() + \" \" + os.Stdout.Name()", `"/dev/stdout /dev/stdout"`},
	} {
		if got := strings.TrimSpace(runCell(t, s, i+1, test.src)); !strings.Contains(got, test.want) {
			t.Errorf("%s\ngives %q, want %q", test.src, got, test.want)
		}
	}
	if got := strings.Join(os.Args, " "); got != "own" {
		t.Errorf("compiled code sees os.Args %q, want %q", got, "own")
	}
	if w := plotter.DefaultLineStyle.Width; w != 16 {
		t.Errorf("compiled code sees a width of %v, want 16", w)
	}
	if http.DefaultClient != nil {
		t.Errorf("compiled code sees the client %v, want none", http.DefaultClient)
	}
}
