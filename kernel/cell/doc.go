// Package cell takes one notebook cell from text to value: parse, check, lower,
// evaluate.
//
// A cell is Go: what the compiler accepts means in a cell what it means in a
// program, and what it rejects is rejected in the compiler's words at the
// cell's own line and column. The interpreter, yaegi, cannot give that alone:
// it knows neither positions in a cell nor redefinition, and runs a part of Go
// wrongly or not at all. So nothing reaches it that go/types has not accepted,
// and nothing in a form that it would get wrong.
//
// # The way of a cell
//
//	parse       parse.go       text → imports, declarations, statements
//	check       check.go       go/types in three passes over the session's names
//	lower       lower*.go      syntax and types → syntax the interpreter gets right
//	emit        emit.go        one program: storage, functions, the statements
//	load, run   engine.go      the interpreter; interrupts; what lowered code calls
//	report      problem.go,    errors and panics in the cell's own terms
//	            stack.go
//
// Lines that are not Go, magics and shell commands, are cut out before parse
// (magic_split.go) and run in their place between the parts of Go (magic.go).
//
// Completion, inspection and is-complete (complete*.go, inspect.go,
// iscomplete.go) stop after check, and tolerate unfinished text.
//
// # The session
//
// A session is a set of names (binding.go). The text of a cell declares some
// of them anew:
//
//   - A variable keeps its storage while its type stays the same, so that
//     functions that mention it see the new value; otherwise it gets new storage.
//   - Functions call each other's code, and are lowered again when one that they
//     call is declared again, so they see it. Function literals see it too:
//     they read a variable, the function's storage, at every call. A call that
//     is running, and a function value, keep the code they began with.
//   - Earlier functions that mention a name whose type, signature or constant
//     value changes are checked and lowered again. One that no longer compiles
//     says so when it is called.
//   - A type that is declared again in the same words stays the same type.
//     Otherwise it is a new one, and values of the old type keep it; a clash is
//     explained by naming both cells.
//   - Methods can be added to a type, and their code replaced, at any time.
//
// A cell that does not compile changes nothing. If it panics, the variables
// whose declarations had run are there, the others are as before.
//
// A cell's func init runs after the variable declarations it begins with, its
// func main, if it declares one, after all its statements. Deferred calls of the cell itself run when it ends. The
// variable ctx is the running cell's context; it ends when the cell is interrupted.
//
// # Packages
//
// Most of what a cell imports is compiled into the kernel (package stdlib). Packages
// of modules that %get has fetched come as source: they are checked as they are
// (fetched.go), and when a cell first imports one it is lowered by the same rules
// and initialised (emit_package.go). Package module does the fetching.
//
// # Values in interfaces
//
// Lowered code knows no interface but any, and no type with methods: the
// interpreter would lose types, methods and nil pointers (lower_interface.go). In
// any, reflection tells a value's type, by a tag on a declared struct or by a box
// around anything else (values.go). A method of a cell's interface is called
// through a function that tries the types that implement it (lower_dispatch.go).
// Where a value goes to compiled code it gets what that code asks for: the
// methods of a compiled interface (ask.go), the text fmt would write for a compiled
// type (format.go), fields and marshalers for encoders (outward.go, decode.go).
//
// # Lowering
//
// The rules are in lower_*.go, a construct each, in the order lower.go lists.
// A new one is a function that looks at a node and its types and returns what
// takes its place. The tests are notebooks: testdata/*.txt holds cells, each
// with what it must show.
package cell
