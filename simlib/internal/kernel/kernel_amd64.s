//go:build !purego

// AVX2 and FMA, for kernel.go. Everything comes twice, for float32 and float64; a
// tile has 64 bytes in a row either way, so that only the instructions' last
// letter and the size of an element differ.

#include "textflag.h"

// One term k of a tile's sums: a row of B in Y12 and Y13, one element of A at a time
// in Y14 or Y15. The rows of A are at R8 to R13, AX further on.
#define TERM(BROADCAST, FMA) \
	VMOVUPS (DI), Y12 \
	VMOVUPS 32(DI), Y13 \
	BROADCAST (R8)(AX*1), Y14 \
	BROADCAST (R9)(AX*1), Y15 \
	FMA Y12, Y14, Y0 \
	FMA Y13, Y14, Y1 \
	FMA Y12, Y15, Y2 \
	FMA Y13, Y15, Y3 \
	BROADCAST (R10)(AX*1), Y14 \
	BROADCAST (R11)(AX*1), Y15 \
	FMA Y12, Y14, Y4 \
	FMA Y13, Y14, Y5 \
	FMA Y12, Y15, Y6 \
	FMA Y13, Y15, Y7 \
	BROADCAST (R12)(AX*1), Y14 \
	BROADCAST (R13)(AX*1), Y15 \
	FMA Y12, Y14, Y8 \
	FMA Y13, Y14, Y9 \
	FMA Y12, Y15, Y10 \
	FMA Y13, Y15, Y11 \
	ADDQ BX, DI \
	ADDQ SI, AX

// func mul6x16(a *float32, ars, aks int, b *float32, ldb int, c *float32, ldc int, m, k, add int)
TEXT ·mul6x16(SB), NOSPLIT, $0-80
	MOVQ a+0(FP), R8
	MOVQ ars+8(FP), AX
	MOVQ aks+16(FP), SI
	MOVQ b+24(FP), DI
	MOVQ ldb+32(FP), BX
	MOVQ m+56(FP), CX
	SHLQ $2, AX
	SHLQ $2, SI
	SHLQ $2, BX
	// A row that is not there is computed as a copy of the last and not stored.
	MOVQ R8, R9
	CMPQ CX, $1
	JLE  row1
	ADDQ AX, R9
row1:
	MOVQ R9, R10
	CMPQ CX, $2
	JLE  row2
	ADDQ AX, R10
row2:
	MOVQ R10, R11
	CMPQ CX, $3
	JLE  row3
	ADDQ AX, R11
row3:
	MOVQ R11, R12
	CMPQ CX, $4
	JLE  row4
	ADDQ AX, R12
row4:
	MOVQ R12, R13
	CMPQ CX, $5
	JLE  row5
	ADDQ AX, R13
row5:
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	VXORPS Y8, Y8, Y8
	VXORPS Y9, Y9, Y9
	VXORPS Y10, Y10, Y10
	VXORPS Y11, Y11, Y11
	MOVQ add+72(FP), DX
	TESTQ DX, DX
	JZ   sum
	MOVQ c+40(FP), DX
	MOVQ ldc+48(FP), AX
	SHLQ $2, AX
	VMOVUPS (DX), Y0
	VMOVUPS 32(DX), Y1
	CMPQ CX, $1
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y2
	VMOVUPS 32(DX), Y3
	CMPQ CX, $2
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y4
	VMOVUPS 32(DX), Y5
	CMPQ CX, $3
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y6
	VMOVUPS 32(DX), Y7
	CMPQ CX, $4
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y8
	VMOVUPS 32(DX), Y9
	CMPQ CX, $5
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y10
	VMOVUPS 32(DX), Y11
sum:
	MOVQ k+64(FP), DX
	XORQ AX, AX
	SHRQ $1, DX
	JZ   odd
two:
	TERM(VBROADCASTSS, VFMADD231PS)
	TERM(VBROADCASTSS, VFMADD231PS)
	DECQ DX
	JNZ  two
odd:
	MOVQ k+64(FP), DX
	TESTQ $1, DX
	JZ   store
	TERM(VBROADCASTSS, VFMADD231PS)
store:
	MOVQ c+40(FP), DX
	MOVQ ldc+48(FP), AX
	SHLQ $2, AX
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	CMPQ CX, $1
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y2, (DX)
	VMOVUPS Y3, 32(DX)
	CMPQ CX, $2
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y4, (DX)
	VMOVUPS Y5, 32(DX)
	CMPQ CX, $3
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y6, (DX)
	VMOVUPS Y7, 32(DX)
	CMPQ CX, $4
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y8, (DX)
	VMOVUPS Y9, 32(DX)
	CMPQ CX, $5
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y10, (DX)
	VMOVUPS Y11, 32(DX)
