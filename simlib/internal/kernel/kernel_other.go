//go:build !amd64 || purego

package kernel

// There is no assembly for this processor, or the tag purego leaves it out: none of the following is called.
const fast, wide = false, false

func mul6x16(a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, m, k, add int) {}
func mul6x8(a *float64, ars, aks int, b *float64, ldb int, c *float64, ldc int, m, k, add int)  {}

func mul6x32(a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, m, k, add int)  {}
func mul6x16d(a *float64, ars, aks int, b *float64, ldb int, c *float64, ldc int, m, k, add int) {}

func sub32(bytes int, dst, x, y *float32, scale float32) float32 { return 0 }
func sub64(bytes int, dst, x, y *float64, scale float64) float64 { return 0 }
func axpy32(bytes int, dst, x *float32, scale float32)           {}
func axpy64(bytes int, dst, x *float64, scale float64)           {}
func relu32(bytes int, x *float32)                               {}
func relu64(bytes int, x *float64)                               {}
func mask32(bytes int, delta, h *float32)                        {}
func mask64(bytes int, delta, h *float64)                        {}
