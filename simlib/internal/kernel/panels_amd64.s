//go:build !purego

// The products of panels.go, AVX2 and FMA in float32: tiles of 6 rows by 16 columns, as in kernel_amd64.s,
// with the loop over the rows of a panel in here.

#include "go_asm.h"
#include "textflag.h"

#define ZERO \
	VXORPS Y0, Y0, Y0 \
	VXORPS Y1, Y1, Y1 \
	VXORPS Y2, Y2, Y2 \
	VXORPS Y3, Y3, Y3 \
	VXORPS Y4, Y4, Y4 \
	VXORPS Y5, Y5, Y5 \
	VXORPS Y6, Y6, Y6 \
	VXORPS Y7, Y7, Y7 \
	VXORPS Y8, Y8, Y8 \
	VXORPS Y9, Y9, Y9 \
	VXORPS Y10, Y10, Y10 \
	VXORPS Y11, Y11, Y11

// All six rows of a tile from DX, AX bytes apart. DX becomes the fourth.
#define SIX(OP) \
	OP(Y0, Y1, (DX), 32(DX)) \
	OP(Y2, Y3, (DX)(AX*1), 32(DX)(AX*1)) \
	OP(Y4, Y5, (DX)(AX*2), 32(DX)(AX*2)) \
	LEAQ (AX)(AX*2), R8 \
	ADDQ R8, DX \
	OP(Y6, Y7, (DX), 32(DX)) \
	OP(Y8, Y9, (DX)(AX*1), 32(DX)(AX*1)) \
	OP(Y10, Y11, (DX)(AX*2), 32(DX)(AX*2))

#define LOADS(a, b, p, q) \
	VMOVUPS p, a \
	VMOVUPS q, b

#define STORES(a, b, p, q) \
	VMOVUPS a, p \
	VMOVUPS b, q

// As many rows as CX has, up to the label.
#define EACH(OP, end) \
	OP(Y0, Y1) \
	CMPQ CX, $1 \
	JLE  end \
	ADDQ AX, DX \
	OP(Y2, Y3) \
	CMPQ CX, $2 \
	JLE  end \
	ADDQ AX, DX \
	OP(Y4, Y5) \
	CMPQ CX, $3 \
	JLE  end \
	ADDQ AX, DX \
	OP(Y6, Y7) \
	CMPQ CX, $4 \
	JLE  end \
	ADDQ AX, DX \
	OP(Y8, Y9) \
	CMPQ CX, $5 \
	JLE  end \
	ADDQ AX, DX \
	OP(Y10, Y11)

#define LOAD(a, b) \
	VMOVUPS (DX), a \
	VMOVUPS 32(DX), b

#define STORE(a, b) \
	VMOVUPS a, (DX) \
	VMOVUPS b, 32(DX)

// Term d of four: the rows of A are at R8 to R13 and AX.
#define TERM(d) \
	VMOVUPS (d*64)(DI), Y12 \
	VMOVUPS (d*64+32)(DI), Y13 \
	VBROADCASTSS (d*4)(R8)(AX*1), Y14 \
	VBROADCASTSS (d*4)(R9)(AX*1), Y15 \
	VFMADD231PS Y12, Y14, Y0 \
	VFMADD231PS Y13, Y14, Y1 \
	VFMADD231PS Y12, Y15, Y2 \
	VFMADD231PS Y13, Y15, Y3 \
	VBROADCASTSS (d*4)(R10)(AX*1), Y14 \
	VBROADCASTSS (d*4)(R11)(AX*1), Y15 \
	VFMADD231PS Y12, Y14, Y4 \
	VFMADD231PS Y13, Y14, Y5 \
	VFMADD231PS Y12, Y15, Y6 \
	VFMADD231PS Y13, Y15, Y7 \
	VBROADCASTSS (d*4)(R12)(AX*1), Y14 \
	VBROADCASTSS (d*4)(R13)(AX*1), Y15 \
	VFMADD231PS Y12, Y14, Y8 \
	VFMADD231PS Y13, Y14, Y9 \
	VFMADD231PS Y12, Y15, Y10 \
	VFMADD231PS Y13, Y15, Y11

// func panel32(p *panelArgs)
TEXT ·panel32(SB), NOSPLIT, $0-8
	MOVQ p+0(FP), BX
tile:
	MOVQ panelArgs_rows(BX), CX
	MOVQ panelArgs_ars(BX), AX
	// A row that is not there is computed as a copy of the last and not stored.
	MOVQ panelArgs_a(BX), R8
	CMPQ CX, $6
	JLT  few6
	LEAQ (R8)(AX*1), R9
	LEAQ (R8)(AX*2), R10
	LEAQ (R9)(AX*2), R11
	LEAQ (R8)(AX*4), R12
	LEAQ (R9)(AX*4), R13
	JMP  row5
few6:
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
	ZERO
	CMPQ panelArgs_add(BX), $0
	JEQ  sum
	MOVQ panelArgs_c(BX), DX
	MOVQ panelArgs_ldc(BX), AX
	EACH(LOAD, sum)
