package main

import (
	"fmt"
	"go/constant"
	"go/types"
	"math/big"
	"sort"
	"strconv"
	"strings"
)

// A symbol is one line of a generated table: where it goes, and its source text.
// Two platforms share a symbol when the texts are equal.
type symbol struct {
	section string // "values", "untyped", "vars", "types" or "wraps"
	text    string
	wrapper string            // for wraps: the declaration of the wrapper type
	imports map[string]string // packages that wrapper mentions: path → alias
}

// restricted maps functions to ours: those that would end the process panic instead,
// and errors.As knows the wrappers of interpreted errors.
var restricted = map[string]string{
	"errors.As":    "errorsAs",
	"os.Exit":      "osExit",
	"syscall.Exit": "osExit",
	"log.Fatal":    "logFatal",
	"log.Fatalf":   "logFatalf",
	"log.Fatalln":  "logFatalln",
}

// mangle makes an identifier of an import path.
func mangle(path string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, path)
}

// symbols renders every exported, non-generic object of a package. Interfaces
// give a second symbol, named with a leading underscore, for their wrapper.
// importable says which packages generated code may import.
func symbols(pkg *types.Package, importable func(*types.Package) bool) map[string]symbol {
	syms := map[string]symbol{}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Const:
			syms[name] = constSymbol(obj)
		case *types.Func:
			if obj.Signature().TypeParams().Len() > 0 {
				continue
			}
			ref := "p." + name
			if own := restricted[pkg.Path()+"."+name]; own != "" {
				ref = own
			}
			syms[name] = symbol{section: "values", text: fmt.Sprintf("{%q, %s}", name, ref)}
		case *types.Var:
			syms[name] = symbol{section: "vars", text: fmt.Sprintf("{%q, &p.%s}", name, name)}
		case *types.TypeName:
			if isGeneric(obj.Type()) {
				continue
			}
			iface, _ := obj.Type().Underlying().(*types.Interface)
			if iface != nil && !iface.IsMethodSet() {
				continue // a constraint is no type of values
			}
			syms[name] = symbol{section: "types", text: fmt.Sprintf("{%q, (*p.%s)(nil)}", name, name)}
			if iface != nil {
				wname := "_" + mangle(pkg.Path()) + "_" + name
				r := &renderer{self: pkg, importable: importable, imports: map[string]string{}}
				if decl, ok := r.wrapper(wname, name, methodsOf(iface)); ok {
					syms["_"+name] = symbol{
						section: "wraps",
						text:    fmt.Sprintf("{%q, (*%s)(nil)}", "_"+name, wname),
						wrapper: decl,
						imports: r.imports,
					}
				}
			}
		}
	}
	return syms
}

func isGeneric(t types.Type) bool {
	switch t := t.(type) {
	case *types.Alias:
		return t.TypeParams().Len() > 0
	case *types.Named:
		return t.TypeParams().Len() > 0
	}
	return false
}

func constSymbol(c *types.Const) symbol {
	name := c.Name()
	basic, ok := c.Type().(*types.Basic)
	if !ok || basic.Info()&types.IsUntyped == 0 {
		return symbol{section: "values", text: fmt.Sprintf("{%q, p.%s}", name, name)}
	}
	untyped := func(val string) symbol {
		return symbol{section: "untyped", text: fmt.Sprintf("{%q, %s}", name, val)}
	}
	switch basic.Kind() {
	case types.UntypedString:
		return untyped("str(p." + name + ")")
	case types.UntypedInt, types.UntypedRune:
		if _, exact := constant.Int64Val(constant.ToInt(c.Val())); exact {
			// By name, so that the compiler gives each platform its own value.
			return untyped("num(p." + name + ")")
		}
		return untyped("lit(" + strconv.Quote(c.Val().ExactString()) + ")")
	case types.UntypedFloat:
		return untyped("lit(" + strconv.Quote(floatLiteral(c.Val())) + ")")
	}
	// Booleans and complex numbers take their default type.
	return symbol{section: "values", text: fmt.Sprintf("{%q, p.%s}", name, name)}
}

