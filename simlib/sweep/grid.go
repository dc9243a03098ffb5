package sweep

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// A Grid is every combination of the values of its parameters.
type Grid []Parameter

// Parse makes a grid of parameters, each written NAME=VALUES; see the package comment for the values.
func Parse(parameters ...string) (Grid, error) {
	g := make(Grid, len(parameters))
	for i, text := range parameters {
		p, err := ParseParameter(text)
		if err != nil {
			return nil, err
		}
		g[i] = p
	}
	return g, g.Check()
}

// Check says what is wrong with a grid: a name that stands there twice, or too many points.
func (g Grid) Check() error {
	seen := map[string]bool{}
	points := 1
	for _, p := range g {
		switch {
		case seen[p.Name]:
			return fmt.Errorf("sweep: parameter %s is given twice; its values go into one list, such as %s=1,2,5..9", p.Name, p.Name)
		case p.Name == errorColumn:
			return fmt.Errorf("sweep: no parameter can have the name %s, which is that of a column of the table", errorColumn)
		case len(p.Values) == 0:
			return fmt.Errorf("sweep: parameter %s has no value", p.Name)
		case points > maxValues/len(p.Values):
			return fmt.Errorf("sweep: there are more than %d points", maxValues)
		}
		seen[p.Name] = true
		points *= len(p.Values)
	}
	return nil
}

// Len is the number of points; a grid without parameters has one.
func (g Grid) Len() int {
	n := 1
	for _, p := range g {
		n *= len(p.Values)
	}
	return n
}

// Point returns point i, from 0 to Len()-1.
func (g Grid) Point(i int) Point {
	if i < 0 || i >= g.Len() {
		panic(fmt.Sprintf("sweep: there is no point %d of %d", i, g.Len()))
	}
	return Point{g, i}
}

// A Point is one combination of values. Its methods panic, saying which names there are, when
// there is no parameter of that name, or when its value is of another kind.
type Point struct {
	grid  Grid
	index int
}

// Index is the number of the point in its grid, from 0.
func (p Point) Index() int { return p.index }

// Text returns the value of a parameter as text.
func (p Point) Text(name string) string {
	rest := p.index
	for i := len(p.grid) - 1; i >= 0; i-- {
		q := p.grid[i]
		if q.Name == name {
			return q.Values[rest%len(q.Values)]
		}
		rest /= len(q.Values)
	}
	panic(fmt.Sprintf("sweep: there is no parameter %q; there are %s", name, strings.Join(p.grid.names(), ", ")))
}

// Float returns the value of a parameter that is a number.
func (p Point) Float(name string) float64 {
	s := p.Text(name)
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(fmt.Sprintf("sweep: parameter %s is %q, which is no number", name, s))
	}
	return f
}

// Int returns the value of a parameter that is a whole number.
func (p Point) Int(name string) int {
	s := p.Text(name)
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("sweep: parameter %s is %q, which is no whole number", name, s))
	}
	return n
}

// Bool returns the value of a parameter that is true or false.
func (p Point) Bool(name string) bool {
	s := p.Text(name)
	if s != "true" && s != "false" {
		panic(fmt.Sprintf("sweep: parameter %s is %q, neither true nor false", name, s))
	}
	return s == "true"
}

// String is the point as mu=1.5, seed=3.
func (p Point) String() string {
	parts := make([]string, len(p.grid))
	rest := p.index
	for i := len(p.grid) - 1; i >= 0; i-- {
		q := p.grid[i]
		parts[i] = q.Name + "=" + q.Values[rest%len(q.Values)]
		rest /= len(q.Values)
	}
	return strings.Join(parts, ", ")
}

func (g Grid) names() []string {
	names := make([]string, len(g))
	for i, p := range g {
		names[i] = p.Name
	}
	return names
}

// texts returns the values of a slice as text, and their type.
func texts(values any) (typ string, out []string, err error) {
	v := reflect.ValueOf(values)
	if values == nil || v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return "", nil, fmt.Errorf("the values are %T, must be a slice of numbers, truth values or strings", values)
	}
	for i := range v.Len() {
		x, err := plain(v.Index(i).Interface())
		if err != nil {
			return "", nil, err
		}
		switch x.(type) {
		case float64:
			typ = "float64"
		case int64:
			typ = "int"
		case bool:
			typ = "bool"
		case string:
			typ = "string"
		}
		_, s := encode(x)
		out = append(out, s)
	}
	return typ, out, nil
}
