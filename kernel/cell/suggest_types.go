package cell

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// operation is for operands that do not go together.
func (g *guess) operation(msg string) string {
	if strings.Contains(msg, "cannot indirect ") {
		// x ** 2 is the product of x and what 2 points to.
		for i := range g.path {
			star, ok := g.around(i).(*ast.StarExpr)
			if !ok {
				continue
			}
			if b, ok := g.around(i + 1).(*ast.BinaryExpr); ok && b.Op == token.MUL && b.Y == star && star.Star == b.OpPos+1 {
				return "Go has no operator for powers: math.Pow(x, y), or x * x"
			}
		}
		return ""
	}
	if !strings.Contains(msg, "(mismatched types ") {
		return ""
	}
	for i := range g.path {
		b, ok := g.around(i).(*ast.BinaryExpr)
		if !ok || !strings.HasPrefix(msg, "invalid operation: "+types.ExprString(b)+" (mismatched types ") {
			continue
		}
		x, y := g.typeOf(b.X), g.typeOf(b.Y)
		if x == nil || y == nil || types.Identical(x, y) {
			continue
		}
		bx, okx := x.Underlying().(*types.Basic)
		by, oky := y.Underlying().(*types.Basic)
		if !okx || !oky {
			return ""
		}
		isText := func(b *types.Basic) bool { return b.Info()&types.IsString != 0 }
		isNumber := func(b *types.Basic) bool { return b.Info()&types.IsNumeric != 0 }
		switch {
		case b.Op == token.REM && isText(bx):
			return "to fill a text with values: fmt.Sprintf(\"%v …\", x)"
		case b.Op == token.ADD && isText(bx) && isNumber(by):
			return g.asText(b.Y)
		case b.Op == token.ADD && isNumber(bx) && isText(by):
			return g.asText(b.X)
		case bx.Info()&types.IsUntyped != 0 || by.Info()&types.IsUntyped != 0:
			return ""
		case bx.Info()&types.IsInteger != 0 && by.Info()&types.IsFloat != 0:
			return g.convert(b.X, y)
		case bx.Info()&types.IsFloat != 0 && by.Info()&types.IsInteger != 0:
			return g.convert(b.Y, x)
		case isNumber(bx) && x == bx && y != by && bx.Info()&types.IsInteger == by.Info()&types.IsInteger:
			return g.convert(b.X, y) // n * time.Second
		case isNumber(by) && y == by && x != bx && bx.Info()&types.IsInteger == by.Info()&types.IsInteger:
			return g.convert(b.Y, x)
		}
		return ""
	}
	return ""
}

// typeOf is the type of an expression that may not have been recorded yet, as
// constants are only when their context is known.
func (g *guess) typeOf(e ast.Expr) types.Type {
	if lit, ok := e.(*ast.BasicLit); ok {
		switch lit.Kind {
		case token.STRING:
			return types.Typ[types.UntypedString]
		case token.INT:
			return types.Typ[types.UntypedInt]
		case token.FLOAT:
			return types.Typ[types.UntypedFloat]
		}
	}
	return g.info.TypeOf(e)
}

// truncated is for n * 1.5 with an integer n.
func (g *guess) truncated(msg string) string {
	for i := range g.path {
		at, ok := g.around(i).(ast.Expr)
		if !ok || !strings.HasPrefix(msg, types.ExprString(at)+" (untyped float constant") {
			continue
		}
		b, ok := g.around(i + 1).(*ast.BinaryExpr)
		if !ok {
			return ""
		}
		other := b.X
		if other == at {
			other = b.Y
		}
		if t := g.info.TypeOf(other); t != nil && types.Identical(t, types.Typ[types.Int]) {
			return g.convert(other, types.Typ[types.Float64])
		}
		return ""
	}
	return ""
}

func (g *guess) asText(e ast.Expr) string {
	x := g.s.text(e)
	if len(x) > 20 || strings.Contains(x, "\n") {
		x = "x"
	}
	return "to make a text of a number: fmt.Sprint(" + x + ")"
}

