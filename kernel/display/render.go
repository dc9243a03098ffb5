package display

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"image"
	"reflect"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Render returns what a cell's result shows as: values are those of its last
// expression, types their static types as Go spells them (it may be shorter or
// nil; a type that is missing is not named when reflection cannot tell it).
//
// One value shows as itself, several as a list: one line of text when all are
// short, and HTML when one of them is rich. A nil error behind other values says
// only that all went well and is left out of the rich form.
//
// The result has a nil Data, meaning that there is nothing to show, if there are
// no values, if the only value is nil, and for the *[Handle] that [Show] returns.
//
// Render never panics and never returns more than a bounded amount of text for a
// value that did not choose its own format.
func Render(values []any, types []string) Bundle {
	switch len(values) {
	case 0:
		return Bundle{}
	case 1:
		if silent(values[0]) {
			return Bundle{}
		}
		return renderOne(values[0], typeAt(types, 0))
	}
	bundles := make([]Bundle, 0, len(values))
	for i, v := range values {
		typ := typeAt(types, i)
		if isNil(v) && typ == "error" && i == len(values)-1 {
			// nil errors stay visible in text, where they take one word.
			b := bundle("nil")
			b.Data[mimeHTML] = ""
			bundles = append(bundles, b)
			continue
		}
		bundles = append(bundles, renderOne(v, typ))
	}
	return join(bundles)
}

func typeAt(types []string, i int) string {
	if i < len(types) {
		return types[i]
	}
	return ""
}

// silent says whether a lone v has nothing to show.
func silent(v any) bool {
	if isNil(v) {
		return true
	}
	_, ok := unwrapInterpreted(v).(*Handle)
	return ok
}

// isNil says whether v is the nil interface, also where the interpreter has
// wrapped it. A nil pointer in an interface is a value and shows as one.
func isNil(v any) bool {
	v = unwrapInterpreted(v)
	if o, ok := v.(Object); ok {
		return isNil(o.Value)
	}
	return v == nil
}

// renderOne returns what a single value shows as; Data is never nil.
func renderOne(v any, typ string) (b Bundle) {
	defer func() {
		// The last line of defence: a display must not cost the cell its result.
		if r := recover(); r != nil {
			b = bundle(fmt.Sprintf("display: cannot show a value of type %T: %v", v, r))
		}
	}()
	w, faces := reveal(v)
	typ = staticType(v, typ)
	for _, x := range faces {
		switch x := x.(type) {
		case Bundle:
			b, err := normal(x)
			if err != nil {
				return bundle("display: bundle cannot be shown: " + err.Error())
			}
			return complete(b, v, typ)
		case MIMEBundlerMeta, MIMEBundler:
			if b, err := fromMIMEBundle(x); err != nil {
				return failed(v, typ, err)
			} else if b.Data != nil {
				return complete(b, v, typ)
			}
		}
	}
	b = Bundle{Data: map[string]any{}, Metadata: map[string]any{}}
	var err error
	for _, x := range faces {
		if e := fromMethods(&b, x); e != nil {
			err = e
		}
	}
	if err != nil && len(b.Data) == 0 {
		return failed(v, typ, err)
	}
	if len(b.Data) == 0 {
		if unsure(v, typ) {
			w = nil
		}
		b = native(w, faces, typ)
	}
	if unsure(v, typ) {
		addOwnText(b.Data, faces)
	}
	b = complete(b, v, typ)
	if err != nil {
		b.Data[mimeText] = b.String() + "\n" + err.Error()
	}
	return b
}

// native renders the types this package knows by itself.
func native(v any, faces []any, typ string) Bundle {
	for _, x := range faces {
		switch x := x.(type) {
		case Drawer:
			return Plot(x).bundle()
		case mat.CMatrix:
			return complexMatrix(x)
		case image.Image:
			return Image(x).bundle()
		case mat.Matrix:
			return Matrix(x).bundle()
		}
	}
	if b, ok := gallery(v); ok {
		return b
	}
	if t := structTable(v, typ); t != nil {
		b := t.bundle()
		delete(b.Data, mimeText) // Go syntax tells more about a Go value
		return b
	}
	return Bundle{}
}

// unsure says whether v comes in a generated wrapper that may not hold it.
func unsure(v any, typ string) bool {
	v = unwrapInterpreted(v)
	if o, ok := v.(Object); ok {
		v = unwrapInterpreted(o.Value)
	}
	_, ok := wrapped(v)
	return ok && !strings.HasPrefix(typ, "*")
}

