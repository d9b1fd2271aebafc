/* A tiny enclave for testing the machine: one entry, commands in RDI, answers in registers. Flat code for page 0 of an
 * enclave that tests/machine/tiny.c lays out by hand; copied there as data, so it may only name itself.
 *
 * EENTER gives RAX = CSSA, RBX = TCS, RCX = where to return. */
#include "machine/tiny_layout.h"

#define ENCLU .byte 0x0f, 0x01, 0xd7
#define AT(rva) tiny_begin + (rva)(%rip)

	.section .rodata
	.p2align 12
	.globl	tiny_begin, tiny_end
tiny_begin:
	cmp	$TINY_COMMANDS, %rdi
	jae	unknown
	test	%rax, %rax
	jnz	nested
	lea	table(%rip), %r10
	movslq	(%r10, %rdi, 4), %rdi
	add	%rdi, %r10
	jmp	*%r10

	.p2align 2
table:
	.long	echo - table
	.long	report - table
	.long	getkey - table
	.long	read - table
	.long	write - table
	.long	jump - table
	.long	loop - table
	.long	undefined - table
	.long	divide - table
	.long	breakpoint - table
	.long	state - table
	.long	leaf - table
	.long	paint - table
	.long	bases - table
	.long	exit_to - table
	.long	steps - table
	.long	align - table
	.long	junk - table
	.long	peek - table
	.long	paint_wide - table

unknown:
	mov	$-1, %rdi
leave:	/* RCX: where to return */
	mov	%rcx, %rbx
	mov	$4, %eax
	ENCLU
	ud2

echo:	/* RSI, RDX, R8, R9 come back each in the next; RDI: 1 */
	xchg	%rsi, %rdx
	xchg	%r8, %r9
	mov	$1, %rdi
	jmp	leave

	/* An exception handler: makes the interrupted frame go on behind a two-byte instruction. */
nested:
	lea	AT(TINY_SSA), %r10
	addq	$2, TINY_GPRSGX_RIP(%r10)
	mov	%rax, %rdi
	jmp	leave

report:	/* RSI: TARGETINFO of the host, RDX: place for a REPORT there; REPORTDATA is the byte in R8, 64 times */
	cld
	mov	%rcx, %r10
	mov	%rdx, %r11
	lea	AT(TINY_DATA), %rbx
	mov	%rbx, %rdi
	mov	$512, %ecx
	rep movsb
	lea	AT(TINY_DATA + 512), %rdi
	mov	%r8, %rax
	mov	$64, %ecx
	rep stosb
	lea	AT(TINY_DATA + 512), %rcx
	lea	AT(TINY_DATA + 1024), %rdx
	xor	%eax, %eax
	ENCLU
	mov	%rdx, %rsi
	mov	%r11, %rdi
	mov	$432, %ecx
	rep movsb
	mov	%r10, %rcx
	xor	%edi, %edi
	jmp	leave

getkey:	/* RSI: KEYREQUEST of the host, RDX: place for a key there. RDI: status, RSI: RFLAGS */
	cld
	mov	%rcx, %r10
	mov	%rdx, %r11
	lea	AT(TINY_DATA), %rbx
	mov	%rbx, %rdi
	mov	$512, %ecx
	rep movsb
	lea	AT(TINY_DATA + 512), %rcx
	mov	$1, %eax
	ENCLU
	lea	AT(TINY_STACK_TOP), %rsp
	pushfq
	pop	%rdx
	mov	%rax, %r8
	mov	%rcx, %rsi
	mov	%r11, %rdi
	mov	$16, %ecx
	rep movsb
	mov	%r8, %rdi
	mov	%rdx, %rsi
	mov	%r10, %rcx
	jmp	leave

read:	mov	(%rsi), %rdi
	jmp	leave
write:	mov	%rdx, (%rsi)
	mov	%rdx, %rdi
	jmp	leave
jump:	jmp	*%rsi

loop:	/* set the word at RDX, if any, then go round until the word at RSI is set; RDI: how often */
	xor	%edi, %edi
	test	%rdx, %rdx
	jz	1f
	movq	$1, (%rdx)
1:	inc	%rdi
	cmpq	$0, (%rsi)
	je	1b
	jmp	leave

undefined:
	ud2
	mov	$77, %rdi
	jmp	leave
divide:	xor	%r10d, %r10d
	mov	$1, %eax
	xor	%edx, %edx
	div	%r10d
	jmp	leave
breakpoint:
	int3
	mov	$78, %rdi
	jmp	leave

state:	/* every register as found, at the address in R9, in the order of sgx_gprsgx; RDI, R9 and R10 are lost */
	mov	%rax, 0x00(%r9)
	mov	%rcx, 0x08(%r9)
	mov	%rdx, 0x10(%r9)
	mov	%rbx, 0x18(%r9)
	mov	%rsp, 0x20(%r9)
	mov	%rbp, 0x28(%r9)
	mov	%rsi, 0x30(%r9)
	mov	%rdi, 0x38(%r9)
	mov	%r8, 0x40(%r9)
	mov	%r11, 0x58(%r9)
	mov	%r12, 0x60(%r9)
	mov	%r13, 0x68(%r9)
	mov	%r14, 0x70(%r9)
	mov	%r15, 0x78(%r9)
	lea	AT(TINY_STACK_TOP), %rsp
	pushfq
	pop	0x80(%r9)
	rdfsbase %r10
	mov	%r10, 0x88(%r9)
	rdgsbase %r10
	mov	%r10, 0x90(%r9)
	stmxcsr	0x98(%r9)
	fnstcw	0x9c(%r9)
	movdqu	%xmm7, 0xa0(%r9)
	jmp	leave

