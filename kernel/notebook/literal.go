package notebook

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
	"strings"
	"time"
)

// literal returns Go source for the value that text stands for in a type: what a
// person types on a command line becomes what a programmer would have written.
//
//	bool                      true, false, 1, 0
//	int…, uint…               42, -1, 0x10, 1_000, 1e6
//	float64, float32          0.05, 1e-3, inf, -inf, nan
//	complex128, complex64     1+2i
//	string                    the text as it is
//	time.Duration             1.5s, 2m
//	[]T, [n]T                 1,2.5 or [1,2.5]; inside another list, or empty, in brackets
//	map[K]V                   {a: 1, b: 2}
//	any other type            a Go expression, which the checker sees later
//
// Strings inside lists and maps may be quoted as in Go.
func literal(typ ast.Expr, text string) (string, error) { return literalAt(typ, text, true) }

// typeText is a type as the source spells it; types here come from one line of text.
func typeText(typ ast.Expr) string {
	switch t := typ.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.SelectorExpr:
		return typeText(t.X) + "." + t.Sel.Name
	case *ast.StarExpr:
		return "*" + typeText(t.X)
	case *ast.ArrayType:
		n := ""
		if lit, ok := t.Len.(*ast.BasicLit); ok {
			n = lit.Value
		}
		return "[" + n + "]" + typeText(t.Elt)
	case *ast.MapType:
		return "map[" + typeText(t.Key) + "]" + typeText(t.Value)
	}
	return "this type"
}

// literalAt is literal; of a composite value inside another the type is left out when top is false.
func literalAt(typ ast.Expr, text string, top bool) (string, error) {
	name := ""
	if top {
		name = typeText(typ)
	}
	switch t := typ.(type) {
	case *ast.ParenExpr:
		return literalAt(t.X, text, top)
	case *ast.Ident:
		if s, err, ok := basicLiteral(t.Name, text, top); ok {
			return s, err
		}
	case *ast.SelectorExpr:
		if typeText(t) == "time.Duration" {
			if d, err := time.ParseDuration(strings.TrimSpace(text)); err == nil {
				return durationLiteral(d), nil
			} else if _, err2 := parser.ParseExpr(text); err2 != nil || !strings.Contains(text, "time.") {
				return "", fmt.Errorf("%q is no time.Duration (such as 1.5s or 2m)", text)
			}
		}
	case *ast.ArrayType:
		parts, err := listParts(text, top)
		if err != nil {
			return "", err
		}
		if lit, ok := t.Len.(*ast.BasicLit); ok {
			if n, _ := strconv.Atoi(lit.Value); n != len(parts) {
				return "", fmt.Errorf("%q has %d elements, a %s has %d", text, len(parts), typeText(typ), n)
			}
		}
		elements := make([]string, len(parts))
		for i, p := range parts {
			if elements[i], err = literalAt(t.Elt, p, false); err != nil {
				return "", fmt.Errorf("element %d: %w", i+1, err)
			}
		}
		return name + "{" + strings.Join(elements, ", ") + "}", nil
	case *ast.MapType:
		parts, err := mapParts(text)
		if err != nil {
			return "", err
		}
		elements := make([]string, len(parts))
		for i, p := range parts {
			k, err := literalAt(t.Key, p[0], false)
			if err != nil {
				return "", fmt.Errorf("key %d: %w", i+1, err)
			}
			v, err := literalAt(t.Value, p[1], false)
			if err != nil {
				return "", fmt.Errorf("value of %s: %w", p[0], err)
			}
			elements[i] = k + ": " + v
		}
		return name + "{" + strings.Join(elements, ", ") + "}", nil
	}
	e, err := parser.ParseExpr(text)
	if err != nil {
		return "", fmt.Errorf("%q is no Go expression, which a value of type %s is written as", text, typeText(typ))
	}
	if _, ok := e.(*ast.BadExpr); ok || strings.Contains(text, "\n") {
		return "", fmt.Errorf("%q is no Go expression on one line", text)
	}
	return strings.TrimSpace(text), nil
}

