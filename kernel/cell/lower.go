package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// lowerer rewrites checked syntax into the part of Go that the interpreter
// executes as Go means it. It never changes the syntax it reads: a function
// may be lowered again when a name it mentions is redefined.
//
// The walk is here. What a construct needs beyond being copied with its parts
// lowered is a rule, one file each: exprRules and stmtRules are tried in order
// on every node, and the first that answers decides. Rules read the types
// go/types found for the node and lower its parts themselves.
type lowerer struct {
	s     *Session
	info  *types.Info
	slot  func(types.Object) string // storage of the session's and the cell's names; "" for locals
	count int                       // the cell, as in In[count]

	subst     map[*types.TypeParam]types.Type  // in a copy of generic code: what its type parameters stand for
	copied    *ast.BlockStmt                   // the body that is copied, if it is
	copiedFor []types.Type                     // the type arguments of the copy
	locals    map[*types.TypeName]*types.Named // types declared in it, as they are in this copy
	wait      func(func())                     // puts off what cannot be lowered yet; nil once everything can
	depth     int                              // of copies within copies
	decls     []ast.Decl                       // helper declarations the rules asked for
	start     []ast.Stmt                       // what must run before the statements
	targets   map[ast.Expr]target              // expressions that become interfaces
	ordered   []*ast.CallExpr                  // calls whose function has been evaluated
	held      map[ast.Expr]string              // calls made already, and the variables that hold their values
	tuples    map[ast.Expr]tupleTarget         // expressions of several values, some of which do
	problems  []*Problem                       // what cannot be lowered
	code      func(slot string) string         // the present code of a function, by its storage; nil in copies of generic code
	calls     map[string]bool                  // storage of the functions called by their code
	late      bool                             // in a function literal, which may live on when a function it calls is declared again
	labels    map[ast.Stmt]*ast.Ident          // of the statements being lowered
	renamed   map[types.Object]string          // named results, where they are stored
	temps     int
	unit      *unit      // the function being lowered
	steady    bool       // its mark is set already for all that is being lowered
	loops     []ast.Node // enclosing the statement, in the function being lowered
	flows     []flow     // what break and continue may leave, in the function being lowered
	tagless   bool       // in the body of a switch without a tag
	label     string     // of the statement to be lowered next
	in        deferring  // what is known of the function being lowered
}

type exprRule func(*lowerer, ast.Expr) (ast.Expr, bool)

type stmtRule func(*lowerer, ast.Stmt) ([]ast.Stmt, bool)

var exprRules []exprRule

var stmtRules []stmtRule

func init() { // in a function, because the rules call back into the walk
	exprRules = []exprRule{
		(*lowerer).typeSyntax,
		(*lowerer).constant,
		(*lowerer).assertion,
		(*lowerer).compare,
		(*lowerer).shift,
		(*lowerer).address,
		(*lowerer).generic,
		(*lowerer).compiledReflection,
		(*lowerer).selector,
		(*lowerer).functionFirst,
		(*lowerer).mapIndex,
		(*lowerer).errorsCall,
		(*lowerer).builtin,
		(*lowerer).formatCall,
		(*lowerer).conversion,
		(*lowerer).methodCall,
		(*lowerer).syncCall,
		(*lowerer).goroutineCall,
		(*lowerer).variadic,
		(*lowerer).composite,
	}
	stmtRules = []stmtRule{
		(*lowerer).storeReflection,
		(*lowerer).localDecl,
		(*lowerer).forLoop,
		(*lowerer).rangeLoop,
		(*lowerer).typeSwitch,
		(*lowerer).selectCases,
		(*lowerer).comparedSwitch,
		(*lowerer).discard,
		(*lowerer).storeAfter,
		(*lowerer).shiftAssign,
		(*lowerer).assignMany,
		(*lowerer).assignOne,
		(*lowerer).define,
		(*lowerer).branch,
		(*lowerer).returns,
		(*lowerer).panicCall,
		(*lowerer).deferCall,
		(*lowerer).goCall,
	}
}

// refuse records that a construct cannot be run, with a way round.
func (l *lowerer) refuse(pos token.Pos, msg string) {
	l.problems = append(l.problems, l.s.problem(pos, msg))
}

// temp makes a name no cell can write.
func (l *lowerer) temp() string {
	l.temps++
	return "·" + strconv.Itoa(l.temps)
}

func (l *lowerer) typeOf(e ast.Expr) types.Type {
	if t := l.info.TypeOf(e); t != nil {
		return l.sub(t)
	}
	return types.Typ[types.Invalid]
}