done:
	VZEROUPPER
	RET

// func mul6x8(a *float64, ars, aks int, b *float64, ldb int, c *float64, ldc int, m, k, add int)
TEXT ·mul6x8(SB), NOSPLIT, $0-80
	MOVQ a+0(FP), R8
	MOVQ ars+8(FP), AX
	MOVQ aks+16(FP), SI
	MOVQ b+24(FP), DI
	MOVQ ldb+32(FP), BX
	MOVQ m+56(FP), CX
	SHLQ $3, AX
	SHLQ $3, SI
	SHLQ $3, BX
	// A row that is not there is computed as a copy of the last and not stored.
	MOVQ R8, R9
	CMPQ CX, $1
	JLE  row1
	ADDQ AX, R9
row1:
	MOVQ R9, R10
	CMPQ CX, $2
	JLE  row2
	ADDQ AX, R10
row2:
	MOVQ R10, R11
	CMPQ CX, $3
	JLE  row3
	ADDQ AX, R11
row3:
	MOVQ R11, R12
	CMPQ CX, $4
	JLE  row4
	ADDQ AX, R12
row4:
	MOVQ R12, R13
	CMPQ CX, $5
	JLE  row5
	ADDQ AX, R13
row5:
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	VXORPS Y8, Y8, Y8
	VXORPS Y9, Y9, Y9
	VXORPS Y10, Y10, Y10
	VXORPS Y11, Y11, Y11
	MOVQ add+72(FP), DX
	TESTQ DX, DX
	JZ   sum
	MOVQ c+40(FP), DX
	MOVQ ldc+48(FP), AX
	SHLQ $3, AX
	VMOVUPS (DX), Y0
	VMOVUPS 32(DX), Y1
	CMPQ CX, $1
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y2
	VMOVUPS 32(DX), Y3
	CMPQ CX, $2
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y4
	VMOVUPS 32(DX), Y5
	CMPQ CX, $3
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y6
	VMOVUPS 32(DX), Y7
	CMPQ CX, $4
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y8
	VMOVUPS 32(DX), Y9
	CMPQ CX, $5
	JLE  sum
	ADDQ AX, DX
	VMOVUPS (DX), Y10
	VMOVUPS 32(DX), Y11
sum:
	MOVQ k+64(FP), DX
	XORQ AX, AX
	SHRQ $1, DX
	JZ   odd
two:
	TERM(VBROADCASTSD, VFMADD231PD)
	TERM(VBROADCASTSD, VFMADD231PD)
	DECQ DX
	JNZ  two
odd:
	MOVQ k+64(FP), DX
	TESTQ $1, DX
	JZ   store
	TERM(VBROADCASTSD, VFMADD231PD)
store:
	MOVQ c+40(FP), DX
	MOVQ ldc+48(FP), AX
	SHLQ $3, AX
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	CMPQ CX, $1
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y2, (DX)
	VMOVUPS Y3, 32(DX)
	CMPQ CX, $2
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y4, (DX)
	VMOVUPS Y5, 32(DX)
	CMPQ CX, $3
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y6, (DX)
	VMOVUPS Y7, 32(DX)
	CMPQ CX, $4
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y8, (DX)
	VMOVUPS Y9, 32(DX)
	CMPQ CX, $5
	JLE  done
	ADDQ AX, DX
	VMOVUPS Y10, (DX)
	VMOVUPS Y11, 32(DX)
done:
	VZEROUPPER
	RET

// func sub32(bytes int, dst, x, y *float32, scale float32) float32
TEXT ·sub32(SB), NOSPLIT, $0-44
	MOVQ bytes+0(FP), CX
	MOVQ dst+8(FP), DX
	MOVQ x+16(FP), SI
	MOVQ y+24(FP), DI
	VBROADCASTSS scale+32(FP), Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	XORQ AX, AX
loop:
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS 32(SI)(AX*1), Y1
	VSUBPS (DI)(AX*1), Y0, Y0
	VSUBPS 32(DI)(AX*1), Y1, Y1
	VFMADD231PS Y0, Y0, Y3
	VFMADD231PS Y1, Y1, Y4
	VMULPS Y0, Y2, Y0
	VMULPS Y1, Y2, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VADDPS Y4, Y3, Y3
	VEXTRACTF128 $1, Y3, X4
	VADDPS X4, X3, X3
	VHADDPS X3, X3, X3
	VHADDPS X3, X3, X3
	VMOVSS X3, ret+40(FP)
	VZEROUPPER
	RET

// func axpy32(bytes int, dst, x *float32, scale float32)
TEXT ·axpy32(SB), NOSPLIT, $0-28
	MOVQ bytes+0(FP), CX
	MOVQ dst+8(FP), DX
	MOVQ x+16(FP), SI
	VBROADCASTSS scale+24(FP), Y2
	XORQ AX, AX
