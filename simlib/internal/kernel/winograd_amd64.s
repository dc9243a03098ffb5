//go:build !purego

// The transforms of winograd.go, AVX2 in float32: eight channels at a time, all channels of one tile
// after the other. Distances are in bytes.

#include "textflag.h"

// ½, eight times
DATA winograd_half<>+0(SB)/8, $0x3f0000003f000000
DATA winograd_half<>+8(SB)/8, $0x3f0000003f000000
DATA winograd_half<>+16(SB)/8, $0x3f0000003f000000
DATA winograd_half<>+24(SB)/8, $0x3f0000003f000000
GLOBL winograd_half<>(SB), RODATA|NOPTR, $32

// Row i of Bᵀ d B from two rows of d, at P and Q. R12 is ld and R15 three times that, BX plane and R14 three times that.
#define INPUT(OP, P, Q) \
	VMOVUPS (P), Y0 \
	VMOVUPS (P)(R12*1), Y1 \
	VMOVUPS (P)(R12*2), Y2 \
	VMOVUPS (P)(R15*1), Y3 \
	OP (Q), Y0, Y0 \
	OP (Q)(R12*1), Y1, Y1 \
	OP (Q)(R12*2), Y2, Y2 \
	OP (Q)(R15*1), Y3, Y3 \
	VSUBPS Y2, Y0, Y4 \
	VADDPS Y2, Y1, Y5 \
	VSUBPS Y1, Y2, Y6 \
	VSUBPS Y3, Y1, Y7 \
	VMOVUPS Y4, (DX) \
	VMOVUPS Y5, (DX)(BX*1) \
	VMOVUPS Y6, (DX)(BX*2) \
	VMOVUPS Y7, (DX)(R14*1) \
	LEAQ (DX)(BX*4), DX

// func winogradInput32(tiles, eights int, x *float32, ld, row int, v *float32, plane, vskip int)
TEXT ·winogradInput32(SB), NOSPLIT, $0-64
	MOVQ tiles+0(FP), CX
	MOVQ x+16(FP), R8
	MOVQ ld+24(FP), R12
	MOVQ row+32(FP), AX
	MOVQ v+40(FP), DI
	MOVQ plane+48(FP), BX
	LEAQ (R12)(R12*2), R15
	LEAQ (BX)(BX*2), R14
	LEAQ (R8)(AX*1), R9
	LEAQ (R9)(AX*1), R10
	LEAQ (R10)(AX*1), R11
	// From behind a tile's channels to the next tile.
	MOVQ eights+8(FP), AX
	SHLQ $5, AX
	LEAQ (R12*2), SI
	SUBQ AX, SI
tile:
	MOVQ eights+8(FP), AX
eight:
	MOVQ DI, DX
	INPUT(VSUBPS, R8, R10)
	INPUT(VADDPS, R9, R10)
	INPUT(VSUBPS, R10, R9)
	INPUT(VSUBPS, R9, R11)
	ADDQ $32, DI
	ADDQ $32, R8
	ADDQ $32, R9
	ADDQ $32, R10
	ADDQ $32, R11
	DECQ AX
	JNZ  eight
	ADDQ SI, R8
	ADDQ SI, R9
	ADDQ SI, R10
	ADDQ SI, R11
	ADDQ vskip+56(FP), DI
	DECQ CX
	JNZ  tile
	VZEROUPPER
	RET

// Column j of Aᵀ m: R8 is four planes and R9 twelve.
#define OUTPUT(a, b) \
	VMOVUPS (DX)(R8*1), Y8 \
	VMOVUPS (DX)(R8*2), Y9 \
	VADDPS Y9, Y8, a \
	VSUBPS Y9, Y8, b \
	VADDPS (DX), a, a \
	VSUBPS (DX)(R9*1), b, b \
	ADDQ BX, DX

// func winogradOutput32(tiles, eights int, m *float32, plane int, bias *float32, add int, y *float32, ld, row, mskip int)
TEXT ·winogradOutput32(SB), NOSPLIT, $0-80
	MOVQ m+16(FP), SI
	MOVQ plane+24(FP), BX
	LEAQ (BX*4), R8
	LEAQ (R8)(R8*2), R9
	MOVQ y+48(FP), DI
	MOVQ ld+56(FP), R12
	MOVQ row+64(FP), R13
	MOVQ add+40(FP), R14
	LEAQ (DI)(R13*1), R13
	// From behind a tile's channels to the next tile.
	MOVQ eights+8(FP), AX
	SHLQ $5, AX
	LEAQ (R12*2), R15
	SUBQ AX, R15
