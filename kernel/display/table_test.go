package display

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
)

type measurement struct {
	Name  string
	N     int
	Loss  float64
	Took  time.Duration
	Tags  []string
	inner int
}

func measurements(n int) []measurement {
	list := make([]measurement, n)
	for i := range list {
		list[i] = measurement{fmt.Sprintf("run <%d>", i), i * i, 1 / float64(i+3), time.Duration(i) * time.Millisecond, []string{"a"}, i}
	}
	return list
}

// show writes both forms of a bundle for a snapshot.
func show(b *strings.Builder, name string, v any) {
	r := Render([]any{v}, nil)
	fmt.Fprintf(b, "== %s\n%s\n", name, r)
	for _, mime := range []string{mimeLaTeX, mimeHTML} {
		if s, ok := r.Data[mime].(string); ok {
			fmt.Fprintf(b, "-- %s\n%s\n", mime, strings.TrimPrefix(s, gridStyle))
		}
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	show(&b, "structs", measurements(3))
	show(&b, "structs, cut, with caption", Table(measurements(100)).Caption("Runs & <more>").Limit(4).Format("%.2f"))
	show(&b, "pointers to structs", Table([]*point{{1, 2}, nil, {3.5, 4}}))
	show(&b, "headers", Table([][]float64{{1, 2.5}, {3}}, "<first>"))
	show(&b, "strings", Table([][]string{{"a", "b\nc"}, {"", "d"}}, "x", "y"))
	show(&b, "anything", Table([][]any{{1, "a"}, {nil, 2.5}, {time.Second, []int{1, 2}}}))
	show(&b, "map of slices", Table(map[string][]float64{"loss": {0.5, 0.25}, "acc": {1}}))
	show(&b, "map of structs", Table(map[int]point{2: {1, 2}, 1: {3, 4}}))
	show(&b, "map", Table(map[string]any{"b": 1, "a": "x"}))
	show(&b, "map whose keys are not found", Table(map[float64][]int{math.NaN(): {1, 2}, 2: {3}}))
	show(&b, "records", Table([]map[string]any{{"a": 1}, {"b": "x", "a": 2}}))
	show(&b, "numbers", Table([]float64{1, 2.25, math.NaN(), math.Inf(1)}))
	show(&b, "matrix", Table(mat.NewDense(2, 2, []float64{1, 2, 3, 4}), "a", "b"))
	show(&b, "no rows", Table([]point{}))
	show(&b, "not tabular", Table(3))
	show(&b, "nil", Table(nil))
	golden(t, "table.golden", b.String())
}

func TestMatrix(t *testing.T) {
	big := mat.NewDense(100, 50, nil)
	for i := range 100 {
		for j := range 50 {
			big.Set(i, j, float64(i)-float64(j)/4)
		}
	}
	var b strings.Builder
	show(&b, "whole numbers", mat.NewDense(2, 3, []float64{1, -2, 3, 0, 500, math.Copysign(0, -1)}))
	show(&b, "fractions", mat.NewDense(2, 2, []float64{0.5, 1.25, -3, 100.0625}))
	show(&b, "wide range", mat.NewDense(1, 3, []float64{1e-9, 1, 12345678.9}))
	show(&b, "special", mat.NewDense(1, 4, []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0.5}))
	show(&b, "vector", mat.NewVecDense(3, []float64{1, 2, 3}))
	show(&b, "symmetric", mat.NewSymDense(2, []float64{1, 2, 2, 3}))
	show(&b, "large", big)
	show(&b, "options", Matrix(big).Limit(3, 3).Precision(2).Caption("W <after>"))
	show(&b, "empty", &mat.Dense{})
	show(&b, "complex", mat.NewCDense(2, 1, []complex128{1 + 2i, complex(0.1, -1e-9)}))
	show(&b, "nil", Matrix(nil))
	golden(t, "matrix.golden", b.String())
}

