package sweep

import (
	"errors"
	"fmt"
	"go/token"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// maxValues bounds the values of a parameter and the points of a grid.
const maxValues = 10_000_000

// A Parameter is a name and the values it takes.
type Parameter struct {
	Name string `json:"name"`
	// Type decides the type of its column: float64, int, bool or string, or any other type of Go, whose
	// column holds the text of the values if it is no number.
	Type string `json:"type"`
	// Given is the text that Values were made from, if they were.
	Given string `json:"given,omitempty"`
	// Values are written as Go or a command line has them.
	Values []string `json:"values"`
}

// ParseParameter reads NAME=VALUES, where VALUES is a list of values and ranges as
// the package comment has them. The type is the one that all values have.
func ParseParameter(text string) (Parameter, error) {
	name, list, ok := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !ok || !token.IsIdentifier(name) || name == "_" {
		return Parameter{}, fmt.Errorf("sweep: %q is no parameter, which is written NAME=VALUES, such as mu=linspace(1,3,9) or seed=0..99", text)
	}
	p := Parameter{Name: name, Given: strings.TrimSpace(list)}
	items, err := split(list)
	if err != nil {
		return Parameter{}, fmt.Errorf("sweep: parameter %s: %w", name, err)
	}
	float := false // a range of floats, whatever its values look like
	quoted := false
	seen := map[string]bool{}
	for _, item := range items {
		values, kind, err := expand(item)
		if err != nil {
			return Parameter{}, fmt.Errorf("sweep: parameter %s: %w", name, err)
		}
		float, quoted = float || kind == kindFloat, quoted || kind == kindText
		if len(p.Values)+len(values) > maxValues {
			return Parameter{}, fmt.Errorf("sweep: parameter %s has more than %d values", name, maxValues)
		}
		for _, v := range values {
			if seen[v] {
				return Parameter{}, fmt.Errorf("sweep: parameter %s has the value %s twice", name, v)
			}
			seen[v] = true
		}
		p.Values = append(p.Values, values...)
	}
	switch {
	case quoted:
		p.Type = "string"
	case float && typeOf(p.Values) == "int":
		p.Type = "float64"
	default:
		p.Type = typeOf(p.Values)
	}
	return p, nil
}

// Values makes a parameter of a slice of numbers, truth values or strings.
func Values(name string, values any) (Parameter, error) {
	if !token.IsIdentifier(name) || name == "_" {
		return Parameter{}, fmt.Errorf("sweep: %q cannot be the name of a parameter", name)
	}
	p := Parameter{Name: name}
	var err error
	if p.Type, p.Values, err = texts(values); err != nil {
		return Parameter{}, fmt.Errorf("sweep: parameter %s: %w", name, err)
	}
	if len(p.Values) == 0 {
		return Parameter{}, fmt.Errorf("sweep: parameter %s has no value", name)
	}
	sorted := slices.Sorted(slices.Values(p.Values))
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			return Parameter{}, fmt.Errorf("sweep: parameter %s has the value %s twice", name, sorted[i])
		}
	}
	return p, nil
}

// typeOf is the narrowest type that all values have.
func typeOf(values []string) string {
	isInt, isFloat, isBool := true, true, true
	for _, v := range values {
		if isInt {
			_, err := strconv.ParseInt(v, 10, 64)
			isInt = err == nil
		}
		if isFloat {
			_, err := strconv.ParseFloat(v, 64)
			isFloat = err == nil
		}
		isBool = isBool && (v == "true" || v == "false")
	}
	switch {
	case isInt:
		return "int"
	case isFloat:
		return "float64"
	case isBool:
		return "bool"
	}
	return "string"
}

// split cuts a list at the commas that are not inside brackets or quotes.
func split(text string) ([]string, error) {
	var items []string
	var open []byte
	start := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '[', '{':
			open = append(open, map[byte]byte{'(': ')', '[': ']', '{': '}'}[c])
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != c {
				return nil, fmt.Errorf("%q closes at byte %d a bracket that is not open", text, i+1)
			}
			open = open[:len(open)-1]
		case '"', '`':
			end := i + 1
			for ; end < len(text) && text[end] != c; end++ {
				if c == '"' && text[end] == '\\' {
					end++
				}
			}
			if end >= len(text) {
				return nil, fmt.Errorf("%q has a quote at byte %d that does not end", text, i+1)
			}
			i = end
		case ',':
			if len(open) == 0 {
				items = append(items, text[start:i])
				start = i + 1
			}
		}
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("%q lacks a closing %c", text, open[len(open)-1])
	}
	return append(items, text[start:]), nil
}

// What the values of an item must be, whatever they look like.
const (
	kindAny = iota
	kindFloat
	kindText
)

