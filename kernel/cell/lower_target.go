package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// Go converts a value to an interface wherever one is assigned, passed, sent or
// returned as such, without a word in the source. Lowered code needs the word,
// because an interface holds there what tells the type (see lower_interface.go).
// So before code is lowered, it is searched for the places where a value becomes
// an interface, and the walk converts the expressions found there.

// target is what an expression becomes.
type target struct {
	typ    types.Type // an interface, or a type parameter that may stand for one
	sink   sink
	spread bool // it is a slice whose elements become one: list...
}

// sink says who gets the value as an interface without methods: a cell or
// compiled code that only keeps it, the zero sink; compiled code that writes it
// as text; or compiled code of a package that looks into it by reflection.
type sink struct {
	print bool
	code  string
}

var inCell = sink{}

// decodes marks the functions of a package that fill what a pointer points to.
const decodes = " decodes"

// tupleTarget is what the values of an expression of several become; nil for
// one that stays what it is.
type tupleTarget struct {
	types []types.Type
	sink  sink
}

// findTargets notes the implicit conversions in a function body.
func (l *lowerer) findTargets(body ast.Node, sig *types.Signature) {
	if l.targets == nil {
		l.targets, l.tuples = map[ast.Expr]target{}, map[ast.Expr]tupleTarget{}
	}
	set := func(e ast.Expr, t types.Type, s sink) {
		if e != nil && t != nil && types.IsInterface(t) {
			l.targets[ast.Unparen(e)] = target{typ: t, sink: s}
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if s, ok := l.info.TypeOf(n).(*types.Signature); ok {
				l.findTargets(n.Body, s)
			}
			return false
		case *ast.AssignStmt:
			if len(n.Lhs) != len(n.Rhs) {
				l.tupleTargets(n.Rhs[0], len(n.Lhs), inCell, func(i int) types.Type {
					if blank(n.Lhs[i]) {
						return nil
					}
					return l.info.TypeOf(n.Lhs[i])
				})
				break
			}
			for i, e := range n.Lhs {
				if !blank(e) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) {
					set(n.Rhs[i], l.info.TypeOf(e), inCell)
				}
			}
		case *ast.ValueSpec:
			if n.Type == nil {
				break
			}
			if len(n.Values) == 1 && len(n.Names) > 1 {
				l.tupleTargets(n.Values[0], len(n.Names), inCell, func(int) types.Type { return l.info.TypeOf(n.Type) })
				break
			}
			for _, v := range n.Values {
				set(v, l.info.TypeOf(n.Type), inCell)
			}
		case *ast.ReturnStmt:
			if sig == nil {
				break
			}
			if len(n.Results) != sig.Results().Len() {
				if len(n.Results) == 1 {
					l.tupleTargets(n.Results[0], sig.Results().Len(), inCell, func(i int) types.Type { return sig.Results().At(i).Type() })
				}
				break
			}
			for i, e := range n.Results {
				set(e, sig.Results().At(i).Type(), inCell)
			}
		case *ast.SendStmt:
			if c, ok := core(l.info.TypeOf(n.Chan)).(*types.Chan); ok {
				set(n.Value, c.Elem(), inCell)
			}
		case *ast.IndexExpr:
			if m, ok := core(l.info.TypeOf(n.X)).(*types.Map); ok {
				set(n.Index, m.Key(), inCell)
			}
		case *ast.CompositeLit:
			l.elementTargets(n, set)
		case *ast.CallExpr:
			l.argumentTargets(n, set)
		}
		return true
	})
}

// core is the type that decides what an operand of type t allows: that of a
// type parameter is the one all types of its constraint share.
func core(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	if tp, ok := types.Unalias(t).(*types.TypeParam); ok {
		iface := tp.Underlying().(*types.Interface)
		for i := range iface.NumEmbeddeds() {
			switch e := iface.EmbeddedType(i).(type) {
			case *types.Union:
				return e.Term(0).Type().Underlying()
			default:
				if !types.IsInterface(e) {
					return e.Underlying()
				}
				if u, ok := e.Underlying().(*types.Interface); ok && u.NumEmbeddeds() > 0 {
					if un, ok := u.EmbeddedType(0).(*types.Union); ok {
						return un.Term(0).Type().Underlying()
					}
				}
			}
		}
	}
	return t.Underlying()
}