func (l *lowerer) object(id *ast.Ident) types.Object {
	if obj := l.info.Uses[id]; obj != nil {
		return obj
	}
	return l.info.Defs[id]
}

// expr lowers one expression, and makes it an interface where Go would.
func (l *lowerer) expr(e ast.Expr) ast.Expr {
	if name, ok := l.held[e]; ok {
		return identAt(name, e.Pos())
	}
	out := l.bare(e)
	if to, ok := l.targets[e]; ok {
		t := l.sub(to.typ)
		if to.spread {
			return l.spread(out, to.sink)
		}
		return l.convert(out, l.typeOf(e), t, to.sink)
	}
	if to, ok := l.tuples[e]; ok {
		return l.convertTuple(out, l.typeOf(e).(*types.Tuple), to)
	}
	return out
}

// bare lowers one expression as it is.
func (l *lowerer) bare(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	for _, rule := range exprRules {
		if out, ok := rule(l, e); ok {
			return out
		}
	}
	switch e := e.(type) {
	case *ast.Ident:
		return l.ident(e)
	case *ast.BasicLit:
		return e
	case *ast.ParenExpr: // the tree says it already, and the interpreter trips over some
		return l.expr(e.X)
	case *ast.FuncLit:
		return l.funcLit(e)
	case *ast.IndexExpr:
		return &ast.IndexExpr{X: l.expr(e.X), Lbrack: e.Lbrack, Index: l.expr(e.Index), Rbrack: e.Rbrack}
	case *ast.SliceExpr:
		return &ast.SliceExpr{X: l.expr(e.X), Lbrack: e.Lbrack, Low: l.expr(e.Low), High: l.expr(e.High), Max: l.expr(e.Max), Slice3: e.Slice3, Rbrack: e.Rbrack}
	case *ast.TypeAssertExpr:
		return &ast.TypeAssertExpr{X: l.expr(e.X), Lparen: e.Lparen, Type: l.expr(e.Type), Rparen: e.Rparen}
	case *ast.CallExpr:
		return l.call(e)
	case *ast.StarExpr:
		return &ast.StarExpr{Star: e.Star, X: l.expr(e.X)}
	case *ast.UnaryExpr:
		return &ast.UnaryExpr{OpPos: e.OpPos, Op: e.Op, X: l.expr(e.X)}
	case *ast.BinaryExpr:
		return &ast.BinaryExpr{X: l.expr(e.X), OpPos: e.OpPos, Op: e.Op, Y: l.expr(e.Y)}
	case *ast.KeyValueExpr:
		return &ast.KeyValueExpr{Key: l.expr(e.Key), Colon: e.Colon, Value: l.expr(e.Value)}
	}
	l.refuse(e.Pos(), sprintf("%T is not supported in cells", e))
	return ast.NewIdent("nil")
}

// call lowers a call that needs nothing but its parts lowered.
func (l *lowerer) call(e *ast.CallExpr) ast.Expr {
	out := &ast.CallExpr{Lparen: e.Lparen, Rparen: e.Rparen}
	out.Args, out.Ellipsis = l.arguments(e)
	if f, ok := l.genericFunc(ast.Unparen(e.Fun), true); ok {
		out.Fun = f
		return out
	}
	switch fun := ast.Unparen(e.Fun).(type) {
	case *ast.FuncLit:
		out.Fun = l.literal(fun, "")
		return out
	case *ast.Ident:
		if obj, ok := l.info.Uses[fun].(*types.Func); ok && l.slot(obj) != "" {
			out.Fun = identAt(l.callee(l.slot(obj), obj), fun.NamePos)
			return out
		}
	case *ast.SelectorExpr:
		if obj, ok := l.info.Uses[fun.Sel].(*types.Func); ok && obj.Signature().Recv() == nil && l.slot(obj) != "" {
			out.Fun = identAt(l.callee(l.slot(obj), obj), fun.Pos())
			return out
		}
	}
	out.Fun = l.expr(e.Fun)
	return out
}

func (l *lowerer) exprs(list []ast.Expr) []ast.Expr {
	if list == nil {
		return nil
	}
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = l.expr(e)
	}
	return out
}

