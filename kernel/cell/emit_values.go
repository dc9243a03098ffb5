package cell

import (
	"go/ast"
	"go/types"
)

// What compiled code learns of a program: the code of its methods, and which
// of its types a value has.

// installed makes code the function's, for those who read its storage, and a
// method's also for compiled code.
func (s *Session) installed(fn *function, code string) []ast.Stmt {
	pos := s.anchor
	out := []ast.Stmt{assignAt(pos, []ast.Expr{identAt(fn.slot, pos)}, []ast.Expr{identAt(code, pos)})}
	if fn.sig.Recv() != nil {
		out = append(out, s.published(fn.slot, code))
	}
	return out
}

// published is a statement that lets compiled code find a method's code.
func (s *Session) published(slot, code string) ast.Stmt {
	pos := s.anchor
	return &ast.ExprStmt{X: callAt(s.runtime("SetMethod", pos), pos, stringLit(slot, pos), identAt(code, pos))}
}

// makeKnown returns the tag that tells values of a type from others in the
// interpreter, and makes it known.
func (s *Session) makeKnown(slot string, t types.Type) string {
	tag := s.values.typeTag(slot, t)
	if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() > 0 {
		s.values.declare(tag, t, false)
		s.concrete(t)
		s.concrete(types.NewPointer(t))
	}
	return tag
}
