package display

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"image"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"
)

// Bounds of the plain text form. They are generous for what a person reads and
// small for what a notebook stores.
const (
	maxItems  = 100    // elements shown of a slice, array or map at the top
	headItems = 10     // and how many of one that is longer
	subItems  = 20     // elements shown of a nested one
	maxDepth  = 6      // levels of nesting
	maxNodes  = 2000   // values in all
	maxString = 10_000 // bytes of one string at the top
	subString = 1000   // and of a nested one
	maxText   = 64_000 // bytes in all
)

// formatText is the plain text form of any value: Go syntax, except that an
// error is its text and a Stringer what String returns. typ is the static type as
// Go spells it, or empty.
func formatText(v any, typ string) (s string) {
	defer func() {
		if r := recover(); r != nil {
			s = fmt.Sprintf("display: cannot print a value of type %T: %v", v, r)
		}
	}()
	w, faces := reveal(v)
	typ = staticType(v, typ)
	t := parseType(typ)
	for _, x := range faces {
		if s, ok := speak(x); ok {
			return cutText(s, maxText)
		}
	}
	if unsure(v, typ) {
		if typ == "" {
			return "<value of a type declared in a cell>"
		}
		return "<" + trimMain(typ) + ">"
	}
	if w == nil {
		return "nil"
	}
	p := printer{nodes: maxNodes}
	return cutText(layout(p.value(reflect.ValueOf(w), t, 0, false), 0), maxText)
}

// speak returns what a value's own Error, String or Format method says.
func speak(x any) (string, bool) {
	switch x := x.(type) {
	case error:
		return guard(x.Error), true
	case fmt.Stringer:
		return guard(x.String), true
	case fmt.Formatter:
		return guard(func() string { return fmt.Sprint(x) }), true
	}
	return "", false
}

// guard calls f and turns a panic into text.
func guard(f func() string) (s string) {
	defer func() {
		if r := recover(); r != nil {
			s = fmt.Sprintf("(panic: %v)", r)
		}
	}()
	return f()
}

// printer turns values into documents to lay out. It counts what it prints, so
// that no value, however large, takes long.
type printer struct {
	nodes   int     // how many more values may be printed
	visited []visit // pointers, maps and slices being printed, outermost first
}

type visit struct {
	ptr uintptr
	typ reflect.Type
}

