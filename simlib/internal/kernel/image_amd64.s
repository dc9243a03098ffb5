//go:build !purego

// AVX2 and FMA in float32, for grid.go, gelu.go and adamw.go.

#include "textflag.h"

// A constant in all eight places of a register.
#define CONST(name, bits) \
	DATA name<>+0(SB)/4, bits \
	DATA name<>+4(SB)/4, bits \
	DATA name<>+8(SB)/4, bits \
	DATA name<>+12(SB)/4, bits \
	DATA name<>+16(SB)/4, bits \
	DATA name<>+20(SB)/4, bits \
	DATA name<>+24(SB)/4, bits \
	DATA name<>+28(SB)/4, bits \
	GLOBL name<>(SB), RODATA|NOPTR, $32

CONST(f_least, $0xc2fc0000) // -126
CONST(f_one, $0x3f800000) // 1
CONST(f_p, $0x3e99999a) // 0.3
CONST(f_density, $0x3ecc422a) // 1/sqrt(2 pi)
CONST(f_half, $0xbf38aa3b) // -log2(e)/2
CONST(f_e0, $0x3f800000)
CONST(f_e1, $0x3f317218)
CONST(f_e2, $0x3e75fded)
CONST(f_e3, $0x3d63576a)
CONST(f_e4, $0x3c1d96de)
CONST(f_e5, $0x3aafa2b5)
CONST(f_e6, $0x3920e999)
CONST(f_r0, $0x36f08c2d)
CONST(f_r1, $0x3df4b5f6)
CONST(f_r2, $0x3df9b15f)
CONST(f_r3, $0x3dc1e96f)
CONST(f_r4, $0x3e11f4d5)
CONST(f_r5, $0xbd9caf6e)
CONST(f_r6, $0x3e6a25de)
CONST(f_r7, $0xbe2d39e2)
CONST(f_r8, $0x3d1d328e)
CONST(f_abs, $0x7fffffff)

// GELU takes v in Y0 and leaves v·Φ(v) in Y1 and its derivative Φ(v) + v·φ(v) in Y3. With a = |v|
// and e = exp(−v²/2) the tail Φ(−a) is e·R(1/(1 + 0.3a)), R a polynomial fitted to eight digits. e is a power
// of two, 2ⁿ·2ᶠ with f from −½ to ½, 2ᶠ another polynomial. No approximate reciprocals: they differ
// between makers of processors.
#define GELU \
	VANDPS f_abs<>(SB), Y0, Y3 \
	VMULPS Y0, Y0, Y4 \
	VMULPS f_half<>(SB), Y4, Y4 \
	VMAXPS f_least<>(SB), Y4, Y4 \
	VMOVUPS f_p<>(SB), Y2 \
	VFMADD213PS f_one<>(SB), Y3, Y2 \
	VMOVUPS f_one<>(SB), Y7 \
	VDIVPS Y2, Y7, Y2 \
	VROUNDPS $0, Y4, Y5 \
	VSUBPS Y5, Y4, Y4 \
	VCVTPS2DQ Y5, Y5 \
	VPSLLD $23, Y5, Y5 \
	VMOVUPS f_e6<>(SB), Y6 \
	VFMADD213PS f_e5<>(SB), Y4, Y6 \
	VFMADD213PS f_e4<>(SB), Y4, Y6 \
	VFMADD213PS f_e3<>(SB), Y4, Y6 \
	VFMADD213PS f_e2<>(SB), Y4, Y6 \
	VFMADD213PS f_e1<>(SB), Y4, Y6 \
	VFMADD213PS f_e0<>(SB), Y4, Y6 \
	VPADDD Y5, Y6, Y6 \
	VMOVUPS f_r8<>(SB), Y5 \
	VFMADD213PS f_r7<>(SB), Y2, Y5 \
	VFMADD213PS f_r6<>(SB), Y2, Y5 \
	VFMADD213PS f_r5<>(SB), Y2, Y5 \
	VFMADD213PS f_r4<>(SB), Y2, Y5 \
	VFMADD213PS f_r3<>(SB), Y2, Y5 \
	VFMADD213PS f_r2<>(SB), Y2, Y5 \
	VFMADD213PS f_r1<>(SB), Y2, Y5 \
	VFMADD213PS f_r0<>(SB), Y2, Y5 \
	VMULPS Y6, Y5, Y5 \
	VSUBPS Y5, Y7, Y3 \
	VBLENDVPS Y0, Y5, Y3, Y3 \
	VMULPS Y0, Y3, Y1 \
	VMULPS f_density<>(SB), Y6, Y6 \
	VFMADD231PS Y0, Y6, Y3