// addOwnText makes the plain text form of what the value says in a richer one,
// if it does not write itself.
func addOwnText(data map[string]any, faces []any) {
	for _, x := range faces {
		if _, ok := speak(x); ok {
			return
		}
	}
	for _, mime := range []string{mimeHTML, mimeLaTeX, mimeMarkdown} {
		s, ok := data[mime].(string)
		if !ok {
			continue
		}
		if mime == mimeHTML {
			s = stripTags(s)
		}
		if s = cutText(strings.TrimSpace(s), maxText); s != "" {
			data[mimeText] = s
		}
	}
}

// maxGallery is how many pictures of a slice are shown.
const maxGallery = 24

var (
	drawerType = reflect.TypeFor[Drawer]()
	imageType  = reflect.TypeFor[image.Image]()
)

// gallery renders a slice of figures or images side by side.
func gallery(v any) (Bundle, bool) {
	rv := reflect.ValueOf(v)
	if k := rv.Kind(); k != reflect.Slice && k != reflect.Array || rv.Len() == 0 {
		return Bundle{}, false
	}
	if e := rv.Type().Elem(); !e.Implements(drawerType) && !e.Implements(imageType) {
		return Bundle{}, false
	}
	var texts, parts []string
	for i := range min(rv.Len(), maxGallery) {
		b := renderOne(rv.Index(i).Interface(), "")
		texts = append(texts, b.String())
		parts = append(parts, "<div>"+asHTML(b)+"</div>\n")
	}
	if n := rv.Len() - maxGallery; n > 0 {
		rest := fmt.Sprintf("… %d more", n)
		texts = append(texts, rest)
		parts = append(parts, "<div>"+rest+"</div>\n")
	}
	b := bundle(strings.Join(texts, "\n"))
	b.Data[mimeHTML] = `<div style="display:flex;flex-wrap:wrap;gap:8px">` + "\n" + strings.Join(parts, "") + "</div>"
	return b, true
}

// complete makes sure of the maps and of a plain text form.
func complete(b Bundle, v any, typ string) Bundle {
	data := make(map[string]any, len(b.Data)+1)
	for k, x := range b.Data {
		data[k] = x
	}
	if _, ok := data[mimeText]; !ok {
		if _, isBundle := unwrapInterpreted(v).(Bundle); isBundle {
			data[mimeText] = summary(b)
		} else {
			data[mimeText] = formatText(v, typ)
		}
	}
	meta := b.Metadata
	if meta == nil {
		meta = map[string]any{}
	}
	return Bundle{Data: data, Metadata: meta}
}

// failed is what a value shows as whose own method went wrong.
func failed(v any, typ string, err error) Bundle {
	return bundle(formatText(v, typ) + "\n" + err.Error())
}

// summary names the formats of a bundle that brings no plain text.
func summary(b Bundle) string {
	if len(b.Data) == 0 {
		return "<empty display>"
	}
	return "<" + strings.Join(sortedKeys(b.Data), ", ") + ">"
}

// fromMIMEBundle calls MIMEBundle. A nil map means that the value has nothing
// special to say this time.
func fromMIMEBundle(x any) (b Bundle, err error) {
	defer catch("MIMEBundle", &err)
	switch x := x.(type) {
	case MIMEBundlerMeta:
		b.Data, b.Metadata = x.MIMEBundle()
	case MIMEBundler:
		b.Data = x.MIMEBundle()
	}
	if b, err = normal(b); err != nil {
		err = fmt.Errorf("display: method MIMEBundle returned %w", err)
	}
	return b, err
}

// normal returns b in the form the protocol wants, bytes in base64 and everything
// else fit for JSON, without changing the maps of b.
func normal(b Bundle) (Bundle, error) {
	if len(b.Data) == 0 {
		return Bundle{}, nil
	}
	data := make(map[string]any, len(b.Data))
	for k, v := range b.Data {
		if raw, ok := v.([]byte); ok {
			v = base64.StdEncoding.EncodeToString(raw)
		}
		if _, ok := v.(string); !ok {
			raw, err := json.Marshal(v)
			if err != nil {
				return Bundle{}, fmt.Errorf("data for %s that is not JSON: %w", k, err)
			}
			v = json.RawMessage(raw) // as it is now: the event is sent later
		}
		data[k] = v
	}
	if _, err := json.Marshal(b.Metadata); err != nil {
		return Bundle{}, fmt.Errorf("metadata that is not JSON: %w", err)
	}
	return Bundle{Data: data, Metadata: b.Metadata}, nil
}

