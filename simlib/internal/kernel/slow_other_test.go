//go:build !amd64

package kernel

func slowly(f func())   { f() }
func narrowly(f func()) { f() }