tile:
	MOVQ eights+8(FP), AX
	MOVQ bias+32(FP), CX
eight:
	MOVQ SI, DX
	OUTPUT(Y0, Y1)
	OUTPUT(Y2, Y3)
	OUTPUT(Y4, Y5)
	OUTPUT(Y6, Y7)
	VADDPS Y4, Y2, Y8
	VSUBPS Y4, Y2, Y9
	VADDPS Y5, Y3, Y10
	VSUBPS Y5, Y3, Y11
	VADDPS Y0, Y8, Y8
	VSUBPS Y6, Y9, Y9
	VADDPS Y1, Y10, Y10
	VSUBPS Y7, Y11, Y11
	TESTQ CX, CX
	JZ   plain
	VMOVUPS (CX), Y0
	VADDPS Y0, Y8, Y8
	VADDPS Y0, Y9, Y9
	VADDPS Y0, Y10, Y10
	VADDPS Y0, Y11, Y11
	ADDQ $32, CX
plain:
	TESTQ R14, R14
	JZ   store
	VADDPS (DI), Y8, Y8
	VADDPS (DI)(R12*1), Y9, Y9
	VADDPS (R13), Y10, Y10
	VADDPS (R13)(R12*1), Y11, Y11
store:
	VMOVUPS Y8, (DI)
	VMOVUPS Y9, (DI)(R12*1)
	VMOVUPS Y10, (R13)
	VMOVUPS Y11, (R13)(R12*1)
	ADDQ $32, SI
	ADDQ $32, DI
	ADDQ $32, R13
	DECQ AX
	JNZ  eight
	ADDQ R15, DI
	ADDQ R15, R13
	ADDQ mskip+72(FP), SI
	DECQ tiles+0(FP)
	JNZ  tile
	VZEROUPPER
	RET

// Row i of A dy Aᵀ from the row (a, b) of A dy. Y15 is zero.
#define GRADIENT(a, b) \
	VADDPS b, a, Y8 \
	VSUBPS b, a, Y9 \
	VSUBPS b, Y15, Y10 \
	VMOVUPS a, (DX) \
	VMOVUPS Y8, (DX)(BX*1) \
	VMOVUPS Y9, (DX)(BX*2) \
	VMOVUPS Y10, (DX)(R14*1) \
	LEAQ (DX)(BX*4), DX

// func winogradGradient32(tiles, eights int, dy *float32, ld, row int, z *float32, plane, zskip int)
TEXT ·winogradGradient32(SB), NOSPLIT, $0-64
	MOVQ tiles+0(FP), CX
	MOVQ dy+16(FP), SI
	MOVQ ld+24(FP), R12
	MOVQ row+32(FP), R13
	LEAQ (SI)(R13*1), R13
	MOVQ z+40(FP), DI
	MOVQ plane+48(FP), BX
	LEAQ (BX)(BX*2), R14
	MOVQ eights+8(FP), AX
	SHLQ $5, AX
	LEAQ (R12*2), R15
	SUBQ AX, R15
	VXORPS Y15, Y15, Y15
tile:
	MOVQ eights+8(FP), AX
eight:
	MOVQ DI, DX
	VMOVUPS (SI), Y0
	VMOVUPS (SI)(R12*1), Y1
	VMOVUPS (R13), Y2
	VMOVUPS (R13)(R12*1), Y3
	VADDPS Y2, Y0, Y4
	VADDPS Y3, Y1, Y5
	VSUBPS Y2, Y0, Y6
	VSUBPS Y3, Y1, Y7
	VSUBPS Y2, Y15, Y2
	VSUBPS Y3, Y15, Y3
	GRADIENT(Y0, Y1)
	GRADIENT(Y4, Y5)
	GRADIENT(Y6, Y7)
	GRADIENT(Y2, Y3)
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, R13
	DECQ AX
	JNZ  eight
	ADDQ R15, SI
	ADDQ R15, R13
	ADDQ zskip+56(FP), DI
	DECQ CX
	JNZ  tile
	VZEROUPPER
	RET

// func winogradFilter32(eights int, taps *float32, step int, u *float32, plane int)
TEXT ·winogradFilter32(SB), NOSPLIT, $0-40
	MOVQ eights+0(FP), CX
	MOVQ taps+8(FP), SI
	MOVQ step+16(FP), R8
	MOVQ u+24(FP), DI
	MOVQ plane+32(FP), BX
	LEAQ (BX)(BX*2), R14
	LEAQ (R8)(R8*2), R9
	VMOVUPS winograd_half<>(SB), Y15
