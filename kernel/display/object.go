package display

import (
	"maps"
	"slices"

	"gonum.org/v1/plot/vg/draw"
)

// Object is a value together with its type and those of its methods that
// reflection does not see, as it is with values of types declared in a cell. It
// shows as a compiled value of that type would, in [Show] and [Table] too.
//
// Type is the static type as Go spells it, or empty.
//
// Methods maps the names this package looks for to functions of the right type:
// "HTML", "Markdown", "LaTeX", "SVG", "String" and "Error" to func() string, "PNG"
// and "JPEG" to func() []byte, "JSON" to func() any, "MIMEBundle" to func()
// map[string]any or func() (data, metadata map[string]any), "Draw" to
// func(draw.Canvas). Anything else in it is ignored.
type Object struct {
	Value   any
	Type    string
	Methods map[string]any
}

// staticType is the type an Object names, or else typ.
func staticType(v any, typ string) string {
	if o, ok := unwrapInterpreted(v).(Object); ok && o.Type != "" {
		return o.Type
	}
	return typ
}

// faces are the values that speak for o, one a method.
func (o Object) faces() []any {
	var list []any
	for _, name := range slices.Sorted(maps.Keys(o.Methods)) { // Error comes before String, as in fmt
		wrap, known := objectFaces[name]
		if f := unwrapInterpreted(o.Methods[name]); known && f != nil {
			if x := wrap(f); x != nil {
				list = append(list, x)
			}
		}
	}
	return list
}

type (
	htmlFunc       func() string
	markdownFunc   func() string
	latexFunc      func() string
	svgFunc        func() string
	stringFunc     func() string
	errorFunc      func() string
	pngFunc        func() []byte
	jpegFunc       func() []byte
	jsonFunc       func() any
	bundleFunc     func() map[string]any
	bundleMetaFunc func() (data, metadata map[string]any)
	drawFunc       func(draw.Canvas)
)

func (f htmlFunc) HTML() string                                      { return f() }
func (f markdownFunc) Markdown() string                              { return f() }
func (f latexFunc) LaTeX() string                                    { return f() }
func (f svgFunc) SVG() string                                        { return f() }
func (f stringFunc) String() string                                  { return f() }
func (f errorFunc) Error() string                                    { return f() }
func (f pngFunc) PNG() []byte                                        { return f() }
func (f jpegFunc) JPEG() []byte                                      { return f() }
func (f jsonFunc) JSON() any                                         { return f() }
func (f bundleFunc) MIMEBundle() map[string]any                      { return f() }
func (f bundleMetaFunc) MIMEBundle() (data, metadata map[string]any) { return f() }
func (f drawFunc) Draw(c draw.Canvas)                                { f(c) }

// objectFaces gives the functions of an Object their methods; nil for a function
// of another type.
var objectFaces = map[string]func(f any) any{
	"HTML":     func(f any) any { return text(f, func(g func() string) any { return htmlFunc(g) }) },
	"Markdown": func(f any) any { return text(f, func(g func() string) any { return markdownFunc(g) }) },
	"LaTeX":    func(f any) any { return text(f, func(g func() string) any { return latexFunc(g) }) },
	"SVG":      func(f any) any { return text(f, func(g func() string) any { return svgFunc(g) }) },
	"String":   func(f any) any { return text(f, func(g func() string) any { return stringFunc(g) }) },
	"Error":    func(f any) any { return text(f, func(g func() string) any { return errorFunc(g) }) },
	"PNG": func(f any) any {
		if g, ok := f.(func() []byte); ok {
			return pngFunc(g)
		}
		return nil
	},
	"JPEG": func(f any) any {
		if g, ok := f.(func() []byte); ok {
			return jpegFunc(g)
		}
		return nil
	},
	"JSON": func(f any) any {
		if g, ok := f.(func() any); ok {
			return jsonFunc(g)
		}
		return nil
	},
	"MIMEBundle": func(f any) any {
		switch g := f.(type) {
		case func() map[string]any:
			return bundleFunc(g)
		case func() (map[string]any, map[string]any):
			return bundleMetaFunc(g)
		}
		return nil
	},
	"Draw": func(f any) any {
		if g, ok := f.(func(draw.Canvas)); ok {
			return drawFunc(g)
		}
		return nil
	},
}

// text applies wrap to f if it is a func() string.
func text(f any, wrap func(func() string) any) any {
	if g, ok := f.(func() string); ok {
		return wrap(g)
	}
	return nil
}
