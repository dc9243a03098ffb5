package stdgeneric_test

import (
	"fmt"
	"maps"
	"slices"

	"swingby/kernel/cell/stdgeneric"
)

func ExampleSource() {
	files, ok := stdgeneric.Source("maps")
	fmt.Println(slices.Sorted(maps.Keys(files)), ok)
	_, ok = stdgeneric.Source("strings") // has no generic functions
	fmt.Println(ok)
	// Output:
	// [iter.go maps.go] true
	// false
}

func ExamplePackages() {
	fmt.Println(stdgeneric.Packages()[:3])
	// Output: [cmp crypto/hkdf crypto/pbkdf2]
}

func ExampleMissing() {
	fmt.Println("weak.Make:", stdgeneric.Missing("weak", "Make"))
	// Output: weak.Make: what the interpreter keeps reachable, and for how long, is not what the program's text says
}
