package notebook

import (
	"errors"
	"go/parser"
	"strings"
	"testing"
)

func TestLiteral(t *testing.T) {
	for _, c := range []struct{ typ, text, want string }{
		{"bool", "true", "true"},
		{"bool", " 0 ", "false"},
		{"bool", "yes", `! "yes" is no bool (true or false)`},
		{"int", "42", "42"},
		{"int", "1e6", "1000000"},
		{"int", "0x10", "16"},
		{"int", "2.5", `! "2.5" is no int (a whole number such as 42)`},
		{"int8", "128", `! "128" is no int8 (it does not fit into 8 bits)`},
		{"int8", "1e3", `! "1e3" is no int8 (it does not fit into 8 bits)`},
		{"uint", "-1", `! "-1" is no uint (a whole number from 0 such as 42)`},
		{"uint64", "18446744073709551615", "18446744073709551615"},
		{"float64", "1", "1"},
		{"float64", "2.50", "2.5"},
		{"float64", "-inf", "math.Inf(-1)"},
		{"float64", "nan", "math.NaN()"},
		{"float64", "1e400", `! "1e400" is no float64 (it is beyond what the type can hold)`},
		{"float64", "1,2", `! "1,2" is no float64 (a number such as 2.5 or 1e-3)`},
		{"complex128", "1+2i", "complex(1, 2)"},
		{"rune", "µ", "'µ'"},
		{"string", ` two "words" `, `" two \"words\" "`},
		{"string", "", `""`},
		{"time.Duration", "1.5s", "1500 * time.Millisecond"},
		{"time.Duration", "5", `! "5" is no time.Duration (such as 1.5s or 2m)`},
		{"[]float64", "1,2.5", "[]float64{1, 2.5}"},
		{"[]float64", "[1, 2.5]", "[]float64{1, 2.5}"},
		{"[]float64", "[]", "[]float64{}"},
		{"[]float64", "", "! there is no value; an empty list is []"},
		{"[]float64", "1,x", `! element 2: "x" is no float64 (a number such as 2.5 or 1e-3)`},
		{"[]float64", "1,,2", `! "1,,2" is no list: element 2 is missing`},
		{"[]float64", "[1,2", `! "[1,2" is no list: a bracket is not closed`},
		{"[][]int", "[1,2],[3]", "[][]int{{1, 2}, {3}}"},
		{"[][]int", "[[1,2],[3]]", "[][]int{{1, 2}, {3}}"},
		{"[][]int", "1,2", `! element 1: "1" is no list: inside another it stands in brackets, such as [1,2]`},
		{"[2]string", `a b,"c,d"`, `[2]string{"a b", "c,d"}`},
		{"[2]string", "a", `! "a" has 1 elements, a [2]string has 2`},
		{"map[string]float64", "{a: 1, b: 2}", `map[string]float64{"a": 1, "b": 2}`},
		{"map[string]float64", "{a}", `! "a" has no value: a map is written {key: value, key: value}`},
		{"theory.Rate", "theory.RateA2", "theory.RateA2"},
		{"theory.Rate", "a b", `! "a b" is no Go expression, which a value of type theory.Rate is written as`},
	} {
		typ, err := parser.ParseExpr(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		got, err := literal(typ, c.text)
		if err != nil {
			got = "! " + err.Error()
		}
		if got != c.want {
			t.Errorf("%s from %q: got %s, want %s", c.typ, c.text, got, c.want)
		}
	}
}

// FuzzLiteral: whatever the text, what comes out is one Go expression, or an error.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"1,2.5", "[[1],[2,3]]", `{"a": [1]}`, "x)", `"`, "1s", "[(]", "{a:{}}"} {
		for i := range literalTypes {
			f.Add(i, s)
		}
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		if i < 0 || i >= len(literalTypes) {
			return
		}
		typ, err := parser.ParseExpr(literalTypes[i])
		if err != nil {
			t.Fatal(err)
		}
		s, err := literal(typ, text)
		if err != nil {
			return
		}
		if _, err := parser.ParseExpr(s); err != nil || strings.Contains(s, "\n") {
			t.Errorf("%s from %q is %q, no expression on a line: %v", literalTypes[i], text, s, err)
		}
	})
}

var literalTypes = []string{"bool", "int", "uint8", "float64", "complex128", "string", "rune", "time.Duration",
	"[]float64", "[][]string", "[2]int", "map[string][]int", "theory.Rate"}

