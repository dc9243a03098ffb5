package cell

import "testing"

func TestIsComplete(t *testing.T) {
	s := &Session{}
	for _, c := range []struct{ src, status, indent string }{
		{"", "complete", ""},
		{"\n\n", "complete", ""},
		{"// a comment", "complete", ""},
		{"x := 1", "complete", ""},
		{"x := 1;", "complete", ""},
		{"x++", "complete", ""},
		{"return", "complete", ""},
		{"package main\nimport \"fmt\"\nfunc main() {\n\tfmt.Println()\n}", "complete", ""},
		{"func f(x int) int {\r\n\treturn x\r\n}\r\n", "complete", ""},
		{"s := `a\r\nb`", "complete", ""},
		{"import (\n\t\"fmt\"\n)", "complete", ""},
		{"if x {", "incomplete", "\t"},
		{"if x {\n", "incomplete", "\t"},
		{"if x { // why", "incomplete", "\t"},
		{"if x {\n} else", "incomplete", "\t"},
		{"if x {\n} else {", "incomplete", "\t"},
		{"for i := range 3 {\n\tif i > 1 {", "incomplete", "\t\t"},
		{"for i := range 3 {\n\tif i > 1 {\n\t}", "incomplete", "\t"},
		{"switch x {\ncase 1:", "incomplete", "\t"},
		{"f(func() {", "incomplete", "\t"},
		{"f(func() {\n\tg(", "incomplete", "\t\t"},
		{"f(1,", "incomplete", "\t"},
		{"f(1,\n\t2,", "incomplete", "\t"},
		{"f(1 +", "incomplete", "\t"},
		{"x := []int{\n\t1,", "incomplete", "\t"},
		{"x := []int{\n\t1 +", "incomplete", "\t\t"},
		{"x :=", "incomplete", "\t"},
		{"x +", "incomplete", "\t"},
		{"x.", "incomplete", "\t"},
		{"a,", "incomplete", "\t"},
		{"x = <-", "incomplete", "\t"},
		{"import", "incomplete", "\t"},
		{"outer:", "incomplete", ""},
		{"s := `abc", "incomplete", ""},
		{"s := `", "incomplete", ""},
		{"x := 1 /* and", "incomplete", ""},
		{"/*", "incomplete", ""},
		{")", "invalid", ""},
		{"f(]", "invalid", ""},
		{"}", "invalid", ""},
		{"} {", "invalid", ""},
		{"x y", "invalid", ""},
		{"s := \"abc", "invalid", ""},
		{"func f()", "invalid", ""},
		{"if x", "invalid", ""},
		{"x := := 1", "invalid", ""},
		{"1 = @", "invalid", ""},
	} {
		if status, indent := s.IsComplete(c.src); status != c.status || indent != c.indent {
			t.Errorf("IsComplete(%q) = %q, %q, want %q, %q", c.src, status, indent, c.status, c.indent)
		}
	}
}

// FuzzIsComplete looks for texts that make the tokens or the parser fail.
func FuzzIsComplete(f *testing.F) {
	for _, s := range []string{"", "if x {", "s := `\r", "/*\r*", "func () {", "}", "'\\", "\x00\xff"} {
		f.Add(s)
	}
	s := &Session{}
	f.Fuzz(func(t *testing.T, src string) {
		switch status, indent := s.IsComplete(src); status {
		case "complete", "invalid":
			if indent != "" {
				t.Errorf("%s with indent %q", status, indent)
			}
		case "incomplete":
		default:
			t.Errorf("status %q", status)
		}
		end := 0
		for _, l := range lex(src) {
			if l.off < end || l.end < l.off || l.end > len(src) {
				t.Fatalf("token %v at [%d:%d] after %d in %d bytes", l.tok, l.off, l.end, end, len(src))
			}
			end = l.end
		}
	})
}