sum:
	MOVQ panelArgs_b(BX), DI
	MOVQ panelArgs_segs(BX), SI
	XORQ AX, AX
segment:
	MOVQ panelArgs_k(BX), DX
	SHRQ $2, DX
	JZ   few
four:
	TERM(0)
	TERM(1)
	TERM(2)
	TERM(3)
	ADDQ $256, DI
	ADDQ $16, AX
	DECQ DX
	JNZ  four
few:
	MOVQ panelArgs_k(BX), DX
	ANDQ $3, DX
	JZ   next
one:
	TERM(0)
	ADDQ $64, DI
	ADDQ $4, AX
	DECQ DX
	JNZ  one
next:
	ADDQ panelArgs_jump(BX), AX
	DECQ SI
	JNZ  segment
	MOVQ panelArgs_bias(BX), DX
	TESTQ DX, DX
	JZ   store
	VMOVUPS (DX), Y12
	VMOVUPS 32(DX), Y13
	VADDPS Y12, Y0, Y0
	VADDPS Y13, Y1, Y1
	VADDPS Y12, Y2, Y2
	VADDPS Y13, Y3, Y3
	VADDPS Y12, Y4, Y4
	VADDPS Y13, Y5, Y5
	VADDPS Y12, Y6, Y6
	VADDPS Y13, Y7, Y7
	VADDPS Y12, Y8, Y8
	VADDPS Y13, Y9, Y9
	VADDPS Y12, Y10, Y10
	VADDPS Y13, Y11, Y11
store:
	MOVQ panelArgs_c(BX), DX
	MOVQ panelArgs_ldc(BX), AX
	CMPQ CX, $6
	JLT  rest
	SIX(STORES)
	JMP  done
rest:
	EACH(STORE, done)
done:
	MOVQ panelArgs_ars(BX), AX
	LEAQ (AX)(AX*2), AX
	SHLQ $1, AX
	ADDQ AX, panelArgs_a(BX)
	MOVQ panelArgs_ldc(BX), AX
	LEAQ (AX)(AX*2), AX
	SHLQ $1, AX
	ADDQ AX, panelArgs_c(BX)
	SUBQ $6, CX
	MOVQ CX, panelArgs_rows(BX)
	JG   tile
	VZEROUPPER
	RET

// The rows of A are columns here, side by side at R8.
#define OUTER \
	VMOVUPS (DI), Y12 \
	VMOVUPS 32(DI), Y13 \
	VBROADCASTSS (R8), Y14 \
	VBROADCASTSS 4(R8), Y15 \
	VFMADD231PS Y12, Y14, Y0 \
	VFMADD231PS Y13, Y14, Y1 \
	VFMADD231PS Y12, Y15, Y2 \
	VFMADD231PS Y13, Y15, Y3 \
	VBROADCASTSS 8(R8), Y14 \
	VBROADCASTSS 12(R8), Y15 \
	VFMADD231PS Y12, Y14, Y4 \
	VFMADD231PS Y13, Y14, Y5 \
	VFMADD231PS Y12, Y15, Y6 \
	VFMADD231PS Y13, Y15, Y7 \
	VBROADCASTSS 16(R8), Y14 \
	VBROADCASTSS 20(R8), Y15 \
	ADDQ R9, R8 \
	ADDQ R10, DI \
	VFMADD231PS Y12, Y14, Y8 \
	VFMADD231PS Y13, Y14, Y9 \
	VFMADD231PS Y12, Y15, Y10 \
	VFMADD231PS Y13, Y15, Y11

// func outer32(p *panelArgs)
TEXT ·outer32(SB), NOSPLIT, $0-8
	MOVQ p+0(FP), BX
	MOVQ panelArgs_ars(BX), R9
	MOVQ panelArgs_jump(BX), R10
	MOVQ panelArgs_ldc(BX), AX
tile:
	MOVQ panelArgs_rows(BX), CX
	MOVQ panelArgs_c(BX), DX
	CMPQ CX, $6
	JLT  first
	SIX(LOADS)
	JMP  sum
first:
	ZERO
	EACH(LOAD, sum)
sum:
	MOVQ panelArgs_a(BX), R8
	MOVQ panelArgs_b(BX), DI
	MOVQ panelArgs_k(BX), DX
	SHRQ $2, DX
	JZ   few
four:
	OUTER
	OUTER
	OUTER
	OUTER
	DECQ DX
	JNZ  four
few:
	MOVQ panelArgs_k(BX), DX
	ANDQ $3, DX
	JZ   store
one:
	OUTER
	DECQ DX
	JNZ  one
store:
	MOVQ panelArgs_c(BX), DX
	CMPQ CX, $6
	JLT  rest
	SIX(STORES)
	JMP  done
rest:
	EACH(STORE, done)
done:
	ADDQ $24, panelArgs_a(BX)
	LEAQ (AX)(AX*2), DX
	SHLQ $1, DX
	ADDQ DX, panelArgs_c(BX)
	SUBQ $6, CX
	MOVQ CX, panelArgs_rows(BX)
	JG   tile
	VZEROUPPER
	RET