func (l *lowerer) elementTargets(lit *ast.CompositeLit, set func(ast.Expr, types.Type, sink)) {
	t := core(l.info.TypeOf(lit))
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	var elem types.Type
	switch t := t.(type) {
	case *types.Struct:
		for i, el := range lit.Elts {
			kv, ok := el.(*ast.KeyValueExpr)
			if !ok {
				set(el, t.Field(i).Type(), inCell)
				continue
			}
			if id, ok := kv.Key.(*ast.Ident); ok {
				for f := range t.Fields() {
					if f.Name() == id.Name {
						set(kv.Value, f.Type(), inCell)
					}
				}
			}
		}
		return
	case *types.Slice:
		elem = t.Elem()
	case *types.Array:
		elem = t.Elem()
	case *types.Map:
		elem = t.Elem()
		for _, el := range lit.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				set(kv.Key, t.Key(), inCell)
			}
		}
	default:
		return
	}
	for _, el := range lit.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			el = kv.Value
		}
		set(el, elem, inCell)
	}
}

func (l *lowerer) argumentTargets(call *ast.CallExpr, set func(ast.Expr, types.Type, sink)) {
	fun := ast.Unparen(call.Fun)
	tv := l.info.Types[fun]
	if tv.IsType() {
		if len(call.Args) == 1 {
			set(call.Args[0], tv.Type, inCell)
		}
		return
	}
	if id, ok := fun.(*ast.Ident); ok {
		if b, ok := l.info.Uses[id].(*types.Builtin); ok {
			l.builtinTargets(b.Name(), call, set)
			return
		}
	}
	sig, ok := core(tv.Type).(*types.Signature)
	if !ok {
		return
	}
	to := l.recipient(fun)
	if len(call.Args) == 1 {
		if tuple, ok := l.info.TypeOf(call.Args[0]).(*types.Tuple); ok {
			l.tupleTargets(call.Args[0], tuple.Len(), to, func(i int) types.Type { return parameter(sig, i) })
			return
		}
	}
	for i, a := range call.Args {
		p, last := i, sig.Params().Len()-1
		if sig.Variadic() && p >= last {
			p = last
		}
		if p > last {
			return
		}
		t := sig.Params().At(p).Type()
		if sig.Variadic() && p == last {
			if call.Ellipsis.IsValid() {
				if s, ok := core(t).(*types.Slice); ok && types.IsInterface(s.Elem()) && to != inCell {
					l.targets[ast.Unparen(a)] = target{typ: t, sink: to, spread: true}
				}
				return
			}
			if s, ok := core(t).(*types.Slice); ok {
				t = s.Elem()
			}
		}
		set(a, t, to)
	}
}

// parameter is the type of the i-th argument of a call.
func parameter(sig *types.Signature, i int) types.Type {
	last := sig.Params().Len() - 1
	if sig.Variadic() && i >= last {
		if s, ok := core(sig.Params().At(last).Type()).(*types.Slice); ok {
			return s.Elem()
		}
	}
	return sig.Params().At(min(i, last)).Type()
}

// tupleTargets notes what the values of an expression of several become.
func (l *lowerer) tupleTargets(e ast.Expr, n int, s sink, to func(i int) types.Type) {
	tuple, ok := l.info.TypeOf(e).(*types.Tuple)
	if !ok || tuple.Len() != n {
		return
	}
	list := make([]types.Type, n)
	some := false
	for i := range list {
		list[i] = to(i)
		some = some || list[i] != nil && types.IsInterface(list[i])
	}
	if some {
		l.tuples[ast.Unparen(e)] = tupleTarget{list, s}
	}
}