// value prints v. elide leaves out the type of a composite literal, as Go allows
// where the context gives it.
func (p *printer) value(v reflect.Value, t *goType, depth int, elide bool) doc {
	if v.IsValid() && v.Kind() == reflect.Struct {
		if in, ok := boxed(v); ok {
			t = parseType(boxedType(v))
			v, elide = in, false
		} else if v.Type() == reflectValueType && v.CanInterface() {
			v, t, elide = v.Interface().(reflect.Value), nil, false
		}
	}
	for v.IsValid() && v.Kind() == reflect.Interface {
		v, elide = v.Elem(), false
		if t.isInterface() {
			t = nil
		}
		if v.IsValid() && v.Kind() == reflect.Struct {
			if in, ok := boxed(v); ok {
				t = parseType(boxedType(v))
				v = in
			}
		}
	}
	if !v.IsValid() {
		return leaf("nil")
	}
	if p.nodes--; p.nodes < 0 {
		return leaf("…")
	}
	if depth > 0 {
		if s, ok := p.method(v); ok {
			return leaf(s)
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		return leaf(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return leaf(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return leaf(strconv.FormatUint(v.Uint(), 10))
	case reflect.Uintptr:
		return leaf("0x" + strconv.FormatUint(v.Uint(), 16))
	case reflect.Float32:
		return leaf(strconv.FormatFloat(v.Float(), 'g', -1, 32))
	case reflect.Float64:
		return leaf(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Complex64:
		return leaf(strconv.FormatComplex(v.Complex(), 'g', -1, 64))
	case reflect.Complex128:
		return leaf(strconv.FormatComplex(v.Complex(), 'g', -1, 128))
	case reflect.String:
		return leaf(quote(v.String(), depth))
	case reflect.Func:
		return leaf(p.function(v, t, depth))
	case reflect.Chan:
		if v.IsNil() {
			return leaf(typedNil(v, t, depth))
		}
		return leaf(fmt.Sprintf("%s (len %d, cap %d)", typeName(v.Type(), t), v.Len(), v.Cap()))
	case reflect.UnsafePointer:
		return leaf(fmt.Sprintf("unsafe.Pointer(%#x)", v.Pointer()))
	case reflect.Pointer:
		return p.pointer(v, t, depth, elide)
	case reflect.Slice, reflect.Array:
		return p.list(v, t, depth, elide)
	case reflect.Map:
		return p.mapping(v, t, depth, elide)
	case reflect.Struct:
		return p.structure(v, t, depth, elide)
	}
	return leaf(v.String())
}

// method is what a nested value's own method says, on one line.
func (p *printer) method(v reflect.Value) (string, bool) {
	if !v.CanInterface() {
		return "", false
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false
	}
	if v.Type().NumMethod() == 0 {
		return "", false
	}
	x, faces := reveal(v.Interface())
	for _, f := range faces {
		if e, ok := f.(error); ok {
			return "error(" + quote(guard(e.Error), 1) + ")", true
		}
		if s, ok := speak(f); ok {
			if strings.Contains(s, "\n") {
				break // a drawing, not a name: its content is clearer
			}
			return cutText(s, subString), true
		}
	}
	for _, f := range faces {
		switch f := f.(type) {
		case mat.Matrix:
			return guard(func() string {
				r, c := f.Dims()
				return matrixTitle(f, "", r, c)
			}), true
		case Drawer:
			return "<figure>", true
		case image.Image:
			return guard(func() string {
				return fmt.Sprintf("<image, %d×%d pixels>", f.Bounds().Dx(), f.Bounds().Dy())
			}), true
		}
	}
	if _, ok := x.(Bundle); ok {
		return "display.Bundle{…}", true
	}
	if _, ok := wrapped(v.Interface()); ok {
		return "<value of a type declared in a cell>", true
	}
	return "", false
}

// typedNil is a nil value: with its type where nothing else tells it.
func typedNil(v reflect.Value, t *goType, depth int) string {
	if depth > 0 {
		return "nil"
	}
	name := typeName(v.Type(), t)
	if strings.HasPrefix(name, "*") || strings.HasPrefix(name, "func") || strings.HasPrefix(name, "chan") || strings.HasPrefix(name, "<-") {
		name = "(" + name + ")"
	}
	return name + "(nil)"
}

func (p *printer) function(v reflect.Value, t *goType, depth int) string {
	if v.IsNil() {
		return typedNil(v, t, depth)
	}
	return typeName(v.Type(), t)
}

// enter notes that v is being printed; ok is false if it is already, which means
// that the value contains itself.
func (p *printer) enter(v reflect.Value) (leave func(), ok bool) {
	me := visit{v.Pointer(), v.Type()}
	if v.Kind() == reflect.Slice && v.Len() == 0 {
		return func() {}, true
	}
	if slices.Contains(p.visited, me) {
		return nil, false
	}
	p.visited = append(p.visited, me)
	return func() { p.visited = p.visited[:len(p.visited)-1] }, true
}

func (p *printer) pointer(v reflect.Value, t *goType, depth int, elide bool) doc {
	if v.IsNil() {
		return leaf(typedNil(v, t, depth))
	}
	leave, ok := p.enter(v)
	if !ok {
		return leaf("&(cycle)")
	}
	defer leave()
	d := p.value(v.Elem(), t.elem(), depth, elide)
	if !elide || d.close == "" {
		d.prefix("&")
	}
	return d
}

// limit is how many of n elements are shown at a depth.
func limit(n, depth int) int {
	if depth == 0 {
		if n > maxItems {
			return headItems
		}
		return n
	}
	if n > subItems {
		return headItems
	}
	return n
}

func more(n int) doc { return doc{open: fmt.Sprintf("… %d more", n), last: true} }

func (p *printer) list(v reflect.Value, t *goType, depth int, elide bool) doc {
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			return leaf(typedNil(v, t, depth))
		}
		leave, ok := p.enter(v)
		if !ok {
			return leaf(typeName(v.Type(), t) + "(cycle)")
		}
		defer leave()
	}
	name := ""
	if !elide {
		name = typeName(v.Type(), t)
	}
	n := v.Len()
	if v.Type().Elem().Kind() == reflect.Uint8 && n > 0 {
		return leaf(byteList(name, v, depth))
	}
	d := doc{open: name + "{", close: "}", fill: scalar(v.Type().Elem())}
	if depth >= maxDepth && n > 0 {
		d.items = []doc{more(n)}
		return d
	}
	show := limit(n, depth)
	elem := t.elem()
	concrete := v.Type().Elem().Kind() != reflect.Interface && !isBox(v.Type().Elem())
	for i := range show {
		if p.nodes <= 0 {
			show = i
			break
		}
		d.items = append(d.items, p.value(v.Index(i), elem, depth+1, concrete))
	}
	if show < n {
		d.items = append(d.items, more(n-show))
	}
	return d
}

// isBox says whether a type is the interpreter's box for interface values.
func isBox(t reflect.Type) bool {
	return t.Name() == "valueInterface" && t.PkgPath() == interpreterPath
}

// scalar says whether values of a type are short enough to go several on a line.
func scalar(t reflect.Type) bool {
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Complex128
}

// byteList prints bytes as text where they are, in hexadecimal otherwise.
func byteList(name string, v reflect.Value, depth int) string {
	n := v.Len()
	show := min(n, maxString)
	if depth > 0 {
		show = min(n, subString)
	}
	head := make([]byte, show)
	for i := range head {
		head[i] = byte(v.Index(i).Uint())
	}
	rest := ""
	if printable(head, show < n) {
		if show < n {
			rest = fmt.Sprintf("… %d more", n-show)
		}
		return name + "(" + strconv.Quote(string(head)) + rest + ")"
	}
	show = min(n, 32)
	if show < n {
		rest = fmt.Sprintf(", … %d more", n-show)
	}
	var b strings.Builder
	for i, c := range head[:show] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("0x" + hex.EncodeToString([]byte{c}))
	}
	return name + "{" + b.String() + rest + "}"
}

// printable says whether b is text; cut, that it may end inside a character.
func printable(b []byte, cut bool) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size <= 1 {
			return cut && len(b) < utf8.UTFMax
		}
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
		b = b[size:]
	}
	return true
}