eight:
	MOVQ SI, DX
	VMOVUPS (DX), Y0
	VMOVUPS (DX)(R8*1), Y1
	VMOVUPS (DX)(R8*2), Y2
	ADDQ R9, DX
	VMULPS (DX), Y15, Y3
	VMULPS (DX)(R8*1), Y15, Y4
	VMULPS (DX)(R8*2), Y15, Y5
	ADDQ R9, DX
	VMOVUPS (DX), Y6
	VMOVUPS (DX)(R8*1), Y7
	VMOVUPS (DX)(R8*2), Y8
	MOVQ DI, DX
	// (p, q, r) → p, (p+q+r)/2, (p−q+r)/2, r
#define FILTER(p, q, r) \
	VADDPS r, p, Y12 \
	VMULPS Y15, Y12, Y12 \
	VMULPS Y15, q, Y13 \
	VADDPS Y13, Y12, Y14 \
	VSUBPS Y13, Y12, Y12 \
	VMOVUPS p, (DX) \
	VMOVUPS Y14, (DX)(BX*1) \
	VMOVUPS Y12, (DX)(BX*2) \
	VMOVUPS r, (DX)(R14*1) \
	LEAQ (DX)(BX*4), DX
	FILTER(Y0, Y1, Y2)
	VADDPS Y6, Y0, Y0
	VADDPS Y7, Y1, Y1
	VADDPS Y8, Y2, Y2
	VMULPS Y15, Y0, Y0
	VMULPS Y15, Y1, Y1
	VMULPS Y15, Y2, Y2
	VADDPS Y3, Y0, Y9
	VADDPS Y4, Y1, Y10
	VADDPS Y5, Y2, Y11
	VSUBPS Y3, Y0, Y0
	VSUBPS Y4, Y1, Y1
	VSUBPS Y5, Y2, Y2
	FILTER(Y9, Y10, Y11)
	FILTER(Y0, Y1, Y2)
	FILTER(Y6, Y7, Y8)
	ADDQ $32, SI
	ADDQ $32, DI
	DECQ CX
	JNZ  eight
	VZEROUPPER
	RET

// func winogradFilterGradient32(eights int, u *float32, plane int, grad *float32, step int)
TEXT ·winogradFilterGradient32(SB), NOSPLIT, $0-40
	MOVQ eights+0(FP), CX
	MOVQ u+8(FP), SI
	MOVQ plane+16(FP), BX
	MOVQ grad+24(FP), DI
	MOVQ step+32(FP), R8
	LEAQ (BX*4), R9
	LEAQ (R9)(R9*2), R10
	VMOVUPS winograd_half<>(SB), Y15
eight:
	MOVQ SI, DX
	// (a, b, c, e) → a+(b+c)/2, (b−c)/2, (b+c)/2+e, in a column of u
#define COLUMN(x, y, z) \
	VMOVUPS (DX)(R9*1), Y12 \
	VMOVUPS (DX)(R9*2), Y13 \
	VADDPS Y13, Y12, Y14 \
	VSUBPS Y13, Y12, Y12 \
	VMULPS Y15, Y14, Y14 \
	VMULPS Y15, Y12, y \
	VADDPS (DX), Y14, x \
	VADDPS (DX)(R10*1), Y14, z \
	ADDQ BX, DX
	COLUMN(Y0, Y4, Y8)
	COLUMN(Y1, Y5, Y9)
	COLUMN(Y2, Y6, Y10)
	COLUMN(Y3, Y7, Y11)
	MOVQ DI, DX
	// The same in a row, added to three taps.
#define TAPS(a, b, c, e) \
	VADDPS c, b, Y12 \
	VSUBPS c, b, Y13 \
	VMULPS Y15, Y12, Y12 \
	VMULPS Y15, Y13, Y13 \
	VADDPS Y12, a, a \
	VADDPS Y12, e, e \
	VADDPS (DX), a, a \
	VADDPS (DX)(R8*1), Y13, Y13 \
	VADDPS (DX)(R8*2), e, e \
	VMOVUPS a, (DX) \
	VMOVUPS Y13, (DX)(R8*1) \
	VMOVUPS e, (DX)(R8*2) \
	LEAQ (DX)(R8*2), DX \
	ADDQ R8, DX
	TAPS(Y0, Y1, Y2, Y3)
	TAPS(Y4, Y5, Y6, Y7)
	TAPS(Y8, Y9, Y10, Y11)
	ADDQ $32, SI
	ADDQ $32, DI
	DECQ CX
	JNZ  eight
	VZEROUPPER
	RET