// basicLiteral is literal for the predeclared types; ok is false for any other name.
func basicLiteral(typ, text string, top bool) (s string, err error, ok bool) {
	trimmed := strings.TrimSpace(text)
	bits := func(prefix string) int {
		n, err := strconv.Atoi(strings.TrimPrefix(typ, prefix))
		if err != nil {
			return 64 // int and uint, on every system Swingby is made for
		}
		return n
	}
	no := func(what string) (string, error, bool) {
		return "", fmt.Errorf("%q is no %s (%s)", text, typ, what), true
	}
	switch typ {
	case "bool":
		switch strings.ToLower(trimmed) {
		case "true", "1":
			return "true", nil, true
		case "false", "0":
			return "false", nil, true
		}
		return no("true or false")
	case "string":
		if top {
			return strconv.Quote(text), nil, true
		}
		if q, err := strconv.Unquote(trimmed); err == nil {
			trimmed = q
		}
		return strconv.Quote(trimmed), nil, true
	case "int", "int8", "int16", "int32", "int64":
		n, err := strconv.ParseInt(trimmed, 0, bits("int"))
		if errors.Is(err, strconv.ErrRange) {
			return no(fmt.Sprintf("it does not fit into %d bits", bits("int")))
		}
		if err != nil {
			f, ok := integral(trimmed)
			if n = int64(f); !ok {
				return no("a whole number such as 42")
			}
			if bits("int") < 64 && (n < -1<<(bits("int")-1) || n >= 1<<(bits("int")-1)) {
				return no(fmt.Sprintf("it does not fit into %d bits", bits("int")))
			}
		}
		return strconv.FormatInt(n, 10), nil, true
	case "rune":
		if r := []rune(trimmed); len(r) == 1 && (r[0] < '0' || r[0] > '9') {
			return strconv.QuoteRune(r[0]), nil, true
		}
		return basicLiteral("int32", text, top)
	case "byte":
		return basicLiteral("uint8", text, top)
	case "uint", "uint8", "uint16", "uint32", "uint64", "uintptr":
		n, err := strconv.ParseUint(trimmed, 0, bits("uint"))
		if errors.Is(err, strconv.ErrRange) {
			return no(fmt.Sprintf("it does not fit into %d bits", bits("uint")))
		}
		if err != nil {
			f, ok := integral(trimmed)
			if !ok || f < 0 {
				return no("a whole number from 0 such as 42")
			}
			if n = uint64(f); bits("uint") < 64 && n >= 1<<bits("uint") {
				return no(fmt.Sprintf("it does not fit into %d bits", bits("uint")))
			}
		}
		return strconv.FormatUint(n, 10), nil, true
	case "float32", "float64":
		f, err := strconv.ParseFloat(trimmed, bits("float"))
		if errors.Is(err, strconv.ErrRange) {
			return no("it is beyond what the type can hold")
		}
		if err != nil {
			return no("a number such as 2.5 or 1e-3")
		}
		return floatLiteral(f, bits("float")), nil, true
	case "complex64", "complex128":
		c, err := strconv.ParseComplex(trimmed, bits("complex"))
		if err != nil || math.IsInf(real(c), 0) || math.IsInf(imag(c), 0) || real(c) != real(c) || imag(c) != imag(c) {
			return no("a number such as 1+2i")
		}
		return "complex(" + floatLiteral(real(c), bits("complex")/2) + ", " + floatLiteral(imag(c), bits("complex")/2) + ")", nil, true
	}
	return "", nil, false
}

// integral reads whole numbers with an exponent, such as 1e6, up to where a float64 holds each.
func integral(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && f == math.Trunc(f) && math.Abs(f) <= 1<<53
}