// expand returns the values of one item of a list.
func expand(item string) (values []string, kind int, err error) {
	item = strings.TrimSpace(item)
	if item == "" {
		return nil, 0, errors.New(`a value is empty; an empty text is written ""`)
	}
	if item[0] == '"' || item[0] == '`' {
		if s, err := strconv.Unquote(item); err == nil {
			return []string{s}, kindText, nil
		}
	}
	if name, args, ok := call(item); ok {
		values, err := space(name, args, item)
		return values, kindFloat, err
	}
	if from, rest, ok := strings.Cut(item, ".."); ok && isNumber(from) {
		values, err := steps(from, rest, item)
		return values, kindAny, err
	}
	return []string{item}, kindAny, nil
}

// call takes NAME(ARGS) apart.
func call(item string) (name, args string, ok bool) {
	name, args, ok = strings.Cut(item, "(")
	name = strings.TrimSpace(name)
	if !ok || !token.IsIdentifier(name) || !strings.HasSuffix(args, ")") {
		return "", "", false
	}
	return name, strings.TrimSuffix(args, ")"), true
}

// space is linspace and its siblings.
func space(name, args, item string) ([]string, error) {
	switch name {
	case "linspace", "geomspace", "logspace":
	default:
		return nil, fmt.Errorf("%q: there is no range %s; there are linspace(a,b,n), geomspace(a,b,n), logspace(a,b,n) and a..b..step", item, name)
	}
	parts := strings.Split(args, ",")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q has %d arguments, must be %s(first,last,number of values)", item, len(parts), name)
	}
	var ends [2]float64
	for i := range ends {
		f, err := strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, fmt.Errorf("%q: %q is no number", item, strings.TrimSpace(parts[i]))
		}
		ends[i] = f
	}
	n, err := strconv.Atoi(strings.TrimSpace(parts[2]))
	if err != nil || n < 1 || n > maxValues {
		return nil, fmt.Errorf("%q: %q is no number of values, must be from 1 to %d", item, strings.TrimSpace(parts[2]), maxValues)
	}
	a, b := ends[0], ends[1]
	if n > 1 && a == b {
		return nil, fmt.Errorf("%q has the same value %d times", item, n)
	}
	if name == "geomspace" && (a == 0 || b == 0 || math.Signbit(a) != math.Signbit(b)) {
		return nil, fmt.Errorf("%q: both ends must be positive, or both negative", item)
	}
	values := make([]string, n)
	for i := range values {
		var x float64
		t := 0.0
		if n > 1 {
			t = float64(i) / float64(n-1)
		}
		switch {
		case name == "logspace":
			x = math.Pow(10, a+t*(b-a))
		case i == 0:
			x = a
		case i == n-1:
			x = b
		case name == "geomspace":
			if x = a * math.Pow(b/a, t); x == 0 || math.IsInf(x, 0) { // b/a has left the range
				x = math.Copysign(math.Pow(math.Abs(a), 1-t)*math.Pow(math.Abs(b), t), a)
			}
		case !math.IsInf(b-a, 0):
			x = a + float64(i)*((b-a)/float64(n-1))
		default:
			x = a*(1-t) + b*t
		}
		if math.IsInf(x, 0) {
			return nil, fmt.Errorf("%q leaves the range of a float64", item)
		}
		values[i] = strconv.FormatFloat(x, 'g', -1, 64)
	}
	return values, nil
}

func isNumber(s string) bool { _, ok := number(s); return ok }

// number reads a decimal number exactly.
func number(s string) (*big.Rat, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 64 || strings.ContainsAny(s, "/xXpP_") {
		return nil, false
	}
	// An exponent that no float64 has would make a number of a million digits.
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || f == 0 && strings.ContainsAny(s, "eE") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// steps is a..b and a..b..step.
func steps(from, rest, item string) ([]string, error) {
	to, by, stepped := strings.Cut(rest, "..")
	a, _ := number(from)
	b, ok := number(to)
	step, ok2 := big.NewRat(1, 1), true
	if stepped {
		step, ok2 = number(by)
	}
	if !ok || !ok2 {
		return nil, fmt.Errorf("%q is no range, which is written first..last or first..last..step, such as 0..99 or 0..1..0.1", item)
	}
	if step.Sign() == 0 {
		return nil, fmt.Errorf("%q has a step of zero", item)
	}
	span := new(big.Rat).Quo(new(big.Rat).Sub(b, a), step)
	if span.Sign() < 0 {
		return nil, fmt.Errorf("%q is empty; from a larger to a smaller number the step is negative, such as 10..0..-1", item)
	}
	count := new(big.Int).Quo(span.Num(), span.Denom())
	if !count.IsInt64() || count.Int64() >= maxValues {
		return nil, fmt.Errorf("%q has more than %d values", item, maxValues)
	}
	whole := a.IsInt() && step.IsInt() && !strings.ContainsAny(from+to+by, ".eE")
	values := make([]string, count.Int64()+1)
	x := new(big.Rat).Set(a)
	for i := range values {
		if whole {
			values[i] = x.Num().String()
		} else {
			f, _ := x.Float64()
			values[i] = strconv.FormatFloat(f, 'g', -1, 64)
		}
		x.Add(x, step)
	}
	return values, nil
}