loop:
	VMOVUPS (DX)(AX*1), Y0
	VMOVUPS 32(DX)(AX*1), Y1
	VFMADD231PS (SI)(AX*1), Y2, Y0
	VFMADD231PS 32(SI)(AX*1), Y2, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VZEROUPPER
	RET

// func relu32(bytes int, x *float32)
TEXT ·relu32(SB), NOSPLIT, $0-16
	MOVQ bytes+0(FP), CX
	MOVQ x+8(FP), DX
	VXORPS Y2, Y2, Y2
	XORQ AX, AX
loop:
	// Of a NaN and a number the maximum is the operand named first here.
	VMOVUPS (DX)(AX*1), Y0
	VMOVUPS 32(DX)(AX*1), Y1
	VMAXPS Y0, Y2, Y0
	VMAXPS Y1, Y2, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VZEROUPPER
	RET

// func mask32(bytes int, delta, h *float32)
TEXT ·mask32(SB), NOSPLIT, $0-24
	MOVQ bytes+0(FP), CX
	MOVQ delta+8(FP), DX
	MOVQ h+16(FP), SI
	VXORPS Y2, Y2, Y2
	XORQ AX, AX
loop:
	// Predicate 6: not less than or equal, true of NaN.
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS 32(SI)(AX*1), Y1
	VCMPPS $6, Y2, Y0, Y0
	VCMPPS $6, Y2, Y1, Y1
	VANDPS (DX)(AX*1), Y0, Y0
	VANDPS 32(DX)(AX*1), Y1, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VZEROUPPER
	RET

// func sub64(bytes int, dst, x, y *float64, scale float64) float64
TEXT ·sub64(SB), NOSPLIT, $0-48
	MOVQ bytes+0(FP), CX
	MOVQ dst+8(FP), DX
	MOVQ x+16(FP), SI
	MOVQ y+24(FP), DI
	VBROADCASTSD scale+32(FP), Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	XORQ AX, AX
loop:
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS 32(SI)(AX*1), Y1
	VSUBPD (DI)(AX*1), Y0, Y0
	VSUBPD 32(DI)(AX*1), Y1, Y1
	VFMADD231PD Y0, Y0, Y3
	VFMADD231PD Y1, Y1, Y4
	VMULPD Y0, Y2, Y0
	VMULPD Y1, Y2, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VADDPD Y4, Y3, Y3
	VEXTRACTF128 $1, Y3, X4
	VADDPD X4, X3, X3
	VHADDPD X3, X3, X3
	VMOVSD X3, ret+40(FP)
	VZEROUPPER
	RET

// func axpy64(bytes int, dst, x *float64, scale float64)
TEXT ·axpy64(SB), NOSPLIT, $0-32
	MOVQ bytes+0(FP), CX
	MOVQ dst+8(FP), DX
	MOVQ x+16(FP), SI
	VBROADCASTSD scale+24(FP), Y2
	XORQ AX, AX
loop:
	VMOVUPS (DX)(AX*1), Y0
	VMOVUPS 32(DX)(AX*1), Y1
	VFMADD231PD (SI)(AX*1), Y2, Y0
	VFMADD231PD 32(SI)(AX*1), Y2, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VZEROUPPER
	RET

// func relu64(bytes int, x *float64)
TEXT ·relu64(SB), NOSPLIT, $0-16
	MOVQ bytes+0(FP), CX
	MOVQ x+8(FP), DX
	VXORPS Y2, Y2, Y2
	XORQ AX, AX
loop:
	// Of a NaN and a number the maximum is the operand named first here.
	VMOVUPS (DX)(AX*1), Y0
	VMOVUPS 32(DX)(AX*1), Y1
	VMAXPD Y0, Y2, Y0
	VMAXPD Y1, Y2, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VZEROUPPER
	RET

// func mask64(bytes int, delta, h *float64)
TEXT ·mask64(SB), NOSPLIT, $0-24
	MOVQ bytes+0(FP), CX
	MOVQ delta+8(FP), DX
	MOVQ h+16(FP), SI
	VXORPS Y2, Y2, Y2
	XORQ AX, AX
loop:
	// Predicate 6: not less than or equal, true of NaN.
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS 32(SI)(AX*1), Y1
	VCMPPD $6, Y2, Y0, Y0
	VCMPPD $6, Y2, Y1, Y1
	VANDPS (DX)(AX*1), Y0, Y0
	VANDPS 32(DX)(AX*1), Y1, Y1
	VMOVUPS Y0, (DX)(AX*1)
	VMOVUPS Y1, 32(DX)(AX*1)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop
	VZEROUPPER
	RET