// ident names a variable, function or predeclared object for the interpreter.
func (l *lowerer) ident(id *ast.Ident) ast.Expr {
	obj := l.object(id)
	if obj == nil || id.Name == "_" {
		return &ast.Ident{NamePos: id.NamePos, Name: id.Name}
	}
	if slot := l.slot(obj); slot == ctxSlot {
		return l.s.runtime("Ctx", id.NamePos)
	} else if slot != "" {
		return &ast.Ident{NamePos: id.NamePos, Name: slot}
	}
	if fn, ok := obj.(*types.Func); ok && l.subst != nil && l.s.sourcePkgs[pkgPath(obj)] != nil && fn.Pkg() == l.s.sourcePkgs[pkgPath(obj)].pkg {
		return identAt(l.functionInstance(l.s.sourceFunc(fn), nil, id.NamePos).slot, id.NamePos)
	}
	if pkg := obj.Pkg(); pkg != nil && pkg != l.s.pkg && pkg.Scope().Lookup(obj.Name()) == obj { // through a dot import
		return l.compiled(obj, id.NamePos)
	}
	return &ast.Ident{NamePos: id.NamePos, Name: l.localName(obj)}
}

// localName keeps a local variable from hiding a type's or builtin's name that
// lowered syntax around it needs.
func (l *lowerer) localName(obj types.Object) string {
	if name := l.renamed[obj]; name != "" {
		return name
	}
	name := obj.Name()
	if _, ok := obj.(*types.Var); ok && (l.s.typeNames[name] || types.Universe.Lookup(name) != nil) {
		return name + "·"
	}
	return name
}

// funcLit lowers a function literal that is used as a value.
//
// The interpreter makes a closure, with its own view of the variables around
// it, only of a literal that is assigned to a variable; elsewhere, as an
// argument of a compiled function for one, the literal sees what a loop has
// made of its variables by the time it is called. So in a loop it is assigned
// first, in a function literal called at once.
func (l *lowerer) funcLit(e *ast.FuncLit) ast.Expr {
	inLoop := len(l.loops) > 0 && l.perIteration(e)
	lit := l.literal(e, "")
	if !inLoop {
		return lit
	}
	return l.closure(lit, l.typeOf(e))
}

func (l *lowerer) closure(lit ast.Expr, t types.Type) ast.Expr {
	name := l.temp()
	return l.immediate(lit.Pos(), t, identAt(name, lit.Pos()), defineAt(lit.Pos(), name, lit))
}

// perIteration reports whether a literal captures a variable that a loop
// around it makes anew in each iteration.
func (l *lowerer) perIteration(lit *ast.FuncLit) bool {
	found := false
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, ok := l.info.Uses[id].(*types.Var)
			found = found || ok && !v.IsField() && l.slot(v) == "" && v.Pos() >= l.loops[0].Pos() && v.Pos() < lit.Pos()
		}
		return !found
	})
	return found
}

// literal lowers a function literal alone; recovers is set for one that is deferred.
func (l *lowerer) literal(e *ast.FuncLit, recovers string) ast.Expr {
	sig, ok := l.typeOf(e).Underlying().(*types.Signature)
	if !ok {
		return e
	}
	name := "a function literal"
	if l.unit != nil && l.unit.name != "" {
		name = "a function literal of " + strings.TrimPrefix(l.unit.name, "a function literal of ")
	}
	u, leave := l.enter(name, l.literalKey(e), e)
	defer leave()
	late := l.late
	l.late = true
	defer func() { l.late = late }()
	l.s.units.addLiteral(u)
	t, body := l.body(e.Type, sig, e.Body, recovers)
	return &ast.FuncLit{Type: t, Body: body}
}

// funcType spells a signature with the parameter names of its syntax.
func (l *lowerer) funcType(t *ast.FuncType, sig *types.Signature) *ast.FuncType {
	pos := t.Pos()
	sig, _ = l.sub(sig).(*types.Signature)
	out := &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}}
	names := func(list *ast.FieldList) (ids []*ast.Ident) {
		if list == nil {
			return nil
		}
		for _, f := range list.List {
			for _, id := range f.Names {
				name := id.Name
				if obj := l.info.Defs[id]; obj != nil && name != "_" {
					name = l.localName(obj)
				}
				ids = append(ids, &ast.Ident{NamePos: id.NamePos, Name: name})
			}
		}
		return ids
	}
	fields := func(tuple *types.Tuple, ids []*ast.Ident, variadic bool) *ast.FieldList {
		list := &ast.FieldList{Opening: pos, Closing: pos}
		for i := range tuple.Len() {
			typ := tuple.At(i).Type()
			f := &ast.Field{}
			if variadic && i == tuple.Len()-1 {
				f.Type = &ast.Ellipsis{Ellipsis: pos, Elt: l.typeExpr(typ.(*types.Slice).Elem(), pos)}
			} else {
				f.Type = l.typeExpr(typ, pos)
			}
			if len(ids) == tuple.Len() {
				f.Names = []*ast.Ident{ids[i]}
			}
			list.List = append(list.List, f)
		}
		return list
	}
	out.Params = fields(sig.Params(), names(t.Params), sig.Variadic())
	if sig.Results().Len() > 0 {
		out.Results = fields(sig.Results(), names(t.Results), false)
	}
	return out
}

