package cell

import (
	"go/ast"
	"go/types"
	"strconv"
)

// binding is what a name of the session stands for.
type binding struct {
	obj   types.Object // *types.Var, *types.Func, *types.TypeName or *types.Const, as later cells see it
	count int          // the cell that made it
	slot  string       // the interpreter's name for a variable's or function's storage
	fn    *function    // functions only
	typ   *typeDecl    // types only
	doc   string
}

// function is a function or method declared in a cell. Its storage in the
// interpreter is a variable that holds its present code. Function literals and
// function values call through that, others the code itself, which takes half
// the time; they are lowered again when there is new code.
type function struct {
	decl    *ast.FuncDecl
	sig     *types.Signature // with the receiver as Recv, for a method
	count   int
	slot    string
	code    string
	spare   string                  // the name of the code before that, which the next may have
	calls   map[string]bool         // storage of the functions whose code it calls
	generic *generic                // a generic function, which has no storage
	uses    map[string]types.Object // session names its body mentions
	imports map[string]string       // package names its body mentions, and their paths
}

// typeDecl is a type declared in a cell.
type typeDecl struct {
	spec    *ast.TypeSpec
	text    string                  // the declaration in standard format, to recognise an identical one
	uses    map[string]types.Object // names the declaration mentions
	methods map[string]*function
}

// global is a set of names at the top level of a session.
type global struct {
	names   map[string]*binding
	imports map[string]string // package name → path, from import declarations
	dots    []string          // paths imported with a dot
}

func newGlobal() *global {
	return &global{names: map[string]*binding{}, imports: map[string]string{}}
}

// slots hands out names for the interpreter. Every declaration gets a fresh
// one, so that a cell which fails after the interpreter has seen part of it
// leaves nothing that a later cell could meet.
type slots struct{ n int }

func (s *slots) next(name string) string {
	s.n++
	return name + "·" + strconv.Itoa(s.n)
}
