// Package reflect is what cells get for package reflect.
//
// In lowered code a cell's types are not what they are in Go: a declared struct
// is an unnamed one, with a tag that tells it from others and fields that are
// all exported; any other declared type is its underlying type; no type has
// methods. Reflection alone would show that. So the interpreter gets, in place
// of the symbols of package reflect, those of a Space: the same names with the
// same signatures, over values that know their type in Go.
//
// A type is known to go/types; the reflection type its values have in lowered
// code is called its form. Values of compiled types, in which no cell has a
// part, are what they are, and package reflect answers for them.
//
// The package bears the name of the one it stands for, because names of its
// types are seen: in %T, and in the texts of panics.
package reflect
