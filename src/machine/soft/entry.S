/* The jump into an enclave, the way back, and the first instructions of every signal handler.
 *
 * The kernel starts a handler with the FS and GS of whoever was interrupted. While that is the
 * enclave, no C that uses thread-local storage or a stack protector may run: soft_signal_entry asks
 * soft_early (built without either) whose the signal is, and switches the bases before anything
 * else. */
#include "machine/soft/context.h"

#define SYS_arch_prctl 158
#define SYS_rt_sigreturn 15
#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
/* AC, NT and ID */
#define RFLAGS_UNWANTED 0x244000

#define REGISTER(n) (SOFT_CONTEXT_REGISTERS + 8 * (n))

/* Load both bases from the context in %rdi. Clobbers rax, rcx, rsi, r8, r11. */
.macro set_bases fs, gs
	cmpb	$0, soft_has_fsgsbase(%rip)
	je	1f
	mov	\gs(%rdi), %rax
	wrgsbase %rax
	mov	\fs(%rdi), %rax
	wrfsbase %rax
	jmp	2f
1:	mov	%rdi, %r8
	mov	\gs(%r8), %rsi
	mov	$ARCH_SET_GS, %edi
	mov	$SYS_arch_prctl, %eax
	syscall
	mov	\fs(%r8), %rsi
	mov	$ARCH_SET_FS, %edi
	mov	$SYS_arch_prctl, %eax
	syscall
	mov	%r8, %rdi
2:
.endm

	.text
	.hidden	soft_has_fsgsbase
	.hidden	soft_early
	.hidden	soft_trap
	.hidden	soft_foreign

/* void soft_switch(struct soft_context *context) */
	.globl	soft_switch
	.type	soft_switch, @function
soft_switch:
	.cfi_startproc
	push	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	push	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	push	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	push	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	push	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	push	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	mov	%rsp, SOFT_CONTEXT_HOST_RSP(%rdi)

	/* EENTER: keep the host's RSP in the save area; zero asks for the real one. */
	mov	SOFT_CONTEXT_URSP(%rdi), %rcx
	test	%rcx, %rcx
	jz	7f
	mov	REGISTER(4)(%rdi), %rax
	test	%rax, %rax
	cmovz	%rsp, %rax
	mov	%rax, REGISTER(4)(%rdi)
	mov	%rax, (%rcx)
7:	mov	REGISTER(4)(%rdi), %rax
	mov	%rax, SOFT_CONTEXT_FRAME + 0x18(%rdi)
	mov	%cs, SOFT_CONTEXT_FRAME + 0x08(%rdi)
	mov	%ss, SOFT_CONTEXT_FRAME + 0x20(%rdi)

	mov	SOFT_CONTEXT_VECTORS(%rdi), %rcx
	test	%rcx, %rcx
	jz	3f
	mov	SOFT_CONTEXT_VECTORS_MASK(%rdi), %eax
	mov	SOFT_CONTEXT_VECTORS_MASK + 4(%rdi), %edx
	xrstor64 (%rcx)
3:
	.globl	soft_window_begin
soft_window_begin:
	set_bases SOFT_CONTEXT_ENCLAVE_FS, SOFT_CONTEXT_ENCLAVE_GS
	mov	REGISTER(0)(%rdi), %rax
	mov	REGISTER(1)(%rdi), %rcx
	mov	REGISTER(2)(%rdi), %rdx
	mov	REGISTER(3)(%rdi), %rbx
	mov	REGISTER(5)(%rdi), %rbp
	mov	REGISTER(6)(%rdi), %rsi
	mov	REGISTER(8)(%rdi), %r8
	mov	REGISTER(9)(%rdi), %r9
	mov	REGISTER(10)(%rdi), %r10
	mov	REGISTER(11)(%rdi), %r11
	mov	REGISTER(12)(%rdi), %r12
	mov	REGISTER(13)(%rdi), %r13
	mov	REGISTER(14)(%rdi), %r14
	mov	REGISTER(15)(%rdi), %r15
	lea	SOFT_CONTEXT_FRAME(%rdi), %rsp
	mov	REGISTER(7)(%rdi), %rdi
	iretq
	.globl	soft_window_end
soft_window_end:

	/* A handler put RSP back to where it was and RIP here. The enclave may have left any
	 * control word and a full x87 stack; flags came from the handler. */
	.globl	soft_switch_return
soft_switch_return:
	fninit
	fldcw	4(%rsp)
	ldmxcsr	(%rsp)
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	pop	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore r15
	pop	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore r14
	pop	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore r13
	pop	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore r12
	pop	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	pop	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbp
	ret
	.cfi_endproc
	.size	soft_switch, . - soft_switch

/* void soft_signal_entry(int signal, siginfo_t *info, ucontext_t *ucontext): rdi, rsi, rdx.
 * Nothing needs saving: soft_restorer loads every register from ucontext. */
	.globl	soft_signal_entry
	.type	soft_signal_entry, @function
soft_signal_entry:
	.cfi_startproc
	/* The kernel clears DF and TF but not AC, which would make C's unaligned loads fault, nor
	 * NT, which rt_sigreturn would leave to the host, whose next iretq would fault. */
	pushfq
	andl	$~RFLAGS_UNWANTED, (%rsp)
	popfq
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	mov	%rdi, %r12
	mov	%rsi, %r13
	mov	%rdx, %r14
	call	soft_early
	cmp	$SOFT_EARLY_IGNORE, %rax
	je	6f
	jb	5f

	mov	%rax, %rbx
	cmpb	$0, soft_has_fsgsbase(%rip)
	je	4f
	/* The enclave may have moved its own bases; without the kernel's help nobody can keep them. */
	rdfsbase %rax
	mov	%rax, SOFT_CONTEXT_ENCLAVE_FS(%rbx)
	rdgsbase %rax
	mov	%rax, SOFT_CONTEXT_ENCLAVE_GS(%rbx)
4:	mov	%rbx, %rdi
	set_bases SOFT_CONTEXT_HOST_FS, SOFT_CONTEXT_HOST_GS
	mov	%rbx, %rdi
	mov	%r12d, %esi
	mov	%r13, %rdx
	mov	%r14, %rcx
	call	soft_trap
	test	%al, %al
	jz	6f
	mov	%rbx, %rdi
	set_bases SOFT_CONTEXT_ENCLAVE_FS, SOFT_CONTEXT_ENCLAVE_GS
	jmp	6f

5:	mov	%r12d, %edi
	mov	%r13, %rsi
	mov	%r14, %rdx
	mov	8(%rsp), %rcx
	call	soft_foreign
6:	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
	.size	soft_signal_entry, . - soft_signal_entry

	/* gdb and unwinders know a signal frame by these very bytes. */
	.globl	soft_restorer
	.type	soft_restorer, @function
	.p2align 4
	nop
soft_restorer:
	mov	$SYS_rt_sigreturn, %rax
	syscall
	.size	soft_restorer, . - soft_restorer

	.section .note.GNU-stack, "", @progbits