// TestNumberFormat states how numbers that stand together are written.
func TestNumberFormat(t *testing.T) {
	for _, c := range []struct {
		values    []float64
		precision int
		want      string
	}{
		{[]float64{1, 2, 30}, 5, "1 2 30"},
		{[]float64{1, 2.5}, 5, "1.0 2.5"},
		{[]float64{0.18096, 0.25463}, 5, "0.18096 0.25463"},
		{[]float64{1.0 / 3, 100}, 4, "0.3 100.0"},
		{[]float64{1e-8, 1}, 5, "1e-08 1"},
		{[]float64{1e10 + 0.5}, 5, "1e+10"},
		{[]float64{123456.7}, 3, "123457"},
		{[]float64{-0.00001, 0}, 3, "-1e-05 0"},
		{[]float64{0, math.Copysign(0, -1)}, 3, "0 0"},
		{[]float64{-0.0004, 0.25}, 2, "-0.0004 0.25"},
		{nil, 3, ""},
		{[]float64{math.NaN(), math.Inf(-1)}, 3, "NaN -Inf"},
		{[]float64{1e300}, 5, "1e+300"},
		{[]float64{0.125}, 0, "0.1"},
		{[]float64{0.00125, 0.1}, 3, "0.001 0.100"},
		{[]float64{0.00012345, -0.000002}, 3, "0.000123 -0.000002"},
		{[]float64{0.000012345}, 3, "1.23e-05"},
		{[]float64{0.1}, 99, "0.10000000000000001"},
	} {
		format := numberFormat(c.values, c.precision)
		var got []string
		for _, x := range c.values {
			got = append(got, format(x))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v to %d digits: %s, want %s", c.values, c.precision, s, c.want)
		}
	}
}

// TestEscaping puts markup wherever data may carry it, and checks that the HTML
// has no element that this package did not write.
func TestEscaping(t *testing.T) {
	const evil = `</td></table></pre><script>alert(1)</script><img src=x onerror="alert(1)">&amp;'"`
	type row struct{ A string }
	for name, b := range map[string]Bundle{
		"cell":    Render([]any{[]row{{evil}}}, nil),
		"strings": Render([]any{Table([][]string{{evil}})}, nil),
		"header":  Render([]any{Table([]int{1}, evil)}, nil),
		"caption": Render([]any{Table([]int{1}).Caption(evil)}, nil),
		"format":  Render([]any{Table([]float64{1}).Format(evil)}, nil),
		"key":     Render([]any{Table(map[string]point{evil: {}})}, nil),
		"column":  Render([]any{Table(map[string][]int{evil: {1}})}, nil),
		"matrix":  Render([]any{Matrix(mat.NewDense(1, 1, nil)).Caption(evil)}, nil),
		"several": Render([]any{evil, []row{{evil}}}, nil),
		"error":   Render([]any{fmt.Errorf("%s", evil), []row{{evil}}}, nil),
		"type":    Render([]any{struct{ X int }{1}, []row{{evil}}}, []string{evil, evil}),
	} {
		checkMarkup(t, name, b)
	}
	if s := latexNumber(`1\input{x}`); s != `1\input{x}` {
		t.Errorf("latexNumber invented %s", s)
	}
}

// checkMarkup checks that the HTML of a bundle has no elements and attributes but those that this package writes.
func checkMarkup(t *testing.T, name string, b Bundle) {
	t.Helper()
	page, ok := b.Data[mimeHTML].(string)
	if !ok {
		t.Errorf("%s: no HTML", name)
		return
	}
	elements := map[string]bool{"x": true, "style": true, "div": true, "table": true, "caption": true, "thead": true, "tbody": true, "tr": true, "th": true, "td": true, "pre": true}
	attributes := map[string]bool{"class": true, "style": true, "scope": true, "colspan": true}
	d := xml.NewDecoder(strings.NewReader("<x>" + page + "</x>"))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Errorf("%s: %v in %s", name, err, page)
			return
		}
		e, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if !elements[e.Name.Local] {
			t.Errorf("%s: element %s from data", name, e.Name.Local)
		}
		for _, a := range e.Attr {
			if !attributes[a.Name.Local] {
				t.Errorf("%s: attribute %s from data", name, a.Name.Local)
			}
		}
	}
}

// FuzzData: text from data is text wherever it comes to stand in HTML.
func FuzzData(f *testing.F) {
	for _, seed := range []string{"<script>alert(1)</script>", `" onload="x`, "a & b", "</table>", "\x00\x1b[31m", "é\xff", "'><b>", "1\\input{x}"} {
		f.Add(seed, "struct{ X int; y []T }")
	}
	f.Fuzz(func(t *testing.T, data, typ string) {
		type row struct{ A string }
		SetTypeSource(func(string) string { return typ })
		defer SetTypeSource(nil)
		bundles := map[string]Bundle{
			"cell":    Render([]any{[]row{{data}}}, []string{typ}),
			"key":     Render([]any{Table(map[string]point{data: {}}, data).Caption(data).Format(data)}, nil),
			"matrix":  Render([]any{Matrix(mat.NewDense(1, 1, nil)).Caption(data)}, nil),
			"several": Render([]any{data, []row{{data}}, struct{ X []int }{}}, []string{data, typ, typ}),
		}
		for _, r := range data {
			if r < ' ' || r == 0xfffd || r > 0xfff0 && r < 0x10000 { // what XML cannot hold, and HTML can
				return
			}
		}
		for name, b := range bundles {
			checkMarkup(t, name, b)
		}
	})
}