// fromMethods adds to b what the methods of x give. The first failure is
// returned, the other methods are still called.
func fromMethods(b *Bundle, x any) error {
	var first error
	call := func(name string, f func()) {
		err := func() (err error) {
			defer catch(name, &err)
			f()
			return nil
		}()
		if err != nil && first == nil {
			first = err
		}
	}
	if m, ok := x.(HTMLer); ok {
		call("HTML", func() { b.Data[mimeHTML] = m.HTML() })
	}
	if m, ok := x.(Markdowner); ok {
		call("Markdown", func() { b.Data[mimeMarkdown] = m.Markdown() })
	}
	if m, ok := x.(LaTeXer); ok {
		call("LaTeX", func() { b.Data[mimeLaTeX] = m.LaTeX() })
	}
	if m, ok := x.(SVGer); ok {
		call("SVG", func() { b.Data[mimeSVG] = scopeSVG(m.SVG()) })
	}
	if m, ok := x.(PNGer); ok {
		call("PNG", func() { b.Data[mimePNG] = base64.StdEncoding.EncodeToString(m.PNG()) })
	}
	if m, ok := x.(JPEGer); ok {
		call("JPEG", func() { b.Data[mimeJPEG] = base64.StdEncoding.EncodeToString(m.JPEG()) })
	}
	if m, ok := x.(JSONer); ok {
		call("JSON", func() {
			raw, err := json.Marshal(m.JSON())
			if err != nil {
				panic(err)
			}
			b.Data[mimeJSON] = json.RawMessage(raw)
		})
	}
	return first
}

// catch turns a panic of the named method into an error.
func catch(method string, err *error) {
	if r := recover(); r != nil {
		if v, ok := r.(reflect.Value); ok && v.IsValid() && v.CanInterface() {
			r = v.Interface() // interpreted code panics with a reflect.Value
		}
		*err = fmt.Errorf("display: method %s panicked: %v", method, r)
	}
}

// reveal returns v without the interpreter's wrappings, for its text, and all
// values whose methods may speak for it: the wrapper an interpreted value comes
// in, or the value itself and its address where methods hang on the pointer.
// Of a wrapped value, value is not sure: see [wrapped].
func reveal(v any) (value any, faces []any) {
	v = unwrapInterpreted(v)
	if o, ok := v.(Object); ok {
		faces = o.faces()
		v = unwrapInterpreted(o.Value)
	}
	if inner, ok := wrapped(v); ok {
		return unwrapInterpreted(inner), append(faces, v)
	}
	if v == nil {
		return nil, faces
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && rv.IsNil() {
		return v, faces // its methods would only panic
	}
	faces = append(faces, v)
	if t := rv.Type(); t.Name() != "" && t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		if reflect.PointerTo(t).NumMethod() > t.NumMethod() {
			p := reflect.New(t)
			p.Elem().Set(rv)
			faces = append(faces, p.Interface())
		}
	}
	return v, faces
}

// shortLine is the width up to which several results go on one line of text.
const shortLine = 80

// join puts the results of a call with several values into one bundle.
func join(bundles []Bundle) Bundle {
	var texts []string
	rich, oneLine, width := false, true, 0
	for _, b := range bundles {
		s := b.String()
		texts = append(texts, s)
		oneLine = oneLine && !strings.Contains(s, "\n")
		width += len(s) + 2
		for k, v := range b.Data {
			rich = rich || k != mimeText && v != ""
		}
	}
	sep := "\n"
	if oneLine && width <= shortLine {
		sep = ", "
	}
	out := bundle(strings.Join(texts, sep))
	if !rich {
		return out
	}
	var page strings.Builder
	for _, b := range bundles {
		if part := asHTML(b); part != "" {
			page.WriteString("<div>" + part + "</div>\n")
		}
	}
	out.Data[mimeHTML] = page.String()
	return out
}

// asHTML is the richest form of b as a piece of HTML.
func asHTML(b Bundle) string {
	get := func(mime string) (string, bool) {
		s, ok := b.Data[mime].(string)
		return s, ok
	}
	if s, ok := get(mimeHTML); ok {
		return s
	}
	// As an image a drawing keeps its ids and styles to itself, and clients that
	// clean HTML let it pass.
	if s, ok := get(mimeSVG); ok {
		return `<img alt="" style="max-width:100%" src="data:` + mimeSVG + ";base64," + base64.StdEncoding.EncodeToString([]byte(s)) + `">`
	}
	for _, mime := range []string{mimePNG, mimeJPEG} {
		if s, ok := get(mime); ok {
			size := ""
			if m, ok := b.Metadata[mime].(map[string]any); ok && m["width"] != nil {
				size = ` width="` + html.EscapeString(fmt.Sprint(m["width"])) + `"`
			}
			return `<img alt="" style="max-width:100%"` + size + ` src="data:` + mime + ";base64," + html.EscapeString(s) + `">`
		}
	}
	s := b.String()
	if md, ok := get(mimeMarkdown); ok {
		s = md
	} else if tex, ok := get(mimeLaTeX); ok {
		return html.EscapeString(tex) // the page's own math renderer finds the $…$
	}
	return "<pre>" + html.EscapeString(s) + "</pre>"
}