// TestSetParameters sets parameters of a notebook, whose types Go's checker finds.
func TestSetParameters(t *testing.T) {
	make := func() *Notebook {
		nb := notebookOf(
			"import \"fmt\"",
			"#parameters: mu := []float64{1, 1.5} // signals\nvar seed uint64 = 2333\nrate, name := theory.RateA2, \"a\"\nwait := 2 * time.Second",
			"fmt.Println(mu, seed, rate == theory.RateA, name, wait)",
		)
		return nb
	}
	nb := make()
	list, err := Parameters(t.Context(), nb)
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, p := range list {
		known = append(known, p.String()+" = "+p.Default)
	}
	if got, want := strings.Join(known, "; "), `mu ([]float64) = []float64{1, 1.5}; seed (uint64) = 2333; rate (theory.Rate) = theory.RateA2; name (string) = "a"; wait (time.Duration) = 2 * time.Second`; got != want {
		t.Errorf("parameters %s\nwant %s", got, want)
	}

	values, err := SetParameters(t.Context(), nb, []Setting{{"rate", "theory.RateA"}, {"mu", "1,2.5"}, {"name", `b "c"`}, {"wait", "1m"}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "// Parameters\nmu = []float64{1, 2.5}\nrate = theory.RateA\nname = \"b \\\"c\\\"\"\nwait = 1 * time.Minute"
	if len(nb.Cells) != 4 || nb.Cells[2].Source != want || nb.Cells[2].ID != "injected-parameters" || values["mu"] != "[]float64{1, 2.5}" {
		t.Errorf("values %v, cells %d, injected %q", values, len(nb.Cells), nb.Cells[2].Source)
	}
	// Again: the injected cell is replaced.
	if _, err := SetParameters(t.Context(), nb, []Setting{{"seed", "7"}}); err != nil || len(nb.Cells) != 4 || nb.Cells[2].Source != "// Parameters\nseed = 7" {
		t.Errorf("error %v, cells %d, injected %q", err, len(nb.Cells), nb.Cells[2].Source)
	}
	if err := Exec(t.Context(), nb, ExecOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := nb.Cells[3].Outputs[0].Text; got != "[1 1.5] 7 false a 2s\n" {
		t.Errorf("the notebook printed %q", got)
	}

	before := string(make().Bytes())
	for _, c := range []struct{ setting, want string }{
		{"nu=1", "notebook: the notebook has no parameter nu; it has mu ([]float64), seed (uint64), rate (theory.Rate), name (string), wait (time.Duration)"},
		{"mu=1,x", `notebook: parameter mu ([]float64): element 2: "x" is no float64 (a number such as 2.5 or 1e-3)`},
		{"rate=theory.RateB", `notebook: parameter rate (theory.Rate): "theory.RateB" does not fit: undefined: theory.RateB`},
		{"rate=2.5", `notebook: parameter rate (theory.Rate): "2.5" does not fit: cannot use 2.5 (untyped float constant) as theory.Rate value in assignment (truncated)`},
		{"mu", `notebook: "mu" is no parameter, which is written NAME=VALUE, such as mu=1,2.5`},
		{"a b=1", `notebook: "a b=1" is no parameter, which is written NAME=VALUE, such as mu=1,2.5`},
	} {
		nb := make()
		s, err := ParseSetting(c.setting)
		if err == nil {
			_, err = SetParameters(t.Context(), nb, []Setting{s})
		}
		if pe := (*ParameterError)(nil); !errors.As(err, &pe) || err.Error() != c.want {
			t.Errorf("%s: error %v\nwant %s", c.setting, err, c.want)
		}
		if string(nb.Bytes()) != before {
			t.Errorf("%s: the notebook has changed", c.setting)
		}
	}
}

func TestParametersRefuse(t *testing.T) {
	for _, c := range []struct {
		cells []string
		want  string
	}{
		{[]string{"x := 1"}, `no cell is tagged "parameters", so there is no parameter x; tag the cell that declares it`},
		{[]string{"#parameters: import \"fmt\""}, "must hold declarations of variables and nothing else"},
		{[]string{"#parameters: const x = 1"}, "the notebook has no parameter x; it has none"},
		{[]string{"y := 1", "#parameters: x := y"}, "the type of the parameter x cannot be told before the notebook runs"},
	} {
		_, err := SetParameters(t.Context(), notebookOf(c.cells...), []Setting{{"x", "2"}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s", c.cells, err, c.want)
		}
	}
}
