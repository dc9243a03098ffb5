//go:build !amd64 || purego

package kernel

func slowly(f func())   { f() }
func narrowly(f func()) { f() }