// convertTuple makes interfaces of those values of x, an expression of several,
// that become some.
func (l *lowerer) convertTuple(x ast.Expr, from *types.Tuple, to tupleTarget) ast.Expr {
	pos := x.Pos()
	names := make([]ast.Expr, from.Len())
	values := make([]ast.Expr, from.Len())
	result := make([]types.Type, from.Len())
	changed := false
	for i := range names {
		name := l.temp()
		names[i], values[i] = identAt(name, pos), identAt(name, pos)
		result[i] = from.At(i).Type()
		if b, ok := result[i].(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
			result[i] = types.Default(b)
		}
		if to.types[i] == nil || !types.IsInterface(l.sub(to.types[i])) || types.Identical(l.sub(to.types[i]), result[i]) {
			continue
		}
		if v := l.convert(values[i], result[i], l.sub(to.types[i]), to.sink); v != values[i] || !types.IsInterface(result[i]) {
			values[i], result[i], changed = v, l.sub(to.types[i]), true
		}
	}
	if !changed {
		return x
	}
	sig := types.NewSignatureType(nil, nil, nil, nil, tupleOf(result...), false)
	lit := &ast.FuncLit{Type: l.funcType(&ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos}}, sig), Body: blockAt(pos,
		&ast.AssignStmt{Lhs: names, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{x}},
		&ast.ReturnStmt{Return: pos, Results: values})}
	return callAt(lit, pos)
}

func (l *lowerer) builtinTargets(name string, call *ast.CallExpr, set func(ast.Expr, types.Type, sink)) {
	switch name {
	case "append":
		if s, ok := core(l.info.TypeOf(call.Args[0])).(*types.Slice); ok && !call.Ellipsis.IsValid() {
			for _, a := range call.Args[1:] {
				set(a, s.Elem(), inCell)
			}
		}
	case "panic":
		set(call.Args[0], types.Universe.Lookup("any").Type(), inCell)
	case "delete":
		if m, ok := core(l.info.TypeOf(call.Args[0])).(*types.Map); ok {
			set(call.Args[1], m.Key(), inCell)
		}
	}
}

// keepers are packages whose functions only keep the values they are given.
var keepers = []string{"container/", "context", "sync", "sync/atomic", "iter", "maps", "slices", "unique", "weak", "errors", reflectPath}

// recipient says what a called function does with values of any type.
func (l *lowerer) recipient(fun ast.Expr) sink {
	fn := l.calledFunc(fun)
	if fn == nil || fn.Pkg() == nil || l.s.ours(fn.Pkg()) || l.info.Defs != nil && l.s.sourceFunc(fn) != nil {
		return inCell
	}
	return sinkOf(fn.Pkg().Path(), fn.Name())
}

// sinkOf says what a compiled function does with values of any type.
func sinkOf(path, name string) sink {
	switch path {
	case "fmt":
		if strings.Contains(name, "can") { // Scan, Sscan, Fscan: pointers
			return sink{code: path}
		}
		return sink{print: true}
	case "log", "testing":
		return sink{print: true}
	}
	for _, k := range keepers {
		if path == k || strings.HasSuffix(k, "/") && strings.HasPrefix(path, k) {
			return inCell
		}
	}
	if (path == "encoding/json" || path == "encoding/xml") && (strings.HasPrefix(name, "Unmarshal") || strings.HasPrefix(name, "Decode")) {
		path += decodes
	}
	return sink{code: path}
}

// calledFunc is the declared function or method that fun names, if it does.
func (l *lowerer) calledFunc(fun ast.Expr) *types.Func {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		fn, _ := l.info.Uses[f].(*types.Func)
		return fn
	case *ast.SelectorExpr:
		fn, _ := l.info.Uses[f.Sel].(*types.Func)
		return fn
	case *ast.IndexExpr:
		return l.calledFunc(f.X)
	case *ast.IndexListExpr:
		return l.calledFunc(f.X)
	}
	return nil
}
