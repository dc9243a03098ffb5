package reflect

import (
	"go/types"
	"iter"
	"reflect"
	"slices"
)

// StructField is reflect.StructField.
type StructField struct {
	Name      string
	PkgPath   string
	Type      Type
	Tag       StructTag
	Offset    uintptr
	Index     []int
	Anonymous bool
}

// IsExported reports whether the field is exported.
func (f StructField) IsExported() bool { return f.PkgPath == "" }

func (t *rtype) fieldOf(f reflect.StructField) StructField {
	return StructField{Name: f.Name, PkgPath: f.PkgPath, Type: t.wrap(f.Type), Tag: f.Tag, Offset: f.Offset, Index: f.Index, Anonymous: f.Anonymous}
}

func (t *rtype) NumField() int {
	if !t.own {
		return t.form.NumField()
	}
	t.must(reflect.Struct, "NumField", "struct")
	return t.structure().NumFields()
}

func (t *rtype) structure() *types.Struct { return t.typ.Underlying().(*types.Struct) }

func (t *rtype) Field(i int) StructField {
	if !t.own {
		return t.fieldOf(t.form.Field(i))
	}
	t.must(reflect.Struct, "Field", "struct")
	st := t.structure()
	if i < 0 || i >= st.NumFields() {
		panic("reflect: Field index out of bounds")
	}
	v := st.Field(i)
	f := StructField{Name: v.Name(), Type: t.fieldType(i), Tag: StructTag(st.Tag(i)), Index: []int{i}, Anonymous: v.Embedded()}
	if !v.Exported() {
		f.PkgPath = v.Pkg().Path()
	}
	if form := t.reflected(); form != nil {
		f.Offset = form.Field(i).Offset
	}
	return f
}

func (t *rtype) fieldType(i int) *rtype {
	return t.part(t.structure().Field(i).Type(), func(f reflect.Type) reflect.Type { return f.Field(i).Type })
}

func (t *rtype) Fields() iter.Seq[StructField] { return each(t.NumField(), t.Field) }

func (t *rtype) FieldByIndex(index []int) StructField {
	if !t.own {
		return t.fieldOf(t.form.FieldByIndex(index))
	}
	var f StructField
	var at Type = t
	for i, x := range index {
		if i > 0 {
			if at.Kind() == reflect.Pointer && at.Elem().Kind() == reflect.Struct {
				at = at.Elem()
			}
		}
		f = at.Field(x)
		at = f.Type
	}
	return f
}

func (t *rtype) FieldByName(name string) (StructField, bool) {
	if !t.own {
		f, ok := t.form.FieldByName(name)
		if !ok {
			return StructField{}, false
		}
		return t.fieldOf(f), true
	}
	t.must(reflect.Struct, "FieldByName", "struct")
	return t.search(func(s string) bool { return s == name })
}

func (t *rtype) FieldByNameFunc(match func(string) bool) (StructField, bool) {
	t.must(reflect.Struct, "FieldByNameFunc", "struct")
	return t.search(match)
}

// embedding is a struct met on the search for a field, and the way to it.
type embedding struct {
	t     Type
	index []int
}

// search finds the one field that matches at the least depth at which any does.
func (t *rtype) search(match func(string) bool) (found StructField, ok bool) {
	seen := map[Type]bool{}
	for level := []embedding{{t: t}}; len(level) > 0 && !ok; {
		var next []embedding
		times := map[Type]int{}
		for _, e := range level {
			times[e.t]++
		}
		for _, e := range level {
			if seen[e.t] {
				continue
			}
			seen[e.t] = true
			for f := range e.t.Fields() {
				if match(f.Name) {
					if ok || times[e.t] > 1 {
						return StructField{}, false
					}
					found, ok = f, true
					found.Index = append(slices.Clone(e.index), f.Index...)
					continue
				}
				if in := embedded(f); in != nil {
					next = append(next, embedding{in, append(slices.Clone(e.index), f.Index...)})
				}
			}
		}
		level = next
	}
	return found, ok
}

// embedded is the struct that a field embeds, nil if it does not.
func embedded(f StructField) Type {
	if !f.Anonymous {
		return nil
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// visibleFields is VisibleFields: all fields of t, those promoted included.
func visibleFields(t Type) []StructField {
	if t == nil {
		panic("reflect: VisibleFields(nil)")
	}
	if t.Kind() != reflect.Struct {
		panic("reflect.VisibleFields of non-struct type")
	}
	var all []StructField
	best := map[string]int{}  // the least depth of each name
	count := map[string]int{} // how many fields there have it
	around := map[Type]bool{}
	var visit func(t Type, index []int)
	visit = func(t Type, index []int) {
		if around[t] {
			return
		}
		around[t] = true
		defer delete(around, t)
		for f := range t.Fields() {
			f.Index = append(slices.Clone(index), f.Index...)
			switch depth, known := best[f.Name]; {
			case !known || len(f.Index) < depth:
				best[f.Name], count[f.Name] = len(f.Index), 1
			case len(f.Index) == depth:
				count[f.Name]++
			}
			all = append(all, f)
			if in := embedded(f); in != nil {
				visit(in, f.Index)
			}
		}
	}
	visit(t, nil)
	return slices.DeleteFunc(all, func(f StructField) bool {
		return len(f.Index) > best[f.Name] || count[f.Name] > 1
	})
}
