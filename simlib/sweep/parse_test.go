package sweep

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, typ, want string }{
		{"mu=1", "int", "1"},
		{"mu = 1, 2 ,5", "int", "1|2|5"},
		{"mu=linspace(1,3,9)", "float64", "1|1.25|1.5|1.75|2|2.25|2.5|2.75|3"},
		{"mu=linspace(0,2,3)", "float64", "0|1|2"},
		{"mu=linspace(4,4,1)", "float64", "4"},
		{"mu=linspace( -1 , 1, 2 ),7", "float64", "-1|1|7"},
		{"mu=logspace(-2,1,4)", "float64", "0.01|0.1|1|10"},
		{"mu=geomspace(1,16,5)", "float64", "1|2|4|8|16"},
		{"mu=geomspace(-1,-4,3)", "float64", "-1|-2|-4"},
		{"seed=0..4", "int", "0|1|2|3|4"},
		{"seed=0..10..5", "int", "0|5|10"},
		{"seed=0..9..5", "int", "0|5"},
		{"seed=-2..2", "int", "-2|-1|0|1|2"},
		{"seed=3..1..-1", "int", "3|2|1"},
		{"seed=7..7", "int", "7"},
		{"seed=0..2,10,20..21", "int", "0|1|2|10|20|21"},
		{"eta=0..0.5..0.1", "float64", "0|0.1|0.2|0.3|0.4|0.5"},
		{"eta=1e-3,0.5", "float64", "1e-3|0.5"},
		{"on=true,false", "bool", "true|false"},
		{"name=tanh,relu", "string", "tanh|relu"},
		{`name="a, b",c`, "string", "a, b|c"},
		{`name="",x`, "string", "|x"},
		{`name="1"`, "string", "1"},
		{"name=../data,x..y", "string", "../data|x..y"},
		{"mu=[1,2.5],[1,3]", "string", "[1,2.5]|[1,3]"},
		{"m={a: 1, b: 2}", "string", "{a: 1, b: 2}"},
		{"f=theory.Rate(1,2)", "string", "theory.Rate(1,2)"},
		{"x=inf,nan", "float64", "inf|nan"},
	} {
		p, err := ParseParameter(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := strings.Join(p.Values, "|"); got != c.want || p.Type != c.typ {
			t.Errorf("%s: got %s of type %s, want %s of type %s", c.text, got, p.Type, c.want, c.typ)
		}
	}
}

// TestExactRange: a decimal range has the floats closest to its decimals, to the last one.
func TestExactRange(t *testing.T) {
	p, err := ParseParameter("x=0..1000..0.1")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Values) != 10001 {
		t.Fatalf("%d values, want 10001", len(p.Values))
	}
	for i, v := range p.Values {
		want, _ := strconv.ParseFloat(strconv.Itoa(i/10)+"."+strconv.Itoa(i%10), 64)
		if got, _ := strconv.ParseFloat(v, 64); got != want {
			t.Fatalf("value %d is %v, want %v", i, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"mu":                        "NAME=VALUES",
		"1=2":                       "NAME=VALUES",
		"=2":                        "NAME=VALUES",
		"mu=":                       "is empty",
		"mu=1,,2":                   "is empty",
		"mu=1,2,":                   "is empty",
		"mu=1,2,1":                  "the value 1 twice",
		"mu=0..5,3":                 "the value 3 twice",
		"mu=linspac(1,3,9)":         "no range linspac",
		"mu=linspace(1,3)":          "has 2 arguments",
		"mu=linspace(1,x,3)":        `"x" is no number`,
		"mu=linspace(1,inf,3)":      `"inf" is no number`,
		"mu=linspace(1,3,0)":        "no number of values",
		"mu=linspace(1,3,1.5)":      "no number of values",
		"mu=linspace(1,1,2)":        "the same value 2 times",
		"mu=linspace(1,3,99999999)": "no number of values",
		"mu=logspace(300,400,3)":    "leaves the range",
		"mu=geomspace(0,1,3)":       "both ends must be positive",
		"mu=linspace(1,3,9":         "lacks a closing )",
		"mu=[1,2":                   "lacks a closing ]",
		"mu=1)":                     "a bracket that is not open",
		`mu="a`:                     "quote at byte 1 that does not end",
		"mu=5..1":                   "10..0..-1",
		"mu=1..5..-1":               "is empty",
		"mu=1..5..0":                "a step of zero",
		"mu=1..x":                   "is no range",
		"mu=1..":                    "is no range",
		"mu=1..2..3..4":             "is no range",
		"mu=0..99999999":            "more than",
	} {
		if _, err := ParseParameter(text); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "sweep: ") {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
	for want, list := range map[string][]string{
		"given twice":    {"a=1", "a=2"},
		"the name error": {"error=1"},
		"points":         {"a=0..9999", "b=0..9999"},
	} {
		if _, err := Parse(list...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", list, err, want)
		}
	}
}

// FuzzParse: whatever the text, there is an error or values that are different from each other, numbers where the type says so.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"linspace(1,3,9)", "0..99", "0..1..0.1", "1,2,5", `"a, b",c`, "[1,2],[3]", "geomspace(1,1e3,4)", "logspace(-1,1,3)", "1e-300..2e-300..1e-301", "-0..0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 200 || strings.Count(text, "0")+strings.Count(text, "9") > 6 {
			return // ranges of millions are allowed, and slow to look at
		}
		p, err := ParseParameter("x=" + text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "sweep: ") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if len(p.Values) == 0 {
			t.Fatalf("%q has no values", text)
		}
		sorted := slices.Clone(p.Values)
		slices.Sort(sorted)
		if len(slices.Compact(sorted)) != len(p.Values) {
			t.Fatalf("%q has a value twice: %q", text, p.Values)
		}
		for _, v := range p.Values {
			var err error
			switch p.Type {
			case "int":
				_, err = strconv.ParseInt(v, 10, 64)
			case "float64":
				_, err = strconv.ParseFloat(v, 64)
			case "bool":
				_, err = strconv.ParseBool(v)
			}
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
		}
		if again, err := ParseParameter("x = " + text + " "); err != nil || !slices.Equal(again.Values, p.Values) {
			t.Fatalf("%q with spaces around it: %v, %v", text, again, err)
		}
	})
}