// floatLiteral spells a constant with as many digits as go/types' own precision
// of 512 bits can tell apart, and so that it reads as a float, not an integer.
func floatLiteral(v constant.Value) string {
	f := new(big.Float).SetPrec(512)
	switch x := constant.Val(constant.ToFloat(v)).(type) {
	case *big.Float:
		f.Set(x)
	case *big.Rat:
		f.SetRat(x)
	case int64:
		f.SetInt64(x)
	case *big.Int:
		f.SetInt(x)
	}
	s := f.Text('g', -1)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// methodsOf lists the methods of an interface that a wrapper can have, by name.
func methodsOf(ifaces ...*types.Interface) []*types.Func {
	seen := map[string]*types.Func{}
	for _, iface := range ifaces {
		for i := 0; i < iface.NumMethods(); i++ {
			if m := iface.Method(i); m.Exported() && seen[m.Name()] == nil {
				seen[m.Name()] = m
			}
		}
	}
	methods := make([]*types.Func, 0, len(seen))
	for _, m := range seen {
		methods = append(methods, m)
	}
	sort.Slice(methods, func(i, j int) bool { return methods[i].Name() < methods[j].Name() })
	return methods
}

// A renderer writes Go source for types of other packages and remembers what to import.
type renderer struct {
	self       *types.Package // spelled p, when not nil
	importable func(*types.Package) bool
	imports    map[string]string
}

// wrapper declares the struct through which compiled code calls the methods of an
// interpreted value: yaegi fills IValue with the value and each W field with a
// function bound to it, in the order of the methods. Compiled code may ask a value
// for String at any time, even one whose interpreted type has none, hence the guard.
func (r *renderer) wrapper(wname, name string, methods []*types.Func) (string, bool) {
	var fields, funcs strings.Builder
	for _, m := range methods {
		sig := m.Signature()
		if !r.canSpell(sig, map[types.Type]bool{}) {
			return "", false
		}
		params, args, results := r.signature(sig)
		fmt.Fprintf(&fields, "\tW%s func(%s)%s\n", m.Name(), params, results)
		fmt.Fprintf(&funcs, "func (w %s) %s(%s)%s {", wname, m.Name(), params, results)
		if m.Name() == "String" && results == " string" && params == "" {
			funcs.WriteString("\n\tif w.WString == nil {\n\t\treturn \"\"\n\t}\n\treturn w.WString()\n}\n")
			continue
		}
		ret := ""
		if sig.Results().Len() > 0 {
			ret = "return "
		}
		fmt.Fprintf(&funcs, " %sw.W%s(%s) }\n", ret, m.Name(), args)
	}
	return fmt.Sprintf("// %s lets interpreted values be %s.\ntype %s struct {\n\tIValue any\n%s}\n\n%s", wname, name, wname, fields.String(), funcs.String()), true
}

// signature renders parameters as "a0 int, a1 ...string", the arguments that pass
// them on, and results with the space that goes before them.
func (r *renderer) signature(sig *types.Signature) (params, args, results string) {
	var ps, as, rs []string
	for i := 0; i < sig.Params().Len(); i++ {
		name := "a" + strconv.Itoa(i)
		t := sig.Params().At(i).Type()
		if sig.Variadic() && i == sig.Params().Len()-1 {
			elem := t.Underlying().(*types.Slice).Elem()
			ps = append(ps, name+" ..."+r.spell(elem))
			as = append(as, name+"...")
			continue
		}
		ps = append(ps, name+" "+r.spell(t))
		as = append(as, name)
	}
	for i := 0; i < sig.Results().Len(); i++ {
		rs = append(rs, r.spell(sig.Results().At(i).Type()))
	}
	switch len(rs) {
	case 0:
	case 1:
		results = " " + rs[0]
	default:
		results = " (" + strings.Join(rs, ", ") + ")"
	}
	return strings.Join(ps, ", "), strings.Join(as, ", "), results
}

func (r *renderer) spell(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg == r.self {
			return "p"
		}
		alias := mangle(pkg.Path())
		r.imports[pkg.Path()] = alias
		return alias
	})
}

// canSpell reports whether generated code can name every part of a type.
func (r *renderer) canSpell(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	name := func(obj *types.TypeName, args *types.TypeList) bool {
		if pkg := obj.Pkg(); pkg != nil && (!obj.Exported() || pkg != r.self && !r.importable(pkg)) {
			return false
		}
		for i := 0; i < args.Len(); i++ {
			if !r.canSpell(args.At(i), seen) {
				return false
			}
		}
		return true
	}
	tuple := func(tup *types.Tuple) bool {
		for i := 0; i < tup.Len(); i++ {
			if !r.canSpell(tup.At(i).Type(), seen) {
				return false
			}
		}
		return true
	}
	switch t := t.(type) {
	case *types.Alias:
		return name(t.Obj(), t.TypeArgs())
	case *types.Named:
		return name(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return r.canSpell(t.Elem(), seen)
	case *types.Slice:
		return r.canSpell(t.Elem(), seen)
	case *types.Array:
		return r.canSpell(t.Elem(), seen)
	case *types.Chan:
		return r.canSpell(t.Elem(), seen)
	case *types.Map:
		return r.canSpell(t.Key(), seen) && r.canSpell(t.Elem(), seen)
	case *types.Signature:
		return tuple(t.Params()) && tuple(t.Results())
	case *types.Struct:
		for i := 0; i < t.NumFields(); i++ {
			if f := t.Field(i); !f.Exported() || !r.canSpell(f.Type(), seen) {
				return false
			}
		}
	case *types.Interface:
		for i := 0; i < t.NumMethods(); i++ {
			if m := t.Method(i); !m.Exported() || !r.canSpell(m.Type(), seen) {
				return false
			}
		}
	}
	return true
}
