package kernel

// slowly runs f without the assembly.
func slowly(f func()) {
	was := fast
	defer func() { fast = was }()
	fast = false
	f()
}
