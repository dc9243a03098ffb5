package stdlib

import (
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"
	"gonum.org/v1/gonum/mat"
)

// newInterp returns an interpreter with some packages, ready to Eval.
func newInterp(t testing.TB, paths ...string) *interp.Interpreter {
	t.Helper()
	i := interp.New(interp.Options{Stderr: io.Discard})
	if err := Use(i, paths...); err != nil {
		t.Fatal(err)
	}
	return i
}

// eval runs declarations, then gives the value of an expression.
func eval(t *testing.T, i *interp.Interpreter, decls, expr string) any {
	t.Helper()
	if decls != "" {
		if _, err := i.Eval(decls); err != nil {
			t.Fatalf("%s\n%v", decls, err)
		}
	}
	v, err := i.Eval(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return v.Interface()
}

func TestInterp(t *testing.T) {
	for _, c := range []struct {
		name, decls, expr string
		want              any
	}{
		{"fmt", `import "fmt"`, `fmt.Sprintf("%d %v", 1, []string{"a"})`, "1 [a]"},
		{"typed constant", `import "time"`, `time.Minute`, time.Minute},
		{"untyped constant", `import "math"`, `math.Pi*2`, 6.283185307179586},
		{"large constant", `import "math"`, `uint64(math.MaxUint64)`, uint64(1<<64 - 1)},
		{"variable", `import "io"; func F() bool { return io.EOF == io.EOF }`, `F()`, true},
		{"math/rand/v2", `import "math/rand/v2"; func F() uint64 { return rand.New(rand.NewPCG(1, 2)).Uint64() }`, `F()`, rand.New(rand.NewPCG(1, 2)).Uint64()},
		{"mat", `import "gonum.org/v1/gonum/mat"; func F() float64 { return mat.Det(mat.NewDense(2, 2, []float64{1, 2, 3, 4})) }`, `F()`, mat.Det(mat.NewDense(2, 2, []float64{1, 2, 3, 4}))},
		{"os/exec", `import "os/exec"; func F() string { return exec.Command("nosuch-program").Args[0] }`, `F()`, "nosuch-program"},
		{"errors", `import "errors"; var e = errors.New("a"); func F() bool { return errors.Is(errors.Join(e, nil), e) }`, `F()`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInterp(t, "bufio", "errors", "fmt", "gonum.org/v1/gonum/mat", "io", "math", "math/rand/v2", "os/exec", "time")
			if got := eval(t, i, c.decls, c.expr); got != c.want {
				t.Errorf("got %#v, want %#v", got, c.want)
			}
		})
	}
}

// TestExit checks that a cell that asks to end the process panics instead.
func TestExit(t *testing.T) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	for code, want := range map[string]string{
		`os.Exit(3)`:              "os.Exit: exit status 3",
		`syscall.Exit(4)`:         "os.Exit: exit status 4",
		`log.Fatalf("bye %d", 1)`: "log.Fatalf: exit status 1",
	} {
		i := newInterp(t, "os", "log", "syscall")
		if _, err := i.Eval(`import ("os"; "log"; "syscall")`); err != nil {
			t.Fatal(err)
		}
		_, err := i.Eval(code)
		var p interp.Panic
		if !errors.As(err, &p) {
			t.Fatalf("%s: got %v, want a panic", code, err)
		}
		exit, ok := p.Value.(*Exit)
		if !ok || !strings.Contains(exit.Error(), want) {
			t.Errorf("%s: panic of %v, want %s", code, p.Value, want)
		}
	}
}

func TestUseUnknown(t *testing.T) {
	if err := Use(interp.New(interp.Options{}), "fmt", "nosuch"); err == nil || !strings.Contains(err.Error(), `"nosuch"`) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkUse(b *testing.B) {
	for _, path := range []string{"fmt", "gonum.org/v1/gonum/mat", "syscall"} {
		i := interp.New(interp.Options{})
		b.Run(strings.ReplaceAll(path, "/", "_"), func(b *testing.B) {
			for b.Loop() {
				if err := Use(i, path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUseAll(b *testing.B) {
	var paths []string
	for _, p := range Packages() {
		paths = append(paths, p.Path)
	}
	for b.Loop() {
		if err := Use(interp.New(interp.Options{}), paths...); err != nil {
			b.Fatal(err)
		}
	}
}
