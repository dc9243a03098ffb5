package main

// program is Go that both run: declarations, and a cell that calls them.
type program struct {
	name string
	decl string
	cell string
	goal float64
}

// runTime is the part of plain yaegi's speed that lowering must keep.
const runTime = 0.9

var programs = []program{
	{"loop_1e7_s", "func loop(n int) int { x := 0; for i := 0; i < n; i++ { x += i * 2 }; return x }", "loop(10000000)", runTime},
	{"loop_1e7_cell_s", "y := 0", "for i := 0; i < 10000000; i++ { y += i * 2 }", runTime},
	{"fib_30_s", `
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}`, "fib(30)", runTime},
	{"calls_s", `
func square(x int) int      { return x * x }
func add(a, b int) int      { return a + b }
func norm(a, b int) int     { return add(square(a), square(b)) }
func gcd(a, b int) int      { if b == 0 { return a }; return gcd(b, a%b) }
func divMod(a, b int) (int, int) { return a / b, a % b }
func calls(n int) int {
	s := 0
	for i := 1; i < n; i++ {
		q, r := divMod(norm(i, 3), i)
		s = add(s, gcd(q, r))
	}
	return s
}`, "calls(50000)", runTime},
	{"matrix_s", `
func matrix(n int) float64 {
	a, b, c := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for i := 0; i < n*n; i++ {
		a[i] = float64(i)
		b[i] = 1 / float64(i+1)
	}
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			s := 0.0
			for k := 0; k < n; k++ {
				s += a[i*n+k] * b[k*n+j]
			}
			c[i*n+j] = s
		}
	}
	return c[n]
}`, "matrix(100)", runTime},
	{"sieve_s", `
func sieve(n int) int {
	composite := make([]bool, n+1)
	primes := 0
	for i := 2; i <= n; i++ {
		if composite[i] {
			continue
		}
		primes++
		for j := i * i; j <= n; j += i {
			composite[j] = true
		}
	}
	return primes
}`, "sieve(500000)", runTime},
	{"slices_s", `
func slices_(n int) int {
	xs := []int{}
	for i := 0; i < n; i++ {
		xs = append(xs, i*i%7)
	}
	s := 0
	for i, x := range xs {
		if x > 2 {
			s += x * i
		}
		xs[i] = s
	}
	return s
}`, "slices_(300000)", runTime},
	{"methods_s", `
type vector struct{ x, y float64 }
func (v vector) add(w vector) vector { return vector{v.x + w.x, v.y + w.y} }
func (v *vector) scale(k float64)    { v.x *= k; v.y *= k }
func methods(n int) float64 {
	v := vector{1, 2}
	for i := 0; i < n; i++ {
		v = v.add(vector{1, 1})
		v.scale(0.5)
	}
	return v.x
}`, "methods(50000)", runTime},
	{"closures_s", `
func adder() func(int) int { s := 0; return func(k int) int { s += k; return s } }
func closures(n int) int {
	add, last := adder(), 0
	for i := 0; i < n; i++ {
		last = add(i)
	}
	return last
}`, "closures(100000)", runTime},
	{"maps_s", `
func maps_(n int) int {
	m := map[int]int{}
	for i := 0; i < n; i++ {
		m[i%1000] += i
	}
	s := 0
	for _, v := range m {
		s += v
	}
	return s
}`, "maps_(300000)", runTime},
}