func (p *printer) mapping(v reflect.Value, t *goType, depth int, elide bool) doc {
	if v.IsNil() {
		return leaf(typedNil(v, t, depth))
	}
	leave, ok := p.enter(v)
	if !ok {
		return leaf(typeName(v.Type(), t) + "(cycle)")
	}
	defer leave()
	name := ""
	if !elide {
		name = typeName(v.Type(), t)
	}
	d := doc{open: name + "{", close: "}"}
	n := v.Len()
	if depth >= maxDepth && n > 0 {
		d.items = []doc{more(n)}
		return d
	}
	show := limit(n, depth)
	key, elem := t.key(), t.elem()
	rt := v.Type()
	concreteKey := rt.Key().Kind() != reflect.Interface && !isBox(rt.Key())
	concreteElem := rt.Elem().Kind() != reflect.Interface && !isBox(rt.Elem())
	for i, e := range smallest(v, show) {
		if p.nodes <= 0 {
			show = i
			break
		}
		kd := p.value(e.key, key, depth+1, concreteKey)
		item := p.value(e.value, elem, depth+1, concreteElem)
		item.prefix(kd.flat() + ": ")
		d.items = append(d.items, item)
	}
	if show < n {
		d.items = append(d.items, more(n-show))
	}
	return d
}

