package cell

import "testing"

func TestZZProbe(t *testing.T) {
	s := newSession(t)
	runCell(t, s, 1, "x := 3\ntype T struct{ Alpha int; beta float64 }\nv := T{}\nys := []int{1}")
	for i, src := range []string{
		"print x", "print(x)", "print 'hello'", "fmt.Println('hello')", "a := 'hi there'", "b := True", "None", "import numpy", "import numpy as np", "from math import sqrt", "def f():\n  return 3", "def f(x) {\n return x\n}",
		"# comment\nx", "x # comment", "newx = 1", "for i in range(3):\n  print(i)", "for i in range(3) {\n}", "for i in ys {\n}", "if x > 3:\n  y = 2\nelif x > 2:\n  y = 3", "if x > 3 {\n} elif x < 2 {\n}", "if x > 3 {\n} else if x < 2:\n", "y := x ** 2", "y := 2.0**x", "f := f\"{x}\"", "fmt.Println(f\"a {x}\")", "g := lambda y: y + 1", "x and true", "if x > 1 and x < 2 {\n}", "not true", "if not true {\n}", "x or y",
		"while x < 3 {\n}", "while x < 3:\n", "x = x if x > 1 else 2", "x is nil", "if x == nil or x {\n}", "y := x // 2\ny", "int(\"3\")", "float(3)", "str(x)", "class A:\n  pass", "[1, 2, 3]", "y := [1, 2, 3]", "d := {\"a\": 1}", "let y = 3", "const y = 3;y", "y := x ? 1 : 2", "x^2", "++x", "y := x++", "math.sqrt(2)", "math.Sqr(2)", "mth.Sqrt(2)", "v.alpha", "v.Beta", "v.gamma", "T{Alfa: 1}", "T{Beta: 1}", "import \"github.com/foo/bar\"", "import \"numpy\"", "import \"nett/http\"",
		"httptest.NewServer", "math", "Sqrt(2)", "for x in ys {}", "switch x {\ncase 1\n}", "fn f() {}", "function f() {}", "if (x > 3) x = 2", "if x > 3\n{\n}", "try {\n}", "int y = 3", "float64 y", "var y int := 3", "x := 4", "y = 2", "try:\n  x\n", "with open(\"f\") as f:\n pass", "assert x == 3", "return x", "del x", "import math", "import \"math\" as m", "x !== 3", "\"a\" + 3", "len x", "raise ValueError(\"x\")", "'''doc'''", "x <> 3", "!x", "-x // 2", "%timeit x", "%time x", "!ls", "%%bash\nls", "?x", "x?", "ys[-1]", "ys[1:2:]", "f(x=3)", "println(x, end=\"\")", "lambda x: x", "print(\"a\" % x)", "x.append(3)", "ys.append(3)", "ys.length", "len(ys).foo", "else {\n}", "}", "func f() { ", "struct A {\n}", "type A {\n}", "y : int = 3", "using x", "new T()", "null", "fmt.println(x)", "v.Alpha()", "for i = 0; i < 3; i++ {\n}", "for (i := 0; i < 3; i++) {\n}", "for i := 0; i < 3; i++:\n", "do {\n}", "pass", "xs := []int(1,2)", "async f()", "await f", "x: 3", "a, b = 1, 2", "func f(x): int { return x }", "func f(x int) -> int { return x }",
	} {
		t.Logf("%q\n%s", src, runCell(t, s, i+2, src))
	}
}
