//go:build !purego

package kernel

// slowly runs f without the assembly.
func slowly(f func()) { with(false, false, f) }

// narrowly runs f without AVX-512.
func narrowly(f func()) { with(fast, false, f) }

func with(f, w bool, run func()) {
	wasFast, wasWide := fast, wide
	defer func() { fast, wide = wasFast, wasWide }()
	fast, wide = f, w
	run()
}
