package cell

import (
	"io"
	"strings"
	"testing"
)

// lines is an input that gives a line at a time, and counts what is asked for.
type lines struct {
	list  []string
	asked int
}

func (in *lines) Read(p []byte) (int, error) {
	in.asked++
	if len(in.list) == 0 {
		return 0, io.EOF
	}
	n := copy(p, in.list[0]+"\n")
	in.list = in.list[1:]
	return n, nil
}

// TestInput: whatever way a cell reads its standard input, it gets the lines that are typed for it, and none that an earlier cell has
// left.
func TestInput(t *testing.T) {
	in := &lines{}
	s, err := New(Config{Stdin: in})
	if err != nil {
		t.Fatal(err)
	}
	for i, test := range []struct {
		typed string // lines, "|" between them
		src   string
		want  string
		asked int
	}{
		{"5 and more", "var x int\nfmt.Scan(&x)\nx", "5", 1},
		{"word", "var w string\nfmt.Scanln(&w)\nw", `"word"`, 1},
		{"7", "fmt.Scanf(\"%d\", &x)\nx", "7", 1},
		{"a line", "bufio.NewReader(os.Stdin).ReadString('\\n')", "`a line\n`\nnil", 1},
		{"a|b", "for sc := bufio.NewScanner(os.Stdin); sc.Scan(); { fmt.Print(sc.Text(), \";\") }", "a;b;", 3},
		{"a b|c", "var p, q string\nfmt.Scan(&p)\nfmt.Fscan(os.Stdin, &q)\nrest, err := bufio.NewReader(os.Stdin).ReadString('\\n')\nfmt.Print(p, q, rest)", "abc", 2},
		{"a|b", "all := func(r io.Reader) string { b, _ := io.ReadAll(r); return string(b) }\nf := os.Stdin\nall(f)", "`a\nb\n`", 3},
		{"xyz", "b := make([]byte, 8)\nn, err := f.Read(b)\nstring(b[:n])", "`xyz\n`", 1},
		{"xyz", "read := os.Stdin.Read\nn, err := read(b)\nstring(b[:n])", "`xyz\n`", 1},
		{"a", "n2, err := io.Copy(os.Stderr, os.Stdin)\nn2", "2", 2},
		{"a", "var rc io.ReadCloser = os.Stdin\nall(rc)", "`a\n`", 2},
		{`{"A": 3}`, "type record struct { f *os.File; r io.Reader }\nvar d struct{ A int }\njson.NewDecoder(record{os.Stdin, os.Stdin}.r).Decode(&d)\nd.A", "3", 1},
		// Another file is what it is, also as os.Stdin.
		{"not this", "g, err := os.CreateTemp(\"\", \"input\")\ng.WriteString(\"file\")\ng.Seek(0, io.SeekStart)\nall(g)", `"file"`, 0},
		{"nor this", "own := os.Stdin\nos.Stdin = g", "", 0},
		{"nor this", "g.Seek(0, io.SeekStart)\nread2, err := io.ReadAll(os.Stdin)\nos.Stdin = own\ng.Close()\nos.Remove(g.Name())\nstring(read2)", `"file"`, 0},
	} {
		in.list, in.asked = strings.Split(test.typed, "|"), 0
		if got := strings.TrimSpace(runCell(t, s, i+1, test.src)); !strings.Contains(got, test.want) {
			t.Errorf("%s\ngives %q, want %q", test.src, got, test.want)
		}
		if in.asked != test.asked {
			t.Errorf("%s\nasks for %d lines, want %d", test.src, in.asked, test.asked)
		}
	}
}