func (g *guess) convert(e ast.Expr, to types.Type) string {
	x := g.s.text(e)
	if len(x) > 40 || strings.Contains(x, "\n") {
		return ""
	}
	return "numbers are converted explicitly: " + types.TypeString(to, func(p *types.Package) string {
		if p == g.s.pkg {
			return ""
		}
		return p.Name()
	}) + "(" + x + ")"
}

// conversion is for int("3").
func (g *guess) conversion(msg string) string {
	if !strings.Contains(msg, "(untyped string constant") && !strings.Contains(msg, " of type string)") && !strings.Contains(msg, "string constant)") {
		return ""
	}
	if call, ok := g.around(1).(*ast.CallExpr); !ok || len(call.Args) != 1 || call.Args[0] != g.around(0) {
		return "" // an index
	}
	switch {
	case strings.HasSuffix(msg, " to type int"):
		return "to read a number from a text: strconv.Atoi, which also returns an error"
	case strings.HasSuffix(msg, " to type float64"):
		return "to read a number from a text: strconv.ParseFloat(s, 64), which also returns an error"
	case strings.HasSuffix(msg, " to type bool"):
		return "to read a truth value from a text: strconv.ParseBool, which also returns an error"
	}
	return ""
}

// fromEnd is for xs[-1].
func (g *guess) fromEnd() string {
	for i := range g.path {
		ix, ok := g.around(i).(*ast.IndexExpr)
		if !ok {
			continue
		}
		x, ok := ix.X.(*ast.Ident)
		tv := g.info.Types[ix.Index]
		if !ok || ix.Index.Pos() != g.pos || tv.Value == nil {
			return ""
		}
		if n, exact := constant.Int64Val(constant.ToInt(tv.Value)); exact && n < 0 {
			return "to count from the end: " + x.Name + "[len(" + x.Name + ")" + strconv.FormatInt(n, 10) + "]"
		}
		return ""
	}
	return ""
}

// memberHint is for methods that other languages give to lists, texts and maps.
func memberHint(sel *ast.SelectorExpr, t types.Type) string {
	x := "x"
	if id, ok := sel.X.(*ast.Ident); ok {
		x = id.Name
	}
	name := strings.ToLower(sel.Sel.Name)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if _, named := types.Unalias(t).(*types.Named); named {
		return ""
	}
	length := name == "len" || name == "length" || name == "size" || name == "count"
	switch u := t.Underlying().(type) {
	case *types.Slice:
		switch {
		case name == "append" || name == "push" || name == "add":
			return "a slice grows by assignment: " + x + " = append(" + x + ", …)"
		case name == "sort":
			return "to sort a slice: slices.Sort(" + x + ")"
		case length:
			return "the length is len(" + x + ")"
		}
	case *types.Array:
		if length {
			return "the length is len(" + x + ")"
		}
	case *types.Map:
		switch {
		case name == "keys" || name == "values" || name == "items":
			return "to go through a map: for k, v := range " + x + " { … }"
		case name == "get":
			return "v, ok := " + x + "[key] also says whether the key is there"
		case length:
			return "the length is len(" + x + ")"
		}
	case *types.Basic:
		if u.Info()&types.IsString == 0 {
			return ""
		}
		if f := textFuncs[name]; f != "" {
			return "the functions on texts are in package strings: " + f
		}
		if name == "format" {
			return "to fill a text with values: fmt.Sprintf(\"%v …\", x)"
		}
		if length {
			return "the length in bytes is len(" + x + ")"
		}
	}
	return ""
}

// textFuncs are the methods of texts in other languages.
var textFuncs = map[string]string{
	"upper": "strings.ToUpper", "toupper": "strings.ToUpper", "lower": "strings.ToLower", "tolower": "strings.ToLower",
	"split": "strings.Split or strings.Fields", "strip": "strings.TrimSpace", "trim": "strings.TrimSpace",
	"replace": "strings.ReplaceAll", "join": "strings.Join", "find": "strings.Index", "index": "strings.Index",
	"startswith": "strings.HasPrefix", "endswith": "strings.HasSuffix", "contains": "strings.Contains",
}
