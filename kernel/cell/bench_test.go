package cell

import (
	"context"
	"io"
	"testing"

	"github.com/traefik/yaegi/interp"

	"swingby/stdlib"
)

// The same code in a cell and in the interpreter alone: what lowering costs.
var benchCode = map[string]struct{ decl, run string }{
	"Fib":   {"func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }", "fib(20)"},
	"Loop":  {"func loop(n int) int { x := 0; for i := 0; i < n; i++ { x += i * 2 }; return x }", "loop(100000)"},
	"Sin":   {"import \"math\"\nfunc sum(n int) float64 { x := 0.0; for i := 0; i < n; i++ { x += math.Sin(float64(i)) }; return x }", "sum(20000)"},
	"Index": {"func dot(n int) float64 { a := make([]float64, n); b := make([]float64, n); s := 0.0; for i := 0; i < n; i++ { a[i] = float64(i); b[i] = 2 }; for i := range a { s += a[i] * b[i] }; return s }", "dot(20000)"},
}

func BenchmarkLowered(b *testing.B) {
	for name, c := range benchCode {
		b.Run(name, func(b *testing.B) {
			s := newSession(b)
			if _, err := s.Execute(context.Background(), 1, c.decl); err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				if _, err := s.Execute(context.Background(), i+2, c.run); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInterpreterAlone(b *testing.B) {
	for name, c := range benchCode {
		b.Run(name, func(b *testing.B) {
			i := interp.New(interp.Options{Stderr: io.Discard})
			if err := stdlib.Use(i, "math"); err != nil {
				b.Fatal(err)
			}
			if _, err := i.Eval(c.decl); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := i.EvalWithContext(context.Background(), c.run); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
