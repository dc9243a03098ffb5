//go:build !amd64 || purego

package kernel

import "unsafe"

func scaleGELU32(blocks, h, w int, scale, shift, x *float32, xld, xskip int, y, slope *float32, yld, yskip int) {
}
func sum32(blocks, h, w int, sum, x *float32, xld, xskip int)             {}
func squares32(blocks, h, w int, sum, centre, x *float32, xld, xskip int) {}
func mulSums32(blocks, h, w int, sum0, sum1, centre, v *float32, vld, vskip int, slope *float32, sld, sskip int, x *float32, xld, xskip int) {
}
func combine32(blocks, h, w int, a, b, c, centre, v *float32, vld, vskip int, x *float32, xld, xskip int, dst *float32, dld, dskip, add int) {
}
func addGrid32(blocks, h, w int, dst *float32, dld, dskip int, x *float32, xld, xskip int) {}
func mulBy32(bytes int, dst, x *float32)                                                   {}
func adamW32(bytes int, w, grad, m, v *float32, s *[8]float32)                             {}

type panelArgs struct {
	a, b, c, bias unsafe.Pointer
	rows          int
	k, segs       int
	ars, jump     int
	ldc           int
	add           int
}

func panel32(p *panelArgs) {}
func outer32(p *panelArgs) {}

func winogradInput32(tiles, eights int, x *float32, ld, row int, v *float32, plane, vskip int) {}
func winogradOutput32(tiles, eights int, m *float32, plane int, bias *float32, add int, y *float32, ld, row, mskip int) {
}
func winogradGradient32(tiles, eights int, dy *float32, ld, row int, z *float32, plane, zskip int) {}
func winogradFilter32(eights int, taps *float32, step int, u *float32, plane int)                  {}
func winogradFilterGradient32(eights int, u *float32, plane int, grad *float32, step int)          {}
