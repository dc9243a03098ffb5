package cell

import (
	"go/token"
	"go/types"
	"math/bits"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"swingby/kernel/cell/stdgeneric"
	"swingby/stdlib"
)

// candidates collects the names most like the one wanted.
type candidates struct {
	want string
	best int
	list []string
}

// near reports whether a name is as like the one wanted as any before.
func (n *candidates) near(name string) bool {
	d, ok := likeness(n.want, name)
	return ok && (len(n.list) == 0 || d <= n.best)
}

// add takes a name that is near.
func (n *candidates) add(name string) {
	d, _ := likeness(n.want, name)
	if d < n.best {
		n.list = nil
	}
	n.best = d
	if !slices.Contains(n.list, name) {
		n.list = append(n.list, name)
	}
}

// hint asks about one or two names; more are no help.
func (n *candidates) hint(prefix string) string {
	if len(n.list) == 0 || len(n.list) > 2 {
		return ""
	}
	slices.Sort(n.list)
	return "did you mean " + prefix + strings.Join(n.list, " or "+prefix) + "?"
}

// likeness counts the slips of the keyboard between two names: letters left
// out, added, replaced or swapped. It is 0 when only upper and lower case
// differ; ok says that the names are alike enough. Names that differ in a
// number alone were told apart on purpose.
func likeness(a, b string) (d int, ok bool) {
	if a == b || strings.HasPrefix(b, "·") || b == "_" {
		return 0, false
	}
	if strings.EqualFold(a, b) {
		return 0, true
	}
	limit := 2
	la, lb := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	switch n := min(la, lb); {
	case n < 3:
		return 0, false
	case n < 6:
		limit = 1
	}
	if diff := len(a) - len(b); diff > 4*limit || diff < -4*limit { // a rune has up to four bytes
		return 0, false
	}
	if bits.OnesCount32(letters(a)^letters(b)) > 2*limit || withoutDigits(a) == withoutDigits(b) {
		return 0, false
	}
	ra, rb := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if la == 3 && lb == 3 {
		// Another letter makes another word: sum and sub. Swapped ones do not.
		slices.Sort(ra)
		slices.Sort(rb)
		return 1, slices.Equal(ra, rb)
	}
	d = slips(ra, rb, limit)
	return d, d <= limit
}

// letters is the set of a name's letters, in which one slip makes two
// differences at most: a quick no for most names of a long session.
func letters(s string) (set uint32) {
	for i := range len(s) {
		if s[i] < 0x80 {
			set |= 1 << (s[i] & 31)
		}
	}
	return set
}

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}

// slips is the distance of Damerau and Levenshtein, its restricted form; more
// than limit is limit+1.
func slips(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before := make([]int, len(b)+1) // the row before the last
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		least := row[0]
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// export is one preloaded package's meaning of a name.
type export struct {
	pkg      string // the name of the package
	path     string
	typ, fun bool
}

// exports lists what preloaded packages export, by name, generics excepted. It
// is built from the symbol tables, since reading all packages' type
// information takes ten times as long.
var exports = sync.OnceValue(func() map[string][]export {
	all := map[string][]export{}
	for _, p := range stdlib.Packages() {
		if !p.Preloaded {
			continue
		}
		syms, _ := stdlib.Symbols(p.Path)
		for name, v := range syms {
			if len(name) < shortestExport || !token.IsExported(name) {
				continue
			}
			all[name] = append(all[name], export{p.Name, p.Path, v.Kind() == reflect.Pointer && !v.CanAddr() && v.IsNil(), v.Kind() == reflect.Func})
		}
	}
	return all
})

// shortestExport is the length from which a name says something of its package.
const shortestExport = 4

// everyday are the packages that win over others with the same name in them.
var everyday = map[string]bool{
	"bufio": true, "bytes": true, "cmp": true, "context": true, "encoding/csv": true, "encoding/json": true,
	"errors": true, "fmt": true, "io": true, "maps": true, "math": true, "math/rand/v2": true, "os": true,
	"path/filepath": true, "regexp": true, "slices": true, "sort": true, "strconv": true, "strings": true,
	"sync": true, "time": true, "unicode": true,

	"gonum.org/v1/gonum/floats": true, "gonum.org/v1/gonum/integrate": true, "gonum.org/v1/gonum/interp": true,
	"gonum.org/v1/gonum/mat": true, "gonum.org/v1/gonum/optimize": true, "gonum.org/v1/gonum/stat": true,
	"gonum.org/v1/gonum/stat/distuv": true, "gonum.org/v1/plot": true, "gonum.org/v1/plot/plotter": true,

	"swingby/kernel/display": true, "swingby/simlib/figure": true, "swingby/simlib/sim": true,
	"swingby/simlib/theory": true, "swingby/simlib/torch": true,
}

// whereExported names the one or two preloaded packages that export a name.
func (g *guess) whereExported(name string, u use) string {
	if len(name) < shortestExport || !token.IsExported(name) || u.member != "" || u.assigned {
		return ""
	}
	found := slices.Clone(exports()[name])
	for _, path := range stdgeneric.Packages() {
		if slices.ContainsFunc(found, func(e export) bool { return e.path == path }) {
			continue
		}
		pkg, err := g.s.importer.Import(path)
		if err != nil {
			continue
		}
		if bare, _ := stdlib.Preloaded(pkg.Name()); bare != path {
			continue
		}
		switch pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			found = append(found, export{pkg: pkg.Name(), path: path, fun: true})
		case *types.TypeName:
			found = append(found, export{pkg: pkg.Name(), path: path, typ: true})
		}
	}
	found = slices.DeleteFunc(found, func(e export) bool {
		hidden := g.lookup(e.pkg) != nil || g.packagePath(e.pkg) != e.path
		return hidden || u.typ && !e.typ || u.called && !e.typ && !e.fun || !u.typ && !u.called && e.typ
	})
	if slices.ContainsFunc(found, func(e export) bool { return everyday[e.path] }) {
		found = slices.DeleteFunc(found, func(e export) bool { return !everyday[e.path] })
	}
	var names []string
	for _, e := range found {
		names = append(names, e.pkg+"."+name)
	}
	if len(names) == 0 || len(names) > 2 {
		return ""
	}
	slices.Sort(names)
	return "did you mean " + strings.Join(names, " or ") + "?"
}
