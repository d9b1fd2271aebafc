/* Running the guest so that it can be stopped anywhere: a call that may come back early.
 *
 * uint32_t guest_protect(void (*function)(void *), void *argument);   0, or what guest_unwind was given
 * _Noreturn void guest_unwind(uint32_t reason);                       only below a guest_protect
 *
 * Not __builtin_setjmp: with it clang 14 takes the wrong branch after the second return. Here there
 * is no second return: one call, one way out. */

	.text
	.globl guest_protect
	.hidden guest_protect
	.type guest_protect, @function
guest_protect:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	subq $8, %rsp
	movq %rsp, unwind_to(%rip)
	movq %rdi, %rax
	movq %rsi, %rdi
	call *%rax
	xorl %eax, %eax
.Lreturn:
	movq $0, unwind_to(%rip)
	addq $8, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
	.size guest_protect, . - guest_protect

	.globl guest_unwind
	.hidden guest_unwind
	.type guest_unwind, @function
guest_unwind:
	movq unwind_to(%rip), %rsp
	/* No guest runs: RSP would be zero and every access below a fault; say so at once. */
	testq %rsp, %rsp
	jz .Lnobody
	cld
	movl %edi, %eax
	jmp .Lreturn
.Lnobody:
	ud2
	.size guest_unwind, . - guest_unwind

	.local unwind_to
	.comm unwind_to, 8, 8

	.section .note.GNU-stack, "", @progbits