func (l *lowerer) block(b *ast.BlockStmt) *ast.BlockStmt {
	if b == nil {
		return nil
	}
	return &ast.BlockStmt{Lbrace: b.Lbrace, List: l.stmts(b.List), Rbrace: b.Rbrace}
}

func (l *lowerer) stmts(list []ast.Stmt) []ast.Stmt {
	var out []ast.Stmt
	line := 0 // of the mark that still holds
	for _, s := range list {
		out = append(out, l.marking(s, &line, l.stmt)...)
	}
	return out
}

// stmt lowers one statement, which may become several or none.
func (l *lowerer) stmt(s ast.Stmt) []ast.Stmt {
	if s == nil {
		return nil
	}
	switch s := s.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		l.loops = append(l.loops, s)
		defer func() { l.loops = l.loops[:len(l.loops)-1] }()
		defer l.within(flow{loop: true})()
	case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		defer l.within(flow{})()
	case *ast.LabeledStmt:
		l.label = s.Label.Name
	default:
		l.label = ""
	}
	for _, rule := range stmtRules {
		if out, ok := rule(l, s); ok {
			return out
		}
	}
	return []ast.Stmt{l.plain(s)}
}

// one lowers a statement where the syntax takes exactly one.
func (l *lowerer) one(s ast.Stmt) ast.Stmt {
	if s == nil {
		return nil
	}
	out := l.stmt(s)
	if len(out) == 1 {
		return out[0]
	}
	return &ast.BlockStmt{Lbrace: s.Pos(), List: out, Rbrace: s.End()}
}

// clause lowers the statements of a case, in which other switches may stand.
func (l *lowerer) clause(list []ast.Stmt) []ast.Stmt {
	outer := l.tagless
	l.tagless = false
	defer func() { l.tagless = outer }()
	return l.stmts(list)
}

// anyOf joins the conditions of a case of a switch without a tag, of which the
// interpreter looks at the first alone.
func anyOf(list []ast.Expr) ast.Expr {
	paren := func(e ast.Expr) ast.Expr { return &ast.ParenExpr{Lparen: e.Pos(), X: e, Rparen: e.End()} }
	or := paren(list[0])
	for _, e := range list[1:] {
		or = &ast.BinaryExpr{X: or, OpPos: e.Pos(), Op: token.LOR, Y: paren(e)}
	}
	return or
}

// header lowers the init statement of an if, switch or for. Where it becomes
// several, they stand before.
func (l *lowerer) header(s ast.Stmt) (before []ast.Stmt, init ast.Stmt) {
	if s == nil {
		return nil, nil
	}
	out := l.stmt(s)
	if len(out) == 1 {
		return nil, out[0]
	}
	return out, nil
}

// after puts statements before what a statement was lowered to, in a block of
// their own. A label stays with the statement.
func (l *lowerer) after(from ast.Stmt, before []ast.Stmt, s ast.Stmt) ast.Stmt {
	if len(before) == 0 {
		return s
	}
	if label := l.labels[from]; label != nil {
		s = &ast.LabeledStmt{Label: label, Colon: label.End(), Stmt: s}
		delete(l.labels, from)
	}
	return blockAt(from.Pos(), append(before, s)...)
}

// post lowers the statement after each iteration, which must remain one.
func (l *lowerer) post(s ast.Stmt) ast.Stmt {
	if s == nil {
		return nil
	}
	out := l.stmt(s)
	if len(out) == 1 {
		return out[0]
	}
	lit := &ast.FuncLit{
		Type: &ast.FuncType{Func: s.Pos(), Params: &ast.FieldList{Opening: s.Pos(), Closing: s.Pos()}},
		Body: blockAt(s.Pos(), out...),
	}
	return &ast.ExprStmt{X: callAt(lit, s.Pos())}
}