// entry is a key of a map with its value. They are kept together because a key
// that is not a number is found by no look-up.
type entry struct{ key, value reflect.Value }

// smallest are the n first entries of a map in the order of keys. It looks at
// every key once and keeps only n, so that a large map costs no sort.
func smallest(m reflect.Value, n int) []entry {
	list := make([]entry, 0, min(n, m.Len())+1)
	for it := m.MapRange(); it.Next(); {
		e := entry{it.Key(), it.Value()}
		i := sort.Search(len(list), func(i int) bool { return compareKeys(list[i].key, e.key) > 0 })
		if i < n {
			list = slices.Insert(list, i, e)
			list = list[:min(n, len(list))]
		}
	}
	return list
}

// compareKeys orders map keys: numbers, strings and bools by value, structs and
// arrays by their parts, interfaces by type first. Others stay as they come.
func compareKeys(a, b reflect.Value) int {
	if a.Kind() == reflect.Interface {
		a, b = a.Elem(), b.Elem()
		if !a.IsValid() || !b.IsValid() {
			return cmp.Compare(btoi(a.IsValid()), btoi(b.IsValid()))
		}
	}
	if a.Kind() == reflect.Struct {
		if x, ok := boxed(a); ok {
			a = x
		}
	}
	if b.Kind() == reflect.Struct {
		if x, ok := boxed(b); ok {
			b = x
		}
	}
	if a.Kind() != b.Kind() {
		return cmp.Compare(a.Kind(), b.Kind())
	}
	if a.Type() != b.Type() {
		return cmp.Compare(a.Type().String(), b.Type().String())
	}
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.CanComplex():
		x, y := a.Complex(), b.Complex()
		return cmp.Or(cmp.Compare(real(x), real(y)), cmp.Compare(imag(x), imag(y)))
	}
	switch a.Kind() {
	case reflect.String:
		return cmp.Compare(a.String(), b.String())
	case reflect.Bool:
		return cmp.Compare(btoi(a.Bool()), btoi(b.Bool()))
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compareKeys(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
	case reflect.Array:
		for i := range a.Len() {
			if c := compareKeys(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
	}
	return 0
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *printer) structure(v reflect.Value, t *goType, depth int, elide bool) doc {
	name := ""
	if !elide {
		name = typeName(v.Type(), t)
	}
	d := doc{open: name + "{", close: "}"}
	rt := v.Type()
	if depth >= maxDepth && rt.NumField() > 0 {
		d.items = []doc{more(rt.NumField())}
		return d
	}
	hidden := 0
	for i, f := range structFields(rt, t) {
		if !rt.Field(i).IsExported() {
			hidden++
			continue
		}
		if p.nodes <= 0 {
			d.items = append(d.items, more(rt.NumField()-i))
			return d
		}
		item := p.value(v.Field(i), f.typ, depth+1, false)
		item.prefix(f.name + ": ")
		d.items = append(d.items, item)
	}
	if hidden > 0 {
		d.items = append(d.items, doc{open: fmt.Sprintf("… %d unexported", hidden), last: true})
	}
	return d
}

// quote is a string in Go syntax: a raw string where it has several lines and
// stands alone, else an interpreted one, with a count of what was cut.
func quote(s string, depth int) string {
	most := maxString
	if depth > 0 {
		most = subString
	}
	cut := ""
	if len(s) > most {
		n := most
		for n > most-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		cut = fmt.Sprintf("… %d more bytes", len(s)-n)
		s = s[:n]
	}
	if depth == 0 && strings.Contains(s, "\n") && !strings.ContainsAny(s, "`\r") && printable([]byte(s), false) {
		return "`" + s + "`" + cut
	}
	return strconv.Quote(s) + cut
}

// cutText cuts s to n bytes, saying how many there were more.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n
	for end > n-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… %d more bytes", s[:end], len(s)-end)
}

// sortedKeys are the keys of a bundle's map in order.
func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