func floatLiteral(f float64, bits int) string {
	switch {
	case math.IsNaN(f) && bits == 64:
		return "math.NaN()"
	case math.IsNaN(f):
		return "float32(math.NaN())"
	case math.IsInf(f, 0):
		s := "math.Inf(1)"
		if f < 0 {
			s = "math.Inf(-1)"
		}
		if bits == 32 {
			return "float32(" + s + ")"
		}
		return s
	case f == 0 && math.Signbit(f) && bits == 64:
		return "math.Copysign(0, -1)" // the constant -0 is 0
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

// durationLiteral writes a duration in the largest unit that makes it a whole number.
func durationLiteral(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d != 0 && d%u.unit == 0 {
			return fmt.Sprintf("%d * time.%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}

// listParts cuts a list into the texts of its elements. The brackets may be left out at the top.
func listParts(text string, top bool) ([]string, error) {
	s := strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(s, "["); ok {
		parts, rest, err := split(inner, ']')
		if err == nil && strings.TrimSpace(rest) == "" {
			return parts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no list: %w", text, err)
		}
		if !top || !strings.HasPrefix(strings.TrimSpace(rest), ",") {
			return nil, fmt.Errorf("%q is no list: there is text after its ]", text)
		}
		// [1,2],[3,4]: lists in a list whose own brackets are left out
	}
	switch {
	case !top:
		return nil, fmt.Errorf("%q is no list: inside another it stands in brackets, such as [1,2]", text)
	case s == "":
		return nil, errors.New("there is no value; an empty list is []")
	}
	parts, _, err := split(s, 0)
	if err != nil {
		return nil, fmt.Errorf("%q is no list: %w", text, err)
	}
	return parts, nil
}

// mapParts cuts {k: v, …} into keys and values.
func mapParts(text string) (pairs [][2]string, err error) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	parts, rest, err := split(inner, '}')
	if !ok || err != nil || strings.TrimSpace(rest) != "" {
		return nil, fmt.Errorf("%q is no map, which is written {key: value, key: value}", text)
	}
	for _, p := range parts {
		k, v, ok := cutOutside(p, ':')
		if !ok {
			return nil, fmt.Errorf("%q has no value: a map is written {key: value, key: value}", strings.TrimSpace(p))
		}
		pairs = append(pairs, [2]string{strings.TrimSpace(k), strings.TrimSpace(v)})
	}
	return pairs, nil
}

// split cuts text at the commas outside brackets and quotes, up to the closing
// bracket end, or to its end when end is 0; rest is what follows the bracket.
func split(text string, end byte) (parts []string, rest string, err error) {
	start := 0
	add := func(to int) { parts = append(parts, strings.TrimSpace(text[start:to])) }
	var open []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"', '`':
			n := quoted(text[i:])
			if n == 0 {
				return nil, "", errors.New("a quotation mark is not closed")
			}
			i += n - 1
		case '[', '{', '(':
			open = append(open, map[byte]byte{'[': ']', '{': '}', '(': ')'}[c])
		case ']', '}', ')':
			if len(open) > 0 && open[len(open)-1] == c {
				open = open[:len(open)-1]
				continue
			}
			if len(open) > 0 || c != end {
				return nil, "", fmt.Errorf("%q closes nothing", c)
			}
			if len(parts) > 0 || strings.TrimSpace(text[start:i]) != "" {
				add(i)
			}
			return parts, text[i+1:], checkParts(parts)
		case ',':
			if len(open) == 0 {
				add(i)
				start = i + 1
			}
		}
	}
	if end != 0 || len(open) > 0 {
		return nil, "", errors.New("a bracket is not closed")
	}
	add(len(text))
	return parts, "", checkParts(parts)
}

func checkParts(parts []string) error {
	for i, p := range parts {
		if p == "" {
			return fmt.Errorf("element %d is missing", i+1)
		}
	}
	return nil
}

// cutOutside cuts text at the first sep that is not in quotes.
func cutOutside(text string, sep byte) (before, after string, ok bool) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"', '`':
			if n := quoted(text[i:]); n > 0 {
				i += n - 1
			}
		case sep:
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

// quoted is the length of the quoted string that text begins with, 0 when it has no end.
func quoted(text string) int {
	if q, err := strconv.QuotedPrefix(text); err == nil {
		return len(q)
	}
	return 0
}

// assignable is a source text that compiles when expr can be assigned to a
// variable of type typ. Nothing of it runs: it declares nothing and calls nothing.
func assignable(typ, expr string) string {
	return "_ = func() { var x " + typ + "; x = " + expr + "; _ = x }"
}

// isName reports whether s can be the name of a variable.
func isName(s string) bool { return token.IsIdentifier(s) && s != "_" }