// The functions of grids take the number of blocks of 16 channels, 64 bytes of a pixel, and go over
// all pixels of one block after the other. Distances are in bytes: ld from a pixel to the next, skip
// further from behind the last of a row to the next row.

// func scaleGELU32(blocks, h, w int, scale, shift, x *float32, xld, xskip int, y, slope *float32, yld, yskip int)
TEXT ·scaleGELU32(SB), NOSPLIT, $0-96
	MOVQ scale+24(FP), BX
	MOVQ shift+32(FP), DX
	MOVQ xld+48(FP), R11
	MOVQ yld+80(FP), R12
block:
	MOVQ x+40(FP), SI
	MOVQ y+64(FP), DI
	MOVQ slope+72(FP), R8
	VMOVUPS (BX), Y8
	VMOVUPS 32(BX), Y9
	VMOVUPS (DX), Y10
	VMOVUPS 32(DX), Y11
	MOVQ h+8(FP), CX
row:
	MOVQ w+16(FP), AX
pixel:
	VMOVUPS (SI), Y0
	VFMADD213PS Y10, Y8, Y0
	GELU
	VMOVUPS Y1, (DI)
	VMOVUPS Y3, (R8)
	VMOVUPS 32(SI), Y0
	VFMADD213PS Y11, Y9, Y0
	GELU
	VMOVUPS Y1, 32(DI)
	VMOVUPS Y3, 32(R8)
	ADDQ R11, SI
	ADDQ R12, DI
	ADDQ R12, R8
	DECQ AX
	JNZ  pixel
	ADDQ xskip+56(FP), SI
	ADDQ yskip+88(FP), DI
	ADDQ yskip+88(FP), R8
	DECQ CX
	JNZ  row
	ADDQ $64, BX
	ADDQ $64, DX
	ADDQ $64, x+40(FP)
	ADDQ $64, y+64(FP)
	ADDQ $64, slope+72(FP)
	DECQ blocks+0(FP)
	JNZ  block
	VZEROUPPER
	RET

// func sum32(blocks, h, w int, sum, x *float32, xld, xskip int)
TEXT ·sum32(SB), NOSPLIT, $0-56
	MOVQ sum+24(FP), DX
	MOVQ xld+40(FP), R11
block:
	MOVQ x+32(FP), SI
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	MOVQ h+8(FP), CX
row:
	MOVQ w+16(FP), AX
pixel:
	VADDPS (SI), Y0, Y0
	VADDPS 32(SI), Y1, Y1
	ADDQ R11, SI
	DECQ AX
	JNZ  pixel
	ADDQ xskip+48(FP), SI
	DECQ CX
	JNZ  row
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	ADDQ $64, DX
	ADDQ $64, x+32(FP)
	DECQ blocks+0(FP)
	JNZ  block
	VZEROUPPER
	RET

// func squares32(blocks, h, w int, sum, centre, x *float32, xld, xskip int)
TEXT ·squares32(SB), NOSPLIT, $0-64
	MOVQ sum+24(FP), DX
	MOVQ centre+32(FP), BX
	MOVQ xld+48(FP), R11
block:
	MOVQ x+40(FP), SI
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VMOVUPS (BX), Y2
	VMOVUPS 32(BX), Y3
	MOVQ h+8(FP), CX
row:
	MOVQ w+16(FP), AX
pixel:
	VMOVUPS (SI), Y4
	VMOVUPS 32(SI), Y5
	VSUBPS Y2, Y4, Y4
	VSUBPS Y3, Y5, Y5
	VFMADD231PS Y4, Y4, Y0
	VFMADD231PS Y5, Y5, Y1
	ADDQ R11, SI
	DECQ AX
	JNZ  pixel
	ADDQ xskip+56(FP), SI
	DECQ CX
	JNZ  row
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	ADDQ $64, DX
	ADDQ $64, BX
	ADDQ $64, x+40(FP)
	DECQ blocks+0(FP)
	JNZ  block
	VZEROUPPER
	RET