// plain copies a statement with its parts lowered.
func (l *lowerer) plain(s ast.Stmt) ast.Stmt {
	switch s := s.(type) {
	case *ast.ExprStmt:
		return &ast.ExprStmt{X: l.expr(s.X)}
	case *ast.SendStmt:
		return &ast.SendStmt{Chan: l.expr(s.Chan), Arrow: s.Arrow, Value: l.expr(s.Value)}
	case *ast.IncDecStmt:
		return &ast.IncDecStmt{X: l.expr(s.X), TokPos: s.TokPos, Tok: s.Tok}
	case *ast.AssignStmt:
		return &ast.AssignStmt{Lhs: l.exprs(s.Lhs), TokPos: s.TokPos, Tok: s.Tok, Rhs: l.exprs(s.Rhs)}
	case *ast.ReturnStmt:
		return &ast.ReturnStmt{Return: s.Return, Results: l.exprs(s.Results)}
	case *ast.BranchStmt:
		return s
	case *ast.EmptyStmt:
		return s
	case *ast.BlockStmt:
		return l.block(s)
	case *ast.LabeledStmt:
		// A label names its loop or switch: what a rule puts before that stays before the label.
		l.labels[s.Stmt] = s.Label
		out := l.stmt(s.Stmt)
		if l.labels[s.Stmt] == nil {
			return blockAt(s.Pos(), out...) // the rule has placed it
		}
		delete(l.labels, s.Stmt)
		last := len(out) - 1
		if last < 0 {
			return &ast.LabeledStmt{Label: s.Label, Colon: s.Colon, Stmt: &ast.EmptyStmt{Semicolon: s.End()}}
		}
		out[last] = &ast.LabeledStmt{Label: s.Label, Colon: s.Colon, Stmt: out[last]}
		if last == 0 {
			return out[0]
		}
		return &ast.BlockStmt{Lbrace: s.Pos(), List: out, Rbrace: s.End()}
	case *ast.IfStmt:
		before, init := l.header(s.Init)
		return l.after(s, before, &ast.IfStmt{If: s.If, Init: init, Cond: l.expr(s.Cond), Body: l.block(s.Body), Else: l.one(s.Else)})
	case *ast.CaseClause:
		list := l.exprs(s.List)
		if l.tagless && len(list) > 1 {
			list = []ast.Expr{anyOf(list)}
		}
		return &ast.CaseClause{Case: s.Case, List: list, Colon: s.Colon, Body: l.clause(s.Body)}
	case *ast.SwitchStmt:
		before := l.stmt(s.Init) // in the switch, the interpreter may evaluate the tag first
		tag := l.expr(s.Tag)
		outer := l.tagless
		l.tagless = tag == nil
		body := l.block(s.Body)
		l.tagless = outer
		return l.after(s, before, &ast.SwitchStmt{Switch: s.Switch, Tag: tag, Body: body})
	case *ast.SelectStmt:
		return &ast.SelectStmt{Select: s.Select, Body: l.block(s.Body)}
	case *ast.ForStmt:
		before, init := l.header(s.Init)
		return l.after(s, before, &ast.ForStmt{For: s.For, Init: init, Cond: l.expr(s.Cond), Post: l.post(s.Post), Body: l.block(s.Body)})
	case *ast.RangeStmt:
		return &ast.RangeStmt{For: s.For, Key: l.expr(s.Key), Value: l.expr(s.Value), TokPos: s.TokPos, Tok: s.Tok, Range: s.Range, X: l.expr(s.X), Body: l.block(s.Body)}
	}
	l.refuse(s.Pos(), sprintf("%T is not supported in cells", s))
	return &ast.EmptyStmt{Semicolon: s.Pos()}
}

// Small constructors; positions are those of the source the node stands for.

func identAt(name string, pos token.Pos) *ast.Ident { return &ast.Ident{Name: name, NamePos: pos} }

func callAt(fun ast.Expr, pos token.Pos, args ...ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{Fun: fun, Lparen: pos, Args: args, Rparen: pos}
}

func defineAt(pos token.Pos, name string, value ast.Expr) ast.Stmt {
	return &ast.AssignStmt{Lhs: []ast.Expr{identAt(name, pos)}, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{value}}
}

func assignAt(pos token.Pos, lhs, rhs []ast.Expr) ast.Stmt {
	return &ast.AssignStmt{Lhs: lhs, TokPos: pos, Tok: token.ASSIGN, Rhs: rhs}
}

// varAt declares a variable of a type, with a value unless it is nil.
func (l *lowerer) varAt(pos token.Pos, name string, typ types.Type, value ast.Expr) ast.Stmt {
	spec := &ast.ValueSpec{Names: []*ast.Ident{identAt(name, pos)}, Type: l.typeExpr(typ, pos)}
	if value != nil {
		spec.Values = []ast.Expr{value}
	}
	return &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}}}
}

func blockAt(pos token.Pos, list ...ast.Stmt) *ast.BlockStmt {
	return &ast.BlockStmt{Lbrace: pos, List: list, Rbrace: pos}
}

func pkgPath(obj types.Object) string {
	if obj.Pkg() == nil {
		return ""
	}
	return obj.Pkg().Path()
}