leaf:	/* ENCLU leaf RSI with RBX = RDX, RCX = R8, RDX = R9 */
	mov	%rcx, %r10
	mov	%rsi, %rax
	mov	%rdx, %rbx
	mov	%r8, %rcx
	mov	%r9, %rdx
	ENCLU
	mov	%rax, %rdi
	mov	%r10, %rcx
	jmp	leave

paint:	/* a pattern in every register, then an exception; what comes back behind it is checked */
	mov	%rcx, %r15
	movabs	$TINY_PATTERN, %rax
	movq	%rax, %xmm0
	punpcklqdq %xmm0, %xmm0
	movdqa	%xmm0, %xmm7
	movdqa	%xmm0, %xmm15
	mov	%rax, %rbx
	mov	%rax, %rdx
	mov	%rax, %rdi
	mov	%rax, %rbp
	mov	%rax, %r8
	mov	%rax, %r9
	mov	%rax, %r11
	mov	%rax, %r12
	mov	%rax, %r13
	mov	%rax, %r14
	mov	%rax, %rsp
	shr	$17, %rsp	/* canonical: some hypervisors cannot come back to any other */
	fld1
	fldpi
	std
	stc
	ud2
	setc	%cl
	cld
	movzbl	%cl, %edi
	cmp	%rax, %rbx
	jne	unequal
	cmp	%rax, %rdx
	jne	unequal
	cmp	%rax, %rbp
	jne	unequal
	mov	%rax, %r10
	shr	$17, %r10
	cmp	%r10, %rsp
	jne	unequal
	cmp	%rax, %r8
	jne	unequal
	cmp	%rax, %r9
	jne	unequal
	cmp	%rax, %r11
	jne	unequal
	cmp	%rax, %r12
	jne	unequal
	cmp	%rax, %r13
	jne	unequal
	cmp	%rax, %r14
	jne	unequal
	movq	%xmm15, %r10
	cmp	%rax, %r10
	jne	unequal
	movq	%xmm7, %r10
	cmp	%rax, %r10
	jne	unequal
	lea	AT(TINY_DATA), %r10
	fistpll	(%r10)
	mov	(%r10), %rsi
	mov	%r15, %rcx
	jmp	leave
unequal:
	mov	%r15, %rcx
	mov	$-2, %rdi
	jmp	leave

paint_wide: /* the same of AVX-512: all of ZMM15 and ZMM31, and K3. RDI: K3, RSI: the words of the two that are as they were, a bit each */
	movabs	$TINY_PATTERN, %rax
	vpbroadcastq %rax, %zmm15
	vpbroadcastq %rax, %zmm31
	kmovq	%rax, %k3
	ud2
	vpbroadcastq %rax, %zmm0
	vpcmpeqq %zmm15, %zmm0, %k1
	vpcmpeqq %zmm31, %zmm0, %k2
	kmovq	%k1, %rsi
	kmovq	%k2, %rdx
	shl	$8, %rdx
	or	%rdx, %rsi
	kmovq	%k3, %rdi
	vzeroall
	vpxorq	%zmm31, %zmm31, %zmm31
	kxorq	%k3, %k3, %k3
	jmp	leave

bases:	/* move FS to RSI and GS to RDX, be interrupted, and tell where they are: RDI: FS, RSI: GS */
	wrfsbase %rsi
	wrgsbase %rdx
	ud2
	rdfsbase %rdi
	rdgsbase %rsi
	jmp	leave

exit_to: /* EEXIT to RSI */
	mov	%rsi, %rcx
	jmp	leave

steps:	/* a known result after many steps: RDI = the sum of 1 … RSI, through memory and the stack */
	lea	AT(TINY_STACK_TOP), %rsp
	lea	AT(TINY_DATA), %r10
	movq	$0, (%r10)
1:	push	%rsi
	pop	%rdx
	add	%rdx, (%r10)
	dec	%rsi
	jnz	1b
	mov	(%r10), %rdi
	jmp	leave

align:	/* a load that AC would make fault, if it reached here. RDI: it */
	lea	AT(TINY_DATA), %r10
	mov	1(%r10), %rdi
	jmp	leave

junk:	/* leave with what a host would trip over: exceptions unmasked, x87 full, DF and AC set, vectors full */
	lea	AT(TINY_STACK_TOP), %rsp
	movl	$0, -8(%rsp)
	ldmxcsr	-8(%rsp)
	movl	$0x0360, -8(%rsp)
	fldcw	-8(%rsp)
	fld1
	fld1
	fld1
	fld1
	fld1
	fld1
	fld1
	fld1
	pushfq
	orl	$0x40400, (%rsp)
	popfq
	jmp	leave

peek:	/* RDI: the word at FS:RSI, RSI: the word at GS:RSI */
	mov	%fs:(%rsi), %rdi
	mov	%gs:(%rsi), %rsi
	jmp	leave

	.p2align 12
tiny_end:
	.section .note.GNU-stack, "", @progbits