// func mulSums32(blocks, h, w int, sum0, sum1, centre, v *float32, vld, vskip int, slope *float32, sld, sskip int, x *float32, xld, xskip int)
TEXT ·mulSums32(SB), NOSPLIT, $0-120
	MOVQ sum0+24(FP), R9
	MOVQ sum1+32(FP), R10
	MOVQ centre+40(FP), DX
	MOVQ vld+56(FP), R11
	MOVQ sld+80(FP), R12
	MOVQ xld+104(FP), R13
block:
	MOVQ v+48(FP), SI
	MOVQ slope+72(FP), DI
	MOVQ x+96(FP), R8
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VMOVUPS (DX), Y4
	VMOVUPS 32(DX), Y5
	MOVQ h+8(FP), CX
row:
	MOVQ w+16(FP), AX
pixel:
	VMOVUPS (SI), Y6
	VMOVUPS 32(SI), Y7
	VMOVUPS (R8), Y8
	VMOVUPS 32(R8), Y9
	VMULPS (DI), Y6, Y6
	VMULPS 32(DI), Y7, Y7
	VSUBPS Y4, Y8, Y8
	VSUBPS Y5, Y9, Y9
	VMOVUPS Y6, (SI)
	VMOVUPS Y7, 32(SI)
	VADDPS Y6, Y0, Y0
	VADDPS Y7, Y1, Y1
	VFMADD231PS Y6, Y8, Y2
	VFMADD231PS Y7, Y9, Y3
	ADDQ R11, SI
	ADDQ R12, DI
	ADDQ R13, R8
	DECQ AX
	JNZ  pixel
	ADDQ vskip+64(FP), SI
	ADDQ sskip+88(FP), DI
	ADDQ xskip+112(FP), R8
	DECQ CX
	JNZ  row
	VMOVUPS Y0, (R9)
	VMOVUPS Y1, 32(R9)
	VMOVUPS Y2, (R10)
	VMOVUPS Y3, 32(R10)
	ADDQ $64, R9
	ADDQ $64, R10
	ADDQ $64, DX
	ADDQ $64, v+48(FP)
	ADDQ $64, slope+72(FP)
	ADDQ $64, x+96(FP)
	DECQ blocks+0(FP)
	JNZ  block
	VZEROUPPER
	RET

// func combine32(blocks, h, w int, a, b, c, centre, v *float32, vld, vskip int, x *float32, xld, xskip int, dst *float32, dld, dskip, add int)
TEXT ·combine32(SB), NOSPLIT, $0-136
	MOVQ a+24(FP), BX
	MOVQ b+32(FP), DX
	MOVQ c+40(FP), R9
	MOVQ centre+48(FP), R10
	MOVQ vld+64(FP), R11
	MOVQ xld+88(FP), R12
	MOVQ dld+112(FP), R13
block:
	MOVQ v+56(FP), SI
	MOVQ x+80(FP), DI
	MOVQ dst+104(FP), R8
	VMOVUPS (BX), Y0
	VMOVUPS 32(BX), Y1
	VMOVUPS (DX), Y2
	VMOVUPS 32(DX), Y3
	VMOVUPS (R9), Y4
	VMOVUPS 32(R9), Y5
	VMOVUPS (R10), Y6
	VMOVUPS 32(R10), Y7
	MOVQ h+8(FP), CX
row:
	MOVQ w+16(FP), AX
	CMPQ add+128(FP), $0
	JNE  more
pixel:
	VMOVUPS (DI), Y8
	VMOVUPS 32(DI), Y9
	VSUBPS Y6, Y8, Y8
	VSUBPS Y7, Y9, Y9
	VFMADD213PS Y4, Y2, Y8
	VFMADD213PS Y5, Y3, Y9
	VFMADD231PS (SI), Y0, Y8
	VFMADD231PS 32(SI), Y1, Y9
	VMOVUPS Y8, (R8)
	VMOVUPS Y9, 32(R8)
	ADDQ R11, SI
	ADDQ R12, DI
	ADDQ R13, R8
	DECQ AX
	JNZ  pixel
	JMP  next
