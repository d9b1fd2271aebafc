/* EENTER to EEXIT. Intel SDM 3D, EENTER and EEXIT.
 *
 * EENTER gives RAX = CSSA, RBX = TCS, RCX = where EEXIT is to go, FS and GS = the lane page. Every
 * other register is the host's, hostile, and stays unread: RSP, RBP, flags, x87 and SSE state are
 * set here; RDI, RSI, RDX are arguments that C validates. EEXIT leaves RDI and RSI, the host's RSP
 * and RBP, RBX as EEXIT demands, and zeros.
 *
 * A turn can leave in the middle, with a question (lane_ask): its frames stay on the lane's stack,
 * and while they do, every entry on this lane runs below them. The one that brings the answer does
 * not return to its own caller but lets the turn go on; what then leaves, leaves in its place: the
 * host's registers are those of the last entry, kept in the lane page.
 *
 * XFRM is 3 (x87 and SSE): inside, AVX instructions fault, so what the host keeps in the upper parts
 * of the vector registers passes through untouched and nothing of ours can be there. With
 * ENCLAVE_AVX512 they are ours, and leave as zeros. */

#define ENCLU_EEXIT 4
#define ENTRY_REFUSED_STATE 2 /* these numbers are asserted in main.c */
#define ENTRY_FAILED 6
#define ENTRY_ASKING 7
#define LANE_STACK_TOP 0x08
#define LANE_ASKING 0x18
#define LANE_CANARY 0x28
#define LANE_HOST_RSP 0x30
#define LANE_HOST_RBP 0x38
#define LANE_HOST_RETURN 0x40

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

	movq %rsp, %fs:LANE_HOST_RSP
	movq %rbp, %fs:LANE_HOST_RBP
	movq %rcx, %fs:LANE_HOST_RETURN
	/* Below the turn that waits here, else at the top: both measured or our own. */
	movq %fs:LANE_ASKING, %rsp
	testq %rsp, %rsp
	jnz .Lstack
	leaq __image_base(%rip), %rsp
	addq %fs:LANE_STACK_TOP, %rsp
.Lstack:
	andq $-16, %rsp
	pushq $RFLAGS_CLEAR
	popfq
	fninit
	ldmxcsr .Lmxcsr_default(%rip)
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
	jmp .Lleave
.Ldrawn:
	movq %r10, %fs:LANE_CANARY

.Lenter:
	/* bool enclave_main(out, code, a, b); out is the 16 bytes at RSP. */
	movq %rdx, %rcx
	movq %rsi, %rdx
	movq %rdi, %rsi
	subq $16, %rsp
	movq %rsp, %rdi
	call enclave_main
	popq %rdi
	popq %rsi
	testb %al, %al
	jnz .Lgo_on

.Lleave:
	movq %fs:LANE_HOST_RETURN, %rbx
	movq %fs:LANE_HOST_RBP, %rbp
	movq %fs:LANE_HOST_RSP, %rsp
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

/* void lane_ask(uint64_t size): leave as a question with so many bytes in the out window; returns
 * when it is answered. What a callee preserves is on the stack; flags, MXCSR and the x87 unit are,
 * as at every call, those of the entry. */
	.globl lane_ask
	.hidden lane_ask
	.type lane_ask, @function
lane_ask:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %fs:LANE_ASKING
	movq %rdi, %rsi
	movl $ENTRY_ASKING, %edi
	jmp .Lleave

.Lgo_on:
	movq %fs:LANE_ASKING, %rsp
	movq $0, %fs:LANE_ASKING
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
	.size lane_ask, . - lane_ask

	.section .rodata
	.balign 4
.Lmxcsr_default:
	.long MXCSR_DEFAULT

	.section .note.GNU-stack, "", @progbits
