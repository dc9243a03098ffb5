package cell

import (
	"go/ast"
	"go/token"
	"slices"
)

// panicBody is a body that fits any signature.
func panicBody(b *ast.BlockStmt) *ast.BlockStmt {
	call := &ast.CallExpr{Fun: ast.NewIdent("panic"), Args: []ast.Expr{&ast.BasicLit{Kind: token.INT, Value: "0"}}}
	body := &ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: call}}}
	if b != nil {
		body.Lbrace, body.Rbrace = b.Lbrace, b.Rbrace
	}
	return body
}

// receiverBase names the type a method belongs to; "" for a function.
func receiverBase(fd *ast.FuncDecl) string {
	if fd.Recv == nil || len(fd.Recv.List) == 0 {
		return ""
	}
	t := fd.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.ParenExpr:
			t = x.X
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// flat is a function or method as a function without a name: the receiver
// becomes the first parameter, its type parameters the function's.
func (c *checker) flat(fd *ast.FuncDecl) *ast.FuncDecl {
	return &ast.FuncDecl{
		Name: &ast.Ident{Name: "_", NamePos: fd.Name.NamePos},
		Type: c.withReceiver(fd),
		Body: fd.Body,
	}
}

func (c *checker) withReceiver(fd *ast.FuncDecl) *ast.FuncType {
	if fd.Recv == nil || len(fd.Recv.List) == 0 {
		return fd.Type
	}
	t := &ast.FuncType{Func: fd.Type.Func, TypeParams: c.receiverParams(fd), Params: &ast.FieldList{}, Results: fd.Type.Results}
	fields := slices.Clone(fd.Recv.List)
	if fd.Type.Params != nil {
		fields = append(fields, fd.Type.Params.List...)
	}
	for _, f := range fields {
		if len(f.Names) == 0 {
			f = &ast.Field{Names: []*ast.Ident{{Name: "_", NamePos: f.Type.Pos()}}, Type: f.Type}
		}
		t.Params.List = append(t.Params.List, f)
	}
	return t
}

// receiverParams declares the type parameters a generic receiver binds, with
// the constraints of its type.
func (c *checker) receiverParams(fd *ast.FuncDecl) *ast.FieldList {
	t := fd.Recv.List[0].Type
	for {
		if p, ok := t.(*ast.ParenExpr); ok {
			t = p.X
		} else if s, ok := t.(*ast.StarExpr); ok {
			t = s.X
		} else {
			break
		}
	}
	var args []ast.Expr
	switch x := t.(type) {
	case *ast.IndexExpr:
		args = []ast.Expr{x.Index}
	case *ast.IndexListExpr:
		args = x.Indices
	default:
		return nil
	}
	spec := c.typeSpec(receiverBase(fd))
	if spec == nil || spec.TypeParams == nil {
		return nil
	}
	var constraints []ast.Expr
	rename := map[string]string{}
	for _, f := range spec.TypeParams.List {
		for _, id := range f.Names {
			if n := len(constraints); n < len(args) {
				if arg, ok := args[n].(*ast.Ident); ok {
					rename[id.Name] = arg.Name
				}
			}
			constraints = append(constraints, f.Type)
		}
	}
	list := &ast.FieldList{}
	for i, a := range args {
		if id, ok := a.(*ast.Ident); ok && i < len(constraints) {
			list.List = append(list.List, &ast.Field{Names: []*ast.Ident{id}, Type: renameIdents(constraints[i], rename)})
		}
	}
	return list
}

func (c *checker) typeSpec(name string) *ast.TypeSpec {
	for _, d := range c.out.parsed.decls {
		for _, sp := range d.Specs {
			if ts, ok := sp.(*ast.TypeSpec); ok && ts.Name.Name == name {
				return ts
			}
		}
	}
	if b := c.s.global.names[name]; b != nil && b.typ != nil {
		return b.typ.spec
	}
	return nil
}
