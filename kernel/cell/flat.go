package cell

import (
	"go/ast"
	"slices"
	"strconv"
)

// stubBody is a body that fits any signature and names nothing.
func stubBody(b *ast.BlockStmt) *ast.BlockStmt {
	body := &ast.BlockStmt{List: []ast.Stmt{&ast.ForStmt{Body: &ast.BlockStmt{}}}}
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
	fd = namedParams(fd)
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

// namedParams gives names to the type parameters that a receiver leaves blank:
// a function's parameter of that type must be able to say it.
func namedParams(fd *ast.FuncDecl) *ast.FuncDecl {
	n := 0
	var name func(e ast.Expr) ast.Expr
	name = func(e ast.Expr) ast.Expr {
		switch e := e.(type) {
		case *ast.ParenExpr:
			return name(e.X)
		case *ast.StarExpr:
			return &ast.StarExpr{Star: e.Star, X: name(e.X)}
		case *ast.IndexExpr:
			return &ast.IndexExpr{X: e.X, Lbrack: e.Lbrack, Index: name(e.Index), Rbrack: e.Rbrack}
		case *ast.IndexListExpr:
			list := make([]ast.Expr, len(e.Indices))
			for i, x := range e.Indices {
				list[i] = name(x)
			}
			return &ast.IndexListExpr{X: e.X, Lbrack: e.Lbrack, Indices: list, Rbrack: e.Rbrack}
		case *ast.Ident:
			if e.Name == "_" {
				n++
				return &ast.Ident{Name: "·" + strconv.Itoa(n), NamePos: e.NamePos}
			}
		}
		return e
	}
	field := fd.Recv.List[0]
	typ := name(field.Type)
	if n == 0 {
		return fd
	}
	return &ast.FuncDecl{
		Doc: fd.Doc, Name: fd.Name, Type: fd.Type, Body: fd.Body,
		Recv: &ast.FieldList{Opening: fd.Recv.Opening, Closing: fd.Recv.Closing, List: []*ast.Field{{Names: field.Names, Type: typ}}},
	}
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
