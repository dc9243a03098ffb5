//go:build !purego

package kernel

import "unsafe"

// Of the following each takes blocks of 16 channels, blocks, h and w ≥ 1; see image_amd64.s.

//go:noescape
func scaleGELU32(blocks, h, w int, scale, shift, x *float32, xld, xskip int, y, slope *float32, yld, yskip int)

//go:noescape
func sum32(blocks, h, w int, sum, x *float32, xld, xskip int)

//go:noescape
func squares32(blocks, h, w int, sum, centre, x *float32, xld, xskip int)

//go:noescape
func mulSums32(blocks, h, w int, sum0, sum1, centre, v *float32, vld, vskip int, slope *float32, sld, sskip int, x *float32, xld, xskip int)

//go:noescape
func combine32(blocks, h, w int, a, b, c, centre, v *float32, vld, vskip int, x *float32, xld, xskip int, dst *float32, dld, dskip, add int)

//go:noescape
func addGrid32(blocks, h, w int, dst *float32, dld, dskip int, x *float32, xld, xskip int)

// Of these bytes is a positive multiple of 64.

//go:noescape
func mulBy32(bytes int, dst, x *float32)

//go:noescape
func adamW32(bytes int, w, grad, m, v *float32, s *[8]float32)

// panelArgs are the arguments of a product with one panel of 16 columns. Distances are in bytes. The
// assembly changes them.
type panelArgs struct {
	a, b, c, bias unsafe.Pointer
	rows          int // of A, at least 1
	k, segs       int
	ars, jump     int
	ldc           int
	add           int // 0 or 1
}

// panel32 computes rows of a [Product].
//
//go:noescape
func panel32(p *panelArgs)

// outer32 adds AᵀB to C, for A whose k rows are ars apart and B whose rows are jump apart. It
// reads a multiple of six numbers of each row of A.
//
//go:noescape
func outer32(p *panelArgs)

// The transforms of winograd.go take eights, the channels over eight, and distances in bytes.

//go:noescape
func winogradInput32(tiles, eights int, x *float32, ld, row int, v *float32, plane, vskip int)

//go:noescape
func winogradOutput32(tiles, eights int, m *float32, plane int, bias *float32, add int, y *float32, ld, row, mskip int)

//go:noescape
func winogradGradient32(tiles, eights int, dy *float32, ld, row int, z *float32, plane, zskip int)

//go:noescape
func winogradFilter32(eights int, taps *float32, step int, u *float32, plane int)

//go:noescape
func winogradFilterGradient32(eights int, u *float32, plane int, grad *float32, step int)
