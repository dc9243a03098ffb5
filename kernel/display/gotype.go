package display

import (
	"go/ast"
	"go/parser"
	"go/types"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
)

// typeSource holds what SetTypeSource was given; nil inside means none.
var typeSource atomic.Pointer[func(name string) string]

// SetTypeSource gives Render knowledge of types that exist only in the
// interpreter: source returns, for the name of a defined type as it is spelled in
// the types handed to Render ("main.Point"), its underlying type spelled in Go
// ("struct{X int; y float64}"), or "" if it does not know it. Without a source, or
// where it does not know, field names are guessed from the interpreter's values.
//
// source may be called from any goroutine. A nil source removes the present one.
func SetTypeSource(source func(name string) string) {
	if source == nil {
		typeSource.Store(nil)
		return
	}
	typeSource.Store(&source)
}

// goType is a type as spelled in Go, walked beside a reflect.Value to name what
// reflection cannot. The nil goType knows nothing; all methods accept it.
type goType struct{ expr ast.Expr }

// parseType returns the type spelled s, nil if s is empty or not a Go type.
func parseType(s string) *goType {
	if s == "" || len(s) > 10_000 {
		return nil
	}
	e, err := parser.ParseExpr(s)
	if err != nil {
		return nil
	}
	return newGoType(e)
}

func newGoType(e ast.Expr) *goType {
	for {
		p, ok := e.(*ast.ParenExpr)
		if !ok {
			break
		}
		e = p.X
	}
	if e == nil {
		return nil
	}
	return &goType{e}
}

// String spells t, without the name of the package that cells are in.
func (t *goType) String() string {
	if t == nil {
		return ""
	}
	if _, ok := t.expr.(*ast.StructType); ok {
		return "struct"
	}
	return strings.ReplaceAll(trimMain(types.ExprString(t.expr)), "interface{}", "any")
}

// named says whether t is a defined type or a predeclared one.
func (t *goType) named() bool {
	if t == nil {
		return false
	}
	switch t.expr.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return true
	}
	return false
}

// under is the underlying type of t: t itself for a type literal, what the type
// source says for a defined type, nil if that is unknown.
func (t *goType) under() *goType {
	for range 10 { // a source may answer with another name, but not for ever
		if t == nil || !t.named() {
			return t
		}
		source := typeSource.Load()
		if source == nil {
			return nil
		}
		t = parseType((*source)(types.ExprString(t.expr)))
	}
	return nil
}

// isInterface says whether t is certainly an interface, and so does not name the
// dynamic type of a value.
func (t *goType) isInterface() bool {
	if t == nil {
		return false
	}
	if id, ok := t.expr.(*ast.Ident); ok && (id.Name == "any" || id.Name == "error" || id.Name == "comparable") {
		return true
	}
	if u := t.under(); u != nil {
		_, ok := u.expr.(*ast.InterfaceType)
		return ok
	}
	return false
}

// elem is the element type of a slice, array, pointer, map or channel.
func (t *goType) elem() *goType {
	u := t.under()
	if u == nil {
		return nil
	}
	switch e := u.expr.(type) {
	case *ast.ArrayType:
		return newGoType(e.Elt)
	case *ast.StarExpr:
		return newGoType(e.X)
	case *ast.MapType:
		return newGoType(e.Value)
	case *ast.ChanType:
		return newGoType(e.Value)
	}
	return nil
}

// key is the key type of a map.
func (t *goType) key() *goType {
	if u := t.under(); u != nil {
		if e, ok := u.expr.(*ast.MapType); ok {
			return newGoType(e.Key)
		}
	}
	return nil
}

// goField is a field of a struct type.
type goField struct {
	name string
	typ  *goType
}

// fields are the fields of a struct type with n fields, nil if t is none such.
func (t *goType) fields(n int) []goField {
	u := t.under()
	if u == nil {
		return nil
	}
	s, ok := u.expr.(*ast.StructType)
	if !ok || s.Fields.NumFields() != n {
		return nil
	}
	var list []goField
	for _, f := range s.Fields.List {
		typ := newGoType(f.Type)
		if len(f.Names) == 0 { // embedded
			name := strings.TrimPrefix(types.ExprString(f.Type), "*")
			name, _, _ = strings.Cut(name, "[")
			list = append(list, goField{name[strings.LastIndex(name, ".")+1:], typ})
		}
		for _, id := range f.Names {
			list = append(list, goField{id.Name, typ})
		}
	}
	return list
}

// structFields are the names and types of the fields of a struct value's type.
func structFields(rt reflect.Type, t *goType) []goField {
	if rt.Name() == "" {
		if known := t.fields(rt.NumField()); known != nil {
			return known
		}
	}
	list := make([]goField, rt.NumField())
	for i := range list {
		list[i].name = rt.Field(i).Name
		if rt.Name() == "" {
			list[i].name = fieldName(list[i].name)
		}
	}
	return list
}

// typeName names the type of a value: by reflection where the type is a compiled
// one, by its static type t where reflection sees only a shape.
func typeName(rt reflect.Type, t *goType) string {
	if rt.PkgPath() == "" && t != nil && !t.isInterface() {
		return t.String()
	}
	if rt.Name() == "" && rt.Kind() == reflect.Struct {
		return "struct"
	}
	s := strings.ReplaceAll(trimMain(rt.String()), "interface {}", "any")
	if rt.Kind() == reflect.Slice || rt.Kind() == reflect.Array {
		s = uint8RE.ReplaceAllString(s, "byte")
	}
	if strings.Contains(s, "struct {") {
		return shortStructs(s)
	}
	return s
}

// uint8RE finds what is nearly always spelled byte: reflection cannot tell them apart.
var uint8RE = regexp.MustCompile(`\buint8\b`)

// trimMain removes the qualifier of the package that cells are in.
func trimMain(s string) string {
	for i := 0; ; {
		j := strings.Index(s[i:], "main.")
		if j < 0 {
			return s
		}
		i += j
		if i == 0 || !isIdentByte(s[i-1]) && s[i-1] != '/' {
			s = s[:i] + s[i+len("main."):]
		} else {
			i += len("main.")
		}
	}
}

func isIdentByte(c byte) bool {
	return c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
}

// shortStructs replaces the bodies of struct types in a type's spelling.
func shortStructs(s string) string {
	const open = "struct {"
	var b strings.Builder
	for {
		i := strings.Index(s, open)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+len(open):]
		if strings.HasPrefix(s, "}") {
			b.WriteString("struct{}")
		} else {
			b.WriteString("struct{…}")
		}
		for depth := 1; depth > 0 && s != ""; s = s[1:] {
			switch s[0] {
			case '{':
				depth++
			case '}':
				depth--
			}
		}
	}
}
