//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// fast says that the processor, and the system that saves its registers, know
// the instructions of kernel_amd64.s. Tests turn it off to compare.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// wide says the same of wide_amd64.s.
var wide = fast && cpu.X86.HasAVX512F

// mul6x16 computes m ≤ 6 rows of 16 columns; strides are in elements, k ≥ 1, and
// add is 0 or 1. mul6x8 is the same in float64.
//
//go:noescape
func mul6x16(a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, m, k, add int)

//go:noescape
func mul6x8(a *float64, ars, aks int, b *float64, ldb int, c *float64, ldc int, m, k, add int)

// mul6x32 and mul6x16d compute 32 columns in float32 and 16 in float64.
//
//go:noescape
func mul6x32(a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, m, k, add int)

//go:noescape
func mul6x16d(a *float64, ars, aks int, b *float64, ldb int, c *float64, ldc int, m, k, add int)

// Of the following each takes the length of its vectors in bytes, a positive multiple of 64.

//go:noescape
func sub32(bytes int, dst, x, y *float32, scale float32) float32

//go:noescape
func sub64(bytes int, dst, x, y *float64, scale float64) float64

//go:noescape
func axpy32(bytes int, dst, x *float32, scale float32)

//go:noescape
func axpy64(bytes int, dst, x *float64, scale float64)

//go:noescape
func relu32(bytes int, x *float32)

//go:noescape
func relu64(bytes int, x *float64)

//go:noescape
func mask32(bytes int, delta, h *float32)

//go:noescape
func mask64(bytes int, delta, h *float64)