more:
	VMOVUPS (DI), Y8
	VMOVUPS 32(DI), Y9
	VSUBPS Y6, Y8, Y8
	VSUBPS Y7, Y9, Y9
	VFMADD213PS Y4, Y2, Y8
	VFMADD213PS Y5, Y3, Y9
	VFMADD231PS (SI), Y0, Y8
	VFMADD231PS 32(SI), Y1, Y9
	VADDPS (R8), Y8, Y8
	VADDPS 32(R8), Y9, Y9
	VMOVUPS Y8, (R8)
	VMOVUPS Y9, 32(R8)
	ADDQ R11, SI
	ADDQ R12, DI
	ADDQ R13, R8
	DECQ AX
	JNZ  more
next:
	ADDQ vskip+72(FP), SI
	ADDQ xskip+96(FP), DI
	ADDQ dskip+120(FP), R8
	DECQ CX
	JNZ  row
	ADDQ $64, BX
	ADDQ $64, DX
	ADDQ $64, R9
	ADDQ $64, R10
	ADDQ $64, v+56(FP)
	ADDQ $64, x+80(FP)
	ADDQ $64, dst+104(FP)
	DECQ blocks+0(FP)
	JNZ  block
	VZEROUPPER
	RET

// func addGrid32(blocks, h, w int, dst *float32, dld, dskip int, x *float32, xld, xskip int)
TEXT ·addGrid32(SB), NOSPLIT, $0-72
	MOVQ dld+32(FP), R11
	MOVQ xld+56(FP), R12
block:
	MOVQ dst+24(FP), DI
	MOVQ x+48(FP), SI
	MOVQ h+8(FP), CX
row:
	MOVQ w+16(FP), AX
pixel:
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	VADDPS (SI), Y0, Y0
	VADDPS 32(SI), Y1, Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ R11, DI
	ADDQ R12, SI
	DECQ AX
	JNZ  pixel
	ADDQ dskip+40(FP), DI
	ADDQ xskip+64(FP), SI
	DECQ CX
	JNZ  row
	ADDQ $64, dst+24(FP)
	ADDQ $64, x+48(FP)
	DECQ blocks+0(FP)
	JNZ  block
	VZEROUPPER
	RET

// func mulBy32(bytes int, dst, x *float32)
TEXT ·mulBy32(SB), NOSPLIT, $0-24
	MOVQ bytes+0(FP), CX
	MOVQ dst+8(FP), DX
	MOVQ x+16(FP), SI
	XORQ AX, AX
loop:
	VMOVUPS (DX)(AX*1), Y0
	VMOVUPS 32(DX)(AX*1), Y1
	VMULPS (SI)(AX*1), Y0, Y0
	VMULPS 32(SI)(AX*1), Y1, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VZEROUPPER
	RET

// func adamW32(bytes int, w, grad, m, v *float32, s *[8]float32)
// s: decay, β₁, 1−β₁, β₂, 1−β₂, −rate, root, eps
TEXT ·adamW32(SB), NOSPLIT, $0-48
	MOVQ bytes+0(FP), CX
	MOVQ w+8(FP), DI
	MOVQ grad+16(FP), SI
	MOVQ m+24(FP), R8
	MOVQ v+32(FP), R9
	MOVQ s+40(FP), DX
	VBROADCASTSS (DX), Y8
	VBROADCASTSS 4(DX), Y9
	VBROADCASTSS 8(DX), Y10
	VBROADCASTSS 12(DX), Y11
	VBROADCASTSS 16(DX), Y12
	VBROADCASTSS 20(DX), Y13
	VBROADCASTSS 24(DX), Y14
	VBROADCASTSS 28(DX), Y15
	XORQ AX, AX
loop:
	VMOVUPS (SI)(AX*1), Y0
	VMULPS Y10, Y0, Y1
	VMULPS Y12, Y0, Y2
	VMULPS Y2, Y0, Y2
	VFMADD231PS (R8)(AX*1), Y9, Y1
	VFMADD231PS (R9)(AX*1), Y11, Y2
	VMOVUPS Y1, (R8)(AX*1)
	VMOVUPS Y2, (R9)(AX*1)
	VSQRTPS Y2, Y2
	VFMADD213PS Y15, Y14, Y2
	VMULPS Y13, Y1, Y1
	VDIVPS Y2, Y1, Y1
	VFMADD231PS (DI)(AX*1), Y8, Y1
	VMOVUPS Y1, (DI)(AX*1)
	ADDQ $32, AX
	CMPQ AX, CX
	JLT  loop
	VZEROUPPER
	RET
