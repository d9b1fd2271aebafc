/* EENTER to EEXIT. Intel SDM 3D, EENTER and EEXIT.
 *
 * EENTER gives RAX = CSSA, RBX = TCS, RCX = where EEXIT is to go, FS and GS = the lane page. Every
 * other register is the host's, hostile, and stays unread: RSP, RBP, flags, x87 and SSE state are
 * set here; RDI, RSI, RDX are arguments that C validates. EEXIT leaves RDI and RSI, the host's RSP
 * and RBP, RBX as EEXIT demands, and zeros.
 *
 * XFRM is 3 (x87 and SSE): inside, AVX instructions fault, so what the host keeps in the upper parts
 * of the vector registers passes through untouched and nothing of ours can be there. With
 * ENCLAVE_AVX512 they are ours, and leave as zeros. */

#define ENCLU_EEXIT 4
#define ENTRY_REFUSED_STATE 2 /* these four numbers are asserted in main.c */
#define ENTRY_FAILED 6
#define LANE_STACK_TOP 0x08
#define LANE_CANARY 0x28

#define RFLAGS_CLEAR 0x002 /* DF, AC, TF, NT and all conditions clear */
#define MXCSR_DEFAULT 0x1f80
#define RDRAND_TRIES 10 /* Intel SDM 1, 7.3.17 */

	.text
	.globl enclave_entry
	.hidden enclave_entry
	.type enclave_entry, @function
enclave_entry:
	/* A saved state waits in the SSA: the enclave crashed or was interrupted on this thread. There
	 * is no exception handler to enter, so nothing is touched. */
	testq %rax, %rax
	jnz .Lnested

	leaq __image_base(%rip), %r10
	addq %fs:LANE_STACK_TOP, %r10
	movq %rsp, %r8
	movq %r10, %rsp
	pushq %r8
	pushq %rbp
	pushq %rcx
	pushq $RFLAGS_CLEAR
	popfq
	fninit
	pushq $MXCSR_DEFAULT
	ldmxcsr (%rsp)
	xorl %ebp, %ebp

	/* The first entry of each lane chooses the stack protector's canary. */
	cmpq $0, %fs:LANE_CANARY
	jne .Lenter
	movl $RDRAND_TRIES, %eax
.Ldraw:
	rdrand %r10
	jc .Ldrawn
	decl %eax
	jnz .Ldraw
	movl $ENTRY_FAILED, %edi
	xorl %esi, %esi
	addq $8, %rsp
	jmp .Lleave
.Ldrawn:
	movq %r10, %fs:LANE_CANARY

.Lenter:
	/* enclave_main(out, code, a, b); out is the 16 bytes at RSP. */
	movq %rdx, %rcx
	movq %rsi, %rdx
	movq %rdi, %rsi
	subq $16, %rsp
	movq %rsp, %rdi
	call enclave_main
	popq %rdi
	popq %rsi
	addq $8, %rsp

.Lleave:
	popq %rbx
	popq %rbp
	popq %rsp
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	xorps %xmm\n, %xmm\n
	.endr
#ifdef ENCLAVE_AVX512
	vzeroall
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	vpxorq %zmm\n, %zmm\n, %zmm\n
	.endr
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7
	kxorq %k\n, %k\n, %k\n
	.endr
#endif
	/* FNINIT empties the x87 stack but leaves what was in it: eight zeros first. */
	fninit
	.rept 8
	fldz
	.endr
	fninit
	ldmxcsr .Lmxcsr_default(%rip)
	movl $ENCLU_EEXIT, %eax
	cld
	/* No flag says anything about what was computed. */
	testl %ecx, %ecx
	enclu
	ud2

.Lnested:
	movl $ENTRY_REFUSED_STATE, %edi
	xorl %esi, %esi
	movq %rcx, %rbx
	movl $ENCLU_EEXIT, %eax
	enclu
	ud2
	.size enclave_entry, . - enclave_entry

	.section .rodata
	.balign 4
.Lmxcsr_default:
	.long MXCSR_DEFAULT

	.section .note.GNU-stack, "", @progbits
