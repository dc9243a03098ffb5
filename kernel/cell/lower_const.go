package cell

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"strconv"
)

// constant replaces every constant expression by its value: go/types computes
// constants exactly, the interpreter does not.
func (l *lowerer) constant(e ast.Expr) (ast.Expr, bool) {
	tv, ok := l.info.Types[e]
	if !ok || tv.Value == nil {
		return nil, false
	}
	return l.constantOf(tv.Value, tv.Type, e.Pos()), true
}

func (l *lowerer) constantOf(v constant.Value, t types.Type, pos token.Pos) ast.Expr {
	t = l.sub(t)
	basic, ok := t.Underlying().(*types.Basic)
	if !ok { // an untyped constant that becomes an interface keeps its default type
		switch v.Kind() {
		case constant.Bool:
			basic = types.Typ[types.Bool]
		case constant.String:
			basic = types.Typ[types.String]
		case constant.Int:
			basic = types.Typ[types.Int]
		case constant.Float:
			basic = types.Typ[types.Float64]
		default:
			basic = types.Typ[types.Complex128]
		}
		t = basic
	}
	if basic.Info()&types.IsUntyped != 0 {
		basic = types.Default(basic).(*types.Basic)
		t = basic
	}
	var lit ast.Expr
	bare := false // the literal alone already has the type
	switch {
	case basic.Info()&types.IsBoolean != 0:
		lit, bare = identAt(strconv.FormatBool(constant.BoolVal(v)), pos), basic.Kind() == types.Bool
	case basic.Info()&types.IsString != 0:
		lit = &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(constant.StringVal(v))}
		bare = basic.Kind() == types.String
	case basic.Info()&types.IsInteger != 0:
		lit = intLit(constant.ToInt(v), pos)
		bare = basic.Kind() == types.Int
	case basic.Info()&types.IsFloat != 0:
		lit = floatLit(constant.ToFloat(v), pos)
		bare = basic.Kind() == types.Float64
	case basic.Info()&types.IsComplex != 0:
		c := constant.ToComplex(v)
		part := types.Typ[types.Float64]
		// The interpreter fails on its own constants of complex types.
		lit = callAt(l.s.runtime("Complex", pos), pos, l.constantOf(constant.Real(c), part, pos), l.constantOf(constant.Imag(c), part, pos))
		bare = basic.Kind() == types.Complex128
	}
	if bare {
		if _, named := types.Unalias(t).(*types.Named); !named {
			return lit
		}
	}
	return callAt(l.typeExpr(t, pos), pos, lit)
}

func intLit(v constant.Value, pos token.Pos) ast.Expr {
	if constant.Sign(v) < 0 {
		abs := constant.UnaryOp(token.SUB, v, 0)
		return &ast.UnaryExpr{OpPos: pos, Op: token.SUB, X: &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: abs.ExactString()}}
	}
	return &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: v.ExactString()}
}

// floatLit writes the float64 nearest to a constant. A constant of type float32
// has been rounded to it by go/types already, so no digit is lost.
func floatLit(v constant.Value, pos token.Pos) ast.Expr {
	f, _ := constant.Float64Val(v)
	text := strconv.FormatFloat(math.Abs(f), 'e', -1, 64)
	var lit ast.Expr = &ast.BasicLit{ValuePos: pos, Kind: token.FLOAT, Value: text}
	if constant.Sign(v) < 0 {
		lit = &ast.UnaryExpr{OpPos: pos, Op: token.SUB, X: lit}
	}
	return lit
}
